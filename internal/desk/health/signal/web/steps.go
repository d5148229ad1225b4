package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// stepView is the page that asks before a step is taken.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	Verb    workflow.Verb
	Form    url.Values
	Need    bool // the reason must be given
	Judge   bool // the six marks, hazard and scales are asked for
	Twin    *rowView
}

// needsReason are the steps whose row of the table asks for words.
func needsReason(s workflow.State, verb workflow.Verb) bool {
	row, ok := signal.Signals.Find(s, verb)
	return ok && slices.ContainsFunc(row.Needs, func(n workflow.Need[signal.Signal]) bool { return n.Name == "signal.reason" })
}

// quick are the steps that ask for nothing.
var quick = []string{"claim", "release"}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offered(r, r.PathValue("verb"))
	if err != nil {
		return err
	}
	form := url.Values{"hazard": {p.Hazard}, "reliability": {p.Reliability}, "credibility": {p.Credibility}, "twin": {r.URL.Query().Get("twin")}}
	for k, a := range p.Concern {
		form.Set("concern."+k, string(a))
	}
	return g.showStep(w, r, http.StatusOK, p, form, nil)
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, p signal.Page, form url.Values, cause error) error {
	verb := workflow.Verb(r.PathValue("verb"))
	if !slices.Contains(asking, verb) && verb != "take_over" || verb == "edit" || verb == "verify" {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	o, _ := find(p.Offers, verb)
	v := stepView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause), Verb: verb, Form: form, Need: needsReason(p.State, verb), Judge: verb == "triage"}
	v.Confirm = parts.Confirm{Title: v.T("signal.step.title", "verb", v.T("signal.verb."+string(verb)), "title", p.Title), Text: v.T("signal.step." + string(verb)),
		Action: signalPath(p.ID) + "/step/" + string(verb), Hidden: [][2]string{{"version", str(p.Version)}},
		Submit: parts.Button{Text: v.T("signal.verb." + string(verb)), Kind: parts.Primary, Unmet: v.unmet(o)},
		Cancel: parts.Link{Text: v.T("signal.form.cancel"), Href: signalPath(p.ID)}}
	if verb == "discard" {
		v.Confirm.Submit.Kind = parts.Danger
	}
	if verb == "merge" {
		if i := slices.IndexFunc(p.Twins, func(t signal.Proposal) bool { return string(t.ID) == form.Get("twin") }); i >= 0 {
			t := v.row(&p.Twins[i].View)
			v.Twin = &t
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.Marking)}, stepPage(v))
}

// step takes the step. Who was overtaken sees the signal's new state, and what
// was typed.
func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	form, verb := r.PostForm, r.PathValue("verb")
	_, err = g.desk.Step(r.Context(), r.Actor, sid, version(form.Get("version")), workflow.Verb(verb), stepInput(form))
	if (fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict)) && !slices.Contains(quick, verb) {
		p, gone := g.offered(r, verb)
		if gone != nil {
			return err
		}
		status := http.StatusBadRequest
		if fault.Is(err, fault.Conflict) {
			status = http.StatusConflict
		}
		return g.showStep(w, r, status, p, form, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "signal.said."+verb, nil)
	return r.Redirect(w, signalPath(sid))
}

func stepInput(form url.Values) signal.StepInput {
	in := signal.StepInput{Reason: text(form.Get("reason")), Hazard: form.Get("hazard"), Reliability: form.Get("reliability"), Credibility: form.Get("credibility"),
		Definition: signal.Answer(form.Get("definition")), LabEvidence: text(form.Get("lab_evidence")), ConfirmedBy: text(form.Get("confirmed_by")), ConfirmedOn: dateOf(form, "confirmed_on")}
	// A twin is the identifier, or the address of its page.
	twin := strings.TrimSpace(form.Get("twin"))
	twin = twin[strings.LastIndexByte(twin, '/')+1:]
	if x, err := id.Parse(twin); err == nil {
		in.Twin = x
	} else if twin != "" {
		in.Twin = id.ID(twin) // the desk says that there is none
	}
	for _, k := range signal.Concerns {
		if a := form.Get("concern." + k); a != "" {
			if in.Concern == nil {
				in.Concern = map[string]signal.Answer{}
			}
			in.Concern[k] = signal.Answer(a)
		}
	}
	return in
}

func (v stepView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("signal.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if f.Error == "" { // a need that is not met comes under its own name
		f.Error = v.Errors.Of("signal." + name)
	}
	if hint := "signal.hint." + name; v.Has(hint) {
		f.Hint = v.T(hint)
	}
	return f
}

func (w words) answerOptions(chosen string) []parts.Option {
	if chosen == "" {
		chosen = string(signal.Unknown)
	}
	var out []parts.Option
	for _, a := range signal.Answers {
		out = append(out, parts.Option{Value: string(a), Text: w.T("signal.answer." + string(a)), Chosen: string(a) == chosen})
	}
	return out
}

func (w words) scaleOptions(key string, values []string, chosen string) []parts.Option {
	var out []parts.Option
	for _, x := range values {
		out = append(out, parts.Option{Value: x, Text: x + " · " + w.T("signal."+key+"."+strings.ToLower(x)), Chosen: x == chosen})
	}
	return out
}

// verifyView confirms a signal: what was found out, and which event it is.
type verifyView struct {
	stepView
	Action string
	Cancel string
	Events []parts.Option
	Grades []parts.Option
	Places []parts.Option
	MayNew bool
	Submit parts.Button
	// Figures are the numbers of the signal that may become the event's.
	Figures []figureChoice
}

// figureChoice asks whether a number of the signal is taken over, and as what.
type figureChoice struct {
	Name, Text string
	Options    []parts.Option
}

func (g *Pages) askVerify(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offered(r, "verify")
	if err != nil {
		return err
	}
	draft := g.desk.EventDraft(p.View)
	form := url.Values{"hazard": {p.Hazard}, "reliability": {p.Reliability}, "credibility": {p.Credibility}, "event": {""}, "name": {draft.Name}, "grade": {string(draft.Grade)},
		"event_place": draft.Places[:1], "confirmed_on": {r.Now.In(place.Zone(string(g.deps.Member))).Format("2006-01-02")}, "confirmed_on_precision": {string(health.Day)}, "version": {str(p.Version)},
		"figures_as_of": {p.Received.UTC().Format(momentForm)}, "figures_source": {g.words(r).figureSource(&p.View)}}
	if health.MayRecord(r.Actor) { // who can only add to an event chooses which numbers it lacks
		for _, n := range figuresOf(&p.View) {
			form.Set("figure."+n.name, "suspected")
		}
	}
	return g.showVerify(w, r, http.StatusOK, p, form, nil)
}

func (g *Pages) showVerify(w http.ResponseWriter, r *shell.Request, status int, p signal.Page, form url.Values, cause error) error {
	v := verifyView{stepView: stepView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause), Form: form, Verb: "verify"},
		Action: signalPath(p.ID) + "/verify", Cancel: signalPath(p.ID), MayNew: health.MayRecord(r.Actor)}
	rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Open: true, Limit: 100})
	if err != nil {
		return err
	}
	// Events of the same hazard come first: they are what it most likely is.
	slices.SortStableFunc(rows, func(a, b health.Row) int {
		return rankOf(b.Hazard == p.Hazard) - rankOf(a.Hazard == p.Hazard)
	})
	for _, e := range rows {
		v.Events = append(v.Events, parts.Option{Value: string(e.ID), Text: v.T("signal.verify.event", "name", e.Name, "owner", string(e.Owner)), Chosen: string(e.ID) == form.Get("event")})
	}
	for _, x := range health.Grades {
		v.Grades = append(v.Grades, parts.Option{Value: string(x), Text: parts.Grade(x).Word(v.Printer), Grade: parts.Grade(x), Chosen: string(x) == form.Get("grade")})
	}
	v.Places = v.eventPlaces(form.Get("event_place"))
	for _, n := range figuresOf(&p.View) {
		f := figureChoice{Name: "figure." + n.name, Text: v.T("indicator."+n.name) + ": " + v.count(n.count),
			Options: []parts.Option{{Text: v.T("signal.verify.figure.no")}}}
		for _, c := range health.Classes[:3] {
			f.Options = append(f.Options, parts.Option{Value: c, Text: v.T("class." + c), Chosen: form.Get(f.Name) == c})
		}
		v.Figures = append(v.Figures, f)
	}
	o, _ := find(p.Offers, "verify")
	v.Confirm.Title = v.T("signal.step.title", "verb", v.T("signal.verb.verify"), "title", p.Title)
	v.Submit = parts.Button{Text: v.T("signal.verb.verify"), Kind: parts.Primary, Unmet: v.unmet(o)}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.Marking)}, verifyPage(v))
}

func rankOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// eventPlaces are places of the own state, since an event is of its owner; the
// Secretariat's may be of any.
func (w words) eventPlaces(chosen string) []parts.Option {
	var out []parts.Option
	for _, o := range w.placeOptions(chosen) {
		if w.self == access.ASEC || place.Member(o.Value) == string(w.self) {
			o.Group = ""
			out = append(out, o)
		}
	}
	return out
}

func (g *Pages) verify(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offered(r, "verify")
	if err != nil {
		return err
	}
	form := r.PostForm
	in := signal.Confirmation{StepInput: stepInput(form)}
	if form.Get("event") != "" {
		in.Event = id.ID(form.Get("event"))
	} else {
		draft := g.desk.EventDraft(p.View)
		draft.Name, draft.Grade, draft.Places = text(form.Get("name")), health.Grade(form.Get("grade")), []string{form.Get("event_place")}
		if in.Hazard != "" && in.Hazard != draft.Hazard {
			draft.Hazard, draft.ICD10, draft.ICD11 = in.Hazard, "", ""
		}
		in.New = &draft
	}
	bad := g.words(r).figures(&in, &p.View, form)
	if bad != nil {
		return g.showVerify(w, r, http.StatusBadRequest, p, form, bad)
	}
	s, err := g.desk.Verify(r.Context(), r.Actor, p.ID, version(form.Get("version")), in)
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showVerify(w, r, http.StatusBadRequest, p, form, err)
	case fault.Is(err, fault.Conflict):
		return g.showVerify(w, r, http.StatusConflict, p, form, err)
	case err != nil:
		return err
	}
	r.Say(w, "signal.said.verify", nil)
	return r.Redirect(w, "/health/events/"+string(s.Event))
}

func (v verifyView) blankEvent() string {
	if v.MayNew {
		return v.T("signal.verify.make")
	}
	return v.T("signal.verify.choose")
}
