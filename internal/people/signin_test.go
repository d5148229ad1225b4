package people

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
)

func TestRefusalsAreAlike(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.join("root.admin", access.Administrator)
		known := w.join("known", access.DutyOfficer)
		gone := w.join("gone", access.DutyOfficer)
		w.must(w.p.SuspendAccount(ctx, node, gone.id))
		_, err := w.p.CreateAccount(ctx, node, NewAccount{Login: "invited", Post: "Invited"})
		w.must(err)
		_, first := w.p.Begin(ctx, at("10.9.0.1"), "unknown", "whatever it is")
		for _, c := range []struct{ login, password string }{
			{known.login, "whatever it is"}, {gone.login, goodPassword}, {"invited", goodPassword}, {strings.Repeat("x", 5000), strings.Repeat("y", 5000)},
		} {
			before := w.p.hasher.runs.Load()
			_, err := w.p.Begin(ctx, at("10.9.0.1"), c.login, c.password)
			if err == nil || err.Error() != first.Error() {
				t.Errorf("%.10s: %v, want %v", c.login, err, first)
			}
			if n := w.p.hasher.runs.Load() - before; n != 1 {
				t.Errorf("%.10s cost %d hashes, want 1", c.login, n)
			}
		}
	})
}

func TestCodeIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		w.clock.Advance(period * time.Second)
		ch, err := w.p.Begin(ctx, at("10.0.0.1"), m.login, goodPassword)
		w.must(err)
		code := m.code()
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.p.Finish(ctx, at("10.0.0.1"), ch.Token, code) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Fatalf("one code opened %d sessions", won)
		}
		w.clock.Advance(challengeLife)
		_, err = w.p.Finish(ctx, at("10.0.0.1"), ch.Token, m.code())
		wantKey(t, err, "fault.people.challenge")
	})
}

func TestRecoveryCodeIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		finish := func(code string) (SignedIn, error) {
			ch, err := w.p.Begin(ctx, at("10.0.0.1"), m.login, goodPassword)
			w.must(err)
			return w.p.Finish(ctx, at("10.0.0.1"), ch.Token, code)
		}
		in, err := finish(strings.ToUpper(m.recovery[3]))
		w.must(err)
		if in.Recovery != recoveryCodes-1 {
			t.Fatalf("%d codes left", in.Recovery)
		}
		_, err = finish(m.recovery[3])
		wantKey(t, err, "fault.people.code")
	})
}

// The attack: a guesser in many networks at one named person.
func TestNobodyIsLockedOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		refused, waited := 0, 0
		for i := range 200 {
			_, err := w.p.Begin(ctx, at(fmt.Sprintf("10.%d.7.1", i)), m.login, fmt.Sprintf("guess number %d", i))
			switch {
			case fault.Is(err, fault.Forbidden):
				refused++
			case fault.Is(err, fault.Unavailable):
				waited++
			default:
				t.Fatal(err)
			}
		}
		if refused != 50 || waited != 150 {
			t.Fatalf("%d guesses were judged and %d had to wait, want 50 and 150", refused, waited)
		}
		if n := w.events(SignInSlowed); n < 1 || n > 5 {
			t.Errorf("the history has %d entries of it", n)
		}
		v := at("10.1.1.1")
		_, err := m.signIn(v)
		wantKey(t, err, "fault.people.wait")
		v.Device = m.device
		if _, err := m.signIn(v); err != nil {
			t.Fatalf("the person's own browser: %v", err)
		}
		w.clock.Advance(time.Hour)
		if _, err := m.signIn(at("10.1.1.1")); err != nil {
			t.Fatalf("a new browser after the hour: %v", err)
		}
	})
}

func TestLinkIsTheWayBackDuringAnAttack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		for i := range 60 {
			_, _ = w.p.Begin(ctx, at(fmt.Sprintf("10.%d.7.1", i)), m.login, "guess") // refused or waits
		}
		l, err := w.p.IssueLink(ctx, node, m.id)
		w.must(err)
		old := m.token
		again := w.enrol(l)
		_, _, err = w.p.Session(ctx, old)
		wantKey(t, err, "fault.people.signed_out")
		v := at("172.16.0.1")
		v.Device = m.device
		_, err = again.signIn(v)
		wantKey(t, err, "fault.people.wait") // the cookie of the old factors is void
		v.Device = again.device
		_, err = again.signIn(v)
		w.must(err)
	})
}

func TestParallelGuessesDoNotSlipThrough(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.join("known", access.DutyOfficer)
		before := w.p.hasher.runs.Load()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { _, _ = w.p.Begin(t.Context(), at("10.0.0.1"), m.login, fmt.Sprint("guess ", i)) })
		}
		wg.Wait()
		if n := w.p.hasher.runs.Load() - before; n != byPair.free {
			t.Fatalf("%d of 20 parallel guesses were judged, want %d", n, byPair.free)
		}
	})
}

func TestStolenDeviceIsSlowedByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		v := at("10.0.0.1")
		v.Device = m.device
		for i := range byDevice.free {
			_, err := w.p.Begin(ctx, v, m.login, fmt.Sprint("guess ", i))
			wantKey(t, err, "fault.people.sign_in")
		}
		_, err := w.p.Begin(ctx, v, m.login, goodPassword)
		wantKey(t, err, "fault.people.wait")
		if _, err := m.signIn(at("10.0.0.1")); err != nil {
			t.Fatalf("without the cookie: %v", err)
		}
	})
}

func TestDelays(t *testing.T) {
	for failures, want := range map[int64]time.Duration{0: 0, 4: 0, 5: 30 * time.Second, 6: time.Minute, 11: 32 * time.Minute, 12: time.Hour, 1 << 40: time.Hour} {
		if got := byPair.delay(failures); got != want {
			t.Errorf("delay after %d failures = %v, want %v", failures, got, want)
		}
	}
	c := count{failures: 9, since: start, last: start}
	if _, cur := byPair.wait(c, start.Add(forget)); cur.failures != 0 {
		t.Error("a day without a failure is not forgotten")
	}
	full := count{failures: byAccount.free, since: start, last: start}
	if w, _ := byAccount.wait(full, start.Add(59*time.Minute)); w != time.Minute {
		t.Errorf("wait at the end of the hour = %v", w)
	}
}

func TestNetworks(t *testing.T) {
	for in, want := range map[string]string{"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24", "2001:db8:1:23ff::1": "2001:db8:1:2300::/56"} {
		if got := network(at(in).Address, 24, 56); got != want {
			t.Errorf("network of %s = %s, want %s", in, got, want)
		}
	}
	if got := network(Visit{}.Address, 24, 56); got != "none" {
		t.Errorf("network of no address = %s", got)
	}
}

func TestCostsAreRaisedAtSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.join("known", access.DutyOfficer)
		dearer := Params{MemoryKiB: 128, Passes: 2, Lanes: 1}
		w.p = w.node(func(c *Config) { c.Hasher = NewHasher(dearer, 1) })
		for range 2 {
			if _, err := m.signIn(at("10.0.0.1")); err != nil {
				t.Fatal(err)
			}
		}
		var stored string
		w.must(w.p.read(t.Context(), func(tx *db.Tx, _ time.Time) error {
			_, err := tx.Row(t.Context(), `SELECT password FROM people_account WHERE id = ?`, []any{string(m.id)}, &stored)
			return err
		}))
		if p, _, _, err := decodeHash(stored); err != nil || p != dearer {
			t.Fatalf("stored %q", stored)
		}
	})
}
