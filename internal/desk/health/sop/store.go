package sop

import (
	"context"
	"encoding/json"
	"strings"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// What is stored: every record as one JSON document, beside it the columns that
// lists filter and sort by, derived from it and written together with it.

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(b), nil
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

func one[R any](ctx context.Context, tx *db.Tx, query string, args ...any) (R, error) {
	list, err := docs[R](ctx, tx, query, args...)
	if err == nil && len(list) == 0 {
		err = desk.NotFound()
	}
	if err != nil {
		var zero R
		return zero, err
	}
	return list[0], nil
}

// write runs an update of one record whose version in the database was was.
func write(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	n, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// loadPlaybook reads a playbook with what its needs ask for.
func loadPlaybook(ctx context.Context, tx *db.Tx, pid id.ID) (Playbook, error) {
	p, err := one[Playbook](ctx, tx, `SELECT doc FROM sop_playbook WHERE id = ?`, string(pid))
	if err != nil || !p.Own() {
		return p, err
	}
	all, err := docs[Playbook](ctx, tx, `SELECT doc FROM sop_playbook WHERE code = ? AND copy_of = '' ORDER BY id`, p.Code)
	p.next = 1
	for i := range all {
		p.next = max(p.next, all[i].Number+1)
		p.usedCode = p.usedCode || all[i].State == Published && all[i].ID != p.ID && all[i].ID != p.Supersedes
	}
	return p, err
}

func playbookColumns(p *Playbook) ([]any, error) {
	doc, err := encode(p)
	needle := health.Fold(strings.Join([]string{p.Title, p.Code, string(p.Owner), strings.Join(p.Hazards, " "), string(p.ID)}, "\n"))
	return []any{string(p.Owner), string(p.CopyOf), p.Code, p.Digest, string(p.State), p.Version, string(p.Marking), clock.Micros(p.Changed.At), needle, doc}, err
}

func insertPlaybook(ctx context.Context, tx *db.Tx, p *Playbook) error {
	cols, err := playbookColumns(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO sop_playbook (owner, copy_of, code, digest, state, version, marking, changed, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(p.ID))...)
	return err
}

func updatePlaybook(ctx context.Context, tx *db.Tx, p *Playbook, was int) error {
	cols, err := playbookColumns(p)
	if err != nil {
		return err
	}
	return write(ctx, tx, `UPDATE sop_playbook SET owner = ?, copy_of = ?, code = ?, digest = ?, state = ?, version = ?, marking = ?, changed = ?, needle = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(p.ID), was)...)
}

// loadRun reads a run with what its needs ask for.
func loadRun(ctx context.Context, tx *db.Tx, rid id.ID) (Run, error) {
	r, err := one[Run](ctx, tx, `SELECT doc FROM sop_run WHERE id = ?`, string(rid))
	if err != nil {
		return r, err
	}
	r.told = r.Release != ""
	list, err := tasksOf(ctx, tx, rid)
	for i := range list {
		if !settled(list[i].State) {
			r.unsettled++
		}
	}
	return r, err
}

func runColumns(r *Run) ([]any, error) {
	doc, err := encode(r)
	needle := health.Fold(strings.Join([]string{r.Title, r.Code, r.Subject, string(r.ID)}, "\n"))
	return []any{string(r.Playbook), r.Code, r.Digest, string(r.scope()), string(r.Event), string(r.State), r.Version, clock.Micros(r.Started), needle, doc}, err
}

func insertRun(ctx context.Context, tx *db.Tx, r *Run) error {
	cols, err := runColumns(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO sop_run (playbook, code, digest, scope, event, state, version, started, needle, doc, id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(cols, string(r.ID))...)
	return err
}

func updateRun(ctx context.Context, tx *db.Tx, r *Run, was int) error {
	cols, err := runColumns(r)
	if err != nil {
		return err
	}
	return write(ctx, tx, `UPDATE sop_run SET playbook = ?, code = ?, digest = ?, scope = ?, event = ?, state = ?, version = ?, started = ?, needle = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(r.ID), was)...)
}

// loadTask reads a task with what its needs ask for.
func loadTask(ctx context.Context, tx *db.Tx, tid id.ID) (Task, error) {
	t, err := one[Task](ctx, tx, `SELECT doc FROM sop_task WHERE id = ?`, string(tid))
	if err != nil {
		return t, err
	}
	list, err := tasksOf(ctx, tx, t.Run)
	if err != nil {
		return t, err
	}
	r, err := one[Run](ctx, tx, `SELECT doc FROM sop_run WHERE id = ?`, string(t.Run))
	t.within(&r, list)
	return t, err
}

// within gives a task what its needs ask for: the state of its run, and which
// of the steps before it are not settled. A step that the level does not ask
// for holds nobody up.
func (t *Task) within(r *Run, all []Task) {
	t.closed, t.waits, t.had, t.asked = r.State != Open, nil, t.Doer, ""
	if t.Asked != nil {
		t.asked = t.Asked.Account
	}
	for i := range all {
		for _, code := range t.After {
			if all[i].Code == code && !settled(all[i].State) {
				t.waits = append(t.waits, code)
			}
		}
	}
}

func tasksOf(ctx context.Context, tx *db.Tx, run id.ID) ([]Task, error) {
	return docs[Task](ctx, tx, `SELECT doc FROM sop_task WHERE run = ? ORDER BY n, id`, string(run))
}

func taskColumns(t *Task) ([]any, error) {
	doc, err := encode(t)
	return []any{string(t.Run), t.N, t.Code, t.Digest, string(t.State), string(t.Role), string(t.Doer), t.Version, clock.Micros(t.Due), clock.Micros(t.Changed.At), doc}, err
}

func insertTask(ctx context.Context, tx *db.Tx, t *Task) error {
	cols, err := taskColumns(t)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO sop_task (run, n, code, digest, state, role, doer, version, due, changed, doc, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append(cols, string(t.ID))...)
	return err
}

func updateTask(ctx context.Context, tx *db.Tx, t *Task, was int) error {
	cols, err := taskColumns(t)
	if err != nil {
		return err
	}
	return write(ctx, tx, `UPDATE sop_task SET run = ?, n = ?, code = ?, digest = ?, state = ?, role = ?, doer = ?, version = ?, due = ?, changed = ?, doc = ?
		WHERE id = ? AND version = ?`, append(cols, string(t.ID), was)...)
}

// claimed reports whether a key was taken.
func claimed(ctx context.Context, tx *db.Tx, key string) (bool, error) {
	n := 0
	_, err := tx.Row(ctx, `SELECT COUNT(*) FROM sop_start WHERE id = ?`, []any{key}, &n)
	return n > 0, err
}

// claim takes a key that may be taken once; false: it was taken before.
func claim(ctx context.Context, tx *db.Tx, key string, run id.ID, at int64) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO sop_start (id, run, at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`, key, string(run), at)
	return n == 1, err
}

// Progress of a run as a member released it. It keeps the newest version.
func loadProgress(ctx context.Context, tx *db.Tx, run id.ID) (Received, bool, error) {
	p, err := one[Received](ctx, tx, `SELECT doc FROM sop_progress WHERE id = ?`, string(run))
	if fault.Is(err, fault.NotFound) {
		return p, false, nil
	}
	return p, err == nil, err
}

func putProgress(ctx context.Context, tx *db.Tx, p *Received) error {
	doc, err := encode(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO sop_progress (id, owner, code, scope, version, issued, doc) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET code = EXCLUDED.code, scope = EXCLUDED.scope, version = EXCLUDED.version, issued = EXCLUDED.issued, doc = EXCLUDED.doc`,
		string(p.Run), string(p.Owner), p.Code, string(p.scope()), p.Version, clock.Micros(p.Issued), doc)
	return err
}
