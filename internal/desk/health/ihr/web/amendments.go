package web

import (
	"net/http"
	"net/url"

	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// amendmentsView is where every state stands with the amendments of 2024.
type amendmentsView struct {
	words
	Head  parts.PageHead
	Path  string
	Table parts.Table
	Draft *parts.Notice
	P     ihr.AmendmentsPage
	Moves []parts.Button
}

func (g *Pages) amendments(w http.ResponseWriter, r *shell.Request) error {
	return g.showAmendments(w, r, http.StatusOK, nil)
}

func (g *Pages) showAmendments(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.desk.Amendments(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := amendmentsView{words: g.words(r), P: p, Path: standing}
	v.Head = parts.PageHead{Title: v.T("ihr.amendments.title"), Lede: v.T("ihr.amendments.lede"), Crumbs: []parts.Link{{Text: v.T("ihr.title"), Href: base}, {Text: v.T("ihr.amendments.title")}}}
	if p.May {
		v.Head.Actions = []parts.Button{{Text: v.T("ihr.amendments.new"), Icon: "plus", Href: standing + "/new"}}
	}
	v.Table = v.statuses(p.Rows)
	if d := p.Draft; d != nil {
		v.Draft = &parts.Notice{Grade: parts.Information, Title: v.T("ihr.amendments.draft", "status", v.T("ihr.status."+d.Status)), Text: d.Source}
		for _, o := range p.Offers {
			at := standing + "/" + string(d.ID)
			b := parts.Button{Text: v.T("ihr.verb." + string(o.Verb)), Small: true, Unmet: v.unmet(o)}
			if o.Verb == "edit" {
				b.Href = at + "/edit"
			} else {
				b.Post, b.Name, b.Value = at+"/step/"+string(o.Verb), "version", str(d.Version)
			}
			v.Draft.Actions = append(v.Draft.Actions, b)
		}
	}
	page := shell.Page{Title: v.Head.Title, Topics: []string{"ihr"}}
	if e := parts.ErrorsOf(r.Printer, cause); e.Title != "" {
		n := parts.Notice{Grade: parts.Warning, Title: e.Title}
		for _, item := range e.Items {
			n.Text += item.Text + " "
		}
		page.Notices = append(page.Notices, n)
	}
	return r.ShowStatus(w, status, page, amendmentsPage(v))
}

// amendmentForm states where this state stands.
type amendmentForm struct {
	words
	Title, Action string
	Errors        parts.Errors
	Form          url.Values
}

func (v amendmentForm) field(name string, required bool) parts.Field {
	f := v.words.field(v.Errors, name, required)
	if name == "stands" {
		f.Error = v.Errors.Of("status")
	}
	return f
}

func (g *Pages) showAmendmentForm(w http.ResponseWriter, r *shell.Request, status int, action string, form url.Values, cause error) error {
	v := amendmentForm{words: g.words(r), Action: action, Form: form, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Title = v.T("ihr.amendments.new")
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, amendmentFormPage(v))
}

func (g *Pages) newAmendment(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.desk.Amendments(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	if !p.May {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "state")
	}
	return g.showAmendmentForm(w, r, http.StatusOK, standing+"/new", url.Values{"lang": {r.Printer.Lang()}}, nil)
}

func amendmentInput(f url.Values) ihr.AmendmentInput {
	return ihr.AmendmentInput{Status: f.Get("stands"), On: f.Get("on"), InForce: f.Get("in_force"), Words: text(f.Get("words")), Source: text(f.Get("source")), Lang: f.Get("lang")}
}

func (g *Pages) state(w http.ResponseWriter, r *shell.Request) error {
	_, err := g.desk.State(r.Context(), r.Actor, amendmentInput(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showAmendmentForm(w, r, http.StatusBadRequest, standing+"/new", r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said.saved", nil)
	return r.Redirect(w, standing)
}

func (g *Pages) editAmendment(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Amendments(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	d := p.Draft
	if d == nil || d.ID != aid {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := refuse(p.Offers, true, d.Owner, "edit"); err != nil {
		return err
	}
	form := url.Values{"version": {str(d.Version)}, "stands": {d.Status}, "on": {d.On}, "in_force": {d.InForce}, "words": {d.Words}, "source": {d.Source}, "lang": {d.Lang}}
	return g.showAmendmentForm(w, r, http.StatusOK, standing+"/"+string(aid)+"/edit", form, nil)
}

func (g *Pages) saveAmendment(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.EditAmendment(r.Context(), r.Actor, aid, version(r.PostForm), amendmentInput(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showAmendmentForm(w, r, http.StatusBadRequest, standing+"/"+string(aid)+"/edit", r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said.saved", nil)
	return r.Redirect(w, standing)
}

func (g *Pages) stepAmendment(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	switch verb {
	case "release":
		_, err = g.desk.ReleaseAmendment(r.Context(), r.Actor, aid, version(r.PostForm))
	case "cancel":
		_, err = g.desk.CancelAmendment(r.Context(), r.Actor, aid, version(r.PostForm))
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	if status := again(err); status != 0 {
		return g.showAmendments(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said."+verb, nil)
	return r.Redirect(w, standing)
}
