package web

import (
	"context"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/handover"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const (
	restNotes = "/handover/notes"
	restWatch = "/handover/watch"
)

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: path, ID: "handover-" + name, Summary: summary, Tag: "handover", Scope: scope}
	}
	begin := op("POST", restNotes, "note-begin", "Begin the note of the shift that ends now", writeScope)
	begin.Problems = []int{404} // for who does not see all of the desk
	begin.Status, begin.Description = 201, "An open draft of the same account is returned instead."
	save, step := op("PUT", restNotes+"/{id}", "note-save", "Save the words of a draft", writeScope), op("POST", restNotes+"/{id}/steps", "note-step", "Take a step", writeScope)
	save.MustMatch, step.MustMatch = true, true
	step.Description = "hand_over (keeps the items as they are), accept (by another person), return (with remark), discard."
	list := op("GET", restNotes, "note-list", "List handover notes, the newest first", readScope)
	list.Problems = []int{404}
	api.Add(a, list, g.restNotes)
	api.Add(a, begin, g.restBegin)
	api.Add(a, op("GET", restNotes+"/{id}", "note-get", "Read a note; of a draft, what handing it over now would keep", readScope), g.restNote)
	api.Add(a, save, g.restSave)
	api.Add(a, step, g.restStep)
	api.Add(a, op("GET", restWatch, "watch-list", "List the watched events, the gravest first", readScope), g.restWatching)
	api.Add(a, op("PUT", restWatch+"/{id}", "watch-put", "Watch an event, or change why and until when", writeScope), g.restWatch)
	off := op("DELETE", restWatch+"/{id}", "watch-end", "Take an event off the watch list", writeScope)
	off.Status, off.Problems = 204, []int{409}
	api.Add(a, off, g.restUnwatch)
}

// NoteDoc is a handover note.
type NoteDoc struct {
	ID       id.ID           `json:"id"`
	Version  int             `json:"version"`
	State    workflow.State  `json:"state"`
	Since    time.Time       `json:"since"`
	Until    time.Time       `json:"until"`
	Post     string          `json:"post" doc:"That wrote it."`
	Own      bool            `json:"own"`
	Words    string          `json:"words,omitempty"`
	To       string          `json:"to,omitempty" doc:"The post that takes over."`
	Items    []handover.Item `json:"items,omitempty"`
	More     int             `json:"more,omitempty" doc:"Changed records that did not fit."`
	Handed   time.Time       `json:"handed,omitzero"`
	Accepted time.Time       `json:"accepted,omitzero"`
	By       string          `json:"accepted_by,omitempty"`
	Remark   string          `json:"remark,omitempty"`
	Due      time.Time       `json:"due,omitzero"`
	Exercise string          `json:"exercise,omitempty"`
	Steps    []api.Offer     `json:"steps,omitempty"`
}

func noteDoc(c *api.Call, n *handover.NoteView) NoteDoc {
	return NoteDoc{ID: n.ID, Version: n.Version, State: n.State, Since: n.Since, Until: n.Until, Post: n.Created.Post, Own: n.Own, Words: n.Words, To: n.To, Items: n.Items,
		More: n.More, Handed: n.Handed.At, Accepted: n.Accepted.At, By: n.Accepted.Post, Remark: n.Remark, Due: n.Due, Exercise: n.Exercise, Steps: c.Offers(n.Offers)}
}

func (g *Pages) restNotes(ctx context.Context, c *api.Call, in *struct{ api.Paging }) (*api.List[NoteDoc], error) {
	const scope = "handover-note-list"
	keys, err := in.Keys(scope, 1)
	if err != nil {
		return nil, err
	}
	var before time.Time
	if keys != nil {
		micros, _ := strconv.ParseInt(keys[0], 10, 64)
		before = time.UnixMicro(micros).UTC()
	}
	list, err := g.desk.List(ctx, c.Actor, before, in.Limit)
	if err != nil {
		return nil, err
	}
	out := make([]NoteDoc, len(list))
	for i := range list {
		out[i] = noteDoc(c, &list[i])
	}
	cursor := ""
	if n := len(list); n > 0 && n == in.Limit {
		cursor = api.Cursor(scope, strconv.FormatInt(list[n-1].Until.UnixMicro(), 10))
	}
	return api.NewList(out, cursor), nil
}

func (g *Pages) read(ctx context.Context, c *api.Call, nid id.ID) (NoteDoc, error) {
	p, err := g.desk.Page(ctx, c.Actor, nid)
	if err != nil {
		return NoteDoc{}, err
	}
	return noteDoc(c, &p), nil
}

func (g *Pages) after(ctx context.Context, c *api.Call, nid id.ID, err error) (*api.One[NoteDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, nid)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restNote(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[NoteDoc], error) {
	return g.after(ctx, c, in.Record(), nil)
}

func (g *Pages) restBegin(ctx context.Context, c *api.Call, _ *struct{}) (*api.Made[NoteDoc], error) {
	n, err := g.desk.Begin(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, n.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restNotes+"/"+string(n.ID), int64(n.Version), d), nil
}

// NoteInput is what the outgoing shift writes.
type NoteInput struct {
	Since time.Time `json:"since,omitzero" doc:"Absent: where the note before ended."`
	Words string    `json:"words"`
	To    string    `json:"to,omitempty"`
}

func (in NoteInput) written() handover.Written {
	return handover.Written{Since: in.Since.UTC(), Words: in.Words, To: in.To}
}

func (g *Pages) restSave(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body NoteInput
}) (*api.One[NoteDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Save(ctx, c.Actor, in.Record(), seen, in.Body.written())
	}
	return g.after(ctx, c, in.Record(), err)
}

// NoteStep is a step with what it brings.
type NoteStep struct {
	Verb   string     `json:"verb" enum:"hand_over,accept,return,discard"`
	Note   *NoteInput `json:"note,omitempty" doc:"Of hand_over; absent: what was saved."`
	Remark string     `json:"remark,omitempty" doc:"Of accept and return."`
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body NoteStep
}) (*api.One[NoteDoc], error) {
	seen, err := c.Seen()
	nid, b := in.Record(), in.Body
	if err != nil {
		return nil, err
	}
	switch b.Verb {
	case "hand_over":
		err = g.handOver(ctx, c, nid, seen, b.Note)
	case "accept":
		_, err = g.desk.Accept(ctx, c.Actor, nid, seen, b.Remark)
	case "return":
		_, err = g.desk.Return(ctx, c.Actor, nid, seen, b.Remark)
	default: // the schema knows one more
		_, err = g.desk.Discard(ctx, c.Actor, nid, seen)
	}
	return g.after(ctx, c, nid, err)
}

func (g *Pages) handOver(ctx context.Context, c *api.Call, nid id.ID, seen int, in *NoteInput) error {
	var w handover.Written
	if in != nil {
		w = in.written()
	} else {
		p, err := g.desk.Page(ctx, c.Actor, nid)
		if err != nil {
			return err
		}
		w = handover.Written{Since: p.Since, Words: p.Words, To: p.To}
	}
	_, err := g.desk.HandOver(ctx, c.Actor, nid, seen, w)
	return err
}

// WatchDoc is a watched event.
type WatchDoc struct {
	Event  id.ID         `json:"event"`
	Name   string        `json:"name"`
	Owner  access.Member `json:"owner"`
	Grade  health.Grade  `json:"grade"`
	Reason string        `json:"reason"`
	Until  time.Time     `json:"until,omitzero" doc:"Absent: until somebody ends it."`
	Since  time.Time     `json:"since"`
	Post   string        `json:"post" doc:"That put it on the list."`
}

func (g *Pages) watched(ctx context.Context, c *api.Call) ([]WatchDoc, error) {
	list, err := g.desk.Watching(ctx, c.Actor)
	var out []WatchDoc
	for _, w := range list {
		out = append(out, WatchDoc{Event: w.Event.ID, Name: w.Event.Name, Owner: w.Event.Owner, Grade: w.Event.Grade, Reason: w.Reason, Until: w.Until,
			Since: w.Created.At, Post: w.Created.Post})
	}
	return out, err
}

func (g *Pages) restWatching(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[WatchDoc], error) {
	out, err := g.watched(ctx, c)
	if err != nil {
		return nil, err
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restWatch(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		Reason string    `json:"reason"`
		Until  time.Time `json:"until,omitzero"`
	}
}) (*api.One[WatchDoc], error) {
	if _, err := g.desk.Watch(ctx, c.Actor, in.Record(), in.Body.Reason, in.Body.Until.UTC()); err != nil {
		return nil, err
	}
	list, err := g.watched(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, w := range list {
		if w.Event == in.Record() {
			return api.Copied(w), nil
		}
	}
	return nil, fault.New(fault.NotFound, "fault.not_found") // ended at once
}

func (g *Pages) restUnwatch(ctx context.Context, c *api.Call, in *api.ByID) (*api.None, error) {
	return &api.None{}, g.desk.Unwatch(ctx, c.Actor, in.Record())
}
