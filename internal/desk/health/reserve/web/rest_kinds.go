package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ItemInput is what a caller writes of an item.
type ItemInput struct {
	reserve.Shared
	reserve.ItemContent
}

// LotBody is what a caller writes of a lot.
type LotBody struct {
	Number  string        `json:"number"`
	Maker   string        `json:"maker"`
	Expires string        `json:"expires,omitempty" format:"date" doc:"The last day of use, to its end in UTC; absent: does not expire."`
	Holder  access.Member `json:"holder" doc:"Whose property it is."`
}

func (in LotBody) input(item id.ID) reserve.LotInput {
	return reserve.LotInput{Item: item, Number: in.Number, Maker: in.Maker, Expires: in.Expires, Holder: in.Holder}
}

// LotInput is a lot with what of it is booked in, or its correction.
type LotInput struct {
	LotBody
	Item      string `json:"item,omitempty" format:"uuid" doc:"Of a new lot."`
	Kind      string `json:"kind,omitempty" enum:"opening,supply,from_national,count_more" doc:"Of a new lot: as what it is booked in."`
	Warehouse string `json:"warehouse,omitempty" example:"CENTRAL"`
	Qty       int64  `json:"qty,omitempty"`
	Words     string `json:"words,omitempty" doc:"Of a correction: why."`
}

// PledgeInput is what a caller writes of a pledge.
type PledgeInput struct {
	reserve.Shared
	Item     string `json:"item" format:"uuid"`
	Qty      int64  `json:"qty" minimum:"1"`
	Notice   int    `json:"notice_hours" minimum:"0"`
	Blackout string `json:"blackout,omitempty" doc:"When it cannot be drawn."`
	Until    string `json:"until" format:"date" doc:"The last day."`
}

func (in PledgeInput) content() reserve.PledgeContent {
	return reserve.PledgeContent{Item: api.Ref(in.Item), Qty: in.Qty, Notice: in.Notice, Blackout: in.Blackout, Until: in.Until}
}

// DrawInput is what a caller writes of a request to the reserve.
type DrawInput struct {
	reserve.Shared
	Title    string `json:"title"`
	Item     string `json:"item" format:"uuid"`
	Event    string `json:"event,omitempty" format:"uuid"`
	Qty      int64  `json:"qty" minimum:"1"`
	NeededBy string `json:"needed_by" format:"date"`
	Where    string `json:"where,omitempty"`
	Reasons  string `json:"reasons"`
	Need     *int64 `json:"need,omitempty" doc:"Units needed. Absent is not known, never 0; so with the figures below."`
	Have     *int64 `json:"own_stock,omitempty"`
	Persons  *int64 `json:"persons,omitempty" doc:"At risk."`
	Risk     *int64 `json:"risk,omitempty" doc:"0 to 4."`
	Capacity *int64 `json:"capacity,omitempty" doc:"Own capacity in per cent."`
	Source   string `json:"source,omitempty" doc:"Where the figures are from; needed with any of them."`
	AsOf     string `json:"as_of,omitempty" format:"date"`
}

func (in DrawInput) content() reserve.DrawContent {
	return reserve.DrawContent{Title: in.Title, Item: api.Ref(in.Item), Event: api.Ref(in.Event), Qty: in.Qty, NeededBy: in.NeededBy, Where: in.Where, Reasons: in.Reasons, Need: in.Need, Have: in.Have,
		Persons: in.Persons, Risk: in.Risk, Capacity: in.Capacity, Source: in.Source, AsOf: in.AsOf}
}

// DrawDoc is a request with what came of it.
type DrawDoc struct {
	Doc[reserve.DrawContent]
	Progress *reserve.Progress `json:"progress,omitempty" doc:"Of a request that was sent: what was decided and sent for it, as far as is known here."`
}

// SourceInput is a source of a division; its notice is read from the pledge.
type SourceInput struct {
	Member access.Member `json:"member"`
	Pool   string        `json:"pool" enum:"physical,pledge"`
	Pledge string        `json:"pledge,omitempty" format:"uuid"`
	Qty    int64         `json:"qty" minimum:"1"`
}

// AllocationInput is what a caller writes of a division. What the formula takes
// from the requests is read, not written.
type AllocationInput struct {
	reserve.Shared
	Title     string        `json:"title"`
	Item      string        `json:"item" format:"uuid"`
	Draws     []string      `json:"draws" nullable:"false"`
	Rule      string        `json:"rule" example:"need"`
	Version   string        `json:"rule_version" example:"1"`
	Sources   []SourceInput `json:"sources" nullable:"false" doc:"Of GET /reserve/sources."`
	Rationale string        `json:"rationale"`
	Replace   int           `json:"replace_days" doc:"0: nothing is owed."`
	Adopt     string        `json:"adopt" example:"consensus"`
	Window    int           `json:"window_hours"`
}

func (g *Pages) division(ctx context.Context, c *api.Call, in AllocationInput) (reserve.AllocationInput, error) {
	out := reserve.AllocationInput{Shared: in.Shared, Title: in.Title, Item: api.Ref(in.Item), Rule: in.Rule, Version: in.Version, Rationale: in.Rationale, Replace: in.Replace, Adopt: in.Adopt, Window: in.Window}
	for _, d := range in.Draws {
		out.Draws = append(out.Draws, api.Ref(d))
	}
	for _, s := range in.Sources {
		out.Sources = append(out.Sources, allocation.Source{Member: string(s.Member), Pool: s.Pool, Pledge: s.Pledge, Qty: s.Qty})
	}
	return out, g.notices(ctx, c.Actor, &out)
}

// AllocationDoc is a division as this node judges it now.
type AllocationDoc struct {
	Doc[reserve.AllocationContent]
	Outcome    string     `json:"outcome,omitempty" doc:"Of the vote, as this node computes it."`
	Votes      []VoiceDoc `json:"votes,omitempty" doc:"The stand of every state."`
	Recomputes bool       `json:"recomputes" doc:"The shares and lines come out as they are stored."`
	Fault      string     `json:"fault,omitempty" doc:"Why they cannot be worked out at all."`
	Mine       []id.ID    `json:"mine,omitempty" doc:"Votes of this state, the newest first."`
}

// VoiceDoc is the stand of one state on a division.
type VoiceDoc struct {
	Member  access.Member `json:"member"`
	Stance  string        `json:"stance"`
	Reasons string        `json:"reasons,omitempty"`
	At      time.Time     `json:"at,omitzero"`
	Release id.ID         `json:"release,omitempty"`
}

// allocationDocs reads each division whole: its list is short.
func (g *Pages) allocationDocs(ctx context.Context, c *api.Call, ps []reserve.Page[reserve.AllocationContent]) ([]AllocationDoc, error) {
	out, v := make([]AllocationDoc, len(ps)), words{Printer: c.Printer}
	for i := range ps {
		p, err := g.desk.Allocation(ctx, c.Actor, ps[i].ID)
		if err != nil {
			return nil, err
		}
		d := AllocationDoc{Doc: docOf(c, &p.Page), Recomputes: p.Same}
		if p.Fault != nil {
			d.Fault = v.why(p.Fault)
		}
		if p.State == reserve.Voted || p.State == reserve.Decided {
			d.Outcome = p.Verdict.Outcome
			for _, s := range p.Verdict.Stands {
				d.Votes = append(d.Votes, VoiceDoc{s.Member, s.Stance, s.Reasons, s.At, s.Release})
			}
		}
		for _, m := range p.Mine {
			d.Mine = append(d.Mine, m.ID)
		}
		out[i] = d
	}
	return out, nil
}

func (g *Pages) drawDocs(ctx context.Context, c *api.Call, ps []reserve.Page[reserve.DrawContent]) ([]DrawDoc, error) {
	var views []reserve.DrawView
	for i := range ps {
		views = append(views, ps[i].View)
	}
	by, err := g.desk.Progress(ctx, c.Actor, views)
	out := make([]DrawDoc, len(ps))
	for i := range ps {
		out[i] = DrawDoc{Doc: docOf(c, &ps[i])}
		if p, ok := by[ps[i].ID]; ok && ps[i].State != reserve.Draft {
			out[i].Progress = &p
		}
	}
	return out, err
}

// VoteInput is what a caller writes of this state's vote.
type VoteInput struct {
	Stance  string `json:"stance" enum:"agree,reserve,disagree,abstain"`
	Reasons string `json:"reasons,omitempty" doc:"Needed unless the stance is plain agreement."`
	Lang    string `json:"lang,omitempty" example:"en"`
}

func (in VoteInput) input() reserve.VoteInput {
	return reserve.VoteInput{Shared: reserve.Shared{Lang: in.Lang}, Stance: in.Stance, Reasons: in.Reasons}
}

// LoadInput is a lot on a movement.
type LoadInput struct {
	Lot       string `json:"lot" format:"uuid"`
	Warehouse string `json:"warehouse"`
	Qty       int64  `json:"qty" minimum:"1"`
}

// MovementInput is what a caller writes of goods to be sent: for a line of a
// division, for a debt, or as a gift.
type MovementInput struct {
	reserve.Shared
	Title      string        `json:"title"`
	Allocation string        `json:"allocation,omitempty" format:"uuid"`
	Line       int           `json:"line,omitempty" doc:"Of the division."`
	Debt       string        `json:"debt,omitempty" format:"uuid"`
	To         access.Member `json:"to,omitempty" doc:"Of a gift."`
	Item       string        `json:"item,omitempty" format:"uuid" doc:"Of a gift."`
	Qty        int64         `json:"qty,omitempty" doc:"Of which the lots that expire first are taken."`
	Loads      []LoadInput   `json:"loads,omitempty" doc:"Instead of a quantity."`
	Carrier    string        `json:"carrier,omitempty"`
	Waybill    string        `json:"waybill,omitempty"`
	ETA        string        `json:"eta,omitempty" format:"date"`
}

func (in MovementInput) input() reserve.MovementInput {
	out := reserve.MovementInput{Shared: in.Shared, Title: in.Title, Allocation: api.Ref(in.Allocation), Line: in.Line, Debt: api.Ref(in.Debt), To: in.To, Item: api.Ref(in.Item), Qty: in.Qty,
		Carrier: in.Carrier, Waybill: in.Waybill, ETA: in.ETA}
	for _, l := range in.Loads {
		out.Loads = append(out.Loads, reserve.Load{Lot: api.Ref(l.Lot), Warehouse: l.Warehouse, Qty: l.Qty})
	}
	return out
}

// none is a kind of record that nobody writes here.
type none struct{}

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	g.stockOperations(a)
	g.pledgeOperations(a)
	g.askOperations(a)
	g.divisionOperations(a)
	g.goodsOperations(a)
	g.bookOperations(a)
	g.proofOperations(a)
}

func (g *Pages) stockOperations(a *api.API) {
	d := g.desk
	rest[reserve.ItemContent, Doc[reserve.ItemContent], ItemInput]{name: "item", plural: "items", list: d.Items, get: d.Item, docs: plain[reserve.ItemContent], verbs: "publish (by a second person), retire, discard.",
		create: func(ctx context.Context, c *api.Call, in ItemInput) (id.ID, error) {
			r, err := d.DraftItem(ctx, c.Actor, in.Shared, in.ItemContent)
			return r.ID, err
		}, edit: func(ctx context.Context, c *api.Call, rid id.ID, seen int, in ItemInput) error {
			p, err := d.Item(ctx, c.Actor, rid)
			if err != nil {
				return err
			}
			verb := workflow.Verb("edit")
			if p.State != reserve.Draft {
				verb = "revise"
			}
			_, err = d.StepItem(ctx, c.Actor, rid, seen, verb, "", &in.ItemContent)
			return err
		}, step: func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) error {
			_, err := d.StepItem(ctx, a, rid, seen, verb, reason, nil)
			return err
		}}.add(a)
	rest[reserve.LotContent, Doc[reserve.LotContent], LotInput]{name: "lot", plural: "lots", list: d.Lots, get: d.Lot, docs: plain[reserve.LotContent], verbs: "quarantine, free; each with a reason.",
		create: func(ctx context.Context, c *api.Call, in LotInput) (id.ID, error) {
			r, err := d.Register(ctx, c.Actor, in.input(api.Ref(in.Item)), reserve.PostInput{Kind: in.Kind, Warehouse: in.Warehouse, Qty: in.Qty, Words: in.Words})
			return r.ID, err
		}, edit: func(ctx context.Context, c *api.Call, rid id.ID, seen int, in LotInput) error {
			x := in.input("")
			_, err := d.StepLot(ctx, c.Actor, rid, seen, "correct", in.Words, &x)
			return err
		}, step: func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) error {
			if verb == "correct" {
				return fault.New(fault.Invalid, "fault.invalid") // PUT corrects
			}
			_, err := d.StepLot(ctx, a, rid, seen, verb, reason, nil)
			return err
		}}.add(a)
}

func (g *Pages) pledgeOperations(a *api.API) {
	d := g.desk
	rest[reserve.PledgeContent, Doc[reserve.PledgeContent], PledgeInput]{name: "pledge", plural: "pledges", list: d.Pledges, get: d.Pledge, docs: plain[reserve.PledgeContent], verbs: "pledge (by a second person), withdraw, discard.",
		create: func(ctx context.Context, c *api.Call, in PledgeInput) (id.ID, error) {
			r, err := d.DraftPledge(ctx, c.Actor, in.Shared, in.content())
			return r.ID, err
		}, edit: func(ctx context.Context, c *api.Call, rid id.ID, seen int, in PledgeInput) error {
			x := in.content()
			_, err := d.StepPledge(ctx, c.Actor, rid, seen, "edit", "", &x)
			return err
		}, step: func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) error {
			_, err := d.StepPledge(ctx, a, rid, seen, verb, reason, nil)
			return err
		}}.add(a)
}

func (g *Pages) askOperations(a *api.API) {
	d := g.desk
	rest[reserve.DrawContent, DrawDoc, DrawInput]{name: "draw", plural: "draws", list: d.Draws, get: d.Draw, docs: g.drawDocs, verbs: "ask (by a second person), close, withdraw, discard.",
		create: func(ctx context.Context, c *api.Call, in DrawInput) (id.ID, error) {
			r, err := d.DraftDraw(ctx, c.Actor, in.Shared, in.content())
			return r.ID, err
		}, edit: func(ctx context.Context, c *api.Call, rid id.ID, seen int, in DrawInput) error {
			x := in.content()
			_, err := d.StepDraw(ctx, c.Actor, rid, seen, "edit", "", &x)
			return err
		}, step: func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) error {
			_, err := d.StepDraw(ctx, a, rid, seen, verb, reason, nil)
			return err
		}}.add(a)
	rest[reserve.AllocationContent, AllocationDoc, AllocationInput]{name: "allocation", plural: "allocations", list: d.Allocations, get: g.allocation, docs: g.allocationDocs,
		verbs: "propose (by a second person), close, recount, withdraw, discard.",
		create: func(ctx context.Context, c *api.Call, in AllocationInput) (id.ID, error) {
			x, err := g.division(ctx, c, in)
			if err != nil {
				return "", err
			}
			r, err := d.DraftAllocation(ctx, c.Actor, x)
			return r.ID, err
		}, edit: func(ctx context.Context, c *api.Call, rid id.ID, seen int, in AllocationInput) error {
			x, err := g.division(ctx, c, in)
			if err == nil {
				_, err = d.EditAllocation(ctx, c.Actor, rid, seen, x)
			}
			return err
		}, step: func(ctx context.Context, a access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) error {
			_, err := d.StepAllocation(ctx, a, rid, seen, verb, reason)
			return err
		}}.add(a)
}

func (g *Pages) allocation(ctx context.Context, a access.Actor, rid id.ID) (reserve.Page[reserve.AllocationContent], error) {
	p, err := g.desk.Allocation(ctx, a, rid)
	return p.Page, err
}
