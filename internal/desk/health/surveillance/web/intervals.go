package web

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

const intervalsPath = "/surveillance/intervals"

func intervalPath(i id.ID) string { return intervalsPath + "/" + url.PathEscape(string(i)) }

// intervalRoutes are the pages of serial intervals.
func (g *Pages) intervalRoutes(m *shell.Mux) {
	m.Page("GET "+intervalsPath, g.reader(g.intervals))
	m.Page("GET "+intervalsPath+"/new", g.importer(g.newInterval))
	m.Page("POST "+intervalsPath+"/new", g.importer(g.proposeInterval))
	m.Page("GET "+intervalsPath+"/{id}", g.reader(g.interval))
	m.Page("GET "+intervalsPath+"/{id}/edit", g.importer(g.editInterval))
	m.Page("POST "+intervalsPath+"/{id}/edit", g.importer(g.saveInterval))
	m.Page("POST "+intervalsPath+"/{id}/step/{verb}", g.reader(g.stepInterval))
}

// intervalsView is which serial interval the reproduction number of a disease
// is computed with.
type intervalsView struct {
	words
	Head    parts.PageHead
	Tabs    []parts.Link
	Own     []surveillance.IntervalView
	BuiltIn []surveillance.IntervalView
}

func (g *Pages) intervals(w http.ResponseWriter, r *shell.Request) error {
	v := intervalsView{words: words{r.Printer}}
	var err error
	if v.Own, v.BuiltIn, err = g.desk.IntervalList(r.Context(), r.Actor); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.intervals.title"), Lede: v.T("surveillance.intervals.lede"), Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.alarms.title"), Href: alarmsPath})}
	if surveillance.MayImport(r.Actor) {
		v.Head.Actions = []parts.Button{{Text: v.T("surveillance.interval.new"), Icon: "plus", Kind: parts.Primary, Href: intervalsPath + "/new"}}
	}
	v.Tabs = v.scanTabs("intervals")
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"intervals"}}, intervalsPage(v))
}

func (v intervalsView) table(list []surveillance.IntervalView, caption string) parts.Table {
	t := parts.Table{Caption: caption, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.disease")}, {Text: v.T("surveillance.import.state")},
		{Text: v.T("surveillance.interval.mean"), Number: true}, {Text: v.T("surveillance.interval.sd"), Number: true}, {Text: v.T("surveillance.interval.source")}}}
	for _, i := range list {
		name := parts.Cell{Text: v.diseaseName(i.Disease)}
		state := v.T("surveillance.method.default")
		if i.ID != "" {
			name.Href, name.Note = intervalPath(i.ID), v.intervalVersion(i.Number)
			state = v.T("surveillance.state." + string(i.State))
		}
		sd := parts.Cell{Text: v.Decimal(i.SD, 1)}
		if i.Assumed {
			sd.Note = v.T("surveillance.interval.assumed.short")
		}
		t.Rows = append(t.Rows, []parts.Cell{name, {Text: state}, {Text: v.Decimal(i.Mean, 1)}, sd, {Text: i.Source}})
	}
	return t
}

// intervalVersion is "version 2", or that it is the built-in one.
func (w words) intervalVersion(number int64) string {
	if number == 0 {
		return w.T("surveillance.method.default")
	}
	return w.T("surveillance.method.version", "number", number)
}

// intervalView is one version.
type intervalView struct {
	words
	Head   parts.PageHead
	I      surveillance.IntervalView
	Facts  []parts.Definition
	Offers []workflow.Offer
}

func (g *Pages) interval(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := intervalView{words: words{r.Printer}}
	if v.I, err = g.desk.IntervalPage(r.Context(), r.Actor, iid); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.interval.title", "disease", v.diseaseName(v.I.Disease), "number", v.I.Number), Lede: v.T("surveillance.state." + string(v.I.State)),
		Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.intervals.title"), Href: intervalsPath})}
	for _, o := range v.I.Offers {
		if o.Verb == "edit" {
			v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("surveillance.method.edit"), Icon: "pencil", Href: intervalPath(iid) + "/edit"})
			continue
		}
		v.Offers = append(v.Offers, o)
	}
	sd := v.T("surveillance.interval.days", "n", v.Decimal(v.I.SD, 1))
	if v.I.Assumed {
		sd += " (" + v.T("surveillance.interval.assumed.short") + ")"
	}
	v.Facts = []parts.Definition{{Term: v.T("surveillance.interval.mean"), Text: v.T("surveillance.interval.days", "n", v.Decimal(v.I.Mean, 1))}, {Term: v.T("surveillance.interval.sd"), Text: sd},
		{Term: v.T("surveillance.interval.source"), Text: v.I.Source},
		{Term: v.T("surveillance.method.proposed"), Text: v.T("surveillance.method.by", "post", v.I.Proposed.Post, "at", v.Stamp(v.I.Proposed.At))}}
	if !v.I.Confirmed.At.IsZero() {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("surveillance.method.confirmed"), Text: v.T("surveillance.method.by", "post", v.I.Confirmed.Post, "at", v.Stamp(v.I.Confirmed.At))})
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"interval:" + string(iid)}}, intervalPageOf(v))
}

// step is the button of an offer, with the sentences of what is still missing.
func (v intervalView) step(o workflow.Offer) parts.Button {
	b := parts.Button{Text: v.T("verb.surveillance.method." + string(o.Verb)), Post: intervalPath(v.I.ID) + "/step/" + string(o.Verb), Name: "version", Value: str(v.I.Version)}
	for _, n := range o.Unmet {
		b.Unmet = append(b.Unmet, v.T("need."+n))
	}
	if o.Verb == "confirm" {
		b.Kind = parts.Primary
	}
	return b
}

func (g *Pages) stepInterval(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if _, err := g.desk.StepInterval(r.Context(), r.Actor, iid, version(r.PostForm), workflow.Verb(r.PathValue("verb"))); err != nil {
		return err
	}
	r.Say(w, "surveillance.said.saved", nil)
	return r.Redirect(w, intervalPath(iid))
}

// intervalForm proposes or edits a version.
type intervalForm struct {
	words
	Title, Action, Cancel string
	Form                  url.Values
	Errors                parts.Errors
	Fixed                 bool // the disease stays
}

func (g *Pages) newInterval(w http.ResponseWriter, r *shell.Request) error {
	f := url.Values{"disease": {r.URL.Query().Get("disease")}}
	if s, ok := surveillance.SerialIntervalOf(f.Get("disease")); ok {
		f.Set("mean", plain(s.Mean))
		f.Set("sd", plain(s.SD))
	}
	return g.showInterval(w, r, http.StatusOK, intervalForm{Title: "surveillance.interval.new", Action: intervalsPath + "/new", Cancel: intervalsPath, Form: f}, nil)
}

func (g *Pages) showInterval(w http.ResponseWriter, r *shell.Request, status int, v intervalForm, err error) error {
	v.words, v.Errors = words{r.Printer}, parts.ErrorsOf(r.Printer, err)
	v.Title = v.T(v.Title)
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, intervalFormPage(v))
}

func (v intervalForm) field(name string) parts.Field {
	f := parts.Field{Name: name, Label: v.T("surveillance.interval." + name), Error: v.Errors.Of(name), Required: true}
	if v.Has("surveillance.interval." + name + ".hint") {
		f.Hint = v.T("surveillance.interval." + name + ".hint")
	}
	return f
}

func (v intervalForm) diseases() []parts.Option {
	var out []parts.Option
	for _, h := range health.Hazards {
		out = append(out, parts.Option{Value: h.Key, Text: v.diseaseName(h.Key), Chosen: v.Form.Get("disease") == h.Key})
	}
	slices.SortFunc(out, func(a, b parts.Option) int { return compareText(a.Text, b.Text) })
	return out
}

// readInterval reads the form; what is no number is refused with the words of
// its field.
func readInterval(f url.Values) surveillance.SerialInterval {
	days := func(name string) float64 {
		x, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(f.Get(name)), ",", ".", 1), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return -1
		}
		return x
	}
	return surveillance.SerialInterval{Disease: f.Get("disease"), Mean: days("mean"), SD: days("sd"), Source: f.Get("source"), Assumed: f.Get("assumed") == "1"}
}

func (g *Pages) proposeInterval(w http.ResponseWriter, r *shell.Request) error {
	i, err := g.desk.ProposeInterval(r.Context(), r.Actor, readInterval(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showInterval(w, r, http.StatusBadRequest, intervalForm{Title: "surveillance.interval.new", Action: intervalsPath + "/new", Cancel: intervalsPath, Form: r.PostForm}, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.proposed", nil)
	return r.Redirect(w, intervalPath(i.ID))
}

func (g *Pages) editInterval(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	i, err := g.desk.IntervalPage(r.Context(), r.Actor, iid)
	if err != nil {
		return err
	}
	f := url.Values{"disease": {i.Disease}, "mean": {plain(i.Mean)}, "sd": {plain(i.SD)}, "source": {i.Source}, "version": {str(i.Version)}}
	if i.Assumed {
		f.Set("assumed", "1")
	}
	return g.showInterval(w, r, http.StatusOK, intervalForm{Title: "surveillance.interval.edit", Action: intervalPath(iid) + "/edit", Cancel: intervalPath(iid), Form: f, Fixed: true}, nil)
}

func (g *Pages) saveInterval(w http.ResponseWriter, r *shell.Request) error {
	iid, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.EditInterval(r.Context(), r.Actor, iid, version(r.PostForm), readInterval(r.PostForm))
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return g.showInterval(w, r, shell.Status(err), intervalForm{Title: "surveillance.interval.edit", Action: intervalPath(iid) + "/edit", Cancel: intervalPath(iid), Form: r.PostForm, Fixed: true}, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.saved", nil)
	return r.Redirect(w, intervalPath(iid))
}
