package sop

import (
	"bytes"
	"context"
	"io"
	"slices"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Files as evidence of a step. They stay on this node; only those that a
// release of the progress names go to its recipients.

// MaxFiles is how many files one step can have.
const MaxFiles = 10

func noFile() error { return fault.New(fault.NotFound, "fault.files.none") }

func fileIn(list []File, file id.ID) (File, error) {
	i := slices.IndexFunc(list, func(f File) bool { return f.ID == file })
	if i < 0 {
		return File{}, noFile()
	}
	return list[i], nil
}

// mayProve refuses before the first byte is read whom the step of adding or
// taking a file would refuse.
func (t *Task) mayProve(actor access.Actor, verb workflow.Verb, d *Desk) error {
	row, err := Tasks.Authorise(*t, verb, actor)
	if err == nil {
		err = workflow.Satisfied(row, *t, actor, d.env.Clock.Now())
	}
	if err == nil && verb == "attach" && len(t.Files) >= MaxFiles {
		err = fault.New(fault.Invalid, "fault.sop.files_many").With("max", MaxFiles)
	}
	return err
}

// Attach adds a file to a step. Its type is what its name and its first bytes
// both say, its digest that of the bytes.
func (d *Desk) Attach(ctx context.Context, actor access.Actor, tid id.ID, name string, r io.Reader) (File, error) {
	t, err := d.seenTask(ctx, actor, tid)
	if err == nil {
		err = t.mayProve(actor, "attach", d)
	}
	if err != nil {
		return File{}, err
	}
	var f File
	_, err = d.files.Put(ctx, files.Upload{Record: tid, Name: name, By: actor.Account}, r, func(ctx context.Context, tx *db.Tx, in files.Info) error {
		f = File{ID: in.ID, Name: in.Name, Type: in.Type, Size: in.Size, SHA256: in.SHA256}
		return d.attach(ctx, tx, actor, tid, f)
	})
	return f, err
}

func (d *Desk) attach(ctx context.Context, tx *db.Tx, actor access.Actor, tid id.ID, f File) error {
	if _, err := seenTaskIn(ctx, tx, actor, tid); err != nil {
		return err
	}
	_, err := desk.TakeIn(ctx, d.env, tx, d.tasks, actor, tid, 0, "attach", desk.Change[Task]{Detail: digestOf(f), Edit: func(t *Task) error {
		if slices.ContainsFunc(t.Files, func(o File) bool { return o.SHA256 == f.SHA256 }) {
			return fault.New(fault.Conflict, "fault.sop.file_twice").With("name", f.Name)
		}
		if err := t.mayProve(actor, "attach", d); err != nil {
			return err
		}
		t.Files = append(slices.Clone(t.Files), f)
		return nil
	}})
	return err
}

// digestOf is what the history says of a file: a name is content, and content
// may have to be deleted.
func digestOf(f File) map[string]any {
	return map[string]any{"file": f.ID, "size": f.Size, "sha256": f.SHA256}
}

// Detach takes a file from a step; its bytes are deleted. What was released
// with the progress stays until the progress is taken back.
func (d *Desk) Detach(ctx context.Context, actor access.Actor, tid, file id.ID) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := seenTaskIn(ctx, tx, actor, tid)
		if err != nil {
			return err
		}
		f, err := fileIn(t.Files, file)
		if err != nil {
			return err
		}
		r, err := loadRun(ctx, tx, t.Run)
		if err != nil {
			return err
		}
		if r.sends(file) {
			return fault.New(fault.Conflict, "fault.sop.file_released").With("name", f.Name)
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.tasks, actor, tid, 0, "detach", desk.Change[Task]{Detail: digestOf(f),
			Edit: func(t *Task) error {
				t.Files = slices.DeleteFunc(slices.Clone(t.Files), func(o File) bool { return o.ID == file })
				return nil
			},
			Then: func(ctx context.Context, tx *db.Tx, t *Task) error { return files.Delete(ctx, tx, t.ID, file) }})
		return err
	})
}

// TaskFile reads a file of an own step.
func (d *Desk) TaskFile(ctx context.Context, actor access.Actor, tid, file id.ID) (File, io.Reader, error) {
	t, err := d.seenTask(ctx, actor, tid)
	if err != nil {
		return File{}, nil, err
	}
	f, err := fileIn(t.Files, file)
	if err != nil {
		return f, nil, err
	}
	_, r, err := d.files.Open(ctx, file)
	return harmless(f), r, err
}

func harmless(f File) File {
	f.Name, f.Type = files.CleanName(f.Name), files.SafeType(f.Type)
	return f
}

// Received file states.
const (
	FileArriving = "waiting"  // not all parts are here
	FileWhole    = "complete" // all there, and what the sender announced
	FileDamaged  = "damaged"  // all there, but not what the sender announced
)

// fileState is how far a file of another member has come. What came must be
// what the signed release announced.
func (d *Desk) fileState(ctx context.Context, tx *db.Tx, from access.Member, f File) (string, error) {
	if d.env.Carry == nil {
		return FileArriving, nil
	}
	s, found, err := d.env.Carry.FileStatus(ctx, tx, from, f.ID)
	switch {
	case err != nil || !found:
		return FileArriving, err
	case s.State == exchange.FileDamaged || s.State == exchange.FileComplete && s.File != f:
		return FileDamaged, nil
	case s.State == exchange.FileComplete:
		return FileWhole, nil
	}
	return FileArriving, nil
}

// ProgressFile reads a file that a member released with its progress, once it
// is whole. It is checked to its end before the first byte is given out.
func (d *Desk) ProgressFile(ctx context.Context, actor access.Actor, run, file id.ID) (File, io.Reader, error) {
	var f File
	var whole bytes.Buffer
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		p, found, err := loadProgress(ctx, tx, run)
		if err == nil && (!found || !seesProgress(reach(actor), p.Marking)) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		if f, err = fileIn(p.files(), file); err != nil {
			return err
		}
		state, err := d.fileState(ctx, tx, p.Owner, f)
		switch {
		case err != nil:
			return err
		case state == FileArriving:
			return fault.New(fault.Conflict, "fault.health.file_waiting")
		case state == FileDamaged:
			return fault.New(fault.Conflict, "fault.health.file_damaged")
		}
		whole.Grow(int(min(f.Size, exchange.MaxFile)))
		return d.env.Carry.ReadFile(ctx, tx, p.Owner, file, &whole)
	})
	return harmless(f), &whole, err
}
