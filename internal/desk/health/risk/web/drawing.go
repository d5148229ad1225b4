package web

import (
	"slices"
	"unicode"

	"lintas/internal/desk/health/risk"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// The risk matrix with the previous and the current position, and the ladder
// of the eleven positions. Both are drawn in the manner of internal/web/chart;
// each has its table.

// mark is one position on the matrix.
type mark struct {
	Likelihood  risk.Likelihood
	Consequence risk.Consequence
	Label       string // empty: the dot of the current position
	Before      bool   // the open ring of the previous one
}

const (
	cell     = 38.0
	gapCells = 2.0
)

// matrixDrawing draws the table of m with the marks; small leaves the words of
// the axes out.
func (w words) matrixDrawing(id, title, desc string, m *risk.Matrix, marks []mark, small bool) *svg.Drawing {
	left, bottom := axisRoom(risk.Likelihoods, w.likelihood), 51.0
	if small {
		left, bottom = 26, 20
	}
	size := 5*cell + 4*gapCells
	d := &svg.Drawing{}
	class := "chart riskmx"
	if small {
		class += " small"
	}
	d.Open("svg", "class", class, "viewBox", "0 0 "+svg.Num(left+size+4)+" "+svg.Num(size+bottom), "role", "img", "aria-labelledby", id+"-t "+id+"-d")
	d.Say("title", title, "id", id+"-t")
	d.Say("desc", desc, "id", id+"-d")
	for y, l := range risk.Likelihoods {
		for x, c := range risk.Consequences {
			level := m.Level(l, c)
			d.Open("rect", "class", "e-"+risk.GradeOf(level), "x", svg.Num(left+float64(x)*(cell+gapCells)), "y", svg.Num(float64(y)*(cell+gapCells)),
				"width", svg.Num(cell), "height", svg.Num(cell), "rx", "3")
			d.Say("title", w.T("risk.cell.title", "likelihood", w.likelihood(l), "consequence", w.consequence(c), "level", w.level(level)))
			d.Close("rect")
		}
	}
	w.axes(d, left, size, small)
	drawMarks(d, left, marks)
	d.Close("svg")
	return d
}

// axisRoom is how wide the words beside an axis may become in this language:
// marks above and below a letter take no room of their own.
func axisRoom[T any](of []T, say func(T) string) float64 {
	longest := 0
	for _, x := range of {
		n := 0
		for _, r := range say(x) {
			if !unicode.Is(unicode.Mn, r) {
				n++
			}
		}
		longest = max(longest, n)
	}
	return max(64, 14+6.3*float64(longest))
}

func (w words) axes(d *svg.Drawing, left, size float64, small bool) {
	if small {
		d.Say("text", w.T("risk.axis.likelihood"), "class", "ax", "transform", "translate(18 "+svg.Num(size/2)+") rotate(-90)", "text-anchor", "middle")
		d.Say("text", w.T("risk.axis.consequence"), "class", "ax", "x", svg.Num(left+size/2), "y", svg.Num(size+14), "text-anchor", "middle")
		return
	}
	for y, l := range risk.Likelihoods {
		d.Say("text", w.likelihood(l), "class", "ax", "x", svg.Num(left-8), "y", svg.Num(float64(y)*(cell+gapCells)+cell/2+4), "text-anchor", "end")
	}
	for x, c := range risk.Consequences {
		d.Say("text", w.consequence(c), "class", "ax xs", "x", svg.Num(left+float64(x)*(cell+gapCells)+cell/2), "y", svg.Num(size+13+float64(x%2)*12), "text-anchor", "middle")
	}
	d.Say("text", w.T("risk.axis.consequence"), "class", "ax", "x", svg.Num(left+size/2), "y", svg.Num(size+44), "text-anchor", "middle")
}

// drawMarks sets several marks of one cell side by side, and leads from the
// previous position to the current one.
func drawMarks(d *svg.Drawing, left float64, marks []mark) {
	at := func(m mark, n, of int) (float64, float64) {
		x, y := slices.Index(risk.Consequences, m.Consequence), slices.Index(risk.Likelihoods, m.Likelihood)
		step := min(13.0, (cell-6)/float64(of))
		return left + float64(x)*(cell+gapCells) + cell/2 + step*(float64(n)-float64(of-1)/2), float64(y)*(cell+gapCells) + cell/2
	}
	place := func(i int) (x, y float64) {
		n, of := 0, 0
		for j, o := range marks {
			if o.Likelihood == marks[i].Likelihood && o.Consequence == marks[i].Consequence {
				if j < i {
					n++
				}
				of++
			}
		}
		return at(marks[i], n, of)
	}
	var now, was [2]float64
	moved := 0
	for i, m := range marks {
		x, y := place(i)
		switch {
		case m.Before:
			was = [2]float64{x, y}
			moved++
		case m.Label == "":
			now = [2]float64{x, y}
			moved++
		}
	}
	if moved == 2 && was != now {
		d.El("line", "class", "way", "x1", svg.Num(was[0]), "y1", svg.Num(was[1]), "x2", svg.Num(now[0]), "y2", svg.Num(now[1]))
	}
	for i, m := range marks {
		x, y := place(i)
		switch {
		case m.Before:
			d.El("circle", "class", "was", "cx", svg.Num(x), "cy", svg.Num(y), "r", "6")
		case m.Label == "":
			d.El("circle", "class", "now", "cx", svg.Num(x), "cy", svg.Num(y), "r", "7")
		default:
			d.Say("text", m.Label, "class", "grp", "x", svg.Num(x), "y", svg.Num(y+4), "text-anchor", "middle")
		}
	}
}

// marksOf are the current position, the previous one and the other groups.
func marksOf(v risk.AssessmentView) []mark {
	var out []mark
	if b := v.Previous; b != nil && slices.Contains(risk.Likelihoods, b.Likelihood) && slices.Contains(risk.Consequences, b.Consequence) {
		out = append(out, mark{Likelihood: b.Likelihood, Consequence: b.Consequence, Before: true})
	}
	for i, p := range v.Populations {
		m := mark{Likelihood: p.Result.Likelihood, Consequence: p.Result.Consequence}
		if i > 0 {
			m.Label = str(i + 1)
		}
		out = append(out, m)
	}
	return out
}

// ladder draws the positions: a column for each state, a row for each level.
// A state without a position has a hatched column, never a place.
func (w words) ladder(spread []risk.Cell) *svg.Drawing {
	const wide, row, top = 46.0, 30.0, 24.0
	left, h := axisRoom(risk.Levels, w.level), top+4*row+4
	d := &svg.Drawing{}
	d.Open("svg", "class", "chart ladder", "viewBox", "0 0 "+svg.Num(left+float64(len(spread))*wide+4)+" "+svg.Num(h), "role", "img", "aria-labelledby", "ladder-t ladder-d")
	d.Say("title", w.T("risk.spread.title"), "id", "ladder-t")
	d.Say("desc", w.T("risk.spread.legend"), "id", "ladder-d")
	d.Open("defs")
	d.Open("pattern", "id", "ladder-hatch", "width", "5", "height", "5", "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(45)")
	d.El("line", "y2", "5", "class", "hl")
	d.Close("pattern")
	d.Close("defs")
	y := func(l risk.Level) float64 { return top + float64(len(risk.Levels)-1-l.Rank())*row }
	for _, l := range risk.Levels {
		d.El("rect", "class", "band e-"+risk.GradeOf(l), "x", svg.Num(left), "y", svg.Num(y(l)), "width", svg.Num(float64(len(spread))*wide), "height", svg.Num(row-2))
		d.Say("text", w.level(l), "class", "ax", "x", svg.Num(left-8), "y", svg.Num(y(l)+row/2+3), "text-anchor", "end")
	}
	for i, c := range spread {
		x := left + float64(i)*wide
		d.Open("g")
		d.Say("title", w.cellWords(c))
		d.Say("text", string(c.Member), "class", "lb", "x", svg.Num(x+wide/2), "y", "15", "text-anchor", "middle")
		w.rung(d, c, x, wide, row, top, y)
		d.Close("g")
	}
	d.Close("svg")
	return d
}

func (w words) rung(d *svg.Drawing, c risk.Cell, x, wide, row, top float64, y func(risk.Level) float64) {
	middle := x + wide/2
	switch c.Kind {
	case risk.CellSilent, risk.CellWithdrawn:
		d.El("rect", "fill", "url(#ladder-hatch)", "class", "mute", "x", svg.Num(x+3), "y", svg.Num(top), "width", svg.Num(wide-6), "height", svg.Num(4*row-2))
		d.Say("text", "?", "class", "lb", "x", svg.Num(middle), "y", svg.Num(top+2*row+4), "text-anchor", "middle")
		return
	case risk.CellNotAsked:
		d.Say("text", "–", "class", "ax", "x", svg.Num(middle), "y", svg.Num(top+2*row+4), "text-anchor", "middle")
		return
	}
	if c.Position != nil && c.Position.Level().Rank() >= 0 {
		d.El("circle", "class", "was", "cx", svg.Num(middle+9), "cy", svg.Num(y(c.Position.Level())+row/2-1), "r", "5.5")
	}
	if c.Region.Rank() < 0 {
		return
	}
	at := y(c.Region) + row/2 - 1
	if c.Kind == risk.CellDissent {
		d.El("path", "class", "now", "d", "M"+svg.Num(middle-9)+" "+svg.Num(at-8)+"l8 8-8 8-8-8z")
		return
	}
	d.El("circle", "class", "now", "cx", svg.Num(middle-9), "cy", svg.Num(at), "r", "6.5")
}

// cellWords says one state's place in the spread.
func (w words) cellWords(c risk.Cell) string {
	out := w.name(c.Member) + ": " + w.T("risk.kind."+string(c.Kind))
	if c.Region != "" {
		out += ", " + w.T("risk.spread.region") + " " + w.level(c.Region)
	}
	if c.Position != nil && c.Position.Level() != "" {
		out += ", " + w.T("risk.spread.own") + " " + w.level(c.Position.Level())
	}
	return out
}

// platesOf are the states of a kind.
func platesOf(w words, spread []risk.Cell, s parts.PlateState, kinds ...risk.CellKind) []parts.Plate {
	var out []parts.Plate
	for _, c := range spread {
		if slices.Contains(kinds, c.Kind) {
			out = append(out, w.plate(c.Member, s))
		}
	}
	return out
}
