package timeliness

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

// 7-1-7-R, a proposal of the domain reference (section 14) that nobody has
// measured yet. R1 is computed from the receipts of notifications. R2, from a
// request for help to the first offer and to the arrival, and R3, the share of
// inputs to situation reports that came in time, are computed from records of
// other parts, which the node connects with Sources.

// Limits of R2.
const (
	OfferLimit  = 24 * time.Hour
	ArriveLimit = 72 * time.Hour
)

// Help is one request for help of this member. A time that is zero has not
// come; Ended is when it was withdrawn or closed.
type Help struct {
	Record  id.ID
	Event   id.ID // that it is about; empty: none
	Title   string
	Href    string // of its page
	Issued  time.Time
	Offered time.Time // the first offer
	Arrived time.Time // the first team or goods
	Ended   time.Time
}

// Contribution is what one member was to give to one situation report.
type Contribution struct {
	Report id.ID
	Events []id.ID // that it is about
	Title  string
	Href   string // of the report's page
	Member access.Member
	Due    time.Time
	Given  time.Time // zero: not given
}

// Sources read R2 and R3, each as far as the actor may see the records; nil
// where the node keeps none.
type Sources struct {
	Help   func(ctx context.Context, actor access.Actor) ([]Help, error)
	Inputs func(ctx context.Context, actor access.Actor) ([]Contribution, error)
}

// Connect names the sources; called once, before the node serves anybody. A
// source that is nil leaves the one before.
func (d *Desk) Connect(s Sources) {
	if s.Help != nil {
		d.sources.Help = s.Help
	}
	if s.Inputs != nil {
		d.sources.Inputs = s.Inputs
	}
}

// Span is one of the two clocks of R2.
type Span struct {
	Outcome Outcome
	Took    time.Duration // to its end, or until now
}

// R2 is how soon a request was answered.
type R2 struct {
	Help
	Offer, Arrival Span
}

// Helped is R2 of every request, the newest first; false where this node keeps
// no requests.
func (d *Desk) Helped(ctx context.Context, actor access.Actor) ([]R2, bool, error) {
	if d.sources.Help == nil {
		return nil, false, nil
	}
	list, err := d.sources.Help(ctx, actor)
	now := d.env.Clock.Now()
	var out []R2
	for _, h := range list {
		out = append(out, R2{Help: h, Offer: between(h.Issued, h.Offered, h.Ended, OfferLimit, now), Arrival: between(h.Issued, h.Arrived, h.Ended, ArriveLimit, now)})
	}
	slices.SortStableFunc(out, func(a, b R2) int { return b.Issued.Compare(a.Issued) })
	return out, true, err
}

// between judges one clock. A request that ended before its limit without what
// was asked decides nothing.
func between(from, to, ended time.Time, limit time.Duration, now time.Time) Span {
	if from.IsZero() {
		return Span{Outcome: NoDate}
	}
	if !to.IsZero() {
		s := Span{Outcome: Met, Took: to.Sub(from)}
		switch {
		case s.Took < 0:
			s.Outcome = Reversed
		case s.Took > limit:
			s.Outcome = Missed
		}
		return s
	}
	until := now
	if !ended.IsZero() {
		until = ended
	}
	s := Span{Outcome: Running, Took: until.Sub(from)}
	switch {
	case s.Took > limit:
		s.Outcome = Missed
	case !ended.IsZero():
		s.Outcome = Undecided
	}
	return s
}

// R3 is how many inputs of one situation report came in time. A member whose
// time is not over and who has not given counts nowhere yet.
type R3 struct {
	Report id.ID
	Title  string
	Href   string
	Due    time.Time // the latest
	InTime []access.Member
	Late   []access.Member // given, after its time
	Silent []access.Member // its time is over
	Open   []access.Member
}

// Decided is how many are in time, late or silent.
func (r *R3) Decided() int { return len(r.InTime) + len(r.Late) + len(r.Silent) }

// Share is the share in time of those that are decided; false of none.
func (r *R3) Share() (float64, bool) {
	if r.Decided() == 0 {
		return 0, false
	}
	return float64(len(r.InTime)) / float64(r.Decided()), true
}

// Given is R3 of every report, the newest first; false where this node keeps
// no situation reports.
func (d *Desk) Given(ctx context.Context, actor access.Actor) ([]R3, bool, error) {
	if d.sources.Inputs == nil {
		return nil, false, nil
	}
	list, err := d.sources.Inputs(ctx, actor)
	return reports(list, d.env.Clock.Now()), true, err
}

func reports(list []Contribution, now time.Time) []R3 {
	var out []R3
	for _, x := range list {
		i := slices.IndexFunc(out, func(r R3) bool { return r.Report == x.Report })
		if i < 0 {
			i, out = len(out), append(out, R3{Report: x.Report, Title: x.Title, Href: x.Href})
		}
		r := &out[i]
		if x.Due.After(r.Due) {
			r.Due = x.Due
		}
		switch {
		case !x.Given.IsZero() && !x.Given.After(x.Due):
			r.InTime = append(r.InTime, x.Member)
		case !x.Given.IsZero():
			r.Late = append(r.Late, x.Member)
		case x.Due.Before(now):
			r.Silent = append(r.Silent, x.Member)
		default:
			r.Open = append(r.Open, x.Member)
		}
	}
	slices.SortStableFunc(out, func(a, b R3) int { return cmp.Or(b.Due.Compare(a.Due), cmp.Compare(a.Report, b.Report)) })
	return out
}

// Regional is 7-1-7-R of one event. Parts that this node keeps no records for
// are empty, and so is R1 of another member's event: its receipts are there.
type Regional struct {
	R1 []R1
	R2 []R2
	R3 []R3
}

// RegionalOf is how fast the region answered to one event: its notifications,
// the requests for help because of it, the inputs to reports about it; each the
// newest first.
func (d *Desk) RegionalOf(ctx context.Context, actor access.Actor, event id.ID) (Regional, error) {
	var out Regional
	acks, err := d.Acknowledged(ctx, actor)
	if err != nil {
		return out, err
	}
	out.R1 = slices.DeleteFunc(acks, func(x R1) bool { return x.Event != event })
	helped, _, err := d.Helped(ctx, actor)
	if err != nil {
		return out, err
	}
	out.R2 = slices.DeleteFunc(helped, func(x R2) bool { return x.Event != event })
	if d.sources.Inputs == nil {
		return out, nil
	}
	inputs, err := d.sources.Inputs(ctx, actor)
	inputs = slices.DeleteFunc(inputs, func(x Contribution) bool { return !slices.Contains(x.Events, event) })
	out.R3 = reports(inputs, d.env.Clock.Now())
	return out, err
}

// None reports whether there is nothing to say.
func (r *Regional) None() bool { return len(r.R1)+len(r.R2)+len(r.R3) == 0 }
