package signal

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Format of what is imported.
type Format string

const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
	Atom Format = "atom"
	RSS  Format = "rss"
	CAP  Format = "cap"
)

// Tally counts the rows of an import by what became of them.
type Tally struct {
	Row      int   `json:"row"`   // the last that was read
	Bytes    int64 `json:"bytes"` // read of the file
	Total    int64 `json:"total"` // size of the file
	Good     int   `json:"good"`  // also those that were repaired
	Repaired int   `json:"repaired"`
	Broken   int   `json:"broken"`
	Outside  int   `json:"outside"` // about no member state
	Known    int   `json:"known"`   // already here, or twice in the table
	Empty    int   `json:"empty"`
}

// Rows are all that were read.
func (t Tally) Rows() int { return t.Good + t.Broken + t.Outside + t.Known + t.Empty }

// Import is a table or feed on its way into the inbox. Its rows wait, checked,
// until all good ones become signals in one transaction: an import that is
// stopped or discarded leaves nothing.
type Import struct {
	desk.Head
	Name    string    `json:"name"` // of the file, or the address
	Format  Format    `json:"format"`
	File    id.ID     `json:"file"`
	SHA256  string    `json:"sha256"`
	Size    int64     `json:"size"`
	Columns []Column  `json:"columns"`
	Options Options   `json:"options"`
	Tally   Tally     `json:"tally,omitzero"`
	Digest  string    `json:"digest,omitempty"` // of the stored signals in their order
	Ended   time.Time `json:"ended,omitzero"`
	Fault   string    `json:"fault,omitempty"` // key of what made it fail
}

// ImportTopic wakes the page of an import.
func ImportTopic(i *Import) string { return "import:" + string(i.ID) }

// hasText: a row needs a text, or at least the name of a hazard to make one.
func (i *Import) hasText() bool {
	return slices.ContainsFunc(i.Columns, func(c Column) bool {
		return c.Target == ToText || c.Target == ToHeadline || c.Target == ToHazard || c.Target == ToAgent
	})
}

func validateImport(i *Import) error {
	var c fault.Check
	c.That(utf8.RuneCountInString(i.Name) <= 500, "name", "fault.too_long", fault.Args{"max": 500})
	o := i.Options
	c.That(slices.Contains(Sources, o.Source), "source", "fault.signal.source")
	c.That(langForm.MatchString(o.Lang), "lang", "fault.signal.lang")
	c.That(o.Marking.Valid(), "marking", "fault.signal.marking")
	c.That(o.Order == DayFirst || o.Order == MonthFirst, "order", "fault.signal.order")
	seen := map[Target]int{}
	for n, col := range i.Columns {
		c.Row(col.Target == ToNothing || slices.Contains(Targets, col.Target), n+1, "columns", "fault.signal.target")
		if first, twice := seen[col.Target]; twice && !slices.Contains(many, col.Target) {
			c.Row(false, n+1, "columns", "fault.signal.target_twice", fault.Args{"other": first})
		}
		seen[col.Target] = n + 1
	}
	return c.Err()
}

func loadImport(ctx context.Context, tx *db.Tx, iid id.ID) (Import, error) {
	var i Import
	err := load(ctx, tx, `SELECT doc FROM signal_import WHERE id = ?`, iid, &i)
	return i, err
}

func insertImport(ctx context.Context, tx *db.Tx, i *Import) error {
	doc, err := encode(i)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO signal_import (id, state, version, created, doc) VALUES (?, ?, ?, ?, ?)`,
		string(i.ID), string(i.State), i.Version, clock.Micros(i.Created.At), doc); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO signal_progress (import, row_number, bytes, total, good, repaired, broken, outside, known, empty)
		VALUES (?, 0, 0, ?, 0, 0, 0, 0, 0, 0)`, string(i.ID), i.Size)
	return err
}

func updateImport(ctx context.Context, tx *db.Tx, i *Import, was int) error {
	doc, err := encode(i)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE signal_import SET state = ?, version = ?, doc = ? WHERE id = ? AND version = ?`,
		string(i.State), i.Version, doc, string(i.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// progress is how far an import is now; the record has it from when the
// checking ended.
func progress(ctx context.Context, tx *db.Tx, iid id.ID) (Tally, error) {
	var t Tally
	_, err := tx.Row(ctx, `SELECT row_number, bytes, total, good, repaired, broken, outside, known, empty FROM signal_progress WHERE import = ?`,
		[]any{string(iid)}, &t.Row, &t.Bytes, &t.Total, &t.Good, &t.Repaired, &t.Broken, &t.Outside, &t.Known, &t.Empty)
	return t, err
}

// saveProgress goes on from where the last was; false means that somebody
// else went on meanwhile.
func saveProgress(ctx context.Context, tx *db.Tx, iid id.ID, was int, t Tally) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE signal_progress SET row_number = ?, bytes = ?, good = ?, repaired = ?, broken = ?, outside = ?, known = ?, empty = ?
		WHERE import = ? AND row_number = ?`, t.Row, t.Bytes, t.Good, t.Repaired, t.Broken, t.Outside, t.Known, t.Empty, string(iid), was)
	return n == 1, err
}

// Outcome of a row of an import.
type Outcome string

const (
	Good     Outcome = "good"
	Repaired Outcome = "repaired"
	Broken   Outcome = "broken"
	Outside  Outcome = "outside"
	Known    Outcome = "known"
	EmptyRow Outcome = "empty"
)

// Row is what is kept of a row that was not simply good.
type Row struct {
	N       int           `json:"n"`
	Outcome Outcome       `json:"outcome"`
	Cells   []string      `json:"cells,omitempty"`
	Faults  []fault.Field `json:"faults,omitempty"`
	Repairs []Repair      `json:"repairs,omitempty"`
	Title   string        `json:"title,omitempty"`
}

// ImportPage is all that the page of an import shows.
type ImportPage struct {
	Import
	Now     Tally // how far it is at this moment
	Broken  []Row
	Mended  []Row // that were repaired
	Preview []View
	More    int // row after which more broken ones follow; 0: none
}

// ImportRows is how many rows the page of an import lists at once.
const ImportRows = 100

// mayImport hides imports from those who cannot make one.
func mayImport(actor access.Actor) error {
	if !MayImport(actor) {
		return desk.NotFound()
	}
	return nil
}

// ImportPage reads an import; after is the row that the page before ended at.
func (d *Desk) ImportPage(ctx context.Context, actor access.Actor, iid id.ID, after int) (ImportPage, error) {
	var p ImportPage
	if err := mayImport(actor); err != nil {
		return p, err
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.Import, err = loadImport(ctx, tx, iid); err != nil {
			return err
		}
		if p.Now, err = progress(ctx, tx, iid); err != nil {
			return err
		}
		if p.State == Stored {
			p.Now = p.Tally
		}
		if p.Broken, err = rowsOf(ctx, tx, iid, Broken, after, ImportRows+1); err != nil {
			return err
		}
		if len(p.Broken) > ImportRows {
			p.Broken = p.Broken[:ImportRows]
			p.More = p.Broken[ImportRows-1].N
		}
		if p.Mended, err = rowsOf(ctx, tx, iid, Repaired, 0, 30); err != nil {
			return err
		}
		staged, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_staged WHERE import = ? ORDER BY row_number LIMIT 10`, string(iid))
		for i := range staged {
			p.Preview = append(p.Preview, view(&staged[i], actor, d.env.Clock.Now()))
		}
		return err
	})
	return p, err
}

func rowsOf(ctx context.Context, tx *db.Tx, iid id.ID, o Outcome, after, most int) ([]Row, error) {
	return loadAll[Row](ctx, tx, `SELECT doc FROM signal_row WHERE import = ? AND outcome = ? AND row_number > ? ORDER BY row_number LIMIT ?`,
		string(iid), string(o), after, most)
}

// ImportRowsOf hands the rows of an outcome to f, all of them, in their order.
func (d *Desk) ImportRowsOf(ctx context.Context, actor access.Actor, iid id.ID, o Outcome, f func(Row) error) error {
	if err := mayImport(actor); err != nil {
		return err
	}
	for after := 0; ; {
		var rows []Row
		err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
			var err error
			rows, err = rowsOf(ctx, tx, iid, o, after, 500)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := f(r); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].N
	}
}

// ImportList are the newest imports.
func (d *Desk) ImportList(ctx context.Context, actor access.Actor) ([]Import, error) {
	if err := mayImport(actor); err != nil {
		return nil, err
	}
	var out []Import
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = loadAll[Import](ctx, tx, `SELECT doc FROM signal_import ORDER BY created DESC LIMIT 100`)
		return err
	})
	return out, err
}
