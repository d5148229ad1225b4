package sitrep

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Expected is what one member was to give to one regional report. Given is when
// its first input came; zero: it did not.
type Expected struct {
	Report id.ID
	Event  id.ID // that the report is about, or
	Family id.ID // the family of events
	Title  string
	Href   string
	Member access.Member
	CutOff time.Time
	Given  time.Time
}

// mostExpected is how many reports, and how many requests of others, Expected
// reads, the newest first.
const mostExpected = 60

// Expected are the inputs to the regional reports of this member, and its own
// to those of others, as far as the actor may see them. A correction asks
// nobody again and is not counted.
func (d *Desk) Expected(ctx context.Context, actor access.Actor) ([]Expected, error) {
	var out []Expected
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		own, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE scope = ? AND copy_of = '' AND state <> ? ORDER BY changed DESC, id DESC LIMIT ?`,
			Regional, string(Discarded), mostExpected)
		if err != nil {
			return err
		}
		for i := range own {
			r := &own[i]
			if r.Corrects != "" || !sees(reach(actor), &r.Head, true, true) {
				continue
			}
			given, err := d.given(ctx, tx, r)
			if err != nil {
				return err
			}
			for _, m := range r.Asked {
				out = append(out, Expected{Report: r.ID, Event: r.Event, Family: r.Family, Title: r.Title, Href: Path(r.ID), Member: m, CutOff: r.CutOff, Given: r.firstInput(m, given)})
			}
		}
		return d.expectedHere(ctx, tx, actor, &out)
	})
	return out, err
}

// expectedHere adds what other members asked this one for.
func (d *Desk) expectedHere(ctx context.Context, tx *db.Tx, actor access.Actor, out *[]Expected) error {
	calls, err := docs[Call](ctx, tx, `SELECT doc FROM sitrep_call ORDER BY cut_off DESC, id LIMIT ?`, mostExpected)
	for i := range calls {
		if err != nil {
			return err
		}
		c := &calls[i]
		if !d.seesCall(actor, c) {
			continue
		}
		r := Report{Family: c.Family, From: c.From, CutOff: c.CutOff}
		r.ID, r.Marking, r.Exercise = c.ID, c.Marking, c.Exercise
		var given []Report
		given, err = d.given(ctx, tx, &r)
		given = slices.DeleteFunc(given, func(x Report) bool { return !x.Own() || !slices.Contains(x.To, c.Owner) })
		x := Expected{Report: c.ID, Family: c.Family, Title: c.Name, Href: CallPath(c.ID), Member: d.env.Member, CutOff: c.CutOff, Given: r.firstInput(d.env.Member, given)}
		if c.Ended && x.Given.IsZero() && clock.FromMicros(c.Received).Before(c.CutOff) {
			continue // called off before the time was over
		}
		*out = append(*out, x)
	}
	return err
}

// firstInput is when the first input of a member came. A report that does not
// answer the call counts only when it came by the cut-off; after it, it is of
// the next issue. What was counted when the report was composed stays counted.
func (r *Report) firstInput(m access.Member, given []Report) time.Time {
	var first time.Time
	note := func(at time.Time) {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	for i := range given {
		x := &given[i]
		if x.Owner == m && x.Scope == National && (x.Call == r.ID || !arrived(x).After(r.CutOff)) {
			note(arrived(x))
		}
	}
	for _, in := range r.Inputs {
		for _, g := range in.Reports {
			if in.Member == m {
				note(g.Received)
			}
		}
	}
	return first
}
