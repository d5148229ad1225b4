// Package risk is the part of the health desk that assesses risk: rapid risk
// assessments with a versioned matrix, and the position that each receiving
// state takes on one.
package risk

import (
	"embed"
	"io/fs"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
)

// Name of the part in releases, history and URLs.
const Name = "risk"

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
	KindAssessment = "risk.assessment"
	KindPosition   = "risk.position"
	bodySchema     = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindAssessment, Schema: bodySchema}, {Kind: KindPosition, Schema: bodySchema}},
		Tables:   []desk.TableText{desk.Describe(Assessments), desk.Describe(Positions)},
	}
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	health *health.Desk

	assessments *desk.Kind[Assessment]
	positions   *desk.Kind[Position]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk) *Desk {
	d := &Desk{env: env, health: h}
	d.assessments = &desk.Kind[Assessment]{
		Name: KindAssessment, Desk: Name, Table: Assessments, Head: func(a *Assessment) *desk.Head { return &a.Head },
		Validate: validateAssessment, Load: loadAssessment, Insert: insertAssessment, Update: updateAssessment,
		Topics: func(a *Assessment) []string { return topics(a.ID, a.Event) },
	}
	d.positions = &desk.Kind[Position]{
		Name: KindPosition, Desk: Name, Table: Positions, Head: func(p *Position) *desk.Head { return &p.Head },
		Validate: validatePosition, Load: loadPosition, Insert: insertPosition, Update: updatePosition,
		Topics: func(p *Position) []string { return topics(p.Assessment, p.Event) },
	}
	return d
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }
