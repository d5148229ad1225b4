package timeliness

import (
	"context"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
)

// Everything that leaves or enters the part is in this file.

func (d *Desk) release(r *Record) exchange.Release {
	return exchange.Release{ID: d.env.IDs.New(), Kind: KindResult, Schema: bodySchema, From: d.env.Member, To: r.To, Ref: r.Ref(Name), Purpose: "information",
		Marking: r.Marking, Basis: "aphecs", Lang: r.event.Lang, Issued: d.env.Clock.Now(), Exercise: r.Exercise, Workflow: Records.Digest()}
}

// send releases the confirmed results. A release before it is superseded by
// the version of the record.
func (d *Desk) send(ctx context.Context, tx *db.Tx, r *Record) error {
	body, err := json.Marshal(viewOf(r, r.event, r.Judged))
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	out := d.release(r)
	out.ID, out.Body = r.Release, body
	return d.env.Send.Queue(ctx, tx, out)
}

// sendWithdrawal leaves a tombstone with the reason at the recipients.
func (d *Desk) sendWithdrawal(ctx context.Context, tx *db.Tx, r *Record) error {
	out := d.release(r)
	out.Withdraws, out.Reason, out.Body = r.Release, r.Reason, json.RawMessage("null")
	return d.env.Send.Queue(ctx, tx, out)
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindResult: d.env.Receives(Name, d.records.Name, d.receive)}
}

// receive keeps the newest that a member released of each of its events. An
// older one that comes late, or one that was withdrawn before it came, does
// not replace it.
func (d *Desk) receive(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	old, found, err := loadCopy(ctx, tx, in.Ref.ID)
	if err != nil {
		return err
	}
	if found && old.Owner != in.From {
		return fault.New(fault.Forbidden, "fault.health.not_sender")
	}
	if in.Withdraws != "" {
		return d.receiveWithdrawal(ctx, tx, in, old, found)
	}
	var v View
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	if err := d.check(ctx, tx, &v, in); err != nil {
		return err
	}
	if found && old.Version >= in.Ref.Version {
		return nil
	}
	c := Copy{View: v, Release: in.ID, Version: in.Ref.Version, Issued: clock.Micros(in.Issued), Marking: in.Marking, Exercise: in.Exercise}
	var one int
	if c.Withdrawn, err = tx.Row(ctx, `SELECT 1 FROM timeliness_gone WHERE release_id = ? AND owner = ?`, []any{string(in.ID), string(in.From)}, &one); err != nil {
		return err
	}
	if c.Withdrawn {
		c.empty()
	}
	d.env.Notify(tx, "desk", "event:"+string(c.Event))
	return putCopy(ctx, tx, &c)
}

// empty leaves of a copy that it was there.
func (c *Copy) empty() {
	c.Withdrawn = true
	c.Actions, c.Pauses, c.Factors, c.Results, c.Dates = nil, nil, nil, nil, Dates{}
}

func (d *Desk) receiveWithdrawal(ctx context.Context, tx *db.Tx, in exchange.Inbound, old Copy, found bool) error {
	if found && old.Release == in.Withdraws {
		old.empty()
		old.Reason = in.Reason[:min(len(in.Reason), MaxText)]
		d.env.Notify(tx, "desk", "event:"+string(old.Event))
		return putCopy(ctx, tx, &old)
	}
	_, err := tx.Exec(ctx, `INSERT INTO timeliness_gone (release_id, owner) VALUES (?, ?) ON CONFLICT (release_id) DO NOTHING`, string(in.Withdraws), string(in.From))
	return err
}

// check refuses what speaks of another member's event, breaks the limits, or
// claims results that its own dates do not give: every member computes alike.
func (d *Desk) check(ctx context.Context, tx *db.Tx, v *View, in exchange.Inbound) error {
	var c fault.Check
	c.That(v.ID == in.Ref.ID && v.Owner == in.From && len(v.Event) == 36, "event", "fault.health.not_sender")
	c.That(v.Name != "" && utf8.RuneCountInString(v.Name) <= health.MaxName, "name", "fault.too_long", fault.Args{"max": health.MaxName})
	_, known := health.HazardByKey(v.Hazard)
	c.That(known, "hazard", "fault.health.hazard")
	c.That(len(v.Lang) <= 20 && len(v.Rules) <= 40, "lang", "fault.health.lang")
	checkContent(&c, v.Actions, v.Pauses, v.Factors, in.Issued.AddDate(1, 0, 0))
	if err := c.Err(); err != nil {
		return err
	}
	if v.Rules == RulesVersion && !slices.Equal(v.Results, Compute(v.Dates, v.Actions, v.Pauses, v.Judged)) {
		return fault.New(fault.Invalid, "fault.timeliness.results")
	}
	if len(v.Results) > 2*len(Clocks) {
		return fault.New(fault.Invalid, "fault.timeliness.results")
	}
	e, err := d.events.EventIn(ctx, tx, access.Node(d.env.Member), v.Event)
	if fault.Is(err, fault.NotFound) {
		return nil // its event was not notified here
	}
	if err == nil && e.Owner != in.From {
		err = fault.New(fault.Forbidden, "fault.health.not_sender")
	}
	return err
}
