package web

import (
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/web/svg"
)

// mostDays is where the axis ends; what lies beyond is drawn to the edge with
// its number.
const mostDays = 42

// barRow is one event of the chart of a clock.
type barRow struct {
	Label string
	Words string
	R     timeliness.Result
}

// intervals draws for each event the days in which its lag lies, and the limit
// as a line: a point where both dates are exact, a bar where they are not. The
// days stand in a column at the end, so that no line crosses them.
func intervals(id, title, desc string, rows []barRow, limit int, limitWords string) *svg.Drawing {
	const w, left, right, row, top = 640.0, 190.0, 96.0, 24.0, 24.0
	most := limit * 2
	for _, r := range rows {
		most = max(most, r.R.Lag.Min, r.R.Lag.Max)
	}
	most = min(most, mostDays)
	x := func(n int) float64 { return left + float64(min(n, most))/float64(most)*(w-left-right) }
	h := top + row*float64(len(rows)) + 8
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart bars", "viewBox", "0 0 "+svg.Num(w)+" "+svg.Num(h), "role", "img", "aria-labelledby", id+"-t "+id+"-d")
	d.Say("title", title, "id", id+"-t")
	d.Say("desc", desc, "id", id+"-d")
	line := svg.Num(x(limit))
	d.El("path", "class", "thr", "d", "M"+line+" "+svg.Num(top-4)+"V"+svg.Num(h-4))
	d.Say("text", limitWords, "class", "ax", "x", line, "y", "12", "text-anchor", "middle")
	for i, r := range rows {
		y := top + row*float64(i) + 14
		d.Say("text", clip(r.Label, 27), "class", "lb", "x", svg.Num(left-10), "y", svg.Num(y), "text-anchor", "end")
		from, to := x(max(r.R.Lag.Min, 0)), x(max(r.R.Lag.Max, 0))
		if r.R.Lag.Open {
			to = w - right
		}
		if to-from < 8 {
			from, to = from-4, from+4
		}
		class := "s1"
		if r.R.Outcome == timeliness.Met || r.R.Outcome == timeliness.Missed {
			class = "s0"
		}
		d.El("rect", "class", class, "x", svg.Num(from), "y", svg.Num(y-9), "width", svg.Num(to-from), "height", "9", "rx", "4")
		d.Say("text", r.Words, "class", "vl", "x", svg.Num(w), "y", svg.Num(y), "text-anchor", "end")
	}
	d.Close("svg")
	return d
}

func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
