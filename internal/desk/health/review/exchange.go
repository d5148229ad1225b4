package review

import (
	"context"
	"encoding/json"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/workflow"
)

// Everything that leaves or enters the part is in this file. Findings,
// recommendations and actions travel by the trail.

// send releases the review as it now stands.
func (d *Desk) send(ctx context.Context, tx *db.Tx, r *Review, to []access.Member) error {
	line, err := d.chosen(ctx, tx, r)
	if err != nil {
		return err
	}
	body, err := json.Marshal(outward(r, line))
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return d.env.Send.Queue(ctx, tx, exchange.Release{ID: r.Release, Kind: KindReview, Schema: bodySchema, From: d.env.Member, To: to, Ref: r.Ref(Name), Purpose: "joint_response",
		Basis: "aphecs", Marking: r.Marking, Lang: r.Lang, Issued: d.env.Clock.Now(), Exercise: r.Exercise, Workflow: Reviews.Digest(), Body: body})
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindReview: d.env.Receives(Name, KindReview, d.receive)}
}

func foreign() error { return fault.New(fault.Forbidden, "fault.review.foreign") }

// Decode reads the body of a release, as far as it can be judged without what
// this node knows.
func Decode(in *exchange.Inbound) (Review, error) {
	var v View
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return Review{}, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	r := Review{Text: v.Text, Events: v.Events, Family: v.Family, FamilyName: v.FamilyName, Hazard: v.Hazard, Of: v.Of, Lead: v.Lead, Lock: v.Lock, Clocks: v.Clocks,
		Moments: v.Timeline, Groups: v.Groups, Opinions: v.Opinions, Validated: v.Validated, To: v.To, Invited: v.Invited, ClearedAs: v.ClearedAs, Released: v.Released,
		Reason: v.Reason, Release: in.ID, CopyOf: in.ID}
	r.Head = desk.Head{ID: in.Ref.ID, Kind: KindReview, Owner: in.From, Place: string(in.From), Version: in.Ref.Version, State: v.State, Created: desk.Mark{At: in.Received},
		Changed: desk.Mark{At: in.Issued}, Marking: in.Marking, Exercise: in.Exercise}
	known := []workflow.State{Planned, Locked, Drafted, Released, Closed, Cancelled}
	told := slices.Contains([]workflow.State{Released, Closed}, v.State)
	if in.Withdraws != "" || v.ID != in.Ref.ID || v.Owner != in.From || v.Version != in.Ref.Version || v.Version < 1 || v.Marking != in.Marking || !slices.Contains(known, v.State) ||
		told == (v.Released.IsZero() || v.Lock == nil) || !told && (v.Lock != nil || len(v.Timeline) > 0) || v.Of != "" && (v.Joint || v.Lead == v.Owner || len(v.Of) != 36) ||
		long(v.ClearedAs, 4*MaxTitle) || long(v.FamilyName, 4*MaxTitle) || len(v.Clocks) > 3*MaxEvents || len(v.Hazard) > 60 {
		return r, foreign()
	}
	return r, validate(&r)
}

// receive keeps the newest version of another member's review; an older one
// that comes later, or again, changes nothing.
func (d *Desk) receive(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	r, err := Decode(&in)
	if err != nil {
		return err
	}
	old, err := one[Review](ctx, tx, `SELECT doc FROM review_review WHERE id = ?`, string(r.ID))
	switch {
	case fault.Is(err, fault.NotFound):
		err = insert(ctx, tx, &r)
	case err != nil:
		return err
	case old.Own() || old.Owner != in.From || old.Of != r.Of:
		return foreign()
	case old.Version >= r.Version:
		return nil
	default:
		err = update(ctx, tx, &r, old.Version)
	}
	d.env.Notify(tx, topics(&r)...)
	return err
}
