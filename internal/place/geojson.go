package place

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Limits of an uploaded edition of boundaries.
const (
	MaxGeoJSON  = 24 << 20
	maxFeatures = 500
	maxPoints   = 400_000
	maxFaults   = 50
	near        = 1.5 // degrees that a unit may lie outside the known box of its state
)

// Edition is the outlines of one state: its units, and its own outline.
type Edition struct {
	State   string    `json:"state"`
	Units   []Outline `json:"units"`
	Outline Outline   `json:"outline"`
}

// FeatureFault is what is wrong with one feature of a file, and how to mend it:
// Key is "fault.place.<what>". Feature counts from 1; Name is how the file
// calls it.
type FeatureFault struct {
	Feature int
	Name    string
	Key     string
	Args    map[string]any
}

// ErrGeoJSON says that the file is no FeatureCollection at all.
var ErrGeoJSON = errors.New("place: not a GeoJSON FeatureCollection")

type feature struct {
	Type       string         `json:"type"`
	Properties map[string]any `json:"properties"`
	Geometry   *struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

// ReadGeoJSON reads an edition of the first-level units of a state (RFC 7946):
// features that are polygons, each named by a property that holds an ISO
// 3166-2 code, a P-code or the unit's name. A feature that is named as the
// state is its outline; without one, the edges that no two units share are.
// The faults of all features are returned together.
func ReadGeoJSON(r io.Reader, state string) (*Edition, []FeatureFault, error) {
	var file struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}
	d := json.NewDecoder(io.LimitReader(r, MaxGeoJSON+1))
	if err := d.Decode(&file); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrGeoJSON, err)
	}
	if n := len(file.Features); file.Type != "FeatureCollection" || n == 0 || n > maxFeatures {
		return nil, nil, ErrGeoJSON
	}
	e := &Edition{State: state, Outline: Outline{Code: state}}
	names, seen, points := featureNames(state), map[string]int{}, 0
	var faults []FeatureFault
	for i, f := range file.Features {
		code, called := codeOf(f.Properties, names)
		say := func(key string, args map[string]any) {
			if len(faults) < maxFaults {
				faults = append(faults, FeatureFault{Feature: i + 1, Name: called, Key: "fault.place." + key, Args: args})
			}
		}
		if code == "" {
			say("no_code", map[string]any{"state": state})
			continue
		}
		if first := seen[code]; first > 0 {
			say("twice", map[string]any{"code": code, "first": first})
			continue
		}
		seen[code] = i + 1
		rings, key, args := ringsOf(f, state)
		if key != "" {
			say(key, args)
			continue
		}
		for _, ring := range rings {
			points += len(ring)
		}
		if points > maxPoints {
			say("points", map[string]any{"max": maxPoints})
			break
		}
		o := Outline{Code: code, Name: Name(code, "en"), Rings: rings}
		if code == state {
			e.Outline = o
		} else {
			e.Units = append(e.Units, o)
		}
	}
	if len(faults) > 0 {
		return nil, faults, nil
	}
	if len(e.Outline.Rings) == 0 {
		e.Outline.Rings = outerEdges(e.Units)
	}
	slices.SortFunc(e.Units, func(a, b Outline) int { return strings.Compare(a.Code, b.Code) })
	return e, nil, nil
}

// Gaps are the present units of the state that the edition has no outline of.
func (e *Edition) Gaps() []Place {
	var out []Place
	for _, u := range Units(e.State, true) {
		if !slices.ContainsFunc(e.Units, func(o Outline) bool { return o.Code == u.Code }) {
			out = append(out, u)
		}
	}
	return out
}

// featureNames are the words that name the state and each of its units.
func featureNames(state string) map[string]string {
	names := map[string]string{}
	add := func(p Place) {
		for _, s := range append([]string{p.Code, p.PCode, p.Name, p.In("en")}, p.Aliases...) {
			if s = fold(s); s != "" {
				names[s] = p.Code
			}
		}
	}
	for _, u := range append(Units(state, false), Later(state)...) {
		add(u)
	}
	names[fold(state)] = state
	return names
}

// codeKeys are the properties that are looked at, in this order; then every
// other text that names a unit by its code.
var codeKeys = []string{"code", "iso_3166_2", "shapeISO", "iso_3166-2", "ISO", "pcode", "ADM1_PCODE", "adm1_pcode", "name", "shapeName", "NAME_1", "ADM1_EN", "adm1_name"}

func codeOf(props map[string]any, names map[string]string) (code, called string) {
	for _, k := range codeKeys {
		s, ok := props[k].(string)
		if !ok || s == "" {
			continue
		}
		called = s
		if c := names[fold(s)]; c != "" {
			return c, s
		}
	}
	if r := []rune(called); len(r) > 60 {
		called = string(r[:60])
	}
	return "", called
}

// ringsOf are the rings of a feature, or what is wrong with them.
func ringsOf(f feature, state string) (rings [][]Point, key string, args map[string]any) {
	if f.Geometry == nil {
		return nil, "no_geometry", nil
	}
	var polys [][][][]float64
	switch f.Geometry.Type {
	case "Polygon":
		var p [][][]float64
		if json.Unmarshal(f.Geometry.Coordinates, &p) != nil {
			return nil, "coordinates", nil
		}
		polys = append(polys, p)
	case "MultiPolygon":
		if json.Unmarshal(f.Geometry.Coordinates, &polys) != nil {
			return nil, "coordinates", nil
		}
	default:
		return nil, "geometry", map[string]any{"type": f.Geometry.Type}
	}
	home, _ := Lookup(state)
	for _, p := range polys {
		for n, ring := range p {
			out := make([]Point, 0, len(ring))
			for _, c := range ring {
				if len(c) < 2 {
					return nil, "coordinates", nil
				}
				pt := Point{c[0], c[1]}
				if !inside(home.Box, pt) {
					if inside(home.Box, Point{c[1], c[0]}) {
						return nil, "swapped", map[string]any{"lon": c[0], "lat": c[1]}
					}
					return nil, "outside", map[string]any{"lon": c[0], "lat": c[1], "state": state}
				}
				out = append(out, pt)
			}
			if len(out) < 4 {
				return nil, "short", map[string]any{"ring": n + 1}
			}
			if out[0] != out[len(out)-1] {
				return nil, "open", map[string]any{"ring": n + 1}
			}
			rings = append(rings, out)
		}
	}
	if len(rings) == 0 {
		return nil, "no_geometry", nil
	}
	return rings, "", nil
}

func inside(b Box, p Point) bool {
	return !math.IsNaN(p.Lon+p.Lat) && p.Lon >= b[0]-near && p.Lon <= b[2]+near && p.Lat >= b[1]-near && p.Lat <= b[3]+near
}

type edge struct{ a, b [2]int32 }

// outerEdges joins the edges that only one unit has into lines. Editions whose
// neighbours do not share their points keep their inner edges too: they are
// shown as they are.
func outerEdges(units []Outline) [][]Point {
	key := func(p Point) [2]int32 {
		return [2]int32{int32(math.Round(p.Lon * 1e5)), int32(math.Round(p.Lat * 1e5))}
	}
	count := map[edge]int{}
	norm := func(a, b [2]int32) edge {
		if a[0] < b[0] || a[0] == b[0] && a[1] <= b[1] {
			return edge{a, b}
		}
		return edge{b, a}
	}
	each := func(f func(a, b Point)) {
		for _, u := range units {
			for _, r := range u.Rings {
				for i := 1; i < len(r); i++ {
					f(r[i-1], r[i])
				}
			}
		}
	}
	each(func(a, b Point) { count[norm(key(a), key(b))]++ })
	var out [][]Point
	var line []Point
	each(func(a, b Point) {
		if count[norm(key(a), key(b))] != 1 {
			return
		}
		if n := len(line); n > 0 && line[n-1] == a {
			line = append(line, b)
			return
		}
		if len(line) > 1 {
			out = append(out, line)
		}
		line = []Point{a, b}
	})
	if len(line) > 1 {
		out = append(out, line)
	}
	return out
}

// Simplified leaves out points that lie nearer than a tolerance, in degrees, to
// the line through the others (Douglas and Peucker 1973). Borders that units
// share stay shared as far as they have the same points in the same or the
// reverse order.
func (o Outline) Simplified(tolerance float64) Outline {
	out := Outline{Code: o.Code, Name: o.Name}
	for _, r := range o.Rings {
		if len(r) < 3 {
			out.Rings = append(out.Rings, r)
			continue
		}
		keep := make([]bool, len(r))
		far := 0
		for i := range r {
			if math.Hypot(r[i].Lon-r[0].Lon, r[i].Lat-r[0].Lat) > math.Hypot(r[far].Lon-r[0].Lon, r[far].Lat-r[0].Lat) {
				far = i
			}
		}
		keep[0], keep[far], keep[len(r)-1] = true, true, true
		thin(r, keep, 0, far, tolerance)
		thin(r, keep, far, len(r)-1, tolerance)
		var ring []Point
		for i, k := range keep {
			if k {
				ring = append(ring, r[i])
			}
		}
		out.Rings = append(out.Rings, ring)
	}
	return out
}

func thin(r []Point, keep []bool, a, b int, tolerance float64) {
	for b-a > 1 {
		best, at := 0.0, 0
		dx, dy := r[b].Lon-r[a].Lon, r[b].Lat-r[a].Lat
		n := math.Hypot(dx, dy)
		for i := a + 1; i < b; i++ {
			d := math.Hypot(r[i].Lon-r[a].Lon, r[i].Lat-r[a].Lat)
			if n > 0 {
				d = math.Abs(dx*(r[i].Lat-r[a].Lat)-dy*(r[i].Lon-r[a].Lon)) / n
			}
			if d > best {
				best, at = d, i
			}
		}
		if best <= tolerance {
			return
		}
		keep[at] = true
		thin(r, keep, a, at, tolerance)
		a = at
	}
}

// With is a level of detail with the units of some states replaced.
func (o *Outlines) With(editions []*Edition, tolerance float64) *Outlines {
	out := &Outlines{Neighbours: o.Neighbours}
	own := map[string]*Edition{}
	for _, e := range editions {
		own[e.State] = e
	}
	for _, u := range o.Units {
		if own[Member(u.Code)] == nil {
			out.Units = append(out.Units, u)
		}
	}
	for _, s := range o.States {
		if e := own[s.Code]; e != nil {
			s = e.Outline.Simplified(tolerance)
			s.Code = e.State
		}
		out.States = append(out.States, s)
	}
	for _, e := range editions {
		for _, u := range e.Units {
			out.Units = append(out.Units, u.Simplified(tolerance))
		}
	}
	return out
}
