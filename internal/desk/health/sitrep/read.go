package sitrep

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows a list of reports, which comes newest first. The zero Filter
// is all of them.
type Filter struct {
	Query  string // every word must occur
	Scope  string
	State  workflow.State
	Owner  access.Member
	Event  id.ID
	Family id.ID
	Limit  int // 1 to 200; 0 is 50
	After  Cursor
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Changed int64
	ID      id.ID
}

// Row is one report in a list, without its facts.
type Row struct {
	View ReportView
	Own  bool
	Due  time.Time
	Late bool
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

func (f *Filter) where(r health.Reach) (string, []any) {
	cond, args := []string{"1 = 1"}, []any{}
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(r.None, "1 = 0")
	add(r.NoRed, "marking <> ?", string(access.TLPRed))
	if r.Places != nil {
		places := make([]any, len(r.Places))
		for i, p := range r.Places {
			places[i] = p
		}
		add(true, "copy_of = '' AND scope = '"+National+"' AND place IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(places)), ", ")+")", places...)
	}
	add(f.Scope != "", "scope = ?", f.Scope)
	add(f.State != "", "state = ?", string(f.State))
	add(f.State == "", "state <> ?", string(Discarded))
	add(f.Owner != "", "owner = ?", string(f.Owner))
	add(f.Event != "", "event = ?", string(f.Event))
	add(f.Family != "", "family = ?", string(f.Family))
	for _, w := range desk.Words(f.Query) {
		add(true, `needle LIKE ? ESCAPE '!'`, desk.Like(w))
	}
	add(f.After.ID != "", "(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	return strings.Join(cond, " AND "), args
}

// List returns the reports that the actor may see, and the cursor of the next
// page; an empty cursor is the end.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Row, Cursor, error) {
	var rows []Row
	var next Cursor
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		where, args := f.where(reach(actor))
		list, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE `+where+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, f.limit()+1)...)
		if len(list) > f.limit() {
			list = list[:f.limit()]
			last := list[len(list)-1]
			next = Cursor{Changed: clock.Micros(last.Changed.At), ID: last.ID}
		}
		now := d.env.Clock.Now()
		for i := range list {
			r := &list[i]
			rows = append(rows, Row{View: viewReport(r), Own: r.Own(), Due: r.Due, Late: r.Own() && late(r.Due, now)})
		}
		return err
	})
	return rows, next, err
}

// Count is how many reports a filter finds.
func (d *Desk) Count(ctx context.Context, actor access.Actor, f Filter) (int, error) {
	f.After = Cursor{}
	where, args := f.where(reach(actor))
	var n int
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM sitrep_report WHERE `+where, args, &n)
		return err
	})
	return n, err
}

// Page is a report as an actor sees it.
type Page struct {
	View     ReportView
	Own      bool
	Due      time.Time
	Clock    string
	Offers   []workflow.Offer
	Reached  map[access.Member]exchange.Receipt // of an own issued report
	Newer    id.ID                              // the correction that took its place
	Later    id.ID                              // the next issue of the series, where it is here
	Earlier  id.ID                              // the report that this one corrects, where it is here
	MayFix   bool                               // the actor may begin a correction
	Reminded time.Time
}

// Page reads a report, own or received. While inputs are awaited they are
// shown as they stand now.
func (d *Desk) Page(ctx context.Context, actor access.Actor, rid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := loadReport(ctx, tx, rid)
		if err == nil && !sees(reach(actor), &r.Head, r.Own(), r.Scope == Regional) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		p.Own, p.Due, p.Clock, p.Reminded = r.Own(), r.Due, r.Clock, r.Reminded
		if r.State == Compiling {
			given, err := d.given(ctx, tx, &r)
			if err != nil {
				return err
			}
			r.compose(given)
		}
		if r.Own() {
			p.Offers = Reports.Offers(r, actor, d.env.Clock.Now())
			row, _ := Reports.Find("", "correct")
			p.MayFix = r.State == Issued && Reports.Allowed(row, r, actor)
			if p.Reached, err = d.reached(ctx, tx, r.Release); err != nil {
				return err
			}
		}
		p.View = viewReport(&r)
		return d.neighbours(ctx, tx, actor, &r, &p)
	})
	return p, err
}

// neighbours finds the reports around one in its series, as far as the actor
// may see them.
func (d *Desk) neighbours(ctx context.Context, tx *db.Tx, actor access.Actor, r *Report, p *Page) error {
	of, column := string(r.Event), "event"
	if of == "" {
		of, column = string(r.Family), "family"
	}
	list, err := docs[Report](ctx, tx, map[string]string{
		"event":  `SELECT doc FROM sitrep_report WHERE event = ? AND owner = ? AND scope = ? ORDER BY number, changed, id`,
		"family": `SELECT doc FROM sitrep_report WHERE family = ? AND owner = ? AND scope = ? ORDER BY number, changed, id`}[column], of, string(r.Owner), r.Scope)
	for i := range list {
		x := &list[i]
		if x.ID == r.ID || !sees(reach(actor), &x.Head, x.Own(), x.Scope == Regional) || x.State == Discarded {
			continue
		}
		switch {
		case x.Corrects == r.ID:
			p.Newer = x.ID
		case r.Corrects == x.ID:
			p.Earlier = x.ID
		case x.Number == r.Number+1 && x.State == Issued:
			p.Later = x.ID
		}
	}
	return err
}

// CallRow is a call with what this member did about it.
type CallRow struct {
	Call
	Answer id.ID // the newest own report on it
	State  workflow.State
	Late   bool
	May    bool // the actor may begin the answer
}

func (d *Desk) seesCall(actor access.Actor, c *Call) bool {
	r := reach(actor)
	return !r.None && r.Places == nil && !(r.NoRed && c.Marking == access.TLPRed)
}

// Calls are the requests of other members that are open, the soonest first.
func (d *Desk) Calls(ctx context.Context, actor access.Actor) ([]CallRow, error) {
	var out []CallRow
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Call](ctx, tx, `SELECT doc FROM sitrep_call WHERE ended = 0 ORDER BY cut_off, id LIMIT 200`)
		for i := range list {
			if err != nil {
				break
			}
			if !d.seesCall(actor, &list[i]) {
				continue
			}
			var row CallRow
			row, err = d.callRow(ctx, tx, actor, &list[i])
			out = append(out, row)
		}
		return err
	})
	return out, err
}

// Call reads one request.
func (d *Desk) Call(ctx context.Context, actor access.Actor, cid id.ID) (CallRow, error) {
	var out CallRow
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		c, ok, err := loadCall(ctx, tx, cid)
		if err == nil && (!ok || !d.seesCall(actor, &c)) {
			err = desk.NotFound()
		}
		if err != nil {
			return err
		}
		out, err = d.callRow(ctx, tx, actor, &c)
		return err
	})
	return out, err
}

func (d *Desk) callRow(ctx context.Context, tx *db.Tx, actor access.Actor, c *Call) (CallRow, error) {
	row := CallRow{Call: *c, Late: late(c.CutOff, d.env.Clock.Now())}
	own, err := docs[Report](ctx, tx, `SELECT doc FROM sitrep_report WHERE call_id = ? AND copy_of = '' AND state NOT IN (?, ?) ORDER BY changed DESC, id DESC LIMIT 1`,
		string(c.ID), string(Discarded), string(Withdrawn))
	if err == nil && len(own) > 0 {
		row.Answer, row.State = own[0].ID, own[0].State
	}
	first, _ := Reports.Find("", "draft")
	row.May = row.Answer == "" && Reports.Allowed(first, Report{Head: desk.Head{Place: string(d.env.Member)}}, actor)
	return row, err
}

// MayWrite reports whether the actor may begin a report.
func MayWrite(actor access.Actor) bool { return actor.HasAny(writers...) }

// Offered finds a step among those that the actor may take.
func (p *Page) Offered(verb workflow.Verb) (workflow.Offer, error) {
	i := slices.IndexFunc(p.Offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i >= 0 {
		return p.Offers[i], nil
	}
	if !p.Own {
		return workflow.Offer{}, fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.View.Owner))
	}
	if _, ok := Reports.Find(p.View.State, verb); !ok {
		return workflow.Offer{}, fault.New(fault.Conflict, "fault.wrong_state").With("verb", string(verb)).With("state", string(p.View.State))
	}
	return workflow.Offer{}, fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
}
