// Package contact is the directory of focal points that the members give one
// another, and the communication check by which they find out whether anybody
// is there.
package contact

import (
	"embed"
	"io/fs"

	"lintas/internal/db"
	"lintas/internal/desk"
)

// Name of the part in releases, history and URLs.
const Name = "contact"

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

// Kinds of messages between nodes.
const (
	KindContact = "contact.contact" // one entry of the directory, under a standing release
	KindCheck   = "contact.check"   // a communication check; it is answered by a receipt
	bodySchema  = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema,
		Messages: []desk.Message{{Kind: KindContact, Schema: bodySchema}, {Kind: KindCheck, Schema: bodySchema}},
		Tables:   []desk.TableText{desk.Describe(Contacts), desk.Describe(Checks), desk.Describe(Calls)},
	}
}

// Desk is the part at one node.
type Desk struct {
	env      *desk.Env
	contacts *desk.Kind[Own]
	checks   *desk.Kind[Check]
	calls    *desk.Kind[Call]
}

// New makes the part of a node.
func New(env *desk.Env) *Desk {
	d := &Desk{env: env}
	d.contacts = &desk.Kind[Own]{
		Name: "contact.contact", Desk: Name, Table: Contacts, Head: func(o *Own) *desk.Head { return &o.Head },
		Validate: validateOwn, Load: loadOwn, Insert: insertOwn, Update: updateOwn,
		Topics: func(*Own) []string { return []string{"desk", "contact:directory"} },
	}
	d.checks = &desk.Kind[Check]{
		Name: "contact.check", Desk: Name, Table: Checks, Head: func(c *Check) *desk.Head { return &c.Head },
		Validate: validateCheck, Load: loadCheck, Insert: insertCheck, Update: updateCheck,
		Topics: func(c *Check) []string { return []string{"desk", "check:" + string(c.ID)} },
	}
	d.calls = &desk.Kind[Call]{
		Name: "contact.call", Desk: Name, Table: Calls, Head: func(c *Call) *desk.Head { return &c.Head },
		Validate: validateCall, Load: loadCall, Insert: insertCall, Update: updateCall,
		Topics: func(c *Call) []string { return []string{"desk", "call:" + string(c.ID)} },
	}
	return d
}
