package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"lintas/internal/access"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// homeView is the list of datasets and what waits.
type homeView struct {
	words
	Head    parts.PageHead
	Sets    []surveillance.DatasetView
	Waiting []surveillance.ImportView
}

func (g *Pages) home(w http.ResponseWriter, r *shell.Request) error {
	v := homeView{words: words{r.Printer}}
	var err error
	if v.Sets, err = g.desk.Datasets(r.Context(), r.Actor); err != nil {
		return err
	}
	if v.Waiting, err = g.desk.WaitingImports(r.Context(), r.Actor); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.title"), Lede: v.T("surveillance.lede")}
	if surveillance.MayImport(r.Actor) {
		v.Head.Actions = []parts.Button{{Text: v.T("surveillance.dataset.new"), Icon: "plus", Kind: parts.Primary, Href: "/surveillance/datasets/new"},
			{Text: v.T("surveillance.names.title"), Icon: "map-pin", Href: "/surveillance/names"}}
	}
	v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("surveillance.alarms.title"), Icon: "activity", Href: alarmsPath}, parts.Button{Text: v.T("surveillance.region.title"), Icon: "network", Href: regionPath}, parts.Button{Text: v.T("surveillance.share.title"), Icon: "send", Href: sharesPath},
		parts.Button{Text: v.T("surveillance.places.title"), Icon: "map", Href: "/surveillance/places"})
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, homePage(v))
}

// datasetView is one dataset.
type datasetView struct {
	words
	Head parts.PageHead
	surveillance.DatasetPage
}

func (g *Pages) dataset(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := datasetView{words: words{r.Printer}}
	if v.DatasetPage, err = g.desk.Dataset(r.Context(), r.Actor, sid); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.Title, Lede: v.Source, Note: v.Terms, Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}}}
	if v.MayEdit {
		if v.State == surveillance.Open {
			v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("surveillance.import.new"), Icon: "upload", Kind: parts.Primary, Href: datasetPath(v.ID) + "/import"},
				parts.Button{Text: v.T("surveillance.dataset.edit"), Icon: "pencil", Href: datasetPath(v.ID) + "/edit"})
		}
	}
	return r.Show(w, shell.Page{Title: v.Title, Marking: string(v.Marking), Topics: []string{"dataset:" + string(v.ID), "desk"}}, datasetPage(v))
}

// facts are the definition list of a dataset.
func (v datasetView) facts() []parts.Definition {
	out := []parts.Definition{
		{Term: v.T("surveillance.field.measure"), Text: v.T("surveillance.measure." + string(v.Measure))},
		{Term: v.T("surveillance.field.resolution"), Text: v.calendar(v.Calendar)},
		{Term: v.T("surveillance.field.reach"), Text: v.span(v.DatasetView)},
		{Term: v.T("surveillance.field.series"), Text: v.Number(v.Front.Series)},
		{Term: v.T("surveillance.field.revision"), Text: v.revision()},
	}
	if v.Late > 0 {
		out = append(out, parts.Definition{Term: v.T("surveillance.field.late"), Text: v.T("surveillance.late.text", "n", v.Late)})
	}
	return out
}

// Number resolves the two that are embedded.
func (v datasetView) Number(n int64) string { return v.words.Number(n) }

func (v datasetView) revision() string {
	if v.Front.Empty() {
		return v.T("surveillance.dataset.empty")
	}
	return v.T("surveillance.revision.of", "rev", v.Front.Rev, "date", v.Stamp(v.Front.KnownAt))
}

// datasetForm describes or edits a dataset.
type datasetForm struct {
	words
	Title  string
	Action string
	Cancel string
	Form   url.Values
	Fixed  bool // holds data: calendar and measure stay
	Errors parts.Errors
}

func (g *Pages) newDataset(w http.ResponseWriter, r *shell.Request) error {
	return g.showDataset(w, r, http.StatusOK, datasetForm{Action: "/surveillance/datasets/new", Cancel: "/surveillance", Title: "surveillance.dataset.new",
		Form: url.Values{"measure": {"cases"}, "calendar": {"week.iso"}, "marking": {string(access.TLPAmber)}}}, nil)
}

func (g *Pages) showDataset(w http.ResponseWriter, r *shell.Request, status int, v datasetForm, err error) error {
	v.words, v.Errors = words{r.Printer}, parts.ErrorsOf(r.Printer, err)
	v.Title = v.T(v.Title)
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, datasetFormPage(v))
}

func readDataset(f url.Values) surveillance.DatasetInput {
	in := surveillance.DatasetInput{Title: f.Get("title"), Source: f.Get("source"), Terms: f.Get("terms"),
		Measure: surveillance.Measure(f.Get("measure")), Marking: access.Marking(f.Get("marking"))}
	i := slices.IndexFunc(calendars, func(c surveillance.Calendar) bool { return calendarKey(c) == f.Get("calendar") })
	if i >= 0 {
		in.Calendar = calendars[i]
	}
	if s := f.Get("late"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			n = -1 // refused with its own words
		}
		in.Late = n
	}
	return in
}

var calendars = []surveillance.Calendar{{Resolution: surveillance.Weekly, Weeks: surveillance.ISOWeeks}, {Resolution: surveillance.Weekly, Weeks: surveillance.SundayWeeks},
	{Resolution: surveillance.Monthly}, {Resolution: surveillance.Daily}, {Resolution: surveillance.Yearly}}

func calendarKey(c surveillance.Calendar) string {
	if c.Weeks == "" {
		return string(c.Resolution)
	}
	return string(c.Resolution) + "." + string(c.Weeks)
}

func (g *Pages) describe(w http.ResponseWriter, r *shell.Request) error {
	s, err := g.desk.Describe(r.Context(), r.Actor, readDataset(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showDataset(w, r, http.StatusBadRequest, datasetForm{Action: "/surveillance/datasets/new", Cancel: "/surveillance", Title: "surveillance.dataset.new", Form: r.PostForm}, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.described", nil)
	return r.Redirect(w, datasetPath(s.ID))
}

func (g *Pages) editDataset(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Dataset(r.Context(), r.Actor, sid)
	if err != nil {
		return err
	}
	f := url.Values{"title": {p.Title}, "source": {p.Source}, "terms": {p.Terms}, "measure": {string(p.Measure)}, "calendar": {calendarKey(p.Calendar)},
		"late": {str(p.Late)}, "marking": {string(p.Marking)}, "version": {str(p.Version)}}
	return g.showDataset(w, r, http.StatusOK, editForm(p, f), nil)
}

func editForm(p surveillance.DatasetPage, f url.Values) datasetForm {
	return datasetForm{Action: datasetPath(p.ID) + "/edit", Cancel: datasetPath(p.ID), Title: "surveillance.dataset.edit", Form: f, Fixed: !p.Front.Empty()}
}

func (g *Pages) saveDataset(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.EditDataset(r.Context(), r.Actor, sid, version(r.PostForm), readDataset(r.PostForm))
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		p, perr := g.desk.Dataset(r.Context(), r.Actor, sid)
		if perr != nil {
			return perr
		}
		return g.showDataset(w, r, shell.Status(err), editForm(p, r.PostForm), err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.saved", nil)
	return r.Redirect(w, datasetPath(sid))
}

func (g *Pages) stepDataset(w http.ResponseWriter, r *shell.Request) error {
	sid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if _, err := g.desk.StepDataset(r.Context(), r.Actor, sid, version(r.PostForm), workflow.Verb(r.PathValue("verb"))); err != nil {
		return err
	}
	r.Say(w, "surveillance.said.saved", nil)
	return r.Redirect(w, datasetPath(sid))
}

func (v datasetForm) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("surveillance.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("surveillance.hint." + name) {
		f.Hint = v.T("surveillance.hint." + name)
	}
	return f
}

func (v datasetForm) measures() []parts.Option {
	var out []parts.Option
	for _, m := range surveillance.Measures {
		out = append(out, parts.Option{Value: string(m), Text: v.T("surveillance.measure." + string(m)), Chosen: v.Form.Get("measure") == string(m), Disabled: v.Fixed && v.Form.Get("measure") != string(m)})
	}
	return out
}

func (v datasetForm) calendars() []parts.Option {
	var out []parts.Option
	for _, c := range calendars {
		k := calendarKey(c)
		out = append(out, parts.Option{Value: k, Text: v.calendar(c), Chosen: v.Form.Get("calendar") == k, Disabled: v.Fixed && v.Form.Get("calendar") != k})
	}
	return out
}

func (v datasetForm) markings() []parts.Option {
	var out []parts.Option
	for _, m := range access.Markings {
		out = append(out, parts.Option{Value: string(m), Text: string(m), Chosen: v.Form.Get("marking") == string(m)})
	}
	return out
}
