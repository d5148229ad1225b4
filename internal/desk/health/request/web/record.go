package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// block is one panel of the page of a record.
type block struct {
	ID, Title, Count string
	Prose            []string
	Defs             []parts.Definition
	Table            *parts.Table
	Body             templ.Component
	Note             string
	Actions          []parts.Button
}

// actForm is the form of one step.
type actForm struct {
	Verb   string
	Button parts.Button
	Sets   []fieldset
	Hint   string
	Fold   bool
	Open   bool // it was refused and shows why
	Digest string
}

// recordView is the page of one record.
type recordView struct {
	words
	P       request.Page
	Head    parts.PageHead
	Topic   string
	Banner  *parts.Notice
	Blocks  []block
	Side    []block
	Acts    []actForm
	Links   []parts.Button
	History []parts.Moment
	Errors  parts.Errors
	Edit    bool

	forLines []parts.Option // of the request that an offer answers
}

func (g *Pages) record(w http.ResponseWriter, r *shell.Request) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	if err := g.desk.OpenRecord(r.Context(), r.Actor, rid); err != nil {
		return err
	}
	return g.show(w, r, http.StatusOK, "", nil)
}

func (g *Pages) show(w http.ResponseWriter, r *shell.Request, status int, verb string, cause error) error {
	p, err := g.pageOf(r)
	if err != nil {
		return err
	}
	v := recordView{words: g.words(r), P: p, Topic: "request:" + string(p.Head().ID)}
	if err := g.compose(r, &v); err != nil {
		return err
	}
	v.acts(r.PostForm, verb, cause)
	if verb != "" && cause != nil && !v.Errors.Any() {
		v.Errors = parts.ErrorsOf(r.Printer, cause)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title, Topics: []string{v.Topic}, Marking: string(p.Head().Marking)}, recordPage(v))
}

// compose puts the page together by the kind of the record.
func (g *Pages) compose(r *shell.Request, v *recordView) error {
	p := &v.P
	title := p.Title()
	if title == "" {
		title = v.T("request.untitled")
	}
	v.Head = parts.PageHead{Title: title, Meta: recordMeta(*v), Lede: v.lede(&p.Entry), Crumbs: []parts.Link{{Text: v.T("request.title"), Href: base}, {Text: title}}}
	_, v.Edit = p.Offered("edit")
	v.status(r, g)
	switch {
	case p.Request != nil:
		return g.requestBlocks(r, v)
	case p.Offer != nil:
		g.offerBlocks(r, v)
	case p.Arrangement != nil:
		g.arrangementBlocks(v)
	case p.Deployment != nil:
		v.deploymentBlocks(r.Actor)
	default:
		v.goodsBlocks()
	}
	v.edxlLinks()
	v.history()
	v.banner()
	return nil
}

func (w words) lede(e *request.Entry) string {
	key := "request.about." + strings.TrimPrefix(e.Kind, "request.")
	if e.Request != nil && e.Request.Own() {
		return w.T(key)
	}
	return w.T("request.about.with", "what", w.T(key), "member", w.name(string(e.Peer())))
}

// status is how the record stands.
func (v *recordView) status(r *shell.Request, g *Pages) {
	h := v.P.Head()
	defs := []parts.Definition{{Term: v.label("state"), Text: v.stage(v.P.Stage())}}
	if !h.Due.IsZero() {
		defs = append(defs, parts.Definition{Term: v.T("clock." + h.Clock), Text: v.Left(h.Due, v.now) + " · " + v.Stamp(h.Due)})
	}
	if text := v.next(); text != "" {
		defs = append(defs, parts.Definition{Term: v.T("request.next"), Text: text})
	}
	defs = append(defs, parts.Definition{Term: v.label("marking"), Text: string(h.Marking)})
	c := v.P.Entry
	for _, l := range []struct {
		term, text string
		id         string
	}{{"request", v.T("request.to_request"), ref(c, "request")}, {"offer", v.T("request.to_offer"), ref(c, "offer")}, {"arrangement", v.T("request.to_arrangement"), ref(c, "arrangement")}} {
		if l.id != "" && l.id != string(h.ID) {
			defs = append(defs, parts.Definition{Term: v.label(l.term), Body: link(base+"/"+l.id, l.text)})
		}
	}
	if e := id.ID(ref(c, "event")); e != "" && g.events != nil {
		if p, err := g.events.EventPage(r.Context(), r.Actor, e); err == nil { // who helps may not have it
			defs = append(defs, parts.Definition{Term: v.label("event"), Body: link("/health/events/"+string(e), p.View.Name)})
		}
	}
	v.Side = append(v.Side, block{ID: "status", Title: v.T("request.status"), Defs: defs})
}

// next is what the record waits for, and who does it: here, or on the other
// side.
func (v *recordView) next() string {
	verb, by, others := v.P.Next(v.now)
	switch {
	case verb != "":
		var roles []string
		for _, r := range by {
			if r == access.SecretariatDsk && v.self != access.ASEC {
				continue // no state has a regional desk
			}
			roles = append(roles, v.T("role."+string(r)))
		}
		return v.T("request.waits.here", "verb", v.T("request.verb."+string(verb)), "roles", strings.Join(roles, ", "))
	case len(others) > 0:
		return v.T("request.waits.members", "members", v.names(others))
	}
	return ""
}

// actLive is the address from which the forms of the steps come again; empty
// while one of them shows what somebody typed and what is wrong with it.
func (v *recordView) actLive() string {
	if slices.ContainsFunc(v.Acts, func(a actForm) bool { return a.Open }) || v.Errors.Any() {
		return ""
	}
	return v.P.Path()
}

// noActs says why there is nothing to press.
func (v *recordView) noActs() string {
	if text := v.next(); text != "" {
		return v.T("request.act.none.next", "next", text)
	}
	return v.T("request.act.none")
}

// ref is what a record refers to.
func ref(e request.Entry, what string) string {
	f := url.Values{}
	switch {
	case e.Request != nil:
		f.Set("event", string(e.Request.Content().Event))
	case e.Offer != nil:
		f = url.Values{"request": {string(e.Offer.Request)}, "event": {string(e.Offer.Event)}}
	case e.Arrangement != nil:
		if t := e.Arrangement.Newest(); t != nil {
			f = url.Values{"request": {string(t.Request)}, "offer": {string(t.Offer)}, "event": {string(t.Event)}}
		}
	case e.Deployment != nil:
		d := e.Deployment
		f = url.Values{"request": {string(d.Request)}, "offer": {string(d.Offer)}, "event": {string(d.Event)}, "arrangement": {string(d.Arrangement)}}
	case e.Consignment != nil:
		c := e.Consignment
		f = url.Values{"request": {string(c.Request)}, "offer": {string(c.Offer)}, "event": {string(c.Event)}, "arrangement": {string(c.Arrangement)}}
	}
	return f.Get(what)
}

func (v *recordView) banner() {
	p := &v.P
	reason := ""
	switch {
	case p.Request != nil:
		reason = p.Request.Reason
	case p.Offer != nil:
		reason = p.Offer.Reason
	}
	switch {
	case p.Head().State == request.Withdrawn:
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: v.T("request.banner.withdrawn"), Text: reason}
	case p.Head().State == request.Draft && reason != "":
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: v.T("request.banner.returned"), Text: reason}
	case p.Request != nil && p.Request.Own() && p.Request.Sent != nil && p.Request.State != request.Issued && p.Request.Open():
		v.Banner = &parts.Notice{Grade: parts.Information, Title: v.T("request.banner.amending"), Text: v.T("request.banner.amending.text", "n", p.Request.Sent.Rev)}
	case p.Late:
		v.Banner = &parts.Notice{Grade: parts.Warning, Title: v.T("request.banner.late"), Text: v.T("clock." + p.Head().Clock)}
	case p.Consignment != nil && p.Consignment.Stage() == "customs_hold":
		v.Banner = &parts.Notice{Grade: parts.Watch, Title: v.T("request.banner.customs"), Text: p.Consignment.Receipt.HoldWhy}
	}
}

func (v *recordView) history() {
	for i := len(v.P.History) - 1; i >= 0; i-- {
		e := v.P.History[i]
		m := parts.Moment{At: e.At, Kind: parts.Report, Title: v.T("action." + e.Action), Text: e.Actor}
		if e.Actor == "node" {
			m.Text = v.T("request.by_node")
		}
		if e.Index < v.P.Sealed.Size {
			m.Signed = v.T("request.sealed", "entry", e.Index+1)
		}
		v.History = append(v.History, m)
	}
}

// acts are the forms of the steps that the table offers now.
func (v *recordView) acts(form url.Values, refused string, cause error) {
	for _, a := range acts {
		if a.kind != "" && a.kind != v.P.Kind {
			continue
		}
		o, ok := v.P.Offered(verbOf(a.verb))
		if !ok || v.P.Arrangement != nil && slices.Contains(ofText, a.verb) || unlikely(&v.P, a.verb) {
			continue
		}
		f := actForm{Verb: a.verb, Fold: a.fold, Open: refused == a.verb}
		f.Button = parts.Button{Text: v.T("request.verb." + a.verb), Unmet: v.unmet(a, o.Unmet)}
		switch {
		case a.danger:
			f.Button.Kind = parts.Danger
		case !a.plain && !a.fold:
			f.Button.Kind = parts.Primary
		}
		values := v.start(a.verb)
		var errs parts.Errors
		if f.Open {
			values, errs = form, v.faults(a.groups, a.verb, cause)
			v.Errors = errs
		}
		f.Sets = v.sets(a.groups, a.verb, values, errs, v.stepLists(), true)
		if key := "request.act." + a.verb; v.Has(key) {
			f.Hint = v.T(key)
		}
		v.Acts = append(v.Acts, f)
	}
}

// unlikely are steps that the table offers and that nobody wants now: a
// reminder before anything is late, a decision where nothing was asked.
func unlikely(p *request.Page, verb string) bool {
	switch verb {
	case "remind":
		return len(p.Request.Silent()) == 0
	case "drop_changes", "discard":
		return p.Request != nil && (p.Request.Sent != nil) == (verb == "discard")
	case "grant":
		return p.Deployment.Mission.Ask.N <= p.Deployment.Host.Extended.N
	case "decline":
		return p.Deployment != nil && p.Deployment.Mission.Ask.N <= p.Deployment.Host.Extended.N
	case "clear_report":
		return p.Deployment.Mission.Report == "" || p.Deployment.Host.ReportOK
	}
	return false
}

// spare are the needs that the form of a step itself fulfils.
var spare = []string{"request.words", "request.reason", "request.change", "request.takes_all", "request.takes_some", "request.day", "request.last_day", "request.later_end", "request.extension",
	"request.clearance", "request.consent", "request.conveyance", "request.carrier", "request.every_line", "request.import_permit", "request.hold", "request.report", "request.packages", "request.entry", "request.differences"}

func (v *recordView) unmet(a act, unmet []string) []string {
	var out []string
	for _, n := range unmet {
		if len(a.groups) == 0 && a.verb != "accept" || !slices.Contains(spare, n) {
			if !(a.verb == "accept" && n == "request.takes_all") {
				out = append(out, v.T("need."+n))
			}
		}
	}
	return out
}

// start is what the form of a step begins with.
func (v *recordView) start(verb string) url.Values {
	today := v.now.UTC().Format(time.DateOnly)
	f := url.Values{verb + ".day": {today}}
	set := func(k, s string) { f.Set(verb+"."+k, s) }
	switch p := &v.P; {
	case p.Offer != nil && verb == "accept_part":
		for i, l := range p.Offer.Lines {
			set("taken."+str(i)+".n", str(l.N))
			set("taken."+str(i)+".qty", str(int(l.Qty)))
			set("taken."+str(i)+".for", str(l.For))
		}
	case p.Consignment != nil:
		s := p.Consignment.Shipment
		set("carrier", s.Carrier)
		set("waybill", s.Waybill)
		set("entry", s.Entry)
		set("etd", s.ETD)
		set("eta", s.ETA)
		if s.Packages > 0 {
			set("packages", str(int(s.Packages)))
		}
		for i, it := range s.Items {
			got, _ := p.Consignment.Receipt.Of(it.N)
			set("got."+str(i)+".n", str(it.N))
			set("got."+str(i)+".ok", str(int(it.Qty)))
			set("got."+str(i)+".short", "0")
			set("got."+str(i)+".damaged", "0")
			set("got."+str(i)+".result", got.Result)
			set("got."+str(i)+".accession", got.Access)
		}
	case p.Deployment != nil:
		m := p.Deployment.Mission
		for k, s := range map[string]string{"carrier": m.Conveyance, "etd": m.ETD, "eta": m.ETA, "entry": m.Entry, "radio": m.Radio, "until": p.Deployment.Ends()} {
			set(k, s)
		}
		set("people", str(m.People))
		for k, vs := range spread(struct {
			M []request.Person `json:"manifest"`
		}{p.Deployment.Manifest}) {
			f[verb+"."+k] = vs
		}
	case p.Arrangement != nil && p.Arrangement.InForce() != nil && verb == "change":
		t := p.Arrangement.InForce()
		for k, vs := range spread(struct {
			T request.Terms `json:"terms"`
		}{*t}) {
			f[verb+"."+k] = vs
		}
		set("terms.does", request.Change)
	}
	return f
}

func (v *recordView) stepLists() lists {
	return lists{"for": append([]parts.Option{{Value: "0", Text: v.T("request.for_none")}}, v.forLines...)}
}

// parties of a record for its head: who gives and who gets.
func parties(e *request.Entry) (from access.Member, to []access.Member) {
	switch {
	case e.Request != nil:
		return e.Request.From, e.Request.To
	case e.Offer != nil:
		return e.Offer.From, []access.Member{e.Offer.To}
	case e.Arrangement != nil:
		return e.Arrangement.Sending, []access.Member{e.Arrangement.Receiving}
	case e.Deployment != nil:
		return e.Deployment.From, []access.Member{e.Deployment.To}
	}
	return e.Consignment.From, []access.Member{e.Consignment.To}
}
