package web

import (
	"context"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/contact"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Scopes of a token, those of the health desk.
const (
	readScope  = "health.read"
	writeScope = "health.write"
)

// MemberDoc is what one member has given.
type MemberDoc struct {
	Member   access.Member  `json:"member"`
	Contacts []ContactDoc   `json:"contacts" nullable:"false"`
	Gaps     []contact.Role `json:"gaps" nullable:"false" doc:"Required roles for which nobody holds today."`
}

// ContactDoc is a contact and how it is to be taken today.
type ContactDoc struct {
	contact.Contact
	Standing contact.Standing `json:"standing" enum:"valid,stale,future,expired"`
}

// CheckDoc is a communication check with its results.
type CheckDoc struct {
	ID       id.ID          `json:"id"`
	State    workflow.State `json:"state"`
	Role     contact.Role   `json:"role,omitempty"`
	Urgent   bool           `json:"urgent"`
	Issued   time.Time      `json:"issued"`
	By       time.Time      `json:"by"`
	Asked    int            `json:"asked"`
	Replied  int            `json:"replied"`
	InTime   int            `json:"in_time"`
	Median   *float64       `json:"median_minutes,omitempty"`
	Results  []ResultDoc    `json:"results,omitempty"`
	Exercise string         `json:"exercise,omitempty"`
}

// ResultDoc is one member's answer; without a time it is silent.
type ResultDoc struct {
	Member    access.Member `json:"member"`
	Delivered time.Time     `json:"delivered,omitzero"`
	Opened    time.Time     `json:"opened,omitzero"`
	Answered  time.Time     `json:"answered,omitzero"`
	Minutes   *float64      `json:"minutes,omitempty"`
	Late      bool          `json:"late"`
	Post      string        `json:"post,omitempty"`
	Words     string        `json:"words,omitempty"`
}

// CallDoc is a check that waits for this node's answer.
type CallDoc struct {
	ID     id.ID         `json:"id"`
	From   access.Member `json:"from"`
	Role   contact.Role  `json:"role,omitempty"`
	Urgent bool          `json:"urgent"`
	Issued time.Time     `json:"issued"`
	By     time.Time     `json:"by"`
}

// NewCheck is what is chosen before the one press.
type NewCheck struct {
	To       []access.Member `json:"to"`
	Role     contact.Role    `json:"role,omitempty"`
	Words    string          `json:"words,omitempty"`
	Urgent   bool            `json:"urgent"`
	Exercise bool            `json:"exercise"`
	Minutes  int             `json:"minutes" example:"60"`
}

// CheckByID is the input of an operation on one check.
type CheckByID struct {
	ID string `path:"id" format:"uuid" doc:"The check's identifier."`
}

func (in CheckByID) id() id.ID {
	v, err := id.Parse(in.ID)
	if err != nil {
		return ""
	}
	return v
}

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	op := func(method, path, name, summary, scope string) api.Op {
		return api.Op{Method: method, Path: "/contact" + path, ID: "contact-" + name, Summary: summary, Tag: "contact", Scope: scope}
	}
	api.Add(a, op("GET", "/directory", "directory", "Read the focal points of every member", readScope), g.restDirectory)
	api.Add(a, op("GET", "/checks", "check-list", "List the newest communication checks of this node", readScope), g.restChecks)
	api.Add(a, op("POST", "/checks", "check-call", "Call a communication check", writeScope), g.restCall)
	api.Add(a, op("GET", "/checks/{id}", "check-get", "Read a check with its results", readScope), g.restCheck)
	off := op("POST", "/checks/{id}/off", "check-off", "Call a running check off", writeScope)
	off.Description = "The members that were asked are told, with the reason."
	api.Add(a, off, g.restOff)
	g.ownOperations(a)
	api.Add(a, op("GET", "/calls", "call-list", "List the checks that wait for this node's answer", readScope), g.restCalls)
	api.Add(a, op("POST", "/calls/{id}/here", "call-here", "Answer a check: we are here", writeScope), g.restHere)
}

func (g *Pages) restDirectory(ctx context.Context, c *api.Call, in *struct {
	Member string `query:"member" maxLength:"8"`
	Role   string `query:"role" maxLength:"20"`
}) (*api.List[MemberDoc], error) {
	sections, err := g.desk.Directory(ctx, c.Actor, contact.Filter{Member: access.Member(in.Member), Role: contact.Role(in.Role)})
	if err != nil {
		return nil, err
	}
	out := make([]MemberDoc, len(sections))
	for i, s := range sections {
		out[i] = MemberDoc{Member: s.Member, Contacts: []ContactDoc{}, Gaps: append([]contact.Role{}, s.Gaps...)}
		for _, e := range s.Rows {
			out[i].Contacts = append(out[i].Contacts, ContactDoc{e.Contact, e.Stands})
		}
	}
	return api.NewList(out, ""), nil
}

func summaryDoc(s *contact.Summary) CheckDoc {
	d := CheckDoc{ID: s.ID, State: s.State, Role: s.Role, Urgent: s.Urgent, Issued: s.Issued, By: s.By, Asked: s.Asked, Replied: s.Replied, InTime: s.InTime, Exercise: s.Exercise}
	if s.HasMedian {
		d.Median = &s.Median
	}
	return d
}

func (g *Pages) restChecks(ctx context.Context, c *api.Call, in *struct{ api.Paging }) (*api.List[CheckDoc], error) {
	const scope = "contact-check-list"
	keys, err := in.Keys(scope, 1)
	if err != nil {
		return nil, err
	}
	var before time.Time
	if keys != nil {
		micros, _ := strconv.ParseInt(keys[0], 10, 64)
		before = time.UnixMicro(micros).UTC()
	}
	list, next, err := g.desk.CheckList(ctx, c.Actor, before, in.Limit)
	if err != nil {
		return nil, err
	}
	out := make([]CheckDoc, len(list))
	for i := range list {
		out[i] = summaryDoc(&list[i])
	}
	cursor := ""
	if !next.IsZero() {
		cursor = api.Cursor(scope, strconv.FormatInt(next.UnixMicro(), 10))
	}
	return api.NewList(out, cursor), nil
}

func (g *Pages) restOff(ctx context.Context, c *api.Call, in *struct {
	CheckByID
	Body struct {
		Reason string `json:"reason"`
	}
}) (*api.One[CheckDoc], error) {
	if _, err := g.desk.CallOff(ctx, c.Actor, in.id(), 0, in.Body.Reason); err != nil {
		return nil, err
	}
	return g.restRead(ctx, c, in.id())
}

func (g *Pages) restRead(ctx context.Context, c *api.Call, i id.ID) (*api.One[CheckDoc], error) {
	p, err := g.desk.CheckPage(ctx, c.Actor, i)
	if err != nil {
		return nil, err
	}
	d := summaryDoc(&p.Summary)
	for i := range p.Results {
		r := &p.Results[i]
		x := ResultDoc{Member: r.Member, Delivered: r.Delivered, Opened: r.Opened, Answered: r.Answered, Late: r.Late, Post: r.Post, Words: r.Words}
		if !r.Silent() {
			x.Minutes = &r.Took
		}
		d.Results = append(d.Results, x)
	}
	// No ETag: answers change what is read without a new version of the check.
	return &api.One[CheckDoc]{Body: d}, nil
}

func (g *Pages) restCheck(ctx context.Context, c *api.Call, in *CheckByID) (*api.One[CheckDoc], error) {
	return g.restRead(ctx, c, in.id())
}

func (g *Pages) restCall(ctx context.Context, c *api.Call, in *struct{ Body NewCheck }) (*api.One[CheckDoc], error) {
	b := in.Body
	k, err := g.desk.Call(ctx, c.Actor, contact.CheckInput{To: b.To, Role: b.Role, Words: b.Words, Urgent: b.Urgent, Exercise: b.Exercise,
		Within: time.Duration(min(max(b.Minutes, 0), 100000)) * time.Minute})
	if err != nil {
		return nil, err
	}
	return g.restRead(ctx, c, k.ID)
}

func callDoc(k *contact.Call) CallDoc {
	return CallDoc{ID: k.ID, From: k.From, Role: k.Body.Role, Urgent: k.Body.Urgent, Issued: k.Body.Issued, By: k.Body.By}
}

func (g *Pages) restCalls(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[CallDoc], error) {
	ring, err := g.desk.Ringing(ctx, c.Actor)
	out := make([]CallDoc, len(ring))
	for i := range ring {
		out[i] = callDoc(&ring[i])
	}
	return api.NewList(out, ""), err
}

func (g *Pages) restHere(ctx context.Context, c *api.Call, in *struct {
	CheckByID
	Body struct {
		Words string `json:"words,omitempty"`
	}
}) (*api.One[CallDoc], error) {
	k, err := g.desk.Here(ctx, c.Actor, in.id(), in.Body.Words)
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(k.Version), callDoc(&k)), nil
}
