package signal

import (
	"context"
	"strings"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

// batch is a number of rows that are checked together and staged in one
// transaction.
type batch struct {
	desk   *Desk
	of     *Import
	conv   *converter
	tally  Tally
	staged []*Signal
	keys   []string // of staged
	rows   []Row
	byKey  map[string]bool
	repair map[int]Row // rows that were repaired, until they are staged
}

func newBatch(d *Desk, i *Import) *batch {
	return &batch{desk: d, of: i, conv: newConverter(i, d.env.Member, d.env.Clock.Now()), byKey: map[string]bool{}, repair: map[int]Row{}}
}

// clear keeps what was learnt about places and hazards for the next rows.
func (b *batch) clear() {
	b.tally, b.staged, b.keys, b.rows = Tally{}, b.staged[:0], b.keys[:0], b.rows[:0]
	clear(b.byKey)
	clear(b.repair)
}

// row checks one row; broken is what the reader of the table already found.
func (b *batch) row(n int, cells []string, broken error) {
	if broken != nil {
		r := Row{N: n, Outcome: Broken}
		if f, ok := broken.(*fault.Error); ok {
			r.Faults = f.Fields
		}
		b.rows, b.tally.Broken = append(b.rows, r), b.tally.Broken+1
		return
	}
	if strings.Join(cells, "") == "" {
		b.tally.Empty++
		return
	}
	r, outside := b.conv.convert(n, cells)
	switch {
	case outside:
		b.tally.Outside++
		return
	case len(r.faults) > 0:
		b.rows = append(b.rows, Row{N: n, Outcome: Broken, Cells: b.kept(cells), Faults: r.faults, Repairs: r.repairs})
		b.tally.Broken++
		return
	}
	s := r.s
	s.Import = b.of.ID
	key := content(&s)
	if b.byKey[key] {
		b.tally.Known++
		return
	}
	b.byKey[key] = true
	b.staged, b.keys = append(b.staged, &s), append(b.keys, key)
	if len(r.repairs) > 0 {
		b.repair[n] = Row{N: n, Outcome: Repaired, Repairs: r.repairs, Title: s.Title()}
	}
}

// kept are the cells of a row without those that must not be kept.
func (b *batch) kept(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		if i >= len(b.of.Columns) || b.of.Columns[i].Target != ToDropped {
			out[i] = c
		}
	}
	return out
}

// firstFault is why the only row of a batch is broken.
func (b *batch) firstFault() error {
	if len(b.rows) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: b.rows[0].Faults}
}

// stage writes the batch and adds it to the tally. Rows that say what a signal
// here already says, or an earlier row, are not staged again.
func (b *batch) stage(ctx context.Context, tx *db.Tx, t *Tally) error {
	known, err := b.known(ctx, tx)
	if err != nil {
		return err
	}
	for n, s := range b.staged {
		if known[b.keys[n]] {
			b.tally.Known++
			delete(b.repair, s.Row)
			continue
		}
		b.tally.Good++
		if err := b.insert(ctx, tx, s, b.keys[n]); err != nil {
			return err
		}
	}
	for _, r := range b.repair {
		b.rows = append(b.rows, r)
	}
	b.tally.Repaired = len(b.repair)
	for _, r := range b.rows {
		doc, err := encode(r)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO signal_row (import, row_number, outcome, doc) VALUES (?, ?, ?, ?)
			ON CONFLICT (import, row_number) DO UPDATE SET outcome = excluded.outcome, doc = excluded.doc`, string(b.of.ID), r.N, string(r.Outcome), doc); err != nil {
			return err
		}
	}
	t.Good, t.Repaired, t.Broken = t.Good+b.tally.Good, t.Repaired+b.tally.Repaired, t.Broken+b.tally.Broken
	t.Outside, t.Known, t.Empty = t.Outside+b.tally.Outside, t.Known+b.tally.Known, t.Empty+b.tally.Empty
	return nil
}

func (b *batch) known(ctx context.Context, tx *db.Tx) (map[string]bool, error) {
	out := map[string]bool{}
	note := func(scan func(...any) error) error {
		var k string
		err := scan(&k)
		out[k] = true
		return err
	}
	for at := 0; at < len(b.keys); at += 500 {
		part := b.keys[at:min(at+500, len(b.keys))]
		if err := tx.Each(ctx, `SELECT content FROM signal_signal WHERE content IN (`+marks(len(part))+`)`, anys(part), note); err != nil {
			return nil, err
		}
		if err := tx.Each(ctx, `SELECT content FROM signal_staged WHERE import = ? AND content IN (`+marks(len(part))+`)`,
			append([]any{string(b.of.ID)}, anys(part)...), note); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// insert stages a signal as it will be: it is of the time when the table came,
// since that is when the information reached the desk and the clock began.
func (b *batch) insert(ctx context.Context, tx *db.Tx, s *Signal, key string) error {
	i := b.of
	verb := importVerb(i)
	row, _ := Signals.Find("", verb)
	s.ID, s.Kind, s.Owner, s.Exercise, s.Version = b.desk.env.IDs.New(), b.desk.signals.Name, i.Owner, i.Exercise, 1
	s.State, s.Created, s.Changed = row.To, i.Created, i.Created
	s.Clock, s.Due = row.Within.Name, row.Within.Due(*s, i.Created.At)
	doc, err := encode(s)
	if err != nil {
		return err
	}
	words := needle(s)
	_, err = tx.Exec(ctx, `INSERT INTO signal_staged (import, row_number, id, place, country, hazard, source, marking, seen, content, `+sigColumns+`, needle, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, `+sigMarks+`, ?, ?)`, append(append([]any{string(i.ID), s.Row, string(s.ID), s.Place, Country(s.Place), s.Hazard, string(s.Source), string(s.Marking),
		clock.Micros(s.Seen()), key}, sketched(words)...), words, doc)...)
	return err
}
