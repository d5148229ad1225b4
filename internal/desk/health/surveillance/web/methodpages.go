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
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// methodsView is which method judges which disease.
type methodsView struct {
	words
	Head    parts.PageHead
	Tabs    []parts.Link
	Methods []surveillance.MethodView
	May     bool
}

func (g *Pages) methodList(w http.ResponseWriter, r *shell.Request) error {
	v := methodsView{words: words{r.Printer}, May: surveillance.MayImport(r.Actor)}
	var err error
	if v.Methods, err = g.desk.MethodList(r.Context(), r.Actor); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.methods.title"), Lede: v.T("surveillance.methods.lede"), Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.alarms.title"), Href: alarmsPath})}
	if v.May {
		v.Head.Actions = []parts.Button{{Text: v.T("surveillance.method.new"), Icon: "plus", Kind: parts.Primary, Href: methodsPath + "/new"}}
	}
	v.Tabs = v.scanTabs("methods")
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"methods"}}, methodsPage(v))
}

func (v methodsView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.methods.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.disease")}, {Text: v.T("surveillance.field.resolution")},
		{Text: v.T("surveillance.method.number"), Number: true}, {Text: v.T("surveillance.import.state")}, {Text: v.T("surveillance.alarm.method")}, {Text: v.T("surveillance.method.basis")}}}
	for _, m := range v.Methods {
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.methodDisease(m.Disease), Href: methodPath(m.ID)}, {Text: v.T("surveillance.resolution." + string(m.Resolution))}, {Text: str(int(m.Number))},
			{Text: v.T("surveillance.state." + string(m.State))}, {Text: v.algorithm(m.Settings.Algorithm)}, {Text: m.Basis}})
	}
	return t
}

// defaults are the built-in methods with their sources.
func (v methodsView) defaults() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.method.defaults"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.resolution")}, {Text: v.T("surveillance.alarm.method")},
		{Text: v.T("surveillance.method.settings")}, {Text: v.T("surveillance.method.basis")}}}
	for _, r := range resolutions {
		s, _ := surveillance.DefaultSettings(r)
		var text []string
		for _, d := range v.settings(s)[1:] {
			text = append(text, d.Term+" "+d.Text)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.T("surveillance.resolution." + string(r))}, {Text: v.algorithm(s.Algorithm)}, {Text: strings.Join(text, "; ")}, {Text: surveillance.DefaultBasis(r)}})
	}
	return t
}

var resolutions = []surveillance.Resolution{surveillance.Weekly, surveillance.Monthly, surveillance.Daily}

// methodView is one version.
type methodView struct {
	words
	Head   parts.PageHead
	M      surveillance.MethodView
	Facts  []parts.Definition
	Offers []workflow.Offer
}

func (g *Pages) method(w http.ResponseWriter, r *shell.Request) error {
	mid, err := r.PathID("id")
	if err != nil {
		return err
	}
	v := methodView{words: words{r.Printer}}
	if v.M, err = g.desk.MethodPage(r.Context(), r.Actor, mid); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.method.title", "disease", v.methodDisease(v.M.Disease), "resolution", v.T("surveillance.resolution."+string(v.M.Resolution)), "number", v.M.Number),
		Crumbs: v.scanCrumbs(parts.Link{Text: v.T("surveillance.methods.title"), Href: methodsPath}), Lede: v.T("surveillance.state." + string(v.M.State))}
	for _, o := range v.M.Offers {
		if o.Verb == "edit" {
			v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("surveillance.method.edit"), Icon: "pencil", Href: methodPath(mid) + "/edit"})
			continue
		}
		v.Offers = append(v.Offers, o)
	}
	v.Facts = append(v.settings(v.M.Settings), parts.Definition{Term: v.T("surveillance.method.basis"), Text: v.M.Basis},
		parts.Definition{Term: v.T("surveillance.method.proposed"), Text: v.T("surveillance.method.by", "post", v.M.Proposed.Post, "at", v.Stamp(v.M.Proposed.At))})
	if !v.M.Confirmed.At.IsZero() {
		v.Facts = append(v.Facts, parts.Definition{Term: v.T("surveillance.method.confirmed"), Text: v.T("surveillance.method.by", "post", v.M.Confirmed.Post, "at", v.Stamp(v.M.Confirmed.At))})
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"method:" + string(mid)}}, methodPageOf(v))
}

// step is the button of an offer, with the sentences of what is still missing.
func (v methodView) step(o workflow.Offer) parts.Button {
	b := parts.Button{Text: v.T("verb.surveillance.method." + string(o.Verb)), Post: methodPath(v.M.ID) + "/step/" + string(o.Verb), Name: "version", Value: str(v.M.Version)}
	for _, n := range o.Unmet {
		b.Unmet = append(b.Unmet, v.T("need."+n))
	}
	if o.Verb == "confirm" {
		b.Kind = parts.Primary
	}
	return b
}

func (g *Pages) stepMethod(w http.ResponseWriter, r *shell.Request) error {
	mid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if _, err := g.desk.StepMethod(r.Context(), r.Actor, mid, version(r.PostForm), workflow.Verb(r.PathValue("verb"))); err != nil {
		return err
	}
	r.Say(w, "surveillance.said.saved", nil)
	return r.Redirect(w, methodPath(mid))
}

// methodForm proposes or edits a version.
type methodForm struct {
	words
	Title     string
	Action    string
	Cancel    string
	Form      url.Values
	Errors    parts.Errors
	Algorithm surveillance.Algorithm
	Fixed     bool // disease and resolution stay
}

// newMethod shows the form of the algorithm that the address asks for, filled
// with what it usually begins with.
func (g *Pages) newMethod(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	res, alg := surveillance.Resolution(q.Get("resolution")), surveillance.Algorithm(q.Get("algorithm"))
	if !slices.Contains(resolutions, res) {
		res = surveillance.Weekly
	}
	if !slices.Contains(surveillance.Algorithms, alg) {
		s, _ := surveillance.DefaultSettings(res)
		alg = s.Algorithm
	}
	f := formOf(surveillance.WithDefaults(alg, res))
	f.Set("disease", q.Get("disease"))
	f.Set("resolution", string(res))
	return g.showMethod(w, r, http.StatusOK, methodForm{Title: "surveillance.method.new", Action: methodsPath + "/new", Cancel: methodsPath, Form: f}, nil)
}

func (g *Pages) showMethod(w http.ResponseWriter, r *shell.Request, status int, v methodForm, err error) error {
	v.words, v.Errors = words{r.Printer}, parts.ErrorsOf(r.Printer, err)
	v.Title, v.Algorithm = v.T(v.Title), surveillance.Algorithm(v.Form.Get("algorithm"))
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, methodFormPage(v))
}

// formOf are the settings as a form has them.
func formOf(s surveillance.Settings) url.Values {
	f := url.Values{"algorithm": {string(s.Algorithm)}, "threshold": {s.Threshold}}
	for _, x := range settingFields {
		switch {
		case x.whole != nil:
			f.Set(x.name, str(*x.whole(&s)))
		case x.real != nil:
			f.Set(x.name, plain(*x.real(&s)))
		case *x.tick(&s):
			f.Set(x.name, "1")
		}
	}
	for _, l := range s.Levels {
		f.Add("levels", str(l))
	}
	return f
}

// readMethod reads the form; what is no number becomes one that is refused
// with its own words.
func readMethod(f url.Values) surveillance.MethodInput {
	in := surveillance.MethodInput{Disease: f.Get("disease"), Resolution: surveillance.Resolution(f.Get("resolution")), Basis: f.Get("basis")}
	in.Settings.Algorithm, in.Settings.Threshold = surveillance.Algorithm(f.Get("algorithm")), f.Get("threshold")
	for _, x := range settingFields {
		text := strings.TrimSpace(f.Get(x.name))
		switch {
		case x.whole != nil:
			n, err := strconv.Atoi(text)
			if err != nil && x.reads(in.Settings.Algorithm) {
				n = -1
			}
			*x.whole(&in.Settings) = n
		case x.real != nil:
			n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
			if (err != nil || math.IsNaN(n)) && x.reads(in.Settings.Algorithm) {
				n = -1
			}
			*x.real(&in.Settings) = n
		default:
			*x.tick(&in.Settings) = text == "1"
		}
	}
	for _, l := range f["levels"] {
		if n, err := strconv.Atoi(l); err == nil {
			in.Settings.Levels = append(in.Settings.Levels, n)
		}
	}
	return in
}

func (g *Pages) propose(w http.ResponseWriter, r *shell.Request) error {
	m, err := g.desk.Propose(r.Context(), r.Actor, readMethod(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showMethod(w, r, http.StatusBadRequest, methodForm{Title: "surveillance.method.new", Action: methodsPath + "/new", Cancel: methodsPath, Form: r.PostForm}, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.proposed", nil)
	return r.Redirect(w, methodPath(m.ID))
}

func (g *Pages) editMethod(w http.ResponseWriter, r *shell.Request) error {
	mid, err := r.PathID("id")
	if err != nil {
		return err
	}
	m, err := g.desk.MethodPage(r.Context(), r.Actor, mid)
	if err != nil {
		return err
	}
	f := formOf(m.Settings)
	f.Set("disease", m.Disease)
	f.Set("resolution", string(m.Resolution))
	f.Set("basis", m.Basis)
	f.Set("version", str(m.Version))
	return g.showMethod(w, r, http.StatusOK, methodForm{Title: "surveillance.method.edit", Action: methodPath(mid) + "/edit", Cancel: methodPath(mid), Form: f, Fixed: true}, nil)
}

func (g *Pages) saveMethod(w http.ResponseWriter, r *shell.Request) error {
	mid, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.EditMethod(r.Context(), r.Actor, mid, version(r.PostForm), readMethod(r.PostForm))
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return g.showMethod(w, r, shell.Status(err), methodForm{Title: "surveillance.method.edit", Action: methodPath(mid) + "/edit", Cancel: methodPath(mid), Form: r.PostForm, Fixed: true}, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.saved", nil)
	return r.Redirect(w, methodPath(mid))
}

// field names its fault after what the desk calls it.
func (v methodForm) field(name string, optional bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("surveillance.set." + name), Error: v.Errors.Of(name), Required: !optional, Optional: optional}
	if v.Has("surveillance.set." + name + ".hint") {
		f.Hint = v.T("surveillance.set." + name + ".hint")
	}
	return f
}

func (v methodForm) options(name string, values []string, text func(string) string) []parts.Option {
	var out []parts.Option
	for _, x := range values {
		out = append(out, parts.Option{Value: x, Text: text(x), Chosen: slices.Contains(v.Form[name], x)})
	}
	return out
}

func (v methodForm) diseases() []parts.Option {
	values := []string{}
	for _, h := range health.Hazards {
		values = append(values, h.Key)
	}
	out := v.options("disease", values, v.diseaseName)
	slices.SortFunc(out, func(a, b parts.Option) int { return compareText(a.Text, b.Text) })
	return out
}

func (v methodForm) algorithms() []parts.Option {
	var values []string
	for _, a := range surveillance.Algorithms {
		values = append(values, string(a))
	}
	return v.options("algorithm", values, func(a string) string { return v.algorithm(surveillance.Algorithm(a)) })
}

func (v methodForm) resolutions() []parts.Option {
	var values []string
	for _, r := range resolutions {
		values = append(values, string(r))
	}
	return v.options("resolution", values, func(r string) string { return v.T("surveillance.resolution." + r) })
}

func (v methodForm) thresholds() []parts.Option {
	return v.options("threshold", surveillance.ThresholdKinds, func(k string) string { return v.T("surveillance.threshold." + k) })
}

func (v methodForm) levels() []parts.Option {
	return v.options("levels", []string{"0", "1", "2"}, func(l string) string { return v.T("surveillance.level." + l) })
}

// ticks and inputs are the fields that the algorithm reads.
func (v methodForm) inputs() []parts.Input {
	var out []parts.Input
	for _, f := range settingFields {
		if f.tick == nil && f.reads(v.Algorithm) {
			mode := "decimal"
			if f.whole != nil {
				mode = "numeric"
			}
			out = append(out, parts.Input{Field: v.field(f.name, false), Value: v.Form.Get(f.name), InputMode: mode, Width: "short"})
		}
	}
	return out
}

func (v methodForm) ticks() []parts.Option {
	var out []parts.Option
	for _, f := range settingFields {
		if f.tick != nil && f.reads(v.Algorithm) {
			out = append(out, parts.Option{Value: f.name, Text: v.T("surveillance.set." + f.name), Chosen: v.Form.Get(f.name) == "1"})
		}
	}
	return out
}
