package people

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// A session is opened by a second factor and named by 256 random bits, of
// which only the SHA-256 is stored. It ends when idle, at its absolute end,
// when revoked, and when a factor of the account changes.

// Session is a signed-in browser.
type Session struct {
	ID      id.ID
	Account id.ID
	Demo    bool
	Created time.Time
	Seen    time.Time // to the minute
	Expires time.Time // the absolute end
	Second  time.Time // when a second factor was last given; zero in a demo
	Network string
	Agent   string
}

const (
	sessionToken = 32
	seenGrain    = time.Minute // a page view writes at most this often
)

// Fresh reports whether a second factor was given within d of now: what a
// dangerous act asks for. A demo has no factors to ask for.
func (s Session) Fresh(now time.Time, d time.Duration) bool {
	return s.Demo || !s.Second.IsZero() && now.Sub(s.Second) <= d
}

func signedOut() error { return fault.New(fault.Forbidden, "fault.people.signed_out") }

func (p *People) openSession(ctx context.Context, tx *db.Tx, v Visit, account id.ID, demo bool, now time.Time) (SignedIn, Event, error) {
	raw := p.random(sessionToken)
	s := Session{ID: p.cfg.IDs.New(), Account: account, Demo: demo, Created: now, Seen: now, Expires: now.Add(p.cfg.Absolute),
		Second: now, Network: network(v.Address, 24, 56), Agent: agent(v.Agent)}
	if demo {
		s.Second = time.Time{}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO people_session (id, hash, account, demo, created, seen, expires, second, network, agent)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, string(s.ID), digest(raw), string(account), bit(demo), clock.Micros(now), clock.Micros(now),
		clock.Micros(s.Expires), clock.Micros(s.Second), s.Network, s.Agent); err != nil {
		return SignedIn{}, Event{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE people_account SET signed_in = ? WHERE id = ?`, clock.Micros(now), string(account)); err != nil {
		return SignedIn{}, Event{}, err
	}
	c, _, err := loadCredentials(ctx, tx, `id = ?`, string(account))
	if err != nil {
		return SignedIn{}, Event{}, err
	}
	in := SignedIn{Token: tokenText.EncodeToString(raw), Session: s, Device: p.newDevice(account, c.epoch, now)}
	_, err = tx.Row(ctx, `SELECT COUNT(*) FROM people_recovery WHERE account = ?`, []any{string(account)}, &in.Recovery)
	e := Event{Name: SignedInEvent, Account: account, Record: s.ID, Data: map[string]string{"network": s.Network}}
	if demo {
		e.Data["demo"] = "yes"
	}
	return in, e, err
}

func agent(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200])
	}
	return s
}

// Session returns who a session's token stands for, with the grants that hold
// now, and counts as activity. Anything but a live session of an active account
// is "signed out".
func (p *People) Session(ctx context.Context, token string) (Session, access.Actor, error) {
	s, a, err := p.Peek(ctx, token)
	if err != nil {
		return Session{}, access.Actor{}, err
	}
	if now := p.now(); now.Sub(s.Seen) >= seenGrain {
		if err := p.keep(ctx, func(tx *db.Tx, now time.Time) error {
			_, err := tx.Exec(ctx, `UPDATE people_session SET seen = ? WHERE id = ? AND seen < ?`, clock.Micros(now), string(s.ID), clock.Micros(now))
			return err
		}); err != nil && !fault.Is(err, fault.Unavailable) { // a full disk must not sign people out
			return Session{}, access.Actor{}, err
		}
		s.Seen = now
	}
	return s, a, nil
}

// Peek is Session without counting as activity: for what a page does by itself
// while nobody sits there.
func (p *People) Peek(ctx context.Context, token string) (Session, access.Actor, error) {
	raw, err := tokenText.DecodeString(token)
	if err != nil || len(raw) != sessionToken {
		return Session{}, access.Actor{}, signedOut()
	}
	var s Session
	var a access.Actor
	err = p.read(ctx, func(tx *db.Tx, now time.Time) error {
		all, err := selectSessions(ctx, tx, `hash = ?`, digest(raw))
		if err != nil {
			return err
		}
		if len(all) != 1 || !p.live(all[0], now) {
			return signedOut()
		}
		s = all[0]
		a, err = p.Actor(ctx, tx, s.Account)
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
			return signedOut()
		}
		return err
	})
	if err != nil {
		return Session{}, access.Actor{}, err
	}
	return s, a, nil
}

func (p *People) live(s Session, now time.Time) bool {
	return now.Before(s.Expires) && now.Sub(s.Seen) < p.cfg.Idle && (!s.Demo || p.cfg.Demo)
}

func selectSessions(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Session, error) {
	var out []Session
	err := tx.Each(ctx, `SELECT id, account, demo, created, seen, expires, second, network, agent FROM people_session WHERE `+where, args,
		func(scan func(...any) error) error {
			var s Session
			var demo, created, seen, expires, second int64
			if err := scan(&s.ID, &s.Account, &demo, &created, &seen, &expires, &second, &s.Network, &s.Agent); err != nil {
				return err
			}
			s.Demo, s.Created, s.Seen = demo == 1, clock.FromMicros(created), clock.FromMicros(seen)
			s.Expires, s.Second = clock.FromMicros(expires), clock.FromMicros(second)
			out = append(out, s)
			return nil
		})
	return out, err
}

// Sessions are one's own live sessions, the newest first.
func (p *People) Sessions(ctx context.Context, by access.Actor) ([]Session, error) {
	if err := person(by); err != nil {
		return nil, err
	}
	var out []Session
	err := p.read(ctx, func(tx *db.Tx, now time.Time) error {
		all, err := selectSessions(ctx, tx, `account = ? ORDER BY created DESC, id DESC`, string(by.Account))
		for _, s := range all {
			if p.live(s, now) {
				out = append(out, s)
			}
		}
		return err
	})
	return out, err
}

// EndSession signs out one of one's own sessions.
func (p *People) EndSession(ctx context.Context, by access.Actor, session id.ID) error {
	if err := person(by); err != nil {
		return err
	}
	return p.change(ctx, by, func(tx *db.Tx, _ time.Time) ([]Event, error) {
		n, err := tx.Exec(ctx, `DELETE FROM people_session WHERE id = ? AND account = ?`, string(session), string(by.Account))
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "fault.people.no_session")
		}
		return []Event{{Name: SignedOut, Account: by.Account, Record: session}}, err
	})
}

// EndSessions signs an account out everywhere but keep (which may be empty):
// one's own, or anybody's for who administers accounts.
func (p *People) EndSessions(ctx context.Context, by access.Actor, account, keep id.ID) error {
	if by.Account != account || person(by) != nil {
		if err := may(by, AdministerAccounts); err != nil {
			return err
		}
	}
	return p.change(ctx, by, func(tx *db.Tx, _ time.Time) ([]Event, error) {
		_, err := tx.Exec(ctx, `DELETE FROM people_session WHERE account = ? AND id <> ?`, string(account), string(keep))
		return []Event{{Name: SignedOut, Account: account, Data: map[string]string{"all": "yes"}}}, err
	})
}

// StepUp takes a code again within a session and makes it Fresh.
func (p *People) StepUp(ctx context.Context, by access.Actor, session id.ID, code string) error {
	return p.again(ctx, by, session, func(tx *db.Tx, now time.Time) ([]Event, error) {
		events, err := p.second(ctx, tx, by.Account, code, now)
		if err != nil {
			return nil, err
		}
		n, err := tx.Exec(ctx, `UPDATE people_session SET second = ? WHERE id = ? AND account = ? AND expires > ?`,
			clock.Micros(now), string(session), string(by.Account), clock.Micros(now))
		if err == nil && n == 0 {
			err = signedOut()
		}
		return append(events, Event{Name: SteppedUp, Account: by.Account, Record: session}), err
	})
}

// again is for what is typed once more within a session: attempts are counted
// per session, and a success forgets them.
func (p *People) again(ctx context.Context, by access.Actor, session id.ID, f func(tx *db.Tx, now time.Time) ([]Event, error)) error {
	if err := person(by); err != nil {
		return err
	}
	cs := []counter{p.counter(bySession, string(session))}
	slowed, err := p.reserve(ctx, cs)
	if err != nil {
		return err
	}
	err = p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		events, err := f(tx, now)
		if err != nil {
			return nil, err
		}
		return events, release(ctx, tx, cs, 1)
	})
	if fault.Is(err, fault.Forbidden) {
		return p.fail(ctx, Visit{}, by.Account, slowed, err)
	}
	return err
}
