package contact

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Result is one member's line of a check.
type Result struct {
	Answer
	Took  float64  // minutes
	Late  bool     // answered after the time, or silent although it is over
	Quiet bool     // everybody who could be called is in quiet hours
	Next  *Contact // whom to call now, while it is silent
	Step  int      // 0 the first contact, 1 the first alternate, and so on
}

// Silent reports whether nobody has pressed.
func (r *Result) Silent() bool { return r.Answered.IsZero() }

// Summary is how a check went.
type Summary struct {
	Check
	Asked, Replied int
	InTime         int
	Median         float64 // minutes of those who answered
	HasMedian      bool
}

// CheckPage is a check with the result of each member.
type CheckPage struct {
	Summary
	Results []Result // in the fixed order
	Rung    int
	Offers  []workflow.Offer
}

// CheckPage reads one check of this node.
func (d *Desk) CheckPage(ctx context.Context, actor access.Actor, i id.ID) (CheckPage, error) {
	var p CheckPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		if !reads(actor) {
			return desk.NotFound()
		}
		k, err := loadCheck(ctx, tx, i)
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		all, err := answers(ctx, tx, `WHERE check_id = ?`, string(i))
		if err != nil {
			return err
		}
		p = CheckPage{Summary: summary(k, all), Offers: Checks.Offers(k, actor, now), Rung: Rung(k.Issued, k.By, now)}
		for _, m := range access.All() {
			for _, a := range all {
				if a.Member != m {
					continue
				}
				r, err := d.result(ctx, tx, &k, a, p.Rung, now)
				if err != nil {
					return err
				}
				p.Results = append(p.Results, r)
			}
		}
		return nil
	})
	return p, err
}

func (d *Desk) result(ctx context.Context, tx *db.Tx, k *Check, a Answer, rung int, now time.Time) (Result, error) {
	r := Result{Answer: a, Step: rung}
	if !r.Silent() {
		r.Took, r.Late = a.Minutes(k.Issued), a.Answered.After(k.By)
		return r, nil
	}
	r.Late = k.State != CalledOff && Late(k.By, now)
	if k.State == CalledOff {
		return r, nil
	}
	order, err := d.Escalation(ctx, tx, a.Member, k.Role)
	if err != nil {
		return r, err
	}
	r.Next = Next(order, rung, now, k.Urgent)
	r.Quiet = r.Next == nil && len(order) > 0
	r.Step = min(rung, max(0, len(order)-1))
	return r, nil
}

func summary(k Check, all []Answer) Summary {
	s := Summary{Check: k, Asked: len(all)}
	var took []float64
	for _, a := range all {
		if a.Answered.IsZero() {
			continue
		}
		s.Replied++
		if !a.Answered.After(k.By) {
			s.InTime++
		}
		took = append(took, a.Minutes(k.Issued))
	}
	s.Median, s.HasMedian = Median(took)
	return s
}

// CheckList is the past checks of this node, the newest first; before is where
// the page before ended.
func (d *Desk) CheckList(ctx context.Context, actor access.Actor, before time.Time, limit int) ([]Summary, time.Time, error) {
	if !reads(actor) {
		return nil, time.Time{}, desk.NotFound()
	}
	var out []Summary
	var next time.Time
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		until := int64(1) << 62
		if !before.IsZero() {
			until = clock.Micros(before)
		}
		ks, err := loadAll[Check](ctx, tx, `SELECT doc FROM contact_check WHERE issued < ? ORDER BY issued DESC, id DESC LIMIT ?`, until, limit+1)
		if err != nil {
			return err
		}
		out, next = nil, time.Time{}
		for i, k := range ks {
			if i == limit {
				next = ks[i-1].Issued
				break
			}
			all, err := answers(ctx, tx, `WHERE check_id = ?`, string(k.ID))
			if err != nil {
				return err
			}
			out = append(out, summary(k, all))
		}
		return nil
	})
	return out, next, err
}

// CallPage is a received check with what the actor may do.
type CallPage struct {
	Call
	Late   bool
	Offers []workflow.Offer
}

// CallPage reads one received check.
func (d *Desk) CallPage(ctx context.Context, actor access.Actor, i id.ID) (CallPage, error) {
	var p CallPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		k, err := d.visibleCall(ctx, tx, actor, i)
		now := d.env.Clock.Now()
		p = CallPage{Call: k, Late: k.Answered.IsZero() && Late(k.Body.By, now) || k.Answered.After(k.Body.By), Offers: Calls.Offers(k, actor, now)}
		return err
	})
	return p, err
}

// Received are the checks that others called, the newest first.
func (d *Desk) Received(ctx context.Context, actor access.Actor, limit int) ([]Call, error) {
	if !reads(actor) {
		return nil, desk.NotFound()
	}
	var out []Call
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = loadAll[Call](ctx, tx, `SELECT doc FROM contact_call ORDER BY issued DESC, id DESC LIMIT ?`, limit)
		return err
	})
	return out, err
}
