package review

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// Deadlines of the part: proposals, to be replaced by the region's adopted
// procedure. WHO's guidance asks for a review within three months of the end
// of the response and for its report within a month.
const (
	FindLimit     = 30 * 24 * time.Hour
	ValidateLimit = 14 * 24 * time.Hour
	ClearLimit    = 7 * 24 * time.Hour
	FollowLimit   = 30 * 24 * time.Hour
)

func within(name string, d time.Duration) *workflow.Within[Review] {
	return &workflow.Within[Review]{Name: name, Due: func(_ Review, now time.Time) time.Time { return now.Add(d) }}
}

var (
	findWithin     = within("review_find", FindLimit)
	validateWithin = within("review_validate", ValidateLimit)
	clearWithin    = within("review_clear", ClearLimit)
	followWithin   = within("review_follow", FollowLimit)
	noClock        = &workflow.Within[Review]{Due: func(Review, time.Time) time.Time { return time.Time{} }}
)

func need(name string, check func(r *Review, by access.Actor, now time.Time) bool) workflow.Need[Review] {
	return workflow.Need[Review]{Name: name, Check: func(r Review, by access.Actor, now time.Time) bool { return check(&r, by, now) }}
}

// Needs, each with the sentence "need.<name>".
var (
	reason = need("review.reason", func(r *Review, _ access.Actor, _ time.Time) bool { return strings.TrimSpace(r.Reason) != "" })
	joint  = need("review.joint", func(r *Review, _ access.Actor, _ time.Time) bool { return r.Joint && len(r.Members) > 0 })
	// evidence: there is something to judge by.
	evidence = need("review.evidence", func(r *Review, _ access.Actor, _ time.Time) bool {
		return len(r.Events) > 0 || r.Family != "" || len(r.Moments) > 0
	})
	found = need("review.found", func(r *Review, _ access.Actor, _ time.Time) bool { return r.stand.Findings > 0 })
	// settled: what leaves with the review is not a draft.
	settled = need("review.settled", func(r *Review, _ access.Actor, _ time.Time) bool { return r.stand.Drafts == 0 })
	agreed  = need("review.agreed", func(r *Review, _ access.Actor, _ time.Time) bool {
		return r.Validated != nil && strings.TrimSpace(r.Validated.Words) != ""
	})
	// unchanged: what leaves is what the participants agreed on.
	unchanged = need("review.unchanged", func(r *Review, _ access.Actor, _ time.Time) bool {
		return r.Validated != nil && r.Validated.Of == r.stand.Digest
	})
	// secondPerson: nobody lets go what he or she wrote.
	secondPerson = need("review.second_person", func(r *Review, by access.Actor, _ time.Time) bool {
		return by.Account != "" && !slices.Contains(r.Authors, by.Account)
	})
	summary    = need("review.summary", func(r *Review, _ access.Actor, _ time.Time) bool { return r.Summary != "" })
	marking    = need("review.marking", func(r *Review, _ access.Actor, _ time.Time) bool { return !r.Closest.Stricter(r.Marking) })
	recipients = need("review.recipients", func(r *Review, _ access.Actor, _ time.Time) bool { return len(r.To) > 0 })
	// followed: from every gap something follows, or it says why nothing does. A
	// half of a joint review answers for its own member's gaps and actions, the
	// lead for all.
	followed = need("review.followed", func(r *Review, _ access.Actor, _ time.Time) bool {
		return r.stand.Idle == 0 && (r.Of != "" || r.stand.Others == 0)
	})
	// over: every action was verified, or ended with a reason.
	over = need("review.over", func(r *Review, _ access.Actor, _ time.Time) bool {
		return r.stand.Own == 0 && (r.Of != "" || r.stand.Open == 0)
	})
)

// Quiet is how long nothing may happen before a timeline says so.
const Quiet = 3 * 24 * time.Hour

// Silence is a time without an entry.
type Silence struct{ From, Until time.Time }

// Silences are the times longer than a span in which a timeline has nothing.
// The moments stand in order.
func Silences(list []Moment, span time.Duration) []Silence {
	var out []Silence
	for i := 1; i < len(list); i++ {
		if list[i].At.Sub(list[i-1].At) > span {
			out = append(out, Silence{list[i-1].At, list[i].At})
		}
	}
	return out
}
