package place

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func square(name string, x, y float64) string {
	b, err := json.Marshal(map[string]any{"type": "Feature", "properties": map[string]any{"shapeName": name}, "geometry": map[string]any{"type": "Polygon",
		"coordinates": [][][]float64{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}}})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestReadGeoJSON: units are found by code, P-code or name, every fault names
// its feature, and what is not there is a gap.
func TestReadGeoJSON(t *testing.T) {
	e, faults, err := ReadGeoJSON(strings.NewReader(collection(square("KH-17", 103, 13), square("kh07", 104, 13), square("Kampong Cham", 105, 13))), "KH")
	if err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	if len(e.Units) != 3 || e.Units[0].Code != "KH-17" || e.Units[1].Code != "KH-3" || e.Units[2].Code != "KH-7" || len(e.Gaps()) != 22 {
		t.Fatalf("%d units, %d gaps", len(e.Units), len(e.Gaps()))
	}
	length := 0.0
	for _, line := range e.Outline.Rings {
		for i := 1; i < len(line); i++ {
			length += math.Hypot(line[i].Lon-line[i-1].Lon, line[i].Lat-line[i-1].Lat)
		}
	}
	if math.Abs(length-8) > 1e-9 { // three squares in a row
		t.Errorf("the outline is %v long", length)
	}
	open := strings.Replace(square("KH-17", 103, 13), "[103,13]]]", "[103,13.5]]]", 1)
	for name, c := range map[string]struct{ body, key string }{
		"unknown name":  {collection(square("Atlantis", 103, 13)), "no_code"},
		"another state": {collection(square("TH-10", 103, 13)), "no_code"},
		"twice":         {collection(square("KH-17", 103, 13), square("Siem Reap", 104, 13)), "twice"},
		"latitude":      {collection(square("KH-17", 13, 103)), "swapped"},
		"elsewhere":     {collection(square("KH-17", 20, 50)), "outside"},
		"not closed":    {collection(open), "open"},
		"a point":       {collection(`{"type":"Feature","properties":{"code":"KH-17"},"geometry":{"type":"Point","coordinates":[103,13]}}`), "geometry"},
		"nothing":       {collection(`{"type":"Feature","properties":{"code":"KH-17"},"geometry":null}`), "no_geometry"},
		"too short":     {collection(`{"type":"Feature","properties":{"code":"KH-17"},"geometry":{"type":"Polygon","coordinates":[[[103,13],[104,13],[103,13]]]}}`), "short"},
		"no numbers":    {collection(`{"type":"Feature","properties":{"code":"KH-17"},"geometry":{"type":"Polygon","coordinates":["x"]}}`), "coordinates"},
	} {
		_, faults, err := ReadGeoJSON(strings.NewReader(c.body), "KH")
		if err != nil || len(faults) != 1 || faults[0].Key != "fault.place."+c.key || faults[0].Feature == 0 {
			t.Errorf("%s: %v %v", name, faults, err)
		}
	}
	for _, bad := range []string{"", "[]", `{"type":"Topology"}`, collection()} {
		if _, _, err := ReadGeoJSON(strings.NewReader(bad), "KH"); !errors.Is(err, ErrGeoJSON) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestWith: the units of one state are replaced and no other's.
func TestWith(t *testing.T) {
	e, _, err := ReadGeoJSON(strings.NewReader(collection(square("KH-17", 103, 13))), "KH")
	if err != nil {
		t.Fatal(err)
	}
	o := Overview().With([]*Edition{e}, .05)
	if _, ok := o.Unit("KH-7"); ok {
		t.Error("a unit of the old edition is still drawn")
	}
	if u, ok := o.Unit("KH-17"); !ok || len(u.Rings[0]) != 5 {
		t.Error("the new unit is not drawn")
	}
	if len(o.Units) != len(Overview().Units)-25+2 && len(o.Units) >= len(Overview().Units) {
		t.Errorf("%d units of %d", len(o.Units), len(Overview().Units))
	}
	if len(o.States) != len(Overview().States) {
		t.Error("a state is gone")
	}
}

func TestSimplified(t *testing.T) {
	var ring []Point
	for i := range 361 {
		a := float64(i) * math.Pi / 180
		ring = append(ring, Point{math.Cos(a), math.Sin(a)})
	}
	s := Outline{Rings: [][]Point{ring}}.Simplified(.01)
	if n := len(s.Rings[0]); n < 12 || n > 60 || s.Rings[0][0] != ring[0] {
		t.Errorf("%d points", n)
	}
}

func FuzzReadGeoJSON(f *testing.F) {
	f.Add(collection(square("KH-17", 103, 13)))
	f.Add(`{"type":"FeatureCollection","features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[1]]]]}}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		e, faults, err := ReadGeoJSON(strings.NewReader(body), "KH")
		if (e == nil) == (err == nil && len(faults) == 0) {
			t.Fatal("neither an edition nor a reason")
		}
		if e != nil {
			e.Outline.Simplified(.1)
		}
	})
}
