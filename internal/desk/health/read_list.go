package health

import (
	"context"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// View is what of the row's event the reader of the list may see.
func (r *Row) View() EventView { return viewEvent(&r.Event, nil) }

// NoticeFilter narrows a list of received notifications, which comes newest
// first.
type NoticeFilter struct {
	Waiting bool // only those that nobody here has answered
	From    access.Member
	Event   id.ID
	Limit   int   // 1 to 200; 0 is 50
	After   id.ID // where the page before ended
}

// NoticeList returns received notifications that the actor may see, and where
// the next page begins; empty is the end.
func (d *Desk) NoticeList(ctx context.Context, actor access.Actor, f NoticeFilter) ([]Notice, id.ID, error) {
	r := ReachOf(actor)
	if r.None || r.Places != nil {
		return nil, "", nil
	}
	cond, args := []string{"1 = 1"}, []any{}
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(r.NoRed, "marking <> ?", string(access.TLPRed))
	add(f.Waiting, "state IN (?, ?)", string(NoticeDelivered), string(NoticeOpened))
	add(f.From != "", "sender = ?", string(f.From))
	add(f.Event != "", "event = ?", string(f.Event))
	add(f.After != "", "id < ?", string(f.After))
	limit := (&Filter{Limit: f.Limit}).limit()
	var out []Notice
	var next id.ID
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		ns, err := loadAll[Notice](ctx, tx, `SELECT doc FROM health_notice WHERE `+strings.Join(cond, " AND ")+` ORDER BY id DESC LIMIT ?`,
			append(args, limit+1)...)
		if err != nil {
			return err
		}
		if len(ns) > limit {
			ns = ns[:limit]
			next = ns[limit-1].ID
		}
		for _, n := range ns {
			if r.SeesNotice(&n) { // the rule itself has the last word
				out = append(out, n)
			}
		}
		return nil
	})
	return out, next, err
}

// Knows reports whether the actor may know that an entry of the history was
// made: whether it may read the record that the entry is about.
func (d *Desk) Knows(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (bool, error) {
	if e.Record.Desk != Name {
		return false, nil
	}
	err := d.readable(ctx, tx, actor, e)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

func (d *Desk) readable(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) error {
	switch e.Record.Kind {
	case d.events.Name:
		_, err := d.visible(ctx, tx, actor, e.Record.ID)
		return err
	case d.notifications.Name:
		n, err := loadNotification(ctx, tx, e.Record.ID)
		if err == nil && !ReachOf(actor).SeesNotification(&n) {
			err = desk.NotFound()
		}
		return err
	case d.notices.Name:
		_, err := d.visibleNotice(ctx, tx, actor, e.Record.ID)
		return err
	case d.questions.Name, d.answers.Name:
		q, err := loadQuestion(ctx, tx, e.Record.ID)
		if err != nil {
			return err
		}
		_, err = d.visible(ctx, tx, actor, q.Event)
		return err
	}
	return desk.NotFound()
}
