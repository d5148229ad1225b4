package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// measureView is the page of one measure.
type measureView struct {
	words
	V        ihr.MeasureView
	P        ihr.MeasurePage
	Path     string
	Head     parts.PageHead
	Notices  []parts.Notice
	Moves    []parts.Button
	State    []parts.Definition
	Facts    []parts.Definition
	Preview  []parts.Definition
	Timeline []parts.Moment
}

func (g *Pages) measure(w http.ResponseWriter, r *shell.Request) error {
	mid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Measure(r.Context(), r.Actor, mid)
	if err != nil {
		return err
	}
	v := g.words(r).measure(p)
	v.Path = r.URL.RequestURI()
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"ihr"}, Marking: string(p.View.Marking)}, measurePage(v))
}

func (w words) measure(p ihr.MeasurePage) measureView {
	x := p.View
	v := measureView{words: w, V: x, P: p, Timeline: w.moments(p.Timeline), Moves: w.moves(p.Offers, ihr.MeasurePath(x.ID), "edit")}
	v.Head = parts.PageHead{Meta: measureMeta(v), Title: x.Content.Title, Lede: w.T("ihr.corridor", "from", w.side(x.Content, x.Content.From), "to", w.side(x.Content, x.Content.To)),
		Crumbs: []parts.Link{{Text: w.T("ihr.measures.title"), Href: register}, {Text: x.Content.Title}}}
	if _, ok := offered(p.Offers, "edit"); ok {
		v.Head.Actions = []parts.Button{{Text: w.T("ihr.verb.edit"), Icon: "pencil", Href: ihr.MeasurePath(x.ID) + "/edit"}}
	}
	v.Notices = w.measureNotices(p)
	v.State = w.measureStates(p)
	v.Facts = w.contentFacts(x.Content)
	if p.Own && p.Released && p.Uncleared {
		v.Preview = w.contentFacts(p.Preview.Content)
	}
	return v
}

func (w words) measureNotices(p ihr.MeasurePage) []parts.Notice {
	x := p.View
	var out []parts.Notice
	add := func(g parts.Grade, title, text string) {
		out = append(out, parts.Notice{Grade: g, Title: title, Text: text})
	}
	switch {
	case x.State == ihr.Withdrawn || x.State == ihr.Lifted || x.State == ihr.Cancelled:
		add(parts.Information, w.state(x.State), x.EndReason)
	case x.State == ihr.Expired || (x.State == ihr.InForce || x.State == ihr.Reported) && !x.Holds(w.now):
		add(parts.Information, w.T("ihr.lapsed"), w.T("ihr.lapsed.text", "day", w.day(x.Expires)))
	case x.State == ihr.InForce && x.Late(w.now):
		add(parts.Warning, w.T("ihr.report_late"), w.T("ihr.report_late.text"))
	}
	switch {
	case !p.Own:
		add(parts.Information, w.T("ihr.foreign"), w.T("ihr.foreign.text", "owner", w.name(x.Owner)))
	case p.Uncleared:
		add(parts.Watch, w.T("ihr.uncleared"), w.T("ihr.uncleared.text"))
	case !p.Released && len(x.Members) > 0:
		add(parts.Information, w.T("ihr.preview"), w.T("ihr.preview.text", "members", w.names(x.Members)))
	}
	return out
}

func (w words) measureStates(p ihr.MeasurePage) []parts.Definition {
	x := p.View
	out := []parts.Definition{{Term: w.T("risk.field.state"), Text: w.measureState(x)}}
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T(key), Text: text})
		}
	}
	if !p.Due.IsZero() {
		add("clock.ihr_report", w.T("health.due.line", "left", w.Left(p.Due, w.now), "due", p.Due))
	}
	if !x.Start.IsZero() {
		add("ihr.col.start", w.Stamp(x.Start))
		c := w.reportCell(x)
		add("ihr.col.reported", c.Text+" "+c.Note)
	}
	if !x.Reported.IsZero() {
		add("ihr.field.reported_at", w.Stamp(x.Reported))
	}
	add("ihr.field.review", w.day(x.Review))
	add("ihr.col.expires", w.day(x.Expires))
	if x.Renewals > 0 {
		add("ihr.renewals", w.T("ihr.renewals.n", "n", x.Renewals))
	}
	add("ihr.field.words", x.Words)
	if x.Event != "" {
		event := parts.Definition{Term: w.T("ihr.col.event"), Text: x.EventName}
		if w.shows(x.Event) {
			event = parts.Definition{Term: event.Term, Body: anchor(eventPath(x.Event), x.EventName)}
		}
		out = append(out, event)
	}
	add("ihr.field.hazard", w.T("hazard."+x.Hazard))
	add("ihr.cleared", x.ClearedAs)
	add("ihr.field.members", w.names(x.Members))
	add("ihr.field.marking", string(x.Marking))
	if x.Exercise != "" {
		add("health.field.exercise", x.Exercise)
	}
	return out
}

func (w words) contentFacts(c ihr.Content) []parts.Definition {
	var out []parts.Definition
	add := func(key, text string) {
		if text == "" {
			text = w.T("ihr.gap.line")
		}
		out = append(out, parts.Definition{Term: w.T("ihr.field." + key), Text: text})
	}
	if c.Type != "" {
		add("type", w.T("ihr.type."+c.Type))
		add("target", w.T("ihr.target."+c.Target))
	}
	add("from", w.side(c, c.From))
	add("to", w.side(c, c.To))
	if c.Others != "" && !slices.Contains(c.From, ihr.Outside) && !slices.Contains(c.To, ihr.Outside) {
		add("others", c.Others) // from before a side could name them
	}
	if c.Text != "" {
		add("text", c.Text)
	}
	add("rationale", c.Reason)
	add("evidence", c.Evidence)
	return out
}

// measureForm plans or edits a measure.
type measureForm struct {
	words
	Title, Action, Cancel string
	Errors                parts.Errors
	Form                  url.Values
	Event                 string // its name; empty: the hazard is chosen
}

func (v measureForm) field(name string, required bool) parts.Field {
	return v.words.field(v.Errors, name, required)
}

func (g *Pages) showMeasureForm(w http.ResponseWriter, r *shell.Request, status int, v measureForm) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, measureFormPage(v))
}

func (g *Pages) planForm(r *shell.Request, form url.Values, cause error) (measureForm, error) {
	v := measureForm{words: g.words(r), Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Action: register + "/new", Cancel: register}
	v.Title = v.T("ihr.measures.new")
	if e := eventID(form.Get("event")); e != "" {
		p, err := g.health.EventPage(r.Context(), r.Actor, e)
		if err != nil {
			return v, err
		}
		v.Event, v.Cancel = p.View.Name, eventPath(e)
	}
	return v, nil
}

func (g *Pages) newMeasure(w http.ResponseWriter, r *shell.Request) error {
	if !ihr.MayPlan(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "plan")
	}
	today := r.Now.UTC()
	form := url.Values{"event": {r.URL.Query().Get("event")}, "lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "to": {string(g.desk.Member())},
		"review": {today.AddDate(0, 0, 14).Format(time.DateOnly)}, "expires": {today.AddDate(0, 1, 0).Format(time.DateOnly)}}
	v, err := g.planForm(r, form, nil)
	if err != nil {
		return err
	}
	return g.showMeasureForm(w, r, http.StatusOK, v)
}

func (g *Pages) plan(w http.ResponseWriter, r *shell.Request) error {
	m, err := g.desk.Plan(r.Context(), r.Actor, eventID(r.PostFormValue("event")), measureInput(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		v, e := g.planForm(r, r.PostForm, err)
		if e != nil {
			return e
		}
		return g.showMeasureForm(w, r, http.StatusBadRequest, v)
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said.plan", nil)
	return r.Redirect(w, ihr.MeasurePath(m.ID))
}

func measureInput(f url.Values) ihr.MeasureInput {
	in := ihr.MeasureInput{Hazard: f.Get("hazard"), Review: f.Get("review"), Expires: f.Get("expires"), Marking: access.Marking(f.Get("marking")),
		Content: ihr.Content{Type: f.Get("type"), Target: f.Get("target"), Title: f.Get("title"), Text: text(f.Get("text")), From: f["from"], To: f["to"],
			Others: text(f.Get("others")), Reason: text(f.Get("rationale")), Evidence: text(f.Get("evidence")), Lang: f.Get("lang")}}
	for _, m := range f["members"] {
		in.Members = append(in.Members, access.Member(m))
	}
	return in
}

func measureValues(x ihr.MeasureView) url.Values {
	c := x.Content
	f := url.Values{"version": {str(x.Version)}, "event": {string(x.Event)}, "hazard": {x.Hazard}, "type": {c.Type}, "target": {c.Target}, "title": {c.Title},
		"text": {c.Text}, "from": c.From, "to": c.To, "others": {c.Others}, "rationale": {c.Reason}, "evidence": {c.Evidence}, "lang": {c.Lang},
		"review": {x.Review}, "expires": {x.Expires}, "marking": {string(x.Marking)}}
	for _, m := range x.Members {
		f.Add("members", string(m))
	}
	return f
}

func (g *Pages) editable(r *shell.Request) (ihr.MeasurePage, error) {
	mid, err := r.PathID("id")
	if err != nil {
		return ihr.MeasurePage{}, err
	}
	p, err := g.desk.Measure(r.Context(), r.Actor, mid)
	if err != nil {
		return p, err
	}
	return p, refuse(p.Offers, p.Own, p.View.Owner, "edit")
}

func (g *Pages) editForm(r *shell.Request, mid id.ID, name string, form url.Values, cause error) measureForm {
	v := measureForm{words: g.words(r), Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Action: ihr.MeasurePath(mid) + "/edit", Cancel: ihr.MeasurePath(mid), Event: name}
	v.Title = v.T("ihr.measures.edit")
	return v
}

func (g *Pages) editMeasure(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.editable(r)
	if err != nil {
		return err
	}
	return g.showMeasureForm(w, r, http.StatusOK, g.editForm(r, p.View.ID, p.View.EventName, measureValues(p.View), nil))
}

func (g *Pages) saveMeasure(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.editable(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	_, err = g.desk.EditMeasure(r.Context(), r.Actor, p.View.ID, version(form), measureInput(form))
	if status := again(err); status != 0 {
		form.Set("version", str(p.View.Version)) // what was typed stays, on the newer version
		return g.showMeasureForm(w, r, status, g.editForm(r, p.View.ID, p.View.EventName, form, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said.saved", nil)
	return r.Redirect(w, ihr.MeasurePath(p.View.ID))
}

// rationale is the content's reason; the desk names its fault after that.
func (v measureForm) rationale() parts.Field {
	f := v.field("rationale", true)
	f.Error = v.Errors.Of("reason")
	return f
}

// expires says too that a measure that holds is prolonged by a renewal.
func (v measureForm) expires() parts.Field {
	f := v.field("expires", true)
	if f.Error == "" {
		f.Error = v.Errors.Of("ihr.renew_only")
	}
	return f
}
