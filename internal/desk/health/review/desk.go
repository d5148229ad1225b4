// Package review is the part of the health desk that looks back: early action,
// intra-action and after-action reviews and reviews of exercises, on evidence
// that is locked before anybody judges it. What is found goes to the trail.
package review

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/trail"
)

// Name of the part in releases, history and URLs.
const Name = "review"

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

// Kinds of messages between nodes.
const (
	KindReview = "review.review"
	bodySchema = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindReview, Schema: bodySchema}}, Tables: []desk.TableText{desk.Describe(Reviews)}}
}

// Family is a regional family of events as far as a review needs it.
type Family struct {
	ID       id.ID
	Name     string
	Hazard   string
	Marking  access.Marking
	Exercise string
	Events   []id.ID
}

// Clock is one clock of 7-1-7 as the timeliness of an event gives it. Only what
// is in time on every day that the dates allow is met.
type Clock struct {
	Event   id.ID  `json:"event"`
	Name    string `json:"name"` // of the event
	Clock   string `json:"clock"`
	Limit   int    `json:"limit"`
	Outcome string `json:"outcome"`
	Min     int    `json:"min"`
	Max     int    `json:"max"`
	Known   bool   `json:"known"`
	Open    bool   `json:"open,omitempty"`
}

// Factor is a bottleneck or an enabler that the timeliness of an event names.
type Factor struct {
	Enabler                       bool
	Clock, Category, Text, Action string
	Horizon                       string
}

// Sources are what the part reads of others. A nil one answers that there is
// nothing.
type Sources struct {
	Families func(ctx context.Context, actor access.Actor) ([]Family, error)
	// Records are those about an event or a family, own and received.
	Records func(ctx context.Context, tx *db.Tx, about id.ID) ([]id.ID, error)
	// Knows is the rule by which the actor may know of an entry.
	Knows func(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error)
	// Clocks of an event, as they stand now.
	Clocks func(ctx context.Context, actor access.Actor, event id.ID) ([]Clock, []Factor, error)
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	health *health.Desk
	trail  *trail.Desk
	from   Sources

	reviews *desk.Kind[Review]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk, t *trail.Desk, from Sources) *Desk {
	d := &Desk{env: env, health: h, trail: t, from: from}
	d.reviews = &desk.Kind[Review]{
		Name: KindReview, Desk: Name, Table: Reviews, Head: func(r *Review) *desk.Head { return &r.Head }, Validate: validate,
		Load: d.load, Insert: insert, Update: update, Topics: topics,
	}
	return d
}

func topics(r *Review) []string {
	out := []string{"desk", "review:" + string(r.ID), "trail:" + string(r.Source())}
	if r.Of != "" {
		out = append(out, "review:"+string(r.Of))
	}
	for _, e := range r.Events {
		out = append(out, "event:"+string(e.ID))
	}
	return out
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// Trail is where what is found goes.
func (d *Desk) Trail() *trail.Desk { return d.trail }

// Others are the members that can be invited.
func (d *Desk) Others() []access.Member { return d.env.Others() }

// Families are those that the actor may see.
func (d *Desk) Families(ctx context.Context, actor access.Actor) ([]Family, error) {
	if d.from.Families == nil {
		return nil, nil
	}
	return d.from.Families(ctx, actor)
}

// Path is the page of a review.
func Path(rid id.ID) string { return "/health/reviews/" + string(rid) }

func late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
