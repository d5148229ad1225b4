package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// formView writes a report, or opens a regional one.
type formView struct {
	words
	Title, Lede    string
	Action, Cancel string
	Form           url.Values
	Errors         parts.Errors
	Events         []parts.Option // to choose from, of a new report
	Families       []parts.Option
	Opening        bool // a regional report is opened: no words yet
	Nothing        bool
	Save           string
	Rows           []int // of summaries
}

// stampForm is how a browser sends a time; the forms say that it is UTC.
const stampForm = "2006-01-02T15:04"

// summaryRows is how many empty rows a form offers.
const summaryRows = 3

func (v formView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("sitrep.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("sitrep.hint." + name) {
		f.Hint = v.T("sitrep.hint." + name)
	}
	return f
}

// partField begins the names of the inputs for the parts of the text.
const partField = "part."

func (v formView) part(name string) parts.Field {
	return parts.Field{Name: partField + name, Label: v.T("sitrep.part." + name), Error: v.Errors.Of(partField + name), Optional: true}
}

func (v formView) languages(name string) parts.Select {
	s := parts.Select{Field: v.field("lang", true)}
	s.Name = name
	for _, l := range sitrep.Languages() {
		s.Options = append(s.Options, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == v.Form.Get(name)})
	}
	return s
}

func (v formView) markings() parts.Select {
	s := parts.Select{Field: v.field("marking", true)}
	for _, m := range access.Markings {
		s.Options = append(s.Options, parts.Option{Value: string(m), Text: string(m), Chosen: string(m) == v.Form.Get("marking")})
	}
	return s
}

// membersOf are the members to choose from; the Secretariat reads and asks but
// has no report of its own.
func (v formView) membersOf(name string, self bool) parts.Choices {
	c := parts.Choices{Field: v.field(name, true), Many: true}
	for _, m := range access.All() {
		if m == v.self && !self || name == "asked" && m == access.ASEC {
			continue
		}
		c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: slices.Contains(v.Form[name], string(m))})
	}
	return c
}

func (v formView) input(name, kind, width string, required bool) parts.Input {
	return parts.Input{Field: v.field(name, required), Type: kind, Value: v.Form.Get(name), Width: width}
}

// inputOf reads the fields of a report.
func inputOf(f url.Values) sitrep.ReportInput {
	in := sitrep.ReportInput{Title: f.Get("title"), Lang: f.Get("lang"), From: f.Get("from"), Until: f.Get("until"), AsOf: moment(f.Get("as_of")), Next: moment(f.Get("next")),
		Authority: f.Get("authority"), Highlights: lines(f.Get("highlights")), Marking: access.Marking(f.Get("marking")), To: membersIn(f["to"])}
	for _, p := range sitrep.Parts {
		if t := strings.TrimSpace(text(f.Get(partField + p))); t != "" {
			in.Texts = append(in.Texts, sitrep.Text{Part: p, Lang: in.Lang, Text: t})
		}
	}
	for n := range sitrep.MaxSummaries {
		if t := strings.TrimSpace(text(f.Get("summary." + str(n)))); t != "" {
			in.Texts = append(in.Texts, sitrep.Text{Part: sitrep.Summary, Lang: f.Get("summary.lang." + str(n)), Text: t})
		}
	}
	return in
}

func moment(s string) time.Time {
	t, err := time.Parse(stampForm, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func membersIn(list []string) []access.Member {
	var out []access.Member
	for _, s := range list {
		out = append(out, access.Member(s))
	}
	return out
}

// formOf fills the form of a report that is there.
func formOf(v *sitrep.ReportView) url.Values {
	f := url.Values{"title": {v.Title}, "lang": {v.Lang}, "from": {v.From}, "until": {v.Until}, "as_of": {v.AsOf.UTC().Format(stampForm)}, "authority": {v.Authority},
		"highlights": {strings.Join(v.Highlights, "\n")}, "marking": {string(v.Marking)}, "version": {str(v.Version)}}
	if !v.Next.IsZero() {
		f.Set("next", v.Next.UTC().Format(stampForm))
	}
	for _, m := range v.To {
		f.Add("to", string(m))
	}
	n := 0
	for _, t := range v.Texts {
		if t.Part != sitrep.Summary {
			f.Set(partField+t.Part, t.Text)
			continue
		}
		f.Set("summary."+str(n), t.Text)
		f.Set("summary.lang."+str(n), t.Lang)
		n++
	}
	return f
}

// rowsOf are the rows of summaries: those filled in and some more.
func rowsOf(f url.Values) []int {
	filled := 0
	for n := range sitrep.MaxSummaries {
		if f.Get("summary."+str(n)) != "" {
			filled = n + 1
		}
	}
	var out []int
	for n := range min(filled+summaryRows, sitrep.MaxSummaries) {
		out = append(out, n)
	}
	return out
}

func mayWrite(r *shell.Request, verb string) error {
	if !sitrep.MayWrite(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
	}
	return nil
}

// newReport offers the form of the next issue on an event, filled from the
// event and from the issue before.
func (g *Pages) newReport(w http.ResponseWriter, r *shell.Request) error {
	if err := mayWrite(r, "draft"); err != nil {
		return err
	}
	q := r.URL.Query()
	form := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "event": {q.Get("event")}, "call": {q.Get("call")}, "nothing": {q.Get("nothing")}}
	for _, m := range access.All() {
		if m != g.desk.Member() {
			form.Add("to", string(m))
		}
	}
	now := r.Now.UTC()
	form.Set("as_of", now.Format(stampForm))
	form.Set("until", now.Format(time.DateOnly))
	form.Set("from", now.AddDate(0, 0, -6).Format(time.DateOnly))
	form.Set("authority", g.words(r).name(string(g.desk.Member())))
	of := id.ID(form.Get("event"))
	if cid, err := id.Parse(form.Get("call")); err == nil {
		c, err := g.desk.Call(r.Context(), r.Actor, cid)
		if err != nil {
			return err
		}
		form.Set("from", c.From)
		form.Set("until", c.Until)
		form.Set("title", c.Name)
		form.Set("marking", string(c.Marking))
		form.Set("lang", c.Lang)
		if of == "" {
			of = c.Family
		}
	}
	if err := g.prefill(r, form); err != nil {
		return err
	}
	if rhythm, err := g.desk.Rhythm(r.Context(), r.Actor, of); err == nil && rhythm.Every > 0 {
		form.Set("next", now.Add(rhythm.Every).Format(stampForm))
	}
	return g.showNew(w, r, http.StatusOK, form, nil)
}

// prefill takes what the event and the last issue already say.
func (g *Pages) prefill(r *shell.Request, form url.Values) error {
	eid, err := id.Parse(form.Get("event"))
	if err != nil {
		return nil
	}
	p, err := g.health.EventPage(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	form.Set("title", p.View.Name)
	if p.View.Marking.Stricter(access.Marking(form.Get("marking"))) {
		form.Set("marking", string(p.View.Marking))
	}
	for block, part := range map[health.Block]string{health.BlockLaboratory: "laboratory", health.BlockTransmission: "transmission", health.BlockMeasures: "done",
		health.BlockDifficulties: "resources", health.BlockSupport: "needs"} {
		if s, ok := p.View.Section(block); ok && s.Complete != health.NotKnown {
			form.Set(partField+part, s.Text)
		}
	}
	rows, _, err := g.desk.List(r.Context(), r.Actor, sitrep.Filter{Event: eid, Owner: g.desk.Member(), State: sitrep.Issued, Limit: 1})
	if err != nil || len(rows) == 0 {
		return err
	}
	last := rows[0].View
	form.Set("authority", last.Authority)
	form.Set("title", last.Title)
	form.Set("lang", last.Lang)
	if t, err := time.Parse(time.DateOnly, last.Until); err == nil && form.Get("call") == "" {
		from := t.AddDate(0, 0, 1)
		if until := form.Get("until"); from.Format(time.DateOnly) > until {
			from = t
		}
		form.Set("from", from.Format(time.DateOnly))
	}
	form["to"] = nil
	for _, m := range last.To {
		form.Add("to", string(m))
	}
	return nil
}

func (g *Pages) showNew(w http.ResponseWriter, r *shell.Request, status int, form url.Values, cause error) error {
	v := formView{words: g.words(r), Action: base + "/new", Cancel: base, Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Nothing: form.Get("nothing") == "1", Rows: rowsOf(form)}
	v.Title, v.Lede, v.Save = v.T("sitrep.new"), v.T("sitrep.new.lede"), v.T("sitrep.form.draft")
	if v.Nothing {
		v.Title, v.Lede = v.T("sitrep.new.nothing"), v.T("sitrep.new.nothing.lede")
	} else {
		rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Open: true, Mine: true, Limit: 200})
		if err != nil {
			return err
		}
		for i := range rows {
			e := rows[i].View()
			v.Events = append(v.Events, parts.Option{Value: string(e.ID), Text: e.Name, Hint: v.T("hazard." + e.Hazard), Chosen: string(e.ID) == form.Get("event")})
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

func (g *Pages) draft(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	call, _ := id.Parse(f.Get("call"))
	var rep sitrep.Report
	var err error
	if f.Get("nothing") == "1" {
		rep, err = g.desk.DraftNothing(r.Context(), r.Actor, call, inputOf(f))
	} else {
		event, bad := id.Parse(f.Get("event"))
		if bad != nil {
			err = &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "event", Key: "fault.sitrep.event"}}}
		} else {
			rep, err = g.desk.Draft(r.Context(), r.Actor, event, call, inputOf(f))
		}
	}
	if status := again(err); status != 0 {
		return g.showNew(w, r, status, f, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sitrep.said.draft", nil)
	return r.Redirect(w, sitrep.Path(rep.ID))
}

// again is the status of a form that is shown once more, or 0.
func again(err error) int {
	switch {
	case fault.Is(err, fault.Invalid):
		return http.StatusBadRequest
	case fault.Is(err, fault.Conflict):
		return http.StatusConflict
	}
	return 0
}

func (g *Pages) edit(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err == nil {
		_, err = p.Offered("edit")
	}
	if err != nil {
		return err
	}
	return g.showEdit(w, r, http.StatusOK, p, formOf(&p.View), nil)
}

func (g *Pages) showEdit(w http.ResponseWriter, r *shell.Request, status int, p sitrep.Page, form url.Values, cause error) error {
	back := sitrep.Path(p.View.ID)
	v := formView{words: g.words(r), Action: back + "/edit", Cancel: back, Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Nothing: p.View.Nothing, Rows: rowsOf(form)}
	v.Title, v.Save = v.T("sitrep.edit.title", "issue", v.issue(&p.View), "subject", p.View.Subject), v.T("health.form.save")
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(p.View.Marking)}, formPage(v))
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	_, err = g.desk.Edit(r.Context(), r.Actor, p.View.ID, version(r.PostForm.Get("version")), inputOf(r.PostForm))
	if status := again(err); status != 0 {
		if _, denied := p.Offered("edit"); denied != nil {
			return denied
		}
		r.PostForm.Set("version", str(p.View.Version)) // what was typed stays; the next press is made knowingly
		return g.showEdit(w, r, status, p, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sitrep.said.edit", nil)
	return r.Redirect(w, sitrep.Path(p.View.ID))
}
