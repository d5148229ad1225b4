package web

import (
	"net/http"
	"net/url"
	"strconv"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// formView is the form of the seven actions, pauses, bottlenecks and enablers.
// It is filled from what was posted, so that nothing that was typed is lost.
type formView struct {
	words
	P       timeliness.Page
	Form    url.Values
	Errors  parts.Errors
	Pauses  int
	Factors int
}

func (v formView) get(name string) string { return v.Form.Get(name) }

func (v formView) field(name, label string) parts.Field {
	return parts.Field{Name: name, Label: label, Error: v.Errors.Of(name)}
}

func rowName(kind string, i int, field string) string { return kind + "." + str(i) + "." + field }

// counted is how many rows of a kind the form has.
func counted(f url.Values, kind string, most int) int {
	n, err := strconv.Atoi(f.Get(kind + "s"))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, most)
}

func (g *Pages) edit(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.page(r)
	if err == nil {
		err = offered(p, "edit")
	}
	if err != nil {
		return err
	}
	return g.showForm(w, r, http.StatusOK, p, values(p), nil)
}

func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, status int, p timeliness.Page, form url.Values, err error) error {
	v := formView{words: g.words(r), P: p, Form: form, Errors: parts.ErrorsOf(r.Printer, err), Pauses: counted(form, "pause", timeliness.MaxPauses), Factors: counted(form, "factor", timeliness.MaxFactors)}
	filled := map[string][]int{}
	for _, kind := range []string{"pause", "factor"} {
		for i := range counted(form, kind, timeliness.MaxFactors) {
			if !emptyRow(form, kind, i) {
				filled[kind] = append(filled[kind], i)
			}
		}
	}
	for i, item := range v.Errors.Items { // a fault of a row goes to the input of that row
		for kind, rows := range filled {
			if n := len(kind) + 1; item.Row >= 1 && item.Row <= len(rows) && len(item.Name) > n && item.Name[:n] == kind+"." {
				v.Errors.Items[i].Name = rowName(kind, rows[item.Row-1], item.Name[n:])
			}
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("timeliness.form.title"), Marking: string(p.Marking)}, formPage(v))
}

func emptyRow(f url.Values, kind string, i int) bool {
	if kind == "pause" {
		return f.Get(rowName(kind, i, "from")) == "" && f.Get(rowName(kind, i, "to")) == "" && text(f.Get(rowName(kind, i, "reason"))) == ""
	}
	return text(f.Get(rowName(kind, i, "text"))) == "" && text(f.Get(rowName(kind, i, "action"))) == ""
}

func values(p timeliness.Page) url.Values {
	f := url.Values{"version": {str(p.Version)}, "pauses": {str(len(p.Pauses))}, "factors": {str(len(p.Factors) + 1)}}
	for _, a := range p.Actions {
		name := "action." + string(a.Key)
		f.Set(name+".answer", string(a.Answer))
		f.Set(name+".on", a.On.On)
		f.Set(name+".on_precision", string(a.On.Precision))
		f.Set(name+".evidence", a.Evidence)
	}
	for i, x := range p.Pauses {
		for field, v := range map[string]string{"clock": string(x.Clock), "from": x.From, "to": x.To, "reason": x.Reason} {
			f.Set(rowName("pause", i, field), v)
		}
	}
	for i, x := range p.Factors {
		kind := "bottleneck"
		if x.Enabler {
			kind = "enabler"
		}
		for field, v := range map[string]string{"kind": kind, "clock": string(x.Clock), "category": x.Category, "text": x.Text, "action": x.Action, "horizon": x.Horizon} {
			f.Set(rowName("factor", i, field), v)
		}
	}
	return f
}

func input(f url.Values) timeliness.Input {
	var in timeliness.Input
	for _, k := range timeliness.ActionKeys {
		name := "action." + string(k)
		a := timeliness.Action{Key: k, Answer: timeliness.Answer(f.Get(name + ".answer")), Evidence: text(f.Get(name + ".evidence"))}
		if on := text(f.Get(name + ".on")); on != "" {
			a.On = health.Date{On: on, Precision: health.Precision(f.Get(name + ".on_precision"))}
			if a.On.Precision == "" {
				a.On.Precision = health.Day
			}
		}
		in.Actions = append(in.Actions, a)
	}
	for i := range counted(f, "pause", timeliness.MaxPauses) {
		if !emptyRow(f, "pause", i) {
			in.Pauses = append(in.Pauses, timeliness.Pause{Clock: timeliness.Clock(f.Get(rowName("pause", i, "clock"))), From: f.Get(rowName("pause", i, "from")),
				To: f.Get(rowName("pause", i, "to")), Reason: text(f.Get(rowName("pause", i, "reason")))})
		}
	}
	for i := range counted(f, "factor", timeliness.MaxFactors) {
		if !emptyRow(f, "factor", i) {
			get := func(field string) string { return text(f.Get(rowName("factor", i, field))) }
			in.Factors = append(in.Factors, timeliness.Factor{Enabler: get("kind") == "enabler", Clock: timeliness.Clock(get("clock")), Category: get("category"),
				Text: get("text"), Action: get("action"), Horizon: get("horizon")})
		}
	}
	return in
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.page(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	if kind := form.Get("do"); kind == "pause" || kind == "factor" {
		form.Set(kind+"s", str(min(counted(form, kind, timeliness.MaxFactors)+1, timeliness.MaxFactors)))
		return g.showForm(w, r, http.StatusOK, p, form, nil)
	}
	_, err = g.desk.Save(r.Context(), r.Actor, p.Event, version(form.Get("version")), input(form))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showForm(w, r, http.StatusBadRequest, p, form, err)
	case fault.Is(err, fault.Conflict) && offered(p, "edit") == nil:
		// what was typed stays; the next press overwrites knowingly
		form.Set("version", str(p.Version))
		return g.showForm(w, r, http.StatusConflict, p, form, err)
	case err != nil:
		return err
	}
	r.Say(w, "timeliness.said.saved", nil)
	return r.Redirect(w, path(p.Event))
}

func (v formView) clocks(name string) parts.Select {
	s := parts.Select{Field: v.field(name, v.T("timeliness.clock"))}
	for _, c := range timeliness.Clocks {
		s.Options = append(s.Options, parts.Option{Value: string(c), Text: v.T("timeliness.clock." + string(c)), Chosen: string(c) == v.get(name)})
	}
	return s
}

func (v formView) answers(name string) parts.Select {
	s := parts.Select{Field: v.field(name, v.T("timeliness.answer")), Blank: v.T("timeliness.answer.none")}
	for _, a := range timeliness.Answers {
		s.Options = append(s.Options, parts.Option{Value: string(a), Text: v.T("timeliness.answer." + string(a)), Chosen: string(a) == v.get(name)})
	}
	return s
}

func (v formView) categories(name string) parts.Select {
	s := parts.Select{Field: v.field(name, v.T("timeliness.category")), Blank: v.T("health.form.choose")}
	for _, c := range timeliness.Categories {
		s.Options = append(s.Options, parts.Option{Value: c, Text: v.category(c), Chosen: c == v.get(name)})
	}
	return s
}

func (v formView) kinds(name string) parts.Select {
	s := parts.Select{Field: v.field(name, v.T("timeliness.kind"))}
	for _, k := range []string{"bottleneck", "enabler"} {
		s.Options = append(s.Options, parts.Option{Value: k, Text: v.T("timeliness.kind." + k), Chosen: k == v.get(name)})
	}
	return s
}

func (v formView) horizons(name string) parts.Select {
	s := parts.Select{Field: v.field(name, v.T("timeliness.horizon")), Blank: v.T("health.grid.none")}
	for _, h := range timeliness.Horizons {
		s.Options = append(s.Options, parts.Option{Value: h, Text: v.T("timeliness.horizon." + h), Chosen: h == v.get(name)})
	}
	return s
}
