package history

import (
	"context"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

func TestBehind(t *testing.T) {
	held := []Checkpoint{{Epoch: 1, Size: 10}, {Epoch: 1, Size: 11}, {Epoch: 2, Size: 5}}
	got := Behind(Head{Epoch: 1, Size: 10}, held)
	if len(got) != 2 || got[0].Size != 11 || got[1].Epoch != 2 {
		t.Errorf("%v", got)
	}
	if got := Behind(Head{Epoch: 2, Size: 11}, held); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func (p *pair) heard(t *testing.T) Standing {
	t.Helper()
	var s Standing
	var held string
	err := p.wit.Read(t.Context(), func(tx *db.Tx) error {
		var err error
		_, held, err = HeldOf(t.Context(), tx, "KH")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, p.owner, func(ctx context.Context, tx *db.Tx) error {
		var err error
		s, _, err = Heard(ctx, tx, "TH", HeldBody{Note: held}, allKeys(t), p.now)
		return err
	})
	return s
}

func (p *pair) reopen(t *testing.T) Reopening {
	t.Helper()
	var r Reopening
	write(t, p.owner, func(ctx context.Context, tx *db.Tx) error {
		var err error
		r, err = Reopen(ctx, tx, Entry{Member: "KH", Actor: "administrator", Role: "administrator", At: p.now, Recorded: p.now})
		return err
	})
	return r
}

func (p *pair) verified(t *testing.T) Report {
	t.Helper()
	r, err := Verify(t.Context(), p.owner, allKeys(t), nil)
	if err != nil || !r.OK() {
		t.Fatalf("%+v, %v", r, err)
	}
	return r
}

// backup is the log as it was at 20 entries: the same rows and the same
// first checkpoint, made again because they are deterministic.
func (p *pair) backup(t *testing.T) {
	t.Helper()
	now := p.now
	p.fresh()
	p.now = day
	appendN(t, p.owner, 0, 20)
	p.sign()
	p.now = now
}

// TestRestored: an announced restore. The log goes on in a second epoch that
// names the lost tail, and the witness accepts it, seeing the loss.
func TestRestored(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		p := newPair(t, o)
		appendN(t, p.owner, 0, 20)
		first := p.agree(Point{})
		appendN(t, p.owner, 20, 15)
		lost := p.agree(first.Point())

		p.backup(t)
		write(t, p.owner, Suspend)
		appendN(t, p.owner, 500, 3) // the work goes on
		err := p.owner.Write(t.Context(), func(tx *db.Tx) error {
			_, _, err := Sign(t.Context(), tx, signerOf(t, "KH"), p.now)
			return err
		})
		if !fault.Is(err, fault.Unavailable) {
			t.Fatalf("a suspended log signed: %v", err)
		}
		if s := p.heard(t); s != Tail {
			t.Fatalf("standing %s", s)
		}
		if err := p.owner.Write(t.Context(), func(tx *db.Tx) error { return Resume(t.Context(), tx) }); !fault.Is(err, fault.Conflict) {
			t.Fatalf("resumed over a lost tail: %v", err)
		}
		r := p.reopen(t)
		if want := (Lost{Point: lost.Point(), Root: lost.Root, Kept: 20}); r.Epoch != 2 || len(r.Lost) != 1 || r.Lost[0] != want {
			t.Fatalf("%+v", r)
		}
		if s := p.heard(t); s != GivenUp {
			t.Errorf("standing after reopening %s", s)
		}
		again := p.sign()
		if Origin("KH", again.Epoch) != "lintas/KH/2" || again.Size != 24 {
			t.Errorf("%+v", again.Checkpoint)
		}
		bare := p.announce(again.Point())
		p.outcome(bare, NeedProof, 0)
		got := p.outcome(p.announce(lost.Point()), GaveUp, 1)
		if a := p.answer(got.Answer); !a.New {
			t.Errorf("%+v", a)
		}
		appendN(t, p.owner, 600, 5)
		p.agree(again.Point())
		if r := p.verified(t); r.Head.Epoch != 2 || r.Checkpoints != 3 {
			t.Errorf("%+v", r)
		}
	})
}

// TestWitnessThatWasAway holds only what the backup has: it sees a plain
// continuation, with proof, across the epochs.
func TestWitnessThatWasAway(t *testing.T) {
	p := newPair(t, dbtest.Options(t, db.SQLite))
	appendN(t, p.owner, 0, 20)
	first := p.agree(Point{})
	away := p.wit
	p.wit = dbtest.Open(t, dbtest.Options(t, db.SQLite), Schema)
	p.receive(p.announce(Point{}))
	appendN(t, p.owner, 20, 15)
	p.agree(first.Point())
	p.backup(t)
	write(t, p.owner, Suspend)
	p.heard(t)
	p.reopen(t)
	p.sign()
	p.wit = away
	p.outcome(p.announce(Point{}), NeedProof, 0)
	p.outcome(p.announce(first.Point()), Continues, 0)
}

// TestRestoredUnawares: the database was copied back by hand and the node
// signed on. The witness refuses, its answer suspends the log, and the new
// epoch gives up what the two do not share.
func TestRestoredUnawares(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		p := newPair(t, o)
		appendN(t, p.owner, 0, 20)
		first := p.agree(Point{})
		appendN(t, p.owner, 20, 15)
		lost := p.agree(first.Point())

		p.backup(t)
		write(t, p.owner, func(ctx context.Context, tx *db.Tx) error { // the backup has the countersignature
			note, err := first.Checkpoint.sign(signerOf(t, "TH"))
			if err != nil {
				return err
			}
			_, err = AddCountersignature(ctx, tx, "TH", first.Note+note[len(textOf(note))+1:], allKeys(t), p.now)
			return err
		})
		appendN(t, p.owner, 500, 40)
		forked := p.sign()
		got := p.outcome(p.announce(lost.Point()), Inconsistent, 1)
		a := p.answer(got.Answer)
		if a.Standing != Contradict {
			t.Fatalf("%+v", a)
		}
		if err := p.owner.Read(t.Context(), func(tx *db.Tx) error {
			h, err := Now(t.Context(), tx)
			if !h.Suspended {
				t.Error("the log was not suspended")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		r := p.reopen(t)
		if r.Epoch != 2 || len(r.Lost) != 1 || r.Lost[0].Kept != first.Size {
			t.Fatalf("%+v", r)
		}
		p.sign()
		_ = forked
		p.answer(p.outcome(p.announce(lost.Point()), GaveUp, 2).Answer)
		p.verified(t)
	})
}

// TestRestoredTwice: the second backup is older than the first new epoch.
func TestRestoredTwice(t *testing.T) {
	p := newPair(t, dbtest.Options(t, db.SQLite))
	appendN(t, p.owner, 0, 20)
	first := p.agree(Point{})
	appendN(t, p.owner, 20, 15)
	lost := p.agree(first.Point())
	for round := range 2 {
		p.backup(t)
		write(t, p.owner, Suspend)
		p.heard(t)
		r := p.reopen(t)
		if r.Epoch != int64(2+round) {
			t.Fatalf("round %d: epoch %d", round, r.Epoch)
		}
		appendN(t, p.owner, 700+round*50, 30)
		s := p.sign()
		p.answer(p.outcome(p.announce(lost.Point()), GaveUp, round+1).Answer)
		lost = s
		p.verified(t)
	}
}

// TestReopenedAgain: a member that was unreachable at the first reopening
// holds more than it named. It refuses, its answer says what it holds, and the
// next epoch names that too, without claiming what the first gave up.
func TestReopenedAgain(t *testing.T) {
	p := newPair(t, dbtest.Options(t, db.SQLite))
	appendN(t, p.owner, 0, 20)
	first := p.agree(Point{})
	away := p.wit
	p.wit = dbtest.Open(t, dbtest.Options(t, db.SQLite), Schema)
	p.receive(p.announce(Point{}))
	appendN(t, p.owner, 20, 10)
	known := p.agree(first.Point())
	near := p.wit
	p.wit = away
	appendN(t, p.owner, 30, 10)
	unknown := p.sign()
	p.receive(p.announce(first.Point())) // the countersignature is lost with the tail

	p.backup(t)
	p.wit = near
	write(t, p.owner, Suspend)
	p.heard(t)
	p.reopen(t)
	appendN(t, p.owner, 800, 4)
	second := p.sign() // size 25, above what the log kept
	p.answer(p.outcome(p.announce(known.Point()), GaveUp, 1).Answer)
	appendN(t, p.owner, 804, 5)

	p.wit = away
	p.sign()
	got := p.outcome(p.announce(unknown.Point()), Undeclared, 1)
	if a := p.answer(got.Answer); a.Standing != Tail {
		t.Fatalf("%+v", a)
	}
	r := p.reopen(t)
	if r.Epoch != 3 || len(r.Lost) != 2 || r.Lost[1].Point != unknown.Point() || r.Lost[1].Kept != first.Size {
		t.Fatalf("%+v", r)
	}
	last := p.sign()
	p.answer(p.outcome(p.announce(unknown.Point()), GaveUp, 2).Answer)
	p.wit = near
	if r := p.receive(p.announce(second.Point())); r.Outcome != Continues || r.Offered.Point() != last.Point() {
		t.Errorf("who knew the second epoch: %+v", r)
	}
	p.verified(t)
}

// TestUndeclared: a member cannot rewrite its history by calling it a new
// epoch that is silent about what others hold.
func TestUndeclared(t *testing.T) {
	p := newPair(t, dbtest.Options(t, db.SQLite))
	appendN(t, p.owner, 0, 20)
	first := p.agree(Point{})
	appendN(t, p.owner, 20, 15)
	held := p.agree(first.Point())

	for name, c := range map[string]struct {
		r    Reopening
		want Outcome
	}{
		"smaller loss":   {Reopening{Epoch: 2, Lost: []Lost{{Point: first.Point(), Root: first.Root, Kept: 10}}}, Undeclared},
		"other root":     {Reopening{Epoch: 2, Lost: []Lost{{Point: held.Point(), Root: tlog.Hash{1}, Kept: 10}}}, Undeclared},
		"nothing lost":   {Reopening{Epoch: 2}, Inconsistent},
		"claims to have": {Reopening{Epoch: 2, Lost: []Lost{{Point: Point{1, 50}, Kept: 40}}}, Inconsistent},
		"other epoch":    {Reopening{Epoch: 3, Lost: []Lost{{Point: held.Point(), Root: held.Root, Kept: 10}}}, Inconsistent},
		"impossible":     {Reopening{Epoch: 2, Lost: []Lost{{Point: held.Point(), Root: held.Root, Kept: 99}}}, Inconsistent},
	} {
		t.Run(name, func(t *testing.T) {
			q := &pair{t: t, wit: p.wit, now: p.now}
			q.owner = dbtest.Open(t, dbtest.Options(t, db.SQLite), Schema)
			appendN(t, q.owner, 800, 45)
			write(t, q.owner, func(ctx context.Context, tx *db.Tx) error {
				if err := begin(ctx, tx, c.r, Entry{Member: "KH", At: day, Recorded: day}); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `UPDATE history_head SET epoch = 2`)
				if err == nil && c.r.Epoch != 2 {
					_, err = tx.Exec(ctx, `UPDATE history_epoch SET epoch = 2`)
				}
				return err
			})
			q.now = q.now.Add(time.Hour)
			q.sign()
			r := q.receive(q.announce(held.Point()))
			if r.Outcome != c.want {
				t.Errorf("%s, want %s", r.Outcome, c.want)
			}
		})
	}
}

// TestNothingLost: a restore of a current backup resumes, and only then.
func TestNothingLost(t *testing.T) {
	p := newPair(t, dbtest.Options(t, db.SQLite))
	appendN(t, p.owner, 0, 20)
	p.agree(Point{})
	write(t, p.owner, Suspend)
	if s := p.heard(t); s != Agrees {
		t.Fatalf("standing %s", s)
	}
	write(t, p.owner, func(ctx context.Context, tx *db.Tx) error {
		if _, _, err := Heard(ctx, tx, "LA", HeldBody{}, allKeys(t), p.now); err != nil {
			return err
		}
		agreed, against, err := HeardFrom(ctx, tx)
		if len(agreed) != 2 || len(against) != 0 {
			t.Errorf("heard from %v and %v", agreed, against)
		}
		return err
	})
	err := p.owner.Write(t.Context(), func(tx *db.Tx) error {
		_, err := Reopen(t.Context(), tx, Entry{Member: "KH", At: day, Recorded: day})
		return err
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("reopened without a loss: %v", err)
	}
	write(t, p.owner, Resume)
	appendN(t, p.owner, 20, 1)
	p.agree(Point{1, 20})
	p.verified(t)
}
