package health

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

func equal[T comparable](a, b []T) bool { return slices.Equal(a, b) }

// NotificationInput is what a person enters of a notification.
type NotificationInput struct {
	Title, Message, Lang, Purpose, Basis string
	Marking                              access.Marking
	Recipients                           []Recipient
	AckWithin                            time.Duration
	// Files are not entered: Attach and Detach change what a draft has.
}

func (in NotificationInput) into(n *Notification) {
	n.Title, n.Message, n.Lang, n.Purpose, n.Basis = in.Title, in.Message, in.Lang, in.Purpose, in.Basis
	n.Marking, n.Recipients, n.AckWithin = in.Marking, in.Recipients, in.AckWithin
}

// Compose drafts a notification of an event. supersedes is the released
// notification that it will replace, or empty.
func (d *Desk) Compose(ctx context.Context, actor access.Actor, eid, supersedes id.ID, in NotificationInput) (Notification, error) {
	var out Notification
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := d.visible(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		if !e.Own() {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(e.Owner))
		}
		n := Notification{Event: eid, Supersedes: supersedes, event: &e}
		n.Place, n.Exercise = string(e.Owner), e.Exercise
		in.into(&n)
		if err := checkSuperseded(ctx, tx, &n); err != nil {
			return err
		}
		out, err = desk.CreateIn(ctx, d.env, tx, d.notifications, actor, n, "compose", desk.Change[Notification]{})
		return err
	})
	return out, err
}

// checkSuperseded wants a released notification of the same event.
func checkSuperseded(ctx context.Context, tx *db.Tx, n *Notification) error {
	if n.Supersedes == "" {
		return nil
	}
	old, err := loadNotification(ctx, tx, n.Supersedes)
	if err != nil {
		return err
	}
	if old.Event != n.Event || old.State != Released {
		return fault.New(fault.Conflict, "fault.health.supersedes")
	}
	return nil
}

// EditNotification changes a draft.
func (d *Desk) EditNotification(ctx context.Context, actor access.Actor, nid id.ID, seen int, in NotificationInput) (Notification, error) {
	return d.notify(ctx, actor, nid, seen, "edit", desk.Change[Notification]{Edit: func(n *Notification) error { in.into(n); return nil }})
}

// Submit asks for the national clearance.
func (d *Desk) Submit(ctx context.Context, actor access.Actor, nid id.ID, seen int) (Notification, error) {
	return d.notify(ctx, actor, nid, seen, "submit", desk.Change[Notification]{
		Edit: func(n *Notification) error { n.SubmitBy, n.Reason = actor.Account, ""; return nil },
	})
}

// Clear is the national clearance, by a second person. It fixes the version of
// the event that may leave.
func (d *Desk) Clear(ctx context.Context, actor access.Actor, nid id.ID, seen int) (Notification, error) {
	return d.notify(ctx, actor, nid, seen, "clear", desk.Change[Notification]{
		Edit: func(n *Notification) error {
			n.ClearedBy, n.ClearedAs, n.EventAt = actor.Account, actor.Name, n.event.Version
			return nil
		},
	})
}

// Back takes one of the steps return, recall, discard: with a reason where
// the table needs one.
func (d *Desk) Back(ctx context.Context, actor access.Actor, nid id.ID, seen int, verb workflow.Verb, reason string) (Notification, error) {
	if verb != "return" && verb != "recall" && verb != "discard" {
		return Notification{}, fault.New(fault.Invalid, "fault.invalid")
	}
	detail := detailReason(reason)
	var gone []exchange.File
	return d.notify(ctx, actor, nid, seen, verb, desk.Change[Notification]{
		Edit: func(n *Notification) error {
			n.Reason, n.ClearedBy, n.ClearedAs, n.EventAt = reason, "", "", 0
			if verb == "discard" {
				gone, n.Files = n.Files, nil
				detailFiles(detail, "removed", gone)
			}
			return nil
		},
		Detail: detail,
		Then:   func(ctx context.Context, tx *db.Tx, n *Notification) error { return deleteFiles(ctx, tx, n.ID, gone) },
	})
}

func detailReason(reason string) map[string]any {
	detail := map[string]any{}
	if reason != "" {
		detail["reason"] = reason
	}
	return detail
}

// Release sends the notification: one release for each group of recipients
// that get the same content. A notification that this one supersedes becomes
// updated in the same transaction.
func (d *Desk) Release(ctx context.Context, actor access.Actor, nid id.ID, seen int) (Notification, error) {
	detail := map[string]any{}
	return d.notify(ctx, actor, nid, seen, "release", desk.Change[Notification]{
		Detail: detail,
		Edit: func(n *Notification) error {
			n.Released = d.env.Clock.Now()
			detailFiles(detail, "files", n.Files)
			n.replace()
			for _, g := range n.groups() {
				rid := d.env.IDs.New()
				for _, i := range g {
					n.Recipients[i].Release = rid
				}
			}
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, n *Notification) error {
			if err := d.sendNotification(ctx, tx, actor, n); err != nil {
				return err
			}
			return d.queueFiles(ctx, tx, n)
		},
	})
}

// Remind asks the recipients that are still silent once more.
func (d *Desk) Remind(ctx context.Context, actor access.Actor, nid id.ID, seen int) (Notification, error) {
	return d.notify(ctx, actor, nid, seen, "remind", desk.Change[Notification]{
		Then: func(ctx context.Context, tx *db.Tx, n *Notification) error { return d.sendReminder(ctx, tx, n) },
	})
}

// Withdraw takes a released notification back with a reason; recipients keep
// a tombstone.
func (d *Desk) Withdraw(ctx context.Context, actor access.Actor, nid id.ID, seen int, reason string) (Notification, error) {
	return d.notify(ctx, actor, nid, seen, "withdraw", desk.Change[Notification]{
		Edit: func(n *Notification) error {
			n.Reason = reason
			d.nameWithdrawals(n)
			return nil
		},
		Detail: detailReason(reason),
		Then: func(ctx context.Context, tx *db.Tx, n *Notification) error {
			if err := stopFiles(ctx, tx, n.ID); err != nil {
				return err
			}
			return d.sendWithdrawal(ctx, tx, n)
		},
	})
}

// notify is desk.Take after the check that the actor may know of the event.
func (d *Desk) notify(ctx context.Context, actor access.Actor, nid id.ID, seen int, verb workflow.Verb, c desk.Change[Notification]) (Notification, error) {
	var out Notification
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := loadNotification(ctx, tx, nid)
		if err != nil {
			return err
		}
		if !ReachOf(actor).SeesNotification(&n) {
			return desk.NotFound()
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.notifications, actor, nid, seen, verb, c)
		return err
	})
	return out, err
}

// ReceiveReceipt keeps the acknowledgement strip: the exchange calls it in the
// transaction that stored the receipt. When nobody is left, the clock stops.
func (d *Desk) ReceiveReceipt(ctx context.Context, tx *db.Tx, of exchange.Release, r exchange.Receipt) error {
	if of.Kind != KindNotification {
		return nil
	}
	if of.Withdraws != "" { // its receipts are read where they are shown
		d.env.Notify(tx, "desk", "event:"+string(of.Ref.ID))
		return nil
	}
	var nid string
	ok, err := tx.Row(ctx, `SELECT notification FROM health_release WHERE id = ?`, []any{string(of.ID)}, &nid)
	if err != nil || !ok {
		return err
	}
	acks, err := acksOf(ctx, tx, id.ID(nid))
	if err != nil {
		return err
	}
	done := true
	for _, a := range acks {
		if a.Member == r.Member && a.Release == r.Release && stageRank(r.Stage) >= stageRank(a.Stage) {
			a.Stage, a.Role, a.Words, a.At = r.Stage, r.Role, r.Words, clock.Micros(r.At)
			if err := upsertAck(ctx, tx, a); err != nil {
				return err
			}
			if err := d.logReceipt(ctx, tx, id.ID(nid), r); err != nil {
				return err
			}
		}
		done = done && AckOf(a.Stage) == AckActed
	}
	d.env.Notify(tx, "desk", "event:"+string(of.Ref.ID))
	if !done {
		return nil
	}
	return d.complete(ctx, tx, id.ID(nid))
}

// logReceipt keeps in the history what a person of a recipient answered; what
// nodes report by themselves is left to the exchange. Words stay out of it.
func (d *Desk) logReceipt(ctx context.Context, tx *db.Tx, nid id.ID, r exchange.Receipt) error {
	if stageRank(r.Stage) < stageRank(exchange.Opened) {
		return nil
	}
	n, err := loadNotification(ctx, tx, nid)
	if err != nil {
		return err
	}
	detail, err := json.Marshal(map[string]any{"member": r.Member, "stage": r.Stage, "post": cut(r.Role, MaxName)})
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return d.env.Log(ctx, tx, history.Entry{Actor: access.Node(d.env.Member).Name, Action: "health.notification.receipt",
		Record: history.Record{Desk: Name, Kind: "health.notification", ID: n.ID, Version: n.Version},
		From:   n.State, To: n.State, Detail: detail, Exercise: n.Exercise})
}

// complete stops the acknowledgement clock once everybody has acted.
func (d *Desk) complete(ctx context.Context, tx *db.Tx, nid id.ID) error {
	n, err := loadNotification(ctx, tx, nid)
	if err != nil {
		return err
	}
	if n.State != Released || n.Due.IsZero() {
		return nil
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.notifications, access.Node(d.env.Member), nid, 0, "complete", desk.Change[Notification]{})
	return err
}
