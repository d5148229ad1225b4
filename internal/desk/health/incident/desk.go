// Package incident is the part of the health desk with which an operations
// centre runs its own response: activation, organisation and shifts, operational
// periods with their action plans, the activity log, critical information
// requirements and demobilisation. Nothing of it leaves the node.
package incident

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
const Name = "incident"

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

// Kinds of records.
const (
	KindIncident    = "incident.incident"
	KindDuty        = "incident.duty"
	KindPlan        = "incident.plan"
	KindEntry       = "incident.entry"
	KindRequirement = "incident.requirement"
	KindRing        = "incident.ring"
	KindCheckout    = "incident.checkout"
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{Name: Name, Schema: Schema, Capabilities: Capabilities,
		Tables: []desk.TableText{desk.Describe(Incidents), desk.Describe(Duties), desk.Describe(Plans), desk.Describe(Entries),
			desk.Describe(Requirements), desk.Describe(Rings), desk.Describe(Checkouts)}}
}

// Activation is a state's own level on an event, adopted by its authority.
type Activation struct {
	ID        id.ID
	Event     id.ID
	EventName string
	Level     int
	Trigger   string
	Lang      string
	By        string // the post that decided
	Since     time.Time
	Until     time.Time
	Marking   access.Marking
	Exercise  string
}

// Person is somebody of this node who can be put on duty.
type Person struct {
	Account id.ID
	Post    string
	Display string
}

// Resource is a team or consignment that arrived for an event.
type Resource struct {
	Kind   string // "team" or "goods"
	Title  string
	From   access.Member
	Place  string
	Detail string
	Since  string // a day
	Until  string // "
	Href   string
}

// Sources are what the part reads of others. A nil one answers that there is
// nothing.
type Sources struct {
	// Activations in force of this member, for an actor.
	Activations func(ctx context.Context, a access.Actor) ([]Activation, error)
	// People of this node who may stand on the roster.
	People func(ctx context.Context) ([]Person, error)
	// Resources that arrived for an event, as far as the actor may see them.
	Resources func(ctx context.Context, a access.Actor, event id.ID) ([]Resource, error)
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	health *health.Desk
	from   Sources

	incidents    *desk.Kind[Incident]
	duties       *desk.Kind[Duty]
	plans        *desk.Kind[Plan]
	entries      *desk.Kind[Entry]
	requirements *desk.Kind[Requirement]
	rings        *desk.Kind[Ring]
	checkouts    *desk.Kind[Checkout]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk, from Sources) *Desk {
	d := &Desk{env: env, health: h, from: from}
	d.incidents = kindOf(KindIncident, Incidents, func(r *Incident) *desk.Head { return &r.Head }, validateIncident, (*Incident).columns, d.fillIncident)
	d.duties = kindOf(KindDuty, Duties, func(r *Duty) *desk.Head { return &r.Head }, validateDuty, (*Duty).columns, d.fillDuty)
	d.plans = kindOf(KindPlan, Plans, func(r *Plan) *desk.Head { return &r.Head }, validatePlan, (*Plan).columns, d.fillPlan)
	d.entries = kindOf(KindEntry, Entries, func(r *Entry) *desk.Head { return &r.Head }, d.validateEntry, (*Entry).columns, nil)
	d.requirements = kindOf(KindRequirement, Requirements, func(r *Requirement) *desk.Head { return &r.Head }, validateRequirement, (*Requirement).columns, nil)
	d.rings = kindOf(KindRing, Rings, func(r *Ring) *desk.Head { return &r.Head }, validateRing, (*Ring).columns, d.fillRing)
	d.checkouts = kindOf(KindCheckout, Checkouts, func(r *Checkout) *desk.Head { return &r.Head }, validateCheckout, (*Checkout).columns, nil)
	return d
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// late reports whether a due time has passed; zero is never late.
func late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
