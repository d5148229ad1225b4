package surveillance

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/place"
)

// MaxCompared is how many places stand side by side.
const MaxCompared = 6

// Compared is one place of a comparison.
type Compared struct {
	Place    place.Place
	Row      CountsRow // of the periods of the page; none: no report
	Owner    access.Member
	Source   string
	KnownAt  time.Time
	Calendar Calendar // its own
	People   int64
	Year     int
}

// Comparison is one disease at several places, in the periods of one dataset.
type Comparison struct {
	Set     DatasetView
	Disease string
	First   int32
	Last    int32
	Places  []Compared
	People  *DatasetView
	// Choices are the places that have counts: of the dataset, and of other
	// members as far as released.
	Choices []place.Place
}

// Compare reads one disease at places. What the dataset does not hold is taken
// from what other members released.
func (d *Desk) Compare(ctx context.Context, actor access.Actor, sid id.ID, disease string, codes []string) (Comparison, error) {
	p := Comparison{Disease: disease}
	reach, err := reads(actor)
	if err != nil {
		return p, err
	}
	m, err := d.Matcher(ctx)
	if err != nil {
		return p, err
	}
	if len(codes) > MaxCompared {
		codes = codes[:MaxCompared]
	}
	up := parents(m)
	var st State
	series := map[string][]Series{}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.Set, err = datasetOf(ctx, tx, reach, sid); err != nil {
			return err
		}
		all, err := placesOf(ctx, tx, p.Set.Number, disease)
		for _, code := range all {
			if pl, ok := m.Lookup(code); ok && seesPlace(reach, code, up) {
				p.Choices = append(p.Choices, pl)
			}
		}
		for _, code := range codes {
			if err != nil {
				return err
			}
			if seesPlace(reach, code, up) {
				series[code], st, err = ReadSeries(ctx, tx, p.Set.Number, 0, disease, code)
			}
		}
		return err
	})
	if err != nil {
		return p, err
	}
	if len(p.Choices) == 0 {
		return p, desk.NotFound()
	}
	released, err := d.Released(ctx, actor, ReleasedFilter{Disease: disease})
	if err != nil {
		return p, err
	}
	released = slices.DeleteFunc(released, func(r Released) bool {
		return r.Reason != "" || r.Measure != p.Set.Measure || r.Resolution != p.Set.Resolution
	})
	p.First, p.Last = p.Set.Front.First, p.Set.Front.Last
	p.offer(released, m, codes)
	p.fill(d.env.Member, m, codes, series, st, released)
	return p, d.comparedPeople(ctx, actor, &p)
}

// fill adds each place that has counts: this member's own, or those released.
func (p *Comparison) fill(own access.Member, m *place.Matcher, codes []string, series map[string][]Series, st State, released []Released) {
	for _, code := range codes {
		pl, ok := m.Lookup(code)
		if !ok || slices.ContainsFunc(p.Places, func(c Compared) bool { return c.Place.Code == pl.Code }) {
			continue
		}
		c := Compared{Place: pl, Calendar: p.Set.Calendar}
		if one, used := AsReported(series[code]); one.Reported() > 0 {
			c.Row, c.Owner, c.Source, c.KnownAt = ownSeries{one, used}.row(code, p.First, p.Last), own, p.Set.Source, st.KnownAt
		} else {
			p.fromReleased(&c, released)
		}
		p.Places = append(p.Places, c)
	}
}

// placesOf are the codes that a dataset has counts of a disease for.
func placesOf(ctx context.Context, tx *db.Tx, set int64, disease string) ([]string, error) {
	var all []string
	err := tx.Each(ctx, `SELECT DISTINCT place FROM surveillance_series WHERE dataset = ? AND disease = ? ORDER BY place`, []any{set, disease},
		func(scan func(...any) error) error {
			var code string
			err := scan(&code)
			all = append(all, code)
			return err
		})
	return all, err
}

// offer adds the places that others released, and the periods of those that
// are compared.
func (p *Comparison) offer(released []Released, m *place.Matcher, codes []string) {
	for _, r := range released {
		for _, row := range r.Rows {
			if slices.Contains(codes, row.Place) {
				p.First, p.Last = min(p.First, p.Set.Of(r.Calendar.mid(r.First))), max(p.Last, p.Set.Of(r.Calendar.mid(r.Last())))
			}
			if pl, ok := m.Lookup(row.Place); ok && !slices.ContainsFunc(p.Choices, func(c place.Place) bool { return c.Code == row.Place }) {
				p.Choices = append(p.Choices, pl)
			}
		}
	}
}

// fromReleased puts the counts of another member into the periods of the page;
// where its weeks begin on another day, the one that holds the middle of each
// period is taken.
func (p *Comparison) fromReleased(c *Compared, released []Released) {
	for _, r := range released {
		i := slices.IndexFunc(r.Rows, func(row CountsRow) bool { return row.Place == c.Place.Code })
		if i < 0 || !c.KnownAt.IsZero() && !r.KnownAt.After(c.KnownAt) {
			continue
		}
		c.Row = CountsRow{Place: c.Place.Code, Classes: r.Rows[i].Classes, SumOf: r.Rows[i].SumOf}
		for q := p.First; q <= p.Last; q++ {
			c.Row.Values = append(c.Row.Values, r.At(&r.Rows[i], r.Calendar.Of(p.Set.mid(q))))
		}
		c.Owner, c.Source, c.KnownAt, c.Calendar = r.Owner, r.Source, r.KnownAt, r.Calendar
	}
}

func (d *Desk) comparedPeople(ctx context.Context, actor access.Actor, p *Comparison) error {
	want := map[string]bool{}
	for _, c := range p.Places {
		want[c.Place.Code] = true
	}
	people, set, err := d.peopleOf(ctx, actor, p.Set.Start(p.Last).Year(), want)
	p.People = set
	for i := range p.Places {
		y := people[p.Places[i].Place.Code]
		p.Places[i].People, p.Places[i].Year = y.People, y.Year
	}
	return err
}
