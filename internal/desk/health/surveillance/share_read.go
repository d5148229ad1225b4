package surveillance

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// ShareView is a standing release of this node as its people see it.
type ShareView struct {
	ID        id.ID            `json:"id"`
	Version   int              `json:"version"`
	State     workflow.State   `json:"state"`
	Dataset   DatasetView      `json:"-"`
	Disease   string           `json:"disease"`
	Level     place.Level      `json:"level"`
	To        []access.Member  `json:"to"`
	Floor     int              `json:"floor"`
	Back      int              `json:"back"`
	Basis     string           `json:"basis"`
	Marking   access.Marking   `json:"marking"`
	ClearedAs string           `json:"cleared_as,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Sent      Sent             `json:"sent,omitzero"`
	Failure   *Failure         `json:"-"`
	Changed   time.Time        `json:"changed"`
	By        string           `json:"by"` // duty post
	Exercise  string           `json:"exercise,omitempty"`
	Offers    []workflow.Offer `json:"-"`
}

func viewShare(s *Share, set DatasetView, actor access.Actor, now time.Time) ShareView {
	return ShareView{ID: s.ID, Version: s.Version, State: s.State, Dataset: set, Disease: s.Disease, Level: s.Level, To: s.To, Floor: s.Floor, Back: s.Back, Basis: s.Basis,
		Marking: s.Marking, ClearedAs: s.ClearedAs, Reason: s.Reason, Sent: s.Sent, Failure: s.Failure, Changed: s.Changed.At, By: s.Changed.Post, Exercise: s.Exercise,
		Offers: Shares.Offers(*s, actor, now)}
}

// ShareList are the standing releases of this node, the newest change first.
func (d *Desk) ShareList(ctx context.Context, actor access.Actor) ([]ShareView, error) {
	reach, err := reads(actor)
	if err != nil {
		return nil, err
	}
	var out []ShareView
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Share](ctx, tx, `SELECT doc FROM surveillance_share ORDER BY changed DESC, id LIMIT 500`)
		if err != nil {
			return err
		}
		for i := range all {
			s, err := loadDataset(ctx, tx, all[i].Dataset)
			if err != nil {
				return err
			}
			if !seesDataset(reach, &s) {
				continue
			}
			out = append(out, viewShare(&all[i], viewDataset(&s, Front{}), actor, d.env.Clock.Now()))
		}
		return nil
	})
	return out, err
}

// SharePage is one standing release with exactly what would leave now.
type SharePage struct {
	ShareView
	Body CountsBody
}

// SharePage reads one.
func (d *Desk) SharePage(ctx context.Context, actor access.Actor, sid id.ID) (SharePage, error) {
	var p SharePage
	reach, err := reads(actor)
	if err != nil {
		return p, err
	}
	var s Share
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if s, err = loadShare(ctx, tx, sid); err != nil {
			return err
		}
		set, err := datasetOf(ctx, tx, reach, s.Dataset)
		if err == nil {
			p.ShareView = viewShare(&s, set, actor, d.env.Clock.Now())
		}
		return err
	})
	if err != nil || reach.Places != nil {
		return p, err // what leaves is of all places; a reader of some sees its rule only
	}
	b, err := d.build(ctx, s)
	if err == nil {
		p.Body = b.body
	}
	return p, ignoreEmpty(err)
}

// ignoreEmpty: a dataset without counts of the disease has no preview.
func ignoreEmpty(err error) error {
	if fault.Is(err, fault.Invalid) {
		return nil
	}
	return err
}

// sharesWaiting are those that wait for a person who may clear them.
func (d *Desk) sharesWaiting(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	list, err := d.ShareList(ctx, actor)
	var out []desk.Todo
	for _, s := range list {
		for _, o := range s.Offers {
			if o.Verb == "clear" && len(o.Unmet) == 0 {
				out = append(out, desk.Todo{Key: "todo.surveillance.share", Title: s.Dataset.Title, Owner: d.env.Member, Record: s.ID, Href: SharePath(s.ID), Members: s.To})
			}
		}
	}
	return out, err
}

// SharePath is the page of a standing release.
func SharePath(sid id.ID) string { return "/surveillance/releases/" + string(sid) }
