package people

import (
	"context"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/language"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Account is one person's at this node. It never leaves the node: others see
// the post at most. Secrets are not in it.
type Account struct {
	ID       id.ID
	Login    string // what the person types; lower case, unique at the node
	Post     string // "Duty officer, National EOC": what pages and history show
	Display  string // a name for colleagues at this node; may be empty
	Agency   string // code, or empty
	Language string // BCP 47, or empty for the browser's
	State    workflow.State
	MadeBy   id.ID // empty: the command line
	Created  time.Time
	Changed  time.Time
	SignedIn time.Time
	Version  int64
	Grants   []RoleGrant
	Recovery int // recovery codes left
}

// NewAccount is what an administrator enters.
type NewAccount struct {
	Login    string
	Post     string
	Display  string
	Agency   string
	Language string
	Grants   []access.Grant
}

// Link is a one-time link token; it is shown once and not kept.
type Link struct {
	Account id.ID
	Token   string
	Expires time.Time
}

var loginText = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{2,63}$`)

// Login brings what was typed to the form that is stored.
func Login(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func checkAccount(a *NewAccount) error {
	a.Login, a.Post, a.Display = Login(a.Login), strings.TrimSpace(a.Post), strings.TrimSpace(a.Display)
	var c fault.Check
	c.That(loginText.MatchString(a.Login), "login", "fault.people.login")
	c.That(textOK(a.Post, 2, 80), "post", "fault.people.text", fault.Args{"min": 2, "max": 80})
	c.That(textOK(a.Display, 0, 80), "display", "fault.people.text", fault.Args{"min": 0, "max": 80})
	c.That(languageOK(a.Language), "language", "fault.people.language")
	return c.Err()
}

func languageOK(s string) bool {
	_, err := language.Parse(s)
	return s == "" || err == nil && len(s) <= 35
}

// CreateAccount makes an account with its roles and the link with which its
// person sets password and second factor. Roles that need a second
// administrator wait for one.
func (p *People) CreateAccount(ctx context.Context, by access.Actor, a NewAccount) (Link, error) {
	if err := may(by, AdministerAccounts); err != nil {
		return Link{}, err
	}
	var link Link
	err := p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		account, events, err := p.insertAccount(ctx, tx, by, a, Invited, now)
		if err != nil {
			return nil, err
		}
		var invited Event
		link, invited, err = p.invite(ctx, tx, by, account, false, now)
		return append(events, invited), err
	})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

func (p *People) insertAccount(ctx context.Context, tx *db.Tx, by access.Actor, a NewAccount, state workflow.State, now time.Time) (id.ID, []Event, error) {
	if err := checkAccount(&a); err != nil {
		return "", nil, err
	}
	if err := p.checkAgency(ctx, tx, a.Agency); err != nil {
		return "", nil, err
	}
	account := p.cfg.IDs.New()
	us := clock.Micros(now)
	n, err := tx.Exec(ctx, `INSERT INTO people_account (id, login, post, display, agency, language, state, made_by, created, changed,
		signed_in, version, password, totp_step, epoch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1, '', 0, 0) ON CONFLICT (login) DO NOTHING`,
		string(account), a.Login, a.Post, a.Display, a.Agency, a.Language, string(state), string(by.Account), us, us)
	if err != nil {
		return "", nil, err
	}
	if n == 0 {
		return "", nil, fault.New(fault.Conflict, "fault.people.login_taken")
	}
	events := []Event{{Name: AccountMade, Account: account, Data: map[string]string{"post": a.Post}}}
	for i, g := range a.Grants {
		e, err := p.insertGrant(ctx, tx, by, account, g, i+1, now)
		if err != nil {
			return "", nil, err
		}
		events = append(events, e)
	}
	return account, events, nil
}

func (p *People) checkAgency(ctx context.Context, tx *db.Tx, code string) error {
	if code == "" {
		return nil
	}
	open, err := agencyOpen(ctx, tx, code)
	if err != nil {
		return err
	}
	var c fault.Check
	c.That(open, "agency", "fault.people.agency_unknown", fault.Args{"code": code})
	return c.Err()
}

// EditAccount changes what describes an account; version is the one that was
// read.
func (p *People) EditAccount(ctx context.Context, by access.Actor, account id.ID, version int64, a NewAccount) error {
	return p.onAccount(ctx, by, account, Edit, func(tx *db.Tx, old accountCase, now time.Time) ([]Event, error) {
		a.Login = old.Login // a login never changes: it is what throttles and devices are bound to
		if err := checkAccount(&a); err != nil {
			return nil, err
		}
		if a.Agency != old.Agency {
			if err := p.checkAgency(ctx, tx, a.Agency); err != nil {
				return nil, err
			}
		}
		n, err := tx.Exec(ctx, `UPDATE people_account SET post = ?, display = ?, agency = ?, language = ?, changed = ?, version = version + 1
			WHERE id = ? AND version = ?`, a.Post, a.Display, a.Agency, a.Language, clock.Micros(now), string(account), version)
		if err != nil {
			return nil, err
		}
		return []Event{{Name: AccountEdited, Account: account, Data: map[string]string{"post": a.Post}}}, db.Conflict(n)
	})
}

// SuspendAccount ends its sessions and refuses its tokens until reactivated.
func (p *People) SuspendAccount(ctx context.Context, by access.Actor, account id.ID) error {
	return p.move(ctx, by, account, Suspend, AccountSuspended)
}

// ReactivateAccount lets a suspended account sign in again.
func (p *People) ReactivateAccount(ctx context.Context, by access.Actor, account id.ID) error {
	return p.move(ctx, by, account, Reactivate, AccountReactivated)
}

// CloseAccount is for good; the account stays for the history to name.
func (p *People) CloseAccount(ctx context.Context, by access.Actor, account id.ID) error {
	return p.move(ctx, by, account, Close, AccountClosed)
}

func (p *People) move(ctx context.Context, by access.Actor, account id.ID, verb workflow.Verb, event string) error {
	return p.onAccount(ctx, by, account, verb, func(tx *db.Tx, old accountCase, now time.Time) ([]Event, error) {
		row, _ := accountTable.Find(old.State, verb)
		n, err := tx.Exec(ctx, `UPDATE people_account SET state = ?, changed = ?, version = version + 1 WHERE id = ? AND version = ?`,
			string(row.To), clock.Micros(now), string(account), old.Version)
		if err != nil {
			return nil, err
		}
		if err := db.Conflict(n); err != nil {
			return nil, err
		}
		if err := endAccess(ctx, tx, account); err != nil {
			return nil, err
		}
		return []Event{{Name: event, Account: account}}, nil
	})
}

// endAccess ends what lets somebody in without a password: sessions and links.
func endAccess(ctx context.Context, tx *db.Tx, account id.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM people_session WHERE account = ?`, string(account)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM people_invitation WHERE account = ?`, string(account))
	return err
}

// onAccount loads an account, asks its table and lets f do the rest.
func (p *People) onAccount(ctx context.Context, by access.Actor, account id.ID, verb workflow.Verb,
	f func(tx *db.Tx, old accountCase, now time.Time) ([]Event, error)) error {
	if err := may(by, AdministerAccounts); err != nil {
		return err
	}
	return p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		if err := lockAdministrators(ctx, tx); err != nil {
			return nil, err
		}
		c, err := loadCase(ctx, tx, account, now)
		if err != nil {
			return nil, err
		}
		if _, err := check(&accountTable, c, verb, by, now); err != nil {
			return nil, err
		}
		return f(tx, c, now)
	})
}

// ChooseLanguage is the person's own setting.
func (p *People) ChooseLanguage(ctx context.Context, by access.Actor, tag string) error {
	if err := person(by); err != nil {
		return err
	}
	var c fault.Check
	c.That(languageOK(tag), "language", "fault.people.language")
	if err := c.Err(); err != nil {
		return err
	}
	return p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		n, err := tx.Exec(ctx, `UPDATE people_account SET language = ?, changed = ?, version = version + 1 WHERE id = ?`,
			tag, clock.Micros(now), string(by.Account))
		if err != nil {
			return nil, err
		}
		return []Event{{Name: LanguageChosen, Account: by.Account, Data: map[string]string{"language": tag}}}, db.Conflict(n)
	})
}
