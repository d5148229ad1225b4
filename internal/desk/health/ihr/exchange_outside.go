package ihr

import (
	"context"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/workflow"
)

// What was determined outside is public, but who recorded it answers for the
// record: so it leaves like everything else, cleared by a second person, and
// a copy says whose record it is.

// tellDetermination sends a determination to the members that were cleared to
// get it: with the step release, and from then on with its end; striking it
// out withdraws it. A correction waits for the next clearance.
func (d *Desk) tellDetermination(ctx context.Context, tx *db.Tx, x *Determination, verb workflow.Verb) error {
	if verb == "edit" || verb != "release" && x.Release == "" {
		return nil
	}
	old, was, before := x.Release, x.Version, x.SentTo
	x.Release = d.env.IDs.New()
	if verb == "release" {
		x.SentTo = slices.Clone(x.Members)
	}
	r := exchange.Release{ID: x.Release, Kind: KindDetermination, To: x.SentTo, Ref: x.Ref(Name), Purpose: "information", Marking: x.Cleared.Marking,
		Basis: "aphecs", Lang: "en", Issued: d.env.Clock.Now(), Supersedes: old, Exercise: x.Exercise, Workflow: Determinations.Digest()}
	if verb == "strike" {
		r.Supersedes, r.Withdraws, r.Reason = "", old, x.Reason
		return d.queue(ctx, tx, r, nil)
	}
	if err := d.takeBack(ctx, tx, r, before); err != nil {
		return err
	}
	if err := d.queue(ctx, tx, r, determinationFor(x)); err != nil {
		return err
	}
	return determinationStore.update(ctx, tx, x, was) // it now names the release
}

// DecodeDetermination reads the body of a release, as far as it can be judged
// without what this node knows.
func DecodeDetermination(body []byte) (DeterminationView, error) {
	var v DeterminationView
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	var c fault.Check
	c.That(v.State == Standing || v.State == Ended, "state", "fault.ihr.incomplete")
	c.That(v.State != Ended || v.Ended != "", "ended", "fault.ihr.incomplete")
	c.That(v.Event == "" || len(v.Event) == 36, "event", "fault.bad_id")
	for _, s := range []string{v.Post, v.ClearedAs, v.Hazard} {
		c.That(utf8.RuneCountInString(s) <= MaxTitle, "post", "fault.too_long", fault.Args{"max": MaxTitle})
	}
	return v, c.Err()
}

func determinationOf(v *DeterminationView) Determination {
	x := Determination{Kind: v.Kind, Event: v.Event, Hazard: v.Hazard, Title: v.Title, Grade: v.Grade, By: v.By, On: v.On, Meeting: v.Meeting,
		Recommendations: v.Recommendations, Ended: v.Ended, Source: v.Source, Members: v.Members, ClearedAs: v.ClearedAs, Post: v.Post}
	x.Owner, x.Marking = v.Owner, v.Marking
	return x
}

func (d *Desk) receiveDetermination(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var x Determination
	if in.Withdraws == "" {
		v, err := DecodeDetermination(in.Body)
		if err != nil {
			return err
		}
		if v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || !slices.Contains(v.Members, d.env.Member) {
			return fault.New(fault.Forbidden, "fault.ihr.not_sender")
		}
		x = determinationOf(&v)
		if err := validateDetermination(&x, in.Issued); err != nil {
			return err
		}
		x.Head = head(KindDetermination, &in, v.State)
	} else {
		// A tombstone with the version of the withdrawal: what was released
		// before and comes late is older and stays out.
		old, err := determinationStore.load(ctx, tx, in.Ref.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		x = Determination{Kind: old.Kind, Event: old.Event, Hazard: old.Hazard, Title: old.Title, Grade: old.Grade, By: old.By, On: old.On,
			Reason: cut(in.Reason, MaxReason), Post: old.Post}
		x.Head = head(KindDetermination, &in, Struck)
	}
	x.CopyOf = in.ID
	kept, err := determinationStore.keep(ctx, tx, &x)
	if err == nil && kept {
		d.env.Notify(tx, topics(x.Event)...)
	}
	return err
}
