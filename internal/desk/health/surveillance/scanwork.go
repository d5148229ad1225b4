package surveillance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/outbreak"
)

// scanWorkers is how many goroutines read and judge: the cores of a small node.
const scanWorkers = 2

// oldAfter is how long after the end of its period a scan still makes signals:
// an alarm of the year before last is history.
const oldAfter = 60 * 24 * time.Hour

// scanOne does one scan and stores what it found, or why it could not.
func (d *Desk) scanOne(ctx context.Context, r ScanRun) {
	begun := d.env.Wall.Now()
	found, err := d.scanDataset(ctx, &r)
	if err == nil {
		r.Took = d.env.Wall.Now().Sub(begun).Milliseconds()
		err = d.keepScan(ctx, r, found)
	}
	if err != nil && ctx.Err() == nil {
		d.failScan(ctx, r, err)
	}
}

// scanDataset judges every series and fills in the run.
func (d *Desk) scanDataset(ctx context.Context, r *ScanRun) ([]Alarm, error) {
	p, err := d.prepare(ctx, r)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watched := make(chan struct{})
	go func() { defer close(watched); d.watch(ctx, stop, r, p) }()
	err = d.judgeAll(ctx, r, p)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	stop(nil)
	<-watched
	if err != nil {
		return nil, err
	}
	return p.conclude(r)
}

// scanPlan is what the workers of one scan share.
type scanPlan struct {
	set     Dataset
	methods methodSet
	rev     int64
	at      int32
	judges  map[string]*judge // by disease; "" is the default
	done    atomic.Int64
	total   int64
	workers []scanWorker
}

// scanWorker is what one goroutine keeps; nothing of it is shared.
type scanWorker struct {
	judging
	floats []float64
	found  []Alarm // above their own threshold
	at     []int   // of found: where its p-value stands in p
	p      []outbreak.Value
	series int
	judged int
	whys   map[string]int
	count  int64    // since the last report
	_      [64]byte // workers do not share a line of the cache
}

// prepare reads which methods are in force and lays them out.
func (d *Desk) prepare(ctx context.Context, r *ScanRun) (*scanPlan, error) {
	p := &scanPlan{judges: map[string]*judge{}}
	var front Front
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.set, err = loadDataset(ctx, tx, r.Set); err != nil {
			return err
		}
		if front, err = loadFront(ctx, tx, r.Dataset); err != nil {
			return err
		}
		p.methods, err = loadMethods(ctx, tx, p.set.Resolution)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.rev, p.at, p.total = front.Rev, front.Last, front.Series
	r.Newest = true
	if r.Asked != nil {
		p.at, r.Newest = *r.Asked, *r.Asked == front.Last
	}
	r.Period, r.Rev, r.KnownAt = p.at, front.Rev, front.KnownAt
	r.Methods, r.Digest = p.methods.refs(), p.methods.digest()
	r.Old = d.env.Clock.Now().Sub(p.set.End(p.at)) > oldAfter
	for disease, m := range p.methods {
		if p.judges[disease], err = newJudge(m.Settings, p.set.Calendar, p.at); err != nil {
			return nil, fmt.Errorf("method %s of %q: %w", m.ID, disease, err)
		}
	}
	return p, nil
}

// watch reports how far the scan is, and stops it when a person cancelled it.
func (d *Desk) watch(ctx context.Context, stop context.CancelCauseFunc, r *ScanRun, p *scanPlan) {
	tick := time.NewTicker(scanBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var now ScanRun
		err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
			var err error
			if now, err = loadScan(ctx, tx, r.ID); err != nil {
				return err
			}
			return d.beat(ctx, tx, r.ID, p.done.Load(), p.total)
		})
		if err == nil && now.State != Running {
			stop(fault.New(fault.Conflict, "fault.surveillance.scan_stopped"))
			return
		}
	}
}

// judgeAll reads the store once and judges each series as it comes.
func (d *Desk) judgeAll(ctx context.Context, r *ScanRun, p *scanPlan) error {
	begin := func(_ State, workers int) error {
		p.done.Store(0)
		p.workers = make([]scanWorker, workers)
		for i := range p.workers {
			p.workers[i].whys = map[string]int{}
			p.workers[i].p = make([]outbreak.Value, 0, int(p.total)/workers+1)
		}
		return nil
	}
	_, err := d.ScanAll(ctx, Scan{Dataset: r.Dataset, Rev: p.rev, Workers: scanWorkers}, begin, func(worker int, row *Row) error {
		w := &p.workers[worker]
		if w.count++; w.count == 256 {
			p.done.Add(w.count)
			w.count = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return p.one(w, row)
	})
	return err
}

// one judges one series.
func (p *scanPlan) one(w *scanWorker, row *Row) error {
	w.series++
	j := p.judges[row.Disease]
	if j == nil {
		j = p.judges[""]
	}
	switch {
	case row.Stratum != "":
		w.whys[WhyStratum]++
		return nil
	case j == nil:
		w.whys[WhyMethod]++
		return nil
	case !j.judges(row.Place):
		w.whys[WhyLevel]++
		return nil
	}
	first, values, err := row.Floats(w.floats)
	w.floats = values
	if err != nil {
		return fault.Wrap(fault.Internal, "fault.internal", fmt.Errorf("series %d: %w", row.ID, err))
	}
	got := j.point(&w.judging, first, values)
	if got.Why != "" {
		w.whys[got.Why]++
	}
	if got.Why == "" || got.Why == WhyFew {
		w.judged++
	}
	if j.set.FDR > 0 && got.P.Defined() {
		w.p = append(w.p, got.P)
	}
	if !got.Above {
		return nil
	}
	a, err := p.alarm(&w.judging, j, row.Key, &got, first, values)
	if err != nil {
		return err
	}
	w.found = append(w.found, a)
	w.at = append(w.at, len(w.p)-1)
	return nil
}

// alarm is what is kept of a series above its threshold. Whether it lasts is
// judged here, while its counts are at hand.
func (p *scanPlan) alarm(w *judging, j *judge, k Key, got *Judged, first int32, values []float64) (Alarm, error) {
	m, _ := p.methods.of(k.Disease)
	a := Alarm{Dataset: p.set.Number, Set: p.set.ID, Rev: p.rev, Period: p.at, Key: k, Method: m.ref(), Settings: m.Settings, Judged: *got, Weight: m.Settings.weigh(got)}
	lasts, err := lasting(w, m.Settings, p.set.Calendar, p.at, first, values)
	if err == nil && !lasts {
		a.Held = HeldPersist
	}
	return a, err
}

// lasting reports whether the counts of the periods before were above their
// thresholds too, as many as the method wants.
func lasting(w *judging, s Settings, c Calendar, at, first int32, values []float64) (bool, error) {
	for back := 1; back < s.Persist; back++ {
		j, err := newJudge(s, c, at-int32(back))
		if err != nil {
			return false, err
		}
		if !j.point(w, first, values).Above {
			return false, nil
		}
	}
	return true, nil
}

// conclude puts the workers together: control of false discoveries over all
// p-values, order, and what accounts for what.
func (p *scanPlan) conclude(r *ScanRun) ([]Alarm, error) {
	r.ScanCounts = ScanCounts{Whys: map[string]int{}, Held: map[string]int{}}
	var all []outbreak.Value
	var found []Alarm
	var where []int
	for i := range p.workers {
		w := &p.workers[i]
		r.Series += w.series
		r.Judged += w.judged
		for why, n := range w.whys {
			r.Whys[why] += n
		}
		for k := range w.found {
			found, where = append(found, w.found[k]), append(where, len(all)+w.at[k])
		}
		all = append(all, w.p...)
	}
	fdr, err := outbreak.FalseDiscovery(all, 0.05, outbreak.BenjaminiHochberg)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	r.Above, r.Tests = len(found), fdr.Tests
	for i := range found {
		a := &found[i]
		if q := a.Settings.FDR; q > 0 && a.P.Defined() {
			a.Adjusted = fdr.Adjusted[where[i]]
			if a.Adjusted.Or(1) > q {
				a.Held = HeldFDR
			} else if a.Held == "" && a.P.Or(0) >= r.Cutoff.Or(0) {
				r.Cutoff = a.P
			}
		}
		if a.Held != "" {
			r.Held[a.Held]++
		}
	}
	r.Alarms = len(found) - r.Held[HeldFDR] - r.Held[HeldPersist]
	explain(found)
	slices.SortFunc(found, func(a, b Alarm) int {
		return cmp.Or(strictly(a.Held != "", b.Held != ""), cmp.Compare(b.Weight, a.Weight), compareKeys(a.Key, b.Key))
	})
	for i := range found {
		found[i].Rank = i + 1
		found[i].KnownAt = r.KnownAt
		found[i].Late = p.set.Late > 0 && r.Newest
	}
	return found, nil
}

// strictly orders false before true.
func strictly(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// explain finds alarms that the alarms of places below account for: those are
// one signal, not two.
func explain(found []Alarm) {
	groups := map[Key][]int{}
	for i := range found {
		if found[i].Held == "" {
			k := Key{Disease: found[i].Disease, Class: found[i].Class}
			groups[k] = append(groups[k], i)
		}
	}
	for _, list := range groups {
		var areas []outbreak.Area
		byPlace := map[string]int{}
		for _, i := range list {
			a := &found[i]
			byPlace[a.Place] = i
			areas = append(areas, outbreak.Area{ID: a.Place, Parent: parentOf(a.Place),
				Point: outbreak.Point{Observed: a.Observed, Expected: a.Expected, Threshold: a.Threshold, Alarm: true}})
		}
		for _, e := range outbreak.ExplainAlarms(areas) {
			if !e.Own {
				found[byPlace[e.ID]].Because = e.Because
			}
		}
	}
}

// keepScan stores a scan and its alarms at once, and ends it.
func (d *Desk) keepScan(ctx context.Context, r ScanRun, found []Alarm) error {
	_, err := desk.Take(ctx, d.env, d.scans, access.Node(d.env.Member), r.ID, 0, "finish", desk.Change[ScanRun]{
		Detail: map[string]any{"revision": r.Rev, "series": r.Series, "judged": r.Judged, "alarms": r.Alarms},
		Edit: func(to *ScanRun) error {
			head := to.Head
			*to = r
			to.Head = head
			return nil
		},
		Then: func(ctx context.Context, tx *db.Tx, to *ScanRun) error {
			if r.Newest {
				if _, err := tx.Exec(ctx, `UPDATE surveillance_alarm SET newest = 0 WHERE newest = 1 AND dataset = ?`, r.Dataset); err != nil {
					return err
				}
			}
			for i := range found {
				a := &found[i]
				a.ID, a.Run, a.Raised = d.env.IDs.New(), to.ID, clock.Cut(to.Changed.At)
			}
			d.env.Notify(tx, "alarms", "scan:"+string(to.ID), "dataset:"+string(r.Set))
			return d.insertAlarms(ctx, tx, &r, found)
		},
	})
	return err
}
