package web

import (
	"net/http"
	"slices"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/trail"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// given are the needs that the form of a step itself fulfils.
var given = map[workflow.Verb][]string{
	"return": {"trail.reason"}, "mend": {"trail.reason"}, "withdraw": {"trail.reason"}, "close": {"trail.reason"}, "decline": {"trail.reason"}, "drop": {"trail.reason"},
	"counter": {"trail.reason", "trail.counter"}, "postpone": {"trail.reason", "trail.due"}, "verify": {"trail.verdict"}, "send_back": {"trail.verdict"}, "note": {"trail.noted"},
	"finish": {"trail.shown"}, "revise": {"trail.due_ahead", "trail.deliverable"},
}

// stepView is the page that asks before a step is taken.
type stepView struct {
	Words
	Title, Text, Action, Cancel string
	Version                     string
	Submit                      parts.Button
	Errors                      parts.Errors
	Points                      []string
	Reason                      *parts.TextArea
	Said                        *parts.TextArea
	Deliverable                 *parts.TextArea
	By, Post                    *parts.Input
	To                          *parts.Choices
}

// target is a record whose step is asked for.
type target struct {
	Title   string
	Back    string
	Version int
	Offers  []workflow.Offer
	Owner   access.Member
	Own     bool
	To      []access.Member // who has it already
	Tells   []access.Member // who hears of the step
	Terms   trail.Terms
	Counter *trail.Terms
	Post    string
	Marking access.Marking
}

func (g *Pages) target(r *shell.Request, kind string) (target, error) {
	rid, err := r.PathID("id")
	if err != nil {
		return target{}, err
	}
	ctx := r.Context()
	switch kind {
	case "findings":
		f, err := g.desk.Finding(ctx, r.Actor, rid)
		return target{Title: f.Title, Back: trail.Path(trail.KindFinding, rid), Version: f.Version, Offers: f.Offers, Owner: f.Owner, Own: f.Own, To: f.To, Tells: f.To, Marking: f.Marking}, err
	case "recommendations":
		x, err := g.desk.Recommendation(ctx, r.Actor, rid)
		return target{Title: x.Title, Back: trail.Path(trail.KindRecommendation, rid), Version: x.Version, Offers: x.Offers, Owner: x.Owner, Own: x.Own, To: x.To, Tells: x.To, Marking: x.Marking}, err
	}
	p, err := g.desk.Action(ctx, r.Actor, rid)
	if err != nil {
		return target{}, err
	}
	t := target{Title: p.Proposal.Title, Back: trail.Path(trail.KindAction, p.Proposal.ID), Terms: p.Terms(), Marking: p.Proposal.Marking}
	for _, m := range append([]access.Member{p.Proposal.Owner, p.Proposal.For}, p.Proposal.Inform...) {
		if m != g.desk.Member() && !slices.Contains(t.Tells, m) {
			t.Tells = append(t.Tells, m)
		}
	}
	if p.Action != nil {
		t.Counter = p.Action.Counter
	}
	if kind == "proposals" {
		t.Version, t.Offers, t.Owner, t.Own = p.Proposal.Version, p.ProposalOffers, p.Proposal.Owner, p.OwnProposal
		return t, nil
	}
	if p.Action == nil {
		return target{}, fault.New(fault.NotFound, "fault.not_found")
	}
	t.Version, t.Offers, t.Owner, t.Own, t.Post = p.Action.Version, p.ActionOffers, p.Action.Owner, p.OwnAction, p.Action.Post
	return t, nil
}

func (g *Pages) step(kind string) (ask, take shell.Handler) {
	ask = func(w http.ResponseWriter, r *shell.Request) error { return g.askStep(w, r, kind, http.StatusOK, nil) }
	take = func(w http.ResponseWriter, r *shell.Request) error {
		rid, err := r.PathID("id")
		if err != nil {
			return err
		}
		verb := workflow.Verb(r.PathValue("verb"))
		err = g.Take(r, kind, rid, version(r.PostForm.Get("version")), verb, inputOf(r))
		if status := Again(err); status != 0 {
			return g.askStep(w, r, kind, status, err)
		}
		if err != nil {
			return err
		}
		t, err := g.target(r, kind)
		if err != nil {
			return err
		}
		r.Say(w, "trail.said."+string(verb), nil)
		return r.Redirect(w, t.Back)
	}
	return ask, take
}

func inputOf(r *shell.Request) trail.StepInput {
	f := r.PostForm
	return trail.StepInput{Reason: text(f.Get("reason")), Words: text(f.Get("words")), Post: text(f.Get("post")), To: membersOf(f["to"]),
		Terms: trail.Terms{Deliverable: text(f.Get("deliverable")), By: f.Get("by")}}
}

// Take takes a step of any record of the trail.
func (g *Pages) Take(r *shell.Request, kind string, rid id.ID, seen int, verb workflow.Verb, in trail.StepInput) error {
	var err error
	switch kind {
	case "findings":
		_, err = g.desk.StepFinding(r.Context(), r.Actor, rid, seen, verb, in)
	case "recommendations":
		_, err = g.desk.StepRecommendation(r.Context(), r.Actor, rid, seen, verb, in)
	case "proposals":
		_, err = g.desk.StepProposal(r.Context(), r.Actor, rid, seen, verb, in)
	default:
		_, err = g.desk.StepAction(r.Context(), r.Actor, rid, seen, verb, in)
	}
	return err
}

func (g *Pages) askStep(w http.ResponseWriter, r *shell.Request, kind string, status int, cause error) error {
	t, err := g.target(r, kind)
	if err != nil {
		return err
	}
	verb := workflow.Verb(r.PathValue("verb"))
	i := slices.IndexFunc(t.Offers, func(o workflow.Offer) bool { return o.Verb == verb })
	switch {
	case i < 0 && !t.Own:
		return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(t.Owner))
	case i < 0 && cause != nil:
		return cause
	case i < 0:
		return fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
	}
	v := stepView{Words: g.words(r), Cancel: t.Back, Version: str(t.Version), Errors: parts.ErrorsOf(r.Printer, cause), Action: r.URL.Path}
	v.Title = v.T("trail.step.title", "verb", v.T("trail.verb."+string(verb)), "title", t.Title)
	v.Text = v.T("trail.step." + string(verb))
	v.Submit = parts.Button{Text: v.T("trail.verb." + string(verb)), Kind: parts.Primary}
	for _, n := range t.Offers[i].Unmet {
		if !slices.Contains(given[verb], n) {
			v.Submit.Unmet = append(v.Submit.Unmet, v.T("need."+n))
		}
	}
	if len(t.Tells) > 0 && slices.Contains(leaves, verb) && verb != "release" {
		v.Points = []string{v.T("trail.point.tells", "members", v.Names(t.Tells), "marking", string(t.Marking))}
	}
	v.inputs(g, r, kind, verb, &t)
	return r.ShowStatus(w, status, shell.Page{Title: v.Title, Marking: string(t.Marking)}, stepPage(v))
}

// leaves are the steps by which something goes to other members.
var leaves = []workflow.Verb{"withdraw", "propose", "revise", "verify", "send_back", "close", "accept", "counter", "decline", "share", "postpone", "report", "drop"}

func (v *stepView) field(name, key string, required bool, also ...string) parts.Field {
	f := parts.Field{Name: name, Label: v.T("trail.field." + key), Error: v.Errors.Of(name), Required: required, Optional: !required}
	for _, n := range also {
		if f.Error == "" {
			f.Error = v.Errors.Of(n)
		}
	}
	if v.Has("trail.hint." + key) {
		f.Hint = v.T("trail.hint." + key)
	}
	return f
}

func (v *stepView) inputs(g *Pages, r *shell.Request, kind string, verb workflow.Verb, t *target) {
	f := r.PostForm
	typed := func(name, otherwise string) string {
		if r.Method == http.MethodPost {
			return f.Get(name)
		}
		return otherwise
	}
	area := func(name, key string, rows, most int, otherwise string, also ...string) *parts.TextArea {
		return &parts.TextArea{Field: v.field(name, key, true, also...), Value: typed(name, otherwise), Rows: rows, MaxLength: most}
	}
	if slices.Contains(given[verb], "trail.reason") {
		v.Reason = area("reason", "reason", 3, trail.MaxReason, "", "trail.reason")
	}
	terms := t.Terms
	if verb == "revise" && t.Counter != nil {
		terms = *t.Counter
	}
	switch verb {
	case "counter", "revise":
		v.Deliverable = area("deliverable", "deliverable", 3, trail.MaxText, terms.Deliverable, "trail.deliverable", "trail.counter")
	case "verify", "send_back":
		v.Said = area("words", "verdict_"+string(verb), 4, trail.MaxText, "", "trail.verdict")
	case "note":
		v.Said = area("words", "note", 3, trail.MaxReason, "", "trail.noted")
	case "finish":
		v.Said = area("words", "evidence_done", 4, trail.MaxText, "", "trail.shown")
	}
	if slices.Contains([]workflow.Verb{"counter", "revise", "postpone"}, verb) {
		v.By = &parts.Input{Field: v.field("by", "by", true, "trail.due", "trail.due_ahead", "trail.counter"), Type: "date", Width: "short", Value: typed("by", terms.By)}
	}
	if kind == "actions" && slices.Contains([]workflow.Verb{"accept", "start"}, verb) {
		v.Post = &parts.Input{Field: v.field("post", "post", false), Value: typed("post", t.Post), MaxLength: trail.MaxTitle, Width: "medium"}
	}
	if verb == "release" || verb == "send_on" {
		c := parts.Choices{Field: v.field("to", "to", true), Many: true}
		for _, m := range v.others(access.All(), g.desk.Member()) {
			had := slices.Contains(t.To, m)
			c.Options = append(c.Options, parts.Option{Value: string(m), Text: v.Name(m), Chosen: had || slices.Contains(f["to"], string(m)) || r.Method != http.MethodPost && len(t.To) == 0, Disabled: had})
		}
		v.To = &c
	}
}
