package risk

import (
	"context"
	"encoding/json"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Everything that leaves the part is in this file, and in receive.go
// everything that enters it.

func (d *Desk) sendAssessment(ctx context.Context, tx *db.Tx, a, old *Assessment) error {
	if len(a.To) == 0 {
		return nil
	}
	r := exchange.Release{ID: a.Release, Kind: KindAssessment, To: a.To, Ref: a.Ref(Name), Purpose: "risk_assessment", Marking: a.Marking,
		Basis: "aphecs", Lang: a.Lang, Issued: a.Published, Due: a.Due, Expires: a.ValidUntil, Exercise: a.Exercise, Workflow: Positions.Digest()}
	if old != nil {
		r.Supersedes = old.Release
	}
	return d.queue(ctx, tx, r, viewAssessment(a, old))
}

func (d *Desk) sendWithdrawal(ctx context.Context, tx *db.Tx, a *Assessment) error {
	if a.Release == "" {
		return nil
	}
	return d.queue(ctx, tx, exchange.Release{ID: d.env.IDs.New(), Kind: KindAssessment, To: a.To, Ref: a.Ref(Name), Purpose: "risk_assessment",
		Marking: a.Marking, Basis: "aphecs", Lang: a.Lang, Issued: d.env.Clock.Now(), Withdraws: a.Release, Reason: a.Reason, Exercise: a.Exercise}, nil)
}

func (d *Desk) sendPosition(ctx context.Context, tx *db.Tx, p, old *Position) error {
	r := exchange.Release{ID: p.Release, Kind: KindPosition, To: p.To, Ref: p.Ref(Name), Purpose: "risk_assessment", Marking: p.Marking,
		Basis: "aphecs", Lang: p.Lang, Issued: p.Released, Exercise: p.Exercise, Workflow: Positions.Digest()}
	if old != nil {
		r.Supersedes = old.Release
	}
	return d.queue(ctx, tx, r, viewPosition(p))
}

func (d *Desk) sendPositionWithdrawal(ctx context.Context, tx *db.Tx, p *Position) error {
	return d.queue(ctx, tx, exchange.Release{ID: d.env.IDs.New(), Kind: KindPosition, To: p.To, Ref: p.Ref(Name), Purpose: "risk_assessment",
		Marking: p.Marking, Basis: "aphecs", Lang: p.Lang, Issued: d.env.Clock.Now(), Withdraws: p.Release, Reason: p.Reason, Exercise: p.Exercise}, nil)
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

// ReceiveReceipt wakes the pages that show how far a release has come; what
// the stages are is read from the exchange.
func (d *Desk) ReceiveReceipt(_ context.Context, tx *db.Tx, of exchange.Release, _ exchange.Receipt) error {
	d.env.Notify(tx, "assessment:"+string(of.Ref.ID))
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

// topics that a change of an assessment or of a position on it wakes.
func topics(assessment, event id.ID) []string {
	return []string{"desk", "assessment:" + string(assessment), "event:" + string(event)}
}
