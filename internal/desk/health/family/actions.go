package family

import (
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Input is what a person enters of a family.
type Input struct {
	Name, Text, Lang, Hazard string
	Marking                  access.Marking
}

func (in Input) into(f *Family, actor access.Actor) {
	f.Name, f.Text, f.Lang, f.Hazard, f.Marking, f.EditedBy = in.Name, in.Text, in.Lang, in.Hazard, in.Marking, actor.Account
}

// Make makes a family with its first events.
func (d *Desk) Make(ctx context.Context, actor access.Actor, in Input, events []id.ID) (Family, error) {
	var out Family
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		f := Family{}
		f.Owner, f.Place = d.env.Member, string(d.env.Member)
		in.into(&f, actor)
		if err := d.addTo(ctx, tx, actor, &f, events); err != nil {
			return err
		}
		var err error
		out, err = desk.CreateIn(ctx, d.env, tx, d.families, actor, f, "make", desk.Change[Family]{Detail: map[string]any{"events": len(events)}})
		return err
	})
	return out, err
}

// addTo adds events that the actor may see, own or received.
func (d *Desk) addTo(ctx context.Context, tx *db.Tx, actor access.Actor, f *Family, events []id.ID) error {
	for _, eid := range events {
		e, err := d.events.EventIn(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		if f.entry(eid) >= 0 {
			continue
		}
		entry := Entry{Event: eid, Owner: e.Owner, Standing: Proposed}
		if e.Owner == f.Owner {
			entry.Standing = Own
		}
		f.Entries = append(f.Entries, entry)
	}
	return nil
}

// Edit changes the words and the marking.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, fid id.ID, seen int, in Input) (Family, error) {
	return d.take(ctx, actor, fid, seen, "edit", desk.Change[Family]{Edit: func(f *Family) error { in.into(f, actor); return nil }})
}

// Add proposes events for the family; those of other members are asked when it
// is shared with them.
func (d *Desk) Add(ctx context.Context, actor access.Actor, fid id.ID, seen int, events []id.ID) (Family, error) {
	if len(events) == 0 {
		return Family{}, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "events", Key: "fault.family.choose"}}}
	}
	return d.takeWith(ctx, actor, fid, seen, "add", func(tx *db.Tx, f Family) (desk.Change[Family], error) {
		err := d.addTo(ctx, tx, actor, &f, events)
		return desk.Change[Family]{Edit: func(x *Family) error { x.Entries, x.EditedBy = f.Entries, actor.Account; return d.look(ctx, tx, x) },
			Detail: map[string]any{"events": len(events)}}, err
	})
}

// Drop takes an event out of the family.
func (d *Desk) Drop(ctx context.Context, actor access.Actor, fid id.ID, seen int, eid id.ID) (Family, error) {
	return d.take(ctx, actor, fid, seen, "drop", desk.Change[Family]{
		Edit: func(f *Family) error {
			i := f.entry(eid)
			if i < 0 {
				return desk.NotFound()
			}
			f.Entries, f.EditedBy = slices.Delete(slices.Clone(f.Entries), i, i+1), actor.Account
			return nil
		},
		Detail: map[string]any{"event": eid},
	})
}

// Share tells recipients, and asks the owners of the events in it.
func (d *Desk) Share(ctx context.Context, actor access.Actor, fid id.ID, seen int, to []access.Member) (Family, error) {
	return d.take(ctx, actor, fid, seen, "share", desk.Change[Family]{
		Edit: func(f *Family) error {
			f.To, f.SharedAt, f.Reason = to, f.Version+1, ""
			f.Releases = d.fresh(f)
			return nil
		},
		Detail: map[string]any{"to": to},
		Then:   d.share,
	})
}

// Move closes, withdraws or reopens a family, with a reason.
func (d *Desk) Move(ctx context.Context, actor access.Actor, fid id.ID, seen int, verb workflow.Verb, why string) (Family, error) {
	why = strings.TrimSpace(why)
	var old []Sent
	c := desk.Change[Family]{Detail: map[string]any{"reason": why}}
	edit := func(f *Family) error { f.Reason = why; return nil }
	switch verb {
	case "close":
		c.Then = d.tell
	case "withdraw":
		edit = func(f *Family) error { old, f.Releases, f.Reason = f.Releases, nil, why; return nil }
		c.Then = func(ctx context.Context, tx *db.Tx, f *Family) error { return d.withdraw(ctx, tx, f, old) }
	case "reopen":
		return d.reopen(ctx, actor, fid, seen, why)
	default:
		return Family{}, fault.New(fault.Invalid, "fault.invalid")
	}
	c.Edit = edit
	return d.take(ctx, actor, fid, seen, verb, c)
}

// reopen takes a closing or a merge back: what the merge had brought to the
// other family leaves it again.
func (d *Desk) reopen(ctx context.Context, actor access.Actor, fid id.ID, seen int, why string) (Family, error) {
	return d.takeWith(ctx, actor, fid, seen, "reopen", func(_ *db.Tx, old Family) (desk.Change[Family], error) {
		return desk.Change[Family]{
			Edit:   func(f *Family) error { f.Reason, f.MergedInto = why, ""; return nil },
			Detail: map[string]any{"reason": why},
			Then: func(ctx context.Context, tx *db.Tx, f *Family) error {
				if old.MergedInto == "" {
					return nil
				}
				return d.absorb(ctx, tx, old.MergedInto, fid, func(t *Family) {
					t.Entries = slices.DeleteFunc(slices.Clone(t.Entries), func(e Entry) bool { return e.From == fid })
				})
			},
		}, nil
	})
}

// absorb changes the other family of a merge; a closed one stays as it is.
func (d *Desk) absorb(ctx context.Context, tx *db.Tx, into, from id.ID, edit func(*Family)) error {
	t, err := d.load(ctx, tx, into)
	if err != nil {
		return err
	}
	if _, ok := Families.Find(t.State, "absorb"); !ok {
		return nil
	}
	_, err = desk.TakeIn(ctx, d.env, tx, d.families, access.Node(d.env.Member), into, 0, "absorb", desk.Change[Family]{
		Edit: func(t *Family) error { edit(t); return nil }, Detail: map[string]any{"other": from}})
	return err
}

// Merge brings the events of a family to another one of this member.
func (d *Desk) Merge(ctx context.Context, actor access.Actor, fid id.ID, seen int, into id.ID, why string) (Family, error) {
	why = strings.TrimSpace(why)
	return d.takeWith(ctx, actor, fid, seen, "merge", func(tx *db.Tx, f Family) (desk.Change[Family], error) {
		t, err := d.load(ctx, tx, into)
		if err == nil && !sees(health.ReachOf(actor), t.Marking) {
			err = desk.NotFound()
		}
		return desk.Change[Family]{
			Edit:   func(f *Family) error { f.into, f.MergedInto, f.Reason = &t, into, why; return nil },
			Detail: map[string]any{"reason": why, "other": into},
			Then: func(ctx context.Context, tx *db.Tx, f *Family) error {
				if err := d.tell(ctx, tx, f); err != nil {
					return err
				}
				return d.absorb(ctx, tx, into, fid, func(t *Family) {
					for _, e := range f.Entries {
						if t.entry(e.Event) < 0 {
							e.From = fid
							t.Entries = append(slices.Clone(t.Entries), e)
						}
					}
				})
			},
		}, err
	})
}

// Split makes a new family of some of the events; they leave this one.
func (d *Desk) Split(ctx context.Context, actor access.Actor, fid id.ID, seen int, name string, events []id.ID, why string) (Family, error) {
	why = strings.TrimSpace(why)
	var made Family
	_, err := d.takeWith(ctx, actor, fid, seen, "split", func(tx *db.Tx, f Family) (desk.Change[Family], error) {
		apart := Family{Name: name, Text: f.Text, Lang: f.Lang, Hazard: f.Hazard, EditedBy: actor.Account}
		apart.Owner, apart.Place, apart.Marking, apart.Exercise = f.Owner, f.Place, f.Marking, f.Exercise
		rest := slices.DeleteFunc(slices.Clone(f.Entries), func(e Entry) bool {
			if slices.Contains(events, e.Event) {
				apart.Entries = append(apart.Entries, e)
				return true
			}
			return false
		})
		if len(apart.Entries) == 0 || len(rest) == 0 {
			return desk.Change[Family]{}, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "events", Key: "fault.family.split"}}}
		}
		return desk.Change[Family]{
			Edit:   func(f *Family) error { f.Entries, f.Reason, f.EditedBy = rest, why, actor.Account; return nil },
			Detail: map[string]any{"reason": why, "events": len(apart.Entries)},
			Then: func(ctx context.Context, tx *db.Tx, f *Family) error {
				var err error
				made, err = desk.CreateIn(ctx, d.env, tx, d.families, actor, apart, "make", desk.Change[Family]{Detail: map[string]any{"other": fid}})
				return err
			},
		}, nil
	})
	return made, err
}

func (d *Desk) take(ctx context.Context, actor access.Actor, fid id.ID, seen int, verb workflow.Verb, c desk.Change[Family]) (Family, error) {
	return d.takeWith(ctx, actor, fid, seen, verb, func(*db.Tx, Family) (desk.Change[Family], error) { return c, nil })
}

// takeWith is desk.Take after the check that the actor may know of the family.
func (d *Desk) takeWith(ctx context.Context, actor access.Actor, fid id.ID, seen int, verb workflow.Verb, change func(*db.Tx, Family) (desk.Change[Family], error)) (Family, error) {
	var out Family
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		f, err := d.load(ctx, tx, fid)
		if err == nil && !sees(health.ReachOf(actor), f.Marking) {
			err = desk.NotFound()
		}
		if err != nil {
			if c, ok, err2 := loadCopy(ctx, tx, fid); err2 == nil && ok && sees(health.ReachOf(actor), c.Marking) {
				return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(c.Owner))
			}
			return err
		}
		if _, err := Families.Authorise(f, verb, actor); err != nil {
			return err
		}
		c, err := change(tx, f)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.families, actor, fid, seen, verb, c)
		return err
	})
	return out, err
}

// Say answers for an own event whether it belongs to another member's family:
// when asked, to change an answer, or unasked to bring an event of one's own.
func (d *Desk) Say(ctx context.Context, actor access.Actor, fid, eid id.ID, seen int, belongs bool, words string) (Answer, error) {
	var out Answer
	verb := workflow.Verb("decline")
	if belongs {
		verb = "join"
	}
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		c, ok, err := loadCopy(ctx, tx, fid)
		if err != nil {
			return err
		}
		if !ok || c.Withdrawn || !sees(health.ReachOf(actor), c.Marking) {
			return desk.NotFound()
		}
		e, err := d.events.EventIn(ctx, tx, actor, eid)
		if err != nil {
			return err
		}
		if e.Owner != d.env.Member {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(e.Owner))
		}
		change := desk.Change[Answer]{
			Edit: func(a *Answer) error { a.Words = words; return nil },
			Then: func(ctx context.Context, tx *db.Tx, a *Answer) error { return d.sendAnswer(ctx, tx, a, actor.Name) },
		}
		a, there, err := answerOf(ctx, tx, fid, eid)
		if err != nil {
			return err
		}
		if there {
			out, err = desk.TakeIn(ctx, d.env, tx, d.answers, actor, a.ID, seen, verb, change)
			return err
		}
		if !belongs {
			return desk.NotFound()
		}
		a = Answer{Family: fid, Of: c.Owner, Name: c.Name, Event: eid, EventName: e.Name}
		a.Place, a.Marking, a.Exercise = string(d.env.Member), e.Marking, c.Exercise
		out, err = desk.CreateIn(ctx, d.env, tx, d.answers, actor, a, "propose", change)
		return err
	})
	return out, err
}
