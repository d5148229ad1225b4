package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const (
	restReports = "/sitrep/reports"
	restCalls   = "/sitrep/calls"
)

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: path, ID: "sitrep-" + name, Summary: summary, Tag: "sitrep", Scope: scope}
	}
	changes := func(o api.Op) api.Op { o.MustMatch = true; return o }
	makes := func(o api.Op) api.Op { o.Status = 201; return o }
	api.Add(a, op("GET", restReports, "report-list", "List situation reports, own and received, without their figures", readScope), g.restList)
	api.Add(a, makes(op("POST", restReports, "report-draft", "Draft the national report on an event, or say that there is nothing to report", writeScope)), g.restDraft)
	api.Add(a, makes(op("POST", "/sitrep/regional", "report-open", "Open a regional report and ask members for their inputs", writeScope)), g.restOpen)
	get := op("GET", restReports+"/{id}", "report-get", "Read a report", readScope)
	get.Description = "While inputs are awaited they are not in it: they change without a new version and are read as /inputs."
	api.Add(a, get, g.restGet)
	api.Add(a, changes(op("PUT", restReports+"/{id}", "report-edit", "Change the words of a draft", writeScope)), g.restEdit)
	step := changes(op("POST", restReports+"/{id}/steps", "report-step", "Take a step with an own report", writeScope))
	step.Description = "submit, return, clear (by a second person), issue, withdraw, discard; refresh takes the figures anew; of a regional one remind and compose."
	api.Add(a, step, g.restStep)
	api.Add(a, makes(op("POST", restReports+"/{id}/corrections", "report-correct", "Begin the correction of an issued report", writeScope)), g.restCorrect)
	inputs := op("GET", restReports+"/{id}/inputs", "report-inputs", "Read how the inputs of a regional report stand", readScope)
	inputs.Description = "Every member that was asked, in the fixed order. Silence is said as silence; it is never a zero."
	api.Add(a, inputs, g.restInputs)
	api.Add(a, op("GET", restCalls, "call-list", "List the inputs that other members ask for", readScope), g.restCalls)
	api.Add(a, op("GET", restCalls+"/{id}", "call-get", "Read one request for an input", readScope), g.restCall)
	api.Add(a, op("GET", "/sitrep/collections", "collections", "Read how many inputs are in, for the newest regional report of each family", readScope), g.restCollections)
}

// ReportDoc is a report.
type ReportDoc struct {
	sitrep.ReportView
	Own   bool        `json:"own"`
	Due   time.Time   `json:"due,omitzero"`
	Clock string      `json:"clock,omitempty"`
	Newer id.ID       `json:"newer,omitempty" doc:"The correction that took its place."`
	Later id.ID       `json:"later,omitempty" doc:"The next issue of the series."`
	Steps []api.Offer `json:"steps,omitempty"`
}

// ReportItem is a report in a list.
type ReportItem struct {
	ID          id.ID           `json:"id"`
	Owner       access.Member   `json:"owner"`
	Own         bool            `json:"own"`
	Version     int             `json:"version"`
	State       workflow.State  `json:"state"`
	Scope       string          `json:"scope" enum:"national,regional"`
	Event       id.ID           `json:"event,omitempty"`
	Family      id.ID           `json:"family,omitempty"`
	Subject     string          `json:"subject"`
	Title       string          `json:"title"`
	Number      int             `json:"number"`
	Corrections int             `json:"corrections"`
	From        string          `json:"from"`
	Until       string          `json:"until"`
	AsOf        time.Time       `json:"as_of"`
	Issued      time.Time       `json:"issued,omitzero"`
	Next        time.Time       `json:"next,omitzero"`
	Due         time.Time       `json:"due,omitzero"`
	Late        bool            `json:"late"`
	Asked       []access.Member `json:"asked,omitempty"`
	Marking     access.Marking  `json:"marking"`
	Exercise    string          `json:"exercise,omitempty"`
	Changed     time.Time       `json:"changed"`
}

// ReportInput is what a caller writes of a report. The figures are taken from
// the event's facts, or from the inputs.
type ReportInput struct {
	Title      string          `json:"title"`
	Lang       string          `json:"lang" example:"en"`
	From       string          `json:"from" format:"date"`
	Until      string          `json:"until" format:"date"`
	AsOf       time.Time       `json:"as_of"`
	Next       time.Time       `json:"next,omitzero" doc:"The next issue."`
	Authority  string          `json:"authority"`
	Highlights []string        `json:"highlights,omitempty" maxItems:"5"`
	Texts      []TextInput     `json:"texts,omitempty"`
	Marking    access.Marking  `json:"marking" example:"TLP:AMBER"`
	To         []access.Member `json:"to" nullable:"false"`
}

// TextInput is one part of the text, or a summary in a language.
type TextInput struct {
	Part string `json:"part" example:"changed" doc:"changed, done, laboratory, needs, … or summary"`
	Lang string `json:"lang" example:"en"`
	Text string `json:"text"`
}

func (in ReportInput) input() sitrep.ReportInput {
	out := sitrep.ReportInput{Title: in.Title, Lang: in.Lang, From: in.From, Until: in.Until, AsOf: in.AsOf, Next: in.Next, Authority: in.Authority, Highlights: in.Highlights,
		Marking: in.Marking, To: in.To}
	for _, t := range in.Texts {
		out.Texts = append(out.Texts, sitrep.Text{Part: t.Part, Lang: t.Lang, Text: t.Text})
	}
	return out
}

// NewReport is a national report: on an event, or nothing to report.
type NewReport struct {
	ReportInput
	Event   string `json:"event,omitempty" format:"uuid"`
	Call    string `json:"call,omitempty" format:"uuid" doc:"The request for an input that it answers."`
	Nothing bool   `json:"nothing,omitempty" doc:"This member has nothing to report: an answer, neither zero nor silence."`
}

// NewRegional opens a regional report.
type NewRegional struct {
	Family    string          `json:"family" format:"uuid"`
	Title     string          `json:"title"`
	Lang      string          `json:"lang" example:"en"`
	From      string          `json:"from" format:"date"`
	Until     string          `json:"until" format:"date"`
	CutOff    time.Time       `json:"cut_off" doc:"For the inputs."`
	Next      time.Time       `json:"next,omitzero"`
	Authority string          `json:"authority"`
	Words     string          `json:"words,omitempty" doc:"To the members that are asked."`
	Asked     []access.Member `json:"asked" nullable:"false"`
	Marking   access.Marking  `json:"marking" example:"TLP:AMBER"`
	Flash     bool            `json:"flash,omitempty"`
}

type reportQuery struct {
	api.Paging
	Query  string `query:"q" maxLength:"200" doc:"Every word must occur."`
	Scope  string `query:"scope" enum:"national,regional"`
	State  string `query:"state" maxLength:"40"`
	Owner  string `query:"owner" maxLength:"8"`
	Event  string `query:"event" format:"uuid"`
	Family string `query:"family" format:"uuid"`
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *reportQuery) (*api.List[ReportItem], error) {
	scope := fmt.Sprintf("sitrep-report %q %s %s %s %s %s", in.Query, in.Scope, in.State, in.Owner, in.Event, in.Family)
	f := sitrep.Filter{Query: in.Query, Scope: in.Scope, State: workflow.State(in.State), Owner: access.Member(in.Owner), Event: api.Ref(in.Event), Family: api.Ref(in.Family), Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		f.After.Changed, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	rows, next, err := g.desk.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]ReportItem, len(rows))
	for i := range rows {
		v := &rows[i].View
		out[i] = ReportItem{ID: v.ID, Owner: v.Owner, Own: rows[i].Own, Version: v.Version, State: v.State, Scope: v.Scope, Event: v.Event, Family: v.Family, Subject: v.Subject, Title: v.Title,
			Number: v.Number, Corrections: v.Corrections, From: v.From, Until: v.Until, AsOf: v.AsOf, Issued: v.Issued, Next: v.Next, Due: rows[i].Due, Late: rows[i].Late,
			Asked: v.Asked, Marking: v.Marking, Exercise: v.Exercise, Changed: v.Changed}
	}
	cursor := ""
	if next.ID != "" {
		cursor = api.Cursor(scope, strconv.FormatInt(next.Changed, 10), string(next.ID))
	}
	return api.NewList(out, cursor), nil
}

// read is a report as it may be matched by its version.
func (g *Pages) read(ctx context.Context, c *api.Call, rid id.ID) (ReportDoc, error) {
	p, err := g.desk.Page(ctx, c.Actor, rid)
	if err != nil {
		return ReportDoc{}, err
	}
	d := ReportDoc{ReportView: p.View, Own: p.Own, Due: p.Due, Clock: p.Clock, Newer: p.Newer, Later: p.Later, Steps: c.Offers(p.Offers)}
	if d.State == sitrep.Compiling {
		d.Inputs, d.Figures = nil, nil
	}
	return d, nil
}

func (g *Pages) reported(ctx context.Context, c *api.Call, rid id.ID, err error) (*api.One[ReportDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, rid)
	if err != nil {
		return nil, err
	}
	if !d.Own {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) made(ctx context.Context, c *api.Call, r sitrep.Report, err error) (*api.Made[ReportDoc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.read(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restReports+"/"+string(r.ID), int64(r.Version), d), nil
}
