package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/verification"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// requestForm composes or edits a request.
type requestForm struct {
	words
	Title, Lede, Action, Cancel string
	Errors                      parts.Errors
	Form                        url.Values
	Members                     []parts.Option // nil when the addressee stays
	To                          string
	About                       string // what it refers to in this node
	Questions                   []string
	Places                      []parts.Option
}

// newRequest begins with what the event or the signal says: of a signal only
// words come along in the address.
func (g *Pages) newRequest(w http.ResponseWriter, r *shell.Request) error {
	if !verification.MayCompose(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "compose")
	}
	q := r.URL.Query()
	form := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "first_within": {hours(verification.FirstDefault)},
		"answer_within": {hours(verification.AnswerDefault)}, "rows": {"3"}}
	for _, k := range []string{"title", "where", "hazard", "context", "lang", "marking"} {
		if s := q.Get(k); s != "" {
			form.Set(k, s)
		}
	}
	if s := q.Get("place"); s != "" {
		form.Set("where", s)
	}
	if i, err := id.Parse(q.Get("signal")); err == nil {
		form.Set("signal", string(i))
	}
	if i, err := id.Parse(q.Get("event")); err == nil {
		if err := g.fromEvent(r, i, form); err != nil {
			return err
		}
	}
	for _, m := range q["to"] {
		form.Add("to", m)
	}
	return g.showForm(w, r, http.StatusOK, g.requestForm(r, form, nil))
}

func (g *Pages) fromEvent(r *shell.Request, i id.ID, form url.Values) error {
	p, err := g.events.EventPage(r.Context(), r.Actor, i)
	if err != nil {
		return err
	}
	form.Set("event", string(i))
	form.Set("title", p.View.Name)
	form.Set("hazard", p.View.Hazard)
	form.Set("lang", p.View.Lang)
	form.Set("marking", string(p.View.Marking))
	if len(p.View.Places) > 0 {
		form.Set("where", p.View.Places[0])
	}
	if !p.Own {
		form.Add("to", string(p.View.Owner))
	}
	return nil
}

func (g *Pages) requestForm(r *shell.Request, form url.Values, err error) requestForm {
	v := requestForm{words: g.words(r), Form: form, Errors: rowErrors(r, form, err), Action: base + "/new", Cancel: base}
	v.Title, v.Lede = v.T("verification.form.new"), v.T("verification.form.lede")
	for _, m := range access.All() {
		if m != g.self {
			v.Members = append(v.Members, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: slices.Contains(form["to"], string(m))})
		}
	}
	switch {
	case form.Get("event") != "":
		v.About = v.T("verification.form.event")
	case form.Get("signal") != "":
		v.About = v.T("verification.form.signal")
	}
	v.Questions = questionRows(form)
	for _, s := range place.States() {
		v.Places = append(v.Places, parts.Option{Value: s.Code, Text: s.In(v.Lang())})
	}
	return v
}

func questionRows(form url.Values) []string {
	out := slices.Clone(form["question"])
	want := 3
	if form.Get("do") == "row" {
		want = len(out) + 1
	}
	for len(out) < min(want, verification.MaxQuestions) {
		out = append(out, "")
	}
	return out
}

func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, status int, v requestForm) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, requestFormPage(v))
}

func (g *Pages) compose(w http.ResponseWriter, r *shell.Request) error {
	form := r.PostForm
	if form.Get("do") == "row" {
		return g.showForm(w, r, http.StatusOK, g.requestForm(r, form, nil))
	}
	in := inputOf(form)
	for _, m := range form["to"] {
		in.To = append(in.To, access.Member(m))
	}
	rs, err := g.desk.Compose(r.Context(), r.Actor, in)
	if fault.Is(err, fault.Invalid) {
		return g.showForm(w, r, http.StatusBadRequest, g.requestForm(r, form, err))
	}
	if err != nil {
		return err
	}
	if len(rs) > 1 {
		r.Say(w, "verification.said.composed.many", fault.Args{"n": len(rs)})
		return r.Redirect(w, base+"?side="+verification.SideAsked)
	}
	r.Say(w, "verification.said.composed", nil)
	return r.Redirect(w, verification.Path(&rs[0]))
}

func inputOf(f url.Values) verification.Input {
	in := verification.Input{Title: f.Get("title"), Context: text(f.Get("context")), Lang: f.Get("lang"), Hazard: f.Get("hazard"), Where: f.Get("where"),
		Marking: access.Marking(f.Get("marking")), FirstWithin: readHours(f.Get("first_within")), AnswerWithin: readHours(f.Get("answer_within"))}
	for _, q := range f["question"] {
		if q = text(q); q != "" {
			in.Questions = append(in.Questions, q)
		}
	}
	if i, err := id.Parse(f.Get("event")); err == nil {
		in.Event = i
	}
	if i, err := id.Parse(f.Get("signal")); err == nil {
		in.Signal = i
	}
	return in
}

func valuesOf(p *verification.Page) url.Values {
	f := url.Values{"title": {p.Title}, "context": {p.Context}, "lang": {p.Lang}, "hazard": {p.Hazard}, "where": {p.Where}, "marking": {string(p.Marking)},
		"first_within": {hours(p.FirstWithin)}, "answer_within": {hours(p.AnswerWithin)}, "version": {str(p.Version)}}
	for _, q := range p.Questions {
		f.Add("question", q.Text)
	}
	if p.Event != "" {
		f.Set("event", string(p.Event))
	}
	if p.Signal != "" {
		f.Set("signal", string(p.Signal))
	}
	return f
}

func (g *Pages) pageOf(r *shell.Request) (verification.Page, error) {
	rid, err := r.PathID("id")
	if err != nil {
		return verification.Page{}, err
	}
	return g.desk.Page(r.Context(), r.Actor, rid)
}

func (g *Pages) editRequest(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.pageOf(r)
	if err == nil {
		err = p.Refusal("edit")
	}
	if err != nil {
		return err
	}
	return g.showForm(w, r, http.StatusOK, g.editForm(r, &p, valuesOf(&p), nil))
}

func (g *Pages) editForm(r *shell.Request, p *verification.Page, form url.Values, err error) requestForm {
	v := g.requestForm(r, form, err)
	v.Title, v.Action, v.Cancel = v.T("verification.form.edit"), verification.Path(&p.Request)+"/edit", verification.Path(&p.Request)
	v.Members, v.To = nil, v.name(string(p.To))
	return v
}

func (g *Pages) saveRequest(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	if form.Get("do") == "row" {
		return g.showForm(w, r, http.StatusOK, g.editForm(r, &p, form, nil))
	}
	_, err = g.desk.Edit(r.Context(), r.Actor, p.ID, version(form), inputOf(form))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showForm(w, r, http.StatusBadRequest, g.editForm(r, &p, form, err))
	case fault.Is(err, fault.Conflict) && p.Refusal("edit") == nil:
		return g.conflict(w, r, &p, form, "edit", valuesOf(&p), []string{"title", "where", "context", "marking"})
	case err != nil:
		return err
	}
	r.Say(w, "verification.said.saved", nil)
	return r.Redirect(w, verification.Path(&p.Request))
}

// conflict shows both versions; what the fields do not name travels along.
func (g *Pages) conflict(w http.ResponseWriter, r *shell.Request, p *verification.Page, form url.Values, to string, theirs url.Values, names []string) error {
	v := g.words(r)
	form.Del("do")
	c := shell.Conflict{Title: p.Title, By: p.Changed.Post, Action: verification.Path(&p.Request) + "/" + to, Record: verification.Path(&p.Request), Version: str(p.Version), Form: form}
	for _, n := range names {
		c.Fields = append(c.Fields, shell.ConflictField{Name: n, Label: v.T("verification.field." + n), Long: n == "context" || n == "summary",
			Mine: form.Get(n), Theirs: theirs.Get(n)})
	}
	return r.Conflict(w, c)
}

// rowErrors brings a fault of one question to its input, also where empty
// questions stood above it.
func rowErrors(r *shell.Request, form url.Values, err error) parts.Errors {
	e := parts.ErrorsOf(r.Printer, err)
	var filled []int
	for i, q := range form["question"] {
		if text(q) != "" {
			filled = append(filled, i)
		}
	}
	for i, item := range e.Items {
		if item.Name == "questions" && item.Row >= 1 && item.Row <= len(filled) {
			e.Items[i].Name = "question." + str(filled[item.Row-1])
		}
	}
	return e
}

func (g *Pages) eventRequests(r *shell.Request, e health.EventView) ([]row, bool, error) {
	rs, err := g.desk.Of(r.Context(), r.Actor, e.ID)
	if err != nil {
		return nil, false, err
	}
	if g.Behind != nil {
		signals, err := g.Behind(r.Context(), r.Actor, e.ID)
		if err != nil {
			return nil, false, err
		}
		for _, s := range signals {
			asked, _, err := g.desk.List(r.Context(), r.Actor, verification.Filter{Signal: s})
			if err != nil {
				return nil, false, err
			}
			rs = append(rs, asked...)
		}
	}
	v := g.words(r)
	var out []row
	for i := range rs {
		out = append(out, v.row(&rs[i]))
	}
	return out, verification.MayCompose(r.Actor), nil
}
