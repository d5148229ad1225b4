// Package operate is the pages of those who run and check a node: the exchange
// with the other members, the history with its proofs, and the rules.
package operate

import (
	"context"
	"log/slog"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/people"
	"lintas/internal/web"
)

// Exchange is what the pages ask the exchange for: the methods of an
// *exchange.Exchange.
type Exchange struct {
	Self       func(context.Context, *db.Tx) (exchange.SelfStatus, error)
	Status     func(context.Context, *db.Tx) ([]exchange.PeerStatus, error)
	Inbox      func(context.Context, *db.Tx, exchange.Filter) ([]exchange.InboxRow, error)
	Outbox     func(context.Context, *db.Tx, exchange.Filter) ([]exchange.OutboxRow, error)
	Quarantine func(context.Context, *db.Tx, exchange.Filter) ([]exchange.QuarantineRow, error)
	Received   func(context.Context, *db.Tx, id.ID) (exchange.Inbound, bool, error)
	Sent       func(context.Context, *db.Tx, id.ID) (exchange.Release, bool, error)
	Latest     func(context.Context, *db.Tx, id.ID) (map[access.Member]exchange.Receipt, error)
	Epochs     func(context.Context, *db.Tx) ([]exchange.Epoch, error)
	FileStatus func(context.Context, *db.Tx, access.Member, id.ID) (exchange.FileStatus, bool, error)
	Stats      func(context.Context) (exchange.Stats, error)
	Retry      func(context.Context, id.ID) error
}

// Rules are the tables of the node, as its parts declare them.
type Rules struct {
	Capabilities access.Capabilities
	Tables       []Table
	Outgoing     []Outgoing
	Kinds        []string // of releases
	Followed     []string // those kinds that name the procedure which they follow
}

// Deps is what the pages need of the node.
type Deps struct {
	Member    access.Member
	DB        *db.DB
	Wall      clock.Clock // heartbeats and keys live by the machine's time
	Log       *slog.Logger
	Exchange  Exchange
	Directory func() *directory.View // nil before the first
	Verify    func(ctx context.Context, progress func(done, all int64)) (history.Report, error)
	Rules     Rules
	// Changed tells live pages that a topic has news.
	Changed func(topic string)
}

// Pages are the pages. Close ends what they do in the background.
type Pages struct {
	Deps
	ours  []string // digests of the node's tables
	check verification
}

// New makes the pages. Work that goes on after an answer ends with ctx.
func New(ctx context.Context, d Deps) *Pages {
	p := &Pages{Deps: d}
	for _, t := range d.Rules.Tables {
		p.ours = append(p.ours, t.Digest())
	}
	p.check.begin(ctx)
	return p
}

// Close ends a running verification and waits for it.
func (p *Pages) Close() { p.check.close() }

// Routes adds the pages.
func (p *Pages) Routes(m *web.Mux) {
	m.Page("GET /node/exchange", p.members)
	m.Page("GET /node/exchange/outbox", p.outbox)
	m.Page("GET /node/exchange/inbox", p.inbox)
	m.Page("GET /node/exchange/quarantine", p.quarantine)
	m.Page("POST /node/exchange/quarantine/{id}/retry", p.retry)
	m.Page("GET /node/exchange/files", p.files)
	m.Page("GET /node/exchange/directory", p.directory)

	m.Page("GET /node/history", p.entries)
	m.Page("GET /node/history/entries/{index}", p.entry)
	m.Page("GET /node/history/checkpoints", p.checkpoints)
	m.Page("GET /node/history/verification", p.verification)
	m.Page("POST /node/history/verification", p.verify)

	m.Page("GET /node/rules", p.rules)
}

// Topics of the live pages.
const (
	topicPeer       = exchange.TopicPeer
	topicVerify     = "verification"
	topicsOfOutbox  = exchange.TopicOutbox + "," + exchange.TopicReceipt + "," + exchange.TopicPeer
	topicsOfInbox   = exchange.TopicInbox
	topicQuarantine = exchange.TopicQuarantine
)

// need refuses who does not have one of the capabilities.
func need(a access.Actor, capabilities ...string) error {
	for _, c := range capabilities {
		if may(a, c) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "fault.people.not_allowed")
}

func may(a access.Actor, capability string) bool {
	return people.Capabilities.May(a, capability) || history.Capabilities.May(a, capability)
}
