package people

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// stepUp is how recent a second factor must be for a change of factors.
const stepUp = 10 * time.Minute

// ChangePassword replaces one's password. It ends all sessions and device
// cookies of the account and opens a new session in place of the present.
// API tokens stay: they were not made from the password.
func (p *People) ChangePassword(ctx context.Context, v Visit, by access.Actor, session id.ID, old, next string) (SignedIn, error) {
	if err := person(by); err != nil {
		return SignedIn{}, err
	}
	var c credentials
	if err := p.read(ctx, func(tx *db.Tx, _ time.Time) error {
		var err error
		c, _, err = loadCredentials(ctx, tx, `id = ?`, string(by.Account))
		return err
	}); err != nil {
		return SignedIn{}, err
	}
	if err := CheckPassword(next, p.about(c.Account)); err != nil {
		return SignedIn{}, err
	}
	cs := []counter{p.counter(bySession, string(session))}
	slowed, err := p.reserve(ctx, cs)
	if err != nil {
		return SignedIn{}, err
	}
	ok, _, err := p.hasher.Verify(ctx, c.password, normal(old))
	if err != nil {
		return SignedIn{}, err
	}
	if !ok {
		return SignedIn{}, p.fail(ctx, v, by.Account, slowed, fault.New(fault.Forbidden, "fault.people.old_password"))
	}
	hash, err := p.hasher.Hash(ctx, normal(next), p.random(saltSize))
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		if err := release(ctx, tx, cs, 1); err != nil {
			return nil, err
		}
		var opened Event
		in, opened, err = p.replacePassword(ctx, tx, v, c, session, hash, now)
		return []Event{{Name: PasswordChanged, Account: by.Account}, opened}, err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// replacePassword ends what the old password opened and goes on in a new
// session, which is as fresh as the old one: a password is one factor.
func (p *People) replacePassword(ctx context.Context, tx *db.Tx, v Visit, c credentials, session id.ID, hash string, now time.Time) (SignedIn, Event, error) {
	old, err := p.ownSession(ctx, tx, p.self(c.Account), session, now)
	if err != nil {
		return SignedIn{}, Event{}, err
	}
	n, err := tx.Exec(ctx, `UPDATE people_account SET password = ?, epoch = epoch + 1, changed = ? WHERE id = ? AND epoch = ?`,
		hash, clock.Micros(now), string(c.ID), c.epoch)
	if err != nil {
		return SignedIn{}, Event{}, err
	}
	if err := db.Conflict(n); err != nil {
		return SignedIn{}, Event{}, err
	}
	if err := endAccess(ctx, tx, c.ID); err != nil {
		return SignedIn{}, Event{}, err
	}
	in, opened, err := p.openSession(ctx, tx, v, c.ID, false, now)
	if err != nil {
		return SignedIn{}, Event{}, err
	}
	in.Session.Second = old.Second
	_, err = tx.Exec(ctx, `UPDATE people_session SET second = ? WHERE id = ?`, clock.Micros(old.Second), string(in.Session.ID))
	return in, opened, err
}

// ownSession is the caller's live session.
func (p *People) ownSession(ctx context.Context, tx *db.Tx, by access.Actor, session id.ID, now time.Time) (Session, error) {
	all, err := selectSessions(ctx, tx, `id = ? AND account = ?`, string(session), string(by.Account))
	if err != nil {
		return Session{}, err
	}
	if len(all) != 1 || !p.live(all[0], now) {
		return Session{}, signedOut()
	}
	return all[0], nil
}

func (p *People) freshSession(ctx context.Context, tx *db.Tx, by access.Actor, session id.ID, now time.Time) error {
	s, err := p.ownSession(ctx, tx, by, session, now)
	if err == nil && (s.Demo || !s.Fresh(now, stepUp)) { // a demo account has no factors to change
		err = fault.New(fault.Forbidden, "fault.people.step_up")
	}
	return err
}

// BeginTOTP offers a new second factor; the present one holds until
// ConfirmTOTP. It needs a Fresh session.
func (p *People) BeginTOTP(ctx context.Context, by access.Actor, session id.ID) (Enrolment, error) {
	if err := person(by); err != nil {
		return Enrolment{}, err
	}
	var out Enrolment
	err := p.keep(ctx, func(tx *db.Tx, now time.Time) error {
		if err := p.freshSession(ctx, tx, by, session, now); err != nil {
			return err
		}
		a, err := loadAccount(ctx, tx, by.Account)
		if err != nil {
			return err
		}
		secret := p.random(secretSize)
		sealed, err := p.seal(by.Account, secret)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE people_account SET totp_next = ? WHERE id = ?`, sealed, string(by.Account)); err != nil {
			return err
		}
		out, err = p.enrolment(secret, a.Login)
		return err
	})
	return out, err
}

// ConfirmTOTP makes the offered factor the only one once it gave a code, and
// ends the account's other sessions and all its device cookies.
func (p *People) ConfirmTOTP(ctx context.Context, by access.Actor, session id.ID, code string) error {
	return p.again(ctx, by, session, func(tx *db.Tx, now time.Time) ([]Event, error) {
		if err := p.freshSession(ctx, tx, by, session, now); err != nil {
			return nil, err
		}
		c, _, err := loadCredentials(ctx, tx, `id = ?`, string(by.Account))
		if err != nil {
			return nil, err
		}
		if c.totpNext == nil {
			return nil, fault.New(fault.Conflict, "fault.people.no_enrolment")
		}
		secret, err := p.open(by.Account, c.totpNext)
		if err != nil {
			return nil, err
		}
		s, ok := step(secret, plainCode(code), 0, now)
		if !ok {
			return nil, errCode
		}
		n, err := tx.Exec(ctx, `UPDATE people_account SET totp = totp_next, totp_next = NULL, totp_step = ?, epoch = epoch + 1, changed = ?
			WHERE id = ? AND epoch = ? AND totp_next IS NOT NULL`, s, clock.Micros(now), string(by.Account), c.epoch)
		if err != nil {
			return nil, err
		}
		if err := db.Conflict(n); err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `DELETE FROM people_session WHERE account = ? AND id <> ?`, string(by.Account), string(session))
		return []Event{{Name: TOTPChanged, Account: by.Account}}, err
	})
}

// NewRecoveryCodes replaces one's recovery codes; they are shown once. It
// needs a Fresh session.
func (p *People) NewRecoveryCodes(ctx context.Context, by access.Actor, session id.ID) ([]string, error) {
	if err := person(by); err != nil {
		return nil, err
	}
	var codes []string
	err := p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		if err := p.freshSession(ctx, tx, by, session, now); err != nil {
			return nil, err
		}
		var err error
		codes, err = p.replaceRecovery(ctx, tx, by.Account)
		return []Event{{Name: RecoveryMade, Account: by.Account}}, err
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

func (p *People) replaceRecovery(ctx context.Context, tx *db.Tx, account id.ID) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM people_recovery WHERE account = ?`, string(account)); err != nil {
		return nil, err
	}
	codes, hashes := p.newRecovery(account)
	for _, h := range hashes {
		if _, err := tx.Exec(ctx, `INSERT INTO people_recovery (account, hash) VALUES (?, ?)`, string(account), h); err != nil {
			return nil, err
		}
	}
	return codes, nil
}
