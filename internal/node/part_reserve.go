package node

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/reserve"
	reserveweb "lintas/internal/desk/health/reserve/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/id"
	"lintas/internal/web/operate"
)

// adoptions are the rules by which the region adopts a level, for a decision
// on goods too.
func adoptions() []reserve.Adoption {
	var out []reserve.Adoption
	for _, key := range level.Rules() {
		if r, ok := level.RuleBy(key); ok {
			out = append(out, reserve.Adoption{Key: r.Key, Version: r.Version, Digest: r.Digest, Silence: r.Silence})
		}
	}
	return out
}

func said(given []reserve.Voice) []level.Said {
	out := make([]level.Said, len(given))
	for i, g := range given {
		out[i] = level.Said(g)
	}
	return out
}

// adopted computes the outcome of a vote on goods as that of one on a level.
func adopted(b reserve.Ballot, now time.Time) reserve.Verdict {
	r := level.Decide(level.Facts{Proposer: b.Proposer, Concerned: b.Voters, Closes: b.Closes, Rule: b.Rule, Version: b.Version, Digest: b.Digest, Gone: b.Gone, Closed: b.Closed,
		Counted: b.Counted, Claimed: level.Outcome(b.Claimed), Given: said(b.Given)}, now)
	v := reserve.Verdict{Outcome: string(r.Outcome), Omitted: r.Omitted, Missing: r.Missing}
	for _, s := range r.Stands {
		v.Stands = append(v.Stands, reserve.Voice{Member: s.Member, Release: s.Release, Stance: s.Stance, Reasons: s.Reasons, At: s.At})
	}
	return v
}

// reservePart is the regional reserve: its goods, their division and the books.
func (n *Node) reservePart(env *desk.Env) part {
	d := reserve.New(env, n.Health, reserve.Sources{Rules: adoptions, Decide: adopted,
		Count: func(given []reserve.Voice, closes time.Time, voters []access.Member) []id.ID {
			return level.Count(said(given), closes, voters)
		}})
	n.Reserve = d
	pages, news := reserveweb.New(d, n.Health), make(chan struct{}, 1)
	n.OnChange(func(topic string) {
		if topic == "reserve" {
			select {
			case news <- struct{}{}:
			default: // it will look anyway
			}
		}
	})
	outgoing := func(kind string, view any) operate.Outgoing { return operate.OutgoingOf(kind, schemaOf(kind), view) }
	return part{
		manifest: reserve.Manifest(), handlers: d.Handlers(),
		outgoing: []operate.Outgoing{
			outgoing(reserve.KindItem, reserve.ItemView{}),
			outgoing(reserve.KindRegistered, reserve.RegistrationView{}),
			outgoing(reserve.KindPledge, reserve.PledgeView{}),
			outgoing(reserve.KindDraw, reserve.DrawView{}),
			outgoing(reserve.KindAllocation, reserve.AllocationView{}),
			outgoing(reserve.KindVote, reserve.VoteView{}),
			outgoing(reserve.KindMovement, reserve.MovementView{}),
			outgoing(reserve.KindArrival, reserve.ArrivalView{}),
			outgoing(reserve.KindDebt, reserve.DebtView{}),
			outgoing(reserve.KindStatement, reserve.StatementView{}),
		},
		routes: pages.Routes, operations: pages.Operations, panels: []healthweb.EventPanel{pages.Panel()}, knows: d.Knows, nav: pages.Nav, todos: d.Todos, search: d.Search, sweep: d.Sweep,
		run: func(ctx context.Context) { n.stating(ctx, d, news) },
	}
}

// stating lets pledges lapse and the standing statement leave, at once when
// the book has news: until it left, others count what was dispatched twice.
func (n *Node) stating(ctx context.Context, d *reserve.Desk, news <-chan struct{}) {
	tick := time.NewTicker(oftenEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-news:
		}
		if err := d.Sweep(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("stating the book of the reserve", "error", err)
		}
	}
}
