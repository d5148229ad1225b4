package outbreak

import (
	"slices"
	"testing"
)

func area(id, parent string, observed, expected, threshold float64) Area {
	return Area{ID: id, Parent: parent, Point: Point{Observed: Known(observed), Expected: Known(expected), Threshold: Known(threshold),
		Alarm: observed > threshold}}
}

func TestExplainAlarms(t *testing.T) {
	areas := []Area{
		area("north", "", 60, 25, 40), area("n1", "north", 42, 8, 15), area("n2", "north", 9, 8, 15), area("n3", "north", 9, 9, 16),
		area("south", "", 60, 25, 40), area("s1", "south", 14, 6, 15), area("s2", "south", 23, 9, 24), area("s3", "south", 23, 10, 24),
		area("west", "", 80, 20, 30), area("w1", "west", 40, 5, 10), area("w2", "west", 30, 5, 10), area("w3", "west", 10, 10, 20),
	}
	for range 2 {
		got := map[string]Explained{}
		for _, e := range ExplainAlarms(areas) {
			got[e.ID] = e
		}
		if e := got["north"]; e.Own || !slices.Equal(e.Because, []string{"n1"}) {
			t.Errorf("one district accounts for the north: %+v", e)
		}
		if e := got["south"]; !e.Own || len(e.Because) > 0 {
			t.Errorf("all districts of the south are quiet: %+v", e)
		}
		if e := got["west"]; e.Own || !slices.Equal(e.Because, []string{"w1", "w2"}) {
			t.Errorf("two districts account for the west: %+v", e)
		}
		if share, ok := got["west"].Share.Get(); !ok || share != 1 {
			t.Errorf("they are all of its excess: %v", share)
		}
		if _, quiet := got["n2"]; quiet {
			t.Error("an area without an alarm is explained")
		}
		slices.Reverse(areas)
	}
	if e := ExplainAlarms([]Area{{ID: "x", Parent: "x", Point: Point{Alarm: true}}}); len(e) != 1 || !e[0].Own {
		t.Errorf("an area that is its own parent: %+v", e)
	}
}
