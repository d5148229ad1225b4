package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// listView is the list of families.
type listView struct {
	words
	Head  parts.PageHead
	Path  string
	Query string
	Table parts.Table
	Files []parts.Link
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: r.URL.Query().Get("q")}
	rows, err := g.desk.List(r.Context(), r.Actor, v.Query)
	if err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("family.list.title"), Lede: v.T("family.list.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	if family.MayMake(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("family.verb.make"), Icon: "plus", Kind: parts.Primary, Href: base + "/new"})
	}
	v.Files = parts.Files(base, url.Values{"q": {v.Query}}.Encode())
	v.Table = parts.Table{Caption: v.T("family.list.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("family.name")}, {Text: v.T("family.member")}, {Text: v.T("family.state")},
		{Text: v.T("family.events"), Number: true}, {Text: v.T("family.changed"), Number: true}}}
	for _, x := range rows {
		state := v.T("family.state." + string(x.State))
		if x.Withdrawn {
			state = v.T("family.state.withdrawn")
		}
		v.Table.Rows = append(v.Table.Rows, []parts.Cell{{Text: x.Name, Href: path(x.ID), Note: v.T("hazard." + x.Hazard)}, {Text: v.name(string(x.Owner))}, {Text: state}, {Text: str(len(x.Entries))}, {At: x.At}})
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

// download is the list as a file.
func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	list, err := g.desk.List(r.Context(), r.Actor, r.URL.Query().Get("q"))
	if err != nil {
		return err
	}
	var rows [][]any
	for _, x := range list {
		var members, events []string
		for _, e := range x.Entries {
			members, events = append(members, string(e.Owner)), append(events, string(e.Event))
		}
		rows = append(rows, []any{string(x.ID), string(x.Owner), x.Name, x.Hazard, string(x.State), x.Withdrawn, strings.Join(members, " "), strings.Join(events, " "), x.At})
	}
	return r.Sheet(w, "families", []string{"id", "owner", "name", "hazard", "state", "withdrawn", "members", "events", "changed"}, rows)
}

// formView makes or edits a family, or chooses events for it.
type formView struct {
	words
	Title  string
	Lede   string
	Action string
	Cancel string
	Form   url.Values
	Errors parts.Errors
	Words  bool // name, text, hazard, marking
	Events *parts.Choices
	Save   string
}

func (v formView) field(name string, required bool) parts.Field {
	return parts.Field{Name: name, Label: v.T("family.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
}

func (v formView) hazards() parts.Select {
	s := parts.Select{Field: v.field("hazard", true), Blank: v.T("health.form.choose")}
	for _, h := range health.Hazards {
		s.Options = append(s.Options, parts.Option{Value: h.Key, Text: v.T("hazard." + h.Key), Chosen: h.Key == v.Form.Get("hazard")})
	}
	return s
}

func (v formView) languages() parts.Select {
	s := parts.Select{Field: v.field("lang", true)}
	for _, l := range locale.Languages() {
		s.Options = append(s.Options, parts.Option{Value: l.Code, Text: l.Name, Chosen: l.Code == v.Form.Get("lang")})
	}
	return s
}

func (v formView) markings() parts.Choices {
	c := parts.Choices{Field: v.field("marking", true), Inline: true}
	for _, m := range access.Markings {
		c.Options = append(c.Options, parts.Option{Value: string(m), Text: string(m), Chosen: string(m) == v.Form.Get("marking")})
	}
	return c
}

// candidates are the open events that the actor may see and that are not yet
// in the family; mine: only this member's own.
func (g *Pages) candidates(r *shell.Request, v words, form url.Values, have []family.Entry, mine bool) (*parts.Choices, error) {
	rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Open: true, Mine: mine, Limit: 200})
	if err != nil {
		return nil, err
	}
	c := &parts.Choices{Many: true, Field: parts.Field{Name: "events", Label: v.T("family.field.events")}}
	chosen := append(form["events"], form["event"]...)
	for _, x := range rows {
		if slices.ContainsFunc(have, func(e family.Entry) bool { return e.Event == x.ID }) {
			continue
		}
		c.Options = append(c.Options, parts.Option{Value: string(x.ID), Text: x.Name, Chosen: slices.Contains(chosen, string(x.ID)),
			Hint: v.T("family.candidate", "owner", v.name(string(x.Owner)), "hazard", v.T("hazard."+x.Hazard))})
	}
	return c, nil
}

func (g *Pages) newFamily(w http.ResponseWriter, r *shell.Request) error {
	if !family.MayMake(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "make")
	}
	form := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "events": {r.URL.Query().Get("event")}}
	if eid, err := id.Parse(r.URL.Query().Get("event")); err == nil {
		if p, err := g.health.EventPage(r.Context(), r.Actor, eid); err == nil {
			form.Set("name", p.View.Name)
			form.Set("hazard", p.View.Hazard)
			form.Set("marking", string(p.View.Marking))
		}
	}
	return g.showNew(w, r, http.StatusOK, form, nil)
}

func (g *Pages) showNew(w http.ResponseWriter, r *shell.Request, status int, form url.Values, err error) error {
	v := formView{words: g.words(r), Action: base + "/new", Cancel: base, Form: form, Errors: parts.ErrorsOf(r.Printer, err), Words: true}
	v.Title, v.Lede, v.Save = v.T("family.verb.make"), v.T("family.make.lede"), v.T("health.form.save")
	var err2 error
	if v.Events, err2 = g.candidates(r, v.words, form, nil, false); err2 != nil {
		return err2
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

func input(f url.Values) family.Input {
	return family.Input{Name: text(f.Get("name")), Text: text(f.Get("text")), Lang: f.Get("lang"), Hazard: f.Get("hazard"), Marking: access.Marking(f.Get("marking"))}
}

func chosen(f url.Values) []id.ID {
	var out []id.ID
	for _, s := range f["events"] {
		if e, err := id.Parse(s); err == nil {
			out = append(out, e)
		}
	}
	return out
}

func (g *Pages) makeFamily(w http.ResponseWriter, r *shell.Request) error {
	f, err := g.desk.Make(r.Context(), r.Actor, input(r.PostForm), chosen(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		return g.showNew(w, r, http.StatusBadRequest, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "family.said.made", nil)
	return r.Redirect(w, path(f.ID))
}

// may refuses, as the table would, a step that the actor cannot take now.
func may(p family.Page, verb workflow.Verb) error {
	for _, o := range p.Offers {
		if o.Verb == verb {
			return nil
		}
	}
	if !p.Mine {
		return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.Owner))
	}
	if _, ok := family.Families.Find(p.State, verb); !ok {
		return fault.New(fault.Conflict, "fault.wrong_state").With("verb", string(verb)).With("state", string(p.State))
	}
	return fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
}

func (g *Pages) edit(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err == nil {
		err = may(p, "edit")
	}
	if err != nil {
		return err
	}
	form := url.Values{"name": {p.Name}, "text": {p.Text}, "lang": {p.Lang}, "hazard": {p.Hazard}, "marking": {string(p.Marking)}, "version": {str(p.Version)}}
	return g.showEdit(w, r, http.StatusOK, p, form, nil)
}

func (g *Pages) showEdit(w http.ResponseWriter, r *shell.Request, status int, p family.Page, form url.Values, err error) error {
	v := formView{words: g.words(r), Action: path(p.ID) + "/edit", Cancel: path(p.ID), Form: form, Errors: parts.ErrorsOf(r.Printer, err), Words: true}
	v.Title, v.Save = v.T("family.verb.edit"), v.T("health.form.save")
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(p.Marking)}, formPage(v))
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	_, err = g.desk.Edit(r.Context(), r.Actor, p.ID, version(r.PostForm.Get("version")), input(r.PostForm))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showEdit(w, r, http.StatusBadRequest, p, r.PostForm, err)
	case fault.Is(err, fault.Conflict) && may(p, "edit") == nil:
		r.PostForm.Set("version", str(p.Version)) // what was typed stays; the next press is made knowingly
		return g.showEdit(w, r, http.StatusConflict, p, r.PostForm, err)
	case err != nil:
		return err
	}
	r.Say(w, "family.said.saved", nil)
	return r.Redirect(w, path(p.ID))
}

// choose offers events: to the owner of the family all that it may see, to
// another member its own, which it brings.
func (g *Pages) choose(w http.ResponseWriter, r *shell.Request) error {
	return g.showChoose(w, r, http.StatusOK, nil)
}

func (g *Pages) showChoose(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	if !p.MayBring {
		if err := may(p, "add"); err != nil {
			return err
		}
	}
	form := r.PostForm
	if form == nil {
		form = url.Values{}
	}
	form.Set("version", str(p.Version))
	v := formView{words: g.words(r), Action: path(p.ID) + "/events", Cancel: path(p.ID), Form: form, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Title, v.Lede, v.Save = v.T("family.verb.add"), v.T("family.add.lede"), v.T("family.verb.add")
	if !p.Mine {
		v.Title, v.Lede, v.Save = v.T("family.verb.propose"), v.T("family.propose.lede"), v.T("family.verb.propose")
	}
	if v.Events, err = g.candidates(r, v.words, form, p.Entries, !p.Mine); err != nil {
		return err
	}
	v.Events.Error = v.Errors.Of("events")
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(p.Marking)}, formPage(v))
}

func (g *Pages) add(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	events := chosen(r.PostForm)
	if p.Mine {
		_, err = g.desk.Add(r.Context(), r.Actor, p.ID, version(r.PostForm.Get("version")), events)
	} else if len(events) == 0 {
		err = &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "events", Key: "fault.family.choose"}}}
	}
	for _, e := range events {
		if err == nil && !p.Mine {
			_, err = g.desk.Say(r.Context(), r.Actor, p.ID, e, 0, true, "")
		}
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showChoose(w, r, http.StatusBadRequest, err)
	case fault.Is(err, fault.Conflict):
		return g.showChoose(w, r, http.StatusConflict, err)
	case err != nil:
		return err
	}
	r.Say(w, "family.said.saved", nil)
	return r.Redirect(w, path(p.ID))
}

func (g *Pages) drop(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	eid, err := id.Parse(r.PostForm.Get("event"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if _, err := g.desk.Drop(r.Context(), r.Actor, p.ID, 0, eid); err != nil {
		return err
	}
	r.Say(w, "family.said.saved", nil)
	return r.Redirect(w, path(p.ID))
}
