package sop

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Told is one release of the progress of a run that stands.
type Told struct {
	Release id.ID           `json:"release"`
	To      []access.Member `json:"to"`
}

// Sent is a file that goes with the progress. It leaves under a number of its
// own: a recipient that dropped it with a release that was taken back would
// never take the same number again.
type Sent struct {
	Blob id.ID `json:"blob"` // of the task's file
	As   File  `json:"as"`
}

// sends reports whether a file of a task goes with the progress.
func (r *Run) sends(blob id.ID) bool {
	return slices.ContainsFunc(r.Sent, func(s Sent) bool { return s.Blob == blob })
}

// sent are the files of a task that go with the progress.
func (r *Run) sent(t *Task) []File {
	var out []File
	for _, s := range r.Sent {
		if slices.ContainsFunc(t.Files, func(f File) bool { return f.ID == s.Blob }) {
			out = append(out, s.As)
		}
	}
	return out
}

// ReleaseRun tells members how far a run is, as it stands now. Of the files
// that show it, those that are named go with it.
func (d *Desk) ReleaseRun(ctx context.Context, actor access.Actor, rid id.ID, seen int, to []access.Member, attach ...id.ID) (Run, error) {
	var out Run
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		tasks, err := tasksOf(ctx, tx, rid)
		if err != nil {
			return err
		}
		var fresh []Sent
		out, err = d.takeRunIn(ctx, tx, actor, rid, seen, "release", desk.Change[Run]{Detail: map[string]any{"to": to, "files": len(attach)}, Edit: func(r *Run) error {
			had := r.To
			r.To = nil
			for _, m := range d.env.Others() {
				if slices.Contains(to, m) {
					r.To = append(r.To, m)
				}
			}
			r.Shared, r.Release, r.Back, r.BackWhy = d.env.Clock.Now(), d.env.IDs.New(), time.Time{}, ""
			r.Told = append(slices.Clone(r.Told), Told{r.Release, r.To})
			fresh, err = r.take(tasks, attach, had, d.env.IDs)
			return err
		}, Then: func(ctx context.Context, tx *db.Tx, r *Run) error {
			if err := d.sendProgress(ctx, tx, r); err != nil {
				return err
			}
			return d.queueFiles(ctx, tx, r, fresh)
		}})
		return err
	})
	return out, err
}

// take names the files that go with the progress now, and gives those that
// the recipients have not been sent before.
func (r *Run) take(tasks []Task, attach []id.ID, had []access.Member, ids *id.Maker) ([]Sent, error) {
	all := map[id.ID]File{}
	for i := range tasks {
		for _, f := range tasks[i].Files {
			all[f.ID] = f
		}
	}
	news := slices.ContainsFunc(r.To, func(m access.Member) bool { return !slices.Contains(had, m) })
	was := r.Sent
	r.Sent = nil
	var fresh []Sent
	for _, blob := range attach {
		f, ok := all[blob]
		if !ok {
			return nil, noFile()
		}
		if r.sends(blob) {
			continue
		}
		s := Sent{Blob: blob, As: harmless(f)}
		if i := slices.IndexFunc(was, func(x Sent) bool { return x.Blob == blob }); i >= 0 && !news {
			s.As.ID = was[i].As.ID
		} else {
			s.As.ID = ids.New()
			fresh = append(fresh, s)
		}
		r.Sent = append(r.Sent, s)
	}
	return fresh, nil
}

// TakeBack withdraws what members were told of a run: each release that
// stands, at everybody who got it. The reason goes with it.
func (d *Desk) TakeBack(ctx context.Context, actor access.Actor, rid id.ID, seen int, reason string) (Run, error) {
	var was Run
	return d.takeRun(ctx, actor, rid, seen, "take_back", desk.Change[Run]{Detail: detail("reason", reason), Edit: func(r *Run) error {
		was = *r
		r.Back, r.BackWhy = d.env.Clock.Now(), reason
		r.To, r.Release, r.Shared, r.Told, r.Sent = nil, "", time.Time{}, nil, nil
		return nil
	}, Then: func(ctx context.Context, tx *db.Tx, r *Run) error {
		if _, err := tx.Exec(ctx, `DELETE FROM sop_sending WHERE run = ?`, string(r.ID)); err != nil {
			return err
		}
		told := was.Told
		if len(told) == 0 { // released before the releases were counted
			told = []Told{{was.Release, was.To}}
		}
		for _, t := range told {
			if err := d.sendBack(ctx, tx, r, t); err != nil {
				return err
			}
		}
		return nil
	}})
}

// waiting is one file that is not yet with the exchange.
type waiting struct {
	Sent
	To []access.Member
}

// queueFiles notes the files of a release, in its transaction.
func (d *Desk) queueFiles(ctx context.Context, tx *db.Tx, r *Run, list []Sent) error {
	for _, s := range list {
		doc, err := encode(waiting{s, r.To})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sop_sending (file, run, members, at) VALUES (?, ?, ?, ?)`, string(s.As.ID), string(r.ID), doc, clock.Micros(d.env.Wall.Now())); err != nil {
			return err
		}
	}
	if len(list) > 0 {
		tx.AfterCommit(func() {
			select {
			case d.wake <- struct{}{}:
			default: // it is awake already
			}
		})
	}
	return nil
}

// sendAgain is how long the sending rests after a failure.
const sendAgain = 30 * time.Second

// SendFiles gives the files of releases to the exchange until ctx ends. failed
// hears why a file has to wait.
func (d *Desk) SendFiles(ctx context.Context, failed func(error)) {
	again := time.NewTicker(sendAgain)
	defer again.Stop()
	for ctx.Err() == nil {
		if err := d.sendFiles(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-again.C:
		}
	}
}

func (d *Desk) sendFiles(ctx context.Context) error {
	if d.env.Carry == nil {
		return nil
	}
	var list []waiting
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT members FROM sop_sending ORDER BY at, file`, nil, func(scan func(...any) error) error {
			var doc string
			if err := scan(&doc); err != nil {
				return err
			}
			var w waiting
			err := json.Unmarshal([]byte(doc), &w)
			list = append(list, w)
			return err
		})
	})
	for i := range list { // one that cannot be sent holds up no other
		err = errors.Join(err, d.sendFile(ctx, &list[i]))
	}
	return err
}

func (d *Desk) sendFile(ctx context.Context, w *waiting) error {
	for len(w.To) > 0 {
		_, r, err := d.files.Open(ctx, w.Blob)
		if fault.Is(err, fault.NotFound) {
			break // its step lost it
		}
		if err == nil {
			err = d.env.Carry.SendFile(ctx, w.As, w.To, r)
		}
		if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Invalid {
			// a recipient that left the directory: the others get it all the same
			if m, ok := e.Args["member"].(string); ok && slices.Contains(w.To, access.Member(m)) {
				w.To = slices.DeleteFunc(w.To, func(x access.Member) bool { return string(x) == m })
				continue
			}
		}
		if err != nil {
			return err
		}
		break
	}
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM sop_sending WHERE file = ?`, string(w.As.ID))
		return err
	})
}

// files are all that a progress names.
func (p *ProgressView) files() []exchange.File {
	var out []exchange.File
	for i := range p.Steps {
		out = append(out, p.Steps[i].Files...)
	}
	return out
}
