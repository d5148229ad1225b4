package surveillance

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// Every scan stands in the database before it begins, so that it survives the
// process: what was running when a node stopped is queued again, and of several
// processes that share a database one takes it.

const (
	scanLook = 30 * time.Second // how often the scanner looks for something new
	scanBeat = 500 * time.Millisecond
	scanDead = time.Minute // without a beat for so long a scan has no process
	// scanAgain is when a scan that failed is tried again by itself.
	scanAgain = time.Hour
)

// runScans scans what is due until ctx ends.
func (d *Desk) runScans(ctx context.Context) {
	tick := time.NewTicker(scanLook)
	defer tick.Stop()
	for {
		d.ScanWork(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-d.scanWake:
		}
	}
}

// ScanWork queues what is due, does what is queued and raises the signals of
// what was found. What fails stands in the scan's own record.
func (d *Desk) ScanWork(ctx context.Context) {
	if d.revive(ctx) != nil || d.queueDue(ctx) != nil {
		return // the database is away; the next look tries again
	}
	for ctx.Err() == nil {
		r, ok, err := d.takeQueued(ctx)
		if err != nil || !ok {
			break
		}
		d.scanOne(ctx, r)
	}
	d.RaisePending(ctx)
}

// revive queues scans again whose process is gone.
func (d *Desk) revive(ctx context.Context) error {
	var dead []ScanRun
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		dead, err = loadAll[ScanRun](ctx, tx, `SELECT doc FROM surveillance_run WHERE state = ? AND beat < ?`, string(Running), clock.Micros(d.env.Wall.Now().Add(-scanDead)))
		return err
	})
	for _, r := range dead {
		_, err := desk.Take(ctx, d.env, d.scans, access.Node(d.env.Member), r.ID, r.Version, "again", desk.Change[ScanRun]{})
		if err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return err
}

// dueScan is a dataset that has something new.
type dueScan struct {
	set     Dataset
	because string
	rev     int64
	digest  string
}

// queueDue queues a scan of each dataset whose counts or methods changed since
// its last one.
func (d *Desk) queueDue(ctx context.Context) error {
	var list []dueScan
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		sched, err := loadSchedule(ctx, tx)
		if err != nil {
			return err
		}
		sets, err := loadAll[Dataset](ctx, tx, `SELECT doc FROM surveillance_dataset WHERE state = ? ORDER BY number`, string(Open))
		if err != nil {
			return err
		}
		for _, s := range sets {
			due := dueScan{set: s}
			if err := d.isDue(ctx, tx, sched, &due); err != nil {
				return err
			}
			if due.because != "" {
				list = append(list, due)
			}
		}
		return nil
	})
	for i := range list {
		s := &list[i].set
		r := ScanRun{Dataset: s.Number, Set: s.ID, Because: list[i].because, Rev: list[i].rev, Digest: list[i].digest}
		r.Marking = s.Marking
		if _, err := desk.Create(ctx, d.env, d.scans, access.Node(d.env.Member), r, "start", desk.Change[ScanRun]{}); err != nil {
			return err
		}
	}
	return err
}

// isDue says why a dataset is to be scanned; empty: it is not.
func (d *Desk) isDue(ctx context.Context, tx *db.Tx, sched Schedule, due *dueScan) error {
	s := &due.set
	if !scannable(s.Measure, s.Calendar) {
		return nil
	}
	f, err := loadFront(ctx, tx, s.Number)
	if err != nil || f.Empty() {
		return err
	}
	var waiting int
	if _, err := tx.Row(ctx, `SELECT COUNT(*) FROM surveillance_run WHERE dataset = ? AND state IN (?, ?)`, []any{s.Number, string(Queued), string(Running)}, &waiting); err != nil || waiting > 0 {
		return err
	}
	set, err := loadMethods(ctx, tx, s.Resolution)
	if err != nil {
		return err
	}
	due.rev, due.digest = f.Rev, set.digest()
	// The newest scan of the newest period counts; one that a person stopped
	// does too, or it would begin again at once.
	runs, err := loadAll[ScanRun](ctx, tx, `SELECT doc FROM surveillance_run WHERE dataset = ? ORDER BY created DESC, id DESC LIMIT 20`, s.Number)
	if err != nil {
		return err
	}
	due.because = "data"
	for i := range runs {
		r := &runs[i]
		switch {
		case r.Asked != nil:
			continue
		case r.State == Failed && d.env.Clock.Now().Sub(r.Created.At) >= scanAgain:
		case !sched.due(r.Created.At, d.env.Clock.Now()):
			due.because = ""
		case r.Rev != f.Rev:
		case r.Digest != due.digest:
			due.because = "method"
		default:
			due.because = ""
		}
		break
	}
	return nil
}

// takeQueued claims the oldest queued scan.
func (d *Desk) takeQueued(ctx context.Context) (ScanRun, bool, error) {
	for range 5 {
		var queued []ScanRun
		err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
			var err error
			queued, err = loadAll[ScanRun](ctx, tx, `SELECT doc FROM surveillance_run WHERE state = ? ORDER BY created, id LIMIT 1`, string(Queued))
			return err
		})
		if err != nil || len(queued) == 0 {
			return ScanRun{}, false, err
		}
		r, err := desk.Take(ctx, d.env, d.scans, access.Node(d.env.Member), queued[0].ID, queued[0].Version, "begin", desk.Change[ScanRun]{
			Edit: func(r *ScanRun) error { r.Begun = d.env.Clock.Now(); return nil },
			Then: func(ctx context.Context, tx *db.Tx, r *ScanRun) error { return d.beat(ctx, tx, r.ID, 0, 0) },
		})
		if fault.Is(err, fault.Conflict) {
			continue // another process was faster
		}
		return r, err == nil, err
	}
	return ScanRun{}, false, nil
}

func (d *Desk) beat(ctx context.Context, tx *db.Tx, rid id.ID, done, total int64) error {
	_, err := tx.Exec(ctx, `UPDATE surveillance_run SET beat = ?, done = ?, total = ? WHERE id = ?`, clock.Micros(d.env.Wall.Now()), done, total, string(rid))
	d.env.Notify(tx, "scan:"+string(rid))
	return err
}

// failScan writes why a scan ended without a result. A scan that a person
// stopped meanwhile has no such step.
func (d *Desk) failScan(ctx context.Context, r ScanRun, why error) {
	said := &Failure{Key: "fault.internal"}
	if f, ok := errors.AsType[*fault.Error](why); ok && f.Kind != fault.Internal {
		said = &Failure{f.Key, f.Args}
	}
	_, _ = desk.Take(ctx, d.env, d.scans, access.Node(d.env.Member), r.ID, 0, "fail", desk.Change[ScanRun]{
		Edit: func(to *ScanRun) error {
			to.Failure, to.Rev, to.Digest, to.Period, to.KnownAt = said, r.Rev, r.Digest, r.Period, r.KnownAt
			return nil
		}})
}

// ReadSchedule is when scans begin by themselves.
func (d *Desk) ReadSchedule(ctx context.Context, actor access.Actor) (Schedule, error) {
	s := defaultSchedule
	if _, err := reads(actor); err != nil {
		return s, err
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		s, err = loadSchedule(ctx, tx)
		return err
	})
	return s, err
}

// SetSchedule changes when scans begin. in.Version is the one that was seen.
func (d *Desk) SetSchedule(ctx context.Context, actor access.Actor, in Schedule) error {
	if err := mayImport(actor); err != nil {
		return err
	}
	var c fault.Check
	c.That(in.Hour >= 0 && in.Hour <= 23, "hour", "fault.surveillance.between", fault.Args{"from": 0, "to": 23})
	if err := c.Err(); err != nil {
		return err
	}
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		have, err := loadSchedule(ctx, tx)
		if err != nil {
			return err
		}
		if have.Version != in.Version {
			return fault.New(fault.Conflict, "fault.changed_meanwhile").With("version", have.Version)
		}
		in.Version++
		doc, err := encode(in)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO surveillance_schedule (id, version, doc) VALUES ('scan', ?, ?)
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc`, in.Version, doc); err != nil {
			return err
		}
		tx.AfterCommit(d.wakeScanner)
		return d.env.Log(ctx, tx, history.Entry{Account: actor.Account, Actor: actor.Name, Action: "surveillance.schedule.change",
			Record: history.Record{Desk: Name, Kind: "surveillance.schedule", ID: d.env.IDs.New(), Version: in.Version}, Detail: json.RawMessage(doc)})
	})
}
