// Package sitrep is the part of the health desk that writes situation reports:
// national ones from the facts of an event, and regional ones composed from
// what members released by a cut-off.
package sitrep

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

// Name of the part in releases, history and URLs.
const Name = "sitrep"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the part's tables in the database.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Kinds of messages between nodes, with the newest version of each body.
const (
	KindReport = "sitrep.report"
	KindCall   = "sitrep.call"
	bodySchema = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindReport, Schema: bodySchema}, {Kind: KindCall, Schema: bodySchema}},
		Tables:   []desk.TableText{desk.Describe(Reports)},
	}
}

// Family is a regional family of events as far as a report needs it.
type Family struct {
	ID       id.ID
	Owner    access.Member
	Name     string
	Hazard   string
	Marking  access.Marking
	Exercise string
	Open     bool
	Events   []FamilyEvent
}

// FamilyEvent is one event of a family.
type FamilyEvent struct {
	ID    id.ID
	Owner access.Member
}

// Rhythm is how often the level in force of a family or event asks for a
// report. The zero Rhythm is no level.
type Rhythm struct {
	Level int
	Every time.Duration
	Since time.Time // the level came into force
	Until time.Time // the level ends
	// Asked are the states that the level concerns; nil: all of them.
	Asked []access.Member
}

// Sources are what the part reads of others, for an actor. A nil one answers
// that there is nothing.
type Sources struct {
	Families func(ctx context.Context, actor access.Actor) ([]Family, error)
	// Rhythm takes a family, or an event for the national level.
	Rhythm func(ctx context.Context, actor access.Actor, of id.ID) (Rhythm, error)
}

// Desk is the part at one node.
type Desk struct {
	env     *desk.Env
	health  *health.Desk
	from    Sources
	reports *desk.Kind[Report]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk, from Sources) *Desk {
	d := &Desk{env: env, health: h, from: from}
	d.reports = &desk.Kind[Report]{
		Name: KindReport, Desk: Name, Table: Reports, Head: func(r *Report) *desk.Head { return &r.Head },
		Validate: validate, Load: loadReport, Insert: insertReport, Update: updateReport,
		Topics: topics,
	}
	return d
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// topics that a change of a report wakes.
func topics(r *Report) []string {
	out := []string{"desk", "report:" + string(r.ID)}
	if r.Event != "" {
		out = append(out, "event:"+string(r.Event))
	}
	if r.Family != "" {
		out = append(out, "family:"+string(r.Family))
	}
	if r.Call != "" && r.Call != r.ID {
		out = append(out, "report:"+string(r.Call)) // an input wakes the regional report
	}
	return out
}

// Family finds one family among those that the actor may see.
func (d *Desk) Family(ctx context.Context, actor access.Actor, fid id.ID) (Family, bool, error) {
	fs, err := d.Families(ctx, actor)
	for _, f := range fs {
		if f.ID == fid {
			return f, true, err
		}
	}
	return Family{}, false, err
}

// Families are those that the actor may see.
func (d *Desk) Families(ctx context.Context, actor access.Actor) ([]Family, error) {
	if d.from.Families == nil {
		return nil, nil
	}
	return d.from.Families(ctx, actor)
}

// Rhythm is how often the level of a family or event asks for a report.
func (d *Desk) Rhythm(ctx context.Context, actor access.Actor, of id.ID) (Rhythm, error) {
	if d.from.Rhythm == nil || of == "" {
		return Rhythm{}, nil
	}
	return d.from.Rhythm(ctx, actor, of)
}
