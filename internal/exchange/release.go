// Package exchange carries releases between nodes: signed, sealed, addressed
// messages that leave through a transactional outbox, arrive once and in
// order in an inbox, and collect receipts from every recipient.
package exchange

import (
	"context"
	"encoding/json"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Ref names one version of one record of one owner.
type Ref struct {
	Desk    string `json:"desk"`
	Kind    string `json:"kind"`
	ID      id.ID  `json:"id"`
	Version int    `json:"version"`
}

// Release is what leaves a node: a view of one version of one record for
// named recipients. Its canonical JSON is what is signed and sealed.
type Release struct {
	ID         id.ID           `json:"id"`
	Kind       string          `json:"kind"`         // "health.notification"
	Schema     int             `json:"schema"`       // version of the body's shape
	From       access.Member   `json:"from"`         //
	To         []access.Member `json:"to"`           // never empty, never the sender
	Ref        Ref             `json:"ref"`          //
	Purpose    string          `json:"purpose"`      // what the recipient may use it for
	Marking    access.Marking  `json:"marking"`      //
	Basis      string          `json:"basis"`        // legal basis
	Lang       string          `json:"lang"`         // BCP 47
	Issued     time.Time       `json:"issued"`       //
	Due        time.Time       `json:"due,omitzero"` // when an acknowledgement is expected
	Expires    time.Time       `json:"expires,omitzero"`
	Supersedes id.ID           `json:"supersedes,omitempty"`
	Withdraws  id.ID           `json:"withdraws,omitempty"` // with Reason; the body is empty
	Reason     string          `json:"reason,omitempty"`
	Exercise   string          `json:"exercise,omitempty"`
	Workflow   string          `json:"workflow,omitempty"` // digest of the sender's table
	Files      []File          `json:"files,omitempty"`
	Body       json.RawMessage `json:"body"`
}

// File is an attachment, sent apart in chunks; the digest ties it to its release.
type File struct {
	ID     id.ID  `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Inbound is a release that was verified, opened and is now applied.
type Inbound struct {
	Release
	Received time.Time
}

// Handler applies one inbound release in the transaction that also stores the
// inbox row. An error puts the release into quarantine; it never blocks the rest.
type Handler func(ctx context.Context, tx *db.Tx, in Inbound) error

// Stage is how far a recipient has come with a release.
type Stage string

const (
	Queued       Stage = "queued"    // in the sender's outbox
	Sent         Stage = "sent"      // the hub has it
	Delivered    Stage = "delivered" // the recipient's node verified and stored it
	Opened       Stage = "opened"    // a person of the recipient opened it
	Acknowledged Stage = "acknowledged"
	Question     Stage = "question"
	Refused      Stage = "refused" // by a person, or by the node, with the reason in Words
)

// Receipt is one recipient's answer at one stage. Role is the duty post that
// answered, never a person's name.
type Receipt struct {
	Release id.ID         `json:"release"`
	Member  access.Member `json:"member"`
	Stage   Stage         `json:"stage"`
	At      time.Time     `json:"at"`
	Role    string        `json:"role,omitempty"`
	Words   string        `json:"words,omitempty"`
}

// ReceiptHandler lets a desk react when a receipt of one of its releases was
// stored, in the same transaction.
type ReceiptHandler func(ctx context.Context, tx *db.Tx, of Release, r Receipt) error
