// Package sop is the part of the health desk that keeps playbooks as readable
// files, starts them where a level or a person asks for it, and follows their
// steps as tasks from plan to proof.
package sop

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/files"
	"lintas/internal/id"
)

// Name of the part in releases, history and URLs.
const Name = "sop"

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

// Kinds of records; the first and the last travel between nodes too.
const (
	KindPlaybook = "sop.playbook"
	KindRun      = "sop.run"
	KindTask     = "sop.task"
	KindProgress = "sop.progress"
	bodySchema   = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindPlaybook, Schema: bodySchema}, {Kind: KindProgress, Schema: bodySchema}},
		Tables:   []desk.TableText{desk.Describe(Playbooks), desk.Describe(Runs), desk.Describe(Tasks)},
	}
}

// Ways in which a run came to be.
const (
	ByLevel      = "level"      // a regional level in force
	ByActivation = "activation" // the state activated its own response
	ByHand       = "hand"
)

// Decision is a level in force now: of a family in the region, or of one own
// event by the state's own authority.
type Decision struct {
	Kind         string // ByLevel or ByActivation
	ID           id.ID
	Level        int
	From         int // level of the family before it
	Since, Until time.Time
	Family       id.ID // of a regional level
	Event        id.ID // of an activation
	Title        string
	Events       []id.ID // of the family, as far as they are known here
	Hazard       string
	Place        string
	Marking      access.Marking
	Exercise     string
	Concerned    []access.Member // states that a regional level concerns; empty: all
}

// Person is somebody of this node with the roles that hold now.
type Person struct {
	access.Actor
	Display string // as colleagues know the person; shown here only
}

// scope is the record that the decision is about.
func (d *Decision) scope() id.ID {
	if d.Kind == ByLevel {
		return d.Family
	}
	return d.Event
}

// Sources are what the part reads of others. A nil one answers that there is
// nothing.
type Sources struct {
	// Standing are all levels in force at a time of the node's clock.
	Standing func(ctx context.Context, actor access.Actor) ([]Decision, error)
	// FamiliesOf are the families in which an event stands.
	FamiliesOf func(ctx context.Context, actor access.Actor, event id.ID) ([]id.ID, error)
	// People of this node who can be asked to do a step.
	People func(ctx context.Context) ([]Person, error)
	// Asked are the states that the level of a family concerns; empty: all.
	Asked func(ctx context.Context, actor access.Actor, family id.ID) ([]access.Member, error)
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	health *health.Desk
	from   Sources
	files  *files.Store
	wake   chan struct{} // a file waits to be sent

	playbooks *desk.Kind[Playbook]
	runs      *desk.Kind[Run]
	tasks     *desk.Kind[Task]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk, from Sources) *Desk {
	d := &Desk{env: env, health: h, from: from, files: &files.Store{DB: env.DB, Clock: env.Wall, IDs: env.IDs}, wake: make(chan struct{}, 1)}
	d.playbooks = &desk.Kind[Playbook]{
		Name: KindPlaybook, Desk: Name, Table: Playbooks, Head: func(p *Playbook) *desk.Head { return &p.Head },
		Validate: validatePlaybook, Load: loadPlaybook, Insert: insertPlaybook, Update: updatePlaybook,
		Topics: func(p *Playbook) []string { return []string{"desk", "playbook:" + string(p.ID)} },
	}
	d.runs = &desk.Kind[Run]{
		Name: KindRun, Desk: Name, Table: Runs, Head: func(r *Run) *desk.Head { return &r.Head },
		Validate: validateRun, Load: loadRun, Insert: insertRun, Update: updateRun, Topics: runTopics,
	}
	d.tasks = &desk.Kind[Task]{
		Name: KindTask, Desk: Name, Table: Tasks, Head: func(t *Task) *desk.Head { return &t.Head },
		Validate: validateTask, Load: loadTask, Insert: insertTask, Update: updateTask,
		Topics: func(t *Task) []string { return []string{"desk", "task:" + string(t.ID), "run:" + string(t.Run)} },
	}
	return d
}

func runTopics(r *Run) []string {
	out := []string{"desk", "run:" + string(r.ID)}
	if r.Event != "" {
		out = append(out, "event:"+string(r.Event))
	}
	return out
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// Others are the members to which the node can send.
func (d *Desk) Others() []access.Member { return d.env.Others() }

// late reports whether a due time has passed; zero is never late.
func late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }
