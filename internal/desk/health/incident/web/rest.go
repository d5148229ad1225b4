package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/incident"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
	restBase   = "/incidents"
)

// IncidentDoc is one activation of the operations centre.
type IncidentDoc struct {
	ID         id.ID          `json:"id"`
	Version    int            `json:"version"`
	State      workflow.State `json:"state"`
	Name       string         `json:"name"`
	Lang       string         `json:"lang"`
	Mode       string         `json:"mode" enum:"watch,alert,response,recovery"`
	Trigger    string         `json:"trigger"`
	DecidedBy  string         `json:"decided_by"`
	Cost       string         `json:"cost,omitempty"`
	Since      time.Time      `json:"since"`
	Ended      time.Time      `json:"ended,omitzero"`
	Level      int            `json:"level,omitempty"`
	Activation id.ID          `json:"activation,omitempty" doc:"National activation from which it was opened."`
	Events     []EventRef     `json:"events" nullable:"false"`
	Seats      []SeatDoc      `json:"seats,omitempty" doc:"Functions with who holds them; only where one incident is read."`
	Period     int            `json:"period,omitempty" doc:"Operational period in force."`
	PeriodEnds time.Time      `json:"period_ends,omitzero"`
	Rings      []RingDoc      `json:"rings,omitempty" doc:"What nobody has acknowledged; only where one incident is read."`
	Marking    access.Marking `json:"marking"`
	Exercise   string         `json:"exercise,omitempty"`
	Steps      []api.Offer    `json:"steps,omitempty"`
}

// EventRef is an event of an incident.
type EventRef struct {
	ID    id.ID         `json:"id"`
	Name  string        `json:"name"`
	Owner access.Member `json:"owner"`
}

// SeatDoc is a function of the organisation.
type SeatDoc struct {
	Function string   `json:"function"`
	Above    string   `json:"above,omitempty"`
	Vacant   bool     `json:"vacant"`
	Posts    []string `json:"posts,omitempty" doc:"Duty posts, not persons."`
}

// RingDoc is a critical information requirement that was met.
type RingDoc struct {
	ID          id.ID          `json:"id"`
	Version     int            `json:"version"`
	State       workflow.State `json:"state"`
	Requirement id.ID          `json:"requirement"`
	Text        string         `json:"text"`
	Words       string         `json:"words,omitempty"`
	Function    string         `json:"function" doc:"That must acknowledge."`
	Rung        time.Time      `json:"rung"`
	Due         time.Time      `json:"due,omitzero"`
	Escalated   int            `json:"escalated,omitempty" doc:"How often it went to the incident manager."`
	Acked       time.Time      `json:"acknowledged,omitzero"`
	By          string         `json:"acknowledged_by,omitempty"`
	Answer      string         `json:"answer,omitempty"`
}

// EntryDoc is a line of the activity log.
type EntryDoc struct {
	ID        id.ID     `json:"id"`
	At        time.Time `json:"at"`
	Written   time.Time `json:"written"`
	Later     bool      `json:"later" doc:"Written long after it happened."`
	Kind      string    `json:"kind" enum:"note,progress,step"`
	Function  string    `json:"function,omitempty"`
	Post      string    `json:"post"`
	Text      string    `json:"text" doc:"Of a step, in the caller's language."`
	Notable   bool      `json:"notable"`
	Objective id.ID     `json:"objective,omitempty"`
	Status    string    `json:"status,omitempty"`
	Corrects  id.ID     `json:"corrects,omitempty"`
	Corrected id.ID     `json:"corrected_by,omitempty"`
}

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: restBase + path, ID: "incident-" + name, Summary: summary, Tag: "incident", Scope: scope}
	}
	api.Add(a, op("GET", "", "list", "List the incidents of this operations centre", readScope), g.restList)
	create := op("POST", "", "open", "Open an incident", writeScope)
	create.Status = 201
	api.Add(a, create, g.restOpen)
	api.Add(a, op("GET", "/{id}", "get", "Read an incident, who is on duty and what rings", readScope), g.restGet)
	step := op("POST", "/{id}/steps", "step", "Take a step", writeScope)
	step.MustMatch, step.Description = true, "set_mode (with mode and reason), stand_down, resume, reopen (with reason), close (with reason where not all is released)."
	api.Add(a, step, g.restStep)
	api.Add(a, op("GET", "/{id}/log", "log", "Read the activity log, the newest first", readScope), g.restLog)
	write := op("POST", "/{id}/log", "log-write", "Write a line into the activity log", writeScope)
	write.Status = 204
	api.Add(a, write, g.restWrite)
	g.moreOperations(a, op)
}

func incidentDoc(x *incident.Incident) IncidentDoc {
	d := IncidentDoc{ID: x.ID, Version: x.Version, State: x.State, Name: x.Name, Lang: x.Lang, Mode: x.Mode, Trigger: x.Trigger, DecidedBy: x.DecidedBy, Cost: x.Cost, Since: x.Since, Ended: x.Ended,
		Level: x.Level, Activation: x.Activation, Events: []EventRef{}, Marking: x.Marking, Exercise: x.Exercise}
	for _, e := range x.Events {
		d.Events = append(d.Events, EventRef{e.ID, e.Name, e.Owner})
	}
	return d
}

func ringDoc(r *incident.Ring, w words) RingDoc {
	return RingDoc{ID: r.ID, Version: r.Version, State: r.State, Requirement: r.Requirement, Text: r.Text, Words: w.rung(r), Function: r.Tell, Rung: r.Rung, Due: r.Due, Escalated: r.Times,
		Acked: r.Acked, By: r.AckedAs, Answer: r.Answer}
}

func (g *Pages) restWords(c *api.Call) words { return words{c.Printer, c.Now, g.desk.Member()} }

type restQuery struct {
	api.Paging
	Query string `query:"q" maxLength:"200" doc:"Every word must occur."`
	State string `query:"state" enum:"running,closed"`
	Event string `query:"event" maxLength:"40"`
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *restQuery) (*api.List[IncidentDoc], error) {
	scope := fmt.Sprintf("incident %q %s %s", in.Query, in.State, in.Event)
	f := incident.Filter{Query: in.Query, State: in.State, Event: id.ID(in.Event), Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After.Changed, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	rows, next, err := g.desk.Incidents(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]IncidentDoc, len(rows))
	for i := range rows {
		out[i] = incidentDoc(&rows[i].Incident)
		out[i].Period, out[i].PeriodEnds = rows[i].Period, rows[i].PeriodTo
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(scope, strconv.FormatInt(next.Changed, 10), string(next.ID))
	}
	return api.NewList(out, cursor), nil
}

func (g *Pages) restRead(ctx context.Context, c *api.Call, iid id.ID) (IncidentDoc, error) {
	b, err := g.desk.Book(ctx, c.Actor, iid)
	if err != nil {
		return IncidentDoc{}, err
	}
	d := incidentDoc(&b.Incident)
	d.Steps = c.Offers(b.Offers)
	if p := b.InForce(); p != nil {
		d.Period, d.PeriodEnds = p.Number, p.To
	}
	for _, s := range b.Seats {
		x := SeatDoc{Function: s.Key, Above: s.Above, Vacant: s.Vacant()}
		for _, p := range s.On {
			x.Posts = append(x.Posts, p.Post)
		}
		d.Seats = append(d.Seats, x)
	}
	for _, r := range b.Open() {
		d.Rings = append(d.Rings, ringDoc(&r.Ring, g.restWords(c)))
	}
	return d, nil
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[IncidentDoc], error) {
	return g.restAfter(ctx, c, in.Record(), nil)
}

func (g *Pages) restAfter(ctx context.Context, c *api.Call, iid id.ID, err error) (*api.One[IncidentDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.restRead(ctx, c, iid)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(d.Version), d), nil
}

// IncidentInput is what opens an incident.
type IncidentInput struct {
	Name      string         `json:"name"`
	Lang      string         `json:"lang"`
	Mode      string         `json:"mode" enum:"watch,alert,response,recovery"`
	Trigger   string         `json:"trigger"`
	DecidedBy string         `json:"decided_by"`
	Cost      string         `json:"cost,omitempty"`
	Since     time.Time      `json:"since,omitzero" doc:"Absent: now."`
	Events    []id.ID        `json:"events,omitempty"`
	Functions []string       `json:"functions,omitempty" doc:"Absent: the core functions."`
	Hours     int            `json:"shift_hours,omitempty" doc:"8, 12 or 24; absent: 12."`
	Marking   access.Marking `json:"marking"`
}

func (g *Pages) restOpen(ctx context.Context, c *api.Call, in *struct{ Body IncidentInput }) (*api.Made[IncidentDoc], error) {
	b := in.Body
	x := incident.Input{Name: b.Name, Lang: b.Lang, Mode: b.Mode, Trigger: b.Trigger, DecidedBy: b.DecidedBy, Cost: b.Cost, Since: b.Since, Events: b.Events, Functions: b.Functions, Hours: b.Hours, Marking: b.Marking}
	if x.Functions == nil {
		x.Functions = incident.Core
	}
	if x.Hours == 0 {
		x.Hours = 12
	}
	made, err := g.desk.Open(ctx, c.Actor, x)
	if err != nil {
		return nil, err
	}
	d, err := g.restRead(ctx, c, made.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restBase+"/"+string(made.ID), int64(d.Version), d), nil
}

// StepInput is a step with what it brings.
type StepInput struct {
	Verb   string `json:"verb" enum:"set_mode,stand_down,resume,close,reopen"`
	Mode   string `json:"mode,omitempty" enum:"watch,alert,response,recovery"`
	Reason string `json:"reason,omitempty"`
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body StepInput
}) (*api.One[IncidentDoc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Step(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.Mode, in.Body.Reason)
	}
	return g.restAfter(ctx, c, in.Record(), err)
}

type logQuery struct {
	api.ByID
	api.Paging
}

func (g *Pages) restLog(ctx context.Context, c *api.Call, in *logQuery) (*api.List[EntryDoc], error) {
	scope := "incident-log " + string(in.Record())
	keys, err := in.Keys(scope, 1)
	if err != nil {
		return nil, err
	}
	b, err := g.desk.Book(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	from, w := 0, g.restWords(c)
	if keys != nil {
		for i := range b.Entries {
			if string(b.Entries[i].ID) == keys[0] {
				from = i + 1
			}
		}
	}
	page := b.Entries[from:min(from+in.Limit, len(b.Entries))]
	out := make([]EntryDoc, len(page))
	for i := range page {
		e := &page[i]
		out[i] = EntryDoc{ID: e.ID, At: e.At, Written: e.Created.At, Later: e.Later(), Kind: e.Entry.Kind, Function: e.Function, Post: e.Created.Post, Text: e.Text, Notable: e.Notable,
			Objective: e.Objective, Status: e.Status, Corrects: e.Corrects, Corrected: e.Corrected}
		if e.Key != "" {
			out[i].Text = w.say(e.Key, e.Args)
		}
	}
	cursor := ""
	if from+len(page) < len(b.Entries) {
		cursor = api.Cursor(scope, string(page[len(page)-1].ID))
	}
	return api.NewList(out, cursor), nil
}

// EntryInput is a line for the activity log.
type EntryInput struct {
	Text      string    `json:"text"`
	At        time.Time `json:"at,omitzero" doc:"When it happened; absent: now."`
	Function  string    `json:"function,omitempty"`
	Notable   bool      `json:"notable,omitempty"`
	Corrects  id.ID     `json:"corrects,omitempty"`
	Objective id.ID     `json:"objective,omitempty"`
	Status    string    `json:"status,omitempty" enum:"not_started,on_track,behind,achieved,dropped"`
}

func (g *Pages) restWrite(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body EntryInput
}) (*api.None, error) {
	b := in.Body
	return &api.None{}, g.desk.Write(ctx, c.Actor, in.Record(), incident.EntryInput{Text: b.Text, At: b.At, Function: b.Function, Notable: b.Notable, Corrects: b.Corrects, Objective: b.Objective, Status: b.Status})
}
