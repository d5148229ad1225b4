package web

import (
	"net/http"
	"strings"

	"lintas/internal/desk/health/sitrep"
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
}

func (v stepView) reason() parts.Field {
	f := parts.Field{Name: "reason", Label: v.T("health.field.reason"), Hint: v.T("health.hint.reason"), Error: v.Errors.Of("reason"), Required: true}
	for _, need := range spare {
		if f.Error == "" {
			f.Error = v.Errors.Of(need)
		}
	}
	return f
}

// asks are the steps that take words with them.
var asks = map[string]bool{"return": true, "withdraw": true, "discard": true, "correct": true}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

func offerOf(p *sitrep.Page, verb workflow.Verb) (workflow.Offer, error) {
	if verb == "correct" && p.MayFix {
		return workflow.Offer{Verb: verb}, nil
	}
	return p.Offered(verb)
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	o, err := offerOf(&p, verb)
	if err != nil {
		return err
	}
	back, ws := sitrep.Path(p.View.ID), g.words(r)
	if verb == "edit" {
		return r.Redirect(w, back+"/edit")
	}
	v := stepView{words: ws, Errors: parts.ErrorsOf(r.Printer, cause), Reason: r.PostFormValue("reason"), Ask: asks[string(verb)]}
	v.Confirm = parts.Confirm{Title: ws.T("sitrep.step.title", "verb", ws.T("sitrep.verb."+string(verb)), "title", p.View.Title), Text: ws.T("sitrep.step." + string(verb)),
		Points: ws.points(&p, verb), Action: back + "/step/" + string(verb), Hidden: [][2]string{{"version", str(p.View.Version)}},
		Submit: parts.Button{Text: ws.T("sitrep.verb." + string(verb)), Kind: parts.Primary, Unmet: ws.unmet(o)}, Cancel: parts.Link{Text: ws.T("health.form.cancel"), Href: back}}
	if verb == "withdraw" || verb == "discard" {
		v.Confirm.Submit.Kind = parts.Danger
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(p.View.Marking)}, stepPage(v))
}

// points say what a step will do.
func (w words) points(p *sitrep.Page, verb workflow.Verb) []string {
	switch verb {
	case "issue":
		return []string{w.T("sitrep.point.to", "n", len(p.View.To), "members", w.members(p.View.To)), w.T("health.point.marking", "marking", string(p.View.Marking)), w.T("sitrep.point.same")}
	case "compose", "remind":
		if m := p.View.Missing(); len(m) > 0 {
			return []string{w.T("sitrep.point.missing", "n", len(m), "members", w.members(m))}
		}
	}
	return nil
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb, seen, ctx := r.PathValue("verb"), version(r.PostForm.Get("version")), r.Context()
	reason := strings.TrimSpace(text(r.PostFormValue("reason")))
	var rep sitrep.Report
	if verb == "correct" {
		rep, err = g.desk.Correct(ctx, r.Actor, rid, reason)
	} else {
		rep, err = g.take(ctx, r.Actor, rid, seen, verb, reason)
	}
	if status := again(err); status != 0 {
		return g.showStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "sitrep.said."+verb, nil)
	return r.Redirect(w, sitrep.Path(rep.ID))
}

// callView is a request of another member for an input.
type callView struct {
	words
	C       sitrep.CallRow
	Head    parts.PageHead
	Path    string
	Topic   string
	Rows    []parts.Definition
	Buttons []parts.Button
}

func (g *Pages) call(w http.ResponseWriter, r *shell.Request) error {
	cid, err := r.PathID("id")
	if err != nil {
		return err
	}
	c, err := g.desk.Call(r.Context(), r.Actor, cid)
	if fault.Is(err, fault.NotFound) { // a call of this node is the report itself
		if p, err := g.desk.Page(r.Context(), r.Actor, cid); err == nil {
			return r.Redirect(w, sitrep.Path(p.View.ID))
		}
	}
	if err != nil {
		return err
	}
	v := callView{words: g.words(r), C: c, Path: r.URL.RequestURI(), Topic: "call:" + string(c.ID)}
	v.Head = parts.PageHead{Title: v.T("sitrep.call.head", "name", c.Name), Lede: v.T("sitrep.call.lede", "owner", v.name(string(c.Owner))),
		Crumbs: []parts.Link{{Text: v.T("sitrep.list.title"), Href: base}, {Text: c.Name}}}
	def := func(term, text string) { v.Rows = append(v.Rows, parts.Definition{Term: v.T(term), Text: text}) }
	def("sitrep.col.issue", v.T("sitrep.issue", "n", c.Number))
	def("sitrep.col.period", v.T("sitrep.period", "from", v.date(c.From), "until", v.date(c.Until)))
	def("sitrep.col.cutoff", v.Stamp(c.CutOff)+" · "+v.Left(c.CutOff, r.Now))
	def("health.field.marking", string(c.Marking))
	if !c.Reminded.IsZero() {
		def("sitrep.col.reminded", v.Stamp(c.Reminded))
	}
	if c.Level > 0 {
		def("sitrep.field.level", v.T("sitrep.level.why", "level", c.Level))
	}
	if c.Flash {
		def("sitrep.field.flash", v.T("sitrep.flash.yes"))
	}
	if c.Ended {
		def("sitrep.col.state", v.T("sitrep.call.ended"))
	}
	switch {
	case c.Answer != "":
		v.Buttons = []parts.Button{{Text: v.T("sitrep.call.ours", "state", v.state(c.State)), Href: sitrep.Path(c.Answer)}}
	case c.May:
		v.Buttons = []parts.Button{{Text: v.T("sitrep.call.write"), Kind: parts.Primary, Icon: "file-plus-2", Href: base + "/new?call=" + string(c.ID)},
			{Text: v.T("sitrep.call.nothing"), Href: base + "/new?nothing=1&call=" + string(c.ID)}}
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(c.Marking)}, callPage(v))
}
