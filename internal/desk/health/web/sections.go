package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

var completenesses = []string{string(health.Complete), string(health.Partial), string(health.NotKnown)}

// sectionView is one part of the structured content, or its absence.
type sectionView struct {
	Block health.Block
	Text  string
	State string
	Basis string
	Grade parts.Grade
}

// sections are all parts in order: those that were not sent and those that
// were not written are there too, and the two are never mixed up.
func (w words) sections(e health.EventView) []sectionView {
	withheld := map[health.Block]bool{}
	for _, b := range e.Withheld {
		withheld[b] = true
	}
	var out []sectionView
	for _, b := range health.SectionBlocks {
		s, ok := e.Section(b)
		v := sectionView{Block: b, State: w.T("health.section.none"), Grade: parts.Ungraded}
		switch {
		case withheld[b]:
			v.State, v.Grade = w.T("health.section.withheld"), parts.Watch
		case ok:
			v.Text, v.State = s.Text, w.T("complete."+string(s.Complete))
			v.Grade = map[health.Completeness]parts.Grade{health.Complete: parts.Good, health.Partial: parts.Watch, health.NotKnown: parts.Warning}[s.Complete]
			if !s.AsOf.IsZero() {
				v.Basis = w.T("health.section.basis", "asof", w.ShortStamp(s.AsOf), "source", dash(s.Source))
			}
		}
		out = append(out, v)
	}
	return out
}

// end says when the criteria for the end of the outbreak hold.
func (w words) end(e health.EventView) []parts.Definition {
	end, ok := health.ExpectedEnd(e.Hazard, e.End, e.AllFacts())
	def := func(key, text string) parts.Definition {
		return parts.Definition{Term: w.T("health.end." + key), Text: text}
	}
	if end.Incubation == 0 {
		return []parts.Definition{def("expected", w.T("health.end.no_incubation"))}
	}
	rule := w.T("health.end.rule", "n", end.Multiple, "days", end.Incubation, "source", end.Source)
	if end.Source == "" {
		rule = w.T("health.end.rule.entered", "n", end.Multiple, "days", end.Incubation)
	}
	out := []parts.Definition{def("criteria", rule)}
	if !ok {
		return append(out, def("expected", w.T("health.end.no_case")))
	}
	from := "health.end.from_facts"
	if end.Entered {
		from = "health.end.from_entry"
	}
	out = append(out, def("last", w.T(from, "day", w.Day(end.Last))))
	if end.On.After(w.now) {
		out = append(out, def("expected", w.T("health.end.on", "day", w.Day(end.On), "left", w.Duration(end.On.Sub(w.now)))))
	} else {
		out = append(out, def("expected", w.T("health.end.passed", "day", w.Day(end.On))))
	}
	if e.End.Note != "" {
		out = append(out, def("note", e.End.Note))
	}
	return append(out, def("decision", w.T("health.end.decision.text")))
}

// describeForm is the form of the structured content and the end criteria.
type describeForm struct {
	words
	E       health.EventView
	Form    url.Values
	Errors  parts.Errors
	Default string
}

func sectionName(b health.Block, field string) string { return string(b) + "." + field }

func (v describeForm) field(b health.Block, field string) parts.Field {
	name := sectionName(b, field)
	return parts.Field{Name: name, Label: v.T("health.section." + field), Error: v.Errors.Of(name), Optional: true}
}

func (v describeForm) value(b health.Block, field string) string {
	return v.Form.Get(sectionName(b, field))
}

func (g *Pages) editSections(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offeredEvent(r, "describe")
	if err != nil {
		return err
	}
	return g.showDescribe(w, r, http.StatusOK, p.View, sectionValues(p.View), nil)
}

func (g *Pages) showDescribe(w http.ResponseWriter, r *shell.Request, status int, e health.EventView, form url.Values, err error) error {
	v := describeForm{words: g.words(r), E: e, Form: form, Errors: parts.ErrorsOf(r.Printer, err)}
	v.Default = v.T("health.end.no_default")
	if i, ok := health.Incubations[e.Hazard]; ok {
		v.Default = v.T("health.end.default", "hazard", v.hazard(e.Hazard), "min", i.Min, "max", i.Max, "source", i.Source)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("health.describe.title"), Marking: string(e.Marking)}, describePage(v))
}

func sectionValues(e health.EventView) url.Values {
	f := url.Values{"version": {str(e.Version)}, "end_note": {e.End.Note}, "last_case": {e.End.LastCase.On}, "last_case_precision": {string(health.Day)}}
	if p := e.End.LastCase.Precision; p != "" {
		f.Set("last_case_precision", string(p))
	}
	if e.End.Incubation > 0 {
		f.Set("end_incubation", str(e.End.Incubation))
	}
	if e.End.Multiple > 0 {
		f.Set("end_multiple", str(e.End.Multiple))
	}
	for _, s := range e.Sections {
		f.Set(sectionName(s.Block, "text"), s.Text)
		f.Set(sectionName(s.Block, "source"), s.Source)
		f.Set(sectionName(s.Block, "complete"), string(s.Complete))
		if !s.AsOf.IsZero() {
			f.Set(sectionName(s.Block, "as_of"), s.AsOf.UTC().Format("2006-01-02T15:04"))
		}
	}
	return f
}

// sectionInput reads the parts that hold something; a number that cannot be
// read becomes one that the desk refuses.
func sectionInput(f url.Values) ([]health.Section, health.EndRule) {
	var out []health.Section
	for _, b := range health.SectionBlocks {
		get := func(field string) string { return strings.TrimSpace(f.Get(sectionName(b, field))) }
		s := health.Section{Block: b, Text: text(get("text")), Source: get("source"), Complete: health.Completeness(get("complete")), AsOf: moment(get("as_of"))}
		if s.Text == "" && s.Complete == "" {
			continue
		}
		out = append(out, s)
	}
	count := func(name string) int {
		if f.Get(name) == "" {
			return 0
		}
		n, err := strconv.Atoi(strings.TrimSpace(f.Get(name)))
		if err != nil {
			return -1
		}
		return n
	}
	end := health.EndRule{Incubation: count("end_incubation"), Multiple: count("end_multiple"), Note: text(f.Get("end_note"))}
	if on := strings.TrimSpace(f.Get("last_case")); on != "" {
		end.LastCase = health.Date{On: on, Precision: health.Precision(f.Get("last_case_precision"))}
	}
	return out, end
}

func (g *Pages) saveSections(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	sections, end := sectionInput(r.PostForm)
	_, err = g.desk.DescribeEvent(r.Context(), r.Actor, eid, version(r.PostForm), sections, end)
	switch {
	case fault.Is(err, fault.Invalid):
		p, err2 := g.desk.EventPage(r.Context(), r.Actor, eid)
		if err2 != nil {
			return err2
		}
		return g.showDescribe(w, r, http.StatusBadRequest, p.View, r.PostForm, err)
	case fault.Is(err, fault.Conflict):
		return g.sectionConflict(w, r, eid, err)
	case err != nil:
		return err
	}
	r.Say(w, "health.said.saved", nil)
	return r.Redirect(w, eventPath(eid)+"#sections")
}

// sectionConflict shows both versions of every part.
func (g *Pages) sectionConflict(w http.ResponseWriter, r *shell.Request, eid id.ID, cause error) error {
	p, err := g.desk.EventPage(r.Context(), r.Actor, eid)
	if err != nil {
		return err
	}
	if p.Offered("describe") != nil {
		return cause
	}
	v, form, theirs := g.words(r), r.PostForm, sectionValues(p.View)
	form.Del("do")
	c := shell.Conflict{Title: p.View.Name, Action: eventPath(eid) + "/describe", Record: eventPath(eid), Version: theirs.Get("version"), Form: form, By: lastBy(p)}
	add := func(name, label string, long bool, options []parts.Option) {
		c.Fields = append(c.Fields, shell.ConflictField{Name: name, Label: label, Long: long, Options: options, Mine: form.Get(name), Theirs: theirs.Get(name)})
	}
	for _, b := range health.SectionBlocks {
		block := v.T("block." + string(b))
		for _, field := range []string{"text", "as_of", "source"} {
			add(sectionName(b, field), v.T("health.section.of", "block", block, "field", v.T("health.section."+field)), field == "text", nil)
		}
		add(sectionName(b, "complete"), v.T("health.section.of", "block", block, "field", v.T("health.section.complete")), false,
			v.keyed("complete", completenesses, form.Get(sectionName(b, "complete"))))
	}
	for _, name := range []string{"end_incubation", "end_multiple", "end_note", "last_case"} {
		add(name, v.T("health.field."+name), name == "end_note", nil)
	}
	return r.Conflict(w, c)
}

// mergeForm asks which event this one belongs to.
type mergeForm struct {
	words
	E       health.EventView
	Version string
	Into    parts.Field
	Reason  parts.Field
	Text    string
	Targets []parts.Option
	Errors  parts.Errors
}

func (g *Pages) askMerge(w http.ResponseWriter, r *shell.Request) error {
	return g.showMerge(w, r, http.StatusOK, nil)
}

func (g *Pages) showMerge(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.offeredEvent(r, "merge")
	if err != nil {
		return err
	}
	targets, err := g.desk.MergeTargets(r.Context(), r.Actor, p.View.ID)
	if err != nil {
		return err
	}
	v := mergeForm{words: g.words(r), E: p.View, Version: str(p.View.Version), Text: r.PostFormValue("reason"), Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Into = parts.Field{Name: "into", Label: v.T("health.merge.into"), Required: true,
		Error: joined(" ", v.Errors.Of("health.merge_target"), v.Errors.Of("health.merge_marking"))}
	v.Reason = reasonField(stepView{words: v.words, Need: true, Errors: v.Errors})
	for _, t := range targets {
		v.Targets = append(v.Targets, parts.Option{Value: string(t.ID), Text: t.Name, Grade: parts.Grade(t.Grade), Chosen: string(t.ID) == r.PostFormValue("into"),
			Hint: joined(" · ", v.hazard(t.Hazard), v.state(t.State), v.places(t.Places, 3), string(t.Marking))})
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("health.verb.merge"), Marking: string(p.View.Marking)}, mergePage(v))
}

func (g *Pages) merge(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	into, err := id.Parse(r.PostFormValue("into"))
	if err != nil {
		return g.showMerge(w, r, http.StatusBadRequest, &fault.Error{Kind: fault.Invalid, Key: "fault.needs", Fields: []fault.Field{{Name: "health.merge_target", Key: "need.health.merge_target"}}})
	}
	_, err = g.desk.MergeEvent(r.Context(), r.Actor, eid, version(r.PostForm), into, text(strings.TrimSpace(r.PostFormValue("reason"))))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showMerge(w, r, http.StatusBadRequest, err)
	case fault.Is(err, fault.Conflict):
		return g.showMerge(w, r, http.StatusConflict, err)
	case err != nil:
		return err
	}
	r.Say(w, "health.said.merged", nil)
	return r.Redirect(w, eventPath(eid))
}

// mergedView is an event that was merged into the one on the page.
type mergedView struct {
	Name, Href string
	Facts      parts.Table
}

func (w words) merged(e health.EventView, own bool) []mergedView {
	var out []mergedView
	for _, a := range e.Absorbed {
		m := mergedView{Name: a.Name}
		if own {
			m.Href = eventPath(a.ID)
		}
		m.Facts, _ = w.factTables(append(append([]health.FactView(nil), a.Facts...), a.More...))
		out = append(out, m)
	}
	return out
}
