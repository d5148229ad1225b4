package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// registerView is the register of measures: filters, the corridors as a
// matrix and a map, and the list.
type registerView struct {
	words
	Head      parts.PageHead
	Path      string
	Query     string
	Holding   bool
	Selects   []parts.Select
	Table     parts.Table
	Corridors parts.Table
	Map       *mapview.Map
	Pager     parts.Pager
	Files     []parts.Link
	Narrow    bool
	Count     int
}

var measureStates = []workflow.State{ihr.Planned, ihr.InForce, ihr.Reported, ihr.Lifted, ihr.Expired, ihr.Cancelled, ihr.Withdrawn}

// filterOf reads the filters of the address; unknown values find nothing
// rather than everything.
func filterOf(q url.Values) ihr.MeasureFilter {
	f := ihr.MeasureFilter{Query: q.Get("q"), Owner: access.Member(q.Get("owner")), Type: q.Get("type"), Target: q.Get("target"),
		State: workflow.State(q.Get("state")), From: q.Get("from"), To: q.Get("to"), Event: id.ID(q.Get("event")), Holding: q.Get("holding") == "1"}
	at, rest, _ := strings.Cut(q.Get("after"), ".")
	changed, e1 := strconv.ParseInt(at, 10, 64)
	last, e2 := id.Parse(rest)
	if e1 == nil && e2 == nil {
		f.After = ihr.Cursor{Changed: changed, ID: last}
	}
	return f
}

func (g *Pages) register(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	rows, next, err := g.desk.Measures(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	inForce, err := g.holding(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := registerView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, Holding: f.Holding, Count: len(rows)}
	v.Head = parts.PageHead{Title: v.T("ihr.measures.title"), Lede: v.T("ihr.measures.lede")}
	if ihr.MayPlan(r.Actor) {
		v.Head.Actions = []parts.Button{{Text: v.T("ihr.measures.new"), Icon: "plus", Kind: parts.Primary, Href: register + "/new"}}
	}
	v.selects(f)
	v.Table = v.measureTable(rows)
	if v.Map = v.corridorMap(inForce); v.Map != nil {
		v.Corridors = v.corridors(inForce)
	}
	v.Narrow = f.Query+string(f.Owner)+f.Type+f.Target+string(f.State)+f.From+f.To+string(f.Event) != "" || f.Holding
	after := q.Get("after")
	q.Del("after")
	v.Files = []parts.Link{{Text: "CSV", Href: register + ".csv?" + q.Encode()}, {Text: "XLSX", Href: register + ".xlsx?" + q.Encode()}}
	if after != "" {
		v.Pager.Previous = register + "?" + q.Encode()
	}
	if next.ID != "" && len(rows) >= 50 {
		q.Set("after", strconv.FormatInt(next.Changed, 10)+"."+string(next.ID))
		v.Pager.Next = register + "?" + q.Encode()
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"ihr"}, Map: true}, registerPage(v))
}

func (v *registerView) selects(f ihr.MeasureFilter) {
	add := func(name string, options []parts.Option) {
		v.Selects = append(v.Selects, parts.Select{Field: parts.Field{Name: name, Label: v.T("ihr.field." + name)}, Blank: v.T("health.list.any"), Options: options})
	}
	add("type", options(ihr.Types, f.Type, func(s string) string { return v.T("ihr.type." + s) }))
	add("target", options(ihr.Targets, f.Target, func(s string) string { return v.T("ihr.target." + s) }))
	add("state", options(measureStates, f.State, v.state))
	add("owner", options(access.States, f.Owner, v.name))
	end := func(s string) string { return v.ends([]string{s}) }
	add("from", options(corridorEnds(), f.From, end))
	add("to", options(corridorEnds(), f.To, end))
}

func (w words) measureTable(rows []ihr.MeasureView) parts.Table {
	t := parts.Table{Caption: w.T("ihr.measures.title"), RowHead: true, Cards: true}
	for _, c := range []string{"measure", "by", "corridor", "state", "start", "reported", "expires"} {
		t.Columns = append(t.Columns, parts.Column{Text: w.T("ihr.col." + c)})
	}
	for _, x := range rows {
		row := []parts.Cell{{Text: x.Content.Title, Href: ihr.MeasurePath(x.ID), Note: w.T("ihr.type."+x.Content.Type) + " · " + w.T("ihr.target."+x.Content.Target)},
			{Body: parts.PlateMark(w.plate(x.Owner, parts.Plain))}, {Text: w.side(x.Content, x.Content.From) + " → " + w.side(x.Content, x.Content.To)},
			{Body: parts.Tag(w.measureGrade(x), w.measureState(x))}, {}, w.reportCell(x), {Text: w.day(x.Expires)}}
		if !x.Start.IsZero() {
			row[4] = parts.Cell{Text: w.Day(x.Start)}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// measureState says a measure that nobody renewed for what it is.
func (w words) measureState(x ihr.MeasureView) string {
	if (x.State == ihr.InForce || x.State == ihr.Reported) && !x.Holds(w.now) {
		return w.T("ihr.lapsed")
	}
	return w.state(x.State)
}

func (w words) measureGrade(x ihr.MeasureView) parts.Grade {
	switch {
	case x.Holds(w.now) && x.Late(w.now) && x.Reported.IsZero():
		return parts.Warning
	case x.Holds(w.now):
		return parts.Information
	case x.State == ihr.Planned:
		return parts.Watch
	}
	return parts.Ungraded
}

// reportCell is the 48-hour clock: how long after the start WHO was told.
func (w words) reportCell(x ihr.MeasureView) parts.Cell {
	hours := int(ihr.Delay(x.Start, x.Reported, w.now) / time.Hour)
	switch {
	case x.Start.IsZero():
		return parts.Cell{}
	case x.Reported.IsZero():
		return parts.Cell{Text: w.T("ihr.unreported", "hours", hours), Note: w.late(x)}
	}
	return parts.Cell{Text: w.T("ihr.reported_after", "hours", hours), Note: w.late(x)}
}

func (w words) late(x ihr.MeasureView) string {
	if x.Late(w.now) {
		return w.T("ihr.late")
	}
	return ""
}

// between counts the measures in force on a corridor.
func between(list []ihr.MeasureView, from, to string) int {
	has := func(ends []string, m string) bool {
		return slices.Contains(ends, m) || slices.Contains(ends, ihr.Anywhere)
	}
	n := 0
	for _, x := range list {
		if from != to && has(x.Content.From, from) && has(x.Content.To, to) {
			n++
		}
	}
	return n
}

// corridorEnds are the rows and columns of the corridors: the states, and
// those outside the region together.
func corridorEnds() []string {
	var out []string
	for _, m := range access.States {
		out = append(out, string(m))
	}
	return append(out, ihr.Outside)
}

// corridors are the states from which, by the states to which a measure holds;
// a number leads to those measures.
func (w words) corridors(list []ihr.MeasureView) parts.Table {
	t := parts.Table{Caption: w.T("ihr.corridors"), RowHead: true, Tiles: true, Columns: []parts.Column{{Text: w.T("ihr.corridors.axis")}}}
	for _, to := range corridorEnds() {
		if to == ihr.Outside {
			to = w.T("ihr.beyond.short")
		}
		t.Columns = append(t.Columns, parts.Column{Text: to, Number: true})
	}
	for _, from := range corridorEnds() {
		row := []parts.Cell{{Text: w.T("ihr.beyond")}}
		if from != ihr.Outside {
			row[0] = parts.Cell{Body: parts.PlateMark(w.plate(access.Member(from), parts.Plain)), Text: w.name(access.Member(from))}
		}
		for _, to := range corridorEnds() {
			c := parts.Cell{Text: "·"}
			switch n := between(list, from, to); {
			case from == to:
				c.Text = ""
			case n > 0:
				c = parts.Cell{Text: str(n), Href: register + "?holding=1&from=" + from + "&to=" + to}
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// corridorMap shades each state by how many measures hold for what comes from
// it.
func (w words) corridorMap(list []ihr.MeasureView) *mapview.Map {
	if len(list) == 0 {
		return nil
	}
	m := &mapview.Map{ID: "corridormap", Title: w.T("ihr.map.title"), Desc: w.T("ihr.map.desc"), Value: w.T("ihr.map.value"), Low: "1", High: "5+",
		Note: w.T("ihr.map.note")}
	for _, s := range access.States {
		n := 0
		for _, x := range list {
			if x.Owner != s && (slices.Contains(x.Content.From, string(s)) || slices.Contains(x.Content.From, ihr.Anywhere)) {
				n++
			}
		}
		m.Areas = append(m.Areas, mapview.Area{Code: string(s), Class: mapview.Ramp(float64(n), [4]float64{2, 3, 4, 5}), Value: str(n)})
	}
	return m
}

func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !ihr.Capabilities.May(r.Actor, "ihr.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	format := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		format = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", format.MIME())
	h.Set("Content-Disposition", `attachment; filename="measures-`+r.Now.UTC().Format("2006-01-02")+`.`+string(format)+`"`)
	out, err := sheet.Create(w, format, "measures")
	if err != nil {
		return err
	}
	if err := out.Head("id", "owner", "title", "type", "target", "from", "to", "others", "hazard", "event", "state", "in_force_now", "start", "reported_at",
		"delay_hours", "late", "review", "expires", "renewals", "ended", "reason", "evidence", "marking", "exercise"); err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	f.Limit, f.After = 200, ihr.Cursor{}
	for n := 0; n < 5000; {
		rows, next, err := g.desk.Measures(r.Context(), r.Actor, f)
		if err != nil {
			return err
		}
		for _, x := range rows {
			var delay any
			if !x.Reported.IsZero() {
				delay = ihr.Delay(x.Start, x.Reported, r.Now).Hours()
			}
			if err := out.Row(string(x.ID), string(x.Owner), x.Content.Title, x.Content.Type, x.Content.Target, strings.Join(x.Content.From, " "),
				strings.Join(x.Content.To, " "), x.Content.Others, x.Hazard, x.EventName, string(x.State), x.Holds(r.Now), x.Start, x.Reported, delay,
				x.Late(r.Now), x.Review, x.Expires, x.Renewals, x.Ended, x.Content.Reason, x.Content.Evidence, string(x.Marking), x.Exercise); err != nil {
				return err
			}
		}
		n += len(rows)
		if next.ID == "" || len(rows) < 200 {
			break
		}
		f.After = next
	}
	return out.Close()
}

// measurePanel are the measures about an event on its page.
func (g *Pages) measurePanel(r *shell.Request, e health.EventView) (templ.Component, error) {
	rows, _, err := g.desk.Measures(r.Context(), r.Actor, ihr.MeasureFilter{Event: e.ID, Limit: 30})
	if err != nil {
		return nil, err
	}
	v := measurePanelView{words: g.words(r), May: ihr.MayPlan(r.Actor), Event: string(e.ID), Any: len(rows) > 0}
	if len(rows) == 0 && !v.May {
		return nil, nil
	}
	v.Table = v.measureTable(rows)
	return measurePanelBody(v), nil
}

type measurePanelView struct {
	words
	Table parts.Table
	Event string
	May   bool
	Any   bool
}
