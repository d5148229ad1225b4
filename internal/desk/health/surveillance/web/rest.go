package web

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/id"
)

// readScope is what a token of a reader carries.
const readScope = "health.read"

// SetDoc is a dataset for programs.
type SetDoc struct {
	ID         id.ID          `json:"id"`
	Title      string         `json:"title"`
	Source     string         `json:"source" doc:"Who counted."`
	Terms      string         `json:"terms,omitempty" doc:"Licence and citation."`
	Measure    string         `json:"measure" enum:"cases,deaths,admissions,population"`
	Resolution string         `json:"resolution" enum:"day,week,month,year"`
	Weeks      string         `json:"weeks,omitempty" doc:"Where weeks begin: iso (Monday) or sunday."`
	Marking    access.Marking `json:"marking"`
	Revision   int64          `json:"revision" doc:"0: nothing was imported yet."`
	KnownAt    time.Time      `json:"known_at,omitzero"`
	First      string         `json:"first,omitempty" doc:"The oldest period."`
	Last       string         `json:"last,omitempty" doc:"The newest period."`
	Series     int64          `json:"series"`
}

// SeriesDoc is one series of counts.
type SeriesDoc struct {
	Class   string   `json:"class"`
	Stratum string   `json:"stratum,omitempty" doc:"Empty: everybody."`
	First   string   `json:"first" doc:"Label of the first period."`
	Start   string   `json:"start" doc:"First day of the first period."`
	Counts  []*int32 `json:"counts" doc:"One for each period; null where nobody reported, which is not zero."`
}

// SeriesAnswer are the series of one place and disease, as they were known at
// a revision.
type SeriesAnswer struct {
	Dataset  id.ID       `json:"dataset"`
	Disease  string      `json:"disease"`
	Place    string      `json:"place"`
	Revision int64       `json:"revision"`
	KnownAt  time.Time   `json:"known_at,omitzero"`
	Series   []SeriesDoc `json:"series"`
}

// SetByID is the input of an operation on one dataset.
type SetByID struct {
	ID string `path:"id" format:"uuid" doc:"The dataset's identifier."`
}

type seriesQuery struct {
	SetByID
	Disease string `query:"disease" required:"true" maxLength:"60" example:"dengue" doc:"A key of GET /health/hazards."`
	Place   string `query:"place" required:"true" maxLength:"80" example:"KH-17" doc:"ISO 3166-1 alpha-2, ISO 3166-2, or a code of the node's own list."`
	Known   string `query:"known" format:"date-time" doc:"As it was known at this time; absent: now."`
}

// Operations adds the operations of the part to the REST interface.
func (g *Pages) Operations(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/surveillance/datasets", ID: "surveillance-dataset-list", Summary: "List the datasets of counts", Tag: "surveillance", Scope: readScope}, g.listSets)
	api.Add(a, api.Op{Method: "GET", Path: "/surveillance/datasets/{id}", ID: "surveillance-dataset-get", Summary: "Read a dataset", Tag: "surveillance", Scope: readScope}, g.getSet)
	api.Add(a, api.Op{Method: "GET", Path: "/surveillance/datasets/{id}/series", ID: "surveillance-series-get", Summary: "Read the series of a place and disease", Tag: "surveillance", Scope: readScope,
		Description: "Every case class and stratum, as they are known now or were known at a time."}, g.getSeries)
	g.scanOperations(a)
	g.intervalOperations(a)
	g.importOperations(a)
	g.releaseOperations(a)
}

func setDoc(s surveillance.DatasetView) SetDoc {
	d := SetDoc{ID: s.ID, Title: s.Title, Source: s.Source, Terms: s.Terms, Measure: string(s.Measure), Resolution: string(s.Resolution), Weeks: string(s.Weeks),
		Marking: s.Marking, Revision: s.Front.Rev, KnownAt: s.Front.KnownAt, Series: s.Front.Series}
	if !s.Front.Empty() {
		d.First, d.Last = s.Label(s.Front.First), s.Label(s.Front.Last)
	}
	return d
}

func (g *Pages) listSets(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[SetDoc], error) {
	all, err := g.desk.Datasets(ctx, c.Actor)
	out := make([]SetDoc, len(all))
	for i := range all {
		out[i] = setDoc(all[i])
	}
	return api.NewList(out, ""), err
}

func (g *Pages) getSet(ctx context.Context, c *api.Call, in *SetByID) (*api.One[SetDoc], error) {
	p, err := g.desk.Dataset(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return api.NewOne(int64(p.Version), setDoc(p.DatasetView)), nil
}

// id of the dataset. One that cannot exist is one that does not.
func (in SetByID) id() id.ID {
	v, err := id.Parse(in.ID)
	if err != nil {
		return ""
	}
	return v
}

func (g *Pages) getSeries(ctx context.Context, c *api.Call, in *seriesQuery) (*api.One[SeriesAnswer], error) {
	var at time.Time
	if in.Known != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, in.Known); err != nil {
			return nil, err
		}
	}
	set, list, st, err := g.desk.SeriesOf(ctx, c.Actor, in.id(), in.Disease, in.Place, at)
	if err != nil {
		return nil, err
	}
	out := SeriesAnswer{Dataset: set.ID, Disease: in.Disease, Place: in.Place, Revision: st.Rev, KnownAt: st.KnownAt, Series: []SeriesDoc{}}
	for _, s := range list {
		d := SeriesDoc{Class: string(s.Class), Stratum: s.Stratum, First: set.Label(s.First), Start: set.Start(s.First).Format(time.DateOnly), Counts: make([]*int32, len(s.Values))}
		for i, v := range s.Values {
			if v >= 0 {
				d.Counts[i] = &s.Values[i]
			}
		}
		out.Series = append(out.Series, d)
	}
	return api.NewOne(st.Rev, out), nil
}
