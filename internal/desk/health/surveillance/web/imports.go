package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// importForm brings a file in, or fetches one.
type importForm struct {
	words
	Set    surveillance.DatasetPage
	Form   url.Values
	Errors parts.Errors
	Pull   parts.Errors
}

func (g *Pages) newImport(w http.ResponseWriter, r *shell.Request) error {
	return g.showImportForm(w, r, http.StatusOK, nil, nil)
}

func (g *Pages) showImportForm(w http.ResponseWriter, r *shell.Request, status int, upload, pull error) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := importForm{words: words{r.Printer}, Form: r.PostForm, Errors: parts.ErrorsOf(r.Printer, upload), Pull: parts.ErrorsOf(r.Printer, pull)}
	if v.Form == nil {
		v.Form = url.Values{}
	}
	if v.Set, err = g.desk.Dataset(r.Context(), r.Actor, sid); err != nil {
		return err
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("surveillance.import.new")}, importFormPage(v))
}

// upload takes the one file of the form.
func (g *Pages) upload(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	i, err := g.uploaded(r, sid)
	if err == nil {
		return r.Redirect(w, importPath(i.ID)+"/map")
	}
	_, _ = io.Copy(io.Discard, r.Body) // a browser that is still sending would not read the answer
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return g.showImportForm(w, r, shell.Status(err), err, nil)
	}
	return err
}

func (g *Pages) uploaded(r *shell.Request, sid id.ID) (surveillance.Import, error) {
	var none surveillance.Import
	part, err := chosen(r)
	if err != nil {
		return none, err
	}
	return g.desk.Upload(r.Context(), r.Actor, sid, part.FileName(), "", part)
}

// chosen is the one file of a form.
func chosen(r *shell.Request) (*multipart.Part, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Invalid, "fault.surveillance.no_file")
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "fault.web.form", err)
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
	}
}

// importView is one import.
type importView struct {
	words
	Head parts.PageHead
	surveillance.ImportView
	Path   string
	Errors parts.Errors
	Today  string
}

func (g *Pages) importPage(w http.ResponseWriter, r *shell.Request) error {
	return g.showImport(w, r, http.StatusOK, nil)
}

func (g *Pages) showImport(w http.ResponseWriter, r *shell.Request, status int, fail error) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := importView{words: words{r.Printer}, Path: importPath(iid), Errors: parts.ErrorsOf(r.Printer, fail), Today: r.Now.UTC().Format(time.DateOnly)}
	if v.ImportView, err = g.desk.ImportPage(r.Context(), r.Actor, iid); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.Name, Note: v.note(), Meta: parts.Tag(v.grade(), v.T("surveillance.state."+string(v.State))),
		Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}, {Text: v.ImportView.Dataset.Title, Href: datasetPath(v.ImportView.Dataset.ID)}}}
	return r.ShowStatus(w, status, shell.Page{Title: v.Name, Topics: []string{"import:" + string(iid), "desk"}}, importDetail(v))
}

func (v importView) grade() parts.Grade {
	switch v.State {
	case surveillance.Applied:
		return parts.Good
	case surveillance.Waiting:
		return parts.Warning
	}
	return parts.Information
}

func (v importView) note() string {
	s := v.Size2() + " · " + v.T("surveillance.format."+string(v.Format))
	if v.From != "" {
		s += " · " + v.From
	}
	return s
}

// Size2 is the size of the file in words.
func (v importView) Size2() string { return v.words.Size(v.ImportView.Size) }

func (v importView) may(verb workflow.Verb) bool {
	for _, o := range v.Offers {
		if o.Verb == verb {
			return true
		}
	}
	return false
}

// results are the figures of what became of the rows; all but the first add
// up to it.
func (v importView) results() []parts.Figure {
	r := v.Result
	out := []parts.Figure{{Label: v.T("surveillance.result.rows"), Value: v.words.Number(int64(r.Rows))}}
	for _, x := range []struct {
		key string
		n   int
	}{{"ready", r.Ready}, {"waiting", r.Waiting}, {"bad", r.Bad}, {"same", r.Same}, {"empty", r.Empty}, {"filtered", r.Filtered}, {"outside", r.Outside}, {"aside", r.Aside}} {
		if x.n > 0 || x.key == "ready" || x.key == "waiting" || x.key == "bad" {
			out = append(out, parts.Figure{Label: v.T("surveillance.result." + x.key), Value: v.words.Number(int64(x.n)), Note: v.T("surveillance.result." + x.key + ".note")})
		}
	}
	return out
}

// reach says how much the counts would be.
func (v importView) reach() string {
	c := v.ImportView.Dataset.Calendar
	if v.Result.Cells == 0 {
		return v.T("surveillance.result.nothing")
	}
	return v.T("surveillance.result.reach", "cells", v.Result.Cells, "series", v.Result.Series, "from", c.Label(v.Result.First), "to", c.Label(v.Result.Last))
}

func (v importView) problemTable() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.problems.title"), Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.problems.row"), Number: true},
		{Text: v.T("surveillance.problems.field")}, {Text: v.T("surveillance.problems.mend")}}}
	for _, p := range v.Result.Problems {
		field := ""
		if p.Field != "" {
			field = v.T("surveillance.map." + string(p.Field))
			if col := v.Mapping.Columns[p.Field]; col != "" {
				field += " (" + col + ")"
			}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: str(p.Row)}, {Text: field}, {Text: v.With(p.Key, p.Args)}})
	}
	return t
}

func (v importView) termTable() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.terms.title"), Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.terms.shown")},
		{Text: v.T("surveillance.terms.rows"), Number: true}, {Text: v.T("surveillance.terms.perhaps")}}}
	for i, x := range v.Result.Terms {
		if i == 12 {
			break
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Shown, Note: v.stateName(x.State)}, {Text: str(x.Rows)}, {Text: v.candidates(x)}})
	}
	return t
}

func (w words) stateName(code string) string {
	if code == "" {
		return ""
	}
	return w.name(code)
}

func (w words) candidates(x surveillance.Term) string {
	var out []string
	for i, c := range x.Candidates {
		if i < 3 {
			out = append(out, w.name(c.Code))
		}
	}
	if len(out) == 0 {
		return w.T("surveillance.terms.nothing")
	}
	return strings.Join(out, ", ")
}

// stepImport takes the steps that need no form of their own.
func (g *Pages) stepImport(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f, seen := r.PostForm, version(r.PostForm)
	said := "surveillance.said.saved"
	switch r.PathValue("verb") {
	case "preview":
		_, err = g.desk.Preview(r.Context(), r.Actor, iid, seen)
		said = "surveillance.said.previewed"
	case "apply":
		in := surveillance.ApplyInput{LeaveBad: f.Get("leave_bad") == "1"}
		if s := f.Get("known_at"); s != "" {
			if in.KnownAt, err = time.Parse(time.DateOnly, s); err != nil {
				var c fault.Check
				c.That(false, "known_at", "fault.surveillance.date", fault.Args{"value": s})
				return g.showImport(w, r, http.StatusBadRequest, c.Err())
			}
			if s == r.Now.UTC().Format(time.DateOnly) {
				in.KnownAt = time.Time{} // today is now
			}
		}
		_, err = g.desk.Apply(r.Context(), r.Actor, iid, seen, in)
		said = "surveillance.said.applying"
	case "resume":
		_, err = g.desk.Resume(r.Context(), r.Actor, iid, seen)
		said = "surveillance.said.applying"
	case "cancel":
		_, err = g.desk.CancelImport(r.Context(), r.Actor, iid, seen)
		said = "surveillance.said.cancelled"
	case "set_aside":
		_, err = g.desk.SetAside(r.Context(), r.Actor, iid, seen)
		said = "surveillance.said.aside"
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return g.showImport(w, r, shell.Status(err), err)
	}
	if err != nil {
		return err
	}
	r.Say(w, said, nil)
	return r.Redirect(w, importPath(iid))
}
