package web

import (
	"net/http"
	"slices"

	"lintas/internal/access"
	"lintas/internal/desk/health/review"
	"lintas/internal/fault"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// stepView is the page that asks before a step is taken.
type stepView struct {
	words
	Title, Text, Action, Cancel string
	Version                     string
	Submit                      parts.Button
	Errors                      parts.Errors
	Points                      []string
	Said                        *parts.TextArea
	To                          *parts.Choices
	Goes                        []parts.Link // what recipients get
}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request) error {
	return g.showStep(w, r, http.StatusOK, nil)
}

func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	in := review.StepInput{Reason: text(r.PostForm.Get("reason")), Words: text(r.PostForm.Get("words"))}
	for _, m := range r.PostForm["to"] {
		in.To = append(in.To, access.Member(m))
	}
	_, err = g.desk.Step(r.Context(), r.Actor, rid, version(r.PostForm.Get("version")), verb, in)
	if status := trailweb.Again(err); status != 0 {
		return g.showStep(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "review.said."+string(verb), nil)
	return r.Redirect(w, review.Path(rid))
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	i := slices.IndexFunc(p.Offers, func(o workflow.Offer) bool { return o.Verb == verb })
	switch {
	case i < 0 && !p.Own:
		return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(p.Owner))
	case i < 0 && cause != nil:
		return cause
	case i < 0:
		return fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
	}
	v := stepView{words: g.words(r), Cancel: review.Path(p.ID), Version: str(p.Version), Errors: parts.ErrorsOf(r.Printer, cause), Action: r.URL.Path}
	v.Title = v.T("trail.step.title", "verb", v.T("review.verb."+string(verb)), "title", p.Title)
	v.Text = v.T("review.step." + string(verb))
	v.Submit = parts.Button{Text: v.T("review.verb." + string(verb)), Kind: parts.Primary}
	for _, n := range p.Offers[i].Unmet {
		if !slices.Contains(given[verb], n) {
			v.Submit.Unmet = append(v.Submit.Unmet, v.T("need."+n))
		}
	}
	v.inputs(r, verb, &p)
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(p.Marking)}, stepPage(v))
}

func (v *stepView) inputs(r *shell.Request, verb workflow.Verb, p *review.Page) {
	f := r.PostForm
	area := func(name, key, need string) *parts.TextArea {
		field := parts.Field{Name: name, Label: v.T("review.field." + key), Hint: v.T("review.hint." + key), Required: true, Error: v.Errors.Of(name)}
		if e := v.Errors.Of(need); field.Error == "" {
			field.Error = e
		}
		return &parts.TextArea{Field: field, Value: f.Get(name), Rows: 4, MaxLength: review.MaxReason}
	}
	switch verb {
	case "return", "mend", "cancel":
		v.Said = area("reason", "reason", "review.reason")
	case "validate":
		v.Said = area("words", "agreed", "review.agreed")
		v.Goes = v.papers(p)
	case "invite":
		v.Points = []string{v.T("review.point.invite", "members", v.Names(p.Members), "marking", string(p.Marking))}
	case "lock":
		v.Points = []string{v.T("review.point.lock.entries"), v.T("review.point.lock.after"), v.T("review.point.lock.once")}
	case "close":
		v.Points = []string{v.T("review.point.close", "actions", p.Stand.Actions, "members", v.Names(p.To))}
	case "release":
		c := parts.Choices{Field: parts.Field{Name: "to", Label: v.T("review.field.to"), Hint: v.T("review.hint.to"), Required: true, Error: v.Errors.Of("to") + v.Errors.Of("review.recipients")}, Many: true}
		for _, m := range access.All() {
			if m == v.Self {
				continue
			}
			had := slices.Contains(p.To, m)
			c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.Name(m), Disabled: had,
				Chosen: had || slices.Contains(f["to"], string(m)) || r.Method != http.MethodPost && len(p.To) == 0 && (m == access.ASEC || slices.Contains(p.Members, m))})
		}
		v.To = &c
		v.Goes = v.papers(p)
	}
}

// papers are what goes with the review: each recipient gets exactly these pages
// as they stand, and no other.
func (v *stepView) papers(p *review.Page) []parts.Link {
	out := []parts.Link{{Text: v.T("review.report.open"), Href: review.Path(p.ID) + "/report"}}
	for i := range p.Chain.Findings {
		if f := &p.Chain.Findings[i]; f.Owner == p.Owner && (f.State == trail.Final || f.State == trail.Released) {
			out = append(out, parts.Link{Text: v.T("trail.link.finding") + ": " + f.Title, Href: trail.Path(trail.KindFinding, f.ID)})
		}
	}
	for i := range p.Chain.Recommendations {
		if x := &p.Chain.Recommendations[i]; x.Owner == p.Owner && (x.State == trail.Final || x.State == trail.Released) {
			out = append(out, parts.Link{Text: v.T("trail.link.recommendation") + ": " + x.Title, Href: trail.Path(trail.KindRecommendation, x.ID)})
		}
	}
	return out
}
