package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

// pageView is one family.
type pageView struct {
	words
	P        family.Page
	Head     parts.PageHead
	Path     string
	Topic    string
	Notices  []parts.Notice
	Table    parts.Table
	Map      templ.Component
	Curves   templ.Component
	Acks     parts.Table
	State    []parts.Definition
	Answers  []answerLine
	Previews []parts.Definition
	Drops    []family.EntryView
	Bring    string
}

// answerLine is what this member says of one of its events.
type answerLine struct {
	A       family.AnswerView
	State   string
	Grade   parts.Grade
	Buttons []parts.Button
}

func (g *Pages) find(r *shell.Request) (family.Page, error) {
	fid, err := r.PathID("id")
	if err != nil {
		return family.Page{}, err
	}
	return g.desk.Page(r.Context(), r.Actor, fid)
}

func (g *Pages) page(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	v := pageView{words: g.words(r), P: p, Path: r.URL.RequestURI(), Topic: "family:" + string(p.ID)}
	v.Head = parts.PageHead{Title: p.Name, Lede: p.Text, Note: v.T("family.owner", "owner", v.name(string(p.Owner)), "hazard", v.T("hazard."+p.Hazard)),
		Actions: v.actions(), Crumbs: []parts.Link{{Text: v.T("family.list.title"), Href: base}, {Text: p.Name}}}
	v.notices()
	v.Table, v.Acks = v.table(), v.acks(g.member)
	v.Map, v.Curves = v.where(), v.curves()
	v.state()
	if p.MayBring {
		v.Bring = path(p.ID) + "/events"
	}
	topics := []string{v.Topic}
	for _, e := range p.Entries[:min(len(p.Entries), 20)] {
		topics = append(topics, "event:"+string(e.Event))
	}
	return r.Show(w, shell.Page{Title: p.Name, Topics: topics, Marking: string(p.Marking)}, familyPage(v))
}

func (v *pageView) actions() []parts.Button {
	out := []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}
	inline := []string{"family.reason", "family.recipients", "family.target"} // they come with the press
	for _, o := range v.P.Offers {
		if o.Verb == "drop" {
			continue
		}
		b := parts.Button{Text: v.T("family.verb." + string(o.Verb)), Href: path(v.P.ID) + "/step/" + string(o.Verb)}
		switch o.Verb {
		case "edit":
			b.Href, b.Icon = path(v.P.ID)+"/edit", "pencil"
		case "add":
			b.Href, b.Icon = path(v.P.ID)+"/events", "plus"
		case "share":
			b.Kind, b.Icon = parts.Primary, "send"
		}
		for _, n := range o.Unmet {
			if !slices.Contains(inline, n) {
				b.Unmet = append(b.Unmet, v.T("need."+n))
			}
		}
		out = append(out, b)
	}
	return out
}

func (v *pageView) notices() {
	p := v.P
	add := func(g parts.Grade, title, text string) {
		v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: title, Text: text})
	}
	switch {
	case p.Withdrawn:
		add(parts.Warning, v.T("family.withdrawn", "owner", v.name(string(p.Owner))), p.Reason)
	case p.State == family.Merged:
		add(parts.Information, v.T("family.merged", "into", p.Into), p.Reason)
	case p.State == family.Closed:
		add(parts.Information, v.T("family.closed"), p.Reason)
	case !p.Mine:
		add(parts.Information, v.T("family.foreign", "owner", v.name(string(p.Owner))), v.T("family.foreign.text", "time", p.Issued))
	case p.Stale:
		add(parts.Watch, v.T("family.stale"), v.T("family.stale.text"))
	}
}

func standingGrade(s family.Standing) parts.Grade {
	switch s {
	case family.Own, family.Joined:
		return parts.Good
	case family.Declined:
		return parts.Warning
	}
	return parts.Watch
}

// figure is the newest total of an event, of the first class that has one.
func figure(e *health.EventView, indicator string) (health.Figure, string, bool) {
	if e == nil {
		return health.Figure{}, "", false
	}
	for _, class := range health.Classes {
		if f, ok := health.Latest(e.AllFacts(), indicator, class); ok {
			return f, class, true
		}
	}
	return health.Figure{}, "", false
}

func (v *pageView) cell(e *health.EventView, indicator string) parts.Cell {
	f, class, ok := figure(e, indicator)
	if !ok {
		return parts.Cell{Text: v.T("health.fact.none")}
	}
	c := parts.Cell{Text: v.Number(f.Value)}
	if class != "" {
		c.Note = v.T("class." + class)
	}
	return c
}

// table sets the events of all members side by side; a member without an event
// in the family, or whose event was not released to this node, is silent.
func (v *pageView) table() parts.Table {
	t := parts.Table{Caption: v.T("family.side"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("family.member")}, {Text: v.T("family.event")}, {Text: v.T("family.standing")},
		{Text: v.T("indicator.cases"), Number: true}, {Text: v.T("indicator.deaths"), Number: true}, {Text: v.T("family.asof")}, {Text: v.T("family.source")}, {Text: v.T("family.release")}}}
	for _, m := range access.All() {
		any := false
		for _, x := range v.P.Events {
			if x.Owner == m {
				any = true
				t.Rows = append(t.Rows, v.line(x))
			}
		}
		if none := v.T("health.fact.none"); !any && m != access.ASEC {
			t.Rows = append(t.Rows, []parts.Cell{{Text: v.name(string(m))}, {Text: v.T("family.no_event")}, {}, {Text: none}, {Text: none}, {}, {}, {}})
		}
	}
	return t
}

func (v *pageView) line(x family.EntryView) []parts.Cell {
	event := parts.Cell{Text: x.Name}
	standing := parts.Cell{Body: parts.Tag(standingGrade(x.Standing), v.T("family.standing."+string(x.Standing))), Note: x.Words}
	if x.Event == nil {
		if event.Text == "" {
			event.Text = v.T("family.unseen")
		}
		none := v.T("health.fact.none")
		return []parts.Cell{{Text: v.name(string(x.Owner))}, event, standing, {Text: none}, {Text: none}, {Text: "–"}, {Text: "–"}, {Text: v.T("family.unreleased")}}
	}
	event.Href, event.Note = "/health/events/"+string(x.Event.ID), v.T("health.state."+string(x.Event.State))
	asof, source := "–", "–"
	if f, _, ok := figure(x.Event, "cases"); ok {
		asof = v.ShortStamp(f.AsOf)
		if source = f.Source; source == "" {
			source = v.T("family.sum", "n", f.Places)
		}
	}
	released := v.T("family.release.line", "n", x.Event.Version, "time", v.ShortStamp(x.Event.Changed))
	return []parts.Cell{{Text: v.name(string(x.Owner))}, event, standing, v.cell(x.Event, "cases"), v.cell(x.Event, "deaths"), {Text: asof}, {Text: source}, {Text: released}}
}

// where shades each state by the newest cases of its events; a state of the
// family that is silent is hatched.
func (v *pageView) where() templ.Component {
	m := mapview.Map{ID: "family-map", Title: v.T("family.where"), Desc: v.T("family.where.desc"), Value: v.T("indicator.cases"), Note: v.T("family.where.note")}
	sum, silent := map[access.Member]int64{}, map[access.Member]bool{}
	var most int64
	for _, x := range v.P.Events {
		if f, _, ok := figure(x.Event, "cases"); ok {
			sum[x.Owner] = max(sum[x.Owner], f.Value)
			most = max(most, f.Value)
		} else if _, has := sum[x.Owner]; !has {
			silent[x.Owner] = true
		}
	}
	for _, s := range access.States {
		if _, ok := place.Lookup(string(s)); !ok {
			continue
		}
		if n, ok := sum[s]; ok {
			f := float64(most)
			m.Areas = append(m.Areas, mapview.Area{Code: string(s), Class: mapview.Ramp(float64(n), [4]float64{f * .2, f * .4, f * .6, f * .8}), Value: v.Number(n)})
		} else if silent[s] {
			m.Areas = append(m.Areas, mapview.Area{Code: string(s), Class: mapview.NoReport, Value: v.T("health.fact.none")})
		}
	}
	if len(m.Areas) == 0 {
		return nil
	}
	if len(sum) > 1 {
		m.Low, m.High = v.T("health.where.low"), v.Number(most)
	}
	return m.Figure(v.Printer)
}

// curveDays is how far back the small curves go.
const curveDays = 28

// curves are new cases by day of report, one cell for each event.
func (v *pageView) curves() templ.Component {
	g := chart.Grid{Title: v.T("family.curves"), Member: v.T("family.member"), Latest: v.T("indicator.cases")}
	for _, x := range v.P.Events {
		m := chart.Multiple{Plate: parts.Plate{Code: string(x.Owner), Title: strings.TrimSpace(v.name(string(x.Owner)) + ", " + x.Name)}, NoData: v.T("health.fact.none")}
		if f, _, ok := figure(x.Event, "cases"); ok {
			m.Value = v.Number(f.Value)
			if line := health.Spark(x.Event.AllFacts(), v.now, curveDays); line != nil {
				m.NoData = ""
				for _, n := range line {
					m.Line = append(m.Line, float64(n))
				}
			}
		}
		g.Cells = append(g.Cells, m)
	}
	if len(g.Cells) == 0 {
		return nil
	}
	g.Total, g.Note = v.T("family.nototal"), v.T("family.nototal.text", "days", curveDays)
	return g.Figure(v.Printer)
}

// acks is who has acknowledged the newest notification of each event. This
// node knows it of its own events only.
func (v *pageView) acks(self access.Member) parts.Table {
	t := parts.Table{Caption: v.T("family.acks"), RowHead: true, Tiles: true, Columns: []parts.Column{{Text: v.T("family.event")}}}
	for _, m := range access.States {
		t.Columns = append(t.Columns, parts.Column{Text: string(m)})
	}
	for _, x := range v.P.Events {
		if x.Owner != self {
			continue
		}
		row := []parts.Cell{{Text: x.Name, Href: "/health/events/" + string(x.Entry.Event)}}
		for _, m := range access.States {
			i := slices.IndexFunc(x.Acks, func(a health.AckCell) bool { return a.Member == m })
			switch {
			case m == self:
				row = append(row, parts.Cell{Text: "–"})
			case i < 0:
				row = append(row, parts.Cell{Text: v.T("ack.notasked")})
			default:
				row = append(row, parts.Cell{Text: v.T("ack." + ackWord(x.Acks[i].Stage)), Note: v.ShortStamp(x.Acks[i].At)})
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func ackWord(s exchange.Stage) string {
	switch s {
	case exchange.Acknowledged:
		return "acted"
	case exchange.Question:
		return "asked"
	case exchange.Refused:
		return "refused"
	case exchange.Opened:
		return "read"
	}
	return "waiting"
}

func (v *pageView) state() {
	p := v.P
	def := func(term, text string) { v.State = append(v.State, parts.Definition{Term: term, Text: text}) }
	def(v.T("family.state"), v.T("family.state."+string(p.State)))
	def(v.T("health.field.marking"), string(p.Marking))
	if len(p.To) > 0 {
		def(v.T("family.to"), v.members(p.To))
	}
	if p.Reason != "" {
		def(v.T("family.reason"), p.Reason)
	}
	if p.Exercise != "" {
		def(v.T("health.field.exercise"), p.Exercise)
	}
	for _, x := range p.Previews {
		var names []string
		for _, e := range x.View.Entries {
			names = append(names, string(e.Owner))
		}
		v.Previews = append(v.Previews, parts.Definition{Term: v.members(x.To), Text: v.T("family.preview.line", "n", len(names), "owners", strings.Join(names, ", "))})
	}
	for _, a := range p.Answers {
		l := answerLine{A: a, State: v.T("family.standing." + string(map[bool]family.Standing{true: family.Proposed, false: family.Standing(a.State)}[a.State == family.Asked]))}
		l.Grade = standingGrade(family.Standing(a.State))
		for _, o := range a.Offers {
			b := parts.Button{Text: v.T("family.verb." + string(o.Verb)), Small: true, Href: path(p.ID) + "/answer/" + string(a.Event) + "?say=" + string(o.Verb)}
			if o.Verb == "join" {
				b.Kind = parts.Primary
			}
			l.Buttons = append(l.Buttons, b)
		}
		v.Answers = append(v.Answers, l)
	}
	for _, o := range p.Offers {
		if o.Verb == "drop" {
			v.Drops = p.Events
		}
	}
}

// figures are the newest facts of every event, one row for each, with member,
// release and as-of: what is not there is no row, and a silent member has one
// that says so.
func (g *Pages) figures(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	p, err := g.find(r)
	if err != nil {
		return err
	}
	head := []string{"member", "event", "name", "standing", "report", "indicator", "class", "place", "from", "to", "age", "sex", "group", "value", "of", "suppressed", "source", "as_of", "version", "released"}
	var rows [][]any
	for _, x := range p.Events {
		if x.Event == nil || len(x.Event.AllFacts()) == 0 {
			rows = append(rows, []any{string(x.Owner), string(x.Entry.Event), x.Name, string(x.Standing), "no report"})
			continue
		}
		for _, f := range x.Event.AllFacts() {
			var value, of any
			if !f.Suppressed {
				value = f.Value
			}
			if f.Of > 0 {
				of = f.Of
			}
			rows = append(rows, []any{string(x.Owner), string(x.Entry.Event), x.Name, string(x.Standing), "reported", f.Indicator, f.Class, f.Place, f.From, f.To, f.Age, f.Sex, f.Group,
				value, of, f.Suppressed, f.Source, f.AsOf, x.Event.Version, x.Event.Changed})
		}
	}
	return r.Sheet(w, "family", head, rows)
}
