package region

import (
	"context"
	"fmt"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/node"
)

// cast is one member's side of a step: its desks and the people who act.
type cast struct {
	node     *node.Node
	desk     *health.Desk
	clock    clock.Clock
	member   access.Member
	duty     access.Actor
	approver access.Actor
}

// cast are the people of a member who play a scenario's steps.
func (r *Region) cast(ctx context.Context, m access.Member) (*cast, error) {
	n := r.nodes[m]
	if n == nil {
		return nil, fmt.Errorf("region: no node %s", m)
	}
	c := &cast{node: n, desk: n.Health, clock: r.clock, member: m}
	var err error
	if c.duty, err = c.actor(ctx, dutyRole(m)); err != nil {
		return nil, err
	}
	c.approver, err = c.actor(ctx, access.Approver)
	return c, err
}

// actor is the person of the member who holds a role. The regional desk does
// what a state's officers do: the Secretariat has none.
func (c *cast) actor(ctx context.Context, role access.Role) (access.Actor, error) {
	if c.member == access.ASEC && ofStates(role) {
		role = access.SecretariatDsk
	}
	a, err := c.node.People.AccountByLogin(ctx, access.Node(c.member), logins[role])
	if err != nil {
		return access.Actor{}, err
	}
	var actor access.Actor
	err = c.node.DB.Read(ctx, func(tx *db.Tx) error {
		actor, err = c.node.People.Actor(ctx, tx, a.ID)
		return err
	})
	return actor, err
}
