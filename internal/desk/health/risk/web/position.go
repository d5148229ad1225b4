package web

import (
	"net/http"
	"net/url"

	"lintas/internal/desk/health/risk"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// positionView is the page of one position.
type positionView struct {
	words
	V        risk.PositionView
	Path     string
	Topic    string
	Head     parts.PageHead
	Notice   *parts.Notice
	Moves    []parts.Button
	Facts    []parts.Definition
	State    []parts.Definition
	Timeline []parts.Moment
}

func (g *Pages) positionOf(r *shell.Request) (risk.PositionPage, error) {
	pid, err := r.PathID("id")
	if err != nil {
		return risk.PositionPage{}, err
	}
	return g.desk.PositionPage(r.Context(), r.Actor, pid)
}

func (g *Pages) position(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.positionOf(r)
	if err != nil {
		return err
	}
	v := g.words(r).position(p)
	v.Path = r.URL.RequestURI()
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(p.View.Marking)}, positionPage(v))
}

func (w words) position(p risk.PositionPage) positionView {
	x := p.View
	v := positionView{words: w, V: x, Topic: "assessment:" + string(x.Assessment), Timeline: w.moments(p.Timeline)}
	v.Head = parts.PageHead{Title: w.T("risk.position.title", "owner", w.name(x.Owner)), Lede: x.Title,
		Crumbs: []parts.Link{{Text: w.T("risk.list.title"), Href: base}, {Text: x.Title, Href: path(x.Assessment)}, {Text: w.T("risk.position.short")}}}
	for _, o := range p.Offers {
		b := parts.Button{Text: w.T("risk.verb." + string(o.Verb)), Small: true, Unmet: w.unmet(o), Href: positionPath(x.ID) + "/step/" + string(o.Verb)}
		if o.Verb == "withdraw" || o.Verb == "discard" {
			b.Kind = parts.Danger
		}
		v.Moves = append(v.Moves, b)
	}
	switch {
	case x.State == risk.Withdrawn:
		v.Notice = &parts.Notice{Grade: parts.Warning, Title: w.T("risk.notice.withdrawn"), Text: x.Reason}
	case x.State == risk.Draft && x.Reason != "":
		v.Notice = &parts.Notice{Grade: parts.Information, Title: w.T("risk.notice.returned"), Text: x.Reason}
	case p.Own && (x.State == risk.Draft || x.State == risk.Clearance):
		v.Notice = &parts.Notice{Grade: parts.Information, Title: w.T("risk.position.preview"), Text: w.T("risk.position.preview.text", "members", w.names(p.To))}
	}
	if x.State != risk.Withdrawn || p.Own {
		v.Facts = w.positionFacts(p)
	}
	v.State = []parts.Definition{{Term: w.T("risk.field.state"), Text: w.state(x.State)}}
	if !p.Due.IsZero() {
		v.State = append(v.State, parts.Definition{Term: w.T("clock.clear"), Text: w.T("health.due.line", "left", w.Left(p.Due, w.now), "due", p.Due)})
	}
	if x.ClearedAs != "" {
		v.State = append(v.State, parts.Definition{Term: w.T("risk.field.cleared"), Text: w.T("health.by", "post", x.ClearedAs, "time", x.Released)})
	}
	v.State = append(v.State, parts.Definition{Term: w.T("risk.field.marking"), Text: string(x.Marking)})
	return v
}

func (w words) positionFacts(p risk.PositionPage) []parts.Definition {
	x := p.View
	stance := w.T("risk.kind." + x.Stance)
	out := []parts.Definition{{Term: w.T("risk.col.stance"), Text: stance}}
	if p.Assessment != nil && p.Assessment.Level() != "" {
		out = append(out, parts.Definition{Term: w.T("risk.position.assessed", "owner", w.name(x.AssessmentOwner)),
			Body: parts.Tag(grade(p.Assessment.Level()), w.level(p.Assessment.Level()))})
	}
	if x.Stance == risk.Dissent {
		out = append(out, parts.Definition{Term: w.T("risk.field.held"), Body: parts.Tag(grade(x.Held), w.level(x.Held))})
	}
	out = append(out,
		parts.Definition{Term: w.T("risk.col.own"), Body: parts.Tag(grade(x.Level()), w.level(x.Level())), Text: w.ownNote(&x)},
		parts.Definition{Term: w.T("risk.field.importation"), Text: w.likelihood(x.Importation)},
		parts.Definition{Term: w.T("risk.field.consequence"), Text: w.consequence(x.Consequence)},
		parts.Definition{Term: w.T("risk.col.receptivity"), Text: w.receptivity(&x)},
		parts.Definition{Term: w.T("risk.col.capacity"), Text: w.T("risk.capacity." + x.Capacity)})
	if x.Reasons != "" {
		out = append(out, parts.Definition{Term: w.T("risk.col.reasons"), Text: x.Reasons})
	}
	return append(out, parts.Definition{Term: w.T("risk.field.matrix"), Text: w.T("risk.matrix.version", "version", x.Result.Matrix, "digest", x.Result.Digest)})
}

// positionForm takes or edits the own state's position.
type positionForm struct {
	words
	Title, Lede, Action, Cancel string
	A                           *risk.AssessmentView
	Errors                      parts.Errors
	Form                        url.Values
}

func (v positionForm) field(name string, required bool) parts.Field {
	return v.words.field(v.Errors, name, required)
}

func (g *Pages) showPositionForm(w http.ResponseWriter, r *shell.Request, status int, v positionForm) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, positionFormPage(v))
}

func (g *Pages) positionForm(r *shell.Request, a *risk.AssessmentView, action, cancel string, form url.Values, err error) positionForm {
	v := positionForm{words: g.words(r), A: a, Action: action, Cancel: cancel, Form: form, Errors: parts.ErrorsOf(r.Printer, err)}
	v.Title, v.Lede = v.T("risk.position.form"), v.T("risk.position.lede")
	return v
}

func (g *Pages) newPosition(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.AssessmentPage(r.Context(), r.Actor, aid)
	if err != nil {
		return err
	}
	if !p.MayTake {
		return fault.New(fault.Forbidden, "fault.risk.not_asked")
	}
	form := url.Values{"lang": {r.Printer.Lang()}}
	if p.Mine != nil {
		form = positionValues(*p.Mine)
		form.Del("version")
	}
	return g.showPositionForm(w, r, http.StatusOK, g.positionForm(r, &p.View, path(aid)+"/position", path(aid), form, nil))
}

func (g *Pages) answer(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	x, err := g.desk.Answer(r.Context(), r.Actor, aid, positionInput(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		p, e := g.desk.AssessmentPage(r.Context(), r.Actor, aid)
		if e != nil {
			return e
		}
		return g.showPositionForm(w, r, http.StatusBadRequest, g.positionForm(r, &p.View, path(aid)+"/position", path(aid), r.PostForm, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "risk.said.position", nil)
	return r.Redirect(w, positionPath(x.ID))
}

func (g *Pages) editPosition(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.positionOf(r)
	if err != nil {
		return err
	}
	if err := refuse(p.Offers, p.Own, p.View.Owner, "edit"); err != nil {
		return err
	}
	at := positionPath(p.View.ID)
	return g.showPositionForm(w, r, http.StatusOK, g.positionForm(r, p.Assessment, at+"/edit", at, positionValues(p.View), nil))
}

func (g *Pages) savePosition(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.positionOf(r)
	if err != nil {
		return err
	}
	form, at := r.PostForm, positionPath(p.View.ID)
	_, err = g.desk.EditPosition(r.Context(), r.Actor, p.View.ID, version(form), positionInput(form))
	if status := again(err); status != 0 {
		if status == http.StatusConflict && refuse(p.Offers, p.Own, p.View.Owner, "edit") != nil {
			return err
		}
		form.Set("version", str(p.View.Version)) // what was typed stays, on the newer version
		return g.showPositionForm(w, r, status, g.positionForm(r, p.Assessment, at+"/edit", at, form, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "risk.said.saved", nil)
	return r.Redirect(w, at)
}

func positionInput(f url.Values) risk.PositionInput {
	in := risk.PositionInput{Stance: f.Get("stance"), Held: risk.Level(f.Get("held")), Importation: risk.Likelihood(f.Get("importation")),
		Consequence: risk.Consequence(f.Get("consequence")), Capacity: f.Get("capacity"), Stated: risk.Level(f.Get("stated")),
		Reasons: text(f.Get("reasons")), Lang: f.Get("lang"), Receptivity: map[string]string{}}
	for _, p := range risk.ReceptivityParts {
		in.Receptivity[p] = f.Get("receptivity." + p)
	}
	return in
}

func positionValues(x risk.PositionView) url.Values {
	f := url.Values{"version": {str(x.Version)}, "stance": {x.Stance}, "held": {string(x.Held)}, "importation": {string(x.Importation)},
		"consequence": {string(x.Consequence)}, "capacity": {x.Capacity}, "stated": {string(x.Stated)}, "reasons": {x.Reasons}, "lang": {x.Lang}}
	for _, p := range risk.ReceptivityParts {
		f.Set("receptivity."+p, x.Receptivity[p])
	}
	return f
}

func (v positionForm) receptive(part string) parts.Field {
	name := "receptivity." + part
	return parts.Field{Name: name, Label: v.T("risk.receptive." + part), Error: v.Errors.Of(name), Required: true}
}

// reasons carry the faults of the needs that ask for them.
func (v positionForm) reasons() parts.Field {
	f := v.field("reasons", false)
	if f.Error == "" {
		f.Error = v.Errors.Of("risk.reasons")
	}
	return f
}
