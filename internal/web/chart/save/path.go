package save

import (
	"image"
	"image/color"
	"math"
	"strings"
)

// poly is one line of points in pixels.
type poly struct {
	points [][2]float64
	closed bool
}

// outline is the shape of an element in pixels; nil for what has none.
func outline(n *node, m matrix) []poly {
	pt := func(x, y float64) [2]float64 { a, b := m.at(x, y); return [2]float64{a, b} }
	a := func(name string) float64 { return num(n.attr[name]) }
	switch n.name {
	case "rect":
		x, y, w, h := a("x"), a("y"), a("width"), a("height")
		return []poly{{[][2]float64{pt(x, y), pt(x+w, y), pt(x+w, y+h), pt(x, y+h)}, true}}
	case "line":
		return []poly{{[][2]float64{pt(a("x1"), a("y1")), pt(a("x2"), a("y2"))}, false}}
	case "circle":
		var p poly
		for i := range 24 {
			t := float64(i) * math.Pi / 12
			p.points = append(p.points, pt(a("cx")+a("r")*math.Cos(t), a("cy")+a("r")*math.Sin(t)))
		}
		p.closed = true
		return []poly{p}
	case "path":
		return readPath(n.attr["d"], pt)
	}
	return nil
}

// readPath reads the commands that the drawings use: M L H V and Z, absolute
// and relative.
func readPath(d string, pt func(x, y float64) [2]float64) []poly {
	var out []poly
	var x, y, x0, y0 float64
	s := scanner{s: d}
	cmd := byte(0)
	for {
		if c := s.command(); c != 0 {
			cmd = c
		} else if !s.number() {
			return out
		}
		rel := cmd >= 'a'
		next := func(base float64) float64 {
			v := s.next()
			if rel {
				v += base
			}
			return v
		}
		switch cmd | 0x20 {
		case 'z':
			if len(out) > 0 {
				out[len(out)-1].closed = true
			}
			x, y, cmd = x0, y0, 0
			if s.number() {
				return out // nothing may follow but a command
			}
			continue
		case 'm':
			x, y = next(x), next(y)
			x0, y0 = x, y
			out = append(out, poly{})
			cmd = 'L' | cmd&0x20
		case 'l':
			x, y = next(x), next(y)
		case 'h':
			x = next(x)
		case 'v':
			y = next(y)
		default:
			return out
		}
		if len(out) == 0 || out[len(out)-1].closed {
			out = append(out, poly{points: [][2]float64{pt(x0, y0)}})
		}
		last := &out[len(out)-1]
		last.points = append(last.points, pt(x, y))
	}
}

// scanner reads the numbers and letters of a path.
type scanner struct {
	s string
	i int
}

func (s *scanner) blank() {
	for s.i < len(s.s) && (s.s[s.i] == ' ' || s.s[s.i] == ',') {
		s.i++
	}
}

func (s *scanner) command() byte {
	s.blank()
	if s.i < len(s.s) && strings.IndexByte("MmLlHhVvZz", s.s[s.i]) >= 0 {
		s.i++
		return s.s[s.i-1]
	}
	return 0
}

func (s *scanner) number() bool {
	s.blank()
	return s.i < len(s.s) && strings.IndexByte("+-.0123456789", s.s[s.i]) >= 0
}

func (s *scanner) next() float64 {
	s.blank()
	from, dot := s.i, false
	for s.i < len(s.s) {
		c := s.s[s.i]
		if (c == '-' || c == '+') && s.i > from || c == '.' && dot || strings.IndexByte("+-.0123456789", c) < 0 {
			break
		}
		dot = dot || c == '.'
		s.i++
	}
	if s.i == from {
		s.i++ // not a number; go on
		return 0
	}
	return num(s.s[from:s.i])
}

func fill(p []poly) []poly {
	var out []poly
	for _, x := range p {
		if len(x.points) > 2 {
			out = append(out, x)
		}
	}
	return out
}

func dashes(s string, k float64) []float64 {
	var out []float64
	for _, f := range strings.Fields(s) {
		if v := num(f) * k; v > 0 {
			out = append(out, v)
		}
	}
	return out
}

// strokes are the areas that lines of a width cover: a box for each segment,
// all turning the same way, so that they add up where they overlap.
func strokes(lines []poly, w float64, dash []float64, round bool) []poly {
	var out []poly
	for _, l := range lines {
		pts := l.points
		if l.closed && len(pts) > 1 {
			pts = append(append([][2]float64{}, pts...), pts[0])
		}
		at, on, left := 0, true, math.Inf(1)
		if len(dash) > 0 {
			left = dash[0]
		}
		for i := 1; i < len(pts); i++ {
			a, b := pts[i-1], pts[i]
			length := math.Hypot(b[0]-a[0], b[1]-a[1])
			for done := 0.0; done < length; {
				step := math.Min(left, length-done)
				if on {
					out = append(out, box(along(a, b, done/length), along(a, b, (done+step)/length), w))
				}
				done += step
				if left -= step; left <= 1e-9 && len(dash) > 0 {
					at, on = (at+1)%len(dash), !on
					left = dash[at]
				}
			}
			if round && w > 1.6 && len(dash) == 0 {
				out = append(out, dot(b, w/2))
				if i == 1 {
					out = append(out, dot(a, w/2))
				}
			}
		}
	}
	return out
}

func along(a, b [2]float64, t float64) [2]float64 {
	return [2]float64{a[0] + (b[0]-a[0])*t, a[1] + (b[1]-a[1])*t}
}

func box(a, b [2]float64, w float64) poly {
	dx, dy := b[0]-a[0], b[1]-a[1]
	n := math.Hypot(dx, dy)
	if n == 0 {
		n, dx = 1, 1
	}
	nx, ny := -dy/n*w/2, dx/n*w/2
	return poly{[][2]float64{{a[0] - nx, a[1] - ny}, {a[0] + nx, a[1] + ny}, {b[0] + nx, b[1] + ny}, {b[0] - nx, b[1] - ny}}, true}
}

// dot turns the same way as box.
func dot(c [2]float64, r float64) poly {
	var p poly
	for i := range 12 {
		t := -float64(i) * math.Pi / 6
		p.points = append(p.points, [2]float64{c[0] + r*math.Cos(t), c[1] + r*math.Sin(t)})
	}
	p.closed = true
	return p
}

// pattern is a hatch of lines at 45 degrees, or dots on a grid.
type pattern struct {
	ground, mark color.NRGBA
	step, size   float64
	dots         bool
}

func newPattern(n *node, k float64) *pattern {
	p := &pattern{step: math.Max(num(n.attr["width"])*k, 2)}
	for _, c := range n.kids {
		switch c.name {
		case "rect":
			p.ground = colour(c.attr["fill"], 1)
		case "line":
			p.mark, p.size = colour(c.attr["stroke"], opacity(c, "stroke-opacity")), math.Max(num(c.attr["stroke-width"])*k/2, .5)
		case "circle":
			p.mark, p.size, p.dots = colour(c.attr["fill"], 1), num(c.attr["r"])*k, true
		}
	}
	return p
}

func (p *pattern) ColorModel() color.Model { return color.NRGBAModel }

func (p *pattern) Bounds() image.Rectangle { return image.Rect(-1e6, -1e6, 1e6, 1e6) }

// At is the colour of a pixel.
func (p *pattern) At(x, y int) color.Color {
	fx, fy := float64(x)+.5, float64(y)+.5
	var far float64
	if p.dots {
		wrap := func(v float64) float64 { v = math.Mod(v, p.step); return v - p.step/2 }
		far = math.Hypot(wrap(fx), wrap(fy)) - p.size
	} else {
		v := math.Mod(math.Abs((fx-fy)/math.Sqrt2+1e5*p.step), p.step)
		far = math.Min(v, p.step-v) - p.size
	}
	cover := math.Max(0, math.Min(1, .5-far)) * float64(p.mark.A) / 255
	if p.ground.A == 0 {
		m := p.mark
		m.A = uint8(cover * 255)
		return m
	}
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-cover) + float64(b)*cover) }
	return color.NRGBA{mix(p.ground.R, p.mark.R), mix(p.ground.G, p.mark.G), mix(p.ground.B, p.mark.B), 255}
}
