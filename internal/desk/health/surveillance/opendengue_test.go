package surveillance

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health/surveillance/packed"
)

const openDengueFolder = "../../../../../shared/data/opendengue/"

func extract(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(openDengueFolder + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there: put the OpenDengue V1.3 extracts beside the repository to run this", openDengueFolder+name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestOpenDengue brings the extract in as it is published and finds the weekly
// national series with as many weeks as the source has.
func TestOpenDengue(t *testing.T) {
	extract(t, "Temporal_extract_WPRO_V1_3.zip")
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, _ := newDesk(t, base)
		s := describe(t, d, "OpenDengue V1.3, weekly", sunday)
		i := bring(t, d, s, "Temporal_extract_WPRO_V1_3.zip", extract(t, "Temporal_extract_WPRO_V1_3.zip"), time.Time{}, nil)
		if i.State != Applied || i.Format != FormatZip || i.Result.Bad != 0 || i.Result.Waiting != 0 {
			t.Fatalf("%s %v: %+v", i.State, i.Failure, i.Result)
		}
		if i.Result.Rows != 71682 || i.Result.Ready != 4018 {
			t.Errorf("%d of %d rows", i.Result.Ready, i.Result.Rows)
		}
		for pl, want := range map[string]int{"SG": 1170, "LA": 702, "KH": 693, "MY": 624, "PH": 544, "VN": 285} {
			one, used := AsReported(seriesOf(t, d, s, 0, "dengue", pl))
			if one.Reported() != want {
				t.Errorf("%s: %d weeks, want %d", pl, one.Reported(), want)
			}
			if pl == "MY" && (len(used) != 2 || used[0] != All || used[1] != ConfirmedCases) {
				t.Errorf("MY by definitions %v", used)
			}
		}
		// The week of 5 January 2020, Singapore: as in the extract.
		sg, _ := AsReported(seriesOf(t, d, s, 0, "dengue", "SG"))
		if p, _ := sunday.At(2020, 2); sg.At(p) == packed.Missing || s.Start(p).Weekday() != time.Sunday {
			t.Error("Singapore, 2020-W02")
		}
		if _, bad := (Calendar{Weekly, ISOWeeks}).ParsePeriod("2020-01-05"); bad == nil {
			t.Error("a Sunday began an ISO week")
		}
	}, schemas...)
}

// TestOpenDengueMonthly brings in months of first-level units; what no person
// has confirmed waits and is said.
func TestOpenDengueMonthly(t *testing.T) {
	for _, name := range []string{"Spatial_extract_WPRO_V1_3.zip", "Temporal_extract_SEARO_V1_3.zip"} {
		f := extract(t, name)
		d, _ := newDesk(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
		s := describe(t, d, "OpenDengue V1.3, monthly", Calendar{Monthly, ""})
		i := bring(t, d, s, name, f, time.Time{}, nil)
		r := i.Result
		if i.State != Waiting || r.Bad != 0 || r.Ready < 15000 || r.Rows != r.Ready+r.Same+r.Filtered+r.Empty+r.Outside+r.Aside+r.Waiting {
			t.Fatalf("%s %v: %+v", i.State, i.Failure, r)
		}
		asked := 0
		for _, x := range r.Terms {
			asked += x.Rows
		}
		if asked != r.Waiting {
			t.Errorf("%d rows wait, their terms have %d", r.Waiting, asked)
		}
		t.Logf("%s: %d rows ready, %d wait for %d names, %d of other resolutions, %d outside", name, r.Ready, r.Waiting, len(r.Terms), r.Filtered, r.Outside)
		for _, x := range r.Terms {
			t.Logf("  %s (%s, %d rows) %v", x.Term, x.How, x.Rows, x.Candidates[:min(2, len(x.Candidates))])
		}
	}
}
