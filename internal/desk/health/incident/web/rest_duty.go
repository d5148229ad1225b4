package web

import (
	"context"
	"slices"
	"time"

	"lintas/internal/api"
	"lintas/internal/desk"
	"lintas/internal/desk/health/incident"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// DutyDoc is one post in one function for one shift.
type DutyDoc struct {
	ID       id.ID          `json:"id"`
	Version  int            `json:"version"`
	State    workflow.State `json:"state"`
	Function string         `json:"function"`
	Post     string         `json:"post"`
	From     time.Time      `json:"from"`
	To       time.Time      `json:"to"`
	Taken    time.Time      `json:"taken,omitzero"`
	Handed   time.Time      `json:"handed_over,omitzero"`
	Brief    string         `json:"brief,omitempty" doc:"Of the hand-over."`
	Pending  string         `json:"pending,omitempty"`
	Relief   string         `json:"relieved_by,omitempty"`
	Ended    time.Time      `json:"ended,omitzero"`
	Steps    []api.Offer    `json:"steps" nullable:"false"`
}

// RequirementDoc is a critical information requirement.
type RequirementDoc struct {
	ID        id.ID          `json:"id"`
	Version   int            `json:"version"`
	State     workflow.State `json:"state"`
	Text      string         `json:"text"`
	Threshold string         `json:"threshold,omitempty"`
	Tell      string         `json:"tell" doc:"Function that must acknowledge."`
	Minutes   int            `json:"minutes" doc:"Within which."`
	Watch     string         `json:"watch,omitempty" doc:"What the node itself sees; absent: only a person rings."`
	Hazard    string         `json:"hazard,omitempty"`
	Least     int            `json:"least,omitempty"`
}

// CheckoutDoc is the release of a function or a resource.
type CheckoutDoc struct {
	ID        id.ID          `json:"id"`
	Version   int            `json:"version"`
	State     workflow.State `json:"state"`
	Function  string         `json:"function,omitempty"`
	Resource  string         `json:"resource,omitempty"`
	Items     []ItemDoc      `json:"items" nullable:"false"`
	Words     string         `json:"words,omitempty"`
	Cleared   time.Time      `json:"released,omitzero"`
	ClearedBy string         `json:"released_by,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Steps     []api.Offer    `json:"steps" nullable:"false"`
}

// ItemDoc is something that is still owed.
type ItemDoc struct {
	Text string `json:"text"`
	Done bool   `json:"done,omitempty"`
	To   string `json:"to,omitempty" doc:"Who takes it on, where it is not done."`
}

func dutyDoc(c *api.Call, x *incident.DutyView) DutyDoc {
	return DutyDoc{ID: x.ID, Version: x.Version, State: x.State, Function: x.Function, Post: x.Post, From: x.From, To: x.To, Taken: x.Taken, Handed: x.Handed, Brief: x.Brief, Pending: x.Pending,
		Relief: x.Relief, Ended: x.Ended, Steps: c.Offers(x.Offers)}
}

func requirementDoc(x *incident.Requirement) RequirementDoc {
	return RequirementDoc{ID: x.ID, Version: x.Version, State: x.State, Text: x.Text, Threshold: x.Threshold, Tell: x.Tell, Minutes: x.Minutes, Watch: x.Watch, Hazard: x.Hazard, Least: x.Least}
}

func checkoutDoc(c *api.Call, x *incident.CheckoutView) CheckoutDoc {
	d := CheckoutDoc{ID: x.ID, Version: x.Version, State: x.State, Function: x.Function, Resource: x.Resource, Items: []ItemDoc{}, Words: x.Words, Cleared: x.Cleared, ClearedBy: x.ClearedAs,
		Reason: x.Reason, Steps: c.Offers(x.Offers)}
	for _, it := range x.Items {
		d.Items = append(d.Items, ItemDoc(it))
	}
	return d
}

// moreOperations are those of the records of an incident.
func (g *Pages) moreOperations(a *api.API, op func(method, path, name, summary, scope string) api.Op) {
	get := func(path, name, summary string) api.Op { return op("GET", "/{id}"+path, name, summary, readScope) }
	post := func(path, name, summary string, status int) api.Op {
		o := op("POST", "/{id}"+path, name, summary, writeScope)
		o.Status = status
		return o
	}
	match := func(method, path, name, summary string) api.Op {
		o := op(method, "/{id}"+path, name, summary, writeScope)
		o.MustMatch = true
		return o
	}
	api.Add(a, get("/duties", "duties", "Read the roster"), g.restDuties)
	api.Add(a, post("/duties", "roster", "Name posts for a shift", 204), g.restRoster)
	api.Add(a, match("POST", "/duties/{duty}/steps", "duty-step", "Take, hand over, relieve, end or cancel a duty"), g.restStepDuty)
	api.Add(a, get("/plans", "plans", "List the action plans, the newest first"), g.restPlans)
	api.Add(a, post("/plans", "plan-draft", "Begin the plan of the next period, or amend one", 201), g.restDraft)
	api.Add(a, get("/plans/{plan}", "plan", "Read an action plan"), g.restPlan)
	api.Add(a, match("PUT", "/plans/{plan}", "plan-edit", "Write a draft"), g.restEditPlan)
	api.Add(a, match("POST", "/plans/{plan}/steps", "plan-step", "Submit, return, approve, begin, close or discard a plan"), g.restStepPlan)
	api.Add(a, get("/requirements", "requirements", "List the critical information requirements"), g.restRequirements)
	api.Add(a, post("/requirements", "require", "Add a critical information requirement", 204), g.restRequire)
	api.Add(a, match("POST", "/requirements/{requirement}/retirement", "retire", "Take a requirement out of use"), g.restRetire)
	api.Add(a, post("/requirements/{requirement}/rings", "ring", "Say that a requirement was met", 200), g.restRing)
	api.Add(a, get("/rings", "rings", "List what rang, what still rings first"), g.restRings)
	api.Add(a, match("POST", "/rings/{ring}/acknowledgement", "acknowledge", "Acknowledge what rings, for the function that it names"), g.restAck)
	api.Add(a, get("/checkouts", "checkouts", "List what is released or to be released"), g.restCheckouts)
	api.Add(a, post("/checkouts", "checkout", "Begin the release of a function or resource", 204), g.restCheckout)
	api.Add(a, match("POST", "/checkouts/{checkout}/steps", "checkout-step", "Edit, clear, cancel or reopen a release"), g.restStepCheckout)
}

// booked reads the incident of a record and finds the record in it; one of
// another incident is not found.
func booked[V any](ctx context.Context, g *Pages, c *api.Call, iid id.ID, of func(*incident.Book) []V, is func(*V) bool) (V, error) {
	var none V
	b, err := g.desk.Book(ctx, c.Actor, iid)
	if err != nil {
		return none, err
	}
	list := of(&b)
	i := slices.IndexFunc(list, func(v V) bool { return is(&v) })
	if i < 0 {
		return none, desk.NotFound()
	}
	return list[i], nil
}

func (g *Pages) restDuties(ctx context.Context, c *api.Call, in *api.ByID) (*api.List[DutyDoc], error) {
	b, err := g.desk.Book(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	out := make([]DutyDoc, len(b.Duties))
	for i := range b.Duties {
		out[i] = dutyDoc(c, &b.Duties[i])
	}
	return api.NewList(out, ""), nil
}

func (g *Pages) restRoster(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Body struct {
		From  time.Time `json:"from"`
		To    time.Time `json:"to"`
		Posts []struct {
			Function string `json:"function"`
			Account  id.ID  `json:"account"`
		} `json:"posts"`
	}
}) (*api.None, error) {
	var posts []incident.Post
	for _, p := range in.Body.Posts {
		posts = append(posts, incident.Post{Function: p.Function, Holder: p.Account})
	}
	_, err := g.desk.Roster(ctx, c.Actor, in.Record(), incident.Shift{From: in.Body.From, To: in.Body.To}, posts)
	return &api.None{}, err
}

func (g *Pages) restStepDuty(ctx context.Context, c *api.Call, in *struct {
	api.ByID
	Duty string `path:"duty" format:"uuid"`
	Body struct {
		Verb    string `json:"verb" enum:"take,cancel,hand_over,relieve,end"`
		Brief   string `json:"brief,omitempty" doc:"Of a hand-over."`
		Pending string `json:"pending,omitempty"`
		Reason  string `json:"reason,omitempty" doc:"Of an end."`
	}
}) (*api.One[DutyDoc], error) {
	find := func() (incident.DutyView, error) {
		return booked(ctx, g, c, in.Record(), func(b *incident.Book) []incident.DutyView { return b.Duties }, func(d *incident.DutyView) bool { return d.ID == api.Ref(in.Duty) })
	}
	seen, err := c.Seen()
	if err == nil {
		_, err = find()
	}
	if err == nil {
		_, err = g.desk.StepDuty(ctx, c.Actor, api.Ref(in.Duty), seen, workflow.Verb(in.Body.Verb), incident.DutyInput{Brief: in.Body.Brief, Pending: in.Body.Pending, Reason: in.Body.Reason})
	}
	if err != nil {
		return nil, err
	}
	x, err := find()
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(x.Version), dutyDoc(c, &x)), nil
}
