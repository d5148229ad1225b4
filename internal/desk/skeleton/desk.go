// Package skeleton is the smallest whole desk: one record with its table,
// views, actions, store and messages. make newdesk copies it.
package skeleton

import (
	"embed"
	"io/fs"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
)

// Name of the desk in releases, history and URLs.
const Name = "skeleton"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the desk's part of the database.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Capabilities of the desk: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "skeleton.read", By: []access.Role{access.DutyOfficer, access.Approver, access.Auditor}, Scope: "skeleton:read"},
}

// Manifest tells the node what the desk is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{{Kind: KindMemo, Schema: 1}},
		Tables:   []desk.TableText{desk.Describe(Memos)},
	}
}

// Desk is the desk of one node.
type Desk struct {
	env   *desk.Env
	memos *desk.Kind[Memo]
}

// New makes the desk of a node.
func New(env *desk.Env) *Desk {
	return &Desk{env: env, memos: &desk.Kind[Memo]{
		Name: "skeleton.memo", Desk: Name, Table: Memos, Head: func(m *Memo) *desk.Head { return &m.Head },
		Validate: validate, Load: load, Insert: insert, Update: update,
		Topics: func(m *Memo) []string { return []string{"desk", "memo:" + string(m.ID)} },
	}}
}
