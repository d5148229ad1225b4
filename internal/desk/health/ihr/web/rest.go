package web

import (
	"context"
	"strconv"
	"time"

	"lintas/internal/api"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/id"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const (
	restAnnex2         = "/ihr/assessments"
	restDeterminations = "/ihr/determinations"
	restMeasures       = "/ihr/measures"
	restAmendments     = "/ihr/amendments"
)

func op(method, path, name, summary string) api.Op {
	o := api.Op{Method: method, Path: path, ID: "ihr-" + name, Summary: summary, Tag: "ihr", Scope: writeScope}
	if method == "GET" {
		o.Scope = readScope
	}
	return o
}

func changes(method, path, name, summary, words string) api.Op {
	o := op(method, path, name, summary)
	o.MustMatch, o.Description = true, words
	return o
}

func makes(path, name, summary string) api.Op {
	o := op("POST", path, name, summary)
	o.Status = 201
	return o
}

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	api.Add(a, op("GET", restAnnex2, "assessment-list", "List assessments by Annex 2"), g.restAnnex2List)
	api.Add(a, makes(restAnnex2, "assessment-open", "Begin the assessment of an own event"), g.restOpen)
	api.Add(a, op("GET", restAnnex2+"/{id}", "assessment-get", "Read an assessment as far as the caller may: no reader sees the other's answers before both have read"), g.restAnnex2Get)
	api.Add(a, changes("PUT", restAnnex2+"/{id}/answers", "assessment-answer", "Save the answers of the reading that is under way", ""), g.restReply)
	api.Add(a, changes("POST", restAnnex2+"/{id}/finish", "assessment-finish", "End the reading with these answers", ""), g.restFinish)
	api.Add(a, changes("POST", restAnnex2+"/{id}/steps", "assessment-step", "Take a step", "decide (outcome and reason), told (at and how), reset, cancel."), g.restAnnex2Step)
	api.Add(a, op("GET", "/ihr/form", "form", "Read the questions of Annex 2 with their guidance"), g.restForm)
	api.Add(a, op("GET", "/ihr/events/{id}/article6", "article6", "Read the content of a notification under Article 6, with its gaps"), g.restArticle6)
	g.outsideOperations(a)
	g.measureOperations(a)
}

// Annex2Doc is an assessment as the caller may see it.
type Annex2Doc struct {
	ihr.Annex2View
	Reading    string         `json:"reading,omitempty" enum:"first,second" doc:"Whose answers the caller may enter now."`
	Precedents []PrecedentDoc `json:"precedents,omitempty" doc:"Earlier assessments that were answered alike."`
	Steps      []api.Offer    `json:"steps,omitempty"`
}

// PrecedentDoc is an earlier assessment that was answered alike.
type PrecedentDoc struct {
	ID      id.ID       `json:"id"`
	Event   string      `json:"event_name"`
	Outcome ihr.Outcome `json:"outcome"`
	Differs int         `json:"differs" doc:"Questions with another answer."`
	Same    bool        `json:"same_hazard"`
	Decided time.Time   `json:"decided_at"`
}

type annex2Query struct {
	api.Paging
	Event string `query:"event" format:"uuid"`
}

func cursorOf(keys []string) (c ihr.Cursor) {
	if keys != nil {
		c.Changed, _ = strconv.ParseInt(keys[0], 10, 64)
		c.ID = id.ID(keys[1])
	}
	return c
}

func nextOf(scope string, c ihr.Cursor) string {
	if c.ID == "" {
		return ""
	}
	return api.Cursor(scope, strconv.FormatInt(c.Changed, 10), string(c.ID))
}

func (g *Pages) restAnnex2List(ctx context.Context, c *api.Call, in *annex2Query) (*api.List[ihr.Annex2View], error) {
	scope := "ihr-assessment " + in.Event
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	list, next, err := g.desk.Annex2List(ctx, c.Actor, api.Ref(in.Event), cursorOf(keys), in.Limit)
	if err != nil {
		return nil, err
	}
	return api.NewList(list, nextOf(scope, next)), nil
}

func (g *Pages) restAnnex2(ctx context.Context, c *api.Call, aid id.ID) (Annex2Doc, error) {
	p, err := g.desk.Annex2Page(ctx, c.Actor, aid)
	if err != nil {
		return Annex2Doc{}, err
	}
	d := Annex2Doc{Annex2View: p.View, Reading: p.Reading, Steps: c.Offers(p.Offers)}
	for _, x := range p.Precedents {
		d.Precedents = append(d.Precedents, PrecedentDoc{ID: x.View.ID, Event: x.View.EventName, Outcome: x.View.Outcome, Differs: x.Differs, Same: x.Same, Decided: x.View.DecidedAt})
	}
	return d, nil
}

func (g *Pages) annex2After(ctx context.Context, c *api.Call, aid id.ID, err error) (*api.One[Annex2Doc], error) {
	if err != nil {
		return nil, err
	}
	d, err := g.restAnnex2(ctx, c, aid)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(d.Version), d), nil
}

func (g *Pages) restOpen(ctx context.Context, c *api.Call, in *struct {
	Body struct {
		Event string `json:"event" format:"uuid"`
	}
}) (*api.Made[Annex2Doc], error) {
	a, err := g.desk.Open(ctx, c.Actor, api.Ref(in.Body.Event))
	if err != nil {
		return nil, err
	}
	d, err := g.restAnnex2(ctx, c, a.ID)
	if err != nil {
		return nil, err
	}
	return api.NewMade(restAnnex2+"/"+string(a.ID), int64(a.Version), d), nil
}

func (g *Pages) restAnnex2Get(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[Annex2Doc], error) {
	return g.annex2After(ctx, c, in.Record(), nil)
}

// RepliesInput is the answers of a reading by the questions of the form.
type RepliesInput struct {
	Replies map[string]ihr.Reply `json:"replies" doc:"By the id of the question in GET /ihr/form."`
}

type repliesIn struct {
	api.ByID
	Body RepliesInput
}

func (g *Pages) restReply(ctx context.Context, c *api.Call, in *repliesIn) (*api.One[Annex2Doc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Answer(ctx, c.Actor, in.Record(), seen, in.Body.Replies)
	}
	return g.annex2After(ctx, c, in.Record(), err)
}

func (g *Pages) restFinish(ctx context.Context, c *api.Call, in *repliesIn) (*api.One[Annex2Doc], error) {
	seen, err := c.Seen()
	if err == nil {
		_, err = g.desk.Finish(ctx, c.Actor, in.Record(), seen, in.Body.Replies)
	}
	return g.annex2After(ctx, c, in.Record(), err)
}

// Annex2Step is a step with what it brings.
type Annex2Step struct {
	Verb    string      `json:"verb" enum:"decide,told,reset,cancel"`
	Outcome ihr.Outcome `json:"outcome,omitempty" enum:"notify,consult,no" doc:"Of decide."`
	Reason  string      `json:"reason,omitempty" doc:"Of decide, reset and cancel."`
	At      time.Time   `json:"at,omitzero" doc:"Of told: when WHO was notified or consulted."`
	How     string      `json:"how,omitempty" doc:"Of told."`
}

func (g *Pages) restAnnex2Step(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body Annex2Step
}) (*api.One[Annex2Doc], error) {
	seen, err := c.Seen()
	b, aid := in.Body, in.Record()
	if err == nil {
		switch b.Verb {
		case "decide":
			_, err = g.desk.Decide(ctx, c.Actor, aid, seen, b.Outcome, b.Reason)
		case "told":
			_, err = g.desk.Told(ctx, c.Actor, aid, seen, b.At.UTC(), b.How)
		case "reset":
			_, err = g.desk.Reset(ctx, c.Actor, aid, seen, b.Reason)
		default: // the schema knows one more
			_, err = g.desk.Cancel(ctx, c.Actor, aid, seen, b.Reason)
		}
	}
	return g.annex2After(ctx, c, aid, err)
}

// FormDoc is the decision instrument in the caller's language where the form
// has it.
type FormDoc struct {
	Version   string         `json:"version"`
	Digest    string         `json:"digest"`
	Source    string         `json:"source"`
	Threshold int            `json:"threshold" doc:"So many questions answered with yes make an event notifiable."`
	Questions []ihr.Question `json:"questions"`
}

func (g *Pages) restForm(_ context.Context, c *api.Call, _ *struct{}) (*api.One[FormDoc], error) {
	f := ihr.FormOf(ihr.CurrentForm, c.Printer.Lang())
	if f == nil {
		f = ihr.Current()
	}
	return api.Copied(FormDoc{Version: f.Version, Digest: f.Digest, Source: f.Source, Threshold: f.Threshold, Questions: f.Questions}), nil
}

// ContentDoc is the content of a notification under Article 6.
type ContentDoc struct {
	Event  id.ID      `json:"event"`
	Name   string     `json:"name"`
	Gaps   int        `json:"gaps"`
	Blocks []BlockDoc `json:"blocks"`
}

// BlockDoc is one part of it; one that is a gap says so.
type BlockDoc struct {
	Key      string      `json:"key"`
	Gap      bool        `json:"gap"`
	Text     string      `json:"text,omitempty"`
	Complete string      `json:"complete,omitempty" doc:"complete, partial or not_known; absent: a gap."`
	AsOf     time.Time   `json:"as_of,omitzero"`
	Source   string      `json:"source,omitempty"`
	Figures  []FigureDoc `json:"figures,omitempty"`
	Dates    []DateDoc   `json:"dates,omitempty"`
	Measures []id.ID     `json:"measures,omitempty"`
}

// FigureDoc is the newest total of an indicator by class.
type FigureDoc struct {
	Indicator string    `json:"indicator"`
	Class     string    `json:"class,omitempty"`
	Value     int64     `json:"value"`
	Source    string    `json:"source"`
	AsOf      time.Time `json:"as_of"`
}

// DateDoc is a date of the event with how exactly it is known.
type DateDoc struct {
	Key       string `json:"key" enum:"onset,emergence,detection,notified"`
	On        string `json:"on,omitempty"`
	Precision string `json:"precision"`
}

func (g *Pages) restArticle6(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ContentDoc], error) {
	x, err := g.desk.Article6(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	d := ContentDoc{Event: x.Event.ID, Name: x.Event.Name, Gaps: x.Gaps}
	for _, b := range x.Blocks {
		out := BlockDoc{Key: b.Key, Gap: b.Gap(), Text: b.Text, Complete: string(b.Complete), AsOf: b.AsOf, Source: b.Source}
		for _, f := range b.Figures {
			out.Figures = append(out.Figures, FigureDoc{Indicator: f.Indicator, Class: f.Class, Value: f.Value, Source: f.Source, AsOf: f.AsOf})
		}
		for _, t := range b.Dates {
			out.Dates = append(out.Dates, DateDoc{Key: t.Key, On: t.Date.On, Precision: string(t.Date.Precision)})
		}
		for _, m := range b.Measures {
			out.Measures = append(out.Measures, m.ID)
		}
		d.Blocks = append(d.Blocks, out)
	}
	return api.Copied(d), nil
}
