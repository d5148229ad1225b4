package sitrep

import (
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
)

// When a level asks for the next report, by hand.
func TestRhythm(t *testing.T) {
	const h = time.Hour
	since := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	daily, weekly := 24*h, 168*h
	for _, c := range []struct {
		name        string
		level       int
		every       time.Duration
		last        time.Duration // cut-off of the last report after since; -1: there was none
		next        time.Duration // that it promised; 0: nothing
		now         time.Duration
		asks, flash bool
		cutOff      time.Duration // from since
	}{
		{"at once, when the level comes", 3, daily, -1, 0, 0, true, false, 6 * h},
		{"weekly leaves a day", 1, weekly, -1, 0, h, true, false, 25 * h},
		{"not before it is time", 3, daily, 6 * h, 30 * h, 23 * h, false, false, 0},
		{"a quarter of the time before", 3, daily, 6 * h, 30 * h, 24 * h, true, false, 30 * h},
		{"without a promise, by the rhythm", 3, daily, 6 * h, 0, 24 * h, true, false, 30 * h},
		{"missed: two hours at least", 3, daily, 6 * h, 30 * h, 40 * h, true, false, 42 * h},
		{"a higher level does not wait a week", 3, daily, 6 * h, 174 * h, 24 * h, true, false, 30 * h},
		{"the highest begins with a flash", 4, daily, -100 * h, 0, 0, true, true, 2 * h},
		{"and goes on daily", 4, daily, 2 * h, 26 * h, 20 * h, true, false, 26 * h},
		{"over", 3, daily, 6 * h, 30 * h, 300 * h, false, false, 0},
		{"no level", 0, 0, -1, 0, h, false, false, 0},
	} {
		r := Rhythm{Level: c.level, Every: c.every, Since: since, Until: since.Add(240 * h)}
		var last *Report
		if c.last != -1 {
			last = &Report{CutOff: since.Add(c.last)}
			if c.next != 0 {
				last.Next = since.Add(c.next)
			}
		}
		got, ok := r.due(last, since.Add(c.now))
		if ok != c.asks || ok && (got.flash != c.flash || !got.cutOff.Equal(since.Add(c.cutOff))) {
			t.Errorf("%s: %v %+v, want %v at %v", c.name, ok, got, c.asks, since.Add(c.cutOff))
		}
	}
}

// A level in force opens the report at the regional desk by itself, asks those
// that it concerns, once, and whoever is late is named; nobody is asked by any
// other node, or after the level is over.
func TestLevelAsks(t *testing.T) {
	each(t, func(w *world) {
		ctx, asec := w.Context(), w.nodes["ASEC"]
		start := w.clock.Now()
		w.rhythm = Rhythm{Level: 3, Every: 24 * time.Hour, Since: start, Until: start.Add(72 * time.Hour), Asked: []access.Member{"KH", "TH", "VN"}}
		for range 2 {
			for _, n := range w.nodes {
				w.must(n.desk.Sweep(ctx))
			}
			w.deliver()
		}
		list, err := asec.desk.Collections(ctx, sec)
		w.must(err)
		if len(list) != 1 || list[0].State != Compiling || list[0].Of != 3 || list[0].In != 0 || list[0].Overdue || list[0].Level != 3 {
			t.Fatalf("%+v", list)
		}
		for m, asked := range map[access.Member]int{"KH": 1, "TH": 1, "VN": 1, "SG": 0} {
			calls, err := w.nodes[m].desk.Calls(ctx, duty)
			if err != nil || len(calls) != asked || asked == 1 && calls[0].Level != 3 {
				t.Fatalf("%s: %+v %v", m, calls, err)
			}
		}
		w.clock.Advance(7 * time.Hour)
		todos, err := asec.desk.Todos(ctx, sec)
		if err != nil || len(todos) != 1 || todos[0].Key != "todo.sitrep.overdue" || !slices.Equal(todos[0].Members, []access.Member{"KH", "TH", "VN"}) {
			t.Fatalf("%+v %v", todos, err)
		}
		if todos, err = w.nodes["KH"].desk.Todos(ctx, duty); err != nil || len(todos) != 1 || !todos[0].Late {
			t.Fatalf("KH: %+v %v", todos, err)
		}
		if list, _ = asec.desk.Collections(ctx, sec); !list[0].Overdue || len(list[0].Missing) != 3 {
			t.Fatalf("%+v", list)
		}
		r, err := asec.desk.Compose(ctx, sec, list[0].Report, 0)
		w.must(err)
		w.deliver()
		w.must(asec.desk.Sweep(ctx)) // the draft is open: nobody is asked for another
		_, err = asec.desk.Step(ctx, sec, r.ID, 0, "discard", "Nothing came.")
		w.must(err)
		w.clock.Advance(72 * time.Hour)
		w.must(asec.desk.Sweep(ctx)) // the level is over
		if len(asec.out) != 1 {      // only that no more inputs are awaited
			t.Fatalf("%d releases", len(asec.out))
		}
	})
}
