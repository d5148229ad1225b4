// Package chart draws the curves and bars of the pages as SVG, each with a
// title, a description and the same figures as a table. All words come from
// the caller.
package chart

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"lintas/internal/locale"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// Epi is an epidemic curve: stacked bars by series and day or week, a
// threshold that steps, alarms, a hatched tail of figures that are not yet
// complete, and notes at dates.
type Epi struct {
	ID      string // unique on the page
	Title   string
	Desc    string
	Unit    string // heading of the first column of the table: "Day of onset"
	Series  []string
	Bars    []Bar
	Notes   []Note
	Partial string // "Not yet complete"
	Limit   string // "Alert threshold (EARS C2)"
	Expect  string // "Expected"; empty: no such line
	Alarm   string // "Alarm raised"
	Gap     string // "No report": says what × means; empty: not in the legend
	Kept    string // "Withheld": says what ∗ means; empty: not in the legend
}

// Bar is one day or week. Missing says that nobody reported, Kept that the owner
// of the count withholds it; both are gaps with a mark, never zero.
type Bar struct {
	Label   string // "2 Nov", in tooltip and table
	Tick    string // under the axis; empty: none
	Values  []float64
	Limit   float64
	Expect  float64
	Alarm   bool
	Partial bool
	Missing bool
	Kept    bool
}

// Note is a line with words above a bar.
type Note struct {
	Bar  int
	Text string
}

func (b Bar) total() float64 {
	sum := 0.0
	for _, v := range b.Values {
		sum += v
	}
	return sum
}

// frame is where the bars stand in the drawing.
type frame struct {
	w, h, left, right, top, bottom float64
	most, step                     float64
	bars                           int
	digits                         int // decimals of the axis; 0: counts
}

func (f frame) x(i int) float64     { return f.left + f.width()*float64(i) }
func (f frame) width() float64      { return (f.w - f.left - f.right) / float64(max(f.bars, 1)) }
func (f frame) y(v float64) float64 { return f.top + (f.h-f.top-f.bottom)*(1-v/f.most) }

// nice chooses the step of the axis: about five lines at round figures.
func nice(most float64) (step, top float64) {
	if most <= 0 || math.IsNaN(most) || math.IsInf(most, 0) {
		return 1, 5
	}
	raw := most / 4
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	step = 10 * mag
	for _, m := range []float64{1, 2, 5} {
		if raw <= m*mag {
			step = m * mag
			break
		}
	}
	if step < 1 {
		step = 1 // counts are whole
	}
	return step, math.Ceil(most/step) * step
}

// textWidth guesses how wide words of 11 px are.
func textWidth(s string) float64 { return float64(utf8.RuneCountInString(s))*5.9 + 4 }

// margin is how much room the figures of an axis need at its left.
func margin(p *locale.Printer, most float64) float64 {
	return math.Max(34, textWidth(p.Number(int64(most)))+8)
}

const laneHeight = 15

// lanes puts the words of notes into rows so that no word crosses the line of
// another note: from the right, each note whose place the words of an earlier
// one cover goes one row lower.
func lanes(f frame, notes []Note) (lane []int, rows int) {
	lane = make([]int, len(notes))
	for i := len(notes) - 1; i >= 0; i-- {
		at := f.x(notes[i].Bar) + f.width()/2
		for j := i + 1; j < len(notes); j++ {
			if f.x(notes[j].Bar)+f.width()/2-textWidth(notes[j].Text)-8 < at {
				lane[i] = max(lane[i], lane[j]+1)
			}
		}
		rows = max(rows, lane[i]+1)
	}
	return lane, rows
}

func (e Epi) frame(p *locale.Printer, w, h float64) (frame, []int) {
	f := frame{w: w, h: h, right: 8, bottom: 28, bars: len(e.Bars)}
	for _, b := range e.Bars {
		f.most = max(f.most, b.total(), b.Limit, b.Expect)
	}
	f.step, f.most = nice(f.most)
	f.left = margin(p, f.most)
	lane, rows := lanes(f, e.Notes)
	f.top = 10 + laneHeight*float64(rows)
	if e.hasPartial() {
		f.top += laneHeight
	}
	return f, lane
}

func (e Epi) hasPartial() bool {
	for _, b := range e.Bars {
		if b.Partial {
			return true
		}
	}
	return false
}

// Draw draws the curve in a box of w by h; suffix keeps ids apart when the
// same curve is drawn twice.
func (e Epi) Draw(p *locale.Printer, w, h float64, suffix string) *svg.Drawing {
	f, lane := e.frame(p, w, h)
	id := e.ID + suffix
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart "+suffix, "viewBox", "0 0 "+svg.Num(w)+" "+svg.Num(h), "role", "img",
		"aria-labelledby", id+"-t "+id+"-d")
	d.Say("title", e.Title, "id", id+"-t")
	d.Say("desc", e.Desc, "id", id+"-d")
	hatch(d, id+"-hatch")
	axis(d, p, f)
	e.partial(d, f, id+"-hatch")
	e.bars(d, p, f)
	e.steps(d, f, "thr", func(b Bar) float64 { return b.Limit })
	e.steps(d, f, "exp", func(b Bar) float64 { return b.Expect })
	e.notes(d, f, lane)
	d.Close("svg")
	return d
}

func hatch(d *svg.Drawing, id string) {
	d.Open("defs")
	d.Open("pattern", "id", id, "width", "4", "height", "4", "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(45)")
	d.El("line", "y2", "4", "class", "hl")
	d.Close("pattern")
	d.Close("defs")
}

func axis(d *svg.Drawing, p *locale.Printer, f frame) {
	for v := 0.0; v <= f.most+f.step/2; v += f.step {
		class := "gr"
		if v == 0 {
			class = "gr z"
		}
		y := svg.Num(f.y(v))
		d.El("line", "class", class, "x1", svg.Num(f.left), "x2", svg.Num(f.w-f.right), "y1", y, "y2", y)
		d.Say("text", f.number(p, v), "class", "ax", "x", svg.Num(f.left-6), "y", svg.Num(f.y(v)+4), "text-anchor", "end")
	}
}

func (e Epi) partial(d *svg.Drawing, f frame, hatch string) {
	for i, b := range e.Bars {
		if !b.Partial {
			continue
		}
		x := f.x(i)
		d.El("rect", "fill", "url(#"+hatch+")", "x", svg.Num(x), "y", svg.Num(f.top), "width", svg.Num(f.w-f.right-x), "height", svg.Num(f.h-f.top-f.bottom))
		d.Say("text", e.Partial, "class", "note", "x", svg.Num(f.w-f.right), "y", svg.Num(f.top-5), "text-anchor", "end")
		return
	}
}

func (e Epi) bars(d *svg.Drawing, p *locale.Printer, f frame) {
	lastTick := math.Inf(-1)
	for i, b := range e.Bars {
		class := "bar"
		if b.Partial {
			class = "bar p"
		}
		d.Open("g", "class", class)
		d.Say("title", b.Label+": "+e.words(p, b))
		gap := min(0.8, f.width()*0.1)
		base := 0.0
		for s, v := range b.Values {
			y0, y1 := f.y(base), f.y(base+v)
			if v > 0 {
				d.El("rect", "class", "s"+strconv.Itoa(s%4), "x", svg.Num(f.x(i)+gap), "y", svg.Num(y1), "width", svg.Num(f.width()-2*gap), "height", svg.Num(y0-y1))
			}
			base += v
		}
		if mark := b.mark(); mark != "" {
			d.Say("text", mark, "class", "ax", "x", svg.Num(f.x(i)+f.width()/2), "y", svg.Num(f.y(0)-3), "text-anchor", "middle")
		}
		d.Close("g")
		if b.Alarm {
			d.El("path", "class", "al", "d", "M"+svg.Num(f.x(i)+f.width()/2)+" "+svg.Num(f.y(b.total())-3)+"l4-7h-8z")
		}
		if b.Tick != "" && f.x(i)-lastTick >= textWidth(b.Tick)+6 && f.x(i)+textWidth(b.Tick) <= f.w {
			lastTick = f.x(i)
			x, y := svg.Num(f.x(i)), f.y(0)
			d.El("line", "class", "tk", "x1", x, "x2", x, "y1", svg.Num(y), "y2", svg.Num(y+6))
			d.Say("text", b.Tick, "class", "ax", "x", svg.Num(f.x(i)+2), "y", svg.Num(y+18))
		}
	}
}

// mark stands where there is no bar.
func (b Bar) mark() string {
	switch {
	case b.Missing:
		return "×"
	case b.Kept:
		return "∗"
	}
	return ""
}

// gap is what a table says in place of a figure.
func (e Epi) gap(b Bar) string {
	switch {
	case b.Kept && e.Kept != "":
		return e.Kept
	case b.Missing && e.Gap != "":
		return e.Gap
	}
	return "–"
}

func (e Epi) words(p *locale.Printer, b Bar) string {
	if b.Missing || b.Kept {
		return e.gap(b)
	}
	var out []string
	for s, v := range b.Values {
		text := p.Decimal(v, 1)
		if s < len(e.Series) {
			text = e.Series[s] + " " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// steps is a line that steps from bar to bar; where there is no value, it
// breaks off.
func (e Epi) steps(d *svg.Drawing, f frame, class string, value func(Bar) float64) {
	var path strings.Builder
	open := false
	for i, b := range e.Bars {
		v := value(b)
		if v <= 0 {
			open = false
			continue
		}
		cmd := "L"
		if !open {
			cmd, open = "M", true
		}
		path.WriteString(cmd + svg.Num(f.x(i)) + " " + svg.Num(f.y(v)) + "H" + svg.Num(f.x(i)+f.width()))
	}
	if path.Len() > 0 {
		d.El("path", "class", class, "d", path.String())
	}
}

func (e Epi) notes(d *svg.Drawing, f frame, lane []int) {
	for i, n := range e.Notes {
		if n.Bar < 0 || n.Bar >= len(e.Bars) {
			continue
		}
		x := f.x(n.Bar) + f.width()/2
		y := 12 + laneHeight*float64(lane[i])
		d.El("line", "class", "an", "x1", svg.Num(x), "x2", svg.Num(x), "y1", svg.Num(y-9), "y2", svg.Num(f.y(e.Bars[n.Bar].total())-13))
		if x-textWidth(n.Text) < 0 {
			d.Say("text", n.Text, "class", "anx", "x", svg.Num(x+5), "y", svg.Num(y))
			continue
		}
		d.Say("text", n.Text, "class", "anx", "x", svg.Num(x-5), "y", svg.Num(y), "text-anchor", "end")
	}
}

// Table holds the same figures.
func (e Epi) Table(p *locale.Printer) parts.Table {
	t := parts.Table{Caption: e.Title, RowHead: true, Columns: []parts.Column{{Text: e.Unit}}}
	for _, s := range e.Series {
		t.Columns = append(t.Columns, parts.Column{Text: s, Number: true})
	}
	if e.Limit != "" {
		t.Columns = append(t.Columns, parts.Column{Text: e.Limit, Number: true})
	}
	if e.Expect != "" {
		t.Columns = append(t.Columns, parts.Column{Text: e.Expect, Number: true})
	}
	for _, b := range e.Bars {
		row := []parts.Cell{{Text: b.Label}}
		if b.Partial {
			row[0].Note = e.Partial
		}
		for _, v := range b.Values {
			row = append(row, parts.Cell{Text: p.Decimal(v, 1)})
		}
		for (b.Missing || b.Kept) && len(row) <= len(e.Series) {
			row = append(row, parts.Cell{Text: e.gap(b)})
		}
		if e.Limit != "" {
			row = append(row, stepCell(p, b.Limit))
		}
		if e.Expect != "" {
			row = append(row, stepCell(p, b.Expect))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// stepCell is a value of a line that steps, which may not be there.
func stepCell(p *locale.Printer, v float64) parts.Cell {
	if v <= 0 {
		return parts.Cell{Text: "–"}
	}
	return parts.Cell{Text: p.Decimal(v, 1)}
}
