package history

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

// pair is an owner's and a witness's database on one engine.
type pair struct {
	t          *testing.T
	owner, wit *db.DB
	now        time.Time
}

func newPair(t *testing.T, o db.Options) *pair {
	return &pair{t: t, owner: dbtest.Open(t, o, Schema), wit: dbtest.Open(t, dbtest.Options(t, o.Engine), Schema), now: day}
}

// fresh gives the witness another database of the owner's to listen to.
func (p *pair) fresh() {
	p.owner = dbtest.Open(p.t, dbtest.Options(p.t, p.owner.Engine()), Schema)
}

func (p *pair) sign() Signed {
	p.t.Helper()
	p.now = p.now.Add(time.Minute)
	return signNow(p.t, p.owner, p.now)
}

func (p *pair) announce(since Point) CheckpointBody {
	p.t.Helper()
	var b CheckpointBody
	err := p.owner.Read(p.t.Context(), func(tx *db.Tx) error {
		var err error
		b, err = Announce(p.t.Context(), tx, since)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return throughJSON(p.t, b)
}

// throughJSON is what the exchange does to a body.
func throughJSON[B Body](t *testing.T, b B) B {
	t.Helper()
	raw, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	out, err := ParseBody[B](raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *pair) receive(b CheckpointBody) Received {
	p.t.Helper()
	var r Received
	write(p.t, p.wit, func(ctx context.Context, tx *db.Tx) error {
		var err error
		r, err = Receive(ctx, tx, "KH", b, allKeys(p.t), signerOf(p.t, "TH"), p.now)
		return err
	})
	r.Answer = throughJSON(p.t, r.Answer)
	return r
}

func (p *pair) answer(b CountersignBody) Answered {
	p.t.Helper()
	var a Answered
	write(p.t, p.owner, func(ctx context.Context, tx *db.Tx) error {
		var err error
		a, err = Answer(ctx, tx, "TH", b, allKeys(p.t), p.now)
		return err
	})
	return a
}

// agree signs, has the witness receive it since what it holds, and stores
// the answer.
func (p *pair) agree(since Point) Signed {
	p.t.Helper()
	s := p.sign()
	r := p.receive(p.announce(since))
	if r.Outcome != Continues {
		p.t.Fatalf("size %d: %s", s.Size, r.Outcome)
	}
	if a := p.answer(r.Answer); !a.New {
		p.t.Fatalf("answer %+v", a)
	}
	return s
}

func (p *pair) outcome(b CheckpointBody, want Outcome, evidence int) Received {
	p.t.Helper()
	r := p.receive(b)
	if r.Outcome != want {
		p.t.Fatalf("outcome %s, want %s", r.Outcome, want)
	}
	err := p.wit.Read(p.t.Context(), func(tx *db.Tx) error {
		list, err := Evidences(p.t.Context(), tx)
		if len(list) != evidence {
			p.t.Errorf("%d pieces of evidence, want %d", len(list), evidence)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func TestWitnessCountersigns(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		p := newPair(t, o)
		appendN(t, p.owner, 0, 5)
		first := p.agree(Point{})
		appendN(t, p.owner, 5, 20)
		second := p.agree(first.Point())

		// Nothing new: nothing signed; the same again is countersigned again.
		write(t, p.owner, func(ctx context.Context, tx *db.Tx) error {
			s, fresh, err := Sign(ctx, tx, signerOf(t, "KH"), p.now.Add(time.Hour))
			if fresh || s.Note != second.Note {
				t.Errorf("signed again: %v", s.Note)
			}
			return err
		})
		r := p.outcome(p.announce(first.Point()), Continues, 0)
		if a := p.answer(r.Answer); a.New || a.Outcome != Continues {
			t.Errorf("repeated answer %+v", a)
		}

		appendN(t, p.owner, 25, 3)
		third := p.sign()
		need := p.outcome(p.announce(first.Point()), NeedProof, 0)
		a := p.answer(need.Answer)
		if a.Since != second.Point() || a.Standing != Agrees {
			t.Fatalf("%+v", a)
		}
		late := p.announce(first.Point())
		late.Note = first.Note
		p.outcome(late, Stale, 0)
		p.answer(p.outcome(p.announce(a.Since), Continues, 0).Answer)

		err := p.owner.Read(t.Context(), func(tx *db.Tx) error {
			last, err := Last(t.Context(), tx)
			if err != nil {
				return err
			}
			full, err := Open(last.Full(), allKeys(t))
			if err != nil || len(full.By) != 1 || full.By[0] != "TH" || full.Point() != third.Point() {
				t.Errorf("full note %+v, %v", full, err)
			}
			by, err := Countersigned(t.Context(), tx)
			if by["TH"] != third.Point() || len(by) != 1 {
				t.Errorf("countersigned %v", by)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*db.DB{p.owner, p.wit} {
			if r, err := Verify(t.Context(), d, allKeys(t), nil); err != nil || !r.OK() {
				t.Errorf("%+v, %v", r, err)
			}
		}
	})
}

func TestWitnessRefuses(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		p := newPair(t, o)
		appendN(t, p.owner, 0, 30)
		held := p.agree(Point{})
		honest := p.owner

		p.fresh() // another history of the same member, as a rewriter would make it
		appendN(t, p.owner, 1000, 20)
		p.sign()
		p.outcome(p.announce(Point{}), Shrink, 1)
		appendN(t, p.owner, 1020, 10)
		p.sign()
		p.outcome(p.announce(held.Point()), Fork, 2)
		appendN(t, p.owner, 1030, 10)
		p.sign()
		r := p.outcome(p.announce(held.Point()), Inconsistent, 3)
		if r.Answer.Note != "" || r.Answer.Held == "" {
			t.Errorf("the answer countersigns, or does not say what is held: %+v", r.Answer)
		}
		p.outcome(p.announce(held.Point()), Inconsistent, 3) // the same evidence once

		p.owner = honest // the honest log goes on as if nothing had been
		appendN(t, p.owner, 30, 5)
		p.agree(held.Point())
		if r, err := Verify(t.Context(), p.wit, allKeys(t), nil); err != nil || !r.OK() || r.Held != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestReceiveRefusesWhatNobodySigned(t *testing.T) {
	p := newPair(t, dbtest.Options(t, db.SQLite))
	appendN(t, p.owner, 0, 3)
	p.sign()
	good := p.announce(Point{})
	forged, err := Checkpoint{Member: "KH", Epoch: 1, Size: 3, At: day}.sign(signerOf(t, "LA"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from access.Member
		body CheckpointBody
		me   access.Member
	}{
		"other member": {"LA", good, "TH"},
		"own":          {"KH", good, "KH"},
		"edited":       {"KH", CheckpointBody{Note: "lintas/KH\n4" + good.Note[11:]}, "TH"},
		"forged":       {"KH", CheckpointBody{Note: forged}, "TH"},
		"unsigned":     {"KH", CheckpointBody{Note: textOf(good.Note)}, "TH"},
		"empty":        {"KH", CheckpointBody{}, "TH"},
	} {
		t.Run(name, func(t *testing.T) {
			err := p.wit.Write(t.Context(), func(tx *db.Tx) error {
				_, err := Receive(t.Context(), tx, c.from, c.body, allKeys(t), signerOf(t, c.me), day)
				return err
			})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAddCountersignatureRefuses(t *testing.T) {
	p := newPair(t, dbtest.Options(t, db.SQLite))
	appendN(t, p.owner, 0, 3)
	s := p.sign()
	r := p.receive(p.announce(Point{}))
	other := s.Checkpoint
	other.Root[0]++
	lie, err := other.sign(signerOf(t, "KH"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from access.Member
		note string
		want fault.Kind
	}{
		"own only":     {"TH", s.Note, fault.Invalid},
		"not the one":  {"SG", r.Answer.Note, fault.Invalid},
		"other root":   {"TH", lie, fault.Conflict},
		"broken":       {"TH", r.Answer.Note[:len(r.Answer.Note)-9] + "AAAAAAA=\n", fault.Invalid},
		"not a note":   {"TH", "x", fault.Invalid},
		"other member": {"KH", r.Answer.Note, fault.Invalid},
	} {
		err := p.owner.Write(t.Context(), func(tx *db.Tx) error {
			_, err := AddCountersignature(t.Context(), tx, c.from, c.note, allKeys(t), day)
			return err
		})
		if !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
