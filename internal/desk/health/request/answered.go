package request

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Answered is how soon one request of this member was answered. A time that is
// zero has not come.
type Answered struct {
	ID      id.ID
	Event   id.ID // that it is about; empty: none
	Title   string
	Href    string
	Issued  time.Time // the first version
	Offered time.Time // the first offer to it
	Arrived time.Time // the first team or goods
	Ended   time.Time // closed, withdrawn or expired
}

// mostAnswered is how many requests Answered reads, the newest first.
const mostAnswered = 200

// Answered are the issued requests of this member that the actor may see, the
// newest change first. One that a record answers which the actor may not see is
// left out: without it the times would be wrong.
func (d *Desk) Answered(ctx context.Context, actor access.Actor) ([]Answered, error) {
	var out []Answered
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		rs, err := all[Request](ctx, tx, OwnRequest, `1 = 1 ORDER BY changed DESC, id DESC LIMIT ?`, mostAnswered)
		if err != nil {
			return err
		}
		came, err := entries(ctx, tx, `kind IN (?, ?) AND request <> '' ORDER BY id`, HostedTeam, AwaitedGood)
		if err != nil {
			return err
		}
		for i := range rs {
			r := &rs[i]
			if r.Sent == nil || !sees(actor, r.Marking) {
				continue
			}
			a := r.answered()
			hidden := false
			for k := range came {
				if of, at := came[k].arrival(); of == r.ID {
					hidden = hidden || !sees(actor, came[k].Head().Marking)
					a.Arrived = sooner(a.Arrived, at)
				}
			}
			if !hidden {
				out = append(out, a)
			}
		}
		return nil
	})
	return out, err
}

func (r *Request) answered() Answered {
	a := Answered{ID: r.ID, Event: r.Sent.Event, Title: r.Sent.Title, Href: (&Entry{Request: r}).Path(), Issued: r.Sent.Issued, Ended: r.Ended}
	if len(r.Past) > 0 {
		a.Issued = r.Past[0].Issued
	}
	if r.Sent.Over != "" && a.Ended.IsZero() { // kept before the end had a time of its own
		a.Ended = r.Changed.At
	}
	for _, x := range r.Answers {
		a.Offered = sooner(a.Offered, x.Offered)
	}
	return a
}

// arrival is the request that a team or goods belong to, and when they were
// there; zero: not yet.
func (e *Entry) arrival() (id.ID, time.Time) {
	switch {
	case e.Deployment != nil:
		return e.Deployment.Request, onDay(e.Deployment.Host.Arrived, e.Deployment.Host.At)
	case e.Consignment != nil:
		return e.Consignment.Request, onDay(e.Consignment.Receipt.Day, e.Consignment.Receipt.At)
	}
	return "", time.Time{}
}

// onDay is the latest moment that a day on which something came can mean: its
// end, or when the record of it was written if that was on the day itself.
func onDay(day string, written time.Time) time.Time {
	end := dayEnd(day)
	if !end.IsZero() && written.Before(end) {
		return written
	}
	return end
}

// sooner is the earlier of two times, of which zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
