package history

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

// A node that was restored from an old backup lacks entries that others have
// countersigned. If it went on as if nothing had happened, it would sign
// another tree of the same size: a fork. So restoring suspends the signing of
// checkpoints (entries are still appended: the work goes on), the others say
// what they hold, and either all of it is in our tree (Resume) or the log is
// reopened: a new epoch whose first entry names what was lost (Reopen).

// Standing is what another member's held checkpoint means for our log.
type Standing string

const (
	Agrees     Standing = "agrees"     // our tree has it
	Tail       Standing = "tail"       // it is larger than our log: we lost a tail
	Contradict Standing = "contradict" // it is another tree than ours: we forked
	GivenUp    Standing = "given_up"   // the present epoch already names it as lost
)

// Behind returns the held checkpoints that the log cannot reach: those that
// are larger than it, or of a later epoch. It needs no database.
func Behind(own Head, held []Checkpoint) []Checkpoint {
	var out []Checkpoint
	for _, c := range held {
		if c.Size > own.Size || c.Epoch > own.Epoch {
			out = append(out, c)
		}
	}
	return out
}

// Suspend is what a restore does first: no checkpoint is signed until Resume
// or Reopen.
func Suspend(ctx context.Context, tx *db.Tx) error {
	// What the backup says of the others is as old as the backup.
	if _, err := tx.Exec(ctx, `DELETE FROM history_heard`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE history_head SET suspended = 1, kept = size WHERE one = 1`)
	return err
}

// Heard takes note of what another member holds of our log. If our tree does
// not have it, signing is suspended.
func Heard(ctx context.Context, tx *db.Tx, from access.Member, body HeldBody, keys note.Verifiers, wall time.Time) (Standing, Point, error) {
	if body.Note == "" {
		return Agrees, Point{}, storeHeard(ctx, tx, from, Point{}, "", true, wall)
	}
	o, err := Open(body.Note, keys)
	if err != nil {
		return "", Point{}, err
	}
	standing, err := Compare(ctx, tx, o.Checkpoint)
	if err != nil || standing == GivenUp {
		return standing, o.Point(), err
	}
	if standing != Agrees {
		if _, err := tx.Exec(ctx, `UPDATE history_head SET suspended = 1 WHERE one = 1`); err != nil {
			return standing, o.Point(), err
		}
	}
	return standing, o.Point(), storeHeard(ctx, tx, from, o.Point(), o.only(o.Member), standing == Agrees, wall)
}

func storeHeard(ctx context.Context, tx *db.Tx, from access.Member, p Point, text string, ok bool, wall time.Time) error {
	agrees := 0
	if ok {
		agrees = 1
	}
	_, err := tx.Exec(ctx, `INSERT INTO history_heard (member, epoch, size, note, agrees, received) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (member) DO UPDATE SET epoch = excluded.epoch, size = excluded.size, note = excluded.note,
		agrees = excluded.agrees, received = excluded.received`,
		string(from), p.Epoch, p.Size, text, agrees, clock.Micros(clock.Cut(wall)))
	return err
}

// HeardFrom lists the members that said what they hold of our log, since the
// restore if there was one: those whose words our tree has, and the others.
// Who may resume and when is the node's decision.
func HeardFrom(ctx context.Context, tx *db.Tx) (agreed, against []access.Member, err error) {
	err = tx.Each(ctx, `SELECT member, agrees FROM history_heard ORDER BY member`, nil, func(scan func(...any) error) error {
		var m string
		var agrees int64
		if err := scan(&m, &agrees); err != nil {
			return err
		}
		if agrees == 1 {
			agreed = append(agreed, access.Member(m))
		} else {
			against = append(against, access.Member(m))
		}
		return nil
	})
	return agreed, against, err
}

// Compare says what a checkpoint of ours that another holds means.
func Compare(ctx context.Context, tx *db.Tx, held Checkpoint) (Standing, error) {
	own, err := Now(ctx, tx)
	if err != nil {
		return "", err
	}
	if held.Size <= own.Size && held.Epoch <= own.Epoch {
		root, err := Root(ctx, tx, held.Size)
		if err != nil || root == held.Root {
			return Agrees, err
		}
	}
	last, err := lastReopening(ctx, tx)
	switch {
	case err != nil:
		return "", err
	case last.names(held):
		return GivenUp, nil
	case len(Behind(own, []Checkpoint{held})) > 0:
		return Tail, nil
	}
	return Contradict, nil
}

// Resume signs again after a restore that lost nothing. It is refused while
// what some member holds is not in our tree.
func Resume(ctx context.Context, tx *db.Tx) error {
	var against int64
	if _, err := tx.Row(ctx, `SELECT COUNT(*) FROM history_heard WHERE agrees = 0`, nil, &against); err != nil {
		return err
	}
	if against > 0 {
		return fault.New(fault.Conflict, "fault.history.contradicted").With("n", against)
	}
	_, err := tx.Exec(ctx, `UPDATE history_head SET suspended = 0, kept = 0 WHERE one = 1`)
	return err
}

// Reopen begins a new epoch that names what others hold and we lost. by says
// who decided it and when: Member, Account, Actor, Role, At and Recorded.
func Reopen(ctx context.Context, tx *db.Tx, by Entry) (Reopening, error) {
	head, err := Now(ctx, tx)
	if err != nil {
		return Reopening{}, err
	}
	agreed, against, err := heard(ctx, tx)
	if err != nil {
		return Reopening{}, err
	}
	if len(against) == 0 {
		return Reopening{}, fault.New(fault.Conflict, "fault.history.nothing_lost")
	}
	r, err := lastReopening(ctx, tx)
	if err != nil {
		return Reopening{}, err
	}
	before := r
	r = Reopening{Epoch: head.Epoch, Lost: slices.Clone(before.Lost)}
	for _, c := range against {
		kept, err := keptSize(ctx, tx, head, before.keeps(c.Epoch), c.Epoch, agreed, against)
		if err != nil {
			return r, err
		}
		r.Epoch = max(r.Epoch, c.Epoch)
		l := Lost{Point: c.Point(), Root: c.Root, Kept: kept}
		if !slices.Contains(r.Lost, l) {
			r.Lost = append(r.Lost, l)
		}
	}
	r.Epoch++
	return r, begin(ctx, tx, r, by)
}

func begin(ctx context.Context, tx *db.Tx, r Reopening, by Entry) error {
	detail, err := json.Marshal(r)
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.history.reopening", err)
	}
	by.Action, by.Detail = ActionReopen, detail
	by.Record = Record{Desk: "history", Kind: "log"}
	start, err := Append(ctx, tx, by)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO history_epoch (epoch, start) VALUES (?, ?)`, r.Epoch, start); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE history_head SET epoch = ?, suspended = 0, kept = 0 WHERE one = 1`, r.Epoch); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM history_heard WHERE agrees = 0`)
	return err
}

// keptSize is a size up to which our tree is surely the one that those know
// who hold a checkpoint of the epoch. Where an earlier reopening gave up a part
// of that epoch it is what was kept then; after an announced restore it is the
// size of the backup; else the largest size that somebody signed with us, up
// to that epoch and below the first contradiction.
func keptSize(ctx context.Context, tx *db.Tx, head Head, before, epoch int64, agreed, against []Checkpoint) (int64, error) {
	bound := head.Size
	for _, c := range against {
		bound = min(bound, c.Size-1)
	}
	switch {
	case before < everything:
		return min(before, bound), nil
	case head.Kept > 0:
		return min(head.Kept, bound), nil
	}
	var kept int64
	if _, err := tx.Row(ctx, `SELECT COALESCE(MAX(size), 0) FROM history_countersign WHERE size <= ? AND epoch <= ?`,
		[]any{bound, epoch}, &kept); err != nil {
		return 0, err
	}
	for _, c := range agreed {
		if c.Size <= bound && c.Epoch <= epoch {
			kept = max(kept, c.Size)
		}
	}
	return kept, nil
}

func heard(ctx context.Context, tx *db.Tx) (agreed, against []Checkpoint, err error) {
	err = tx.Each(ctx, `SELECT note, agrees FROM history_heard WHERE size > 0 ORDER BY epoch, size, member`, nil, func(scan func(...any) error) error {
		var text string
		var agrees int64
		if err := scan(&text, &agrees); err != nil {
			return err
		}
		c, err := ParseCheckpoint(textOf(text))
		if err != nil {
			return err
		}
		if agrees == 1 {
			agreed = append(agreed, c)
		} else {
			against = append(against, c)
		}
		return nil
	})
	return agreed, against, err
}

// lastReopening is what the present epoch gave up; empty in the first epoch.
func lastReopening(ctx context.Context, tx *db.Tx) (Reopening, error) {
	var start int64
	ok, err := tx.Row(ctx, `SELECT start FROM history_epoch ORDER BY epoch DESC LIMIT 1`, nil, &start)
	if err != nil || !ok {
		return Reopening{}, err
	}
	e, err := At(ctx, tx, start)
	if err != nil {
		return Reopening{}, err
	}
	r, err := reopeningOf(e)
	if err != nil {
		return r, fault.Wrap(fault.Internal, "fault.history.broken", err)
	}
	return r, nil
}

// Announce is the body that offers our newest checkpoint to members that hold
// since; the zero Point is for those that hold nothing.
func Announce(ctx context.Context, tx *db.Tx, since Point) (CheckpointBody, error) {
	last, err := Last(ctx, tx)
	if err != nil {
		return CheckpointBody{}, err
	}
	if last.Size == 0 {
		return CheckpointBody{}, fault.New(fault.NotFound, "fault.history.no_checkpoint")
	}
	b := CheckpointBody{Note: last.Note, Since: since}
	if since.Size >= 1 && since.Size <= last.Size {
		if b.Proof, err = ConsistencyProof(ctx, tx, since.Size, last.Size); err != nil {
			return b, err
		}
	}
	if last.Epoch == 1 || since.Epoch >= last.Epoch {
		return b, nil
	}
	var start int64
	if _, err := tx.Row(ctx, `SELECT start FROM history_epoch WHERE epoch = ?`, []any{last.Epoch}, &start); err != nil {
		return b, err
	}
	e, err := At(ctx, tx, start)
	if err != nil {
		return b, err
	}
	b.Reopened = &Reopened{}
	if b.Reopened.Leaf, err = e.Leaf(); err != nil {
		return b, err
	}
	b.Reopened.Proof, err = InclusionProof(ctx, tx, start, last.Size)
	return b, err
}
