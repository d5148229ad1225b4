// Package web is the pages of the International Health Regulations: the
// decision instrument, the content of a notification, outside determinations,
// the register of measures, and where each state stands with the amendments.
package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/history"
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
	desk   *ihr.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *ihr.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const (
	base     = "/health/ihr"
	register = "/health/measures"
	standing = "/health/amendments"
)

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	for pattern, h := range map[string]shell.Handler{
		"GET " + base:                                  g.overview,
		"GET " + base + "/roles":                       g.roles,
		"POST /health/annex2":                          g.open,
		"GET /health/annex2/{id}":                      g.annex2,
		"POST /health/annex2/{id}/read":                g.read,
		"GET /health/annex2/{id}/step/{verb}":          g.askAnnex2,
		"POST /health/annex2/{id}/step/{verb}":         g.stepAnnex2,
		"GET /health/article6/{id}":                    g.article6,
		"GET /health/determinations/new":               g.newDetermination,
		"POST /health/determinations/new":              g.record,
		"GET /health/determinations/{id}":              g.determination,
		"GET /health/determinations/{id}/edit":         g.editDetermination,
		"POST /health/determinations/{id}/edit":        g.saveDetermination,
		"GET /health/determinations/{id}/step/{verb}":  g.askDetermination,
		"POST /health/determinations/{id}/step/{verb}": g.stepDetermination,
		"GET " + register:                              g.register,
		"GET " + register + ".csv":                     g.download,
		"GET " + register + ".xlsx":                    g.download,
		"GET " + corridors:                             g.corridorList,
		"GET " + corridors + ".csv":                    g.corridorDownload,
		"GET " + corridors + ".xlsx":                   g.corridorDownload,
		"GET " + register + "/new":                     g.newMeasure,
		"POST " + register + "/new":                    g.plan,
		"GET " + register + "/{id}":                    g.measure,
		"GET " + register + "/{id}/edit":               g.editMeasure,
		"POST " + register + "/{id}/edit":              g.saveMeasure,
		"GET " + register + "/{id}/step/{verb}":        g.askMeasure,
		"POST " + register + "/{id}/step/{verb}":       g.stepMeasure,
		"GET " + standing:                              g.amendments,
		"GET " + standing + "/new":                     g.newAmendment,
		"POST " + standing + "/new":                    g.state,
		"GET " + standing + "/{id}/edit":               g.editAmendment,
		"POST " + standing + "/{id}/edit":              g.saveAmendment,
		"POST " + standing + "/{id}/step/{verb}":       g.stepAmendment,
	} {
		m.Page(pattern, g.reader(h))
	}
	m.Files("/health/annex2", g.reader(g.annexFile))
	m.Files("/health/determinations", g.reader(g.determinationFile))
	m.Files(standing, g.reader(g.amendmentFile))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !ihr.Capabilities.May(r.Actor, "ihr.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.ihr"), Href: base, Icon: "shield"}, {Text: r.Printer.T("nav.measures"), Href: register, Icon: "truck"}}
}

// Panels stand on the page of an event.
func (g *Pages) Panels() []healthweb.EventPanel {
	return []healthweb.EventPanel{
		{ID: "measures", Title: "ihr.measures.title", Body: g.measurePanel},
		{ID: "annex2", Title: "ihr.annex2.title", Side: true, Body: g.annexPanel},
		{ID: "determinations", Title: "ihr.determinations.title", Side: true, Body: g.determinationPanel},
	}
}

// reader lets only those in who may read the desk at all; to others its pages
// are not there.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !ihr.Capabilities.May(r.Actor, "ihr.read") {
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
	// shows reports whether this node and person have the page of an event.
	shows func(event id.ID) bool
}

func (g *Pages) words(r *shell.Request) words {
	shows := func(event id.ID) bool { return g.health.Shows(r.Context(), r.Actor, event) }
	return words{r.Printer, r.Now, g.desk.Member(), shows}
}

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) names(ms []access.Member) string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = w.name(m)
	}
	return strings.Join(out, ", ")
}

// ends are the states of one side of a corridor.
func (w words) ends(codes []string) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		switch c {
		case ihr.Anywhere:
			out[i] = w.T("ihr.anywhere")
		case ihr.Outside:
			out[i] = w.T("ihr.beyond")
		default:
			out[i] = place.Name(c, w.Lang())
		}
	}
	return strings.Join(out, ", ")
}

// side names one side of a measure's corridor; the states outside the region
// by the names that the measure gives.
func (w words) side(c ihr.Content, codes []string) string {
	out := w.ends(codes)
	if slices.Contains(codes, ihr.Outside) && c.Others != "" {
		out += " (" + c.Others + ")"
	}
	return out
}

func (w words) plate(m access.Member, s parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(m), State: s}
}

func (w words) state(s workflow.State) string { return w.T("ihr.state." + string(s)) }

// day says a day of a form; one that cannot be read stays as it is.
func (w words) day(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return w.Day(t)
}

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func eventPath(eid id.ID) string { return "/health/events/" + url.PathEscape(string(eid)) }

// spare are the needs that the form of a step itself fulfils.
var spare = []string{"health.reason", "ihr.outcome", "ihr.told", "ihr.ended", "ihr.words", "ihr.start", "ihr.reported", "ihr.not_over"}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !slices.Contains(spare, n) {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

func offered(offers []workflow.Offer, verb workflow.Verb) (workflow.Offer, bool) {
	i := slices.IndexFunc(offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		return workflow.Offer{}, false
	}
	return offers[i], true
}

// refuse says, as the table would, why a step cannot be taken.
func refuse(offers []workflow.Offer, own bool, owner access.Member, verb workflow.Verb) error {
	if _, ok := offered(offers, verb); ok {
		return nil
	}
	if !own {
		return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(owner))
	}
	return fault.New(fault.Conflict, "fault.ihr.step").With("verb", string(verb))
}

// moves are the buttons of a record's steps; those in without have a form or
// a place of their own.
func (w words) moves(offers []workflow.Offer, at string, without ...workflow.Verb) []parts.Button {
	var out []parts.Button
	for _, o := range offers {
		if slices.Contains(without, o.Verb) {
			continue
		}
		b := parts.Button{Text: w.T("ihr.verb." + string(o.Verb)), Small: true, Unmet: w.unmet(o), Href: at + "/step/" + string(o.Verb)}
		if slices.Contains(dangers, o.Verb) {
			b.Kind = parts.Danger
		} else if len(out) == 0 && len(b.Unmet) == 0 && o.Verb != "reset" {
			b.Kind = parts.Primary
		}
		out = append(out, b)
	}
	return out
}

var dangers = []workflow.Verb{"withdraw", "cancel", "strike"}

// version is the version of the record that the person saw; a form without
// one is refused later, since no record has this version.
func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// moment reads a datetime-local input, which is in UTC.
func moment(s string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t
		}
	}
	return time.Time{}
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

// field is an input with its words: the label is "ihr.field.x", the hint
// "ihr.hint.x" where there is one.
func (w words) field(errs parts.Errors, name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: w.T("ihr.field." + name), Error: errs.Of(name), Required: required, Optional: !required}
	if hint := "ihr.hint." + name; w.Has(hint) {
		f.Hint = w.T(hint)
	}
	return f
}

// options are the choices of a closed list.
func options[S ~string](all []S, chosen S, say func(S) string) []parts.Option {
	var out []parts.Option
	for _, x := range all {
		out = append(out, parts.Option{Value: string(x), Text: say(x), Chosen: x == chosen})
	}
	return out
}

func languageOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, l := range locale.Languages() {
		out = append(out, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == chosen})
	}
	return out
}

func (w words) markingOptions(chosen string) []parts.Option {
	return options(access.Markings, access.Marking(chosen), func(m access.Marking) string { return string(m) })
}

func (w words) hazardOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, h := range health.Hazards {
		out = append(out, parts.Option{Value: h.Key, Text: w.T("hazard." + h.Key), Chosen: h.Key == chosen})
	}
	return out
}

func (w words) memberOptions(chosen []string) []parts.Option {
	var out []parts.Option
	for _, m := range access.All() {
		if m != w.self {
			out = append(out, parts.Option{Value: string(m), Text: w.name(m), Hint: string(m), Chosen: slices.Contains(chosen, string(m))})
		}
	}
	return out
}

// endOptions are the states of a corridor, anywhere, and those outside the
// region.
func (w words) endOptions(chosen []string) []parts.Option {
	out := []parts.Option{{Value: ihr.Anywhere, Text: w.T("ihr.anywhere"), Chosen: slices.Contains(chosen, ihr.Anywhere)}}
	for _, m := range access.States {
		out = append(out, parts.Option{Value: string(m), Text: w.name(m), Hint: string(m), Chosen: slices.Contains(chosen, string(m))})
	}
	return append(out, parts.Option{Value: ihr.Outside, Text: w.T("ihr.beyond"), Chosen: slices.Contains(chosen, ihr.Outside)})
}

func (w words) moments(entries []history.Entry) []parts.Moment {
	out := make([]parts.Moment, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		out = append(out, parts.Moment{At: e.At, Kind: parts.Decision, Title: w.T("action." + e.Action), Text: e.Actor})
	}
	return out
}
