package region

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

var reserveActs = map[scenario.Verb]doer{
	scenario.Specify: specify, scenario.Declare: declare, scenario.OpenLedger: openLedger, scenario.StopLedger: stopLedger,
	scenario.Stock: stockLot, scenario.FindLot: findLot, scenario.TakeIn: postLot, scenario.TakeOut: postLot, scenario.MoveStock: moveStock,
	scenario.Rotate: rotateLot, scenario.SetAside: stepLot, scenario.FreeLot: stepLot,
	scenario.Promise: promise, scenario.TakeBack: takeBack, scenario.DrawOn: drawOn, scenario.EndDraw: stepDraw, scenario.DropDraw: stepDraw,
	scenario.Divide: divide, scenario.Vote: vote, scenario.CountVotes: countVotes, scenario.Undivide: undivide,
	scenario.Dispatch: dispatch, scenario.Replenish: replenish, scenario.Gift: gift,
	scenario.CustomsHold: stepDelivery, scenario.CustomsFree: stepDelivery, scenario.Delivery: takeDelivery,
}

// number is the value of a field that the parser knows to be a number; 0 where
// it is absent.
func (t *turn) number(field string) int64 {
	n, _ := strconv.ParseInt(t.s.Fields[field], 10, 64)
	return n
}

// known is the value of such a field, or nil: what is not known is not 0.
func (t *turn) known(field string) *int64 {
	if t.s.Fields[field] == "" {
		return nil
	}
	n := t.number(field)
	return &n
}

func (t *turn) shared() reserve.Shared { return reserve.Shared{Lang: "en", Marking: marking(t.s)} }

// mine is the record that the step speaks of, which only its own member changes.
func (t *turn) mine() (made, error) {
	m := t.of()
	if m.Owner != t.member {
		return m, notOwned(t.s.Name, m.Owner)
	}
	return m, nil
}

func notOwned(name string, owner access.Member) error {
	return fault.New(fault.Forbidden, "fault.scenario.owner").With("word", name).With("owner", string(owner))
}

// item is the specification that the step speaks of second, once it has come.
func (t *turn) item(ctx context.Context, by access.Actor) (id.ID, error) {
	p, err := t.node.Reserve.Item(ctx, by, t.other().ID)
	return p.ID, err
}

// specify is an item drafted by the desk and published by a second person.
func specify(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	i, err := t.node.Reserve.DraftItem(ctx, by, t.shared(), reserve.ItemContent{Code: f["code"], Name: f["name"], Unit: f["unit"], Pack: f["pack"], Spec: f["spec"], INN: f["inn"], ATC: f["atc"],
		UNSPSC: f["unspsc"], GMDN: f["gmdn"], Shelf: int(t.number("shelf_months")), Keeps: t.s.Field("keeps", "ambient")})
	if err != nil {
		return err
	}
	t.keep("", i.ID)
	_, err = t.node.Reserve.StepItem(ctx, t.approver, i.ID, 0, "publish", "", nil)
	return err
}

func declare(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Approver)
	if err != nil {
		return err
	}
	p, err := t.node.Reserve.Item(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	_, err = t.node.Reserve.Declare(ctx, by, reserve.RegistrationContent{Item: p.ID, Status: t.s.Choice, Ref: t.s.Fields["ref"], Until: t.s.Fields["until"], Words: t.s.Words})
	return err
}

// openLedger begins the standing statement, or one that was stopped.
func openLedger(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Approver)
	if err != nil {
		return err
	}
	_, had, err := t.node.Reserve.OwnStatement(ctx, by)
	if err != nil {
		return err
	}
	verb := workflow.Verb("open")
	if had {
		verb = "reopen"
	}
	_, err = t.node.Reserve.StepStatement(ctx, by, verb, "")
	return err
}

func stopLedger(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Approver)
	if err == nil {
		_, err = t.node.Reserve.StepStatement(ctx, by, "stop", t.s.Words)
	}
	return err
}

// promise is a pledge drafted by the duty and given by the approver.
func promise(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	item, err := t.item(ctx, by)
	if err != nil {
		return err
	}
	p, err := t.node.Reserve.DraftPledge(ctx, by, t.shared(), reserve.PledgeContent{Item: item, Qty: t.number("quantity"), Notice: int(hours(t.s, "notice", 0)),
		Blackout: t.s.Fields["blackout"], Until: t.s.Fields["until"]})
	if err != nil {
		return err
	}
	t.keep("", p.ID)
	_, err = t.node.Reserve.StepPledge(ctx, t.approver, p.ID, 0, "pledge", "", nil)
	return err
}

func takeBack(ctx context.Context, t *turn) error {
	m, err := t.mine()
	if err == nil {
		_, err = t.node.Reserve.StepPledge(ctx, t.approver, m.ID, 0, "withdraw", t.s.Words, nil)
	}
	return err
}

// drawOn asks the reserve; a second person clears it.
func drawOn(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	item, err := t.item(ctx, by)
	if err != nil {
		return err
	}
	f := t.s.Fields
	r, err := t.node.Reserve.DraftDraw(ctx, by, t.shared(), reserve.DrawContent{Title: f["title"], Item: item, Event: t.named("event").Event, Qty: t.number("quantity"), NeededBy: f["needed_by"],
		Where: f["where"], Reasons: f["reasons"], Need: t.known("need"), Have: t.known("own_stock"), Persons: t.known("persons"), Risk: t.known("risk"), Capacity: t.known("capacity"),
		Source: f["source"], AsOf: f["as_of"]})
	if err != nil {
		return err
	}
	t.keep(t.named("event").Event, r.ID)
	_, err = t.node.Reserve.StepDraw(ctx, t.approver, r.ID, 0, "ask", "", nil)
	return err
}

// stepDraw closes a request that is answered, or takes one back.
func stepDraw(ctx context.Context, t *turn) error {
	verb, role := workflow.Verb("close"), access.DutyOfficer
	if t.s.Verb == scenario.DropDraw {
		verb, role = "withdraw", access.Approver
	}
	by, err := t.by(ctx, role)
	if err != nil {
		return err
	}
	m, err := t.mine()
	if err == nil {
		_, err = t.node.Reserve.StepDraw(ctx, by, m.ID, 0, verb, t.s.Words, nil)
	}
	return err
}

// divide proposes a division among draws, of what the named sources hold, and
// waits until the draws and the newest balances of the sources are here.
func divide(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	in := reserve.AllocationInput{Shared: t.shared(), Title: t.s.Fields["title"], Rationale: t.s.Fields["rationale"], Replace: int(t.number("replace_days")), Adopt: t.s.Fields["adopt"],
		Window: int(hours(t.s, "window", 0))}
	if in.Item, err = t.item(ctx, by); err != nil {
		return err
	}
	for _, name := range t.s.Many("draws") {
		p, err := t.node.Reserve.Draw(ctx, by, t.names[name].ID)
		if err != nil {
			return err
		}
		in.Draws = append(in.Draws, p.ID)
	}
	if in.Sources, err = t.sources(ctx, by, in.Item); err != nil {
		return err
	}
	in.Rule, in.Version = ruleNamed(t.s.Fields["rule"])
	a, err := t.node.Reserve.DraftAllocation(ctx, by, in)
	if err != nil {
		return err
	}
	t.keep("", a.ID)
	_, err = t.node.Reserve.StepAllocation(ctx, t.approver, a.ID, 0, "propose", "")
	return err
}

// ruleNamed reads KEY or KEY VERSION; a key alone is its newest version.
func ruleNamed(words string) (key, version string) {
	key, version, _ = strings.Cut(words, " ")
	for _, r := range allocation.Rules() {
		if r.Key == key && version == "" {
			version = r.Version
		}
	}
	return key, strings.TrimSpace(version)
}

// sources reads MEMBER QUANTITY, from its warehouses, and PLEDGE QUANTITY.
func (t *turn) sources(ctx context.Context, by access.Actor, item id.ID) ([]allocation.Source, error) {
	have, err := t.node.Reserve.Sources(ctx, by, item)
	if err != nil {
		return nil, err
	}
	return read(t.s, "source", func(r *row) allocation.Source {
		from, n := r.word(0), r.number(1)
		i := slices.IndexFunc(have, func(h reserve.Offered) bool {
			if h.Pool == allocation.Pledge {
				return h.Pledge == string(t.names[from].ID)
			}
			return h.Member == from
		})
		if i < 0 || have[i].Qty < n {
			r.err = fault.New(fault.NotFound, "fault.scenario.no_source").With("from", from).With("n", n)
			return allocation.Source{}
		}
		s := have[i].Source
		s.Qty = n
		return s
	})
}

// vote is that of the state, written by the duty and given by the approver.
func vote(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	v, err := t.node.Reserve.DraftVote(ctx, by, t.of().ID, reserve.VoteInput{Shared: reserve.Shared{Lang: "en"}, Stance: t.s.Choice, Reasons: t.s.Words})
	if err != nil {
		return err
	}
	if _, err := t.node.Reserve.StepVote(ctx, t.approver, v.ID, 0, "give", nil); err != nil {
		return err
	}
	t.said()
	return nil
}

// countVotes closes the window once the votes of the script have come, and the
// rule of adoption says what was decided.
func countVotes(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	m, err := t.mine()
	if err != nil {
		return err
	}
	p, err := t.node.Reserve.Allocation(ctx, by, m.ID)
	if err != nil {
		return err
	}
	for _, said := range m.Said {
		if !slices.ContainsFunc(p.Verdict.Stands, func(v reserve.Voice) bool { return v.Member == said && v.Release != "" }) {
			return fault.New(fault.NotFound, "fault.scenario.no_vote").With("from", string(said))
		}
	}
	_, err = t.node.Reserve.StepAllocation(ctx, by, m.ID, 0, "close", "")
	return err
}

func undivide(ctx context.Context, t *turn) error {
	m, err := t.mine()
	if err == nil {
		_, err = t.node.Reserve.StepAllocation(ctx, t.approver, m.ID, 0, "withdraw", t.s.Words)
	}
	return err
}
