package web

import (
	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// What came of a request: a request stays "asked" with its owner, and what
// others decided and sent stands beside it.

var stageGrades = map[reserve.Stage]parts.Grade{reserve.StageWaits: parts.Information, reserve.StageVoting: parts.Information, reserve.StageAllocated: parts.Good, reserve.StagePartly: parts.Watch,
	reserve.StageRefused: parts.Warning, reserve.StageArrived: parts.Good}

// stage is the state of a request; while it is open, how far it has come.
func (w words) stage(x *reserve.DrawView, p reserve.Progress) parts.Cell {
	if x.State != reserve.Asked {
		return parts.Cell{Body: w.tag(x.State)}
	}
	c := parts.Cell{Body: parts.Tag(stageGrades[p.Stage], w.T("reserve.stage."+string(p.Stage)))}
	switch p.Stage {
	case reserve.StageVoting:
		c.Note = w.T("reserve.stage.proposed", "n", w.Number(p.Proposed), "of", w.Number(x.C.Qty))
	case reserve.StageAllocated, reserve.StagePartly, reserve.StageRefused:
		c.Note = w.T("reserve.stage.decided", "n", w.Number(p.Given), "of", w.Number(x.C.Qty))
		if p.Sent > 0 {
			c.Note += " " + w.T("reserve.stage.sent", "n", w.Number(p.Sent))
		}
	case reserve.StageArrived:
		c.Note = w.T("reserve.came", "ok", w.Number(p.Usable), "short", w.Number(p.Short), "damaged", w.Number(p.Damaged))
	}
	return c
}

// came is the panel of a request with its numbers, from what is released.
func (v *pageView) came(path string, x *reserve.DrawView, p reserve.Progress) section {
	s := section{Panel: live(path, parts.Panel{ID: "came", Title: v.T("reserve.progress.title"), Aside: v.T("reserve.stage." + string(p.Stage))}), Note: v.T("reserve.progress.note")}
	n := func(k int64) string { return v.qty(k, x.C.Unit) }
	s.Defs = v.defs("asked", n(x.C.Qty))
	if p.Stage == reserve.StageVoting {
		s.Defs = append(s.Defs, v.defs("proposed", n(p.Proposed))...)
	}
	if !p.Decided.IsZero() {
		s.Defs = append(s.Defs, v.defs("granted", n(p.Given), "refused", n(max(x.C.Qty-p.Given, 0)), "decided", v.stamp(p.Decided), "sent", n(p.Sent), "ok", n(p.Usable), "short", n(p.Short), "damaged", n(p.Damaged))...)
	}
	return s
}

func (g *Pages) progress(r *shell.Request, draws ...reserve.DrawView) (map[id.ID]reserve.Progress, error) {
	return g.desk.Progress(r.Context(), r.Actor, draws)
}

// Panel is what the page of an event shows of the reserve.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "reserve", Title: "reserve.panel.title", Body: g.panel}
}

// panel is there when the reserve was asked because of the event.
func (g *Pages) panel(r *shell.Request, e health.EventView) (templ.Component, error) {
	x, err := g.desk.Linked(r.Context(), r.Actor, e.ID)
	if err != nil || len(x.Draws) == 0 {
		return nil, err
	}
	v := pageView{words: g.words(r)}
	list := []section{v.asked(&x)}
	if len(x.Divisions) > 0 {
		list = append(list, v.divisions(&x))
	}
	if len(x.Movements) > 0 {
		list = append(list, v.goods(&x))
	}
	if e.Owner == v.self && reserve.MayWrite(r.Actor) {
		list[len(list)-1].Buttons = []parts.Button{{Text: v.T("reserve.new.draw"), Icon: "plus", Small: true, Href: base + "/draws/new?event=" + string(e.ID)}}
	}
	return eventPanel(v.words, list), nil
}

func (v *pageView) asked(x *reserve.Linked) section {
	t := parts.Table{Caption: v.T("reserve.asking.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.draw")}, {Text: v.T("reserve.col.by")}, {Text: v.T("reserve.col.asked"), Number: true}, {Text: v.T("reserve.col.needed_by")}, {Text: v.T("reserve.col.state")}}}
	for i := range x.Draws {
		d := &x.Draws[i]
		t.Rows = append(t.Rows, []parts.Cell{{Text: d.C.Title, Href: reserve.Path(d.Kind, d.ID), Note: d.C.Name}, {Body: v.plate(d.Owner, parts.Plain)}, {Text: v.Number(d.C.Qty), Note: d.C.Unit}, {Text: v.day(d.C.NeededBy)}, v.stage(d, x.Progress[d.ID])})
	}
	return section{Tables: []parts.Table{t}}
}

func (v *pageView) divisions(x *reserve.Linked) section {
	t := parts.Table{Caption: v.T("reserve.deciding.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.allocation")}, {Text: v.T("reserve.col.by")}, {Text: v.T("reserve.col.given"), Number: true}, {Text: v.T("reserve.col.closes")}, {Text: v.T("reserve.col.state")}}}
	for i := range x.Divisions {
		a := &x.Divisions[i]
		state := parts.Cell{Body: v.tag(a.State)}
		if out := x.Outcomes[a.ID]; out != "" {
			state.Note = v.T("reserve.outcome." + out)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: a.C.Title, Href: reserve.Path(a.Kind, a.ID), Note: a.C.Name}, {Body: v.plate(a.Owner, parts.Plain)}, {Text: v.Number(a.C.Result.Given), Note: a.C.Unit}, {Text: v.stamp(a.C.Closes)}, state})
	}
	return section{Tables: []parts.Table{t}}
}

func (v *pageView) goods(x *reserve.Linked) section {
	t := parts.Table{Caption: v.T("reserve.travelling.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.movement")}, {Text: v.T("reserve.col.from")}, {Text: v.T("reserve.col.to")}, {Text: v.T("reserve.col.qty"), Number: true}, {Text: v.T("reserve.col.state")}}}
	for i := range x.Movements {
		m := &x.Movements[i]
		state := parts.Cell{Body: v.tag(m.State)}
		if m.State == reserve.Booked {
			state.Note = v.T("reserve.came", "ok", v.Number(m.C.Came), "short", v.Number(m.C.Short), "damaged", v.Number(m.C.Damaged))
		} else if !m.Due.IsZero() {
			state.Note = v.Left(m.Due, v.now)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: m.C.Title, Href: reserve.Path(m.Kind, m.ID), Note: m.C.Name}, {Body: v.plate(m.Owner, parts.Plain)}, {Body: v.plate(m.C.To, parts.Plain)}, {Text: v.Number(m.C.Sent()), Note: m.C.Unit}, state})
	}
	return section{Tables: []parts.Table{t}}
}

func drawRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	rows, more, err := g.desk.Draws(r.Context(), r.Actor, f)
	if err != nil {
		return nil, false, err
	}
	by, err := g.progress(r, rows...)
	var out []line
	for i := range rows {
		v, c := &rows[i], &rows[i].C
		given, p := 0, by[v.ID]
		for _, n := range []*int64{c.Need, c.Have, c.Persons, c.Risk, c.Capacity} {
			if n != nil {
				given++
			}
		}
		out = append(out, line{[]parts.Cell{{Text: c.Title, Href: reserve.Path(v.Kind, v.ID), Note: c.Name}, {Body: w.plate(v.Owner, parts.Plain)}, {Text: w.Number(c.Qty), Note: c.Unit}, {Text: w.Number(p.Given)},
			{Text: w.day(c.NeededBy)}, {Text: w.T("reserve.inputs", "n", given, "of", 5)}, w.stage(v, p)},
			[]any{string(v.ID), string(v.Owner), c.Title, string(c.Item), c.Name, c.Qty, c.Unit, c.NeededBy, optional(c.Need), optional(c.Have), optional(c.Persons), optional(c.Risk), optional(c.Capacity),
				c.Source, c.AsOf, string(v.State), string(p.Stage), p.Given, p.Sent, p.Usable, p.Short, p.Damaged, string(v.Release)}})
	}
	return out, more, err
}
