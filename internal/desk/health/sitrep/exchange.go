package sitrep

import (
	"context"
	"encoding/json"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Everything that leaves the part is in this file, and in receive.go
// everything that enters it.

func (d *Desk) sendReport(ctx context.Context, tx *db.Tx, r, old *Report) error {
	out := exchange.Release{ID: r.Release, Kind: KindReport, To: r.To, Ref: r.Ref(Name), Purpose: "joint_response", Marking: r.Marking,
		Basis: "aphecs", Lang: r.Lang, Issued: r.Issued, Exercise: r.Exercise, Workflow: Reports.Digest()}
	if old != nil {
		out.Supersedes = old.Release
	}
	v := viewReport(r)
	v.Reason = ""
	return d.queue(ctx, tx, out, v)
}

func (d *Desk) sendWithdrawal(ctx context.Context, tx *db.Tx, r *Report) error {
	return d.queue(ctx, tx, exchange.Release{ID: d.env.IDs.New(), Kind: KindReport, To: r.To, Ref: r.Ref(Name), Purpose: "joint_response",
		Marking: r.Marking, Basis: "aphecs", Lang: r.Lang, Issued: d.env.Clock.Now(), Withdraws: r.Release, Reason: r.Reason, Exercise: r.Exercise}, nil)
}

// sendCall asks members for their inputs; with ended it tells them that no
// more are awaited.
func (d *Desk) sendCall(ctx context.Context, tx *db.Tx, r *Report, release id.ID, asked []access.Member, ended bool) error {
	to := slices.DeleteFunc(slices.Clone(asked), func(m access.Member) bool { return m == d.env.Member })
	if len(to) == 0 {
		return nil
	}
	v := CallView{ID: r.ID, Owner: r.Owner, Family: r.Family, Name: r.Subject, Hazard: r.Hazard, Number: r.Number, From: r.From, Until: r.Until,
		CutOff: r.CutOff, Lang: r.Lang, Words: r.Words, Level: r.Level, Flash: r.Flash, Reminded: r.Reminded, Ended: ended, Version: r.Version, Marking: r.Marking}
	return d.queue(ctx, tx, exchange.Release{ID: release, Kind: KindCall, To: to, Ref: r.Ref(Name), Purpose: "joint_response", Marking: r.Marking,
		Basis: "aphecs", Lang: r.Lang, Issued: d.env.Clock.Now(), Due: r.CutOff, Exercise: r.Exercise, Workflow: Reports.Digest()}, v)
}

// endCall tells the members that were asked that no more inputs are awaited.
func (d *Desk) endCall(ctx context.Context, tx *db.Tx, r *Report) error {
	if r.Scope != Regional || r.Corrects != "" {
		return nil
	}
	return d.sendCall(ctx, tx, r, d.env.IDs.New(), r.Asked, true)
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, r exchange.Release, body any) error {
	r.From, r.Schema, r.Body = d.env.Member, bodySchema, json.RawMessage("null")
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		r.Body = b
	}
	return d.env.Send.Queue(ctx, tx, r)
}

// ReceiveReceipt wakes the pages that show how far a release has come.
func (d *Desk) ReceiveReceipt(_ context.Context, tx *db.Tx, of exchange.Release, _ exchange.Receipt) error {
	d.env.Notify(tx, "report:"+string(of.Ref.ID))
	return nil
}

// reached is the last stage of each recipient of a release.
func (d *Desk) reached(ctx context.Context, tx *db.Tx, release id.ID) (map[access.Member]exchange.Receipt, error) {
	out := map[access.Member]exchange.Receipt{}
	if release == "" {
		return out, nil
	}
	receipts, err := d.env.Send.Receipts(ctx, tx, release)
	for _, r := range receipts {
		if have, ok := out[r.Member]; !ok || r.At.After(have.At) {
			out[r.Member] = r
		}
	}
	return out, err
}
