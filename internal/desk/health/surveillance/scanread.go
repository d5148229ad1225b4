package surveillance

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ScanRunView is a scan as a reader sees it.
type ScanRunView struct {
	ID      id.ID
	Version int
	State   workflow.State
	Set     DatasetView
	Because string
	Replay  bool // a person asked for a period
	Period  int32
	Rev     int64
	KnownAt time.Time
	Methods []MethodRef
	Queued  time.Time
	Begun   time.Time
	Took    time.Duration
	By      string
	ScanCounts
	Newest, Old bool
	Failure     *Failure
	Done, Total int64 // series, while it runs
	Offers      []workflow.Offer
}

func viewScan(r *ScanRun, set DatasetView, actor access.Actor, now time.Time) ScanRunView {
	return ScanRunView{ID: r.ID, Version: r.Version, State: r.State, Set: set, Because: r.Because, Replay: r.Asked != nil, Period: r.Period, Rev: r.Rev, KnownAt: r.KnownAt,
		Methods: r.Methods, Queued: r.Created.At, Begun: r.Begun, Took: time.Duration(r.Took) * time.Millisecond, By: r.Created.Post, ScanCounts: r.ScanCounts,
		Newest: r.Newest, Old: r.Old, Failure: r.Failure, Offers: Scans.Offers(*r, actor, now)}
}

// ScanList are the newest scans, of one dataset or of all.
func (d *Desk) ScanList(ctx context.Context, actor access.Actor, set id.ID, limit int) ([]ScanRunView, error) {
	reach, err := reads(actor)
	if err != nil {
		return nil, err
	}
	var out []ScanRunView
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		sets, err := visibleSets(ctx, tx, reach)
		if err != nil {
			return err
		}
		runs, err := loadAll[ScanRun](ctx, tx, `SELECT doc FROM surveillance_run ORDER BY created DESC, id DESC LIMIT 1000`)
		for i := range runs {
			s, ok := sets[runs[i].Dataset]
			if ok && (set == "" || s.ID == set) && len(out) < limit {
				out = append(out, viewScan(&runs[i], s, actor, d.env.Clock.Now()))
			}
		}
		return err
	})
	return out, err
}

// ScanPage reads one scan with how far it is.
func (d *Desk) ScanPage(ctx context.Context, actor access.Actor, rid id.ID) (ScanRunView, error) {
	var v ScanRunView
	reach, err := reads(actor)
	if err != nil {
		return v, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := loadScan(ctx, tx, rid)
		if err != nil {
			return err
		}
		sets, err := visibleSets(ctx, tx, reach)
		if err != nil {
			return err
		}
		set, ok := sets[r.Dataset]
		if !ok {
			return desk.NotFound()
		}
		v = viewScan(&r, set, actor, d.env.Clock.Now())
		_, err = tx.Row(ctx, `SELECT done, total FROM surveillance_run WHERE id = ?`, []any{string(rid)}, &v.Done, &v.Total)
		return err
	})
	return v, err
}
