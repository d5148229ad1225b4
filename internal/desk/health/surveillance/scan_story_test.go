package surveillance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// box is an inbox that keeps one signal for each key.
type box struct {
	got   map[string][]Occurrence
	fates map[id.ID]Fate
}

func newBox() *box { return &box{map[string][]Occurrence{}, map[id.ID]Fate{}} }

func (b *box) Raise(_ context.Context, _ *db.Tx, o Occurrence) (id.ID, error) {
	b.got[o.Key] = append(b.got[o.Key], o)
	sid := id.ID("signal " + o.Key)
	if _, ok := b.fates[sid]; !ok {
		b.fates[sid] = Fate{Signal: sid, State: "received", Outcome: "open"}
	}
	return sid, nil
}

func (b *box) Fate(_ context.Context, _ *db.Tx, _ access.Actor, sid id.ID) (Fate, bool, error) {
	f, ok := b.fates[sid]
	return f, ok, nil
}

var (
	second   = access.Actor{Account: "epi2", Member: "KH", Name: "Epidemiologist 2", Grants: []access.Grant{{Role: access.Epidemiologist}}}
	province = access.Actor{Account: "kh7", Member: "KH", Name: "Province", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "KH-7"}}}
)

// scanWeek is the week that the tests judge: it ended the day before.
func scanWeek(now clock.Clock) int32 { return sunday.Of(now.Now()) - 1 }

// quiet is weekly counts about a seasonal mean.
func quiet(r *rand.Rand, from, to int32, mean float64) []packed.Cell {
	var out []packed.Cell
	for p := from; p <= to; p++ {
		x := mean + r.NormFloat64()*2
		out = append(out, packed.Cell{Period: p, Value: int32(max(0, x))})
	}
	return out
}

// bulletin is 24 quiet provinces of two diseases over six years, with one that
// jumps, one without a report, one that began last year and one by sex.
func bulletin(at int32) Batch {
	r := rand.New(rand.NewPCG(3, 4))
	b := Batch{}
	for n := 1; n <= 24; n++ {
		for _, dis := range []string{"cholera", "dengue"} {
			b[Key{Disease: dis, Place: fmt.Sprintf("KH-%d", n), Class: All}] = quiet(r, at-320, at, 12)
		}
	}
	jump := Key{Disease: "dengue", Place: "KH-17", Class: All}
	b[jump][len(b[jump])-1].Value = 60
	silent := Key{Disease: "dengue", Place: "KH-3", Class: All}
	b[silent] = b[silent][:len(b[silent])-1]
	b[Key{Disease: "dengue", Place: "KH-4", Class: All}] = quiet(r, at-40, at, 12)
	b[Key{Disease: "dengue", Place: "KH-17", Class: All, Stratum: "sex=f"}] = quiet(r, at-320, at, 6)
	b[Key{Disease: "dengue", Place: "KH", Class: All}] = quiet(r, at-320, at, 300)
	state := b[Key{Disease: "dengue", Place: "KH", Class: All}]
	state[len(state)-1].Value = 360 // the jump of KH-17 accounts for it
	return b
}

func store(t testing.TB, d *Desk, s Dataset, name string, known time.Time, b Batch) {
	t.Helper()
	if err := d.revise(t.Context(), &revision{Import: id.ID(name), Dataset: s.Number, KnownAt: known, Cells: b}, nil); err != nil {
		t.Fatal(err)
	}
}

func scans(t testing.TB, d *Desk, actor access.Actor) []ScanRunView {
	t.Helper()
	out, err := d.ScanList(t.Context(), actor, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func alarms(t testing.TB, d *Desk, actor access.Actor, f AlarmFilter) []AlarmView {
	t.Helper()
	out, _, err := d.AlarmList(t.Context(), actor, f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestScanStory is the life of an alarm: found, a signal, persisting, computed
// again after its figures were corrected.
func TestScanStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d, now := newDesk(t, base)
		in := newBox()
		d.Raise(in)
		s := describe(t, d, "Weekly bulletin", sunday)
		at := scanWeek(now)
		store(t, d, s, "first", now.Now(), bulletin(at))
		d.ScanWork(t.Context())
		first := firstScan(t, d, s, at)
		found := firstAlarm(t, d, in, first)

		d.ScanWork(t.Context())
		if got := scans(t, d, epi); len(got) != 1 {
			t.Fatalf("the same figures were scanned again: %d scans", len(got))
		}
		now.Advance(7 * 24 * time.Hour)
		nextWeek(t, d, in, s, now, at+1)
		correct(t, d, s, now, found)
		oldPeriod(t, d, s, in, at)
	}, schemas...)
}

func firstScan(t *testing.T, d *Desk, s Dataset, at int32) ScanRunView {
	t.Helper()
	got := scans(t, d, duty)
	if len(got) != 1 || got[0].State != Done || got[0].Because != "data" || got[0].Period != at || got[0].Rev != 1 || !got[0].Newest {
		t.Fatalf("%+v", got)
	}
	r := got[0]
	// 48 provinces, one by sex, the state.
	if r.Series != 50 || r.Judged != 47 || r.Whys[WhyShort] != 1 || r.Whys[WhyMissing] != 1 || r.Whys[WhyStratum] != 1 || r.Tests != 47 {
		t.Fatalf("%+v", r.ScanCounts)
	}
	if r.Alarms < 2 || r.Above != r.Alarms+r.Held[HeldFDR] {
		t.Fatalf("%+v", r.ScanCounts)
	}
	return r
}

func firstAlarm(t *testing.T, d *Desk, in *box, run ScanRunView) AlarmView {
	t.Helper()
	list := alarms(t, d, duty, AlarmFilter{})
	if len(list) != run.Alarms || !slices.IsSortedFunc(list, func(a, b AlarmView) int { return a.Rank - b.Rank }) {
		t.Fatalf("%d alarms of %d, or not in order", len(list), run.Alarms)
	}
	i := slices.IndexFunc(list, func(v AlarmView) bool { return v.Place == "KH-17" })
	if i < 0 {
		t.Fatal("the jump was not found")
	}
	v := list[i]
	if v.Observed.Or(0) != 60 || v.Threshold.Or(99) >= 60 || v.Expected.Or(0) < 8 || v.P.Or(1) > 1e-6 || v.Years != 5 || v.Method.Number != 0 || v.Adjusted.Or(1) > 0.05 {
		t.Fatalf("%+v", v.Alarm)
	}
	if v.Signal == "" || v.Fate == nil || v.Fate.Outcome != "open" {
		t.Fatalf("no signal: %+v", v)
	}
	state := list[slices.IndexFunc(list, func(v AlarmView) bool { return v.Place == "KH" })]
	if !slices.Equal(state.Because, []string{"KH-17"}) || state.Signal != "" {
		t.Fatalf("the state's alarm is not accounted for: %+v", state.Alarm)
	}
	for key, got := range in.got {
		if len(got) != 1 || got[0].Lang != "en" || got[0].Text == "" || got[0].FirstSeen.On == "" || len(got[0].Ref) == 0 {
			t.Fatalf("%s: %+v", key, got)
		}
	}
	if got := alarms(t, d, province, AlarmFilter{}); slices.ContainsFunc(got, func(v AlarmView) bool { return v.Place != "KH-7" }) {
		t.Fatal("a reader of one province sees the alarms of another")
	}
	if _, err := d.AlarmPage(t.Context(), province, v.ID, false); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a reader of one province opens another's alarm: %v", err)
	}
	return v
}

// nextWeek: the count is still high; the alarm is another, its signal the same.
func nextWeek(t *testing.T, d *Desk, in *box, s Dataset, now clock.Clock, at int32) {
	t.Helper()
	store(t, d, s, "second", now.Now(), Batch{{Disease: "dengue", Place: "KH-17", Class: All}: {{Period: at, Value: 75}}})
	d.ScanWork(t.Context())
	list := alarms(t, d, duty, AlarmFilter{})
	if len(list) != 1 || list[0].Period != at || list[0].Observed.Or(0) != 75 {
		t.Fatalf("%+v", list)
	}
	grown := false
	for _, got := range in.got {
		grown = grown || len(got) == 2 && got[0].Key == got[1].Key && got[1].At.After(got[0].At) && got[1].Cases == 75
	}
	if !grown {
		t.Fatalf("the signal did not grow: %v", in.got)
	}
	if r := scans(t, d, epi)[0]; r.Whys[WhyMissing] != 48 || r.Judged != 1 {
		t.Fatalf("who did not report is not said: %+v", r.ScanCounts)
	}
}

// correct revises the past; the old alarm computes to what it was, and its page
// says what it would be now.
func correct(t *testing.T, d *Desk, s Dataset, now *clock.Manual, v AlarmView) {
	t.Helper()
	now.Advance(24 * time.Hour)
	k := Key{Disease: "dengue", Place: "KH-17", Class: All}
	b := Batch{k: {{Period: v.Period - 200, Value: 500}, {Period: v.Period - 60, Value: 0}, {Period: v.Period, Value: 14}}}
	store(t, d, s, "third", now.Now(), b)
	p, err := d.AlarmPage(t.Context(), duty, v.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	if p.Repeat == nil || !p.Repeat.Same || p.Repeat.Judged != v.Judged {
		t.Fatalf("computed again it is another:\n%+v\n%+v", p.Repeat, v.Judged)
	}
	if p.Now == nil || p.Now.Above || p.Now.Observed.Or(0) != 14 || p.NowRev != 3 {
		t.Fatalf("what is known now: %+v", p.Now)
	}
	if last := p.Curve[len(p.Curve)-1]; last.Period != v.Period || last.Judged != v.Judged {
		t.Fatalf("the curve is not of the figures of the alarm: %+v", last)
	}
}

// oldPeriod: a person has an earlier period judged; it makes no signal.
func oldPeriod(t *testing.T, d *Desk, s Dataset, in *box, at int32) {
	t.Helper()
	d.ScanWork(t.Context()) // of the correction
	signals := 0
	for _, got := range in.got {
		signals += len(got)
	}
	if _, err := d.StartScan(t.Context(), duty, s.ID, ""); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a duty officer started a scan: %v", err)
	}
	if _, err := d.StartScan(t.Context(), epi, s.ID, "1999-W01"); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a period that nobody reported: %v", err)
	}
	r, err := d.StartScan(t.Context(), epi, s.ID, s.Label(at-1))
	if err != nil {
		t.Fatal(err)
	}
	d.ScanWork(t.Context())
	v, err := d.ScanPage(t.Context(), duty, r.ID)
	if err != nil || v.State != Done || v.Period != at-1 || v.Newest || v.Judged != 48 {
		t.Fatalf("%v %+v", err, v)
	}
	for _, got := range in.got {
		signals -= len(got)
	}
	if signals != 0 {
		t.Fatal("a scan of an old period made signals")
	}
	r, err = d.StartScan(t.Context(), epi, s.ID, "")
	if err == nil {
		r, err = d.CancelScan(t.Context(), epi, r.ID, r.Version)
	}
	if err != nil || r.State != Cancelled {
		t.Fatalf("%v %+v", err, r)
	}
	d.ScanWork(t.Context())
	if v, err := d.ScanPage(t.Context(), duty, r.ID); err != nil || v.State != Cancelled || v.Series != 0 {
		t.Fatalf("a scan that was stopped went on: %v %+v", err, v)
	}
	if got := scans(t, d, duty)[0]; got.ID != r.ID {
		t.Fatalf("a scan that a person stopped began again: %+v", got)
	}
}

func fieldsOf(err error) []fault.Field {
	if e, ok := err.(*fault.Error); ok { //nolint:errorlint // as the desk returned it
		return e.Fields
	}
	return nil
}

// TestSchedule: with imports switched off, scans wait for the hour.
func TestSchedule(t *testing.T) {
	d, now := newDesk(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
	if err := d.SetSchedule(t.Context(), duty, Schedule{}); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a duty officer changed the schedule: %v", err)
	}
	if err := d.SetSchedule(t.Context(), epi, Schedule{Daily: true, Hour: 25}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("hour 25: %v", err)
	}
	if err := d.SetSchedule(t.Context(), epi, Schedule{Daily: true, Hour: 6}); err != nil {
		t.Fatal(err)
	}
	if err := d.SetSchedule(t.Context(), epi, Schedule{Daily: true, Hour: 7}); !fault.Is(err, fault.Conflict) {
		t.Fatalf("an old version of the schedule: %v", err)
	}
	s := describe(t, d, "Weekly bulletin", sunday)
	store(t, d, s, "first", now.Now(), bulletin(scanWeek(now)))
	d.ScanWork(t.Context())
	store(t, d, s, "second", now.Now(), Batch{{Disease: "dengue", Place: "KH-17", Class: All}: {{Period: scanWeek(now), Value: 61}}})
	d.ScanWork(t.Context())
	if got := len(scans(t, d, epi)); got != 1 {
		t.Fatalf("%d scans before the hour", got)
	}
	now.Advance(24 * time.Hour)
	d.ScanWork(t.Context())
	d.ScanWork(t.Context())
	if got := len(scans(t, d, epi)); got != 2 {
		t.Fatalf("%d scans after the hour", got)
	}
}

// TestOldDataMakesNoSignals: the newest period ended years ago, so that its
// alarms are history.
func TestOldDataMakesNoSignals(t *testing.T) {
	d, now := newDesk(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
	in := newBox()
	d.Raise(in)
	s := describe(t, d, "Archive", sunday)
	store(t, d, s, "first", now.Now(), bulletin(scanWeek(now)-200))
	d.ScanWork(t.Context())
	if got := scans(t, d, epi); len(got) != 1 || !got[0].Old || got[0].Alarms == 0 || len(in.got) != 0 {
		t.Fatalf("%+v, %d signals", got, len(in.got))
	}
}

// TestQuality: one signal that persists counts once, and outcomes are told
// apart.
func TestQuality(t *testing.T) {
	d, now := newDesk(t, dbtest.Open(t, dbtest.Options(t, db.SQLite), schemas...))
	in := newBox()
	d.Raise(in)
	s := describe(t, d, "Weekly bulletin", sunday)
	at := scanWeek(now)
	b := bulletin(at)
	for _, pl := range []string{"KH-18", "KH-19"} {
		k := Key{Disease: "cholera", Place: pl, Class: All}
		b[k][len(b[k])-1].Value = 80
	}
	store(t, d, s, "first", now.Now(), b)
	d.ScanWork(t.Context())
	for sid, f := range in.fates {
		if f.Outcome = "discarded"; slices.Contains([]string{"signal " + keyOf(s, "cholera", "KH-18"), "signal " + keyOf(s, "dengue", "KH-17")}, string(sid)) {
			f.Outcome = "verified"
		}
		in.fates[sid] = f
	}
	now.Advance(7 * 24 * time.Hour)
	nextWeek(t, d, in, s, now, at+1)
	rows, err := d.Quality(t.Context(), duty, now.Now().AddDate(-1, 0, 0))
	if err != nil || len(rows) != 2 || rows[0].Disease != "cholera" || rows[1].Disease != "dengue" {
		t.Fatalf("%v %+v", err, rows)
	}
	if share, n, ok := rows[0].Verified(); !ok || rows[0].Outcomes["verified"] != 1 || rows[0].Outcomes["discarded"] < 1 || n != rows[0].Signals || share >= 1 {
		t.Fatalf("%+v", rows[0])
	}
	if rows[1].Alarms != rows[1].Signals+1 {
		t.Fatalf("an alarm that persists is not one signal: %+v", rows[1])
	}
	if rows, err := d.Quality(t.Context(), province, now.Now().AddDate(-1, 0, 0)); err != nil || len(rows) != 0 {
		t.Fatalf("a reader of one province: %v %+v", err, rows)
	}
}

func keyOf(s Dataset, disease, pl string) string {
	return "surveillance " + string(s.ID) + " " + disease + " " + pl + " farrington"
}
