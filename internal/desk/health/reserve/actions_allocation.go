package reserve

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// AllocationInput is what a person enters of a division; what the formula
// takes from the draws and the statements is read, not typed.
type AllocationInput struct {
	Shared
	Title     string              `json:"title"`
	Item      id.ID               `json:"item"`
	Draws     []id.ID             `json:"draws"`
	Rule      string              `json:"rule"`
	Version   string              `json:"version"`
	Sources   []allocation.Source `json:"sources"`
	Rationale string              `json:"rationale"`
	Replace   int                 `json:"replace_days"`
	Adopt     string              `json:"adopt"`
	Window    int                 `json:"window_hours"`
}

// content works the division out.
func (d *Desk) content(ctx context.Context, tx *db.Tx, actor access.Actor, in *AllocationInput) (AllocationContent, error) {
	item, err := d.item(ctx, tx, actor, in.Item)
	if err != nil {
		return AllocationContent{}, err
	}
	rule, ok := allocation.Find(in.Rule, in.Version)
	if !ok {
		return AllocationContent{}, wrong("rule", "fault.reserve.choice")
	}
	adopt, ok := d.adoption(in.Adopt)
	if !ok {
		return AllocationContent{}, wrong("adopt", "fault.reserve.choice")
	}
	out := AllocationContent{Title: in.Title, Item: item.ID, Name: item.C.Name, Unit: item.C.Unit, Rationale: in.Rationale, Rule: rule, RuleDigest: rule.Digest, Sources: in.Sources,
		Replace: in.Replace, Adopt: adopt.Key, AdoptAt: adopt.Version, AdoptSum: adopt.Digest, Window: in.Window}
	for _, rid := range in.Draws {
		claim, err := d.claim(ctx, tx, actor, item.ID, rid)
		if err != nil {
			return out, err
		}
		out.Input.Claims = append(out.Input.Claims, claim)
	}
	if len(out.Input.Claims) == 0 {
		return out, wrong("draws", "fault.reserve.draws")
	}
	for _, s := range out.Sources {
		if out.Input.Stock += max(min(s.Qty, MaxQty), 0); out.Input.Stock > allocation.MaxUnits {
			return out, tooMuch("sources", allocation.MaxUnits)
		}
	}
	if out.Result, err = allocation.Allocate(rule, out.Input); err != nil {
		return out, err
	}
	out.Lines, out.Unmet = allocation.Plan(out.Result.Shares, out.Sources)
	return out, nil
}

// claim is an open draw of the item as the formula takes it.
func (d *Desk) claim(ctx context.Context, tx *db.Tx, actor access.Actor, item, rid id.ID) (allocation.Claim, error) {
	r, err := d.draws.visible(ctx, tx, actor, rid)
	if fault.Is(err, fault.NotFound) || err == nil && (r.State != Asked || r.C.Item != item) {
		return allocation.Claim{}, wrong("draws", "fault.reserve.draw_open")
	}
	if err != nil {
		return allocation.Claim{}, err
	}
	c := r.C.claim(r.ID, r.Owner)
	c.Days, c.Never, err = d.sinceDraw(ctx, tx, r.Owner, item, r.Exercise)
	return c, err
}

// sinceDraw is how many days ago the state last received the item out of the
// reserve, as far as is known here.
func (d *Desk) sinceDraw(ctx context.Context, tx *db.Tx, m access.Member, item id.ID, exercise string) (*int64, bool, error) {
	list, err := d.arrivals.all(ctx, tx, `owner = ? AND item = ? AND state = ? AND exercise = ?`, string(m), string(item), string(Received), exercise)
	var last time.Time
	for i := range list {
		if a := &list[i]; a.C.Purpose == ledger.Draw && a.C.Received.After(last) {
			last = a.C.Received
		}
	}
	if err != nil || last.IsZero() {
		return nil, err == nil, err
	}
	days := max(int64(d.Now().Sub(last)/(24*time.Hour)), 0)
	return &days, false, nil
}

// DraftAllocation begins a division among open draws.
func (d *Desk) DraftAllocation(ctx context.Context, actor access.Actor, in AllocationInput) (Allocation, error) {
	return write(ctx, d, func(tx *db.Tx) (Allocation, error) {
		c, err := d.content(ctx, tx, actor, &in)
		if err != nil {
			return Allocation{}, err
		}
		return d.allocations.create(ctx, tx, d, actor, record(d, in.Shared, c), "draft", nil)
	})
}

// EditAllocation works the draft out again with what was changed and with the
// newest inputs.
func (d *Desk) EditAllocation(ctx context.Context, actor access.Actor, rid id.ID, seen int, in AllocationInput) (Allocation, error) {
	return write(ctx, d, func(tx *db.Tx) (Allocation, error) {
		c, err := d.content(ctx, tx, actor, &in)
		if err != nil {
			return Allocation{}, err
		}
		return d.allocations.step(ctx, tx, d, actor, rid, seen, "edit", edits(actor, c, func(c *AllocationContent, in AllocationContent) { *c = in }))
	})
}

// StepAllocation proposes, closes, counts again, withdraws or discards.
func (d *Desk) StepAllocation(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, reason string) (Allocation, error) {
	return write(ctx, d, func(tx *db.Tx) (Allocation, error) {
		var c desk.Change[Allocation]
		switch verb {
		case "propose":
			c = d.allocations.releases(d, actor, reason, func(r *Allocation) error {
				r.C.Closes = d.Now().Add(time.Duration(r.C.Window) * time.Hour)
				r.C.Voters = slices.DeleteFunc(d.columns(), func(m access.Member) bool { return !state(m) })
				return nil
			}, nil)
		case "close", "recount":
			c = d.allocations.releases(d, actor, reason, func(r *Allocation) error {
				if r.C.Decided.IsZero() {
					r.C.Decided = d.Now()
				}
				if d.from.Count == nil {
					return fault.New(fault.Unavailable, "fault.reserve.no_rule")
				}
				r.C.Counted, r.C.Claimed = d.from.Count(r.C.given, r.C.Closes, r.C.Voters), ""
				// The rule itself says what came out; the claim is held against it everywhere.
				for _, claim := range []string{Adopted, NotAdopted} {
					r.C.Claimed = claim
					if d.decide(ballotOf(r)).Outcome == claim {
						return nil
					}
				}
				return fault.New(fault.Conflict, "fault.reserve.no_rule")
			}, nil)
		case "withdraw":
			c = d.allocations.releases(d, actor, reason, nil, nil)
		case "discard":
		default:
			return Allocation{}, unknownVerb()
		}
		return d.allocations.step(ctx, tx, d, actor, rid, seen, verb, c)
	})
}

// fillAllocation reads the votes and whether the sources still hold what is
// divided.
func (d *Desk) fillAllocation(ctx context.Context, tx *db.Tx, r *Allocation) error {
	votes, err := d.votes.all(ctx, tx, `parent = ? ORDER BY changed, id`, string(r.ID))
	if err != nil {
		return err
	}
	r.C.given = nil
	for i := range votes {
		if v := &votes[i]; v.State == Given || v.State == Replaced {
			r.C.given = append(r.C.given, Voice{v.Owner, v.Release, v.C.Stance, v.C.Reasons, v.Released})
		}
	}
	if r.State == Decided {
		r.C.left = len(d.decide(ballotOf(r)).Omitted) > 0
	}
	if r.State != Draft {
		return nil
	}
	have, err := d.sources(ctx, tx, r.C.Item, r.Exercise)
	r.C.usable = err == nil
	for _, s := range r.C.Sources {
		if !slices.ContainsFunc(have, func(h Offered) bool {
			return h.Member == s.Member && h.Pool == s.Pool && h.Pledge == s.Pledge && h.Qty >= s.Qty
		}) {
			r.C.usable = false
		}
	}
	return err
}

// Offered is a source that can be named in a division, with where this node
// knows it from.
type Offered struct {
	allocation.Source
	Blackout string
	AsOf     time.Time
}

// sources are what the newest statements and the pledges in force hold of an
// item. Who states nothing is no source.
func (d *Desk) sources(ctx context.Context, tx *db.Tx, item id.ID, exercise string) ([]Offered, error) {
	var out []Offered
	list, err := d.statements.all(ctx, tx, `state = ? AND exercise = ? ORDER BY owner`, string(Standing), exercise)
	if err != nil {
		return nil, err
	}
	for i := range list {
		s := list[i].C
		if list[i].Own() {
			if s, err = d.state(ctx, tx, exercise); err != nil { // newer than what left
				return nil, err
			}
		}
		for _, h := range s.Items {
			if h.Item == item && h.Usable > 0 {
				out = append(out, Offered{Source: allocation.Source{Member: string(list[i].Owner), Pool: allocation.Physical, Qty: min(h.Usable, MaxQty)}, AsOf: s.AsOf})
			}
		}
	}
	pledges, err := d.pledges.all(ctx, tx, `state = ? AND item = ? AND exercise = ? ORDER BY owner, id`, string(InForce), string(item), exercise)
	for i := range pledges {
		p := &pledges[i]
		if p.C.Left() > 0 && !ended(p.C.Until, d.Now()) {
			out = append(out, Offered{Source: allocation.Source{Member: string(p.Owner), Pool: allocation.Pledge, Pledge: string(p.ID), Qty: p.C.Left(), Notice: int64(p.C.Notice)},
				Blackout: p.C.Blackout, AsOf: p.Changed.At})
		}
	}
	return out, err
}

// VoteInput is what a person enters of the state's vote.
type VoteInput struct {
	Shared
	Stance  string `json:"stance"`
	Reasons string `json:"reasons,omitempty"`
}

// DraftVote begins the vote of this state. One that was given stays, and the
// new one takes its place when it is given.
func (d *Desk) DraftVote(ctx context.Context, actor access.Actor, on id.ID, in VoteInput) (Vote, error) {
	return write(ctx, d, func(tx *db.Tx) (Vote, error) {
		of, err := d.allocations.visible(ctx, tx, actor, on)
		if err != nil {
			return Vote{}, err
		}
		r := record(d, in.Shared, VoteContent{Allocation: of.ID, Proposer: of.Owner, Title: of.C.Title, Stance: in.Stance, Reasons: in.Reasons, of: &of})
		r.Marking, r.Exercise = of.Marking, of.Exercise
		mine, err := d.votes.all(ctx, tx, `parent = ? AND owner = ? ORDER BY changed, id`, string(on), string(d.env.Member))
		if err != nil {
			return r, err
		}
		for i := range mine {
			switch mine[i].State {
			case Draft:
				return r, fault.New(fault.Conflict, "fault.reserve.vote_begun")
			case Given:
				r.C.Replaces = mine[i].ID
			}
		}
		return d.votes.create(ctx, tx, d, actor, r, "draft", nil)
	})
}

// StepVote edits, gives or discards a vote.
func (d *Desk) StepVote(ctx context.Context, actor access.Actor, rid id.ID, seen int, verb workflow.Verb, in *VoteInput) (Vote, error) {
	return write(ctx, d, func(tx *db.Tx) (Vote, error) {
		var c desk.Change[Vote]
		switch verb {
		case "edit":
			if in == nil {
				return Vote{}, unknownVerb()
			}
			c = edits(actor, VoteContent{Stance: in.Stance, Reasons: in.Reasons}, func(c *VoteContent, in VoteContent) { c.Stance, c.Reasons = in.Stance, in.Reasons })
		case "give":
			c = d.votes.releases(d, actor, "", nil, func(ctx context.Context, tx *db.Tx, r *Vote) error {
				if r.C.Replaces == "" {
					return nil
				}
				_, err := d.votes.step(ctx, tx, d, access.Node(d.env.Member), r.C.Replaces, 0, "replace", desk.Change[Vote]{Detail: map[string]any{"by": r.ID}})
				return err
			})
		case "discard":
		default:
			return Vote{}, unknownVerb()
		}
		return d.votes.step(ctx, tx, d, actor, rid, seen, verb, c)
	})
}

// fillVote reads what the vote is on; it may have come before it.
func (d *Desk) fillVote(ctx context.Context, tx *db.Tx, r *Vote) error {
	of, err := d.allocations.load(ctx, tx, r.C.Allocation)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	r.C.of = &of
	return err
}

// promised is what decided divisions let this member send out of its
// warehouses and that has not left yet.
func (d *Desk) promised(ctx context.Context, tx *db.Tx, book string) (map[id.ID]int64, error) {
	out := map[id.ID]int64{}
	due, err := d.dueLines(ctx, tx, book)
	for _, l := range due {
		if l.Line.Pool == allocation.Physical {
			out[l.Item] += l.Unsent
		}
	}
	return out, err
}

// DueLine is a line of an adopted division that this member is to send.
type DueLine struct {
	Allocation id.ID
	Title      string
	Item       id.ID
	Name, Unit string
	Replace    int
	Line       allocation.Line
	Left       int64 // not prepared yet
	Unsent     int64 // not dispatched yet
	Decided    time.Time
}

// dueLines are what is still to be sent by adopted divisions.
func (d *Desk) dueLines(ctx context.Context, tx *db.Tx, book string) ([]DueLine, error) {
	list, err := d.allocations.all(ctx, tx, `state = ? AND exercise = ? ORDER BY id`, string(Decided), book)
	if err != nil {
		return nil, err
	}
	var out []DueLine
	for i := range list {
		a := &list[i]
		mine := slices.ContainsFunc(a.C.Lines, func(l allocation.Line) bool { return l.From == string(d.env.Member) })
		if !mine {
			continue
		}
		if err := d.fillAllocation(ctx, tx, a); err != nil {
			return nil, err
		}
		if d.decide(ballotOf(a)).Outcome != Adopted {
			continue
		}
		begun, sent, err := d.begun(ctx, tx, a.ID)
		if err != nil {
			return nil, err
		}
		for _, l := range a.C.Lines {
			if n := l.Qty - sent[l.N]; l.From == string(d.env.Member) && n > 0 {
				out = append(out, DueLine{a.ID, a.C.Title, a.C.Item, a.C.Name, a.C.Unit, a.C.Replace, l, max(l.Qty-begun[l.N], 0), n, a.C.Decided})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b DueLine) int { return cmp.Compare(a.Allocation, b.Allocation) })
	return out, nil
}

// begun is what movements of this member carry for the lines of a division:
// prepared or sent, and sent.
func (d *Desk) begun(ctx context.Context, tx *db.Tx, rid id.ID) (begun, sent map[int]int64, err error) {
	list, err := d.movements.all(ctx, tx, `parent = ? AND owner = ? AND state <> ?`, string(rid), string(d.env.Member), string(Cancelled))
	begun, sent = map[int]int64{}, map[int]int64{}
	for i := range list {
		m := &list[i]
		begun[m.C.Line] += m.C.Sent()
		if m.State != Prepared {
			sent[m.C.Line] += m.C.Sent()
		}
	}
	return begun, sent, err
}
