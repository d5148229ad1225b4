// Package web is the pages of an incident: the operations centre's activation,
// its organisation, action plans, activity log, critical information
// requirements, demobilisation, and the printed incident action plan.
package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/incident"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *incident.Desk
	health *health.Desk
	// Review is where an after-action review of an event begins; nil: this node
	// has no such page.
	Review func(event id.ID) string
}

// New makes the pages of the part.
func New(d *incident.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const base = "/health/incidents"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Files(base, g.reader(g.download))
	m.Page("GET "+base+"/new", g.reader(g.newIncident))
	m.Page("POST "+base+"/new", g.reader(g.open))
	m.Page("POST /health/incident-activations/{id}", g.reader(g.adopt))
	m.Page("GET "+base+"/{id}", g.reader(g.overview))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.edit))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.save))
	m.Page("GET "+base+"/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST "+base+"/{id}/step/{verb}", g.reader(g.step))
	m.Page("GET "+base+"/{id}/organisation", g.reader(g.organisation))
	m.Page("POST "+base+"/{id}/organisation", g.reader(g.roster))
	m.Page("GET "+base+"/{id}/duties/{duty}/{verb}", g.reader(g.askDuty))
	m.Page("POST "+base+"/{id}/duties/{duty}/{verb}", g.reader(g.stepDuty))
	m.Page("GET "+base+"/{id}/plans", g.reader(g.plans))
	m.Page("POST "+base+"/{id}/plans", g.reader(g.draft))
	m.Page("GET "+base+"/{id}/plans/{plan}", g.reader(g.plan))
	m.Page("GET "+base+"/{id}/plans/{plan}/edit", g.reader(g.editPlan))
	m.Page("POST "+base+"/{id}/plans/{plan}/edit", g.reader(g.savePlan))
	m.Page("POST "+base+"/{id}/plans/{plan}/amend", g.reader(g.amend))
	m.Page("GET "+base+"/{id}/plans/{plan}/step/{verb}", g.reader(g.askPlan))
	m.Page("POST "+base+"/{id}/plans/{plan}/step/{verb}", g.reader(g.stepPlan))
	m.Page("GET "+base+"/{id}/booklet", g.reader(g.booklet))
	m.Page("GET "+base+"/{id}/log", g.reader(g.log))
	m.Page("POST "+base+"/{id}/log", g.reader(g.write))
	m.Files(base+"/{id}/log", g.reader(g.downloadLog))
	g.sheetRoutes(m)
	m.Page("GET "+base+"/{id}/requirements", g.reader(g.requirements))
	m.Page("POST "+base+"/{id}/requirements", g.reader(g.require))
	m.Page("POST "+base+"/{id}/requirements/{req}/ring", g.reader(g.ring))
	m.Page("GET "+base+"/{id}/requirements/{req}/retire", g.reader(g.askRetire))
	m.Page("POST "+base+"/{id}/requirements/{req}/retire", g.reader(g.retire))
	m.Page("POST "+base+"/{id}/rings/{ring}", g.reader(g.answer))
	m.Page("GET "+base+"/{id}/demobilisation", g.reader(g.demobilisation))
	m.Page("POST "+base+"/{id}/demobilisation", g.reader(g.listResource))
	m.Page("GET "+base+"/{id}/checkouts/{checkout}/{verb}", g.reader(g.askCheckout))
	m.Page("POST "+base+"/{id}/checkouts/{checkout}/{verb}", g.reader(g.stepCheckout))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !incident.Capabilities.May(r.Actor, "incident.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.incident"), Href: base, Icon: "network"}}
}

// reader lets only those in who may read the desk at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !incident.Capabilities.May(r.Actor, "incident.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// words is who says things on one page.
type words struct {
	*locale.Printer
	now  time.Time
	self access.Member
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now, g.desk.Member()} }

func (w words) name(code string) string { return place.Name(code, w.Lang()) }

func (w words) function(f string) string {
	if f == "" {
		return "–"
	}
	return w.T("incident.function." + f)
}

func (w words) state(s workflow.State) string { return w.T("incident.state." + string(s)) }

// span is two times in one line; the day stands once where it is the same.
func (w words) span(from, to time.Time) string {
	if from.UTC().Format(time.DateOnly) == to.UTC().Format(time.DateOnly) {
		return w.Day(from) + ", " + from.UTC().Format("15:04") + " – " + w.Time(to)
	}
	return w.Stamp(from) + " – " + w.Stamp(to)
}

// say is a sentence about a step, with its keys, times and places in words.
func (w words) say(key string, args map[string]string) string {
	out := map[string]any{}
	for k, v := range args {
		switch {
		case strings.HasPrefix(v, "@"):
			out[k] = w.T(v[1:])
		case strings.HasPrefix(v, "%"):
			out[k] = w.name(v[1:])
		case strings.HasPrefix(v, "#"):
			t, err := time.Parse(time.RFC3339, v[1:])
			if err != nil {
				out[k] = v
				continue
			}
			out[k] = w.Stamp(t)
		case k == "post":
			out[k] = w.by(v)
		default:
			out[k] = v
			if n, err := strconv.ParseInt(v, 10, 64); err == nil && (k == "n" || k == "was" || k == "now") {
				out[k] = n
			}
		}
	}
	return w.With(key, out)
}

// by is the post that did something, or the system.
func (w words) by(post string) string {
	if post == "node" {
		return w.T("incident.node")
	}
	return post
}

// modeGrade is the grade whose colour and shape a mode takes.
func modeGrade(mode string) parts.Grade {
	return map[string]parts.Grade{"watch": parts.Information, "alert": parts.Watch, "response": parts.Warning, "recovery": parts.Good}[mode]
}

func statusGrade(s string) parts.Grade {
	return map[string]parts.Grade{"on_track": parts.Information, "behind": parts.Warning, "achieved": parts.Good}[s]
}

func (w words) modeTag(mode string) templ.Component {
	return parts.Tag(modeGrade(mode), w.T("incident.mode."+mode))
}

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

func paragraphs(s string) []string {
	return slices.DeleteFunc(strings.Split(text(s), "\n"), func(p string) bool { return strings.TrimSpace(p) == "" })
}

// again is the status of a form that is shown once more, or 0.
func again(err error) int {
	switch {
	case fault.Is(err, fault.Invalid):
		return http.StatusBadRequest
	case fault.Is(err, fault.Conflict):
		return http.StatusConflict
	}
	return 0
}

const stampForm = "2006-01-02T15:04"

func moment(s string) time.Time {
	t, err := time.Parse(stampForm, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(stampForm)
}

// offered finds the button of a step.
func offered(list []workflow.Offer, verb workflow.Verb) (workflow.Offer, bool) {
	i := slices.IndexFunc(list, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		return workflow.Offer{}, false
	}
	return list[i], true
}

// spare are the needs that the form of a step itself fulfils.
var spare = []string{"health.reason", "incident.period_over", "incident.brief", "incident.demobilised", "incident.nothing_left"}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !slices.Contains(spare, n) {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

// frame is what stands on every page of an incident.
type frame struct {
	words
	B    *incident.Book
	Head parts.PageHead
	Tabs []parts.Tab
	Path string
	On   string
}

func (f *frame) path() string { return incident.Path(f.B.ID) }

// book reads the incident of a page and prepares what stands around it.
func (g *Pages) book(r *shell.Request, tab string) (frame, error) {
	iid, err := r.PathID("id")
	if err != nil {
		return frame{}, err
	}
	b, err := g.desk.Book(r.Context(), r.Actor, iid)
	if err != nil {
		return frame{}, err
	}
	f := frame{words: g.words(r), B: &b, Path: r.URL.RequestURI(), On: "incident:" + string(iid)}
	if r.Method != http.MethodGet {
		f.Path = f.path()
	}
	vacant := 0
	for _, s := range b.Seats {
		if s.Vacant() {
			vacant++
		}
	}
	tabs := []struct {
		key, path string
		n         int
	}{{"overview", "", -1}, {"organisation", "/organisation", -1}, {"plans", "/plans", len(b.Plans)}, {"log", "/log", len(b.Entries)},
		{"requirements", "/requirements", len(b.Open())}, {"demobilisation", "/demobilisation", -1}}
	for _, t := range tabs {
		f.Tabs = append(f.Tabs, parts.Tab{Text: f.T("incident.tab." + t.key), Href: f.path() + t.path, Count: t.n, Current: t.key == tab})
	}
	f.Head = parts.PageHead{Title: b.Name, Meta: frameMeta(f, vacant), Actions: []parts.Button{{Text: f.T("incident.booklet"), Icon: "printer", Href: f.path() + "/booklet"}},
		Crumbs: []parts.Link{{Text: f.T("incident.list.title"), Href: base}, {Text: b.Name}}}
	if tab != "overview" {
		f.Head.Crumbs = []parts.Link{{Text: f.T("incident.list.title"), Href: base}, {Text: b.Name, Href: f.path()}, {Text: f.T("incident.tab." + tab)}}
	}
	return f, nil
}

func (f *frame) page() shell.Page {
	return shell.Page{Title: f.B.Name, Topics: []string{f.On}, Marking: string(f.B.Marking)}
}
