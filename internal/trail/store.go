package trail

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// What is stored: every record as one JSON document, beside it the columns that
// lists filter and sort by, derived from it and written together with it.

// columns are what the store looks for beside the document.
type columns struct {
	For    access.Member
	Parent id.ID
	Theme  string
	Groups []string
	Day    time.Time
	Open   bool
	Words  []string
	Links  []link
}

// link leads from a record to one that it speaks of.
type link struct {
	Kind string
	ID   id.ID
}

// record is any record of the trail.
type record[R any] interface {
	*R
	base() *Base
	columns() columns
	validate() error
}

func kindOf[R any, P record[R]](name string, table *workflow.Table[R], load func(ctx context.Context, tx *db.Tx, rid id.ID) (R, error)) *desk.Kind[R] {
	return &desk.Kind[R]{
		Name: name, Desk: Name, Table: table, Head: func(r *R) *desk.Head { return &P(r).base().Head }, Validate: func(r *R) error { return P(r).validate() },
		Load: load, Insert: insert[R, P], Update: update[R, P], Topics: func(r *R) []string { return topics(P(r).base(), P(r).columns()) },
	}
}

func topics(b *Base, c columns) []string {
	out := []string{"desk", "trail:" + string(b.ID)}
	for _, i := range append([]id.ID{b.Source.ID, c.Parent}, targets(c)...) {
		if i != "" && !slices.Contains(out, "trail:"+string(i)) {
			out = append(out, "trail:"+string(i))
		}
	}
	return out
}

func targets(c columns) []id.ID {
	var out []id.ID
	for _, l := range c.Links {
		if l.ID != "" && !slices.Contains(out, l.ID) {
			out = append(out, l.ID)
		}
	}
	return out
}

// load reads a record; another kind's is not found.
func load[R any, P record[R]](ctx context.Context, tx *db.Tx, rid id.ID) (R, error) {
	var zero R
	list, err := docs[R](ctx, tx, `SELECT doc FROM trail_record WHERE id = ? AND kind = ?`, string(rid), kindName[R]())
	if err == nil && len(list) == 0 {
		err = desk.NotFound()
	}
	if err != nil {
		return zero, err
	}
	return list[0], nil
}

func kindName[R any]() string {
	var r R
	switch any(r).(type) {
	case Finding:
		return KindFinding
	case Recommendation:
		return KindRecommendation
	case Proposal:
		return KindProposal
	}
	return KindAction
}

func docs[R any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]R, error) {
	var out []R
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		var r R
		if err := json.Unmarshal([]byte(doc), &r); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

// loadProposal reads a proposal with the other half as far as it is here.
func (d *Desk) loadProposal(ctx context.Context, tx *db.Tx, rid id.ID) (Proposal, error) {
	p, err := load[Proposal, *Proposal](ctx, tx, rid)
	if err != nil {
		return p, err
	}
	p.act, err = actionOf(ctx, tx, &p)
	return p, err
}

// actionOf is the half of the state that a proposal asked; nil: it has not
// answered yet. What another state says of the same proposal is not it.
func actionOf(ctx context.Context, tx *db.Tx, p *Proposal) (*Action, error) {
	list, err := docs[Action](ctx, tx, `SELECT doc FROM trail_record WHERE parent = ? AND kind = ? AND owner = ? ORDER BY changed, id`, string(p.ID), KindAction, string(p.For))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[len(list)-1], nil
}

// loadAction reads an action with the proposal that it answers.
func (d *Desk) loadAction(ctx context.Context, tx *db.Tx, rid id.ID) (Action, error) {
	a, err := load[Action, *Action](ctx, tx, rid)
	if err != nil {
		return a, err
	}
	p, err := load[Proposal, *Proposal](ctx, tx, a.Proposal)
	if fault.Is(err, fault.NotFound) {
		return a, nil // it came before the proposal that it answers
	}
	a.prop = &p
	return a, err
}

func values[R any, P record[R]](r *R) ([]any, error) {
	b, c := P(r).base(), P(r).columns()
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	openly := 0
	if c.Open {
		openly = 1
	}
	words := append([]string{b.Title, b.Source.Title, string(b.Owner), string(c.For), string(b.ID)}, c.Words...)
	return []any{b.Kind, string(b.Owner), string(b.CopyOf), string(b.Source.ID), string(b.Source.About), string(c.Parent), string(c.For), string(b.State), openly, b.Version,
		string(b.Marking), c.Theme, "|" + strings.Join(c.Groups, "|") + "|", clock.Micros(c.Day), clock.Micros(b.Due), clock.Micros(b.Changed.At),
		desk.Fold(strings.Join(words, "\n")), string(doc)}, nil
}

func insert[R any, P record[R]](ctx context.Context, tx *db.Tx, r *R) error {
	v, err := values[R, P](r)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, `INSERT INTO trail_record (kind, owner, copy_of, source, about, parent, for_member, state, open, version, marking, theme, affected, day, due, changed,
		needle, doc, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(v, string(P(r).base().ID))...); err != nil {
		return err
	}
	return links(ctx, tx, P(r).base().ID, P(r).columns())
}

func update[R any, P record[R]](ctx context.Context, tx *db.Tx, r *R, was int) error {
	v, err := values[R, P](r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE trail_record SET kind = ?, owner = ?, copy_of = ?, source = ?, about = ?, parent = ?, for_member = ?, state = ?, open = ?, version = ?, marking = ?,
		theme = ?, affected = ?, day = ?, due = ?, changed = ?, needle = ?, doc = ? WHERE id = ? AND version = ?`, append(v, string(P(r).base().ID), was)...)
	if err == nil {
		err = db.Conflict(n)
	}
	if err != nil {
		return err
	}
	return links(ctx, tx, P(r).base().ID, P(r).columns())
}

func links(ctx context.Context, tx *db.Tx, rid id.ID, c columns) error {
	if _, err := tx.Exec(ctx, `DELETE FROM trail_link WHERE record = ?`, string(rid)); err != nil {
		return err
	}
	for _, t := range targets(c) {
		if _, err := tx.Exec(ctx, `INSERT INTO trail_link (record, target) VALUES (?, ?)`, string(rid), string(t)); err != nil {
			return err
		}
	}
	return nil
}
