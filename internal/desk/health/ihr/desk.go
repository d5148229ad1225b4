// Package ihr is the part of the health desk for the International Health
// Regulations: the decision instrument of Annex 2, what is determined outside,
// additional health measures, and where each state stands with the amendments.
package ihr

import (
	"embed"
	"io/fs"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Name of the part in releases, history and URLs.
const Name = "ihr"

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

// Kinds of records; all but the assessments by Annex 2 are messages too.
const (
	KindAnnex2        = "ihr.annex2"
	KindDetermination = "ihr.determination"
	KindMeasure       = "ihr.measure"
	KindAmendment     = "ihr.amendment"
	bodySchema        = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindMeasure, Schema: bodySchema}, {Kind: KindAmendment, Schema: bodySchema},
			{Kind: KindDetermination, Schema: bodySchema}},
		Tables: []desk.TableText{desk.Describe(Annex2s), desk.Describe(Determinations), desk.Describe(Measures), desk.Describe(Amendments)},
	}
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	health *health.Desk

	annex2s        *desk.Kind[Annex2]
	determinations *desk.Kind[Determination]
	measures       *desk.Kind[Measure]
	amendments     *desk.Kind[Amendment]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk) *Desk {
	d := &Desk{env: env, health: h}
	d.annex2s = kind(KindAnnex2, Annex2s, annexStore, func(a *Annex2) *desk.Head { return &a.Head }, validateAnnex2,
		func(a *Annex2) id.ID { return a.Event })
	d.determinations = kind(KindDetermination, Determinations, determinationStore, func(x *Determination) *desk.Head { return &x.Head },
		func(x *Determination) error { return validateDetermination(x, env.Clock.Now()) }, func(x *Determination) id.ID { return x.Event })
	d.measures = kind(KindMeasure, Measures, measureStore, func(m *Measure) *desk.Head { return &m.Head }, validateMeasure,
		func(m *Measure) id.ID { return m.Event })
	d.amendments = kind(KindAmendment, Amendments, amendmentStore, func(a *Amendment) *desk.Head { return &a.Head }, validateAmendment,
		func(*Amendment) id.ID { return "" })
	return d
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// Topics that a change wakes: the desk, the part's own pages, and the event's.
func topics(event id.ID) []string {
	out := []string{"desk", "ihr"}
	if event != "" {
		out = append(out, "event:"+string(event))
	}
	return out
}
