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

// A link is how a person gets factors: for a new account, and again when both
// were lost. It is named by 256 random bits (only their SHA-256 is stored), is
// used once, dies after 72 hours or when a newer one is made, and is given to
// the person by the administrator on another way. Whoever makes a link could
// use it himself: that it was made, opened and accepted is in the history, and
// accepting a second one signs the account out everywhere and ends its tokens.

const (
	linkLife  = 72 * time.Hour
	linkToken = 32
)

// Invitation is what the page of a link shows.
type Invitation struct {
	Login     string
	Post      string
	Reset     bool // the account has been used before
	Expires   time.Time
	Enrolment Enrolment
}

// Acceptance is what the person sends from that page.
type Acceptance struct {
	Token    string
	Password string
	Code     string // of the app, for the enrolment shown
}

func noLink() error { return fault.New(fault.NotFound, "fault.people.link") }

func (p *People) invite(ctx context.Context, tx *db.Tx, by access.Actor, account id.ID, reset bool, now time.Time) (Link, Event, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM people_invitation WHERE account = ?`, string(account)); err != nil {
		return Link{}, Event{}, err
	}
	raw, key := p.random(linkToken), p.cfg.IDs.New()
	l := Link{Account: account, Token: tokenText.EncodeToString(raw), Expires: now.Add(linkLife)}
	_, err := tx.Exec(ctx, `INSERT INTO people_invitation (id, account, hash, reset, made_by, created, expires, opened)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0)`, string(key), string(account), digest(raw), bit(reset), string(by.Account), clock.Micros(now), clock.Micros(l.Expires))
	data := map[string]string{}
	if reset {
		data["reset"] = "yes"
	}
	return l, Event{Name: InvitationMade, Account: account, Record: key, Data: data}, err
}

// IssueLink makes a new link for an account, which ends an older one. For an
// account in use it resets both factors once it is accepted, not before.
func (p *People) IssueLink(ctx context.Context, by access.Actor, account id.ID) (Link, error) {
	var l Link
	err := p.onAccount(ctx, by, account, Invite, func(tx *db.Tx, old accountCase, now time.Time) ([]Event, error) {
		var e Event
		var err error
		l, e, err = p.invite(ctx, tx, by, account, old.usable(), now)
		return []Event{e}, err
	})
	if err != nil {
		return Link{}, err
	}
	return l, nil
}

type invitation struct {
	id, account id.ID
	reset       bool
	expires     time.Time
	opened      time.Time
	totp        []byte
}

func loadInvitation(ctx context.Context, tx *db.Tx, token string, now time.Time) (invitation, error) {
	raw, err := tokenText.DecodeString(token)
	if err != nil || len(raw) != linkToken {
		return invitation{}, noLink()
	}
	var i invitation
	var reset, expires, opened int64
	ok, err := tx.Row(ctx, `SELECT id, account, reset, expires, opened, totp FROM people_invitation WHERE hash = ?`, []any{digest(raw)},
		&i.id, &i.account, &reset, &expires, &opened, &i.totp)
	if err != nil {
		return invitation{}, err
	}
	i.reset, i.expires, i.opened = reset == 1, clock.FromMicros(expires), clock.FromMicros(opened)
	if !ok || !now.Before(i.expires) {
		return invitation{}, noLink()
	}
	return i, nil
}

// OpenLink shows what a link is for, with the second factor to enrol, the same
// each time it is opened.
func (p *People) OpenLink(ctx context.Context, token string) (Invitation, error) {
	var out Invitation
	err := p.change(ctx, access.Node(p.cfg.Member), func(tx *db.Tx, now time.Time) ([]Event, error) {
		i, err := loadInvitation(ctx, tx, token, now)
		if err != nil {
			return nil, err
		}
		a, err := loadAccount(ctx, tx, i.account)
		if err != nil {
			return nil, err
		}
		var events []Event
		secret := p.random(secretSize)
		if i.totp == nil {
			sealed, err := p.seal(i.account, secret)
			if err != nil {
				return nil, err
			}
			n, err := tx.Exec(ctx, `UPDATE people_invitation SET totp = ?, opened = ? WHERE id = ? AND opened = 0`, sealed, clock.Micros(now), string(i.id))
			if err != nil {
				return nil, err
			}
			if err := db.Conflict(n); err != nil {
				return nil, err
			}
			events = []Event{{Name: InvitationOpened, Account: i.account, Record: i.id}}
		} else if secret, err = p.open(i.account, i.totp); err != nil {
			return nil, err
		}
		out = Invitation{Login: a.Login, Post: a.Post, Reset: i.reset, Expires: i.expires}
		out.Enrolment, err = p.enrolment(secret, a.Login)
		return events, err
	})
	return out, err
}

// AcceptLink sets both factors, uses the link up and signs the person in. The
// recovery codes are shown once and not kept.
func (p *People) AcceptLink(ctx context.Context, v Visit, in Acceptance) (SignedIn, []string, error) {
	var a Account
	if err := p.read(ctx, func(tx *db.Tx, now time.Time) error {
		i, err := loadInvitation(ctx, tx, in.Token, now)
		if err != nil {
			return err
		}
		a, err = loadAccount(ctx, tx, i.account)
		return err
	}); err != nil {
		return SignedIn{}, nil, err
	}
	if err := CheckPassword(in.Password, p.about(a)); err != nil {
		return SignedIn{}, nil, err
	}
	hash, err := p.hasher.Hash(ctx, normal(in.Password), p.random(saltSize))
	if err != nil {
		return SignedIn{}, nil, err
	}
	var out SignedIn
	var codes []string
	err = p.change(ctx, p.self(a), func(tx *db.Tx, now time.Time) ([]Event, error) {
		i, err := loadInvitation(ctx, tx, in.Token, now)
		if err != nil {
			return nil, err
		}
		var events []Event
		if events, codes, err = p.accept(ctx, tx, i, in.Code, hash, now); err != nil {
			return nil, err
		}
		var opened Event
		out, opened, err = p.openSession(ctx, tx, v, i.account, false, now)
		return append(events, opened), err
	})
	if err != nil {
		return SignedIn{}, nil, err
	}
	return out, codes, nil
}

// accept takes the step of the account and replaces all that let anybody in.
func (p *People) accept(ctx context.Context, tx *db.Tx, i invitation, code, hash string, now time.Time) ([]Event, []string, error) {
	a, err := loadAccount(ctx, tx, i.account)
	if err != nil {
		return nil, nil, err
	}
	row, err := check(&accountTable, accountCase{Account: a}, Accept, access.Node(p.cfg.Member), now)
	if err != nil {
		return nil, nil, err
	}
	if i.totp == nil {
		return nil, nil, noLink() // it was never opened, so nobody can have a code
	}
	secret, err := p.open(i.account, i.totp)
	if err != nil {
		return nil, nil, err
	}
	s, ok := step(secret, plainCode(code), 0, now)
	if !ok {
		return nil, nil, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "code", Key: "fault.people.code"}}}
	}
	if n, err := tx.Exec(ctx, `DELETE FROM people_invitation WHERE id = ?`, string(i.id)); err != nil || n == 0 {
		if err == nil {
			err = noLink()
		}
		return nil, nil, err
	}
	if err := endAccess(ctx, tx, i.account); err != nil {
		return nil, nil, err
	}
	if _, err := tx.Exec(ctx, `UPDATE people_token SET revoked = ? WHERE account = ? AND revoked = 0`, clock.Micros(now), string(i.account)); err != nil {
		return nil, nil, err
	}
	n, err := tx.Exec(ctx, `UPDATE people_account SET state = ?, password = ?, totp = ?, totp_next = NULL, totp_step = ?, epoch = epoch + 1,
		changed = ?, version = version + 1 WHERE id = ? AND version = ?`, string(row.To), hash, i.totp, s, clock.Micros(now), string(i.account), a.Version)
	if err != nil {
		return nil, nil, err
	}
	if err := db.Conflict(n); err != nil {
		return nil, nil, err
	}
	codes, err := p.replaceRecovery(ctx, tx, i.account)
	return []Event{{Name: InvitationAccepted, Account: i.account, Record: i.id}}, codes, err
}

// about are the words that a guesser of this person's password tries first.
func (p *People) about(a Account) []string {
	return []string{a.Login, a.Post, a.Display, a.Agency, string(p.cfg.Member)}
}
