package reserve

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
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Every record of the part has one owner and is a head, what all have in
// common, and a content of its own. What is stored: the record as one JSON
// document, and beside it the columns that lists filter and sort by.

// Common is what every record has beside its head.
type Common struct {
	Lang      string          `json:"lang,omitempty"`
	To        []access.Member `json:"to,omitempty"`
	Authors   []id.ID         `json:"authors,omitempty"`
	ClearedAs string          `json:"cleared_as,omitempty"`
	Released  time.Time       `json:"released,omitzero"` // first
	Release   id.ID           `json:"release,omitempty"` // newest
	Reason    string          `json:"reason,omitempty"`  // of the last step that asked for one
	CopyOf    id.ID           `json:"copy_of,omitempty"` // the release that brought it; empty: own
}

// Record is one record of the part.
type Record[C any] struct {
	desk.Head
	Common
	C C `json:"content"`
}

// Own reports whether this node owns the record.
func (r *Record[C]) Own() bool { return r.CopyOf == "" }

// Envelope is what of head and common every reader gets.
type Envelope struct {
	ID        id.ID          `json:"id"`
	Kind      string         `json:"kind"`
	Owner     access.Member  `json:"owner"`
	Version   int            `json:"version"`
	State     workflow.State `json:"state"`
	Lang      string         `json:"lang,omitempty"`
	ClearedAs string         `json:"cleared_as,omitempty"`
	Released  time.Time      `json:"released,omitzero"`
	Release   id.ID          `json:"release,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Marking   access.Marking `json:"marking"`
	Exercise  string         `json:"exercise,omitempty"`
	Due       time.Time      `json:"due,omitzero"`
	Changed   time.Time      `json:"changed"`
	Own       bool           `json:"-"`
}

// View is what of a record people see, and what leaves in a release.
type View[C any] struct {
	Envelope
	C C `json:"content"`
}

func viewOf[C any](r *Record[C]) View[C] {
	return View[C]{Envelope{ID: r.ID, Kind: r.Kind, Owner: r.Owner, Version: r.Version, State: r.State, Lang: r.Lang, ClearedAs: r.ClearedAs, Released: r.Released,
		Release: r.Release, Reason: r.Reason, Marking: r.Marking, Exercise: r.Exercise, Due: r.Due, Changed: r.Changed.At, Own: r.Own()}, r.C}
}

// columns are what lists look for beside the document, and the requests that
// the record is about: the page of their event shows what comes of them.
type columns struct {
	item, parent id.ID
	words        []string
	event        id.ID
	draws        []id.ID
}

// kind is what the part must know of one kind of record.
type kind[C any] struct {
	*desk.Kind[Record[C]]
	table   *workflow.Table[Record[C]]
	columns func(*C) columns
	// fill reads what the needs of a step ask for beside the record.
	fill func(ctx context.Context, tx *db.Tx, r *Record[C]) error
	// accept judges what another member released; old is what is here of it.
	accept func(ctx context.Context, tx *db.Tx, r *Record[C], old *Record[C]) error
	// came is what follows from a copy that was stored.
	came func(ctx context.Context, tx *db.Tx, r *Record[C], in *exchange.Inbound) error
}

func newKind[C any](d *Desk, name string, table *workflow.Table[Record[C]], check func(*C, *fault.Check), cols func(*C) columns) *kind[C] {
	k := &kind[C]{table: table, columns: cols}
	k.Kind = &desk.Kind[Record[C]]{
		Name: name, Desk: Name, Table: table, Head: func(r *Record[C]) *desk.Head { return &r.Head },
		Validate: func(r *Record[C]) error {
			var c fault.Check
			text(&c, &r.Reason, health.MaxReason, "reason")
			c.That(r.Marking.Valid(), "marking", "fault.health.marking")
			c.That(r.Lang == "" || language(r.Lang), "lang", "fault.health.lang")
			check(&r.C, &c)
			return c.Err()
		},
		Load: k.load, Insert: k.insert, Update: k.update,
		Topics: func(r *Record[C]) []string { return k.topics(r) },
	}
	return k
}

func (k *kind[C]) topics(r *Record[C]) []string {
	c := k.columns(&r.C)
	out := []string{"desk", "reserve", "reserve:" + string(r.ID)}
	for _, x := range []id.ID{c.item, c.parent} {
		if x != "" {
			out = append(out, "reserve:"+string(x))
		}
	}
	return out
}

func (k *kind[C]) load(ctx context.Context, tx *db.Tx, rid id.ID) (Record[C], error) {
	list, err := k.all(ctx, tx, `id = ?`, string(rid))
	if err == nil && len(list) == 0 {
		err = desk.NotFound()
	}
	if err != nil {
		return Record[C]{}, err
	}
	if k.fill != nil {
		err = k.fill(ctx, tx, &list[0])
	}
	return list[0], err
}

// all reads the records of the kind that meet a condition.
func (k *kind[C]) all(ctx context.Context, tx *db.Tx, cond string, args ...any) ([]Record[C], error) {
	var out []Record[C]
	err := tx.Each(ctx, `SELECT doc FROM reserve_record WHERE kind = ? AND `+cond, append([]any{k.Name}, args...), func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		var r Record[C]
		if err := json.Unmarshal([]byte(doc), &r); err != nil {
			return fault.Wrap(fault.Internal, "fault.internal", err)
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

func (k *kind[C]) values(r *Record[C]) ([]any, error) {
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	c := k.columns(&r.C)
	words := append(c.words, string(r.Owner), string(r.ID))
	return []any{r.Kind, string(r.Owner), string(r.CopyOf), string(r.State), r.Version, string(r.Marking), string(c.item), string(c.parent), r.Exercise, clock.Micros(r.Due),
		clock.Micros(r.Changed.At), health.Fold(strings.Join(words, "\n")), string(doc), string(r.ID)}, nil
}

func (k *kind[C]) insert(ctx context.Context, tx *db.Tx, r *Record[C]) error {
	vals, err := k.values(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO reserve_record (kind, owner, copy_of, state, version, marking, item, parent, exercise, due, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, vals...)
	if err != nil {
		return err
	}
	return db.Conflict(n) // an identifier that is taken: somebody else's record
}

func (k *kind[C]) update(ctx context.Context, tx *db.Tx, r *Record[C], was int) error {
	vals, err := k.values(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE reserve_record SET kind = ?, owner = ?, copy_of = ?, state = ?, version = ?, marking = ?, item = ?, parent = ?, exercise = ?, due = ?,
		changed = ?, needle = ?, doc = ? WHERE id = ? AND version = ?`, append(vals, was)...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// visible loads a record that the actor may see.
func (k *kind[C]) visible(ctx context.Context, tx *db.Tx, actor access.Actor, rid id.ID) (Record[C], error) {
	r, err := k.load(ctx, tx, rid)
	if err == nil && !sees(actor, r.Marking) {
		err = desk.NotFound()
	}
	return r, err
}

// create makes a record by a row from the empty state.
func (k *kind[C]) create(ctx context.Context, tx *db.Tx, d *Desk, actor access.Actor, r Record[C], verb workflow.Verb, then func(context.Context, *db.Tx, *Record[C]) error) (Record[C], error) {
	r.Place = string(d.env.Member)
	if r.Marking == "" {
		r.Marking = access.TLPAmber
	}
	if r.To == nil {
		r.To = d.env.Others()
	}
	if actor.Account != "" && !actor.System {
		r.Authors = []id.ID{actor.Account}
	}
	return desk.CreateIn(ctx, d.env, tx, k.Kind, actor, r, verb, desk.Change[Record[C]]{Then: then})
}

// step takes a step of a record that the actor may see.
func (k *kind[C]) step(ctx context.Context, tx *db.Tx, d *Desk, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, c desk.Change[Record[C]]) (Record[C], error) {
	if !actor.System {
		if _, err := k.visible(ctx, tx, actor, rid); err != nil {
			return Record[C]{}, err
		}
	}
	return desk.TakeIn(ctx, d.env, tx, k.Kind, actor, rid, seen, verb, c)
}

// edits is the change of a person who writes a draft.
func edits[C any](actor access.Actor, in C, into func(c *C, in C)) desk.Change[Record[C]] {
	return desk.Change[Record[C]]{Edit: func(r *Record[C]) error {
		into(&r.C, in)
		if !slices.Contains(r.Authors, actor.Account) {
			r.Authors = append(r.Authors, actor.Account)
		}
		return nil
	}}
}

// releases is the change of a step that lets the record leave.
func (k *kind[C]) releases(d *Desk, actor access.Actor, reason string, edit func(*Record[C]) error, then func(context.Context, *db.Tx, *Record[C]) error) desk.Change[Record[C]] {
	c := desk.Change[Record[C]]{Edit: func(r *Record[C]) error {
		r.Reason, r.Release = reason, d.env.IDs.New()
		if r.Released.IsZero() {
			r.Released, r.ClearedAs = d.Now(), actor.Name
		}
		if edit != nil {
			return edit(r)
		}
		return nil
	}, Then: func(ctx context.Context, tx *db.Tx, r *Record[C]) error {
		if then != nil {
			if err := then(ctx, tx, r); err != nil {
				return err
			}
		}
		return k.send(ctx, tx, d, r)
	}}
	if reason != "" {
		c.Detail = map[string]any{"reason": reason}
	}
	return c
}
