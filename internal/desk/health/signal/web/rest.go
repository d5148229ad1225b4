package web

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token are those of the health desk.
const (
	scopeRead  = "health.read"
	scopeWrite = "health.write"
)

const restSignals = "/signal/signals"

// Operations adds the inbox to the REST interface: thin handlers over the same
// actions as the pages.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: restSignals + path, ID: "signal-" + name, Summary: summary, Tag: "signal", Scope: scope}
	}
	record := op("POST", "", "record", "Record a signal", scopeWrite)
	record.Status = 201
	edit, step := op("PUT", "/{id}", "edit", "Change what was entered of a signal", scopeWrite), op("POST", "/{id}/steps", "step", "Take a step with a signal: claim, triage, begin, monitor, discard, merge, split, reopen, note", scopeWrite)
	verify := op("POST", "/{id}/verify", "verify", "Confirm a signal as a new event or as part of one", scopeWrite)
	edit.MustMatch, step.MustMatch, verify.MustMatch = true, true, true
	api.Add(a, op("GET", "", "list", "List and search signals, by the time left", scopeRead), g.restList)
	api.Add(a, record, g.restRecord)
	api.Add(a, op("GET", "/{id}", "get", "Read a signal", scopeRead), g.restGet)
	api.Add(a, edit, g.restEdit)
	api.Add(a, op("GET", "/{id}/steps", "steps", "List the steps that the caller may take", scopeRead), g.restSteps)
	api.Add(a, step, g.restStep)
	api.Add(a, verify, g.restVerify)
	api.Add(a, op("GET", "/{id}/duplicates", "duplicates", "List possible duplicates with the parts of their score", scopeRead), g.restTwins)
}

// SignalDoc is a signal as its reader may see it. References of alarms are
// JSON of the surveillance part.
type SignalDoc struct {
	signal.View
	Alarms []AlarmDoc `json:"alarms,omitempty"`
}

// AlarmDoc is one occurrence of an alarm.
type AlarmDoc struct {
	At   string `json:"at"`
	Text string `json:"text,omitempty"`
	Ref  string `json:"ref,omitempty" doc:"JSON: series, method, parameters, data version."`
}

func docOf(v signal.View) SignalDoc {
	out := SignalDoc{View: v}
	for _, a := range v.Alarms {
		ref, _ := json.Marshal(a.Ref)
		out.Alarms = append(out.Alarms, AlarmDoc{At: iso(a.At), Text: a.Text, Ref: string(ref)})
	}
	out.View.Alarms = nil
	return out
}

// ByID is the input of an operation on one signal.
type ByID struct {
	ID string `path:"id" format:"uuid" doc:"The signal's identifier."`
}

// id of the record. One that cannot exist is one that does not.
func (in ByID) id() id.ID {
	v, err := id.Parse(in.ID)
	if err != nil {
		return ""
	}
	return v
}

type restQuery struct {
	api.Paging
	Query     string `query:"q" maxLength:"200" doc:"Every word must occur."`
	State     string `query:"state" maxLength:"40"`
	Open      bool   `query:"open" doc:"Only those that wait for triage or verification."`
	Source    string `query:"source" maxLength:"40"`
	Hazard    string `query:"hazard" maxLength:"60"`
	Place     string `query:"place" maxLength:"10" doc:"A unit, or a state with its units."`
	Late      bool   `query:"late"`
	Unclaimed bool   `query:"unclaimed"`
}

func (q *restQuery) scope() string {
	return fmt.Sprintf("signal-list %q %s %t %s %s %s %t %t", q.Query, q.State, q.Open, q.Source, q.Hazard, q.Place, q.Late, q.Unclaimed)
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *restQuery) (*api.List[SignalDoc], error) {
	f := signal.Filter{Query: in.Query, State: workflow.State(in.State), Open: in.Open, Source: signal.Source(in.Source), Hazard: in.Hazard, Place: in.Place,
		Late: in.Late, Unclaimed: in.Unclaimed, Limit: in.Limit}
	keys, err := in.Keys(in.scope(), 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After.Rank, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	found, next, err := g.desk.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	var out []SignalDoc
	for _, v := range found {
		out = append(out, docOf(v))
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(in.scope(), strconv.FormatInt(next.Rank, 10), string(next.ID))
	}
	return api.NewList(out, cursor), nil
}

// SignalInput is what a caller writes of a signal.
type SignalInput struct {
	Source     string         `json:"source" example:"hotline" doc:"hotline, community, facility, laboratory, media, eios, who, partner, point_of_entry, veterinary or sentinel."`
	SourceName string         `json:"source_name,omitempty"`
	Ref        string         `json:"ref,omitempty" doc:"The source's own reference."`
	Link       string         `json:"link,omitempty"`
	Text       string         `json:"text"`
	Lang       string         `json:"lang" example:"km"`
	Hazard     string         `json:"hazard" example:"unknown" doc:"A key of GET /health/hazards."`
	Agent      string         `json:"agent,omitempty"`
	Population string         `json:"population,omitempty"`
	Place      string         `json:"place" example:"KH-7"`
	Locality   string         `json:"locality,omitempty"`
	FirstSeen  health.Date    `json:"first_seen,omitzero"`
	Cases      *CountDoc      `json:"cases,omitempty" doc:"Absent: not reported."`
	Deaths     *CountDoc      `json:"deaths,omitempty" doc:"Absent: not reported."`
	Marking    access.Marking `json:"marking" example:"TLP:AMBER"`
}

// CountDoc is a number as it was reported.
type CountDoc struct {
	N     int64  `json:"n"`
	About string `json:"about,omitempty" enum:"at_least,at_most,about"`
}

func (c *CountDoc) count() *signal.Count {
	if c == nil {
		return nil
	}
	return &signal.Count{N: c.N, About: c.About}
}

func (in SignalInput) input() signal.Input {
	return signal.Input{Source: signal.Source(in.Source), SourceName: in.SourceName, Ref: in.Ref, Link: in.Link, Text: in.Text, Lang: in.Lang, Hazard: in.Hazard,
		Agent: in.Agent, Population: in.Population, Place: in.Place, Locality: in.Locality, FirstSeen: in.FirstSeen, Cases: in.Cases.count(), Deaths: in.Deaths.count(), Marking: in.Marking}
}

func (g *Pages) restRecord(ctx context.Context, c *api.Call, in *struct{ Body SignalInput }) (*api.Made[SignalDoc], error) {
	s, err := g.desk.Record(ctx, c.Actor, in.Body.input())
	if err != nil {
		return nil, err
	}
	return api.NewMade(restSignals+"/"+string(s.ID), int64(s.Version), docOf(signal.ViewOf(&s, c.Actor, c.Now))), nil
}

func (g *Pages) restRead(ctx context.Context, c *api.Call, sid id.ID) (*api.One[SignalDoc], error) {
	p, err := g.desk.Page(ctx, c.Actor, sid)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(p.Version), docOf(p.View)), nil
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *ByID) (*api.One[SignalDoc], error) {
	return g.restRead(ctx, c, in.id())
}

// seenBy is the version of If-Match. There is no version 0: for the desk it
// would mean any.
func seenBy(c *api.Call) (int, error) {
	v, ok, err := c.Version()
	if err != nil {
		return 0, err
	}
	if !ok || v < 1 || v > 1<<31 {
		return -1, nil
	}
	return int(v), nil
}

func (g *Pages) restEdit(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body SignalInput
}) (*api.One[SignalDoc], error) {
	v, err := seenBy(c)
	if err == nil {
		_, err = g.desk.Edit(ctx, c.Actor, in.id(), v, in.Body.input())
	}
	if err != nil {
		return nil, err
	}
	return g.restRead(ctx, c, in.id())
}

// SignalStepDoc is a step that the caller may take.
type SignalStepDoc struct {
	Verb  string   `json:"verb"`
	To    string   `json:"to,omitempty"`
	Unmet []string `json:"unmet,omitempty" doc:"What must be there first."`
}

func (g *Pages) restSteps(ctx context.Context, c *api.Call, in *ByID) (*api.List[SignalStepDoc], error) {
	p, err := g.desk.Page(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	var out []SignalStepDoc
	for _, o := range p.Offers {
		d := SignalStepDoc{Verb: string(o.Verb), To: string(o.To)}
		for _, n := range o.Unmet {
			d.Unmet = append(d.Unmet, c.Printer.T("need."+n))
		}
		out = append(out, d)
	}
	return api.NewList(out, ""), nil
}

// StepBody is a step with what it may bring along.
type StepBody struct {
	Verb        string            `json:"verb" maxLength:"40"`
	Reason      string            `json:"reason,omitempty"`
	Concern     map[string]string `json:"concern,omitempty" doc:"WHO's six marks: unknown_disease, cross_border, serious_unexpected, travel_trade, capacity, deliberate; each yes, no or unknown."`
	Hazard      string            `json:"hazard,omitempty"`
	Reliability string            `json:"reliability,omitempty" doc:"A to F."`
	Credibility string            `json:"credibility,omitempty" doc:"1 to 6."`
	Twin        string            `json:"twin,omitempty" doc:"For merge: the signal that stays."`
}

func (b StepBody) input() signal.StepInput {
	in := signal.StepInput{Reason: b.Reason, Hazard: b.Hazard, Reliability: b.Reliability, Credibility: b.Credibility, Twin: id.ID(b.Twin)}
	for k, a := range b.Concern {
		if in.Concern == nil {
			in.Concern = map[string]signal.Answer{}
		}
		in.Concern[k] = signal.Answer(a)
	}
	return in
}

func (g *Pages) restStep(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body StepBody
}) (*api.One[SignalDoc], error) {
	v, err := seenBy(c)
	if err == nil {
		_, err = g.desk.Step(ctx, c.Actor, in.id(), v, workflow.Verb(in.Body.Verb), in.Body.input())
	}
	if err != nil {
		return nil, err
	}
	return g.restRead(ctx, c, in.id())
}

// VerifyBody confirms a signal; exactly one of event and new is given.
type VerifyBody struct {
	Reliability string           `json:"reliability,omitempty"`
	Credibility string           `json:"credibility,omitempty"`
	ConfirmedBy string           `json:"confirmed_by" doc:"An authority, laboratory or duty post; not a person."`
	ConfirmedOn health.Date      `json:"confirmed_on,omitzero"`
	Definition  string           `json:"definition,omitempty" enum:"yes,no,unknown"`
	LabEvidence string           `json:"lab_evidence,omitempty"`
	Reason      string           `json:"reason,omitempty"`
	Event       string           `json:"event,omitempty" format:"uuid"`
	New         *EventFromSignal `json:"new,omitempty"`
	Figures     []FigureBody     `json:"figures,omitempty" doc:"Numbers of the signal that become figures of the event."`
}

// FigureBody takes a number of a signal over into the figures of its event.
type FigureBody struct {
	Indicator string `json:"indicator" enum:"cases,deaths"`
	Class     string `json:"class" enum:"confirmed,probable,suspected"`
}

// EventFromSignal is what the event gets beyond what the signal says.
type EventFromSignal struct {
	Name   string       `json:"name,omitempty"`
	Grade  health.Grade `json:"grade" enum:"emergency,warning,watch,info"`
	Places []string     `json:"places,omitempty"`
}

func (g *Pages) restVerify(ctx context.Context, c *api.Call, in *struct {
	ByID
	Body VerifyBody
}) (*api.One[SignalDoc], error) {
	v, err := seenBy(c)
	if err != nil {
		return nil, err
	}
	b := in.Body
	x := signal.Confirmation{Event: id.ID(b.Event), StepInput: signal.StepInput{Reason: b.Reason, Reliability: b.Reliability, Credibility: b.Credibility,
		Definition: signal.Answer(b.Definition), LabEvidence: b.LabEvidence, ConfirmedBy: b.ConfirmedBy, ConfirmedOn: b.ConfirmedOn}}
	if b.New != nil {
		p, err := g.desk.Page(ctx, c.Actor, in.id())
		if err != nil {
			return nil, err
		}
		draft := g.desk.EventDraft(p.View)
		draft.Grade = b.New.Grade
		if b.New.Name != "" {
			draft.Name = b.New.Name
		}
		if len(b.New.Places) > 0 {
			draft.Places = b.New.Places
		}
		x.New = &draft
	}
	for _, f := range b.Figures {
		x.Figures = append(x.Figures, signal.Figure{Indicator: f.Indicator, Class: f.Class})
	}
	if _, err := g.desk.Verify(ctx, c.Actor, in.id(), v, x); err != nil {
		return nil, err
	}
	return g.restRead(ctx, c, in.id())
}

// TwinDoc is a possible duplicate.
type TwinDoc struct {
	Likeness signal.Likeness `json:"likeness" doc:"0 to 1 each; text is negative where the languages differ."`
	Signal   SignalDoc       `json:"signal"`
}

func (g *Pages) restTwins(ctx context.Context, c *api.Call, in *ByID) (*api.List[TwinDoc], error) {
	p, err := g.desk.Page(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	var out []TwinDoc
	for _, t := range p.Twins {
		out = append(out, TwinDoc{t.Like, docOf(t.View)})
	}
	return api.NewList(out, ""), nil
}
