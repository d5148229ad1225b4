package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// pageView is the page of one signal.
type pageView struct {
	words
	S        signal.View
	Path     string
	Topic    string
	Head     parts.PageHead
	Grade    parts.Grade
	Notices  []parts.Notice
	Figures  []parts.Figure
	Details  []parts.Definition
	Judged   []parts.Definition
	State    []parts.Definition
	Moves    []parts.Button
	Twins    []twinView
	MayMerge bool
	Joined   []rowView
	Alarms   []parts.Definition
	Timeline []parts.Moment
	Asked    templ.Component // questions to other states; nil: none
}

// twinView is one proposal with the parts of its score.
type twinView struct {
	rowView
	Score string
	Parts []parts.Definition
}

func (g *Pages) signal(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Page(r.Context(), r.Actor, sid)
	if err != nil {
		return err
	}
	v := g.words(r).page(&p)
	v.Path = r.URL.RequestURI()
	if g.deps.Asked != nil {
		if v.Asked, err = g.deps.Asked(r, &p.View); err != nil {
			return err
		}
	}
	return r.Show(w, shell.Page{Title: p.Title, Topics: []string{v.Topic, "desk"}, Marking: string(p.Marking)}, signalPage(v))
}

func (w words) page(p *signal.Page) pageView {
	s := p.View
	v := pageView{words: w, S: s, Topic: "signal:" + string(s.ID), Grade: grade(&s)}
	v.Head = parts.PageHead{Title: s.Title, Crumbs: []parts.Link{{Text: w.T("signal.list.title"), Href: inbox}, {Text: s.Title}}, Actions: w.claimButtons(p), Meta: pageMeta(v)}
	v.notices(p)
	v.Figures = []parts.Figure{{Label: w.T("signal.field.cases"), Value: w.count(s.Cases)}, {Label: w.T("signal.field.deaths"), Value: w.count(s.Deaths)},
		{Label: w.T("signal.field.first_seen"), Value: orDash(w.date(s.FirstSeen))}}
	v.Details, v.Judged, v.State = w.details(&s), w.judged(&s), w.stateOf(p)
	v.Moves = w.moves(p)
	_, v.MayMerge = find(p.Offers, "merge")
	for i := range p.Twins {
		v.Twins = append(v.Twins, w.twin(&p.Twins[i]))
	}
	for i := range p.Joined {
		v.Joined = append(v.Joined, w.row(&p.Joined[i]))
	}
	for _, a := range slices.Backward(s.Alarms) {
		v.Alarms = append(v.Alarms, parts.Definition{Term: w.Stamp(a.At), Text: a.Text, Body: alarmRef(w, string(a.Ref))})
	}
	v.Timeline = w.timeline(p)
	return v
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func find(offers []workflow.Offer, verb workflow.Verb) (workflow.Offer, bool) {
	i := slices.IndexFunc(offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		return workflow.Offer{}, false
	}
	return offers[i], true
}

func (v *pageView) notices(p *signal.Page) {
	w, s := v.words, p.View
	if s.ClaimedBy != "" && !s.Mine {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Information, Title: w.T("signal.claim.by", "post", s.ClaimedBy),
			Text: w.T("signal.claim.by.text", "time", w.Left(s.ClaimEnds, w.now))})
	}
	if s.Late && (s.State == signal.Triaged || s.State == signal.UnderVerification) {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Warning, Title: w.T("signal.escalated"), Text: w.T("signal.escalated.text", "time", w.Left(s.Due, w.now))})
	}
	if p.Into != nil {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Information, Title: w.T("signal.joined.into"), Text: p.Into.Title,
			Actions: []parts.Button{{Text: w.T("signal.open"), Small: true, Href: signalPath(p.Into.ID)}}})
	}
	if p.Event != nil {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Good, Title: w.T("signal.event.of"), Text: p.Event.Name,
			Actions: []parts.Button{{Text: w.T("signal.event.open"), Small: true, Href: "/health/events/" + string(p.Event.ID)}}})
	}
}

// claimButtons are the verbs of the claim, at the top of the page.
func (w words) claimButtons(p *signal.Page) []parts.Button {
	var out []parts.Button
	for _, verb := range []workflow.Verb{"claim", "release", "take_over"} {
		o, ok := find(p.Offers, verb)
		if !ok || len(w.unmet(o)) > 0 {
			continue
		}
		b := parts.Button{Text: w.T("signal.verb." + string(verb)), Post: signalPath(p.ID) + "/step/" + string(verb), Name: "version", Value: str(p.Version)}
		if verb == "take_over" {
			b.Href, b.Post = b.Post, ""
		}
		out = append(out, b)
	}
	return out
}

// asking are the steps in the order of the page; each asks on a page of its
// own before it is taken.
var asking = []workflow.Verb{"triage", "begin", "verify", "monitor", "keep", "discard", "merge", "split", "reopen", "note", "edit"}

func (w words) moves(p *signal.Page) []parts.Button {
	var out []parts.Button
	for _, verb := range asking {
		o, ok := find(p.Offers, verb)
		if !ok {
			continue
		}
		b := parts.Button{Text: w.T("signal.verb." + string(verb)), Href: signalPath(p.ID) + "/step/" + string(verb), Unmet: w.unmet(o)}
		switch verb {
		case "verify", "edit":
			b.Href = signalPath(p.ID) + "/" + string(verb)
		}
		if len(out) == 0 {
			b.Kind = parts.Primary
		}
		out = append(out, b)
	}
	return out
}

func (w words) details(s *signal.View) []parts.Definition {
	var out []parts.Definition
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T("signal.field." + key), Text: text})
		}
	}
	add("hazard", strings.TrimSuffix(w.hazard(s.Hazard)+" · "+s.Agent, " · "))
	add("icd11", s.ICD11)
	add("icd10", s.ICD10)
	add("place", w.place(s.Place))
	add("locality", s.Locality)
	add("first_seen", w.date(s.FirstSeen))
	add("population", s.Population)
	add("source", strings.TrimSuffix(w.source(s.Source)+" · "+s.SourceName, " · "))
	add("ref", s.Ref)
	if s.Link != "" {
		out = append(out, parts.Definition{Term: w.T("signal.field.link"), Body: outside(s.Link)})
	}
	if s.From != "" {
		out = append(out, parts.Definition{Term: w.T("signal.field.from"), Body: parts.PlateMark(w.plate(s.From))})
	}
	for _, m := range signal.Milestones {
		if d, ok := s.Known[m]; ok {
			out = append(out, parts.Definition{Term: w.T("signal.milestone." + m), Text: w.date(d)})
		}
	}
	if s.Import != "" {
		out = append(out, parts.Definition{Term: w.T("signal.field.import"), Body: importLink(w, s)})
	}
	add("lang", s.Lang)
	add("marking", string(s.Marking))
	return out
}

// judged is what was found out about the signal: the six marks, the admiralty
// scale, who confirmed.
func (w words) judged(s *signal.View) []parts.Definition {
	var out []parts.Definition
	for _, k := range signal.Concerns {
		a := s.Concern[k]
		if a == "" {
			a = signal.Unknown
		}
		out = append(out, parts.Definition{Term: w.T("signal.concern." + k), Text: w.T("signal.answer." + string(a))})
	}
	scale := func(key, value string) {
		text := w.T("signal.notyet")
		if value != "" {
			text = value + " · " + w.T("signal."+key+"."+strings.ToLower(value))
		}
		out = append(out, parts.Definition{Term: w.T("signal.field." + key), Text: text})
	}
	scale("reliability", s.Reliability)
	scale("credibility", s.Credibility)
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T("signal.field." + key), Text: text})
		}
	}
	if s.Definition != "" {
		add("definition", w.T("signal.answer."+string(s.Definition)))
	}
	add("lab_evidence", s.LabEvidence)
	add("confirmed_by", s.ConfirmedBy)
	add("confirmed_on", w.date(s.ConfirmedOn))
	return out
}

func (w words) stateOf(p *signal.Page) []parts.Definition {
	out := []parts.Definition{{Term: w.T("signal.field.state"), Body: parts.Tag(grade(&p.View), w.state(p.State))}}
	if !p.Due.IsZero() {
		out = append(out, parts.Definition{Term: w.T("clock." + p.Clock), Text: w.T("signal.due", "left", w.Left(p.Due, w.now), "at", w.Stamp(p.Due))})
	}
	out = append(out, parts.Definition{Term: w.T("signal.field.received"), Text: w.T("signal.received", "at", w.Stamp(p.Received), "post", p.By)})
	switch {
	case p.Mine:
		out = append(out, parts.Definition{Term: w.T("signal.field.claim"), Text: w.T("signal.claim.mine", "time", w.Left(p.ClaimEnds, w.now))})
	case p.ClaimedBy != "":
		out = append(out, parts.Definition{Term: w.T("signal.field.claim"), Text: p.ClaimedBy})
	default:
		out = append(out, parts.Definition{Term: w.T("signal.field.claim"), Text: w.T("signal.claim.nobody")})
	}
	if p.Reason != "" {
		out = append(out, parts.Definition{Term: w.T("signal.field.reason"), Text: p.Reason})
	}
	return out
}

func (w words) twin(p *signal.Proposal) twinView {
	l := p.Like
	part := func(key string, share float64) parts.Definition {
		text := w.Percent(share, 0)
		if share < 0 {
			text = w.T("signal.twin.languages")
		}
		return parts.Definition{Term: w.T("signal.twin." + key), Text: text}
	}
	t := twinView{rowView: w.row(&p.View), Score: w.Percent(l.Score, 0),
		Parts: []parts.Definition{part("text", l.Text), part("place", l.Place), part("hazard", l.Hazard), part("time", l.Time)}}
	if l.Ref {
		t.Parts = append(t.Parts, parts.Definition{Term: w.T("signal.field.ref"), Text: w.T("signal.twin.same")})
	}
	return t
}

// decisions and alarms are how the entries of the history are drawn; all
// others are reports.
var (
	decisions = []string{"triage", "begin", "verify", "monitor", "keep", "discard", "merge", "split", "reopen"}
	alarming  = []string{"escalate", "grow", "raise"}
)

// timeline is the history of the signal, the newest first; one that came with
// an import begins with that.
func (w words) timeline(p *signal.Page) []parts.Moment {
	var out []parts.Moment
	for _, e := range slices.Backward(p.Timeline) {
		out = append(out, w.moment(e, p))
	}
	if p.Import != "" {
		out = append(out, parts.Moment{At: p.Received, Kind: parts.Report, Title: w.T("signal.timeline.import", "row", p.Row), Text: w.T("signal.timeline.by", "post", p.By), Href: importPath(p.Import)})
	}
	return out
}

func (w words) moment(e history.Entry, p *signal.Page) parts.Moment {
	verb := e.Action[strings.LastIndexByte(e.Action, '.')+1:]
	m := parts.Moment{At: e.At, Kind: parts.Report, Title: w.T("action." + e.Action), Text: w.T("signal.timeline.by", "post", e.Actor)}
	switch {
	case slices.Contains(decisions, verb):
		m.Kind = parts.Decision
	case slices.Contains(alarming, verb):
		m.Kind = parts.Alarm
	}
	if e.Actor == "node" {
		m.Text = w.T("signal.timeline.node")
	}
	var d struct {
		Reason string   `json:"reason"`
		Fields []string `json:"fields"`
		Twin   id.ID    `json:"twin"`
		Event  id.ID    `json:"event"`
	}
	if len(e.Detail) > 0 && json.Unmarshal(e.Detail, &d) == nil {
		var names []string
		for _, f := range d.Fields {
			names = append(names, w.T("signal.field."+f))
		}
		if len(names) > 0 {
			m.Text = w.T("signal.timeline.fields", "fields", strings.Join(names, ", ")) + " · " + m.Text
		}
		if d.Reason != "" {
			m.Text = d.Reason + " · " + m.Text
		}
		if d.Twin != "" {
			m.Href = signalPath(d.Twin)
		}
		if d.Event != "" {
			m.Href = "/health/events/" + string(d.Event)
		}
	}
	if e.Index < p.Sealed.Size {
		m.Signed = w.T("signal.timeline.signed", "entry", e.Index+1)
	}
	return m
}

// apart says that two signals are not the same.
func (g *Pages) apart(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	other, err := id.Parse(r.PostFormValue("other"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if _, err := g.desk.KeepApart(r.Context(), r.Actor, sid, 0, other); err != nil {
		return err
	}
	r.Say(w, "signal.said.apart", nil)
	return r.Redirect(w, signalPath(sid))
}

// EventPanel is what the page of an event shows of the signals behind it; nil
// where there are none.
func (g *Pages) EventPanel(r *shell.Request, e health.EventView) (templ.Component, error) {
	found, err := g.desk.OfEvent(r.Context(), r.Actor, e.ID)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	w := g.words(r)
	var rows []rowView
	for i := range found {
		rows = append(rows, w.row(&found[i]))
	}
	return signalLines(w, rows), nil
}
