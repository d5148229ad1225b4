package risk

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
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows a list of assessments, which comes newest first. The zero
// Filter is all of them.
type Filter struct {
	Query   string // every word must occur
	Scope   string
	State   workflow.State
	Owner   access.Member
	Event   id.ID
	Level   Level
	InForce bool // published and still valid
	Limit   int  // 1 to 200; 0 is 50
	After   Cursor
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Changed int64
	ID      id.ID
}

// Row is one assessment in a list, with how many states took which stance.
type Row struct {
	View    AssessmentView
	Own     bool
	Due     time.Time
	Agree   int
	Dissent int
	Silent  int
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

func (f *Filter) where(r health.Reach, now time.Time) (string, []any) {
	cond, args := []string{"1 = 1"}, []any{}
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(r.None, "1 = 0")
	add(r.NoRed, "marking <> ?", string(access.TLPRed))
	if r.Places != nil {
		add(true, "copy_of = ''")
		places := make([]any, len(r.Places))
		for i, p := range r.Places {
			places[i] = p
		}
		add(true, "place IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(places)), ", ")+")", places...)
	}
	add(f.Scope != "", "scope = ?", f.Scope)
	add(f.State != "", "state = ?", string(f.State))
	add(f.State == "", "state <> ?", string(Discarded))
	add(f.Owner != "", "owner = ?", string(f.Owner))
	add(f.Event != "", "event = ?", string(f.Event))
	add(f.Level != "", "level = ?", f.Level.Rank())
	add(f.InForce, "state = ? AND valid_until >= ?", string(Published), clock.Micros(now))
	for _, w := range desk.Words(f.Query) {
		add(true, `needle LIKE ? ESCAPE '!'`, desk.Like(w))
	}
	add(f.After.ID != "", "(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	return strings.Join(cond, " AND "), args
}

// List returns the assessments that the actor may see, and the cursor of the
// next page; an empty cursor is the end.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Row, Cursor, error) {
	var rows []Row
	var next Cursor
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		rows, next, err = d.list(ctx, tx, actor, f)
		return err
	})
	return rows, next, err
}

func (d *Desk) list(ctx context.Context, tx *db.Tx, actor access.Actor, f Filter) ([]Row, Cursor, error) {
	var next Cursor
	where, args := f.where(reach(actor), d.env.Clock.Now())
	as, err := loadAll[Assessment](ctx, tx, `SELECT doc FROM risk_assessment WHERE `+where+` ORDER BY changed DESC, id DESC LIMIT ?`,
		append(args, f.limit()+1)...)
	if err != nil {
		return nil, next, err
	}
	if len(as) > f.limit() {
		as = as[:f.limit()]
		last := as[len(as)-1]
		next = Cursor{Changed: clock.Micros(last.Changed.At), ID: last.ID}
	}
	var rows []Row
	for i := range as {
		a := &as[i]
		row := Row{View: viewAssessment(a, nil), Own: a.Own(), Due: a.Due}
		spread, err := d.spread(ctx, tx, actor, a)
		if err != nil {
			return nil, next, err
		}
		row.Agree, row.Dissent, row.Silent = Counts(spread)
		rows = append(rows, row)
	}
	return rows, next, nil
}

// Count returns how many assessments the filter matches.
func (d *Desk) Count(ctx context.Context, actor access.Actor, f Filter) (int, error) {
	var n int
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		f.After = Cursor{}
		where, args := f.where(reach(actor), d.env.Clock.Now())
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM risk_assessment WHERE `+where, args, &n)
		return err
	})
	return n, err
}

// CellKind is how a state stands to an assessment.
type CellKind string

const (
	CellAssessor  CellKind = "assessor" // it made the assessment
	CellAgree     CellKind = "agree"
	CellDissent   CellKind = "dissent"
	CellSilent    CellKind = "none" // asked, no position
	CellWithdrawn CellKind = "withdrawn"
	CellNotAsked  CellKind = "not_asked"
)

// Cell is one state in the spread of positions.
type Cell struct {
	Member   access.Member
	Kind     CellKind
	Position *PositionView // in force, or withdrawn
	Before   *PositionView // that it replaced, or on the assessment before
	Region   Level         // that the state holds for the region; empty: none known
	Reached  exchange.Receipt
	Late     bool
}

// Counts of a spread: who agrees, who dissents, who was asked and is silent.
func Counts(spread []Cell) (agree, dissent, silent int) {
	for _, c := range spread {
		switch c.Kind {
		case CellAgree:
			agree++
		case CellDissent:
			dissent++
		case CellSilent, CellWithdrawn:
			silent++
		}
	}
	return agree, dissent, silent
}

// spread is the position of every state in the fixed order. It is never
// averaged: a state without a position is named so.
func (d *Desk) spread(ctx context.Context, tx *db.Tx, actor access.Actor, a *Assessment) ([]Cell, error) {
	if a.Scope != Regional {
		return nil, nil
	}
	now, err := positionsOf(ctx, tx, a.ID)
	if err != nil {
		return nil, err
	}
	var before []Position
	if a.Supersedes != "" {
		if before, err = positionsOf(ctx, tx, a.Supersedes); err != nil {
			return nil, err
		}
	}
	reached, err := d.stages(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	r, clockNow := reach(actor), d.env.Clock.Now()
	out := make([]Cell, 0, len(access.States))
	for _, m := range access.States {
		c := Cell{Member: m, Kind: CellNotAsked, Reached: reached[m]}
		switch {
		case m == a.Owner:
			c.Kind, c.Region = CellAssessor, a.Level()
		case slices.Contains(a.To, m):
			c.Kind = CellSilent
			c.fill(r, a, now, before)
			c.Late = c.Kind == CellSilent && Late(a.Due, clockNow)
		}
		out = append(out, c)
	}
	return out, nil
}

func (d *Desk) stages(ctx context.Context, tx *db.Tx, a *Assessment) (map[access.Member]exchange.Receipt, error) {
	if !a.Own() {
		return nil, nil
	}
	return d.reached(ctx, tx, a.Release)
}

// fill finds the state's position in force, and the one before it.
func (c *Cell) fill(r health.Reach, a *Assessment, now, before []Position) {
	for _, p := range append(slices.Clone(now), before...) {
		if p.Owner != c.Member || !sees(r, &p.Head, p.Own()) || p.Released.IsZero() && p.State != Withdrawn {
			continue
		}
		v := viewPosition(&p)
		switch {
		case p.State == Released && p.Assessment == a.ID && (c.Position == nil || c.Kind == CellWithdrawn):
			c.Position, c.Kind, c.Region = &v, CellKind(p.Stance), a.Level()
			if p.Stance == Dissent {
				c.Region = p.Held
			}
		case p.State == Withdrawn && p.Assessment == a.ID && c.Position == nil:
			c.Position, c.Kind = &v, CellWithdrawn
		case p.State != Withdrawn && c.Before == nil && (c.Position == nil || v.ID != c.Position.ID):
			c.Before = &v
		}
	}
}

// Page is all that the page of an assessment shows to one actor.
type Page struct {
	View     AssessmentView
	Own      bool
	Due      time.Time
	Clock    string
	Offers   []workflow.Offer
	Spread   []Cell
	Mine     *PositionView // of this state, newest, whatever its state
	MineDue  time.Time
	MayTake  bool // begin a position
	Next     id.ID
	MayRedo  bool    // draft the one that supersedes it
	Matrix   *Matrix // with which it was made; nil: this node does not carry it
	Timeline []history.Entry
	Hours    int // that the states have for their positions
}

// AssessmentPage reads an assessment with everything that belongs to it.
func (d *Desk) AssessmentPage(ctx context.Context, actor access.Actor, aid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		a, err := d.visible(ctx, tx, actor, aid)
		if err != nil {
			return err
		}
		old, err := d.before(ctx, tx, &a)
		if err != nil {
			return err
		}
		p = Page{View: viewAssessment(&a, old), Own: a.Own(), Due: a.Due, Clock: a.Clock, Hours: int(a.AnswerWithin / time.Hour)}
		if len(a.Populations) > 0 {
			if m := Matrices()[a.Populations[0].Result.Matrix]; m != nil && m.Digest == a.Populations[0].Result.Digest {
				p.Matrix = m
			}
		}
		if a.Own() {
			p.Offers = Assessments.Offers(a, actor, d.env.Clock.Now())
			row, _ := Assessments.Find("", "draft")
			p.MayRedo = a.State == Published && Assessments.Allowed(row, a, actor)
		}
		if p.Spread, err = d.spread(ctx, tx, actor, &a); err != nil {
			return err
		}
		if err := d.own(ctx, tx, actor, &a, &p); err != nil {
			return err
		}
		if p.Next, err = nextOf(ctx, tx, &a); err != nil {
			return err
		}
		p.Timeline, err = history.Of(ctx, tx, a.ID)
		return err
	})
	return p, err
}

// before is the superseded assessment, where this node has it.
func (d *Desk) before(ctx context.Context, tx *db.Tx, a *Assessment) (*Assessment, error) {
	if a.Supersedes == "" || !a.Own() {
		return nil, nil
	}
	old, err := loadAssessment(ctx, tx, a.Supersedes)
	return &old, err
}

// nextOf is the assessment that superseded this one.
func nextOf(ctx context.Context, tx *db.Tx, a *Assessment) (id.ID, error) {
	if a.State != Superseded {
		return "", nil
	}
	later, err := loadAll[Assessment](ctx, tx, `SELECT doc FROM risk_assessment WHERE event = ? AND owner = ? ORDER BY changed`, string(a.Event), string(a.Owner))
	for _, x := range later {
		if x.Supersedes == a.ID && !x.Published.IsZero() {
			return x.ID, err
		}
	}
	return "", err
}

// own is what this state did and may do with the assessment.
func (d *Desk) own(ctx context.Context, tx *db.Tx, actor access.Actor, a *Assessment, p *Page) error {
	all, err := positionsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	begun := false
	for _, x := range all {
		if !x.Own() || x.State == Discarded {
			continue
		}
		begun = begun || x.State == Draft || x.State == Clearance
		if p.Mine == nil || x.State == Draft || x.State == Clearance {
			v := viewPosition(&x)
			p.Mine, p.MineDue = &v, x.Due
		}
	}
	blank := Position{of: a}
	blank.Owner = d.env.Member
	row, _ := Positions.Find("", "draft")
	p.MayTake = !begun && Positions.Allowed(row, blank, actor) && len(workflow.Unmet(row, blank, actor, d.env.Clock.Now())) == 0
	return nil
}

// PositionPage is a position with the assessment that it answers.
type PositionPage struct {
	View       PositionView
	Assessment *AssessmentView // nil where it has not arrived
	Own        bool
	Due        time.Time
	Offers     []workflow.Offer
	To         []access.Member
	Timeline   []history.Entry
}

// PositionPage reads one position.
func (d *Desk) PositionPage(ctx context.Context, actor access.Actor, pid id.ID) (PositionPage, error) {
	var out PositionPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := d.visiblePosition(ctx, tx, actor, pid)
		if err != nil {
			return err
		}
		out = PositionPage{View: viewPosition(&p), Own: p.Own(), Due: p.Due, To: p.To}
		if p.Own() {
			out.Offers = Positions.Offers(p, actor, d.env.Clock.Now())
			if len(out.To) == 0 {
				out.To = d.audience(&p)
			}
		}
		if p.of != nil {
			if !sees(reach(actor), &p.of.Head, p.of.Own()) {
				return desk.NotFound()
			}
			v := viewAssessment(p.of, nil)
			out.Assessment = &v
		}
		out.Timeline, err = history.Of(ctx, tx, p.ID)
		return err
	})
	return out, err
}
