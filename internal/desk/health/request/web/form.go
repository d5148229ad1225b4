package web

import (
	"net/http"
	"net/url"
	"slices"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// field is one input as the template draws it.
type field struct {
	parts.Field
	Kind    string
	Value   string
	Options []parts.Option
}

// fieldset is one group of inputs, or one list of rows.
type fieldset struct {
	ID, Legend, Hint, Error, Row string
	Rows                         [][]field
	Fields                       []field
	Grow                         bool
}

type formView struct {
	words
	Title, Lede, Action, Cancel, Save string
	Errors                            parts.Errors
	Sets                              []fieldset
	Hidden                            [][2]string
	Members                           *parts.Choices
	One                               *parts.Select
	Inform                            *parts.Choices
	Note                              string
}

// lists are the options that only this page knows.
type lists map[string][]parts.Option

func (w words) lists() lists {
	l := lists{}
	for _, x := range locale.Languages() {
		l["lang"] = append(l["lang"], parts.Option{Value: x.Code, Text: x.Name})
	}
	for _, m := range access.Markings {
		l["marking"] = append(l["marking"], parts.Option{Value: string(m), Text: string(m)})
	}
	for _, h := range health.Hazards {
		l["hazard"] = append(l["hazard"], parts.Option{Value: h.Key, Text: w.T("hazard." + h.Key)})
	}
	return l
}

func chosen(options []parts.Option, vs []string) []parts.Option {
	out := slices.Clone(options)
	for i := range out {
		out[i].Chosen = slices.Contains(vs, out[i].Value)
	}
	return out
}

// maker is the form of one kind of record.
type maker struct {
	kind   string
	groups []group
}

var makers = map[string]maker{
	"request": {request.OwnRequest, requestGroups}, "offer": {request.OwnOffer, offerGroups}, "arrangement": {request.Agreement, append(slices.Clone(arrangementGroups), clauses())},
	"deployment": {request.OwnTeam, missionGroups}, "consignment": {request.OwnGoods, shipmentGroups},
}

// whatOf is the form that a kind of record is edited with.
func whatOf(kind string) string {
	for what, m := range makers {
		if m.kind == kind {
			return what
		}
	}
	return ""
}

// begin shows an empty form, or one that begins with what it follows from.
func (g *Pages) begin(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	what := q.Get("what")
	m, ok := makers[what]
	if !ok {
		return fault.New(fault.NotFound, "fault.web.no_page")
	}
	if !request.MayBegin(r.Actor, m.kind) {
		return fault.New(fault.Forbidden, "fault.role").With("verb", what)
	}
	form := url.Values{"lang": {r.Printer.Lang()}, "marking": {string(access.TLPAmber)}, "hours": {str(request.AnswerDefault)}, "what": {what}}
	if err := g.startWith(r, q, what, form); err != nil {
		return err
	}
	v, err := g.formView(r, what, form, nil)
	if err != nil {
		return err
	}
	return r.ShowStatus(w, http.StatusOK, shell.Page{Title: v.Title}, formPage(v))
}

// startWith fills in what is known of the event, the request or the offer that
// the address names.
func (g *Pages) startWith(r *shell.Request, q url.Values, what string, form url.Values) error {
	if i, err := id.Parse(q.Get("event")); err == nil && g.events != nil {
		p, err := g.events.EventPage(r.Context(), r.Actor, i)
		if err != nil {
			return err
		}
		form.Set("event", string(i))
		form.Set("event_name", p.View.Name)
		form.Set("title", p.View.Name)
		form.Set("hazard", p.View.Hazard)
		form.Set("marking", string(p.View.Marking))
	}
	if to := q.Get("to"); to != "" {
		form.Set("to", to)
	}
	if i, err := id.Parse(q.Get("request")); err == nil && what == "offer" {
		p, err := g.desk.Page(r.Context(), r.Actor, i)
		if err != nil || p.Request == nil {
			return err
		}
		beginOffer(form, p.Request)
	}
	if i, err := id.Parse(q.Get("offer")); err == nil {
		p, err := g.desk.Page(r.Context(), r.Actor, i)
		if err != nil || p.Offer == nil {
			return err
		}
		beginFrom(form, p.Offer, what, r.Now.Format("2006-01-02"))
	}
	return nil
}

// beginOffer offers what is asked for, line by line; the person takes away
// what the member does not have.
func beginOffer(form url.Values, rq *request.Request) {
	c := rq.Content()
	form.Set("request", string(rq.ID))
	form.Set("to", string(rq.From))
	form.Set("title", c.Title)
	form.Set("marking", string(c.Marking))
	form.Set("lang", c.Lang)
	form.Set("inform", string(access.ASEC))
	for i, l := range c.Lines {
		pre := "lines." + str(i) + "."
		for k, v := range map[string]string{"for": str(l.N), "category": l.Category, "item": l.Item, "unit": l.Unit, "qty": str(int(l.Qty)), "cost": "free"} {
			form.Set(pre+k, v)
		}
	}
}

// beginFrom takes over what was accepted of an offer.
func beginFrom(form url.Values, o *request.Offer, what, today string) {
	form.Set("offer", string(o.ID))
	form.Set("request", string(o.Request))
	form.Set("event", string(o.Event))
	form.Set("to", string(o.Peer()))
	form.Set("peer", string(o.Peer()))
	form.Set("marking", string(o.Head.Marking))
	if o.Own() {
		form.Set("sends", "1")
	}
	form.Set("from", today)
	form.Set("title", o.Title)
	form.Set("shipment.title", o.Title)
	form.Set("shipment.carries", request.Goods)
	form.Set("mission.title", o.Title)
	n := 0
	for _, l := range o.Lines {
		t := o.Decision.TakenOf(l.N)
		if t.Qty == 0 {
			continue
		}
		pre := map[string]string{"arrangement": "scope.", "consignment": "shipment.items."}[what] + str(n) + "."
		switch {
		case what == "arrangement" || what == "consignment" && l.Category != "team":
			for k, v := range map[string]string{"what": l.Item, "spec": l.Spec, "qty": str(int(t.Qty)), "unit": l.Unit, "cost": l.Cost, "for": str(t.For)} {
				form.Set(pre+k, v)
			}
			n++
		case what == "deployment" && l.Category == "team" && form.Get("line") == "":
			form.Set("line", str(t.For))
			form.Set("mission.teams", str(int(t.Qty)))
			if l.People > 0 {
				form.Set("mission.people", str(int(l.People)))
			}
			form.Set("mission.from", l.From)
			form.Set("mission.eta", l.ETA)
			form.Set("mission.title", l.Item)
		}
	}
}

// formView draws the form of a new record or of one that is edited.
func (g *Pages) formView(r *shell.Request, what string, form url.Values, cause error) (formView, error) {
	m := makers[what]
	v := formView{words: g.words(r), Action: base + "/new", Cancel: base, Save: r.Printer.T("request.save")}
	v.Title, v.Lede = v.T("request.new."+what), v.T("request.lede."+what)
	v.Errors = v.faults(m.groups, "", cause)
	l := v.lists()
	l["arrangement"] = []parts.Option{{Text: v.T("request.no_arrangement")}}
	as, _, err := g.desk.List(r.Context(), r.Actor, request.Filter{Kinds: []string{request.Agreement}, Peer: access.Member(form.Get("to")), Open: true, Limit: 200})
	if err != nil {
		return v, err
	}
	for i := range as {
		l["arrangement"] = append(l["arrangement"], parts.Option{Value: string(as[i].Head().ID), Text: as[i].Title() + " (" + v.stage(as[i].Stage()) + ")"})
	}
	l["for"] = []parts.Option{{Value: "0", Text: v.T("request.for_none")}}
	if rid, err := id.Parse(form.Get("request")); err == nil {
		if p, err := g.desk.Page(r.Context(), r.Actor, rid); err == nil && p.Request != nil {
			l["for"] = append(l["for"], v.lineOptions(p.Request)...)
		}
	}
	for _, of := range []string{"hazard"} { // a choice that may stay open
		l[of] = append([]parts.Option{{Text: "—"}}, l[of]...)
	}
	v.Sets = v.sets(m.groups, "", form, v.Errors, l, true)
	v.parties(what, form)
	for _, k := range []string{"what", "version", "request", "offer", "event", "sends", "line"} {
		if form.Get(k) != "" && !(what == "request" && k == "event") {
			v.Hidden = append(v.Hidden, [2]string{k, form.Get(k)})
		}
	}
	return v, nil
}

func (w words) lineOptions(rq *request.Request) []parts.Option {
	var out []parts.Option
	for _, l := range rq.Content().Lines {
		out = append(out, parts.Option{Value: str(l.N), Text: str(l.N) + ". " + l.Item})
	}
	return out
}

// parties draws to whom it goes.
func (v *formView) parties(what string, form url.Values) {
	all := func(name string, vs []string) []parts.Option {
		var out []parts.Option
		for _, m := range access.All() {
			if m != v.self {
				out = append(out, parts.Option{Value: string(m), Text: v.name(string(m)), Chosen: slices.Contains(vs, string(m))})
			}
		}
		return out
	}
	fixed := form.Get("version") != "" || form.Get("request") != "" || form.Get("offer") != ""
	switch {
	case what == "request":
		v.Members = &parts.Choices{Field: parts.Field{Name: "to", Label: v.label("to"), Hint: v.T("request.hint.to"), Error: v.Errors.Of("to"), Required: true}, Many: true, Inline: true, Options: all("to", form["to"])}
		return
	case fixed:
		v.Note = v.T("request.goes_to", "member", v.name(form.Get("to")))
		v.Hidden = append(v.Hidden, [2]string{"to", form.Get("to")})
	default:
		v.One = &parts.Select{Field: parts.Field{Name: "to", Label: v.label("to"), Error: v.Errors.Of("to"), Required: true}, Options: all("to", form["to"])}
	}
	if what != "arrangement" && v.self != access.ASEC {
		v.Inform = &parts.Choices{Field: parts.Field{Name: "inform", Label: v.label("inform"), Hint: v.T("request.hint.inform")}, Many: true, Inline: true,
			Options: []parts.Option{{Value: string(access.ASEC), Text: v.name(string(access.ASEC)), Chosen: slices.Contains(form["inform"], string(access.ASEC))}}}
	}
}
