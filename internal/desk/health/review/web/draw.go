package web

import (
	"time"

	"lintas/internal/desk/health/review"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// line is the timeline of a report: numbered moments on one axis of time, and
// the silences between them.
type line struct {
	words
	ID       string
	Moments  []review.Moment
	Silences []review.Silence
}

// draw puts the moments on the axis; where several fall together they stack.
func (l line) draw(w float64, suffix string) *svg.Drawing {
	const left, right, step = 18.0, 18.0, 20.0
	levels, top := l.levels(w - left - right)
	axis := 42 + step*float64(top)
	d := &svg.Drawing{}
	id := l.ID + suffix
	d.Open("svg", "class", "chart line "+suffix, "viewBox", "0 0 "+svg.Num(w)+" "+svg.Num(axis+38), "role", "img", "aria-labelledby", id+"-t "+id+"-d")
	d.Say("title", l.T("review.timeline.title"), "id", id+"-t")
	d.Say("desc", l.T("review.timeline.desc", "n", len(l.Moments), "gaps", len(l.Silences)), "id", id+"-d")
	first, last := l.Moments[0].At, l.Moments[len(l.Moments)-1].At
	span := max(last.Sub(first), time.Hour)
	x := func(t time.Time) float64 { return left + float64(t.Sub(first))/float64(span)*(w-left-right) }
	for _, s := range l.Silences {
		from, to := x(s.From), x(s.Until)
		d.El("rect", "class", "silence", "x", svg.Num(from), "y", svg.Num(axis-6), "width", svg.Num(to-from), "height", "12")
		if label := l.T("review.silence.short", "n", days(s)); to-from > float64(len(label))*6 {
			d.Say("text", label, "class", "ax", "x", svg.Num((from+to)/2), "y", svg.Num(axis+4), "text-anchor", "middle")
		}
	}
	d.El("path", "class", "axl", "d", "M"+svg.Num(left)+" "+svg.Num(axis)+"H"+svg.Num(w-right))
	d.Say("text", l.Day(first), "class", "ax", "x", svg.Num(left), "y", svg.Num(axis+28))
	d.Say("text", l.Day(last), "class", "ax", "x", svg.Num(w-right), "y", svg.Num(axis+28), "text-anchor", "end")
	for i := range l.Moments {
		at := x(l.Moments[i].At)
		y := axis - 24 - float64(levels[i])*step
		d.El("path", "class", "stem", "d", "M"+svg.Num(at)+" "+svg.Num(axis)+"V"+svg.Num(y+8))
		class := "dot"
		if l.Moments[i].Index < 0 {
			class = "dot hand"
		}
		d.El("circle", "class", class, "cx", svg.Num(at), "cy", svg.Num(y), "r", "9")
		d.Say("text", str(i+1), "class", "no", "x", svg.Num(at), "y", svg.Num(y+3.8), "text-anchor", "middle")
	}
	d.Close("svg")
	return d
}

func days(s review.Silence) int { return int(s.Until.Sub(s.From).Hours() / 24) }

// levels are how high each moment stands above the axis, so that their numbers
// do not cover one another, and the highest.
func (l line) levels(width float64) (out []int, top int) {
	const gap, most = 22.0, 5
	first := l.Moments[0].At
	span := max(l.Moments[len(l.Moments)-1].At.Sub(first), time.Hour)
	var ends []float64 // where each level is free again
	for i := range l.Moments {
		at, level := float64(l.Moments[i].At.Sub(first))/float64(span)*width, 0
		for level < len(ends) && ends[level] > at {
			level++
		}
		if level == len(ends) {
			ends = append(ends, 0)
		}
		ends[level] = at + gap
		level = min(level, most)
		out, top = append(out, level), max(top, level)
	}
	return out, top
}

// table says the same in rows.
func (l line) table() parts.Table {
	t := parts.Table{Caption: l.T("review.timeline.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: l.T("review.col.number")}, {Text: l.T("review.col.at")}, {Text: l.T("review.col.what")},
		{Text: l.T("review.col.who")}}}
	next := 0
	for i := range l.Moments {
		m := &l.Moments[i]
		for next < len(l.Silences) && !l.Silences[next].Until.After(m.At) {
			t.Rows = append(t.Rows, []parts.Cell{{Text: "–"}, {Text: ""}, {Text: l.silence(l.Silences[next])}, {Text: ""}})
			next++
		}
		what := parts.Cell{Text: l.acted(m), Note: m.Words}
		if m.Index < 0 {
			what.Note = l.T("review.by_hand", "source", m.Source)
		}
		if m.Late {
			what.Note += " · " + l.T("review.after_lock")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: str(i + 1)}, {Text: l.Stamp(m.At)}, what, {Text: m.Actor}})
	}
	return t
}

func (w words) silence(s review.Silence) string {
	return w.T("review.silence", "n", days(s), "from", w.Day(s.From), "until", w.Day(s.Until))
}

// bars draws for each clock of 7-1-7 the days in which its lag lies, with its
// limit: a point where both dates are exact, a bar where they are not.
func (w words) bars(id string, list []review.Clock) *svg.Drawing {
	const width, left, right, row, top = 640.0, 150.0, 190.0, 30.0, 8.0
	most := 15
	for _, c := range list {
		most = max(most, c.Min, c.Max)
	}
	most = min(most, 42)
	x := func(n int) float64 { return left + float64(min(max(n, 0), most))/float64(most)*(width-left-right) }
	h := top + row*float64(len(list)) + 4
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart bars", "viewBox", "0 0 "+svg.Num(width)+" "+svg.Num(h), "role", "img", "aria-labelledby", id+"-t "+id+"-d")
	d.Say("title", w.T("review.clocks.title"), "id", id+"-t")
	d.Say("desc", w.T("review.clocks.desc"), "id", id+"-d")
	for i, c := range list {
		y := top + row*float64(i) + 16
		d.Say("text", w.T("timeliness.clock."+c.Clock), "class", "lb", "x", svg.Num(left-10), "y", svg.Num(y), "text-anchor", "end")
		limit := svg.Num(x(c.Limit))
		d.El("path", "class", "thr", "d", "M"+limit+" "+svg.Num(y-14)+"V"+svg.Num(y+6))
		if !c.Known {
			d.Say("text", w.T("timeliness.outcome."+c.Outcome), "class", "vl", "x", svg.Num(x(c.Limit)+8), "y", svg.Num(y))
			continue
		}
		from, to := x(c.Min), x(c.Max)
		if c.Open {
			to = width - right
		}
		if to-from < 8 {
			from, to = from-4, from+4
		}
		class := "s1"
		if c.Outcome == "met" || c.Outcome == "missed" {
			class = "s0"
		}
		d.El("rect", "class", class, "x", svg.Num(from), "y", svg.Num(y-9), "width", svg.Num(to-from), "height", "10", "rx", "4")
		d.Say("text", w.lag(&c)+" · "+w.T("timeliness.outcome."+c.Outcome), "class", "vl", "x", svg.Num(to+6), "y", svg.Num(y))
	}
	d.Close("svg")
	return d
}

// lag is how many days it took, as closely as the dates allow.
func (w words) lag(c *review.Clock) string {
	switch {
	case !c.Known:
		return "–"
	case c.Open:
		return w.T("review.lag.open", "min", c.Min)
	case c.Min == c.Max:
		return w.T("review.lag", "n", c.Min)
	}
	return w.T("review.lag.between", "min", c.Min, "max", c.Max)
}

func (w words) clockTable(list []review.Clock) parts.Table {
	t := parts.Table{Caption: w.T("review.clocks.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("timeliness.clock")}, {Text: w.T("review.col.event")}, {Text: w.T("review.col.lag")},
		{Text: w.T("review.col.limit")}, {Text: w.T("timeliness.outcome")}}}
	for i := range list {
		c := &list[i]
		t.Rows = append(t.Rows, []parts.Cell{{Text: w.T("timeliness.clock." + c.Clock)}, {Text: c.Name}, {Text: w.lag(c)}, {Text: w.T("review.lag", "n", c.Limit)},
			{Text: w.T("timeliness.outcome." + c.Outcome), Note: w.T("timeliness.why." + c.Outcome)}})
	}
	return t
}
