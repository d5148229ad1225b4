package chart

import (
	"math"

	"lintas/internal/locale"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// Spark draws a short row of bars for a table cell, with a threshold line
// when limit is positive; the last partial bars are not yet complete. The row
// of the table says in words what matters, so it is hidden from readers.
func Spark(values []float64, limit float64, partial int) *svg.Drawing {
	const w, h = 84.0, 24.0
	most := limit
	for _, v := range values {
		most = math.Max(most, v)
	}
	most = math.Max(most*1.08, 1)
	d := &svg.Drawing{}
	d.Open("svg", "class", "spark", "viewBox", "0 0 84 24", "aria-hidden", "true", "focusable", "false")
	d.El("line", "class", "z", "x1", "0", "x2", "84", "y1", "23.5", "y2", "23.5")
	bw := w / float64(max(len(values), 1))
	for i, v := range values {
		class := "b"
		if limit > 0 && v > limit {
			class += " over"
		}
		if i >= len(values)-partial {
			class += " part"
		}
		bh := v / most * h
		d.El("rect", "class", class, "x", svg.Num(float64(i)*bw+.5), "y", svg.Num(h-bh), "width", svg.Num(bw-1), "height", svg.Num(bh))
	}
	if limit > 0 {
		y := svg.Num(h - limit/most*h)
		d.El("line", "class", "t", "x1", "0", "x2", "84", "y1", y, "y2", y)
	}
	d.Close("svg")
	return d
}

// Multiple is one cell of a grid of small curves: this year's line over the
// band of earlier years and its dashed upper edge. All cells are of one size
// so that shapes compare; each has its own scale. NaN in a line is a period
// without a count: the line breaks there over a hatch.
type Multiple struct {
	Plate     parts.Plate
	Value     string // the latest, in words
	Line      []float64
	Low, High []float64 // the band, as long as Line
	Over      bool      // the latest is above the threshold
	NoData    string    // why there is no curve; shown in its place
	Scale     string    // "up to 3,204": what the height of the cell means
	More      parts.Link
}

// Grid is a set of small curves with the total in the last cell.
type Grid struct {
	ID     string // unique on the page, where lines have gaps
	Title  string
	Member string // heading of the table: "State"
	Latest string // heading of the table: "Latest"
	Cells  []Multiple
	Total  string
	Note   string
}

// Most is the largest count that the cell shows.
func (m Multiple) Most() float64 {
	most := 0.0
	for i, v := range m.Line {
		if v > most { // false for NaN
			most = v
		}
		if i < len(m.High) && m.High[i] > most {
			most = m.High[i]
		}
	}
	return most
}

func (m Multiple) draw(grid string) *svg.Drawing {
	d := &svg.Drawing{}
	d.Open("svg", "class", "multi", "viewBox", "0 0 120 40", "preserveAspectRatio", "none", "aria-hidden", "true", "focusable", "false")
	m.content(d, grid)
	d.Close("svg")
	return d
}

// content is what stands in the box of 120 by 40.
func (m Multiple) content(d *svg.Drawing, grid string) {
	const w, h = 120.0, 40.0
	most := math.Max(m.Most(), 1e-9) * 1.1
	x := func(i int) float64 { return 3 + float64(i)*(w-6)/float64(max(len(m.Line)-1, 1)) }
	y := func(v float64) float64 { return h - 3 - v/most*(h-7) }
	m.gaps(d, grid, x, h)
	if len(m.High) == len(m.Line) && len(m.Low) == len(m.Line) {
		band := path(m.High, x, y)
		edge := band
		for i := len(m.Low) - 1; i >= 0; i-- {
			band += "L" + svg.Num(x(i)) + " " + svg.Num(y(m.Low[i]))
		}
		d.El("path", "class", "band", "d", band+"z")
		d.El("path", "class", "hi", "d", edge)
	}
	over := ""
	if m.Over {
		over = " over"
	}
	d.El("path", "class", "ln"+over, "d", path(m.Line, x, y))
	if n := len(m.Line) - 1; n >= 0 && !math.IsNaN(m.Line[n]) {
		at := svg.Num(x(n)) + " " + svg.Num(y(m.Line[n]))
		d.El("path", "class", "end"+over, "d", "M"+at+"h.01")
	}
}

// gaps hatches the periods without a count.
func (m Multiple) gaps(d *svg.Drawing, grid string, x func(int) float64, h float64) {
	id := grid + "-" + m.Plate.Code + "-gap"
	half := (x(1) - x(0)) / 2
	for i := 0; i < len(m.Line); i++ {
		if !math.IsNaN(m.Line[i]) {
			continue
		}
		from := i
		for i+1 < len(m.Line) && math.IsNaN(m.Line[i+1]) {
			i++
		}
		if id != "" {
			hatch(d, id)
		}
		d.El("rect", "class", "gap", "fill", "url(#"+grid+"-"+m.Plate.Code+"-gap)", "x", svg.Num(x(from)-half), "y", "0", "width", svg.Num(x(i)-x(from)+2*half), "height", svg.Num(h))
		id = "" // one pattern serves all
	}
}

// path draws a line that breaks at NaN. A count between two gaps is a dot.
func path(v []float64, x func(int) float64, y func(float64) float64) string {
	s, open := "", false
	for i := range v {
		if math.IsNaN(v[i]) {
			open = false
			continue
		}
		cmd := "L"
		if !open {
			cmd = "M"
		}
		at := svg.Num(x(i)) + " " + svg.Num(y(v[i]))
		s += cmd + at
		if !open && (i+1 == len(v) || math.IsNaN(v[i+1])) {
			s += "h.01"
		}
		open = true
	}
	return s
}

// Draw is the whole grid in one drawing, for a file; pages lay its cells out
// themselves.
func (g Grid) Draw() *svg.Drawing {
	const w, h, across = 200.0, 104.0, 4
	rows := (len(g.Cells) + across) / across
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart grid", "viewBox", "0 0 "+svg.Num(w*across)+" "+svg.Num(h*float64(rows)))
	for i, m := range g.Cells {
		d.Open("g", "transform", "translate("+svg.Num(float64(i%across)*w)+" "+svg.Num(float64(i/across)*h)+")")
		d.El("rect", "class", "cell", "width", svg.Num(w), "height", svg.Num(h))
		d.Say("text", m.Plate.Code, "class", "code", "x", "8", "y", "17")
		d.Say("text", m.Value, "class", "val", "x", svg.Num(w-8), "y", "18")
		if m.NoData != "" {
			hatch(d, g.ID+"-"+m.Plate.Code+"-none")
			d.El("rect", "fill", "url(#"+g.ID+"-"+m.Plate.Code+"-none)", "x", "8", "y", "26", "width", svg.Num(w-16), "height", "60")
			d.Say("text", m.NoData, "class", "sc", "x", "12", "y", "99")
		} else {
			d.Open("g", "class", "multi", "transform", "translate(8 24) scale(1.5)")
			m.content(d, g.ID)
			d.Close("g")
			d.Say("text", m.Scale, "class", "sc", "x", "8", "y", "99")
		}
		d.Close("g")
	}
	n := len(g.Cells)
	d.Say("text", g.Total, "class", "lb", "x", svg.Num(float64(n%across)*w+8), "y", svg.Num(float64(n/across)*h+18))
	d.Close("svg")
	return d
}

func (g Grid) table() parts.Table {
	t := parts.Table{Caption: g.Title, RowHead: true, Columns: []parts.Column{{Text: g.Member}, {Text: g.Latest, Number: true}}}
	for _, m := range g.Cells {
		value := m.Value
		if m.NoData != "" {
			value = m.NoData
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: m.Plate.Title}, {Text: value}})
	}
	return t
}

// Bars is a list of horizontal bars, such as counts by place.
type Bars struct {
	ID, Title, Desc string
	Name, Value     string // headings of the table
	Rows            []BarRow
}

// BarRow is one bar.
type BarRow struct {
	Label   string
	Value   float64
	Missing string // why there is no figure; the bar is then not drawn
}

// Draw draws the bars in the given width.
func (b Bars) Draw(p *locale.Printer, w float64) *svg.Drawing {
	const row, left = 24.0, 150.0
	most := 1e-9
	for _, r := range b.Rows {
		most = math.Max(most, r.Value)
	}
	h := row*float64(len(b.Rows)) + 4
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart bars", "viewBox", "0 0 "+svg.Num(w)+" "+svg.Num(h), "role", "img", "aria-labelledby", b.ID+"-t "+b.ID+"-d")
	d.Say("title", b.Title, "id", b.ID+"-t")
	d.Say("desc", b.Desc, "id", b.ID+"-d")
	for i, r := range b.Rows {
		y := row*float64(i) + 16
		d.Say("text", r.Label, "class", "lb", "x", svg.Num(left-8), "y", svg.Num(y), "text-anchor", "end")
		if r.Missing != "" {
			d.Say("text", r.Missing, "class", "vl", "x", svg.Num(left), "y", svg.Num(y))
			continue
		}
		bw := r.Value / most * (w - left - 70)
		d.El("rect", "class", "s0", "x", svg.Num(left), "y", svg.Num(y-12), "width", svg.Num(math.Max(bw, 1)), "height", "16")
		d.Say("text", p.Decimal(r.Value, 1), "class", "vl", "x", svg.Num(left+bw+6), "y", svg.Num(y))
	}
	d.Close("svg")
	return d
}

func (b Bars) table(p *locale.Printer) parts.Table {
	t := parts.Table{Caption: b.Title, RowHead: true, Columns: []parts.Column{{Text: b.Name}, {Text: b.Value, Number: true}}}
	for _, r := range b.Rows {
		value := r.Missing
		if value == "" {
			value = p.Decimal(r.Value, 1)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: r.Label}, {Text: value}})
	}
	return t
}
