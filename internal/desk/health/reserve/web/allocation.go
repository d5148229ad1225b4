package web

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// The page of a division: what was proposed, how every number came about, who
// said what, and what is sent because of it.

// barsOf is a chart with its heading.
type barsOf struct {
	Title string
	Bars  chart.Bars
}

func (g *Pages) readAllocation(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Allocation(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	c := &p.C
	outcome := ""
	if p.State == reserve.Voted || p.State == reserve.Decided {
		outcome = v.T("reserve.outcome." + p.Verdict.Outcome)
	}
	v.Main = append(v.Main, section{Panel: parts.Panel{ID: "shares", Title: v.T("reserve.shares.title"), Aside: outcome}, Tables: []parts.Table{v.shares(&c.Input, &c.Result, nil)}, Body: v.bars("shares-bars", &c.Result).Figure(v.Printer),
		Note: v.T("reserve.shares.note")})
	v.recomputed(&p)
	if p.State != reserve.Draft {
		v.Main = append(v.Main, v.votes(r, &p))
	}
	v.Main = append(v.Main, v.lines(r, g, &p), v.sums(&p))
	v.Side = append(v.Side, v.terms2(c))
	x := shown{Envelope: p.Envelope, Title: c.Title, Offers: p.Offers}
	x.More = v.voteButtons(&p)
	return x, nil
}

// recomputed says loudly that the numbers of a division do not follow from its
// rule and its inputs.
func (v *pageView) recomputed(p *reserve.Division) {
	switch {
	case p.Fault != nil:
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Emergency, Title: v.T("reserve.broken.title"), Text: v.T("reserve.broken.text", "owner", v.name(p.Owner), "why", v.why(p.Fault))})
	case !p.Same:
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Emergency, Title: v.T("reserve.differs"), Text: v.T("reserve.differs.text", "owner", v.name(p.Owner))})
	}
}

// why says a refusal of the formula, input by input.
func (v words) why(err error) string {
	var out []string
	e := parts.ErrorsOf(v.Printer, err)
	for _, i := range e.Items {
		out = append(out, v.T("reserve.broken.why", "field", v.label(i.Name), "text", i.Text))
	}
	if len(out) == 0 {
		return e.Title
	}
	return strings.Join(out, " ")
}

// label is what a field of the formula is called.
func (v words) label(name string) string {
	for _, key := range []string{"reserve.claim." + name, "reserve.field." + name} {
		if v.Has(key) {
			return v.T(key)
		}
	}
	return name
}

// sums is the arithmetic, worked out here from the stored rule and inputs; what
// the proposer stored beside them is compared, never trusted.
func (v *pageView) sums(p *reserve.Division) section {
	s := section{Panel: parts.Panel{ID: "sums", Title: v.T("reserve.sums.title")}}
	if p.Fault != nil {
		s.Body, s.Lines = boxed(parts.Tag(parts.Emergency, v.T("reserve.broken.title"))), []string{v.T("reserve.sums.none")}
		return s
	}
	s.Body, s.Lines, s.Steps = sameMark(v.words, p.Same), []string{v.T("reserve.sums.text")}, v.arithmetic(&p.C.Rule, &p.C.Input, &p.Again)
	s.Buttons = []parts.Button{{Text: v.T("reserve.recompute"), Icon: "refresh-cw", Href: base + "/simulate?of=" + string(p.ID)}}
	return s
}

// terms2 are the conditions of a division.
func (v *pageView) terms2(c *reserve.AllocationContent) section {
	rule := v.T("reserve.rule."+c.Rule.Key) + " " + v.T("reserve.rule.version", "version", c.Rule.Version, "digest", dash(c.RuleDigest))
	return section{Panel: parts.Panel{ID: "terms", Title: v.T("reserve.terms.title")}, Lines: []string{v.ruleText(c.Rule)}, Defs: v.defs("item", c.Name, "unit", c.Unit, "stock", v.qty(c.Input.Stock, c.Unit), "rule", rule,
		"rationale", c.Rationale, "replace", v.T("reserve.days", "n", c.Replace), "adopt", v.T("level.rule."+c.Adopt)+" "+v.T("reserve.rule.version", "version", c.AdoptAt, "digest", c.AdoptSum), "closes", v.stamp(c.Closes), "decided", v.stamp(c.Decided))}
}

// votes are what every state said of a division.
func (v *pageView) votes(r *shell.Request, p *reserve.Division) section {
	s := section{Panel: live(r.URL.RequestURI(), parts.Panel{ID: "votes", Title: v.T("reserve.votes.title"), Aside: v.T("reserve.outcome." + p.Verdict.Outcome)}), Note: v.T("reserve.votes.note")}
	t := parts.Table{Caption: v.T("reserve.votes.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.member")}, {Text: v.T("reserve.col.vote")}, {Text: v.T("reserve.field.reasons")}, {Text: v.T("reserve.col.at")}}}
	for _, x := range p.Verdict.Stands {
		row := []parts.Cell{{Text: v.name(x.Member)}, {Text: v.T("reserve.stance." + x.Stance)}, {Text: dash(x.Reasons)}, {Text: v.stamp(x.At)}}
		if x.Member == p.Owner && x.Release == "" {
			row[1].Note = v.T("reserve.votes.proposer")
		}
		if slices.Contains(p.Verdict.Omitted, x.Release) && x.Release != "" {
			row[1].Note = v.T("reserve.votes.omitted")
		}
		t.Rows = append(t.Rows, row)
	}
	s.Tables = []parts.Table{t}
	return s
}

// voteButtons are what this state can do about its own vote.
func (v *pageView) voteButtons(p *reserve.Division) []parts.Button {
	var out []parts.Button
	path := base + "/allocations/" + string(p.ID)
	if p.MayVote {
		out = append(out, parts.Button{Text: v.T("reserve.vote"), Kind: parts.Primary, Href: path + "/vote"})
	}
	for i := range p.Mine {
		for _, o := range p.Mine[i].Offers {
			switch o.Verb {
			case "give":
				out = append(out, parts.Button{Text: v.T("reserve.vote.give", "stance", v.T("reserve.stance."+p.Mine[i].C.Stance)), Kind: parts.Primary, Href: base + "/votes/" + string(p.Mine[i].ID) + "/step/give", Unmet: v.unmet(o)})
			case "discard":
				out = append(out, parts.Button{Text: v.T("reserve.vote.discard"), Href: base + "/votes/" + string(p.Mine[i].ID) + "/step/discard", Unmet: v.unmet(o)})
			}
		}
	}
	return out
}

// lines say who sends what to whom, and what is on the way already.
func (v *pageView) lines(r *shell.Request, g *Pages, p *reserve.Division) section {
	c := &p.C
	s := section{Panel: live(r.URL.RequestURI(), parts.Panel{ID: "lines", Title: v.T("reserve.lines.title")}), Note: v.T("reserve.lines.note")}
	t := parts.Table{Caption: v.T("reserve.lines.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.from")}, {Text: v.T("reserve.col.pool")}, {Text: v.T("reserve.col.to")}, {Text: v.T("reserve.col.qty"), Number: true}, {Text: v.T("reserve.col.step")}}}
	due, err := g.desk.DueLines(r.Context(), r.Actor)
	if err != nil {
		due = nil // the table then offers nothing to press
	}
	moves, _, err := g.desk.Movements(r.Context(), r.Actor, reserve.Filter{Parent: p.ID, Limit: 200})
	if err != nil {
		moves = nil
	}
	for _, l := range c.Lines {
		row := []parts.Cell{{Text: v.name(access.Member(l.From))}, {Text: v.T("reserve.pool." + l.Pool)}, {Text: v.name(access.Member(l.To))}, {Text: v.Number(l.Qty), Note: c.Unit}, {}}
		var body []templ.Component
		for i := range moves {
			if m := &moves[i]; m.C.Line == l.N && string(m.Owner) == l.From && m.State != reserve.Cancelled {
				body = append(body, parts.ButtonMark(v.Printer, parts.Button{Text: v.T("reserve.lines.move", "n", v.Number(m.C.Sent()), "state", v.state(m.State)), Small: true, Href: reserve.Path(m.Kind, m.ID)}))
			}
		}
		for _, d := range due {
			if d.Allocation == p.ID && d.Line.N == l.N && keeper(r.Actor) {
				body = append(body, parts.ButtonMark(v.Printer, parts.Button{Text: v.T("reserve.lines.prepare", "n", v.Number(d.Left)), Kind: parts.Primary, Small: true, Href: base + "/movements/new?allocation=" + string(p.ID) + "&line=" + str(l.N)}))
			}
		}
		if len(body) == 0 {
			row[4].Text = v.T("reserve.lines.nothing")
		} else {
			row[4].Body = bodies(body)
		}
		t.Rows = append(t.Rows, row)
	}
	s.Tables = []parts.Table{t}
	if c.Unmet > 0 {
		s.Lines = []string{v.T("reserve.lines.unmet", "n", v.qty(c.Unmet, c.Unit))}
	}
	if len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.lines.none"), Text: v.T("reserve.lines.none.text")}
	}
	return s
}

// readVote is the page that asks before the vote of this state is given.
func (g *Pages) readVote(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Vote(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	v.Main = append(v.Main, section{Panel: parts.Panel{ID: "vote", Title: v.T("reserve.vote.ours")}, Defs: v.defs("stance", v.T("reserve.stance."+p.C.Stance), "reasons", dash(p.C.Reasons))})
	return shown{Envelope: p.Envelope, Title: p.C.Title, Offers: p.Offers}, nil
}
