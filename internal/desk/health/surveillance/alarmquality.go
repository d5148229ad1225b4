package surveillance

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/id"
)

// QualityRow is what became of the alarms of one disease and method version.
type QualityRow struct {
	Disease   string         `json:"disease"`
	Algorithm Algorithm      `json:"algorithm"`
	Method    MethodRef      `json:"method"`
	Alarms    int            `json:"alarms"`
	Signals   int            `json:"signals"` // that they became: one that persists is one
	Outcomes  map[string]int `json:"outcomes"`
	Hidden    int            `json:"hidden"` // signals that the reader may not see
}

// Verified is the share of the decided signals that were verified; false:
// none was decided.
func (r QualityRow) Verified() (share float64, decided int, ok bool) {
	decided = r.Outcomes["verified"] + r.Outcomes["discarded"]
	if decided == 0 {
		return 0, 0, false
	}
	return float64(r.Outcomes["verified"]) / float64(decided), decided, true
}

// Quality says what became of the alarms since a day, by disease and method.
// Alarms that were held back or accounted for by others have no signal and
// take no part.
func (d *Desk) Quality(ctx context.Context, actor access.Actor, since time.Time) ([]QualityRow, error) {
	reach, err := reads(actor)
	if err != nil {
		return nil, err
	}
	rows := map[string]*QualityRow{}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		sets, err := visibleSets(ctx, tx, reach)
		if err != nil {
			return err
		}
		var list []AlarmView
		err = tx.Each(ctx, `SELECT doc, signal FROM surveillance_alarm WHERE signal <> '' AND raised >= ? ORDER BY raised DESC LIMIT ?`, []any{clock.Micros(since), 4 * MostAlarms},
			func(scan func(...any) error) error {
				var doc string
				var v AlarmView
				if err := scan(&doc, (*string)(&v.Signal)); err != nil {
					return err
				}
				list = append(list, v)
				return decodeDoc(doc, &list[len(list)-1].Alarm)
			})
		if err != nil {
			return err
		}
		fates := map[id.ID]*Fate{}
		for i := range list {
			v := &list[i]
			if _, ok := sets[v.Alarm.Dataset]; !ok || !seesPlace(reach, v.Place, parentOf) {
				continue
			}
			if _, known := fates[v.Signal]; !known {
				if fates[v.Signal], err = d.fate(ctx, tx, actor, v.Signal); err != nil {
					return err
				}
			}
			v.Fate = fates[v.Signal]
		}
		tally(rows, list, fates)
		return nil
	})
	var out []QualityRow
	for _, r := range rows {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b QualityRow) int {
		return cmp.Or(strings.Compare(a.Disease, b.Disease), cmp.Compare(a.Algorithm, b.Algorithm), cmp.Compare(b.Method.Number, a.Method.Number), cmp.Compare(a.Method.ID, b.Method.ID))
	})
	return out, err
}

// tally counts alarms, and each signal once in each row.
func tally(rows map[string]*QualityRow, list []AlarmView, seen map[id.ID]*Fate) {
	counted := map[string]bool{}
	for i := range list {
		v := &list[i]
		fate, ok := seen[v.Signal]
		if !ok {
			continue // of a place or dataset that the reader does not see
		}
		key := v.Disease + " " + string(v.Settings.Algorithm) + " " + string(v.Method.ID)
		r := rows[key]
		if r == nil {
			r = &QualityRow{Disease: v.Disease, Algorithm: v.Settings.Algorithm, Method: v.Method, Outcomes: map[string]int{}}
			rows[key] = r
		}
		r.Alarms++
		if counted[key+" "+string(v.Signal)] {
			continue
		}
		counted[key+" "+string(v.Signal)] = true
		r.Signals++
		if fate == nil {
			r.Hidden++
		} else {
			r.Outcomes[fate.Outcome]++
		}
	}
}
