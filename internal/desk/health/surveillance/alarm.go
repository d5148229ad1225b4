package surveillance

import (
	"context"
	"strings"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/outbreak"
)

// Why a count above its threshold is no alarm.
const (
	HeldFDR     = "fdr"     // among so many series some are above by chance
	HeldPersist = "persist" // not in as many periods as the method wants
)

// Alarm is what a scan found of one series, with all that it was computed
// from: dataset and revision, series, period, method and settings. It is never
// changed; only the signal that it became is added.
type Alarm struct {
	ID      id.ID     `json:"id"`
	Run     id.ID     `json:"run"`
	Dataset int64     `json:"dataset"`
	Set     id.ID     `json:"set"`
	Rev     int64     `json:"rev"`
	KnownAt time.Time `json:"known_at"`
	Period  int32     `json:"period"`
	Late    bool      `json:"late,omitempty"` // the period was not yet complete
	Raised  time.Time `json:"raised"`
	Key
	Method   MethodRef `json:"method"`
	Settings Settings  `json:"settings"`
	Judged
	Adjusted outbreak.Value `json:"adjusted"` // smallest share of false alarms at which it is one
	Weight   float64        `json:"weight"`
	Rank     int            `json:"rank"`
	Held     string         `json:"held,omitempty"`
	Because  []string       `json:"because,omitempty"` // places below that account for it
}

// insertMost is how many alarms one statement stores.
const insertMost = 50

func (d *Desk) insertAlarms(ctx context.Context, tx *db.Tx, r *ScanRun, found []Alarm) error {
	const one = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?)`
	for from := 0; from < len(found); from += insertMost {
		part := found[from:min(from+insertMost, len(found))]
		var args []any
		for i := range part {
			a := &part[i]
			doc, err := encode(a)
			if err != nil {
				return err
			}
			args = append(args, string(a.ID), string(a.Run), a.Dataset, a.Period, a.Rev, a.Disease, a.Place, string(a.Class), place.Member(a.Place), string(a.Settings.Algorithm),
				string(a.Method.ID), a.Held, a.Weight, clock.Micros(a.Raised), number(r.Newest), number(d.raises(r, a)), doc)
		}
		_, err := tx.Exec(ctx, `INSERT INTO surveillance_alarm (id, run, dataset, period, rev, disease, place, class, country, algorithm, method, held, weight, raised, newest, pending, signal, doc) VALUES `+
			one+strings.Repeat(", "+one, len(part)-1), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// raises reports whether an alarm becomes a signal: it is one, of now, and not
// accounted for by alarms below it.
func (d *Desk) raises(r *ScanRun, a *Alarm) bool {
	return d.inbox != nil && a.Held == "" && len(a.Because) == 0 && r.Newest && !r.Old
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func loadAlarm(ctx context.Context, tx *db.Tx, aid id.ID) (a Alarm, signal id.ID, err error) {
	var doc, sid string
	ok, err := tx.Row(ctx, `SELECT doc, signal FROM surveillance_alarm WHERE id = ?`, []any{string(aid)}, &doc, &sid)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		err = decodeDoc(doc, &a)
	}
	return a, id.ID(sid), err
}

// judgeSeries judges one stored series as it was known at a revision.
func judgeSeries(ctx context.Context, tx *db.Tx, s Settings, c Calendar, dataset, rev int64, k Key, at int32) (Judged, error) {
	list, _, err := ReadSeries(ctx, tx, dataset, rev, k.Disease, k.Place)
	if err != nil {
		return Judged{}, err
	}
	one := Series{Key: k}
	for _, x := range list {
		if x.Key == k {
			one = x
		}
	}
	j, err := newJudge(s, c, at)
	if err != nil {
		return Judged{}, err
	}
	var w judging
	return j.point(&w, one.First, floats(nil, one.Values)), nil
}
