package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/sop"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

// SopStepDoc is one step as the file of a playbook says.
type SopStepDoc struct {
	Code        string      `json:"code"`
	Title       string      `json:"title"`
	Function    string      `json:"function"`
	Role        access.Role `json:"role"`
	Minutes     int64       `json:"within_minutes,omitempty"`
	Of          string      `json:"of,omitempty"`
	After       []string    `json:"after,omitempty"`
	Deliverable string      `json:"deliverable,omitempty"`
	Evidence    string      `json:"evidence,omitempty"`
	Form        string      `json:"form,omitempty"`
	How         string      `json:"how,omitempty"`
	Level       int         `json:"level,omitempty"`
	Optional    bool        `json:"optional,omitempty"`
}

// SopPlaybookDoc is a playbook with what its file says.
type SopPlaybookDoc struct {
	sop.PlaybookView
	Own      bool         `json:"own"`
	Hazards  []string     `json:"hazards,omitempty"`
	Triggers []string     `json:"triggers,omitempty" doc:"Such as level >= 2."`
	Plan     []SopStepDoc `json:"plan" nullable:"false"`
	Adapted  bool         `json:"adapted,omitempty" doc:"The text differs from the one it was taken from."`
	Steps    []api.Offer  `json:"steps,omitempty" doc:"What the caller's roles permit now."`
}

// SopRunDoc is a run with its tasks.
type SopRunDoc struct {
	sop.RunView
	Tasks []SopTaskDoc `json:"tasks,omitempty"`
	Steps []api.Offer  `json:"steps,omitempty"`
}

// SopTaskDoc is one step of a run.
type SopTaskDoc struct {
	sop.TaskView
	Steps []api.Offer `json:"steps,omitempty"`
}

// SopPersonDoc is somebody who can be asked to do a task.
type SopPersonDoc struct {
	Account id.ID  `json:"account"`
	Post    string `json:"post"`
}

// SopReportDoc is how far one member is with a playbook, or that it told nothing.
type SopReportDoc struct {
	Playbook string            `json:"playbook"`
	Subject  string            `json:"subject"`
	Member   access.Member     `json:"member"`
	Report   string            `json:"report" enum:"none,released,own,taken_back"`
	Progress *sop.ProgressView `json:"progress,omitempty"`
	Release  id.ID             `json:"release,omitempty"`
}

// SopDriftDoc is the plan of one step and what became of it.
type SopDriftDoc struct {
	Code      string   `json:"code"`
	Title     string   `json:"title"`
	Minutes   int64    `json:"within_minutes,omitempty"`
	Asked     int      `json:"asked"`
	Finished  int      `json:"finished"`
	Timed     int      `json:"timed" doc:"Finished ones with a clock, from which the times come."`
	Median    float64  `json:"median_minutes,omitempty"`
	Least     float64  `json:"least_minutes,omitempty"`
	Most      float64  `json:"most_minutes,omitempty"`
	Late      int      `json:"late"`
	Blocked   int      `json:"blocked"`
	BlockedBy []string `json:"blocked_because,omitempty"`
	Not       int      `json:"not_executable"`
	NotBy     []string `json:"not_executable_because,omitempty"`
	Skipped   int      `json:"skipped"`
	SkippedBy []string `json:"skipped_because,omitempty"`
	Shown     int      `json:"evidence_given"`
	Bare      int      `json:"evidence_missing"`
}

func playbookDoc(p *sop.PlaybookPage, steps []api.Offer) SopPlaybookDoc {
	d := SopPlaybookDoc{PlaybookView: p.PlaybookView, Own: p.Own, Adapted: p.Adapted(), Steps: steps, Plan: []SopStepDoc{}}
	plan, _ := sop.Parse(p.Text)
	d.Hazards = plan.Hazards
	for _, t := range plan.Triggers {
		d.Triggers = append(d.Triggers, t.String())
	}
	for i := range plan.Steps {
		s := &plan.Steps[i]
		d.Plan = append(d.Plan, SopStepDoc{s.Code, s.Title, s.Function, s.Role, int64(s.Within / time.Minute), s.Of, s.After, s.Deliverable, s.Evidence, s.Form, s.How, s.Level, s.Optional})
	}
	return d
}

type restList struct {
	api.Paging
	Query string         `query:"q" maxLength:"200" doc:"Every word must occur."`
	State workflow.State `query:"state" maxLength:"20"`
	Owner access.Member  `query:"owner" maxLength:"8" doc:"Of playbooks."`
	Code  string         `query:"code" maxLength:"40" doc:"Name of a playbook."`
	Event id.ID          `query:"event" maxLength:"40" doc:"Of runs: an event or a family."`
}

// filter is the query of a list that goes on behind a cursor.
func (in *restList) filter(name string) (sop.Filter, string, error) {
	scope := fmt.Sprintf("%s %q %s %s %s %s", name, in.Query, in.State, in.Owner, in.Code, in.Event)
	f := sop.Filter{Query: in.Query, State: in.State, Owner: in.Owner, Code: in.Code, Event: in.Event, Limit: in.Limit}
	keys, err := in.Keys(scope, 2)
	if keys != nil {
		f.After.At, _ = strconv.ParseInt(keys[0], 10, 64)
		f.After.ID = id.ID(keys[1])
	}
	return f, scope, err
}

func cursor(scope string, next sop.Key) string {
	if next.ID == "" {
		return ""
	}
	return api.Cursor(scope, strconv.FormatInt(next.At, 10), string(next.ID))
}

type restNew struct{ Body sop.PlaybookInput }

type restEdit struct {
	api.ByID
	Body sop.PlaybookInput
}

type restStart struct {
	Body struct {
		Playbook id.ID `json:"playbook" maxLength:"40"`
		Event    id.ID `json:"event" maxLength:"40"`
	}
}

type restStep struct {
	api.ByID
	Body struct {
		Verb   workflow.Verb   `json:"verb" maxLength:"40" doc:"One of the offered steps."`
		Reason string          `json:"reason,omitempty" maxLength:"1000"`
		To     []access.Member `json:"to,omitempty" maxItems:"12" doc:"Of a release: the recipients."`
		Files  []id.ID         `json:"files,omitempty" maxItems:"200" doc:"Of a release of progress: the files of its steps that go with it. None goes unless it is named."`
	}
}

type restTask struct {
	api.ByID
	Body struct {
		Verb workflow.Verb `json:"verb" maxLength:"40" doc:"One of the offered steps."`
		sop.TaskInput
	}
}

type restTasks struct {
	Show string `query:"show" enum:"mine,role,late,all" default:"all"`
}

type restCode struct {
	Code string `query:"code" maxLength:"40" doc:"Name of a playbook; empty: all."`
}

// Operations adds the part to the interface for programs.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: "/sop" + path, ID: "sop-" + name, Summary: summary, Tag: "sop", Scope: scope, MustMatch: method == "PUT" || path != "/playbooks" && path != "/runs" && method == "POST"}
	}
	api.Add(a, op("GET", "/playbooks", "playbook-list", "List playbooks, own and received", readScope), g.restBooks)
	api.Add(a, op("POST", "/playbooks", "playbook-create", "Begin a playbook from its file", writeScope), func(ctx context.Context, c *api.Call, in *restNew) (*api.One[SopPlaybookDoc], error) {
		p, err := g.desk.DraftPlaybook(ctx, c.Actor, in.Body)
		return g.restBook(ctx, c, p.ID, err)
	})
	api.Add(a, op("GET", "/playbooks/{id}", "playbook-get", "Read a playbook", readScope), func(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[SopPlaybookDoc], error) {
		return g.restBook(ctx, c, in.Record(), nil)
	})
	api.Add(a, op("PUT", "/playbooks/{id}", "playbook-edit", "Change a draft", writeScope), func(ctx context.Context, c *api.Call, in *restEdit) (*api.One[SopPlaybookDoc], error) {
		seen, err := c.Seen()
		if err == nil {
			_, err = g.desk.EditPlaybook(ctx, c.Actor, in.Record(), seen, in.Body)
		}
		return g.restBook(ctx, c, in.Record(), err)
	})
	api.Add(a, op("POST", "/playbooks/{id}/steps", "playbook-step", "Take a step of a playbook", writeScope), g.restBookStep)
	api.Add(a, op("GET", "/playbooks/{id}/drift", "playbook-drift", "Compare a version with what happened", readScope), g.restDrift)
	api.Add(a, op("GET", "/runs", "run-list", "List playbooks in use", readScope), g.restRuns)
	api.Add(a, op("POST", "/runs", "run-start", "Start a playbook on an own event", writeScope), func(ctx context.Context, c *api.Call, in *restStart) (*api.One[SopRunDoc], error) {
		r, err := g.desk.Start(ctx, c.Actor, in.Body.Playbook, in.Body.Event)
		return g.restRun(ctx, c, r.ID, err)
	})
	api.Add(a, op("GET", "/runs/{id}", "run-get", "Read a run with its tasks", readScope), func(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[SopRunDoc], error) {
		return g.restRun(ctx, c, in.Record(), nil)
	})
	api.Add(a, op("POST", "/runs/{id}/steps", "run-step", "Take a step of a run", writeScope), g.restRunStep)
	api.Add(a, op("GET", "/tasks", "task-list", "List the steps of runs that are open", readScope), g.restTasks)
	api.Add(a, op("GET", "/tasks/{id}", "task-get", "Read a task", readScope), func(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[SopTaskDoc], error) {
		return g.restTask(ctx, c, in.Record(), nil)
	})
	api.Add(a, op("GET", "/tasks/{id}/people", "task-people", "Who can be asked to do a task", readScope), g.restPeople)
	api.Add(a, op("POST", "/tasks/{id}/steps", "task-step", "Take a step of a task", writeScope), func(ctx context.Context, c *api.Call, in *restTask) (*api.One[SopTaskDoc], error) {
		seen, err := c.Seen()
		if err == nil {
			_, err = g.desk.StepTask(ctx, c.Actor, in.Record(), seen, in.Body.Verb, in.Body.TaskInput)
		}
		return g.restTask(ctx, c, in.Record(), err)
	})
	api.Add(a, op("GET", "/progress", "progress-list", "How far each member is, as it released; who told nothing is listed too", readScope), g.restProgress)
}

func (g *Pages) restBooks(ctx context.Context, c *api.Call, in *restList) (*api.List[SopPlaybookDoc], error) {
	f, scope, err := in.filter("playbooks")
	if err != nil {
		return nil, err
	}
	list, next, err := g.desk.ListPlaybooks(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]SopPlaybookDoc, len(list))
	for i := range list {
		out[i] = playbookDoc(&list[i], nil)
	}
	return api.NewList(out, cursor(scope, next)), nil
}

func (g *Pages) restBook(ctx context.Context, c *api.Call, pid id.ID, err error) (*api.One[SopPlaybookDoc], error) {
	if err != nil {
		return nil, err
	}
	p, err := g.desk.PlaybookPage(ctx, c.Actor, pid)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(p.Version), playbookDoc(&p, c.Offers(p.Offers))), nil
}

func (g *Pages) restBookStep(ctx context.Context, c *api.Call, in *restStep) (*api.One[SopPlaybookDoc], error) {
	seen, err := c.Seen()
	switch {
	case err != nil:
	case in.Body.Verb == "release":
		_, err = g.desk.ReleasePlaybook(ctx, c.Actor, in.Record(), seen, in.Body.To)
	default:
		_, err = g.desk.StepPlaybook(ctx, c.Actor, in.Record(), seen, in.Body.Verb, in.Body.Reason)
	}
	return g.restBook(ctx, c, in.Record(), err)
}

func (g *Pages) restRuns(ctx context.Context, c *api.Call, in *restList) (*api.List[SopRunDoc], error) {
	f, scope, err := in.filter("runs")
	if err != nil {
		return nil, err
	}
	list, next, err := g.desk.ListRuns(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	out := make([]SopRunDoc, len(list))
	for i := range list {
		out[i] = SopRunDoc{RunView: list[i]}
	}
	return api.NewList(out, cursor(scope, next)), nil
}

func (g *Pages) restRun(ctx context.Context, c *api.Call, rid id.ID, err error) (*api.One[SopRunDoc], error) {
	if err != nil {
		return nil, err
	}
	r, err := g.desk.RunPage(ctx, c.Actor, rid)
	if err != nil {
		return nil, err
	}
	d := SopRunDoc{RunView: r.RunView, Steps: c.Offers(r.Offers)}
	for i := range r.Tasks {
		d.Tasks = append(d.Tasks, SopTaskDoc{r.Tasks[i].TaskView, c.Offers(r.Tasks[i].Offers)})
	}
	return api.NewOne(int64(r.Version), d), nil
}

func (g *Pages) restRunStep(ctx context.Context, c *api.Call, in *restStep) (*api.One[SopRunDoc], error) {
	seen, err := c.Seen()
	switch {
	case err != nil:
	case in.Body.Verb == "release":
		_, err = g.desk.ReleaseRun(ctx, c.Actor, in.Record(), seen, in.Body.To, in.Body.Files...)
	case in.Body.Verb == "take_back":
		_, err = g.desk.TakeBack(ctx, c.Actor, in.Record(), seen, in.Body.Reason)
	default:
		_, err = g.desk.StepRun(ctx, c.Actor, in.Record(), seen, in.Body.Verb, in.Body.Reason)
	}
	return g.restRun(ctx, c, in.Record(), err)
}

func (g *Pages) restTasks(ctx context.Context, c *api.Call, in *restTasks) (*api.List[SopTaskDoc], error) {
	rows, err := g.desk.ListTasks(ctx, c.Actor, sop.TaskFilter{Mine: in.Show == "mine", Role: in.Show == "role", Late: in.Show == "late"})
	if err != nil {
		return nil, err
	}
	out := make([]SopTaskDoc, len(rows))
	for i := range rows {
		out[i] = SopTaskDoc{rows[i].TaskView, c.Offers(rows[i].Offers)}
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restTask(ctx context.Context, c *api.Call, tid id.ID, err error) (*api.One[SopTaskDoc], error) {
	if err != nil {
		return nil, err
	}
	t, _, err := g.desk.TaskPage(ctx, c.Actor, tid)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(t.Version), SopTaskDoc{t.TaskView, c.Offers(t.Offers)}), nil
}

func (g *Pages) restPeople(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[SopPersonDoc], error) {
	list, err := g.desk.Candidates(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	out := make([]SopPersonDoc, len(list))
	for i := range list {
		out[i] = SopPersonDoc{list[i].Account, list[i].Name}
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restProgress(ctx context.Context, c *api.Call, in *restCode) (*api.List[SopReportDoc], error) {
	list, err := g.desk.Boards(ctx, c.Actor, in.Code)
	if err != nil {
		return nil, err
	}
	var out []SopReportDoc
	for i := range list {
		for j := range list[i].Members {
			m := &list[i].Members[j]
			d := SopReportDoc{Playbook: list[i].Code, Subject: list[i].Subject, Member: m.Member, Report: "none", Release: m.Release}
			if m.Reported {
				d.Progress, d.Report = &m.Progress, "released"
			}
			switch {
			case m.Here:
				d.Report = "own"
			case !m.Back.IsZero():
				d.Report = "taken_back"
			}
			out = append(out, d)
		}
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restDrift(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[SopDriftDoc], error) {
	d, err := g.desk.Drift(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	reasons := func(all []sop.Said) []string {
		var out []string
		for _, s := range all {
			out = append(out, s.Reason)
		}
		return out
	}
	var out []SopDriftDoc
	for i := range d.Steps {
		s := &d.Steps[i]
		out = append(out, SopDriftDoc{Code: s.Code, Title: s.Title, Minutes: int64(s.Within / time.Minute), Asked: s.Runs, Finished: s.Finished, Timed: s.Done, Median: s.Median.Minutes(), Least: s.Least.Minutes(),
			Most: s.Most.Minutes(), Late: s.Late, Blocked: s.Blocked, BlockedBy: reasons(s.Blocks), Not: len(s.Not), NotBy: reasons(s.Not), Skipped: len(s.Skips), SkippedBy: reasons(s.Skips), Shown: s.Shown, Bare: s.Bare})
	}
	return api.NewList(out, ""), nil
}
