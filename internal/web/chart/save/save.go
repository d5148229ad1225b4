// Package save makes files of the drawings of pages: SVG that needs no style
// sheet, and PNG. Each stands on its own, with its title, its legend, and the
// lines that say source, method and date.
package save

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"lintas/internal/web/svg"
)

// Sheet is one figure with what must stand beside it.
type Sheet struct {
	Title   string
	Sub     string
	Legend  []Key
	Foot    []string // source, method, as of; wrapped
	Drawing *svg.Drawing
}

// Key is one entry of the legend: a filled box or a line of a style class of
// the drawing, or a pattern of it by id.
type Key struct {
	Class   string
	Pattern string
	Line    bool
	Text    string
}

// node is an element of a drawing.
type node struct {
	name string
	attr map[string]string
	text string
	kids []*node
}

var errDrawing = errors.New("save: the drawing is not one svg element with a viewBox")

// parse reads what package svg wrote.
func parse(d *svg.Drawing) (*node, error) {
	var b bytes.Buffer
	if err := d.Render(context.Background(), &b); err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(&b)
	root := &node{}
	open := []*node{root}
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("save: %w", err)
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			top.kids, open = append(top.kids, n), append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
	if len(root.kids) != 1 || root.kids[0].name != "svg" {
		return nil, errDrawing
	}
	return root.kids[0], nil
}

func el(name string, attrs ...string) *node {
	n := &node{name: name, attr: map[string]string{}}
	for i := 0; i+1 < len(attrs); i += 2 {
		n.attr[attrs[i]] = attrs[i+1]
	}
	return n
}

func words(s string, attrs ...string) *node {
	n := el("text", attrs...)
	n.text = s
	return n
}

// Measures of a sheet in its own units.
const (
	pad       = 16.0
	footSize  = 10.5
	titleSize = 16.0
	minWidth  = 480.0
)

// compose puts the drawing between its title and its lines, with every style
// resolved.
func (s Sheet) compose() (*node, float64, float64, error) {
	in, err := parse(s.Drawing)
	if err != nil {
		return nil, 0, 0, err
	}
	box := strings.Fields(in.attr["viewBox"])
	if len(box) != 4 {
		return nil, 0, 0, errDrawing
	}
	w, errW := strconv.ParseFloat(box[2], 64)
	h, errH := strconv.ParseFloat(box[3], 64)
	if errW != nil || errH != nil || w <= 0 || h <= 0 {
		return nil, 0, 0, errDrawing
	}
	width := max(w, minWidth) + 2*pad
	out := el("svg", "xmlns", "http://www.w3.org/2000/svg", "role", "img", "font-family", "'Noto Sans', 'Go', sans-serif")
	bg := el("rect", "width", svg.Num(width), "fill", surface)
	out.kids = append(out.kids, bg)
	y := pad
	for _, line := range wrap(s.Title, width-2*pad, titleSize) {
		y += titleSize * 1.25
		out.kids = append(out.kids, words(line, "x", svg.Num(pad), "y", svg.Num(y), "font-size", svg.Num(titleSize), "fill", ink))
	}
	for _, line := range wrap(s.Sub, width-2*pad, 12) {
		y += 16
		out.kids = append(out.kids, words(line, "x", svg.Num(pad), "y", svg.Num(y), "font-size", "12", "fill", ink2))
	}
	y += 10
	in.attr["x"], in.attr["y"], in.attr["width"], in.attr["height"] = svg.Num((width-w)/2), svg.Num(y), svg.Num(w), svg.Num(h)
	if strings.Contains(in.attr["class"], "map") {
		in.kids = append([]*node{el("rect", "width", svg.Num(w), "height", svg.Num(h), "fill", water)}, in.kids...)
	}
	resolve(in, nil)
	delete(in.attr, "class")
	out.kids = append(out.kids, in)
	y += h + 8
	y = s.legend(out, width, y)
	for _, f := range s.Foot {
		for _, line := range wrap(f, width-2*pad, footSize) {
			y += footSize * 1.4
			out.kids = append(out.kids, words(line, "x", svg.Num(pad), "y", svg.Num(y), "font-size", svg.Num(footSize), "fill", ink3))
		}
	}
	y += pad
	bg.attr["height"] = svg.Num(y)
	out.attr["viewBox"] = "0 0 " + svg.Num(width) + " " + svg.Num(y)
	out.attr["width"], out.attr["height"] = svg.Num(width), svg.Num(y)
	return out, width, y, nil
}

func (s Sheet) legend(out *node, width, y float64) float64 {
	x := pad
	for i, k := range s.Legend {
		need := 26 + wide(k.Text, 11) + 14
		if i == 0 || x+need > width-pad {
			x, y = pad, y+16
		}
		mark := el("rect", "x", svg.Num(x), "y", svg.Num(y-9), "width", "16", "height", "10", "class", k.Class)
		if k.Line {
			mark = el("line", "x1", svg.Num(x), "x2", svg.Num(x+16), "y1", svg.Num(y-4), "y2", svg.Num(y-4), "class", k.Class)
		}
		if k.Pattern != "" {
			mark.attr["fill"] = "url(#" + k.Pattern + ")"
		}
		resolve(mark, []string{"chart", "map"})
		delete(mark.attr, "class")
		out.kids = append(out.kids, mark, words(k.Text, "x", svg.Num(x+22), "y", svg.Num(y), "font-size", "11", "fill", ink2))
		x += need
	}
	if len(s.Legend) > 0 {
		y += 6
	}
	return y
}

func wide(s string, size float64) float64 { return float64(utf8.RuneCountInString(s)) * size * .53 }

// wrap breaks words into lines of about a width.
func wrap(s string, width, size float64) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && wide(line+" "+w, size) > width {
			out, line = append(out, line), ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}

// SVG writes the sheet as a file of its own.
func SVG(w io.Writer, s Sheet) error {
	n, _, _, err := s.compose()
	if err != nil {
		return err
	}
	d := &svg.Drawing{}
	write(d, n)
	if _, err := io.WriteString(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"); err != nil {
		return err
	}
	return d.Render(context.Background(), w)
}

func write(d *svg.Drawing, n *node) {
	attrs := make([]string, 0, 2*len(n.attr))
	for _, k := range order(n.attr) {
		attrs = append(attrs, k, n.attr[k])
	}
	if len(n.kids) == 0 && n.text != "" {
		d.Say(n.name, n.text, attrs...)
		return
	}
	d.Open(n.name, attrs...)
	for _, k := range n.kids {
		write(d, k)
	}
	d.Close(n.name)
}
