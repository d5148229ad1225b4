package surveillance

import (
	"testing"
	"time"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
	"lintas/internal/place"
)

var sunday = Calendar{Weekly, SundayWeeks}

// TestImportStory is the life of an import: refused to those who may not,
// mapped, previewed with its faults, applied but for a name that nobody knows,
// the name confirmed, the rest stored, and the file gone.
func TestImportStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, now := newDesk(t, base)
		ctx := t.Context()
		if _, err := d.Describe(ctx, duty, DatasetInput{}); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a duty officer described a dataset: %v", err)
		}
		if _, err := d.Describe(ctx, epi, DatasetInput{Calendar: Calendar{Resolution: Weekly}}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("weeks without a rule: %v", err)
		}
		s := describe(t, d, "Dengue, weekly", sunday)
		file := []string{"Country,Province,Period,Disease,Cases",
			"KHM,Siem Reap,2024-W01,dengue,10", "KHM,Siem Reap,2024-W02,dengue,12", "KHM,Siem Reap,2024-W02,dengue,12",
			"KHM,Siem Reap Town,2024-W01,dengue,5", "KHM,Kampot,2024-W03,dengue,", "KHM,Kampot,2024-W01,dengue,-4",
			"KHM,Kampot,2024-W02,spotted fever,4", "KHM,Kampot,2024-01-10,dengue,4", "KHM,Siem Reap,2024-W02,dengue,13", "THA,Chiang Mai,2024-W01,dengue,7"}
		if _, err := d.Upload(ctx, duty, s.ID, "a.csv", "", csv(file...)); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a duty officer imported: %v", err)
		}
		i, err := d.Upload(ctx, epi, s.ID, "a.csv", "", csv(file...))
		if err != nil || i.State != Mapped || i.Mapping.Columns[FieldCount] != "Cases" || i.Mapping.Columns[FieldUnit] != "Province" {
			t.Fatal(i.State, i.Mapping, err)
		}
		if _, err := d.Apply(ctx, epi, i.ID, i.Version, ApplyInput{}); !fault.Is(err, fault.Conflict) {
			t.Fatalf("applied without a preview: %v", err)
		}
		m := i.Mapping
		m.Columns[FieldCount] = "Kasus"
		if _, err := d.MapImport(ctx, epi, i.ID, i.Version, m); !fault.Is(err, fault.Invalid) {
			t.Fatalf("mapped a column that is not there: %v", err)
		}
		m.Columns[FieldCount], m.Name = "Cases", "provinces"
		if i, err = d.MapImport(ctx, epi, i.ID, i.Version, m); err != nil {
			t.Fatal(err)
		}
		checkPreview(t, i.Result)
		if _, err := d.Apply(ctx, epi, i.ID, i.Version, ApplyInput{}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("applied with faults that nobody settled: %v", err)
		}
		if i, err = d.Apply(ctx, epi, i.ID, i.Version, ApplyInput{LeaveBad: true}); err != nil || i.State != Applying {
			t.Fatal(i.State, err)
		}
		d.Work(ctx)
		i = reload(t, d, i.ID)
		if i.State != Waiting || i.Revision != 1 || i.File == "" || i.Result.Waiting != 1 {
			t.Fatalf("%s revision %d, failure %v", i.State, i.Revision, i.Failure)
		}
		if got := seriesOf(t, d, s, 0, "dengue", "KH-17"); len(got) != 1 || got[0].Reported() != 2 || got[0].Values[1] != 12 {
			t.Fatalf("stored %v", got)
		}
		confirmAndResume(t, d, s, i)
		now.Advance(time.Hour)
		if _, err := d.EditDataset(ctx, epi, s.ID, s.Version, DatasetInput{Title: "x", Source: "y", Measure: Cases, Calendar: Calendar{Monthly, ""}, Marking: s.Marking}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("the calendar of a dataset with data changed: %v", err)
		}
		if list, err := d.Mappings(ctx, epi); err != nil || len(list) != 1 || list[0].Name != "provinces" {
			t.Fatal(list, err)
		}
	}, schemas...)
}

func checkPreview(t *testing.T, r Result) {
	t.Helper()
	if r.Rows != 10 || r.Ready != 3 || r.Same != 1 || r.Empty != 1 || r.Waiting != 1 || r.Bad != 4 {
		t.Fatalf("%+v", r)
	}
	if r.Rows != r.Ready+r.Same+r.Filtered+r.Empty+r.Outside+r.Aside+r.Waiting+r.Bad+r.Stored {
		t.Fatalf("a row was dropped: %+v", r)
	}
	want := []struct {
		row   int
		field Field
		key   string
	}{{7, FieldCount, "fault.surveillance.negative"}, {8, FieldDisease, "fault.surveillance.disease"},
		{9, FieldPeriod, "fault.surveillance.period_start"}, {10, FieldCount, "fault.surveillance.contradicts"}}
	for i, w := range want {
		if p := r.Problems[i]; p.Row != w.row || p.Field != w.field || p.Key != w.key {
			t.Errorf("problem %d: %+v, want %+v", i, p, w)
		}
	}
	if len(r.Terms) != 1 || r.Terms[0].How != place.Similar || r.Terms[0].Candidates[0].Code != "KH-17" || r.Terms[0].Rows != 1 {
		t.Fatalf("%+v", r.Terms)
	}
}

// confirmAndResume says what the waiting name means: first nothing of the
// list, then, the decision changed, a place.
func confirmAndResume(t *testing.T, d *Desk, s Dataset, i Import) {
	t.Helper()
	ctx := t.Context()
	term := i.Result.Terms[0]
	if _, err := d.Confirm(ctx, duty, []Decision{{Term: term.Term, Means: "KH-17"}}); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a duty officer confirmed: %v", err)
	}
	if _, err := d.Confirm(ctx, epi, []Decision{{Term: term.Term, Means: "KH-99"}}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a place that is not there: %v", err)
	}
	if n, err := d.Confirm(ctx, epi, []Decision{{Term: term.Term, Shown: term.Shown, Means: "KH-7"}, {Term: "other"}}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	list, err := d.AliasList(ctx, epi, "siem")
	if err != nil || len(list) != 1 || list[0].Changed.Post != "Epidemiologist" {
		t.Fatal(list, err)
	}
	if _, err := d.WithdrawAlias(ctx, epi, list[0].ID, list[0].Version); err != nil {
		t.Fatal(err)
	}
	i, err = d.Resume(ctx, epi, i.ID, i.Version)
	if err != nil {
		t.Fatal(err)
	}
	d.Work(ctx)
	if i = reload(t, d, i.ID); i.State != Waiting || i.Revision != 1 {
		t.Fatalf("%s, revision %d: a withdrawn decision was used", i.State, i.Revision)
	}
	if _, err := d.Confirm(ctx, epi, []Decision{{Term: term.Term, Means: "KH-7"}}); err != nil {
		t.Fatal(err)
	}
	if i, err = d.Resume(ctx, epi, i.ID, i.Version); err != nil {
		t.Fatal(err)
	}
	d.Work(ctx)
	i = reload(t, d, i.ID)
	if i.State != Applied || i.File != "" || i.Result.Waiting != 0 || i.Result.Ready != 4 || i.Revision != 2 {
		t.Fatalf("%s %+v", i.State, i.Result)
	}
	if got := seriesOf(t, d, s, 0, "dengue", "KH-7"); len(got) != 1 || got[0].Values[0] != 5 {
		t.Fatalf("stored %v", got)
	}
	if _, err := d.Columns(ctx, epi, i.ID); !fault.Is(err, fault.Conflict) {
		t.Fatalf("the file is still there: %v", err)
	}
	if _, err := d.CancelImport(ctx, epi, i.ID, 0); !fault.Is(err, fault.Conflict) {
		t.Fatalf("cancelled what is stored: %v", err)
	}
}

// TestCancelLeavesNothing: an import cancelled while it is being staged, and
// one whose node stops, leave the dataset as it was.
func TestCancelLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, _ := newDesk(t, base)
		ctx := t.Context()
		s := describe(t, d, "Dengue, weekly", sunday)
		i, err := d.Upload(ctx, epi, s.ID, "a.csv", "", csv("Country,Period,Disease,Cases", "KHM,2024-W01,dengue,10"))
		if err != nil {
			t.Fatal(err)
		}
		if i, err = d.MapImport(ctx, epi, i.ID, i.Version, i.Mapping); err != nil {
			t.Fatal(err)
		}
		if i, err = d.Apply(ctx, epi, i.ID, i.Version, ApplyInput{}); err != nil {
			t.Fatal(err)
		}
		r, err := d.read(ctx, i, s)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := r.batch()
		if err != nil {
			t.Fatal(err)
		}
		rev := &revision{Import: i.ID, Dataset: s.Number, KnownAt: i.KnownAt, Cells: batch}
		if err := d.stage(ctx, rev); err != nil { // and then the node stops
			t.Fatal(err)
		}
		if got := seriesOf(t, d, s, 0, "dengue", "KH"); len(got) != 0 {
			t.Fatal("what is staged can be seen")
		}
		other := &revision{Import: "other", Dataset: s.Number, KnownAt: i.KnownAt, Cells: batch}
		if err := d.stage(ctx, other); !fault.Is(err, fault.Conflict) {
			t.Fatalf("two imports at once: %v", err)
		}
		if _, err := d.CancelImport(ctx, epi, i.ID, 0); err != nil {
			t.Fatal(err)
		}
		d.Work(ctx)
		var left int64
		err = base.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.Row(ctx, `SELECT (SELECT COUNT(*) FROM surveillance_stage) + (SELECT COUNT(*) FROM surveillance_series) + (SELECT COUNT(*) FROM files_blob) + (SELECT COUNT(*) FROM surveillance_front WHERE busy <> '')`, nil, &left)
			return err
		})
		if err != nil || left != 0 {
			t.Fatalf("%d rows are left: %v", left, err)
		}
		if got := bring(t, d, s, "b.csv", csv("Country,Period,Disease,Cases", "KHM,2024-W01,dengue,11"), time.Time{}, nil); got.State != Applied {
			t.Fatalf("%s: %v", got.State, got.Failure)
		}
	}, schemas...)
}

// TestImportGoesOnAfterAStop: a node that stops while an import is being staged
// finishes it when it runs again, once.
func TestImportGoesOnAfterAStop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, _ := newDesk(t, base)
		ctx := t.Context()
		s := describe(t, d, "Dengue, weekly", sunday)
		i, err := d.Upload(ctx, epi, s.ID, "a.csv", "", csv("Country,Period,Disease,Cases", "KHM,2024-W01,dengue,10", "KHM,2024-W02,dengue,12"))
		if err == nil {
			i, err = d.MapImport(ctx, epi, i.ID, i.Version, i.Mapping)
		}
		if err == nil {
			i, err = d.Apply(ctx, epi, i.ID, i.Version, ApplyInput{})
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.read(ctx, i, s)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := r.batch()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.stage(ctx, &revision{Import: i.ID, Dataset: s.Number, KnownAt: i.KnownAt, Cells: batch}); err != nil { // and then the node stops
			t.Fatal(err)
		}
		again, _ := newDesk(t, base)
		for range 2 {
			again.Work(ctx)
		}
		if i = reload(t, again, i.ID); i.State != Applied || i.Revision != 1 || i.Result.Ready != 2 {
			t.Fatalf("%s, revision %d: %+v", i.State, i.Revision, i.Failure)
		}
		if got := seriesOf(t, again, s, 0, "dengue", "KH"); len(got) != 1 || len(got[0].Values) != 2 || got[0].Values[1] != 12 {
			t.Fatalf("%+v", got)
		}
	}, schemas...)
}
