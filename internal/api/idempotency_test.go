package api_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
)

func TestRepetitionGetsTheFirstAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, nil)
		first := w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k1").want(t, 201, 0)
		again := w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", `"k1"`).want(t, 201, 0)
		if first.Body.String() != again.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s, then %s", first.Body, again.Body)
		}
		for _, name := range []string{"ETag", "Location", "Content-Type"} {
			if a, b := first.Header().Get(name), again.Header().Get(name); a != b || a == "" {
				t.Errorf("%s: %q, then %q", name, a, b)
			}
		}
		if w.made.Load() != 1 {
			t.Errorf("done %d times", w.made.Load())
		}
		w.call(t, "POST", "/notes", `{"text":"y"}`, "Idempotency-Key", "k1").want(t, 422, 14)
		w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k1", "Authorization", "Bearer "+secret+"2").want(t, 201, 0)
		w.clock.Advance(25 * time.Hour)
		w.call(t, "POST", "/notes", `{"text":"y"}`, "Idempotency-Key", "k1").want(t, 201, 0)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if w.made.Load() != 3 {
			t.Errorf("done %d times in all", w.made.Load())
		}
	}, api.Schema)
}

func TestRefusalFreesTheKey(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	w.hook = func(context.Context, *api.Call, *api.Made[note]) error {
		return fault.New(fault.Conflict, "fault.wrong_state")
	}
	w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k").want(t, 409, 8)
	w.hook = nil
	w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k").want(t, 201, 0)
}

func TestUnknownOutcomeIsNotDoneTwice(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	w.hook = func(context.Context, *api.Call, *api.Made[note]) error { return errors.New("power cut") }
	w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k").want(t, 500, 13)
	w.hook = nil
	r := w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k").want(t, 409, 15)
	if r.Header().Get("Retry-After") == "" || r.problem.Key != "api.key.running" {
		t.Errorf("%s", r.Body)
	}
	w.clock.Advance(time.Minute)
	r = w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k").want(t, 409, 15)
	if r.problem.Key != "api.key.unknown" || w.made.Load() != 1 {
		t.Errorf("%s; done %d times", r.Body, w.made.Load())
	}
}

func TestSettledAnswerIsPartOfTheActionsCommit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, nil)
		rollback := errors.New("rolled back")
		w.hook = func(ctx context.Context, c *api.Call, out *api.Made[note]) error {
			if err := d.Write(ctx, func(tx *db.Tx) error { return c.Settle(ctx, tx, out) }); err != nil {
				return err
			}
			return rollback // the node dies after the commit: the client sees a failure
		}
		w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k").want(t, 500, 13)
		w.hook = nil
		again := w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k").want(t, 201, 0)
		plain := w.call(t, "POST", "/notes", `{"text":"x"}`).want(t, 201, 0)
		if a, b := again.Body.Len(), plain.Body.Len(); a != b || again.Header().Get("ETag") != plain.Header().Get("ETag") ||
			again.Header().Get("Content-Type") != plain.Header().Get("Content-Type") {
			t.Errorf("settled %s, plain %s", again.Body, plain.Body)
		}
		if w.made.Load() != 2 {
			t.Errorf("done %d times", w.made.Load())
		}
		// An action that is rolled back takes its answer with it.
		w.hook = func(ctx context.Context, c *api.Call, out *api.Made[note]) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				if err := c.Settle(ctx, tx, out); err != nil {
					return err
				}
				return fault.New(fault.Conflict, "fault.wrong_state")
			})
		}
		w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k2").want(t, 409, 8)
		w.hook = nil
		w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", "k2").want(t, 201, 0)
	}, api.Schema)
}

func TestKeysThatAreNone(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	for _, k := range []string{`""`, "a b", "ä", `a"b`, string(make([]byte, 256))} {
		w.call(t, "POST", "/notes", `{"text":"x"}`, "Idempotency-Key", k).want(t, 400, 1)
	}
	if w.made.Load() != 0 {
		t.Errorf("done %d times", w.made.Load())
	}
}
