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

func selectGrants(ctx context.Context, tx *db.Tx, where string, args ...any) ([]RoleGrant, error) {
	var out []RoleGrant
	err := tx.Each(ctx, `SELECT id, account, role, place, agency, valid_from, valid_to, state, asked_by, asked, decided_by, decided, version
		FROM people_grant WHERE `+where, args, func(scan func(...any) error) error {
		var g RoleGrant
		var from, to, asked, decided int64
		if err := scan(&g.ID, &g.Account, &g.Role, &g.Place, &g.Agency, &from, &to, &g.State, &g.AskedBy, &asked,
			&g.DecidedBy, &decided, &g.Version); err != nil {
			return err
		}
		g.From, g.To = clock.FromMicros(from), clock.FromMicros(to)
		g.Asked, g.Decided = clock.FromMicros(asked), clock.FromMicros(decided)
		out = append(out, g)
		return nil
	})
	return out, err
}

func loadGrant(ctx context.Context, tx *db.Tx, grant id.ID) (RoleGrant, error) {
	g, err := selectGrants(ctx, tx, `id = ?`, string(grant))
	if err != nil {
		return RoleGrant{}, err
	}
	if len(g) == 0 {
		return RoleGrant{}, fault.New(fault.NotFound, "fault.people.no_grant")
	}
	return g[0], nil
}

func grantsOf(ctx context.Context, tx *db.Tx, account id.ID) ([]RoleGrant, error) {
	return selectGrants(ctx, tx, `account = ? ORDER BY asked, id`, string(account))
}

// heldBy are the grants that hold at now.
func heldBy(ctx context.Context, tx *db.Tx, account id.ID, now time.Time) ([]access.Grant, error) {
	all, err := selectGrants(ctx, tx, `account = ? AND state = ? ORDER BY asked, id`, string(account), string(Granted))
	if err != nil {
		return nil, err
	}
	var out []access.Grant
	for _, g := range all {
		if g.Valid(now) {
			out = append(out, g.Grant)
		}
	}
	return out, nil
}

// lockAdministrators holds the rows of all administrators until the commit, so
// that two of them cannot remove each other at the same moment.
func lockAdministrators(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE people_account SET epoch = epoch WHERE id IN
		(SELECT account FROM people_grant WHERE role = ? AND state = ?)`, string(access.Administrator), string(Granted))
	return err
}

// lastAdministrator reports whether the account is the only active one that
// administers the node now. A write calls lockAdministrators before.
func lastAdministrator(ctx context.Context, tx *db.Tx, account id.ID, now time.Time) (bool, error) {
	grants, err := selectGrants(ctx, tx, `role = ? AND state = ? AND account IN
		(SELECT id FROM people_account WHERE state = ?)`, string(access.Administrator), string(Granted), string(Active))
	if err != nil {
		return false, err
	}
	self := false
	for _, g := range grants {
		switch {
		case !g.Valid(now):
		case g.Account == account:
			self = true
		default:
			return false, nil
		}
	}
	return self, nil
}

// loadCase is an account with what its needs ask for.
func loadCase(ctx context.Context, tx *db.Tx, account id.ID, now time.Time) (accountCase, error) {
	a, err := loadAccount(ctx, tx, account)
	if err != nil {
		return accountCase{}, err
	}
	last, err := lastAdministrator(ctx, tx, account, now)
	return accountCase{Account: a, last: last}, err
}

// loadGrantCase is a grant with what its needs ask for.
func loadGrantCase(ctx context.Context, tx *db.Tx, grant id.ID, now time.Time) (grantCase, error) {
	g, err := loadGrant(ctx, tx, grant)
	if err != nil || g.Role != access.Administrator {
		return grantCase{RoleGrant: g}, err
	}
	last, err := lastAdministrator(ctx, tx, g.Account, now)
	return grantCase{RoleGrant: g, last: last}, err
}
