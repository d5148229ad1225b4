package signal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// chunkRows is how many rows of an import are checked in one transaction.
const chunkRows = 1000

// importVerb is the row of the table by which the signals of an import come.
func importVerb(i *Import) workflow.Verb {
	if i.Options.Archive {
		return "archive"
	}
	return "import"
}

// Run does what waits in the background until ctx ends: imports, the search
// for near duplicates, escalation. report is told of what fails.
func (d *Desk) Run(ctx context.Context, report func(what string, err error)) {
	tick := time.NewTicker(20 * time.Second)
	defer tick.Stop()
	for {
		if _, err := d.Escalate(ctx); err != nil && ctx.Err() == nil {
			report("escalating signals", err)
		}
		for busy := true; busy && ctx.Err() == nil; {
			var err error
			if busy, err = d.Work(ctx); err != nil && ctx.Err() == nil {
				report("importing signals", err)
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-d.work:
		case <-tick.C:
		}
	}
}

// Work does one piece of what waits and reports whether there may be more.
// After a crash it goes on where the last commit was.
func (d *Desk) Work(ctx context.Context) (bool, error) {
	for _, state := range []workflow.State{Checking, Storing} {
		iid, err := d.oldest(ctx, state)
		if err != nil {
			return false, err
		}
		if iid == "" {
			continue
		}
		if state == Checking {
			err = d.check(ctx, iid)
		} else {
			err = d.store(ctx, iid)
		}
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
			return true, d.fail(ctx, iid, err)
		}
		return true, err
	}
	n, err := d.Scout(ctx)
	return n > 0, err
}

func (d *Desk) oldest(ctx context.Context, state workflow.State) (id.ID, error) {
	var out string
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.Row(ctx, `SELECT id FROM signal_import WHERE state = ? ORDER BY created LIMIT 1`, []any{string(state)}, &out)
		return err
	})
	return id.ID(out), err
}

func (d *Desk) fail(ctx context.Context, iid id.ID, cause error) error {
	key := "fault.internal"
	if f, ok := errors.AsType[*fault.Error](cause); ok {
		key = f.Key
	}
	_, err := desk.Take(ctx, d.env, d.imports, access.Node(d.env.Member), iid, 0, "fail", desk.Change[Import]{
		Edit: func(i *Import) error { i.Fault = key; return nil }, Detail: map[string]any{"fault": key}})
	if fault.Is(err, fault.Conflict) {
		return nil // it was stopped meanwhile
	}
	return err
}

// errStopped ends the checking of an import that somebody stopped.
var errStopped = errors.New("signal: the import is not being checked any more")

// check reads the file from where it stopped and stages the rows.
func (d *Desk) check(ctx context.Context, iid id.ID) error {
	var imp Import
	var t Tally
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if imp, err = loadImport(ctx, tx, iid); err == nil {
			t, err = progress(ctx, tx, iid)
		}
		return err
	})
	if err != nil {
		return err
	}
	_, r, err := d.files.Open(ctx, imp.File)
	if err != nil {
		return err
	}
	bytes := &counted{r: r}
	in, _, err := openRows(bytes)
	if err != nil {
		return err
	}
	defer in.Close()
	err = d.checkRows(ctx, &imp, in, bytes, t)
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

func (d *Desk) checkRows(ctx context.Context, imp *Import, in rows, bytes *counted, t Tally) error {
	if _, err := in.Next(); err != nil { // headings
		return err
	}
	b, same, last := newBatch(d, imp), 0, t.Row
	for {
		cells, err := in.Next()
		if errors.Is(err, io.EOF) {
			return d.flush(ctx, b, t, last, bytes.n, true)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
		n := in.Row()
		if err != nil && n == last && n > t.Row {
			if same++; same > 3 {
				return err // the reader cannot go on
			}
			continue
		}
		if n <= t.Row {
			continue // done before the last stop
		}
		same, last = 0, n
		b.row(n, cells, err)
		if len(b.staged)+len(b.rows) >= chunkRows || n-t.Row >= 4*chunkRows {
			if err := d.flush(ctx, b, t, n, bytes.n, false); err != nil {
				return err
			}
			if t, err = d.tally(ctx, imp.ID); err != nil {
				return err
			}
			b.clear()
			if d.pause != nil {
				if err := d.pause(); err != nil {
					return err
				}
			}
		}
	}
}

func (d *Desk) tally(ctx context.Context, iid id.ID) (t Tally, err error) {
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error { t, err = progress(ctx, tx, iid); return err })
	return t, err
}

// flush stages a batch, unless somebody stopped the import meanwhile or
// another process went on with it.
func (d *Desk) flush(ctx context.Context, b *batch, t Tally, row int, read int64, end bool) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := loadImport(ctx, tx, b.of.ID)
		if err != nil {
			return err
		}
		if now.State != Checking {
			return errStopped
		}
		next := t
		next.Row, next.Bytes = row, min(read, t.Total)
		before := b.tally
		if err := b.stage(ctx, tx, &next); err != nil {
			return err
		}
		b.tally = before // the transaction may run again
		ok, err := saveProgress(ctx, tx, b.of.ID, t.Row, next)
		if err != nil {
			return err
		}
		if !ok {
			return errStopped
		}
		d.env.Notify(tx, ImportTopic(b.of))
		if !end {
			return nil
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.imports, access.Node(d.env.Member), b.of.ID, 0, "checked", desk.Change[Import]{
			Edit:   func(i *Import) error { i.Tally = next; i.Tally.Bytes = i.Size; return nil },
			Detail: map[string]any{"good": next.Good, "repaired": next.Repaired, "broken": next.Broken, "outside": next.Outside, "known": next.Known}})
		return err
	})
}

// store makes signals of all staged rows at once. The history gets one entry
// for the whole batch, with the count and a digest of the signals in their
// order; whoever holds the table can compute it again.
func (d *Desk) store(ctx context.Context, iid id.ID) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		imp, err := loadImport(ctx, tx, iid)
		if err != nil || imp.State != Storing {
			return err
		}
		digest, n, err := digestOf(ctx, tx, iid)
		if err != nil {
			return err
		}
		made, err := tx.Exec(ctx, `INSERT INTO signal_signal (id, state, version, place, country, hazard, source, marking, created, seen, due, rank, claimer,
			claimed_until, escalated, event, duplicate_of, import, alarm, content, scouted, twins, open, `+sigColumns+`, needle, doc)
			SELECT id, ?, 1, place, country, hazard, source, marking, ?, seen, ?, ?, '', 0, 0, '', '', import, '', content, 0, 0, ?, `+sigColumns+`, needle, doc
			FROM signal_staged WHERE import = ?`, d.columnsOf(&imp)...)
		if err != nil {
			return err
		}
		if made != int64(n) {
			return fault.Wrap(fault.Internal, "fault.internal", fmt.Errorf("signal: %d rows stored of %d", made, n))
		}
		if _, err := tx.Exec(ctx, `DELETE FROM signal_staged WHERE import = ?`, string(iid)); err != nil {
			return err
		}
		if err := files.Delete(ctx, tx, iid, imp.File); err != nil {
			return err
		}
		_, err = desk.TakeIn(ctx, d.env, tx, d.imports, access.Node(d.env.Member), iid, 0, "stored", desk.Change[Import]{
			Edit:   func(i *Import) error { i.Digest, i.Ended = digest, d.env.Clock.Now(); return nil },
			Detail: map[string]any{"count": n, "digest": digest, "file": imp.Name, "sha256": imp.SHA256}})
		return err
	})
}

// columnsOf are the values that all signals of an import share, as
// signalColumns would have them.
func (d *Desk) columnsOf(i *Import) []any {
	row, _ := Signals.Find("", importVerb(i))
	due := row.Within.Due(Signal{}, i.Created.At)
	return []any{string(row.To), clock.Micros(i.Created.At), clock.Micros(due), rank(due, i.Created.At), isOpen(row.To), string(i.ID)}
}

// digestOf is the SHA-256 over the staged documents in the order of the rows.
func digestOf(ctx context.Context, tx *db.Tx, iid id.ID) (string, int, error) {
	h, n, last := sha256.New(), 0, -1
	for {
		was := n
		err := tx.Each(ctx, `SELECT row_number, doc FROM signal_staged WHERE import = ? AND row_number > ? ORDER BY row_number LIMIT 2000`, []any{string(iid), last},
			func(scan func(...any) error) error {
				var doc string
				if err := scan(&last, &doc); err != nil {
					return err
				}
				_, _ = io.WriteString(h, doc)
				_, _ = h.Write([]byte{'\n'})
				n++
				return nil
			})
		if err != nil {
			return "", 0, err
		}
		if n == was {
			return hex.EncodeToString(h.Sum(nil)), n, nil
		}
	}
}
