package save

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"golang.org/x/text/unicode/norm"
)

// Scale is how many pixels of a PNG stand for one unit of the drawing.
const Scale = 2.0

// Scripts that the built-in font of PNG files cannot write; their pages say the
// words of such a file in English. SVG leaves the font to its reader.
var unwritten = map[string]bool{"th": true, "km": true, "lo": true, "my": true, "ta": true, "zh": true}

// Writes reports whether a PNG can hold the words of a language.
func Writes(lang string) bool { return !unwritten[lang] }

var face = sync.OnceValues(func() (*sfnt.Font, error) { return opentype.Parse(goregular.TTF) })

// PNG draws the sheet.
func PNG(w io.Writer, s Sheet) error {
	n, width, height, err := s.compose()
	if err != nil {
		return err
	}
	f, err := face()
	if err != nil {
		return err
	}
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, int(math.Ceil(width*Scale)), int(math.Ceil(height*Scale)))), font: f, faces: map[float64]font.Face{}, patterns: map[string]*node{}}
	c.clip = c.img.Bounds()
	c.defs(n)
	c.draw(n, matrix{Scale, 0, 0}, look{fill: "#000000"})
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, c.img)
}

// matrix scales and moves; drawings turn nothing but patterns.
type matrix struct{ k, dx, dy float64 }

func (m matrix) at(x, y float64) (float64, float64) { return m.dx + x*m.k, m.dy + y*m.k }

// look is what children inherit.
type look struct{ fill string }

type canvas struct {
	img      *image.RGBA
	clip     image.Rectangle
	font     *sfnt.Font
	faces    map[float64]font.Face
	patterns map[string]*node
	ras      vector.Rasterizer
}

func (c *canvas) defs(n *node) {
	if n.name == "pattern" {
		c.patterns[n.attr["id"]] = n
	}
	for _, k := range n.kids {
		c.defs(k)
	}
}

func num(s string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return 0
	}
	return f
}

// moved applies the transform of an element: translate and scale.
func moved(m matrix, s string) matrix {
	for _, part := range strings.SplitAfter(s, ")") {
		name, args, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(part), ")"), "(")
		if !ok {
			continue
		}
		v := strings.Fields(strings.ReplaceAll(args, ",", " "))
		switch {
		case name == "translate" && len(v) == 2:
			m.dx, m.dy = m.at(num(v[0]), num(v[1]))
		case name == "scale" && len(v) == 1:
			m.k *= num(v[0])
		}
	}
	return m
}

func (c *canvas) draw(n *node, m matrix, l look) {
	switch n.name {
	case "title", "desc", "defs":
		return
	}
	m = moved(m, n.attr["transform"])
	if f := n.attr["fill"]; f != "" {
		l.fill = f
	}
	was := c.clip
	switch n.name {
	case "svg":
		m.dx, m.dy = m.at(num(n.attr["x"]), num(n.attr["y"]))
		w, h := num(n.attr["width"])*m.k, num(n.attr["height"])*m.k
		if box := strings.Fields(n.attr["viewBox"]); len(box) == 4 && num(box[2]) > 0 && num(n.attr["width"]) > 0 {
			m.k *= num(n.attr["width"]) / num(box[2])
		}
		if w > 0 && h > 0 {
			c.clip = c.clip.Intersect(image.Rect(int(m.dx), int(m.dy), int(math.Ceil(m.dx+w)), int(math.Ceil(m.dy+h))))
		}
	case "text":
		c.text(n, m, l)
	default:
		if p := outline(n, m); p != nil {
			c.shape(n, p, m, l)
		}
	}
	for _, k := range n.kids {
		c.draw(k, m, l)
	}
	c.clip = was
}

func (c *canvas) shape(n *node, p []poly, m matrix, l look) {
	if l.fill != "none" && n.name != "line" {
		c.paint(fill(p), c.source(l.fill, opacity(n, "fill-opacity"), m))
	}
	stroke := n.attr["stroke"]
	if stroke == "" || stroke == "none" {
		return
	}
	w := 1.0
	if s := n.attr["stroke-width"]; s != "" {
		w = num(s)
	}
	w = math.Max(w*m.k, .7)
	quads := strokes(p, w, dashes(n.attr["stroke-dasharray"], m.k), n.attr["stroke-linecap"] == "round" || n.attr["stroke-linejoin"] == "round")
	c.paint(quads, c.source(stroke, opacity(n, "stroke-opacity"), m))
}

func opacity(n *node, name string) float64 {
	if s := n.attr[name]; s != "" {
		return num(s)
	}
	return 1
}

// source is what an area is painted with: a colour or a pattern.
func (c *canvas) source(s string, alpha float64, m matrix) image.Image {
	if id, ok := strings.CutPrefix(s, "url(#"); ok {
		if p := c.patterns[strings.TrimSuffix(id, ")")]; p != nil {
			return newPattern(p, m.k)
		}
		return image.Transparent
	}
	return image.NewUniform(colour(s, alpha))
}

func colour(s string, alpha float64) color.NRGBA {
	v, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), uint8(alpha*255 + .5)}
}

// paint rasterises rings within their own box.
func (c *canvas) paint(rings []poly, src image.Image) {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, r := range rings {
		for _, p := range r.points {
			minX, maxX, minY, maxY = math.Min(minX, p[0]), math.Max(maxX, p[0]), math.Min(minY, p[1]), math.Max(maxY, p[1])
		}
	}
	if minX > maxX || math.IsNaN(minX+maxX+minY+maxY) {
		return
	}
	far := func(x float64) int { return int(math.Max(-1e5, math.Min(1e5, x))) }
	box := image.Rect(far(math.Floor(minX)), far(math.Floor(minY)), far(math.Ceil(maxX))+1, far(math.Ceil(maxY))+1).Intersect(c.clip)
	if box.Empty() {
		return
	}
	c.ras.Reset(box.Dx(), box.Dy())
	c.ras.DrawOp = draw.Over
	ox, oy := float64(box.Min.X), float64(box.Min.Y)
	for _, r := range rings {
		for i, p := range r.points {
			x, y := float32(p[0]-ox), float32(p[1]-oy)
			if i == 0 {
				c.ras.MoveTo(x, y)
			} else {
				c.ras.LineTo(x, y)
			}
		}
		c.ras.ClosePath()
	}
	c.ras.Draw(c.img, box, src, box.Min)
}

func (c *canvas) text(n *node, m matrix, l look) {
	size := 12.0
	if s := n.attr["font-size"]; s != "" {
		size = num(s)
	}
	f := c.faces[size*m.k]
	if f == nil {
		var err error
		if f, err = opentype.NewFace(c.font, &opentype.FaceOptions{Size: size * m.k, DPI: 72, Hinting: font.HintingNone}); err != nil {
			return
		}
		c.faces[size*m.k] = f
	}
	s := c.written(n.text)
	x, y := m.at(num(n.attr["x"]), num(n.attr["y"]))
	d := font.Drawer{Dst: c.img.SubImage(c.clip).(*image.RGBA), Src: image.NewUniform(colour(l.fill, 1)), Face: f}
	switch w := float64(d.MeasureString(s)) / 64; n.attr["text-anchor"] {
	case "end":
		x -= w
	case "middle":
		x -= w / 2
	}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(y * 64)}
	d.DrawString(s)
}

// written replaces what the font lacks: marks above a letter are dropped.
func (c *canvas) written(s string) string {
	var buf sfnt.Buffer
	has := func(r rune) bool {
		i, err := c.font.GlyphIndex(&buf, r)
		return err == nil && i != 0
	}
	var out strings.Builder
	for _, r := range norm.NFC.String(s) {
		if has(r) {
			out.WriteRune(r)
			continue
		}
		for _, b := range norm.NFD.String(string(r)) {
			if has(b) && (b < 0x300 || b > 0x36f) {
				out.WriteRune(b)
			}
		}
	}
	return out.String()
}
