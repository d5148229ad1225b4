package surveillance

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/place"
)

// DiseaseAsk is what the page of a disease shows.
type DiseaseAsk struct {
	Dataset id.ID
	Disease string
	Class   Class  // empty: as reported
	In      string // a state, for its units; empty: the states
	Of      string // one of the places, whose curve is shown; empty: of all
	At      int32  // period; HasAt false: the newest
	HasAt   bool
	Span    int  // how many periods up to At are added up; 0: one
	Then    bool // as it was known at the end of At, not as it is known now
}

// MaxSpan is how many periods may be added up.
const MaxSpan = 520

// DiseasePage is the counts of one disease by place.
type DiseasePage struct {
	Set       DatasetView
	Disease   string
	Class     Class
	Classes   []Class // that the dataset has of the disease
	In        string
	At        int32
	Span      int
	Then      bool
	State     State
	Revisions []Revision
	Rows      []PlaceRow
	States    []string // with series of their own or of their units
	Curve     Series   // of In, else the sum of the rows
	CurveOf   string   // place, or empty: the sum of Places places
	Reported  []int    // how many places the sum has in each period
	Used      []Class
	// Denominators that rates divide by; nil: there is no dataset of population.
	People *DatasetView
}

// PlaceRow is one place: its count in the span and how much of it was reported.
type PlaceRow struct {
	Place    place.Place
	Series   Series
	Used     []Class
	Count    int64
	Reported int // periods of the span with a count; 0: no report
	People   int64
	Year     int // of the population
	Rate     float64
}

// Disease reads one disease of a dataset.
func (d *Desk) Disease(ctx context.Context, actor access.Actor, ask DiseaseAsk) (DiseasePage, error) {
	p := DiseasePage{Disease: ask.Disease, Class: ask.Class, In: ask.In, Span: min(max(ask.Span, 1), MaxSpan), Then: ask.Then}
	reach, err := reads(actor)
	if err != nil {
		return p, err
	}
	m, err := d.Matcher(ctx)
	if err != nil {
		return p, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.Set, err = datasetOf(ctx, tx, reach, ask.Dataset); err == nil {
			p.Revisions, err = Revisions(ctx, tx, p.Set.Number)
		}
		return err
	})
	if err != nil {
		return p, err
	}
	p.At = p.Set.Front.Last
	if ask.HasAt {
		p.At = min(max(ask.At, p.Set.Front.First), p.Set.Front.Last)
	}
	scan := Scan{Dataset: p.Set.Number, Disease: ask.Disease, Workers: 2}
	if ask.Then {
		scan.Rev = KnownOn(p.Revisions, p.Set.End(p.At).AddDate(0, 0, 1).Add(-time.Microsecond))
		if scan.Rev == 0 {
			p.State = State{Dataset: p.Set.Number, Last: p.At}
			return p, nil // nothing was known
		}
	}
	byPlace, err := d.byPlace(ctx, scan, &p)
	if err != nil {
		return p, err
	}
	if len(byPlace) == 0 {
		return p, desk.NotFound()
	}
	up := parents(m)
	for code := range byPlace {
		if !seesPlace(reach, code, up) {
			delete(byPlace, code)
		}
	}
	p.rows(m, byPlace)
	if err := d.people(ctx, actor, &p); err != nil {
		return p, err
	}
	p.curve(byPlace, ask.Of)
	return p, nil
}

// byPlace reads the series of everybody, of the asked classes.
func (d *Desk) byPlace(ctx context.Context, s Scan, p *DiseasePage) (map[string][]Series, error) {
	var mu sync.Mutex
	out := map[string][]Series{}
	classes := map[Class]bool{}
	st, err := d.ScanAll(ctx, s, func(State, int) error { clear(out); return nil }, func(_ int, r *Row) error {
		if r.Stratum != "" {
			return nil
		}
		x := Series{Key: r.Key}
		var err error
		if x.First, x.Values, err = r.Counts(nil); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		classes[r.Class] = true
		if p.Class == "" || r.Class == p.Class {
			out[r.Place] = append(out[r.Place], x)
		}
		return nil
	})
	p.State = st
	for _, c := range Classes {
		if classes[c] {
			p.Classes = append(p.Classes, c)
		}
	}
	return out, err
}

// rows are the places of the asked level: the states, or what lies in one.
func (p *DiseasePage) rows(m *place.Matcher, byPlace map[string][]Series) {
	seen := map[string]bool{}
	want := map[string]place.Place{}
	for code := range byPlace {
		pl, ok := m.Lookup(code)
		if !ok {
			pl = place.Place{Code: code, Name: code, Parent: place.Member(code), Level: place.Unit}
		}
		if s := place.Member(code); !seen[s] {
			seen[s] = true
			p.States = append(p.States, s)
		}
		if p.In == "" && pl.Level == place.State || p.In != "" && pl.Parent == p.In {
			want[code] = pl
		}
	}
	slices.Sort(p.States)
	// A place without a series is there too: silence is shown.
	if p.In == "" {
		for _, s := range place.States() {
			want[s.Code] = s
		}
	} else {
		for _, u := range place.Units(p.In, false) {
			if u.ValidOn(p.Set.Start(p.At)) {
				want[u.Code] = u
			}
		}
	}
	for code, pl := range want {
		row := PlaceRow{Place: pl}
		row.Series, row.Used = AsReported(byPlace[code])
		for q := p.At - int32(p.Span) + 1; q <= p.At; q++ {
			if v := row.Series.At(q); v >= 0 {
				row.Count += int64(v)
				row.Reported++
			}
		}
		p.Rows = append(p.Rows, row)
	}
	slices.SortFunc(p.Rows, func(a, b PlaceRow) int { return strings.Compare(a.Place.Code, b.Place.Code) })
}

// recent is how many periods before the shown one a curve looks back.
const recent = 104

// curve is the series of the row that is asked for, or of the only one that
// has any; else of the place itself where it reported lately; else the sum of
// the rows with how many of them reported.
func (p *DiseasePage) curve(byPlace map[string][]Series, of string) {
	if r := p.only(of); r != nil {
		p.Curve, p.Used, p.CurveOf = r.Series, r.Used, r.Place.Code
		return
	}
	if own, used := AsReported(byPlace[p.In]); p.In != "" && own.reportedSince(p.At-recent, p.At) {
		p.Curve, p.Used, p.CurveOf = own, used, p.In
		return
	}
	n := int(p.State.Last-p.State.First) + 1
	if n <= 0 {
		return
	}
	p.Curve = Series{Key: Key{Disease: p.Disease}, First: p.State.First, Values: make([]int32, n)}
	p.Reported = make([]int, n)
	for i := range p.Curve.Values {
		p.Curve.Values[i] = -1
	}
	for _, r := range p.Rows {
		for _, c := range r.Used {
			if !slices.Contains(p.Used, c) {
				p.Used = append(p.Used, c)
			}
		}
		for i, v := range r.Series.Values {
			if at := int(r.Series.First-p.State.First) + i; v >= 0 && at >= 0 && at < n {
				p.Curve.Values[at] = max(p.Curve.Values[at], 0) + v
				p.Reported[at]++
			}
		}
	}
}

// only is the row of a place; without one, the row that alone has counts.
func (p *DiseasePage) only(of string) *PlaceRow {
	var found *PlaceRow
	for i := range p.Rows {
		r := &p.Rows[i]
		switch {
		case len(r.Series.Values) == 0:
		case of == r.Place.Code:
			return r
		case of == "" && p.In == "":
			if found != nil {
				return nil
			}
			found = r
		}
	}
	return found
}

// people adds the population of the year of the period, or of the nearest
// earlier one, else the earliest; the year is shown beside the rate.
func (d *Desk) people(ctx context.Context, actor access.Actor, p *DiseasePage) error {
	want := map[string]bool{}
	for _, r := range p.Rows {
		want[r.Place.Code] = true
	}
	people, set, err := d.peopleOf(ctx, actor, p.Set.Start(p.At).Year(), want)
	p.People = set
	for k := range p.Rows {
		r := &p.Rows[k]
		y := people[r.Place.Code]
		if r.People, r.Year = y.People, y.Year; r.People > 0 && r.Reported > 0 {
			r.Rate = float64(r.Count) * 100_000 / float64(r.People)
		}
	}
	return err
}
