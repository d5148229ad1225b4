// Package web is the pages of the reserve: what there is, who asks, how it is
// divided, what travels, what is owed, and the proof that all books balance.
package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/ledger"
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
	desk   *reserve.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *reserve.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const base = "/health/reserve"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.overview))
	for name := range lists {
		m.Page("GET "+base+"/"+name, g.reader(g.list(name)))
		m.Download("GET "+base+"/"+name+".csv", g.reader(g.download(name)))
		m.Download("GET "+base+"/"+name+".xlsx", g.reader(g.download(name)))
	}
	m.Page("GET "+base+"/proof", g.reader(g.proof))
	m.Page("POST "+base+"/proof", g.reader(g.check))
	m.Download("GET "+base+"/proof.csv", g.reader(g.proofFile))
	m.Download("GET "+base+"/proof.xlsx", g.reader(g.proofFile))
	m.Page("GET "+base+"/statement/{verb}", g.reader(g.askStatement))
	m.Page("POST "+base+"/statement/{verb}", g.reader(g.stepStatement))
	m.Page("GET "+base+"/simulate", g.reader(g.simulate))
	m.Page("GET "+base+"/postings/{seq}", g.reader(g.posting))
	m.Page("GET "+base+"/postings/{seq}/reverse", g.reader(g.askReverse))
	m.Page("POST "+base+"/postings/{seq}/reverse", g.reader(g.reverse))
	for name, f := range forms {
		m.Page("GET "+base+"/"+f.path, g.reader(g.ask(name)))
		m.Page("POST "+base+"/"+f.path, g.reader(g.take(name)))
	}
	for name, k := range records {
		m.Page("GET "+base+"/"+name+"/{id}", g.reader(g.record(k)))
		m.Page("GET "+base+"/"+name+"/{id}/step/{verb}", g.reader(g.askStep(k)))
		m.Page("POST "+base+"/"+name+"/{id}/step/{verb}", g.reader(g.step(k)))
	}
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !reserve.Sees(r.Actor) {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.reserve"), Href: base, Icon: "boxes"}}
}

// reader lets only those in who may read the reserve at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !reserve.Sees(r.Actor) {
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

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, g.desk.Now(), g.desk.Member()} }

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) plate(m access.Member, s parts.PlateState) templ.Component {
	return parts.PlateMark(parts.Plate{Code: string(m), Title: w.name(m), State: s})
}

func (w words) qty(n int64, unit string) string {
	return w.T("reserve.qty", "n", w.Number(n), "unit", unit)
}

func (w words) day(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "–"
	}
	return w.Day(t)
}

func (w words) stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return w.Stamp(t)
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func (w words) state(s workflow.State) string { return w.T("reserve.state." + string(s)) }

// stateGrade is how a state is drawn.
func stateGrade(s workflow.State) parts.Grade {
	switch s {
	case reserve.Published, reserve.Usable, reserve.InForce, reserve.Booked, reserve.Received, reserve.Settled, reserve.Standing:
		return parts.Good
	case reserve.Voted, reserve.Dispatched, reserve.Expected, reserve.Owed, reserve.Asked, reserve.Freed, reserve.Prepared:
		return parts.Information
	case reserve.CustomsHold, reserve.Quarantined, reserve.Stopped:
		return parts.Warning
	}
	return parts.Ungraded
}

func (w words) tag(s workflow.State) templ.Component { return parts.Tag(stateGrade(s), w.state(s)) }

// account says an account in words.
func (w words) account(a ledger.Account) string {
	if m := a.Member(); m != "" {
		return w.T("reserve.account."+a.Kind()+".with", "member", w.name(m))
	}
	if a.Detail() != "" {
		return w.T("reserve.account."+a.Kind()+".at", "place", a.Detail())
	}
	return w.T("reserve.account." + a.Kind())
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

var units3 = regexp.MustCompile(`^[0-9]{1,15}$|^[0-9]{1,3}([ .,\x{00a0}\x{202f}][0-9]{3}){1,4}$`)

// whole reads a number of units: digits, with spaces, dots or commas only
// between groups of three. -1 is what is no such number.
func whole(s string) int64 {
	s = strings.TrimSpace(s)
	if !units3.MatchString(s) {
		return -1
	}
	n, err := strconv.ParseInt(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", "", ".", "").Replace(s), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// maybe is a number that need not be given; nil: it was not.
func maybe(s string) *int64 {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	n := whole(s)
	return &n
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
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

// section is one panel of a page. What it does not have is left out.
type section struct {
	parts.Panel
	Lines   []string
	Defs    []parts.Definition
	Tables  []parts.Table
	Body    templ.Component
	Steps   []string // numbered
	Note    string
	Buttons []parts.Button
	Empty   *parts.Empty
	Files   []parts.Link
}

// pageView is a page of panels in one column, or two.
type pageView struct {
	words
	Head    parts.PageHead
	Tabs    []parts.Tab
	Notices []parts.Notice
	Main    []section
	Side    []section
}

// places are the pages of the part in the order of the tabs.
var places = []string{"", "items", "stock", "pledges", "draws", "allocations", "movements", "debts", "book", "proof", "simulate"}

func (w words) tabs(current string) []parts.Tab {
	var out []parts.Tab
	for _, p := range places {
		t := parts.Tab{Text: w.T("reserve.tab." + p + map[bool]string{true: "overview"}[p == ""]), Href: base, Count: -1, Current: p == current}
		if p != "" {
			t.Href += "/" + p
		}
		out = append(out, t)
	}
	return out
}

func (w words) crumbs(list, title string) []parts.Link {
	out := []parts.Link{{Text: w.T("nav.reserve"), Href: base}}
	if list != "" {
		out = append(out, parts.Link{Text: w.T("reserve.tab." + list), Href: base + "/" + list})
	}
	return append(out, parts.Link{Text: title})
}

func (w words) print() parts.Button {
	return parts.Button{Text: w.T("parts.print"), Icon: "printer", Print: true}
}

func live(path string, p parts.Panel) parts.Panel {
	p.Live, p.On = path, "reserve"
	return p
}

// itemOptions are the published items.
func (g *Pages) itemOptions(r *shell.Request, chosen string) ([]parts.Option, error) {
	list, _, err := g.desk.Items(r.Context(), r.Actor, reserve.Filter{State: reserve.Published, Limit: 500})
	var out []parts.Option
	for i := range list {
		c := &list[i].C
		out = append(out, parts.Option{Value: string(list[i].ID), Text: c.Name + " (" + c.Unit + ")", Chosen: string(list[i].ID) == chosen})
	}
	return out, err
}

func parsed(s string) id.ID {
	i, err := id.Parse(s)
	if err != nil {
		return ""
	}
	return i
}
