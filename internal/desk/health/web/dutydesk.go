package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"

	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// dutyView is the home page of a duty officer.
type dutyView struct {
	words
	Head    parts.PageHead
	Reader  bool // may read the desk at all
	Path    string
	Todo    []parts.Due
	Waiting int        // how many there are
	AllTodo parts.Link // to the rest, when not all are shown
	Tabs    []parts.Link
	Open    int
	Rows    []parts.EventRow
	More    string // the list, when not all open events fit
	Map     templ.Component
	Nodes   *nodesView
	MayAdd  bool
	Mine    bool
	Nothing parts.Empty
	Side    []panelView // of other parts of the node
}

// shownTodos is how many things to do the home page shows at first; they come
// the most urgent first, and their number stands above.
const shownTodos = 20

// shownEvents is how many open events the home page shows; the list has all.
const shownEvents = 40

func (g *Pages) dutyDesk(w http.ResponseWriter, r *shell.Request) error {
	v := dutyView{words: g.words(r), Path: r.URL.RequestURI(), Reader: health.Capabilities.May(r.Actor, "health.read")}
	v.Head = parts.PageHead{Title: v.T("health.desk.title"), Note: v.T("health.desk.note", "day", v.LongDay(r.Now), "week", v.Week(r.Now))}
	if g.deps.Member == access.ASEC {
		v.Head.Title = v.T("health.desk.regional")
	}
	page := shell.Page{Title: v.Head.Title, Topics: []string{"desk", "peer"}}
	var err error
	if v.Nodes, err = g.nodesOf(r, v.words); err != nil {
		return err
	}
	if !v.Reader {
		return r.Show(w, page, dutyDesk(v))
	}
	if v.MayAdd = health.MayRecord(r.Actor); v.MayAdd {
		v.Head.Actions = []parts.Button{{Text: v.T("health.desk.record"), Icon: "plus", Kind: parts.Primary, Href: "/health/events/new"},
			{Text: v.T("health.desk.signal"), Icon: "inbox", Href: "/health/signals/new"}}
	}
	if v.Todo, err = g.waiting(r, v.words, ""); err != nil {
		return err
	}
	v.Waiting = len(v.Todo)
	if r.URL.Query().Get("todo") != "all" && len(v.Todo) > shownTodos {
		v.Todo, v.AllTodo = v.Todo[:shownTodos], parts.Link{Text: v.T("health.todo.all", "n", v.Waiting), Href: "/?todo=all#todo"}
	}
	if err := g.openEvents(r, &v); err != nil {
		return err
	}
	for _, panel := range g.deps.Home {
		body, err := panel.Body(r)
		if err != nil {
			return err
		}
		if body != nil {
			v.Side = append(v.Side, panelView{parts.Panel{ID: panel.ID, Title: v.T(panel.Title), Live: v.Path, On: "desk"}, body})
		}
	}
	return r.Show(w, page, dutyDesk(v))
}

// waiting is what the actor can and should do now, the least time left first;
// with an event only what is about that.
func (g *Pages) waiting(r *shell.Request, w words, event id.ID) ([]parts.Due, error) {
	todos, err := g.desk.Todos(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	var out []parts.Due
	for _, t := range todos {
		if event == "" || t.Event == event {
			out = append(out, w.due(t))
		}
	}
	if g.deps.Todos == nil {
		return out, nil
	}
	others, err := g.deps.Todos(r.Context(), r.Actor)
	for _, t := range others {
		if event == "" || t.Event == event {
			out = append(out, w.otherDue(t))
		}
	}
	slices.SortStableFunc(out, soonest)
	return out, err
}

// openEvents fills table and map; both carry the same numbers.
func (g *Pages) openEvents(r *shell.Request, v *dutyView) error {
	sort := r.URL.Query().Get("sort")
	f := health.Filter{Open: true, Sort: health.ByGrade, Limit: shownEvents}
	switch sort {
	case "newest":
		f.Sort = health.Newest
	case "mine":
		f.Mine = true
	default:
		sort = "grade"
	}
	v.Mine = f.Mine
	for _, s := range []string{"grade", "newest", "mine"} {
		v.Tabs = append(v.Tabs, parts.Link{Text: v.T("health.desk.sort." + s), Href: "/?sort=" + s, Current: s == sort})
	}
	rows, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	if v.Rows, err = g.eventRows(r, v.words, rows); err != nil {
		return err
	}
	v.Map = v.region(rows)
	if v.Open = len(rows); next.ID == "" {
		return nil
	}
	f.After = health.Cursor{}
	v.Open, err = g.desk.Count(r.Context(), r.Actor, f)
	v.More = "/health/events?open=1"
	return err
}

// eventRows turns rows of the desk into rows of the table.
func (g *Pages) eventRows(r *shell.Request, w words, rows []health.Row) ([]parts.EventRow, error) {
	var foreign []id.ID
	for _, row := range rows {
		if !row.Own() {
			foreign = append(foreign, row.ID)
		}
	}
	answers, err := g.desk.Answers(r.Context(), r.Actor, foreign)
	if err != nil {
		return nil, err
	}
	out := make([]parts.EventRow, len(rows))
	for i, row := range rows {
		out[i] = parts.EventRow{Number: i + 1, Href: eventPath(row.ID), Grade: parts.Grade(row.Grade), Title: row.Name,
			Sub:    w.T("health.row.sub", "hazard", w.hazard(row.Hazard), "state", w.state(row.State), "places", w.places(row.Places, 2)),
			States: []parts.Plate{w.plate(row.Owner, parts.Lead)}, Spark: spark(row.Spark), Updated: row.Changed.At}
		if row.Own() && len(row.Acks) > 0 {
			out[i].Acks = w.acks(row.Owner, row.Acks, row.Sent)
		} else if !row.Own() {
			out[i].Acks = w.ownAck(answers[row.ID])
		}
	}
	return out, nil
}

// due is one line of "needs your action", with the button that does it.
func (w words) due(t health.Todo) parts.Due {
	key := "todo.health." + t.Kind
	d := parts.Due{Grade: parts.Grade(t.Grade), At: t.Due, Title: w.T(key, "title", t.Title, "owner", w.name(string(t.Owner))),
		Text: w.T(key+".text", "owner", w.name(string(t.Owner)), "members", w.members(t.Members))}
	if t.Late && t.Grade != health.Emergency {
		d.Grade = parts.Warning
	}
	button := parts.Button{Text: w.T(key + ".do"), Small: true, Kind: parts.Primary}
	note := "/health/notifications/" + string(t.Record)
	switch t.Kind {
	case "acknowledge":
		d.Href, d.Plates = "/health/notices/"+string(t.Record), []parts.Plate{w.plate(t.Owner, parts.Plain)}
		button.Post = d.Href + "/acknowledge?back=desk"
		button.Label = w.T("health.todo.label", "do", button.Text, "title", t.Title)
	case "withdrawn":
		d.Href, d.Plates = "/health/notices/"+string(t.Record), []parts.Plate{w.plate(t.Owner, parts.Plain)}
		button.Href = d.Href
	case "answer":
		d.Href, d.Plates = "/health/questions/"+string(t.Record), []parts.Plate{w.plate(t.Owner, parts.Plain)}
		button.Href = d.Href
	case "remind":
		d.Href = note
		for _, m := range t.Members {
			d.Plates = append(d.Plates, w.plate(m, parts.Missing))
		}
		button.Post, button.Kind = note+"/step/remind?back=desk", ""
		button.Name, button.Value = "version", str(t.Version)
	case "assess":
		d.Href = eventPath(t.Event)
		button.Href, button.Kind = d.Href, ""
	case "release":
		d.Href, button.Href = note, note+"/step/release"
	default:
		d.Href, button.Href, button.Kind = note, note, ""
	}
	if button.Label == "" {
		button.Label = w.T("health.todo.label", "do", button.Text, "title", t.Title)
	}
	d.Actions = []parts.Button{button}
	return d
}

// soonest puts what has the least time left first, and what has no clock last.
func soonest(a, b parts.Due) int {
	if a.At.IsZero() != b.At.IsZero() {
		if a.At.IsZero() {
			return 1
		}
		return -1
	}
	return a.At.Compare(b.At)
}

// otherDue is one line of another part of the node.
func (w words) otherDue(t desk.Todo) parts.Due {
	owner := w.name(string(t.Owner))
	d := parts.Due{Grade: parts.Grade(t.Grade), At: t.Due, Href: t.Href, Title: w.T(t.Key, "title", t.Title, "owner", owner),
		Text: w.T(t.Key+".text", "owner", owner, "members", w.members(t.Members), "title", t.Title)}
	if t.Late && t.Grade != string(health.Emergency) {
		d.Grade = parts.Warning
	}
	if t.Owner != "" && t.Owner != w.self {
		d.Plates = []parts.Plate{w.plate(t.Owner, parts.Plain)}
	}
	for _, m := range t.Members {
		d.Plates = append(d.Plates, w.plate(m, parts.Missing))
	}
	do := parts.Button{Text: w.T(t.Key + ".do"), Small: true, Href: t.Href}
	do.Label = w.T("health.todo.label", "do", do.Text, "title", t.Title)
	if t.Title == string(t.Owner) { // a code alone says nothing aloud
		do.Label = w.T("health.todo.label", "do", do.Text, "title", d.Title)
	}
	if t.Post != "" {
		do.Href, do.Post, do.Kind = "", t.Post, parts.Primary
	}
	d.Actions = []parts.Button{do}
	return d
}

// nodesView is the panel of the nodes.
type nodesView struct {
	Text  string
	Cells []parts.Plate
	Table parts.Table
	Out   []parts.Definition // those not in step
}

func (g *Pages) nodesOf(r *shell.Request, w words) (*nodesView, error) {
	if g.deps.Nodes == nil {
		return nil, nil
	}
	nodes, err := g.deps.Nodes(r.Context())
	if err != nil || len(nodes) == 0 {
		return nil, err
	}
	v := &nodesView{}
	in := 0
	v.Table = parts.Table{Caption: w.T("health.nodes.title"), RowHead: true, Columns: []parts.Column{
		{Text: w.T("health.nodes.member")}, {Text: w.T("health.nodes.state")}, {Text: w.T("health.nodes.heard")}}}
	for _, m := range access.All() {
		i := slices.IndexFunc(nodes, func(n Node) bool { return n.Member == m })
		if i < 0 {
			continue
		}
		n := nodes[i]
		heard := w.T("health.node.unheard")
		if !n.Heard.IsZero() {
			heard = w.T("health.node.heard", "ago", w.Ago(n.Heard, r.Now))
		}
		state := w.T("health.node."+string(n.State), "n", n.Behind)
		plate := parts.Plate{Code: string(m), Title: w.name(string(m)) + ", " + state}
		switch n.State {
		case InStep:
			in++
		case Behind:
			plate.State = parts.Behind
		default:
			plate.State = parts.Missing
		}
		if n.State != InStep {
			v.Out = append(v.Out, parts.Definition{Term: w.name(string(m)), Text: w.T("health.nodes.line", "state", state, "heard", heard)})
		}
		v.Cells = append(v.Cells, plate)
		v.Table.Rows = append(v.Table.Rows, []parts.Cell{{Text: w.name(string(m))}, {Text: state}, {Text: heard}})
	}
	v.Text = w.T("health.nodes.instep", "in", in, "of", len(v.Cells))
	return v, nil
}

func eventPath(eid id.ID) string { return "/health/events/" + url.PathEscape(string(eid)) }
