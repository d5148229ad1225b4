// Package level is the part of the health desk in which members decide together
// on the level of a family of events, each by a position of its own, and in
// which a state activates its own response.
package level

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
const Name = "level"

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
	KindProposal   = "level.proposal"
	KindPosition   = "level.position"
	KindActivation = "level.activation"
	bodySchema     = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindProposal, Schema: bodySchema}, {Kind: KindPosition, Schema: bodySchema}, {Kind: KindActivation, Schema: bodySchema}},
		Tables:   []desk.TableText{desk.Describe(Proposals), desk.Describe(Positions), desk.Describe(Activations)},
	}
}

// Family is a regional family of events as far as a level needs it.
type Family struct {
	ID       id.ID
	Name     string
	Hazard   string
	Marking  access.Marking
	Exercise string
	Open     bool
	Events   []id.ID
	Owners   []access.Member // of the events
}

// Outside is what somebody outside determined, such as a grade of WHO or a
// public health emergency of international concern. It is shown beside a level
// and decides none.
type Outside struct {
	Kind, Title, By, On string
	Grade, Ended        string
	Href                string
}

// Sources are what the part reads of others, for an actor. A nil one answers
// that there is nothing.
type Sources struct {
	Families func(ctx context.Context, actor access.Actor) ([]Family, error)
	Outside  func(ctx context.Context, actor access.Actor, f Family) ([]Outside, error)
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	health *health.Desk
	from   Sources

	proposals   *desk.Kind[Proposal]
	positions   *desk.Kind[Position]
	activations *desk.Kind[Activation]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk, from Sources) *Desk {
	d := &Desk{env: env, health: h, from: from}
	d.proposals = &desk.Kind[Proposal]{
		Name: KindProposal, Desk: Name, Table: Proposals, Head: func(p *Proposal) *desk.Head { return &p.Head },
		Validate: validateProposal, Load: d.loadProposal, Insert: insertProposal, Update: updateProposal,
		Topics: func(p *Proposal) []string { return topics(p.ID, p.Family) },
	}
	d.positions = &desk.Kind[Position]{
		Name: KindPosition, Desk: Name, Table: Positions, Head: func(p *Position) *desk.Head { return &p.Head },
		Validate: validatePosition, Load: d.loadPosition, Insert: insertPosition, Update: updatePosition,
		Topics: func(p *Position) []string { return topics(p.Proposal, p.Family) },
	}
	d.activations = &desk.Kind[Activation]{
		Name: KindActivation, Desk: Name, Table: Activations, Head: func(a *Activation) *desk.Head { return &a.Head },
		Validate: validateActivation, Load: loadActivation, Insert: insertActivation, Update: updateActivation,
		Topics: func(a *Activation) []string {
			return []string{"desk", "activation:" + string(a.ID), "event:" + string(a.Event)}
		},
	}
	return d
}

func topics(proposal, family id.ID) []string {
	return []string{"desk", "proposal:" + string(proposal), "family:" + string(family)}
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// Families are those that the actor may see.
func (d *Desk) Families(ctx context.Context, actor access.Actor) ([]Family, error) {
	if d.from.Families == nil {
		return nil, nil
	}
	return d.from.Families(ctx, actor)
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

// OutsideOf is what was determined outside on a family.
func (d *Desk) OutsideOf(ctx context.Context, actor access.Actor, fid id.ID) ([]Outside, error) {
	f, ok, err := d.Family(ctx, actor, fid)
	if err != nil || !ok || d.from.Outside == nil {
		return nil, err
	}
	return d.from.Outside(ctx, actor, f)
}

// late reports whether a due time has passed; zero is never late.
func late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
