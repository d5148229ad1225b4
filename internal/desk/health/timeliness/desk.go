// Package timeliness is how fast events were detected, notified and responded
// to: 7-1-7 computed from the records of each event, what was in the way, and
// the same over the region.
package timeliness

import (
	"context"
	"embed"
	"io/fs"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Name of the part in releases, history and URLs.
const Name = "timeliness"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the part's share of the database.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// KindResult is the one kind of message, with the newest version of its body.
const (
	KindResult = "timeliness.result"
	bodySchema = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{Name: Name, Schema: Schema, Messages: []desk.Message{{Kind: KindResult, Schema: bodySchema}},
		Tables: []desk.TableText{desk.Describe(Records)}}
}

// Events is the health desk, as far as this part needs it.
type Events interface {
	EventIn(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (health.EventView, error)
	OwnEvents(ctx context.Context, tx *db.Tx, actor access.Actor, limit int) ([]health.EventView, error)
	ReleasesOf(ctx context.Context, tx *db.Tx, actor access.Actor, limit int) ([]health.ReleaseAcks, error)
}

// Desk is the part of one node.
type Desk struct {
	env     *desk.Env
	events  Events
	records *desk.Kind[Record]
	sources Sources
}

// New makes the part of a node.
func New(env *desk.Env, events Events) *Desk {
	d := &Desk{env: env, events: events}
	d.records = &desk.Kind[Record]{
		Name: "timeliness.record", Desk: Name, Table: Records, Head: func(r *Record) *desk.Head { return &r.Head },
		Validate: func(r *Record) error { return validate(r, env.Clock.Now()) },
		Load:     d.load, Insert: insert, Update: update,
		Topics: func(r *Record) []string {
			return []string{"desk", "event:" + string(r.Event), "timeliness:" + string(r.ID)}
		},
	}
	return d
}
