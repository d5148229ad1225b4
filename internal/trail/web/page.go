package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/trail"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// section is a headed text in the language of its record.
type section struct {
	Title string
	Text  []string
	List  []string // numbered
}

// recordView is a page of the trail: what a record says, where it comes from
// and what followed.
type recordView struct {
	Words
	Head    parts.PageHead
	Path    string
	Topic   string
	Lang    string
	Notices []parts.Notice
	Text    []section
	Facts   []parts.Definition
	Back    []lead // towards where it comes from
	Forward []lead // towards what came of it
	Actions parts.Table
	Moves   []parts.Button
	Halves  []half
	NoMoves string
}

// lead is one link of the trail.
type lead struct {
	Kind, Text, Href, Note string
	Tag                    templ.Component
}

// half is one side of an action.
type half struct {
	ID, Title string
	Plate     parts.Plate
	Facts     []parts.Definition
	Moves     []parts.Button
	Lines     []parts.Definition
}

func (v *recordView) back(s *trail.Shown, href string) {
	if s.Source.Title != "" {
		v.Back = append(v.Back, lead{Kind: v.T("trail.link.source"), Text: s.Source.Title, Href: href, Note: v.Name(s.Source.Owner)})
	}
}

func (v *recordView) fact(term, text string) {
	if text != "" {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T(term), Text: text})
	}
}

func (v *recordView) say(term, text string) {
	if text != "" {
		v.Text = append(v.Text, section{Title: v.T(term), Text: Paragraphs(text)})
	}
}

func (w Words) meta(s *trail.Shown, state templ.Component) templ.Component {
	return recordMeta(w, s, state)
}

// moves are the buttons of a record; steps that only need what their form asks
// for are not held back by it.
func (w Words) moves(offers []workflow.Offer, path string) []parts.Button {
	var out []parts.Button
	for _, o := range offers {
		verb := string(o.Verb)
		b := parts.Button{Text: w.T("trail.verb." + verb), Href: path + "/step/" + verb}
		if verb == "edit" {
			b.Href = strings.Replace(path, "/trail/proposals/", actionsPath+"/", 1) + "/edit"
		}
		for _, n := range o.Unmet {
			if !slices.Contains(given[o.Verb], n) {
				b.Unmet = append(b.Unmet, w.T("need."+n))
			}
		}
		if slices.Contains(forward, o.Verb) {
			b.Kind = parts.Primary
		}
		out = append(out, b)
	}
	return out
}

// forward are the steps that lead on.
var forward = []workflow.Verb{"settle", "release", "propose", "verify", "accept", "start", "finish", "report"}

func (g *Pages) finding(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f, err := g.desk.Finding(r.Context(), r.Actor, rid)
	if err != nil {
		return err
	}
	v := recordView{Words: g.words(r), Path: r.URL.RequestURI(), Topic: "trail:" + string(rid), Lang: f.Lang}
	v.head(&f.Shown, findingsPath, "findings")
	v.FindingText(&f.FindingView)
	v.back(&f.Shown, f.From)
	for i := range f.Recommendations {
		v.forward(&f.Recommendations[i])
	}
	v.Actions = v.ActionTable(f.Pairs, v.T("trail.actions.title"))
	v.Moves = v.moves(f.Offers, trail.Path(trail.KindFinding, rid))
	if trail.MayWrite(r.Actor) && f.State != trail.Withdrawn && f.State != trail.Draft {
		v.Moves = append(v.Moves, parts.Button{Text: v.T("trail.recommend"), Icon: "plus", Href: recommendationsPath + "/new?finding=" + string(rid)},
			parts.Button{Text: v.T("trail.propose"), Icon: "plus", Href: actionsPath + "/new?finding=" + string(rid)})
	}
	return v.show(w, r, &f.Shown)
}

func (v *recordView) head(s *trail.Shown, list, kind string) {
	title := s.Title
	if title == "" {
		title = v.T("trail.withdrawn")
	}
	v.Head = parts.PageHead{Title: title, Meta: v.meta(s, v.state(s.State)), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}},
		Crumbs: []parts.Link{{Text: v.T("trail." + kind + ".title"), Href: list}, {Text: title}}}
	if s.Reason != "" {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Watch, Title: v.T("trail.state." + string(s.State)), Text: s.Reason})
	}
}

func (v *recordView) show(w http.ResponseWriter, r *shell.Request, s *trail.Shown) error {
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(s.Marking)}, recordPage(*v))
}

// FindingText says what a finding holds.
func (v *recordView) FindingText(f *trail.FindingView) {
	v.say("trail.field.planned", f.Planned)
	v.say("trail.field.happened", f.Happened)
	v.say("trail.field.well", f.Well)
	v.say("trail.field.badly", f.Badly)
	if len(f.Whys) > 0 {
		v.Text = append(v.Text, section{Title: v.T("trail.method.whys"), List: f.Whys})
	}
	if len(f.Factors) > 0 {
		v.Text = append(v.Text, section{Title: v.T("trail.method.factors"), Text: []string{v.Many("trail.factor.", f.Factors)}})
	}
	v.say("trail.field.cause", f.Cause)
	v.say("trail.field.evidence", f.Evidence)
	v.say("trail.field.no_action", f.NoAction)
	v.fact("trail.col.sort", v.sort(f.Sort))
	v.fact("trail.col.theme", v.Theme(f.FindingText.Theme))
	if f.Clock != "" {
		v.fact("trail.field.clock", v.T("timeliness.clock."+f.Clock))
	}
	v.fact("trail.col.affected", v.Affected(f.FindingText.Affected))
	v.fact("trail.field.affected_how", f.AffectedHow)
	if len(f.Entries) > 0 {
		v.fact("trail.field.entries", v.T("trail.entries", "n", len(f.Entries)))
	}
}

func (v *recordView) forward(x *trail.RecommendationView) {
	v.Forward = append(v.Forward, lead{Kind: v.T("trail.link.recommendation"), Text: x.Title, Href: trail.Path(trail.KindRecommendation, x.ID), Note: v.Name(x.Owner), Tag: v.state(x.State)})
}

func (v *recordView) findings(list []trail.FindingView) {
	for i := range list {
		x := &list[i]
		title := x.Title
		if title == "" {
			title = v.T("trail.withdrawn")
		}
		v.Back = append(v.Back, lead{Kind: v.T("trail.link.finding"), Text: title, Href: trail.Path(trail.KindFinding, x.ID), Note: v.Name(x.Owner), Tag: v.state(x.State)})
	}
}

func (g *Pages) recommendation(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	x, err := g.desk.Recommendation(r.Context(), r.Actor, rid)
	if err != nil {
		return err
	}
	v := recordView{Words: g.words(r), Path: r.URL.RequestURI(), Topic: "trail:" + string(rid), Lang: x.Lang}
	v.head(&x.Shown, recommendationsPath, "recommendations")
	v.say("trail.field.text", x.Text)
	v.fact("trail.col.for", v.Names(x.For))
	if x.Way != "" {
		v.fact("trail.field.way", v.T("trail.way."+x.Way))
		v.fact("trail.col.priority", v.T("trail.priority."+x.Priority))
	}
	v.fact("trail.col.theme", v.Theme(x.RecommendationText.Theme))
	v.fact("trail.col.affected", v.Affected(x.Affected))
	if len(x.Awaited) > 0 {
		since := x.Released
		if since.IsZero() {
			since = x.Changed
		}
		v.fact("trail.col.awaited", v.T("trail.awaited", "members", v.Names(x.Awaited), "time", v.Day(since)))
	}
	v.back(&x.Shown, x.From)
	v.findings(x.Findings)
	v.Actions = v.ActionTable(x.Pairs, v.T("trail.actions.title"))
	v.Moves = v.moves(x.Offers, trail.Path(trail.KindRecommendation, rid))
	if trail.MayWrite(r.Actor) && x.State != trail.Withdrawn && x.State != trail.Draft {
		v.Moves = append(v.Moves, parts.Button{Text: v.T("trail.propose"), Icon: "plus", Href: actionsPath + "/new?recommendation=" + string(rid)})
	}
	return v.show(w, r, &x.Shown)
}

func (g *Pages) action(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	x, err := g.desk.Action(r.Context(), r.Actor, rid)
	if err != nil {
		return err
	}
	p := &x.Proposal
	v := recordView{Words: g.words(r), Path: r.URL.RequestURI(), Topic: "trail:" + string(p.ID), Lang: p.Lang}
	v.head(&p.Shown, actionsPath, "actions")
	v.Notices = nil
	v.Head.Meta = v.meta(&p.Shown, v.Stage(&x.Pair))
	v.actionNotices(&x)
	t := x.Terms()
	v.say("trail.field.deliverable", t.Deliverable)
	v.say("trail.field.measure", p.Measure)
	v.fact("trail.col.owner", v.Name(p.For))
	v.fact("trail.col.due", v.DayOf(t.By))
	v.fact("trail.col.theme", v.Theme(p.Theme))
	v.fact("trail.col.affected", v.Affected(p.Affected))
	v.fact("trail.field.inform", v.Names(p.Inform))
	v.back(&p.Shown, x.From)
	v.findings(x.Findings)
	if x.Recommendation != nil {
		v.Back = append(v.Back, lead{Kind: v.T("trail.link.recommendation"), Text: x.Recommendation.Title, Href: trail.Path(trail.KindRecommendation, x.Recommendation.ID),
			Note: v.Name(x.Recommendation.Owner), Tag: v.state(x.Recommendation.State)})
	}
	v.Halves = []half{v.asked(&x), v.answered(&x)}
	v.NoMoves = v.T("trail.moves.none")
	return v.show(w, r, &p.Shown)
}

// actionNotices say what the next thing is, and for whom.
func (v *recordView) actionNotices(x *trail.PairPage) {
	p := &x.Proposal
	g := stageGrade(x.Stage, x.Late)
	if g == parts.Ungraded {
		g = parts.Information
	}
	reason := p.Reason
	if x.Action != nil && x.Action.Reason != "" {
		reason = x.Action.Reason
	}
	v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: v.T("trail.state." + string(x.Stage)), Text: strings.TrimSpace(v.T("trail.next."+string(x.Stage), "owner", v.Name(p.For),
		"proposer", v.Name(p.Owner)) + " " + reason)})
	if x.Late {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Warning, Title: v.T("trail.late"), Text: v.T("trail.late.since", "time", v.Stamp(x.Due))})
	}
}

// asked is the half of the proposer.
func (v *recordView) asked(x *trail.PairPage) half {
	p := &x.Proposal
	h := half{ID: "asked", Title: v.T("trail.half.proposal", "member", v.Name(p.Owner)), Plate: v.Plate(p.Owner), Moves: v.moves(x.ProposalOffers, "/trail/proposals/"+string(p.ID))}
	def := func(term, text string) {
		if text != "" {
			h.Facts = append(h.Facts, parts.Definition{Term: v.T(term), Text: text})
		}
	}
	def("trail.field.deliverable", p.Deliverable)
	def("trail.col.due", v.DayOf(p.By))
	def("trail.cleared", p.ClearedAs)
	if p.Round > 1 {
		def("trail.round", str(p.Round))
	}
	for _, d := range p.Verdicts {
		key := "trail.verdict.no"
		if d.Shown {
			key = "trail.verdict.yes"
		}
		h.Lines = append(h.Lines, parts.Definition{Term: v.Stamp(d.At), Text: v.T(key) + " " + d.Words + " (" + d.As + ")"})
	}
	return h
}

// answered is the half of the state that was asked.
func (v *recordView) answered(x *trail.PairPage) half {
	h := half{ID: "answered", Title: v.T("trail.half.action", "member", v.Name(x.Proposal.For)), Plate: v.Plate(x.Proposal.For)}
	a := x.Action
	if a == nil {
		h.Plate.State = parts.Missing
		h.Facts = []parts.Definition{{Term: v.T("trail.col.state"), Text: v.T("trail.answer.none")}}
		return h
	}
	h.Moves = v.moves(x.ActionOffers, "/trail/actions/"+string(a.ID))
	def := func(term, text string) {
		if text != "" {
			h.Facts = append(h.Facts, parts.Definition{Term: v.T(term), Text: text})
		}
	}
	def("trail.col.state", v.T("trail.state."+string(a.State)))
	def("trail.field.post", a.Post)
	if c := a.Counter; c != nil {
		def("trail.counter", c.Deliverable)
		def("trail.counter.due", v.DayOf(c.By))
	}
	def("trail.field.evidence", a.Evidence)
	def("trail.cleared", a.ClearedAs)
	for _, n := range a.Notes {
		text := n.Words + " (" + n.As + ")"
		if !n.Shared {
			text += " · " + v.T("trail.unshared")
		}
		h.Lines = append(h.Lines, parts.Definition{Term: v.Stamp(n.At), Text: text})
	}
	return h
}

func (w Words) others(all []access.Member, except access.Member) []access.Member {
	return slices.DeleteFunc(slices.Clone(all), func(m access.Member) bool { return m == except })
}
