// Package verification is the part of the health desk in which one state asks
// another to verify what it has heard: questions with a clock, the first reply
// and the full answer, as one exchange that both sides keep whole.
package verification

import (
	"embed"
	"io/fs"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
)

// Name of the part in releases, history and URLs.
const Name = "verification"

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
	KindRequest = "verification.request" // the questions, and a follow-up of them
	KindReply   = "verification.reply"   // from the member that was asked
	KindWord    = "verification.word"    // from the member that asks: reminder, extension, closing, words
	bodySchema  = 1
)

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema,
		Messages: []desk.Message{{Kind: KindRequest, Schema: bodySchema}, {Kind: KindReply, Schema: bodySchema}, {Kind: KindWord, Schema: bodySchema}},
		Tables:   []desk.TableText{desk.Describe(Requests), desk.Describe(Answers)},
	}
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	events *health.Desk

	requests *desk.Kind[Request]
	answers  *desk.Kind[Request]
}

// New makes the part of a node; events are the desk's, for what a request is
// about. They may be nil where no event is referred to.
func New(env *desk.Env, events *health.Desk) *Desk {
	return &Desk{env: env, events: events, requests: kindOf("verification.request", Requests), answers: kindOf("verification.answer", Answers)}
}

// kindOf serves both sides: the record of the member that asks and that of the
// member that answers are shaped alike and carry the same identifier.
func kindOf(name string, table *tableOf) *desk.Kind[Request] {
	return &desk.Kind[Request]{
		Name: name, Desk: Name, Table: table, Head: func(r *Request) *desk.Head { return &r.Head },
		Validate: validate, Load: load, Insert: insert, Update: update, Topics: topics,
	}
}

func topics(r *Request) []string {
	out := []string{"desk", "verification:" + string(r.ID)}
	if r.Event != "" {
		out = append(out, "event:"+string(r.Event))
	}
	return out
}
