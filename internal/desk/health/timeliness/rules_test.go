package timeliness

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/desk/health"
)

// date reads a date as the text files write it.
func date(t testing.TB, s string) health.Date {
	t.Helper()
	switch {
	case s == "?":
		return health.Date{Precision: health.Unknown}
	case strings.HasPrefix(s, "~"):
		return health.Date{On: s[1:], Precision: health.Approximate}
	case len(s) == 4:
		return health.Date{On: s + "-01-01", Precision: health.Year}
	case len(s) == 7:
		return health.Date{On: s + "-01", Precision: health.Month}
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		t.Fatalf("%q is not a date", s)
	}
	return health.Date{On: s, Precision: health.Day}
}

func lagText(l Lag) string {
	switch {
	case !l.Known:
		return "-"
	case l.Open:
		return fmt.Sprintf("%d-", l.Min)
	case l.Min == l.Max:
		return fmt.Sprint(l.Min)
	}
	return fmt.Sprintf("%d-%d", l.Min, l.Max)
}

func lines(t testing.TB, name string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range strings.Split(string(b), "\n") {
		if l = strings.TrimSpace(l); !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	return out
}

func TestClocks(t *testing.T) {
	n := 0
	for _, line := range lines(t, "clocks.txt") {
		if line == "" {
			continue
		}
		f := strings.Split(line, ";")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		var pauses []Pause
		if first, last, ok := strings.Cut(f[3], ".."); ok {
			pauses = []Pause{{Clock: Clock(f[0]), From: first, To: last}}
		}
		r := judge(Clock(f[0]), spanOf(date(t, f[1])), spanOf(date(t, f[2])), pauses)
		if got := string(r.Outcome) + " " + lagText(r.Lag); got != f[4]+" "+f[5] {
			t.Errorf("%s: %s", line, got)
		}
		n++
	}
	if n < 20 {
		t.Errorf("%d cases were read", n)
	}
}

func TestRespond(t *testing.T) {
	cases := strings.Split(strings.TrimSpace(strings.Join(lines(t, "respond.txt"), "\n")), "\n\n")
	if len(cases) < 12 {
		t.Fatalf("%d cases were read", len(cases))
	}
	for _, c := range cases {
		f := strings.Split(c, "\n")
		a, b, _ := strings.Cut(f[1], ", today ")
		now, err := time.Parse(time.DateOnly, b)
		if err != nil {
			t.Fatal(err)
		}
		var actions []Action
		for i, s := range strings.Fields(f[2]) {
			x := Action{Key: ActionKeys[i]}
			switch s {
			case "-":
			case "n/a":
				x.Answer = NotApplicable
			case "not_done":
				x.Answer = NotDone
			default:
				x.Answer, x.On = Done, date(t, s)
			}
			actions = append(actions, x)
		}
		r := respond(spanOf(date(t, strings.TrimPrefix(a, "notified "))), actions, nil, now)
		if got := string(r.Outcome) + " " + lagText(r.Lag); got != f[3] {
			t.Errorf("%s: %s, want %s", f[0], got, f[3])
		}
	}
}

// finer is an interval within another.
func finer(r *rand.Rand, s span) span {
	if !s.known {
		return s
	}
	n := days(s.first, s.last)
	a := r.IntN(n + 1)
	return span{s.first.AddDate(0, 0, a), s.first.AddDate(0, 0, a+r.IntN(n-a+1)), true}
}

// More precision never turns a late into a pass, nor a pass into a late; so a
// coarser date never invents either.
func TestPrecisionNeverChangesADecision(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 17))
	base := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	random := func() span {
		first := base.AddDate(0, 0, r.IntN(40))
		return span{first, first.AddDate(0, 0, r.IntN(12)), true}
	}
	seen := map[Outcome]int{}
	for range 40000 {
		clock := Clocks[r.IntN(3)]
		var pauses []Pause
		for range r.IntN(3) {
			at := base.AddDate(0, 0, r.IntN(40))
			pauses = append(pauses, Pause{Clock: clock, From: at.Format(time.DateOnly), To: at.AddDate(0, 0, r.IntN(6)).Format(time.DateOnly)})
		}
		from, to := random(), random()
		coarse := judge(clock, from, to, pauses)
		fine := judge(clock, finer(r, from), finer(r, to), pauses)
		seen[coarse.Outcome]++
		if coarse.Outcome == Missed && fine.Outcome != Missed {
			t.Fatalf("%v to %v, %v: late became %+v", from, to, pauses, fine)
		}
		if coarse.Outcome == Met && fine.Outcome != Met && fine.Outcome != Reversed {
			t.Fatalf("%v to %v, %v: a pass became %+v", from, to, pauses, fine)
		}
		if fine.Outcome == Missed && coarse.Outcome == Met {
			t.Fatalf("%v to %v: the coarser dates invent a pass", from, to)
		}
		if fine.Outcome != Reversed && coarse.Outcome != Reversed && (fine.Lag.Min < coarse.Lag.Min || fine.Lag.Max > coarse.Lag.Max) {
			t.Fatalf("%+v is not within %+v", fine.Lag, coarse.Lag)
		}
	}
	for _, o := range []Outcome{Met, Missed, Undecided, Reversed} {
		if seen[o] < 100 {
			t.Errorf("%s came %d times; the test says little", o, seen[o])
		}
	}
}

// To say nothing of an action, or of its date, never makes the response pass.
func TestSilenceNeverPasses(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	base := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 5000 {
		var actions []Action
		for _, key := range ActionKeys {
			a := Action{Key: key, Answer: Answers[r.IntN(3)]}
			if a.Answer == Done {
				a.On = health.Date{On: base.AddDate(0, 0, r.IntN(14)).Format(time.DateOnly), Precision: health.Precisions[r.IntN(2)]}
			}
			actions = append(actions, a)
		}
		notified := span{base, base, true}
		whole := respond(notified, actions, nil, base.AddDate(0, 1, 0))
		less := slices.Clone(actions)
		i := r.IntN(len(less))
		less[i].On = health.Date{}
		if r.IntN(2) == 0 {
			less[i].Answer = NotAnswered
		}
		got := respond(notified, less, nil, base.AddDate(0, 1, 0))
		if got.Outcome == Met && (whole.Outcome == Missed || less[i].Answer == NotAnswered) {
			t.Fatalf("%+v passes without %s", got, less[i].Key)
		}
	}
}

func TestSummary(t *testing.T) {
	result := func(o Outcome, l Lag) []Result { return []Result{{Clock: Detect, Limit: 7, Outcome: o, Lag: l}} }
	s := Summarise(Detect, [][]Result{result(Met, Lag{3, 3, true, false}), result(Missed, Lag{9, 9, true, false}), result(Undecided, Lag{0, 30, true, false}),
		result(Undecided, Lag{4, 0, true, true}), result(NoDate, Lag{}), result(Reversed, Lag{-4, -4, true, false})})
	if s.N != 2 || s.Median != 6 || s.Ranged != 3 || s.Low != 3 || s.Top != 9 || s.Decided() != 2 || s.Count[Undecided] != 2 {
		t.Errorf("%+v", s)
	}
	if Median(nil) != 0 || Median([]int{5}) != 5 || Median([]int{1, 2, 9, 3}) != 2.5 {
		t.Error("medians")
	}
}

// The figures of the domain reference, computed independently of this code:
// 354 rows, start to detection n=154 median 5, detection to WHO n=17 median 9,
// start to WHO n=20 median 14, start to laboratory n=32 median 12.
func TestBacktestOfOutbreakNews(t *testing.T) {
	const path = "../../../../../shared/data/don/DONdatabase.csv"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("the table of Disease Outbreak News is not here: %v", err)
	}
	b, err := ReadBacktest(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if b.Rows != 3338 || b.Members != 354 || b.ByState["ID"] != 146 || b.ByState["VN"] != 81 || b.ByState["TH"] != 32 || len(b.Bad) != 0 {
		t.Errorf("%d rows, %d of members, %v; %v", b.Rows, b.Members, b.ByState, b.Bad)
	}
	want := map[[2]Milestone]struct {
		n, reversed int
		median      float64
	}{{Start, Detection}: {154, 2, 5}, {Detection, NotifiedWHO}: {17, 1, 9}, {Start, NotifiedWHO}: {20, 1, 14}, {Start, Laboratory}: {32, 0, 12}}
	for _, x := range b.Tallies {
		w, ok := want[[2]Milestone{x.From, x.To}]
		if !ok {
			continue
		}
		delete(want, [2]Milestone{x.From, x.To})
		reversed := 0
		for _, r := range x.Reversed {
			if r.Days >= 0 {
				t.Errorf("row %d: %d days is not the wrong order", r.Row, r.Days)
			}
			reversed++
		}
		if x.N != w.n || x.Median != w.median || reversed != w.reversed || x.N+x.Imprecise+x.Missing+len(x.Reversed) != b.Members {
			t.Errorf("%s to %s: n=%d median %v, %d reversed, %d imprecise, %d missing", x.From, x.To, x.N, x.Median, reversed, x.Imprecise, x.Missing)
		}
	}
	if len(want) > 0 {
		t.Errorf("not computed: %v", want)
	}
}

func TestBacktestReadsWhatItCan(t *testing.T) {
	head := "ISO,DiseaseLevel1"
	for _, m := range []Milestone{Start, Detection, Laboratory, NotifiedLocal, NotifiedWHO, Communicated, Intervened} {
		for _, part := range []string{"Year", "Month", "Day"} {
			head += "," + string(m) + part
		}
	}
	row := func(iso, start, detection string) string {
		return iso + ",x," + start + "," + detection + strings.Repeat(",NA,NA,NA", 5)
	}
	b, err := ReadBacktest(strings.NewReader(strings.Join([]string{head, row("THA", "2020,1,1", "2020,1,8"), row("TH", "2020,1,NA", "2020,1,20"),
		row("FRA", "2020,1,1", "2020,1,2"), row("VNM", "2020,2,31", "2020,3,1"), row("VNM", "2020,3,9", "2020,3,1"), row("VNM", "NA,NA,4", "2020,3,1")}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	x := b.Tallies[0]
	if b.Rows != 6 || b.Members != 5 || x.N != 1 || x.Imprecise != 1 || x.Missing != 2 || len(x.Reversed) != 1 || x.Reversed[0].Days != -8 || len(b.Bad) != 2 || x.Outcomes[Undecided] != 1 {
		t.Errorf("%+v", b)
	}
	for _, text := range []string{"", "a,b\n1,2", "ISO\nTHA"} {
		if _, err := ReadBacktest(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func FuzzReadBacktest(f *testing.F) {
	f.Add("ISO,OutbreakStartYear,OutbreakStartMonth,OutbreakStartDay,OutbreakDetectionYear,OutbreakDetectionMonth,OutbreakDetectionDay\nTHA,2020,1,1,2020,1,9")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ReadBacktest(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, x := range b.Tallies {
			if x.N+x.Imprecise+x.Missing+len(x.Reversed) != b.Members {
				t.Errorf("%+v of %d", x, b.Members)
			}
		}
	})
}
