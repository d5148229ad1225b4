// Package svg writes drawings as elements whose attributes and texts are
// always escaped, so that charts and maps need no raw markup.
package svg

import (
	"context"
	"html"
	"io"
	"strconv"

	"github.com/a-h/templ"
)

// Drawing is a growing piece of SVG. Names of elements and attributes are
// constants of our code; values may come from anywhere.
type Drawing struct{ b []byte }

// Open begins an element; attrs are pairs of name and value.
func (d *Drawing) Open(name string, attrs ...string) {
	d.start(name, attrs)
	d.b = append(d.b, '>')
}

// El is an element without content.
func (d *Drawing) El(name string, attrs ...string) {
	d.start(name, attrs)
	d.b = append(d.b, '/', '>')
}

// Close ends an element.
func (d *Drawing) Close(name string) {
	d.b = append(append(append(d.b, '<', '/'), name...), '>')
}

// Say is an element that holds only text.
func (d *Drawing) Say(name, text string, attrs ...string) {
	d.Open(name, attrs...)
	d.b = append(d.b, html.EscapeString(text)...)
	d.Close(name)
}

// Append puts another drawing in; it was escaped when it was made.
func (d *Drawing) Append(o *Drawing) { d.b = append(d.b, o.b...) }

func (d *Drawing) start(name string, attrs []string) {
	d.b = append(append(d.b, '<'), name...)
	for i := 0; i+1 < len(attrs); i += 2 {
		d.b = append(append(append(d.b, ' '), attrs[i]...), '=', '"')
		d.b = append(append(d.b, html.EscapeString(attrs[i+1])...), '"')
	}
}

// Len is the size in bytes.
func (d *Drawing) Len() int { return len(d.b) }

// Render makes a drawing a templ component.
func (d *Drawing) Render(_ context.Context, w io.Writer) error {
	_, err := w.Write(d.b)
	return err
}

var _ templ.Component = (*Drawing)(nil)

// Num writes a coordinate to a tenth.
func Num(f float64) string {
	s := strconv.FormatFloat(f, 'f', 1, 64)
	if n := len(s); n > 2 && s[n-2:] == ".0" {
		s = s[:n-2]
	}
	if s == "-0" {
		return "0"
	}
	return s
}
