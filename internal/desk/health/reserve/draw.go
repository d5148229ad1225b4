package reserve

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Records of asking and deciding.
type (
	Draw       = Record[DrawContent]
	Allocation = Record[AllocationContent]
	Vote       = Record[VoteContent]
)

// DrawContent asks the reserve for one item. What the formula needs is said
// with its source; what is not known is left out, never 0.
type DrawContent struct {
	Title     string `json:"title"`
	Item      id.ID  `json:"item"`
	Name      string `json:"name"`
	Unit      string `json:"unit"`
	Event     id.ID  `json:"event,omitempty"`
	EventName string `json:"event_name,omitempty"`
	Qty       int64  `json:"qty"`
	NeededBy  string `json:"needed_by"`
	Where     string `json:"where,omitempty"`
	Reasons   string `json:"reasons"`
	Need      *int64 `json:"need,omitempty"`
	Have      *int64 `json:"own_stock,omitempty"`
	Persons   *int64 `json:"persons,omitempty"`
	Risk      *int64 `json:"risk,omitempty"`
	Capacity  *int64 `json:"capacity,omitempty"`
	Source    string `json:"source,omitempty"`
	AsOf      string `json:"as_of,omitempty"`
}

// RiskTop is the highest risk level of a draw.
const RiskTop = 4

func (d *DrawContent) check(c *fault.Check) {
	need(c, &d.Title, MaxTitle, "title")
	ref(c, d.Item, "item")
	need(c, &d.Name, MaxShort, "name")
	need(c, &d.Unit, MaxShort, "unit")
	refs(c, d.Event)
	text(c, &d.EventName, 4*MaxTitle, "event")
	quantity(c, d.Qty, 1, "qty")
	day(c, d.NeededBy, "needed_by", true)
	text(c, &d.Where, MaxShort, "where")
	need(c, &d.Reasons, MaxText, "reasons")
	between := func(v *int64, low, high int64, field string) {
		c.That(v == nil || *v >= low && *v <= high, field, "fault.reserve.between", fault.Args{"low": low, "high": high})
	}
	between(d.Need, 0, MaxQty, "need")
	between(d.Have, 0, MaxQty, "have")
	between(d.Persons, 1, allocation.MaxPersons, "persons")
	if d.Need != nil && d.Persons != nil && *d.Persons >= 1 { // no division has room for more of each
		between(d.Need, 0, min(*d.Persons, MaxQty/allocation.MaxEach)*allocation.MaxEach, "need")
	}
	between(d.Risk, 0, RiskTop, "risk")
	between(d.Capacity, 0, 100, "capacity")
	text(c, &d.Source, health.MaxReason, "source")
	given := d.Need != nil || d.Have != nil || d.Persons != nil || d.Risk != nil || d.Capacity != nil
	c.That(!given || d.Source != "", "source", "fault.reserve.source")
	day(c, d.AsOf, "as_of", given)
}

// Claim is the draw as the formula takes it.
func (d *DrawContent) claim(rid id.ID, m access.Member) allocation.Claim {
	return allocation.Claim{Draw: string(rid), Member: string(m), Asked: d.Qty, Need: d.Need, Own: d.Have, Persons: d.Persons, Risk: d.Risk, Capacity: d.Capacity}
}

// AllocationContent divides what there is of an item among draws. The rule,
// the inputs and the result are stored as they were.
type AllocationContent struct {
	Title      string              `json:"title"`
	Item       id.ID               `json:"item"`
	Name       string              `json:"name"`
	Unit       string              `json:"unit"`
	Rationale  string              `json:"rationale"`
	Rule       allocation.Rule     `json:"rule"`
	RuleDigest string              `json:"rule_digest,omitempty"` // empty: weights of its own
	Input      allocation.Input    `json:"input"`
	Result     allocation.Result   `json:"result"`
	Sources    []allocation.Source `json:"sources"`
	Lines      []allocation.Line   `json:"lines"`
	Unmet      int64               `json:"unmet,omitempty"`
	Replace    int                 `json:"replace_days"` // within which it is replaced; 0: not
	Adopt      string              `json:"adopt"`
	AdoptAt    string              `json:"adopt_version"`
	AdoptSum   string              `json:"adopt_digest"`
	Voters     []access.Member     `json:"voters,omitempty"` // states that were asked
	Window     int                 `json:"window_hours"`
	Closes     time.Time           `json:"closes,omitzero"`
	Counted    []id.ID             `json:"counted,omitempty"`
	Claimed    string              `json:"claimed,omitempty"`
	Decided    time.Time           `json:"decided,omitzero"`

	given  []Voice
	left   bool // the close leaves out a vote that is here
	usable bool // the sources hold what is divided
}

// Limits of an allocation.
const (
	MaxWindow  = 14 * 24
	MaxReplace = 730
)

func (a *AllocationContent) check(c *fault.Check) {
	need(c, &a.Title, MaxTitle, "title")
	ref(c, a.Item, "item")
	need(c, &a.Name, MaxShort, "name")
	need(c, &a.Unit, MaxShort, "unit")
	text(c, &a.Rationale, MaxText, "rationale")
	c.That(len(a.Rule.Key) <= 40 && len(a.Rule.Version) <= 20 && len(a.Rule.Source) <= 1000 && len(a.RuleDigest) <= 64, "rule", "fault.reserve.choice")
	if err := a.Rule.Check(); err != nil {
		c.That(false, "weights", "fault.reserve.weights", fault.Args{"sum": a.Rule.Weights[0] + a.Rule.Weights[1] + a.Rule.Weights[2] + a.Rule.Weights[3]})
	}
	c.That(len(a.Input.Claims) >= 1 && len(a.Input.Claims) <= allocation.MaxClaims && len(a.Result.Shares) == len(a.Input.Claims), "draws", "fault.reserve.draws")
	c.That(len(a.Sources) <= 100 && len(a.Lines) <= 500, "sources", "fault.too_many", fault.Args{"max": 100})
	var sum int64
	for _, s := range a.Sources {
		c.That(slices.Contains(access.All(), access.Member(s.Member)) && s.Qty >= 1 && s.Qty <= MaxQty && s.Notice >= 0 && (s.Pool == allocation.Physical || s.Pool == allocation.Pledge), "sources",
			"fault.reserve.choice")
		sum += max(min(s.Qty, MaxQty), 0)
	}
	c.That(sum <= allocation.MaxUnits, "sources", "fault.reserve.sum", fault.Args{"max": allocation.MaxUnits})
	c.That(sum == a.Input.Stock, "sources", "fault.reserve.sources", fault.Args{"sum": sum, "stock": a.Input.Stock})
	for _, s := range a.Result.Shares {
		c.That(s.Asked >= 0 && s.Asked <= allocation.MaxUnits && s.Cap >= 0 && s.Cap <= allocation.MaxUnits && s.Qty >= 0 && s.Qty <= allocation.MaxUnits, "draws", "fault.reserve.qty", fault.Args{"max": allocation.MaxUnits})
	}
	for i, l := range a.Lines {
		c.That(l.N == i+1 && l.Qty >= 1 && l.Qty <= MaxQty && l.From != l.To, "lines", "fault.reserve.choice")
	}
	c.That(a.Replace >= 0 && a.Replace <= MaxReplace, "replace", "fault.reserve.between", fault.Args{"low": 0, "high": MaxReplace})
	c.That(a.Window >= 1 && a.Window <= MaxWindow, "window", "fault.reserve.between", fault.Args{"low": 1, "high": MaxWindow})
	c.That(a.Adopt != "" && len(a.Adopt) <= 40 && len(a.AdoptAt) <= 20 && len(a.AdoptSum) <= 64, "adopt", "fault.reserve.choice")
	c.That(len(a.Voters) <= len(access.States) && !slices.ContainsFunc(a.Voters, func(m access.Member) bool { return !state(m) }), "voters", "fault.reserve.choice")
	c.That(len(a.Counted) <= 500, "counted", "fault.too_many", fault.Args{"max": 500})
}

// Recompute divides again from the stored rule and inputs, and reports whether
// the numbers are the stored ones.
func (a *AllocationContent) Recompute() (allocation.Result, bool, error) {
	r, err := allocation.Allocate(a.Rule, a.Input)
	if err != nil {
		return r, false, err
	}
	lines, unmet := allocation.Plan(r.Shares, a.Sources)
	return r, same(&r, &a.Result) && slices.Equal(lines, a.Lines) && unmet == a.Unmet, nil
}

// Line is a line of the plan.
func (a *AllocationContent) Line(n int) (allocation.Line, bool) {
	if n < 1 || n > len(a.Lines) {
		return allocation.Line{}, false
	}
	return a.Lines[n-1], true
}

// ballotOf is what the outcome of an allocation is computed from.
func ballotOf(r *Allocation) Ballot {
	a := &r.C
	return Ballot{Proposer: r.Owner, Voters: a.Voters, Closes: a.Closes, Rule: a.Adopt, Version: a.AdoptAt, Digest: a.AdoptSum, Gone: r.State == Withdrawn, Closed: !a.Decided.IsZero(),
		Counted: a.Counted, Claimed: a.Claimed, Given: a.given}
}

// VoteContent is what one state holds of an allocation. It is never changed:
// who thinks again gives another one.
type VoteContent struct {
	Allocation id.ID         `json:"allocation"`
	Proposer   access.Member `json:"proposer"`
	Title      string        `json:"title"`
	Stance     string        `json:"stance"`
	Reasons    string        `json:"reasons,omitempty"`
	Replaces   id.ID         `json:"replaces,omitempty"`

	of *Allocation
}

func (v *VoteContent) check(c *fault.Check) {
	ref(c, v.Allocation, "allocation")
	member(c, v.Proposer, "allocation")
	need(c, &v.Title, MaxTitle, "title")
	c.That(slices.Contains(Stances, v.Stance), "stance", "fault.reserve.choice")
	text(c, &v.Reasons, MaxText, "reasons")
	refs(c, v.Replaces)
}
