// Package web is the pages of surveillance: datasets, imports with their
// mapping, preview and names, the page of a disease and that of a place.
package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/chart"
)

// Deps are what the pages need besides the part.
type Deps struct {
	Member access.Member
	// Layers are computed figures that stand on the page of a disease.
	Layers []Layer
	// Loopback lets counts be fetched from this machine, for tests.
	Loopback bool
}

// Layer is what another computation, such as outbreak detection, adds to the
// curve of one series.
type Layer interface {
	Curve(ctx context.Context, a access.Actor, of CurveOf) (Marks, error)
}

// CurveOf names the series and the revision that a curve shows, so that what
// is added was computed from the same figures.
type CurveOf struct {
	Dataset  int64
	Rev      int64
	Disease  string
	Class    surveillance.Class // empty: as reported
	Place    string             // empty: the sum of the states
	From, To int32
	// Calendar and Printer name periods and say words.
	Calendar surveillance.Calendar
	Printer  *locale.Printer
	// Figure is the address of a figure of the page as a file.
	Figure func(name string) func(format string) string
}

// Marks are what a layer adds.
type Marks struct {
	Limit    string            // name of the threshold with its method; empty: none
	Expect   string            // name of what was expected; empty: none
	Alarm    string            // what a mark over a bar means
	Values   map[int32]float64 // threshold by period
	Expected map[int32]float64
	Alarms   map[int32]bool
	// Bands are the figures of the panel that may be saved, by name.
	Bands map[string]chart.Band
	Panel templ.Component // stands under the curve; nil: none
	Below templ.Component // panels of its own, under map and curve; nil: none
}

// Pages are the handlers of the part.
type Pages struct {
	desk *surveillance.Desk
	deps Deps
	own  grounds
}

// New makes the pages.
func New(d *surveillance.Desk, deps Deps) *Pages { return &Pages{desk: d, deps: deps} }

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET /surveillance", g.reader(g.home))
	m.Page("GET /surveillance/datasets/new", g.importer(g.newDataset))
	m.Page("POST /surveillance/datasets/new", g.importer(g.describe))
	m.Page("GET /surveillance/datasets/{id}", g.reader(g.dataset))
	m.Page("GET /surveillance/datasets/{id}/edit", g.importer(g.editDataset))
	m.Page("POST /surveillance/datasets/{id}/edit", g.importer(g.saveDataset))
	m.Page("POST /surveillance/datasets/{id}/step/{verb}", g.importer(g.stepDataset))
	m.Page("GET /surveillance/datasets/{id}/import", g.importer(g.newImport))
	m.Upload("POST /surveillance/datasets/{id}/import", g.importer(g.upload))
	m.Page("POST /surveillance/datasets/{id}/pull", g.importer(g.pull))
	m.Page("GET /surveillance/datasets/{id}/diseases/{disease}", g.reader(g.disease))
	m.Download("GET /surveillance/datasets/{id}/diseases/{disease}/table", g.reader(g.table))
	m.Page("GET /surveillance/datasets/{id}/diseases/{disease}/compare", g.reader(g.compare))
	m.Download("GET /surveillance/datasets/{id}/diseases/{disease}/figure/{file}", g.reader(g.diseaseFigure))
	m.Download("GET /surveillance/datasets/{id}/diseases/{disease}/compare/figure/{file}", g.reader(g.compareFigure))
	m.Download("GET /surveillance/region/figure/{file}", g.reader(g.regionFigure))
	m.Download("GET /surveillance/released/{id}/figure/{file}", g.reader(g.releasedFigure))
	m.Download("GET /surveillance/places/{code}/figure/{file}", g.reader(g.placeFigure))
	m.Page("GET /surveillance/boundaries", g.reader(g.boundaries))
	m.Upload("POST /surveillance/boundaries", g.importer(g.uploadBoundaries))
	m.Page("POST /surveillance/boundaries/{state}/{verb}", g.importer(g.stepBoundaries))
	m.Page("GET /surveillance/region", g.reader(g.region))
	m.Page("GET /surveillance/releases", g.reader(g.shares))
	m.Page("GET /surveillance/releases/new", g.importer(g.newShare))
	m.Page("POST /surveillance/releases/new", g.importer(g.composeShare))
	m.Page("GET /surveillance/releases/{id}", g.reader(g.share))
	m.Page("GET /surveillance/releases/{id}/edit", g.importer(g.editShare))
	m.Page("POST /surveillance/releases/{id}/edit", g.importer(g.saveShare))
	m.Page("POST /surveillance/releases/{id}/{verb}", g.reader(g.stepShare))
	m.Page("GET /surveillance/released/{id}", g.reader(g.released))
	m.Page("GET /surveillance/imports/{id}", g.importer(g.importPage))
	m.Page("GET /surveillance/imports/{id}/map", g.importer(g.mapForm))
	m.Page("POST /surveillance/imports/{id}/map", g.importer(g.saveMap))
	m.Page("GET /surveillance/imports/{id}/names", g.importer(g.names))
	m.Page("POST /surveillance/imports/{id}/names", g.importer(g.confirm))
	m.Page("POST /surveillance/imports/{id}/{verb}", g.importer(g.stepImport))
	m.Page("GET /surveillance/names", g.importer(g.decisions))
	m.Page("POST /surveillance/names/{id}/withdraw", g.importer(g.withdraw))
	m.Page("GET /surveillance/places", g.reader(g.places))
	m.Upload("POST /surveillance/places", g.importer(g.uploadPlaces))
	m.Page("GET /surveillance/places/{code}", g.reader(g.place))
	g.scanRoutes(m)
}

// reader lets only those in who may read the health desk; to others its pages
// are not there.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

func (g *Pages) importer(h shell.Handler) shell.Handler {
	return g.reader(func(w http.ResponseWriter, r *shell.Request) error {
		if !surveillance.MayImport(r.Actor) {
			return fault.New(fault.Forbidden, "fault.role").With("verb", "import")
		}
		return h(w, r)
	})
}

// words is who says things on one page.
type words struct{ *locale.Printer }

func (w words) name(code string) string { return place.Name(code, w.Lang()) }

// diseaseName is the name of a hazard; a population is one too.
func (w words) diseaseName(key string) string {
	if key == surveillance.PopulationKey {
		return w.T("surveillance.measure.population")
	}
	if !w.Has("hazard." + key) {
		return key
	}
	return w.T("hazard." + key)
}

func (w words) class(c surveillance.Class) string {
	if c == "" {
		return w.T("surveillance.class.reported")
	}
	return w.T("surveillance.class." + string(c))
}

func (w words) classes(cs []surveillance.Class) string {
	var out []string
	for _, c := range cs {
		out = append(out, w.class(c))
	}
	return strings.Join(out, ", ")
}

// calendar is "Weeks that begin on Sunday".
func (w words) calendar(c surveillance.Calendar) string {
	if c.Resolution == surveillance.Weekly {
		return w.T("surveillance.weeks." + string(c.Weeks))
	}
	return w.T("surveillance.resolution." + string(c.Resolution))
}

func (w words) span(v surveillance.DatasetView) string {
	if v.Front.Empty() {
		return w.T("surveillance.dataset.empty")
	}
	return v.Label(v.Front.First) + " – " + v.Label(v.Front.Last)
}

// spanOf is "4 weeks".
func (w words) spanOf(r surveillance.Resolution, n int) string {
	return w.T("surveillance.span."+string(r), "n", n)
}

// slider is "Week: 2024-W05".
func (w words) slider(r surveillance.Resolution, at string) string {
	return w.T("surveillance.slider", "unit", w.T("surveillance.resolution."+string(r)), "at", at)
}

// curveTitle is "Dengue by week".
func (w words) curveTitle(r surveillance.Resolution, disease string) string {
	return w.T("surveillance.curve.title."+string(r), "disease", w.diseaseName(disease))
}

func str(n int) string { return strconv.Itoa(n) }

func datasetPath(s id.ID) string { return "/surveillance/datasets/" + url.PathEscape(string(s)) }

func importPath(i id.ID) string { return "/surveillance/imports/" + url.PathEscape(string(i)) }

func diseasePath(s id.ID, disease string) string {
	return datasetPath(s) + "/diseases/" + url.PathEscape(disease)
}

func placePath(code string) string { return "/surveillance/places/" + url.PathEscape(code) }

// version is the version of the record that the person saw.
func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}
