package people

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Sign-in has two steps. Begin takes login and password and answers every
// refusal alike: unknown account, wrong password, invited, suspended; each
// costs the same queries and one password hash. (An account whose hash still
// has older costs differs until its next sign-in.) Finish takes the second
// factor and opens the session. How guessing is slowed: throttle.go.

// Visit is what a request tells about where it comes from.
type Visit struct {
	Address netip.Addr
	Agent   string // the browser's own description
	Device  string // the device cookie, if any
}

// Challenge is a right password's answer, for the page that asks for a code.
type Challenge struct {
	Token   string
	Expires time.Time
}

// SignedIn is a new session with what the browser is to keep.
type SignedIn struct {
	Token    string // the session cookie; not stored
	Device   string // the device cookie
	Session  Session
	Recovery int // recovery codes left
}

func refused() error { return fault.New(fault.Forbidden, "fault.people.sign_in") }

// Begin judges the first factor.
func (p *People) Begin(ctx context.Context, v Visit, login, password string) (Challenge, error) {
	login = Login(login)
	if len(login) > 64 || len(password) > 4*maxPassword {
		login, password = "", "" // no such account; it costs the same
	}
	var c credentials
	device := ""
	if err := p.read(ctx, func(tx *db.Tx, now time.Time) error {
		var err error
		c, _, err = loadCredentials(ctx, tx, `login = ?`, login)
		device = p.device(v.Device, c.ID, c.epoch, now)
		return err
	}); err != nil {
		return Challenge{}, err
	}
	slowed, err := p.reserve(ctx, p.counters(v, login, device))
	if err != nil {
		return Challenge{}, err
	}
	ok, stale, err := p.hasher.Verify(ctx, c.password, normal(password))
	if err != nil {
		return Challenge{}, err
	}
	if !ok || !c.usable() || c.totp == nil {
		return Challenge{}, p.fail(ctx, v, c.ID, slowed, refused())
	}
	if stale {
		if err := p.rehash(ctx, c, normal(password)); err != nil {
			return Challenge{}, err
		}
	}
	expires := p.now().Add(challengeLife)
	return Challenge{Token: p.newChallenge(c.ID, c.epoch, expires), Expires: expires}, nil
}

// fail records that guessing was slowed, at most once per delay, and returns
// the refusal.
func (p *People) fail(ctx context.Context, v Visit, account id.ID, slowed bool, refusal error) error {
	if !slowed {
		return refusal
	}
	err := p.change(ctx, access.Node(p.cfg.Member), func(*db.Tx, time.Time) ([]Event, error) {
		return []Event{{Name: SignInSlowed, Account: account, Data: map[string]string{"network": network(v.Address, 24, 56)}}}, nil
	})
	if err != nil {
		return err
	}
	return refusal
}

// rehash stores the password under the present costs. The old form must still
// be there, so that it never undoes a change of password.
func (p *People) rehash(ctx context.Context, c credentials, password string) error {
	hash, err := p.hasher.Hash(ctx, password, p.random(saltSize))
	if err != nil {
		return err
	}
	return p.keep(ctx, func(tx *db.Tx, _ time.Time) error {
		_, err := tx.Exec(ctx, `UPDATE people_account SET password = ? WHERE id = ? AND password = ?`, hash, string(c.ID), c.password)
		return err
	})
}

// Finish judges the second factor, a code of the app or a recovery code, and
// opens the session.
func (p *People) Finish(ctx context.Context, v Visit, challenge, code string) (SignedIn, error) {
	expired := fault.New(fault.Forbidden, "fault.people.challenge")
	account, at, sum, ok := parseChallenge(challenge)
	if !ok {
		return SignedIn{}, expired
	}
	var c credentials
	device := ""
	if err := p.read(ctx, func(tx *db.Tx, now time.Time) error {
		var err error
		c, _, err = loadCredentials(ctx, tx, `id = ?`, string(account))
		device = p.device(v.Device, c.ID, c.epoch, now)
		return err
	}); err != nil {
		return SignedIn{}, err
	}
	if c.ID == "" || !p.checkChallenge(c.ID, c.epoch, at, sum, p.now()) {
		return SignedIn{}, expired
	}
	cs := p.counters(v, c.Login, device)
	slowed, err := p.reserve(ctx, cs)
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = p.change(ctx, p.self(c.Account), func(tx *db.Tx, now time.Time) ([]Event, error) {
		events, err := p.second(ctx, tx, c.ID, code, now)
		if err != nil {
			return nil, err
		}
		if err := release(ctx, tx, cs, 2); err != nil { // this attempt and that of Begin
			return nil, err
		}
		var opened Event
		in, opened, err = p.openSession(ctx, tx, v, c.ID, false, now)
		return append(events, opened), err
	})
	if errors.Is(err, errCode) {
		return SignedIn{}, p.fail(ctx, v, c.ID, slowed, err)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// self is the account as the doer of something about itself.
func (p *People) self(a Account) access.Actor {
	return access.Actor{Account: a.ID, Member: p.cfg.Member, Name: a.Post}
}

var errCode = fault.New(fault.Forbidden, "fault.people.code")

// second takes a code within the transaction that relies on it; what was
// used is used only if that commits.
func (p *People) second(ctx context.Context, tx *db.Tx, account id.ID, code string, now time.Time) ([]Event, error) {
	c, found, err := loadCredentials(ctx, tx, `id = ?`, string(account))
	if err != nil {
		return nil, err
	}
	if !found || !c.usable() || c.totp == nil {
		return nil, errCode
	}
	plain := plainCode(code)
	if !isTOTP(plain) {
		n, err := tx.Exec(ctx, `DELETE FROM people_recovery WHERE account = ? AND hash = ?`, string(account), p.recoveryHash(account, plain))
		if err == nil && n == 0 {
			err = errCode
		}
		return []Event{{Name: RecoveryUsed, Account: account}}, err
	}
	secret, err := p.open(account, c.totp)
	if err != nil {
		return nil, err
	}
	s, ok := step(secret, plain, c.totpStep, now)
	if !ok {
		return nil, errCode
	}
	n, err := tx.Exec(ctx, `UPDATE people_account SET totp_step = ? WHERE id = ? AND totp_step < ?`, s, string(account), s)
	if err == nil && n == 0 { // somebody used the same code at the same moment
		err = errCode
	}
	return nil, err
}
