package web

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/fault"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// regionView is the page of the states and the region.
type regionView struct {
	words
	Head     parts.PageHead
	Path     string
	State    parts.Select
	Clocks   []clockView
	Compare  parts.Table
	Matrix   parts.Table
	Events   parts.Table
	R1       parts.Table
	R1Words  string
	R1Chart  templ.Component
	R2       *parts.Table // nil: this node keeps no requests
	R3       *parts.Table // nil: this node keeps no situation reports
	CSV      string
	XLSX     string
	Shown    int
	More     int
	Released int
}

// clockView is one of the three clocks over the events that are shown.
type clockView struct {
	ID, Title, Text string
	Chart           templ.Component
	Table           parts.Table
	Spread          templ.Component
}

// rows are the events of the filter.
func (g *Pages) rows(r *shell.Request) ([]timeliness.Row, access.Member, error) {
	rows, err := g.desk.Region(r.Context(), r.Actor)
	state := access.Member(r.URL.Query().Get("state"))
	if state != "" {
		rows = slices.DeleteFunc(rows, func(x timeliness.Row) bool { return x.Owner != state })
	}
	return rows, state, err
}

// mostShown is how many events the tables and charts of the page show; the
// download has all of them.
const (
	mostShown = 200
	mostBars  = 30
)

func (g *Pages) region(w http.ResponseWriter, r *shell.Request) error {
	rows, state, err := g.rows(r)
	if err != nil {
		return err
	}
	v := regionView{words: g.words(r), Path: r.URL.RequestURI(), Shown: len(rows)}
	v.Head = parts.PageHead{Title: v.T("timeliness.region.title"), Lede: v.T("timeliness.region.lede"),
		Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}, {Text: v.T("timeliness.backtest.title"), Icon: "history", Href: base + "/backtest"}}}
	v.State = parts.Select{Field: parts.Field{Name: "state", Label: v.T("timeliness.state")}, Blank: v.T("timeliness.state.all")}
	for _, m := range access.States {
		v.State.Options = append(v.State.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: m == state})
	}
	query := ""
	if state != "" {
		query = "?state=" + string(state)
	}
	v.CSV, v.XLSX = base+".csv"+query, base+".xlsx"+query
	live := slices.DeleteFunc(slices.Clone(rows), func(x timeliness.Row) bool { return x.Withdrawn })
	for _, x := range live {
		if !x.Own {
			v.Released++
		}
	}
	for _, c := range timeliness.Clocks {
		v.Clocks = append(v.Clocks, v.clock(c, live))
	}
	v.Compare, v.Matrix, v.Events = v.compare(live), v.matrix(live), v.events(rows)
	v.More = max(0, len(rows)-mostShown)
	if err := g.acknowledged(r, &v); err != nil {
		return err
	}
	if err := g.regional(r, &v); err != nil {
		return err
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, regionPage(v))
}

func results(rows []timeliness.Row) [][]timeliness.Result {
	out := make([][]timeliness.Result, len(rows))
	for i, x := range rows {
		out[i] = x.Results
	}
	return out
}

// clock is the chart of one clock: each event's days, the limit, and how the
// days spread.
func (v *regionView) clock(c timeliness.Clock, rows []timeliness.Row) clockView {
	s := timeliness.Summarise(c, results(rows))
	out := clockView{ID: "clock-" + string(c), Title: v.T("timeliness.clock." + string(c))}
	out.Text = v.summary(s, len(rows))
	var bars []barRow
	counts := map[int][2]float64{}
	top := 0
	for _, x := range rows {
		res := x.Result(c)
		if !res.Lag.Known || res.Outcome == timeliness.Reversed {
			continue
		}
		bars = append(bars, barRow{Label: string(x.Owner) + " " + x.Name, Words: v.lag(res.Lag), R: res})
		if res.Lag.Exact() {
			n := min(res.Lag.Min, mostDays)
			k := counts[n]
			if res.Outcome == timeliness.Missed {
				k[1]++
			} else {
				k[0]++
			}
			counts[n], top = k, max(top, n)
		}
	}
	if len(bars) == 0 {
		return out
	}
	slices.SortStableFunc(bars, func(a, b barRow) int { return b.R.Lag.Min - a.R.Lag.Min })
	out.Table = parts.Table{Caption: out.Title, RowHead: true, Columns: []parts.Column{{Text: v.T("timeliness.event")}, {Text: v.T("timeliness.days")}, {Text: v.T("timeliness.outcome")}}}
	for _, b := range bars[:min(len(bars), mostShown)] {
		out.Table.Rows = append(out.Table.Rows, []parts.Cell{{Text: b.Label}, {Text: b.Words}, {Text: v.outcome(b.R.Outcome)}})
	}
	limit := v.T("timeliness.limit", "n", timeliness.Limits[c])
	out.Chart = intervals(out.ID+"-chart", out.Title, out.Text, bars[:min(len(bars), mostBars)], timeliness.Limits[c], limit)
	if s.N > 1 {
		e := chart.Epi{ID: out.ID + "-spread", Title: v.T("timeliness.spread", "clock", out.Title), Desc: out.Text, Unit: v.T("timeliness.days"),
			Series: []string{v.outcome(timeliness.Met), v.outcome(timeliness.Missed)}}
		for n := 0; n <= top; n++ {
			k := counts[n]
			label := str(n)
			if n == mostDays {
				label += "+"
			}
			e.Bars = append(e.Bars, chart.Bar{Label: label, Tick: label, Values: k[:]})
		}
		out.Spread = e.Figure(v.Printer)
	}
	return out
}

// summary says medians with their n, and never without it.
func (w words) summary(s timeliness.Summary, all int) string {
	if s.Ranged == 0 {
		return w.T("timeliness.summary.none", "n", all)
	}
	out := w.T("timeliness.summary", "n", all, "met", s.Count[timeliness.Met], "missed", s.Count[timeliness.Missed], "undecided", s.Count[timeliness.Undecided],
		"unknown", all-s.Count[timeliness.Met]-s.Count[timeliness.Missed]-s.Count[timeliness.Undecided])
	if s.N > 0 {
		out += " " + w.T("timeliness.summary.median", "median", w.Decimal(s.Median, 1), "n", s.N)
	}
	if s.Ranged > s.N {
		out += " " + w.T("timeliness.summary.range", "low", w.Decimal(s.Low, 1), "top", w.Decimal(s.Top, 1), "n", s.Ranged)
	}
	return out
}

// compare sets the region beside the published benchmark.
func (v *regionView) compare(rows []timeliness.Row) parts.Table {
	t := parts.Table{Caption: v.T("timeliness.compare"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("timeliness.clock")}, {Text: v.T("timeliness.limit.head")},
		{Text: v.T("timeliness.here")}, {Text: v.T("timeliness.here.median")}, {Text: v.T("timeliness.benchmark")}, {Text: v.T("timeliness.benchmark.median")}}}
	for _, b := range timeliness.Benchmarks {
		s := timeliness.Summarise(b.Clock, results(rows))
		met, median := v.T("timeliness.none"), v.T("timeliness.none")
		if s.Decided() > 0 {
			met = v.T("timeliness.percent", "percent", v.Decimal(100*float64(s.Count[timeliness.Met])/float64(s.Decided()), 0), "n", s.Decided())
		}
		if s.N > 0 {
			median = v.T("timeliness.median", "median", v.Decimal(s.Median, 1), "n", s.N)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.T("timeliness.clock." + string(b.Clock))}, {Text: v.T("timeliness.lag", "n", timeliness.Limits[b.Clock])},
			{Text: met}, {Text: median}, {Text: v.T("timeliness.percent", "percent", str(b.Percent), "n", 41)}, {Text: v.T("timeliness.lag", "n", b.Median)}})
	}
	return t
}

// matrix is one line for each state, silent ones included.
func (v *regionView) matrix(rows []timeliness.Row) parts.Table {
	t := parts.Table{Caption: v.T("timeliness.matrix"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("timeliness.state")}, {Text: v.T("timeliness.events"), Number: true}}}
	for _, c := range timeliness.Clocks {
		t.Columns = append(t.Columns, parts.Column{Text: v.T("timeliness.clock." + string(c))})
	}
	for _, m := range access.States {
		mine := slices.DeleteFunc(slices.Clone(rows), func(x timeliness.Row) bool { return x.Owner != m })
		row := []parts.Cell{{Text: v.name(string(m)), Href: base + "?state=" + string(m)}, {Text: str(len(mine))}}
		for _, c := range timeliness.Clocks {
			s := timeliness.Summarise(c, results(mine))
			cell := parts.Cell{Text: v.T("health.fact.none")}
			if len(mine) > 0 {
				cell.Text = v.T("timeliness.matrix.cell", "met", s.Count[timeliness.Met], "missed", s.Count[timeliness.Missed], "undecided", s.Count[timeliness.Undecided])
			}
			if s.N > 0 {
				cell.Note = v.T("timeliness.median", "median", v.Decimal(s.Median, 1), "n", s.N)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v *regionView) events(rows []timeliness.Row) parts.Table {
	t := parts.Table{Caption: v.T("timeliness.events"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("timeliness.event")}, {Text: v.T("timeliness.state")}}}
	for _, c := range timeliness.Clocks {
		t.Columns = append(t.Columns, parts.Column{Text: v.T("timeliness.clock." + string(c))})
	}
	t.Columns = append(t.Columns, parts.Column{Text: v.T("timeliness.basis")})
	for _, x := range rows[:min(len(rows), mostShown)] {
		row := []parts.Cell{{Text: x.Name, Href: path(x.Event), Note: v.T("hazard." + x.Hazard)}, {Text: v.name(string(x.Owner))}}
		for _, c := range timeliness.Clocks {
			res := x.Result(c)
			if x.Withdrawn {
				row = append(row, parts.Cell{Text: "–"})
				continue
			}
			cell := parts.Cell{Body: parts.Tag(grade(res.Outcome), v.outcome(res.Outcome))}
			if res.Lag.Known {
				cell.Note = v.lag(res.Lag)
			}
			row = append(row, cell)
		}
		from := v.T("timeliness.basis.computed")
		switch {
		case x.Withdrawn:
			from = v.T("timeliness.basis.withdrawn")
		case !x.Own:
			from = v.T("timeliness.basis.released", "time", v.ShortStamp(x.Released))
		case x.State != "":
			from = v.T("timeliness.record." + string(x.State))
		}
		t.Rows = append(t.Rows, append(row, parts.Cell{Text: from}))
	}
	return t
}

// acknowledged is R1, of the notifications of this member.
func (g *Pages) acknowledged(r *shell.Request, v *regionView) error {
	list, err := g.desk.Acknowledged(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v.R1 = *v.told(list)
	n := map[timeliness.Outcome]int{}
	for _, x := range list {
		n[x.Outcome]++
	}
	v.R1Words = v.T("timeliness.r1.summary", "n", len(list), "met", n[timeliness.Met], "missed", n[timeliness.Missed], "running", n[timeliness.Running], "some", n[timeliness.NoDate])
	return nil
}

// download is the table of the events.
func (g *Pages) download(f sheet.Format) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.export") {
			return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
		}
		rows, _, err := g.rows(r)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", f.MIME())
		w.Header().Set("Content-Disposition", `attachment; filename="timeliness-`+r.Now.UTC().Format(time.DateOnly)+"."+string(f)+`"`)
		out, err := sheet.Create(w, f, "timeliness")
		if err != nil {
			return err
		}
		head := []string{"event", "state", "name", "hazard", "record", "emergence", "emergence_precision", "detection", "detection_precision", "notification", "notification_precision"}
		for _, c := range timeliness.Clocks {
			head = append(head, string(c)+"_outcome", string(c)+"_days_min", string(c)+"_days_max", string(c)+"_days_paused")
		}
		for _, k := range timeliness.ActionKeys {
			head = append(head, string(k), string(k)+"_date", string(k)+"_precision")
		}
		err = out.Head(append(head, "rules", "as_of", "source")...)
		for _, x := range rows {
			if err == nil {
				err = out.Row(cells(x)...)
			}
		}
		if err != nil {
			return err
		}
		return out.Close()
	}
}

// cells are one line of the download. What is not known is empty, never zero.
func cells(x timeliness.Row) []any {
	record, source := string(x.State), "own"
	if !x.Own {
		source = "released"
	}
	if x.Withdrawn {
		source = "withdrawn"
	}
	row := []any{string(x.Event), string(x.Owner), x.Name, x.Hazard, record}
	for _, d := range []health.Date{x.Dates.Emergence, x.Dates.Detection, x.Dates.Notification} {
		row = append(row, d.On, string(d.Precision))
	}
	for _, c := range timeliness.Clocks {
		res := x.Result(c)
		var low, top, paused any
		if res.Lag.Known {
			low = res.Lag.Min
			if !res.Lag.Open {
				top, paused = res.Lag.Max, res.Paused
			}
		}
		row = append(row, string(res.Outcome), low, top, paused)
	}
	for _, k := range timeliness.ActionKeys {
		i := slices.IndexFunc(x.Actions, func(a timeliness.Action) bool { return a.Key == k })
		if i < 0 {
			row = append(row, nil, nil, nil)
			continue
		}
		a := x.Actions[i]
		row = append(row, string(a.Answer), a.On.On, string(a.On.Precision))
	}
	var judged any
	if !x.Judged.IsZero() {
		judged = x.Judged
	}
	return append(row, fmt.Sprint(x.Rules), judged, source)
}
