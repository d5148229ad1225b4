package people

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Actor is the account with the grants that hold now. An account that is not
// active is nobody.
func (p *People) Actor(ctx context.Context, tx *db.Tx, account id.ID) (access.Actor, error) {
	a, err := loadAccount(ctx, tx, account)
	if err != nil {
		return access.Actor{}, err
	}
	return p.actor(ctx, tx, a, p.now())
}

func (p *People) actor(ctx context.Context, tx *db.Tx, a Account, now time.Time) (access.Actor, error) {
	if !a.usable() {
		return access.Actor{}, fault.New(fault.Forbidden, "fault.people.not_active")
	}
	grants, err := heldBy(ctx, tx, a.ID, now)
	return access.Actor{Account: a.ID, Member: p.cfg.Member, Name: a.Post, Grants: grants}, err
}

// usable reports whether the account may act: the one state from which every
// request is served.
func (a Account) usable() bool { return a.State == Active }
