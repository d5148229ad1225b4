// Package health is the desk of public health emergencies: events, their
// facts, notifications to other members, and the answers.
package health

import (
	"embed"
	"io/fs"

	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/files"
)

// Name of the desk in releases, history and URLs.
const Name = "health"

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

// Kinds of messages between nodes, with the newest version of each body.
const (
	KindNotification = "health.notification"
	KindReminder     = "health.reminder"
	KindQuestion     = "health.question"
	KindAnswer       = "health.answer"
	bodySchema       = 1
)

// Manifest tells the node what the desk is made of.
func Manifest() desk.Manifest {
	return desk.Manifest{
		Name: Name, Schema: Schema, Capabilities: Capabilities,
		Messages: []desk.Message{
			{Kind: KindNotification, Schema: bodySchema}, {Kind: KindReminder, Schema: bodySchema},
			{Kind: KindQuestion, Schema: bodySchema}, {Kind: KindAnswer, Schema: bodySchema},
		},
		Tables: []desk.TableText{
			desk.Describe(Events), desk.Describe(Notifications), desk.Describe(Notices),
			desk.Describe(Questions), desk.Describe(Answers),
		},
	}
}

// Desk is the health desk of one node.
type Desk struct {
	env *desk.Env

	events        *desk.Kind[Event]
	notifications *desk.Kind[Notification]
	notices       *desk.Kind[Notice]
	questions     *desk.Kind[Question]
	answers       *desk.Kind[Question]

	files   *files.Store
	waiting chan struct{} // a release left files to send
}

// New makes the desk of a node.
func New(env *desk.Env) *Desk {
	d := &Desk{env: env, files: &files.Store{DB: env.DB, Clock: env.Wall, IDs: env.IDs}, waiting: make(chan struct{}, 1)}
	d.events = &desk.Kind[Event]{
		Name: "health.event", Desk: Name, Table: Events, Head: func(e *Event) *desk.Head { return &e.Head },
		Validate: func(e *Event) error { return validateEvent(e, env.Clock.Now()) },
		Load:     loadEvent, Insert: insertEvent, Update: updateEvent,
		Topics: func(e *Event) []string { return []string{"desk", "event:" + string(e.ID)} },
	}
	d.notifications = &desk.Kind[Notification]{
		Name: "health.notification", Desk: Name, Table: Notifications, Head: func(n *Notification) *desk.Head { return &n.Head },
		Validate: validateNotification, Load: loadNotification, Insert: insertNotification, Update: updateNotification,
		Topics: func(n *Notification) []string { return []string{"desk", "event:" + string(n.Event)} },
	}
	d.notices = &desk.Kind[Notice]{
		Name: "health.notice", Desk: Name, Table: Notices, Head: func(n *Notice) *desk.Head { return &n.Head },
		Validate: validateNotice, Load: loadNotice, Insert: insertNotice, Update: updateNotice,
		Topics: func(n *Notice) []string { return []string{"desk", "event:" + string(n.Event)} },
	}
	d.questions = questionKind("health.question", Questions)
	d.answers = questionKind("health.answer", Answers)
	return d
}
