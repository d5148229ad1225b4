package ihr

import (
	"context"
	"slices"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/id"
)

// batch is how many records are looked at at once, of which the actor may not
// see each.
const batch = 200

// page reads a list by key, the newest change first. see makes the view of a
// record, or leaves it out.
func page[R, V any](ctx context.Context, tx *db.Tx, s store[R], where string, args []any, after Cursor, limit int, see func(*R) (V, bool)) ([]V, Cursor, error) {
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 200)
	var out []V
	var last Cursor
	for {
		cond, all := where, args
		if after.ID != "" {
			cond += " AND (changed < ? OR changed = ? AND id < ?)"
			all = append(all[:len(all):len(all)], after.Changed, after.Changed, string(after.ID))
		}
		list, err := s.all(ctx, tx, cond+` ORDER BY changed DESC, id DESC LIMIT ?`, append(all[:len(all):len(all)], batch)...)
		if err != nil {
			return nil, Cursor{}, err
		}
		for i := range list {
			h := s.row(&list[i]).head
			after = Cursor{Changed: clock.Micros(h.Changed.At), ID: h.ID}
			v, ok := see(&list[i])
			if !ok {
				continue
			}
			if len(out) == limit {
				return out, last, nil
			}
			out, last = append(out, v), after
		}
		if len(list) < batch {
			return out, Cursor{}, nil
		}
	}
}

// Annex2List is a page of the assessments of an event, or of all with an empty
// id; an empty cursor is the end.
func (d *Desk) Annex2List(ctx context.Context, actor access.Actor, event id.ID, after Cursor, limit int) (out []Annex2View, next Cursor, err error) {
	where, args := "1 = 1", []any{}
	if event != "" {
		where, args = "event = ?", []any{string(event)}
	}
	r := reach(actor)
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out, next, err = page(ctx, tx, annexStore, where, args, after, limit, func(a *Annex2) (Annex2View, bool) {
			return viewAnnex2(a, actor), sees(r, &a.Head, true)
		})
		return err
	})
	return out, next, err
}

// DeterminationList is a page of what was determined outside, of a hazard or
// of all; an empty cursor is the end.
func (d *Desk) DeterminationList(ctx context.Context, actor access.Actor, hazard string, after Cursor, limit int) (out []DeterminationView, next Cursor, err error) {
	where, args := "1 = 1", []any{}
	if hazard != "" {
		where, args = "subject = ?", []any{hazard}
	}
	r := reach(actor)
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out, next, err = page(ctx, tx, determinationStore, where, args, after, limit, func(x *Determination) (DeterminationView, bool) {
			return viewDetermination(x), sees(r, &x.Head, x.Own()) && x.Title != ""
		})
		return err
	})
	return out, next, err
}

// Corridor is one measure that holds on the way from one end to another; an
// end is a member, Outside or Anywhere.
type Corridor struct {
	From, To string
	Measure  MeasureView
}

// Corridors are the ways on which the measures hold, in the order of the
// members, Outside and Anywhere last. A way from a state to itself is none.
func Corridors(list []MeasureView) []Corridor {
	ends := []string{}
	for _, m := range access.States {
		ends = append(ends, string(m))
	}
	ends = append(ends, Outside, Anywhere)
	var out []Corridor
	for _, from := range ends {
		for _, to := range ends {
			if from == to && from != Anywhere {
				continue
			}
			for _, v := range list {
				if slices.Contains(v.Content.From, from) && slices.Contains(v.Content.To, to) {
					out = append(out, Corridor{From: from, To: to, Measure: v})
				}
			}
		}
	}
	return out
}
