package ihr

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// MeasureFilter narrows the register, which comes newest first.
type MeasureFilter struct {
	Query   string
	Owner   access.Member
	Type    string
	Target  string
	State   workflow.State
	From    string // a member: measures whose corridor begins there
	To      string
	Event   id.ID
	Holding bool // in force now
	Limit   int  // 1 to 200; 0 is 50
	After   Cursor
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Changed int64
	ID      id.ID
}

// matches is the part of the filter that looks into the document.
func (f *MeasureFilter) matches(v *MeasureView, now time.Time) bool {
	end := func(list []string, want string) bool {
		return want == "" || slices.Contains(list, want) || want != Anywhere && slices.Contains(list, Anywhere)
	}
	text := strings.Join([]string{v.Content.Title, v.Content.Text, v.Content.Reason, v.Content.Evidence, v.Content.Others, v.EventName, string(v.Owner),
		health.HazardNames(v.Hazard)}, "\n")
	return desk.Holds(text, f.Query) && end(v.Content.From, f.From) && end(v.Content.To, f.To) && (f.Target == "" || v.Content.Target == f.Target) && (!f.Holding || v.Holds(now))
}

// Measures is the register: own measures and those that others released.
func (d *Desk) Measures(ctx context.Context, actor access.Actor, f MeasureFilter) ([]MeasureView, Cursor, error) {
	var out []MeasureView
	var next Cursor
	where, args := f.where()
	r, now := reach(actor), d.env.Clock.Now()
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, next, err = page(ctx, tx, measureStore, where, args, f.After, f.Limit, func(m *Measure) (MeasureView, bool) {
			v := viewMeasure(m)
			return v, sees(r, &m.Head, m.Own()) && v.Content.Title != "" && f.matches(&v, now)
		})
		return err
	})
	return out, next, err
}

func (f *MeasureFilter) where() (string, []any) {
	cond, args := []string{"1 = 1"}, []any{}
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(f.Owner != "", "owner = ?", string(f.Owner))
	add(f.Type != "", "subject = ?", f.Type)
	add(f.State != "", "state = ?", string(f.State))
	add(f.Event != "", "event = ?", string(f.Event))
	return strings.Join(cond, " AND "), args
}

// MeasurePage is a measure with what the actor may do with it.
type MeasurePage struct {
	View      MeasureView
	Own       bool
	Uncleared bool // it was changed since it was cleared
	Released  bool
	Preview   MeasureView // what members get
	Due       time.Time
	Offers    []workflow.Offer
	Timeline  []history.Entry
}

// Measure reads one measure.
func (d *Desk) Measure(ctx context.Context, actor access.Actor, mid id.ID) (MeasurePage, error) {
	var p MeasurePage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := d.visibleMeasure(ctx, tx, actor, mid)
		if err != nil {
			return err
		}
		p = MeasurePage{View: viewMeasure(&m), Own: m.Own(), Due: m.Due, Released: m.Release != "" || !m.Own(), Preview: viewFor(&m)}
		if m.Own() {
			p.Offers = Measures.Offers(m, actor, d.env.Clock.Now())
			p.Uncleared = m.Cleared != nil && !sameContent(m.Cleared, &m.Content)
			if m.Cleared == nil {
				p.Preview.Members = slices.Clone(m.Members)
			}
		}
		p.Timeline, err = history.Of(ctx, tx, m.ID)
		return err
	})
	return p, err
}

func sameContent(a, b *Content) bool {
	return a.Type == b.Type && a.Target == b.Target && a.Title == b.Title && a.Text == b.Text && slices.Equal(a.From, b.From) &&
		slices.Equal(a.To, b.To) && a.Others == b.Others && a.Reason == b.Reason && a.Evidence == b.Evidence && a.Lang == b.Lang
}

// MayPlan reports whether the actor may plan a measure.
func MayPlan(actor access.Actor) bool {
	row, _ := Measures.Find("", "plan")
	return actor.HasAny(row.By...)
}
