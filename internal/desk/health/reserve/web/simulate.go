package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// simulateView tries a division: nothing of it is stored or sent.
type simulateView struct {
	pageView
	Errors   parts.Errors
	Before   []section
	Claims   []allocation.Claim
	Item, Of string
	Reset    string
	Form     url.Values
	Weights  []any

	title, unit string
	rule        allocation.Rule
	in          allocation.Input
	stored      *reserve.AllocationContent
}

// claimFields are what can be changed of a claim.
var claimFields = []string{"asked", "need", "own", "persons", "risk", "capacity", "days"}

// ownRule is the choice of weights that no published rule has.
const ownRule = "own"

var weightFields = []string{"w_need", "w_risk", "w_capacity", "w_time"}

func (v simulateView) claimant(c allocation.Claim) string { return v.called(c.Member) }

func (v simulateView) called(m string) string { return v.words.name(access.Member(m)) }

func (g *Pages) simulate(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	v := simulateView{pageView: pageView{words: g.words(r)}, Item: string(parsed(q.Get("item"))), Of: string(parsed(q.Get("of"))), Form: url.Values{}}
	v.Tabs = v.tabs("simulate")
	v.Head = parts.PageHead{Title: v.T("reserve.simulate.title"), Lede: v.T("reserve.simulate.lede"), Crumbs: v.crumbs("", v.T("reserve.simulate.title")), Actions: []parts.Button{v.print()}}
	if v.Item == "" && v.Of == "" {
		if err := g.chooseItem(r, &v); err != nil {
			return err
		}
		return r.Show(w, shell.Page{Title: v.Head.Title}, simulatePage(v))
	}
	if err := g.baseline(r, &v); err != nil {
		return err
	}
	cause := error(nil)
	if q.Has("n") {
		cause = v.entered(q)
	}
	v.fill()
	v.weights()
	if cause == nil {
		cause = v.divide()
	}
	status := http.StatusOK
	if cause != nil {
		if !fault.Is(cause, fault.Invalid) {
			return cause
		}
		status, v.Errors = http.StatusBadRequest, parts.ErrorsOf(r.Printer, cause)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title}, simulatePage(v))
}

// chooseItem asks what is divided: an item that is asked for, or a division
// that is there.
func (g *Pages) chooseItem(r *shell.Request, v *simulateView) error {
	items, _, err := g.desk.Items(r.Context(), r.Actor, reserve.Filter{State: reserve.Published, Limit: 200})
	if err != nil {
		return err
	}
	s := section{Panel: parts.Panel{ID: "which", Title: v.T("reserve.simulate.which")}}
	for i := range items {
		s.Buttons = append(s.Buttons, parts.Button{Text: items[i].C.Name, Href: base + "/simulate?item=" + string(items[i].ID)})
	}
	if len(s.Buttons) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.none.items"), Text: v.T("reserve.none.items.text")}
	}
	all, _, err := g.desk.Allocations(r.Context(), r.Actor, reserve.Filter{Limit: 20})
	d := section{Panel: parts.Panel{ID: "divisions", Title: v.T("reserve.simulate.divisions"), Class: "gap"}}
	for i := range all {
		d.Buttons = append(d.Buttons, parts.Button{Text: all[i].C.Title, Href: base + "/simulate?of=" + string(all[i].ID)})
	}
	v.Before = []section{s}
	if len(d.Buttons) > 0 {
		v.Before = append(v.Before, d)
	}
	return err
}

// baseline is what the trial begins with: a division as it is stored, or the
// draws that are open and what the members offer now.
func (g *Pages) baseline(r *shell.Request, v *simulateView) error {
	if v.Of != "" {
		p, err := g.desk.Allocation(r.Context(), r.Actor, id.ID(v.Of))
		if err != nil {
			return err
		}
		c := p.C
		v.title, v.unit, v.rule, v.in, v.stored, v.Reset = c.Name, c.Unit, c.Rule, c.Input, &c, base+"/simulate?of="+v.Of
		v.rule.Digest = c.RuleDigest
		v.Head.Note = v.T("reserve.simulate.of", "title", c.Title)
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("reserve.simulate.back"), Href: reserve.Path(reserve.KindAllocation, id.ID(v.Of))})
		return nil
	}
	p, err := g.desk.Item(r.Context(), r.Actor, id.ID(v.Item))
	if err != nil {
		return err
	}
	v.title, v.unit, v.rule, v.Reset = p.C.Name, p.C.Unit, allocation.Rules()[0], base+"/simulate?item="+v.Item
	v.Head.Note = v.T("reserve.simulate.item", "item", p.C.Name, "unit", p.C.Unit)
	if v.in.Claims, err = g.desk.Claims(r.Context(), r.Actor, p.ID); err != nil {
		return err
	}
	v.in.Claims = firsts(v.in.Claims)
	list, err := g.desk.Sources(r.Context(), r.Actor, p.ID)
	for _, s := range list {
		v.in.Stock += s.Qty
	}
	if len(v.in.Claims) == 0 {
		v.in.Claims = []allocation.Claim{{Member: string(access.States[0])}}
	}
	if reserve.MayWrite(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("reserve.new.allocation"), Href: base + "/allocations/new?item=" + v.Item})
	}
	return err
}

// firsts keeps one request of each state: a state stands in a division once.
func firsts(list []allocation.Claim) []allocation.Claim {
	var out []allocation.Claim
	for _, c := range list {
		if !slices.ContainsFunc(out, func(o allocation.Claim) bool { return o.Member == c.Member }) {
			out = append(out, c)
		}
	}
	return out
}

// entered reads the form: what is blank is not known.
func (v *simulateView) entered(q url.Values) error {
	var c fault.Check
	if rule := q.Get("rule"); rule == ownRule {
		v.rule = allocation.Rule{Key: ownRule, Version: "-", Basis: q.Get("basis"), CapPercent: whole(q.Get("cap")), RiskTop: v.rule.RiskTop, Horizon: v.rule.Horizon, Missing: allocation.Lowest}
		for k, f := range weightFields {
			v.rule.Weights[k] = whole(q.Get(f))
		}
	} else if key, version, _ := strings.Cut(rule, "/"); rule != "" {
		x, ok := allocation.Find(key, version)
		c.That(ok, "rule", "fault.reserve.choice")
		if ok {
			v.rule = x
		}
	}
	v.in.Stock = whole(q.Get("stock"))
	c.That(v.in.Stock >= 0, "stock", "fault.reserve.qty", fault.Args{"max": allocation.MaxUnits})
	n, err := strconv.Atoi(q.Get("n"))
	if err != nil || n < 0 || n > allocation.MaxClaims {
		n = 0
	}
	v.in.Claims = nil
	for i := range n {
		k := "." + str(i)
		x := allocation.Claim{Member: q.Get("member" + k), Draw: q.Get("draw" + k)}
		if !slices.Contains(access.All(), access.Member(x.Member)) {
			continue
		}
		if s := strings.TrimSpace(q.Get("asked" + k)); s != "" {
			x.Asked = whole(s)
		}
		x.Need, x.Own, x.Persons, x.Risk, x.Capacity = maybe(q.Get("need"+k)), maybe(q.Get("own"+k)), maybe(q.Get("persons"+k)), maybe(q.Get("risk"+k)), maybe(q.Get("capacity"+k))
		if s := strings.TrimSpace(q.Get("days" + k)); strings.EqualFold(s, v.T("reserve.never")) {
			x.Never = true
		} else {
			x.Days = maybe(s)
		}
		v.in.Claims = append(v.in.Claims, x)
	}
	if m := q.Get("add"); slices.Contains(access.States, access.Member(m)) && len(v.in.Claims) < allocation.MaxClaims {
		v.in.Claims = append(v.in.Claims, allocation.Claim{Member: m})
	}
	return c.Err()
}

// fill puts what is divided into the fields.
func (v *simulateView) fill() {
	v.Claims = v.in.Claims
	for i, c := range v.in.Claims {
		set := func(f string, n *int64) { v.Form.Set(f+"."+str(i), number(n)) }
		if c.Asked != 0 {
			set("asked", &c.Asked)
		}
		set("need", c.Need)
		set("own", c.Own)
		set("persons", c.Persons)
		set("risk", c.Risk)
		set("capacity", c.Capacity)
		set("days", c.Days)
		if c.Never {
			v.Form.Set("days."+str(i), v.T("reserve.never"))
		}
	}
}

func (v *simulateView) weights() {
	field := func(name string) parts.Field { return parts.Field{Name: name, Label: v.T("reserve.field." + name)} }
	value := v.rule.Key + "/" + v.rule.Version
	sel := parts.Select{Field: field("rule")}
	sel.Hint = v.T("reserve.simulate.rule.hint")
	for _, x := range allocation.Rules() {
		sel.Options = append(sel.Options, parts.Option{Value: x.Key + "/" + x.Version, Text: v.T("reserve.rule."+x.Key) + " " + x.Version, Chosen: value == x.Key+"/"+x.Version})
	}
	sel.Options = append(sel.Options, parts.Option{Value: ownRule, Text: v.T("reserve.rule.own"), Chosen: v.rule.Key == ownRule})
	num := func(name string, n int64, suffix string) {
		v.Weights = append(v.Weights, parts.Input{Field: field(name), Value: strconv.FormatInt(n, 10), InputMode: "numeric", Width: "short", Suffix: suffix})
	}
	v.Weights = append(v.Weights, sel)
	num("stock", v.in.Stock, v.unit)
	for k, f := range weightFields {
		num(f, v.rule.Weights[k], "%")
	}
	num("cap", v.rule.CapPercent, "%")
	b := parts.Select{Field: field("basis")}
	for _, x := range []string{allocation.ByScore, allocation.BySize} {
		b.Options = append(b.Options, parts.Option{Value: x, Text: v.T("reserve.basis." + x), Chosen: x == v.rule.Basis})
	}
	add := parts.Select{Field: field("add"), Blank: v.T("reserve.simulate.nobody")}
	for _, m := range access.States {
		if !slices.ContainsFunc(v.in.Claims, func(c allocation.Claim) bool { return c.Member == string(m) }) {
			add.Options = append(add.Options, parts.Option{Value: string(m), Text: v.words.name(m)})
		}
	}
	v.Weights = append(v.Weights, b, add)
}

// divide works it out and puts it beside what is stored.
func (v *simulateView) divide() error {
	in := v.in
	in.Claims = slices.DeleteFunc(slices.Clone(in.Claims), func(c allocation.Claim) bool { return c.Asked == 0 })
	if len(in.Claims) == 0 {
		v.Main = []section{{Panel: parts.Panel{ID: "result", Title: v.T("reserve.simulate.result")}, Empty: &parts.Empty{Title: v.T("reserve.simulate.none"), Text: v.T("reserve.simulate.none.text")}}}
		return nil
	}
	out, err := allocation.Allocate(v.rule, in)
	if err != nil {
		return err
	}
	charts := []barsOf{{v.T("reserve.simulate.tried"), v.bars("tried", &out)}}
	s := section{Panel: parts.Panel{ID: "result", Title: v.T("reserve.simulate.result"), Aside: v.qty(out.Given, v.unit)}, Lines: []string{v.ruleText(v.rule)}}
	if v.stored == nil {
		s.Tables = []parts.Table{v.shares(&in, &out, nil)}
	} else {
		charts = append(charts, barsOf{v.T("reserve.simulate.stored"), v.bars("stored", &v.stored.Result)})
		s.Tables = []parts.Table{v.shares(&in, &out, &v.stored.Result)}
		if _, same, err := v.stored.Recompute(); err == nil {
			v.Before = append(v.Before, section{Panel: parts.Panel{ID: "again", Title: v.T("reserve.again.title")}, Body: sameMark(v.words, same), Lines: []string{v.T("reserve.again.text", "version", v.stored.Rule.Version, "digest", dash(v.stored.RuleDigest))}})
		}
	}
	s.Body = beside(v.words, charts)
	v.Main = []section{s, {Panel: parts.Panel{ID: "sums", Title: v.T("reserve.sums.title")}, Lines: []string{v.T("reserve.sums.text")}, Steps: v.arithmetic(&v.rule, &in, &out)}}
	return nil
}
