// Package nudge tells people outside the pages that something waits for them,
// by e-mail and web push. A nudge says how much waits and where to look, never
// what it is: mail and push services are not ours.
package nudge

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/id"
)

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is this package's part of the database.
var Schema = db.Schema{Name: "nudge", FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Mailer and Pusher carry a nudge away; a nil one means that the node has no
// such way.
type (
	Mailer interface {
		Mail(ctx context.Context, to, subject, text string) error
	}
	Pusher interface {
		// Push returns ErrGone when the device will never answer again.
		Push(ctx context.Context, d Device, payload []byte) error
		// PublicKey is what a browser must know to subscribe.
		PublicKey() string
		// Serves reports whether the node may talk to the device's service.
		Serves(endpoint string) bool
	}
)

// Config of a node's nudges.
type Config struct {
	Member access.Member
	DB     *db.DB
	Clock  clock.Clock // the machine's: people sleep by it
	IDs    *id.Maker
	Log    *slog.Logger
	Zone   *time.Location
	URL    string // where the node's pages are
	Mail   Mailer
	Push   Pusher
	// Actor is the person of an account with the roles of now; a fault of kind
	// not_found or forbidden for one who may not sign in.
	Actor func(ctx context.Context, tx *db.Tx, account id.ID) (access.Actor, error)
	// Waiting is what waits for the actor.
	Waiting func(ctx context.Context, a access.Actor) ([]Waiting, error)
	// Record writes into the history, in the transaction of the change.
	Record func(ctx context.Context, tx *db.Tx, by access.Actor, action string) error
}

// Nudges are those of one node.
type Nudges struct {
	c     Config
	holds map[id.ID]time.Time // whom the way failed to reach, until when
}

// New makes the nudges of a node.
func New(c Config) *Nudges {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Nudges{c: c, holds: map[id.ID]time.Time{}}
}

// Ways reports which ways the node has.
func (n *Nudges) Ways() (mail, push bool) { return n.c.Mail != nil, n.c.Push != nil }

// PublicKey is what a browser must know to subscribe; empty without push.
func (n *Nudges) PublicKey() string {
	if n.c.Push == nil {
		return ""
	}
	return n.c.Push.PublicKey()
}
