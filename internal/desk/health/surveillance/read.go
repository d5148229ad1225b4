package surveillance

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/place"
)

// Datasets that the actor may see, in the order they were made.
func (d *Desk) Datasets(ctx context.Context, actor access.Actor) ([]DatasetView, error) {
	reach, err := reads(actor)
	if err != nil {
		return nil, err
	}
	var out []DatasetView
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Dataset](ctx, tx, `SELECT doc FROM surveillance_dataset ORDER BY number`)
		if err != nil {
			return err
		}
		for i := range all {
			if !seesDataset(reach, &all[i]) {
				continue
			}
			f, err := loadFront(ctx, tx, all[i].Number)
			if err != nil {
				return err
			}
			out = append(out, viewDataset(&all[i], f))
		}
		return nil
	})
	return out, err
}

// DatasetPage is one dataset with what was imported.
type DatasetPage struct {
	DatasetView
	Diseases  []DiseaseCount
	Revisions []Revision
	Imports   []ImportView // of those who may import
	MayEdit   bool
}

// DiseaseCount is how many series a dataset has of a disease.
type DiseaseCount struct {
	Disease string `json:"disease"`
	Series  int    `json:"series"`
}

func datasetOf(ctx context.Context, tx *db.Tx, reach health.Reach, sid id.ID) (DatasetView, error) {
	s, err := loadDataset(ctx, tx, sid)
	if err == nil && !seesDataset(reach, &s) {
		err = desk.NotFound()
	}
	if err != nil {
		return DatasetView{}, err
	}
	f, err := loadFront(ctx, tx, s.Number)
	return viewDataset(&s, f), err
}

// Dataset reads one.
func (d *Desk) Dataset(ctx context.Context, actor access.Actor, sid id.ID) (DatasetPage, error) {
	var p DatasetPage
	reach, err := reads(actor)
	if err != nil {
		return p, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p.DatasetView, err = datasetOf(ctx, tx, reach, sid); err != nil {
			return err
		}
		if p.Diseases, err = diseases(ctx, tx, p.Number); err != nil {
			return err
		}
		if p.Revisions, err = Revisions(ctx, tx, p.Number); err != nil || !MayImport(actor) {
			return err
		}
		p.MayEdit = true
		all, err := loadAll[Import](ctx, tx, `SELECT doc FROM surveillance_import WHERE dataset = ? ORDER BY changed DESC, id LIMIT 50`, string(sid))
		for i := range all {
			p.Imports = append(p.Imports, viewImport(&all[i], p.DatasetView, actor, d.env.Clock.Now()))
		}
		return err
	})
	return p, err
}

func diseases(ctx context.Context, tx *db.Tx, number int64) ([]DiseaseCount, error) {
	var out []DiseaseCount
	err := tx.Each(ctx, `SELECT disease, COUNT(*) FROM surveillance_series WHERE dataset = ? GROUP BY disease ORDER BY disease`, []any{number},
		func(scan func(...any) error) error {
			var c DiseaseCount
			err := scan(&c.Disease, &c.Series)
			out = append(out, c)
			return err
		})
	return out, err
}

// ImportPage reads one import.
func (d *Desk) ImportPage(ctx context.Context, actor access.Actor, iid id.ID) (ImportView, error) {
	var v ImportView
	if err := mayImport(actor); err != nil {
		return v, err
	}
	reach, err := reads(actor)
	if err != nil {
		return v, err
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		i, err := loadImport(ctx, tx, iid)
		if err != nil {
			return err
		}
		s, err := datasetOf(ctx, tx, reach, i.Dataset)
		if err != nil {
			return err
		}
		v = viewImport(&i, s, actor, d.env.Clock.Now())
		_, err = tx.Row(ctx, `SELECT done, total FROM surveillance_import WHERE id = ?`, []any{string(iid)}, &v.Done, &v.Total)
		return err
	})
	return v, err
}

// WaitingImports are those that wait for a person.
func (d *Desk) WaitingImports(ctx context.Context, actor access.Actor) ([]ImportView, error) {
	if !MayImport(actor) {
		return nil, nil
	}
	var out []ImportView
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Import](ctx, tx, `SELECT doc FROM surveillance_import WHERE state IN (?, ?, ?) ORDER BY changed DESC, id LIMIT 50`,
			string(Mapped), string(Previewed), string(Waiting))
		for i := range all {
			s, err := loadDataset(ctx, tx, all[i].Dataset)
			if err != nil {
				return err
			}
			out = append(out, viewImport(&all[i], viewDataset(&s, Front{}), actor, d.env.Clock.Now()))
		}
		return err
	})
	return out, err
}

// Decisions are the words for places, for those who may import.
func (d *Desk) Decisions(ctx context.Context, actor access.Actor, text string) ([]AliasView, error) {
	all, err := d.AliasList(ctx, actor, text)
	var out []AliasView
	for i := range all {
		out = append(out, viewAlias(&all[i]))
	}
	return out, err
}

// parents says in which place another lies, by the gazetteer and the node's
// own list.
func parents(m *place.Matcher) func(string) string {
	return func(code string) string {
		p, _ := m.Lookup(code)
		return p.Parent
	}
}

// PlaceLine is one series of the page of a place.
type PlaceLine struct {
	Dataset DatasetView
	Disease string
	Series  Series
	Used    []Class
}

// PlacePage is what is known of one place.
type PlacePage struct {
	Place      place.Place
	Parent     place.Place
	Children   []place.Place
	Successors []place.Place
	Gaps       []place.Place // units of a state without an outline
	Lines      []PlaceLine
	Population []PopulationYear
}

// PopulationYear is how many lived at a place.
type PopulationYear struct {
	Year   int
	People int64
	Source string
}

// Place reads every series of one place, of all datasets.
func (d *Desk) Place(ctx context.Context, actor access.Actor, code string) (PlacePage, error) {
	var p PlacePage
	reach, err := reads(actor)
	if err != nil {
		return p, err
	}
	m, err := d.Matcher(ctx)
	if err != nil {
		return p, err
	}
	pl, ok := m.Lookup(code)
	if !ok || pl.Code != code || !seesPlace(reach, code, parents(m)) {
		return p, desk.NotFound()
	}
	p.Place, p.Successors = pl, place.Successors(code)
	p.Parent, _ = m.Lookup(pl.Parent)
	if pl.Level == place.State {
		p.Children, p.Gaps = place.Units(code, true), place.Gaps(code)
	}
	for _, c := range m.Own() {
		if c.Parent == code {
			p.Children = append(p.Children, c)
		}
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error { return d.lines(ctx, tx, reach, &p) })
	return p, err
}

func (d *Desk) lines(ctx context.Context, tx *db.Tx, reach health.Reach, p *PlacePage) error {
	all, err := loadAll[Dataset](ctx, tx, `SELECT doc FROM surveillance_dataset ORDER BY number`)
	if err != nil {
		return err
	}
	for i := range all {
		if !seesDataset(reach, &all[i]) {
			continue
		}
		var list []string
		err := tx.Each(ctx, `SELECT DISTINCT disease FROM surveillance_series WHERE place = ? AND dataset = ? ORDER BY disease`, []any{p.Place.Code, all[i].Number},
			func(scan func(...any) error) error {
				var s string
				err := scan(&s)
				list = append(list, s)
				return err
			})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		f, err := loadFront(ctx, tx, all[i].Number)
		if err != nil {
			return err
		}
		for _, dis := range list {
			series, _, err := ReadSeries(ctx, tx, all[i].Number, 0, dis, p.Place.Code)
			if err != nil {
				return err
			}
			one, used := AsReported(series)
			if all[i].Measure == Population {
				p.Population = append(p.Population, years(one, &all[i])...)
				continue
			}
			p.Lines = append(p.Lines, PlaceLine{Dataset: viewDataset(&all[i], f), Disease: dis, Series: one, Used: used})
		}
	}
	return nil
}

func years(s Series, set *Dataset) []PopulationYear {
	var out []PopulationYear
	for k, v := range s.Values {
		if v >= 0 {
			y, _ := set.InYear(s.First + int32(k))
			out = append(out, PopulationYear{Year: y, People: int64(v), Source: set.Source})
		}
	}
	slices.Reverse(out)
	return out
}

// SeriesOf are the series of one place and disease as they were known at a
// time; the zero time is now.
func (d *Desk) SeriesOf(ctx context.Context, actor access.Actor, sid id.ID, disease, code string, known time.Time) (DatasetView, []Series, State, error) {
	var set DatasetView
	var out []Series
	var st State
	reach, err := reads(actor)
	if err != nil {
		return set, nil, st, err
	}
	m, err := d.Matcher(ctx)
	if err != nil {
		return set, nil, st, err
	}
	if !seesPlace(reach, code, parents(m)) {
		return set, nil, st, desk.NotFound()
	}
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if set, err = datasetOf(ctx, tx, reach, sid); err != nil {
			return err
		}
		rev := int64(0)
		if !known.IsZero() {
			revs, err := Revisions(ctx, tx, set.Number)
			if err != nil {
				return err
			}
			if rev = KnownOn(revs, known); rev == 0 {
				return nil // nothing was known
			}
		}
		out, st, err = ReadSeries(ctx, tx, set.Number, rev, disease, code)
		return err
	})
	return set, out, st, err
}
