package hub

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"lintas/internal/access"
)

// service is one subject that the stream's account offers to one member.
type service struct {
	subject string // in the stream's account
	as      string // in the member's account; "" is the same
	streams bool   // answers with more than one message
}

// services is everything that a member can reach of the stream's account.
// What is not in this list does not exist for the member.
func services(m access.Member) []service {
	code := string(m)
	api := func(name, rest string, streams bool) service {
		return service{"$JS.API." + name + "." + Stream + "." + rest, "EX.API." + name + "." + Stream + "." + rest, streams}
	}
	list := []service{
		{subject: Subject(m, ">")},
		// The newest message on one of the member's own subjects, by which a
		// restored node recognises what it has sent already.
		api("DIRECT.GET", Subject(m, ">"), false),
	}
	for _, c := range consumers(code) {
		list = append(list, api("CONSUMER.INFO", c.name, false), api("CONSUMER.MSG.NEXT", c.name, true), api("CONSUMER.RESET", c.name, false),
			service{subject: "$JS.ACK." + Stream + "." + c.name + ".>"})
	}
	return list
}

// q quotes a value of the configuration language.
func q(s string) string { return strconv.Quote(s) }

// accountsText is the part of the configuration that says who may do what.
func accountsText(members []Member, operator string, l Limits) string {
	var b strings.Builder
	b.WriteString("accounts {\n")
	for _, m := range members {
		fmt.Fprintf(&b, "  %s {\n    users: [ { nkey: %s } ]\n", m.Code, m.NKey)
		fmt.Fprintf(&b, "    limits { max_connections: %d, max_subscriptions: %d, max_payload: %d }\n",
			l.Connections, l.Subscriptions, MaxPayload)
		b.WriteString("    imports: [\n")
		for _, s := range services(m.Code) {
			fmt.Fprintf(&b, "      { service: { account: %s, subject: %s }", owner, q(s.subject))
			if s.as != "" {
				fmt.Fprintf(&b, ", to: %s", q(s.as))
			}
			b.WriteString(" }\n")
		}
		b.WriteString("    ]\n  }\n")
	}
	fmt.Fprintf(&b, "  %s {\n    jetstream: enabled\n    users: [ { nkey: %s } ]\n    exports: [\n", owner, operator)
	for _, m := range members {
		for _, s := range services(m.Code) {
			fmt.Fprintf(&b, "      { service: %s, accounts: [%s]", q(s.subject), m.Code)
			if s.streams {
				b.WriteString(", response_type: stream")
			}
			b.WriteString(" }\n")
		}
	}
	fmt.Fprintf(&b, "    ]\n  }\n  %s { }\n}\nsystem_account: %s\n", system, system)
	return b.String()
}

// commonText is what an embedded hub and every server of a cluster share.
func commonText(name, folder string, l Limits) string {
	var b strings.Builder
	fmt.Fprintf(&b, "server_name: %s\n", q(name))
	fmt.Fprintf(&b, "max_payload: %d\nmax_pending: %d\n", MaxPayload, l.Pending)
	b.WriteString("ping_interval: \"10s\"\nping_max: 2\nwrite_deadline: \"10s\"\n")
	sync := "always" // a message is confirmed only when it is on disk
	if l.Sync > SyncEach {
		sync = l.Sync.String()
	}
	fmt.Fprintf(&b, "jetstream { store_dir: %s, domain: hub, sync_interval: %s }\n", q(folder), q(sync))
	return b.String()
}

// Files name a certificate, its key and the authority that signed the others.
type Files struct{ Cert, Key, CA string }

// Server is one server of an external cluster.
type Server struct {
	Name      string
	Folder    string
	Listen    string // for nodes
	WebSocket string // for nodes whose network passes only 443; "" is none
	Route     string // for the other servers
	TLS       *Files // nil only on loopback
}

// Cluster describes an external cluster of the same shape as the embedded hub.
type Cluster struct {
	Name     string
	Servers  []Server // three, or five
	Members  []Member
	Operator string // public nkey of who provisions the stream
	Limits   Limits
}

// ConfigText is the configuration file of the i-th server of the cluster.
func (c Cluster) ConfigText(i int) (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	if i < 0 || i >= len(c.Servers) {
		return "", badConfig("there is no server %d", i)
	}
	s, l := c.Servers[i], c.Limits.filled()
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by lintas: server %s of the cluster %s.\n", s.Name, c.Name)
	fmt.Fprintf(&b, "listen: %s\n", q(s.Listen))
	b.WriteString(commonText(s.Name, s.Folder, l))
	if s.TLS != nil {
		// handshake_first: not even the greeting crosses the network in clear.
		fmt.Fprintf(&b, "tls { %s, handshake_first: true }\n", s.TLS.text(false))
	}
	if s.WebSocket != "" {
		fmt.Fprintf(&b, "websocket { listen: %s, ", q(s.WebSocket))
		if s.TLS != nil {
			fmt.Fprintf(&b, "tls { %s } }\n", s.TLS.text(false))
		} else {
			b.WriteString("no_tls: true }\n")
		}
	}
	fmt.Fprintf(&b, "cluster {\n  name: %s\n  listen: %s\n", q(c.Name), q(s.Route))
	if s.TLS != nil {
		fmt.Fprintf(&b, "  tls { %s }\n", s.TLS.text(true))
	}
	b.WriteString("  routes: [\n")
	for j, o := range c.Servers {
		if j != i {
			fmt.Fprintf(&b, "    %s\n", q("nats-route://"+o.Route))
		}
	}
	b.WriteString("  ]\n}\n")
	b.WriteString(accountsText(c.Members, c.Operator, l))
	return b.String(), nil
}

// text is the inside of a tls block; servers prove themselves to one another
// with their certificates.
func (f Files) text(mutual bool) string {
	t := fmt.Sprintf("cert_file: %s, key_file: %s, min_version: \"1.3\"",
		q(filepath.ToSlash(f.Cert)), q(filepath.ToSlash(f.Key)))
	if mutual {
		t += fmt.Sprintf(", ca_file: %s, verify: true", q(filepath.ToSlash(f.CA)))
	}
	return t
}
