package sop

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

var at0 = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)

func hours(n float64) time.Duration { return time.Duration(n * float64(time.Hour)) }

// Worked by hand: planned 4 h; done after 2, 3 and 9 h, so 3 h in the middle,
// 2 to 9 h, one late; one is open and its time has passed: two late.
func TestDriftByHand(t *testing.T) {
	plan := &Plan{Steps: []Step{{Code: "A1", Within: hours(4), Evidence: "A number"}, {Code: "B1"}}}
	done := func(after float64, evident bool) Fact {
		return Fact{Code: "A1", State: Done, Base: at0, Within: hours(4), Done: at0.Add(hours(after)), Asks: true, Evident: evident, Subject: "X"}
	}
	blocked := Fact{Code: "A1", State: Blocked, Base: at0, Within: hours(4), Asks: true, Subject: "Y",
		Blocks: []Block{{From: at0, To: at0.Add(hours(1)), Reason: "No car"}, {From: at0.Add(hours(2)), Reason: "No fuel"}}}
	not := Fact{Code: "A1", State: Not, Base: at0, Within: hours(4), Asks: true, Reason: "No laboratory", Subject: "Z"}
	d := DriftOf(plan, []Fact{done(9, true), done(2, true), done(3, false), blocked, not, {Code: "B1", State: Skipped, Reason: "Not needed"}}, at0.Add(hours(5)))
	a := d[0]
	if a.Runs != 5 || a.Finished != 3 || a.Done != 3 || a.Median != hours(3) || a.Least != hours(2) || a.Most != hours(9) || a.Late != 2 || a.Open != 1 {
		t.Errorf("%+v", a)
	}
	if a.Blocked != 2 || a.Waited != hours(1) || !a.Blocks[1].Lasts || a.Blocks[1].Reason != "No fuel" || len(a.Not) != 1 || a.Not[0] != (Said{Reason: "No laboratory", Subject: "Z"}) {
		t.Errorf("%+v", a)
	}
	if a.Shown != 2 || a.Bare != 1 || a.Never() {
		t.Errorf("evidence: %d given, %d missing", a.Shown, a.Bare)
	}
	if b := d[1]; b.Runs != 1 || len(b.Skips) != 1 || b.Median != 0 || b.Late != 0 || b.Never() {
		t.Errorf("%+v", b)
	}
	if e := DriftOf(plan, []Fact{done(2, true), done(4, true)}, at0); e[0].Median != hours(3) || e[0].Late != 0 {
		t.Errorf("of two the mean: %+v", e[0])
	}
	if e := DriftOf(plan, []Fact{done(2, false), done(4, false)}, at0); !e[0].Never() {
		t.Error("evidence was never given")
	}
}

// The order of what happened changes no number.
func TestDriftHasNoOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 7))
	plan := &Plan{Steps: []Step{{Code: "A1", Within: hours(4)}}}
	var facts []Fact
	for i := range 40 {
		facts = append(facts, Fact{Code: "A1", State: TaskStates[rng.IntN(len(TaskStates))], Base: at0, Within: hours(4), Done: at0.Add(time.Duration(i) * 13 * time.Minute), Asks: i%2 == 0})
	}
	numbers := func() Drift {
		d := DriftOf(plan, facts, at0.Add(hours(9)))[0]
		d.Blocks, d.Not, d.Skips = nil, nil, nil
		return d
	}
	want := numbers()
	for range 50 {
		rng.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		if have := numbers(); !reflect.DeepEqual(have, want) {
			t.Fatalf("%+v, before %+v", have, want)
		}
	}
}

func reported(m access.Member, run string, started time.Time, states ...workflow.State) BoardMember {
	p := ProgressView{Run: id.ID(run), Owner: m, Code: "x", Digest: "d" + string(m[:1]), Event: "e", Started: started}
	for i, s := range states {
		p.Steps = append(p.Steps, ProgressStep{Code: []string{"A1", "B1", "C1"}[i], State: s})
	}
	return BoardMember{Member: m, Progress: p}
}

// A board of a family has a column for every member that is asked, and for who
// told something unasked; who told nothing has no number and no state in it,
// whatever came in which order. The Secretariat is not counted among the states.
// A board of one event asks nobody but its owner.
func TestBoardShowsSilence(t *testing.T) {
	list := []BoardMember{reported("TH", "1", at0, Done, Not), reported("KH", "2", at0, Planned, Planned, Verified), reported("TH", "3", at0.Add(time.Hour), Working, Not)}
	for range 6 {
		list = append(list[1:], list[0])
		b := boards(slices.Clone(list))
		if len(b) != 1 || len(b[0].Members) != 12 || b[0].Digests != 2 || len(b[0].Steps) != 3 {
			t.Fatalf("%+v", b)
		}
		for i := range b[0].Members {
			m := &b[0].Members[i]
			_, said := m.Cell("A1")
			if told := m.Member == "TH" || m.Member == "KH"; m.Reported != told || said != told {
				t.Errorf("%s: reported %v, says %v", m.Member, m.Reported, said)
			}
			if m.Member == "TH" && m.Progress.Run != "3" {
				t.Error("the newest run of a member counts")
			}
		}
		for _, c := range []struct {
			family      bool
			asked       []access.Member
			n, of       int
			secretariat bool
		}{{true, nil, 2, 11, true}, {true, []access.Member{"KH", "VN"}, 2, 3, true}, {false, nil, 2, 2, false}} {
			x := b[0]
			x.Family, x.Members = c.family, slices.Clone(b[0].Members)
			x.narrow(c.asked)
			if n, of := x.Reports(); n != c.n || of != c.of || (x.Secretariat() != nil) != c.secretariat {
				t.Errorf("asked %v of a family %v: %d of %d, Secretariat %v", c.asked, c.family, n, of, x.Secretariat())
			}
		}
	}
}
