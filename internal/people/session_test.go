package people

import (
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
)

func TestSessionEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		live := func(want bool) {
			t.Helper()
			_, _, err := w.p.Session(ctx, m.token)
			if (err == nil) != want {
				t.Fatalf("live = %v, want %v: %v", err == nil, want, err)
			}
			if err != nil {
				wantKey(t, err, "fault.people.signed_out")
			}
		}
		for range 30 { // busy for nearly twelve hours
			w.clock.Advance(23 * time.Minute)
			live(true)
		}
		w.clock.Advance(29 * time.Minute)
		live(true)
		w.clock.Set(m.session.Expires)
		live(false) // the absolute end
		in, err := m.signIn(at("10.0.0.1"))
		w.must(err)
		m.token = in.Token
		w.clock.Advance(30 * time.Minute)
		live(false) // idle
		w.must(w.p.Sweep(ctx))
		n := 0
		w.must(w.p.read(ctx, func(tx *db.Tx, _ time.Time) error {
			_, err := tx.Row(ctx, `SELECT COUNT(*) FROM people_session`, nil, &n)
			return err
		}))
		if n != 0 {
			t.Fatalf("%d ended sessions are kept", n)
		}
	})
}

func TestOwnSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m, other := w.join("known", access.DutyOfficer), w.join("other", access.DutyOfficer)
		second, err := m.signIn(at("10.2.0.1"))
		w.must(err)
		all, err := w.p.Sessions(ctx, m.actor())
		w.must(err)
		if len(all) != 2 || all[0].ID != second.Session.ID || all[0].Network != "10.2.0.0/24" {
			t.Fatalf("sessions = %+v", all)
		}
		wantKey(t, w.p.EndSession(ctx, other.actor(), second.Session.ID), "fault.people.no_session")
		w.must(w.p.EndSession(ctx, m.actor(), second.Session.ID))
		_, _, err = w.p.Session(ctx, second.Token)
		wantKey(t, err, "fault.people.signed_out")
		third, err := m.signIn(at("10.2.0.1"))
		w.must(err)
		w.must(w.p.EndSessions(ctx, m.actor(), m.id, third.Session.ID))
		if _, _, err = w.p.Session(ctx, m.token); err == nil {
			t.Fatal("the first session goes on")
		}
		wantKey(t, w.p.EndSessions(ctx, other.actor(), m.id, ""), "fault.people.not_allowed")
	})
}

func TestPasswordChangeEndsAllSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		elsewhere, err := m.signIn(at("10.2.0.1"))
		w.must(err)
		const next = "perahu hijau 9 menimbang kabut"
		_, err = w.p.ChangePassword(ctx, at("10.1.1.1"), m.actor(), m.session.ID, "not my password", next)
		wantKey(t, err, "fault.people.old_password")
		_, err = w.p.ChangePassword(ctx, at("10.1.1.1"), m.actor(), m.session.ID, goodPassword, "Known2026!!!")
		wantKey(t, err, "fault.people.password_own_words")
		w.clock.Advance(20 * time.Minute)
		in, err := w.p.ChangePassword(ctx, at("10.1.1.1"), m.actor(), m.session.ID, goodPassword, next)
		w.must(err)
		for _, token := range []string{m.token, elsewhere.Token} {
			if _, _, err := w.p.Session(ctx, token); err == nil {
				t.Error("an old session goes on")
			}
		}
		s, _, err := w.p.Session(ctx, in.Token)
		w.must(err)
		if s.Fresh(w.clock.Now(), 10*time.Minute) {
			t.Error("a password made the session fresh")
		}
		_, err = w.p.Begin(ctx, at("10.1.1.1"), m.login, goodPassword)
		wantKey(t, err, "fault.people.sign_in")
		_, err = w.p.Begin(ctx, at("10.1.1.1"), m.login, next)
		w.must(err)
	})
}

func TestStepUpAndNewFactor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		m := w.join("known", access.DutyOfficer)
		w.clock.Advance(20 * time.Minute)
		_, err := w.p.NewRecoveryCodes(ctx, m.actor(), m.session.ID)
		wantKey(t, err, "fault.people.step_up")
		for range bySession.free {
			wantKey(t, w.p.StepUp(ctx, m.actor(), m.session.ID, "000000"), "fault.people.code")
		}
		wantKey(t, w.p.StepUp(ctx, m.actor(), m.session.ID, m.code()), "fault.people.wait")
		w.clock.Advance(time.Minute)
		w.must(w.p.StepUp(ctx, m.actor(), m.session.ID, m.code()))
		wantKey(t, w.p.StepUp(ctx, m.actor(), m.session.ID, m.code()), "fault.people.code")
		codes, err := w.p.NewRecoveryCodes(ctx, m.actor(), m.session.ID)
		w.must(err)
		if len(codes) != recoveryCodes || codes[0] == m.recovery[0] {
			t.Fatalf("codes = %v", codes)
		}
		e, err := w.p.BeginTOTP(ctx, m.actor(), m.session.ID)
		w.must(err)
		old := m.code()
		wantKey(t, w.p.ConfirmTOTP(ctx, m.actor(), m.session.ID, old), "fault.people.code")
		m.secret = e.Secret
		w.must(w.p.ConfirmTOTP(ctx, m.actor(), m.session.ID, m.code()))
		_, err = m.signIn(at("10.0.0.1"))
		w.must(err)
	})
}

func TestOneClickOnlyInADemo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		demo := w.node(func(c *Config) { c.Demo = true })
		a := NewAccount{Login: "duty", Post: "Duty officer", Grants: []access.Grant{{Role: access.DutyOfficer}}}
		account, err := demo.SeedDemo(ctx, a)
		w.must(err)
		again, err := demo.SeedDemo(ctx, a)
		w.must(err)
		if again != account {
			t.Fatal("a second start of the demo seeds again")
		}
		in, err := demo.SignInAs(ctx, at("127.0.0.1"), account)
		w.must(err)
		if _, who, err := demo.Session(ctx, in.Token); err != nil || !who.Has(access.DutyOfficer, "") {
			t.Fatalf("%+v %v", who, err)
		}
		_, err = w.p.SignInAs(ctx, at("127.0.0.1"), account)
		wantKey(t, err, "fault.people.demo_only")
		_, err = w.p.SeedDemo(ctx, a)
		wantKey(t, err, "fault.people.demo_only")
		_, _, err = w.p.Session(ctx, in.Token)
		wantKey(t, err, "fault.people.signed_out")
		_, err = w.p.Begin(ctx, at("127.0.0.1"), "duty", "")
		wantKey(t, err, "fault.people.sign_in")
		_, err = demo.BeginTOTP(ctx, access.Actor{Account: account}, in.Session.ID)
		wantKey(t, err, "fault.people.step_up")
	})
}

func TestLinkExpiresAndIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		l, err := w.p.CreateAccount(ctx, node, NewAccount{Login: "new.one", Post: "New one"})
		w.must(err)
		one, err := w.p.OpenLink(ctx, l.Token)
		w.must(err)
		two, err := w.p.OpenLink(ctx, l.Token)
		w.must(err)
		if one.Enrolment.Secret != two.Enrolment.Secret || !strings.Contains(one.Enrolment.URI, "Lintas%20KH:new.one?issuer=Lintas%20KH&secret=") {
			t.Fatalf("enrolment = %+v", one.Enrolment.URI)
		}
		newer, err := w.p.IssueLink(ctx, node, l.Account)
		w.must(err)
		_, err = w.p.OpenLink(ctx, l.Token)
		wantKey(t, err, "fault.people.link")
		w.clock.Advance(linkLife)
		_, err = w.p.OpenLink(ctx, newer.Token)
		wantKey(t, err, "fault.people.link")
		_, _, err = w.p.AcceptLink(ctx, Visit{}, Acceptance{Token: newer.Token, Password: goodPassword, Code: "000000"})
		wantKey(t, err, "fault.people.link")
		last, err := w.p.IssueLink(ctx, node, l.Account)
		w.must(err)
		_, _, err = w.p.AcceptLink(ctx, Visit{}, Acceptance{Token: last.Token, Password: goodPassword, Code: "000000"})
		wantKey(t, err, "fault.people.link") // never opened
		_, err = w.p.OpenLink(ctx, last.Token)
		w.must(err)
		_, _, err = w.p.AcceptLink(ctx, Visit{}, Acceptance{Token: last.Token, Password: goodPassword, Code: "000000"})
		if !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	})
}
