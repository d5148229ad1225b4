package chart

import (
	"math"
	"strconv"

	"lintas/internal/locale"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// Band is an estimate with its interval, period by period. Over bars of what
// was counted (Bars) each estimate is a mark with whiskers; without bars it is a
// line in its band.
type Band struct {
	ID     string // unique on the page
	Title  string
	Desc   string
	Unit   string // heading of the first column of the table
	Points []Spread
	Bars   string // "Reported"; empty: no bars
	Line   string // "R", "Expected in the end"
	Range  string // "95 % interval"
	Level  float64
	At     string // what Level means; empty: no such line
	Digits int    // decimals of the figures
	// Data takes the place of the table, where it says more.
	Data *parts.Table
}

// Spread is one period; NaN where there is no figure.
type Spread struct {
	Label          string
	Tick           string // under the axis; empty: none
	Seen           float64
	Mid, Low, High float64
}

// most is how far the axis reaches: an interval that is much wider than the
// estimates is cut off, since it would press them flat.
func (b Band) most() float64 {
	mid, high := b.Level*1.2, 0.0
	for _, s := range b.Points {
		mid, high = orMore(orMore(mid, s.Mid), s.Seen), orMore(high, s.High)
	}
	return math.Max(mid*1.05, math.Min(high, 3*mid))
}

// orMore is the larger one; NaN is none.
func orMore(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

func (b Band) frame(p *locale.Printer, w, h float64) frame {
	f := frame{w: w, h: h, right: 8, top: 20, bottom: 28, bars: len(b.Points), most: b.most(), digits: b.Digits}
	if b.Digits == 0 {
		f.step, f.most = nice(f.most)
	} else {
		f.step, f.most = fine(f.most)
	}
	f.left = margin(p, f.most)
	return f
}

// Draw draws the estimates in a box of w by h.
func (b Band) Draw(p *locale.Printer, w, h float64, suffix string) *svg.Drawing {
	f, id := b.frame(p, w, h), b.ID+suffix
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart "+suffix, "viewBox", "0 0 "+svg.Num(w)+" "+svg.Num(h), "role", "img", "aria-labelledby", id+"-t "+id+"-d")
	d.Say("title", b.Title, "id", id+"-t")
	d.Say("desc", b.Desc, "id", id+"-d")
	axis(d, p, f)
	if b.Bars == "" {
		b.ribbon(d, f)
	}
	b.marks(d, p, f)
	if b.At != "" {
		y := svg.Num(f.y(b.Level))
		d.El("path", "class", "thr", "d", "M"+svg.Num(f.left)+" "+y+"H"+svg.Num(f.w-f.right))
	}
	ticks(d, f, len(b.Points), func(i int) string { return b.Points[i].Tick })
	d.Close("svg")
	return d
}

// ribbon is the band and its line, each as long as there are estimates in a
// row.
func (b Band) ribbon(d *svg.Drawing, f frame) {
	mid := func(i int) float64 { return f.x(i) + f.width()/2 }
	at := func(i int, v float64) string { return svg.Num(mid(i)) + " " + svg.Num(f.y(math.Min(v, f.most))) }
	line := make([]float64, len(b.Points))
	for i := range b.Points {
		line[i] = b.Points[i].Mid
	}
	for i := 0; i < len(line); i++ {
		if math.IsNaN(line[i]) {
			continue
		}
		from := i
		for i+1 < len(line) && !math.IsNaN(line[i+1]) {
			i++
		}
		upper, lower := "", ""
		for k := from; k <= i; k++ {
			upper += "L" + at(k, b.Points[k].High)
			lower = "L" + at(k, b.Points[k].Low) + lower
		}
		d.El("path", "class", "band", "d", "M"+upper[1:]+lower+"z")
	}
	d.El("path", "class", "ln l0", "d", path(line, mid, f.y))
}

// marks are the bars with whiskers, and the words of each period.
func (b Band) marks(d *svg.Drawing, p *locale.Printer, f frame) {
	for i, s := range b.Points {
		x, w := f.x(i), f.width()
		d.Open("g", "class", "bar")
		d.Say("title", s.Label+": "+b.words(p, s))
		d.El("rect", "class", "hit", "x", svg.Num(x), "y", svg.Num(f.top), "width", svg.Num(w), "height", svg.Num(f.h-f.top-f.bottom))
		if b.Bars != "" {
			if s.Seen > 0 {
				d.El("rect", "class", "s0", "x", svg.Num(x+w*.12), "y", svg.Num(f.y(s.Seen)), "width", svg.Num(w*.76), "height", svg.Num(f.y(0)-f.y(s.Seen)))
			}
			if !math.IsNaN(s.Mid) {
				m, top, low := svg.Num(x+w/2), svg.Num(f.y(math.Min(s.High, f.most))), svg.Num(f.y(s.Low))
				d.El("path", "class", "whisk", "d", "M"+m+" "+top+"V"+low+"M"+svg.Num(x+w*.3)+" "+top+"H"+svg.Num(x+w*.7)+"M"+svg.Num(x+w*.3)+" "+low+"H"+svg.Num(x+w*.7))
				d.El("path", "class", "mid", "d", "M"+svg.Num(x+w*.12)+" "+svg.Num(f.y(s.Mid))+"H"+svg.Num(x+w*.88))
			}
		}
		d.Close("g")
	}
}

func (b Band) words(p *locale.Printer, s Spread) string {
	text := ""
	if b.Bars != "" && !math.IsNaN(s.Seen) {
		text = b.Bars + " " + p.Decimal(s.Seen, b.Digits)
	}
	if math.IsNaN(s.Mid) {
		return text
	}
	if text != "" {
		text += ", "
	}
	return text + b.Line + " " + p.Decimal(s.Mid, b.Digits) + " (" + p.Decimal(s.Low, b.Digits) + " – " + p.Decimal(s.High, b.Digits) + ")"
}

// Table holds the same figures.
func (b Band) Table(p *locale.Printer) parts.Table {
	if b.Data != nil {
		return *b.Data
	}
	t := parts.Table{Caption: b.Title, RowHead: true, Columns: []parts.Column{{Text: b.Unit}}}
	if b.Bars != "" {
		t.Columns = append(t.Columns, parts.Column{Text: b.Bars, Number: true})
	}
	t.Columns = append(t.Columns, parts.Column{Text: b.Line, Number: true}, parts.Column{Text: b.Range, Number: true})
	say := func(x float64) string {
		if math.IsNaN(x) {
			return "–"
		}
		return p.Decimal(x, b.Digits)
	}
	for _, s := range b.Points {
		row := []parts.Cell{{Text: s.Label}}
		if b.Bars != "" {
			row = append(row, parts.Cell{Text: say(s.Seen)})
		}
		between := "–"
		if !math.IsNaN(s.Mid) {
			between = say(s.Low) + " – " + say(s.High)
		}
		t.Rows = append(t.Rows, append(row, parts.Cell{Text: say(s.Mid)}, parts.Cell{Text: between}))
	}
	return t
}

// fine is nice for figures that are no counts: steps below one are well.
func fine(most float64) (step, top float64) {
	if most <= 0 || math.IsNaN(most) || math.IsInf(most, 0) {
		return 0.5, 1
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
	return step, math.Ceil(most/step-1e-9) * step
}

// ticks are the words under the axis, as many as there is room for.
func ticks(d *svg.Drawing, f frame, n int, text func(int) string) {
	last := math.Inf(-1)
	for i := range n {
		t := text(i)
		if t == "" || f.x(i)-last < textWidth(t)+6 || f.x(i)+textWidth(t) > f.w {
			continue
		}
		last = f.x(i)
		x, y := svg.Num(f.x(i)), f.y(0)
		d.El("line", "class", "tk", "x1", x, "x2", x, "y1", svg.Num(y), "y2", svg.Num(y+6))
		d.Say("text", t, "class", "ax", "x", svg.Num(f.x(i)+2), "y", svg.Num(y+18))
	}
}

// number is a figure of an axis.
func (f frame) number(p *locale.Printer, v float64) string {
	if f.digits == 0 {
		return p.Number(int64(v))
	}
	places := 0
	for step := f.step; places < 4 && math.Abs(step-math.Round(step)) > 1e-9; step *= 10 {
		places++
	}
	return p.Decimal(v, places)
}

func lineClass(i int) string { return "ln l" + strconv.Itoa(i%6) }
