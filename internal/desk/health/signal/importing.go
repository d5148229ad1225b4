package signal

import (
	"context"
	"io"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Upload takes a table or feed: it keeps the bytes as they came, looks at the
// beginning and guesses what the columns mean. Nothing is imported yet.
func (d *Desk) Upload(ctx context.Context, actor access.Actor, name string, o Options, body io.Reader) (Import, error) {
	if err := mayImport(actor); err != nil {
		return Import{}, err
	}
	i := Import{Name: strings.TrimSpace(name), Options: o}
	i.ID, i.Place, i.Marking = d.env.IDs.New(), string(d.env.Member), o.Marking
	if r := []rune(i.Name); len(r) > 300 {
		i.Name = string(r[:300])
	}
	info, err := d.files.Put(ctx, files.Upload{Record: i.ID, Name: "import", By: actor.Account}, body, nil)
	if err != nil {
		return i, err
	}
	i.File, i.SHA256, i.Size = info.ID, info.SHA256, info.Size
	i, err = d.begin(ctx, actor, i)
	if err != nil {
		clean := d.env.DB.Write(ctx, func(tx *db.Tx) error { return files.Delete(ctx, tx, i.ID, info.ID) })
		if fault.KindOf(err) == fault.Internal && clean != nil {
			return i, clean
		}
	}
	return i, err
}

func (d *Desk) begin(ctx context.Context, actor access.Actor, i Import) (Import, error) {
	_, r, err := d.files.Open(ctx, i.File)
	if err != nil {
		return i, err
	}
	seen, err := inspect(r)
	if err != nil {
		return i, err
	}
	i.Format, i.Columns = seen.format, seen.columns
	if i.Options.Order == "" {
		i.Options.Order = seen.order
	}
	if i.Options.Source == "" {
		i.Options.Source = Imported
	}
	return desk.Create(ctx, d.env, d.imports, actor, i, "upload", desk.Change[Import]{
		Detail: map[string]any{"file": i.Name, "sha256": i.SHA256, "size": i.Size}})
}

// Check begins to check every row with these columns and options, from the
// first row on.
func (d *Desk) Check(ctx context.Context, actor access.Actor, iid id.ID, seen int, targets []Target, o Options) (Import, error) {
	return d.importStep(ctx, actor, iid, seen, "check", desk.Change[Import]{
		Edit: func(i *Import) error {
			i.Columns = slices.Clone(i.Columns)
			for n := range i.Columns {
				if n < len(targets) {
					i.Columns[n].Target = targets[n]
				}
				if i.Columns[n].Target == ToDropped {
					i.Columns[n].Samples = nil
				}
			}
			i.Options, i.Marking, i.Tally, i.Fault = o, o.Marking, Tally{}, ""
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, i *Import) error {
			if err := unstage(ctx, tx, i.ID); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE signal_progress SET row_number = 0, bytes = 0, good = 0, repaired = 0, broken = 0, outside = 0, known = 0,
				empty = 0 WHERE import = ?`, string(i.ID))
			d.wake(tx)
			return err
		}})
}

func unstage(ctx context.Context, tx *db.Tx, iid id.ID) error {
	for _, table := range []string{`DELETE FROM signal_staged WHERE import = ?`, `DELETE FROM signal_row WHERE import = ?`} {
		if _, err := tx.Exec(ctx, table, string(iid)); err != nil {
			return err
		}
	}
	return nil
}

// MoveImport takes a step that brings nothing along: stop, resume, store,
// discard.
func (d *Desk) MoveImport(ctx context.Context, actor access.Actor, iid id.ID, seen int, verb workflow.Verb) (Import, error) {
	c := desk.Change[Import]{Then: func(ctx context.Context, tx *db.Tx, i *Import) error { d.wake(tx); return nil }}
	switch verb {
	case "stop", "resume":
	case "store":
		c.Detail = map[string]any{}
	case "discard":
		c.Then = func(ctx context.Context, tx *db.Tx, i *Import) error {
			if err := unstage(ctx, tx, i.ID); err != nil {
				return err
			}
			return files.Delete(ctx, tx, i.ID, i.File)
		}
	default:
		return Import{}, fault.New(fault.Invalid, "fault.invalid")
	}
	return d.importStep(ctx, actor, iid, seen, verb, c)
}

func (d *Desk) importStep(ctx context.Context, actor access.Actor, iid id.ID, seen int, verb workflow.Verb, c desk.Change[Import]) (Import, error) {
	if err := mayImport(actor); err != nil {
		return Import{}, err
	}
	return desk.Take(ctx, d.env, d.imports, actor, iid, seen, verb, c)
}

// MendRow puts the cells of a broken row right: it is checked again, and if it
// is good it joins the others. What was typed stays with the row.
func (d *Desk) MendRow(ctx context.Context, actor access.Actor, iid id.ID, seen, row int, cells []string) (Import, error) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	var out Import
	if err := mayImport(actor); err != nil {
		return out, err
	}
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := d.mend(ctx, tx, iid, row, cells)
		if err != nil {
			return err
		}
		out, err = desk.TakeIn(ctx, d.env, tx, d.imports, actor, iid, seen, "mend", desk.Change[Import]{
			Detail: map[string]any{"row": row}, Edit: func(i *Import) error { i.Tally = t; return nil }})
		return err
	})
	return out, err
}

// mend checks the row again and stages it; the step that follows in the same
// transaction says whether that was allowed.
func (d *Desk) mend(ctx context.Context, tx *db.Tx, iid id.ID, row int, cells []string) (Tally, error) {
	i, err := loadImport(ctx, tx, iid)
	if err != nil {
		return Tally{}, err
	}
	found, err := loadAll[Row](ctx, tx, `SELECT doc FROM signal_row WHERE import = ? AND row_number = ? AND outcome = ?`, string(iid), row, string(Broken))
	if err != nil {
		return Tally{}, err
	}
	if len(found) == 0 || len(cells) > len(i.Columns) {
		return Tally{}, desk.NotFound()
	}
	b := newBatch(d, &i)
	b.row(row, cells, nil)
	if err := b.firstFault(); err != nil {
		return Tally{}, err
	}
	t, err := progress(ctx, tx, iid)
	if err != nil {
		return t, err
	}
	t.Broken--
	if _, err := tx.Exec(ctx, `DELETE FROM signal_row WHERE import = ? AND row_number = ?`, string(iid), row); err != nil {
		return t, err
	}
	if err := b.stage(ctx, tx, &t); err != nil {
		return t, err
	}
	_, err = saveProgress(ctx, tx, iid, t.Row, t)
	return t, err
}
