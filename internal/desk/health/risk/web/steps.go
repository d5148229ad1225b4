package web

import (
	"net/http"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/risk"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// stepView is the page that asks before a step is taken.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	Reason  string
	Ask     bool // for a reason
	Need    bool // the reason must be given
}

func (v stepView) reason() parts.Field {
	f := parts.Field{Name: "reason", Label: v.T("health.field.reason"), Hint: v.T("health.hint.reason"), Error: v.Errors.Of("reason"), Required: v.Need, Optional: !v.Need}
	if f.Error == "" {
		f.Error = v.Errors.Of("health.reason")
	}
	return f
}

// refuse says, as the table would, why a step cannot be taken.
func refuse(offers []workflow.Offer, own bool, owner access.Member, verb workflow.Verb) error {
	if _, ok := offered(offers, verb); ok {
		return nil
	}
	if !own {
		return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(owner))
	}
	return fault.New(fault.Conflict, "fault.risk.step").With("verb", string(verb))
}

// asks are the steps that take words with them, and whether they must.
var asks = map[string]bool{"return": true, "withdraw": true, "discard": false}

func (w words) stepView(r *shell.Request, o workflow.Offer, record string, title, back string, points []string, seen int, cause error) stepView {
	verb := string(o.Verb)
	v := stepView{words: w, Errors: parts.ErrorsOf(r.Printer, cause), Reason: r.PostFormValue("reason")}
	v.Need, v.Ask = asks[verb], false
	if _, ok := asks[verb]; ok {
		v.Ask = true
	}
	v.Confirm = parts.Confirm{Title: w.T("risk.step.title", "verb", w.T("risk.verb."+verb), "title", title), Text: w.T("risk.step." + record + "." + verb),
		Points: points, Action: back + "/step/" + verb, Hidden: [][2]string{{"version", str(seen)}},
		Submit: parts.Button{Text: w.T("risk.verb." + verb), Kind: parts.Primary, Unmet: w.unmet(o)}, Cancel: parts.Link{Text: w.T("health.form.cancel"), Href: back}}
	if verb == "withdraw" || verb == "discard" {
		v.Confirm.Submit.Kind = parts.Danger
	}
	return v
}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.AssessmentPage(r.Context(), r.Actor, aid)
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if err := refuse(p.Offers, p.Own, p.View.Owner, verb); err != nil {
		return err
	}
	if verb == "edit" {
		return r.Redirect(w, path(aid)+"/edit")
	}
	o, _ := offered(p.Offers, verb)
	ws := g.words(r)
	var points []string
	if verb == "publish" {
		points = []string{ws.T("risk.point.nobody")}
		if len(p.View.To) > 0 {
			points = []string{ws.T("risk.point.to", "n", len(p.View.To), "members", ws.names(p.View.To)), ws.T("health.point.marking", "marking", string(p.View.Marking)), ws.T("risk.point.same")}
		}
	}
	v := ws.stepView(r, o, "assessment", p.View.Title, path(aid), points, p.View.Version, cause)
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.View.Marking)}, stepPage(v))
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	_, err = g.desk.Step(r.Context(), r.Actor, aid, version(r.PostForm), workflow.Verb(verb), text(strings.TrimSpace(r.PostFormValue("reason"))))
	if status := again(err); status != 0 {
		return g.showStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "risk.said."+verb, nil)
	return r.Redirect(w, path(aid))
}

// again is the status of a form that is shown once more, or 0.
func again(err error) int {
	switch {
	case fault.Is(err, fault.Invalid):
		return http.StatusBadRequest
	case fault.Is(err, fault.Conflict):
		return http.StatusConflict
	}
	return 0
}

func (g *Pages) askPositionStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showPositionStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showPositionStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.positionOf(r)
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if err := refuse(p.Offers, p.Own, p.View.Owner, verb); err != nil {
		return err
	}
	back := positionPath(p.View.ID)
	if verb == "edit" {
		return r.Redirect(w, back+"/edit")
	}
	o, _ := offered(p.Offers, verb)
	ws := g.words(r)
	var points []string
	if verb == "release" {
		points = []string{ws.T("risk.point.to", "n", len(p.To), "members", ws.names(p.To)), ws.T("risk.point.same")}
	}
	v := ws.stepView(r, o, "position", p.View.Title, back, points, p.View.Version, cause)
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.View.Marking)}, stepPage(v))
}

func (g *Pages) positionStep(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	p, err := g.desk.StepPosition(r.Context(), r.Actor, pid, version(r.PostForm), workflow.Verb(verb), text(strings.TrimSpace(r.PostFormValue("reason"))))
	if status := again(err); status != 0 {
		return g.showPositionStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "risk.said."+verb, nil)
	if p.State == risk.Released || p.State == risk.Discarded {
		return r.Redirect(w, path(p.Assessment))
	}
	return r.Redirect(w, positionPath(pid))
}
