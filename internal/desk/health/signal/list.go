package signal

import (
	"context"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows the inbox. The zero Filter is everything, by the time left.
type Filter struct {
	Query     string // every word must occur
	State     workflow.State
	Open      bool // one of OpenStates
	Source    Source
	Hazard    string
	Place     string // a unit, or a state with all its units
	Mine      bool   // claimed by the actor
	Unclaimed bool
	Late      bool
	Import    id.ID
	Limit     int // 1 to 200; 0 is 50
	After     Cursor
}

// Cursor is the place in the list after which the next page begins.
type Cursor struct {
	Rank int64
	ID   id.ID
}

// MostCounted is where a count of the inbox ends and says "more".
const MostCounted = 10_000

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

// Narrow reports whether anything beside the state is filtered.
func (f *Filter) Narrow() bool {
	return f.Query != "" || f.Source != "" || f.Hazard != "" || f.Place != "" || f.Mine || f.Unclaimed || f.Late || f.Import != ""
}

type condition struct {
	text []string
	args []any
}

func (c *condition) add(on bool, text string, args ...any) {
	if on {
		c.text, c.args = append(c.text, text), append(c.args, args...)
	}
}

func (c *condition) String() string {
	if len(c.text) == 0 {
		return "1 = 1"
	}
	return strings.Join(c.text, " AND ")
}

func reachOf(c *condition, actor access.Actor) {
	r := health.ReachOf(actor)
	c.add(r.None, "1 = 0")
	c.add(r.NoRed, "marking <> ?", string(access.TLPRed))
	if r.Places != nil {
		c.add(true, "place IN ("+marks(len(r.Places))+")", anys(r.Places)...)
	}
}

func (f *Filter) where(actor access.Actor, now time.Time) *condition {
	c := &condition{}
	reachOf(c, actor)
	if f.State != "" {
		c.add(true, "state = ?", string(f.State))
	} else {
		c.add(f.Open, "open = 1")
	}
	c.add(f.Source != "", "source = ?", string(f.Source))
	c.add(f.Hazard != "", "hazard = ?", f.Hazard)
	// Not an index of places but that of the order of the list is to be used.
	c.add(strings.Contains(f.Place, "-"), "COALESCE(place, '') = ?", f.Place)
	c.add(f.Place != "" && !strings.Contains(f.Place, "-"), "country = ?", f.Place)
	c.add(f.Mine, "claimer = ? AND claimed_until > ?", string(actor.Account), clock.Micros(now))
	c.add(f.Unclaimed, "claimed_until <= ?", clock.Micros(now))
	c.add(f.Late, "rank < ?", clock.Micros(now))
	c.add(f.Import != "", "import = ?", string(f.Import))
	if sid, err := id.Parse(strings.TrimSpace(f.Query)); err == nil {
		c.add(true, "id = ?", string(sid))
		return c
	}
	for _, w := range desk.Words(f.Query) {
		c.finds(w)
	}
	return c
}

// finds wants a word in the text of a signal, or as the name of its hazard in
// any language. The sketch of the text spares most rows the reading.
func (c *condition) finds(word string) {
	var in condition
	for i, bits := range sketch(word) {
		in.add(bits != 0, "(sig"+strconv.Itoa(i)+" & ?) = ?", int64(bits), int64(bits))
	}
	in.add(true, `needle LIKE ? ESCAPE '!'`, desk.Like(word))
	keys := health.HazardsNamed(word)
	if len(keys) == 0 {
		c.add(true, in.String(), in.args...)
		return
	}
	c.add(true, "("+in.String()+" OR hazard IN ("+marks(len(keys))+"))", append(in.args, anys(keys)...)...)
}

// List returns the signals that the actor may see, by the time left, and the
// cursor of the next page; an empty cursor is the end.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]View, Cursor, error) {
	var out []View
	var next Cursor
	now := d.env.Clock.Now()
	c := f.where(actor, now)
	c.add(f.After.ID != "", "(rank, id) > (?, ?)", f.After.Rank, string(f.After.ID))
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out, next = nil, Cursor{}
		var last int64
		return tx.Each(ctx, `SELECT rank, twins, doc FROM signal_signal WHERE `+c.String()+` ORDER BY rank, id LIMIT ?`, append(c.args, f.limit()+1),
			func(scan func(...any) error) error {
				var rank int64
				var twins int
				var doc string
				var s Signal
				if err := scan(&rank, &twins, &doc); err != nil {
					return err
				}
				if len(out) == f.limit() {
					next = Cursor{Rank: last, ID: out[len(out)-1].ID}
					return nil
				}
				if err := decode(doc, &s); err != nil {
					return err
				}
				last = rank
				v := view(&s, actor, now)
				v.Twins = twins
				out = append(out, v)
				return nil
			})
	})
	return out, next, err
}

// Count is how many signals the filter matches, at most MostCounted.
func (d *Desk) Count(ctx context.Context, actor access.Actor, f Filter) (int, error) {
	return d.count(ctx, actor, f, MostCounted)
}

func (d *Desk) count(ctx context.Context, actor access.Actor, f Filter, most int) (int, error) {
	var n int
	c := f.where(actor, d.env.Clock.Now())
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM signal_signal WHERE `+c.String()+` LIMIT ?) AS found`, append(c.args, most), &n)
		return err
	})
	return n, err
}

// Tally counts the signals of each state that the filter leaves, each at most
// MostCounted: the numbers on the tabs.
func (d *Desk) Tally(ctx context.Context, actor access.Actor, f Filter) (map[workflow.State]int, error) {
	out := map[workflow.State]int{}
	f.Open = false
	if len(desk.Words(f.Query)) > 0 {
		return out, d.tallyFound(ctx, actor, f, out)
	}
	for _, s := range States {
		f.State = s
		n, err := d.Count(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		out[s] = n
	}
	return out, nil
}

// tallyFound counts what a search finds in one pass over the index that it
// uses; by state it would be a pass for each.
func (d *Desk) tallyFound(ctx context.Context, actor access.Actor, f Filter, out map[workflow.State]int) error {
	f.State = ""
	c := f.where(actor, d.env.Clock.Now())
	return d.env.DB.Read(ctx, func(tx *db.Tx) error {
		clear(out)
		return tx.Each(ctx, `SELECT state, COUNT(*) FROM (SELECT state FROM signal_signal WHERE `+c.String()+` ORDER BY rank, id LIMIT ?) AS found GROUP BY state`,
			append(c.args, len(States)*MostCounted), func(scan func(...any) error) error {
				var s string
				var n int
				err := scan(&s, &n)
				out[workflow.State(s)] = min(n, MostCounted)
				return err
			})
	})
}

// mostWaiting bounds the count that stands in the navigation of every page.
const mostWaiting = 333

// Waiting is how many signals somebody must still decide on, at most 999.
func (d *Desk) Waiting(ctx context.Context, actor access.Actor) (int, error) {
	n := 0
	for _, s := range OpenStates {
		k, err := d.count(ctx, actor, Filter{State: s}, mostWaiting)
		if err != nil {
			return 0, err
		}
		n += k
	}
	return n, nil
}
