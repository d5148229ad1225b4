package rest

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/workflow"
)

// EventDoc is an event as its reader may see it.
type EventDoc struct {
	health.EventView
	Own bool `json:"own" doc:"Whether this node owns it; else it is a copy of what was released to it."`
}

// EventItem is an event in a list, with the answers to its newest
// notification.
type EventItem struct {
	EventDoc
	Released time.Time `json:"released,omitzero" doc:"When the newest notification in force was released."`
	Answers  []AckDoc  `json:"answers,omitempty"`
}

// AckDoc is how far one recipient has come with a notification.
type AckDoc struct {
	Member access.Member   `json:"member"`
	State  health.AckState `json:"state" enum:"acted,read,silent"`
	Stage  exchange.Stage  `json:"stage"`
	At     time.Time       `json:"at,omitzero"`
	Post   string          `json:"post,omitempty" doc:"The duty post that answered."`
	Words  string          `json:"words,omitempty"`
	Late   bool            `json:"late"`
}

// RecipientDoc is one addressee and what it gets.
type RecipientDoc struct {
	Member   access.Member  `json:"member"`
	Blocks   []health.Block `json:"blocks"`
	Release  id.ID          `json:"release,omitempty" doc:"The release that carried it."`
	Replaces id.ID          `json:"replaces,omitempty"`
}

// FileDoc is an attachment.
type FileDoc struct {
	ID     id.ID  `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// NotificationDoc is a notification at its owner.
type NotificationDoc struct {
	ID           id.ID          `json:"id"`
	Event        id.ID          `json:"event"`
	EventVersion int            `json:"event_version,omitempty" doc:"The version of the event that was cleared."`
	State        workflow.State `json:"state"`
	Version      int            `json:"version"`
	Title        string         `json:"title"`
	Message      string         `json:"message"`
	Lang         string         `json:"lang"`
	Purpose      string         `json:"purpose"`
	Basis        string         `json:"basis"`
	Marking      access.Marking `json:"marking"`
	Recipients   []RecipientDoc `json:"recipients"`
	AckMinutes   int            `json:"ack_minutes"`
	Files        []FileDoc      `json:"files,omitempty"`
	Supersedes   id.ID          `json:"supersedes,omitempty"`
	ClearedAs    string         `json:"cleared_as,omitempty" doc:"The duty post that gave the national clearance."`
	Released     time.Time      `json:"released,omitzero"`
	Due          time.Time      `json:"due,omitzero"`
	Reason       string         `json:"reason,omitempty" doc:"Of the last return or withdrawal."`
	Changed      time.Time      `json:"changed"`
	Exercise     string         `json:"exercise,omitempty"`
}

// PreviewDoc is exactly what some recipients get.
type PreviewDoc struct {
	Members []access.Member         `json:"members"`
	View    health.NotificationView `json:"view"`
}

// ReceiptDoc is one stage that one recipient reached.
type ReceiptDoc struct {
	Release id.ID          `json:"release"`
	Member  access.Member  `json:"member"`
	Stage   exchange.Stage `json:"stage"`
	At      time.Time      `json:"at"`
	Post    string         `json:"post,omitempty"`
	Words   string         `json:"words,omitempty"`
}

// NoticeDoc is a received notification and what this node did with it.
type NoticeDoc struct {
	ID           id.ID                   `json:"id"`
	Release      id.ID                   `json:"release"`
	From         access.Member           `json:"from"`
	Event        id.ID                   `json:"event"`
	State        workflow.State          `json:"state"`
	Version      int                     `json:"version"`
	Notification health.NotificationView `json:"notification"`
	Purpose      string                  `json:"purpose"`
	Basis        string                  `json:"basis"`
	Lang         string                  `json:"lang"`
	Marking      access.Marking          `json:"marking"`
	Issued       time.Time               `json:"issued"`
	Due          time.Time               `json:"due,omitzero"`
	Supersedes   id.ID                   `json:"supersedes,omitempty" doc:"The release that this one replaces."`
	Files        []FileDoc               `json:"files,omitempty"`
	Words        string                  `json:"words,omitempty" doc:"Of the last answer, or of the withdrawal."`
	Reminded     time.Time               `json:"reminded,omitzero"`
	Exercise     string                  `json:"exercise,omitempty"`
}

// QuestionDoc is a question about a notification, with its answer.
type QuestionDoc struct {
	ID           id.ID          `json:"id"`
	State        workflow.State `json:"state"`
	Version      int            `json:"version"`
	From         access.Member  `json:"from"`
	To           access.Member  `json:"to"`
	Notification id.ID          `json:"notification"`
	Event        id.ID          `json:"event"`
	Title        string         `json:"title"`
	Words        string         `json:"words"`
	Asked        time.Time      `json:"asked"`
	AskedAs      string         `json:"asked_as,omitempty"`
	Answer       string         `json:"answer,omitempty"`
	Answered     time.Time      `json:"answered,omitzero"`
	AnsweredAs   string         `json:"answered_as,omitempty"`
	Due          time.Time      `json:"due,omitzero"`
	Marking      access.Marking `json:"marking"`
	Exercise     string         `json:"exercise,omitempty"`
}

// TodoDoc is one thing that waits for the caller.
type TodoDoc struct {
	Kind    string          `json:"kind" enum:"acknowledge,answer,clear,release,remind,assess"`
	Grade   health.Grade    `json:"grade"`
	Title   string          `json:"title"`
	Owner   access.Member   `json:"owner"`
	Event   id.ID           `json:"event"`
	Record  id.ID           `json:"record"`
	Version int             `json:"version"`
	Due     time.Time       `json:"due,omitzero"`
	Late    bool            `json:"late"`
	Members []access.Member `json:"members,omitempty" doc:"Who is silent after the due time."`
}

// OfferDoc is a step that the caller's roles permit now.
type OfferDoc struct {
	Verb  workflow.Verb  `json:"verb"`
	To    workflow.State `json:"to,omitempty" doc:"The state after it; absent when it stays."`
	Unmet []NeedDoc      `json:"unmet,omitempty" doc:"What keeps the step from being taken."`
}

// NeedDoc is a condition of a step.
type NeedDoc struct {
	Need   string `json:"need"`
	Detail string `json:"detail"`
}

// EntryDoc is one line of a timeline.
type EntryDoc struct {
	Entry    int64          `json:"entry" doc:"Its place in the node's history."`
	At       time.Time      `json:"at"`
	Post     string         `json:"post"`
	Action   string         `json:"action"`
	Kind     string         `json:"kind"`
	Record   id.ID          `json:"record"`
	Version  int            `json:"version"`
	From     workflow.State `json:"from,omitempty"`
	To       workflow.State `json:"to,omitempty"`
	Exercise string         `json:"exercise,omitempty"`
}

func (EventDoc) view()        {}
func (AckDoc) view()          {}
func (RecipientDoc) view()    {}
func (FileDoc) view()         {}
func (NotificationDoc) view() {}
func (PreviewDoc) view()      {}
func (ReceiptDoc) view()      {}
func (NoticeDoc) view()       {}
func (QuestionDoc) view()     {}
func (TodoDoc) view()         {}
func (OfferDoc) view()        {}
func (EntryDoc) view()        {}

func itemOf(r *health.Row) EventItem {
	out := EventItem{EventDoc: EventDoc{EventView: r.View(), Own: r.Own()}, Released: r.Sent}
	for i := range r.Acks {
		out.Answers = append(out.Answers, ackOf(&r.Acks[i]))
	}
	return out
}

func ackOf(c *health.AckCell) AckDoc {
	return AckDoc{Member: c.Member, State: c.State, Stage: c.Stage, At: c.At, Post: c.Role, Words: c.Words, Late: c.Late}
}

func fileOf(f *exchange.File) FileDoc { return FileDoc(*f) }

func recipientOf(r *health.Recipient) RecipientDoc {
	return RecipientDoc{Member: r.Member, Blocks: slices.Clone(r.Blocks), Release: r.Release, Replaces: r.Replaces}
}

func notificationOf(n *health.Notification) NotificationDoc {
	return NotificationDoc{ID: n.ID, Event: n.Event, EventVersion: n.EventAt, State: n.State, Version: n.Version, Title: n.Title,
		Message: n.Message, Lang: n.Lang, Purpose: n.Purpose, Basis: n.Basis, Marking: n.Marking,
		Recipients: each(n.Recipients, recipientOf), AckMinutes: int(n.AckWithin / time.Minute), Files: each(n.Files, fileOf),
		Supersedes: n.Supersedes, ClearedAs: n.ClearedAs, Released: n.Released, Due: n.Due, Reason: n.Reason,
		Changed: n.Changed.At, Exercise: n.Exercise}
}

func sentOf(s *health.Sent) NotificationDoc { return notificationOf(&s.Notification) }

func previewOf(p *health.Preview) PreviewDoc { return PreviewDoc{Members: p.Members, View: p.View} }

func receiptOf(r *exchange.Receipt) ReceiptDoc {
	return ReceiptDoc{Release: r.Release, Member: r.Member, Stage: r.Stage, At: r.At, Post: r.Role, Words: r.Words}
}

func noticeOf(n *health.Notice) NoticeDoc {
	return NoticeDoc{ID: n.ID, Release: n.Release, From: n.From, Event: n.Event, State: n.State, Version: n.Version,
		Notification: n.Body, Purpose: n.Purpose, Basis: n.Basis, Lang: n.Lang, Marking: n.Marking, Issued: n.Issued, Due: n.Due,
		Supersedes: n.Supersedes, Files: each(n.Files, fileOf), Words: n.Words, Reminded: n.Reminded, Exercise: n.Exercise}
}

func questionOf(q *health.Question) QuestionDoc {
	return QuestionDoc{ID: q.ID, State: q.State, Version: q.Version, From: q.From, To: q.To, Notification: q.Notification,
		Event: q.Event, Title: q.Title, Words: q.Words, Asked: q.Asked, AskedAs: q.AskedAs, Answer: q.Answer, Answered: q.Answered,
		AnsweredAs: q.AnsweredAs, Due: q.Due, Marking: q.Marking, Exercise: q.Exercise}
}

func todoOf(t *health.Todo) TodoDoc {
	return TodoDoc{Kind: t.Kind, Grade: t.Grade, Title: t.Title, Owner: t.Owner, Event: t.Event, Record: t.Record,
		Version: t.Version, Due: t.Due, Late: t.Late, Members: t.Members}
}

func entryOf(e *history.Entry) EntryDoc {
	return EntryDoc{Entry: e.Index, At: e.At, Post: e.Actor, Action: e.Action, Kind: e.Record.Kind, Record: e.Record.ID,
		Version: e.Record.Version, From: e.From, To: e.To, Exercise: e.Exercise}
}

func offersOf(p *locale.Printer, offers []workflow.Offer) []OfferDoc {
	out := make([]OfferDoc, len(offers))
	for i, o := range offers {
		out[i] = OfferDoc{Verb: o.Verb, To: o.To}
		for _, n := range o.Unmet {
			out[i].Unmet = append(out[i].Unmet, NeedDoc{Need: n, Detail: p.T("need." + n)})
		}
	}
	return out
}
