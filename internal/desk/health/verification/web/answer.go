package web

import (
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/verification"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// answerFormView is the form of an answer.
type answerFormView struct {
	words
	P        verification.Page
	Path     string
	Errors   parts.Errors
	Form     url.Values
	Evidence int // rows
	Events   []parts.Option
}

func (g *Pages) answerForm(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.pageOf(r)
	if err == nil {
		err = p.Refusal("prepare")
	}
	if err != nil {
		return err
	}
	return g.showAnswer(w, r, http.StatusOK, p, answerValues(&p), nil)
}

func (g *Pages) showAnswer(w http.ResponseWriter, r *shell.Request, status int, p verification.Page, form url.Values, err error) error {
	v := answerFormView{words: g.words(r), P: p, Path: verification.Path(&p.Request), Form: form, Errors: answerErrors(r, form, err)}
	v.Evidence = max(1, len(form["evidence_kind"]))
	if form.Get("do") == "row" {
		v.Evidence = min(v.Evidence+1, verification.MaxEvidence)
	}
	if g.events != nil {
		rows, _, err := g.events.List(r.Context(), r.Actor, health.Filter{Open: true, Mine: true, Limit: 100})
		if err != nil {
			return err
		}
		for _, e := range rows {
			v.Events = append(v.Events, parts.Option{Value: string(e.ID), Text: e.Name, Chosen: string(e.ID) == form.Get("event")})
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("verification.answer.title"), Marking: string(p.Marking)}, answerFormPage(v))
}

// answerErrors brings the faults of rows to their inputs; rows of evidence
// that were left empty do not count for the desk.
func answerErrors(r *shell.Request, form url.Values, err error) parts.Errors {
	e := parts.ErrorsOf(r.Printer, err)
	var filled []int
	for i := range form["evidence_kind"] {
		if !emptyEvidence(form, i) {
			filled = append(filled, i)
		}
	}
	names := map[string]string{"evidence": "evidence_text.", "source": "evidence_source.", "as_of": "evidence_as_of."}
	for i, item := range e.Items {
		if to, ok := names[item.Name]; ok && item.Row >= 1 && item.Row <= len(filled) {
			e.Items[i].Name = to + str(filled[item.Row-1])
		}
		if item.Name == "replies" && item.Row >= 1 {
			e.Items[i].Name = "reply." + str(item.Row)
		}
	}
	return e
}

func emptyEvidence(f url.Values, i int) bool {
	return strings.TrimSpace(at(f, "evidence_text", i)+at(f, "evidence_source", i)+at(f, "evidence_as_of", i)) == ""
}

// at is one of the values that an input of a repeated row posts.
func at(f url.Values, name string, i int) string {
	if v := f[name]; i < len(v) {
		return v[i]
	}
	return ""
}

func answerValues(p *verification.Page) url.Values {
	f := url.Values{"version": {str(p.Version)}, "marking": {string(p.Marking)}, "event": {string(p.Event)}}
	a := p.Draft
	if a == nil {
		return f
	}
	f.Set("outcome", string(a.Outcome))
	f.Set("summary", a.Summary)
	f.Set("marking", string(a.Marking))
	for _, r := range a.Replies {
		f.Set("reply."+str(r.N), r.Text)
		if r.Unknown {
			f.Set("unknown."+str(r.N), "1")
		}
	}
	for _, e := range a.Evidence {
		f.Add("evidence_kind", e.Kind)
		f.Add("evidence_text", e.Text)
		f.Add("evidence_source", e.Source)
		f.Add("evidence_as_of", e.AsOf)
	}
	return f
}

func answerInput(p *verification.Page, f url.Values) verification.AnswerInput {
	in := verification.AnswerInput{Answer: verification.Answer{Outcome: verification.Outcome(f.Get("outcome")), Summary: text(f.Get("summary")),
		Marking: access.Marking(f.Get("marking"))}}
	for _, q := range p.Questions {
		in.Replies = append(in.Replies, verification.Reply{N: q.N, Text: text(f.Get("reply." + str(q.N))), Unknown: f.Get("unknown."+str(q.N)) == "1"})
	}
	for i := range f["evidence_kind"] {
		if !emptyEvidence(f, i) {
			in.Evidence = append(in.Evidence, verification.Evidence{Kind: at(f, "evidence_kind", i), Text: text(at(f, "evidence_text", i)),
				Source: at(f, "evidence_source", i), AsOf: at(f, "evidence_as_of", i)})
		}
	}
	if i, err := id.Parse(f.Get("event")); err == nil {
		in.Event = i
	}
	return in
}

func (g *Pages) saveAnswer(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	if form.Get("do") == "row" {
		return g.showAnswer(w, r, http.StatusOK, p, form, nil)
	}
	saved, err := g.desk.Prepare(r.Context(), r.Actor, p.ID, version(form), answerInput(&p, form))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showAnswer(w, r, http.StatusBadRequest, p, form, err)
	case fault.Is(err, fault.Conflict) && p.Refusal("prepare") == nil:
		return g.conflict(w, r, &p, form, "answer", answerValues(&p), []string{"outcome", "summary", "marking"})
	case err != nil:
		return err
	}
	if form.Get("do") == "submit" {
		_, err = g.desk.Submit(r.Context(), r.Actor, p.ID, saved.Version)
		if fault.Is(err, fault.Invalid) {
			form.Set("version", str(saved.Version))
			return g.showAnswer(w, r, http.StatusBadRequest, p, form, err)
		}
		if err != nil {
			return err
		}
		r.Say(w, "verification.said.submit", nil)
		return r.Redirect(w, verification.Path(&p.Request))
	}
	r.Say(w, "verification.said.saved", nil)
	return r.Redirect(w, verification.Path(&p.Request))
}

func (v answerFormView) outcomes() []parts.Option {
	var out []parts.Option
	for _, o := range verification.Outcomes {
		out = append(out, parts.Option{Value: string(o), Text: v.T("verification.outcome." + string(o)), Hint: v.T("verification.outcome." + string(o) + ".hint"),
			Chosen: string(o) == v.Form.Get("outcome")})
	}
	return out
}

func (v answerFormView) kinds(i int) []parts.Option {
	var out []parts.Option
	for _, k := range verification.EvidenceKinds {
		out = append(out, parts.Option{Value: k, Text: v.T("verification.evidence." + k), Chosen: k == at(v.Form, "evidence_kind", i)})
	}
	return out
}

// row is an input of a repeated row: its name alone is posted, its identifier
// has the number of the row.
func (v answerFormView) row(name string, i int) parts.Field {
	f := parts.Field{Name: name + "." + str(i), Label: v.T("verification.field." + name), Error: v.Errors.Of(name + "." + str(i))}
	return f
}

// need is an input whose emptiness is a need of the next step.
func (v answerFormView) need(name, need string) parts.Field {
	f := v.field(v.Errors, name, true)
	f.Error = strings.TrimSpace(f.Error + " " + v.Errors.Of(need))
	if name == "marking" {
		f.Hint = v.T("verification.answer.marking")
	}
	return f
}
