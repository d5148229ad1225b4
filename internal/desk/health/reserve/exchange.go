package reserve

import (
	"context"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Everything that leaves or enters the part is in this file. The reserve is
// common to all members, so every release of it goes to all of them: whoever
// holds the same releases computes the same proof.

// send releases a record as it now stands.
func (k *kind[C]) send(ctx context.Context, tx *db.Tx, d *Desk, r *Record[C]) error {
	if err := k.tellEvents(ctx, tx, d, r); err != nil || len(r.To) == 0 { // a region of one
		return err
	}
	b, err := json.Marshal(viewOf(r))
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return d.env.Send.Queue(ctx, tx, exchange.Release{ID: r.Release, Kind: k.Name, Schema: bodySchema, From: d.env.Member, To: r.To, Ref: r.Ref(Name), Purpose: "joint_response",
		Marking: r.Marking, Basis: "aphecs", Lang: r.Lang, Issued: d.Now(), Exercise: r.Exercise, Workflow: k.table.Digest(), Body: b})
}

// tellEvents lets the pages of the events follow for whose sake the reserve was
// asked.
func (k *kind[C]) tellEvents(ctx context.Context, tx *db.Tx, d *Desk, r *Record[C]) error {
	c := k.columns(&r.C)
	events := []id.ID{c.event}
	for _, draw := range c.draws {
		var event string
		if _, err := tx.Row(ctx, `SELECT parent FROM reserve_record WHERE id = ? AND kind = ?`, []any{string(draw), KindDraw}, &event); err != nil {
			return err
		}
		events = append(events, id.ID(event))
	}
	for _, e := range events {
		if e != "" {
			d.env.Notify(tx, "event:"+string(e))
		}
	}
	return nil
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	out := map[string]exchange.Handler{}
	add := func(kind string, h exchange.Handler) { out[kind] = d.env.Receives(Name, kind, h) }
	add(KindItem, d.items.receive(d))
	add(KindRegistered, d.registered.receive(d))
	add(KindPledge, d.pledges.receive(d))
	add(KindDraw, d.draws.receive(d))
	add(KindAllocation, d.allocations.receive(d))
	add(KindVote, d.votes.receive(d))
	add(KindMovement, d.movements.receive(d))
	add(KindArrival, d.arrivals.receive(d))
	add(KindDebt, d.debts.receive(d))
	add(KindStatement, d.statements.receive(d))
	return out
}

func foreign() error { return fault.New(fault.Forbidden, "fault.reserve.foreign") }

// decode reads the body of a release as far as it can be judged without what
// this node knows.
func (k *kind[C]) decode(body []byte) (Record[C], error) {
	var v View[C]
	if err := json.Unmarshal(body, &v); err != nil {
		return Record[C]{}, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	r := Record[C]{Common: Common{Lang: v.Lang, ClearedAs: v.ClearedAs, Released: v.Released, Release: v.Release, Reason: v.Reason}, C: v.C}
	r.ID, r.Owner, r.Version, r.State, r.Marking, r.Exercise, r.Due = v.ID, v.Owner, v.Version, v.State, v.Marking, v.Exercise, v.Due
	if err := k.Validate(&r); err != nil {
		return r, err
	}
	known := slices.ContainsFunc(k.table.Steps, func(s stepOf[C]) bool { return s.To == r.State && s.To != "" })
	if !known || r.Version < 1 || utf8.RuneCountInString(r.ClearedAs) > 200 || len(r.Exercise) > 64 || r.Released.IsZero() {
		return r, foreign()
	}
	return r, nil
}

// receive keeps the newest version of what another member released. An older
// one that comes later, or the same again, changes nothing.
func (k *kind[C]) receive(d *Desk) exchange.Handler {
	return func(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
		if in.Withdraws != "" {
			return foreign() // what is taken back is said in a later version
		}
		r, err := k.decode(in.Body)
		if err != nil {
			return err
		}
		if r.ID != in.Ref.ID || r.Owner != in.From || r.Version != in.Ref.Version || r.Marking != in.Marking || r.Exercise != in.Exercise || r.Owner == d.env.Member ||
			r.Release != in.ID {
			return foreign()
		}
		r.Kind, r.Place, r.CopyOf = k.Name, string(in.From), in.ID
		r.Created, r.Changed = desk.Mark{At: in.Received}, desk.Mark{At: in.Issued}
		old, err := k.load(ctx, tx, r.ID)
		had := err == nil
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if had && (old.Own() || old.Owner != in.From) {
			return foreign()
		}
		if had && old.Version >= r.Version {
			return nil
		}
		var before *Record[C]
		if had {
			before = &old
		}
		if k.accept != nil {
			if err := k.accept(ctx, tx, &r, before); err != nil {
				return err
			}
		}
		if had {
			err = k.update(ctx, tx, &r, old.Version)
		} else {
			err = k.insert(ctx, tx, &r)
		}
		if err != nil {
			return err
		}
		d.env.Notify(tx, k.topics(&r)...)
		if err := k.tellEvents(ctx, tx, d, &r); err != nil {
			return err
		}
		if k.came != nil {
			return k.came(ctx, tx, &r, &in)
		}
		return nil
	}
}

// state reports whether the member is a state: bodies pledge and vote nothing.
func state(m access.Member) bool { return slices.Contains(access.States, m) }
