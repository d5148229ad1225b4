package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// RegistrationInput is what a state's own authority says of an item.
type RegistrationInput struct {
	Status string `json:"status" enum:"registered,emergency,permit,not_registered"`
	Ref    string `json:"ref,omitempty"`
	Until  string `json:"until,omitempty" format:"date"`
	Words  string `json:"words,omitempty"`
}

// divisionOperations are the votes on a division, what can be divided, and what
// is to be sent by what was decided.
func (g *Pages) divisionOperations(a *api.API) {
	votes := rest[reserve.VoteContent, Doc[reserve.VoteContent], VoteInput]{name: "vote", plural: "votes", get: g.desk.Vote, docs: plain[reserve.VoteContent], verbs: "give (by a second person with authority), discard.",
		edit: func(ctx context.Context, c *api.Call, rid id.ID, seen int, in VoteInput) error {
			x := in.input()
			_, err := g.desk.StepVote(ctx, c.Actor, rid, seen, "edit", &x)
			return err
		}, step: func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, _ string) error {
			_, err := g.desk.StepVote(ctx, a, rid, seen, verb, nil)
			return err
		}}
	votes.add(a)
	api.Add(a, makes(op("POST", "allocations/{id}/votes", "vote-create", "Draft this state's vote on a division", writeScope)), func(ctx context.Context, c *api.Call, in *changeBody[VoteInput]) (*api.Made[Doc[reserve.VoteContent]], error) {
		v, err := g.desk.DraftVote(ctx, c.Actor, in.Record(), in.Body.input())
		return votes.made(ctx, c, v.ID, err)
	})
	api.Add(a, op("GET", "sources", "source-list", "List what can be divided of an item: stated stock and pledges in force", readScope), g.restSources)
	api.Add(a, op("GET", "due-lines", "due-line-list", "List what this member is to send by adopted divisions and has not prepared", readScope), g.restDueLines)
	api.Add(a, hides(op("GET", "rules", "rule-list", "List the published formulas and the rules of adoption", readScope)), g.restRules)
	try := hides(op("POST", "simulations", "simulation", "Try a division: nothing is stored or sent", readScope))
	try.Description = "The same rule and the same inputs give the same numbers at every node. What is absent is not known, never 0."
	api.Add(a, try, g.restSimulate)
}

func (g *Pages) goodsOperations(a *api.API) {
	d := g.desk
	rest[reserve.MovementContent, Doc[reserve.MovementContent], MovementInput]{name: "movement", plural: "movements", list: d.Movements, get: d.Movement, docs: plain[reserve.MovementContent], verbs: "dispatch, cancel.",
		create: func(ctx context.Context, c *api.Call, in MovementInput) (id.ID, error) {
			r, err := d.Prepare(ctx, c.Actor, in.input())
			return r.ID, err
		}, edit: func(ctx context.Context, c *api.Call, rid id.ID, seen int, in MovementInput) error {
			_, err := d.EditMovement(ctx, c.Actor, rid, seen, in.input())
			return err
		}, step: func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) error {
			_, err := d.StepMovement(ctx, a, rid, seen, verb, reason)
			return err
		}}.add(a)
	arrivals := rest[reserve.ArrivalContent, Doc[reserve.ArrivalContent], none]{name: "arrival", plural: "arrivals", list: d.Arrivals, get: d.Arrival, docs: plain[reserve.ArrivalContent]}
	arrivals.add(a)
	step := changes(op("POST", "arrivals/{id}/steps", "arrival-step", "Take a step with goods that come to this member", writeScope),
		"hold (with the reason and the reference of customs), free, receive (with the warehouse and every load).")
	api.Add(a, step, func(ctx context.Context, c *api.Call, in *changeBody[ArrivalStep]) (*api.One[Doc[reserve.ArrivalContent]], error) {
		seen, err := c.Seen()
		if err == nil {
			_, err = d.StepArrival(ctx, c.Actor, in.Record(), seen, workflow.Verb(in.Body.Verb), in.Body.Reason, in.Body.HoldRef, in.Body.receipt())
		}
		return arrivals.read(ctx, c, in.Record(), err)
	})
	rest[reserve.DebtContent, Doc[reserve.DebtContent], none]{name: "debt", plural: "debts", list: d.Debts, get: d.Debt, docs: plain[reserve.DebtContent]}.add(a)
	rest[reserve.RegistrationContent, reserve.RegistrationView, none]{name: "registration", plural: "registrations", list: d.Registrations,
		docs: func(_ context.Context, _ *api.Call, ps []reserve.Page[reserve.RegistrationContent]) ([]reserve.RegistrationView, error) {
			out := make([]reserve.RegistrationView, len(ps))
			for i := range ps {
				out[i] = ps[i].View
			}
			return out, nil
		}}.add(a)
	api.Add(a, op("PUT", "items/{id}/registration", "registration-declare", "Declare how an item stands in this state", writeScope), g.restDeclare)
}

// ArrivalStep is a step with what it needs.
type ArrivalStep struct {
	api.StepBody
	HoldRef   string        `json:"hold_ref,omitempty" doc:"Of a hold: the reference of customs."`
	Warehouse string        `json:"warehouse,omitempty" doc:"Of a receipt: where the usable goods go."`
	Landed    []LandedInput `json:"landed,omitempty" doc:"Of a receipt: every load."`
}

// LandedInput is what came of one load. Usable, short and damaged together are
// what was sent.
type LandedInput struct {
	N       int    `json:"n"`
	OK      int64  `json:"ok"`
	Short   int64  `json:"short"`
	Damaged int64  `json:"damaged"`
	Words   string `json:"words,omitempty" doc:"Needed where something is short or damaged."`
}

func (in ArrivalStep) receipt() *reserve.ReceiptInput {
	if in.Verb != "receive" {
		return nil
	}
	out := &reserve.ReceiptInput{Warehouse: in.Warehouse}
	for _, l := range in.Landed {
		out.Landed = append(out.Landed, reserve.Landed{Load: reserve.Load{N: l.N}, OK: l.OK, Short: l.Short, Damaged: l.Damaged, Words: l.Words})
	}
	return out
}

func (g *Pages) restDeclare(ctx context.Context, c *api.Call, in *changeBody[RegistrationInput]) (*api.One[reserve.RegistrationView], error) {
	b := in.Body
	r, err := g.desk.Declare(ctx, c.Actor, reserve.RegistrationContent{Item: in.Record(), Status: b.Status, Ref: b.Ref, Until: b.Until, Words: b.Words})
	if err != nil {
		return nil, err
	}
	list, _, err := g.desk.Registrations(ctx, c.Actor, reserve.Filter{Item: in.Record(), Owner: g.desk.Member(), Limit: 1})
	if err == nil && len(list) == 0 {
		err = desk.NotFound()
	}
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(r.Version), list[0]), nil
}

type itemQuery struct {
	Item string `query:"item" format:"uuid" required:"true"`
}

// SourceDoc is what can be named in a division.
type SourceDoc struct {
	allocation.Source
	Blackout string    `json:"blackout,omitempty" doc:"When the pledge cannot be drawn."`
	AsOf     time.Time `json:"as_of"`
}

func (g *Pages) restSources(ctx context.Context, c *api.Call, in *itemQuery) (*api.List[SourceDoc], error) {
	list, err := g.desk.Sources(ctx, c.Actor, api.Ref(in.Item))
	out := make([]SourceDoc, len(list))
	for i, s := range list {
		out[i] = SourceDoc{s.Source, s.Blackout, s.AsOf}
	}
	return api.NewList(out, ""), err
}

// DueLineDoc is a line of an adopted division that this member is to send.
type DueLineDoc struct {
	Allocation id.ID           `json:"allocation"`
	Title      string          `json:"title"`
	Item       id.ID           `json:"item"`
	Name       string          `json:"name"`
	Unit       string          `json:"unit"`
	Replace    int             `json:"replace_days"`
	Line       allocation.Line `json:"line"`
	Left       int64           `json:"left" doc:"Not prepared yet."`
	Unsent     int64           `json:"unsent" doc:"Not dispatched yet."`
	Decided    time.Time       `json:"decided"`
}

func (g *Pages) restDueLines(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[DueLineDoc], error) {
	list, err := g.desk.DueLines(ctx, c.Actor)
	out := make([]DueLineDoc, len(list))
	for i, l := range list {
		out[i] = DueLineDoc{l.Allocation, l.Title, l.Item, l.Name, l.Unit, l.Replace, l.Line, l.Left, l.Unsent, l.Decided}
	}
	return api.NewList(out, ""), err
}

// RulesDoc are the rules by which goods are divided and by which votes decide.
type RulesDoc struct {
	Formulas  []FormulaDoc  `json:"formulas" nullable:"false"`
	Adoptions []AdoptionDoc `json:"adoptions" nullable:"false"`
}

// FormulaDoc is a published version of the formula.
type FormulaDoc struct {
	allocation.Rule
	Digest string `json:"digest"`
}

// AdoptionDoc is a rule by which votes become a decision.
type AdoptionDoc struct {
	Key     string `json:"key"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
	Silence string `json:"silence" doc:"What who says nothing counts as."`
}

func (g *Pages) restRules(_ context.Context, c *api.Call, _ *struct{}) (*api.One[RulesDoc], error) {
	if !reserve.Sees(c.Actor) {
		return nil, desk.NotFound()
	}
	out := RulesDoc{Formulas: []FormulaDoc{}, Adoptions: []AdoptionDoc{}}
	for _, r := range allocation.Rules() {
		out.Formulas = append(out.Formulas, FormulaDoc{r, r.Digest})
	}
	for _, x := range g.desk.Rules() {
		out.Adoptions = append(out.Adoptions, AdoptionDoc(x))
	}
	return api.Copied(out), nil
}

// Simulation is a division to be tried.
type Simulation struct {
	Rule    string              `json:"rule" example:"need"`
	Version string              `json:"rule_version" example:"1"`
	Weights []int64             `json:"weights,omitempty" minItems:"4" maxItems:"4" doc:"Instead of the rule's own: need, risk, capacity and time in per cent, together 100."`
	Stock   int64               `json:"stock" minimum:"0"`
	Claims  []allocation.Claim  `json:"claims" nullable:"false"`
	Sources []allocation.Source `json:"sources,omitempty" doc:"With them it is said who sends what."`
}

// SimulationDoc is what comes out.
type SimulationDoc struct {
	Result allocation.Result `json:"result"`
	Lines  []allocation.Line `json:"lines,omitempty"`
	Unmet  int64             `json:"unmet" doc:"What of the lines only the claimants themselves have."`
}

func (*Pages) restSimulate(_ context.Context, c *api.Call, in *newBody[Simulation]) (*api.One[SimulationDoc], error) {
	if !reserve.Sees(c.Actor) {
		return nil, desk.NotFound()
	}
	b := in.Body
	rule, ok := allocation.Find(b.Rule, b.Version)
	var check fault.Check
	check.That(ok, "rule", "fault.reserve.choice")
	for i, s := range b.Sources {
		check.Row(s.Qty >= 1 && s.Qty <= reserve.MaxQty, i+1, "sources", "fault.reserve.qty", fault.Args{"max": reserve.MaxQty})
	}
	check.That(len(b.Sources) <= 100, "sources", "fault.too_many", fault.Args{"max": 100})
	if err := check.Err(); err != nil {
		return nil, err
	}
	copy(rule.Weights[:], b.Weights)
	out, err := allocation.Allocate(rule, allocation.Input{Stock: b.Stock, Claims: b.Claims})
	if err != nil {
		return nil, err
	}
	d := SimulationDoc{Result: out}
	if len(b.Sources) > 0 {
		d.Lines, d.Unmet = allocation.Plan(out.Shares, b.Sources)
	}
	return api.Copied(d), nil
}
