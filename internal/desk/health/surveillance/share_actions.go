package surveillance

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// ShareInput is what a person says of a standing release.
type ShareInput struct {
	Dataset id.ID
	Disease string
	Level   place.Level
	To      []access.Member
	Floor   int
	Back    int
	Basis   string
}

func (in ShareInput) put(s *Share, actor access.Actor) {
	s.Dataset, s.Disease, s.Level, s.To, s.Floor, s.Back, s.Basis = in.Dataset, in.Disease, in.Level, in.To, in.Floor, in.Back, in.Basis
	s.EditBy = actor.Account
}

// ComposeShare drafts a standing release.
func (d *Desk) ComposeShare(ctx context.Context, actor access.Actor, in ShareInput) (Share, error) {
	var s Share
	in.put(&s, actor)
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		s.Place = string(d.env.Member)
		if err := d.ofDataset(ctx, tx, actor, &s); err != nil {
			return err
		}
		var err error
		s, err = desk.CreateIn(ctx, d.env, tx, d.shares, actor, s, "compose", desk.Change[Share]{})
		return err
	})
	return s, err
}

// EditShare changes a draft.
func (d *Desk) EditShare(ctx context.Context, actor access.Actor, sid id.ID, seen int, in ShareInput) (Share, error) {
	var s Share
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		s, err = desk.TakeIn(ctx, d.env, tx, d.shares, actor, sid, seen, "edit", desk.Change[Share]{Edit: func(s *Share) error {
			in.put(s, actor)
			return d.ofDataset(ctx, tx, actor, s)
		}})
		return err
	})
	return s, err
}

// ofDataset takes number and marking from the dataset, which must have counts
// of the disease. A body has no places of its own to tell of.
func (d *Desk) ofDataset(ctx context.Context, tx *db.Tx, actor access.Actor, s *Share) error {
	reach, err := reads(actor)
	if err != nil {
		return err
	}
	var c fault.Check
	c.That(place.Known(string(d.env.Member)), "dataset", "fault.surveillance.share_body")
	set, err := datasetOf(ctx, tx, reach, s.Dataset)
	if fault.Is(err, fault.NotFound) {
		c.That(false, "dataset", "fault.surveillance.no_dataset")
		return c.Err()
	}
	if err != nil {
		return err
	}
	s.Number, s.Marking = set.Number, set.Marking
	list, err := diseases(ctx, tx, set.Number)
	if err != nil {
		return err
	}
	has := false
	for _, x := range list {
		has = has || x.Disease == s.Disease
	}
	c.That(has, "disease", "fault.surveillance.share_disease")
	return c.Err()
}

// StepShare takes one of the steps that need no more than a reason.
func (d *Desk) StepShare(ctx context.Context, actor access.Actor, sid id.ID, seen int, verb workflow.Verb, reason string) (Share, error) {
	c := desk.Change[Share]{}
	switch verb {
	case "submit":
		c.Edit = func(s *Share) error { s.SubmitBy, s.Reason = actor.Account, ""; return nil }
	case "return":
		c.Edit = func(s *Share) error { s.Reason = reason; return nil }
		c.Detail = map[string]any{"reason": reason}
	case "clear":
		c.Edit = func(s *Share) error { s.ClearedAs = actor.Name; return nil }
		c.Then = func(ctx context.Context, tx *db.Tx, _ *Share) error { return d.wakeAfter(ctx, tx, nil) }
	case "withdraw":
		c.Edit = func(s *Share) error { s.Reason = reason; return nil }
		c.Then = d.sendWithdrawal
		c.Detail = map[string]any{"reason": reason}
	case "recall", "discard":
	default:
		return Share{}, desk.NotFound()
	}
	return desk.Take(ctx, d.env, d.shares, actor, sid, seen, verb, c)
}

func loadShare(ctx context.Context, tx *db.Tx, sid id.ID) (Share, error) {
	var s Share
	err := load(ctx, tx, `SELECT doc FROM surveillance_share WHERE id = ?`, []any{string(sid)}, &s)
	return s, err
}

func insertShare(ctx context.Context, tx *db.Tx, s *Share) error {
	doc, err := encode(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO surveillance_share (id, dataset, disease, owner, state, version, changed, held, doc) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?)`,
		string(s.ID), s.Number, s.Disease, string(s.Owner), string(s.State), s.Version, clock.Micros(s.Changed.At), doc)
	return err
}

func updateShare(ctx context.Context, tx *db.Tx, s *Share, was int) error {
	doc, err := encode(s)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE surveillance_share SET dataset = ?, disease = ?, state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		s.Number, s.Disease, string(s.State), s.Version, clock.Micros(s.Changed.At), doc, string(s.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}
