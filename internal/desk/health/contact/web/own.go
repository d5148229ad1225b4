package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/contact"
	"lintas/internal/fault"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

func languageName(code string) string {
	for _, l := range locale.Languages() {
		if l.Code == code {
			return l.Name
		}
	}
	return code
}

type ownedView struct {
	words
	Head parts.PageHead
	Path string
	Rows []ownedRow
	Gaps []string
}

type ownedRow struct {
	Href, Post, Role, Text, State string
	Grade                         parts.Grade
}

func (g *Pages) owned(w http.ResponseWriter, r *shell.Request) error {
	os, err := g.desk.Owned(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	sections, err := g.desk.Directory(r.Context(), r.Actor, contact.Filter{Member: g.self})
	if err != nil {
		return err
	}
	v := ownedView{words: g.words(r), Path: own}
	v.Head = parts.PageHead{Title: v.T("contact.own.title"), Lede: v.T("contact.own.lede"),
		Crumbs: []parts.Link{{Text: v.T("contact.title"), Href: base}, {Text: v.T("contact.own.title")}}}
	if contact.MayKeep(r.Actor) {
		v.Head.Actions = []parts.Button{{Text: v.T("contact.own.new"), Icon: "plus", Kind: parts.Primary, Href: own + "/new"}}
	}
	for i := range os {
		v.Rows = append(v.Rows, v.ownedRow(&os[i]))
	}
	v.Gaps = v.section(sections[0]).Gaps
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"contact:directory"}}, ownedPage(v))
}

func (w words) ownedRow(o *contact.Own) ownedRow {
	row := ownedRow{Href: contact.OwnPath(o.ID), Post: o.Contact.Post, Role: w.role(o.Contact.Role), State: w.T("contact.state." + string(o.State))}
	row.Text = w.T("contact.own.row", "organisation", o.Contact.Organisation, "n", len(o.To))
	switch {
	case o.State == contact.Clearance:
		row.Grade = parts.Watch
	case o.State == contact.Current && o.Given != nil:
		s := o.Given.Stands(w.now)
		row.State, row.Grade = w.T("contact.standing."+string(s)), standingGrade(s)
	}
	return row
}

// ownView is one contact of this member.
type ownView struct {
	words
	P       contact.OwnPage
	Path    string
	Head    parts.PageHead
	Given   *entryView
	Draft   *entryView
	Banner  *parts.Notice
	Acts    []ownAct
	Track   []parts.Definition
	History []parts.Moment
	Errors  parts.Errors
	Verb    string
	Reason  string
}

type ownAct struct {
	Verb   string
	Button parts.Button
	Reason bool
	Hint   string
}

func (g *Pages) contact(w http.ResponseWriter, r *shell.Request) error {
	return g.showOwn(w, r, http.StatusOK, "", nil)
}

func (g *Pages) ownOf(r *shell.Request) (contact.OwnPage, error) {
	i, err := r.PathID("id")
	if err != nil {
		return contact.OwnPage{}, err
	}
	return g.desk.Contact(r.Context(), r.Actor, i)
}

func (g *Pages) showOwn(w http.ResponseWriter, r *shell.Request, status int, verb string, cause error) error {
	p, err := g.ownOf(r)
	if err != nil {
		return err
	}
	v := g.words(r).own(p)
	v.Errors, v.Verb, v.Reason = parts.ErrorsOf(r.Printer, cause), verb, r.PostFormValue("reason")
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{"contact:directory"}, Marking: string(p.Marking)}, ownPage(v))
}

func (w words) own(p contact.OwnPage) ownView {
	v := ownView{words: w, P: p, Path: contact.OwnPath(p.ID)}
	v.Head = parts.PageHead{Title: p.Contact.Post, Lede: w.role(p.Contact.Role), Crumbs: []parts.Link{{Text: w.T("contact.title"), Href: base},
		{Text: w.T("contact.own.title"), Href: own}, {Text: p.Contact.Post}}, Meta: ownMeta(w, p)}
	if p.Given != nil && p.State != contact.Removed {
		e := w.entry(contact.Entry{Contact: *p.Given, Stands: p.Stands})
		v.Given = &e
	}
	if p.State == contact.Draft || p.State == contact.Clearance {
		k := p.Contact
		k.AsOf = w.now
		e := w.entry(contact.Entry{Contact: k, Stands: k.Stands(w.now)})
		v.Draft = &e
	}
	switch {
	case p.State == contact.Draft && p.Reason != "":
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: w.T("contact.banner.returned"), Text: p.Reason}
	case p.State == contact.Removed:
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: w.T("contact.banner.removed"), Text: p.Reason}
	case p.State == contact.Clearance:
		v.Banner = &parts.Notice{Grade: parts.Information, Title: w.T("contact.banner.clearance"), Text: w.T("contact.banner.clearance.text")}
	case p.State == contact.Draft && p.Given != nil:
		v.Banner = &parts.Notice{Grade: parts.Information, Title: w.T("contact.banner.changing"), Text: w.T("contact.banner.changing.text")}
	}
	for _, verb := range []string{"edit", "submit", "clear", "confirm", "return", "recall", "keep", "remove"} {
		o, ok := offered(p.Offers, verb)
		if !ok || verb == "keep" && p.Given == nil {
			continue
		}
		a := ownAct{Verb: verb, Reason: verb == "return" || verb == "remove", Button: parts.Button{Text: w.T("contact.verb." + verb), Unmet: w.unmet(o)}}
		switch verb {
		case "submit", "clear", "confirm":
			a.Button.Kind = parts.Primary
		case "remove":
			a.Button.Kind = parts.Danger
		case "edit":
			a.Button.Href, a.Button.Icon = v.Path+"/edit", "pencil"
		}
		if verb == "clear" {
			a.Hint = w.T("contact.clear.hint", "members", w.members(p.To))
		}
		v.Acts = append(v.Acts, a)
	}
	v.Track = w.ownTrack(p)
	for _, e := range slices.Backward(p.History) {
		v.History = append(v.History, parts.Moment{At: e.At, Kind: parts.Report, Title: w.T("action." + e.Action), Text: e.Actor})
	}
	return v
}

func (w words) ownTrack(p contact.OwnPage) []parts.Definition {
	out := []parts.Definition{{Term: w.T("contact.field.state"), Text: w.T("contact.state." + string(p.State))},
		{Term: w.T("contact.field.to"), Text: w.members(p.To)}, {Term: w.T("contact.field.marking"), Text: string(p.Marking)}}
	if len(p.Held) > 0 {
		var held []access.Member
		for _, h := range p.Held {
			held = append(held, h.Member)
		}
		out = append(out, parts.Definition{Term: w.T("contact.field.held"), Text: w.members(held)})
	}
	if p.ClearedAs != "" {
		out = append(out, parts.Definition{Term: w.T("contact.field.cleared"), Text: p.ClearedAs})
	}
	if !p.Confirmed.IsZero() {
		out = append(out, parts.Definition{Term: w.T("contact.field.confirmed"), Text: w.Stamp(p.Confirmed)})
	}
	return out
}

// formView adds or edits a contact.
type formView struct {
	words
	Title, Action, Cancel string
	Errors                parts.Errors
	Form                  url.Values
	Members               []parts.Option
	Channels              int
}

func (g *Pages) newContact(w http.ResponseWriter, r *shell.Request) error {
	if !contact.MayKeep(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "add")
	}
	form := url.Values{"role": {r.URL.Query().Get("role")}, "order": {"1"}, "from": {r.Now.UTC().Format("2006-01-02")}, "marking": {string(access.TLPGreen)},
		"channel_kind": {"phone", "mobile", "email"}, "night.0": {"1"}}
	for _, m := range access.All() {
		if m != g.self {
			form.Add("recipient", string(m))
		}
	}
	return g.showForm(w, r, http.StatusOK, g.formView(r, form, nil))
}

func (g *Pages) formView(r *shell.Request, form url.Values, err error) formView {
	v := formView{words: g.words(r), Form: form, Errors: channelErrors(r, form, err), Action: own + "/new", Cancel: own, Channels: max(1, len(form["channel_kind"]))}
	v.Title = v.T("contact.form.new")
	if form.Get("do") == "row" {
		v.Channels = min(v.Channels+1, contact.MaxChannels)
	}
	for _, m := range access.All() {
		if m != g.self {
			v.Members = append(v.Members, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: slices.Contains(form["recipient"], string(m))})
		}
	}
	return v
}

func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, status int, v formView) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, contactFormPage(v))
}

// channelErrors brings the fault of a channel to its input; lines that were
// left empty do not count for the desk.
func channelErrors(r *shell.Request, form url.Values, err error) parts.Errors {
	e := parts.ErrorsOf(r.Printer, err)
	var filled []int
	for i := range form["channel_kind"] {
		if text(at(form, "channel", i)) != "" {
			filled = append(filled, i)
		}
	}
	for i, item := range e.Items {
		if item.Name == "channels" && item.Row >= 1 && item.Row <= len(filled) {
			e.Items[i].Name = "channel." + str(filled[item.Row-1])
		}
	}
	return e
}

func inputOf(f url.Values) contact.Input {
	order, _ := strconv.Atoi(strings.TrimSpace(f.Get("order")))
	in := contact.Input{Marking: access.Marking(f.Get("marking")), Contact: contact.Contact{Role: contact.Role(f.Get("role")), Order: order,
		Organisation: f.Get("organisation"), Unit: f.Get("unit"), Post: f.Get("post"), Person: f.Get("person"), From: f.Get("from"), To: f.Get("to"),
		Quiet: contact.Quiet{From: f.Get("quiet_from"), To: f.Get("quiet_to")}, Note: text(f.Get("note"))}}
	for i, kind := range f["channel_kind"] {
		if value := text(at(f, "channel", i)); value != "" {
			in.Contact.Channels = append(in.Contact.Channels, contact.Channel{Kind: kind, Value: value, Night: f.Get("night."+str(i)) == "1"})
		}
	}
	in.Contact.Languages = strings.FieldsFunc(f.Get("languages"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	for _, m := range f["recipient"] {
		in.To = append(in.To, access.Member(m))
	}
	return in
}

func valuesOf(o *contact.Own) url.Values {
	k := o.Contact
	f := url.Values{"role": {string(k.Role)}, "order": {str(k.Order)}, "organisation": {k.Organisation}, "unit": {k.Unit}, "post": {k.Post}, "person": {k.Person},
		"from": {k.From}, "to": {k.To}, "quiet_from": {k.Quiet.From}, "quiet_to": {k.Quiet.To}, "note": {k.Note}, "languages": {strings.Join(k.Languages, ", ")},
		"marking": {string(o.Marking)}, "version": {str(o.Version)}}
	for i, c := range k.Channels {
		f.Add("channel_kind", c.Kind)
		f.Add("channel", c.Value)
		if c.Night {
			f.Set("night."+str(i), "1")
		}
	}
	for _, m := range o.To {
		f.Add("recipient", string(m))
	}
	return f
}

func (g *Pages) add(w http.ResponseWriter, r *shell.Request) error {
	form := r.PostForm
	if form.Get("do") == "row" {
		return g.showForm(w, r, http.StatusOK, g.formView(r, form, nil))
	}
	o, err := g.desk.Add(r.Context(), r.Actor, inputOf(form))
	if fault.Is(err, fault.Invalid) {
		return g.showForm(w, r, http.StatusBadRequest, g.formView(r, form, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "contact.said.added", nil)
	return r.Redirect(w, contact.OwnPath(o.ID))
}

func (g *Pages) editForm(r *shell.Request, p *contact.OwnPage, form url.Values, err error) formView {
	v := g.formView(r, form, err)
	v.Title, v.Action, v.Cancel = v.T("contact.form.edit"), contact.OwnPath(p.ID)+"/edit", contact.OwnPath(p.ID)
	return v
}

func (g *Pages) editContact(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.ownOf(r)
	if err != nil {
		return err
	}
	if _, ok := offered(p.Offers, "edit"); !ok {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "edit")
	}
	return g.showForm(w, r, http.StatusOK, g.editForm(r, &p, valuesOf(&p.Own), nil))
}

func (g *Pages) saveContact(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.ownOf(r)
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
	case fault.Is(err, fault.Conflict) && p.State != contact.Clearance && p.State != contact.Removed:
		return g.conflict(w, r, &p, form)
	case err != nil:
		return err
	}
	r.Say(w, "contact.said.saved", nil)
	return r.Redirect(w, contact.OwnPath(p.ID))
}

func (g *Pages) conflict(w http.ResponseWriter, r *shell.Request, p *contact.OwnPage, form url.Values) error {
	v, theirs := g.words(r), valuesOf(&p.Own)
	form.Del("do")
	c := shell.Conflict{Title: p.Contact.Post, By: p.Changed.Post, Action: contact.OwnPath(p.ID) + "/edit", Record: contact.OwnPath(p.ID), Version: str(p.Version), Form: form}
	for _, n := range []string{"post", "organisation", "unit", "person", "order", "from", "to", "languages", "note"} {
		c.Fields = append(c.Fields, shell.ConflictField{Name: n, Label: v.T("contact.field." + n), Long: n == "note", Mine: form.Get(n), Theirs: theirs.Get(n)})
	}
	return r.Conflict(w, c)
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	i, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb, seen, reason := r.PathValue("verb"), version(r.PostForm), text(r.PostFormValue("reason"))
	switch verb {
	case "submit":
		_, err = g.desk.Submit(r.Context(), r.Actor, i, seen)
	case "clear":
		_, err = g.desk.Clear(r.Context(), r.Actor, i, seen)
	case "confirm":
		_, err = g.desk.Confirm(r.Context(), r.Actor, i, seen)
	case "remove":
		_, err = g.desk.Remove(r.Context(), r.Actor, i, seen, reason)
	case "return":
		_, err = g.desk.Back(r.Context(), r.Actor, i, seen, "return", reason)
	case "recall":
		_, err = g.desk.Back(r.Context(), r.Actor, i, seen, "recall", "")
	case "keep":
		_, err = g.desk.Back(r.Context(), r.Actor, i, seen, "keep", "")
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showOwn(w, r, http.StatusBadRequest, verb, err)
	case fault.Is(err, fault.Conflict):
		return g.showOwn(w, r, http.StatusConflict, verb, err)
	case err != nil:
		return err
	}
	r.Say(w, "contact.said."+verb, nil)
	return r.Redirect(w, contact.OwnPath(i))
}
