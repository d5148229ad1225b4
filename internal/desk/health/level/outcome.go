package level

import (
	"cmp"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

// The outcome of a proposal is computed, by every node for itself, from the
// released proposal, the released positions and, once the proposer closed it,
// the list of positions that it counted. It depends on nothing else: not on
// the order of arrival, not on repetition, not on the node.

// Outcome is what a node can say of a proposal.
type Outcome string

// Outcomes. Only the last two are decisions.
const (
	Consulting Outcome = "consulting"  // the window is open
	Awaiting   Outcome = "awaiting"    // the window is over; its close has not come, or a position that it lists
	Unknowable Outcome = "unknowable"  // decided by a rule whose text this node does not have
	Disputed   Outcome = "disputed"    // the close leaves out a position that this node holds, or claims what the rule does not give
	TakenBack  Outcome = "taken_back"  // the proposer withdrew it
	NotAdopted Outcome = "not_adopted" //
	Adopted    Outcome = "adopted"     //
)

// Stances on a proposal.
const (
	Agree     = "agree"
	Reserve   = "reserve" // agrees with reservation
	Disagree  = "disagree"
	Abstain   = "abstain"
	NoAnswer  = "no_answer"   // nothing here from this member
	Consented = "consented"   // silent, which the rule takes for consent
	Implied   = "by_proposal" // the proposer, by proposing
)

// Stances in the order of the form.
var Stances = []string{Agree, Reserve, Disagree, Abstain}

// Facts are what an outcome is computed from: plain values of released
// records.
type Facts struct {
	Proposer access.Member
	// Concerned are the states whose position counts; nil: all of them.
	Concerned []access.Member
	Closes    time.Time // end of the window
	Rule      string
	Version   string
	Digest    string
	Gone      bool // withdrawn by the proposer
	// Closed is whether the proposer's close is here; Counted are the releases
	// of positions that it lists, Claimed is what it says came out.
	Closed  bool
	Counted []id.ID
	Claimed Outcome
	Given   []Said
}

// Said is one released position.
type Said struct {
	Member  access.Member
	Release id.ID
	Stance  string
	Reasons string
	At      time.Time // when its member issued it
}

// Stand is what one state holds of a proposal, as far as this node knows.
type Stand struct {
	Member  access.Member
	Stance  string
	Reasons string
	At      time.Time
	Release id.ID
}

// Result is the outcome with every state's stand. No stand is ever averaged.
type Result struct {
	Outcome Outcome
	Stands  []Stand
	Omitted []id.ID // of a disputed close: releases that it should have listed
	Missing int     // positions that the close lists and that have not come
}

// Decide computes the outcome of a proposal at a time.
func Decide(f Facts, now time.Time) Result {
	said, complete := f.counted()
	r := Result{Stands: f.stands(said)}
	for _, m := range f.Counted {
		if !slices.ContainsFunc(f.Given, func(s Said) bool { return s.Release == m }) {
			r.Missing++
		}
	}
	rule, ok := RuleAt(f.Rule, f.Version, f.Digest)
	switch {
	case f.Gone:
		r.Outcome = TakenBack
	case !f.Closed && now.Before(f.Closes):
		r.Outcome = Consulting
	case !f.Closed, !complete:
		r.Outcome = Awaiting
	case !ok:
		r.Outcome = Unknowable
	default:
		r.Omitted = f.omitted()
		r.Outcome = rule.outcome(f.concerned(), f.Proposer, said)
		if len(r.Omitted) > 0 || r.Outcome != f.Claimed {
			r.Outcome = Disputed
		}
	}
	if rule.Silence == Consents && (r.Outcome == Adopted || r.Outcome == NotAdopted) {
		for i := range r.Stands {
			if r.Stands[i].Stance == NoAnswer {
				r.Stands[i].Stance = Consented
			}
		}
	}
	return r
}

func (f *Facts) concerned() []access.Member { return concernedOr(f.Concerned) }

// concernedOr: a proposal from before states could be named concerns all.
func concernedOr(states []access.Member) []access.Member {
	if len(states) == 0 {
		return access.States
	}
	return states
}

// newest are the positions issued within the window, the last of each state
// that is concerned.
func newest(given []Said, closes time.Time, concerned []access.Member) map[access.Member]Said {
	out := map[access.Member]Said{}
	for _, s := range given {
		if s.At.After(closes) || !slices.Contains(concerned, s.Member) {
			continue
		}
		old, ok := out[s.Member]
		if !ok || cmp.Or(s.At.Compare(old.At), cmp.Compare(s.Release, old.Release)) > 0 {
			out[s.Member] = s
		}
	}
	return out
}

// counted are the positions that decide: those that the close lists, or before
// it those that are here. complete is false while a listed one has not come.
func (f *Facts) counted() (said map[access.Member]Said, complete bool) {
	if !f.Closed {
		return newest(f.Given, f.Closes, f.concerned()), true
	}
	var listed []Said
	for _, s := range f.Given {
		if slices.Contains(f.Counted, s.Release) {
			listed = append(listed, s)
		}
	}
	complete = !slices.ContainsFunc(f.Counted, func(c id.ID) bool {
		return !slices.ContainsFunc(f.Given, func(s Said) bool { return s.Release == c })
	})
	return newest(listed, f.Closes, f.concerned()), complete
}

// omitted are positions issued within the window that are here and that the
// close should have listed.
func (f *Facts) omitted() []id.ID {
	var out []id.ID
	for _, s := range newest(f.Given, f.Closes, f.concerned()) {
		if !slices.Contains(f.Counted, s.Release) {
			out = append(out, s.Release)
		}
	}
	slices.Sort(out)
	return out
}

// Count are the releases that a close by the proposer lists.
func Count(given []Said, closes time.Time, concerned []access.Member) []id.ID {
	var out []id.ID
	for _, s := range newest(given, closes, concernedOr(concerned)) {
		out = append(out, s.Release)
	}
	slices.Sort(out)
	return out
}

// outcome is the rule applied. A proposer that took no position of its own
// stands behind what it proposed.
func (r Rule) outcome(concerned []access.Member, proposer access.Member, said map[access.Member]Said) Outcome {
	behind, against := 0, 0
	for _, m := range concerned {
		s, ok := said[m]
		switch {
		case ok && s.Stance == Disagree:
			against++
		case ok, m == proposer, r.Silence == Consents:
			behind++
		}
	}
	if against > r.Dissents || behind < r.Needed(len(concerned)) {
		return NotAdopted
	}
	return Adopted
}

func (f *Facts) stands(said map[access.Member]Said) []Stand {
	var out []Stand
	for _, m := range access.States { // in their fixed order
		if !slices.Contains(f.concerned(), m) {
			continue
		}
		s, ok := said[m]
		switch {
		case ok:
			out = append(out, Stand{Member: m, Stance: s.Stance, Reasons: s.Reasons, At: s.At, Release: s.Release})
		case m == f.Proposer:
			out = append(out, Stand{Member: m, Stance: Implied})
		default:
			out = append(out, Stand{Member: m, Stance: NoAnswer})
		}
	}
	return out
}

// Standing is a decision as far as the level in force is concerned.
type Standing struct {
	Proposal  id.ID
	Level     int
	Effective time.Time
	Review    time.Time
	Outcome   Outcome
	Exercise  string
	Concerned []access.Member // the states that it is the level of
}

// InForce is the level of a family at a time: that of the newest adopted
// decision, as long as its review date has not come. What is not renewed is
// over; then, and after a decision for level 0, there is none.
func InForce(list []Standing, now time.Time) (Standing, bool) {
	var best Standing
	found := false
	for _, s := range list {
		if s.Outcome != Adopted || s.Effective.After(now) {
			continue
		}
		if !found || cmp.Or(s.Effective.Compare(best.Effective), cmp.Compare(s.Proposal, best.Proposal)) > 0 {
			best, found = s, true
		}
	}
	if !found || best.Level == 0 || !now.Before(best.Review) {
		return Standing{}, false
	}
	return best, true
}
