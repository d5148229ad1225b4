package level

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines of the part: proposals, to be replaced by the region's adopted
// procedure.
const (
	ClearLimit   = 4 * time.Hour
	Grace        = time.Hour      // after the window, for positions on their way
	ReviewNotice = 48 * time.Hour // before a level ends somebody is told
	MaxReview    = 90 * 24 * time.Hour
)

var (
	clearWithin  = &workflow.Within[Proposal]{Name: "level_clear", Due: func(_ Proposal, now time.Time) time.Time { return now.Add(ClearLimit) }}
	windowWithin = &workflow.Within[Proposal]{Name: "level_window", Due: func(p Proposal, _ time.Time) time.Time { return p.Closes }}
	reviewWithin = &workflow.Within[Proposal]{Name: "level_review", Due: func(p Proposal, _ time.Time) time.Time {
		if p.Claimed != Adopted || p.Level == 0 {
			return time.Time{}
		}
		return p.Review
	}}
	speakWithin  = &workflow.Within[Position]{Name: "level_position", Due: func(_ Position, now time.Time) time.Time { return now.Add(ClearLimit) }}
	activeWithin = &workflow.Within[Activation]{Name: "level_review", Due: func(a Activation, _ time.Time) time.Time { return a.Review }}
	noClock      = &workflow.Within[Proposal]{Due: func(Proposal, time.Time) time.Time { return time.Time{} }}
	noClockP     = &workflow.Within[Position]{Due: func(Position, time.Time) time.Time { return time.Time{} }}
	noClockA     = &workflow.Within[Activation]{Due: func(Activation, time.Time) time.Time { return time.Time{} }}
)

func proposal(name string, check func(p *Proposal, by access.Actor, now time.Time) bool) workflow.Need[Proposal] {
	return workflow.Need[Proposal]{Name: name, Check: func(p Proposal, by access.Actor, now time.Time) bool { return check(&p, by, now) }}
}

func position(name string, check func(p *Position, by access.Actor, now time.Time) bool) workflow.Need[Position] {
	return workflow.Need[Position]{Name: name, Check: func(p Position, by access.Actor, now time.Time) bool { return check(&p, by, now) }}
}

// Needs, each with the sentence "need.<name>".
var (
	proposalReason = proposal("health.reason", func(p *Proposal, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(p.Reason) != "" })
	// secondPerson: nobody lets go what he or she wrote.
	secondPerson = proposal("level.second_person", func(p *Proposal, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(p.Authors, by.Account)
	})
	// windowOver: nobody's time is cut short; before its end only when every
	// state has answered.
	windowOver = proposal("level.window_over", func(p *Proposal, _ access.Actor, now time.Time) bool {
		if !now.Before(p.Closes) {
			return true
		}
		asked := concernedOr(p.Concerned)
		said := newest(p.given, p.Closes, asked)
		return !slices.ContainsFunc(asked, func(m access.Member) bool { _, ok := said[m]; return !ok && m != p.Owner })
	})
	// leftOut: a position that was issued in time came after the close.
	leftOut = proposal("level.left_out", func(p *Proposal, _ access.Actor, _ time.Time) bool { return p.short })
	// content is what a proposal must have before anybody is asked.
	content = []workflow.Need[Proposal]{
		proposal("level.criteria", func(p *Proposal, _ access.Actor, _ time.Time) bool {
			s, ok := Current().At(p.Level)
			return ok && len(p.Criteria) > 0 && !slices.ContainsFunc(p.Criteria, func(c string) bool { return !slices.Contains(s.Criteria, c) })
		}),
		proposal("level.reasons", func(p *Proposal, _ access.Actor, _ time.Time) bool { return p.Reasons != "" }),
		proposal("level.rule", func(p *Proposal, _ access.Actor, _ time.Time) bool {
			s, ok := Current().At(p.Level)
			return ok && slices.Contains(s.Rules, p.Rule)
		}),
		// review: a level ends; the ladder says by when at the latest.
		proposal("level.review", func(p *Proposal, _ access.Actor, now time.Time) bool {
			s, ok := Current().At(p.Level)
			closes := now.Add(time.Duration(p.Window) * time.Hour)
			return ok && (p.Level == 0 || p.Review.After(closes) && !p.Review.After(closes.AddDate(0, 0, s.Review)))
		}),
		// everyAffected: nobody decides on the level of a state's event over its head.
		proposal("level.concerned", func(p *Proposal, _ access.Actor, _ time.Time) bool {
			asked := concernedOr(p.Concerned)
			return !slices.ContainsFunc(append(slices.Clone(p.Affected), p.Owner), func(m access.Member) bool {
				return slices.Contains(access.States, m) && !slices.Contains(asked, m)
			}) && !slices.ContainsFunc(asked, func(m access.Member) bool { return m != p.Owner && !slices.Contains(p.To, m) })
		}),
		proposal("level.marking", func(p *Proposal, _ access.Actor, _ time.Time) bool { return !p.Closest.Stricter(p.Marking) }),
	}

	positionReason = position("health.reason", func(p *Position, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(p.Reason) != "" })
	positionSecond = position("level.second_person", func(p *Position, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(p.Authors, by.Account)
	})
	// asked: a state answers a proposal that is here and open.
	asked = position("level.asked", func(p *Position, _ access.Actor, _ time.Time) bool {
		return p.of != nil && p.of.State == Consulted && slices.Contains(concernedOr(p.of.Concerned), p.Owner)
	})
	inWindow = position("level.in_window", func(p *Position, _ access.Actor, now time.Time) bool { return p.of != nil && !now.After(p.of.Closes) })
	// reasoned: who reserves, disagrees or abstains says why.
	reasoned = position("level.reasoned", func(p *Position, _ access.Actor, _ time.Time) bool { return p.Stance == Agree || p.Reasons != "" })

	reviewAhead = workflow.Need[Activation]{Name: "level.review_ahead", Check: func(a Activation, _ access.Actor, now time.Time) bool {
		return a.Review.After(now) && !a.Review.After(now.Add(MaxReview))
	}}
	activationReason = workflow.Need[Activation]{Name: "health.reason", Check: func(a Activation, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(a.Reason) != "" }}
)
