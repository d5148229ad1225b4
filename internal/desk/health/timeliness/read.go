package timeliness

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Page is the timeliness of one event as an actor sees it.
type Page struct {
	View
	Own      bool
	Version  int // of the record; 0: there is none yet
	Marking  access.Marking
	Exercise string
	Changed  bool // the event's dates are no longer those that were confirmed
	Reason   string
	To       []access.Member
	Offers   []workflow.Offer
	MayBegin bool
	Copy     *Copy // of another member's event: what it released
}

// EventPage reads the timeliness of an event: of an own one computed from its
// record, of another member's what that released.
func (d *Desk) EventPage(ctx context.Context, actor access.Actor, eid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		e, err := d.events.EventIn(ctx, tx, actor, eid)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil && e.Owner == d.env.Member {
			p, err = d.ownPage(ctx, tx, actor, e)
			return err
		}
		copies, err := docs[Copy](ctx, tx, `SELECT doc FROM timeliness_copy WHERE event = ?`, string(eid))
		if err != nil {
			return err
		}
		for _, c := range copies {
			if seesCopy(health.ReachOf(actor), &c) {
				p = Page{View: c.View, Version: c.Version, Marking: c.Marking, Exercise: c.Exercise, Reason: c.Reason, Copy: &c}
				return nil
			}
		}
		return desk.NotFound()
	})
	return p, err
}

func (d *Desk) ownPage(ctx context.Context, tx *db.Tx, actor access.Actor, e health.EventView) (Page, error) {
	now := d.env.Clock.Now()
	p := Page{Own: true, Marking: e.Marking, Exercise: e.Exercise}
	r, err := d.loadBy(ctx, tx, `SELECT doc FROM timeliness_record WHERE event = ?`, e.ID)
	if fault.Is(err, fault.NotFound) {
		p.View = viewOf(&Record{}, &e, now)
		row, _ := Records.Find("", "begin")
		blank := Record{}
		if blank.Place = string(e.Owner); len(e.Places) > 0 {
			blank.Place = e.Places[0]
		}
		p.MayBegin = Records.Allowed(row, blank, actor)
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.View, p.Version, p.Reason, p.To, p.Marking = viewOf(&r, &e, now), r.Version, r.Reason, r.To, r.Marking
	p.Changed = r.Fixed() && r.Dates != datesOf(&e)
	p.Offers = Records.Offers(r, actor, now)
	return p, nil
}

// Row is one event in the tables of the region.
type Row struct {
	View
	Own       bool
	Withdrawn bool
	Released  time.Time // of another member's
}

// Most is how many events of this member the tables compute.
const Most = 2000

// Region is what this node knows: its own events computed now, and what others
// released.
func (d *Desk) Region(ctx context.Context, actor access.Actor) ([]Row, error) {
	var out []Row
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		events, err := d.events.OwnEvents(ctx, tx, actor, Most)
		if err != nil {
			return err
		}
		records, err := docs[Record](ctx, tx, `SELECT doc FROM timeliness_record ORDER BY changed DESC, id LIMIT ?`, Most)
		if err != nil {
			return err
		}
		at := map[id.ID]*Record{}
		for i := range records {
			at[records[i].Event] = &records[i]
		}
		now := d.env.Clock.Now()
		for _, e := range events {
			r := at[e.ID]
			if r == nil {
				r = &Record{}
			}
			out = append(out, Row{View: viewOf(r, &e, now), Own: true})
		}
		copies, err := docs[Copy](ctx, tx, `SELECT doc FROM timeliness_copy ORDER BY issued DESC, id LIMIT ?`, Most)
		for _, c := range copies {
			if seesCopy(health.ReachOf(actor), &c) {
				out = append(out, Row{View: c.View, Withdrawn: c.Withdrawn, Released: clock.FromMicros(c.Issued)})
			}
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(slices.Index(access.All(), a.Owner), slices.Index(access.All(), b.Owner)), cmp.Compare(a.Name, b.Name))
	})
	return out, err
}

// R1 is one notification of this member: how long until every other state had
// acknowledged it.
type R1 struct {
	health.ReleaseAcks
	Asked    int           // states
	Answered int           // of those that were asked
	All      bool          // every other state was asked
	Hours    time.Duration // to the last answer, or until now
	Outcome  Outcome
}

// R1Limit is the clock's limit: 24 h, a proposal of the domain reference.
const R1Limit = 24 * time.Hour

// Acknowledged computes R1 from the receipts. A notification that did not go
// to every other state has no R1: its outcome is unknown.
func (d *Desk) Acknowledged(ctx context.Context, actor access.Actor) ([]R1, error) {
	var out []R1
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := d.events.ReleasesOf(ctx, tx, actor, 500)
		now := d.env.Clock.Now()
		for _, r := range list {
			out = append(out, r1(r, d.env.Member, now))
		}
		return err
	})
	return out, err
}

// r1 judges one notification.
func r1(r health.ReleaseAcks, self access.Member, now time.Time) R1 {
	x := R1{ReleaseAcks: r, Outcome: NoDate}
	others := 0
	last := r.Released
	for _, m := range access.States {
		if m != self {
			others++
		}
	}
	for _, a := range r.Acks {
		if !slices.Contains(access.States, a.Member) {
			continue
		}
		x.Asked++
		if a.State == health.AckActed {
			x.Answered++
			if a.At.After(last) {
				last = a.At
			}
		}
	}
	x.All = x.Asked == others
	done := x.Asked > 0 && x.Answered == x.Asked
	x.Hours = last.Sub(r.Released)
	if !done {
		x.Hours = now.Sub(r.Released)
	}
	switch {
	case !x.All:
	case x.Hours > R1Limit:
		x.Outcome = Missed
	case done:
		x.Outcome = Met
	default:
		x.Outcome = Running
	}
	return x
}
