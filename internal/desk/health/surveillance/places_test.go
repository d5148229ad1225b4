package surveillance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

// TestOwnPlaces: a node adds its districts, with dates; counts of a district
// find it, also by another spelling, and its fault rows say what to mend.
func TestOwnPlaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, _ := newDesk(t, base)
		ctx := t.Context()
		if _, err := d.ImportPlaces(ctx, duty, csv("code,name,parent")); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a duty officer added places: %v", err)
		}
		_, err := d.ImportPlaces(ctx, epi, csv("code,name,parent,valid_from", "KH-17-01,Angkor Chum,KH-17,2001", "KH-17-01,Twice,KH-17,", "KH-17-02,,KH-17,", "KH-17,Built in,KH,", "KH-17-03,Elsewhere,KH-18,", "kh 17,Bad,KH-17,soon"))
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) < 6 {
			t.Fatalf("%v", err)
		}
		for _, want := range []string{"place_twice", "place_name", "place_built", "place_parent", "place_code", "date"} {
			if !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Key == "fault.surveillance."+want && x.Row > 2 }) {
				t.Errorf("nothing says %s: %v", want, f.Fields)
			}
		}
		n, err := d.ImportPlaces(ctx, epi, csv("code,name,parent,valid_from,aliases,name:km", "KH-17-01,Angkor Chum,KH-17,2001,Angkor Chhum; Ankor Chum,អង្គរជុំ", "KH-17-01-01,Char Chhuk,KH-17-01,,,"))
		if err != nil || n != 2 {
			t.Fatal(n, err)
		}
		s := describe(t, d, "Dengue, weekly", sunday)
		i := bring(t, d, s, "a.csv", csv("State,Province,District,Period,Disease,Cases", "KHM,Siem Reap,Angkor Chhum,2024-W01,dengue,3", "KHM,Siem Reap,អង្គរជុំ,2024-W02,dengue,4",
			"KHM,Kampot,Angkor Chum,2024-W03,dengue,5"), time.Time{}, func(m *Mapping) { m.Columns[FieldState], m.Columns[FieldUnit] = "State", "Province" })
		if i.State != Waiting || i.Result.Ready != 2 || i.Result.Waiting != 1 {
			t.Fatalf("%s %+v", i.State, i.Result)
		}
		if got := seriesOf(t, d, s, 0, "dengue", "KH-17-01"); len(got) != 1 || got[0].Reported() != 2 {
			t.Fatal(got)
		}
		page, err := d.Place(ctx, duty, "KH-17-01")
		if err != nil || page.Parent.Code != "KH-17" || len(page.Children) != 1 || len(page.Lines) != 1 {
			t.Fatal(page, err)
		}
		if list, total, err := d.OwnPlaces(ctx, duty, "ankor", 10); err != nil || total != 1 || !strings.HasPrefix(list[0].Code, "KH-17") {
			t.Fatal(list, err)
		}
	}, schemas...)
}
