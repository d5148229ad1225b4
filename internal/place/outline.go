package place

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"
)

//go:embed boundaries/*.json
var boundaries embed.FS

// Outline is the shape of a unit, a state or a neighbour: rings of points,
// outer and inner alike, to be filled by the even-odd rule.
type Outline struct {
	Code  string // ISO 3166-2 or, of states and neighbours, alpha-2
	Name  string
	Rings [][]Point
}

// Outlines are the layers of one level of detail.
type Outlines struct{ Units, States, Neighbours []Outline }

// Overview is drawn to about 9 km, for the map of the region.
var Overview = sync.OnceValue(func() *Outlines { return mustOutlines("asean-overview") })

// Detail is drawn to about 2 km, for maps of a few units.
var Detail = sync.OnceValue(func() *Outlines { return mustOutlines("asean-admin") })

func mustOutlines(name string) *Outlines {
	b, err := boundaries.ReadFile("boundaries/" + name + ".topo.json")
	if err == nil {
		var o *Outlines
		if o, err = DecodeTopology(b); err == nil {
			return o
		}
	}
	panic(err) // the files are part of the program; a test reads them
}

// Unit finds the outline of a unit or state.
func (o *Outlines) Unit(code string) (Outline, bool) {
	for _, layer := range [][]Outline{o.Units, o.States} {
		for _, u := range layer {
			if u.Code == code {
				return u, true
			}
		}
	}
	return Outline{}, false
}

type topology struct {
	Type      string
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][]float64
	Objects   map[string]struct {
		Geometries []struct {
			Type       string
			Arcs       json.RawMessage
			Properties struct{ Code, Name, ISO2 string }
		}
	}
}

var errTopology = errors.New("not a quantised TopoJSON topology")

// DecodeTopology reads a quantised TopoJSON file with the layers adm1, adm0
// and neighbours. Geometries other than polygons are left out.
func DecodeTopology(b []byte) (*Outlines, error) {
	var t topology
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, fmt.Errorf("topology: %w", err)
	}
	if t.Type != "Topology" || t.Transform.Scale[0] == 0 || t.Transform.Scale[1] == 0 {
		return nil, errTopology
	}
	arcs, err := t.decodeArcs()
	if err != nil {
		return nil, err
	}
	out := &Outlines{}
	for name, layer := range map[string]*[]Outline{"adm1": &out.Units, "adm0": &out.States, "neighbours": &out.Neighbours} {
		for _, g := range t.Objects[name].Geometries {
			refs, err := polygons(g.Type, g.Arcs)
			if err != nil {
				return nil, fmt.Errorf("topology %s: %w", name, err)
			}
			o := Outline{Code: g.Properties.Code, Name: g.Properties.Name}
			if o.Code == "" {
				o.Code = g.Properties.ISO2
			}
			for _, r := range refs {
				ring, err := stitch(arcs, r)
				if err != nil {
					return nil, fmt.Errorf("topology %s %s: %w", name, o.Code, err)
				}
				o.Rings = append(o.Rings, ring)
			}
			*layer = append(*layer, o)
		}
	}
	return out, nil
}

// decodeArcs undoes the differences between the points and the quantisation.
func (t *topology) decodeArcs() ([][]Point, error) {
	arcs := make([][]Point, len(t.Arcs))
	for i, a := range t.Arcs {
		x, y := 0.0, 0.0
		arcs[i] = make([]Point, len(a))
		for j, d := range a {
			if len(d) < 2 {
				return nil, errTopology
			}
			x, y = x+d[0], y+d[1]
			p := Point{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]}
			if !(math.Abs(p.Lon) <= 360 && math.Abs(p.Lat) <= 90) {
				return nil, fmt.Errorf("topology: arc %d leaves the earth", i)
			}
			arcs[i][j] = p
		}
	}
	return arcs, nil
}

func polygons(kind string, raw json.RawMessage) ([][]int, error) {
	switch kind {
	case "Polygon":
		var p [][]int
		err := json.Unmarshal(raw, &p)
		return p, err
	case "MultiPolygon":
		var m [][][]int
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, err
		}
		var out [][]int
		for _, p := range m {
			out = append(out, p...)
		}
		return out, nil
	}
	return nil, nil
}

// stitch joins arcs end to end; a negative reference is the arc backwards.
func stitch(arcs [][]Point, refs []int) ([]Point, error) {
	var ring []Point
	for _, ref := range refs {
		back := ref < 0
		if back {
			ref = ^ref
		}
		if ref >= len(arcs) {
			return nil, fmt.Errorf("no arc %d", ref)
		}
		a := arcs[ref]
		for i := range a {
			p := a[i]
			if back {
				p = a[len(a)-1-i]
			}
			if i == 0 && len(ring) > 0 {
				continue // the same point that the last arc ended at
			}
			ring = append(ring, p)
		}
	}
	return ring, nil
}
