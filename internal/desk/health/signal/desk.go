// Package signal is the inbox of the health desk: unverified information on a
// possible acute risk from every source, its triage, verification and near
// duplicates, and the import of tables and feeds.
package signal

import (
	"embed"
	"io/fs"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/files"
	"lintas/internal/workflow"
)

// Name of the part in history and URLs.
const Name = "signal"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the part's tables.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Manifest tells the node what the part is made of. It sends nothing itself:
// what other members ask and answer about a signal is another part's.
func Manifest() desk.Manifest {
	return desk.Manifest{Name: Name, Schema: Schema, Capabilities: Capabilities,
		Tables: []desk.TableText{desk.Describe(Signals), desk.Describe(Imports)}}
}

// Desk is the inbox of one node.
type Desk struct {
	env     *desk.Env
	health  *health.Desk
	files   *files.Store
	signals *desk.Kind[Signal]
	imports *desk.Kind[Import]
	work    chan struct{} // an import or the search for duplicates has work
	pause   func() error  // where set, asked between two chunks of an import; tests stop there
}

// New makes the inbox of a node beside its health desk.
func New(env *desk.Env, h *health.Desk) *Desk {
	d := &Desk{env: env, health: h, files: &files.Store{DB: env.DB, Clock: env.Wall, IDs: env.IDs}, work: make(chan struct{}, 1)}
	d.signals = &desk.Kind[Signal]{
		Name: "signal.signal", Desk: Name, Table: Signals, Head: func(s *Signal) *desk.Head { return &s.Head },
		Validate: func(s *Signal) error { return validate(s, env.Clock.Now()) },
		Load:     loadSignal, Insert: insertSignal, Update: updateSignal, Topics: topics,
	}
	d.imports = &desk.Kind[Import]{
		Name: "signal.import", Desk: Name, Table: Imports, Head: func(i *Import) *desk.Head { return &i.Head },
		Validate: validateImport, Load: loadImport, Insert: insertImport, Update: updateImport,
		Topics: func(i *Import) []string { return []string{"desk", ImportTopic(i)} },
	}
	return d
}

// topics wake the inbox, the page of the signal and that of its event.
func topics(s *Signal) []string {
	out := []string{"desk", "signal:" + string(s.ID)}
	if s.Event != "" {
		out = append(out, "event:"+string(s.Event))
	}
	return out
}

// wake starts what waits in Run, after the commit.
func (d *Desk) wake(tx *db.Tx) {
	tx.AfterCommit(func() {
		select {
		case d.work <- struct{}{}:
		default:
		}
	})
}

// none clears a deadline.
func none[R any]() *workflow.Within[R] { return &workflow.Within[R]{Due: noTime[R]} }
