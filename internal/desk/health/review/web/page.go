package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/review"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// pageView is a review on its page.
type pageView struct {
	words
	P       *review.Page
	Head    parts.PageHead
	Path    string
	Topics  string
	Notices []parts.Notice
	Facts   []parts.Definition
	Seal    []parts.Definition
	Line    *line
	Clocks  []clockPart
	Factors []factorRow
	Sides   []side
	Halves  parts.Table
	Table   parts.Table // of findings
	Actions parts.Table
	Moves   []parts.Button
	Adds    []parts.Button // beside the findings
	Report  string
}

// clockPart is the clocks of one event.
type clockPart struct {
	Name  string
	Chart templ.Component
}

// factorRow is a bottleneck or an enabler to begin a finding from.
type factorRow struct {
	Text, Note string
	Enabler    bool
	Href       string
}

func (g *Pages) page(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	v := pageView{words: g.words(r), P: &p, Path: r.URL.RequestURI(), Topics: "review:" + string(p.ID) + ",trail:" + string(p.Source())}
	v.Head = parts.PageHead{Title: p.Title, Meta: pageMeta(v.words, &p.View), Lede: v.about(&p.View), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}},
		Crumbs: []parts.Link{{Text: v.T("review.list.title"), Href: base}, {Text: p.Title}}}
	if p.Lock != nil {
		v.Report = review.Path(p.ID) + "/report"
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("review.report.open"), Icon: "file-text", Href: v.Report})
	}
	v.notices()
	v.Facts = v.facts(&p.View)
	v.Seal = v.seal(p.Lock)
	if len(p.Timeline) > 0 {
		v.Line = &line{words: v.words, ID: "line", Moments: p.Timeline, Silences: review.Silences(p.Timeline, review.Quiet)}
	}
	if err := g.timeliness(r, &v); err != nil {
		return err
	}
	v.Table = v.findings(p.Chain.Findings)
	v.Sides = v.sides(&p)
	v.Halves = v.halves(&p)
	v.Actions = v.ActionTable(p.Chain.Actions, v.T("trail.actions.title"))
	v.moves(r)
	return r.Show(w, shell.Page{Title: p.Title, Topics: strings.Split(v.Topics, ","), Marking: string(p.Marking)}, reviewPage(v))
}

// notices say what the next thing is.
func (v *pageView) notices() {
	p := v.P
	g := stateGrade(p.State)
	if g == parts.Ungraded {
		g = parts.Information
	}
	n := parts.Notice{Grade: g, Title: v.T("review.state." + string(p.State)), Text: v.T("review.next." + string(p.State))}
	if !p.Own {
		n.Text = v.T("review.next.received", "member", v.Name(p.Owner))
	}
	if p.Own && !p.Due.IsZero() {
		n.Text += " " + v.T("review.until", "time", v.Stamp(p.Due), "left", v.Left(p.Due, v.Now))
		if p.Due.Before(v.Now) {
			n.Grade = parts.Warning
		}
	}
	v.Notices = append(v.Notices, n)
	if p.Reason != "" {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Watch, Title: v.T("review.reason"), Text: p.Reason})
	}
	if p.MayJoin {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Warning, Title: v.T("review.invited.title", "member", v.Name(p.Owner)), Text: v.T("review.invited.text"),
			Actions: []parts.Button{{Text: v.T("review.join"), Kind: parts.Primary, Post: review.Path(p.ID) + "/join"}}})
	}
	if p.Mine != nil && !p.Own {
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Information, Title: v.T("review.joined.title"), Text: p.Mine.Title,
			Actions: []parts.Button{{Text: v.T("review.joined.open"), Href: review.Path(p.Mine.ID)}}})
	}
	if p.Of != "" {
		title := v.T("review.half.title", "member", v.Name(p.Lead))
		n := parts.Notice{Grade: parts.Information, Title: title, Text: v.T("review.half.text")}
		if p.Leading != nil {
			n.Actions = []parts.Button{{Text: v.T("review.half.open"), Href: review.Path(p.Of)}}
		}
		v.Notices = append(v.Notices, n)
	}
}

func (w words) facts(p *review.View) []parts.Definition {
	var out []parts.Definition
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T(key), Text: text})
		}
	}
	add("review.col.sort", w.T("review.sort."+p.Sort))
	add("review.field.format", w.T("review.format."+p.Format))
	add("review.col.period", w.DayOf(p.From)+" – "+w.DayOf(p.Until)+" (UTC)")
	if p.Held != "" {
		add("review.field.held", w.DayOf(p.Held))
	}
	add("review.turnout", w.turnout(p.Turnout))
	add("review.field.agencies", p.Turnout.Agencies)
	add("review.field.objectives", p.Objectives)
	if p.Joint {
		add("review.field.members", w.Names(p.Members))
	}
	if p.Validated != nil {
		add("review.validated", p.Validated.Words+" ("+p.Validated.As+", "+w.Stamp(p.Validated.At)+")")
	}
	add("trail.cleared", p.ClearedAs)
	if !p.Released.IsZero() {
		add("review.released", w.Stamp(p.Released)+", "+w.Names(p.To))
	}
	return out
}

// turnout says who took part; a number that nobody counted is not there.
func (w words) turnout(t review.Turnout) string {
	var out []string
	for _, x := range []struct {
		key string
		n   *int
	}{{"review.women", t.Women}, {"review.men", t.Men}, {"review.unsaid", t.Unsaid}} {
		if x.n != nil {
			out = append(out, w.T(x.key, "n", *x.n))
		}
	}
	if len(out) == 0 {
		return w.T("review.turnout.none")
	}
	return strings.Join(out, ", ")
}

func (w words) seal(s *review.Seal) []parts.Definition {
	if s == nil {
		return nil
	}
	return []parts.Definition{{Term: w.T("review.seal.at"), Text: w.Stamp(s.At) + " (" + s.As + ")"}, {Term: w.T("review.seal.entries"), Text: w.Number(int64(s.Entries))},
		{Term: w.T("review.seal.figures"), Text: w.Number(int64(s.Figures))}, {Term: w.T("review.seal.size"), Text: w.Number(s.Size)},
		{Term: w.T("review.seal.digest"), Body: mono(s.Digest)}, {Term: w.T("review.seal.root"), Body: mono(s.Root)}}
}

// timeliness puts in the clocks as they were locked, or as they stand, and what
// a finding can begin from.
func (g *Pages) timeliness(r *shell.Request, v *pageView) error {
	p := v.P
	clocks := p.Clocks
	if p.Own && p.State != review.Closed && p.State != review.Cancelled {
		now, factors, err := g.desk.Suggested(r.Context(), r.Actor, p.ID)
		if err != nil {
			return err
		}
		if p.Lock == nil {
			clocks = now
		}
		for i, f := range factors {
			row := factorRow{Text: f.Text, Enabler: f.Enabler, Note: v.T("timeliness.clock." + f.Clock)}
			if f.Category != "" {
				row.Note += " · " + v.category(f.Category)
			}
			if p.MayFind(r.Actor) {
				row.Href = review.Path(p.ID) + "/findings/new?factor=" + str(i)
			}
			v.Factors = append(v.Factors, row)
		}
	}
	v.Clocks = v.clockParts(clocks)
	return nil
}

// category is the capacity that a bottleneck lies in, as timeliness codes it.
func (w words) category(code string) string {
	if k := "timeliness.jee." + strings.ToLower(code); w.Has(k) {
		return w.T(k)
	}
	return code
}

// clockParts draws the clocks, event by event.
func (w words) clockParts(list []review.Clock) []clockPart {
	var out []clockPart
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].Event == list[i].Event {
			j++
		}
		out = append(out, clockPart{Name: list[i].Name, Chart: w.bars("clocks"+str(len(out)), list[i:j])})
		i = j
	}
	return out
}

func (w words) findings(list []trail.FindingView) parts.Table {
	t := parts.Table{Caption: w.T("trail.findings.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("trail.col.finding")}, {Text: w.T("trail.col.sort")}, {Text: w.T("trail.col.by")},
		{Text: w.T("trail.field.cause")}, {Text: w.T("trail.col.theme")}, {Text: w.T("trail.col.affected")}, {Text: w.T("trail.col.state")}}}
	for i := range list {
		f := &list[i]
		title, sort := f.Title, "–"
		if f.State == trail.Withdrawn {
			title = w.T("trail.withdrawn")
		}
		if f.Sort != "" {
			sort = w.T("trail.sort." + f.Sort)
		}
		row := []parts.Cell{{Text: title, Href: trail.Path(trail.KindFinding, f.ID), Note: f.Happened}, {Text: sort}, {Body: parts.PlateMark(w.Plate(f.Owner))}, {Text: f.Cause},
			{Text: w.Theme(f.FindingText.Theme)}, {Text: w.Affected(f.Affected)}, {Text: w.T("trail.state." + string(f.State))}}
		if f.Clock != "" {
			row[1].Note = w.T("timeliness.clock." + f.Clock)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// halves are the members of a joint review and what each has brought; silence
// is said as silence.
func (w words) halves(p *review.Page) parts.Table {
	t := parts.Table{Caption: w.T("review.halves.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("review.col.owner")}, {Text: w.T("review.col.state")}, {Text: w.T("trail.findings.title"), Number: true}}}
	if !p.Joint {
		return t
	}
	n := func(m access.Member) string {
		c := 0
		for i := range p.Chain.Findings {
			if p.Chain.Findings[i].Owner == m {
				c++
			}
		}
		return str(c)
	}
	t.Rows = append(t.Rows, []parts.Cell{{Text: w.Name(p.Owner), Note: w.T("review.leads")}, {Body: w.state(p.State)}, {Text: n(p.Owner)}})
	for _, h := range p.Halves {
		row := []parts.Cell{{Text: w.Name(h.Member)}, {Text: w.T("review.halves.none")}, {Text: n(h.Member)}}
		switch {
		case p.Invited.IsZero():
			row[1].Text = w.T("review.halves.uninvited")
		case h.View != nil:
			row[0].Href, row[1] = review.Path(h.View.ID), parts.Cell{Body: w.state(h.View.State)}
		default:
			row[2].Text = "–"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// given are the needs that the form of a step itself fulfils.
var given = map[workflow.Verb][]string{"return": {"review.reason"}, "mend": {"review.reason"}, "cancel": {"review.reason"}, "validate": {"review.agreed"}, "release": {"review.recipients"}}

// apart are the steps that have a place of their own on the page.
var apart = []workflow.Verb{"edit", "describe", "note", "arrange"}

var forward = []workflow.Verb{"lock", "draft", "validate", "clear", "release", "follow", "close"}

func (v *pageView) moves(r *shell.Request) {
	p := v.P
	path := review.Path(p.ID)
	for _, o := range p.Offers {
		switch o.Verb {
		case "edit", "describe":
			v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("review.edit"), Icon: "pencil", Href: path + "/edit"})
		case "arrange":
			if len(p.Chain.Findings) > 1 {
				v.Adds = append(v.Adds, parts.Button{Text: v.T("review.arrange"), Icon: "layers", Small: true, Href: path + "/groups"})
			}
		}
		if slices.Contains(apart, o.Verb) {
			continue
		}
		b := parts.Button{Text: v.T("review.verb." + string(o.Verb)), Href: path + "/step/" + string(o.Verb)}
		if slices.Contains(forward, o.Verb) {
			b.Kind = parts.Primary
		}
		for _, n := range o.Unmet {
			if !slices.Contains(given[o.Verb], n) {
				b.Unmet = append(b.Unmet, v.T("need."+n))
			}
		}
		v.Moves = append(v.Moves, b)
	}
	if p.MayFind(r.Actor) {
		v.Adds = append([]parts.Button{{Text: v.T("review.find"), Icon: "plus", Small: true, Kind: parts.Primary, Href: path + "/findings/new"}}, v.Adds...)
	}
}

// side is one group of findings of several members beside one another.
type side struct {
	Title    string
	Findings []opined
}

// opined is a finding with what members hold of it.
type opined struct {
	F        trail.FindingView
	Plate    parts.Plate
	Opinions []parts.Definition
}

// sides are the groups that the composer made, then what stands in none.
func (w words) sides(p *review.Page) []side {
	if !p.Joint && len(p.Groups) == 0 {
		return nil
	}
	seen := map[string]bool{}
	var out []side
	take := func(title string, in func(f *trail.FindingView) bool) {
		s := side{Title: title}
		for i := range p.Chain.Findings {
			f := &p.Chain.Findings[i]
			if f.State == trail.Withdrawn || !in(f) {
				continue
			}
			seen[string(f.ID)] = true
			s.Findings = append(s.Findings, opined{F: *f, Plate: w.Plate(f.Owner), Opinions: w.opinions(p, f)})
		}
		if len(s.Findings) > 0 {
			out = append(out, s)
		}
	}
	for _, group := range p.Groups {
		take(group.Title, func(f *trail.FindingView) bool { return slices.Contains(group.Findings, f.ID) })
	}
	rest := w.T("review.groups.rest")
	if len(p.Groups) == 0 {
		rest = w.T("trail.findings.title")
	}
	take(rest, func(f *trail.FindingView) bool { return !seen[string(f.ID)] })
	return out
}

// opinions are those of the lead and of every half that came, agreement and
// dissent alike.
func (w words) opinions(p *review.Page, f *trail.FindingView) []parts.Definition {
	var out []parts.Definition
	say := func(m access.Member, list []review.Opinion) {
		for _, o := range list {
			if o.Finding != f.ID {
				continue
			}
			text := w.T("review.stance." + o.Stance)
			if o.Words != "" {
				text += ": " + o.Words
			}
			out = append(out, parts.Definition{Term: w.Name(m), Text: text})
		}
	}
	say(p.Owner, p.Opinions)
	for _, h := range p.Halves {
		if h.View != nil {
			say(h.Member, h.View.Opinions)
		}
	}
	return out
}

func timelineLink(v pageView) parts.Link {
	if !v.P.Own {
		return parts.Link{}
	}
	return parts.Link{Text: v.T("review.timeline.open"), Href: review.Path(v.P.ID) + "/timeline"}
}

func paragraphsOf(s string) []string { return trailweb.Paragraphs(s) }
