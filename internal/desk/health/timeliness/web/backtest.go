package web

import (
	"errors"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// backtestView is what the dates of a table allow to say.
type backtestView struct {
	words
	Head     parts.PageHead
	Errors   parts.Errors
	Done     bool
	Lede     string
	Tallies  parts.Table
	Outcomes parts.Table
	States   templ.Component
	Spread   templ.Component
	Reversed parts.Table
	Bad      parts.Table
	MoreBad  int
}

func (g *Pages) backtest(w http.ResponseWriter, r *shell.Request) error {
	return g.showBacktest(w, r, http.StatusOK, timeliness.Backtest{}, nil)
}

// readBacktest reads the file while it comes; nothing of it is kept.
func (g *Pages) readBacktest(w http.ResponseWriter, r *shell.Request) error {
	b, err := upload(r)
	if err == nil {
		return g.showBacktest(w, r, http.StatusOK, b, nil)
	}
	_, _ = io.Copy(io.Discard, r.Body) // a browser that is still sending would not read the answer
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	return g.showBacktest(w, r, http.StatusBadRequest, b, err)
}

func upload(r *shell.Request) (timeliness.Backtest, error) {
	in, err := r.MultipartReader()
	if err != nil {
		return timeliness.Backtest{}, fault.Wrap(fault.Invalid, "fault.web.form", err)
	}
	for {
		part, err := in.NextPart()
		if errors.Is(err, io.EOF) {
			return timeliness.Backtest{}, fault.New(fault.Invalid, "fault.health.no_file_chosen")
		}
		if err != nil {
			return timeliness.Backtest{}, fault.Wrap(fault.Invalid, "fault.web.form", err)
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return timeliness.Backtest{}, fault.New(fault.Invalid, "fault.health.no_file_chosen")
		}
		return timeliness.ReadBacktest(part)
	}
}

func (g *Pages) showBacktest(w http.ResponseWriter, r *shell.Request, status int, b timeliness.Backtest, err error) error {
	v := backtestView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, err), Done: err == nil && b.Rows > 0}
	v.Head = parts.PageHead{Title: v.T("timeliness.backtest.title"), Lede: v.T("timeliness.backtest.lede"),
		Crumbs: []parts.Link{{Text: v.T("timeliness.region.title"), Href: base}, {Text: v.T("timeliness.backtest.title")}}}
	if v.Done {
		v.Head.Actions = []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}
		v.fill(b)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title}, backtestPage(v))
}

func (v *backtestView) interval(x timeliness.Interval) string {
	return v.T("timeliness.interval", "from", v.T("timeliness.milestone."+string(x.From)), "to", v.T("timeliness.milestone."+string(x.To)))
}

func (v *backtestView) fill(b timeliness.Backtest) {
	v.Lede = v.T("timeliness.backtest.read", "rows", b.Rows, "members", b.Members)
	v.Tallies = parts.Table{Caption: v.T("timeliness.backtest.intervals"), RowHead: true, Columns: []parts.Column{{Text: v.T("timeliness.interval.head")},
		{Text: v.T("timeliness.backtest.n"), Number: true}, {Text: v.T("timeliness.backtest.median"), Number: true}, {Text: v.T("timeliness.backtest.imprecise"), Number: true},
		{Text: v.T("timeliness.backtest.range")}, {Text: v.T("timeliness.backtest.missing"), Number: true}, {Text: v.T("timeliness.backtest.reversed"), Number: true}}}
	v.Outcomes = parts.Table{Caption: v.T("timeliness.backtest.outcomes"), RowHead: true, Columns: []parts.Column{{Text: v.T("timeliness.interval.head")}, {Text: v.T("timeliness.limit.head")}}}
	for _, o := range timeliness.Outcomes {
		if o != timeliness.Running {
			v.Outcomes.Columns = append(v.Outcomes.Columns, parts.Column{Text: v.outcome(o), Number: true})
		}
	}
	v.Reversed = parts.Table{Caption: v.T("timeliness.backtest.reversed"), RowHead: true, Columns: []parts.Column{{Text: v.T("timeliness.row"), Number: true},
		{Text: v.T("timeliness.state")}, {Text: v.T("timeliness.backtest.disease")}, {Text: v.T("timeliness.interval.head")}, {Text: v.T("timeliness.days"), Number: true}}}
	for i, t := range b.Tallies {
		v.tally(t)
		if i == 0 && t.N > 1 {
			v.Spread = v.spread(t)
		}
	}
	states := chart.Bars{ID: "states", Title: v.T("timeliness.backtest.states"), Desc: v.Lede, Name: v.T("timeliness.state"), Value: v.T("timeliness.backtest.rows")}
	for _, m := range access.States {
		row := chart.BarRow{Label: v.name(string(m)), Value: float64(b.ByState[m])}
		if b.ByState[m] == 0 {
			row.Missing = v.T("health.fact.none")
		}
		states.Rows = append(states.Rows, row)
	}
	v.States = states.Figure(v.Printer)
	v.Bad = parts.Table{Caption: v.T("timeliness.backtest.bad"), RowHead: true, Columns: []parts.Column{{Text: v.T("timeliness.row"), Number: true}, {Text: v.T("timeliness.backtest.cells")}}}
	for _, x := range b.Bad {
		v.Bad.Rows = append(v.Bad.Rows, []parts.Cell{{Text: str(x.Row)}, {Text: x.Text}})
	}
	v.MoreBad = b.MoreBad
}

func (v *backtestView) tally(t timeliness.Tally) {
	name, median, ranged := v.interval(t.Interval), v.T("timeliness.none"), v.T("timeliness.none")
	if t.N > 0 {
		median = v.Decimal(t.Median, 1)
	}
	if t.N+t.Imprecise > 0 {
		ranged = v.T("timeliness.backtest.between", "low", v.Decimal(t.Low, 1), "top", v.Decimal(t.Top, 1), "n", t.N+t.Imprecise)
	}
	v.Tallies.Rows = append(v.Tallies.Rows, []parts.Cell{{Text: name}, {Text: str(t.N)}, {Text: median}, {Text: str(t.Imprecise)}, {Text: ranged}, {Text: str(t.Missing)}, {Text: str(len(t.Reversed))}})
	if t.Clock != "" {
		row := []parts.Cell{{Text: name}, {Text: v.T("timeliness.lag", "n", timeliness.Limits[t.Clock])}}
		for _, o := range timeliness.Outcomes {
			if o != timeliness.Running {
				row = append(row, parts.Cell{Text: str(t.Outcomes[o])})
			}
		}
		v.Outcomes.Rows = append(v.Outcomes.Rows, row)
	}
	for _, x := range t.Reversed {
		v.Reversed.Rows = append(v.Reversed.Rows, []parts.Cell{{Text: str(x.Row)}, {Text: v.name(x.Country)}, {Text: x.Disease}, {Text: name}, {Text: str(x.Days)}})
	}
}

// spread is how the exact lags of the first interval lie.
func (v *backtestView) spread(t timeliness.Tally) templ.Component {
	counts, top := map[int]float64{}, 0
	for _, n := range t.Lags {
		n = min(n, mostDays)
		counts[n]++
		top = max(top, n)
	}
	e := chart.Epi{ID: "spread", Title: v.T("timeliness.spread", "clock", v.interval(t.Interval)), Desc: v.T("timeliness.median", "median", v.Decimal(t.Median, 1), "n", t.N),
		Unit: v.T("timeliness.days"), Series: []string{v.T("timeliness.backtest.rows")}}
	for n := 0; n <= top; n++ {
		label := str(n)
		if n == mostDays {
			label += "+"
		}
		e.Bars = append(e.Bars, chart.Bar{Label: label, Tick: label, Values: []float64{counts[n]}})
	}
	return e.Figure(v.Printer)
}
