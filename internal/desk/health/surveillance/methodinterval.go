package surveillance

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Interval is one version of the serial interval of a disease on this node:
// proposed by one person, confirmed by another, and from then on unchanged. It
// takes the place of the built-in one.
type Interval struct {
	desk.Head
	SerialInterval
	Number    int64     `json:"number"` // of the versions for the disease
	Proposed  desk.Mark `json:"proposed,omitzero"`
	Confirmed desk.Mark `json:"confirmed,omitzero"`
}

var secondInterval = workflow.Need[Interval]{Name: "surveillance.second_reader", Check: func(i Interval, a access.Actor, _ time.Time) bool {
	return a.Account != "" && a.Account != i.Proposed.Account
}}

// Intervals is the table of a version of a serial interval.
var Intervals = &workflow.Table[Interval]{
	Record: "surveillance.interval", Track: "main", Version: "1", Initial: Proposed, Final: []workflow.State{Replaced, Withdrawn},
	Place: func(Interval) string { return "" },
	State: func(i Interval) workflow.State { return i.State },
	Steps: []workflow.Step[Interval]{
		{From: []workflow.State{""}, Verb: "propose", To: Proposed, By: importers},
		{From: []workflow.State{Proposed}, Verb: "edit", By: importers},
		{From: []workflow.State{Proposed}, Verb: "confirm", To: InForce, By: methodReaders, Needs: []workflow.Need[Interval]{secondInterval}},
		{From: []workflow.State{Proposed}, Verb: "withdraw", To: Withdrawn, By: methodReaders},
		{From: []workflow.State{InForce}, Verb: "replace", To: Replaced, Other: true},
		{From: []workflow.State{InForce}, Verb: "withdraw", To: Withdrawn, By: methodReaders},
	},
}

// mostInterval is the longest serial interval that is taken, in days.
const mostInterval = 1000

func validateInterval(i *Interval) error {
	i.Source = strings.TrimSpace(i.Source)
	var c fault.Check
	_, known := health.HazardByKey(i.Disease)
	c.That(known, "disease", "fault.surveillance.method_disease")
	c.That(i.Mean > 1 && i.Mean <= mostInterval, "mean", "fault.surveillance.interval_mean", fault.Args{"max": mostInterval})
	c.That(i.SD > 0 && i.SD <= mostInterval && !math.IsNaN(i.SD), "sd", "fault.surveillance.interval_sd", fault.Args{"max": mostInterval})
	c.That(i.Source != "", "source", "fault.surveillance.interval_source")
	c.That(utf8.RuneCountInString(i.Source) <= MaxWords, "source", "fault.too_long", fault.Args{"max": MaxWords})
	return c.Err()
}

// ProposeInterval makes a new version, which another person confirms.
func (d *Desk) ProposeInterval(ctx context.Context, actor access.Actor, in SerialInterval) (Interval, error) {
	i := Interval{SerialInterval: in}
	i.Place, i.Marking = string(d.env.Member), access.TLPGreen
	return desk.Create(ctx, d.env, d.intervals, actor, i, "propose", desk.Change[Interval]{Edit: func(i *Interval) error { i.Proposed = i.Created; return nil }})
}

// EditInterval changes a version that is not yet confirmed; who changed it last
// is who proposes it. The disease stays.
func (d *Desk) EditInterval(ctx context.Context, actor access.Actor, iid id.ID, seen int, in SerialInterval) (Interval, error) {
	return desk.Take(ctx, d.env, d.intervals, actor, iid, seen, "edit", desk.Change[Interval]{Edit: func(i *Interval) error {
		in.Disease = i.Disease
		i.SerialInterval = in
		i.Proposed = desk.Mark{At: d.env.Clock.Now(), Account: actor.Account, Post: actor.Name}
		return nil
	}})
}

// StepInterval confirms or withdraws a version. A confirmed one replaces the
// one before.
func (d *Desk) StepInterval(ctx context.Context, actor access.Actor, iid id.ID, seen int, verb workflow.Verb) (Interval, error) {
	var c desk.Change[Interval]
	switch verb {
	case "withdraw":
	case "confirm":
		c.Edit = func(i *Interval) error {
			i.Confirmed = desk.Mark{At: d.env.Clock.Now(), Account: actor.Account, Post: actor.Name}
			return nil
		}
		c.Then = d.replaceIntervals
	default:
		return Interval{}, desk.NotFound()
	}
	return desk.Take(ctx, d.env, d.intervals, actor, iid, seen, verb, c)
}

func (d *Desk) replaceIntervals(ctx context.Context, tx *db.Tx, by *Interval) error {
	before, err := loadAll[Interval](ctx, tx, `SELECT doc FROM surveillance_interval WHERE disease = ? AND state = ? AND id <> ? ORDER BY number`, by.Disease, string(InForce), string(by.ID))
	if err != nil {
		return err
	}
	for _, old := range before {
		if _, err := desk.TakeIn(ctx, d.env, tx, d.intervals, access.Node(d.env.Member), old.ID, 0, "replace", desk.Change[Interval]{Detail: map[string]any{"by": by.Number}}); err != nil {
			return err
		}
	}
	return nil
}

// IntervalRef is the serial interval that a figure was made with; number 0 is
// the built-in one.
type IntervalRef struct {
	SerialInterval
	ID     id.ID
	Number int64
}

// intervalOf is the serial interval in force for a disease, else the built-in
// one.
func intervalOf(ctx context.Context, tx *db.Tx, disease string) (IntervalRef, bool, error) {
	own, err := loadAll[Interval](ctx, tx, `SELECT doc FROM surveillance_interval WHERE disease = ? AND state = ? ORDER BY number DESC LIMIT 1`, disease, string(InForce))
	if err != nil {
		return IntervalRef{}, false, err
	}
	if len(own) > 0 {
		return IntervalRef{own[0].SerialInterval, own[0].ID, own[0].Number}, true, nil
	}
	s, ok := SerialIntervalOf(disease)
	return IntervalRef{SerialInterval: s}, ok, nil
}

func loadInterval(ctx context.Context, tx *db.Tx, iid id.ID) (Interval, error) {
	var i Interval
	err := load(ctx, tx, `SELECT doc FROM surveillance_interval WHERE id = ?`, []any{string(iid)}, &i)
	return i, err
}

// insertInterval numbers the version; of two made at once one is told to try
// again.
func insertInterval(ctx context.Context, tx *db.Tx, i *Interval) error {
	if _, err := tx.Row(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM surveillance_interval WHERE disease = ?`, []any{i.Disease}, &i.Number); err != nil {
		return err
	}
	doc, err := encode(i)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO surveillance_interval (id, disease, number, owner, state, version, changed, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (disease, number) DO NOTHING`,
		string(i.ID), i.Disease, i.Number, string(i.Owner), string(i.State), i.Version, clock.Micros(i.Changed.At), doc)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

func updateInterval(ctx context.Context, tx *db.Tx, i *Interval, was int) error {
	doc, err := encode(i)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE surveillance_interval SET state = ?, version = ?, changed = ?, doc = ? WHERE id = ? AND version = ?`,
		string(i.State), i.Version, clock.Micros(i.Changed.At), doc, string(i.ID), was)
	if err != nil {
		return err
	}
	return db.Conflict(n)
}

// IntervalView is a version as a reader sees it; one without an identifier is
// built in.
type IntervalView struct {
	IntervalRef
	Version   int
	State     workflow.State
	Proposed  desk.Mark
	Confirmed desk.Mark
	Offers    []workflow.Offer
}

func viewInterval(i *Interval, actor access.Actor, now time.Time) IntervalView {
	return IntervalView{IntervalRef: IntervalRef{i.SerialInterval, i.ID, i.Number}, Version: i.Version, State: i.State, Proposed: i.Proposed, Confirmed: i.Confirmed,
		Offers: Intervals.Offers(*i, actor, now)}
}

// IntervalList is every version of this node, of each disease the newest
// first, and the built-in ones that no version in force takes the place of.
func (d *Desk) IntervalList(ctx context.Context, actor access.Actor) (own, builtIn []IntervalView, err error) {
	if _, err := reads(actor); err != nil {
		return nil, nil, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Interval](ctx, tx, `SELECT doc FROM surveillance_interval ORDER BY disease, number DESC LIMIT 1000`)
		for i := range all {
			own = append(own, viewInterval(&all[i], actor, d.env.Clock.Now()))
		}
		return err
	})
	for _, s := range SerialIntervals {
		if !slices.ContainsFunc(own, func(v IntervalView) bool { return v.Disease == s.Disease && v.State == InForce }) {
			builtIn = append(builtIn, IntervalView{IntervalRef: IntervalRef{SerialInterval: s}})
		}
	}
	return own, builtIn, err
}

// IntervalPage reads one version.
func (d *Desk) IntervalPage(ctx context.Context, actor access.Actor, iid id.ID) (IntervalView, error) {
	var v IntervalView
	if _, err := reads(actor); err != nil {
		return v, err
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		i, err := loadInterval(ctx, tx, iid)
		v = viewInterval(&i, actor, d.env.Clock.Now())
		return err
	})
	return v, err
}
