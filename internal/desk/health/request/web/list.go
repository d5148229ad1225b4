package web

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

type listView struct {
	words
	Head   parts.PageHead
	Path   string
	Query  string
	Kind   string
	Tabs   []parts.Link
	Peers  parts.Select
	Open   bool
	Late   bool
	Rows   []row
	Total  int
	Narrow bool
	Pager  parts.Pager
	CSV    string
	XLSX   string
}

// row is one record in a list.
type row struct {
	Href, Title, About, State, Left, Due, Changed, What string
	Idle                                                string // instead of a time left
	Grade                                               parts.Grade
	Peer                                                *parts.Plate
	Late                                                bool
}

// tabs of the list, each with the kinds of records in it.
var tabs = []struct {
	key   string
	kinds []string
}{
	{"all", nil}, {"requests", []string{request.OwnRequest}}, {"received", []string{request.Call}}, {"offers", []string{request.OwnOffer}}, {"bids", []string{request.Bid}},
	{"arrangements", []string{request.Agreement}}, {"deployments", []string{request.OwnTeam, request.HostedTeam}}, {"consignments", []string{request.OwnGoods, request.AwaitedGood}},
}

func filterOf(q url.Values) request.Filter {
	f := request.Filter{Query: q.Get("q"), Peer: access.Member(q.Get("peer")), Open: q.Get("open") == "1", Late: q.Get("late") == "1"}
	for _, t := range tabs {
		if t.key == q.Get("kind") {
			f.Kinds = t.kinds
		}
	}
	changed, last, ok := strings.Cut(q.Get("after"), ".")
	at, err := strconv.ParseInt(changed, 10, 64)
	if i, e := id.Parse(last); ok && err == nil && e == nil {
		f.After = request.Cursor{Changed: at, ID: i}
	}
	return f
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	es, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	all := f
	all.After = request.Cursor{}
	total, err := g.desk.Count(r.Context(), r.Actor, all)
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, Open: f.Open, Late: f.Late, Kind: q.Get("kind"), Total: total, Narrow: f.Query != "" || f.Peer != "" || f.Open || f.Late}
	v.Head = parts.PageHead{Title: v.T("request.title"), Lede: v.T("request.lede"), Actions: []parts.Button{{Text: v.T("request.board"), Icon: "layout-dashboard", Href: base + "/board"}}}
	for i, what := range []string{"request", "offer", "arrangement", "deployment", "consignment"} {
		if request.MayBegin(r.Actor, makers[what].kind) {
			b := parts.Button{Text: v.T("request.new." + what), Icon: "plus", Href: base + "/new?what=" + what}
			if i == 0 {
				b.Kind = parts.Primary
			}
			v.Head.Actions = append(v.Head.Actions, b)
		}
	}
	for i := range es {
		v.Rows = append(v.Rows, v.row(&es[i]))
	}
	v.links(q, next)
	v.Pager.Text = v.T("request.shown", "shown", len(es), "total", total)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

// links are the tabs, the choice of members, the downloads and the pager.
func (v *listView) links(q url.Values, next request.Cursor) {
	for _, t := range tabs {
		to := url.Values{}
		for k := range q {
			if k != "after" && k != "kind" {
				to.Set(k, q.Get(k))
			}
		}
		if t.key != "all" {
			to.Set("kind", t.key)
		}
		v.Tabs = append(v.Tabs, parts.Link{Text: v.T("request.tab." + t.key), Href: base + "?" + to.Encode(), Current: t.key == v.Kind || t.key == "all" && v.Kind == ""})
	}
	v.Peers = parts.Select{Field: parts.Field{Name: "peer", Label: v.T("request.peer")}, Blank: v.T("request.any")}
	for _, m := range access.All() {
		if m != v.self {
			v.Peers.Options = append(v.Peers.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: string(m) == q.Get("peer")})
		}
	}
	after := q.Get("after")
	q.Del("after")
	v.CSV, v.XLSX = base+".csv?"+q.Encode(), base+".xlsx?"+q.Encode()
	if after != "" {
		v.Pager.Previous = base + "?" + q.Encode()
	}
	if next.ID != "" {
		q.Set("after", strconv.FormatInt(next.Changed, 10)+"."+string(next.ID))
		v.Pager.Next = base + "?" + q.Encode()
	}
}

func (w words) row(e *request.Entry) row {
	h := e.Head()
	out := row{Href: e.Path(), Title: e.Title(), What: w.noun(e.Kind), About: w.about(e), Changed: w.Ago(h.Changed.At, w.now), Late: request.Late(h.Due, w.now)}
	out.Grade, out.State = w.stageTag(e, out.Late && e.Open())
	if p := e.Peer(); p != "" {
		plate := w.plate(p, parts.Plain)
		out.Peer = &plate
	}
	if out.Title == "" {
		out.Title = w.T("request.untitled")
	}
	if !h.Due.IsZero() {
		out.Left, out.Due = w.Left(h.Due, w.now), w.T("clock."+h.Clock)
	} else {
		out.Idle = w.idle(e)
	}
	return out
}

// idle says of a record without a due time what it waits for.
func (w words) idle(e *request.Entry) string {
	verb, _, others := e.Next(w.now)
	state := e.Head().State
	switch {
	case !e.Open():
		return w.T("request.idle.over")
	case e.Request != nil && !e.Request.Own() && (state == request.Offered || state == request.Declined):
		return w.T("request.idle.answered")
	case e.Offer != nil && slices.Contains([]workflow.State{request.Accepted, request.Partly, request.Declined}, state):
		return w.T("request.idle.decided")
	case e.Arrangement != nil && state == request.InForce && e.Arrangement.InForce() != nil:
		return w.T("request.idle.until", "day", w.show(date("until"), []string{e.Arrangement.InForce().Until}))
	case len(others) > 0:
		return w.T("request.waits.members", "members", w.names(others))
	case verb != "":
		return w.T("request.idle.here")
	}
	return w.T("request.idle.free")
}

// about is one line of what a record is about.
func (w words) about(e *request.Entry) string {
	var out []string
	for i, c := range cellsOf(e) {
		if i == 3 {
			out = append(out, w.T("request.more", "n", len(cellsOf(e))-3))
			break
		}
		if c.item != "" {
			out = append(out, w.Number(c.qty)+" "+c.unit+" "+c.item)
		}
	}
	return strings.Join(out, " · ")
}

// cells is one line of a record in a sheet.
type cells struct {
	line            int
	category, item  string
	qty             int64
	unit, day, cost string
	taken           any
	ok              any
	short           any
	damaged         any
}

// cellsOf are the lines of a record; a record without lines has one.
func cellsOf(e *request.Entry) []cells {
	var out []cells
	switch {
	case e.Request != nil:
		for _, l := range e.Request.Content().Lines {
			out = append(out, cells{line: l.N, category: l.Category, item: l.Item, qty: l.Qty, unit: l.Unit, day: l.NeededBy})
		}
	case e.Offer != nil:
		for _, l := range e.Offer.Lines {
			c := cells{line: l.N, category: l.Category, item: l.Item, qty: l.Qty, unit: l.Unit, day: l.ETA, cost: l.Cost}
			if e.Offer.Decision != nil {
				c.taken = e.Offer.Decision.TakenOf(l.N).Qty
			}
			out = append(out, c)
		}
	case e.Arrangement != nil:
		if t := e.Arrangement.Newest(); t != nil {
			for i, s := range t.Scope {
				out = append(out, cells{line: i + 1, item: s.What, qty: s.Qty, unit: s.Unit, day: t.Until, cost: s.Cost})
			}
		}
	case e.Deployment != nil:
		m := e.Deployment.Mission
		out = append(out, cells{line: 1, category: "team", item: m.Team, qty: m.Teams, unit: "team", day: m.ETA})
	case e.Consignment != nil:
		for _, it := range e.Consignment.Shipment.Items {
			c := cells{line: it.N, category: e.Consignment.Shipment.Carries, item: it.What, qty: it.Qty, unit: it.Unit, day: e.Consignment.Shipment.ETA}
			if got, ok := e.Consignment.Receipt.Of(it.N); ok {
				c.ok, c.short, c.damaged = got.OK, got.Short, got.Damaged
			}
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		out = append(out, cells{})
	}
	return out
}

// mostRows is where a download ends.
const mostRows = 20000

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	out, err := sheetOf(w, r, "requests", strings.TrimPrefix(path.Ext(r.URL.Path), "."))
	if err != nil {
		return err
	}
	if err := out.Head("id", "kind", "owner", "other_side", "title", "state", "stage", "line", "category", "item", "quantity", "unit", "day", "cost", "taken", "received_ok", "short", "damaged",
		"due", "marking", "exercise", "changed"); err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	f.Limit, f.After = 200, request.Cursor{}
	for n := 0; n < mostRows; {
		es, next, err := g.desk.List(r.Context(), r.Actor, f)
		if err != nil {
			return err
		}
		for i := range es {
			e := &es[i]
			h := e.Head()
			for _, c := range cellsOf(e) {
				n++
				if err := out.Row(string(h.ID), e.Kind, string(h.Owner), string(e.Peer()), e.Title(), string(h.State), e.Stage(), c.line, c.category, c.item, c.qty, c.unit, c.day, c.cost, c.taken, c.ok,
					c.short, c.damaged, h.Due, string(h.Marking), h.Exercise, h.Changed.At); err != nil {
					return err
				}
			}
		}
		if next.ID == "" {
			break
		}
		f.After = next
	}
	return out.Close()
}

func sheetOf(w http.ResponseWriter, r *shell.Request, name, ext string) (*sheet.Writer, error) {
	format := sheet.Format(ext)
	w.Header().Set("Content-Type", format.MIME())
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+"-"+r.Now.UTC().Format("2006-01-02")+"."+ext+`"`)
	return sheet.Create(w, format, name)
}
