package people

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

const accountColumns = `id, login, post, display, agency, language, state, made_by, created, changed, signed_in, version`

func scanAccount(scan func(...any) error, more ...any) (Account, error) {
	var a Account
	var created, changed, signedIn int64
	dest := append([]any{&a.ID, &a.Login, &a.Post, &a.Display, &a.Agency, &a.Language, &a.State, &a.MadeBy,
		&created, &changed, &signedIn, &a.Version}, more...)
	if err := scan(dest...); err != nil {
		return a, err
	}
	a.Created, a.Changed, a.SignedIn = clock.FromMicros(created), clock.FromMicros(changed), clock.FromMicros(signedIn)
	return a, nil
}

func noAccount() error { return fault.New(fault.NotFound, "fault.people.no_account") }

func loadAccount(ctx context.Context, tx *db.Tx, account id.ID) (Account, error) {
	c, found, err := loadCredentials(ctx, tx, `id = ?`, string(account))
	if err == nil && !found {
		err = noAccount()
	}
	return c.Account, err
}

// credentials are an account with its secrets; they stay in this package.
type credentials struct {
	Account
	password string
	totp     []byte // sealed; nil: none
	totpNext []byte // sealed; waits for its first code
	totpStep int64
	epoch    int64 // grows when a factor changes; devices and challenges are bound to it
}

func loadCredentials(ctx context.Context, tx *db.Tx, where string, arg string) (credentials, bool, error) {
	var c credentials
	found := false
	err := tx.Each(ctx, `SELECT `+accountColumns+`, password, totp, totp_next, totp_step, epoch FROM people_account WHERE `+where, []any{arg},
		func(scan func(...any) error) error {
			var err error
			found = true
			c.Account, err = scanAccount(scan, &c.password, &c.totp, &c.totpNext, &c.totpStep, &c.epoch)
			return err
		})
	return c, found, err
}

// AccountQuery pages through accounts by login.
type AccountQuery struct {
	After string // the login of the last one that was seen
	Limit int    // 0: 100; at most 500
	Text  string // part of the login, post or display name
	State workflow.State
}

// Accounts lists accounts with their grants, for who administers them and for
// auditors.
func (p *People) Accounts(ctx context.Context, by access.Actor, q AccountQuery) ([]Account, error) {
	if err := mayList(by); err != nil {
		return nil, err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	where, args := `login > ?`, []any{q.After}
	if q.State != "" {
		where, args = where+` AND state = ?`, append(args, string(q.State))
	}
	if t := strings.ToLower(strings.TrimSpace(q.Text)); t != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(t) + "%"
		where += ` AND (login LIKE ? ESCAPE '\' OR LOWER(post) LIKE ? ESCAPE '\' OR LOWER(display) LIKE ? ESCAPE '\')`
		args = append(args, like, like, like)
	}
	var out []Account
	err := p.read(ctx, func(tx *db.Tx, _ time.Time) error {
		err := tx.Each(ctx, `SELECT `+accountColumns+` FROM people_account WHERE `+where+` ORDER BY login LIMIT ?`,
			append(args, min(q.Limit, 500)), func(scan func(...any) error) error {
				a, err := scanAccount(scan)
				out = append(out, a)
				return err
			})
		if err != nil {
			return err
		}
		for i := range out {
			if out[i].Grants, err = grantsOf(ctx, tx, out[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func mayList(by access.Actor) error {
	if Capabilities.May(by, ReadAudit) && by.Scopes == nil {
		return nil
	}
	return may(by, AdministerAccounts)
}

// Account is one account with its grants: one's own, or any for who
// administers or audits.
func (p *People) Account(ctx context.Context, by access.Actor, account id.ID) (Account, error) {
	if by.Account != account || by.Account == "" {
		if err := mayList(by); err != nil {
			return Account{}, err
		}
	}
	var a Account
	err := p.read(ctx, func(tx *db.Tx, _ time.Time) error {
		var err error
		if a, err = loadAccount(ctx, tx, account); err != nil {
			return err
		}
		if a.Grants, err = grantsOf(ctx, tx, account); err != nil {
			return err
		}
		_, err = tx.Row(ctx, `SELECT COUNT(*) FROM people_recovery WHERE account = ?`, []any{string(account)}, &a.Recovery)
		return err
	})
	return a, err
}

// AccountByLogin finds an account for the command line and the demo.
func (p *People) AccountByLogin(ctx context.Context, by access.Actor, login string) (Account, error) {
	if err := mayList(by); err != nil {
		return Account{}, err
	}
	var a Account
	err := p.read(ctx, func(tx *db.Tx, _ time.Time) error {
		c, found, err := loadCredentials(ctx, tx, `login = ?`, Login(login))
		if err == nil && !found {
			err = noAccount()
		}
		a = c.Account
		return err
	})
	return a, err
}
