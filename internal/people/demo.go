package people

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func demoOnly() error { return fault.New(fault.Forbidden, "fault.people.demo_only") }

// SeedDemo makes an active account without factors, or finds it by its login:
// only a demo lets it in.
func (p *People) SeedDemo(ctx context.Context, a NewAccount) (id.ID, error) {
	if !p.cfg.Demo {
		return "", demoOnly()
	}
	by := access.Node(p.cfg.Member)
	old, err := p.AccountByLogin(ctx, by, a.Login)
	if err == nil {
		return old.ID, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return "", err
	}
	var account id.ID
	err = p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		var events []Event
		var err error
		account, events, err = p.insertAccount(ctx, tx, by, a, Active, now)
		return events, err
	})
	return account, err
}

// SignInAs opens a session without any factor, in a demo only.
func (p *People) SignInAs(ctx context.Context, v Visit, account id.ID) (SignedIn, error) {
	if !p.cfg.Demo {
		return SignedIn{}, demoOnly()
	}
	var in SignedIn
	err := p.change(ctx, access.Node(p.cfg.Member), func(tx *db.Tx, now time.Time) ([]Event, error) {
		if _, err := p.Actor(ctx, tx, account); err != nil {
			return nil, err
		}
		var e Event
		var err error
		in, e, err = p.openSession(ctx, tx, v, account, true, now)
		return []Event{e}, err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}
