package faults

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/node"
	"lintas/internal/people"
)

// shifted is the machine's clock some time later: a week passes for every node
// of a test at once, while timers of the program run as they do.
type shifted struct {
	mu sync.Mutex
	by time.Duration
}

func (s *shifted) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return clock.Cut(time.Now().Add(s.by))
}

func (s *shifted) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by += d
}

// live is a whole node in the test's own process, with the people who act.
type live struct {
	*node.Node
	t        testing.TB
	duty     access.Actor
	approver access.Actor

	mu  sync.Mutex
	got []note
}

// open runs a member's node in this process until the test ends.
func (r *region) open(m access.Member, c clock.Clock) *live {
	r.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out := io.Writer(io.Discard)
	if os.Getenv("LINTAS_TEST_LOG") != "" {
		out = os.Stderr
	}
	n, err := node.Open(ctx, r.dirs[m], node.Options{Clock: c, Wall: c, Log: slog.New(slog.NewTextHandler(out, nil))})
	must(r.t, err)
	l := &live{Node: n, t: r.t}
	n.Exchange.Handle(noteKind, 1, func(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
		return takeNote(ctx, tx, n, in, func(v note) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.got = append(l.got, v)
		})
	})
	l.duty = l.seat("duty", access.DutyOfficer)
	l.approver = l.seat("approver", access.Approver)
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	r.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			r.t.Errorf("%s: %v", m, err)
		}
		if err := n.Close(); err != nil {
			r.t.Errorf("%s: %v", m, err)
		}
	})
	return l
}

func (l *live) seat(login string, role access.Role) access.Actor {
	l.t.Helper()
	ctx := context.Background()
	account, err := l.People.SeedDemo(ctx, people.NewAccount{Login: login, Post: string(role) + ", " + string(l.Config.Member),
		Grants: []access.Grant{{Role: role}}})
	must(l.t, err)
	var a access.Actor
	must(l.t, l.DB.Read(ctx, func(tx *db.Tx) error {
		a, err = l.People.Actor(ctx, tx, account)
		return err
	}))
	return a
}

// taken are the numbers of the notes of a member that were taken.
func (l *live) taken(from access.Member) []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []int
	for _, v := range l.got {
		if v.From == from {
			out = append(out, v.N)
		}
	}
	return out
}

func (l *live) inbox(f exchange.Filter) []exchange.InboxRow {
	l.t.Helper()
	var out []exchange.InboxRow
	ctx := context.Background()
	must(l.t, l.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = l.Exchange.Inbox(ctx, tx, f)
		return err
	}))
	return out
}
