package web

import (
	"context"
	"time"

	"lintas/internal/api"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// importScope is what a token that brings counts in carries.
const importScope = "surveillance.import"

// ImportDoc is an import for programs.
type ImportDoc struct {
	ID       id.ID          `json:"id"`
	Dataset  id.ID          `json:"dataset"`
	State    workflow.State `json:"state" enum:"uploaded,mapped,previewed,applying,waiting,applied,cancelled"`
	Name     string         `json:"name"`
	Format   string         `json:"format"`
	Mapping  MappingDoc     `json:"mapping"`
	Rows     int            `json:"rows" doc:"Read so far; 0 before the preview."`
	Ready    int            `json:"ready" doc:"Rows that are counts."`
	Waiting  int            `json:"waiting" doc:"Rows whose place a person must confirm."`
	Bad      int            `json:"bad" doc:"Rows with faults."`
	Cells    int            `json:"cells"`
	Problems []ProblemDoc   `json:"problems" nullable:"false" doc:"The first of the rows with faults."`
	Terms    []TermDoc      `json:"terms" nullable:"false" doc:"Names that wait."`
	Done     int            `json:"done" doc:"Series stored, of total."`
	Total    int            `json:"total"`
	Revision int64          `json:"revision,omitempty" doc:"Of the dataset, once stored."`
	Offers   []api.Offer    `json:"offers" nullable:"false"`
}

// MappingDoc says what the columns of a file mean.
type MappingDoc struct {
	Name    string            `json:"name,omitempty" maxLength:"120" doc:"Keeps the mapping under this name."`
	Columns map[string]string `json:"columns" doc:"Field to heading: country, unit, code, period, start, end, disease, count and others."`
	Fixed   map[string]string `json:"fixed,omitempty" doc:"Field to what holds for every row."`
	Words   map[string]string `json:"words,omitempty" doc:"\"disease|word of the file\" to what it means."`
	Only    []OnlyDoc         `json:"only,omitempty"`
	Line    bool              `json:"line,omitempty" doc:"Every row is one case."`
	Sum     bool              `json:"sum,omitempty" doc:"Rows of the same place, period and disease are added up."`
	Region  bool              `json:"region,omitempty" doc:"States outside the region are left out."`
}

// OnlyDoc leaves out the rows whose column has none of the values.
type OnlyDoc struct {
	Column string   `json:"column"`
	Values []string `json:"values" nullable:"false"`
}

// ProblemDoc is a fault of one row.
type ProblemDoc struct {
	Row    int    `json:"row"`
	Field  string `json:"field,omitempty"`
	Key    string `json:"key"`
	Detail string `json:"detail"`
}

// TermDoc is a name for which no place is certain.
type TermDoc struct {
	Shown      string   `json:"shown" doc:"As the file has it."`
	Rows       int      `json:"rows"`
	Candidates []string `json:"candidates" nullable:"false" doc:"Codes of similar names."`
}

// StepImport is one step of an import.
type StepImport struct {
	Verb     string `json:"verb" enum:"apply,resume,cancel,set_aside"`
	LeaveBad bool   `json:"leave_bad,omitempty" doc:"With apply: rows with faults stay out."`
	KnownAt  string `json:"known_at,omitempty" format:"date-time" doc:"With apply: when the counts were known; absent: now."`
}

type importUpload struct {
	SetByID
	api.Upload
}

type importMapping struct {
	api.ByID
	Body MappingDoc
}

type importStep struct {
	api.ByID
	Body StepImport
}

func (g *Pages) importOperations(a *api.API) {
	const one = "/surveillance/imports/{id}"
	api.Add(a, api.Op{Method: "POST", Path: "/surveillance/datasets/{id}/imports", ID: "surveillance-import-upload", Summary: "Upload a file of counts", Tag: "surveillance", Scope: importScope, Status: 201, Takes: 25 << 20,
		Description: "The body is the file: CSV, XLSX, a ZIP of one CSV, a DHIS2 dataValueSet or a FHIR MeasureReport. Its mapping is guessed; nothing is stored yet.", Problems: []int{409}}, g.uploadImport)
	api.Add(a, api.Op{Method: "GET", Path: one, ID: "surveillance-import-get", Summary: "Read an import with what becomes of its rows", Tag: "surveillance", Scope: importScope}, g.getImport)
	api.Add(a, api.Op{Method: "PUT", Path: one + "/mapping", ID: "surveillance-import-map", Summary: "Say what the columns mean; the whole file is read with that", Tag: "surveillance", Scope: importScope, MustMatch: true, Problems: []int{409}}, g.mapImport)
	api.Add(a, api.Op{Method: "POST", Path: one + "/steps", ID: "surveillance-import-step", Summary: "Store, resume or end an import", Tag: "surveillance", Scope: importScope, MustMatch: true, Problems: []int{409},
		Description: "Counts become visible some time later, all at once: read the import until its state is applied or waiting."}, g.stepImportBy)
}

func (g *Pages) importDoc(ctx context.Context, c *api.Call, i id.ID) (*api.One[ImportDoc], error) {
	v, err := g.desk.ImportPage(ctx, c.Actor, i)
	if err != nil {
		return nil, err
	}
	d := ImportDoc{ID: v.ID, Dataset: v.Dataset.ID, State: v.State, Name: v.Name, Format: string(v.Format), Mapping: mappingDoc(v.Mapping), Rows: v.Result.Rows, Ready: v.Result.Ready,
		Waiting: v.Result.Waiting, Bad: v.Result.Bad, Cells: v.Result.Cells, Problems: []ProblemDoc{}, Terms: []TermDoc{}, Done: v.Done, Total: v.Total, Revision: v.Revision, Offers: c.Offers(v.Offers)}
	for _, p := range v.Result.Problems {
		d.Problems = append(d.Problems, ProblemDoc{Row: p.Row, Field: string(p.Field), Key: p.Key, Detail: c.Printer.With(p.Key, p.Args)})
	}
	for _, t := range v.Result.Terms {
		x := TermDoc{Shown: t.Shown, Rows: t.Rows, Candidates: []string{}}
		for _, k := range t.Candidates {
			x.Candidates = append(x.Candidates, k.Code)
		}
		d.Terms = append(d.Terms, x)
	}
	return api.NewOne(int64(v.Version), d), nil
}

func mappingDoc(m surveillance.Mapping) MappingDoc {
	d := MappingDoc{Name: m.Name, Columns: map[string]string{}, Fixed: map[string]string{}, Words: m.Words, Line: m.Line, Sum: m.Sum, Region: m.Region}
	for f, s := range m.Columns {
		d.Columns[string(f)] = s
	}
	for f, s := range m.Fixed {
		d.Fixed[string(f)] = s
	}
	for _, o := range m.Only {
		d.Only = append(d.Only, OnlyDoc(o))
	}
	return d
}

func (d MappingDoc) mapping() surveillance.Mapping {
	m := surveillance.Mapping{Name: d.Name, Columns: map[surveillance.Field]string{}, Fixed: map[surveillance.Field]string{}, Words: d.Words, Line: d.Line, Sum: d.Sum, Region: d.Region}
	for f, s := range d.Columns {
		m.Columns[surveillance.Field(f)] = s
	}
	for f, s := range d.Fixed {
		m.Fixed[surveillance.Field(f)] = s
	}
	for _, o := range d.Only {
		m.Only = append(m.Only, surveillance.Only(o))
	}
	return m
}

func (g *Pages) uploadImport(ctx context.Context, c *api.Call, in *importUpload) (*api.One[ImportDoc], error) {
	i, err := g.desk.Upload(ctx, c.Actor, in.SetByID.id(), in.Name, "", in.File())
	if err != nil {
		return nil, err
	}
	return g.importDoc(ctx, c, i.ID)
}

func (g *Pages) getImport(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ImportDoc], error) {
	return g.importDoc(ctx, c, in.Record())
}

func (g *Pages) mapImport(ctx context.Context, c *api.Call, in *importMapping) (*api.One[ImportDoc], error) {
	seen, err := c.Seen()
	if err != nil {
		return nil, err
	}
	if _, err := g.desk.MapImport(ctx, c.Actor, in.Record(), seen, in.Body.mapping()); err != nil {
		return nil, err
	}
	return g.importDoc(ctx, c, in.Record())
}

func (g *Pages) stepImportBy(ctx context.Context, c *api.Call, in *importStep) (*api.One[ImportDoc], error) {
	seen, err := c.Seen()
	if err != nil {
		return nil, err
	}
	i := in.Record()
	switch in.Body.Verb {
	case "apply":
		input := surveillance.ApplyInput{LeaveBad: in.Body.LeaveBad}
		if in.Body.KnownAt != "" {
			if input.KnownAt, err = time.Parse(time.RFC3339, in.Body.KnownAt); err != nil {
				return nil, fault.Wrap(fault.Invalid, "fault.invalid", err)
			}
		}
		_, err = g.desk.Apply(ctx, c.Actor, i, seen, input)
	case "resume":
		_, err = g.desk.Resume(ctx, c.Actor, i, seen)
	case "cancel":
		_, err = g.desk.CancelImport(ctx, c.Actor, i, seen)
	case "set_aside":
		_, err = g.desk.SetAside(ctx, c.Actor, i, seen)
	}
	if err != nil {
		return nil, err
	}
	return g.importDoc(ctx, c, i)
}

// ReleasedDoc is what another member released, as it came.
type ReleasedDoc struct {
	Share      id.ID          `json:"share" doc:"The standing release at its owner."`
	Release    id.ID          `json:"release"`
	Owner      string         `json:"owner"`
	Disease    string         `json:"disease"`
	Level      int            `json:"level" doc:"0: the state; 1: its first-level units."`
	Measure    string         `json:"measure,omitempty"`
	Resolution string         `json:"resolution,omitempty"`
	Weeks      string         `json:"weeks,omitempty"`
	Source     string         `json:"source,omitempty"`
	Marking    string         `json:"marking"`
	KnownAt    time.Time      `json:"known_at,omitzero"`
	Received   time.Time      `json:"received"`
	Withdrawn  string         `json:"withdrawn,omitempty" doc:"Why its owner took it back; there are then no counts."`
	Floor      int            `json:"floor,omitempty" doc:"Counts above 0 and below it are withheld."`
	Periods    []string       `json:"periods" nullable:"false"`
	Rows       []ReleasedLine `json:"rows" nullable:"false"`
}

// ReleasedLine is one place.
type ReleasedLine struct {
	Place    string   `json:"place"`
	Counts   []*int32 `json:"counts" nullable:"false" doc:"null: no report, or withheld."`
	Withheld []bool   `json:"withheld" nullable:"false" doc:"Whether the owner keeps the count back."`
}

// ShareDoc is a standing release of this node.
type ShareDoc struct {
	surveillance.ShareView
	Dataset id.ID `json:"dataset"`
}

func (g *Pages) releaseOperations(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/surveillance/releases", ID: "surveillance-release-list", Summary: "List the standing releases of this node", Tag: "surveillance", Scope: readScope}, g.listShares)
	api.Add(a, api.Op{Method: "GET", Path: "/surveillance/released", ID: "surveillance-released-list", Summary: "List what other members released, with its counts", Tag: "surveillance", Scope: readScope}, g.listReleased)
	api.Add(a, api.Op{Method: "GET", Path: "/surveillance/released/{id}", ID: "surveillance-released-get", Summary: "Read what one standing release of another member brought", Tag: "surveillance", Scope: readScope}, g.getReleased)
}

func (g *Pages) listShares(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[ShareDoc], error) {
	all, err := g.desk.ShareList(ctx, c.Actor)
	out := make([]ShareDoc, len(all))
	for i := range all {
		out[i] = ShareDoc{all[i], all[i].Dataset.ID}
	}
	return api.NewList(out, ""), err
}

func releasedDoc(r *surveillance.Released) ReleasedDoc {
	d := ReleasedDoc{Share: r.Share, Release: r.Release, Owner: string(r.Owner), Disease: r.Disease, Level: int(r.Level), Marking: string(r.Marking), Received: r.Received, Withdrawn: r.Reason, Periods: []string{}, Rows: []ReleasedLine{}}
	if r.Reason != "" {
		return d
	}
	d.Measure, d.Resolution, d.Weeks, d.Source, d.KnownAt, d.Floor = string(r.Measure), string(r.Resolution), string(r.Weeks), r.Source, r.KnownAt, r.Floor
	for p := r.First; p <= r.Last(); p++ {
		d.Periods = append(d.Periods, r.Calendar.Label(p))
	}
	for _, row := range r.Rows {
		l := ReleasedLine{Place: row.Place, Counts: make([]*int32, len(row.Values)), Withheld: make([]bool, len(row.Values))}
		for i, n := range row.Values {
			l.Withheld[i] = n == surveillance.Withheld
			if n >= 0 {
				l.Counts[i] = &row.Values[i]
			}
		}
		d.Rows = append(d.Rows, l)
	}
	return d
}

func (g *Pages) listReleased(ctx context.Context, c *api.Call, _ *struct{}) (*api.List[ReleasedDoc], error) {
	all, err := g.desk.Released(ctx, c.Actor, surveillance.ReleasedFilter{})
	out := make([]ReleasedDoc, len(all))
	for i := range all {
		out[i] = releasedDoc(&all[i])
	}
	return api.NewList(out, ""), err
}

func (g *Pages) getReleased(ctx context.Context, c *api.Call, in *api.ByID) (*api.One[ReleasedDoc], error) {
	r, err := g.desk.ReleasedOne(ctx, c.Actor, in.Record())
	if err != nil {
		return nil, err
	}
	return api.Copied(releasedDoc(&r)), nil
}
