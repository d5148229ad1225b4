package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/sop"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// bookForm writes a playbook.
type bookForm struct {
	words
	Title, Lede    string
	Action, Cancel string
	Form           url.Values
	Errors         parts.Errors
	Hidden         []string
}

func (v bookForm) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("sop.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("sop.hint." + name) {
		f.Hint = v.T("sop.hint." + name)
	}
	return f
}

func (v bookForm) markings() parts.Select {
	s := parts.Select{Field: v.field("marking", true)}
	for _, m := range access.Markings {
		s.Options = append(s.Options, parts.Option{Value: string(m), Text: string(m), Chosen: string(m) == v.Form.Get("marking")})
	}
	return s
}

// inFile leads every fault of a line of the file to the field that holds it.
func inFile(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	c := *f
	c.Fields = slices.Clone(f.Fields)
	for i := range c.Fields {
		if c.Fields[i].Row > 0 {
			c.Fields[i].Name, c.Fields[i].Row = "text", 0 // the sentence names the line
		}
	}
	return &c
}

// skeleton is where a new playbook begins.
const skeleton = `playbook my-playbook
title 
lang en
summary 
trigger level >= 2

step A1 
  function management
  role duty_officer
  within 1h of start
  deliverable 
  evidence 
`

func (g *Pages) newBook(w http.ResponseWriter, r *shell.Request) error {
	if !sop.MayWrite(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "draft")
	}
	q := r.URL.Query()
	form := url.Values{"text": {skeleton}, "marking": {string(access.TLPGreen)}, "from": {q.Get("from")}, "sample": {q.Get("sample")}, "note": {q.Get("note")}}
	if s, ok := sop.SampleBy(q.Get("sample")); ok {
		form.Set("text", s.Text)
	} else if from := q.Get("from"); from != "" {
		pid, err := id.Parse(from)
		if err != nil {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		p, err := g.desk.PlaybookPage(r.Context(), r.Actor, pid)
		if err != nil {
			return err
		}
		form.Set("text", p.Text)
		form.Set("marking", string(p.Marking))
	}
	return g.showBook(w, r, http.StatusOK, books+"/new", books, form, nil)
}

func (g *Pages) showBook(w http.ResponseWriter, r *shell.Request, status int, action, cancel string, form url.Values, cause error) error {
	v := bookForm{words: g.words(r), Action: action, Cancel: cancel, Form: form, Errors: parts.ErrorsOf(r.Printer, inFile(cause)), Hidden: []string{"from", "sample", "version"}}
	v.Title, v.Lede = v.T("sop.new"), v.T("sop.new.lede")
	if form.Get("from") != "" || form.Get("sample") != "" {
		v.Title = v.T("sop.new.from")
	}
	if form.Get("version") != "" {
		v.Title = v.T("sop.edit")
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, bookFormPage(v))
}

func inputOf(f url.Values) (sop.PlaybookInput, error) {
	in := sop.PlaybookInput{Text: f.Get("text"), Note: text(f.Get("note")), Marking: access.Marking(f.Get("marking")), FromSample: f.Get("sample")}
	if f.Get("from") != "" {
		from, err := id.Parse(f.Get("from"))
		if err != nil {
			return in, fault.New(fault.NotFound, "fault.not_found")
		}
		in.From = from
	}
	return in, nil
}

func (g *Pages) draft(w http.ResponseWriter, r *shell.Request) error {
	in, err := inputOf(r.PostForm)
	var p sop.Playbook
	if err == nil {
		p, err = g.desk.DraftPlaybook(r.Context(), r.Actor, in)
	}
	if status := again(err); status != 0 {
		return g.showBook(w, r, status, books+"/new", books, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.playbook.said.draft", nil)
	return r.Redirect(w, sop.PlaybookPath(p.ID))
}

func (g *Pages) edit(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	if _, ok := offer(p.Offers, "edit"); !ok {
		return refused(sop.Playbooks, p.State, "edit")
	}
	form := url.Values{"text": {p.Text}, "note": {p.Note}, "marking": {string(p.Marking)}, "version": {str(p.Version)}}
	return g.showBook(w, r, http.StatusOK, sop.PlaybookPath(p.ID)+"/edit", sop.PlaybookPath(p.ID), form, nil)
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("id")
	if err != nil {
		return err
	}
	in, err := inputOf(r.PostForm)
	if err == nil {
		_, err = g.desk.EditPlaybook(r.Context(), r.Actor, pid, seen(r.PostForm.Get("version")), in)
	}
	if status := again(err); status != 0 {
		return g.showBook(w, r, status, sop.PlaybookPath(pid)+"/edit", sop.PlaybookPath(pid), r.PostForm, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.playbook.said.edit", nil)
	return r.Redirect(w, sop.PlaybookPath(pid))
}

// stepView is the page that asks before a step is taken.
type stepView struct {
	words
	Confirm  parts.Confirm
	Errors   parts.Errors
	Form     url.Values
	Reason   bool // a reason is asked for
	Evidence string
	Finish   bool // evidence is asked for
	Members  *parts.Choices
	Preview  *parts.Table
	Points   []string
	HasFile  bool           // a file is evidence already
	Who      *parts.Select  // who can be asked
	Files    *parts.Choices // that can go with a release
	Warn     string
}

func (v stepView) askEvidence() bool { return v.Evidence != "" && !v.HasFile }

func (v stepView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("sop.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("sop.hint." + name) {
		f.Hint = v.T("sop.hint." + name)
	}
	for _, need := range map[string][]string{"reason": {"health.reason"}, "evidence": {"sop.evidence"}, "to": {"sop.recipients"}}[name] {
		if f.Error == "" {
			f.Error = v.Errors.Of(need)
		}
	}
	return f
}

// stepErrors leads what a need says to the field that fulfils it.
func stepErrors(r *shell.Request, err error) parts.Errors {
	e := parts.ErrorsOf(r.Printer, err)
	for i := range e.Items {
		if name, ok := map[string]string{"health.reason": "reason", "sop.evidence": "evidence", "sop.recipients": "to"}[e.Items[i].Name]; ok {
			e.Items[i].Name = name
		}
	}
	return e
}

// members are those that can be chosen as recipients; have are chosen already.
func (g *Pages) members(v *stepView, have []access.Member) {
	c := parts.Choices{Field: v.field("to", true), Many: true}
	for _, m := range g.desk.Others() {
		c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.name(m), Chosen: slices.Contains(have, m) || slices.Contains(v.Form["to"], string(m))})
	}
	v.Members = &c
}

func recipients(f url.Values) []access.Member {
	var out []access.Member
	for _, m := range f["to"] {
		out = append(out, access.Member(m))
	}
	return out
}

// ask makes the page of a step of a record.
func (g *Pages) ask(r *shell.Request, record, title, path, verb string, version int, o workflow.Offer, cause error) stepView {
	v := stepView{words: g.words(r), Errors: stepErrors(r, cause), Form: r.PostForm, Reason: reasons[record+"."+verb]}
	if v.Form == nil {
		v.Form = url.Values{}
	}
	does := v.T(record + ".verb." + verb)
	v.Confirm = parts.Confirm{Title: v.T("sop.step.title", "verb", strings.TrimSuffix(does, " …"), "title", title), Text: v.T(record + ".step." + verb), Action: path + "/step/" + verb,
		Hidden: [][2]string{{"version", str(version)}}, Submit: parts.Button{Text: does, Kind: parts.Primary, Unmet: v.unmet(o)}, Cancel: parts.Link{Text: v.T("health.form.cancel"), Href: path}}
	return v
}

// reasons are the steps that ask for a reason.
var reasons = map[string]bool{
	"sop.playbook.return": true, "sop.playbook.retire": true, "sop.run.abandon": true, "sop.run.take_back": true, "sop.task.decline": true,
	"sop.task.block": true, "sop.task.return": true, "sop.task.not_executable": true, "sop.task.skip": true, "sop.task.resume": true,
}

func (g *Pages) askBook(w http.ResponseWriter, r *shell.Request) error {
	return g.showBookStep(w, r, http.StatusOK, nil)
}

func (g *Pages) showBookStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	verb := r.PathValue("verb")
	o, ok := offer(p.Offers, verb)
	if !ok || verb == "edit" {
		return refused(sop.Playbooks, p.State, verb)
	}
	v := g.ask(r, sop.KindPlaybook, p.Title, sop.PlaybookPath(p.ID), verb, p.Version, o, cause)
	switch verb {
	case "release":
		g.members(&v, p.To)
		v.Points = []string{v.T("sop.point.file", "title", p.Title, "version", v.version(p.Number), "digest", sop.Short(p.Digest)), v.T("sop.point.starts_nothing"), v.T("sop.point.marking", "marking", string(p.Marking))}
	case "publish":
		for _, s := range v.starts(&p.Plan) {
			v.Points = append(v.Points, v.T("sop.point.starts", "when", s))
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.Marking)}, stepPage(v))
}

func (g *Pages) stepBook(w http.ResponseWriter, r *shell.Request) error {
	pid, err := r.PathID("id")
	if err != nil {
		return err
	}
	f, verb := r.PostForm, r.PathValue("verb")
	if verb == "release" {
		_, err = g.desk.ReleasePlaybook(r.Context(), r.Actor, pid, seen(f.Get("version")), recipients(f))
	} else {
		_, err = g.desk.StepPlaybook(r.Context(), r.Actor, pid, seen(f.Get("version")), workflow.Verb(verb), text(f.Get("reason")))
	}
	if status := again(err); status != 0 {
		return g.showBookStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sop.playbook.said."+verb, nil)
	if verb == "discard" {
		return r.Redirect(w, books)
	}
	return r.Redirect(w, sop.PlaybookPath(pid))
}
