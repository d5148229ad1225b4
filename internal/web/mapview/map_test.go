package mapview

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web/parts"
)

func draw(t testing.TB, m Map) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Draw(locale.New("en", nil, "")).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAllStatesAreOnTheRegion(t *testing.T) {
	for _, s := range place.States() {
		if region().units[s.Code] == "" && s.Code != "SG" {
			t.Errorf("%s is not drawn", s.Code)
		}
		x, y := region().xy(s.At)
		if x < 0 || y < 0 || x > regionW || y > regionH {
			t.Errorf("%s stands outside the map", s.Code)
		}
	}
	for code, d := range singapore() {
		if d == "" {
			t.Errorf("%s is not in the inset", code)
		}
	}
}

func TestNoReportIsAHatch(t *testing.T) {
	s := draw(t, Map{ID: "m", Areas: []Area{{Code: "VN-44", Class: NoReport}, {Code: "VN-45", Class: Ramp(0, [4]float64{1, 2, 3, 4})}}})
	if strings.Count(s, `fill="url(#m-hatch)"`) != 1 || !strings.Contains(s, "An Giang, Viet Nam: No report") {
		t.Error("no report must be hatched and said")
	}
	if Ramp(0, [4]float64{}) == NoReport {
		t.Error("zero is a report")
	}
}

func TestSingaporeIsShadedInTheInset(t *testing.T) {
	s := draw(t, Map{ID: "m", Areas: []Area{{Code: "SG", Class: Ramp4, Value: "7"}}})
	_, inset, ok := strings.Cut(s, `class="inset"`)
	if !ok || strings.Count(inset, `class="q4"`) != 5 || !strings.Contains(inset, "Singapore: 7") {
		t.Error("the inset does not show the value")
	}
}

func TestMarkersDoNotCoverEachOther(t *testing.T) {
	at := [][2]float64{{100, 100}, {100, 100}, {104, 98}, {100, 100}, {300, 50}}
	out := spread(at, 480, 400)
	for i := range out {
		for j := range i {
			if d := math.Hypot(out[i][0]-out[j][0], out[i][1]-out[j][1]); d < 24 {
				t.Errorf("%d and %d are %.1f apart", i, j, d)
			}
		}
	}
	if out[4] != at[4] {
		t.Error("a marker that stands alone stays")
	}
}

func TestUndrawnUnitIsSaidNotDrawn(t *testing.T) {
	m := Map{ID: "m", Areas: []Area{{Code: "KH-25", Class: Ramp3}}, Markers: []Marker{{Code: "KH-25", Number: 1, Grade: parts.Watch, Title: "x", Href: "/x"}}}
	if got := m.Undrawn(locale.New("en", nil, "")); got != "Tbong Khmum" {
		t.Errorf("undrawn %q", got)
	}
	s := draw(t, m)
	if strings.Contains(s, `class="q3"`) || !strings.Contains(s, `class="mk g-watch"`) {
		t.Error("its seat is marked, and no other unit is shaded for it")
	}
}

func TestZoomShowsWhatItIsAbout(t *testing.T) {
	m := Map{ID: "m", Zoom: []string{"VN-44", "KH-21"}, Areas: []Area{{Code: "VN-44", Class: Ramp5, Value: "86", Label: true}}}
	if s := draw(t, m); !strings.Contains(s, "An Giang 86") || strings.Contains(s, `class="inset"`) {
		t.Error("zoomed map")
	}
	m.Zoom = []string{"XX-99"}
	if s := draw(t, m); !strings.Contains(s, `class="inset"`) {
		t.Error("an unknown place falls back to the region")
	}
	for i := range keep + 9 {
		m.Zoom = []string{place.Units("PH", true)[i].Code}
		_ = draw(t, m)
	}
	if len(kept.base) > keep || len(kept.order) != len(kept.base) {
		t.Errorf("%d grounds are kept", len(kept.base))
	}
}

func BenchmarkRegion(b *testing.B) {
	m := Map{ID: "m", Areas: []Area{{Code: "VN-44", Class: Ramp3}}}
	_ = draw(b, m)
	b.ReportAllocs()
	for b.Loop() {
		_ = draw(b, m)
	}
}

func BenchmarkZoomCold(b *testing.B) {
	_ = place.Detail()
	box, _ := around([]string{"VN-44", "KH-21"})
	for b.Loop() {
		_ = newBase(fit(720, 380, box), place.Detail())
	}
}
