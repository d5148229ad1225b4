// Package handover is how one shift of an operations centre gives the watch to
// the next: the watch list, the handover note composed from what changed, and
// the calendar of deadlines.
package handover

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Name of the part in the history and in URLs.
const Name = "handover"

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

// Manifest tells the node what the part is made of. Nothing of it leaves the
// node.
func Manifest() desk.Manifest {
	return desk.Manifest{Name: Name, Schema: Schema, Tables: []desk.TableText{desk.Describe(Notes), desk.Describe(Watches)}}
}

// Sources are where a note finds what happened: the whole node, as far as the
// actor may see it.
type Sources struct {
	// Todos are what waits for the actor, in any order.
	Todos func(ctx context.Context, a access.Actor) ([]desk.Todo, error)
	// Changes are the records that changed in a span, newest first, at most
	// limit, and how many more there are.
	Changes func(ctx context.Context, a access.Actor, since, until time.Time, limit int) ([]Change, int, error)
	// Event is what the actor may see of an event.
	Event func(ctx context.Context, tx *db.Tx, a access.Actor, eid id.ID) (health.EventView, error)
}

// Change is a record that changed during a span.
type Change struct {
	Hit    desk.Hit
	Grade  string
	Action string // of the last change, catalogue "action.<Action>"
	Steps  int    // how often it changed
}

// Desk is the part of one node.
type Desk struct {
	env     *desk.Env
	src     Sources
	notes   *desk.Kind[Note]
	watches *desk.Kind[Watch]
}

// New makes the part of a node.
func New(env *desk.Env, src Sources) *Desk {
	return &Desk{env: env, src: src,
		notes: &desk.Kind[Note]{
			Name: "handover.note", Desk: Name, Table: Notes, Head: func(n *Note) *desk.Head { return &n.Head },
			Validate: func(n *Note) error { return validateNote(n, env.Clock.Now()) }, Load: loadNote, Insert: insertNote, Update: updateNote,
			Topics: func(n *Note) []string { return []string{"desk", "handover:" + string(n.ID)} },
		},
		watches: &desk.Kind[Watch]{
			Name: "handover.watch", Desk: Name, Table: Watches, Head: func(w *Watch) *desk.Head { return &w.Head },
			Validate: func(w *Watch) error { return validateWatch(w) }, Load: loadWatch, Insert: insertWatch, Update: updateWatch,
			Topics: func(w *Watch) []string { return []string{"desk", "event:" + string(w.Event)} },
		}}
}
