package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// A form is filled from what was posted, never from a half-parsed value, so
// that nothing that was typed is lost. The button that was pressed is "do":
// "save", "find" for the filter of places, "row" for one more row of figures.

// eventForm is the form that records or edits an event.
type eventForm struct {
	words
	Title  string
	Lede   string
	Action string
	Cancel string
	Errors parts.Errors
	Form   url.Values
	New    bool // with rows of figures
	Owner  access.Member
	Rows   []factRow
}

var dateFields = []string{"onset", "emergence", "detection", "notified"}

func (g *Pages) newEvent(w http.ResponseWriter, r *shell.Request) error {
	if !health.MayRecord(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "record")
	}
	form := url.Values{"grade": {string(health.Watch)}, "marking": {string(access.TLPAmber)}, "lang": {r.Printer.Lang()}, "rows": {"2"}}
	for _, d := range dateFields {
		form.Set(d+"_precision", string(health.Day))
	}
	return g.showEventForm(w, r, http.StatusOK, g.recordForm(r, form, nil))
}

func (g *Pages) recordForm(r *shell.Request, form url.Values, err error) eventForm {
	v := eventForm{words: g.words(r), Action: "/health/events/new", Cancel: "/", Form: form, New: true, Owner: g.deps.Member}
	v.Title, v.Lede = v.T("health.form.record"), v.T("health.form.record.lede")
	v.Rows, v.Errors = factRows(form), factErrors(v.Printer, form, err)
	return v
}

func (g *Pages) showEventForm(w http.ResponseWriter, r *shell.Request, status int, v eventForm) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, eventFormPage(v))
}

func (g *Pages) recordEvent(w http.ResponseWriter, r *shell.Request) error {
	form := r.PostForm
	if moreRows(form) || form.Get("do") == "find" {
		return g.showEventForm(w, r, http.StatusOK, g.recordForm(r, form, nil))
	}
	e, err := g.desk.RecordEvent(r.Context(), r.Actor, eventInput(form), readFacts(form))
	if fault.Is(err, fault.Invalid) {
		return g.showEventForm(w, r, http.StatusBadRequest, g.recordForm(r, form, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "health.said.recorded", nil)
	return r.Redirect(w, eventPath(e.ID))
}

func (g *Pages) editEvent(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offeredEvent(r, "edit")
	if err != nil {
		return err
	}
	return g.showEventForm(w, r, http.StatusOK, g.editForm(r, p.View.ID, eventValues(p.View), nil))
}

func (g *Pages) editForm(r *shell.Request, eid id.ID, form url.Values, err error) eventForm {
	v := eventForm{words: g.words(r), Action: eventPath(eid) + "/edit", Cancel: eventPath(eid), Form: form, Owner: g.deps.Member}
	v.Title, v.Lede = v.T("health.form.edit"), v.T("health.form.edit.lede")
	v.Errors = parts.ErrorsOf(v.Printer, err)
	return v
}

// offeredEvent loads an event and refuses, as the table would, who may not
// take the step now.
func (g *Pages) offeredEvent(r *shell.Request, verb string) (health.Page, error) {
	eid, err := r.PathID("id")
	if err != nil {
		return health.Page{}, err
	}
	p, err := g.desk.EventPage(r.Context(), r.Actor, eid)
	if err != nil {
		return p, err
	}
	return p, p.Offered(verb)
}

func (g *Pages) saveEvent(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	form := r.PostForm
	if form.Get("do") == "find" {
		return g.showEventForm(w, r, http.StatusOK, g.editForm(r, eid, form, nil))
	}
	_, err = g.desk.EditEvent(r.Context(), r.Actor, eid, version(form), eventInput(form))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showEventForm(w, r, http.StatusBadRequest, g.editForm(r, eid, form, err))
	case fault.Is(err, fault.Conflict):
		return g.eventConflict(w, r, eid, form, err)
	case err != nil:
		return err
	}
	r.Say(w, "health.said.saved", nil)
	return r.Redirect(w, eventPath(eid))
}

// eventConflict shows both versions, or the refusal where the state no longer
// has the step.
func (g *Pages) eventConflict(w http.ResponseWriter, r *shell.Request, eid id.ID, form url.Values, cause error) error {
	p, err := g.desk.EventPage(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	if p.Offered("edit") != nil {
		return cause
	}
	v, theirs := g.words(r), eventValues(p.View)
	c := shell.Conflict{Title: p.View.Name, Action: eventPath(eid) + "/edit", Record: eventPath(eid), Version: theirs.Get("version"),
		Form: form, By: lastBy(p)}
	form.Del("do")
	add := func(name string, long bool, options []parts.Option) {
		c.Fields = append(c.Fields, shell.ConflictField{Name: name, Label: v.T("health.field." + name), Long: long, Options: options,
			Mine: strings.Join(form[name], ", "), Theirs: strings.Join(theirs[name], ", ")})
	}
	add("name", false, nil)
	add("summary", true, nil)
	add("hazard", false, v.hazardOptions(form.Get("hazard")))
	for _, name := range []string{"agent", "icd11", "icd10", "glide"} {
		add(name, false, nil)
	}
	add("grade", false, v.gradeOptions(form.Get("grade")))
	add("marking", false, v.markingOptions(form.Get("marking")))
	add("places", false, nil)
	for _, name := range dateFields {
		add(name, false, nil)
		add(name+"_precision", false, v.precisionOptions(form.Get(name+"_precision")))
	}
	return r.Conflict(w, c)
}

// lastBy is the duty post that was faster.
func lastBy(p health.Page) string {
	for _, e := range slices.Backward(p.Timeline) {
		if e.Record.ID == p.View.ID {
			return e.Actor
		}
	}
	return ""
}

// eventInput reads what was entered. Places come as boxes or as one list.
func eventInput(f url.Values) health.EventInput {
	in := health.EventInput{Name: f.Get("name"), Summary: text(f.Get("summary")), Lang: f.Get("lang"), Hazard: f.Get("hazard"),
		Agent: f.Get("agent"), ICD11: strings.ToUpper(strings.TrimSpace(f.Get("icd11"))), ICD10: strings.ToUpper(strings.TrimSpace(f.Get("icd10"))),
		GLIDE: strings.ToUpper(strings.TrimSpace(f.Get("glide"))), Grade: health.Grade(f.Get("grade")), Marking: access.Marking(f.Get("marking")),
		Places: list(f["places"])}
	for name, d := range map[string]*health.Date{"onset": &in.Onset, "emergence": &in.Emergence, "detection": &in.Detection, "notified": &in.Notified} {
		on, precision := strings.TrimSpace(f.Get(name)), health.Precision(f.Get(name+"_precision"))
		if on != "" || precision == health.Unknown {
			*d = health.Date{On: on, Precision: precision}
		}
	}
	return in
}

// eventValues are the values of the form for an event as it is.
func eventValues(e health.EventView) url.Values {
	f := url.Values{"name": {e.Name}, "summary": {e.Summary}, "lang": {e.Lang}, "hazard": {e.Hazard}, "agent": {e.Agent},
		"icd11": {e.ICD11}, "icd10": {e.ICD10}, "glide": {e.GLIDE}, "grade": {string(e.Grade)}, "marking": {string(e.Marking)},
		"places": e.Places, "version": {str(e.Version)}}
	for name, d := range map[string]health.Date{"onset": e.Onset, "emergence": e.Emergence, "detection": e.Detection, "notified": e.Notified} {
		f.Set(name, d.On)
		if d.Precision == "" {
			d.Precision = health.Day
		}
		f.Set(name+"_precision", string(d.Precision))
	}
	return f
}

func (w words) gradeOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, x := range health.Grades {
		out = append(out, parts.Option{Value: string(x), Text: parts.Grade(x).Word(w.Printer), Hint: w.T("health.grade." + string(x)),
			Grade: parts.Grade(x), Chosen: string(x) == chosen})
	}
	return out
}

func (w words) markingOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, m := range access.Markings {
		out = append(out, parts.Option{Value: string(m), Text: string(m), Hint: w.T("marking." + markingKey(m)), Chosen: string(m) == chosen})
	}
	return out
}

func (w words) precisionOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, x := range health.Precisions {
		out = append(out, parts.Option{Value: string(x), Text: w.T("precision." + string(x)), Chosen: string(x) == chosen})
	}
	return out
}

func languageOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, l := range locale.Languages() {
		out = append(out, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == chosen})
	}
	return out
}

// placeOptions are the units of the state, or those that the filter finds;
// what is chosen always stays in the list.
func (v eventForm) placeOptions() []parts.Option {
	chosen, find := list(v.Form["places"]), strings.TrimSpace(v.Form.Get("find"))
	units := place.Units(string(v.Owner), true)
	if state, ok := place.Lookup(string(v.Owner)); ok && state.Level == place.State {
		units = append([]place.Place{state}, units...)
	} else {
		units = place.States()
	}
	hits := map[string]bool{}
	if find != "" {
		state := string(v.Owner)
		if v.Owner == access.ASEC {
			state = ""
		}
		for _, m := range place.Search(find, state, 30) {
			hits[m.Code] = true
			if v.Owner == access.ASEC && m.Level == place.Unit {
				units = append(units, m.Place)
			}
		}
	}
	for _, code := range chosen {
		if p, ok := place.Lookup(code); ok && !slices.ContainsFunc(units, func(u place.Place) bool { return u.Code == code }) {
			units = append(units, p)
		}
	}
	var out []parts.Option
	for _, u := range units {
		on := slices.Contains(chosen, u.Code)
		if find != "" && !on && !hits[u.Code] {
			continue
		}
		o := parts.Option{Value: u.Code, Text: u.In(v.Lang()), Hint: u.Code, Chosen: on}
		if u.Level == place.State && v.Owner != access.ASEC {
			o.Text = v.T("health.form.whole", "state", o.Text)
		}
		out = append(out, o)
	}
	return out
}
