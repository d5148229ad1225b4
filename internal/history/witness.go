package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"golang.org/x/mod/sumdb/note"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

// Outcome is what a witness made of a checkpoint; the catalogue's
// "history.outcome.<outcome>".
type Outcome string

const (
	Continues    Outcome = "countersigned" // continues what was held
	GaveUp       Outcome = "reopened"      // a declared new epoch that gave up a tail; countersigned, reported
	NeedProof    Outcome = "need_proof"    // the proof starts from another checkpoint than the one held
	Stale        Outcome = "stale"         // an older checkpoint that arrived late
	Fork         Outcome = "fork"          // the same size with another root
	Shrink       Outcome = "shrink"        // newer, but smaller
	Inconsistent Outcome = "inconsistent"  // larger, but its proof does not hold
	Undeclared   Outcome = "undeclared"    // a new epoch that does not name what is held
)

// Accepted reports whether the checkpoint was countersigned.
func (o Outcome) Accepted() bool { return o == Continues || o == GaveUp }

// Reported reports whether operators must see it; evidence was stored.
func (o Outcome) Reported() bool {
	switch o {
	case GaveUp, Fork, Shrink, Inconsistent, Undeclared:
		return true
	}
	return false
}

// Received is what came of another member's checkpoint.
type Received struct {
	Outcome Outcome
	Offered Checkpoint
	Held    Checkpoint // what was held before; its size is 0 when nothing was
	Answer  CountersignBody
}

// Receive judges another member's checkpoint against the last one accepted
// from it. What is refused is an outcome, not an error, because its evidence
// has to be committed; only what nobody could have signed is an error.
func Receive(ctx context.Context, tx *db.Tx, from access.Member, body CheckpointBody, keys note.Verifiers, me note.Signer, wall time.Time) (Received, error) {
	o, err := Open(body.Note, keys)
	if err != nil {
		return Received{}, err
	}
	if o.Member != from {
		return Received{}, fault.New(fault.Invalid, "fault.history.other_member").With("member", string(o.Member))
	}
	if KeyName(from) == me.Name() {
		return Received{}, fault.New(fault.Invalid, "fault.history.own")
	}
	held, heldNote, err := HeldOf(ctx, tx, from)
	if err != nil {
		return Received{}, err
	}
	r := Received{Outcome: judge(held, o.Checkpoint, body), Offered: o.Checkpoint, Held: held}
	r.Answer = CountersignBody{Of: o.Point(), Outcome: r.Outcome}
	if r.Outcome.Reported() {
		if err := storeEvidence(ctx, tx, r, heldNote, o.only(from), wall); err != nil {
			return r, err
		}
	}
	if !r.Outcome.Accepted() {
		r.Answer.Held = heldNote
		return r, nil
	}
	signed, err := note.Sign(&note.Note{Text: o.note.Text, Sigs: o.note.Sigs}, me)
	if err != nil {
		return r, fault.Wrap(fault.Internal, "fault.history.sign", err)
	}
	r.Answer.Note = string(signed)
	if o.Point() == held.Point() {
		return r, nil
	}
	return r, keep(ctx, tx, held, o, wall)
}

// keep replaces what is held, unless another process did meanwhile.
func keep(ctx context.Context, tx *db.Tx, held Checkpoint, o Opened, wall time.Time) error {
	n, err := tx.Exec(ctx, `INSERT INTO history_peer (member, epoch, size, note, received) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (member) DO UPDATE SET epoch = excluded.epoch, size = excluded.size, note = excluded.note, received = excluded.received
		WHERE history_peer.epoch = ? AND history_peer.size = ?`,
		string(o.Member), o.Epoch, o.Size, o.only(o.Member), clock.Micros(clock.Cut(wall)), held.Epoch, held.Size)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// HeldOf is the last checkpoint that was accepted from a member, with its
// note: what HeldBody answers. Its size is 0 when there is none.
func HeldOf(ctx context.Context, tx *db.Tx, m access.Member) (Checkpoint, string, error) {
	var text string
	ok, err := tx.Row(ctx, `SELECT note FROM history_peer WHERE member = ?`, []any{string(m)}, &text)
	if err != nil || !ok {
		return Checkpoint{}, "", err
	}
	c, err := ParseCheckpoint(textOf(text))
	return c, text, err
}

// judge is the rule of a witness. It is pure: what is held, what is offered.
func judge(held, offered Checkpoint, body CheckpointBody) Outcome {
	late := !offered.At.After(held.At)
	switch {
	case held.Size == 0:
		return Continues
	case offered.Epoch > held.Epoch:
		return judgeEpoch(held, offered, body)
	case offered.Point() == held.Point() && offered.Root == held.Root:
		return Continues
	case offered.Point() == held.Point():
		return Fork
	case (offered.Epoch < held.Epoch || offered.Size < held.Size) && late:
		return Stale
	case offered.Epoch < held.Epoch || offered.Size < held.Size:
		return Shrink
	case body.Since.Size != held.Size:
		return NeedProof
	case CheckConsistency(body.Proof, held, offered) != nil:
		return Inconsistent
	}
	return Continues
}

// judgeEpoch accepts a new epoch that keeps what is held, or that says in its
// first entry that it gives it up.
func judgeEpoch(held, offered Checkpoint, body CheckpointBody) Outcome {
	if body.Reopened == nil {
		return NeedProof
	}
	reopening, err := body.Reopened.check(offered)
	if err != nil {
		return Inconsistent
	}
	if body.Since.Size == held.Size && CheckConsistency(body.Proof, held, offered) == nil {
		return Continues
	}
	switch {
	case held.Size <= reopening.keeps(held.Epoch) && body.Since.Size != held.Size:
		return NeedProof
	case held.Size <= reopening.keeps(held.Epoch):
		return Inconsistent
	case reopening.names(held):
		return GaveUp
	}
	return Undeclared
}

// Evidence is a pair of notes that a member signed and that do not agree.
type Evidence struct {
	Member   access.Member
	Outcome  Outcome
	Held     string
	Offered  string
	Received time.Time
}

func storeEvidence(ctx context.Context, tx *db.Tx, r Received, held, offered string, wall time.Time) error {
	sum := sha256.Sum256([]byte(string(r.Outcome) + "\n" + held + "\n" + offered))
	_, err := tx.Exec(ctx, `INSERT INTO history_evidence (one, member, outcome, held, offered, received) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (one) DO NOTHING`, hex.EncodeToString(sum[:]), string(r.Offered.Member), string(r.Outcome), held, offered, clock.Micros(clock.Cut(wall)))
	return err
}

// Evidences lists what was stored against members, newest first.
func Evidences(ctx context.Context, tx *db.Tx) ([]Evidence, error) {
	var out []Evidence
	err := tx.Each(ctx, `SELECT member, outcome, held, offered, received FROM history_evidence ORDER BY received DESC, one`, nil,
		func(scan func(...any) error) error {
			var e Evidence
			var m, o string
			var at int64
			if err := scan(&m, &o, &e.Held, &e.Offered, &at); err != nil {
				return err
			}
			e.Member, e.Outcome, e.Received = access.Member(m), Outcome(o), clock.FromMicros(at)
			out = append(out, e)
			return nil
		})
	return out, err
}

// Answered is what an answer to our checkpoint told us.
type Answered struct {
	Outcome  Outcome
	New      bool     // a countersignature that was not there
	Standing Standing // of what the other holds, when it said so
	Since    Point    // what the other holds: where a proof must start
}

// Answer stores the other member's countersignature, or learns from its
// refusal what it holds; if our log cannot reach that, the log is suspended.
func Answer(ctx context.Context, tx *db.Tx, from access.Member, body CountersignBody, keys note.Verifiers, wall time.Time) (Answered, error) {
	a := Answered{Outcome: body.Outcome}
	var err error
	if body.Outcome.Accepted() {
		a.New, err = AddCountersignature(ctx, tx, from, body.Note, keys, wall)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			// The other signed what we no longer have, or have otherwise: the
			// note itself says what it holds.
			a.Standing, a.Since, err = Heard(ctx, tx, from, HeldBody{Note: body.Note}, keys, wall)
		}
		return a, err
	}
	if body.Held == "" {
		return a, nil
	}
	a.Standing, a.Since, err = Heard(ctx, tx, from, HeldBody{Note: body.Held}, keys, wall)
	return a, err
}
