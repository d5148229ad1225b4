package health

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// nameWithdrawals gives each release of a notification the one that takes it
// back, so that the sender can read later whom that has reached.
func (d *Desk) nameWithdrawals(n *Notification) {
	by := map[id.ID]id.ID{}
	for i := range n.Recipients {
		r := &n.Recipients[i]
		if by[r.Release] == "" {
			by[r.Release] = d.env.IDs.New()
		}
		r.Withdrawal = by[r.Release]
	}
}

// withdrawn sets the strip of a withdrawn notification to how far the
// withdrawal has come: who acknowledged before does not matter any more, who
// still uses what was taken back does.
func (d *Desk) withdrawn(ctx context.Context, tx *db.Tx, s *Sent, now time.Time) error {
	if s.State != Withdrawn {
		return nil
	}
	s.Due = time.Time{}
	var acks []Ack
	at := map[id.ID]map[access.Member]int{}
	for _, r := range s.Recipients {
		if r.Withdrawal == "" { // of a node before this was kept
			return nil
		}
		if at[r.Withdrawal] == nil {
			at[r.Withdrawal] = map[access.Member]int{}
		}
		at[r.Withdrawal][r.Member] = len(acks)
		acks = append(acks, Ack{Notification: s.ID, Member: r.Member, Release: r.Withdrawal, Stage: exchange.Queued, At: clock.Micros(s.Changed.At)})
	}
	for rid, of := range at {
		rs, err := d.env.Send.Receipts(ctx, tx, rid)
		if err != nil {
			return err
		}
		for _, x := range rs {
			if i, ok := of[x.Member]; ok && stageRank(x.Stage) >= stageRank(acks[i].Stage) {
				acks[i].Stage, acks[i].Role, acks[i].At = x.Stage, x.Role, clock.Micros(x.At)
			}
		}
	}
	s.Acks = cells(acks, s.Due, now)
	return nil
}

// unread reports whether nobody here has seen yet that it was taken back.
func (n *Notice) unread() bool {
	return n.State == Withdrawn && n.Withdrawal != "" && !n.WithdrawalRead
}

// readWithdrawal is the change of the first person who opens a notice that was
// taken back; the sender gets a receipt of the withdrawal.
func (d *Desk) readWithdrawal(actor access.Actor) desk.Change[Notice] {
	return desk.Change[Notice]{
		Edit: func(n *Notice) error { n.WithdrawalRead = true; return nil },
		Then: func(ctx context.Context, tx *db.Tx, n *Notice) error {
			return d.env.Send.SendReceipt(ctx, tx, exchange.Receipt{
				Release: n.Withdrawal, Member: d.env.Member, Stage: exchange.Opened, At: n.Changed.At, Role: actor.Name})
		},
	}
}

// todoWithdrawn: what was taken back and nobody here has seen; who acted on it
// must know.
func (d *Desk) todoWithdrawn(ctx context.Context, tx *db.Tx, actor access.Actor) ([]Todo, error) {
	ns, err := loadAll[Notice](ctx, tx, `SELECT doc FROM health_notice WHERE state = ? ORDER BY changed DESC LIMIT ?`, string(Withdrawn), most)
	if err != nil {
		return nil, err
	}
	r := ReachOf(actor)
	row, ok := Notices.Find(Withdrawn, "read_withdrawal")
	var out []Todo
	for _, n := range ns {
		if ok && n.unread() && r.SeesNotice(&n) && Notices.Allowed(row, n, actor) {
			out = append(out, Todo{Kind: "withdrawn", Grade: n.Body.Event.Grade, Title: n.Body.Title, Owner: n.From, Event: n.Event, Record: n.ID, Version: n.Version})
		}
	}
	return out, nil
}
