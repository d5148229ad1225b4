package surveillance

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/place"
)

// Subject is what a regional page is about.
type Subject struct {
	Disease    string     `json:"disease"`
	Measure    Measure    `json:"measure"`
	Resolution Resolution `json:"resolution"`
}

// RegionAsk is what the regional page shows. On is a day in the shown period;
// zero is the newest. Then shows what this node knew at the end of it.
type RegionAsk struct {
	Subject
	On   time.Time
	Then bool
}

// RegionPage is one subject in every state: this node's own counts, and those
// of the others as far as they released them.
type RegionPage struct {
	Subject
	Subjects []Subject
	Calendar Calendar // whose periods the page goes by
	First    int32
	Last     int32
	At       int32
	Then     bool
	Cells    []RegionCell
	People   *DatasetView
}

// Why a state has no counts on a regional page.
type Why string

// Reasons; the catalogue has "surveillance.why.<reason>".
const (
	NotReleased Why = "not_released"
	TakenBack   Why = "taken_back"
	UnitsOnly   Why = "units_only" // released below the state only
	NoCounts    Why = "no_counts"  // of this node
)

// RegionCell is one state.
type RegionCell struct {
	State    place.Place
	Why      Why // empty: there are counts
	Own      bool
	Dataset  id.ID // of this node's own
	Share    id.ID // of what another released
	Units    id.ID // a standing release of its units
	Source   string
	Title    string
	Marking  access.Marking
	Calendar Calendar
	Row      CountsRow
	First    int32
	Late     int
	Floor    int
	KnownAt  time.Time
	Received time.Time
	At       int32 // the period of its own calendar that is shown
	People   int64
	Year     int
}

// Count is what stands in a period of the cell's own calendar.
func (c *RegionCell) Count(p int32) int32 {
	if i := int64(p) - int64(c.First); i >= 0 && i < int64(len(c.Row.Values)) {
		return c.Row.Values[i]
	}
	return NoReport
}

// Incomplete reports whether the newest periods, which are still corrected,
// hold the period.
func (c *RegionCell) Incomplete(p int32) bool {
	return c.Late > 0 && p > c.First+int32(len(c.Row.Values))-1-int32(c.Late)
}

// sources are what a regional page is made of.
type sources struct {
	sets     []DatasetView
	diseases map[int64][]DiseaseCount
	released []Released
	reach    health.Reach
}

// Region reads one subject in every state.
func (d *Desk) Region(ctx context.Context, actor access.Actor, ask RegionAsk) (RegionPage, error) {
	p := RegionPage{Subject: ask.Subject, Then: ask.Then}
	s, err := d.sources(ctx, actor, time.Time{})
	if err != nil {
		return p, err
	}
	p.Subjects = s.subjects()
	if p.Disease == "" && len(p.Subjects) > 0 {
		p.Subject = p.Subjects[0]
	}
	p.span(&s)
	if p.At, err = d.opensAt(ctx, &p, &s); err != nil {
		return p, err
	}
	if !ask.On.IsZero() {
		p.At = min(max(p.Calendar.Of(ask.On), p.First), p.Last)
	}
	known := time.Time{}
	if p.Then {
		known = p.Calendar.Start(p.At + 1).Add(-time.Microsecond)
		if s, err = d.sources(ctx, actor, known); err != nil {
			return p, err
		}
	}
	cells, err := d.cells(ctx, &p, &s, known)
	if err != nil {
		return p, err
	}
	for _, c := range cells {
		if c.Why == "" {
			c.At = c.Calendar.Of(p.Calendar.mid(p.At))
		}
		p.Cells = append(p.Cells, c)
	}
	return p, d.regionPeople(ctx, actor, &p)
}

// cells are the states with what is told of them.
func (d *Desk) cells(ctx context.Context, p *RegionPage, s *sources, known time.Time) ([]RegionCell, error) {
	var out []RegionCell
	for _, st := range place.States() {
		c := RegionCell{State: st, Why: NotReleased}
		if access.Member(st.Code) == d.env.Member {
			if err := d.ownCell(ctx, &c, p, s, known); err != nil {
				return nil, err
			}
		} else {
			s.cell(&c, p)
		}
		out = append(out, c)
	}
	return out, nil
}

// opensAt is the newest period in which any state has a count.
func (d *Desk) opensAt(ctx context.Context, p *RegionPage, s *sources) (int32, error) {
	cells, err := d.cells(ctx, p, s, time.Time{})
	at, some := p.First, false
	for i := range cells {
		if q, ok := cells[i].newest(); ok {
			at, some = max(at, p.Calendar.Of(cells[i].Calendar.mid(q))), true
		}
	}
	if !some {
		at = p.Last
	}
	return min(max(at, p.First), p.Last), err
}

// newest is the newest period of the cell's own calendar that has a count.
func (c *RegionCell) newest() (int32, bool) {
	for i := len(c.Row.Values) - 1; i >= 0; i-- {
		if c.Row.Values[i] >= 0 {
			return c.First + int32(i), true
		}
	}
	return 0, false
}

func (d *Desk) sources(ctx context.Context, actor access.Actor, known time.Time) (sources, error) {
	var s sources
	var err error
	if s.reach, err = reads(actor); err != nil {
		return s, err
	}
	if s.sets, err = d.Datasets(ctx, actor); err != nil {
		return s, err
	}
	s.diseases = map[int64][]DiseaseCount{}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		for _, set := range s.sets {
			list, err := diseases(ctx, tx, set.Number)
			if err != nil {
				return err
			}
			s.diseases[set.Number] = list
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	s.released, err = d.Released(ctx, actor, ReleasedFilter{Known: known})
	return s, err
}

// subjects are everything that any member tells, by disease.
func (s *sources) subjects() []Subject {
	var out []Subject
	add := func(x Subject) {
		if x.Measure != Population && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	for _, set := range s.sets {
		for _, x := range s.diseases[set.Number] {
			add(Subject{x.Disease, set.Measure, set.Resolution})
		}
	}
	for _, r := range s.released {
		if r.Reason == "" {
			add(Subject{r.Disease, r.Measure, r.Resolution})
		}
	}
	slices.SortStableFunc(out, func(a, b Subject) int {
		return cmp.Or(cmp.Compare(a.Disease, b.Disease), slices.Index(Resolutions, a.Resolution)-slices.Index(Resolutions, b.Resolution), cmp.Compare(a.Measure, b.Measure))
	})
	return out
}

func (s *sources) own(x Subject) []DatasetView {
	return slices.DeleteFunc(slices.Clone(s.sets), func(set DatasetView) bool {
		return set.Measure != x.Measure || set.Resolution != x.Resolution || set.Front.Empty() ||
			!slices.ContainsFunc(s.diseases[set.Number], func(c DiseaseCount) bool { return c.Disease == x.Disease })
	})
}

func (s *sources) of(x Subject, owner access.Member) []Released {
	return slices.DeleteFunc(slices.Clone(s.released), func(r Released) bool {
		return r.Owner != owner || r.Disease != x.Disease || r.Reason == "" && (r.Measure != x.Measure || r.Resolution != x.Resolution)
	})
}

// span is from the oldest to the newest period that anybody tells, in the
// calendar of this node's own counts where it has some.
func (p *RegionPage) span(s *sources) {
	p.Calendar = Calendar{Resolution: p.Resolution}
	if p.Resolution == Weekly {
		p.Calendar.Weeks = ISOWeeks
	}
	var first, last time.Time
	widen := func(from, to time.Time) {
		if first.IsZero() || from.Before(first) {
			first = from
		}
		if to.After(last) {
			last = to
		}
	}
	for i, set := range s.own(p.Subject) {
		if i == 0 {
			p.Calendar = set.Calendar
		}
		widen(set.mid(set.Front.First), set.mid(set.Front.Last))
	}
	for _, r := range s.released {
		if r.Reason == "" && (Subject{r.Disease, r.Measure, r.Resolution}) == p.Subject {
			widen(r.Calendar.mid(r.First), r.Calendar.mid(r.Last()))
		}
	}
	if !first.IsZero() {
		p.First, p.Last = p.Calendar.Of(first), p.Calendar.Of(last)
	}
}

// ownCell are this node's own counts: of the dataset that has the newest of
// its state, of two the first.
func (d *Desk) ownCell(ctx context.Context, c *RegionCell, p *RegionPage, s *sources, known time.Time) error {
	c.Own, c.Why = true, NoCounts
	if s.reach.Places != nil && !slices.Contains(s.reach.Places, c.State.Code) {
		return nil
	}
	newest := int32(math.MinInt32)
	for _, set := range s.own(p.Subject) {
		rev := int64(0)
		if !known.IsZero() {
			err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
				revs, err := Revisions(ctx, tx, set.Number)
				rev = KnownOn(revs, known)
				return err
			})
			if err != nil {
				return err
			}
			if rev == 0 {
				continue
			}
		}
		own, st, err := d.ownCounts(ctx, set.Number, p.Disease, rev)
		if err != nil {
			return err
		}
		if len(own) == 0 || st.Last < st.First {
			continue
		}
		x := RegionCell{State: c.State, Own: true, Dataset: set.ID, Source: set.Source, Title: set.Title, Marking: set.Marking, Calendar: set.Calendar,
			Row: stateRow(c.State.Code, own, st.First, st.Last), First: st.First, Late: set.Late, KnownAt: st.KnownAt}
		if at, ok := x.newest(); c.Why != "" || ok && at > newest {
			*c = x
			if ok {
				newest = at
			}
		}
	}
	return nil
}

// cell is what another member released of its state.
func (s *sources) cell(c *RegionCell, p *RegionPage) {
	for _, r := range s.of(p.Subject, access.Member(c.State.Code)) {
		switch {
		case r.Reason != "":
			if c.Why == NotReleased {
				c.Why = TakenBack
			}
		case r.Level == place.Unit:
			c.Units = r.Share
			if c.Why != "" {
				c.Why = UnitsOnly
			}
		case c.Why != "" || r.KnownAt.After(c.KnownAt):
			c.Why, c.Share, c.Source, c.Title, c.Marking, c.Calendar = "", r.Share, r.Source, r.Title, r.Marking, r.Calendar
			c.Row, c.First, c.Late, c.Floor, c.KnownAt, c.Received = r.Rows[0], r.First, r.Late, r.Floor, r.KnownAt, r.Received
		}
	}
}

func (d *Desk) regionPeople(ctx context.Context, actor access.Actor, p *RegionPage) error {
	want := map[string]bool{}
	for _, c := range p.Cells {
		want[c.State.Code] = true
	}
	people, set, err := d.peopleOf(ctx, actor, p.Calendar.Start(p.At).Year(), want)
	p.People = set
	for i := range p.Cells {
		y := people[p.Cells[i].State.Code]
		p.Cells[i].People, p.Cells[i].Year = y.People, y.Year
	}
	return err
}

// peopleOf is how many lived at places in a year, or in the nearest earlier
// one that is known, else the earliest; the dataset says who counted. Nil: the
// node has no population.
func (d *Desk) peopleOf(ctx context.Context, actor access.Actor, year int, want map[string]bool) (map[string]PopulationYear, *DatasetView, error) {
	sets, err := d.Datasets(ctx, actor)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(sets, func(s DatasetView) bool { return s.Measure == Population && s.State == Open && !s.Front.Empty() })
	if i < 0 {
		return nil, nil, nil
	}
	out := map[string]PopulationYear{}
	var mu sync.Mutex
	_, err = d.ScanAll(ctx, Scan{Dataset: sets[i].Number, Disease: PopulationKey, Workers: 1}, nil, func(_ int, r *Row) error {
		if !want[r.Place] || r.Stratum != "" {
			return nil
		}
		first, values, err := r.Counts(nil)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		x := out[r.Place]
		for j, v := range values {
			if y, _ := sets[i].InYear(first + int32(j)); v > 0 && (x.Year == 0 || y <= year) {
				x = PopulationYear{Year: y, People: int64(v), Source: sets[i].Source}
			}
		}
		out[r.Place] = x
		return nil
	})
	return out, &sets[i], err
}
