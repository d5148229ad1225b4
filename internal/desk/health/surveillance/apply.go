package surveillance

import (
	"context"
	"errors"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Work applies every import that a person let go, one after the other. What
// stops it for one is written into that import, which can be tried again.
func (d *Desk) Work(ctx context.Context) {
	var list []Import
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		list, err = loadAll[Import](ctx, tx, `SELECT doc FROM surveillance_import WHERE state = ? ORDER BY changed, id`, string(Applying))
		return err
	})
	if err != nil {
		return // the database is away; the next wake tries again
	}
	for _, i := range list {
		if err := d.apply(ctx, i); err != nil && ctx.Err() == nil {
			d.giveUp(ctx, i, err)
		}
	}
	_ = d.SendDue(ctx) // what stops a release is written into it; the next pass tries again
}

// apply reads the file once more, stages its counts and makes them visible
// together with the import's own next state.
func (d *Desk) apply(ctx context.Context, i Import) error {
	var s Dataset
	var front Front
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if s, err = loadDataset(ctx, tx, i.Dataset); err != nil {
			return err
		}
		front, err = loadFront(ctx, tx, s.Number)
		return err
	})
	if err != nil {
		return err
	}
	if s.State != Open {
		return fault.New(fault.Conflict, "fault.surveillance.closed")
	}
	r, err := d.read(ctx, i, s)
	if err != nil {
		return err
	}
	batch, err := r.batch()
	if err != nil {
		return err
	}
	rev := &revision{Import: i.ID, Dataset: s.Number, KnownAt: i.KnownAt, Cells: batch,
		OnlyGaps: i.Pass > 0 && front.Rev != i.Revision,
		Progress: func(done, total int) error { return d.progress(ctx, i.ID, done, total) }}
	return d.revise(ctx, rev, func(tx *db.Tx, n int64) error { return d.finish(ctx, tx, i, r.res, n) })
}

// finish moves the import on in the transaction that makes its counts visible:
// one that was cancelled meanwhile has no such step, and nothing is stored.
func (d *Desk) finish(ctx context.Context, tx *db.Tx, i Import, res Result, rev int64) error {
	verb, file := workflow.Verb("finish"), i.File
	if res.Waiting > 0 {
		verb = "wait"
	}
	if i.Pass > 0 { // the sums of both passes, each row once
		res = together(i.Result, res)
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.imports, access.Node(d.env.Member), i.ID, 0, verb, desk.Change[Import]{
		Detail: map[string]any{"revision": rev, "ready": res.Ready, "waiting": res.Waiting, "bad": res.Bad},
		Edit: func(i *Import) error {
			i.Result, i.Revision, i.Failure = res, rev, nil
			i.Pass++
			if verb == "finish" {
				i.File = ""
			}
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, i *Import) error {
			d.env.Notify(tx, "dataset:"+string(i.Dataset))
			tx.AfterCommit(d.wakeScanner)
			if verb != "finish" {
				return nil
			}
			return files.Delete(ctx, tx, i.ID, file)
		},
	})
	return err
}

// together adds a later pass, which saw only the rows that waited, to what was
// before.
func together(before, now Result) Result {
	out := before
	out.Ready += now.Ready
	out.Same += now.Same
	out.Aside += now.Aside
	out.Bad += now.Bad - before.Bad
	out.Bad = max(out.Bad, before.Bad)
	out.Waiting, out.Terms = now.Waiting, now.Terms
	out.Cells += now.Cells
	out.Series += now.Series
	if now.Cells > 0 {
		out.First, out.Last = min(out.First, now.First), max(out.Last, now.Last)
	}
	return out
}

func (d *Desk) giveUp(ctx context.Context, i Import, why error) {
	said := &Failure{Key: "fault.internal"}
	if f, ok := errors.AsType[*fault.Error](why); ok && f.Kind != fault.Internal {
		said = &Failure{f.Key, f.Args}
	}
	change := desk.Change[Import]{
		Edit: func(i *Import) error { i.Failure = said; return nil },
		Then: func(ctx context.Context, tx *db.Tx, i *Import) error { return d.release(ctx, tx, i.ID) },
	}
	verb := workflow.Verb("give_up")
	if i.Pass > 0 {
		verb = "wait" // its first pass stays
	}
	// An import that was cancelled has no such step; then there is nothing to say.
	_, _ = desk.Take(ctx, d.env, d.imports, access.Node(d.env.Member), i.ID, 0, verb, change)
}

func (d *Desk) progress(ctx context.Context, iid id.ID, done, total int) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE surveillance_import SET done = ?, total = ? WHERE id = ?`, done, total, string(iid))
		d.env.Notify(tx, importTopic(iid))
		return err
	})
}

// keepMapping stores a mapping that has a name.
func (d *Desk) keepMapping(ctx context.Context, tx *db.Tx, m Mapping) error {
	if m.Name == "" {
		return nil
	}
	doc, err := encode(m)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO surveillance_mapping (name, changed, doc) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET changed = excluded.changed, doc = excluded.doc`, m.Name, clock.Micros(d.env.Clock.Now()), doc)
	return err
}

// Mappings are those kept under a name.
func (d *Desk) Mappings(ctx context.Context, actor access.Actor) ([]Mapping, error) {
	if err := mayImport(actor); err != nil {
		return nil, err
	}
	var out []Mapping
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = loadAll[Mapping](ctx, tx, `SELECT doc FROM surveillance_mapping ORDER BY name`)
		return err
	})
	return out, err
}
