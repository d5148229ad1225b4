package desk

import (
	"context"
	"encoding/json"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Kind is what Take must know of one kind of record.
type Kind[R any] struct {
	Name     string // "health.event"
	Desk     string
	Table    *workflow.Table[R]
	Head     func(*R) *Head
	Validate func(*R) error
	Load     func(ctx context.Context, tx *db.Tx, rid id.ID) (R, error)
	Insert   func(ctx context.Context, tx *db.Tx, r *R) error
	// Update stores the record if its version in the database is still was.
	Update func(ctx context.Context, tx *db.Tx, r *R, was int) error
	// Topics are the live topics that a change of the record wakes.
	Topics func(*R) []string
}

// Change is what a step does besides the state.
type Change[R any] struct {
	Edit func(*R) error
	// Detail goes to the history: changed fields and reasons, no personal data.
	Detail map[string]any
	// Then queues releases or writes what belongs to the record, after it is
	// stored and before the commit.
	Then func(ctx context.Context, tx *db.Tx, r *R) error
}

// Take performs one step: load, check the role at the place, edit, check the
// needs, set state, due date and version, store, append to the history, queue
// the releases, commit. seen is the version that the person saw; 0 takes any.
func Take[R any](ctx context.Context, e *Env, k *Kind[R], actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c Change[R]) (R, error) {
	var out R
	err := e.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		out, err = TakeIn(ctx, e, tx, k, actor, rid, seen, verb, c)
		return err
	})
	return out, err
}

// TakeIn is Take inside a transaction that also does something else.
func TakeIn[R any](ctx context.Context, e *Env, tx *db.Tx, k *Kind[R], actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c Change[R]) (R, error) {
	r, err := k.Load(ctx, tx, rid)
	if err != nil {
		return r, err
	}
	h := k.Head(&r)
	if h.Owner != e.Member {
		return r, fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(h.Owner))
	}
	if seen != 0 && seen != h.Version {
		return r, fault.New(fault.Conflict, "fault.changed_meanwhile").With("version", h.Version)
	}
	return step(ctx, e, tx, k, actor, r, verb, c)
}

// Create makes a record by the row whose From is the empty state.
func Create[R any](ctx context.Context, e *Env, k *Kind[R], actor access.Actor, r R, verb workflow.Verb, c Change[R]) (R, error) {
	err := e.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		r, err = CreateIn(ctx, e, tx, k, actor, r, verb, c)
		return err
	})
	return r, err
}

// CreateIn is Create inside a transaction that also does something else. It
// sets owner, identifier and exercise; a caller that already has an identifier
// in the head keeps it.
func CreateIn[R any](ctx context.Context, e *Env, tx *db.Tx, k *Kind[R], actor access.Actor, r R, verb workflow.Verb, c Change[R]) (R, error) {
	h := k.Head(&r)
	h.Kind, h.Owner, h.State, h.Version = k.Name, e.Member, "", 0
	if h.ID == "" {
		h.ID = e.IDs.New()
	}
	if h.Exercise == "" {
		h.Exercise = e.exercise()
	}
	h.Created = Mark{At: e.Clock.Now(), Account: actor.Account, Post: actor.Name}
	return step(ctx, e, tx, k, actor, r, verb, c)
}

// step is the part that changing and creating share.
func step[R any](ctx context.Context, e *Env, tx *db.Tx, k *Kind[R], actor access.Actor, r R, verb workflow.Verb, c Change[R]) (R, error) {
	h := k.Head(&r)
	row, err := k.Table.Authorise(r, verb, actor)
	if err != nil {
		return r, err
	}
	if c.Edit != nil {
		if err := c.Edit(&r); err != nil {
			return r, err
		}
	}
	if err := k.Validate(&r); err != nil {
		return r, err
	}
	now := e.Clock.Now()
	if err := workflow.Satisfied(row, r, actor, now); err != nil {
		return r, err
	}
	from, was := h.State, h.Version
	if row.To != "" {
		h.State = row.To
	}
	if row.Within != nil {
		h.Clock, h.Due = row.Within.Name, row.Within.Due(r, now)
	}
	h.Version++
	h.Changed = Mark{At: now, Account: actor.Account, Post: actor.Name}
	if err := store(ctx, tx, k, &r, was); err != nil {
		return r, err
	}
	if err := e.record(ctx, tx, k.Name, k.Desk, actor, h, from, verb, r, c.Detail); err != nil {
		return r, err
	}
	if c.Then != nil {
		if err := c.Then(ctx, tx, &r); err != nil {
			return r, err
		}
	}
	if k.Topics != nil {
		e.Notify(tx, k.Topics(&r)...)
	}
	return r, nil
}

func store[R any](ctx context.Context, tx *db.Tx, k *Kind[R], r *R, was int) error {
	if was == 0 {
		return k.Insert(ctx, tx, r)
	}
	return k.Update(ctx, tx, r, was)
}

func (e *Env) record(ctx context.Context, tx *db.Tx, kind, deskName string, actor access.Actor, h *Head, from workflow.State, verb workflow.Verb, rec any, detail map[string]any) error {
	body, err := json.Marshal(rec)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", err)
	}
	var words json.RawMessage
	if len(detail) > 0 {
		if words, err = json.Marshal(detail); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
	}
	return e.Log(ctx, tx, history.Entry{
		Account: actor.Account, Actor: actor.Name, Action: kind + "." + string(verb),
		Record: history.Record{Desk: deskName, Kind: kind, ID: h.ID, Version: h.Version},
		From:   from, To: h.State, Digest: history.Digest(body), Detail: words, Exercise: h.Exercise,
	})
}
