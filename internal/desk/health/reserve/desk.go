// Package reserve is the part of the health desk that keeps the regional
// medical reserve: what there is, physical and pledged, who asks for it, how it
// is divided and by whom that is decided, how it travels and what is owed, each
// member in a double-entry book of its own.
package reserve

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Name of the part in releases, history and URLs.
const Name = "reserve"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the part's tables in the database.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Kinds of records. All but lots leave the node as releases of that kind.
const (
	KindItem       = "reserve.item"
	KindRegistered = "reserve.registration"
	KindLot        = "reserve.lot"
	KindPledge     = "reserve.pledge"
	KindDraw       = "reserve.draw"
	KindAllocation = "reserve.allocation"
	KindVote       = "reserve.vote"
	KindMovement   = "reserve.movement"
	KindArrival    = "reserve.arrival"
	KindDebt       = "reserve.debt"
	KindStatement  = "reserve.statement"
	KindPosting    = "reserve.posting" // in the history
	bodySchema     = 1
)

// Released are the kinds that travel, in the order of the pages.
var Released = []string{KindItem, KindRegistered, KindPledge, KindDraw, KindAllocation, KindVote, KindMovement, KindArrival, KindDebt, KindStatement}

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	m := desk.Manifest{Name: Name, Schema: Schema, Capabilities: Capabilities,
		Tables: []desk.TableText{desk.Describe(Items), desk.Describe(Registrations), desk.Describe(Lots), desk.Describe(Pledges), desk.Describe(Draws), desk.Describe(Allocations),
			desk.Describe(Votes), desk.Describe(Movements), desk.Describe(Arrivals), desk.Describe(Debts), desk.Describe(Statements)}}
	for _, k := range Released {
		m.Messages = append(m.Messages, desk.Message{Kind: k, Schema: bodySchema})
	}
	return m
}

// Sources are what the part takes from other parts of the node.
type Sources struct {
	// Rules are the region's rules of adoption for a decision on goods.
	Rules func() []Adoption
	// Decide computes the outcome of a vote by such a rule, the same at every
	// node; Count are the votes that a close lists.
	Decide func(b Ballot, now time.Time) Verdict
	Count  func(given []Voice, closes time.Time, voters []access.Member) []id.ID
}

// Adoption is a rule by which votes become a decision.
type Adoption struct{ Key, Version, Digest, Silence string }

// Ballot is what the outcome of a vote is computed from.
type Ballot struct {
	Proposer              access.Member
	Voters                []access.Member
	Closes                time.Time
	Rule, Version, Digest string
	Gone, Closed          bool
	Counted               []id.ID
	Claimed               string
	Given                 []Voice
}

// Voice is one released vote.
type Voice struct {
	Member  access.Member
	Release id.ID
	Stance  string
	Reasons string
	At      time.Time
}

// Verdict is the outcome with every state's stand.
type Verdict struct {
	Outcome string
	Stands  []Voice // in the fixed order of the states; who said nothing has a stance too
	Omitted []id.ID
	Missing int
}

// Outcomes of a vote, and stances, as the rule of adoption names them.
const (
	Voting     = "consulting"
	Awaiting   = "awaiting"
	Adopted    = "adopted"
	NotAdopted = "not_adopted"
	Disputed   = "disputed"
	Agree      = "agree"
	NoAnswer   = "no_answer"
)

// Stances in the order of the form.
var Stances = []string{Agree, "reserve", "disagree", "abstain"}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	health *health.Desk
	from   Sources

	items       *kind[ItemContent]
	registered  *kind[RegistrationContent]
	lots        *kind[LotContent]
	pledges     *kind[PledgeContent]
	draws       *kind[DrawContent]
	allocations *kind[AllocationContent]
	votes       *kind[VoteContent]
	movements   *kind[MovementContent]
	arrivals    *kind[ArrivalContent]
	debts       *kind[DebtContent]
	statements  *kind[StatementContent]
}

// New makes the part of a node.
func New(env *desk.Env, h *health.Desk, from Sources) *Desk {
	d := &Desk{env: env, health: h, from: from}
	d.items = newKind(d, KindItem, Items, (*ItemContent).check, func(c *ItemContent) columns {
		return columns{words: []string{c.Name, c.Spec, c.INN, c.ATC, c.UNSPSC, c.GMDN, c.Code}}
	})
	d.registered = newKind(d, KindRegistered, Registrations, (*RegistrationContent).check, func(c *RegistrationContent) columns { return columns{item: c.Item, words: []string{c.Name, c.Status}} })
	d.lots = newKind(d, KindLot, Lots, (*LotContent).check, func(c *LotContent) columns { return columns{item: c.Item, words: []string{c.Name, c.Number, c.Maker}} })
	d.pledges = newKind(d, KindPledge, Pledges, (*PledgeContent).check, func(c *PledgeContent) columns { return columns{item: c.Item, words: []string{c.Name, c.Blackout}} })
	d.draws = newKind(d, KindDraw, Draws, (*DrawContent).check, func(c *DrawContent) columns {
		return columns{item: c.Item, parent: c.Event, words: []string{c.Title, c.Name, c.Reasons}, event: c.Event}
	})
	d.allocations = newKind(d, KindAllocation, Allocations, (*AllocationContent).check, func(c *AllocationContent) columns {
		out := columns{item: c.Item, words: []string{c.Title, c.Name, c.Rationale}}
		for _, s := range c.Result.Shares {
			out.draws = append(out.draws, id.ID(s.Draw))
		}
		return out
	})
	d.votes = newKind(d, KindVote, Votes, (*VoteContent).check, func(c *VoteContent) columns {
		return columns{parent: c.Allocation, words: []string{c.Title, c.Stance, c.Reasons}}
	})
	d.movements = newKind(d, KindMovement, Movements, (*MovementContent).check, func(c *MovementContent) columns {
		return columns{item: c.Item, parent: c.Allocation, words: []string{c.Title, c.Name, c.Waybill, string(c.To)}, draws: []id.ID{c.Draw}}
	})
	d.arrivals = newKind(d, KindArrival, Arrivals, (*ArrivalContent).check, func(c *ArrivalContent) columns {
		return columns{item: c.Item, parent: c.Movement, words: []string{c.Title, c.Name, string(c.From)}, draws: []id.ID{c.Draw}}
	})
	d.debts = newKind(d, KindDebt, Debts, (*DebtContent).check, func(c *DebtContent) columns {
		return columns{item: c.Item, parent: c.Movement, words: []string{c.Name, string(c.Creditor)}}
	})
	d.statements = newKind(d, KindStatement, Statements, (*StatementContent).check, func(*StatementContent) columns { return columns{} })
	d.wire()
	return d
}

// Member is whose node it is.
func (d *Desk) Member() access.Member { return d.env.Member }

// Now is the time of the records.
func (d *Desk) Now() time.Time { return d.env.Clock.Now() }

// exercise names the book that is open now: goods of an exercise are never
// mixed with real ones.
func (d *Desk) exercise() string {
	if d.env.Exercise == nil {
		return ""
	}
	return d.env.Exercise()
}

// Rules are the region's rules of adoption.
func (d *Desk) Rules() []Adoption {
	if d.from.Rules == nil {
		return nil
	}
	return d.from.Rules()
}

func (d *Desk) adoption(key string) (Adoption, bool) {
	for _, r := range d.Rules() {
		if r.Key == key {
			return r, true
		}
	}
	return Adoption{}, false
}

func (d *Desk) decide(b Ballot) Verdict {
	if d.from.Decide == nil {
		return Verdict{Outcome: Awaiting}
	}
	return d.from.Decide(b, d.Now())
}

// may answers whether the actor may do what is not a step of a record.
func may(ctx context.Context, actor access.Actor, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !Capabilities.May(actor, name) {
		return forbidden(name)
	}
	return nil
}
