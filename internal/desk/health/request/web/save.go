package web

import (
	"net/http"
	"net/url"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
)

func isRow(form url.Values) bool { return strings.HasPrefix(form.Get("do"), "row.") }

func (g *Pages) create(w http.ResponseWriter, r *shell.Request) error {
	form := r.PostForm
	what := form.Get("what")
	if _, ok := makers[what]; !ok {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	var rid id.ID
	var err error
	if !isRow(form) {
		rid, err = g.make(r, what, form)
	}
	if isRow(form) || fault.Is(err, fault.Invalid) {
		v, ferr := g.formView(r, what, form, err)
		if ferr != nil {
			return ferr
		}
		return r.ShowStatus(w, statusOf(err), shell.Page{Title: v.Title}, formPage(v))
	}
	if err != nil {
		return err
	}
	r.Say(w, "request.said.saved", nil)
	return r.Redirect(w, base+"/"+string(rid))
}

func statusOf(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return http.StatusBadRequest
}

// make begins the record that the form describes.
func (g *Pages) make(r *shell.Request, what string, form url.Values) (id.ID, error) {
	ctx, a := r.Context(), r.Actor
	tidy(what, form)
	switch what {
	case "request":
		x, err := g.desk.DraftRequest(ctx, a, read[request.RequestInput](form))
		return x.ID, err
	case "offer":
		x, err := g.desk.DraftOffer(ctx, a, read[request.OfferInput](form))
		return x.ID, err
	case "arrangement":
		x, err := g.desk.DraftArrangement(ctx, a, arrangementOf(form))
		return x.ID, err
	case "deployment":
		x, err := g.desk.PlanDeployment(ctx, a, read[request.MissionInput](form))
		return x.ID, err
	}
	x, err := g.desk.Allocate(ctx, a, read[request.ShipmentInput](form))
	return x.ID, err
}

func read[T any](form url.Values) T {
	var v T
	bind(form, "", &v)
	return v
}

// tidy drops empty rows before the form is read.
func tidy(what string, form url.Values) {
	for _, g := range makers[what].groups {
		if g.rows != "" {
			compact(form, g.rows, g.counts...)
		}
	}
}

func arrangementOf(form url.Values) request.ArrangementInput {
	in := read[request.ArrangementInput](form)
	in.Peer = access.Member(form.Get("to"))
	in.Clauses = nil
	for _, k := range request.Clauses {
		if t := text(form.Get("clause." + k)); t != "" {
			in.Clauses = append(in.Clauses, request.Clause{Key: k, Text: t})
		}
	}
	return in
}

// valuesOf is the form of a record as it stands.
func valuesOf(e *request.Entry) url.Values {
	var f url.Values
	switch {
	case e.Request != nil:
		f = spread(request.RequestInput{Content: e.Request.Draft, To: e.Request.To})
	case e.Offer != nil:
		f = spread(request.OfferInput{OfferContent: e.Offer.OfferContent, To: e.Offer.To, Inform: e.Offer.Inform})
	case e.Arrangement != nil:
		t := e.Arrangement.Newest()
		f = spread(request.ArrangementInput{Peer: e.Arrangement.Peer(), Sends: t.Sending == e.Head().Owner, Title: t.Title, Event: t.Event, Request: t.Request, Offer: t.Offer, Scope: t.Scope,
			From: t.From, Until: t.Until, Lang: t.Lang, Marking: e.Head().Marking})
		f.Set("to", string(e.Arrangement.Peer()))
		for _, c := range t.Clauses {
			f.Set("clause."+c.Key, c.Text)
		}
	case e.Deployment != nil:
		d := e.Deployment
		f = spread(request.MissionInput{Line: d.Line, Mission: d.Mission, Link: request.Link{To: d.To, Request: d.Request, Offer: d.Offer, Event: d.Event,
			Arrangement: d.Arrangement, Basis: d.Basis, Marking: d.Head.Marking, Inform: d.Inform}})
	case e.Consignment != nil:
		c := e.Consignment
		f = spread(request.ShipmentInput{Shipment: c.Shipment, Link: request.Link{To: c.To, Request: c.Request, Offer: c.Offer, Event: c.Event,
			Arrangement: c.Arrangement, Basis: c.Basis, Marking: c.Head.Marking, Inform: c.Inform}})
	}
	f.Set("version", str(e.Head().Version))
	f.Set("what", whatOf(e.Kind))
	return f
}

func (g *Pages) edit(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	if _, ok := p.Offered("edit"); !ok {
		return fault.New(fault.Conflict, "fault.wrong_state").With("verb", "edit").With("state", string(p.Head().State))
	}
	return g.showEdit(w, r, &p, valuesOf(&p.Entry), nil)
}

func (g *Pages) showEdit(w http.ResponseWriter, r *shell.Request, p *request.Page, form url.Values, cause error) error {
	v, err := g.formView(r, whatOf(p.Kind), form, cause)
	if err != nil {
		return err
	}
	v.Title, v.Action, v.Cancel = v.T("request.edit"), p.Path()+"/edit", p.Path()
	return r.ShowStatus(w, statusOf(cause), shell.Page{Title: v.Title}, formPage(v))
}

func (g *Pages) save(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	form, what := r.PostForm, whatOf(p.Kind)
	if what == "" {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	if isRow(form) {
		return g.showEdit(w, r, &p, form, nil)
	}
	tidy(what, form)
	ctx, a, seen, rid := r.Context(), r.Actor, version(form), p.Head().ID
	switch what {
	case "request":
		err = g.desk.EditRequest(ctx, a, rid, seen, read[request.RequestInput](form))
	case "offer":
		err = g.desk.EditOffer(ctx, a, rid, seen, read[request.OfferInput](form))
	case "arrangement":
		err = g.desk.EditArrangement(ctx, a, rid, seen, arrangementOf(form))
	case "deployment":
		err = g.desk.EditDeployment(ctx, a, rid, seen, read[request.MissionInput](form))
	case "consignment":
		err = g.desk.EditConsignment(ctx, a, rid, seen, read[request.ShipmentInput](form))
	}
	switch {
	case fault.Is(err, fault.Invalid):
		return g.showEdit(w, r, &p, form, err)
	case fault.Is(err, fault.Conflict):
		form.Set("version", str(p.Head().Version)) // what was typed stays; saving again replaces what the other wrote
		return g.showEdit(w, r, &p, form, err)
	case err != nil:
		return err
	}
	r.Say(w, "request.said.saved", nil)
	return r.Redirect(w, p.Path())
}
