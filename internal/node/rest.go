package node

import (
	"context"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/web/rest"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/web"
)

// streamScope opens the event stream; what it tells depends on the scopes of
// the desks beside it.
const streamScope = "stream.read"

// restRoutes adds the REST interface with the operations of every desk, and
// the documents that desks publish beside it.
func (n *Node) restRoutes(m *web.Mux) error {
	proxies, err := prefixes(n.Config.Web.TrustedProxies)
	if err != nil {
		return err
	}
	health := rest.New(n.Health, rest.Deps{Member: n.Config.Member, URL: n.publicURL(), Exercise: n.Config.Demo, Token: n.token, Log: n.log})
	health.Routes(m)
	api.MountLater(m, n.log, sync.OnceValues(func() (*api.API, error) {
		a, err := api.New(api.Config{
			DB: n.DB, Clock: n.wall, Domain: n.clock, Log: n.log, Version: revision(), Token: n.token,
			Client: func(r *http.Request) netip.Addr { return web.ClientAddr(r, proxies) },
			Stream: api.StreamConfig{Describe: n.describe(health.Describe)},
		})
		if err != nil {
			return nil, err
		}
		health.Add(a)
		for _, p := range n.parts {
			if p.operations != nil {
				p.operations(a)
			}
		}
		n.api.Store(a)
		return a, nil
	}))
	n.OnChange(func(topic string) {
		if a := n.api.Load(); a != nil && topic != exchange.TopicPeer { // a heartbeat is nothing that happened
			a.Wake()
		}
	})
	return nil
}

// token says whom an API token stands for.
func (n *Node) token(ctx context.Context, secret string) (access.Actor, id.ID, error) {
	actor, t, err := n.People.TokenActor(ctx, secret)
	return actor, t.ID, err
}

// publicURL is where others reach the node, without a final slash.
func (n *Node) publicURL() string {
	if n.Config.Web.URL != "" {
		return strings.TrimRight(n.Config.Web.URL, "/")
	}
	scheme := "http://"
	if n.Config.Secure() {
		scheme = "https://"
	}
	return scheme + n.Config.listen()
}

// revision is the commit that the program was built from.
func revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
