package rest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// EventInput is what a caller writes of an event. The desk checks it, with a
// sentence for each field.
type EventInput struct {
	Name      string         `json:"name" doc:"At most 160 characters."`
	Summary   string         `json:"summary,omitempty"`
	Lang      string         `json:"lang" example:"en" doc:"BCP 47, of name and summary."`
	Hazard    string         `json:"hazard" example:"cholera" doc:"A key of GET /health/hazards."`
	Agent     string         `json:"agent,omitempty"`
	ICD11     string         `json:"icd11,omitempty" doc:"Filled in from the hazard when absent."`
	ICD10     string         `json:"icd10,omitempty" doc:"Filled in from the hazard when absent."`
	GLIDE     string         `json:"glide,omitempty"`
	Grade     health.Grade   `json:"grade" enum:"emergency,warning,watch,info"`
	Marking   access.Marking `json:"marking" example:"TLP:AMBER" doc:"A label of TLP 2.0."`
	Places    []string       `json:"places" example:"[\"TH-10\"]" doc:"ISO 3166-2, or the member's code for the whole state. The first one decides whose event it is."`
	Onset     health.Date    `json:"onset,omitzero"`
	Emergence health.Date    `json:"emergence,omitzero"`
	Detection health.Date    `json:"detection,omitzero"`
	Notified  health.Date    `json:"notified,omitzero"`
}

func (in EventInput) event() health.EventInput {
	return health.EventInput{Name: in.Name, Summary: in.Summary, Lang: in.Lang, Hazard: in.Hazard, Agent: in.Agent, ICD11: in.ICD11,
		ICD10: in.ICD10, GLIDE: in.GLIDE, Grade: in.Grade, Marking: in.Marking, Places: in.Places, Onset: in.Onset,
		Emergence: in.Emergence, Detection: in.Detection, Notified: in.Notified}
}

// NewEvent is an event with its first figures.
type NewEvent struct {
	EventInput
	Facts []FactInput `json:"facts,omitempty"`
}

// FactInput is one figure. One with the same indicator, class, place, period
// and as-of as an earlier one is a new revision of it.
type FactInput struct {
	Indicator string    `json:"indicator" example:"cases"`
	Class     string    `json:"class,omitempty" example:"confirmed"`
	Place     string    `json:"place" example:"TH-10"`
	From      string    `json:"from,omitempty" doc:"First day of the period; absent: a total up to as_of."`
	To        string    `json:"to,omitempty" doc:"Last day of the period."`
	Value     int64     `json:"value"`
	Source    string    `json:"source"`
	AsOf      time.Time `json:"as_of"`
	Note      string    `json:"note,omitempty"`

	Of          int64  `json:"of,omitempty" doc:"The whole of which value is a part; absent: value stands alone."`
	Age         string `json:"age,omitempty" example:"25_49" doc:"A band of the desk's list; absent: all ages."`
	Sex         string `json:"sex,omitempty" example:"female"`
	Group       string `json:"group,omitempty" example:"pregnant"`
	Granularity string `json:"granularity,omitempty" example:"week_monday" doc:"The kind of the period from and to."`
	Method      string `json:"method,omitempty" example:"case_reports"`
	Suppressed  bool   `json:"suppressed,omitempty" doc:"There is a number, too small to be told; value is then 0."`
}

func facts(in []FactInput) []health.Fact {
	out := make([]health.Fact, len(in))
	for i, f := range in {
		out[i] = health.Fact{Indicator: f.Indicator, Class: f.Class, Place: f.Place, From: f.From, To: f.To, Value: f.Value,
			Source: f.Source, AsOf: f.AsOf.UTC(), Note: f.Note, Of: f.Of, Age: f.Age, Sex: f.Sex, Group: f.Group, Granularity: f.Granularity,
			Method: f.Method, Suppressed: f.Suppressed}
	}
	return out
}

// eventQuery are the filters of the list.
type eventQuery struct {
	api.Paging
	Query  string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Open   bool   `query:"open" doc:"Only open events."`
	Mine   bool   `query:"mine" doc:"Only this member's own."`
	Owner  string `query:"owner" maxLength:"8"`
	Grade  string `query:"grade" enum:"emergency,warning,watch,info"`
	Hazard string `query:"hazard" maxLength:"60"`
	Sort   string `query:"sort" enum:"newest,grade" default:"newest"`
}

func (q *eventQuery) filter() (health.Filter, error) {
	f := health.Filter{Query: q.Query, Open: q.Open, Mine: q.Mine, Owner: access.Member(q.Owner), Grade: health.Grade(q.Grade),
		Hazard: q.Hazard, Sort: health.Sort(q.Sort), Limit: q.Limit}
	keys, err := q.Keys(q.scope(), 3)
	if err != nil || keys == nil {
		return f, err
	}
	f.After.Rank, _ = strconv.Atoi(keys[0])
	f.After.Changed, _ = strconv.ParseInt(keys[1], 10, 64)
	f.After.ID = id.ID(keys[2])
	return f, nil
}

func (q *eventQuery) scope() string {
	return fmt.Sprintf("health-event-list %q %t %t %s %s %s %s", q.Query, q.Open, q.Mine, q.Owner, q.Grade, q.Hazard, q.Sort)
}

// StepInput is one step of a workflow.
type StepInput struct {
	Verb   string `json:"verb" maxLength:"40" doc:"One of the offered steps."`
	Reason string `json:"reason,omitempty" doc:"Where the step needs one."`
}

const events = "/health/events"

func (d *Desk) addEvents(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: events, ID: "health-event-list", Summary: "List and search events", Tag: "health", Scope: Read}, d.listEvents)
	api.Add(a, api.Op{Method: "POST", Path: events, ID: "health-event-record", Summary: "Record an event", Tag: "health", Scope: Write, Status: 201}, d.recordEvent)
	api.Add(a, api.Op{Method: "GET", Path: events + "/{id}", ID: "health-event-get", Summary: "Read an event with its figures", Tag: "health", Scope: Read,
		Description: "Every revision of every figure is there; the newest revision counts. Only an event of this node has an ETag."}, d.event)
	api.Add(a, api.Op{Method: "PUT", Path: events + "/{id}", ID: "health-event-edit", Summary: "Change what was entered of an event", Tag: "health", Scope: Write,
		MustMatch: true}, d.editEvent)
	api.Add(a, api.Op{Method: "POST", Path: events + "/{id}/facts", ID: "health-event-facts", Summary: "Add figures, or correct them by new revisions", Tag: "health",
		Scope: Write, MustMatch: true}, d.addFacts)
	api.Add(a, api.Op{Method: "GET", Path: events + "/{id}/steps", ID: "health-event-steps", Summary: "List the steps that the caller may take", Tag: "health", Scope: Read}, d.eventSteps)
	api.Add(a, api.Op{Method: "POST", Path: events + "/{id}/steps", ID: "health-event-move", Summary: "Take a step with an event", Tag: "health", Scope: Write,
		MustMatch: true}, d.moveEvent)
	api.Add(a, api.Op{Method: "GET", Path: events + "/{id}/timeline", ID: "health-event-timeline", Summary: "Read what was done, from the history", Tag: "health", Scope: Read}, d.timeline)
	api.Add(a, api.Op{Method: "GET", Path: events + "/{id}/notifications", ID: "health-event-notifications", Summary: "List the notifications of an event of this node", Tag: "health",
		Scope: Read}, d.eventNotifications)
	api.Add(a, api.Op{Method: "GET", Path: events + "/{id}/questions", ID: "health-event-questions", Summary: "List the questions about an event", Tag: "health", Scope: Read}, d.eventQuestions)
}

func (d *Desk) listEvents(ctx context.Context, c *api.Call, in *eventQuery) (*api.List[EventItem], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	rows, next, err := d.desk.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(in.scope(), strconv.Itoa(next.Rank), strconv.FormatInt(next.Changed, 10), string(next.ID))
	}
	return list(each(rows, itemOf), cursor), nil
}

// read is the event as the caller may see it now.
func (d *Desk) read(ctx context.Context, c *api.Call, eid id.ID) (*api.One[EventDoc], error) {
	p, err := d.desk.EventPage(ctx, c.Actor, eid)
	if err != nil {
		return nil, err
	}
	out := one(p.View.Version, EventDoc{EventView: p.View, Own: p.Own})
	if !p.Own {
		out.ETag = "" // a copy's content goes with its release, not with its version
	}
	return out, nil
}

func (d *Desk) recordEvent(ctx context.Context, c *api.Call, in *struct{ Body NewEvent }) (*api.Made[EventDoc], error) {
	e, err := d.desk.RecordEvent(ctx, c.Actor, in.Body.event(), facts(in.Body.Facts))
	if err != nil {
		return nil, err
	}
	row := health.Row{Event: e}
	doc := EventDoc{EventView: row.View(), Own: true}
	if p, err := d.desk.EventPage(ctx, c.Actor, e.ID); err == nil { // a token may write without reading
		doc.EventView = p.View
	}
	return made(events+"/"+string(e.ID), e.Version, doc), nil
}

func (d *Desk) event(ctx context.Context, c *api.Call, in *ByID) (*api.One[EventDoc], error) {
	return d.read(ctx, c, in.id())
}

func (d *Desk) editEvent(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body EventInput
}) (*api.One[EventDoc], error) {
	v, err := seen(c)
	if err == nil {
		_, err = d.desk.EditEvent(ctx, c.Actor, in.id(), v, in.Body.event())
	}
	return d.after(ctx, c, in.id(), err)
}

// after answers a change with the event as it is now.
func (d *Desk) after(ctx context.Context, c *api.Call, eid id.ID, err error) (*api.One[EventDoc], error) {
	if err != nil {
		return nil, err
	}
	return d.read(ctx, c, eid)
}

func (d *Desk) addFacts(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body struct {
		Facts []FactInput `json:"facts"`
	}
}) (*api.One[EventDoc], error) {
	v, err := seen(c)
	if err == nil {
		_, err = d.desk.AddFacts(ctx, c.Actor, in.id(), v, facts(in.Body.Facts))
	}
	return d.after(ctx, c, in.id(), err)
}

func (d *Desk) eventSteps(ctx context.Context, c *api.Call, in *ByID) (*api.List[OfferDoc], error) {
	p, err := d.desk.EventPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(offersOf(c.Printer, p.Offers), ""), nil
}

// inputs are steps that have an operation of their own, because they bring
// content.
var inputs = map[workflow.Verb]bool{"record": true, "edit": true, "add_facts": true, "describe": true, "merge": true, "compose": true}

func (d *Desk) moveEvent(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body StepInput
}) (*api.One[EventDoc], error) {
	v, err := seen(c)
	verb := workflow.Verb(in.Body.Verb)
	if err == nil && inputs[verb] {
		err = noStep(in.Body.Verb)
	}
	if err == nil {
		_, err = d.desk.MoveEvent(ctx, c.Actor, in.id(), v, verb, in.Body.Reason)
	}
	return d.after(ctx, c, in.id(), err)
}

func (d *Desk) timeline(ctx context.Context, c *api.Call, in *ByID) (*api.List[EntryDoc], error) {
	p, err := d.desk.EventPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(p.Timeline, entryOf), ""), nil
}

func (d *Desk) eventNotifications(ctx context.Context, c *api.Call, in *ByID) (*api.List[NotificationDoc], error) {
	p, err := d.desk.EventPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(p.Notifications, sentOf), ""), nil
}

func (d *Desk) eventQuestions(ctx context.Context, c *api.Call, in *ByID) (*api.List[QuestionDoc], error) {
	p, err := d.desk.EventPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(p.Questions, questionOf), ""), nil
}
