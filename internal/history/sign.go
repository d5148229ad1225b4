package history

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/note"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

// Signed is an own checkpoint as it is stored.
type Signed struct {
	Checkpoint
	Note           string // with the own signature only
	Countersigned  []access.Member
	countersigners []string
}

// Sign makes and stores a signed checkpoint of the present size. It is false
// when nothing was appended since the last one, and refused while the log is
// suspended after a restore.
func Sign(ctx context.Context, tx *db.Tx, s note.Signer, wall time.Time) (Signed, bool, error) {
	member, ok := memberOf(s.Name())
	if !ok {
		return Signed{}, false, fault.New(fault.Invalid, "fault.history.key")
	}
	h, err := Now(ctx, tx)
	if err != nil {
		return Signed{}, false, err
	}
	if h.Suspended {
		return Signed{}, false, fault.New(fault.Unavailable, "fault.history.suspended")
	}
	last, err := Last(ctx, tx)
	if err != nil || h.Size == 0 || last.Point() == (Point{h.Epoch, h.Size}) {
		return last, false, err
	}
	root, err := Root(ctx, tx, h.Size)
	if err != nil {
		return Signed{}, false, err
	}
	c := Checkpoint{Member: member, Epoch: h.Epoch, Size: h.Size, Root: root, At: clock.Cut(wall)}
	text, err := c.sign(s)
	if err != nil {
		return Signed{}, false, err
	}
	// Another process may have signed this size meanwhile; one text stays.
	if _, err := tx.Exec(ctx, `INSERT INTO history_checkpoint (epoch, size, note) VALUES (?, ?, ?)
		ON CONFLICT (epoch, size) DO NOTHING`, c.Epoch, c.Size, text); err != nil {
		return Signed{}, false, err
	}
	out, err := stored(ctx, tx, c.Point())
	return out, out.Note == text, err
}

// Last is the newest own checkpoint; its size is 0 when there is none.
func Last(ctx context.Context, tx *db.Tx) (Signed, error) {
	var p Point
	ok, err := tx.Row(ctx, `SELECT epoch, size FROM history_checkpoint ORDER BY epoch DESC, size DESC LIMIT 1`, nil, &p.Epoch, &p.Size)
	if err != nil || !ok {
		return Signed{}, err
	}
	return stored(ctx, tx, p)
}

// stored reads one own checkpoint with the names of its countersigners.
func stored(ctx context.Context, tx *db.Tx, p Point) (Signed, error) {
	var s Signed
	ok, err := tx.Row(ctx, `SELECT note FROM history_checkpoint WHERE epoch = ? AND size = ?`, []any{p.Epoch, p.Size}, &s.Note)
	if err != nil {
		return s, err
	}
	if !ok {
		return s, fault.New(fault.NotFound, "fault.history.no_checkpoint")
	}
	if s.Checkpoint, err = ParseCheckpoint(textOf(s.Note)); err != nil {
		return s, err
	}
	err = tx.Each(ctx, `SELECT member, note FROM history_countersign WHERE epoch = ? AND size = ? ORDER BY member`,
		[]any{p.Epoch, p.Size}, func(scan func(...any) error) error {
			var m, n string
			if err := scan(&m, &n); err != nil {
				return err
			}
			s.Countersigned = append(s.Countersigned, access.Member(m))
			s.countersigners = append(s.countersigners, n)
			return nil
		})
	return s, err
}

// textOf is the signed part of a note; it verifies nothing.
func textOf(msg string) string {
	for i := 0; i+1 < len(msg); i++ {
		if msg[i] == '\n' && msg[i+1] == '\n' {
			return msg[:i+1]
		}
	}
	return ""
}

// AddCountersignature stores another member's signature of one of our
// checkpoints. It is false when it was there already.
func AddCountersignature(ctx context.Context, tx *db.Tx, from access.Member, msg string, keys note.Verifiers, wall time.Time) (bool, error) {
	o, err := Open(msg, keys)
	if err != nil {
		return false, err
	}
	own, err := stored(ctx, tx, o.Point())
	if err != nil {
		return false, err
	}
	if own.Text() != o.Text() {
		return false, fault.New(fault.Conflict, "fault.history.other_checkpoint")
	}
	signed := false
	for _, m := range o.By {
		signed = signed || m == from
	}
	if !signed || from == own.Member {
		return false, fault.New(fault.Invalid, "fault.history.signature")
	}
	n, err := tx.Exec(ctx, `INSERT INTO history_countersign (epoch, size, member, note, received) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (epoch, size, member) DO NOTHING`,
		o.Epoch, o.Size, string(from), o.only(from), clock.Micros(clock.Cut(wall)))
	return n == 1, err
}

// Countersigned is the newest own checkpoint that each member countersigned.
func Countersigned(ctx context.Context, tx *db.Tx) (map[access.Member]Point, error) {
	out := map[access.Member]Point{}
	err := tx.Each(ctx, `SELECT member, epoch, MAX(size) FROM history_countersign GROUP BY member, epoch ORDER BY epoch`, nil,
		func(scan func(...any) error) error {
			var m string
			var p Point
			if err := scan(&m, &p.Epoch, &p.Size); err != nil {
				return err
			}
			out[access.Member(m)] = p
			return nil
		})
	return out, err
}

// Full is the note with every countersignature that is stored: what an
// outsider is given together with a proof.
func (s Signed) Full() string {
	msg := s.Note
	for _, c := range s.countersigners {
		msg += c[len(textOf(c))+1:]
	}
	return msg
}
