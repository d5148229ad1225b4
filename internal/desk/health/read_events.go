package health

import (
	"context"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// Sort is the order of a list of events.
type Sort string

const (
	ByGrade Sort = "grade"
	Newest  Sort = "newest"
)

// Filter narrows a list of events. The zero Filter is all events, newest first.
type Filter struct {
	Query  string // every word must occur
	Open   bool   // only open ones
	Mine   bool   // only this member's own
	Owner  access.Member
	Grade  Grade
	Hazard string
	Sort   Sort
	Limit  int    // 1 to 200; 0 is 50
	After  Cursor // where the page before ended
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Rank    int
	Changed int64
	ID      id.ID
}

// Row is one event in a list.
type Row struct {
	Event
	Acks  []AckCell // of the newest released notification; own events only
	Sent  time.Time // when it was released
	Spark []int64   // new cases on each of the last 14 days; nil: no figures
}

// AckCell is one recipient's cell of the strip.
type AckCell struct {
	Member access.Member
	State  AckState
	Stage  exchange.Stage
	At     time.Time
	Role   string
	Words  string
	Late   bool
}

// where builds the condition that a reach and a filter make together.
func (f *Filter) where(r Reach) (string, []any) {
	var cond []string
	var args []any
	add := func(c string, a ...any) { cond, args = append(cond, c), append(args, a...) }
	if r.None {
		add("1 = 0")
	}
	if r.NoRed {
		add("marking <> ?", string(access.TLPRed))
	}
	if r.Places != nil {
		add("copy_of = ''")
		add("place IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(r.Places)), ", ")+")", anys(r.Places)...)
	}
	if f.Open {
		add("open = 1")
	}
	if f.Mine {
		add("copy_of = ''")
	}
	if f.Owner != "" {
		add("owner = ?", string(f.Owner))
	}
	if f.Grade != "" {
		add("grade = ?", string(f.Grade))
	}
	if f.Hazard != "" {
		add("hazard = ?", f.Hazard)
	}
	for _, w := range desk.Words(f.Query) {
		found, with := Found(w)
		add(found, with...)
	}
	if f.After.ID != "" && f.Sort == ByGrade {
		add("(grade_rank > ? OR grade_rank = ? AND (changed < ? OR changed = ? AND id < ?))",
			f.After.Rank, f.After.Rank, f.After.Changed, f.After.Changed, string(f.After.ID))
	} else if f.After.ID != "" {
		add("(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	}
	if len(cond) == 0 {
		return "1 = 1", nil
	}
	return strings.Join(cond, " AND "), args
}

func anys[S ~string](v []S) []any {
	out := make([]any, len(v))
	for i, s := range v {
		out[i] = string(s)
	}
	return out
}

func (f *Filter) order() string {
	if f.Sort == ByGrade {
		return "grade_rank, changed DESC, id DESC"
	}
	return "changed DESC, id DESC"
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

// List returns the events that the actor may see, and the cursor of the next
// page; an empty cursor is the end.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Row, Cursor, error) {
	var rows []Row
	var next Cursor
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		where, args := f.where(ReachOf(actor))
		events, err := loadAll[Event](ctx, tx, `SELECT doc FROM health_event WHERE `+where+
			` ORDER BY `+f.order()+` LIMIT ?`, append(args, f.limit()+1)...)
		if err != nil {
			return err
		}
		if len(events) > f.limit() {
			events = events[:f.limit()]
			e := events[len(events)-1]
			next = Cursor{Rank: gradeRank(e.Grade), Changed: clock.Micros(e.Changed.At), ID: e.ID}
		}
		rows, err = d.rows(ctx, tx, events)
		return err
	})
	return rows, next, err
}

// Count returns how many events the filter matches.
func (d *Desk) Count(ctx context.Context, actor access.Actor, f Filter) (int, error) {
	var n int
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		where, args := f.where(ReachOf(actor))
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM health_event WHERE `+where, args, &n)
		return err
	})
	return n, err
}

func gradeRank(g Grade) int {
	for i, x := range Grades {
		if x == g {
			return i
		}
	}
	return len(Grades)
}

// rows adds to each event its strip and its spark, with two queries for all.
func (d *Desk) rows(ctx context.Context, tx *db.Tx, events []Event) ([]Row, error) {
	rows := make([]Row, len(events))
	at := map[id.ID]int{}
	ids := make([]any, len(events))
	for i, e := range events {
		rows[i].Event, at[e.ID], ids[i] = e, i, string(e.ID)
	}
	if len(ids) == 0 {
		return rows, nil
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ")
	facts, err := loadAll[Fact](ctx, tx, `SELECT doc FROM health_fact WHERE event IN (`+marks+`) ORDER BY event, seq`, ids...)
	if err != nil {
		return nil, err
	}
	byEvent := map[id.ID][]Fact{}
	for _, f := range facts {
		byEvent[f.Event] = append(byEvent[f.Event], f)
	}
	now := d.env.Clock.Now()
	for eid, fs := range byEvent {
		rows[at[eid]].Spark = Spark(fs, now, 14)
	}
	sent, err := loadAll[Notification](ctx, tx, `SELECT doc FROM health_notification WHERE state IN (?, ?) AND event IN (`+marks+`) ORDER BY released`,
		append([]any{string(Released), string(Withdrawn)}, ids...)...)
	if err != nil {
		return nil, err
	}
	for _, n := range sent {
		if n.State != Released {
			continue
		}
		acks, err := acksOf(ctx, tx, n.ID)
		if err != nil {
			return nil, err
		}
		i := at[n.Event]
		rows[i].Acks, rows[i].Sent = cells(acks, n.Released.Add(n.AckWithin), now), n.Released
	}
	return rows, nil
}

// cells are the strip in the fixed order of the members.
func cells(acks []Ack, due, now time.Time) []AckCell {
	var out []AckCell
	for _, m := range access.All() {
		for _, a := range acks {
			if a.Member != m {
				continue
			}
			c := AckCell{Member: m, State: AckOf(a.Stage), Stage: a.Stage, At: clock.FromMicros(a.At), Role: a.Role, Words: a.Words}
			c.Late = c.State != AckActed && Late(due, now)
			out = append(out, c)
		}
	}
	return out
}

// Spark is the number of new cases on each of the last days up to now, from
// cumulative confirmed cases, or of any class where there are none confirmed.
// It is nil where there are no such facts; a fall of the total counts as 0.
func Spark(facts []Fact, now time.Time, days int) []int64 {
	for _, class := range Classes {
		if s := sparkOf(facts, class, now, days); s != nil {
			return s
		}
	}
	return nil
}

func sparkOf(facts []Fact, class string, now time.Time, days int) []int64 {
	var known bool
	total := make([]int64, days+1)
	first := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -days+1)
	for i := range total {
		end := first.AddDate(0, 0, i)
		var upTo []Fact
		for _, f := range facts {
			if f.AsOf.Before(end) {
				upTo = append(upTo, f)
			}
		}
		fig, ok := Latest(upTo, "cases", class)
		known = known || ok
		total[i] = fig.Value
	}
	if !known {
		return nil
	}
	out := make([]int64, days)
	for i := range out {
		out[i] = max(0, total[i+1]-total[i])
	}
	return out
}
