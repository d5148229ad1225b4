package signal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/sheet"
)

var plainOptions = Options{Lang: "en", Marking: access.TLPGreen, Source: Facility}

func (b *bench) upload(text string, o Options) Import {
	b.Helper()
	i, err := b.desk.Upload(b.Context(), duty, "table", o, strings.NewReader(text))
	b.ok(err)
	return i
}

func targets(i Import) []Target {
	out := make([]Target, len(i.Columns))
	for n, c := range i.Columns {
		out[n] = c.Target
	}
	return out
}

// work does what the background would, until nothing waits.
func (b *bench) work() {
	b.Helper()
	for busy := true; busy; {
		var err error
		busy, err = b.desk.Work(b.Context())
		b.ok(err)
	}
}

func (b *bench) checked(i Import) ImportPage {
	b.Helper()
	_, err := b.desk.Check(b.Context(), duty, i.ID, 0, targets(i), i.Options)
	b.ok(err)
	b.work()
	p, err := b.desk.ImportPage(b.Context(), duty, i.ID, 0)
	b.ok(err)
	return p
}

func (b *bench) rows(table string) (n int) {
	b.Helper()
	b.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM `+table, nil, &n)
		return err
	})
	return n
}

const table = `Date;Place;Disease;ICD-11;Cases;Deaths;Description
2025-03-01;KH-7;Cholera;1A00;>1,000;12*;Watery diarrhoea along the river
1/3/2025;Kampot;Demam berdarah;1D2Z;40;;ไข้เลือดออกในโรงเรียน
2025-02-31;KH-7;Cholera;1A00;3;;No such day
2025-03-02;KH-7;Measles;25RA01;3;0;A code of another chapter
;KH-7;Something new;XN6P4;many;;A count in words
;;;;;;
2025-03-01;KH-7;Cholera;1A00;>1,000;12*;Watery diarrhoea along the river
`

// The life of an import: guessed, checked, mended, stored as one.
func TestStoryOfAnImport(t *testing.T) {
	each(t, func(b *bench) {
		ctx := b.Context()
		_, err := b.desk.Upload(ctx, approver, "t", plainOptions, strings.NewReader(table))
		b.refused(fault.NotFound, "", err)
		_, err = b.desk.Upload(ctx, duty, "t", plainOptions, strings.NewReader("only headings\n"))
		b.refused(fault.Invalid, "fault.signal.no_rows", err)
		if n := b.rows("files_blob"); n != 0 {
			b.Fatalf("%d files left of a refused upload", n)
		}
		i := b.upload(table, plainOptions)
		if got := fmt.Sprint(targets(i)); got != "[date.seen place hazard icd11 cases deaths text]" || i.Format != CSV || i.Options.Order != DayFirst {
			b.Fatalf("%s %s %s", got, i.Format, i.Options.Order)
		}
		_, err = b.desk.Check(ctx, duty, i.ID, 0, []Target{ToNothing, ToNothing, ToNothing, ToNothing, ToNothing, ToNothing, ToNothing}, i.Options)
		b.refused(fault.Invalid, "need.signal.text_mapped", err)
		_, err = b.desk.Check(ctx, duty, i.ID, 0, []Target{ToCases, ToCases}, i.Options)
		b.refused(fault.Invalid, "columns[row 2]: fault.signal.target_twice", err)
		p := b.checked(i)
		if p.State != Checked || p.Tally.Good != 3 || p.Tally.Broken != 2 || p.Tally.Known != 1 || p.Tally.Empty != 1 || b.rows("signal_signal") != 0 {
			b.Fatalf("%s %+v", p.State, p.Tally)
		}
		var why []string
		for _, r := range p.Broken {
			for _, f := range r.Faults {
				why = append(why, fmt.Sprint(r.N, " ", f.Name, " ", f.Key))
			}
		}
		if got := strings.Join(why, "; "); got != "4 Date fault.signal.row_date; 6 Cases fault.signal.number" {
			b.Error(got)
		}
		if len(p.Mended) != 2 || p.Mended[0].Repairs[0] != (Repair{"Deaths", "12*", "12", "number"}) || p.Mended[1].Repairs[0] != (Repair{"ICD-11", "25RA01", "RA01", "code"}) {
			b.Errorf("%+v", p.Mended)
		}
		_, err = b.desk.MendRow(ctx, duty, i.ID, 0, 4, []string{"2025-02-30", "KH-7", "Cholera", "1A00", "3", "", "No such day"})
		b.refused(fault.Invalid, "Date[row 4]", err)
		_, err = b.desk.MendRow(ctx, duty, i.ID, 0, 2, []string{"2025-02-28"})
		b.refused(fault.NotFound, "", err) // not broken
		_, err = b.desk.MendRow(ctx, duty, i.ID, 0, 4, []string{"2025-02-28", "KH-7", "Cholera", "1A00", "3", "", "No such day"})
		b.ok(err)
		_, err = b.desk.MoveImport(ctx, epi, i.ID, 0, "store")
		b.ok(err)
		b.work()
		stored(b, i)
		again := b.upload(table, plainOptions)
		if p := b.checked(again); p.Tally.Good != 0 || p.Tally.Known != 4 {
			b.Errorf("the same table again: %+v", p.Tally)
		}
		_, err = b.desk.MoveImport(ctx, duty, again.ID, 0, "store")
		b.refused(fault.Invalid, "need.signal.some_rows", err)
		_, err = b.desk.MoveImport(ctx, duty, again.ID, 0, "discard")
		b.ok(err)
		if b.rows("files_blob") != 0 || b.rows("signal_staged") != 0 {
			b.Error("a discarded import left something")
		}
	})
}

func stored(b *bench, i Import) {
	b.Helper()
	list, _, err := b.desk.List(b.Context(), duty, Filter{Import: i.ID})
	b.ok(err)
	if len(list) != 4 {
		b.Fatalf("%d signals", len(list))
	}
	x := slices.IndexFunc(list, func(v View) bool { return v.Row == 2 })
	if v := list[x]; v.Cases == nil || *v.Cases != (Count{1000, "at_least"}) || v.Place != "KH-7" || v.Source != Facility || v.State != Received || !v.Due.Equal(start.Add(TriageLimit)) {
		b.Errorf("%+v", v)
	}
	y := slices.IndexFunc(list, func(v View) bool { return v.Row == 3 })
	if v := list[y]; v.Hazard != "dengue" || v.Place != "KH-7" || v.FirstSeen.On != "2025-03-01" || v.Deaths != nil {
		b.Errorf("%+v", v)
	}
	_, err = b.desk.Step(b.Context(), duty, list[x].ID, 1, "claim", StepInput{})
	b.ok(err)
	b.write(func(ctx context.Context, tx *db.Tx) error {
		e, err := history.Of(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		last := e[len(e)-1]
		if last.Action != "signal.import.stored" || !strings.Contains(string(last.Detail), `"count":4`) || !strings.Contains(string(last.Detail), `"digest":"`) {
			b.Errorf("%s %s", last.Action, last.Detail)
		}
		return nil
	})
}

// A feed is a table too: Atom, RSS and CAP, as they come.
func TestFeeds(t *testing.T) {
	for name, want := range map[string]struct{ format, title, lang, on string }{
		"sample.atom": {"atom", "Cluster of watery diarrhoea in a border commune (sample)", "en", "2025-03-08"},
		"sample.rss":  {"rss", "Kasus demam berdarah naik di Medan (contoh)", "id", "2025-03-07"},
		"sample.cap":  {"cap", "Undiagnosed fever at a land crossing (sample)", "en-GB", "2025-03-09"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(b *bench) {
				body, err := os.ReadFile("testdata/" + name)
				b.ok(err)
				i := b.upload(string(body), Options{Source: Media, Lang: "en", Marking: access.TLPClear})
				p := b.checked(i)
				if string(i.Format) != want.format || p.Tally.Good == 0 || p.Tally.Broken != 0 {
					b.Fatalf("%s %+v %+v", i.Format, p.Tally, p.Broken)
				}
				if v := p.Preview[0]; v.Title != want.title || v.Lang != want.lang || v.FirstSeen.On != want.on || strings.ContainsAny(v.Text, "<>") {
					b.Errorf("%+v", v)
				}
			})
		})
	}
}

func open(t *testing.T, name string) io.Reader {
	t.Helper()
	body, err := os.ReadFile("../../../../../shared/data/don/" + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no data: ../shared/data/don/" + name + " is not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(body)
}

// The table of notices as it is: 354 rows about member states, every one of
// them a signal or reported, and its dates no more exact than they are.
func TestDiseaseOutbreakNews(t *testing.T) {
	data := open(t, "DONdatabase.csv")
	func(b *bench) {
		i, err := b.desk.Upload(b.Context(), duty, "DONdatabase.csv", Options{Source: WHO, Lang: "en", Marking: access.TLPClear, Region: true, Archive: true}, data)
		b.ok(err)
		if i.Options.Order != MonthFirst {
			b.Error("1/22/1996 is the 22nd of January")
		}
		p := b.checked(i)
		for _, r := range p.Broken {
			b.Logf("row %d: %+v", r.N, r.Faults)
		}
		if p.Tally.Rows() != 3338 || p.Tally.Good+p.Tally.Broken+p.Tally.Known != 354 || p.Tally.Good < 350 {
			b.Fatalf("%+v", p.Tally)
		}
		_, err = b.desk.MoveImport(b.Context(), duty, i.ID, 0, "store")
		b.ok(err)
		b.work()
		kinds, starts := map[string]int{}, 0
		for f := (Filter{Limit: 200}); ; {
			list, next, err := b.desk.List(b.Context(), duty, f)
			b.ok(err)
			for _, v := range list {
				kinds[Country(v.Place)+" "+v.Hazard]++
				if v.Known["start"].Precision == health.Day && v.Known["detection"].Precision == health.Day {
					starts++
				}
				if v.State != Monitored || !v.Due.IsZero() || v.Source != WHO || v.Known["start"].Precision == health.Month && !strings.HasSuffix(v.Known["start"].On, "-01") {
					b.Fatalf("%+v", v)
				}
			}
			if f.After = next; next.ID == "" {
				break
			}
		}
		if kinds["ID influenza_new_subtype"] < 120 || kinds["VN influenza_new_subtype"] < 60 || kinds["MY nipah"]+kinds["SG nipah"] == 0 {
			b.Errorf("%v", kinds)
		}
		if starts < 150 || starts > 158 { // 154 lags that are not negative, and a few that are
			b.Errorf("%d rows with the days of start and detection", starts)
		}
	}(newBench(t, openDB(t), "KH"))
}

// The other table: damaged codes are repaired, and none is stored as it was.
func TestGlobalOutbreaks(t *testing.T) {
	data := open(t, "outbreaks.csv")
	b := newBench(t, openDB(t), "KH")
	b.clock.Set(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	i, err := b.desk.Upload(t.Context(), duty, "outbreaks.csv", Options{Source: WHO, Lang: "en", Marking: access.TLPClear, Archive: true}, data)
	b.ok(err)
	p := b.checked(i)
	if p.Tally.Rows() != 3540 || p.Tally.Good+p.Tally.Known != 3540-p.Tally.Broken || p.Tally.Broken > 20 {
		b.Fatalf("%+v %+v", p.Tally, p.Broken)
	}
	seen := map[string]int{}
	b.ok(b.desk.ImportRowsOf(t.Context(), duty, i.ID, Repaired, func(r Row) error {
		for _, x := range r.Repairs {
			seen[x.From+" "+x.To]++
		}
		return nil
	}))
	for _, want := range []string{"25RA01 RA01", "1E+50 1E50", "U071 U07.1", "12CA4013 CA40.13", "800 8E02"} {
		if seen[want] == 0 {
			t.Errorf("not repaired: %s", want)
		}
	}
	_, err = b.desk.MoveImport(t.Context(), duty, i.ID, 0, "store")
	b.ok(err)
	if _, err := b.desk.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.write(func(ctx context.Context, tx *db.Tx) error {
		var dropped int
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM signal_signal WHERE doc LIKE ?`, []any{"%zoonotic viral disease characterised%"}, &dropped)
		if dropped > 0 {
			t.Errorf("%d signals hold the text of another licence", dropped)
		}
		return err
	})
	covid, err := b.desk.Count(t.Context(), duty, Filter{Hazard: "covid_19"})
	b.ok(err)
	if covid < 1200 {
		t.Errorf("%d of COVID-19", covid)
	}
}

// A workbook says the same as the table of commas.
func TestWorkbook(t *testing.T) {
	var body bytes.Buffer
	w, err := sheet.Create(&body, sheet.XLSX, "x")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]any{{"Title", "Date", "Country", "Cases"}, {"ឧទាហរណ៍", sheet.Day(start), "Viet Nam", 5}} {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	each(t, func(b *bench) {
		p := b.checked(b.upload(body.String(), plainOptions))
		if p.Format != XLSX || len(p.Preview) != 1 || p.Preview[0].Place != "VN" || p.Preview[0].FirstSeen.On != "2025-03-10" || p.Preview[0].Cases.N != 5 {
			b.Fatalf("%+v %+v", p.Broken, p.Preview)
		}
	})
}
