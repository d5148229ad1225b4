package family

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Everything that leaves or enters the part is in this file.

// AnswerBody is what a member says of its event, to the family's owner.
type AnswerBody struct {
	Family   id.ID    `json:"family"`
	Event    id.ID    `json:"event"`
	Standing Standing `json:"standing"` // joined or declined
	Words    string   `json:"words,omitempty"`
	Post     string   `json:"post"`
}

func (d *Desk) queue(ctx context.Context, tx *db.Tx, r exchange.Release, body any) error {
	r.From, r.Schema, r.Issued, r.Purpose, r.Body = d.env.Member, bodySchema, d.env.Clock.Now(), "information", json.RawMessage("null")
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		r.Body = b
	}
	return d.env.Send.Queue(ctx, tx, r)
}

func (d *Desk) release(f *Family) exchange.Release {
	return exchange.Release{ID: d.env.IDs.New(), Kind: KindFamily, Ref: f.Ref(Name), Marking: f.Marking, Basis: "aphecs", Lang: f.Lang, Exercise: f.Exercise,
		Workflow: Answers.Digest()}
}

// share sends each group of recipients what it may know. The identifiers were
// made before the record was stored.
func (d *Desk) share(ctx context.Context, tx *db.Tx, f *Family) error {
	for i, p := range previews(f) {
		r := d.release(f)
		if i < len(f.Releases) {
			r.ID = f.Releases[i].Release
		}
		r.To = p.To
		if err := d.queue(ctx, tx, r, p.View); err != nil {
			return err
		}
	}
	return nil
}

// tell sends what became of a family that was shared before.
func (d *Desk) tell(ctx context.Context, tx *db.Tx, f *Family) error {
	if len(f.Releases) == 0 {
		return nil
	}
	again := *f
	again.Releases = nil
	return d.share(ctx, tx, &again)
}

func (d *Desk) withdraw(ctx context.Context, tx *db.Tx, f *Family, old []Sent) error {
	for _, s := range old {
		r := d.release(f)
		r.To, r.Withdraws, r.Reason = s.To, s.Release, f.Reason
		if err := d.queue(ctx, tx, r, nil); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) sendAnswer(ctx context.Context, tx *db.Tx, a *Answer, post string) error {
	body := AnswerBody{Family: a.Family, Event: a.Event, Standing: Standing(a.State), Words: a.Words, Post: post}
	return d.queue(ctx, tx, exchange.Release{ID: d.env.IDs.New(), Kind: KindAnswer, To: []access.Member{a.Of}, Ref: a.Ref(Name), Marking: a.Marking,
		Basis: "aphecs", Lang: "en", Exercise: a.Exercise}, body)
}

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindFamily: d.env.Receives(Name, KindFamily, d.receive), KindAnswer: d.receiveAnswer}
}

// receive keeps the newest that a member shared of its family, and asks the
// people here about their own events in it.
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
	if err := check(&v, in); err != nil {
		return err
	}
	if found && old.Version >= v.Version {
		return nil
	}
	c := Copy{View: v, Release: in.ID, Issued: clock.Micros(in.Issued), Marking: in.Marking, Exercise: in.Exercise}
	var row int
	if c.Withdrawn, err = tx.Row(ctx, `SELECT 1 FROM family_gone WHERE release_id = ? AND owner = ?`, []any{string(in.ID), string(in.From)}, &row); err != nil {
		return err
	}
	if c.Withdrawn {
		c.empty("")
	}
	d.env.Notify(tx, "desk", "family:"+string(c.ID))
	if err := putCopy(ctx, tx, &c); err != nil || c.Withdrawn {
		return err
	}
	return d.ask(ctx, tx, &c)
}

func (c *Copy) empty(reason string) {
	c.Withdrawn, c.Reason, c.Text, c.Entries, c.Names = true, reason, "", nil, nil
}

func (d *Desk) receiveWithdrawal(ctx context.Context, tx *db.Tx, in exchange.Inbound, old Copy, found bool) error {
	if found && old.Release == in.Withdraws {
		old.empty(cut(in.Reason))
		d.env.Notify(tx, "desk", "family:"+string(old.ID))
		return putCopy(ctx, tx, &old)
	}
	_, err := tx.Exec(ctx, `INSERT INTO family_gone (release_id, owner) VALUES (?, ?) ON CONFLICT (release_id) DO NOTHING`, string(in.Withdraws), string(in.From))
	return err
}

// ask makes an answer record for each own event that is proposed. An event
// that this node does not know is not answered for.
func (d *Desk) ask(ctx context.Context, tx *db.Tx, c *Copy) error {
	for _, e := range c.Entries {
		if e.Owner != d.env.Member || e.Standing != Proposed {
			continue
		}
		_, there, err := answerOf(ctx, tx, c.ID, e.Event)
		if err != nil {
			return err
		}
		v, err := d.events.EventIn(ctx, tx, access.Node(d.env.Member), e.Event)
		if fault.Is(err, fault.NotFound) || err == nil && v.Owner != d.env.Member || there {
			continue
		}
		if err != nil {
			return err
		}
		a := Answer{Family: c.ID, Of: c.Owner, Name: c.Name, Event: e.Event, EventName: v.Name}
		a.Place, a.Marking, a.Exercise = string(d.env.Member), c.Marking, c.Exercise
		if _, err := desk.CreateIn(ctx, d.env, tx, d.answers, access.Node(d.env.Member), a, "receive", desk.Change[Answer]{}); err != nil {
			return err
		}
	}
	return nil
}

// receiveAnswer notes at the family what the owner of an event says of it. An
// owner may bring an event of its own that nobody had proposed.
func (d *Desk) receiveAnswer(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	var b AnswerBody
	if err := json.Unmarshal(in.Body, &b); err != nil {
		return fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	if b.Standing != Joined && b.Standing != Declined || len(b.Event) != 36 {
		return fault.New(fault.Invalid, "fault.family.standing")
	}
	f, err := d.load(ctx, tx, b.Family)
	if err != nil {
		return err
	}
	if f.Owner != d.env.Member || !slices.Contains(f.To, in.From) {
		return fault.New(fault.Forbidden, "fault.health.not_recipient")
	}
	i := f.entry(b.Event)
	if i >= 0 && f.Entries[i].Owner != in.From {
		return fault.New(fault.Forbidden, "fault.health.not_sender") // nobody answers for another member's event
	}
	if e, err := d.events.EventIn(ctx, tx, access.Node(d.env.Member), b.Event); err == nil && e.Owner != in.From {
		return fault.New(fault.Forbidden, "fault.health.not_sender")
	}
	if _, ok := Families.Find(f.State, "receive_answer"); !ok {
		return nil // closed meanwhile; the answer stays with its member
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.families, access.Node(d.env.Member), f.ID, 0, "receive_answer", desk.Change[Family]{
		Edit: func(f *Family) error {
			e := Entry{Event: b.Event, Owner: in.From, Standing: b.Standing, Words: cut(b.Words), Answered: in.Issued}
			switch i := f.entry(b.Event); {
			case i < 0 && b.Standing == Joined:
				f.Entries = append(f.Entries, e)
			case i >= 0 && !f.Entries[i].Answered.After(in.Issued):
				e.From = f.Entries[i].From
				f.Entries[i] = e
			}
			return nil
		},
		Detail: map[string]any{"member": in.From, "standing": b.Standing, "event": b.Event},
	})
	return err
}

// check refuses what speaks of another member's family or breaks the limits.
func check(v *View, in exchange.Inbound) error {
	var c fault.Check
	c.That(v.ID == in.Ref.ID && v.Owner == in.From && v.Version == in.Ref.Version && v.Version > 0, "family", "fault.health.not_sender")
	v.Name, v.Text = strings.TrimSpace(v.Name), strings.TrimSpace(v.Text)
	checkHead(&c, v.Name, v.Text, v.Lang, v.Hazard)
	c.That(len(v.Entries) <= MaxEvents && len(v.Names) <= MaxEvents, "events", "fault.too_many", fault.Args{"max": MaxEvents})
	c.That(v.MergedInto == "" || len(v.MergedInto) == 36, "merged_into", "fault.bad_id")
	for i, e := range v.Entries {
		c.Row(len(e.Event) == 36 && slices.Contains(access.All(), e.Owner), i+1, "events", "fault.bad_id")
		c.Row(slices.Contains([]Standing{Own, Proposed, Joined, Declined}, e.Standing), i+1, "events", "fault.family.standing")
		c.Row((e.Standing == Own) == (e.Owner == v.Owner), i+1, "events", "fault.family.standing")
		c.Row(utf8.RuneCountInString(e.Words) <= MaxReason, i+1, "events", "fault.too_long", fault.Args{"max": MaxReason})
	}
	for _, name := range v.Names {
		c.That(utf8.RuneCountInString(name) <= MaxName, "names", "fault.too_long", fault.Args{"max": MaxName})
	}
	c.That(utf8.RuneCountInString(v.Reason) <= MaxReason, "reason", "fault.too_long", fault.Args{"max": MaxReason})
	return c.Err()
}

func cut(s string) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > MaxReason {
		return string(r[:MaxReason])
	}
	return strings.TrimSpace(s)
}

// fresh are the identifiers of the releases that a sharing will make.
func (d *Desk) fresh(f *Family) []Sent {
	var out []Sent
	for _, p := range previews(f) {
		out = append(out, Sent{Release: d.env.IDs.New(), To: p.To})
	}
	return out
}

// late reports whether an answer is overdue.
func late(a *Answer, now time.Time) bool { return !a.Due.IsZero() && a.Due.Before(now) }
