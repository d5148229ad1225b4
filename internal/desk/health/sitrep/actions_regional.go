package sitrep

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// OpenInput is what opens a regional report.
type OpenInput struct {
	Title, Lang string
	From, Until string
	CutOff      time.Time
	Next        time.Time
	Authority   string
	Words       string // to the members that are asked
	Asked       []access.Member
	Marking     access.Marking
	Flash       bool
}

// Open begins the next regional issue on a family and asks members for their
// inputs. Nobody is obliged: who stays silent is shown as silent.
func (d *Desk) Open(ctx context.Context, actor access.Actor, family id.ID, in OpenInput) (Report, error) {
	f, ok, err := d.Family(ctx, actor, family)
	if err == nil && !ok {
		err = desk.NotFound()
	}
	if err != nil {
		return Report{}, err
	}
	var out Report
	err = d.env.DB.Write(ctx, func(tx *db.Tx) error {
		r := d.regional(&f, &in)
		r.Authors = []id.ID{actor.Account}
		if f.Marking.Stricter(r.Marking) {
			return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "marking", Key: "need.sitrep.marking"}}}
		}
		if err := d.place(ctx, tx, &r); err != nil {
			return err
		}
		var err error
		out, err = d.call(ctx, tx, actor, r, "open")
		return err
	})
	return out, err
}

// regional is a new report on a family, before it has its number.
func (d *Desk) regional(f *Family, in *OpenInput) Report {
	r := Report{Scope: Regional, Family: f.ID, Subject: f.Name, Hazard: f.Hazard, Title: in.Title, Lang: in.Lang, From: in.From, Until: in.Until,
		CutOff: in.CutOff, AsOf: in.CutOff, Next: in.Next, Authority: in.Authority, Words: in.Words, Closest: f.Marking, Flash: in.Flash}
	r.Owner, r.Place, r.Marking, r.Exercise = d.env.Member, string(d.env.Member), in.Marking, f.Exercise
	to := d.env.Others()
	for _, m := range access.All() { // in the fixed order, each once
		if slices.Contains(in.Asked, m) {
			r.Asked = append(r.Asked, m)
		}
		if slices.Contains(to, m) {
			r.To = append(r.To, m)
		}
	}
	return r
}

// call keeps a new regional report and asks the members for their inputs.
func (d *Desk) call(ctx context.Context, tx *db.Tx, actor access.Actor, r Report, verb workflow.Verb) (Report, error) {
	r.compose(nil)
	r.Calls = d.env.IDs.New()
	return desk.CreateIn(ctx, d.env, tx, d.reports, actor, r, verb, desk.Change[Report]{Then: func(ctx context.Context, tx *db.Tx, r *Report) error {
		return d.sendCall(ctx, tx, r, r.Calls, r.Asked, false)
	}})
}

// Remind asks those again who have given nothing.
func (d *Desk) Remind(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Report, error) {
	return d.withInputs(ctx, actor, rid, func(tx *db.Tx, given []Report) (Report, error) {
		now := d.env.Clock.Now()
		var silent []access.Member
		return desk.TakeIn(ctx, d.env, tx, d.reports, actor, rid, seen, "remind", desk.Change[Report]{
			Edit: func(r *Report) error {
				if now.Sub(r.Reminded) < RemindAfter {
					return fault.New(fault.Conflict, "fault.sitrep.reminded")
				}
				r.compose(given)
				for i := range r.Inputs {
					if in := &r.Inputs[i]; in.Stands == Silent {
						silent, in.Reminded = append(silent, in.Member), now
					}
				}
				r.Reminded, r.Calls = now, d.env.IDs.New()
				return nil
			},
			Then: func(ctx context.Context, tx *db.Tx, r *Report) error {
				return d.sendCall(ctx, tx, r, r.Calls, silent, false)
			},
		})
	})
}

// Compose takes the inputs as they stand and makes a draft of them.
func (d *Desk) Compose(ctx context.Context, actor access.Actor, rid id.ID, seen int) (Report, error) {
	return d.withInputs(ctx, actor, rid, func(tx *db.Tx, given []Report) (Report, error) {
		return desk.TakeIn(ctx, d.env, tx, d.reports, actor, rid, seen, "compose", desk.Change[Report]{
			Edit: func(r *Report) error {
				r.compose(given)
				if !slices.Contains(r.Authors, actor.Account) {
					r.Authors = append(r.Authors, actor.Account)
				}
				series, err := seriesOf(ctx, tx, r)
				if err != nil {
					return err
				}
				r.since(series)
				return nil
			},
			Then: d.endCall,
		})
	})
}

func (d *Desk) withInputs(ctx context.Context, actor access.Actor, rid id.ID, f func(tx *db.Tx, given []Report) (Report, error)) (Report, error) {
	var out Report
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if err := d.mayTouch(ctx, tx, actor, rid); err != nil {
			return err
		}
		r, err := loadReport(ctx, tx, rid)
		if err != nil {
			return err
		}
		given, err := d.given(ctx, tx, &r)
		if err != nil {
			return err
		}
		out, err = f(tx, given)
		return err
	})
	return out, err
}

// compose sets inputs and figures; who was reminded stays noted.
func (r *Report) compose(given []Report) {
	reminded := map[access.Member]time.Time{}
	for _, in := range r.Inputs {
		reminded[in.Member] = in.Reminded
	}
	r.Inputs, r.Figures = Compose(r.Asked, given, r.CutOff)
	for i := range r.Inputs {
		r.Inputs[i].Reminded = reminded[r.Inputs[i].Member]
	}
}

// given are the national reports that this node holds and that may be inputs
// of a regional one: those that answer its call, and those on an event of the
// family whose figures are of the period.
func (d *Desk) given(ctx context.Context, tx *db.Tx, r *Report) ([]Report, error) {
	list, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE scope = ? AND call_id = ? AND state IN (?, ?) ORDER BY id`,
		National, string(r.ID), string(Issued), string(Corrected))
	if err != nil {
		return nil, err
	}
	if r.Corrects != "" { // inputs answered the call of the issue that is corrected
		first, err := d.callOf(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		more, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE scope = ? AND call_id = ? AND state IN (?, ?) ORDER BY id`,
			National, string(first), string(Issued), string(Corrected))
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	from, err := time.Parse(time.DateOnly, r.From)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	events, err := d.eventsOf(ctx, r.Family)
	for _, e := range events {
		if err != nil {
			break
		}
		var of []Report
		of, err = docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE scope = ? AND event = ? AND call_id <> ? AND as_of >= ? AND state IN (?, ?) ORDER BY id`,
			National, string(e.ID), string(r.ID), clock.Micros(from), string(Issued), string(Corrected))
		for _, x := range of {
			if x.Owner == e.Owner && !slices.ContainsFunc(list, func(y Report) bool { return y.ID == x.ID }) {
				list = append(list, x)
			}
		}
	}
	// An input marked closer than the report may not be told in it, and an
	// exercise is never mixed with what is real.
	return slices.DeleteFunc(list, func(x Report) bool { return x.Marking.Stricter(r.Marking) || x.Exercise != r.Exercise }), err
}

func (d *Desk) eventsOf(ctx context.Context, family id.ID) ([]FamilyEvent, error) {
	f, _, err := d.Family(ctx, access.Node(d.env.Member), family)
	return f.Events, err
}

// callOf is the report whose call the inputs of a correction answered.
func (d *Desk) callOf(ctx context.Context, tx *db.Tx, r *Report) (id.ID, error) {
	at := r
	for at.Corrects != "" {
		old, err := loadReport(ctx, tx, at.Corrects)
		if err != nil {
			return "", err
		}
		at = &old
	}
	return at.ID, nil
}
