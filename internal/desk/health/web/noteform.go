package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// noteForm composes or edits a notification.
type noteForm struct {
	words
	Title  string
	Lede   string
	Action string
	Cancel string
	Event  string
	Errors parts.Errors
	Form   url.Values
	Self   access.Member
	Rows   []recipientRow
}

// recipientRow is one member with the blocks that it gets.
type recipientRow struct {
	Member access.Member
	Name   string
	To     bool
	Blocks []parts.Option
}

func (g *Pages) newNotification(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.notifiable(r)
	if err != nil {
		return err
	}
	form := url.Values{"title": {p.View.Name}, "lang": {p.View.Lang}, "purpose": {"early_warning"}, "basis": {"aphecs"},
		"marking": {string(p.View.Marking)}, "ack_hours": {hours(health.AckDefault)}, "do": {"all"}}
	if old := id.ID(r.URL.Query().Get("supersedes")); old != "" {
		n, err := g.desk.NotificationPage(r.Context(), r.Actor, old)
		if err != nil {
			return err
		}
		form = noteValues(n.Notification)
		form.Del("version")
		form.Set("supersedes", string(old))
	}
	choose(form, g.deps.Member)
	return g.showNoteForm(w, r, http.StatusOK, g.composeForm(r, p, form, nil))
}

// notifiable loads an event that the actor may notify of.
func (g *Pages) notifiable(r *shell.Request) (health.Page, error) {
	eid, err := r.PathID("id")
	if err != nil {
		return health.Page{}, err
	}
	p, err := g.desk.EventPage(r.Context(), r.Actor, eid)
	if err == nil && !p.Own {
		err = fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.View.Owner))
	}
	if err == nil && !p.MayNotify {
		err = fault.New(fault.Forbidden, "fault.role").With("verb", "compose")
	}
	return p, err
}

func (g *Pages) composeForm(r *shell.Request, p health.Page, form url.Values, err error) noteForm {
	v := g.noteForm(r, form, err)
	v.Action, v.Cancel, v.Event = eventPath(p.View.ID)+"/notify", eventPath(p.View.ID), p.View.Name
	v.Title, v.Lede = v.T("health.notify.title"), v.T("health.notify.lede")
	if form.Get("supersedes") != "" {
		v.Title, v.Lede = v.T("health.notify.update"), v.T("health.notify.update.lede")
	}
	return v
}

func (g *Pages) noteForm(r *shell.Request, form url.Values, err error) noteForm {
	v := noteForm{words: g.words(r), Form: form, Self: g.deps.Member, Errors: parts.ErrorsOf(r.Printer, err)}
	to := list(form["to"])
	for _, m := range access.All() {
		if m == v.Self {
			continue
		}
		row := recipientRow{Member: m, Name: v.name(string(m)), To: slices.Contains(to, string(m))}
		for _, b := range health.Blocks {
			row.Blocks = append(row.Blocks, parts.Option{Value: string(b), Text: v.T("block." + string(b)),
				Chosen: slices.Contains(form["blocks."+string(m)], string(b))})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func (g *Pages) showNoteForm(w http.ResponseWriter, r *shell.Request, status int, v noteForm) error {
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, noteFormPage(v))
}

// choose answers the buttons that mark or clear all recipients.
func choose(form url.Values, self access.Member) bool {
	switch form.Get("do") {
	case "all":
		form.Del("to")
		for _, m := range access.All() {
			if m == self {
				continue
			}
			form.Add("to", string(m))
			if len(form["blocks."+string(m)]) == 0 {
				for _, b := range health.Blocks {
					form.Add("blocks."+string(m), string(b))
				}
			}
		}
	case "none":
		form.Del("to")
	default:
		return false
	}
	return true
}

func (g *Pages) compose(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.notifiable(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	if choose(form, g.deps.Member) {
		return g.showNoteForm(w, r, http.StatusOK, g.composeForm(r, p, form, nil))
	}
	n, err := g.desk.Compose(r.Context(), r.Actor, p.View.ID, id.ID(form.Get("supersedes")), noteInput(form))
	if fault.Is(err, fault.Invalid) {
		return g.showNoteForm(w, r, http.StatusBadRequest, g.composeForm(r, p, form, err))
	}
	if err != nil {
		return err
	}
	r.Say(w, "health.said.composed", nil)
	return r.Redirect(w, notePath(n.ID))
}

func (g *Pages) editNotification(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.notificationOf(r)
	if err == nil {
		err = p.Offered("edit")
	}
	if err != nil {
		return err
	}
	return g.showNoteForm(w, r, http.StatusOK, g.editNoteForm(r, p, noteValues(p.Notification), nil))
}

func (g *Pages) editNoteForm(r *shell.Request, p health.NotificationPage, form url.Values, err error) noteForm {
	v := g.noteForm(r, form, err)
	v.Action, v.Cancel, v.Event = notePath(p.ID)+"/edit", notePath(p.ID), p.Event.Name
	v.Title, v.Lede = v.T("health.notify.edit"), v.T("health.notify.lede")
	return v
}

func (g *Pages) saveNotification(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.notificationOf(r)
	if err != nil {
		return err
	}
	form := r.PostForm
	if choose(form, g.deps.Member) {
		return g.showNoteForm(w, r, http.StatusOK, g.editNoteForm(r, p, form, nil))
	}
	_, err = g.desk.EditNotification(r.Context(), r.Actor, p.ID, version(form), noteInput(form))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showNoteForm(w, r, http.StatusBadRequest, g.editNoteForm(r, p, form, err))
	case fault.Is(err, fault.Conflict) && p.Offered("edit") == nil:
		return g.noteConflict(w, r, p, form)
	case err != nil:
		return err
	}
	r.Say(w, "health.said.saved", nil)
	return r.Redirect(w, notePath(p.ID))
}

func (g *Pages) noteConflict(w http.ResponseWriter, r *shell.Request, p health.NotificationPage, form url.Values) error {
	v, theirs := g.words(r), noteValues(p.Notification)
	form.Del("do")
	c := shell.Conflict{Title: p.Title, By: p.Changed.Post, Action: notePath(p.ID) + "/edit", Record: notePath(p.ID),
		Version: str(p.Version), Form: form}
	add := func(name string, long bool, options []parts.Option) {
		c.Fields = append(c.Fields, shell.ConflictField{Name: name, Label: v.T("health.field." + name), Long: long, Options: options,
			Mine: strings.Join(form[name], ", "), Theirs: strings.Join(theirs[name], ", ")})
	}
	add("title", false, nil)
	add("message", true, nil)
	add("purpose", false, v.keyed("purpose", health.Purposes, form.Get("purpose")))
	add("basis", false, v.keyed("basis", health.Bases, form.Get("basis")))
	add("marking", false, v.markingOptions(form.Get("marking")))
	add("ack_hours", false, nil)
	add("to", false, nil)
	return r.Conflict(w, c)
}

func (w words) keyed(prefix string, values []string, chosen string) []parts.Option {
	var out []parts.Option
	for _, x := range values {
		out = append(out, parts.Option{Value: x, Text: w.T(prefix + "." + x), Chosen: x == chosen})
	}
	return out
}

func noteInput(f url.Values) health.NotificationInput {
	in := health.NotificationInput{Title: f.Get("title"), Message: text(f.Get("message")), Lang: f.Get("lang"), Purpose: f.Get("purpose"),
		Basis: f.Get("basis"), Marking: access.Marking(f.Get("marking"))}
	if h, err := strconv.Atoi(strings.TrimSpace(f.Get("ack_hours"))); err == nil && h > 0 && h <= 24*365 {
		in.AckWithin = time.Duration(h) * time.Hour
	}
	for _, m := range list(f["to"]) {
		r := health.Recipient{Member: access.Member(m)}
		for _, b := range f["blocks."+m] {
			r.Blocks = append(r.Blocks, health.Block(b))
		}
		in.Recipients = append(in.Recipients, r)
	}
	return in
}

func noteValues(n health.Notification) url.Values {
	f := url.Values{"title": {n.Title}, "message": {n.Message}, "lang": {n.Lang}, "purpose": {n.Purpose}, "basis": {n.Basis},
		"marking": {string(n.Marking)}, "ack_hours": {hours(n.AckWithin)}, "version": {str(n.Version)}}
	for _, r := range n.Recipients {
		f.Add("to", string(r.Member))
		for _, b := range r.Blocks {
			f.Add("blocks."+string(r.Member), string(b))
		}
	}
	return f
}

func hours(d time.Duration) string { return str(int(d / time.Hour)) }
