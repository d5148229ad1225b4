// Package hub is the meeting point of all nodes: a NATS server with one
// durable stream, in which every member has an account of its own, publishes
// only as itself and reads only what is addressed to it. It runs embedded, or
// describes and provisions an external cluster of the same shape.
package hub

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nkeys"

	"lintas/internal/access"
	"lintas/internal/fault"
)

const (
	// Stream holds every message of the region.
	Stream = "EX"
	// owner is the account that holds the stream; no member is in it.
	owner = "EX"
	// system is the account for the server's own events.
	system = "SYS"
	// Everyone is the addressee that stands for all members.
	Everyone = "all"
	// ForFiles stands before an addressee of files.
	ForFiles = "files-"

	// MaxPayload is the largest message that the hub takes.
	MaxPayload = 4 << 20
	// duplicates is how long a repeated message id is dropped by the hub;
	// nodes drop repeats for ever.
	duplicates = 10 * time.Minute

	ackWait       = time.Minute
	maxAckPending = 20_000
	maxBatch      = 4_000
	maxPullBytes  = 32 << 20
	maxWaiting    = 64
)

// Subject is where from publishes for to.
func Subject(from access.Member, to string) string {
	return "x.v1." + string(from) + "." + to
}

// Member is one node that may connect: its code and the public half of its
// nkey.
type Member struct {
	Code access.Member
	NKey string
}

// Limits bound what one member can take from the others.
type Limits struct {
	Connections   int           // per member; 0 is 8
	Subscriptions int           // per member; 0 is 200
	Pending       int64         // bytes that the hub holds for one slow connection; 0 is 64 MiB
	Age           time.Duration // how long a message stays; 0 is 90 days
	PerSubject    int64         // messages from one member to one other; 0 is 1,000,000
	Bytes         int64         // of the whole stream; 0 is what the disk has
	// Sync is how often the stream is forced to the disk; SyncEach is before
	// each confirmation. A power cut may take what was confirmed since; the
	// recipients see the gap and the senders send it again (decision 0009).
	// 0 is SyncUsual for an embedded hub and SyncEach for a cluster.
	Sync time.Duration
}

const (
	SyncEach  = time.Nanosecond
	SyncUsual = 250 * time.Millisecond
)

func (l Limits) filled() Limits {
	fill(&l.Connections, 8)
	fill(&l.Subscriptions, 200)
	fill(&l.Pending, 64<<20)
	fill(&l.Age, 90*24*time.Hour)
	fill(&l.PerSubject, 1_000_000)
	return l
}

func fill[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// Config says where an embedded hub listens and stores.
type Config struct {
	Name      string // of the server; "" is "hub"
	Folder    string // of the stream's files
	Listen    string // host:port; port 0 takes any free one
	WebSocket string // host:port; "" is none
	// TLS is needed on every address that is not loopback.
	TLS *tls.Config
	// PlainOutsideLoopback lets a hub behind a proxy that ends TLS listen
	// without it. Nothing else may.
	PlainOutsideLoopback bool

	Members []Member
	Limits  Limits
	Log     *slog.Logger
}

var (
	codeForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,15}$`)
	nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
)

func checkMembers(ms []Member) error {
	codes, keys := map[access.Member]bool{}, map[string]bool{}
	for _, m := range ms {
		why := ""
		switch {
		case !codeForm.MatchString(string(m.Code)) || m.Code == owner || m.Code == system:
			why = "not a usable member code"
		case codes[m.Code]:
			why = "named twice"
		case !nkeys.IsValidPublicUserKey(m.NKey):
			why = "not a public nkey of a user (U...)"
		case keys[m.NKey]:
			why = "has the nkey of another member"
		}
		if why != "" {
			return fault.Wrap(fault.Invalid, "fault.hub.member", fmt.Errorf("member %q: %s", m.Code, why)).
				With("member", string(m.Code))
		}
		codes[m.Code], keys[m.NKey] = true, true
	}
	return nil
}

// check refuses what would carry sealed messages over an open network.
func (c Config) check() error {
	if c.Name != "" && !nameForm.MatchString(c.Name) {
		return badConfig("name %q: letters, digits, dot, dash and underscore only", c.Name)
	}
	if c.Folder == "" {
		return badConfig("no folder for the stream")
	}
	addresses := []string{c.Listen}
	if c.WebSocket != "" {
		addresses = append(addresses, c.WebSocket)
	}
	for _, a := range addresses {
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			return badConfig("address %q: %v", a, err)
		}
		if c.TLS == nil && !c.PlainOutsideLoopback && !isLoopback(host) {
			return fault.Wrap(fault.Invalid, "fault.hub.plain", fmt.Errorf("listening on %s needs TLS", a)).
				With("address", a)
		}
	}
	if c.TLS != nil && c.TLS.MinVersion < tls.VersionTLS13 {
		return badConfig("TLS below 1.3 is allowed by the given configuration")
	}
	return checkMembers(c.Members)
}

func badConfig(format string, args ...any) error {
	return fault.Wrap(fault.Invalid, "fault.hub.config", fmt.Errorf(format, args...))
}

// isLoopback is true only for addresses and localhost; another name could
// point anywhere.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
