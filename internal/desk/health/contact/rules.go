package contact

import (
	"cmp"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// StaleAfter is how long what a member gave is taken for right without its
// saying so again. Half a year is the desk's proposal, to be replaced by the
// region's adopted procedure.
const StaleAfter = 180 * 24 * time.Hour

var (
	answerWithin = &workflow.Within[Check]{Name: "contact_check", Due: func(c Check, _ time.Time) time.Time { return c.By }}
	callWithin   = &workflow.Within[Call]{Name: "contact_check", Due: func(c Call, _ time.Time) time.Time { return c.Body.By }}
)

// Needs, each with the sentence "need.<name>".
var (
	hasChannel = workflow.Need[Own]{Name: "contact.channel", Check: func(o Own, _ access.Actor, _ time.Time) bool { return len(o.Contact.Channels) > 0 }}
	// hasNight: a focal point of a required role that nobody reaches at night is
	// none.
	hasNight = workflow.Need[Own]{Name: "contact.night", Check: func(o Own, _ access.Actor, _ time.Time) bool {
		i := slices.IndexFunc(RoleList, func(r RoleRow) bool { return r.Role == o.Contact.Role })
		return i < 0 || !RoleList[i].Required || o.Contact.Order > 1 || slices.ContainsFunc(o.Contact.Channels, func(c Channel) bool { return c.Night })
	}}
	hasReason    = workflow.Need[Own]{Name: "contact.reason", Check: func(o Own, _ access.Actor, _ time.Time) bool { return o.Reason != "" }}
	wasGiven     = workflow.Need[Own]{Name: "contact.given", Check: func(o Own, _ access.Actor, _ time.Time) bool { return o.Given != nil }}
	secondPerson = workflow.Need[Own]{Name: "contact.second_person", Check: func(o Own, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != o.EditBy && a.Account != o.SubmitBy
	}}
	pastDue   = workflow.Need[Check]{Name: "contact.past_due", Check: func(c Check, _ access.Actor, now time.Time) bool { return Late(c.Due, now) }}
	offReason = workflow.Need[Check]{Name: "contact.reason", Check: func(c Check, _ access.Actor, _ time.Time) bool { return c.Reason != "" }}
)

// Late reports whether a due time has passed; zero is never late.
func Late(due, now time.Time) bool { return !due.IsZero() && due.Before(now) }

// Standing is how an entry of the directory is to be taken today.
type Standing string

// Standings; the catalogue has "contact.standing.<standing>".
const (
	Valid   Standing = "valid"
	Stale   Standing = "stale" // its member has not said for long that it is right
	Future  Standing = "future"
	Expired Standing = "expired"
)

// Stands says how the contact is to be taken at a time. Its days are those of
// its member's own calendar.
func (k *Contact) Stands(now time.Time) Standing {
	today := now.In(zone(k.Member)).Format(time.DateOnly)
	switch {
	case k.From > today:
		return Future
	case k.To != "" && k.To < today:
		return Expired
	case now.Sub(k.AsOf) > StaleAfter:
		return Stale
	}
	return Valid
}

func zone(m access.Member) *time.Location {
	if z := place.Zone(string(m)); z != nil {
		return z
	}
	return time.UTC
}

// Holds reports whether the contact may be called now: valid, or only not
// confirmed for long.
func (k *Contact) Holds(now time.Time) bool {
	s := k.Stands(now)
	return s == Valid || s == Stale
}

// Quietly reports whether the post wishes no call at the time, by the clock of
// its member. An urgent call is never kept back.
func (k *Contact) Quietly(now time.Time, urgent bool) bool {
	q := k.Quiet
	if urgent || q == (Quiet{}) {
		return false
	}
	at := now.In(zone(k.Member)).Format("15:04")
	if q.From < q.To {
		return q.From <= at && at < q.To
	}
	return q.From <= at || at < q.To // over midnight
}

// inOrder sorts the contacts of a role as they are called: by their order, the
// one that was confirmed last first where two have the same.
func inOrder(ks []Contact) {
	slices.SortStableFunc(ks, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), b.AsOf.Compare(a.AsOf), cmp.Compare(a.ID, b.ID))
	})
}

// Rung is which contact of the order is to be called when nobody has answered:
// the first until half the time is over, then the first alternate, and one more
// for each further quarter. It is -1 before the check began.
func Rung(issued, due, now time.Time) int {
	if now.Before(issued) || !due.After(issued) {
		return -1
	}
	passed, whole := now.Sub(issued), due.Sub(issued)
	if passed < whole/2 {
		return 0
	}
	return 1 + int((passed-whole/2)/(whole/4))
}

// Next is the contact to call when nobody has answered: the one of the rung,
// or the last there is. Those in their quiet hours are passed over unless the
// call is urgent; nil where nobody is left.
func Next(order []Contact, rung int, now time.Time, urgent bool) *Contact {
	var may []Contact
	for _, k := range order {
		if k.Holds(now) && !k.Quietly(now, urgent) {
			may = append(may, k)
		}
	}
	if len(may) == 0 || rung < 0 {
		return nil
	}
	return &may[min(rung, len(may)-1)]
}

// Minutes that the answer took, from the check to the press. A clock of the
// other node that runs behind gives none below zero.
func (a *Answer) Minutes(issued time.Time) float64 {
	return max(0, a.Answered.Sub(issued).Minutes())
}

// Median of the values; ok is false where there are none.
func Median(v []float64) (float64, bool) {
	if len(v) == 0 {
		return 0, false
	}
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2, true
	}
	return s[len(s)/2], true
}
