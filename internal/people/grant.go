package people

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Who may give which role. An administrator gives content roles to others
// alone. A second administrator must approve what would let one person get at
// content or multiply: any role for oneself, and the administrator's role for
// anybody. Exception: as long as no second account has ever held the
// administrator's role, there is nobody to ask; those grants hold at once and
// the history says "bootstrap". The exception does not come back when the
// second administrator is suspended. Grants of the command line (who runs it
// holds the database and the keys anyway) hold at once and are named as the
// node's.

// RoleGrant is a role of an account with how it came about.
type RoleGrant struct {
	access.Grant
	ID        id.ID
	Account   id.ID
	State     workflow.State
	AskedBy   id.ID // empty: the command line
	Asked     time.Time
	DecidedBy id.ID
	Decided   time.Time
	Version   int64
}

var placeCode = regexp.MustCompile(`^[A-Z]{2}-[A-Z0-9]{1,3}$`)

func (p *People) checkGrant(g access.Grant, row int) error {
	var c fault.Check
	c.Row(slices.Contains(access.Roles, g.Role), row, "role", "fault.people.role")
	own := !slices.Contains(access.States, p.cfg.Member) || strings.HasPrefix(g.Place, string(p.cfg.Member)+"-")
	c.Row(g.Place == "" || placeCode.MatchString(g.Place) && own, row, "place", "fault.people.place", fault.Args{"member": string(p.cfg.Member)})
	c.Row(g.Place == "" || g.Role != access.Administrator, row, "place", "fault.people.whole_member")
	c.Row(g.To.IsZero() || g.From.Before(g.To), row, "to", "fault.people.validity")
	return c.Err()
}

// startState is where a grant begins; see the head of this file.
func startState(by access.Actor, account id.ID, role access.Role, administratorsEver int) (s workflow.State, bootstrap bool) {
	if by.System || by.Account != account && role != access.Administrator {
		return Granted, false
	}
	if administratorsEver <= 1 {
		return Granted, true
	}
	return Asked, false
}

// GrantRole gives a role to an account, or asks a second administrator to; the
// returned grant's State says which.
func (p *People) GrantRole(ctx context.Context, by access.Actor, account id.ID, g access.Grant) (RoleGrant, error) {
	var out RoleGrant
	err := p.onAccount(ctx, by, account, Edit, func(tx *db.Tx, _ accountCase, now time.Time) ([]Event, error) {
		e, err := p.insertGrant(ctx, tx, by, account, g, 0, now)
		if err != nil {
			return nil, err
		}
		out, err = loadGrant(ctx, tx, e.Record)
		return []Event{e}, err
	})
	return out, err
}

func (p *People) insertGrant(ctx context.Context, tx *db.Tx, by access.Actor, account id.ID, g access.Grant, row int, now time.Time) (Event, error) {
	if err := p.checkGrant(g, row); err != nil {
		return Event{}, err
	}
	if err := p.checkAgency(ctx, tx, g.Agency); err != nil {
		return Event{}, err
	}
	var ever int
	if _, err := tx.Row(ctx, `SELECT COUNT(DISTINCT account) FROM people_grant WHERE role = ? AND state IN (?, ?)`,
		[]any{string(access.Administrator), string(Granted), string(Revoked)}, &ever); err != nil {
		return Event{}, err
	}
	state, bootstrap := startState(by, account, g.Role, ever)
	grant, us := p.cfg.IDs.New(), clock.Micros(now)
	name, decided := GrantAsked, int64(0)
	if state == Granted {
		name, decided = GrantMade, us
	}
	_, err := tx.Exec(ctx, `INSERT INTO people_grant (id, account, role, place, agency, valid_from, valid_to, state, asked_by, asked,
		decided_by, decided, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, 1)`, string(grant), string(account), string(g.Role), g.Place, g.Agency,
		clock.Micros(g.From), clock.Micros(g.To), string(state), string(by.Account), us, decided)
	data := grantData(g)
	if bootstrap {
		data["bootstrap"] = "yes"
	}
	return Event{Name: name, Account: account, Record: grant, Data: data}, err
}

func grantData(g access.Grant) map[string]string {
	d := map[string]string{"role": string(g.Role)}
	for k, v := range map[string]string{"place": g.Place, "agency": g.Agency} {
		if v != "" {
			d[k] = v
		}
	}
	for k, t := range map[string]time.Time{"from": g.From, "to": g.To} {
		if !t.IsZero() {
			d[k] = t.UTC().Format(time.RFC3339)
		}
	}
	return d
}

// ApproveGrant lets a grant hold that another administrator asked for.
func (p *People) ApproveGrant(ctx context.Context, by access.Actor, grant id.ID) error {
	return p.decide(ctx, by, grant, Approve, GrantApproved)
}

// DeclineGrant refuses it; who asked may decline, which takes it back.
func (p *People) DeclineGrant(ctx context.Context, by access.Actor, grant id.ID) error {
	return p.decide(ctx, by, grant, Decline, GrantDeclined)
}

// RevokeGrant ends a grant at once, for sessions and tokens too.
func (p *People) RevokeGrant(ctx context.Context, by access.Actor, grant id.ID) error {
	return p.decide(ctx, by, grant, Revoke, GrantRevoked)
}

func (p *People) decide(ctx context.Context, by access.Actor, grant id.ID, verb workflow.Verb, event string) error {
	if err := may(by, AdministerAccounts); err != nil {
		return err
	}
	return p.change(ctx, by, func(tx *db.Tx, now time.Time) ([]Event, error) {
		if err := lockAdministrators(ctx, tx); err != nil {
			return nil, err
		}
		c, err := loadGrantCase(ctx, tx, grant, now)
		if err != nil {
			return nil, err
		}
		row, err := check(&grantTable, c, verb, by, now)
		if err != nil {
			return nil, err
		}
		n, err := tx.Exec(ctx, `UPDATE people_grant SET state = ?, decided_by = ?, decided = ?, version = version + 1 WHERE id = ? AND version = ?`,
			string(row.To), string(by.Account), clock.Micros(now), string(grant), c.Version)
		if err != nil {
			return nil, err
		}
		return []Event{{Name: event, Account: c.Account, Record: grant, Data: grantData(c.Grant)}}, db.Conflict(n)
	})
}

// GrantsAsked are those that wait for a second administrator, oldest first.
func (p *People) GrantsAsked(ctx context.Context, by access.Actor) ([]RoleGrant, error) {
	if err := mayList(by); err != nil {
		return nil, err
	}
	var out []RoleGrant
	err := p.read(ctx, func(tx *db.Tx, _ time.Time) error {
		var err error
		out, err = selectGrants(ctx, tx, `state = ? ORDER BY asked, id`, string(Asked))
		return err
	})
	return out, err
}

// GrantOffers are the buttons of a grant for an actor.
func (p *People) GrantOffers(ctx context.Context, by access.Actor, grant id.ID) ([]workflow.Offer, error) {
	if may(by, AdministerAccounts) != nil {
		return nil, nil
	}
	var out []workflow.Offer
	err := p.read(ctx, func(tx *db.Tx, now time.Time) error {
		c, err := loadGrantCase(ctx, tx, grant, now)
		out = grantTable.Offers(c, by, now)
		return err
	})
	return out, err
}

// AccountOffers are the buttons of an account for an actor.
func (p *People) AccountOffers(ctx context.Context, by access.Actor, account id.ID) ([]workflow.Offer, error) {
	if may(by, AdministerAccounts) != nil {
		return nil, nil
	}
	var out []workflow.Offer
	err := p.read(ctx, func(tx *db.Tx, now time.Time) error {
		c, err := loadCase(ctx, tx, account, now)
		out = accountTable.Offers(c, by, now)
		return err
	})
	return out, err
}
