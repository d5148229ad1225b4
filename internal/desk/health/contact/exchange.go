package contact

import (
	"context"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Everything that leaves or enters the part is in this file. A contact leaves
// under a standing release: its recipients are chosen once, and get every
// cleared version until they are taken off or the contact is removed.

// releases gives each standing recipient the release of the next version: one
// for all who hold the same earlier release.
func (d *Desk) releases(o *Own) []Held {
	made := map[id.ID]id.ID{}
	var out []Held
	for _, m := range o.To {
		old := heldBy(o.Held, m)
		if made[old] == "" {
			made[old] = d.env.IDs.New()
		}
		out = append(out, Held{Member: m, Release: made[old]})
	}
	return out
}

func heldBy(held []Held, m access.Member) id.ID {
	for _, h := range held {
		if h.Member == m {
			return h.Release
		}
	}
	return ""
}

// byRelease groups the members by the release that they hold, in a fixed order.
func byRelease(held []Held) ([]id.ID, map[id.ID][]access.Member) {
	to := map[id.ID][]access.Member{}
	var order []id.ID
	for _, h := range held {
		if to[h.Release] == nil {
			order = append(order, h.Release)
		}
		to[h.Release] = append(to[h.Release], h.Member)
	}
	return order, to
}

func (d *Desk) sendContact(ctx context.Context, tx *db.Tx, o *Own, before []Held) error {
	order, to := byRelease(o.Held)
	for _, rid := range order {
		if err := d.queue(ctx, tx, o.Marking, o.Exercise, exchange.Release{ID: rid, Kind: KindContact, To: to[rid], Ref: o.Ref(Name),
			Supersedes: heldBy(before, to[rid][0]), Workflow: Contacts.Digest()}, o.Given); err != nil {
			return err
		}
	}
	gone := slices.DeleteFunc(slices.Clone(before), func(h Held) bool { return slices.Contains(o.To, h.Member) })
	return d.withdraw(ctx, tx, o, gone, "taken off the standing release")
}

// withdraw sends a tombstone for what the members hold.
func (d *Desk) withdraw(ctx context.Context, tx *db.Tx, o *Own, held []Held, reason string) error {
	order, to := byRelease(held)
	for _, rid := range order {
		if err := d.queue(ctx, tx, o.Marking, o.Exercise, exchange.Release{ID: d.env.IDs.New(), Kind: KindContact, To: to[rid], Ref: o.Ref(Name),
			Withdraws: rid, Reason: reason}, nil); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) sendCheck(ctx context.Context, tx *db.Tx, k *Check) error {
	return d.queue(ctx, tx, k.Marking, k.Exercise, exchange.Release{ID: k.Release, Kind: KindCheck, To: k.To, Ref: k.Ref(Name), Due: k.By,
		Workflow: Calls.Digest()}, viewCheck(k))
}

func (d *Desk) sendOff(ctx context.Context, tx *db.Tx, k *Check) error {
	return d.queue(ctx, tx, k.Marking, k.Exercise, exchange.Release{ID: d.env.IDs.New(), Kind: KindCheck, To: k.To, Ref: k.Ref(Name),
		Withdraws: k.Release, Reason: k.Reason}, nil)
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, marking access.Marking, exercise string, r exchange.Release, body any) error {
	r.From, r.Schema, r.Body, r.Issued = d.env.Member, bodySchema, json.RawMessage("null"), d.env.Clock.Now()
	r.Purpose, r.Basis, r.Lang, r.Marking, r.Exercise = "coordination", "aphecs", "en", marking, exercise
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		r.Body = b
	}
	return d.env.Send.Queue(ctx, tx, r)
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindContact: d.env.Receives(Name, d.contacts.Name, d.receiveContact), KindCheck: d.receiveCheck}
}

func decode(in exchange.Inbound, out any) error {
	if err := json.Unmarshal(in.Body, out); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	return nil
}

// receiveContact takes an entry of another member's into the directory.
func (d *Desk) receiveContact(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	old, found, err := loadEntry(ctx, tx, in.Ref.ID)
	if err != nil {
		return err
	}
	if found && old.Member != in.From {
		return fault.New(fault.Forbidden, "fault.contact.not_owner")
	}
	d.env.Notify(tx, "desk", "contact:directory")
	if in.Withdraws != "" {
		k := old.Contact
		k.ID, k.Member = in.Ref.ID, in.From
		if _, err := id.Parse(string(k.ID)); err != nil || in.Ref.Version < 1 {
			return fault.New(fault.Invalid, "fault.bad_id")
		}
		return storeEntry(ctx, tx, tombstone(k, in.Ref.Version, in.Received, cut(in.Reason, MaxNote)))
	}
	k, err := readContact(in)
	if err != nil {
		return err
	}
	return storeEntry(ctx, tx, &entry{Contact: k, Marking: in.Marking, Received: in.Received, Exercise: in.Exercise})
}

// readContact refuses a contact that is not the sender's own, or that breaks
// the limits every member keeps.
func readContact(in exchange.Inbound) (Contact, error) {
	var k Contact
	if err := decode(in, &k); err != nil {
		return k, err
	}
	var c fault.Check
	_, err := id.Parse(string(k.ID))
	c.That(err == nil && k.ID == in.Ref.ID, "id", "fault.bad_id")
	c.That(k.Member == in.From, "member", "fault.contact.not_owner")
	c.That(k.Version == in.Ref.Version && k.Version > 0, "version", "fault.invalid")
	c.That(!k.AsOf.IsZero(), "as_of", "fault.invalid")
	c.That(len(k.Channels) > 0, "channels", "fault.contact.channel")
	k.check(&c)
	return k, c.Err()
}

// receiveCheck takes the check of another member, or its calling off.
func (d *Desk) receiveCheck(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if in.Withdraws != "" {
		return d.receiveOff(ctx, tx, in)
	}
	v, err := readCheck(in)
	if err != nil {
		return err
	}
	k := Call{From: in.From, Release: in.ID, Body: v, Received: in.Received}
	k.ID, k.Place, k.Marking, k.Exercise = v.ID, string(d.env.Member), in.Marking, in.Exercise
	_, err = desk.CreateIn(ctx, d.env, tx, d.calls, access.Node(d.env.Member), k, "receive", desk.Change[Call]{})
	return err
}

func readCheck(in exchange.Inbound) (CheckView, error) {
	var v CheckView
	if err := decode(in, &v); err != nil {
		return v, err
	}
	var c fault.Check
	_, err := id.Parse(string(v.ID))
	c.That(err == nil && v.ID == in.Ref.ID, "id", "fault.bad_id")
	c.That(v.Role == "" || v.Role.Known(), "role", "fault.contact.role")
	c.That(fits(v.Words, MaxWords), "words", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(!v.Issued.IsZero() && v.By.After(v.Issued) && v.By.Sub(v.Issued) <= MaxWithin, "by", "fault.contact.within")
	v.Post = cut(v.Post, MaxText)
	return v, c.Err()
}

func (d *Desk) receiveOff(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	k, err := loadCall(ctx, tx, in.Ref.ID)
	if fault.Is(err, fault.NotFound) {
		return nil // it never came; the exchange keeps the tombstone
	}
	if err != nil {
		return err
	}
	if k.From != in.From {
		return fault.New(fault.Forbidden, "fault.contact.not_owner")
	}
	if _, ok := Calls.Find(k.State, "receive_off"); !ok {
		return nil
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.calls, access.Node(d.env.Member), k.ID, 0, "receive_off",
		desk.Change[Call]{Edit: func(k *Call) error { k.Reason = cut(in.Reason, MaxWords); return nil }})
	return err
}

// ReceiveReceipt keeps how far a member has come with a check of this node.
// When everybody has answered the check is over.
func (d *Desk) ReceiveReceipt(ctx context.Context, tx *db.Tx, of exchange.Release, r exchange.Receipt) error {
	if of.Kind != KindCheck || of.Withdraws != "" {
		return nil
	}
	k, err := loadCheck(ctx, tx, of.Ref.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || k.Release != of.ID {
		return err
	}
	all, err := answers(ctx, tx, `WHERE check_id = ?`, string(k.ID))
	if err != nil {
		return err
	}
	silent := 0
	for i := range all {
		a := &all[i]
		if a.Member == r.Member {
			a.note(r, d.env.Clock.Now())
			if err := storeAnswer(ctx, tx, a); err != nil {
				return err
			}
		}
		if a.Answered.IsZero() {
			silent++
		}
	}
	d.env.Notify(tx, "desk", "check:"+string(k.ID))
	if silent > 0 || k.State != Running {
		return nil
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.checks, access.Node(d.env.Member), k.ID, 0, "complete", desk.Change[Check]{})
	return err
}

// note keeps the first time of each stage.
func (a *Answer) note(r exchange.Receipt, now time.Time) {
	first := func(t *time.Time) {
		if t.IsZero() {
			*t = r.At
		}
	}
	switch r.Stage {
	case exchange.Delivered:
		first(&a.Delivered)
	case exchange.Opened:
		first(&a.Opened)
	case exchange.Acknowledged:
		if a.Answered.IsZero() {
			a.Arrived, a.Post, a.Words = now, cut(r.Role, MaxText), cut(r.Words, MaxWords)
		}
		first(&a.Answered)
	}
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
