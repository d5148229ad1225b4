package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// kindPage is the page and the steps of one kind of record.
type kindPage struct {
	list string // tab that it belongs to
	name string // folder of its pages
	read func(g *Pages, r *shell.Request, rid id.ID, v *pageView) (shown, error)
	step func(g *Pages, r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error
}

// shown is what every page has of a record.
type shown struct {
	reserve.Envelope
	Title  string
	Of     string          // what a step is about, where the title says what it is; empty: the title
	Mark   templ.Component // how far it has come, where the state does not say it
	Offers []workflow.Offer
	More   []parts.Button // that are no steps
}

var records = map[string]kindPage{
	"items": {list: "items", name: "items", read: (*Pages).readItem, step: func(g *Pages, r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error {
		_, err := g.desk.StepItem(r.Context(), r.Actor, rid, seen, verb, text(f.Get("reason")), nil)
		return err
	}},
	"lots": {list: "stock", name: "lots", read: (*Pages).readLot, step: func(g *Pages, r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error {
		_, err := g.desk.StepLot(r.Context(), r.Actor, rid, seen, verb, text(f.Get("reason")), nil)
		return err
	}},
	"pledges": {list: "pledges", name: "pledges", read: (*Pages).readPledge, step: func(g *Pages, r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error {
		_, err := g.desk.StepPledge(r.Context(), r.Actor, rid, seen, verb, text(f.Get("reason")), nil)
		return err
	}},
	"draws": {list: "draws", name: "draws", read: (*Pages).readDraw, step: func(g *Pages, r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error {
		_, err := g.desk.StepDraw(r.Context(), r.Actor, rid, seen, verb, text(f.Get("reason")), nil)
		return err
	}},
	"allocations": {list: "allocations", name: "allocations", read: (*Pages).readAllocation, step: (*Pages).stepAllocation},
	"votes": {list: "allocations", name: "votes", read: (*Pages).readVote, step: func(g *Pages, r *shell.Request, rid id.ID, seen int, verb workflow.Verb, _ url.Values) error {
		_, err := g.desk.StepVote(r.Context(), r.Actor, rid, seen, verb, nil)
		return err
	}},
	"movements": {list: "movements", name: "movements", read: (*Pages).readMovement, step: func(g *Pages, r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error {
		_, err := g.desk.StepMovement(r.Context(), r.Actor, rid, seen, verb, text(f.Get("reason")))
		return err
	}},
	"arrivals": {list: "movements", name: "arrivals", read: (*Pages).readArrival, step: (*Pages).stepArrival},
	"debts": {list: "debts", name: "debts", read: (*Pages).readDebt, step: func(*Pages, *shell.Request, id.ID, int, workflow.Verb, url.Values) error {
		return fault.New(fault.Invalid, "fault.invalid")
	}},
}

func (g *Pages) stepAllocation(r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error {
	_, err := g.desk.StepAllocation(r.Context(), r.Actor, rid, seen, verb, text(f.Get("reason")))
	return err
}

func (g *Pages) stepArrival(r *shell.Request, rid id.ID, seen int, verb workflow.Verb, f url.Values) error {
	var in *reserve.ReceiptInput
	if verb == "receive" {
		in = receiptOf(f)
	}
	_, err := g.desk.StepArrival(r.Context(), r.Actor, rid, seen, verb, text(f.Get("reason")), f.Get("hold_ref"), in)
	return err
}

func receiptOf(f url.Values) *reserve.ReceiptInput {
	in := postOf(f)
	out := &reserve.ReceiptInput{Warehouse: in.Warehouse}
	for n := 1; n <= reserve.MaxLines && f.Has("ok."+str(n)); n++ {
		k := str(n)
		zero := func(s string) int64 {
			if s == "" {
				return 0
			}
			return whole(s)
		}
		out.Landed = append(out.Landed, reserve.Landed{Load: reserve.Load{N: n}, OK: whole(f.Get("ok." + k)), Short: zero(f.Get("short." + k)), Damaged: zero(f.Get("damaged." + k)), Words: text(f.Get("words." + k))})
	}
	return out
}

func (g *Pages) record(k kindPage) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		rid, err := r.PathID("id")
		if err != nil {
			return err
		}
		v := pageView{words: g.words(r)}
		x, err := k.read(g, r, rid, &v)
		if err != nil {
			return err
		}
		path := base + "/" + k.name + "/" + string(rid)
		v.Tabs = v.tabs(k.list)
		v.Head = parts.PageHead{Title: x.Title, Meta: recordMeta(v.words, x), Crumbs: v.crumbs(k.list, x.Title), Actions: []parts.Button{v.print()}}
		if x.State == reserve.Draft && x.Own {
			v.Notices = append([]parts.Notice{{Grade: parts.Information, Title: v.T("reserve.state.draft"), Text: v.T("reserve.draft.text")}}, v.Notices...)
		}
		if x.Reason != "" && (x.State == reserve.Withdrawn || x.State == reserve.Retired || x.State == reserve.Quarantined || x.State == reserve.CustomsHold || x.State == reserve.Cancelled) {
			v.Notices = append(v.Notices, parts.Notice{Grade: parts.Watch, Title: v.state(x.State), Text: x.Reason})
		}
		v.Side = append([]section{v.steps(x, path, r)}, v.Side...)
		v.Side = append(v.Side, section{Panel: parts.Panel{ID: "origin", Title: v.T("reserve.origin.title")}, Defs: v.origin(x)})
		return r.Show(w, shell.Page{Title: x.Title, Topics: []string{"reserve:" + string(rid), "reserve"}, Marking: string(x.Marking)}, recordPage(v))
	}
}

// spare are the needs that the form of a step itself fulfils.
var spare = []string{"health.reason", "reserve.every_load", "reserve.loss_said"}

func (w words) unmet(o workflow.Offer) []string {
	var out []string
	for _, n := range o.Unmet {
		if !slices.Contains(spare, n) {
			out = append(out, w.T("need."+n))
		}
	}
	return out
}

func (v *pageView) steps(x shown, path string, r *shell.Request) section {
	s := section{Panel: live(r.URL.RequestURI(), parts.Panel{ID: "steps", Title: v.T("reserve.steps.title")})}
	for _, o := range x.Offers {
		b := parts.Button{Text: v.T("reserve.verb." + string(o.Verb)), Href: path + "/step/" + string(o.Verb), Unmet: v.unmet(o)}
		switch o.Verb {
		case "edit", "revise":
			b.Href = path + "/edit"
		case "correct":
			b.Href = path + "/correct"
		case "publish", "pledge", "ask", "propose", "close", "dispatch", "receive", "free":
			b.Kind = parts.Primary
		}
		if o.Verb == "close" && x.Kind == reserve.KindDraw {
			b.Kind = ""
		}
		s.Buttons = append(s.Buttons, b)
	}
	s.Buttons = append(s.Buttons, x.More...)
	if len(s.Buttons) == 0 {
		s.Lines = []string{v.T("reserve.steps.none")}
		if !x.Own {
			s.Lines = []string{v.T("reserve.steps.theirs", "member", v.name(x.Owner))}
		}
	}
	return s
}

func (w words) origin(x shown) []parts.Definition {
	def := func(key, s string) parts.Definition { return parts.Definition{Term: w.T(key), Text: s} }
	out := []parts.Definition{def("reserve.col.owner", w.name(x.Owner)), def("health.field.marking", string(x.Marking)), def("reserve.col.version", str(x.Version)), def("reserve.col.changed", w.stamp(x.Changed))}
	if !x.Released.IsZero() {
		out = append(out, def("reserve.col.released", w.stamp(x.Released)+", "+x.ClearedAs), def("reserve.col.release", string(x.Release)))
	}
	if !x.Due.IsZero() {
		out = append(out, def("reserve.col.due", w.stamp(x.Due)+" ("+w.Left(x.Due, w.now)+")"))
	}
	return out
}

// stepView is the page that asks before a step is taken.
type stepView struct {
	words
	Confirm parts.Confirm
	Errors  parts.Errors
	Form    url.Values
	Ask     bool
	Paper   bool // a reference of customs
	Receipt []reserve.Landed
	Unit    string
	Extra   []section
}

func (v stepView) field(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("reserve.field." + name), Error: v.Errors.Of(name), Required: required, Optional: !required}
	if v.Has("reserve.hint." + name) {
		f.Hint = v.T("reserve.hint." + name)
	}
	if name == "reason" && f.Error == "" {
		f.Error = v.Errors.Of("health.reason")
	}
	return f
}

// load is a field of one load of a receipt.
func (v stepView) load(name string, l reserve.Landed, value string) parts.Input {
	key := name + "." + str(l.N)
	if v.Form.Has(key) {
		value = v.Form.Get(key)
	}
	f := parts.Field{Name: key, Label: v.T("reserve.field." + name), Error: v.Errors.Of(key), Required: name == "ok"}
	if name == "words" {
		f.Label, f.Hint = v.T("reserve.receipt.words"), v.T("reserve.receipt.words.hint")
		return parts.Input{Field: f, Value: value, MaxLength: health.MaxReason}
	}
	return parts.Input{Field: f, Value: value, InputMode: "numeric", Width: "short"}
}

func (v stepView) sent(l reserve.Landed) string {
	return v.T("reserve.receipt.load", "n", v.qty(l.Qty, v.Unit), "lot", l.Number, "maker", l.Maker, "expires", v.day(l.Expires))
}

func units(n int64) string { return strconv.FormatInt(n, 10) }

var asks = map[workflow.Verb]bool{"retire": true, "quarantine": true, "free_lot": true, "withdraw": true, "cancel": true, "hold": true, "stop": true}

func (g *Pages) askStep(k kindPage) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error { return g.showStep(w, r, k, http.StatusOK, nil) }
}

func (g *Pages) showStep(w http.ResponseWriter, r *shell.Request, k kindPage, status int, cause error) error {
	rid, err := r.PathID("id")
	if err != nil {
		return err
	}
	page := pageView{words: g.words(r)}
	x, err := k.read(g, r, rid, &page)
	if err != nil {
		return err
	}
	verb, path, ws := workflow.Verb(r.PathValue("verb")), base+"/"+k.name+"/"+string(rid), page.words
	back, err := g.home(r, k, rid)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(x.Offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		if !x.Own {
			return fault.New(fault.Forbidden, "fault.not_owner").With("owner", string(x.Owner))
		}
		return fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
	}
	v := stepView{words: ws, Errors: parts.ErrorsOf(r.Printer, cause), Form: r.PostForm, Ask: asks[verb] || verb == "free" && k.name == "lots" || verb == "close" && k.name == "draws", Paper: verb == "hold"}
	v.Confirm = parts.Confirm{Title: ws.T("reserve.step.title", "verb", ws.T("reserve.verb."+string(verb)), "title", cmp.Or(x.Of, x.Title)), Text: ws.T("reserve.step." + k.name + "." + string(verb)), Action: path + "/step/" + string(verb),
		Hidden: [][2]string{{"version", str(x.Version)}}, Submit: parts.Button{Text: ws.T("reserve.verb." + string(verb)), Kind: parts.Primary, Unmet: ws.unmet(x.Offers[i])},
		Cancel: parts.Link{Text: ws.T("health.form.cancel"), Href: back}}
	if v.Form == nil {
		v.Form = url.Values{}
	}
	if verb == "receive" {
		p, err := g.desk.Arrival(r.Context(), r.Actor, rid)
		if err != nil {
			return err
		}
		v.Receipt, v.Unit = p.C.Landed, p.C.Unit
	}
	if verb == "dispatch" || verb == "propose" || verb == "close" || verb == "give" {
		v.Extra = page.Main[:min(1, len(page.Main))]
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Confirm.Title, Marking: string(x.Marking)}, stepPage(v))
}

// home is the page that a step leads back to; a vote stands on the page of its
// division.
func (g *Pages) home(r *shell.Request, k kindPage, rid id.ID) (string, error) {
	if k.name != "votes" {
		return base + "/" + k.name + "/" + string(rid), nil
	}
	p, err := g.desk.Vote(r.Context(), r.Actor, rid)
	return reserve.Path(reserve.KindAllocation, p.C.Allocation), err
}

func (g *Pages) step(k kindPage) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		rid, err := r.PathID("id")
		if err != nil {
			return err
		}
		verb := r.PathValue("verb")
		err = k.step(g, r, rid, version(r.PostForm.Get("version")), workflow.Verb(verb), r.PostForm)
		if status := again(err); status != 0 {
			return g.showStep(w, r, k, status, err)
		}
		if err != nil {
			return err
		}
		r.Say(w, "reserve.said."+k.name+"."+verb, nil)
		to, err := g.home(r, k, rid)
		if err != nil {
			return err
		}
		return r.Redirect(w, to)
	}
}
