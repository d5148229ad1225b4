package chart

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"lintas/internal/locale"
)

func bandText(t *testing.T, b Band) string {
	t.Helper()
	var out bytes.Buffer
	if err := b.Figure(locale.New("en", nil, "")).Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestBandBreaksWhereNothingIsEstimated: a period without an estimate is a gap in
// the line and its band, not a bridge.
func TestBandBreaksWhereNothingIsEstimated(t *testing.T) {
	nan := math.NaN()
	b := Band{ID: "rt", Title: "R", Line: "R", Range: "95 % interval", Level: 1, At: "R = 1", Digits: 2, Points: []Spread{
		{Label: "1", Seen: nan, Mid: 1.2, Low: 1, High: 1.5}, {Label: "2", Seen: nan, Mid: 1.3, Low: 1.1, High: 1.6}, {Label: "3", Seen: nan, Mid: nan, Low: nan, High: nan},
		{Label: "4", Seen: nan, Mid: 0.9, Low: 0.7, High: 1.1}, {Label: "5", Seen: nan, Mid: 0.8, Low: 0.6, High: 1}}}
	s := bandText(t, b)
	if strings.Contains(s, "NaN") {
		t.Error("a NaN is drawn")
	}
	if n := strings.Count(s, `<path class="band"`); n != 4 { // two, at two widths
		t.Errorf("%d bands", n)
	}
	if !strings.Contains(s, "4: R 0.9 (0.7 – 1.1)") {
		t.Error("a point does not say its interval")
	}
	rows := b.Table(locale.New("en", nil, "")).Rows
	if len(rows) != 5 || rows[2][1].Text != "–" || rows[0][2].Text != "1 – 1.5" {
		t.Errorf("%+v", rows)
	}
}

// TestBandIsNotPressedFlat: one very wide interval does not take the height from
// the estimates, and stays within the axis.
func TestBandIsNotPressedFlat(t *testing.T) {
	b := Band{ID: "n", Bars: "Reported", Line: "Expected", Range: "95 % interval", Points: []Spread{
		{Label: "1", Seen: 40, Mid: math.NaN(), Low: math.NaN(), High: math.NaN()}, {Label: "2", Seen: 10, Mid: 45, Low: 20, High: 9000}}}
	if m := b.most(); m > 3*45*1.01 || m < 45 {
		t.Errorf("the axis reaches to %v", m)
	}
	s := bandText(t, b)
	if strings.Count(s, `<path class="whisk"`) != 3 || strings.Contains(s, "V-") || strings.Contains(s, " -") {
		t.Error("a whisker leaves the figure, or is missing")
	}
}
