package verification

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
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows the list of exchanges. The zero Filter is all of them.
type Filter struct {
	Query  string // every word must occur
	Side   string // SideAsked or SideAnswering; empty: both
	Peer   access.Member
	Open   bool // something is still to come
	Late   bool // a clock has run out
	Event  id.ID
	Signal id.ID
	Limit  int    // 1 to 200; 0 is 50
	After  Cursor // where the page before ended
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Changed int64
	ID      id.ID
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

func (f *Filter) where(a access.Actor, now time.Time) (string, []any) {
	reach := health.ReachOf(a)
	cond, args := []string{"1 = 1"}, []any{}
	add := func(on bool, c string, v ...any) {
		if on {
			cond, args = append(cond, c), append(args, v...)
		}
	}
	add(reach.None || reach.Places != nil, "1 = 0")
	add(reach.NoRed, "marking <> ?", string(access.TLPRed))
	add(f.Side != "", "side = ?", f.Side)
	add(f.Peer != "", "peer = ?", string(f.Peer))
	add(f.Open || f.Late, "open = 1")
	add(f.Late, "due > 0 AND due < ?", clock.Micros(now))
	add(f.Event != "", "event = ?", string(f.Event))
	add(f.Signal != "", "signal = ?", string(f.Signal))
	for _, w := range desk.Words(f.Query) {
		found, with := health.Found(w)
		add(true, found, with...)
	}
	add(f.After.ID != "", "(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	return strings.Join(cond, " AND "), args
}

// List returns the exchanges that the actor may see, newest change first, and
// the cursor of the next page.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Request, Cursor, error) {
	var out []Request
	var next Cursor
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		cond, args := f.where(actor, d.env.Clock.Now())
		rs, err := loadAll(ctx, tx, `SELECT doc FROM verification_request WHERE `+cond+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, f.limit()+1)...)
		if err != nil {
			return err
		}
		if len(rs) > f.limit() {
			rs = rs[:f.limit()]
			last := rs[len(rs)-1]
			next = Cursor{Changed: clock.Micros(last.Changed.At), ID: last.ID}
		}
		out = slices.DeleteFunc(rs, func(r Request) bool { return !Sees(actor, &r) }) // the rule itself has the last word
		return nil
	})
	return out, next, err
}

// Count is how many exchanges the filter finds.
func (d *Desk) Count(ctx context.Context, actor access.Actor, f Filter) (int, error) {
	var n int
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		cond, args := f.where(actor, d.env.Clock.Now())
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM verification_request WHERE `+cond, args, &n)
		return err
	})
	return n, err
}

// Page is one exchange with what the actor may do next.
type Page struct {
	Request
	Messages []Message
	Clocks   []Clock
	Late     bool
	Offers   []workflow.Offer
	History  []history.Entry
	Sealed   history.Signed
}

// Offered returns the button of a step.
func (p *Page) Offered(verb workflow.Verb) (workflow.Offer, bool) {
	i := slices.IndexFunc(p.Offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		return workflow.Offer{}, false
	}
	return p.Offers[i], true
}

// Refusal says why a step is not offered, as the table would.
func (p *Page) Refusal(verb workflow.Verb) error {
	if _, ok := p.Offered(verb); ok {
		return nil
	}
	if _, ok := p.TableOf().Find(p.State, verb); !ok {
		return fault.New(fault.Conflict, "fault.wrong_state").With("verb", string(verb)).With("state", string(p.State))
	}
	return fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
}

// Page reads one exchange.
func (d *Desk) Page(ctx context.Context, actor access.Actor, rid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, rid)
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		p = Page{Request: r, Clocks: r.Clocks(now), Late: Late(r.Due, now), Offers: r.TableOf().Offers(r, actor, now)}
		if !r.Asking() || r.DraftBy != "" {
			p.Draft = r.Draft
		}
		if p.Messages, err = messagesOf(ctx, tx, rid); err != nil {
			return err
		}
		if p.History, err = history.Of(ctx, tx, rid); err != nil {
			return err
		}
		p.Sealed, err = history.Last(ctx, tx)
		return err
	})
	return p, err
}

// Of are the exchanges about an event of this node, newest first.
func (d *Desk) Of(ctx context.Context, actor access.Actor, event id.ID) ([]Request, error) {
	out, _, err := d.List(ctx, actor, Filter{Event: event, Limit: 200})
	return out, err
}
