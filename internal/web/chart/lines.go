package chart

import (
	"math"

	"lintas/internal/locale"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// Lines are several curves over the same periods on one scale, told apart by
// colour and by the pattern of the line, each named at its end.
type Lines struct {
	ID      string // unique on the page
	Title   string
	Desc    string
	Unit    string   // heading of the first column of the table
	Labels  []string // of the periods
	Ticks   []string // under the axis; empty: none
	Curves  []Curve
	Digits  int    // decimals of the figures
	Gap     string // what the table says where there is no count
	Partial string // "Not yet complete"; of the newest Tail periods
	Tail    int
}

// Curve is one line; NaN is a period without a count. Said is the table's text
// for such periods where it is not Lines.Gap.
type Curve struct {
	Name   string
	Short  string // at the end of the line
	Values []float64
	Said   map[int]string
}

func (l Lines) frame(p *locale.Printer, w, h float64) frame {
	f := frame{w: w, h: h, right: 44, top: 22, bottom: 28, bars: len(l.Labels)}
	for _, c := range l.Curves {
		for _, v := range c.Values {
			if v > f.most {
				f.most = v
			}
		}
	}
	f.step, f.most = nice(f.most)
	f.left = margin(p, f.most)
	return f
}

// Draw draws the lines in a box of w by h.
func (l Lines) Draw(p *locale.Printer, w, h float64, suffix string) *svg.Drawing {
	f, id := l.frame(p, w, h), l.ID+suffix
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart "+suffix, "viewBox", "0 0 "+svg.Num(w)+" "+svg.Num(h), "role", "img", "aria-labelledby", id+"-t "+id+"-d")
	d.Say("title", l.Title, "id", id+"-t")
	d.Say("desc", l.Desc, "id", id+"-d")
	hatch(d, id+"-hatch")
	axis(d, p, f)
	if l.Tail > 0 && l.Tail <= len(l.Labels) {
		x := f.x(len(l.Labels) - l.Tail)
		d.El("rect", "fill", "url(#"+id+"-hatch)", "x", svg.Num(x), "y", svg.Num(f.top), "width", svg.Num(f.w-f.right-x), "height", svg.Num(f.h-f.top-f.bottom))
		d.Say("text", l.Partial, "class", "note", "x", svg.Num(f.w-f.right), "y", svg.Num(f.top-5), "text-anchor", "end")
	}
	ticks(d, f, len(l.Ticks), func(i int) string { return l.Ticks[i] })
	mid := func(i int) float64 { return f.x(i) + f.width()/2 }
	for i, c := range l.Curves {
		d.Open("g")
		d.Say("title", c.Name)
		d.El("path", "class", lineClass(i), "d", path(c.Values, mid, f.y))
		d.Close("g")
	}
	l.ends(d, f)
	d.Close("svg")
	return d
}

// ends names each line where it ends, moved apart so that no name covers
// another.
func (l Lines) ends(d *svg.Drawing, f frame) {
	const apart = 12.0
	type end struct {
		i    int
		x, y float64
	}
	var all []end
	for i, c := range l.Curves {
		for k := len(c.Values) - 1; k >= 0; k-- {
			if !math.IsNaN(c.Values[k]) {
				all = append(all, end{i, f.x(k) + f.width() + 4, f.y(c.Values[k]) + 4})
				break
			}
		}
	}
	for range all {
		for i := range all {
			for j := range all {
				if i != j && math.Abs(all[i].x-all[j].x) < 40 && math.Abs(all[i].y-all[j].y) < apart && (all[i].y > all[j].y || all[i].y == all[j].y && i > j) {
					all[i].y = math.Min(all[j].y+apart, f.h-f.bottom+apart)
				}
			}
		}
	}
	for _, e := range all {
		d.Say("text", l.Curves[e.i].Short, "class", "ax", "x", svg.Num(math.Min(e.x, f.w-f.right+4)), "y", svg.Num(e.y))
	}
}

// Table holds the same figures.
func (l Lines) Table(p *locale.Printer) parts.Table {
	t := parts.Table{Caption: l.Title, RowHead: true, Columns: []parts.Column{{Text: l.Unit}}}
	for _, c := range l.Curves {
		t.Columns = append(t.Columns, parts.Column{Text: c.Name, Number: true})
	}
	for i, label := range l.Labels {
		row := []parts.Cell{{Text: label}}
		if i >= len(l.Labels)-l.Tail {
			row[0].Note = l.Partial
		}
		for _, c := range l.Curves {
			text := l.Gap
			switch {
			case i < len(c.Values) && !math.IsNaN(c.Values[i]):
				text = p.Decimal(c.Values[i], l.Digits)
			case c.Said[i] != "":
				text = c.Said[i]
			}
			row = append(row, parts.Cell{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
