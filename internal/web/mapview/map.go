// Package mapview draws the maps of the pages as SVG: the region or a few
// units, shaded by class, with markers of grade and number, the Singapore
// inset, and the same as a table. All words come from the caller or the
// catalogue.
package mapview

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

// Class is how an area is filled.
type Class string

const (
	NoReport Class = "nodata" // hatched; never the lowest class of data
	Withheld Class = "kept"   // dotted: the owner of the count keeps it back
	Ramp0    Class = "q0"
	Ramp1    Class = "q1"
	Ramp2    Class = "q2"
	Ramp3    Class = "q3"
	Ramp4    Class = "q4"
	Ramp5    Class = "q5"
)

// OfGrade is the fill of an area named in an event of the grade.
func OfGrade(g parts.Grade) Class {
	if g == parts.Ungraded || g == parts.Good {
		return "e-none"
	}
	return Class("e-" + string(g))
}

// Ramp is the class of a value among ascending limits: below the first is
// Ramp1; zero is Ramp0.
func Ramp(value float64, limits [4]float64) Class {
	if value <= 0 {
		return Ramp0
	}
	for i, l := range limits {
		if value < l {
			return Class("q" + strconv.Itoa(i+1))
		}
	}
	return Ramp5
}

// Area is one shaded unit or state.
type Area struct {
	Code  string
	Class Class
	Value string // in tooltip and table; of NoReport, why, where that is known
	Label bool   // write its name on the map
}

// Marker is an event at a place.
type Marker struct {
	Code   string // of the place it stands at
	Number int    // the same as in the table
	Grade  parts.Grade
	Href   string
	Title  string
}

// Map is what is drawn. Zoom names the units or states that it is zoomed to;
// empty: the region.
type Map struct {
	ID      string // unique on the page
	Title   string
	Desc    string
	Areas   []Area
	Markers []Marker
	Zoom    []string
	Value   string // heading of the value in the table: "Cases"
	Head    string // heading of the markers in the table; empty: they are events
	// Shapes say what the shapes of the markers mean here, and ShapeHead heads
	// them in the table; nil: they are grades of events.
	Shapes    map[parts.Grade]string
	ShapeHead string
	Low       string // ends of the ramp in the legend; empty: no ramp
	High      string
	Hatched   string  // what the hatch means; empty: nobody reported
	Note      string  // what the shades mean
	Wide      bool    // wider than high
	Ground    *Ground // the node's own boundaries; nil: the built-in ones
}

var regionBox = place.Box{92.0, -11.3, 141.2, 28.6}

const regionW, regionH = 480, 416

// base is what never changes on the map of the region.
type base struct {
	projection
	ground svg.Drawing       // neighbours and all units, unshaded
	lines  svg.Drawing       // outlines of the states
	units  map[string]string // path of each unit and state
}

var region = sync.OnceValue(func() *base { return newBase(fit(regionW, regionH, regionBox), place.Overview()) })

func newBase(v projection, o *place.Outlines) *base {
	b := &base{projection: v, units: map[string]string{}}
	b.ground.Open("g", "class", "nb")
	for _, n := range o.Neighbours {
		if d := v.path(n.Rings); d != "" {
			b.ground.El("path", "d", d)
		}
	}
	b.ground.Close("g")
	b.ground.Open("g", "class", "a1")
	for _, u := range o.Units {
		if d := v.path(u.Rings); d != "" {
			b.units[u.Code] = d
			b.ground.El("path", "class", "q0", "d", d)
		}
	}
	b.ground.Close("g")
	b.lines.Open("g", "class", "a0")
	for _, s := range o.States {
		if d := v.path(s.Rings); d != "" {
			b.units[s.Code] = d
			b.lines.El("path", "d", d)
		}
	}
	b.lines.Close("g")
	return b
}

// Draw draws the map.
func (m Map) Draw(p *locale.Printer) *svg.Drawing {
	b := m.base()
	d := &svg.Drawing{}
	role := "img"
	if len(m.Markers) > 0 {
		role = "group" // its markers are links
	}
	d.Open("svg", "class", "map", "viewBox", "0 0 "+svg.Num(b.w)+" "+svg.Num(b.h), "role", role, "aria-labelledby", m.ID+"-t "+m.ID+"-d")
	d.Say("title", m.Title, "id", m.ID+"-t")
	d.Say("desc", m.Desc, "id", m.ID+"-d")
	hatch(d, m.ID+"-hatch")
	d.Open("g", "transform", "scale(.5)")
	d.Append(&b.ground)
	m.areas(d, p, b)
	d.Append(&b.lines)
	d.Close("g")
	if _, zoomed := around(m.Zoom); !zoomed {
		m.inset(d, p)
	} else {
		m.names(d, p, b)
	}
	m.markers(d, p, b.projection)
	d.Close("svg")
	return d
}

func hatch(d *svg.Drawing, id string) {
	d.Open("defs")
	d.Open("pattern", "id", id, "width", "8", "height", "8", "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(45)")
	d.El("rect", "width", "8", "height", "8", "class", "nd-bg")
	d.El("line", "y2", "8", "class", "nd-l")
	d.Close("pattern")
	d.Open("pattern", "id", id+"-kept", "width", "8", "height", "8", "patternUnits", "userSpaceOnUse")
	d.El("rect", "width", "8", "height", "8", "class", "kp-bg")
	d.El("circle", "cx", "4", "cy", "4", "r", "1.6", "class", "kp-l")
	d.Close("pattern")
	d.Close("defs")
}

func (m Map) base() *base {
	w, h := 460.0, 330.0
	if m.Wide {
		w, h = 720, 380
	}
	box, ok := around(m.Zoom)
	switch {
	case !ok && m.Ground != nil:
		return m.Ground.base(fit(regionW, regionH, regionBox), nil)
	case !ok:
		return region()
	case m.Ground != nil:
		return m.Ground.base(fit(w, h, box), m.Zoom)
	}
	return zoomed(fit(w, h, box), m.Zoom)
}

// around is the box of several places with some land about them; false where
// none of them has an outline.
func around(codes []string) (place.Box, bool) {
	var box place.Box
	found := false
	for _, c := range codes {
		p, ok := place.Lookup(c)
		if !ok {
			continue
		}
		b := p.Box
		if !p.Drawn {
			b = place.Box{p.At.Lon - .5, p.At.Lat - .5, p.At.Lon + .5, p.At.Lat + .5}
		}
		if b == (place.Box{}) {
			continue
		}
		if !found {
			box, found = b, true
		}
		box = place.Box{min(box[0], b[0]), min(box[1], b[1]), max(box[2], b[2]), max(box[3], b[3])}
	}
	padX, padY := max(.25, (box[2]-box[0])*.18), max(.2, (box[3]-box[1])*.18)
	return place.Box{box[0] - padX, box[1] - padY, box[2] + padX, box[3] + padY}, found
}

func (m Map) areas(d *svg.Drawing, p *locale.Printer, b *base) {
	if len(m.Areas) == 0 {
		return
	}
	d.Open("g", "class", "a1")
	for _, a := range m.Areas {
		path := b.units[a.Code]
		if path == "" {
			continue
		}
		d.Open("path", append(fill(a.Class, m.ID), "d", path)...)
		d.Say("title", a.words(p))
		d.Close("path")
	}
	d.Close("g")
}

func fill(c Class, id string) []string {
	switch c {
	case NoReport:
		return []string{"fill", "url(#" + id + "-hatch)"}
	case Withheld:
		return []string{"fill", "url(#" + id + "-hatch-kept)"}
	}
	return []string{"class", string(c)}
}

func (a Area) words(p *locale.Printer) string {
	name := place.Full(a.Code, p.Lang())
	switch {
	case a.Class == NoReport && a.Value == "":
		return name + ": " + p.T("map.noreport")
	case a.Class == Withheld:
		return name + ": " + p.T("map.withheld")
	case a.Value != "":
		return name + ": " + a.Value
	}
	return name
}

// names writes the states in view, and the labelled areas.
func (m Map) names(d *svg.Drawing, p *locale.Printer, b *base) {
	for _, s := range statesOf(m.Zoom) {
		if at, ok := b.clear(s); ok {
			d.Say("text", place.Name(s, p.Lang()), "class", "cn", "x", svg.Num(at[0]), "y", svg.Num(at[1]))
		}
	}
	for _, a := range m.Areas {
		pl, ok := place.Lookup(a.Code)
		if !a.Label || !ok {
			continue
		}
		x, y := b.xy(pl.At)
		if x < 0 || y < 0 || x > b.w || y > b.h {
			continue
		}
		text := pl.In(p.Lang())
		if a.Value != "" {
			text += " " + a.Value
		}
		half := float64(len([]rune(text))) * 3
		d.Say("text", text, "class", "pn", "x", svg.Num(min(max(x, half+2), b.w-half-2)), "y", svg.Num(y+4))
	}
}

func statesOf(codes []string) []string {
	var out []string
	for _, c := range codes {
		if s := place.Member(c); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// clear is a point for the name of a state: the label point of the unit in
// view that is farthest from the middle, where the shaded units are not.
func (b *base) clear(state string) ([2]float64, bool) {
	best, at := 0.0, [2]float64{}
	for _, u := range place.Units(state, false) {
		x, y := b.xy(u.At)
		if !u.Drawn || x < 55 || y < 18 || x > b.w-55 || y > b.h-18 {
			continue
		}
		if dist := (x-b.w/2)*(x-b.w/2) + (y-b.h/2)*(y-b.h/2); dist > best {
			best, at = dist, [2]float64{x, y}
		}
	}
	return at, best > 0
}

// Undrawn are the shaded units that have no outline in this edition.
func (m Map) Undrawn(p *locale.Printer) string {
	var names []string
	for _, a := range m.Areas {
		if pl, ok := place.Lookup(a.Code); ok && !m.Ground.draws(pl) {
			names = append(names, pl.In(p.Lang()))
		}
	}
	return strings.Join(names, ", ")
}

// Attribution names the source of the boundaries.
func (m Map) Attribution(p *locale.Printer) string {
	if s := m.Ground.Source(); s != "" {
		return p.T("map.source") + " " + p.T("map.source.own", "editions", s)
	}
	return p.T("map.source")
}
