package skeleton

import (
	"context"
	"encoding/json"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
)

// KindMemo is the kind of the one message of the desk. Everything that leaves
// or enters the desk is in this file.
const KindMemo = "skeleton.memo"

func (d *Desk) send(ctx context.Context, tx *db.Tx, m *Memo) error {
	body, err := json.Marshal(view(m))
	if err != nil {
		return err
	}
	return d.env.Send.Queue(ctx, tx, exchange.Release{
		ID: d.env.IDs.New(), Kind: KindMemo, Schema: 1, From: d.env.Member, To: m.To, Ref: m.Ref(Name), Purpose: "information",
		Marking: m.Marking, Lang: "en", Issued: d.env.Clock.Now(), Exercise: m.Exercise, Workflow: Memos.Digest(), Body: body,
	})
}

// Handlers are the desk's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindMemo: d.receive}
}

// receive keeps a copy of another member's memo; its owner alone changes it.
func (d *Desk) receive(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var v MemoView
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	m := Memo{Text: v.Text}
	m.Head = desk.Head{ID: v.ID, Kind: KindMemo, Owner: in.From, State: Released, Version: in.Ref.Version, Marking: in.Marking, Exercise: in.Exercise}
	if v.ID != in.Ref.ID {
		return fault.New(fault.Forbidden, "fault.not_found")
	}
	if err := validate(&m); err != nil {
		return err
	}
	return insert(ctx, tx, &m)
}
