package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/allocation"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// input is one field of a form.
type input struct {
	name string
	kind string // "text", "area", "number", "date", "select", "radio", "check"
	must bool
	from func(g *Pages, r *shell.Request, v *formView) ([]parts.Option, error)
}

// form is one form: its fields, what it begins with, and what it does.
type form struct {
	path   string // below the base
	list   string // tab that it belongs to
	fields []input
	may    func(a access.Actor) bool
	begin  func(g *Pages, r *shell.Request, v *formView) error
	save   func(g *Pages, r *shell.Request, f url.Values) (string, error) // where it leads
}

type formView struct {
	words
	Name           string // in the table of forms
	Title, Lede    string
	Action, Cancel string
	List, Save     string
	Form           url.Values
	Errors         parts.Errors
	Inputs         []any
	Extra          []section // what helps to fill it in
}

// carried are values that a form takes along beside its fields.
var carried = []string{"version", "back", "item", "allocation", "line", "debt", "no_to", "no_item", "reason"}

// has reports whether the form has a field of the name.
func (v *formView) has(name string) bool {
	return slices.ContainsFunc(v.Inputs, func(i any) bool {
		switch f := i.(type) {
		case parts.Input:
			return f.Name == name
		case parts.TextArea:
			return f.Name == name
		case parts.Select:
			return f.Name == name
		case parts.Choices:
			return f.Name == name
		}
		return false
	})
}

func t(name string) input    { return input{name: name, kind: "text"} }
func must(i input) input     { i.must = true; return i }
func area(name string) input { return input{name: name, kind: "area"} }
func num(name string) input  { return input{name: name, kind: "number"} }
func date(name string) input { return input{name: name, kind: "date"} }
func choice(name, kind string, from func(g *Pages, r *shell.Request, v *formView) ([]parts.Option, error)) input {
	return input{name: name, kind: kind, from: from}
}

// fixed are options of a closed list.
func fixed(key string, values []string) func(g *Pages, r *shell.Request, v *formView) ([]parts.Option, error) {
	return func(_ *Pages, _ *shell.Request, v *formView) ([]parts.Option, error) {
		var out []parts.Option
		for _, x := range values {
			out = append(out, parts.Option{Value: x, Text: v.T(key + x)})
		}
		return out, nil
	}
}

func items(g *Pages, r *shell.Request, _ *formView) ([]parts.Option, error) {
	return g.itemOptions(r, "")
}

func members(g *Pages, _ *shell.Request, v *formView) ([]parts.Option, error) {
	var out []parts.Option
	for _, m := range access.All() {
		out = append(out, parts.Option{Value: string(m), Text: v.name(m)})
	}
	return out, nil
}

func others(g *Pages, r *shell.Request, v *formView) ([]parts.Option, error) {
	out, err := members(g, r, v)
	return slices.DeleteFunc(out, func(o parts.Option) bool { return o.Value == string(v.self) }), err
}

func markings(_ *Pages, _ *shell.Request, _ *formView) ([]parts.Option, error) {
	var out []parts.Option
	for _, m := range access.Markings {
		out = append(out, parts.Option{Value: string(m), Text: string(m)})
	}
	return out, nil
}

func (g *Pages) events(r *shell.Request, _ *formView) ([]parts.Option, error) {
	rows, _, err := g.health.List(r.Context(), r.Actor, health.Filter{Open: true, Mine: true, Limit: 200})
	var out []parts.Option
	for i := range rows {
		out = append(out, parts.Option{Value: string(rows[i].ID), Text: rows[i].Name})
	}
	return out, err
}

func keeper(a access.Actor) bool { return reserve.May(a, "reserve.post") }

var itemFields = []input{must(t("name")), must(t("code")), area("spec"), must(t("unit")), t("pack"), must(choice("cold", "radio", fixed("reserve.cold.", reserve.Cold))), num("shelf"), t("inn"), t("atc"), t("unspsc"), t("gmdn")}

var drawFields = []input{must(t("title")), must(choice("item", "select", items)), must(num("qty")), must(date("needed_by")), choice("event", "select", (*Pages).events), t("where"), must(area("reasons")),
	num("need"), num("have"), num("persons"), choice("risk", "select", fixed("reserve.risk.", []string{"0", "1", "2", "3", "4"})), num("capacity"), area("source"), date("as_of"), must(choice("marking", "select", markings))}

var allocationFields = []input{must(t("title")), must(choice("draws", "check", openDraws)), must(choice("sources", "check", offered)), must(choice("rule", "radio", rules)), must(area("rationale")), must(num("replace")),
	must(choice("adopt", "radio", adoptions)), must(num("window")), must(choice("marking", "select", markings))}

var lotFields = []input{must(t("number")), must(t("maker")), date("expires"), must(choice("holder", "select", members))}

var forms = formTable()

func formTable() map[string]form {
	return map[string]form{
		"item":      {path: "items/new", list: "items", fields: itemFields, may: reserve.MayWrite, begin: blank("cold", "ambient"), save: (*Pages).newItem},
		"item_edit": {path: "items/{id}/edit", list: "items", fields: itemFields, may: func(a access.Actor) bool { return reserve.MayWrite(a) || reserve.MayClear(a) }, begin: (*Pages).beginItem, save: (*Pages).editItem},
		"declare": {path: "items/{id}/declare", list: "items", may: reserve.MayClear, begin: (*Pages).beginDeclare, save: (*Pages).declare,
			fields: []input{must(choice("status", "radio", fixed("reserve.status.", reserve.Statuses))), t("ref"), date("until"), area("words")}},
		"lot": {path: "stock/new", list: "stock", may: keeper, begin: blank("kind", "opening"), save: (*Pages).newLot,
			fields: append([]input{must(choice("item", "select", items))}, append(lotFields, must(choice("kind", "radio", fixed("reserve.kind.", reserve.Incoming))), must(t("warehouse")), must(num("qty")), area("words"))...)},
		"post": {path: "lots/{id}/post", list: "stock", may: keeper, begin: (*Pages).beginPost, save: (*Pages).postLot,
			fields: []input{must(choice("kind", "radio", fixed("reserve.kind.", append(slices.Clone(reserve.Outgoing), reserve.Incoming...)))), must(choice("warehouse", "select", warehouses)), t("to_warehouse"), must(num("qty")), area("words")}},
		"rotate": {path: "lots/{id}/rotate", list: "stock", may: keeper, begin: (*Pages).beginPost, save: (*Pages).rotate,
			fields: []input{must(choice("warehouse", "select", warehouses)), must(num("qty")), must(t("number")), must(t("maker")), must(date("expires")), area("words")}},
		"correct": {path: "lots/{id}/correct", list: "stock", may: reserve.MayClear, begin: (*Pages).beginCorrect, save: (*Pages).correct, fields: append(slices.Clone(lotFields), must(area("reason")))},
		"pledge": {path: "pledges/new", list: "pledges", may: reserve.MayWrite, begin: blank("notice", "48", "marking", string(access.TLPAmber)), save: (*Pages).newPledge,
			fields: []input{must(choice("item", "select", items)), must(num("qty")), must(num("notice")), must(date("until")), area("blackout"), must(choice("marking", "select", markings))}},
		"pledge_edit": {path: "pledges/{id}/edit", list: "pledges", may: reserve.MayWrite, begin: (*Pages).beginPledge, save: (*Pages).editPledge,
			fields: []input{must(num("qty")), must(num("notice")), must(date("until")), area("blackout")}},
		"draw":      {path: "draws/new", list: "draws", fields: drawFields, may: reserve.MayWrite, begin: blank("marking", string(access.TLPAmber), "as_of", "today"), save: (*Pages).newDraw},
		"draw_edit": {path: "draws/{id}/edit", list: "draws", fields: without(drawFields, "item", "marking"), may: reserve.MayWrite, begin: (*Pages).beginDraw, save: (*Pages).editDraw},
		"allocation": {path: "allocations/new", list: "allocations", fields: allocationFields, may: reserve.MayWrite, save: (*Pages).newAllocation,
			begin: (*Pages).beginAllocation},
		"allocation_edit": {path: "allocations/{id}/edit", list: "allocations", fields: without(allocationFields, "marking"), may: reserve.MayWrite, begin: (*Pages).beginAllocation, save: (*Pages).editAllocation},
		"vote": {path: "allocations/{id}/vote", list: "allocations", may: func(access.Actor) bool { return true }, begin: (*Pages).beginVote, save: (*Pages).vote,
			fields: []input{must(choice("stance", "radio", fixed("reserve.stance.", reserve.Stances))), area("reasons")}},
		"movement": {path: "movements/new", list: "movements", may: keeper, begin: (*Pages).beginMovement, save: (*Pages).newMovement,
			fields: []input{must(t("title")), choice("to", "select", others), choice("item", "select", items), must(num("qty")), t("carrier"), t("waybill"), date("eta")}},
		"movement_edit": {path: "movements/{id}/edit", list: "movements", may: keeper, begin: (*Pages).beginMovementEdit, save: (*Pages).editMovement,
			fields: []input{must(t("title")), t("carrier"), t("waybill"), date("eta")}},
	}
}

func without(list []input, names ...string) []input {
	return slices.DeleteFunc(slices.Clone(list), func(i input) bool { return slices.Contains(names, i.name) })
}

// blank begins a form with fixed values; "today" is the day.
func blank(pairs ...string) func(g *Pages, r *shell.Request, v *formView) error {
	return func(_ *Pages, r *shell.Request, v *formView) error {
		for i := 0; i+1 < len(pairs); i += 2 {
			s := pairs[i+1]
			if s == "today" {
				s = v.now.UTC().Format(time.DateOnly)
			}
			v.Form.Set(pairs[i], s)
		}
		for k := range r.URL.Query() {
			v.Form[k] = r.URL.Query()[k]
		}
		return nil
	}
}

func (g *Pages) begins(name string, a access.Actor) bool { return forms[name].may(a) }

func refusedRole(verb string) error {
	return fault.New(fault.Forbidden, "fault.role").With("verb", verb)
}

func (g *Pages) ask(name string) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		f := forms[name]
		if !f.may(r.Actor) {
			return refusedRole(name)
		}
		v := formView{words: g.words(r), Form: url.Values{}}
		if err := f.begin(g, r, &v); err != nil {
			return err
		}
		return g.showForm(w, r, name, &v, http.StatusOK, nil)
	}
}

func (g *Pages) take(name string) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		f := forms[name]
		if !f.may(r.Actor) {
			return refusedRole(name)
		}
		to, err := f.save(g, r, r.PostForm)
		if status := again(err); status != 0 {
			v := formView{words: g.words(r), Form: url.Values{}}
			if e := f.begin(g, r, &v); e != nil { // what is beside the fields
				return e
			}
			v.Form = r.PostForm
			return g.showForm(w, r, name, &v, status, err)
		}
		if err != nil {
			return err
		}
		r.Say(w, "reserve.said."+name, nil)
		return r.Redirect(w, to)
	}
}

func (g *Pages) showForm(w http.ResponseWriter, r *shell.Request, name string, v *formView, status int, cause error) error {
	f := forms[name]
	v.Name = name
	v.Action, v.Cancel, v.List, v.Errors = r.URL.Path, base+"/"+f.list, f.list, parts.ErrorsOf(r.Printer, cause)
	if v.Form.Get("back") != "" && r.PathValue("id") != "" {
		v.Cancel = base + "/" + f.list + "/" + r.PathValue("id")
	}
	if v.Title == "" {
		v.Title = v.T("reserve.form." + name)
	}
	if v.Has("reserve.form." + name + ".lede") {
		v.Lede = v.T("reserve.form." + name + ".lede")
	}
	v.Save = v.T("reserve.form." + name + ".save")
	for _, i := range f.fields {
		x, err := g.field(r, v, i)
		if err != nil {
			return err
		}
		if x != nil {
			v.Inputs = append(v.Inputs, x)
		}
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.Title}, formPage(*v))
}

func (g *Pages) field(r *shell.Request, v *formView, i input) (any, error) {
	if v.Form.Has("no_" + i.name) {
		return nil, nil
	}
	f := parts.Field{Name: i.name, Label: v.T("reserve.field." + i.name), Error: v.Errors.Of(i.name), Required: i.must, Optional: !i.must}
	for _, key := range []string{"reserve.hint." + v.Name + "." + i.name, "reserve.hint." + i.name} {
		if f.Hint == "" && v.Has(key) {
			f.Hint = v.T(key)
		}
	}
	value := v.Form.Get(i.name)
	switch i.kind {
	case "area":
		return parts.TextArea{Field: f, Value: value, Rows: 3, MaxLength: reserve.MaxText}, nil
	case "number":
		return parts.Input{Field: f, Value: value, InputMode: "numeric", Width: "short"}, nil
	case "date":
		return parts.Input{Field: f, Value: value, Type: "date", Width: "medium"}, nil
	case "select", "radio", "check":
		os, err := i.from(g, r, v)
		for k := range os {
			os[k].Chosen = slices.Contains(v.Form[i.name], os[k].Value)
		}
		if i.kind == "select" {
			s := parts.Select{Field: f, Options: os}
			if !i.must || value == "" {
				s.Blank = v.T("health.form.choose")
			}
			return s, err
		}
		return parts.Choices{Field: f, Options: os, Many: i.kind == "check"}, err
	}
	return parts.Input{Field: f, Value: value, MaxLength: reserve.MaxTitle}, nil
}

func version1(f url.Values) int { return version(f.Get("version")) }

func shared(f url.Values, r *shell.Request) reserve.Shared {
	return reserve.Shared{Lang: r.Printer.Lang(), Marking: access.Marking(f.Get("marking"))}
}

func rules(_ *Pages, _ *shell.Request, v *formView) ([]parts.Option, error) {
	var out []parts.Option
	for _, x := range allocation.Rules() {
		out = append(out, parts.Option{Value: x.Key + "/" + x.Version, Text: v.T("reserve.rule."+x.Key) + " " + v.T("reserve.rule.version", "version", x.Version, "digest", x.Digest), Hint: v.ruleText(x)})
	}
	return out, nil
}

func (w words) ruleText(x allocation.Rule) string {
	return w.T("reserve.rule.text", "a", x.Weights[0], "b", x.Weights[1], "c", x.Weights[2], "d", x.Weights[3], "cap", x.CapPercent, "basis", w.T("reserve.basis."+x.Basis))
}

func adoptions(g *Pages, _ *shell.Request, v *formView) ([]parts.Option, error) {
	var out []parts.Option
	for _, x := range g.desk.Rules() {
		out = append(out, parts.Option{Value: x.Key, Text: v.T("level.rule." + x.Key), Hint: v.T("level.silence." + x.Silence)})
	}
	return out, nil
}

func openDraws(g *Pages, r *shell.Request, v *formView) ([]parts.Option, error) {
	list, _, err := g.desk.Draws(r.Context(), r.Actor, reserve.Filter{State: reserve.Asked, Item: parsed(v.Form.Get("item")), Limit: 100})
	if err != nil {
		return nil, err
	}
	by, err := g.progress(r, list...)
	var out []parts.Option
	for i := range list {
		x := &list[i]
		o := parts.Option{Value: string(x.ID), Text: v.name(x.Owner) + ": " + v.qty(x.C.Qty, x.C.Unit), Hint: x.C.Title + ". " + v.T("reserve.needed_by", "day", v.day(x.C.NeededBy))}
		if n := by[x.ID].Given; n > 0 {
			o.Hint += " " + v.T("reserve.granted", "n", v.Number(n))
		}
		out = append(out, o)
	}
	return out, err
}

// sourceValue names a source in a form.
func sourceValue(s allocation.Source) string {
	return s.Member + "|" + s.Pool + "|" + s.Pledge + "|" + strconv.FormatInt(s.Qty, 10)
}

func offered(g *Pages, r *shell.Request, v *formView) ([]parts.Option, error) {
	list, err := g.desk.Sources(r.Context(), r.Actor, parsed(v.Form.Get("item")))
	var out []parts.Option
	for _, s := range list {
		o := parts.Option{Value: sourceValue(s.Source), Text: v.T("reserve.source."+s.Pool, "member", v.name(access.Member(s.Member)), "n", v.Number(s.Qty)), Hint: v.T("reserve.source.as_of", "time", v.Stamp(s.AsOf))}
		if s.Pool == allocation.Pledge {
			o.Hint = v.T("reserve.source.notice", "n", s.Notice) + " " + s.Blackout
		}
		out = append(out, o)
	}
	return out, err
}

func warehouses(g *Pages, r *shell.Request, v *formView) ([]parts.Option, error) {
	list, err := g.desk.Batches(r.Context(), r.Actor, "")
	var out []parts.Option
	seen := map[string]bool{}
	for i := range list {
		if w := list[i].Warehouse; list[i].Lot == r.PathValue("id") && !seen[w] {
			seen[w] = true
			out = append(out, parts.Option{Value: w, Text: v.T("reserve.at_warehouse", "place", w, "n", v.Number(list[i].Qty))})
		}
	}
	return out, err
}

func idOf(r *shell.Request) id.ID { return parsed(r.PathValue("id")) }
