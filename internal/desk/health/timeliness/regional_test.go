package timeliness

import (
	"bufio"
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/id"
)

var issued = time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC)

// hour is a time of the table: hours after the request, or none.
func hour(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "-" {
		return time.Time{}
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return issued.Add(time.Duration(n) * time.Hour)
}

// The cases of testdata/regional.txt.
func TestRequestToOffer(t *testing.T) {
	f, err := os.Open("testdata/regional.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[Outcome]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		in, out, _ := strings.Cut(line, "|")
		a, want := strings.Fields(in), strings.Fields(out)
		if len(a) != 4 || len(want) != 2 {
			t.Fatalf("%q has another shape", line)
		}
		ended, now := hour(t, a[2]), hour(t, a[3])
		offer, arrival := between(issued, hour(t, a[0]), ended, OfferLimit, now), between(issued, hour(t, a[1]), ended, ArriveLimit, now)
		if offer.Outcome != Outcome(want[0]) || arrival.Outcome != Outcome(want[1]) {
			t.Errorf("%s: %s %s", line, offer.Outcome, arrival.Outcome)
		}
		seen[offer.Outcome], seen[arrival.Outcome] = true, true
	}
	for _, o := range []Outcome{Met, Missed, Running, Undecided, Reversed} {
		if !seen[o] {
			t.Errorf("no case is %s", o)
		}
	}
	if got := between(time.Time{}, issued, time.Time{}, OfferLimit, issued).Outcome; got != NoDate {
		t.Errorf("a request that was never issued is %s", got)
	}
}

// Silence is counted once the time is over and not before; the share is of
// those that are decided.
func TestInputsInTime(t *testing.T) {
	due, now := issued, issued.Add(time.Hour)
	in := func(m access.Member, due, given time.Time) Contribution {
		return Contribution{Report: "r", Title: "Report 1", Member: m, Due: due, Given: given}
	}
	got := reports([]Contribution{in("TH", due, due), in("KH", due, due.Add(time.Minute)), in("SG", due, time.Time{}), in("MY", now, time.Time{}),
		{Report: "s", Member: "TH", Due: now.Add(time.Hour)}}, now)
	if len(got) != 2 || got[0].Report != "s" || got[1].Report != "r" {
		t.Fatalf("%+v", got)
	}
	r := got[1]
	if !slices.Equal(r.InTime, []access.Member{"TH"}) || !slices.Equal(r.Late, []access.Member{"KH"}) || !slices.Equal(r.Silent, []access.Member{"SG"}) ||
		!slices.Equal(r.Open, []access.Member{"MY"}) {
		t.Errorf("%+v", r)
	}
	if share, ok := r.Share(); !ok || share != 1.0/3 {
		t.Errorf("share %v %t", share, ok)
	}
	if _, ok := got[0].Share(); ok {
		t.Error("a share of nothing")
	}
}

// Without a source nothing is claimed; with one, what it may show is judged.
func TestSources(t *testing.T) {
	n := newNode(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...), "TH", clock.NewManual(issued.Add(30*time.Hour)))
	if _, ok, err := n.desk.Helped(t.Context(), epi); ok || err != nil {
		t.Errorf("R2 of no requests: %t %v", ok, err)
	}
	n.desk.Connect(Sources{Help: func(context.Context, access.Actor) ([]Help, error) {
		return []Help{{Title: "older", Issued: issued}, {Title: "newer", Issued: issued.Add(time.Hour), Offered: issued.Add(2 * time.Hour)}}, nil
	}})
	list, ok, err := n.desk.Helped(t.Context(), epi)
	if !ok || err != nil || len(list) != 2 || list[0].Title != "newer" || list[0].Offer.Outcome != Met || list[1].Offer.Outcome != Missed {
		t.Errorf("%+v %t %v", list, ok, err)
	}
	if _, ok, _ := n.desk.Given(t.Context(), epi); ok {
		t.Error("R3 of no reports")
	}
}

// Of 7-1-7-R an event has what was told, asked for and reported because of it,
// and nothing of another event.
func TestRegionalOf(t *testing.T) {
	n := newNode(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...), "TH", clock.NewManual(issued.Add(30*time.Hour)))
	got, err := n.desk.RegionalOf(t.Context(), epi, "this")
	if err != nil || !got.None() {
		t.Fatalf("of nothing: %+v %v", got, err)
	}
	due := issued.Add(10 * time.Hour)
	n.desk.Connect(Sources{
		Help: func(context.Context, access.Actor) ([]Help, error) {
			return []Help{{Title: "for this", Event: "this", Issued: issued}, {Title: "for another", Event: "another", Issued: issued}, {Title: "for none", Issued: issued}}, nil
		},
		Inputs: func(context.Context, access.Actor) ([]Contribution, error) {
			return []Contribution{{Report: "r", Title: "family", Events: []id.ID{"another", "this"}, Member: "KH", Due: due, Given: due}, {Report: "r", Title: "family", Events: []id.ID{"another", "this"}, Member: "LA", Due: due},
				{Report: "s", Title: "elsewhere", Events: []id.ID{"another"}, Member: "KH", Due: due}}, nil
		},
	})
	got, err = n.desk.RegionalOf(t.Context(), epi, "this")
	if err != nil || len(got.R1) != 0 || len(got.R2) != 1 || got.R2[0].Title != "for this" || got.R2[0].Offer.Outcome != Missed || got.R2[0].Arrival.Outcome != Running {
		t.Fatalf("%+v %v", got, err)
	}
	if len(got.R3) != 1 || got.R3[0].Report != "r" || !slices.Equal(got.R3[0].InTime, []access.Member{"KH"}) || !slices.Equal(got.R3[0].Silent, []access.Member{"LA"}) {
		t.Errorf("%+v", got.R3)
	}
	if got, _ = n.desk.RegionalOf(t.Context(), epi, "third"); !got.None() {
		t.Errorf("of an event without any: %+v", got)
	}
}
