package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/risk"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// A form is filled from what was posted, never from a half-parsed value, so
// that nothing that was typed is lost. The button that was pressed is "do":
// "save", or "row" for one more group of people.

// formView drafts or edits an assessment.
type formView struct {
	words
	Title, Lede, Action, Cancel string
	Errors                      parts.Errors
	Form                        url.Values
	Rows                        []groupRow
}

// groupRow is one population as it was typed.
type groupRow struct {
	N                                           int
	Group, Words, Likelihood, Consequence, Note string
}

func (r groupRow) name(field string) string { return "pop." + str(r.N) + "." + field }

func (r groupRow) empty() bool { return r.N > 0 && r.Group == "" }

const partFields = "hazard_part exposure_part context_part"

func (g *Pages) newAssessment(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	event, err := id.Parse(q.Get("event"))
	if err != nil {
		return fault.Wrap(fault.NotFound, "fault.web.no_page", err)
	}
	if !mayDraft(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "draft")
	}
	e, err := g.health.EventPage(r.Context(), r.Actor, event)
	if err != nil {
		return err
	}
	form := url.Values{"event": {string(event)}, "scope": {risk.National}, "lang": {r.Printer.Lang()}, "marking": {string(e.View.Marking)},
		"hours": {str(int(risk.AnswerDefault / time.Hour))}, "valid_until": {r.Now.UTC().AddDate(0, 0, 7).Format(time.DateOnly)},
		"rows": {"2"}, "title": {r.Printer.T("risk.form.suggest", "event", e.View.Name)}}
	if r.Actor.HasAny(access.SecretariatDsk) {
		form.Set("scope", risk.Regional)
	}
	if old, err := id.Parse(q.Get("supersedes")); err == nil {
		p, err := g.desk.AssessmentPage(r.Context(), r.Actor, old)
		if err != nil {
			return err
		}
		form = values(p)
		form.Del("version")
		form.Set("supersedes", string(old))
		form.Set("event", string(event))
		form.Set("valid_until", r.Now.UTC().AddDate(0, 0, 7).Format(time.DateOnly))
	}
	return g.showForm(w, r, http.StatusOK, g.draftForm(r, form, nil))
}

func (g *Pages) draftForm(r *shell.Request, form url.Values, err error) formView {
	v := g.form(r, form, err)
	v.Title, v.Lede, v.Action, v.Cancel = v.T("risk.form.new"), v.T("risk.form.lede"), base+"/new", "/health/events/"+url.PathEscape(form.Get("event"))
	return v
}

func (g *Pages) form(r *shell.Request, form url.Values, err error) formView {
	v := formView{words: g.words(r), Form: form, Rows: groupRows(form)}
	v.Errors = rowErrors(r.Printer, form, err)
	return v
}

// rowErrors names the inputs that the faults of rows belong to.
func rowErrors(p *locale.Printer, form url.Values, err error) parts.Errors {
	e := parts.ErrorsOf(p, err)
	filled := slices.DeleteFunc(groupRows(form), groupRow.empty)
	for i, item := range e.Items {
		if item.Row >= 1 && item.Row <= len(filled) {
			e.Items[i].Name = filled[item.Row-1].name(item.Name)
		}
	}
	return e
}

func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, status int, v formView) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

func moreRows(form url.Values) bool {
	if form.Get("do") != "row" {
		return false
	}
	form.Set("rows", str(min(rowCount(form)+1, risk.MaxPopulations)))
	return true
}

func (g *Pages) draft(w http.ResponseWriter, r *shell.Request) error {
	form := r.PostForm
	if moreRows(form) {
		return g.showForm(w, r, http.StatusOK, g.draftForm(r, form, nil))
	}
	event, err := id.Parse(form.Get("event"))
	if err != nil {
		return fault.Wrap(fault.NotFound, "fault.web.no_page", err)
	}
	a, err := g.desk.Draft(r.Context(), r.Actor, event, id.ID(form.Get("supersedes")), input(form))
	if fault.Is(err, fault.Invalid) {
		return g.showForm(w, r, http.StatusBadRequest, g.draftForm(r, form, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "risk.said.draft", nil)
	return r.Redirect(w, path(a.ID))
}

func (g *Pages) editAssessment(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.editable(r)
	if err != nil {
		return err
	}
	return g.showForm(w, r, http.StatusOK, g.editForm(r, p.View.ID, values(p), nil))
}

// editable loads an assessment and refuses, as the table would, who may not
// edit it now.
func (g *Pages) editable(r *shell.Request) (risk.Page, error) {
	aid, err := r.PathID("id")
	if err != nil {
		return risk.Page{}, err
	}
	p, err := g.desk.AssessmentPage(r.Context(), r.Actor, aid)
	if err != nil {
		return p, err
	}
	return p, refuse(p.Offers, p.Own, p.View.Owner, "edit")
}

func (g *Pages) editForm(r *shell.Request, aid id.ID, form url.Values, err error) formView {
	v := g.form(r, form, err)
	v.Title, v.Lede, v.Action, v.Cancel = v.T("risk.form.edit"), v.T("risk.form.lede"), path(aid)+"/edit", path(aid)
	return v
}

func (g *Pages) saveAssessment(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	form := r.PostForm
	if moreRows(form) {
		return g.showForm(w, r, http.StatusOK, g.editForm(r, aid, form, nil))
	}
	_, err = g.desk.Edit(r.Context(), r.Actor, aid, version(form), input(form))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showForm(w, r, http.StatusBadRequest, g.editForm(r, aid, form, err))
	case fault.Is(err, fault.Conflict):
		// What was typed stays; the form now carries the newer version.
		if p, e := g.editable(r); e == nil {
			form.Set("version", str(p.View.Version))
			return g.showForm(w, r, http.StatusConflict, g.editForm(r, aid, form, err))
		}
		return err
	case err != nil:
		return err
	}
	r.Say(w, "risk.said.saved", nil)
	return r.Redirect(w, path(aid))
}

func rowCount(f url.Values) int {
	n, err := strconv.Atoi(f.Get("rows"))
	if err != nil {
		return 1
	}
	return min(max(n, 1), risk.MaxPopulations)
}

func groupRows(f url.Values) []groupRow {
	out := make([]groupRow, rowCount(f))
	for i := range out {
		r := groupRow{N: i}
		r.Group, r.Words, r.Note = f.Get(r.name("group")), f.Get(r.name("words")), f.Get(r.name("note"))
		r.Likelihood, r.Consequence = f.Get(r.name("likelihood")), f.Get(r.name("consequence"))
		if i == 0 {
			r.Group = "general"
		}
		out[i] = r
	}
	return out
}

// input reads what was entered.
func input(f url.Values) risk.AssessmentInput {
	in := risk.AssessmentInput{Scope: f.Get("scope"), Title: f.Get("title"), Lang: f.Get("lang"), Questions: linesOf(f.Get("questions")),
		Unknowns: f["unknowns"], Confidence: risk.Confidence(f.Get("confidence")), Actions: linesOf(f.Get("actions")),
		Contributors: linesOf(f.Get("contributors")), Marking: access.Marking(f.Get("marking"))}
	for name, p := range map[string]*risk.Part{"hazard_part": &in.HazardPart, "exposure_part": &in.ExposurePart, "context_part": &in.ContextPart} {
		*p = risk.Part{Text: text(f.Get(name)), AsOf: f.Get(name + ".as_of"), Source: f.Get(name + ".source")}
	}
	for _, r := range groupRows(f) {
		if !r.empty() {
			in.Populations = append(in.Populations, risk.Population{Group: r.Group, Words: r.Words, Likelihood: risk.Likelihood(r.Likelihood),
				Consequence: risk.Consequence(r.Consequence), Note: r.Note})
		}
	}
	for _, m := range f["to"] {
		in.To = append(in.To, access.Member(m))
	}
	if t, err := time.Parse(time.DateOnly, f.Get("valid_until")); err == nil {
		in.ValidUntil = t.Add(24*time.Hour - time.Second) // the day is included
	}
	hours, err := strconv.Atoi(strings.TrimSpace(f.Get("hours")))
	if err != nil {
		hours = -1
	}
	in.AnswerWithin = time.Duration(hours) * time.Hour
	return in
}

func linesOf(s string) []string {
	var out []string
	for _, l := range strings.Split(text(s), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// values are those of the form for an assessment as it is.
func values(p risk.Page) url.Values {
	a := p.View
	f := url.Values{"version": {str(a.Version)}, "scope": {a.Scope}, "title": {a.Title}, "lang": {a.Lang}, "questions": {strings.Join(a.Questions, "\n")},
		"unknowns": a.Unknowns, "confidence": {string(a.Confidence)}, "actions": {strings.Join(a.Actions, "\n")}, "contributors": {strings.Join(a.Contributors, "\n")},
		"marking": {string(a.Marking)}, "hours": {str(p.Hours)}, "rows": {str(max(len(a.Populations), 1))}}
	if !a.ValidUntil.IsZero() {
		f.Set("valid_until", a.ValidUntil.UTC().Format(time.DateOnly))
	}
	for name, x := range map[string]risk.Part{"hazard_part": a.HazardPart, "exposure_part": a.ExposurePart, "context_part": a.ContextPart} {
		f.Set(name, x.Text)
		f.Set(name+".as_of", x.AsOf)
		f.Set(name+".source", x.Source)
	}
	for i, x := range a.Populations {
		r := groupRow{N: i}
		f.Set(r.name("group"), x.Group)
		f.Set(r.name("words"), x.Words)
		f.Set(r.name("likelihood"), string(x.Likelihood))
		f.Set(r.name("consequence"), string(x.Consequence))
		f.Set(r.name("note"), x.Note)
	}
	for _, m := range a.To {
		f.Add("to", string(m))
	}
	return f
}

// field is an input with its words: the label is "risk.field.x", the hint
// "risk.hint.x" where there is one.
func (w words) field(errs parts.Errors, name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: w.T("risk.field." + name), Error: errs.Of(name), Required: required, Optional: !required}
	if hint := "risk.hint." + name; w.Has(hint) {
		f.Hint = w.T(hint)
	}
	return f
}

func (v formView) field(name string, required bool) parts.Field {
	return v.words.field(v.Errors, name, required)
}

// part is an input beside one of the three texts.
func (v formView) part(name, of string) parts.Field {
	return parts.Field{Name: name + "." + of, Label: v.T("risk.part." + of), Error: v.Errors.Of(name + "." + of)}
}

func (v formView) row(r groupRow, field string) parts.Field {
	return parts.Field{Name: r.name(field), Label: v.T("risk.col." + field), Error: v.Errors.Of(r.name(field))}
}

func (w words) likelihoods(chosen string) []parts.Option {
	return options(append([]risk.Likelihood{risk.Unknown}, risk.Likelihoods...), risk.Likelihood(chosen), func(l risk.Likelihood) string {
		if l == risk.Unknown {
			return w.likelihood(l)
		}
		return w.band(l)
	})
}

func (w words) consequences(chosen string) []parts.Option {
	return options(append([]risk.Consequence{risk.Unknown}, risk.Consequences...), risk.Consequence(chosen), w.consequence)
}

func (w words) unknownOptions(chosen []string) []parts.Option {
	var out []parts.Option
	for _, u := range risk.Current().Unknowns() {
		scale, steps := risk.Current().Raises(u)
		out = append(out, parts.Option{Value: u, Text: w.T("risk.unknown." + u), Hint: w.T("risk.raises."+scale, "n", steps), Chosen: slices.Contains(chosen, u)})
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

func (w words) markingOptions(chosen string) []parts.Option {
	return options(access.Markings, access.Marking(chosen), func(m access.Marking) string { return string(m) })
}

func languageOptions(chosen string) []parts.Option {
	var out []parts.Option
	for _, l := range locale.Languages() {
		out = append(out, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == chosen})
	}
	return out
}

func (w words) groupOptions(r groupRow) []parts.Option {
	return options(risk.Groups, r.Group, func(s string) string { return w.T("risk.group." + s) })
}

// unknowns are those of an assessment in words.
func (v pageView) unknowns() []string {
	var out []string
	for _, u := range v.A.Unknowns {
		scale, steps := risk.Current().Raises(u)
		out = append(out, v.T("risk.unknown."+u)+" ("+v.T("risk.raises."+scale, "n", steps)+")")
	}
	return out
}

// hours is the time for positions; the desk knows it as a length of time and
// names its fault after that.
func (v formView) hours() parts.Field {
	f := v.field("hours", false)
	f.Error = v.Errors.Of("answer_within")
	return f
}
