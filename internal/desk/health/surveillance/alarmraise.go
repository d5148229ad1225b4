package surveillance

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// Alarms of now become signals in the inbox of the health desk. An alarm that
// persists, or whose counts were corrected, lets the same signal grow; the same
// alarm from the same figures changes nothing.

// Inbox takes alarms as signals and says what became of them. The node gives
// it: a part knows no other.
type Inbox interface {
	// Raise makes a signal, or lets the one grow that the key made before.
	Raise(ctx context.Context, tx *db.Tx, s Occurrence) (id.ID, error)
	// Fate is what became of a signal; false: the actor may not see it.
	Fate(ctx context.Context, tx *db.Tx, actor access.Actor, signal id.ID) (Fate, bool, error)
}

// Occurrence is one alarm as a signal takes it.
type Occurrence struct {
	Key       string // of the series and algorithm, over all periods
	Place     string
	Hazard    string
	Text      string
	Lang      string
	FirstSeen health.Date
	Cases     int64
	Marking   access.Marking
	At        time.Time
	Ref       json.RawMessage
}

// Fate is what became of a signal.
type Fate struct {
	Signal  id.ID          `json:"signal"`
	State   workflow.State `json:"state"`
	Outcome string         `json:"outcome"` // of Outcomes
	Event   id.ID          `json:"event,omitempty"`
}

// Outcomes of a signal: nobody decided yet, it was confirmed, discarded, kept
// under observation, or joined with another.
var Outcomes = []string{"open", "verified", "discarded", "monitored", "joined"}

// Raise gives alarms to an inbox from now on.
func (d *Desk) Raise(to Inbox) { d.inbox = to }

// raiseMost is how many signals one transaction makes.
const raiseMost = 25

// RaisePending makes signals of the alarms that wait, the heaviest first.
func (d *Desk) RaisePending(ctx context.Context) {
	for d.inbox != nil && ctx.Err() == nil {
		n, err := d.raiseSome(ctx)
		if err != nil || n == 0 {
			return // the next look tries again; nothing is lost
		}
	}
}

func (d *Desk) raiseSome(ctx context.Context) (int, error) {
	m, err := d.Matcher(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	return n, d.env.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := loadAll[Alarm](ctx, tx, `SELECT doc FROM surveillance_alarm WHERE pending = 1 ORDER BY weight DESC, id LIMIT ?`, raiseMost)
		if err != nil {
			return err
		}
		for i := range list {
			if err := d.raiseOne(ctx, tx, m, &list[i]); err != nil {
				return err
			}
		}
		if n = len(list); n > 0 {
			d.env.Notify(tx, "alarms")
		}
		return nil
	})
}

func (d *Desk) raiseOne(ctx context.Context, tx *db.Tx, m *place.Matcher, a *Alarm) error {
	signal, err := raisedBefore(ctx, tx, a)
	if err != nil {
		return err
	}
	if signal == "" {
		set, err := loadDataset(ctx, tx, a.Set)
		if err != nil {
			return err
		}
		o, err := d.occurrence(a, &set, m)
		if err != nil {
			return err
		}
		if signal, err = d.inbox.Raise(ctx, tx, o); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE surveillance_alarm SET pending = 0, signal = ? WHERE id = ?`, string(signal), string(a.ID))
	d.env.Notify(tx, "alarm:"+string(a.ID))
	return err
}

// raisedBefore is the signal that the same figures made in an earlier scan.
func raisedBefore(ctx context.Context, tx *db.Tx, a *Alarm) (id.ID, error) {
	var signal string
	_, err := tx.Row(ctx, `SELECT signal FROM surveillance_alarm WHERE dataset = ? AND disease = ? AND place = ? AND period = ? AND class = ? AND rev = ? AND algorithm = ? AND method = ?
		AND signal <> '' ORDER BY raised LIMIT 1`,
		[]any{a.Dataset, a.Disease, a.Place, a.Period, string(a.Class), a.Rev, string(a.Settings.Algorithm), string(a.Method.ID)}, &signal)
	return id.ID(signal), err
}

// alarmRef is what the signal keeps of an alarm. href is its page.
type alarmRef struct {
	Href     string    `json:"href"`
	Dataset  id.ID     `json:"dataset"`
	Revision int64     `json:"revision"`
	Disease  string    `json:"disease"`
	Place    string    `json:"place"`
	Class    Class     `json:"class"`
	Period   string    `json:"period"`
	Method   MethodRef `json:"method"`
	Settings Settings  `json:"settings"`
}

// AlarmPath is the page of an alarm.
func AlarmPath(a id.ID) string { return "/surveillance/alarms/" + string(a) }

func (d *Desk) occurrence(a *Alarm, set *Dataset, m *place.Matcher) (Occurrence, error) {
	ref, err := encode(alarmRef{Href: AlarmPath(a.ID), Dataset: a.Set, Revision: a.Rev, Disease: a.Disease, Place: a.Place, Class: a.Class,
		Period: set.Label(a.Period), Method: a.Method, Settings: a.Settings})
	o := Occurrence{Key: strings.Join([]string{Name, string(a.Set), a.Disease, a.Place, string(a.Settings.Algorithm)}, " "),
		Place: signalPlace(a.Place), Hazard: a.Disease, Lang: locale.Source, Cases: int64(a.Observed.Or(0)), Marking: set.Marking, At: a.KnownAt, Ref: json.RawMessage(ref)}
	if _, known := health.HazardByKey(a.Disease); !known {
		o.Hazard = "unknown"
	}
	start := set.Start(a.Period)
	o.FirstSeen = health.Date{On: start.AddDate(0, 0, 3).Format(time.DateOnly), Precision: health.Approximate}
	switch set.Resolution {
	case Daily:
		o.FirstSeen = health.Date{On: start.Format(time.DateOnly), Precision: health.Day}
	case Monthly:
		o.FirstSeen = health.Date{On: start.Format(time.DateOnly), Precision: health.Month}
	}
	p := locale.New(o.Lang, nil, "")
	where, name := a.Place, a.Disease
	if pl, ok := m.Lookup(a.Place); ok {
		where = pl.In(o.Lang)
	}
	if p.Has("hazard." + a.Disease) {
		name = p.T("hazard." + a.Disease)
	}
	o.Text = p.T("surveillance.alarm.signal", "disease", name, "place", where, "code", a.Place, "period", set.Label(a.Period), "observed", p.Number(o.Cases),
		"expected", number1(p, a.Expected.Or(0)), "threshold", number1(p, a.Threshold.Or(0)), "dataset", set.Title, "method", p.T("surveillance.algorithm."+string(a.Settings.Algorithm)))
	return o, err
}

func number1(p *locale.Printer, x float64) string { return p.Decimal(x, 1) }

// signalPlace is the unit of ISO 3166-2 that holds a place, or the state.
func signalPlace(code string) string {
	for code != "" && !place.Known(code) {
		code = parentOf(code)
	}
	return code
}

// fate is what became of a signal, where the actor may know.
func (d *Desk) fate(ctx context.Context, tx *db.Tx, actor access.Actor, signal id.ID) (*Fate, error) {
	if signal == "" || d.inbox == nil {
		return nil, nil
	}
	f, ok, err := d.inbox.Fate(ctx, tx, actor, signal)
	if err != nil || !ok {
		return nil, err
	}
	return &f, nil
}
