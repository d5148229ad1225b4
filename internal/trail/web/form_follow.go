package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/trail"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

func (g *Pages) newRecommendation(w http.ResponseWriter, r *shell.Request) error {
	return g.showRecommendation(w, r, http.StatusOK, nil)
}

func (g *Pages) showRecommendation(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	if !trail.MayWrite(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "draft")
	}
	v := FormView{Words: g.words(r), Kind: "recommendation", Action: r.URL.Path, Cancel: findingsPath, Form: r.PostForm, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Title, v.Lede = v.T("trail.recommend"), v.T("trail.form.recommendation.lede")
	if r.PathValue("id") != "" {
		rid, err := r.PathID("id")
		if err != nil {
			return err
		}
		x, err := g.desk.Recommendation(r.Context(), r.Actor, rid)
		if err != nil {
			return err
		}
		v.Title, v.Cancel = v.T("trail.form.recommendation.edit"), trail.Path(trail.KindRecommendation, rid)
		if r.Method != http.MethodPost {
			v.Form = url.Values{"version": {str(x.Version)}, "title": {x.Title}, "lang": {x.Lang}, "marking": {string(x.Marking)}, "text": {x.Text}, "for": strs(x.For), "way": {x.Way},
				"priority": {x.Priority}, "theme": {x.RecommendationText.Theme}, "findings": strs(x.RecommendationText.Findings)}
		}
	} else if r.Method != http.MethodPost {
		v.Form = url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "findings": r.URL.Query()["finding"], "priority": {"medium"}}
	}
	var err error
	if v.Findings, err = g.stands(r, v.Form["findings"]); err != nil {
		return err
	}
	if r.Method != http.MethodPost && len(v.Form["findings"]) > 0 && v.Form.Get("title") == "" {
		v.Cancel = trail.Path(trail.KindFinding, id.ID(v.Form["findings"][0]))
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, FormPage(v))
}

func (g *Pages) saveRecommendation(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	in := trail.RecommendationInput{Input: common(f), RecommendationText: trail.RecommendationText{Text: text(f.Get("text")), Findings: idsOf(f["findings"]), For: membersOf(f["for"]), Way: f.Get("way"),
		Priority: f.Get("priority"), Theme: f.Get("theme")}}
	var x trail.Recommendation
	var err error
	if r.PathValue("id") != "" {
		var rid id.ID
		if rid, err = r.PathID("id"); err != nil {
			return err
		}
		x, err = g.desk.EditRecommendation(r.Context(), r.Actor, rid, version(f.Get("version")), in)
	} else {
		x, err = g.desk.DraftRecommendation(r.Context(), r.Actor, in)
	}
	if status := Again(err); status != 0 {
		return g.showRecommendation(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "trail.said.edit", nil)
	return r.Redirect(w, trail.Path(trail.KindRecommendation, x.ID))
}

func (g *Pages) newProposal(w http.ResponseWriter, r *shell.Request) error {
	return g.showProposal(w, r, http.StatusOK, nil)
}

func (g *Pages) showProposal(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	if !trail.MayWrite(r.Actor) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "draft")
	}
	v := FormView{Words: g.words(r), Kind: "proposal", Action: r.URL.Path, Cancel: actionsPath, Form: r.PostForm, Errors: parts.ErrorsOf(r.Printer, cause)}
	v.Title, v.Lede = v.T("trail.propose"), v.T("trail.form.proposal.lede")
	q := r.URL.Query()
	switch {
	case r.PathValue("id") != "":
		rid, err := r.PathID("id")
		if err != nil {
			return err
		}
		x, err := g.desk.Action(r.Context(), r.Actor, rid)
		if err != nil {
			return err
		}
		p := &x.Proposal
		v.Title, v.Cancel = v.T("trail.form.proposal.edit"), trail.Path(trail.KindAction, rid)
		if r.Method != http.MethodPost {
			v.Form = url.Values{"version": {str(p.Version)}, "title": {p.Title}, "lang": {p.Lang}, "marking": {string(p.Marking)}, "for": {string(p.For)}, "inform": strs(p.Inform),
				"findings": strs(p.Findings), "recommendation": {string(p.Recommendation)}, "theme": {p.Theme}, "deliverable": {p.Deliverable}, "by": {p.By}, "measure": {p.Measure}}
		}
	case r.Method != http.MethodPost:
		v.Form = url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "findings": q["finding"], "recommendation": {q.Get("recommendation")}}
		if rid, err := id.Parse(q.Get("recommendation")); err == nil {
			x, err := g.desk.Recommendation(r.Context(), r.Actor, rid)
			if err != nil {
				return err
			}
			v.Form["findings"], v.Cancel = strs(x.RecommendationText.Findings), trail.Path(trail.KindRecommendation, rid)
			v.Form.Set("title", x.Title)
			v.Form.Set("deliverable", x.Text)
			v.Form.Set("marking", string(x.Marking))
			if len(x.Awaited) > 0 {
				v.Form.Set("for", string(x.Awaited[0]))
			}
		} else if len(q["finding"]) > 0 {
			v.Cancel = trail.Path(trail.KindFinding, id.ID(q["finding"][0]))
		}
	}
	var err error
	if v.Findings, err = g.stands(r, v.Form["findings"]); err != nil {
		return err
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, FormPage(v))
}

func (g *Pages) saveProposal(w http.ResponseWriter, r *shell.Request) error {
	f := r.PostForm
	in := trail.ProposalInput{Input: common(f), For: access.Member(f.Get("for")), Findings: idsOf(f["findings"]), Theme: f.Get("theme"),
		Terms: trail.Terms{Deliverable: text(f.Get("deliverable")), By: f.Get("by")}, Measure: text(f.Get("measure"))}
	for _, m := range membersOf(f["inform"]) {
		// Who is asked, and who asks, hear of it anyhow.
		if m != in.For && m != g.desk.Member() && !slices.Contains(in.Inform, m) {
			in.Inform = append(in.Inform, m)
		}
	}
	if rid, err := id.Parse(f.Get("recommendation")); err == nil {
		in.Recommendation = rid
	}
	var p trail.Proposal
	var err error
	if r.PathValue("id") != "" {
		var rid id.ID
		if rid, err = r.PathID("id"); err != nil {
			return err
		}
		p, err = g.desk.EditProposal(r.Context(), r.Actor, rid, version(f.Get("version")), in)
	} else {
		p, err = g.desk.DraftProposal(r.Context(), r.Actor, in)
	}
	if status := Again(err); status != 0 {
		return g.showProposal(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "trail.said.edit", nil)
	return r.Redirect(w, trail.Path(trail.KindAction, p.ID))
}
