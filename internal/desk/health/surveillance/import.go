package surveillance

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
)

// Import is one file on its way into a dataset. The file is kept until its
// counts are stored or the import is cancelled, and no longer.
type Import struct {
	desk.Head
	Dataset id.ID     `json:"dataset"`
	File    id.ID     `json:"file,omitempty"` // empty once it is gone
	Name    string    `json:"name"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`
	Format  Format    `json:"format"`
	From    string    `json:"from,omitempty"` // address that it was fetched from
	Mapping Mapping   `json:"mapping"`
	Result  Result    `json:"result"`
	KnownAt time.Time `json:"known_at,omitzero"` // when the file's counts were known
	// LeaveBad: a person decided that rows with faults stay out.
	LeaveBad bool  `json:"leave_bad,omitempty"`
	Pass     int   `json:"pass,omitempty"` // how often it was applied
	Revision int64 `json:"revision,omitempty"`
	// Failure says why the last try was given up.
	Failure *Failure `json:"failure,omitempty"`
}

// Failure is a sentence of the catalogue.
type Failure struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
}

func validateImport(i *Import) error {
	i.Name = files.CleanName(i.Name)
	var c fault.Check
	c.That(i.Dataset != "", "dataset", "fault.surveillance.no_dataset")
	c.That(utf8.RuneCountInString(i.From) <= 500, "from", "fault.too_long", fault.Args{"max": 500})
	c.That(i.Marking.Valid(), "marking", "fault.invalid")
	return c.Err()
}

// Upload stores a file for a dataset and reads its headings. The file is
// refused when it is none of the known kinds.
func (d *Desk) Upload(ctx context.Context, actor access.Actor, dataset id.ID, name, from string, r io.Reader) (Import, error) {
	var i Import
	if err := mayImport(actor); err != nil {
		return i, err
	}
	var set Dataset
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		set, err = loadDataset(ctx, tx, dataset)
		return err
	})
	if err != nil {
		return i, err
	}
	if set.State != Open {
		return i, fault.New(fault.Conflict, "fault.surveillance.closed")
	}
	i.ID, i.Dataset, i.From, i.Marking, i.Place = d.env.IDs.New(), dataset, from, set.Marking, string(d.env.Member)
	info, err := d.files.Put(ctx, files.Upload{Record: i.ID, Name: name, By: actor.Account}, r, func(ctx context.Context, tx *db.Tx, f files.Info) error {
		i.File, i.Name, i.Size, i.SHA256 = f.ID, f.Name, f.Size, f.SHA256
		var err error
		i, err = desk.CreateIn(ctx, d.env, tx, d.imports, actor, i, "upload", desk.Change[Import]{Detail: map[string]any{"name": f.Name, "sha256": f.SHA256, "from": from}})
		return err
	})
	if err != nil {
		return i, err
	}
	head, format, err := d.headings(ctx, info.ID)
	if err != nil { // nothing can be done with it
		_, cancelled := d.CancelImport(context.WithoutCancel(ctx), actor, i.ID, 0)
		if cancelled != nil {
			return i, cancelled
		}
		return i, err
	}
	return desk.Take(ctx, d.env, d.imports, actor, i.ID, 0, "map", desk.Change[Import]{Edit: func(i *Import) error {
		i.Format, i.Mapping = format, Guess(head, set)
		return nil
	}})
}

func (d *Desk) headings(ctx context.Context, file id.ID) ([]string, Format, error) {
	t, format, err := d.openFile(ctx, file)
	if err != nil {
		return nil, "", err
	}
	return t.Head(), format, t.Close()
}

func (d *Desk) openFile(ctx context.Context, file id.ID) (table, Format, error) {
	if file == "" {
		return nil, "", fault.New(fault.Conflict, "fault.surveillance.file_gone")
	}
	_, r, err := d.files.Open(ctx, file)
	if err != nil {
		return nil, "", err
	}
	return openTable(r)
}

// Columns are the headings of an import's file and the first rows under them.
// Of a line list no rows are shown.
type Columns struct {
	Head []string
	Rows [][]string
}

// Columns reads the beginning of the file for the page of the mapping.
func (d *Desk) Columns(ctx context.Context, actor access.Actor, iid id.ID) (Columns, error) {
	var c Columns
	i, _, err := d.importOf(ctx, actor, iid)
	if err != nil {
		return c, err
	}
	t, _, err := d.openFile(ctx, i.File)
	if err != nil {
		return c, err
	}
	defer t.Close() //nolint:errcheck // nothing was written
	c.Head = t.Head()
	for len(c.Rows) < 5 {
		row, err := t.Next()
		if err != nil {
			break // the preview says what is wrong with it
		}
		for k := range row {
			row[k] = clip(row[k])
		}
		c.Rows = append(c.Rows, row)
	}
	return c, nil
}

func (d *Desk) importOf(ctx context.Context, actor access.Actor, iid id.ID) (Import, Dataset, error) {
	var i Import
	var s Dataset
	if err := mayImport(actor); err != nil {
		return i, s, err
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if i, err = loadImport(ctx, tx, iid); err != nil {
			return err
		}
		s, err = loadDataset(ctx, tx, i.Dataset)
		return err
	})
	return i, s, err
}

// MapImport says what the columns mean and reads the whole file with that: the
// import is then previewed. Under a name the mapping is kept for other files.
func (d *Desk) MapImport(ctx context.Context, actor access.Actor, iid id.ID, seen int, m Mapping) (Import, error) {
	i, s, err := d.importOf(ctx, actor, iid)
	if err != nil {
		return i, err
	}
	head, _, err := d.headings(ctx, i.File)
	if err != nil {
		return i, err
	}
	m.Population, m.Name = s.Measure == Population, strings.TrimSpace(m.Name)
	if err := m.validate(head); err != nil {
		return i, err
	}
	if err := m.check(); err != nil {
		return i, err
	}
	i, err = desk.Take(ctx, d.env, d.imports, actor, iid, seen, "map", desk.Change[Import]{
		Edit: func(i *Import) error { i.Mapping, i.Result, i.LeaveBad = m, Result{}, false; return nil },
		Then: func(ctx context.Context, tx *db.Tx, _ *Import) error { return d.keepMapping(ctx, tx, m) },
	})
	if err != nil {
		return i, err
	}
	return d.Preview(ctx, actor, iid, i.Version)
}

// Preview reads the whole file and says what would become of every row.
func (d *Desk) Preview(ctx context.Context, actor access.Actor, iid id.ID, seen int) (Import, error) {
	i, s, err := d.importOf(ctx, actor, iid)
	if err != nil {
		return i, err
	}
	r, err := d.read(ctx, i, s)
	if err != nil {
		return i, err
	}
	return desk.Take(ctx, d.env, d.imports, actor, iid, seen, "preview", desk.Change[Import]{Edit: func(i *Import) error {
		i.Result, i.Failure = r.res, nil
		return nil
	}})
}

// read makes counts of the file. A later pass of the same import reads only
// the rows that waited.
func (d *Desk) read(ctx context.Context, i Import, s Dataset) (*reading, error) {
	match, err := d.Matcher(ctx)
	if err != nil {
		return nil, err
	}
	t, _, err := d.openFile(ctx, i.File)
	if err != nil {
		return nil, err
	}
	defer t.Close() //nolint:errcheck // nothing was written
	r := newReading(s, i.Mapping, match)
	if i.Pass > 0 {
		r.only = map[string]bool{}
		for _, w := range i.Result.Terms {
			r.only[w.Term] = true
		}
	}
	return r, r.run(t)
}

// ApplyInput is what a person decides before counts are stored.
type ApplyInput struct {
	LeaveBad bool
	KnownAt  time.Time // zero: now
}

// Apply begins to store the counts; Work does it, and pages show how far it is.
func (d *Desk) Apply(ctx context.Context, actor access.Actor, iid id.ID, seen int, in ApplyInput) (Import, error) {
	return desk.Take(ctx, d.env, d.imports, actor, iid, seen, "apply", desk.Change[Import]{
		Detail: map[string]any{"leave_bad": in.LeaveBad},
		Edit: func(i *Import) error {
			now := d.env.Clock.Now()
			if in.KnownAt.After(now) {
				var c fault.Check
				c.That(false, "known_at", "fault.surveillance.known_future")
				return c.Err()
			}
			i.LeaveBad, i.KnownAt = in.LeaveBad, in.KnownAt
			if i.KnownAt.IsZero() {
				i.KnownAt = now
			}
			return nil
		},
		Then: d.wakeAfter,
	})
}

// Resume stores the rows that waited and whose places were confirmed since.
func (d *Desk) Resume(ctx context.Context, actor access.Actor, iid id.ID, seen int) (Import, error) {
	return desk.Take(ctx, d.env, d.imports, actor, iid, seen, "resume", desk.Change[Import]{
		Edit: func(i *Import) error { i.KnownAt = d.env.Clock.Now(); return nil },
		Then: d.wakeAfter,
	})
}

func (d *Desk) wakeAfter(_ context.Context, tx *db.Tx, _ *Import) error {
	tx.AfterCommit(func() {
		select {
		case d.wake <- struct{}{}:
		default:
		}
	})
	return nil
}

// CancelImport ends an import that has not become visible; nothing of it is
// left.
func (d *Desk) CancelImport(ctx context.Context, actor access.Actor, iid id.ID, seen int) (Import, error) {
	return d.end(ctx, actor, iid, seen, "cancel")
}

// SetAside ends an import although some of its rows still wait; they are left
// out, and the import says how many.
func (d *Desk) SetAside(ctx context.Context, actor access.Actor, iid id.ID, seen int) (Import, error) {
	return d.end(ctx, actor, iid, seen, "set_aside")
}

func (d *Desk) end(ctx context.Context, actor access.Actor, iid id.ID, seen int, verb string) (Import, error) {
	var file id.ID
	change := desk.Change[Import]{
		Edit: func(i *Import) error { file, i.File = i.File, ""; return nil },
		Then: func(ctx context.Context, tx *db.Tx, i *Import) error {
			if err := d.release(ctx, tx, i.ID); err != nil || file == "" {
				return err
			}
			return files.Delete(ctx, tx, i.ID, file)
		},
	}
	if verb == "set_aside" {
		return desk.Take(ctx, d.env, d.imports, actor, iid, seen, "set_aside", change)
	}
	return desk.Take(ctx, d.env, d.imports, actor, iid, seen, "cancel", change)
}

func loadImport(ctx context.Context, tx *db.Tx, iid id.ID) (Import, error) {
	var i Import
	err := load(ctx, tx, `SELECT doc FROM surveillance_import WHERE id = ?`, []any{string(iid)}, &i)
	return i, err
}

func insertImport(ctx context.Context, tx *db.Tx, i *Import) error {
	doc, err := encode(i)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO surveillance_import (id, dataset, owner, state, version, changed, done, total, doc) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)`,
		string(i.ID), string(i.Dataset), string(i.Owner), string(i.State), i.Version, clock.Micros(i.Changed.At), doc)
	return err
}

func updateImport(ctx context.Context, tx *db.Tx, i *Import, was int) error {
	doc, err := encode(i)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE surveillance_import SET state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(i.State), i.Version, clock.Micros(i.Changed.At), doc, string(i.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}
