// Package hubtest starts a real hub on loopback for tests, with a link for
// each member.
package hubtest

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/link"
)

// Hub is a hub with the seeds of its members.
type Hub struct {
	*hub.Hub
	Members []hub.Member
	seeds   map[access.Member]string
	roots   *tls.Config
}

// Start runs a hub for the members until the test ends.
func Start(t testing.TB, codes ...access.Member) *Hub {
	t.Helper()
	return StartWith(t, hub.Config{Folder: t.TempDir(), Listen: "127.0.0.1:0", WebSocket: "127.0.0.1:0"}, nil, codes...)
}

// StartWith is Start with a configuration; clients use the roots.
func StartWith(t testing.TB, cfg hub.Config, roots *tls.Config, codes ...access.Member) *Hub {
	t.Helper()
	h := &Hub{seeds: map[access.Member]string{}, roots: roots}
	for _, c := range codes {
		h.Add(t, c)
	}
	cfg.Members = h.Members
	var err error
	if h.Hub, err = hub.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := h.Hub.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Hub.Close)
	return h
}

// Add makes a nkey for one more member; SetMembers lets it in.
func (h *Hub) Add(t testing.TB, code access.Member) hub.Member {
	t.Helper()
	seed, public, err := hub.NewUser()
	if err != nil {
		t.Fatal(err)
	}
	h.seeds[code] = seed
	m := hub.Member{Code: code, NKey: public}
	h.Members = append(h.Members, m)
	return m
}

// Seed is the secret half of a member's nkey.
func (h *Hub) Seed(code access.Member) string { return h.seeds[code] }

// LinkConfig is what a node of the member would have.
func (h *Hub) LinkConfig(t testing.TB, code access.Member) link.Config {
	t.Helper()
	public, sign, err := hub.Signer(h.seeds[code])
	if err != nil {
		t.Fatal(err)
	}
	return link.Config{URLs: []string{h.URL()}, Member: code, NKey: public, Sign: sign, TLS: h.roots,
		RetryWait: 50 * time.Millisecond}
}

// Link connects a member and waits until it is up.
func (h *Hub) Link(t testing.TB, code access.Member) *link.Link {
	t.Helper()
	return Connect(t, h.LinkConfig(t, code))
}

// Connect waits until a link is up.
func Connect(t testing.TB, cfg link.Config) *link.Link {
	t.Helper()
	l, err := link.Connect(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	WaitUp(t, l)
	return l
}

// WaitUp waits until the link is connected.
func WaitUp(t testing.TB, l *link.Link) {
	t.Helper()
	up := make(chan struct{}, 1)
	l.OnUp(func() {
		select {
		case up <- struct{}{}:
		default:
		}
	})
	select {
	case <-up:
	case <-time.After(20 * time.Second):
		t.Fatal("the link did not come up in 20 s")
	}
}
