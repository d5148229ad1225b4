package hub

import (
	"context"
	"fmt"
	"net"

	"github.com/nats-io/nkeys"

	"lintas/internal/fault"
)

func (c Cluster) check() error {
	if n := len(c.Servers); n < 3 || n%2 == 0 {
		return badConfig("%d servers: a cluster has three or five, so that a majority decides", n)
	}
	if !nameForm.MatchString(c.Name) {
		return badConfig("name %q of the cluster", c.Name)
	}
	if !nkeys.IsValidPublicUserKey(c.Operator) {
		return badConfig("the operator's key is not a public nkey of a user (U...)")
	}
	names := map[string]bool{}
	for _, s := range c.Servers {
		if !nameForm.MatchString(s.Name) || names[s.Name] {
			return badConfig("name %q of a server", s.Name)
		}
		names[s.Name] = true
		if s.Folder == "" {
			return badConfig("server %s has no folder", s.Name)
		}
		for _, a := range []string{s.Listen, s.WebSocket, s.Route} {
			if a == "" && a == s.WebSocket {
				continue
			}
			host, _, err := net.SplitHostPort(a)
			if err != nil {
				return badConfig("server %s: address %q: %v", s.Name, a, err)
			}
			if s.TLS == nil && !isLoopback(host) {
				return fault.Wrap(fault.Invalid, "fault.hub.plain", fmt.Errorf("server %s: %s needs TLS", s.Name, a)).
					With("address", a)
			}
		}
	}
	return checkMembers(c.Members)
}

// Provision creates the stream with three copies and the consumers of the
// members on an external cluster.
func Provision(ctx context.Context, d Dial, members []Member) error {
	op, err := Connect(ctx, d)
	if err != nil {
		return err
	}
	defer op.Close()
	return op.Provision(ctx, members)
}
