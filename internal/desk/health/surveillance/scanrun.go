package surveillance

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
	"lintas/outbreak"
)

// ScanRun is one scan of a dataset for one period: what it was made of and
// what it found, series that were not judged included.
type ScanRun struct {
	desk.Head
	Dataset int64       `json:"dataset"`
	Set     id.ID       `json:"set"`
	Because string      `json:"because"` // "person", "data", "method"
	Asked   *int32      `json:"asked,omitempty"`
	Period  int32       `json:"period"`
	Rev     int64       `json:"rev"`
	KnownAt time.Time   `json:"known_at,omitzero"`
	Methods []MethodRef `json:"methods,omitempty"`
	Digest  string      `json:"digest,omitempty"`
	Begun   time.Time   `json:"begun,omitzero"`
	Took    int64       `json:"took_ms,omitempty"`
	ScanCounts
	// Newest: the period was the newest of the dataset, so that its alarms are
	// those of now. Old: it ended too long ago for signals.
	Newest  bool     `json:"newest,omitempty"`
	Old     bool     `json:"old,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
}

// ScanCounts are how many series a scan met, and what became of each.
type ScanCounts struct {
	Series int            `json:"series"`
	Judged int            `json:"judged"` // that have a decision
	Whys   map[string]int `json:"whys,omitempty"`
	Above  int            `json:"above"` // above their own threshold
	Alarms int            `json:"alarms"`
	Held   map[string]int `json:"held,omitempty"` // above, and no alarm: why
	Tests  int            `json:"tests"`          // p-values that the control of false discoveries saw
	Cutoff outbreak.Value `json:"cutoff"`         // largest p-value of an alarm
}

// States of a scan; one that a person stopped is Cancelled.
const (
	Queued  workflow.State = "queued"
	Running workflow.State = "running"
	Done    workflow.State = "done"
	Failed  workflow.State = "failed"
)

// Scans is the table of a scan.
var Scans = &workflow.Table[ScanRun]{
	Record: "surveillance.scan", Track: "main", Version: "1", Initial: Queued, Final: []workflow.State{Done, Failed, Cancelled},
	Place: func(ScanRun) string { return "" },
	State: func(r ScanRun) workflow.State { return r.State },
	Steps: []workflow.Step[ScanRun]{
		{From: []workflow.State{""}, Verb: "start", To: Queued, By: importers},
		{From: []workflow.State{Queued}, Verb: "begin", To: Running, Other: true},
		{From: []workflow.State{Running}, Verb: "finish", To: Done, Other: true},
		{From: []workflow.State{Running}, Verb: "fail", To: Failed, Other: true},
		{From: []workflow.State{Running}, Verb: "again", To: Queued, Other: true},
		{From: []workflow.State{Queued, Running}, Verb: "cancel", To: Cancelled, By: importers},
	},
}

func validateScan(r *ScanRun) error {
	var c fault.Check
	c.That(r.Dataset > 0, "dataset", "fault.surveillance.no_dataset")
	return c.Err()
}

// StartScan queues a scan of a dataset; period is the label of the period to
// judge, and empty for the newest. Signals come only of the newest.
func (d *Desk) StartScan(ctx context.Context, actor access.Actor, set id.ID, period string) (ScanRun, error) {
	if err := mayImport(actor); err != nil {
		return ScanRun{}, err
	}
	reach, err := reads(actor)
	if err != nil {
		return ScanRun{}, err
	}
	r := ScanRun{Set: set, Because: "person"}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := datasetOf(ctx, tx, reach, set)
		if err != nil {
			return err
		}
		methods, err := loadMethods(ctx, tx, v.Resolution)
		if err != nil {
			return err
		}
		r.Dataset, r.Marking, r.Rev, r.Digest = v.Number, v.Marking, v.Front.Rev, methods.digest()
		var c fault.Check
		c.That(scannable(v.Measure, v.Calendar), "dataset", "fault.surveillance.not_scanned")
		c.That(!v.Front.Empty(), "dataset", "fault.surveillance.scan_empty")
		if period != "" && !v.Front.Empty() {
			p, bad := v.ParsePeriod(period)
			c.That(bad == nil && p >= v.Front.First && p <= v.Front.Last, "period", "fault.surveillance.scan_period",
				fault.Args{"from": v.Label(v.Front.First), "to": v.Label(v.Front.Last)})
			r.Asked = &p
		}
		return c.Err()
	})
	if err != nil {
		return r, err
	}
	return desk.Create(ctx, d.env, d.scans, actor, r, "start", desk.Change[ScanRun]{Then: d.wakeScan})
}

// CancelScan stops a scan; nothing of it is left but its record.
func (d *Desk) CancelScan(ctx context.Context, actor access.Actor, rid id.ID, seen int) (ScanRun, error) {
	return desk.Take(ctx, d.env, d.scans, actor, rid, seen, "cancel", desk.Change[ScanRun]{})
}

// scannable: a population is no outbreak, and a year is too long for one.
func scannable(m Measure, c Calendar) bool { return m != Population && c.Resolution != Yearly }

func (d *Desk) wakeScan(_ context.Context, tx *db.Tx, _ *ScanRun) error {
	tx.AfterCommit(d.wakeScanner)
	return nil
}

func (d *Desk) wakeScans(_ context.Context, tx *db.Tx, _ *Method) error {
	tx.AfterCommit(d.wakeScanner)
	return nil
}

func (d *Desk) wakeScanner() {
	select {
	case d.scanWake <- struct{}{}:
	default:
	}
}

func loadScan(ctx context.Context, tx *db.Tx, rid id.ID) (ScanRun, error) {
	var r ScanRun
	err := load(ctx, tx, `SELECT doc FROM surveillance_run WHERE id = ?`, []any{string(rid)}, &r)
	return r, err
}

func insertScan(ctx context.Context, tx *db.Tx, r *ScanRun) error {
	doc, err := encode(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO surveillance_run (id, dataset, owner, state, version, created, changed, rev, digest, done, total, beat, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?)`,
		string(r.ID), r.Dataset, string(r.Owner), string(r.State), r.Version, clock.Micros(r.Created.At), clock.Micros(r.Changed.At), r.Rev, r.Digest, doc)
	return err
}

func updateScan(ctx context.Context, tx *db.Tx, r *ScanRun, was int) error {
	doc, err := encode(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE surveillance_run SET state = ?, version = ?, changed = ?, rev = ?, digest = ?, doc = ? WHERE id = ? AND version = ?`,
		string(r.State), r.Version, clock.Micros(r.Changed.At), r.Rev, r.Digest, doc, string(r.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// Schedule says when scans begin by themselves.
type Schedule struct {
	Version int  `json:"version"`
	Import  bool `json:"import"` // when counts or methods changed
	Daily   bool `json:"daily"`  // once a day at Hour, where something changed since the last scan
	Hour    int  `json:"hour"`   // UTC
}

// defaultSchedule scans as soon as there is something new.
var defaultSchedule = Schedule{Import: true, Daily: true, Hour: 2}

func loadSchedule(ctx context.Context, tx *db.Tx) (Schedule, error) {
	var doc string
	s := defaultSchedule
	ok, err := tx.Row(ctx, `SELECT doc FROM surveillance_schedule WHERE id = 'scan'`, nil, &doc)
	if err == nil && ok {
		err = decodeDoc(doc, &s)
	}
	return s, err
}

// due reports whether a dataset with something new is scanned now: last is
// when it was scanned before.
func (s Schedule) due(last, now time.Time) bool {
	if s.Import {
		return true
	}
	if !s.Daily {
		return false
	}
	now = now.UTC()
	at := time.Date(now.Year(), now.Month(), now.Day(), s.Hour, 0, 0, 0, time.UTC)
	if now.Before(at) {
		at = at.AddDate(0, 0, -1)
	}
	return last.Before(at)
}
