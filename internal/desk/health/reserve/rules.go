package reserve

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/workflow"
)

// Deadlines of the part: proposals, to be replaced by the region's adopted
// procedure.
const (
	ReceiveLimit = 24 * time.Hour      // to say what came, after it was dispatched or let go
	FreeLimit    = 48 * time.Hour      // to let go what customs holds
	ArriveLimit  = 14 * 24 * time.Hour // without a day of arrival
)

// ExpiryAlerts are the days before the last day of use on which it is told.
var ExpiryAlerts = []int{180, 90, 30}

func needs[R any](list ...workflow.Need[R]) []workflow.Need[R] { return list }

func on[C any](name string, check func(r *Record[C], by access.Actor, now time.Time) bool) workflow.Need[Record[C]] {
	return workflow.Need[Record[C]]{Name: name, Check: func(r Record[C], by access.Actor, now time.Time) bool { return check(&r, by, now) }}
}

// Needs, each with the sentence "need.<name>".

// second: nobody lets go alone what he or she wrote.
func second[C any]() workflow.Need[Record[C]] {
	return on("reserve.second_person", func(r *Record[C], by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(r.Authors, by.Account)
	})
}

func reason[C any]() workflow.Need[Record[C]] {
	return on("health.reason", func(r *Record[C], _ access.Actor, _ time.Time) bool { return strings.TrimSpace(r.Reason) != "" })
}

// ofState: a body has no supplies of its own and no authority for medicines.
func ofState[C any]() workflow.Need[Record[C]] {
	return on("reserve.of_state", func(r *Record[C], _ access.Actor, _ time.Time) bool { return state(r.Owner) })
}

var (
	pledgeAhead = on("reserve.pledge_ahead", func(r *Pledge, _ access.Actor, now time.Time) bool { return !ended(r.C.Until, now) })
	// recomputes: nobody votes on numbers that the formula does not give.
	recomputes = on("reserve.recomputes", func(r *Allocation, _ access.Actor, _ time.Time) bool {
		_, ok, err := r.C.Recompute()
		return err == nil && ok
	})
	reasoned    = on("reserve.rationale", func(r *Allocation, _ access.Actor, _ time.Time) bool { return r.C.Rationale != "" })
	sourcesHold = on("reserve.sources_hold", func(r *Allocation, _ access.Actor, _ time.Time) bool { return r.C.usable })
	// windowOver: nobody's time is cut short; before its end only when every
	// state has voted.
	windowOver = on("reserve.window_over", func(r *Allocation, _ access.Actor, now time.Time) bool {
		if !now.Before(r.C.Closes) {
			return true
		}
		return !slices.ContainsFunc(r.C.Voters, func(m access.Member) bool {
			return m != r.Owner && !slices.ContainsFunc(r.C.given, func(v Voice) bool { return v.Member == m })
		})
	})
	// leftOut: a vote that was given in time came after the close.
	leftOut = on("reserve.left_out", func(r *Allocation, _ access.Actor, _ time.Time) bool { return r.C.left })

	voteAsked = on("reserve.vote_asked", func(r *Vote, _ access.Actor, _ time.Time) bool {
		return r.C.of != nil && r.C.of.State == Voted && state(r.Owner)
	})
	voteInTime   = on("reserve.vote_in_time", func(r *Vote, _ access.Actor, now time.Time) bool { return r.C.of != nil && !now.After(r.C.of.C.Closes) })
	voteReasoned = on("reserve.vote_reasoned", func(r *Vote, _ access.Actor, _ time.Time) bool { return r.C.Stance == Agree || r.C.Reasons != "" })

	// hasBasis: goods leave for a line of an adopted allocation, for a debt of
	// this member, or as a gift that somebody who clears sends.
	hasBasis = on("reserve.basis", func(r *Movement, by access.Actor, _ time.Time) bool {
		return r.C.basis && (r.C.Purpose != ledger.Gift || by.HasAny(clearers...))
	})
	waybill      = on("reserve.waybill", func(r *Movement, _ access.Actor, _ time.Time) bool { return r.C.Carrier != "" })
	arrivedThere = on("reserve.arrived", func(r *Movement, _ access.Actor, _ time.Time) bool {
		return r.C.arrived != nil && r.C.arrived.State == Received
	})

	everyLoad = on("reserve.every_load", func(r *Arrival, _ access.Actor, _ time.Time) bool {
		return r.C.Warehouse != "" && !slices.ContainsFunc(r.C.Landed, func(l Landed) bool { return l.OK+l.Short+l.Damaged != l.Qty })
	})
	// lossSaid: what is short or damaged is explained.
	lossSaid = on("reserve.loss_said", func(r *Arrival, _ access.Actor, _ time.Time) bool {
		return !slices.ContainsFunc(r.C.Landed, func(l Landed) bool { return l.Short+l.Damaged > 0 && l.Words == "" })
	})
	paidInFull = on("reserve.paid", func(r *Debt, _ access.Actor, _ time.Time) bool { return r.C.Paid >= r.C.Qty })
)

func within[C any](name string, due func(r *Record[C], now time.Time) time.Time) *workflow.Within[Record[C]] {
	return &workflow.Within[Record[C]]{Name: name, Due: func(r Record[C], now time.Time) time.Time { return due(&r, now) }}
}

func no[C any]() *workflow.Within[Record[C]] {
	return &workflow.Within[Record[C]]{Due: func(Record[C], time.Time) time.Time { return time.Time{} }}
}

var (
	pledgeWithin = within("reserve_pledge", func(r *Pledge, _ time.Time) time.Time { return endOf(r.C.Until) })
	drawWithin   = within("reserve_draw", func(r *Draw, _ time.Time) time.Time { return endOf(r.C.NeededBy) })
	windowWithin = within("reserve_window", func(r *Allocation, _ time.Time) time.Time { return r.C.Closes })
	arriveWithin = within("reserve_arrive", func(r *Movement, now time.Time) time.Time {
		if r.C.ETA != "" {
			return endOf(r.C.ETA).Add(ReceiveLimit)
		}
		return now.Add(ArriveLimit)
	})
	receiveWithin = within("reserve_receive", func(r *Arrival, now time.Time) time.Time {
		if due := endOf(r.C.ETA); r.C.Freed.IsZero() && due.After(now) {
			return due.Add(ReceiveLimit)
		}
		return now.Add(ReceiveLimit)
	})
	freeWithin = within("reserve_free", func(_ *Arrival, now time.Time) time.Time { return now.Add(FreeLimit) })
	debtWithin = within("reserve_debt", func(r *Debt, _ time.Time) time.Time { return r.C.By })
)

// endOf is the end of a day.
func endOf(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}

// ended reports whether a day is over.
func ended(s string, now time.Time) bool { return s != "" && !now.Before(endOf(s)) }

// Keeps reports whether goods can be used now: until the end of the day of
// expiry in UTC.
func Keeps(expires string, now time.Time) bool { return ledger.Keeps(expires, today(now)) }

// late reports whether a due time has passed; zero is never late.
func late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }

// today is the day of a time in UTC.
func today(now time.Time) string { return now.UTC().Format(time.DateOnly) }
