package web

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/web/chart"
	"lintas/internal/web/parts"
)

// incompleteDays is how many of the last days before the newest as-of are
// shaded: reports of such days still arrive. It is the page's choice and is
// said under the curve.
const incompleteDays = 3

// curveDays is how far back a curve goes.
const curveDays = 90

func spark(values []int64) templ.Component {
	if len(values) == 0 {
		return nil
	}
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return chart.Spark(out, 0, 0)
}

func facts(views []health.FactView) []health.Fact {
	out := make([]health.Fact, len(views))
	for i, f := range views {
		out[i] = f.Fact()
	}
	return out
}

// figures are the newest totals of each indicator, with what they rest on.
func (w words) figures(views []health.FactView) []parts.Figure {
	fs := facts(views)
	var out []parts.Figure
	for _, indicator := range health.Indicators {
		for _, class := range health.Classes {
			f, ok := health.Latest(fs, indicator, class)
			if !ok {
				continue
			}
			out = append(out, parts.Figure{Label: w.indicator(indicator, class), Value: w.Number(f.Value), Note: w.basis(f)})
		}
	}
	return out
}

func (w words) basis(f health.Figure) string {
	switch {
	case f.Source != "":
		return w.T("health.figure.source", "source", clip(f.Source, 60), "asof", w.ShortDay(f.AsOf))
	case f.Places == 1:
		return w.T("health.figure.place", "asof", w.ShortDay(f.AsOf))
	}
	return w.T("health.figure.sum", "n", f.Places, "asof", w.ShortDay(f.AsOf))
}

// curveView is the epidemic curve with its rule.
type curveView struct {
	Title, Rule string
	Figure      templ.Component
}

// curve shows new cases on each day of report, from cumulative facts. Days
// after the newest as-of have no figures, which is not zero.
func (w words) curve(views []health.FactView) *curveView {
	fs := facts(views)
	for _, class := range health.Classes {
		if _, ok := health.Latest(fs, "cases", class); !ok {
			continue
		}
		first, last := span(fs, class)
		if last.Sub(first) < 24*time.Hour {
			return nil // one day is a figure, not a curve
		}
		return w.curveOf(fs, class, first, last)
	}
	return nil
}

// span is the first and the last day with a cumulative figure.
func span(fs []health.Fact, class string) (first, last time.Time) {
	for _, f := range fs {
		if f.Indicator != "cases" || f.Class != class || f.From != "" {
			continue
		}
		day := f.AsOf.UTC().Truncate(24 * time.Hour)
		if first.IsZero() || day.Before(first) {
			first = day
		}
		if day.After(last) {
			last = day
		}
	}
	return first, last
}

func (w words) curveOf(fs []health.Fact, class string, first, last time.Time) *curveView {
	end := last
	if today := w.now.UTC().Truncate(24 * time.Hour); today.After(last) {
		end = today
	}
	if end.Sub(last) > 14*24*time.Hour {
		end = last.AddDate(0, 0, 14)
	}
	start := first
	if from := end.AddDate(0, 0, -curveDays+1); from.After(start) {
		start = from
	}
	days := int(end.Sub(start)/(24*time.Hour)) + 1
	only := slices.DeleteFunc(slices.Clone(fs), func(f health.Fact) bool { return f.Indicator == "cases" && f.Class != class })
	values := health.Spark(only, end, days)
	title := w.T("health.curve.title", "what", w.indicator("cases", class))
	e := chart.Epi{ID: "curve", Title: title, Unit: w.T("health.curve.day"), Series: []string{w.indicator("cases", class)},
		Desc: w.T("health.curve.desc", "from", w.Day(start), "to", w.Day(end)), Partial: w.T("health.curve.partial")}
	for i, v := range values {
		day := start.AddDate(0, 0, i)
		b := chart.Bar{Label: w.ShortDay(day), Values: []float64{float64(v)}}
		if i%7 == 0 {
			b.Tick = w.ShortDay(day)
		}
		b.Partial = last.Sub(day) < incompleteDays*24*time.Hour
		if b.Missing = day.After(last); b.Missing {
			b.Values = []float64{0}
		}
		e.Bars = append(e.Bars, b)
	}
	return &curveView{Title: title, Figure: e.Figure(w.Printer),
		Rule: w.T("health.curve.rule", "days", incompleteDays, "last", w.Day(last))}
}

// period says for which days a figure counts; a total has none.
func (w words) period(f health.FactView) string {
	from, e1 := time.Parse(time.DateOnly, f.From)
	to, e2 := time.Parse(time.DateOnly, f.To)
	if e1 != nil || e2 != nil {
		return ""
	}
	return w.T("health.fact.period", "from", w.ShortDay(from), "to", w.ShortDay(to))
}
