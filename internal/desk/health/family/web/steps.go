package web

import (
	"net/http"
	"slices"

	"lintas/internal/access"
	"lintas/internal/desk/health/family"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// stepView asks before a step is taken, or an answer given.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	To      *parts.Choices
	Into    *parts.Choices
	Events  *parts.Choices
	Name    *parts.Input
	Reason  *parts.TextArea
}

func (v *stepView) reason(name, value string, required bool) {
	v.Reason = &parts.TextArea{Field: parts.Field{Name: name, Label: v.T("family." + name), Required: required, Optional: !required,
		Error: v.Errors.Of("family." + name)}, Value: value, Rows: 3, MaxLength: family.MaxReason}
}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	if err := may(p, verb); err != nil {
		return err
	}
	v := stepView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Confirm = parts.Confirm{Title: v.T("family.step.title", "verb", v.T("family.verb."+string(verb)), "name", p.Name), Text: v.T("family.step." + string(verb)),
		Action: path(p.ID) + "/step/" + string(verb), Hidden: [][2]string{{"version", str(p.Version)}},
		Submit: parts.Button{Text: v.T("family.verb." + string(verb)), Kind: parts.Primary}, Cancel: parts.Link{Text: v.T("health.form.cancel"), Href: path(p.ID)}}
	switch verb {
	case "share":
		v.To = &parts.Choices{Many: true, Field: parts.Field{Name: "to", Label: v.T("family.to"), Error: v.Errors.Of("family.recipients")}}
		for _, m := range access.All() {
			on := slices.Contains(r.PostForm["to"], string(m)) || cause == nil && (slices.Contains(p.To, m) || len(p.To) == 0 && slices.ContainsFunc(p.Entries, func(e family.Entry) bool { return e.Owner == m }))
			if m != g.member {
				v.To.Options = append(v.To.Options, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: on})
			}
		}
	case "merge":
		v.reason("reason", r.PostFormValue("reason"), true)
		if err := g.mergeTargets(r, p, &v); err != nil {
			return err
		}
	case "split":
		v.reason("reason", r.PostFormValue("reason"), true)
		v.Name = &parts.Input{Field: parts.Field{Name: "name", Label: v.T("family.split.name"), Required: true, Error: v.Errors.Of("name")}, Value: r.PostFormValue("name"), MaxLength: family.MaxName}
		v.Events = &parts.Choices{Many: true, Field: parts.Field{Name: "events", Label: v.T("family.split.events"), Error: v.Errors.Of("events")}}
		for _, e := range p.Events {
			v.Events.Options = append(v.Events.Options, parts.Option{Value: string(e.Entry.Event), Text: e.Name, Hint: v.name(string(e.Owner)), Chosen: slices.Contains(r.PostForm["events"], string(e.Entry.Event))})
		}
	case "close", "withdraw", "reopen":
		v.reason("reason", r.PostFormValue("reason"), true)
	default:
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.Marking)}, stepPage(v))
}

func (g *Pages) mergeTargets(r *shell.Request, p family.Page, v *stepView) error {
	rows, err := g.desk.List(r.Context(), r.Actor, "")
	v.Into = &parts.Choices{Field: parts.Field{Name: "into", Label: v.T("family.merge.into"), Required: true, Error: v.Errors.Of("family.target")}}
	for _, x := range rows {
		if x.Mine && x.ID != p.ID && (x.State == family.Draft || x.State == family.Shared) {
			v.Into.Options = append(v.Into.Options, parts.Option{Value: string(x.ID), Text: x.Name, Hint: v.T("hazard." + x.Hazard), Chosen: r.PostFormValue("into") == string(x.ID)})
		}
	}
	return err
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	fid, err := r.PathID("id")
	if err != nil {
		return err
	}
	form, ctx := r.PostForm, r.Context()
	seen, why, verb := version(form.Get("version")), text(form.Get("reason")), workflow.Verb(r.PathValue("verb"))
	next := path(fid)
	switch verb {
	case "share":
		var to []access.Member
		for _, m := range form["to"] {
			to = append(to, access.Member(m))
		}
		_, err = g.desk.Share(ctx, r.Actor, fid, seen, to)
	case "merge":
		into, bad := id.Parse(form.Get("into"))
		if bad != nil {
			err = &fault.Error{Kind: fault.Invalid, Key: "fault.needs", Fields: []fault.Field{{Name: "family.target", Key: "need.family.target"}}}
			break
		}
		_, err = g.desk.Merge(ctx, r.Actor, fid, seen, into, why)
		next = path(into)
	case "split":
		var f family.Family
		f, err = g.desk.Split(ctx, r.Actor, fid, seen, text(form.Get("name")), chosen(form), why)
		next = path(f.ID)
	case "close", "withdraw", "reopen":
		_, err = g.desk.Move(ctx, r.Actor, fid, seen, verb, why)
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
	r.Say(w, "family.said."+string(verb), nil)
	return r.Redirect(w, next)
}

// askAnswer asks what this member says of its own event.
func (g *Pages) askAnswer(w http.ResponseWriter, r *shell.Request) error {
	return g.showAnswer(w, r, http.StatusOK, r.URL.Query().Get("say"), nil)
}

func (g *Pages) showAnswer(w http.ResponseWriter, r *shell.Request, status int, verb string, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.Answers, func(a family.AnswerView) bool { return string(a.Event) == r.PathValue("event") })
	if i < 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	a := p.Answers[i]
	j := slices.IndexFunc(a.Offers, func(o workflow.Offer) bool { return string(o.Verb) == verb })
	if j < 0 {
		return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
	}
	v := stepView{words: g.words(r), Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Confirm = parts.Confirm{Title: v.T("family.step.title", "verb", v.T("family.verb."+verb), "name", a.EventName), Text: v.T("family.step."+verb, "family", p.Name, "owner", v.name(string(p.Owner))),
		Action: path(p.ID) + "/answer/" + string(a.Event), Hidden: [][2]string{{"version", str(a.Version)}, {"say", verb}},
		Submit: parts.Button{Text: v.T("family.verb." + verb), Kind: parts.Primary}, Cancel: parts.Link{Text: v.T("health.form.cancel"), Href: path(p.ID)}}
	v.reason("words", r.PostFormValue("words"), verb == "decline")
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.Marking)}, stepPage(v))
}

func (g *Pages) answer(w http.ResponseWriter, r *shell.Request) error {
	fid, err := r.PathID("id")
	if err != nil {
		return err
	}
	eid, err := r.PathID("event")
	if err != nil {
		return err
	}
	say := r.PostForm.Get("say")
	_, err = g.desk.Say(r.Context(), r.Actor, fid, eid, version(r.PostForm.Get("version")), say == "join", text(r.PostForm.Get("words")))
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showAnswer(w, r, http.StatusBadRequest, say, err)
	case err != nil:
		return err
	}
	r.Say(w, "family.said.answer", nil)
	return r.Redirect(w, path(fid))
}
