package level

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

var opened = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)

// Every rule and the ladder can be read and decide something.
func TestRules(t *testing.T) {
	for _, k := range Rules() {
		for i, r := range loaded().rules[k] {
			if r.valid() != nil || r.Key != k || len(r.Digest) != 16 || r.Version != fmt.Sprint(i+1) {
				t.Errorf("%s: %+v", k, r)
			}
			if same, ok := RuleAt(k, r.Version, r.Digest); !ok || same != r {
				t.Errorf("%s version %s is not found by its name", k, r.Version)
			}
		}
	}
	// Shipped texts are what decisions were made by: they never change.
	for k, digest := range map[string]string{"consensus": "088d73290f61edf9", "all_but_one": "99c4e7f5088d4383", "silence": "59b445034a95348a"} {
		if _, ok := RuleAt(k, "1", digest); !ok {
			t.Errorf("the first version of %s is another text", k)
		}
	}
	l := Current()
	for level := range Top + 1 {
		s, ok := l.At(level)
		if !ok || len(s.Criteria) == 0 || len(s.Rules) == 0 || s.Window < 1 || level > 0 && s.Review < 1 {
			t.Errorf("level %d: %+v", level, s)
		}
		for _, k := range s.Rules {
			if _, ok := RuleBy(k); !ok {
				t.Errorf("level %d names the rule %s, which is not there", level, k)
			}
		}
	}
}

// Outcomes by hand, at the end of the window with every position here.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		rule                     string
		agree, disagree, abstain int
		want                     Outcome
	}{
		{"consensus", 10, 0, 0, Adopted},
		{"consensus", 5, 0, 0, Adopted},    // with the proposer six stand behind it
		{"consensus", 4, 0, 0, NotAdopted}, // no quorum: silence is not consent
		{"consensus", 9, 1, 0, NotAdopted},
		{"consensus", 0, 0, 10, Adopted},
		{"silence", 0, 0, 0, Adopted},
		{"silence", 9, 1, 0, NotAdopted},
		{"all_but_one", 5, 1, 0, Adopted},
		{"all_but_one", 4, 1, 0, NotAdopted},
		{"all_but_one", 8, 2, 0, NotAdopted},
	} {
		f := Facts{Proposer: access.States[0], Closes: opened, Rule: c.rule}
		r, _ := RuleBy(c.rule)
		f.Version, f.Digest = r.Version, r.Digest
		n := 0
		for _, x := range []struct {
			stance string
			n      int
		}{{Agree, c.agree}, {Disagree, c.disagree}, {Abstain, c.abstain}} {
			for range x.n {
				n++
				f.Given = append(f.Given, Said{Member: access.States[n], Release: id.ID(fmt.Sprint(n)), Stance: x.stance, At: opened.Add(-time.Hour)})
			}
		}
		f.Closed, f.Counted, f.Claimed = true, Count(f.Given, f.Closes, f.Concerned), c.want
		got := Decide(f, opened.Add(time.Hour))
		if got.Outcome != c.want {
			t.Errorf("%s, %d agree, %d disagree, %d abstain: %s, want %s", c.rule, c.agree, c.disagree, c.abstain, got.Outcome, c.want)
		}
		for _, s := range got.Stands {
			if (s.Stance == Consented) != (c.rule == "silence" && s.Release == "" && s.Member != f.Proposer) && s.Stance == Consented {
				t.Errorf("%s: %s is said to consent", c.rule, s.Member)
			}
		}
		f.Digest = "other"
		if got := Decide(f, opened.Add(time.Hour)).Outcome; got != Unknowable {
			t.Errorf("another text of the rule: %s", got)
		}
	}
}

// The quorum is a share of those that are asked, and a decision keeps the rule
// of its version: by hand.
func TestQuorum(t *testing.T) {
	for _, c := range []struct {
		rule, version          string
		states, agree, dissent int
		want                   Outcome
	}{
		{"consensus", "2", 11, 5, 0, Adopted}, {"consensus", "2", 11, 4, 0, NotAdopted},
		{"consensus", "2", 4, 2, 0, Adopted}, {"consensus", "2", 4, 1, 0, NotAdopted}, // 3 of 4 with the proposer
		{"consensus", "2", 3, 1, 0, Adopted}, {"consensus", "2", 2, 0, 0, NotAdopted}, {"consensus", "2", 2, 1, 0, Adopted},
		{"consensus", "2", 5, 3, 1, NotAdopted}, {"all_but_one", "2", 5, 2, 1, Adopted}, {"all_but_one", "2", 5, 1, 1, NotAdopted},
		{"silence", "2", 4, 0, 0, Adopted}, {"silence", "2", 4, 0, 1, NotAdopted},
		{"consensus", "1", 4, 3, 0, NotAdopted}, // six of all eleven, as it was then
	} {
		var rule Rule
		for _, r := range loaded().rules[c.rule] {
			if r.Version == c.version {
				rule = r
			}
		}
		f := Facts{Proposer: access.States[0], Concerned: access.States[:c.states], Closes: opened, Rule: rule.Key, Version: rule.Version, Digest: rule.Digest, Closed: true, Claimed: c.want}
		for i := range c.agree + c.dissent {
			stance := Agree
			if i >= c.agree {
				stance = Disagree
			}
			f.Given = append(f.Given, Said{Member: access.States[i+1], Release: id.ID(fmt.Sprint(i)), Stance: stance, At: opened})
		}
		// What a state says that is not asked counts for nothing.
		f.Given = append(f.Given, Said{Member: access.States[10], Release: "other", Stance: map[bool]string{true: Agree, false: Disagree}[c.want == NotAdopted], At: opened.Add(-time.Hour)})
		if c.states == 11 {
			f.Given = f.Given[:len(f.Given)-1]
		}
		f.Counted = Count(f.Given, f.Closes, f.Concerned)
		r := Decide(f, opened)
		if r.Outcome != c.want || len(r.Stands) != c.states || len(f.Counted) != c.agree+c.dissent {
			t.Errorf("%s %s among %d, %d agree, %d disagree: %s with %d stands, %d counted", c.rule, c.version, c.states, c.agree, c.dissent, r.Outcome, len(r.Stands), len(f.Counted))
		}
	}
}

// A late position changes nothing, and the order of what is given does not
// matter.
func TestDecideOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		f := Facts{Proposer: "KH", Closes: opened, Rule: Rules()[rng.IntN(3)]}
		r, _ := RuleBy(f.Rule)
		f.Version, f.Digest = r.Version, r.Digest
		for i := range rng.IntN(25) {
			f.Given = append(f.Given, Said{Member: access.States[rng.IntN(11)], Release: id.ID(fmt.Sprint(i)), Stance: Stances[rng.IntN(4)], At: opened.Add(time.Duration(rng.IntN(20)-15) * time.Hour)})
		}
		f.Closed, f.Counted = true, Count(f.Given, f.Closes, f.Concerned)
		f.Claimed = r.outcome(f.concerned(), f.Proposer, newest(f.Given, f.Closes, f.concerned()))
		want := Decide(f, opened.Add(time.Hour))
		if want.Outcome != Adopted && want.Outcome != NotAdopted {
			t.Fatal(want.Outcome)
		}
		g := f
		g.Given = append(append([]Said{}, f.Given...), f.Given...) // repeated
		g.Given = append(g.Given, Said{Member: "SG", Release: "late", Stance: Disagree, At: opened.Add(time.Second)})
		rng.Shuffle(len(g.Given), func(i, j int) { g.Given[i], g.Given[j] = g.Given[j], g.Given[i] })
		if got := Decide(g, opened.Add(time.Hour)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\n%+v", got, want)
		}
	}
}

// A level never outlives its review date, whatever was decided before, at the
// same time or after.
func TestNeverOutlivesReview(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 5000 {
		var list []Standing
		for i := range rng.IntN(8) {
			effective := opened.Add(time.Duration(rng.IntN(400)) * time.Hour)
			list = append(list, Standing{Proposal: id.ID(fmt.Sprint(i)), Level: rng.IntN(5), Effective: effective, Review: effective.Add(time.Duration(rng.IntN(200)) * time.Hour),
				Outcome: []Outcome{Adopted, Adopted, NotAdopted, Disputed, Awaiting, Consulting, Unknowable, TakenBack}[rng.IntN(8)]})
		}
		now := opened.Add(time.Duration(rng.IntN(700)) * time.Hour)
		s, ok := InForce(list, now)
		if !ok {
			continue
		}
		if !now.Before(s.Review) || now.Before(s.Effective) || s.Outcome != Adopted || s.Level == 0 {
			t.Fatalf("at %s %+v is in force", now, s)
		}
		for _, x := range list {
			if x.Outcome == Adopted && x.Effective.After(s.Effective) && !x.Effective.After(now) {
				t.Fatalf("%+v holds although %+v was decided later", s, x)
			}
		}
	}
}
