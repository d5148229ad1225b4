package sitrep

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/place"
)

// A level in force asks for a regional report in its rhythm. The Secretariat's
// node opens it and asks the states that the level concerns; nobody is obliged
// to answer, and composing stays with people. Other nodes are only reminded of
// the next issue of a series that is theirs.

// asking is a call that is due.
type asking struct {
	cutOff time.Time
	flash  bool
}

// due says whether the rhythm of a level asks now for the next report after
// last, which is nil when there was none. A level that is over asks nothing;
// the highest one asks for a flash report when it comes into force.
func (r Rhythm) due(last *Report, now time.Time) (asking, bool) {
	if r.Every <= 0 || now.Before(r.Since) || !now.Before(r.Until) {
		return asking{}, false
	}
	if r.Level >= FlashLevel && (last == nil || last.CutOff.Before(r.Since)) {
		return asking{cutOff: now.Add(FlashWindow), flash: true}, true
	}
	window := Window(r.Every)
	if last == nil {
		return asking{cutOff: now.Add(window)}, true
	}
	next := last.CutOff.Add(r.Every) // a higher level does not wait for what a lower one promised
	if last.Next.After(last.CutOff) && last.Next.Before(next) {
		next = last.Next
	}
	if now.Before(next.Add(-window)) {
		return asking{}, false
	}
	if cutOff := now.Add(2 * time.Hour); next.Before(cutOff) { // the time was missed: nobody is asked in a rush
		next = cutOff
	}
	return asking{cutOff: next}, true
}

// Sweep opens the regional reports that are due by the levels in force. Only
// the regional desk does so.
func (d *Desk) Sweep(ctx context.Context) error {
	if d.env.Member != access.ASEC || d.from.Rhythm == nil {
		return nil
	}
	node := access.Node(d.env.Member)
	families, err := d.Families(ctx, node)
	if err != nil {
		return err
	}
	var errs []error
	for i := range families {
		f := &families[i]
		if !f.Open {
			continue
		}
		r, err := d.from.Rhythm(ctx, node, f.ID)
		if err == nil && r.Every > 0 {
			err = d.follow(ctx, f, r)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// follow opens the next report on a family, if it is due and none is open.
func (d *Desk) follow(ctx context.Context, f *Family, rhythm Rhythm) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		series, err := seriesOf(ctx, tx, &Report{Scope: Regional, Family: f.ID})
		if err != nil {
			return err
		}
		var last *Report
		for i := range series {
			x := &series[i]
			if slices.Contains(open, x.State) {
				return nil
			}
			if last == nil && x.Corrects == "" && x.State != Withdrawn {
				last = x
			}
		}
		now := d.env.Clock.Now()
		ask, ok := rhythm.due(last, now)
		if !ok {
			return nil
		}
		r := d.regional(f, d.asksBy(f, rhythm, last, ask))
		r.Level = rhythm.Level
		if len(r.Asked) == 0 {
			return nil // no state can be reached
		}
		if err := d.place(ctx, tx, &r); err != nil {
			return err
		}
		_, err = d.call(ctx, tx, access.Node(d.env.Member), r, "open_by_level")
		if fault.Is(err, fault.Conflict) {
			return nil // a person was faster
		}
		return err
	})
}

// asksBy is what the clock of a level opens a report with; who composes it can
// change the words.
func (d *Desk) asksBy(f *Family, r Rhythm, last *Report, ask asking) *OpenInput {
	in := &OpenInput{Title: f.Name, Lang: "en", Until: day(ask.cutOff), From: day(ask.cutOff.Add(-r.Every)), CutOff: ask.cutOff, Next: ask.cutOff.Add(r.Every),
		Authority: place.Name(string(d.env.Member), "en"), Marking: cmp.Or(f.Marking, access.TLPAmber), Flash: ask.flash}
	if last != nil {
		in.Lang, in.Authority, in.Title = last.Lang, last.Authority, last.Title
		if t, err := time.Parse(time.DateOnly, last.Until); err == nil {
			in.From = min(day(t.AddDate(0, 0, 1)), in.Until)
		}
	}
	reach := append(d.env.Others(), d.env.Member)
	for _, m := range access.States {
		if slices.Contains(reach, m) && (len(r.Asked) == 0 || slices.Contains(r.Asked, m)) {
			in.Asked = append(in.Asked, m)
		}
	}
	return in
}
