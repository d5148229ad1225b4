package surveillance

import (
	"context"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// AlarmFilter narrows the list of alarms. The zero filter is the alarms of the
// newest scans, the heaviest first.
type AlarmFilter struct {
	Set       id.ID
	Run       id.ID
	Disease   string
	Country   string
	Algorithm Algorithm
	Held      bool // also what is above its threshold and no alarm
	Past      bool // of all scans, the newest first
	Offset    int
	Limit     int // 1 to MostAlarms; 0: 50
}

// MostAlarms is how many alarms one list holds.
const MostAlarms = 5000

// AlarmView is an alarm as a reader sees it.
type AlarmView struct {
	Alarm
	Dataset DatasetView
	Signal  id.ID // that it became; empty: none
	Fate    *Fate // nil: there is no signal, or the reader may not see it
}

// AlarmList are the alarms that the actor may see, and how many there are.
func (d *Desk) AlarmList(ctx context.Context, actor access.Actor, f AlarmFilter) ([]AlarmView, int, error) {
	reach, err := reads(actor)
	if err != nil {
		return nil, 0, err
	}
	var out []AlarmView
	n := 0
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		sets, err := visibleSets(ctx, tx, reach)
		if err != nil {
			return err
		}
		all, err := loadAlarms(ctx, tx, f)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(v AlarmView) bool {
			s, ok := sets[v.Alarm.Dataset]
			return !ok || f.Set != "" && s.ID != f.Set || !seesPlace(reach, v.Place, parentOf)
		})
		n = len(all)
		out = all[min(f.Offset, n):min(f.Offset+f.limit(), n)]
		for i := range out {
			out[i].Dataset = sets[out[i].Alarm.Dataset]
			if out[i].Fate, err = d.fate(ctx, tx, actor, out[i].Signal); err != nil {
				return err
			}
		}
		return nil
	})
	return out, n, err
}

func (f *AlarmFilter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, MostAlarms)
}

func visibleSets(ctx context.Context, tx *db.Tx, reach health.Reach) (map[int64]DatasetView, error) {
	sets, err := loadAll[Dataset](ctx, tx, `SELECT doc FROM surveillance_dataset ORDER BY number`)
	if err != nil {
		return nil, err
	}
	out := map[int64]DatasetView{}
	for i := range sets {
		if !seesDataset(reach, &sets[i]) {
			continue
		}
		front, err := loadFront(ctx, tx, sets[i].Number)
		if err != nil {
			return nil, err
		}
		out[sets[i].Number] = viewDataset(&sets[i], front)
	}
	return out, nil
}

func loadAlarms(ctx context.Context, tx *db.Tx, f AlarmFilter) ([]AlarmView, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(on bool, text string, arg any) {
		if on {
			where, args = append(where, text), append(args, arg)
		}
	}
	order := "weight DESC, id"
	switch {
	case f.Run != "":
		add(true, "run = ?", string(f.Run))
	case f.Past:
		order = "raised DESC, weight DESC, id"
	default:
		where = append(where, "newest = 1")
	}
	add(f.Disease != "", "disease = ?", f.Disease)
	add(f.Country != "", "country = ?", f.Country)
	add(f.Algorithm != "", "algorithm = ?", string(f.Algorithm))
	add(!f.Held, "held = ?", "")
	if f.Held && !f.Past {
		order = "held, weight DESC, id" // alarms first
	}
	var out []AlarmView
	err := tx.Each(ctx, `SELECT doc, signal FROM surveillance_alarm WHERE `+strings.Join(where, " AND ")+` ORDER BY `+order+` LIMIT ?`, append(args, MostAlarms),
		func(scan func(...any) error) error {
			var doc string
			var v AlarmView
			if err := scan(&doc, (*string)(&v.Signal)); err != nil {
				return err
			}
			out = append(out, v)
			return decodeDoc(doc, &out[len(out)-1].Alarm)
		})
	return out, err
}

// AlarmPage is one alarm with what it was made of and what came of it.
type AlarmPage struct {
	AlarmView
	Run     ScanRunView
	Curve   []CurvePoint // as known at the alarm's revision, up to its period
	Now     *Judged      // the same with what is known now; nil: the figures are the same
	NowRev  int64
	Before  []AlarmView // earlier alarms of the series
	Account []AlarmView // alarms below that account for it
	Repeat  *Repeat
}

// Repeat is an alarm computed again from the store.
type Repeat struct {
	Judged
	Same bool // every number is the same to the last bit
}

// alarmBars is how many periods the curve of an alarm shows.
const alarmBars = 104

// AlarmPage reads one alarm; repeat computes it again.
func (d *Desk) AlarmPage(ctx context.Context, actor access.Actor, aid id.ID, repeat bool) (AlarmPage, error) {
	var p AlarmPage
	reach, err := reads(actor)
	if err != nil {
		return p, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.Alarm, p.Signal, err = loadAlarm(ctx, tx, aid); err != nil {
			return err
		}
		sets, err := visibleSets(ctx, tx, reach)
		if err != nil {
			return err
		}
		set, ok := sets[p.Alarm.Dataset]
		if !ok || !seesPlace(reach, p.Place, parentOf) {
			return desk.NotFound()
		}
		p.AlarmView.Dataset = set
		if p.Fate, err = d.fate(ctx, tx, actor, p.Signal); err != nil {
			return err
		}
		run, err := loadScan(ctx, tx, p.Alarm.Run)
		if err != nil {
			return err
		}
		p.Run = viewScan(&run, set, actor, d.env.Clock.Now())
		return d.fillAlarm(ctx, tx, &p, repeat)
	})
	return p, err
}

func (d *Desk) fillAlarm(ctx context.Context, tx *db.Tx, p *AlarmPage, repeat bool) error {
	set := p.AlarmView.Dataset
	at := CurveAsk{Dataset: set.Number, Rev: p.Rev, Key: p.Key, From: p.Period - alarmBars + 1, To: p.Period}
	series, err := seriesAt(ctx, tx, at)
	if err != nil {
		return err
	}
	if p.Curve, err = judgeCurve(p.Settings, set.Calendar, series, at.From, at.To); err != nil {
		return err
	}
	if repeat {
		j, err := judgeSeries(ctx, tx, p.Settings, set.Calendar, set.Number, p.Rev, p.Key, p.Period)
		if err != nil {
			return err
		}
		p.Repeat = &Repeat{Judged: j, Same: j == p.Judged}
	}
	if p.NowRev = set.Front.Rev; p.NowRev != p.Rev {
		j, err := judgeSeries(ctx, tx, p.Settings, set.Calendar, set.Number, 0, p.Key, p.Period)
		if err != nil {
			return err
		}
		p.Now = &j
	}
	all, err := alarmsOf(ctx, tx, p.Alarm.Dataset, p.Disease, append(slices.Clone(p.Because), p.Place))
	for _, v := range all {
		v.Dataset = set
		switch {
		case v.Place != p.Place:
			if v.Run == p.Alarm.Run && v.Class == p.Class {
				p.Account = append(p.Account, v)
			}
		case v.ID != p.ID && v.Class == p.Class && v.Held == "" && v.Period < p.Period:
			p.Before = append(p.Before, v)
		}
	}
	return err
}

// alarmsOf are the alarms of a disease at some places, the newest first.
func alarmsOf(ctx context.Context, tx *db.Tx, dataset int64, disease string, places []string) ([]AlarmView, error) {
	var out []AlarmView
	for _, pl := range places {
		err := tx.Each(ctx, `SELECT doc, signal FROM surveillance_alarm WHERE dataset = ? AND disease = ? AND place = ? ORDER BY period DESC, raised DESC LIMIT 200`,
			[]any{dataset, disease, pl}, func(scan func(...any) error) error {
				var doc string
				var v AlarmView
				if err := scan(&doc, (*string)(&v.Signal)); err != nil {
					return err
				}
				out = append(out, v)
				return decodeDoc(doc, &out[len(out)-1].Alarm)
			})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Recompute judges an old alarm again from the store, as it was known then.
func (d *Desk) Recompute(ctx context.Context, actor access.Actor, aid id.ID) (Repeat, error) {
	p, err := d.AlarmPage(ctx, actor, aid, true)
	if err != nil {
		return Repeat{}, err
	}
	return *p.Repeat, nil
}
