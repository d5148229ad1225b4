package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// overviewView is the first page of the part.
type overviewView struct {
	words
	Head           parts.PageHead
	Path           string
	Assessments    []ihr.Annex2View
	Determinations []ihr.DeterminationView
	Statuses       parts.Table
	MayRecord      bool
}

func (g *Pages) overview(w http.ResponseWriter, r *shell.Request) error {
	v := overviewView{words: g.words(r), Path: r.URL.RequestURI(), MayRecord: ihr.MayRecord(r.Actor)}
	v.Head = parts.PageHead{Title: v.T("ihr.title"), Lede: v.T("ihr.lede"), Actions: []parts.Button{
		{Text: v.T("ihr.roles.title"), Icon: "users", Href: base + "/roles"}, {Text: v.T("ihr.measures.title"), Icon: "truck", Href: register}}}
	var err error
	if v.Assessments, err = g.desk.Annex2s(r.Context(), r.Actor, "", 50); err != nil {
		return err
	}
	if v.Determinations, err = g.desk.DeterminationsOf(r.Context(), r.Actor, "", ""); err != nil {
		return err
	}
	p, err := g.desk.Amendments(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v.Statuses = v.statuses(p.Rows)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"ihr"}}, overviewPage(v))
}

// rolesView tells the two roles of a state apart.
type rolesView struct {
	words
	Head  parts.PageHead
	Roles []roleView
}

type roleView struct {
	Title, Text string
	Does        []string
}

func (g *Pages) roles(w http.ResponseWriter, r *shell.Request) error {
	v := rolesView{words: g.words(r)}
	v.Head = parts.PageHead{Title: v.T("ihr.roles.title"), Lede: v.T("ihr.roles.lede"), Crumbs: []parts.Link{{Text: v.T("ihr.title"), Href: base}, {Text: v.T("ihr.roles.title")}}}
	for _, role := range []access.Role{access.IHRFocalPoint, access.IHRAuthority} {
		x := roleView{Title: v.T("role." + string(role)), Text: v.T("ihr.roles." + string(role))}
		for _, t := range ihr.StepsOf(role) {
			x.Does = append(x.Does, v.T("action."+t))
		}
		v.Roles = append(v.Roles, x)
	}
	return r.Show(w, shell.Page{Title: v.Head.Title}, rolesPage(v))
}

func (w words) statuses(rows []ihr.StandingRow) parts.Table {
	t := parts.Table{Caption: w.T("ihr.amendments.title"), RowHead: true, Cards: true}
	for _, c := range []string{"state_party", "status", "on", "in_force", "source"} {
		t.Columns = append(t.Columns, parts.Column{Text: w.T("ihr.col." + c)})
	}
	for _, r := range rows {
		row := []parts.Cell{{Body: parts.PlateMark(w.plate(r.Member, plateOf(r))), Text: w.name(r.Member)}, {Text: w.T("ihr.status." + r.Status())}, {}, {}, {Text: w.T("ihr.status.silent")}}
		if v := r.View; v != nil {
			row[1].Note = v.Words
			row[2], row[3] = parts.Cell{Text: w.day(v.On)}, parts.Cell{Text: w.day(v.InForce)}
			row[4] = parts.Cell{Text: v.Source, Note: w.T("health.by", "post", v.ClearedAs, "time", v.Released)}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func plateOf(r ihr.StandingRow) parts.PlateState {
	if r.View == nil {
		return parts.Missing
	}
	return parts.Plain
}

// determinationView is the page of one determination.
type determinationView struct {
	words
	V     ihr.DeterminationView
	Head  parts.PageHead
	Moves []parts.Button
	Facts []parts.Definition
	Recs  parts.Table
	// Notices say whose record it is and how far it was told.
	Notices []parts.Notice
}

func (g *Pages) determination(w http.ResponseWriter, r *shell.Request) error {
	xid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Determination(r.Context(), r.Actor, xid)
	if err != nil {
		return err
	}
	x := p.View
	v := determinationView{words: g.words(r), V: x}
	v.Head = parts.PageHead{Title: x.Title, Lede: v.T("ihr.outside"), Crumbs: []parts.Link{{Text: v.T("ihr.title"), Href: base}, {Text: x.Title}}}
	if _, ok := offered(p.Offers, "edit"); ok {
		v.Head.Actions = []parts.Button{{Text: v.T("ihr.verb.edit"), Icon: "pencil", Href: ihr.DeterminationPath(xid) + "/edit"}}
	}
	apart := []workflow.Verb{"edit"}
	if p.Released && !p.Uncleared && p.View.State == ihr.Standing { // nothing new to clear
		apart = append(apart, "release")
	}
	v.Moves = v.moves(p.Offers, ihr.DeterminationPath(xid), apart...)
	v.Facts = v.determinationFacts(x)
	v.Recs = v.recommendations(x)
	v.Notices = v.determinationNotices(p)
	return r.Show(w, shell.Page{Title: x.Title, Marking: string(x.Marking)}, determinationPage(v))
}

// determinationNotices: a copy says whose record it is; an own one to whom it
// went, and whether what went is still what stands here.
func (w words) determinationNotices(p ihr.DeterminationPage) []parts.Notice {
	note := func(g parts.Grade, key string, args ...any) []parts.Notice {
		return []parts.Notice{{Grade: g, Title: w.T("ihr.determination." + key), Text: w.T("ihr.determination."+key+".text", args...)}}
	}
	switch {
	case !p.Own:
		return note(parts.Information, "copy", "owner", w.name(p.View.Owner))
	case p.Uncleared:
		return note(parts.Warning, "uncleared", "members", w.names(p.Preview.Members))
	case p.Released:
		return note(parts.Information, "released", "members", w.names(p.Preview.Members))
	case len(p.View.Members) > 0:
		return note(parts.Information, "waiting", "members", w.names(p.View.Members))
	}
	return nil
}

func (w words) determinationFacts(x ihr.DeterminationView) []parts.Definition {
	out := []parts.Definition{{Term: w.T("risk.field.state"), Text: w.state(x.State)}, {Term: w.T("ihr.field.determination"), Text: w.kindOf(x)},
		{Term: w.T("ihr.field.by"), Text: x.By}, {Term: w.T("ihr.field.on"), Text: w.day(x.On)}, {Term: w.T("ihr.field.hazard"), Text: w.T("hazard." + x.Hazard)}}
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T(key), Text: text})
		}
	}
	if x.Meeting > 0 {
		add("ihr.field.meeting", str(x.Meeting))
	}
	add("ihr.field.ended", w.day(x.Ended))
	add("ihr.field.reason", x.Reason)
	if href := x.SourceLink(); href != "" {
		out = append(out, parts.Definition{Term: w.T("ihr.field.source"), Body: anchor(href, x.Source)})
	} else {
		add("ihr.field.source", x.Source)
	}
	if w.shows(x.Event) {
		out = append(out, parts.Definition{Term: w.T("ihr.col.event"), Body: anchor(eventPath(x.Event), w.T("ihr.this_event"))})
	}
	add("ihr.recorded_by", x.Post)
	add("ihr.field.members", w.names(x.Members))
	add("ihr.field.marking", string(x.Marking))
	return out
}

func (w words) kindOf(x ihr.DeterminationView) string {
	if x.Kind == "who_grade" {
		return w.T("ihr.kind.who_grade") + ": " + w.T("ihr.grade."+x.Grade)
	}
	return w.T("ihr.kind." + x.Kind)
}

func (w words) recommendations(x ihr.DeterminationView) parts.Table {
	t := parts.Table{Caption: w.T("ihr.field.recommendations"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("ihr.field.recommendations")}, {Text: w.T("ihr.col.lapse")}}}
	for _, r := range x.Recommendations {
		c := parts.Cell{Text: w.day(r.Expires)}
		if r.Expires < w.now.UTC().Format(time.DateOnly) {
			c.Note = w.T("ihr.lapsed.short")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: r.Text}, c})
	}
	return t
}

// determinationForm records or corrects a determination. Each line of
// recommendations may end in "| " and the day on which it lapses.
type determinationForm struct {
	words
	Title, Action, Cancel, Event string
	Errors                       parts.Errors
	Form                         url.Values
}

func (v determinationForm) field(name string, required bool) parts.Field {
	return v.words.field(v.Errors, name, required)
}

func (v determinationForm) recipients() parts.Field {
	f := v.field("members", false)
	f.Hint = v.T("ihr.determination.to")
	return f
}

func (g *Pages) showDetermination(w http.ResponseWriter, r *shell.Request, status int, v determinationForm) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, determinationFormPage(v))
}

func (g *Pages) determinationForm(r *shell.Request, form url.Values, action, cancel string, cause error) (determinationForm, error) {
	v := determinationForm{words: g.words(r), Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Action: action, Cancel: cancel}
	v.Title = v.T("ihr.determinations.new")
	if e := eventID(form.Get("event")); e != "" {
		p, err := g.health.EventPage(r.Context(), r.Actor, e)
		if err != nil {
			return v, err
		}
		v.Event = p.View.Name
	}
	return v, nil
}

func (g *Pages) newDetermination(w http.ResponseWriter, r *shell.Request) error {
	if !ihr.MayRecord(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "record")
	}
	cancel := base
	if e := eventID(r.URL.Query().Get("event")); e != "" {
		cancel = eventPath(e)
	}
	form := url.Values{"event": {r.URL.Query().Get("event")}, "marking": {string(access.TLPClear)}, "by": {r.Printer.T("ihr.by.dg")}}
	v, err := g.determinationForm(r, form, "/health/determinations/new", cancel, nil)
	if err != nil {
		return err
	}
	return g.showDetermination(w, r, http.StatusOK, v)
}

func (g *Pages) record(w http.ResponseWriter, r *shell.Request) error {
	x, err := g.desk.Record(r.Context(), r.Actor, eventID(r.PostFormValue("event")), determinationInput(r.PostForm))
	if fault.Is(err, fault.Invalid) {
		v, e := g.determinationForm(r, r.PostForm, "/health/determinations/new", base, err)
		if e != nil {
			return e
		}
		return g.showDetermination(w, r, http.StatusBadRequest, v)
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said.record", nil)
	return r.Redirect(w, ihr.DeterminationPath(x.ID))
}

func determinationInput(f url.Values) ihr.DeterminationInput {
	meeting, err := strconv.Atoi(strings.TrimSpace(f.Get("meeting")))
	if err != nil && strings.TrimSpace(f.Get("meeting")) != "" {
		meeting = -1
	}
	in := ihr.DeterminationInput{Kind: f.Get("determination"), Hazard: f.Get("hazard"), Title: f.Get("title"), Grade: f.Get("grade"), By: f.Get("by"), On: f.Get("on"),
		Source: f.Get("source"), Meeting: meeting, Marking: access.Marking(f.Get("marking"))}
	for _, m := range f["members"] {
		in.Members = append(in.Members, access.Member(m))
	}
	for _, line := range strings.Split(text(f.Get("recommendations")), "\n") {
		words, until, _ := strings.Cut(line, "|")
		if words = strings.TrimSpace(words); words != "" {
			in.Recommendations = append(in.Recommendations, ihr.Recommendation{Text: words, Expires: strings.TrimSpace(until)})
		}
	}
	return in
}

func (g *Pages) editDetermination(w http.ResponseWriter, r *shell.Request) error {
	xid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.Determination(r.Context(), r.Actor, xid)
	if err == nil {
		err = refuse(p.Offers, p.Own, p.View.Owner, "edit")
	}
	if err != nil {
		return err
	}
	x := p.View
	form := url.Values{"version": {str(x.Version)}, "event": {string(x.Event)}, "determination": {x.Kind}, "hazard": {x.Hazard}, "title": {x.Title}, "grade": {x.Grade},
		"by": {x.By}, "on": {x.On}, "source": {x.Source}, "marking": {string(x.Marking)}}
	if x.Meeting > 0 {
		form.Set("meeting", str(x.Meeting))
	}
	for _, m := range x.Members {
		form.Add("members", string(m))
	}
	var lines []string
	for _, rec := range x.Recommendations {
		lines = append(lines, rec.Text+" | "+rec.Expires)
	}
	form.Set("recommendations", strings.Join(lines, "\n"))
	at := ihr.DeterminationPath(xid)
	v, err := g.determinationForm(r, form, at+"/edit", at, nil)
	if err != nil {
		return err
	}
	return g.showDetermination(w, r, http.StatusOK, v)
}

func (g *Pages) saveDetermination(w http.ResponseWriter, r *shell.Request) error {
	xid, err := r.PathID("id")
	if err != nil {
		return err
	}
	at := ihr.DeterminationPath(xid)
	_, err = g.desk.EditDetermination(r.Context(), r.Actor, xid, version(r.PostForm), determinationInput(r.PostForm))
	if status := again(err); status != 0 {
		v, e := g.determinationForm(r, r.PostForm, at+"/edit", at, err)
		if e != nil {
			return e
		}
		return g.showDetermination(w, r, status, v)
	}
	if err != nil {
		return err
	}
	r.Say(w, "ihr.said.saved", nil)
	return r.Redirect(w, at)
}

// determinationPanel are the outside determinations on the page of an event.
func (g *Pages) determinationPanel(r *shell.Request, e health.EventView) (templ.Component, error) {
	list, err := g.desk.DeterminationsOf(r.Context(), r.Actor, e.ID, e.Hazard)
	if err != nil {
		return nil, err
	}
	v := determinationPanelView{words: g.words(r), List: list, Event: e.ID, May: ihr.MayRecord(r.Actor)}
	if len(list) == 0 && !v.May {
		return nil, nil
	}
	return determinationPanelBody(v), nil
}

type determinationPanelView struct {
	words
	List  []ihr.DeterminationView
	Event id.ID
	May   bool
}

// determinationLine says one in a few words.
func (w words) determinationLine(x ihr.DeterminationView) string {
	out := w.T("ihr.determined", "by", x.By, "day", w.day(x.On))
	if x.Meeting > 0 {
		out += " · " + w.T("ihr.meeting", "n", x.Meeting)
	}
	if x.Ended != "" {
		out += " · " + w.T("ihr.ended_on", "day", w.day(x.Ended))
	}
	return out
}

func determinationGrade(x ihr.DeterminationView) parts.Grade {
	switch {
	case x.State != ihr.Standing:
		return parts.Ungraded
	case x.Kind == "who_grade":
		return parts.Information
	}
	return parts.Emergency
}

// tagOf is a determination in a word.
func (w words) tagOf(x ihr.DeterminationView) string {
	if x.Kind == "who_grade" {
		return w.T("ihr.grade." + x.Grade)
	}
	return w.T("ihr.tag." + x.Kind)
}
