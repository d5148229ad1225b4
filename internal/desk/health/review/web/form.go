package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/review"
	"lintas/internal/id"
	"lintas/internal/locale"
	trailweb "lintas/internal/trail/web"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// formView plans a review, or changes its words.
type formView struct {
	words
	Title, Lede    string
	Action, Cancel string
	Form           url.Values
	Errors         parts.Errors
	Events         []parts.Option
	Families       []parts.Option
	Fixed          bool // the evidence is locked: what is reviewed stays
	Half           bool
}

func (v formView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("review.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("review.hint." + name) {
		f.Hint = v.T("review.hint." + name)
	}
	return f
}

func (v formView) input(name string, required bool) parts.Input {
	return parts.Input{Field: v.field(name, required), Value: v.Form.Get(name), MaxLength: review.MaxTitle}
}

func (v formView) day(name string, required bool) parts.Input {
	return parts.Input{Field: v.field(name, required), Type: "date", Width: "short", Value: v.Form.Get(name)}
}

func (v formView) number(name string) parts.Input {
	return parts.Input{Field: v.field(name, false), InputMode: "numeric", Width: "short", Value: v.Form.Get(name)}
}

func (v formView) area(name string, required bool, rows int) parts.TextArea {
	return parts.TextArea{Field: v.field(name, required), Value: v.Form.Get(name), Rows: rows, MaxLength: review.MaxText}
}

func (v formView) options(name string, all []string, say func(string) string) []parts.Option {
	var out []parts.Option
	for _, x := range all {
		out = append(out, parts.Option{Value: x, Text: say(x), Chosen: slices.Contains(v.Form[name], x)})
	}
	return out
}

func (v formView) sorts() parts.Choices {
	c := parts.Choices{Field: v.field("sort", true)}
	for _, s := range review.Sorts {
		c.Options = append(c.Options, parts.Option{Value: s, Text: v.T("review.sort." + s), Hint: v.T("review.sort." + s + ".hint"), Chosen: v.Form.Get("sort") == s})
	}
	return c
}

func (v formView) formats() parts.Select {
	return parts.Select{Field: v.field("format", true), Options: v.options("format", review.Formats, func(s string) string { return v.T("review.format." + s) })}
}

func (v formView) members() parts.Choices {
	c := parts.Choices{Field: v.field("members", false), Many: true}
	for _, m := range access.All() {
		if m != v.Self {
			c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.Name(m), Chosen: slices.Contains(v.Form["members"], string(m))})
		}
	}
	return c
}

func (v formView) markings() parts.Select {
	s := parts.Select{Field: v.field("marking", true)}
	for _, m := range access.Markings {
		s.Options = append(s.Options, parts.Option{Value: string(m), Text: string(m), Chosen: v.Form.Get("marking") == string(m)})
	}
	return s
}

func (v formView) languages() parts.Select {
	s := parts.Select{Field: v.field("lang", true)}
	for _, l := range locale.Languages() {
		s.Options = append(s.Options, parts.Option{Value: l.Code, Text: l.Name, Chosen: v.Form.Get("lang") == l.Code})
	}
	return s
}

// counted reads a number of people; nothing typed is not counted, and what is
// no number is refused by the desk.
func counted(f url.Values, name string) *int {
	s := text(f.Get(name))
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		n = -1
	}
	return &n
}

func textOf(f url.Values) review.Text {
	t := review.Text{Title: text(f.Get("title")), Lang: f.Get("lang"), Sort: f.Get("sort"), Format: f.Get("format"), Objectives: text(f.Get("objectives")), From: f.Get("from"), Until: f.Get("until"),
		Held: f.Get("held"), Summary: text(f.Get("summary")), Joint: len(f["members"]) > 0,
		Turnout: review.Turnout{Women: counted(f, "women"), Men: counted(f, "men"), Unsaid: counted(f, "unsaid"), Agencies: text(f.Get("agencies"))}}
	for _, m := range f["members"] {
		t.Members = append(t.Members, access.Member(m))
	}
	return t
}

func inputOf(f url.Values) review.Input {
	in := review.Input{Text: textOf(f), Marking: access.Marking(f.Get("marking"))}
	for _, s := range f["events"] {
		if e, err := id.Parse(s); err == nil {
			in.Events = append(in.Events, e)
		}
	}
	if e, err := id.Parse(f.Get("family")); err == nil {
		in.Family = e
	}
	return in
}

func formOf(p *review.Page) url.Values {
	f := url.Values{"version": {str(p.Version)}, "title": {p.Title}, "lang": {p.Lang}, "sort": {p.Sort}, "format": {p.Format}, "objectives": {p.Objectives}, "from": {p.From}, "until": {p.Until},
		"held": {p.Held}, "summary": {p.Summary}, "marking": {string(p.Marking)}, "family": {string(p.Family)}, "agencies": {p.Turnout.Agencies}}
	for _, m := range p.Members {
		f.Add("members", string(m))
	}
	for _, e := range p.Events {
		f.Add("events", string(e.ID))
	}
	for name, n := range map[string]*int{"women": p.Turnout.Women, "men": p.Turnout.Men, "unsaid": p.Turnout.Unsaid} {
		if n != nil {
			f.Set(name, str(*n))
		}
	}
	return f
}

func (g *Pages) ask(w http.ResponseWriter, r *shell.Request) error {
	return g.showForm(w, r, http.StatusOK, nil)
}

func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	v := formView{words: g.words(r), Action: r.URL.Path, Cancel: base, Form: r.PostForm, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Title, v.Lede = v.T("review.new"), v.T("review.form.lede")
	if r.PathValue("id") != "" {
		p, err := g.find(r)
		if err != nil {
			return err
		}
		v.Title, v.Cancel, v.Fixed, v.Half = v.T("review.form.edit"), review.Path(p.ID), p.Lock != nil, p.Of != ""
		if r.Method != http.MethodPost {
			v.Form = formOf(&p)
		}
	} else if r.Method != http.MethodPost {
		v.Form = url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "sort": {r.URL.Query().Get("sort")}, "format": {"debrief"}, "events": r.URL.Query()["event"],
			"family": {r.URL.Query().Get("family")}, "until": {r.Now.UTC().Format(time.DateOnly)}, "from": {r.Now.UTC().AddDate(0, -1, 0).Format(time.DateOnly)}}
		if v.Form.Get("sort") == "" {
			v.Form.Set("sort", "after")
		}
	}
	if err := g.subjects(r, &v); err != nil {
		return err
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

// subjects are the events and families that can be reviewed.
func (g *Pages) subjects(r *shell.Request, v *formView) error {
	rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Limit: 200})
	if err != nil {
		return err
	}
	chosen := r.PathValue("id") == "" && r.Method != http.MethodPost
	for i := range rows {
		e := &rows[i]
		on := slices.Contains(v.Form["events"], string(e.ID))
		v.Events = append(v.Events, parts.Option{Value: string(e.ID), Text: e.Name, Hint: v.Name(e.Owner), Chosen: on})
		if !on || !chosen {
			continue
		}
		// The form begins with what is known of the event.
		if v.Form.Get("title") == "" {
			v.Form.Set("title", v.T("review.title."+v.Form.Get("sort"), "event", e.Name))
		}
		if e.Marking.Stricter(access.Marking(v.Form.Get("marking"))) {
			v.Form.Set("marking", string(e.Marking))
		}
		for _, d := range []health.Date{e.Emergence, e.Onset, e.Detection} {
			if from, _, ok := d.Span(); ok && from.Format(time.DateOnly) < v.Form.Get("from") {
				v.Form.Set("from", from.Format(time.DateOnly))
			}
		}
		if at := e.Created.At.UTC().Format(time.DateOnly); at < v.Form.Get("from") {
			v.Form.Set("from", at)
		}
	}
	families, err := g.desk.Families(r.Context(), r.Actor)
	for _, f := range families {
		v.Families = append(v.Families, parts.Option{Value: string(f.ID), Text: f.Name, Chosen: v.Form.Get("family") == string(f.ID)})
	}
	return err
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	var x review.Review
	var err error
	if r.PathValue("id") == "" {
		x, err = g.desk.Plan(r.Context(), r.Actor, inputOf(r.PostForm))
	} else {
		var p review.Page
		if p, err = g.find(r); err != nil {
			return err
		}
		seen := version(r.PostForm.Get("version"))
		if p.Lock != nil {
			x, err = g.desk.Describe(r.Context(), r.Actor, p.ID, seen, textOf(r.PostForm))
		} else {
			x, err = g.desk.Edit(r.Context(), r.Actor, p.ID, seen, inputOf(r.PostForm))
		}
	}
	if status := trailweb.Again(err); status != 0 {
		return g.showForm(w, r, status, err)
	}
	if err != nil {
		return err
	}
	if r.PathValue("id") == "" {
		r.Say(w, "review.said.plan", nil)
	} else {
		r.Say(w, "review.said.edit", nil)
	}
	return r.Redirect(w, review.Path(x.ID))
}

func (g *Pages) find(r *shell.Request) (review.Page, error) {
	rid, err := r.PathID("id")
	if err != nil {
		return review.Page{}, err
	}
	return g.desk.Page(r.Context(), r.Actor, rid)
}

func (g *Pages) join(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	x, err := g.desk.Join(r.Context(), r.Actor, rid, nil)
	if err != nil {
		return err
	}
	r.Say(w, "review.said.join", nil)
	return r.Redirect(w, review.Path(x.ID)+"/edit")
}
