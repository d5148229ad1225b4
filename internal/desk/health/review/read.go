package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/trail"
	"lintas/internal/workflow"
)

// Row is a review in a list.
type Row struct {
	View
	Own bool
	Due time.Time
}

// Filter narrows the list of reviews, which comes newest first.
type Filter struct {
	Query  string
	State  workflow.State
	Sort   string
	Owner  access.Member
	Event  id.ID
	Open   bool
	Limit  int // 0 is 50
	Offset int
	After  *trail.After // instead of an offset: what follows this review
}

func (f *Filter) limit() int {
	if f.Limit < 1 || f.Limit > 500 {
		return 50
	}
	return f.Limit
}

// List are the reviews that the actor may see, and whether there are more.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Row, bool, error) {
	r := reach(actor)
	if !sees(r, access.TLPAmber) {
		return nil, false, nil
	}
	cond, args := []string{"1 = 1"}, []any{}
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(r.NoRed, "marking <> ?", string(access.TLPRed))
	add(f.State != "", "state = ?", string(f.State))
	add(f.Sort != "", "sort = ?", f.Sort)
	add(f.Owner != "", "owner = ?", string(f.Owner))
	add(f.Open, "open = 1")
	add(f.Event != "", "id IN (SELECT review FROM review_event WHERE event = ?)", string(f.Event))
	if f.After != nil {
		add(true, "(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	}
	for _, w := range desk.Words(f.Query) {
		add(true, `needle LIKE ? ESCAPE '!'`, desk.Like(w))
	}
	var out []Row
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Review](ctx, tx, `SELECT doc FROM review_review WHERE `+strings.Join(cond, " AND ")+` ORDER BY changed DESC, id DESC LIMIT ? OFFSET ?`,
			append(args, f.limit()+1, max(f.Offset, 0))...)
		for i := range list {
			out = append(out, Row{viewOf(&list[i], nil), list[i].Own(), list[i].Due})
		}
		return err
	})
	more := len(out) > f.limit()
	return out[:min(len(out), f.limit())], more, err
}

// Half is what one member brings to a joint review.
type Half struct {
	Member access.Member
	View   *View // nil: nothing has come
}

// Page is a review as an actor sees it.
type Page struct {
	View
	Own     bool
	Due     time.Time
	Offers  []workflow.Offer
	Chain   trail.Chain
	Stand   trail.Standing
	Halves  []Half // of a joint review, in the order of its members
	Mine    *View  // this member's half of another's joint review
	Leading *View  // the joint review of which this is a half
	MayJoin bool
	Manual  []Moment // by hand
	Marks   []Mark
	Closest access.Marking
}

// Page reads a review, own or received.
func (d *Desk) Page(ctx context.Context, actor access.Actor, rid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, rid)
		if err != nil {
			return err
		}
		line, err := d.chosen(ctx, tx, &r)
		if err != nil {
			return err
		}
		p = Page{View: viewOf(&r, line), Own: r.Own(), Due: r.Due, Stand: r.stand, Manual: r.Moments, Marks: r.Marks, Closest: r.Closest}
		if r.Own() {
			p.Offers = Reviews.Offers(r, actor, d.env.Clock.Now())
		}
		return d.sides(ctx, tx, actor, &r, &p)
	})
	if err == nil {
		p.Chain, err = d.trail.Of(ctx, actor, p.Source())
	}
	return p, err
}

// sides are the halves of a joint review, from wherever one looks at it.
func (d *Desk) sides(ctx context.Context, tx *db.Tx, actor access.Actor, r *Review, p *Page) error {
	if r.Of != "" {
		l, err := d.visible(ctx, tx, actor, r.Of)
		if err == nil {
			v := viewOf(&l, nil)
			p.Leading = &v
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		return nil
	}
	if !r.Joint {
		return nil
	}
	list, err := docs[Review](ctx, tx, `SELECT doc FROM review_review WHERE half_of = ? AND state <> ? ORDER BY id`, string(r.ID), string(Cancelled))
	for _, m := range r.Members {
		h := Half{Member: m}
		for i := range list {
			if x := &list[i]; x.Owner == m && sees(reach(actor), x.Marking) {
				line := x.Moments
				if x.Own() {
					if line, err = d.chosen(ctx, tx, x); err != nil {
						return err
					}
				}
				v := viewOf(x, line)
				h.View = &v
				if x.Own() {
					p.Mine = &v
				}
			}
		}
		p.Halves = append(p.Halves, h)
	}
	row, _ := Reviews.Find("", "join")
	p.MayJoin = !r.Own() && p.Mine == nil && slices.Contains(r.Members, d.env.Member) && !final(r.State) && Reviews.Allowed(row, Review{}, actor)
	return err
}

// chosen is the timeline of the report: the entries that were marked and the
// moments that were added by hand. In a copy it is what its owner released.
func (d *Desk) chosen(ctx context.Context, tx *db.Tx, r *Review) ([]Moment, error) {
	out := slices.Clone(r.Moments)
	if !r.Own() {
		return out, nil
	}
	for _, m := range r.Marks {
		e, err := history.At(ctx, tx, m.Index)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		x := momentOf(e, r.Lock)
		x.Words = m.Words
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Moment) int { return a.At.Compare(b.At) })
	return out, nil
}

func momentOf(e history.Entry, lock *Seal) Moment {
	return Moment{At: e.At, Index: e.Index, Action: e.Action, Kind: e.Record.Kind, Record: e.Record.ID, Actor: e.Actor, Member: e.Member, Late: lock != nil && e.Index >= lock.Size}
}

// Line is one row of the whole timeline.
type Line struct {
	Moment
	Chosen bool
	Note   string
	Locked bool // it stands in the locked evidence
}

// Timeline is everything that the history has on what is reviewed, and what was
// added by hand, in order. Before the lock it is what would be locked; after it
// each row says whether it stands in the locked set or came later.
type Timeline struct {
	Lines    []Line
	Silences []Silence
	More     int // entries beyond those that are shown
}

// mostLines is how many rows of a timeline one page shows.
const mostLines = 1500

// Timeline reads the whole timeline of a review of this member.
func (d *Desk) Timeline(ctx context.Context, actor access.Actor, rid id.ID) (Timeline, error) {
	var t Timeline
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, rid)
		if err != nil {
			return err
		}
		locked := map[int64]bool{}
		if r.Own() && r.Lock != nil {
			l, err := loadLock(ctx, tx, rid)
			if err != nil {
				return err
			}
			for _, i := range l.Items {
				locked[i.Index] = true
			}
		}
		for _, m := range r.Moments {
			t.Lines = append(t.Lines, Line{Moment: m, Chosen: true, Note: m.Words, Locked: r.Lock != nil && !m.Late})
		}
		if r.Own() {
			es, err := d.entriesOf(ctx, tx, actor, &r)
			if err != nil {
				return err
			}
			for _, e := range es {
				l := Line{Moment: momentOf(e, r.Lock), Locked: locked[e.Index]}
				if i := slices.IndexFunc(r.Marks, func(m Mark) bool { return m.Index == e.Index }); i >= 0 {
					l.Chosen, l.Note = true, r.Marks[i].Words
				}
				t.Lines = append(t.Lines, l)
			}
		}
		return nil
	})
	slices.SortStableFunc(t.Lines, func(a, b Line) int { return a.At.Compare(b.At) })
	if len(t.Lines) > mostLines {
		t.More = len(t.Lines) - mostLines
		t.Lines = t.Lines[:mostLines]
	}
	all := make([]Moment, len(t.Lines))
	for i := range t.Lines {
		all[i] = t.Lines[i].Moment
	}
	t.Silences = Silences(all, Quiet)
	return t, err
}

// Suggested are the bottlenecks and enablers that the timeliness of the events
// names, for findings to begin from.
func (d *Desk) Suggested(ctx context.Context, actor access.Actor, rid id.ID) ([]Clock, []Factor, error) {
	return d.clocks(ctx, actor, rid)
}

// SourceOf is the review as findings refer to it.
func (p *Page) SourceOf() trail.Source {
	s := trail.Source{Desk: Name, Kind: KindReview, ID: p.ID, Owner: p.Owner, Title: p.Title, Marking: p.Closest}
	if p.Of != "" {
		s.ID, s.Owner = p.Of, p.Lead
		if p.Leading != nil {
			s.Title = p.Leading.Title
		}
	}
	if len(p.Events) > 0 {
		s.About = p.Events[0].ID
	}
	return s
}

// MayFind reports whether the actor may write findings of the review now: its
// evidence is locked and they are not yet validated.
func (p *Page) MayFind(actor access.Actor) bool {
	return p.Own && actor.HasAny(writers...) && (p.State == Locked || p.State == Drafted)
}
