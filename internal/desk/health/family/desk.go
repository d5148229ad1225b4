// Package family groups the events of several states that belong together. A
// family holds references only: each state keeps its event, and says itself
// whether it belongs.
package family

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
const Name = "family"

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

// Kinds of messages, with the newest version of their bodies.
const (
	KindFamily = "family.family"
	KindAnswer = "family.answer"
	bodySchema = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{Name: Name, Schema: Schema, Messages: []desk.Message{{Kind: KindFamily, Schema: bodySchema}, {Kind: KindAnswer, Schema: bodySchema}},
		Tables: []desk.TableText{desk.Describe(Families), desk.Describe(Answers)}}
}

// Events is the health desk, as far as this part needs it.
type Events interface {
	EventIn(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (health.EventView, error)
	EventFull(ctx context.Context, tx *db.Tx, actor access.Actor, eid id.ID) (health.EventView, error)
	ReleasesOf(ctx context.Context, tx *db.Tx, actor access.Actor, limit int) ([]health.ReleaseAcks, error)
}

// Desk is the part of one node.
type Desk struct {
	env      *desk.Env
	events   Events
	families *desk.Kind[Family]
	answers  *desk.Kind[Answer]
}

// New makes the part of a node.
func New(env *desk.Env, events Events) *Desk {
	d := &Desk{env: env, events: events}
	d.families = &desk.Kind[Family]{
		Name: "family.family", Desk: Name, Table: Families, Head: func(f *Family) *desk.Head { return &f.Head },
		Validate: validate, Load: d.load, Insert: insert, Update: update,
		Topics: func(f *Family) []string {
			out := []string{"desk", "family:" + string(f.ID)}
			for _, e := range f.Entries {
				out = append(out, "event:"+string(e.Event))
			}
			return out
		},
	}
	d.answers = &desk.Kind[Answer]{
		Name: "family.answer", Desk: Name, Table: Answers, Head: func(a *Answer) *desk.Head { return &a.Head },
		Validate: validateAnswer, Load: loadAnswer, Insert: insertAnswer, Update: updateAnswer,
		Topics: func(a *Answer) []string {
			return []string{"desk", "family:" + string(a.Family), "event:" + string(a.Event)}
		},
	}
	return d
}
