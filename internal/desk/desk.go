// Package desk is what every desk shares: its manifest, the head of a record,
// and Take, the one function through which a person changes a record.
package desk

import (
	"context"
	"io"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Manifest is what a desk tells the node about itself.
type Manifest struct {
	Name         string
	Schema       db.Schema
	Capabilities access.Capabilities
	Messages     []Message
	Tables       []TableText
}

// Message is one kind of release that the desk sends or receives.
type Message struct {
	Kind   string
	Schema int // newest version of the body that this node understands
}

// TableText is one workflow table in the form that people approve.
type TableText struct {
	Record, Track, Digest, Markdown string
}

// Describe turns a table into its text for the manifest.
func Describe[R any](t *workflow.Table[R]) TableText {
	return TableText{Record: t.Record, Track: t.Track, Digest: t.Digest(), Markdown: t.Markdown()}
}

// Env is what the node gives to its desks.
type Env struct {
	Member access.Member
	DB     *db.DB
	Clock  clock.Clock // time of the records; an exercise may drive it
	Wall   clock.Clock // the machine's time
	IDs    *id.Maker
	Send   Sender
	Carry  Carrier // nil: nothing is attached
	// Members are the others that the directory of the region lists; nil: all of
	// ASEAN.
	Members func() []access.Member
	// Changed tells live pages, after commit, which topic has news.
	Changed func(topic string)
	// Exercise is the id of the exercise that is being played, or empty; every
	// record made meanwhile carries it.
	Exercise func() string
}

// Sender queues what leaves, in the transaction that changes the record.
// It is *exchange.Exchange, or a sink while a state is rebuilt.
type Sender interface {
	Queue(ctx context.Context, tx *db.Tx, r exchange.Release) error
	SendReceipt(ctx context.Context, tx *db.Tx, r exchange.Receipt) error
	// Receipts are all stages that the recipients of an own release reached.
	Receipts(ctx context.Context, tx *db.Tx, release id.ID) ([]exchange.Receipt, error)
}

// Carrier carries attachments, in transactions of its own: a file is too large
// for the one that changes the record. It is *exchange.Exchange.
type Carrier interface {
	// SendFile goes on where it stopped when it is called again.
	SendFile(ctx context.Context, f exchange.File, to []access.Member, r io.Reader) error
	FileStatus(ctx context.Context, tx *db.Tx, from access.Member, file id.ID) (exchange.FileStatus, bool, error)
	ReadFile(ctx context.Context, tx *db.Tx, from access.Member, file id.ID, w io.Writer) error
	// Arrivals is how many parts of an own file each recipient reported to have.
	Arrivals(ctx context.Context, tx *db.Tx, file id.ID) (map[access.Member]int, error)
}

// Head is what every record begins with.
type Head struct {
	ID       id.ID          `json:"id"`
	Kind     string         `json:"kind"`
	Owner    access.Member  `json:"owner"`
	State    workflow.State `json:"state"`
	Place    string         `json:"place"` // ISO 3166-2, or the member's code
	Version  int            `json:"version"`
	Created  Mark           `json:"created"`
	Changed  Mark           `json:"changed"`
	Due      time.Time      `json:"due,omitzero"`
	Clock    string         `json:"clock,omitempty"` // which clock set Due
	Marking  access.Marking `json:"marking"`
	Exercise string         `json:"exercise,omitempty"`
}

// Mark says when and by whom. Post is a duty post, not a person's name.
type Mark struct {
	At      time.Time `json:"at"`
	Account id.ID     `json:"account"`
	Post    string    `json:"post"`
}

// Ref points at one version of the record.
func (h *Head) Ref(deskName string) exchange.Ref {
	return exchange.Ref{Desk: deskName, Kind: h.Kind, ID: h.ID, Version: h.Version}
}

// Others are the members to which this node can send: a region may run before
// every member joined its directory.
func (e *Env) Others() []access.Member {
	if e.Members != nil {
		return e.Members()
	}
	return slices.DeleteFunc(access.All(), func(m access.Member) bool { return m == e.Member })
}

// Notify tells live pages after commit.
func (e *Env) Notify(tx *db.Tx, topics ...string) {
	if e.Changed == nil {
		return
	}
	tx.AfterCommit(func() {
		for _, t := range topics {
			e.Changed(t)
		}
	})
}

// Log appends to the history in the change's own transaction.
func (e *Env) Log(ctx context.Context, tx *db.Tx, entry history.Entry) error {
	entry.Member, entry.Recorded = e.Member, e.Wall.Now()
	if entry.At.IsZero() {
		entry.At = e.Clock.Now()
	}
	_, err := history.Append(ctx, tx, entry)
	return err
}

func (e *Env) exercise() string {
	if e.Exercise == nil {
		return ""
	}
	return e.Exercise()
}

// NotFound is the answer for what does not exist and for what the actor may
// not know of: the two must look the same.
func NotFound() error { return fault.New(fault.NotFound, "fault.not_found") }
