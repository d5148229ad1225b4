package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	shell "lintas/internal/web"
)

func (g *Pages) pageOf(r *shell.Request) (request.Page, error) {
	rid, err := r.PathID("id")
	if err != nil {
		return request.Page{}, err
	}
	return g.desk.Page(r.Context(), r.Actor, rid)
}

// version is the version that the person saw; a form without one is refused.
func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// step takes a step from the page of a record.
func (g *Pages) step(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	verb, form := r.PathValue("verb"), r.PostForm
	if isRow(form) {
		return g.show(w, r, http.StatusOK, verb, nil)
	}
	if a, ok := actFor(p.Kind, verb); ok {
		for _, gr := range a.groups {
			if gr.rows != "" && len(gr.counts) > 0 {
				compact(form, join(verb, gr.rows), gr.counts...)
			}
		}
	}
	var in request.StepInput
	bind(form, verb, &in)
	if d := form.Get("digest"); d != "" {
		in.Digest = d
	}
	err = g.desk.Step(r.Context(), r.Actor, p.Head().ID, version(form), verb, in)
	switch {
	case fault.Is(err, fault.Invalid):
		return g.show(w, r, http.StatusBadRequest, verb, err)
	case fault.Is(err, fault.Conflict):
		return g.show(w, r, http.StatusConflict, verb, err)
	case err != nil:
		return err
	}
	r.Say(w, said(r.Printer.Has, p.Kind, verb), nil)
	if verb == "amend" {
		return r.Redirect(w, p.Path()+"/edit")
	}
	return r.Redirect(w, p.Path())
}

// said is the note after a step: what happened and what comes next. A kind may
// have a sentence of its own for a verb that several have.
func said(has func(string) bool, kind, verb string) string {
	if key := "request.said." + strings.TrimPrefix(kind, "request.") + "." + verb; has(key) {
		return key
	}
	return "request.said." + verb
}

// proof is the file with which anybody can check the signatures.
func (g *Pages) proof(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	raw, err := g.desk.Proof(r.Context(), r.Actor, rid)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="arrangement-`+string(rid)+`.json"`)
	_, err = w.Write(raw)
	return err
}
