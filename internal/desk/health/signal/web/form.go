package web

import (
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// The form is filled from what was posted, never from a half-parsed value, so
// that nothing that was typed is lost. The button that was pressed is "do":
// "save", or "next" to record another one right away.

// formView records or edits a signal.
type formView struct {
	words
	Title  string
	Lede   string
	Action string
	Cancel string
	Form   url.Values
	Errors parts.Errors
	New    bool
	Open   bool // the fields that are rarely needed are unfolded
}

// rare are the fields behind "more".
var rare = []string{"locality", "source_name", "ref", "link", "deaths", "population", "agent", "lang", "marking", "first_seen_precision"}

func (v formView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("signal.field." + name), Error: v.Errors.Of(name), Required: required}
	if hint := "signal.hint." + name; v.Has(hint) {
		f.Hint = v.T(hint)
	}
	return f
}

func (g *Pages) newSignal(w http.ResponseWriter, r *shell.Request) error {
	if !signal.MayRecord(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "record")
	}
	q := r.URL.Query()
	form := url.Values{"source": {string(signal.Hotline)}, "hazard": {"unknown"}, "place": {string(g.deps.Member)}, "lang": {r.Printer.Lang()},
		"first_seen": {r.Now.In(place.Zone(string(g.deps.Member))).Format("2006-01-02")}, "first_seen_precision": {string(health.Day)}, "marking": {string(access.TLPAmber)}}
	for _, kept := range []string{"source", "source_name", "place", "lang"} { // of the one before
		if q.Get(kept) != "" {
			form.Set(kept, q.Get(kept))
		}
	}
	return g.showForm(w, r, http.StatusOK, g.recordForm(r, form, nil))
}

func (g *Pages) recordForm(r *shell.Request, form url.Values, err error) formView {
	v := formView{words: g.words(r), Action: inbox + "/new", Cancel: inbox, Form: form, New: true, Errors: parts.ErrorsOf(r.Printer, err)}
	v.Title, v.Lede = v.T("signal.form.record"), v.T("signal.form.record.lede")
	return v
}

func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, status int, v formView) error {
	for _, name := range rare {
		v.Open = v.Open || v.Errors.Of(name) != ""
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

func (g *Pages) record(w http.ResponseWriter, r *shell.Request) error {
	form := r.PostForm
	s, err := g.desk.Record(r.Context(), r.Actor, input(form))
	if fault.Is(err, fault.Invalid) {
		return g.showForm(w, r, http.StatusBadRequest, g.recordForm(r, form, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "signal.said.recorded", fault.Args{"ref": s.ID.Short()})
	if form.Get("do") == "next" {
		kept := url.Values{}
		for _, k := range []string{"source", "source_name", "place", "lang"} {
			kept[k] = form[k]
		}
		return r.Redirect(w, address(inbox+"/new", clean(kept)))
	}
	return r.Redirect(w, signalPath(s.ID))
}

// input reads what was entered.
func input(f url.Values) signal.Input {
	get := func(name string) string { return text(f.Get(name)) }
	in := signal.Input{Source: signal.Source(get("source")), SourceName: get("source_name"), Ref: get("ref"), Link: get("link"), Text: get("text"),
		Lang: get("lang"), Hazard: get("hazard"), Agent: get("agent"), Population: get("population"), Place: strings.ToUpper(get("place")),
		Locality: get("locality"), Cases: signal.ParseCount(get("cases")), Deaths: signal.ParseCount(get("deaths")), Marking: access.Marking(get("marking"))}
	in.FirstSeen = dateOf(f, "first_seen")
	return in
}

func dateOf(f url.Values, name string) health.Date {
	on, precision := strings.TrimSpace(f.Get(name)), health.Precision(f.Get(name+"_precision"))
	if on == "" && precision != health.Unknown {
		return health.Date{}
	}
	if precision == "" {
		precision = health.Day
	}
	return health.Date{On: on, Precision: precision}
}

// values are those of the form for a signal as it is.
func values(v signal.View) url.Values {
	f := url.Values{"source": {string(v.Source)}, "source_name": {v.SourceName}, "ref": {v.Ref}, "link": {v.Link}, "text": {v.Text}, "lang": {v.Lang},
		"hazard": {v.Hazard}, "agent": {v.Agent}, "population": {v.Population}, "place": {v.Place}, "locality": {v.Locality}, "cases": {typed(v.Cases)},
		"deaths": {typed(v.Deaths)}, "marking": {string(v.Marking)}, "first_seen": {v.FirstSeen.On}, "first_seen_precision": {string(v.FirstSeen.Precision)},
		"version": {str(v.Version)}}
	return f
}

// typed is a count as it can be typed again.
func typed(c *signal.Count) string {
	if c == nil {
		return ""
	}
	return map[string]string{"at_least": ">", "at_most": "<", "about": "~"}[c.About] + str(int(c.N))
}

func (g *Pages) offered(r *shell.Request, verb string) (signal.Page, error) {
	sid, err := r.PathID("id")
	if err != nil {
		return signal.Page{}, err
	}
	p, err := g.desk.Page(r.Context(), r.Actor, sid)
	if err != nil {
		return p, err
	}
	return p, p.Offered(workflow.Verb(verb))
}

func (g *Pages) editSignal(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offered(r, "edit")
	if err != nil {
		return err
	}
	return g.showForm(w, r, http.StatusOK, g.editForm(r, p.ID, values(p.View), nil))
}

func (g *Pages) editForm(r *shell.Request, sid id.ID, form url.Values, err error) formView {
	v := formView{words: g.words(r), Action: signalPath(sid) + "/edit", Cancel: signalPath(sid), Form: form, Open: true, Errors: parts.ErrorsOf(r.Printer, err)}
	v.Title, v.Lede = v.T("signal.form.edit"), v.T("signal.form.edit.lede")
	return v
}

func (g *Pages) saveSignal(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	form := r.PostForm
	_, err = g.desk.Edit(r.Context(), r.Actor, sid, version(form.Get("version")), input(form))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showForm(w, r, http.StatusBadRequest, g.editForm(r, sid, form, err))
	case fault.Is(err, fault.Conflict):
		return g.conflict(w, r, sid, form, err)
	case err != nil:
		return err
	}
	r.Say(w, "signal.said.saved", nil)
	return r.Redirect(w, signalPath(sid))
}

// conflict shows both versions, or the refusal where the state no longer has
// the step.
func (g *Pages) conflict(w http.ResponseWriter, r *shell.Request, sid id.ID, form url.Values, cause error) error {
	p, err := g.desk.Page(r.Context(), r.Actor, sid)
	if err != nil {
		return err
	}
	if p.Offered("edit") != nil {
		return cause
	}
	v, theirs := g.words(r), values(p.View)
	c := shell.Conflict{Title: p.Title, Action: signalPath(sid) + "/edit", Record: signalPath(sid), Version: theirs.Get("version"), Form: form}
	if n := len(p.Timeline); n > 0 {
		c.By = p.Timeline[n-1].Actor
	}
	form.Del("do")
	for _, name := range []string{"text", "hazard", "place", "locality", "first_seen", "source", "source_name", "ref", "link", "cases", "deaths", "population", "agent", "marking"} {
		f := shell.ConflictField{Name: name, Label: v.T("signal.field." + name), Long: name == "text", Mine: form.Get(name), Theirs: theirs.Get(name)}
		switch name {
		case "hazard":
			f.Options = v.hazardOptions(form.Get(name))
		case "place":
			f.Options = v.placeOptions(form.Get(name))
		case "source":
			f.Options = v.sourceOptions(signal.Sources, signal.Source(form.Get(name)))
		case "marking":
			f.Options = v.markingOptions(form.Get(name))
		}
		c.Fields = append(c.Fields, f)
	}
	return r.Conflict(w, c)
}

func (w words) markingOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, m := range access.Markings {
		out = append(out, parts.Option{Value: string(m), Text: string(m), Chosen: string(m) == chosen})
	}
	return out
}

func (w words) precisionOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, x := range health.Precisions {
		out = append(out, parts.Option{Value: string(x), Text: w.T("precision." + string(x)), Chosen: string(x) == chosen})
	}
	return out
}

func languageOptions(chosen string) []parts.Option {
	var out []parts.Option
	known := false
	for _, l := range locale.Languages() {
		out = append(out, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == chosen})
		known = known || l.Code == chosen
	}
	if !known && chosen != "" {
		out = append(out, parts.Option{Value: chosen, Text: chosen, Chosen: true})
	}
	return out
}

// sources are those that a person may enter, and the one that the signal has.
func (v formView) sources() []parts.Option {
	chosen := signal.Source(v.Form.Get("source"))
	list := signal.Recordable
	if chosen == signal.Indicator || chosen == signal.Imported {
		list = append(list[:len(list):len(list)], chosen)
	}
	return v.sourceOptions(list, chosen)
}
