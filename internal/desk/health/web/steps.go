package web

import (
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// factsForm adds figures to an event.
type factsForm struct {
	words
	E      health.EventView
	Rows   []factRow
	Errors parts.Errors
}

func (g *Pages) newFacts(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offeredEvent(r, "add_facts")
	if err != nil {
		return err
	}
	form := url.Values{"rows": {"3"}}
	if len(p.View.Places) > 0 {
		form.Set("fact.0.place", p.View.Places[0])
	}
	form.Set("fact.0.as_of", r.Now.UTC().Format("2006-01-02T15:04"))
	return g.showFacts(w, r, http.StatusOK, p.View, form, nil)
}

func (g *Pages) showFacts(w http.ResponseWriter, r *shell.Request, status int, e health.EventView, form url.Values, err error) error {
	v := factsForm{words: g.words(r), E: e, Rows: factRows(form), Errors: factErrors(r.Printer, form, err)}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("health.form.facts")}, factsPage(v))
}

func (g *Pages) saveFacts(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.offeredEvent(r, "add_facts")
	if err != nil {
		return err
	}
	form := r.PostForm
	if moreRows(form) {
		return g.showFacts(w, r, http.StatusOK, p.View, form, nil)
	}
	// Figures are only ever added, so an event that changed meanwhile is no
	// conflict for them.
	_, err = g.desk.AddFacts(r.Context(), r.Actor, p.View.ID, 0, readFacts(form))
	if fault.Is(err, fault.Invalid) {
		return g.showFacts(w, r, http.StatusBadRequest, p.View, form, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "health.said.facts", nil)
	return r.Redirect(w, eventPath(p.View.ID))
}

// stepView is the page that asks before a step is taken.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	Reason  string
	Ask     bool // for a reason
	Need    bool // the reason must be given
	Notice  *parts.Notice
}

func (g *Pages) askMove(w http.ResponseWriter, r *shell.Request) error {
	return g.showMove(w, r, http.StatusOK, nil)
}

func (g *Pages) showMove(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	verb := r.PathValue("verb")
	p, err := g.offeredEvent(r, verb)
	if err != nil {
		return err
	}
	o, _ := offered(p.Offers, workflow.Verb(verb))
	if o.To == "" {
		return fault.New(fault.NotFound, "fault.web.no_page") // editing has its own form
	}
	row, _ := health.Events.Find(p.View.State, o.Verb)
	v := stepView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause), Reason: r.PostFormValue("reason"), Ask: true, Need: len(row.Needs) > 0}
	path := eventPath(p.View.ID)
	v.Confirm = parts.Confirm{Title: v.T("health.move.title", "verb", v.T("health.verb."+verb), "name", p.View.Name),
		Text:   v.T("health.move.text", "from", v.state(p.View.State), "to", v.state(o.To)),
		Action: path + "/move/" + verb, Hidden: [][2]string{{"version", str(p.View.Version)}},
		Submit: parts.Button{Text: v.T("health.verb." + verb), Kind: parts.Primary, Unmet: v.unmet(o)},
		Cancel: parts.Link{Text: v.T("health.form.cancel"), Href: path}}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title}, stepPage(v))
}

// move takes the step. Who was overtaken sees the event's new state, and the
// reason that was typed.
func (g *Pages) move(w http.ResponseWriter, r *shell.Request) error {
	eid, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.MoveEvent(r.Context(), r.Actor, eid, version(r.PostForm), workflow.Verb(r.PathValue("verb")), text(strings.TrimSpace(r.PostFormValue("reason"))))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showMove(w, r, http.StatusBadRequest, err)
	case fault.Is(err, fault.Conflict):
		return g.showMove(w, r, http.StatusConflict, err)
	case err != nil:
		return err
	}
	r.Say(w, "health.said.moved", nil)
	return r.Redirect(w, eventPath(eid))
}

// askStep asks before a step of a notification.
func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

// reasons are the steps that take words with them, and whether they must.
var reasons = map[string]bool{"return": true, "withdraw": true, "recall": false, "discard": false}

// dangers are the steps that cannot be taken back.
var dangers = map[string]bool{"withdraw": true, "discard": true}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	verb := r.PathValue("verb")
	p, err := g.notificationOf(r)
	if err != nil {
		return err
	}
	if err := p.Offered(verb); err != nil {
		return err
	}
	if verb == "edit" {
		return r.Redirect(w, notePath(p.ID)+"/edit")
	}
	v := stepView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause), Reason: r.PostFormValue("reason")}
	v.Need, v.Ask = reasons[verb], false
	if _, takes := reasons[verb]; takes {
		v.Ask = true
	}
	o, _ := offered(p.Offers, workflow.Verb(verb))
	v.Confirm = parts.Confirm{Title: v.T("health.step."+verb, "title", p.Title), Text: v.T("health.step." + verb + ".text"),
		Points: v.stepPoints(verb, p), Action: notePath(p.ID) + "/step/" + verb, Hidden: [][2]string{{"version", str(p.Version)}},
		Submit: parts.Button{Text: v.T("health.verb." + verb), Kind: parts.Primary, Unmet: v.unmet(o)},
		Cancel: parts.Link{Text: v.T("health.form.cancel"), Href: notePath(p.ID)}}
	if dangers[verb] {
		v.Confirm.Submit.Kind = parts.Danger
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.Marking)}, stepPage(v))
}

// stepPoints say what will happen.
func (w words) stepPoints(verb string, p health.NotificationPage) []string {
	switch verb {
	case "release":
		out := []string{w.T("health.point.to", "n", len(p.Recipients), "members", w.members(p.To())),
			w.T("health.point.marking", "marking", string(p.Marking)),
			w.T("health.point.due", "time", p.AckWithin)}
		if p.Old != nil {
			out = append(out, w.T("health.point.supersedes", "title", p.Old.Title))
		}
		return append(out, w.T("health.point.sealed"))
	case "withdraw":
		return []string{w.T("health.point.tombstone", "members", w.members(p.To())), w.T("health.point.kept")}
	case "submit", "clear":
		return []string{w.T("health.point.people"), w.T("health.point.version", "n", p.Event.Version)}
	case "remind":
		var silent []string
		for _, c := range p.Acks {
			if c.State != health.AckActed {
				silent = append(silent, w.name(string(c.Member)))
			}
		}
		return []string{w.T("health.point.silent", "members", strings.Join(silent, ", "))}
	}
	return nil
}

// step takes a step of a notification.
func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	nid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb, seen, reason := r.PathValue("verb"), version(r.PostForm), text(strings.TrimSpace(r.PostFormValue("reason")))
	var n health.Notification
	switch verb {
	case "submit":
		n, err = g.desk.Submit(r.Context(), r.Actor, nid, seen)
	case "clear":
		n, err = g.desk.Clear(r.Context(), r.Actor, nid, seen)
	case "release":
		n, err = g.desk.Release(r.Context(), r.Actor, nid, seen)
	case "remind":
		n, err = g.desk.Remind(r.Context(), r.Actor, nid, seen)
	case "withdraw":
		n, err = g.desk.Withdraw(r.Context(), r.Actor, nid, seen, reason)
	case "return", "recall", "discard":
		n, err = g.desk.Back(r.Context(), r.Actor, nid, seen, workflow.Verb(verb), reason)
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showStep(w, r, http.StatusBadRequest, err)
	case fault.Is(err, fault.Conflict):
		return g.showStep(w, r, http.StatusConflict, err)
	case err != nil:
		return err
	}
	r.Say(w, "health.said."+verb, nil)
	switch r.URL.Query().Get("back") {
	case "desk":
		return r.Redirect(w, "/")
	case "event":
		return r.Redirect(w, eventPath(n.Event))
	}
	return r.Redirect(w, notePath(nid))
}
