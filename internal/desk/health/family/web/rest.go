package web

import (
	"context"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

const restFamilies = "/family/families"

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary string) api.Op {
		o := api.Op{Method: method, Path: restFamilies + path, ID: "family-" + name, Summary: summary, Tag: "family", Scope: writeScope}
		if method == "GET" {
			o.Scope = readScope
		}
		return o
	}
	changes := func(o api.Op, words string) api.Op { o.MustMatch, o.Description = true, words; return o }
	makes := func(o api.Op) api.Op { o.Status = 201; return o }
	api.Add(a, op("GET", "", "list", "List families, own and received"), g.restList)
	api.Add(a, makes(op("POST", "", "make", "Make a family with its first events")), g.restMake)
	api.Add(a, op("GET", "/{id}", "get", "Read a family with what this node holds of its events"), g.restGet)
	api.Add(a, changes(op("PUT", "/{id}", "edit", "Change the words and the marking"), ""), g.restEdit)
	api.Add(a, changes(op("POST", "/{id}/events", "add", "Propose events for the family"), "No event is changed; its owner is asked when the family is shared."), g.restAdd)
	api.Add(a, changes(op("DELETE", "/{id}/events/{event}", "drop", "Take an event out of the family"), ""), g.restDrop)
	api.Add(a, op("GET", "/{id}/previews", "previews", "Read exactly what each group of recipients gets"), g.restPreviews)
	api.Add(a, changes(op("POST", "/{id}/share", "share", "Tell members, and ask the owners of its events"), "By a second person."), g.restShare)
	api.Add(a, changes(op("POST", "/{id}/steps", "step", "Take a step"), "close, withdraw, reopen."), g.restStep)
	api.Add(a, changes(op("POST", "/{id}/merge", "merge", "Bring its events to another family of this member"), "reopen takes it back."), g.restMerge)
	api.Add(a, makes(changes(op("POST", "/{id}/split", "split", "Make a new family of some of its events"), "")), g.restSplit)
	api.Add(a, op("POST", "/{id}/answers", "answer", "Say of an own event whether it belongs to another member's family"), g.restAnswer)
}

// FamilyItem is a family in a list.
type FamilyItem struct {
	family.View
	Own       bool      `json:"own"`
	Withdrawn bool      `json:"withdrawn,omitempty"`
	At        time.Time `json:"at"`
}

// FamilyDoc is a family with what this node holds of its events.
type FamilyDoc struct {
	family.View
	Own       bool            `json:"own"`
	Marking   access.Marking  `json:"marking"`
	Exercise  string          `json:"exercise,omitempty"`
	Withdrawn bool            `json:"withdrawn,omitempty"`
	To        []access.Member `json:"to,omitempty"`
	Stale     bool            `json:"stale" doc:"Changed after it was last shared."`
	Events    []EventDoc      `json:"events"`
	Answers   []AnswerDoc     `json:"answers,omitempty" doc:"Of this member, to another member's family."`
	Steps     []api.Offer     `json:"steps,omitempty"`
}

// EventDoc is an event of the family. Without a state nothing of it was
// released to this node: no report.
type EventDoc struct {
	family.Entry
	Name    string         `json:"name,omitempty"`
	State   workflow.State `json:"state,omitempty"`
	Grade   health.Grade   `json:"grade,omitempty"`
	Version int            `json:"version,omitempty"`
	Changed time.Time      `json:"changed,omitzero"`
}

// AnswerDoc is what this member says of its own event.
type AnswerDoc struct {
	ID      id.ID          `json:"id"`
	Version int            `json:"version"`
	Event   id.ID          `json:"event"`
	State   workflow.State `json:"state" enum:"asked,joined,declined"`
	Words   string         `json:"words,omitempty"`
	Due     time.Time      `json:"due,omitzero"`
	Late    bool           `json:"late"`
	Steps   []api.Offer    `json:"steps,omitempty"`
}

func docOf(c *api.Call, p *family.Page) FamilyDoc {
	d := FamilyDoc{View: p.View, Own: p.Mine, Marking: p.Marking, Exercise: p.Exercise, Withdrawn: p.Withdrawn, To: p.To, Stale: p.Stale, Steps: c.Offers(p.Offers)}
	d.Reason = p.Reason
	for _, e := range p.Events {
		x := EventDoc{Entry: e.Entry, Name: e.Name}
		if v := e.Event; v != nil {
			x.State, x.Grade, x.Version, x.Changed = v.State, v.Grade, v.Version, v.Changed
		}
		d.Events = append(d.Events, x)
	}
	for _, a := range p.Answers {
		d.Answers = append(d.Answers, AnswerDoc{ID: a.ID, Version: a.Version, Event: a.Event, State: a.State, Words: a.Words, Due: a.Due, Late: a.Late, Steps: c.Offers(a.Offers)})
	}
	return d
}

type familyQuery struct {
	api.Paging
	Query string `query:"q" maxLength:"200" doc:"Every word must occur."`
}

func (g *Pages) restList(ctx context.Context, c *api.Call, in *familyQuery) (*api.List[FamilyItem], error) {
	scope := "family-list " + strconv.Quote(in.Query)
	keys, err := in.Keys(scope, 2)
	if err != nil {
		return nil, err
	}
	rows, err := g.desk.List(ctx, c.Actor, in.Query)
	if err != nil {
		return nil, err
	}
	// newest first; of the same moment the smaller identifier
	slices.SortStableFunc(rows, func(a, b family.Row) int {
		if n := b.At.Compare(a.At); n != 0 {
			return n
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	var at int64
	if keys != nil {
		at, _ = strconv.ParseInt(keys[0], 10, 64)
	}
	var out []FamilyItem
	for _, r := range rows {
		if now := r.At.UnixMicro(); keys != nil && (now > at || now == at && string(r.ID) <= keys[1]) {
			continue
		}
		if len(out) == in.Limit {
			last := out[len(out)-1]
			return api.NewList(out, api.Cursor(scope, strconv.FormatInt(last.At.UnixMicro(), 10), string(last.ID))), nil
		}
		out = append(out, FamilyItem{View: r.View, Own: r.Mine, Withdrawn: r.Withdrawn, At: r.At})
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restRead(ctx context.Context, c *api.Call, fid id.ID, err error) (*api.One[FamilyDoc], error) {
	if err != nil {
		return nil, err
	}
	p, err := g.desk.Page(ctx, c.Actor, fid)
	if err != nil {
		return nil, err
	}
	d := docOf(c, &p)
	if !p.Mine {
		return api.Copied(d), nil
	}
	return api.NewOne(int64(p.Version), d), nil
}

func (g *Pages) restGet(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[FamilyDoc], error) {
	return g.restRead(ctx, c, in.Record(), nil)
}

func (g *Pages) restPreviews(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[PreviewDoc], error) {
	p, err := g.desk.Page(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	var out []PreviewDoc
	for _, x := range p.Previews {
		out = append(out, PreviewDoc(x))
	}
	return api.NewList(out, ""), nil
}

// PreviewDoc is what one group of recipients gets, made by the code that makes
// the releases.
type PreviewDoc struct {
	To   []access.Member `json:"to"`
	View family.View     `json:"view"`
}
