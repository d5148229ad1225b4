package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/level"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// formView writes a proposal, a position or an activation.
type formView struct {
	words
	Title, Lede    string
	Action, Cancel string
	Form           url.Values
	Errors         parts.Errors
	Families       []parts.Option
	Events         []parts.Option
	Kind           string // "proposal", "position", "activation"
	Save           string
}

func (v formView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("level.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	// The hint of the reasons speaks of positions; a proposal always gives them.
	if v.Has("level.hint."+name) && (name != "reasons" || !required) {
		f.Hint = v.T("level.hint." + name)
	}
	return f
}

func (v formView) options(name string, all []string, say string) []parts.Option {
	var out []parts.Option
	for _, x := range all {
		out = append(out, parts.Option{Value: x, Text: v.T(say + x), Chosen: slices.Contains(v.Form[name], x)})
	}
	return out
}

func (v formView) levels(from int) parts.Choices {
	c := parts.Choices{Field: v.field("level", true)}
	for n := from; n <= level.Top; n++ {
		c.Options = append(c.Options, parts.Option{Value: str(n), Text: v.level(n), Grade: parts.Grade(level.GradeOf(n)), Chosen: v.Form.Get("level") == str(n)})
	}
	return c
}

// criteria are those of every level, under its name; the table takes those of
// the level that is proposed.
func (v formView) criteria() parts.Choices {
	c := parts.Choices{Field: v.field("criteria", true), Many: true}
	for _, s := range level.Current().Levels {
		for _, x := range s.Criteria {
			c.Options = append(c.Options, parts.Option{Value: x, Text: v.T("level.criterion." + x), Group: v.level(s.Level), Chosen: slices.Contains(v.Form["criteria"], x)})
		}
	}
	return c
}

// concerned are the states that can be asked.
func (v formView) concerned() parts.Choices {
	c := parts.Choices{Field: v.field("concerned", true), Many: true}
	for _, m := range access.States {
		c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.name(m), Chosen: slices.Contains(v.Form["concerned"], string(m))})
	}
	return c
}

func (v formView) rules() parts.Choices {
	c := parts.Choices{Field: v.field("rule", true)}
	for _, k := range level.Rules() {
		c.Options = append(c.Options, parts.Option{Value: k, Text: v.T("level.rule." + k), Hint: v.ruleText(ruleOf(k)), Chosen: v.Form.Get("rule") == k})
	}
	return c
}

func (v formView) markings() parts.Select {
	s := parts.Select{Field: v.field("marking", true)}
	for _, m := range access.Markings {
		s.Options = append(s.Options, parts.Option{Value: string(m), Text: string(m), Chosen: string(m) == v.Form.Get("marking")})
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

func (v formView) members() parts.Choices {
	c := parts.Choices{Field: v.field("to", false), Many: true}
	for _, m := range access.All() {
		if m != v.self {
			c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.name(m), Chosen: slices.Contains(v.Form["to"], string(m))})
		}
	}
	return c
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func inputOf(f url.Values) level.ProposalInput {
	return level.ProposalInput{Title: f.Get("title"), Lang: f.Get("lang"), Level: number(f.Get("level")), Criteria: f["criteria"], Reasons: text(f.Get("reasons")), Rule: f.Get("rule"),
		Window: number(f.Get("window")), Review: moment(f.Get("review")), Marking: access.Marking(f.Get("marking")), Concerned: membersIn(f["concerned"])}
}

func membersIn(list []string) []access.Member {
	var out []access.Member
	for _, s := range list {
		out = append(out, access.Member(s))
	}
	return out
}

func membersOf(list []access.Member) []string {
	var out []string
	for _, m := range list {
		out = append(out, string(m))
	}
	return out
}

func refused(field, key string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: field, Key: key}}}
}

func (g *Pages) newProposal(w http.ResponseWriter, r *shell.Request) error {
	if !level.MayPropose(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "draft")
	}
	form := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "rule": {"consensus"}, "window": {"24"}, "family": {r.URL.Query().Get("family")},
		"review": {r.Now.UTC().AddDate(0, 0, 7).Format(stampForm)}, "concerned": membersOf(access.States)}
	return g.showProposal(w, r, http.StatusOK, base+"/new", base, form, nil)
}

func (g *Pages) showProposal(w http.ResponseWriter, r *shell.Request, status int, action, cancel string, form url.Values, cause error) error {
	v := formView{words: g.words(r), Action: action, Cancel: cancel, Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Kind: "proposal"}
	v.Title, v.Lede, v.Save = v.T("level.new"), v.T("level.new.lede"), v.T("level.save")
	if action == base+"/new" {
		fs, err := g.desk.Families(r.Context(), r.Actor)
		if err != nil {
			return err
		}
		for _, f := range fs {
			if f.Open {
				v.Families = append(v.Families, parts.Option{Value: string(f.ID), Text: f.Name, Chosen: string(f.ID) == form.Get("family")})
			}
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

func (g *Pages) draft(w http.ResponseWriter, r *shell.Request) error {
	fid, err := id.Parse(r.PostForm.Get("family"))
	var p level.Proposal
	if err != nil {
		err = refused("family", "fault.level.family")
	} else {
		p, err = g.desk.Draft(r.Context(), r.Actor, fid, inputOf(r.PostForm))
	}
	if status := again(err); status != 0 {
		return g.showProposal(w, r, status, base+"/new", base, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "level.said.draft", nil)
	return r.Redirect(w, level.Path(p.ID))
}

func (g *Pages) edit(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	x := &p.View
	if !slices.ContainsFunc(p.Offers, func(o workflow.Offer) bool { return o.Verb == "edit" }) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "edit")
	}
	form := url.Values{"title": {x.Title}, "lang": {x.Lang}, "level": {str(x.Level)}, "criteria": x.Criteria, "reasons": {x.Reasons}, "rule": {x.Rule}, "window": {str(x.Window)},
		"review": {x.Review.UTC().Format(stampForm)}, "marking": {string(x.Marking)}, "version": {str(x.Version)},
		"concerned": membersOf(x.Asked())}
	return g.showProposal(w, r, http.StatusOK, level.Path(x.ID)+"/edit", level.Path(x.ID), form, nil)
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("id")
	if err != nil {
		return err
	}
	_, err = g.desk.Edit(r.Context(), r.Actor, pid, version(r.PostForm.Get("version")), inputOf(r.PostForm))
	if status := again(err); status != 0 {
		return g.showProposal(w, r, status, level.Path(pid)+"/edit", level.Path(pid), r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "level.said.edit", nil)
	return r.Redirect(w, level.Path(pid))
}

func (g *Pages) newPosition(w http.ResponseWriter, r *shell.Request) error {
	return g.showPosition(w, r, http.StatusOK, url.Values{"lang": {r.Printer.Lang()}}, nil)
}

func (g *Pages) showPosition(w http.ResponseWriter, r *shell.Request, status int, form url.Values, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	if !p.MayAnswer {
		return fault.New(fault.Conflict, "fault.level.no_answer")
	}
	v := formView{words: g.words(r), Action: level.Path(p.View.ID) + "/position", Cancel: level.Path(p.View.ID), Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Kind: "position"}
	v.Title = v.T("level.position.title", "title", p.View.Title)
	v.Lede, v.Save = v.T("level.position.lede", "level", v.level(p.View.Level), "time", v.Stamp(p.View.Closes)), v.T("level.save")
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(p.View.Marking)}, formPage(v))
}

func (g *Pages) answer(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f := r.PostForm
	_, err = g.desk.Answer(r.Context(), r.Actor, pid, level.PositionInput{Stance: f.Get("stance"), Reasons: text(f.Get("reasons")), Lang: f.Get("lang")})
	if status := again(err); status != 0 {
		return g.showPosition(w, r, status, f, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "level.said.position.draft", nil)
	return r.Redirect(w, level.Path(pid))
}

func (g *Pages) newActivation(w http.ResponseWriter, r *shell.Request) error {
	form := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "event": {r.URL.Query().Get("event")}, "review": {r.Now.UTC().AddDate(0, 0, 14).Format(stampForm)}}
	return g.showActivation(w, r, http.StatusOK, form, nil)
}

func (g *Pages) showActivation(w http.ResponseWriter, r *shell.Request, status int, form url.Values, cause error) error {
	if !level.MayPropose(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "propose")
	}
	v := formView{words: g.words(r), Action: "/health/activations/new", Cancel: base, Form: form, Errors: parts.ErrorsOf(r.Printer, cause), Kind: "activation"}
	v.Title, v.Lede, v.Save = v.T("level.activation.new"), v.T("level.activation.lede"), v.T("level.activation.save")
	rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Open: true, Mine: true, Limit: 200})
	if err != nil {
		return err
	}
	for i := range rows {
		v.Events = append(v.Events, parts.Option{Value: string(rows[i].ID), Text: rows[i].Name, Chosen: string(rows[i].ID) == form.Get("event")})
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(v))
}

func (g *Pages) propose(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	eid, err := id.Parse(f.Get("event"))
	if err != nil {
		err = refused("event", "fault.level.event")
	} else {
		in := level.ActivationInput{Level: number(f.Get("level")), Trigger: text(f.Get("trigger")), Lang: f.Get("lang"), Review: moment(f.Get("review")), Marking: access.Marking(f.Get("marking"))}
		in.To = membersIn(f["to"])
		_, err = g.desk.Propose(r.Context(), r.Actor, eid, in)
	}
	if status := again(err); status != 0 {
		return g.showActivation(w, r, status, f, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "level.said.activation.propose", nil)
	return r.Redirect(w, base+"#activations")
}

func (g *Pages) askActivation(w http.ResponseWriter, r *shell.Request) error {
	return g.showActivationStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showActivationStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	a, err := g.desk.Activation(r.Context(), r.Actor, aid)
	if err != nil {
		return err
	}
	verb, ws := r.PathValue("verb"), g.words(r)
	if !slices.ContainsFunc(a.Offers, func(o workflow.Offer) bool { return string(o.Verb) == verb }) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
	}
	v := stepView{words: ws, Errors: parts.ErrorsOf(r.Printer, cause), Reason: r.PostFormValue("reason"), Ask: asks[verb]}
	v.Confirm = parts.Confirm{Title: ws.T("level.step.title", "verb", ws.T("level.verb."+verb), "title", a.EventName), Text: ws.T("level.step.activation." + verb),
		Action: "/health/activations/" + string(aid) + "/" + verb, Hidden: [][2]string{{"version", str(a.Version)}},
		Submit: parts.Button{Text: ws.T("level.verb." + verb), Kind: parts.Primary}, Cancel: parts.Link{Text: ws.T("health.form.cancel"), Href: base}}
	if verb == "activate" || verb == "renew" {
		at, lv := a.Review, str(a.Level)
		if s := r.PostFormValue("level"); s != "" {
			at, lv = moment(r.PostFormValue("review")), s
		}
		f := formView{words: ws, Form: url.Values{}, Errors: v.Errors}
		v.Inputs = []parts.Input{{Field: f.field("review", true), Type: "datetime-local", Width: "medium", Value: at.UTC().Format(stampForm)}}
		if at.IsZero() {
			v.Inputs[0].Value = ""
		}
		s := parts.Select{Field: f.field("level", true)}
		for n := 1; n <= level.Top; n++ {
			s.Options = append(s.Options, parts.Option{Value: str(n), Text: ws.level(n), Chosen: str(n) == lv})
		}
		v.Select = []parts.Select{s}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(a.Marking)}, stepPage(v))
}

func (g *Pages) stepActivation(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f, verb := r.PostForm, r.PathValue("verb")
	var review time.Time
	if f.Get("review") != "" {
		review = moment(f.Get("review"))
	}
	_, err = g.desk.StepActivation(r.Context(), r.Actor, aid, version(f.Get("version")), workflow.Verb(verb), max(number(f.Get("level")), 0), review, text(f.Get("reason")))
	if status := again(err); status != 0 {
		return g.showActivationStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "level.said.activation."+verb, nil)
	return r.Redirect(w, base+"#activations")
}
