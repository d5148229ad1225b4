package save

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"lintas/internal/locale"
	"lintas/internal/web/chart"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
	"lintas/internal/web/svg"
)

func sheets() map[string]Sheet {
	p := locale.New("en", nil, "")
	gap := math.NaN()
	e := chart.Epi{ID: "e", Title: "Dengue by week", Series: []string{"Cases"}, Partial: "Not yet complete", Limit: "Threshold",
		Bars: []chart.Bar{{Label: "1", Tick: "2026", Values: []float64{12_000}, Limit: 9000}, {Label: "2", Missing: true}, {Label: "3", Values: []float64{400}, Alarm: true, Partial: true}}}
	l := chart.Lines{ID: "l", Labels: []string{"1", "2", "3"}, Curves: []chart.Curve{{Name: "A", Short: "A", Values: []float64{1, gap, 3}}, {Name: "B", Short: "B", Values: []float64{3, 2, 1}}}}
	g := chart.Grid{ID: "g", Total: "11", Cells: []chart.Multiple{{Plate: parts.Plate{Code: "KH"}, Value: "4", Line: []float64{1, gap, 4}}, {Plate: parts.Plate{Code: "TH"}, NoData: "Not released"}}}
	m := mapview.Map{ID: "m", Title: "Map", Areas: []mapview.Area{{Code: "KH", Class: mapview.Ramp5, Value: "9"}, {Code: "TH", Class: mapview.NoReport}, {Code: "VN", Class: mapview.Withheld}}}
	z := m
	z.Zoom = []string{"KH"}
	foot := []string{"Source: sample. Revision 3, known 23 November 2026.", "Boundaries and names shown do not imply endorsement."}
	key := []Key{{Class: "q5", Text: "9"}, {Pattern: "m-hatch", Text: "No report"}, {Class: "thr", Line: true, Text: "Threshold"}}
	return map[string]Sheet{
		"curve": {Title: e.Title, Sub: "Kampot & Siem Reap", Foot: foot, Drawing: e.Draw(p, 720, 250, "wide")},
		"lines": {Title: "Lines <1>", Foot: foot, Drawing: l.Draw(p, 720, 280, "wide")},
		"grid":  {Title: "Grid", Foot: foot, Drawing: g.Draw()},
		"map":   {Title: "Map", Legend: key, Foot: foot, Drawing: m.Draw(p)},
		"zoom":  {Title: "Hà Nội, Đà Nẵng, Siĕm Réap", Legend: key, Foot: foot, Drawing: z.Draw(p)},
	}
}

// TestSVGStandsAlone: no class, no style sheet and no script is needed, every
// shape says its colour, and the lines beside the figure are in the file.
func TestSVGStandsAlone(t *testing.T) {
	for name, s := range sheets() {
		var b bytes.Buffer
		if err := SVG(&b, s); err != nil {
			t.Fatal(name, err)
		}
		text := b.String()
		if !strings.Contains(text, "Source: sample. Revision 3") || strings.Contains(text, "class=") || strings.Contains(text, "NaN") || strings.Contains(text, "var(") {
			t.Errorf("%s: %.300s", name, text)
		}
		dec := xml.NewDecoder(&b)
		depth := 0
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s is not well formed: %v", name, err)
			}
			el, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			depth++
			attr := map[string]string{}
			for _, a := range el.Attr {
				attr[a.Name.Local] = a.Value
			}
			if el.Name.Local == "path" && attr["fill"] == "" && attr["stroke"] == "" {
				t.Errorf("%s: a path without a colour: %v", name, attr)
			}
			if el.Name.Local == "text" && attr["font-size"] == "" {
				t.Errorf("%s: words without a size: %v", name, attr)
			}
		}
		if depth < 10 {
			t.Errorf("%s has %d elements", name, depth)
		}
	}
}

func shares(t *testing.T, img image.Image) map[color.RGBA]float64 {
	t.Helper()
	out := map[color.RGBA]float64{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	for k := range out {
		out[k] /= float64(b.Dx() * b.Dy())
	}
	return out
}

// TestPNG: the pictures hold what was drawn, each colour in about its place.
func TestPNG(t *testing.T) {
	want := map[string][]string{"curve": {sea, red, lines}, "lines": {"#a84a06"}, "grid": {sea2, lines2}, "map": {sea, water, "#e3e0d6"}, "zoom": {sea, water}}
	for name, s := range sheets() {
		var b bytes.Buffer
		if err := PNG(&b, s); err != nil {
			t.Fatal(name, err)
		}
		if dir := os.Getenv("LINTAS_PICTURES"); dir != "" {
			if err := os.WriteFile(dir+"/"+name+".png", b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		size := b.Len()
		img, err := png.Decode(&b)
		if err != nil {
			t.Fatal(name, err)
		}
		if size > 400_000 || img.Bounds().Dx() < 900 {
			t.Errorf("%s: %d bytes, %v", name, size, img.Bounds())
		}
		have := shares(t, img)
		for _, c := range want[name] {
			n := colour(c, 1)
			if have[color.RGBA{n.R, n.G, n.B, 255}] < 1e-4 {
				t.Errorf("%s: hardly anything of %s", name, c)
			}
		}
		if bg := colour(surface, 1); have[color.RGBA{bg.R, bg.G, bg.B, 255}] < .1 {
			t.Errorf("%s: no paper", name)
		}
	}
}

// TestFontWrites: words of the languages that PNG files are written in lose
// their marks at most, never a letter.
func TestFontWrites(t *testing.T) {
	f, err := face()
	if err != nil {
		t.Fatal(err)
	}
	c := &canvas{font: f}
	for in, want := range map[string]string{"Kampong Cham": "Kampong Cham", "São Tomé": "São Tomé", "Hồ Chí Minh": "Ho Chi Minh"} {
		got := c.written(in)
		if len([]rune(got)) != len([]rune(want)) || strings.EqualFold(got, "") {
			t.Errorf("%s is written %s", in, got)
		}
	}
	if Writes("km") || !Writes("id") {
		t.Error("scripts")
	}
}

// TestStrokesTurnOneWay: areas of a stroke add up only if they turn the same
// way.
func TestStrokesTurnOneWay(t *testing.T) {
	area := func(p poly) float64 {
		a := 0.0
		for i, q := range p.points {
			n := p.points[(i+1)%len(p.points)]
			a += q[0]*n[1] - n[0]*q[1]
		}
		return a
	}
	line := poly{points: [][2]float64{{0, 0}, {10, 3}, {-4, 8}, {-4, -20}, {30, 2}}}
	all := append(strokes([]poly{line}, 3, nil, true), strokes([]poly{line}, 3, []float64{2, 1}, false)...)
	for _, p := range all {
		if area(p) >= 0 {
			t.Fatalf("%v turns the other way", p)
		}
	}
	if len(all) < 20 {
		t.Fatal(len(all))
	}
}

// TestEveryClassHasAColour: what the style sheet names for charts and maps is
// known here, so that a new class is not saved without its colour.
func TestEveryClassHasAColour(t *testing.T) {
	var css []byte
	for _, name := range []string{"data", "surveillance"} {
		b, err := os.ReadFile("../../assets/css/" + name + ".css")
		if err != nil {
			t.Fatal(err)
		}
		css = append(css, b...)
	}
	known := map[string]bool{}
	for _, r := range rules {
		known[r.class], known[r.in] = true, true
	}
	for _, m := range regexp.MustCompile(`\.(?:chart|map|multi) \.([a-z0-9-]+)`).FindAllStringSubmatch(string(css), -1) {
		if !known[m[1]] {
			t.Errorf("no rule for the class %q", m[1])
		}
	}
}

func TestRefusesOther(t *testing.T) {
	d := &svg.Drawing{}
	d.El("rect")
	if err := SVG(io.Discard, Sheet{Drawing: d}); err == nil {
		t.Error("a drawing that is no svg")
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"M0 0l4-7h-8z", "M1.5.5L3 4z", "l", "M1e9 1zz", "Mz-", "H3V4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, d string) {
		for _, p := range readPath(d, func(x, y float64) [2]float64 { return [2]float64{x, y} }) {
			if len(p.points) == 0 {
				t.Fatal("a line without a point")
			}
		}
	})
}
