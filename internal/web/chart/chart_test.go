package chart

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"lintas/internal/locale"
)

func draw(t *testing.T, e Epi) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.Draw(locale.New("en", nil, ""), 720, 250, "wide").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMissingIsNotZero(t *testing.T) {
	e := Epi{ID: "x", Series: []string{"A"}, Bars: []Bar{{Label: "1", Values: []float64{3}}, {Label: "2", Missing: true}, {Label: "3", Values: []float64{0}}}}
	s := draw(t, e)
	if strings.Count(s, "×") != 1 {
		t.Error("the bar without a report is marked, the one with zero is not")
	}
	rows := e.Table(locale.New("en", nil, "")).Rows
	if rows[1][1].Text != "–" || rows[2][1].Text != "0" {
		t.Errorf("table says %q and %q", rows[1][1].Text, rows[2][1].Text)
	}
}

func TestPartialTailIsHatched(t *testing.T) {
	e := Epi{ID: "x", Partial: "Not yet complete", Bars: []Bar{{Values: []float64{3}}, {Values: []float64{1}, Partial: true}}}
	s := draw(t, e)
	if !strings.Contains(s, `fill="url(#xwide-hatch)"`) || !strings.Contains(s, "Not yet complete") {
		t.Error("the tail is not marked")
	}
}

func TestNoteWordsDoNotCrossLines(t *testing.T) {
	e := Epi{ID: "x", Bars: make([]Bar, 60), Notes: []Note{{20, "First alarm, 2 November"}, {24, "Event declared, 8 November"}, {50, "End"}}}
	for i := range e.Bars {
		e.Bars[i].Values = []float64{5}
	}
	f, lane := e.frame(locale.New("en", nil, ""), 720, 250)
	for i := range e.Notes {
		for j := range i {
			atJ, right := f.x(e.Notes[j].Bar)+f.width()/2, f.x(e.Notes[i].Bar)+f.width()/2
			// the line of j reaches from its row down; words of i in a row below its start would cross it
			if right-textWidth(e.Notes[i].Text) < atJ && lane[i] >= lane[j] {
				t.Errorf("words of %d cross the line of %d", i, j)
			}
		}
	}
	if lane[2] != 0 || lane[0] == lane[1] {
		t.Errorf("lanes %v", lane)
	}
}

func TestAxisIsWholeAndRound(t *testing.T) {
	for most, want := range map[float64][2]float64{0: {1, 5}, 3: {1, 3}, 18: {5, 20}, 100: {50, 100}, 4871: {2000, 6000}, .4: {1, 1}} {
		step, top := nice(most)
		if step != want[0] || top != want[1] {
			t.Errorf("%v: step %v top %v, want %v", most, step, top, want)
		}
	}
}

func TestEmptyCurveDraws(t *testing.T) {
	if s := draw(t, Epi{ID: "x"}); !strings.HasSuffix(s, "</svg>") || strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
		t.Error(s)
	}
}

// TestLabelsFit: the figures of the axis stay inside the drawing.
func TestLabelsFit(t *testing.T) {
	p := locale.New("id", nil, "")
	for _, most := range []float64{3, 999, 20_000, 1_500_000} {
		e := Epi{ID: "x", Bars: []Bar{{Values: []float64{most}}}}
		f, _ := e.frame(p, 380, 250)
		if room := f.left - 6; textWidth(p.Number(int64(f.most))) > room {
			t.Errorf("%s needs more than %v", p.Number(int64(f.most)), room)
		}
	}
}

func TestWithheldIsSaid(t *testing.T) {
	e := Epi{ID: "x", Series: []string{"A"}, Gap: "No report", Kept: "Withheld", Bars: []Bar{{Values: []float64{3}}, {Kept: true}, {Missing: true}}}
	if s := draw(t, e); strings.Count(s, "∗") != 1 || strings.Count(s, "×") != 1 || strings.Count(s, "<rect class=\"s0\"") != 1 {
		t.Error(s)
	}
	rows := e.Table(locale.New("en", nil, "")).Rows
	if rows[1][1].Text != "Withheld" || rows[2][1].Text != "No report" {
		t.Errorf("%q and %q", rows[1][1].Text, rows[2][1].Text)
	}
}

// TestGapsBreakLines: a line never crosses what nobody reported.
func TestGapsBreakLines(t *testing.T) {
	gap := math.NaN()
	l := Lines{ID: "l", Labels: []string{"1", "2", "3", "4"}, Gap: "No report", Curves: []Curve{{Name: "A", Short: "A", Values: []float64{1, gap, 3, 4}, Said: map[int]string{1: "Withheld"}}, {Name: "B", Short: "B", Values: []float64{gap, gap, gap, gap}}}}
	var b bytes.Buffer
	p := locale.New("en", nil, "")
	if err := l.Draw(p, 720, 280, "wide").Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "NaN") || strings.Count(s, "M")-strings.Count(s, "Ml") < 2 || strings.Count(s, "h.01") != 1 {
		t.Error(s)
	}
	rows := l.Table(p).Rows
	if rows[1][1].Text != "Withheld" || rows[0][2].Text != "No report" || rows[3][1].Text != "4" {
		t.Errorf("%+v", rows)
	}
	b.Reset()
	m := Multiple{Line: []float64{1, gap, gap, 2}}
	m.Plate.Code = "KH"
	if err := m.draw("g").Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Count(s, `fill="url(#g-KH-gap)"`) != 1 || strings.Contains(s, "NaN") {
		t.Error(s)
	}
}
