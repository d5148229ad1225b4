package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/incident"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// form is what every form of the part begins with.
type form struct {
	words
	Title, Lede    string
	Action, Cancel string
	Crumbs         []parts.Link
	Form           url.Values
	Errors         parts.Errors
	Save           string
}

// errorsOf says a fault in words; that of a row belongs to the row's field.
func errorsOf(p *locale.Printer, err error) parts.Errors {
	e := parts.ErrorsOf(p, err)
	for i := range e.Items {
		if n := e.Items[i].Row; n > 0 {
			e.Items[i].Name += "." + str(n)
		}
	}
	return e
}

// field is a field by its name; a row's name ends in its number.
func (v form) field(name string, required bool) parts.Field {
	key, _, _ := strings.Cut(name, ".")
	f := parts.Field{Name: name, Label: v.T("incident.field." + key), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("incident.hint."+key) && key == name {
		f.Hint = v.T("incident.hint." + key)
	}
	return f
}

func (v form) line(name string, required bool, most int) parts.Input {
	return parts.Input{Field: v.field(name, required), Value: v.Form.Get(name), MaxLength: most}
}

func (v form) area(name string, required bool, rows, most int) parts.TextArea {
	return parts.TextArea{Field: v.field(name, required), Value: v.Form.Get(name), Rows: rows, MaxLength: most}
}

func (v form) at(name string, required bool) parts.Input {
	return parts.Input{Field: v.field(name, required), Type: "datetime-local", Value: v.Form.Get(name), Width: "medium"}
}

func (v form) pick(name string, required bool, blank string, options []parts.Option) parts.Select {
	chosen := v.Form.Get(name)
	out := slices.Clone(options)
	for i := range out {
		out[i].Chosen = out[i].Value == chosen
	}
	return parts.Select{Field: v.field(name, required), Blank: blank, Options: out}
}

// functions are the choices of a function: those of the incident, or all.
func (w words) functions(of []string) []parts.Option {
	var out []parts.Option
	for _, f := range incident.Functions {
		if of == nil || slices.Contains(of, f.Key) {
			out = append(out, parts.Option{Value: f.Key, Text: w.function(f.Key)})
		}
	}
	return out
}

// incidentForm opens an incident or changes it.
type incidentForm struct {
	form
	New    bool
	Events []parts.Option
}

func (v incidentForm) modes() parts.Choices {
	c := parts.Choices{Field: v.field("mode", true)}
	for _, m := range incident.Modes {
		c.Options = append(c.Options, parts.Option{Value: m, Text: v.T("incident.mode." + m), Hint: v.T("incident.mode.about." + m), Grade: modeGrade(m), Chosen: v.Form.Get("mode") == m})
	}
	return c
}

func (v incidentForm) chosenFunctions() parts.Choices {
	c := parts.Choices{Field: v.field("functions", true), Many: true}
	for _, f := range incident.Functions {
		c.Options = append(c.Options, parts.Option{Value: f.Key, Text: v.function(f.Key), Chosen: slices.Contains(v.Form["functions"], f.Key)})
	}
	return c
}

func (v incidentForm) events() parts.Choices {
	c := parts.Choices{Field: v.field("events", false), Many: true, Options: v.Events}
	for i := range c.Options {
		c.Options[i].Chosen = slices.Contains(v.Form["events"], c.Options[i].Value)
	}
	return c
}

func (v incidentForm) hours() parts.Select {
	var o []parts.Option
	for _, n := range incident.ShiftHours {
		o = append(o, parts.Option{Value: str(n), Text: v.T("incident.hours", "n", n)})
	}
	return v.pick("hours", true, "", o)
}

func (v incidentForm) markings() parts.Select {
	var o []parts.Option
	for _, m := range access.Markings {
		o = append(o, parts.Option{Value: string(m), Text: string(m)})
	}
	return v.pick("marking", true, "", o)
}

func (v incidentForm) languages() parts.Select {
	var o []parts.Option
	for _, l := range locale.Languages() {
		o = append(o, parts.Option{Value: l.Code, Text: l.Name})
	}
	return v.pick("lang", true, "", o)
}

func inputOf(f url.Values) incident.Input {
	hours, _ := strconv.Atoi(f.Get("hours"))
	in := incident.Input{Name: f.Get("name"), Lang: f.Get("lang"), Mode: f.Get("mode"), Trigger: text(f.Get("trigger")), Cost: f.Get("cost"), DecidedBy: f.Get("decided_by"), Since: moment(f.Get("since")),
		Functions: f["functions"], Hours: hours, Marking: access.Marking(f.Get("marking"))}
	for _, e := range f["events"] {
		in.Events = append(in.Events, id.ID(e))
	}
	return in
}

func (g *Pages) newIncident(w http.ResponseWriter, r *shell.Request) error {
	if !incident.MayWork(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "open")
	}
	f := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "hours": {"12"}, "mode": {"alert"}, "since": {stamp(r.Now)}, "functions": incident.Core}
	if e, err := id.Parse(r.URL.Query().Get("event")); err == nil {
		f.Set("events", string(e))
	}
	return g.showForm(w, r, http.StatusOK, nil, f, nil)
}

// showForm shows the form of a new incident, or of one that there is.
func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, status int, in *incident.Book, f url.Values, cause error) error {
	ws := g.words(r)
	v := incidentForm{form: form{words: ws, Action: base + "/new", Cancel: base, Form: f, Errors: errorsOf(r.Printer, cause), Title: ws.T("incident.new"), Lede: ws.T("incident.new.lede"), Save: ws.T("incident.new.save"),
		Crumbs: []parts.Link{{Text: ws.T("incident.list.title"), Href: base}, {Text: ws.T("incident.new")}}}, New: in == nil}
	if in != nil {
		v.Action, v.Cancel, v.Title, v.Lede, v.Save = incident.Path(in.ID)+"/edit", incident.Path(in.ID), ws.T("incident.edit"), "", ws.T("incident.save")
		v.Crumbs = []parts.Link{{Text: ws.T("incident.list.title"), Href: base}, {Text: in.Name, Href: incident.Path(in.ID)}, {Text: ws.T("incident.edit")}}
	}
	rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Open: true, Limit: 200})
	if err != nil {
		return err
	}
	for i := range rows {
		e := rows[i].View()
		v.Events = append(v.Events, parts.Option{Value: string(e.ID), Text: string(e.Owner) + " " + e.Name})
	}
	if in != nil { // an event that is closed meanwhile still belongs to the incident
		for _, s := range in.Events {
			if !slices.ContainsFunc(v.Events, func(o parts.Option) bool { return o.Value == string(s.ID) }) && g.health.Shows(r.Context(), r.Actor, s.ID) {
				v.Events = append(v.Events, parts.Option{Value: string(s.ID), Text: string(s.Owner) + " " + s.Name})
			}
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, incidentFormPage(v))
}

func (g *Pages) open(w http.ResponseWriter, r *shell.Request) error {
	in, err := g.desk.Open(r.Context(), r.Actor, inputOf(r.PostForm))
	if status := again(err); status != 0 {
		return g.showForm(w, r, status, nil, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.open", nil)
	return r.Redirect(w, incident.Path(in.ID)+"/organisation")
}

func (g *Pages) adopt(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	in, err := g.desk.Adopt(r.Context(), r.Actor, aid)
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.open", nil)
	return r.Redirect(w, incident.Path(in.ID)+"/organisation")
}

func (g *Pages) edit(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.book(r, "overview")
	if err != nil {
		return err
	}
	b := f.B
	if _, ok := offered(b.Offers, "edit"); !ok {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "edit")
	}
	form := url.Values{"name": {b.Name}, "lang": {b.Lang}, "trigger": {b.Trigger}, "cost": {b.Cost}, "decided_by": {b.DecidedBy}, "since": {stamp(b.Since)}, "functions": b.Functions, "hours": {str(b.Hours)},
		"marking": {string(b.Marking)}, "version": {str(b.Version)}}
	for _, e := range b.Events {
		form.Add("events", string(e.ID))
	}
	return g.showForm(w, r, http.StatusOK, b, form, nil)
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.book(r, "overview")
	if err != nil {
		return err
	}
	_, err = g.desk.Edit(r.Context(), r.Actor, f.B.ID, version(r.PostForm.Get("version")), inputOf(r.PostForm))
	if status := again(err); status != 0 {
		return g.showForm(w, r, status, f.B, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said.edit", nil)
	return r.Redirect(w, f.path())
}

// stepForm asks before a step is taken.
type stepForm struct {
	form
	Points  []string
	Version int
	Choices []parts.Choices
	Areas   []parts.TextArea
	Submit  parts.Button
}

// refusal says why a step that is not offered cannot be taken.
func refusal(known bool, verb string, state workflow.State) error {
	if known {
		return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
	}
	return fault.New(fault.Conflict, "fault.wrong_state").With("verb", verb).With("state", string(state))
}

// stepOf is the page that asks before a step of a record.
func (f *frame) stepOf(r *shell.Request, kind, verb, action, cancel string, seen int, o workflow.Offer, cause error) stepForm {
	v := stepForm{form: form{words: f.words, Action: action, Cancel: cancel, Form: r.PostForm, Errors: errorsOf(r.Printer, cause)}, Version: seen}
	if v.Form == nil {
		v.Form = url.Values{}
	}
	v.Title, v.Lede = f.T("incident.verb."+kind+"."+verb), f.T("incident.step."+kind+"."+verb)
	v.Crumbs = []parts.Link{{Text: f.T("incident.list.title"), Href: base}, {Text: f.B.Name, Href: f.path()}, {Text: v.Title}}
	v.Submit = parts.Button{Text: v.Title, Kind: parts.Primary, Unmet: f.unmet(o)}
	return v
}

// why asks for the reason of a step.
func (v *stepForm) why(required bool) {
	a := v.area("reason", required, 3, incident.MaxReason)
	if a.Error == "" {
		a.Error = v.Errors.Of("health.reason")
	}
	v.Areas = append(v.Areas, a)
}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	f, err := g.book(r, "overview")
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	o, ok := offered(f.B.Offers, workflow.Verb(verb))
	if !ok || verb == "edit" {
		_, known := incident.Incidents.Find(f.B.State, workflow.Verb(verb))
		return refusal(known, verb, f.B.State)
	}
	v := f.stepOf(r, "incident", verb, f.path()+"/step/"+verb, f.path(), f.B.Version, o, cause)
	if verb == "set_mode" {
		c := incidentForm{form: v.form}.modes()
		for i := range c.Options {
			c.Options[i].Disabled = c.Options[i].Value == f.B.Mode
		}
		v.Choices = append(v.Choices, c)
	}
	if verb == "close" {
		v.Points = g.unfinished(&f)
	}
	v.why(verb != "close" || len(v.Points) > 0)
	return r.ShowStatus(w, status, f.page(), stepPage(v))
}

// unfinished is what is not released when the incident is closed.
func (g *Pages) unfinished(f *frame) []string {
	var out []string
	for i := range f.B.Checkouts {
		if x := &f.B.Checkouts[i]; x.State == incident.Listed {
			out = append(out, f.T("incident.left.checkout", "what", f.what(&x.Checkout)))
		}
	}
	for _, s := range f.B.Seats {
		for _, d := range s.On {
			out = append(out, f.T("incident.left.duty", "function", f.function(d.Function), "post", d.Post))
		}
	}
	return out
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, verb := r.PostForm, r.PathValue("verb")
	_, err = g.desk.Step(r.Context(), r.Actor, iid, version(p.Get("version")), workflow.Verb(verb), p.Get("mode"), text(p.Get("reason")))
	if status := again(err); status != 0 {
		return g.showStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "incident.said."+verb, nil)
	to := incident.Path(iid)
	if verb == "stand_down" {
		to += "/demobilisation"
	}
	return r.Redirect(w, to)
}
