// Package web is the pages of the verification part: the list of exchanges,
// the form of a request, an exchange as a dialogue, and the form of an answer.
package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/verification"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *verification.Desk
	events *health.Desk
	self   access.Member
	// Behind are the signals that became an event; nil: none are known.
	Behind func(ctx context.Context, a access.Actor, event id.ID) ([]id.ID, error)
}

// New makes the pages; events are where a request may take its title from.
func New(d *verification.Desk, events *health.Desk, self access.Member) *Pages {
	return &Pages{desk: d, events: events, self: self}
}

const base = "/health/verification"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Download("GET "+base+".csv", g.reader(g.download))
	m.Download("GET "+base+".xlsx", g.reader(g.download))
	m.Page("GET "+base+"/new", g.reader(g.newRequest))
	m.Page("POST "+base+"/new", g.reader(g.compose))
	m.Page("GET "+base+"/{id}", g.reader(g.exchange))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.editRequest))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.saveRequest))
	m.Page("GET "+base+"/{id}/answer", g.reader(g.answerForm))
	m.Page("POST "+base+"/{id}/answer", g.reader(g.saveAnswer))
	m.Page("POST "+base+"/{id}/{verb}", g.reader(g.step))
}

// reader lets only those in who may read the health desk at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !health.Capabilities.May(r.Actor, "health.read") {
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

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now, g.self} }

func (w words) name(code string) string { return place.Name(code, w.Lang()) }

func (w words) plate(m access.Member, state parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(string(m)), State: state}
}

func (w words) state(r *verification.Request) string {
	if r.State == verification.Answered && r.Answer != nil {
		return w.T("verification.outcome." + string(r.Answer.Outcome))
	}
	if !r.Asking() {
		return w.T("verification.state.answerer." + string(r.State))
	}
	return w.T("verification.state." + string(r.State))
}

// grade colours the state: late is a warning, an answer has the
// colour of its outcome.
func (w words) grade(r *verification.Request) parts.Grade {
	switch {
	case verification.Late(r.Due, w.now):
		return parts.Warning
	case r.State == verification.Answered && r.Answer != nil:
		return outcomeGrade(r.Answer.Outcome)
	case r.State == verification.Refused:
		return parts.Watch
	case r.Open() && r.State != verification.Draft:
		return parts.Information
	}
	return parts.Ungraded
}

// where is the place by its name, or the words that were given.
func (w words) where(s string) string {
	if place.Known(s) {
		return place.Full(s, w.Lang())
	}
	return s
}

func (w words) hazard(key string) string {
	if key == "" {
		return ""
	}
	return w.T("hazard." + key)
}

// about is one line of what an exchange is about.
func (w words) about(r *verification.Request) string {
	var out []string
	for _, s := range []string{w.hazard(r.Hazard), w.where(r.Where)} {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(append(out, w.T("verification.questions.count", "n", len(r.Questions))), " · ")
}

func str(n int) string { return strconv.Itoa(n) }

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

// version is the version that the person saw; a form without one is refused.
func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func paragraphs(s string) []string {
	var out []string
	for p := range strings.SplitSeq(s, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// spare are the needs that the form of a step itself fulfils.
var spare = map[string]bool{"verification.words": true, "verification.reason": true, "verification.new_questions": true}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !spare[n] {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

func languages(chosen string) []parts.Option {
	var out []parts.Option
	for _, l := range locale.Languages() {
		out = append(out, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == chosen})
	}
	return out
}

func (w words) markings(chosen string) []parts.Option {
	var out []parts.Option
	for _, m := range access.Markings {
		out = append(out, parts.Option{Value: string(m), Text: string(m), Chosen: string(m) == chosen})
	}
	return out
}

// markingsFrom are those that are not more open than least.
func (w words) markingsFrom(least access.Marking, chosen string) []parts.Option {
	return slices.DeleteFunc(w.markings(chosen), func(o parts.Option) bool { return least.Stricter(access.Marking(o.Value)) })
}

func (w words) hazards(chosen string) []parts.Option {
	var out []parts.Option
	for _, h := range health.Hazards {
		out = append(out, parts.Option{Value: h.Key, Text: w.T("hazard." + h.Key), Chosen: h.Key == chosen})
	}
	return out
}

// field is an input with its words.
func (w words) field(errs parts.Errors, name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: w.T("verification.field." + name), Error: errs.Of(name), Required: required, Optional: !required}
	if hint := "verification.hint." + name; w.Has(hint) {
		f.Hint = w.T(hint)
	}
	return f
}

func hours(d time.Duration) string { return str(int(d / time.Hour)) }

func readHours(s string) time.Duration {
	h, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || h < 1 || h > 24*365 {
		return 0
	}
	return time.Duration(h) * time.Hour
}
