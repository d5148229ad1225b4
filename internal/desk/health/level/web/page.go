package web

import (
	"net/http"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/level"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// pageView is one decision: what is asked, by which rule, and every position.
type pageView struct {
	words
	P         level.Page
	V         *level.ProposalView
	Head      parts.PageHead
	Path      string
	Topic     string
	Notices   []parts.Notice
	Criteria  []string
	Asked     []parts.Definition
	Positions parts.Table
	Silent    []parts.Plate
	Outside   []level.Outside
	Moves     []parts.Button
	Mine      []mine
	Answer    *parts.Button
}

// mine is a position of this state with its buttons.
type mine struct {
	M       level.MyPosition
	State   string
	Stance  string
	Buttons []parts.Button
}

func (g *Pages) find(r *shell.Request) (level.Page, error) {
	pid, err := r.PathID("id")
	if err != nil {
		return level.Page{}, err
	}
	return g.desk.Page(r.Context(), r.Actor, pid)
}

func (g *Pages) page(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	v := pageView{words: g.words(r), P: p, V: &p.View, Path: r.URL.RequestURI(), Topic: "proposal:" + string(p.View.ID)}
	if v.Outside, err = g.desk.OutsideOf(r.Context(), r.Actor, p.View.Family); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: p.View.Title, Meta: pageMeta(v), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}},
		Crumbs: []parts.Link{{Text: v.T("level.list.title"), Href: base}, {Text: p.View.Title}}}
	v.notices()
	for _, c := range p.View.Criteria {
		v.Criteria = append(v.Criteria, v.T("level.criterion."+c))
	}
	v.asked()
	v.positions()
	v.moves()
	return r.Show(w, shell.Page{Title: p.View.Title, Topics: []string{v.Topic}, Marking: string(p.View.Marking)}, proposalPage(v))
}

func (v *pageView) notices() {
	add := func(g parts.Grade, title, text string) {
		v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: title, Text: text})
	}
	r := v.P.Result
	switch {
	case v.V.State == level.Withdrawn:
		add(parts.Warning, v.T("level.state.withdrawn"), v.V.Reason)
		return
	case v.V.State == level.Draft && v.V.Reason != "":
		add(parts.Watch, v.T("level.returned"), v.V.Reason)
		return
	case v.V.Released.IsZero():
		return
	}
	switch r.Outcome {
	case level.Consulting:
		add(parts.Information, v.T("level.outcome.consulting"), v.T("level.say.consulting", "left", v.Left(v.V.Closes, v.now), "time", v.Stamp(v.V.Closes)))
	case level.Awaiting:
		add(parts.Watch, v.T("level.outcome.awaiting"), v.T("level.say.awaiting", "n", r.Missing))
	case level.Unknowable:
		add(parts.Warning, v.T("level.outcome.unknowable"), v.T("level.say.unknowable", "version", v.V.RuleAt, "digest", v.V.RuleDigest))
	case level.Disputed:
		add(parts.Warning, v.T("level.outcome.disputed"), v.T("level.say.disputed", "n", len(r.Omitted)))
	case level.NotAdopted:
		add(parts.Information, v.T("level.outcome.not_adopted"), v.spread(r))
	case level.Adopted:
		switch {
		case v.P.Holds:
			add(parts.Good, v.T("level.say.holds", "level", v.level(v.V.Level)), v.T("level.say.until", "time", v.Stamp(v.V.Review), "left", v.Left(v.V.Review, v.now)))
		case v.V.Level > 0 && !v.now.Before(v.V.Review):
			add(parts.Watch, v.T("level.state.expired"), v.T("level.say.expired", "time", v.Stamp(v.V.Review)))
		default:
			add(parts.Information, v.T("level.outcome.adopted"), v.T("level.say.replaced"))
		}
	}
}

func (v *pageView) asked() {
	def := func(term, text string) { v.Asked = append(v.Asked, parts.Definition{Term: v.T(term), Text: text}) }
	x := v.V
	def("level.col.change", v.T("level.change."+x.Kind(), "from", v.level(x.From), "to", v.level(x.Level)))
	def("level.col.family", x.FamilyName)
	rule := v.T("level.rule." + x.Rule)
	if r, ok := level.RuleAt(x.Rule, x.RuleAt, x.RuleDigest); ok {
		rule += ": " + v.ruleText(r) + " " + v.T("level.rule.here", "n", r.Needed(len(x.Asked())), "of", len(x.Asked()))
	}
	def("level.col.rule", rule)
	def("level.field.concerned", v.names(x.Asked()))
	if x.Closes.IsZero() {
		def("level.field.window", v.T("level.hours", "n", x.Window))
	} else {
		def("level.col.closes", v.Stamp(x.Closes))
	}
	if x.Level > 0 {
		def("level.col.review", v.Stamp(x.Review))
	}
	if !x.Decided.IsZero() {
		def("level.col.decided", v.Stamp(x.Decided))
	}
	def("health.field.marking", string(x.Marking))
}

func stanceGrade(s string) parts.Grade {
	switch s {
	case level.Agree, level.Implied:
		return parts.Good
	case level.Reserve, level.Abstain:
		return parts.Watch
	case level.Disagree:
		return parts.Emergency
	}
	return parts.Ungraded
}

// positions are every state's, in the fixed order; who has not answered stands
// among them.
func (v *pageView) positions() {
	if v.V.Released.IsZero() {
		return
	}
	t := parts.Table{Caption: v.T("level.positions.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("level.col.member")}, {Text: v.T("level.col.stance")},
		{Text: v.T("level.col.reasons")}, {Text: v.T("level.col.at")}}}
	for _, s := range v.P.Result.Stands {
		row := []parts.Cell{{Text: v.name(s.Member)}, {Body: parts.Tag(stanceGrade(s.Stance), v.T("level.stance."+s.Stance))}, {Text: s.Reasons}, {Text: "–"}}
		if !s.At.IsZero() {
			row[3] = parts.Cell{Text: v.Stamp(s.At)}
		} else if s.Stance == level.Implied {
			row[3] = parts.Cell{Text: v.Stamp(v.V.Released)}
		}
		if s.Stance == level.NoAnswer {
			v.Silent = append(v.Silent, v.plate(s.Member, parts.Missing))
		}
		t.Rows = append(t.Rows, row)
	}
	v.Positions = t
}

// spare are the needs that the form of a step itself fulfils.
var spare = []string{"health.reason"}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !slices.Contains(spare, n) {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

func (v *pageView) moves() {
	for _, o := range v.P.Offers {
		verb := string(o.Verb)
		if verb == "recount" && v.P.Result.Outcome != level.Disputed {
			continue
		}
		b := parts.Button{Text: v.T("level.verb." + verb), Href: level.Path(v.V.ID) + "/step/" + verb, Unmet: v.unmet(o)}
		if verb == "edit" {
			b.Href = level.Path(v.V.ID) + "/edit"
		}
		if slices.Contains([]string{"submit", "propose", "close"}, verb) {
			b.Kind = parts.Primary
		}
		v.Moves = append(v.Moves, b)
	}
	for _, m := range v.P.Mine {
		x := mine{M: m, State: v.T("level.state." + string(m.State)), Stance: v.T("level.stance." + m.Stance)}
		for _, o := range m.Offers {
			if o.Verb == "edit" || o.Verb == "return" {
				continue // said on the form, with its words
			}
			x.Buttons = append(x.Buttons, parts.Button{Text: v.T("level.verb.position." + string(o.Verb)), Small: true, Kind: map[bool]parts.Kind{true: parts.Primary}[o.Verb != "discard"],
				Post: "/health/level-positions/" + string(m.ID) + "/" + string(o.Verb), Name: "version", Value: str(m.Version), Unmet: v.unmet(o)})
		}
		v.Mine = append(v.Mine, x)
	}
	if v.P.MayAnswer {
		v.Answer = &parts.Button{Text: v.T("level.answer"), Kind: parts.Primary, Icon: "pencil", Href: level.Path(v.V.ID) + "/position"}
		if len(v.P.Mine) > 0 {
			v.Answer.Text, v.Answer.Kind = v.T("level.answer.again"), ""
		}
	}
}

// stepPosition takes a step of this state's position from the page of the
// proposal.
func (g *Pages) stepPosition(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	p, err := g.desk.StepPosition(r.Context(), r.Actor, pid, version(r.PostForm.Get("version")), workflow.Verb(verb), text(r.PostForm.Get("reason")))
	if err != nil {
		return err
	}
	r.Say(w, "level.said.position."+verb, nil)
	return r.Redirect(w, level.Path(p.Proposal))
}

// stepView is the page that asks before a step is taken.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	Reason  string
	Ask     bool
	Inputs  []parts.Input  // more that the step takes
	Select  []parts.Select // "
}

func (v stepView) reason() parts.Field {
	f := parts.Field{Name: "reason", Label: v.T("health.field.reason"), Hint: v.T("health.hint.reason"), Error: v.Errors.Of("reason"), Required: true}
	if f.Error == "" {
		f.Error = v.Errors.Of("health.reason")
	}
	return f
}

var asks = map[string]bool{"return": true, "withdraw": true, "renew": true, "lift": true}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	i := slices.IndexFunc(p.Offers, func(o workflow.Offer) bool { return string(o.Verb) == verb })
	if i < 0 {
		if !p.Own {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.View.Owner))
		}
		if _, ok := level.Proposals.Find(p.View.State, workflow.Verb(verb)); ok {
			return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
		}
		if !known(verb) {
			return fault.New(fault.NotFound, "fault.web.no_page") // such a step is in no state
		}
		return fault.New(fault.Conflict, "fault.wrong_state").With("verb", verb).With("state", string(p.View.State))
	}
	ws, back := g.words(r), level.Path(p.View.ID)
	v := stepView{words: ws, Errors: parts.ErrorsOf(r.Printer, cause), Reason: r.PostFormValue("reason"), Ask: asks[verb]}
	v.Confirm = parts.Confirm{Title: ws.T("level.step.title", "verb", ws.T("level.verb."+verb), "title", p.View.Title), Text: ws.T("level.step." + verb), Action: back + "/step/" + verb,
		Hidden: [][2]string{{"version", str(p.View.Version)}}, Submit: parts.Button{Text: ws.T("level.verb." + verb), Kind: parts.Primary, Unmet: ws.unmet(p.Offers[i])},
		Cancel: parts.Link{Text: ws.T("health.form.cancel"), Href: back}}
	if verb == "propose" {
		v.Confirm.Points = []string{ws.T("level.point.all", "states", ws.names(p.View.Asked())), ws.T("level.point.window", "n", p.View.Window), ws.T("level.silence." + ruleOf(p.View.Rule).Silence)}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.View.Marking)}, stepPage(v))
}

// known reports whether the table of a proposal has the step at all.
func known(verb string) bool {
	return slices.ContainsFunc(level.Proposals.Steps, func(s workflow.Step[level.Proposal]) bool { return string(s.Verb) == verb && !s.Other })
}

func (w words) names(ms []access.Member) string {
	if len(ms) == len(access.States) {
		return w.T("level.states.all", "n", len(ms))
	}
	var out []string
	for _, m := range ms {
		out = append(out, w.name(m))
	}
	return strings.Join(out, ", ")
}

func ruleOf(key string) level.Rule {
	r, _ := level.RuleBy(key)
	return r
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	_, err = g.desk.Step(r.Context(), r.Actor, pid, version(r.PostForm.Get("version")), workflow.Verb(verb), text(r.PostForm.Get("reason")))
	if status := again(err); status != 0 {
		return g.showStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "level.said."+verb, nil)
	return r.Redirect(w, level.Path(pid))
}

// outsideText says what was determined outside, with its date.
func (v *pageView) outsideText(o level.Outside) string {
	return strings.TrimSpace(v.T("level.outside.line", "by", o.By, "on", o.On, "title", o.Title))
}
