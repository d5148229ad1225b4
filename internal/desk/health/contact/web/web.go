// Package web is the pages of the contact part: the directory, the contacts of
// this member, the sheet for the wall, and the communication check.
package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/contact"
	"lintas/internal/fault"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk *contact.Desk
	self access.Member
}

// New makes the pages.
func New(d *contact.Desk, self access.Member) *Pages { return &Pages{desk: d, self: self} }

const (
	base   = contact.DirectoryPath
	own    = base + "/own"
	checks = contact.ChecksPath
)

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.directory))
	for _, ext := range []string{"csv", "xlsx", "vcf"} {
		m.Download("GET "+base+"."+ext, g.reader(g.download))
	}
	m.Page("GET "+base+"/sheet", g.reader(g.sheet))
	m.Page("GET "+own, g.reader(g.owned))
	m.Page("GET "+own+"/new", g.reader(g.newContact))
	m.Page("POST "+own+"/new", g.reader(g.add))
	m.Page("GET "+own+"/{id}", g.reader(g.contact))
	m.Page("GET "+own+"/{id}/edit", g.reader(g.editContact))
	m.Page("POST "+own+"/{id}/edit", g.reader(g.saveContact))
	m.Page("POST "+own+"/{id}/{verb}", g.reader(g.step))
	m.Page("GET "+checks, g.reader(g.checks))
	m.Page("POST "+checks, g.reader(g.call))
	m.Files(checks, g.reader(g.checksDownload))
	m.Page("GET "+checks+"/{id}", g.reader(g.check))
	m.Page("POST "+checks+"/{id}/call_off", g.reader(g.callOff))
	m.Page("GET "+base+"/calls/{id}", g.reader(g.ringing))
	m.Page("POST "+base+"/calls/{id}/here", g.reader(g.here))
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

func (w words) role(r contact.Role) string {
	if r == "" {
		return w.T("contact.watch")
	}
	return w.T("contact.role." + string(r))
}

func (w words) members(ms []access.Member) string {
	names := make([]string, len(ms))
	for i, m := range ms {
		names[i] = w.name(string(m))
	}
	return strings.Join(names, ", ")
}

func (w words) field(errs parts.Errors, name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: w.T("contact.field." + name), Error: errs.Of(name), Required: required, Optional: !required}
	if hint := "contact.hint." + name; w.Has(hint) {
		f.Hint = w.T(hint)
	}
	return f
}

func (w words) roles(chosen string) []parts.Option {
	var out []parts.Option
	for _, r := range contact.RoleList {
		out = append(out, parts.Option{Value: string(r.Role), Text: w.role(r.Role), Chosen: string(r.Role) == chosen})
	}
	return out
}

// standing is how an entry is marked.
func standingGrade(s contact.Standing) parts.Grade {
	switch s {
	case contact.Valid:
		return parts.Good
	case contact.Stale:
		return parts.Watch
	case contact.Expired:
		return parts.Warning
	}
	return parts.Information
}

// drill says how the newest check went, beside a member's contacts.
func (w words) drill(d *contact.Drill) string {
	if d == nil {
		return w.T("contact.drill.none")
	}
	if !d.Answered {
		return w.T("contact.drill.silent", "time", w.Stamp(d.At))
	}
	if d.Late {
		return w.T("contact.drill.late", "time", w.Stamp(d.At), "took", w.took(d.Minutes))
	}
	return w.T("contact.drill.here", "time", w.Stamp(d.At), "took", w.took(d.Minutes))
}

func (w words) took(minutes float64) string {
	return w.Duration(time.Duration(minutes * float64(time.Minute)))
}

// href is the link by which a channel is used; empty where there is none.
func href(c contact.Channel) string {
	switch c.Kind {
	case "phone", "mobile":
		return "tel:" + c.Value
	case "email":
		return "mailto:" + c.Value
	}
	return ""
}

// dialling are the country codes of the members, the longest first.
var dialling = []string{"+673", "+670", "+855", "+856", "+60", "+62", "+63", "+65", "+66", "+84", "+95"}

// spaced writes a number in groups, as people read it out: the country code,
// then three digits at a time.
func spaced(c contact.Channel) string {
	if c.Kind != "phone" && c.Kind != "mobile" {
		return c.Value
	}
	for _, code := range dialling {
		if rest, ok := strings.CutPrefix(c.Value, code); ok {
			out := code
			for len(rest) > 4 {
				n := (len(rest)-1)%3 + 1
				out, rest = out+" "+rest[:n], rest[n:]
			}
			return out + " " + rest
		}
	}
	return c.Value
}

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// at is one of the values that an input of a repeated row posts.
func at(f url.Values, name string, i int) string {
	if v := f[name]; i < len(v) {
		return v[i]
	}
	return ""
}

func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func offered(offers []workflow.Offer, verb string) (workflow.Offer, bool) {
	for _, o := range offers {
		if string(o.Verb) == verb {
			return o, true
		}
	}
	return workflow.Offer{}, false
}

// unmet are the sentences of the needs that the form of a step does not itself
// fulfil.
func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if n != "contact.reason" {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}
