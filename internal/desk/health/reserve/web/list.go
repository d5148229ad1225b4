package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// line is one row of a list, on the page and in the download.
type line struct {
	Cells []parts.Cell
	Flat  []any
}

// listing is one list: its headings, and how its rows are read.
type listing struct {
	columns []string // keys "reserve.col."; a "#" before it: a number
	flat    []string
	states  []workflow.State
	form    string // that begins a new one
	rows    func(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error)
}

var lists = map[string]listing{
	"items": {columns: []string{"item", "spec", "unit", "codes", "cold", "state"}, flat: []string{"id", "code", "name", "spec", "unit", "pack", "unspsc", "gmdn", "inn", "atc", "shelf_months", "cold", "state", "owner"},
		states: []workflow.State{reserve.Draft, reserve.Published, reserve.Retired}, form: "item", rows: itemRows},
	"stock": {columns: []string{"item", "lot", "warehouse", "#qty", "expires", "holder", "condition"},
		flat: []string{"item", "item_name", "lot", "number", "maker", "warehouse", "qty", "unit", "expires", "holder", "condition", "cold"}, form: "lot", rows: stockRows},
	"pledges": {columns: []string{"item", "by", "#pledged", "#left", "notice", "until", "state"}, flat: []string{"id", "member", "item", "item_name", "qty", "drawn", "unit", "notice_hours", "blackout", "until", "state", "release"},
		states: []workflow.State{reserve.Draft, reserve.InForce, reserve.Withdrawn, reserve.Lapsed}, form: "pledge", rows: pledgeRows},
	"draws": {columns: []string{"draw", "by", "#asked", "#granted", "needed_by", "inputs", "state"},
		flat:   []string{"id", "member", "title", "item", "item_name", "qty", "unit", "needed_by", "need", "own_stock", "persons", "risk", "capacity", "source", "as_of", "state", "stage", "decided", "sent", "usable", "short", "damaged", "release"},
		states: []workflow.State{reserve.Draft, reserve.Asked, reserve.Closed, reserve.Withdrawn}, form: "draw", rows: drawRows},
	"allocations": {columns: []string{"allocation", "by", "#stock", "#given", "closes", "state"},
		flat:   []string{"id", "proposer", "title", "item", "item_name", "stock", "given", "member", "asked", "score", "cap", "share", "rule", "rule_version", "rule_digest", "state", "claimed", "decided"},
		states: []workflow.State{reserve.Draft, reserve.Voted, reserve.Decided, reserve.Withdrawn}, form: "allocation", rows: allocationRows},
	"movements": {columns: []string{"movement", "from", "to", "#qty", "purpose", "due", "state"},
		flat:   []string{"id", "title", "from", "to", "item", "item_name", "sent", "unit", "purpose", "went", "came", "short", "damaged", "carrier", "waybill", "state", "release"},
		states: []workflow.State{reserve.Prepared, reserve.Dispatched, reserve.Booked, reserve.Cancelled}, form: "movement", rows: movementRows},
	"debts": {columns: []string{"item", "debtor", "creditor", "#owed", "#paid", "due", "state"}, flat: []string{"id", "debtor", "creditor", "item", "item_name", "qty", "paid", "unit", "by", "state", "movement"},
		states: []workflow.State{reserve.Owed, reserve.Settled}, rows: debtRows},
	"book": {columns: []string{"posting", "why", "entries", "words"}, flat: []string{"posting", "at", "kind", "item", "lot", "account", "amount", "movement", "release", "reverses", "post", "words", "digest"}, rows: bookRows},
}

// perPage is how many rows a page shows.
const perPage = 50

func filterOf(q url.Values) reserve.Filter {
	page, err := strconv.Atoi(q.Get("page"))
	if err != nil || page < 1 || page > 10_000 {
		page = 1
	}
	return reserve.Filter{Query: q.Get("q"), Item: parsed(q.Get("item")), State: workflow.State(q.Get("state")), Owner: access.Member(q.Get("owner")), Limit: perPage, Offset: (page - 1) * perPage}
}

type listView struct {
	pageView
	Path, Query string
	Narrow      bool
	Selects     []parts.Select
	Pager       parts.Pager
	List        section
}

func (g *Pages) list(name string) shell.Handler {
	l := lists[name]
	return func(w http.ResponseWriter, r *shell.Request) error {
		q := r.URL.Query()
		f := filterOf(q)
		v := listView{pageView: pageView{words: g.words(r)}, Path: base + "/" + name, Query: q.Get("q")}
		rows, more, err := l.rows(g, v.words, r, f)
		if err != nil {
			return err
		}
		v.Tabs, v.Narrow = v.tabs(name), f.Query != "" || f.Item != "" || f.State != "" || f.Owner != ""
		v.Head = parts.PageHead{Title: v.T("reserve.tab." + name), Lede: v.T("reserve.lede." + name), Crumbs: v.crumbs("", v.T("reserve.tab."+name)), Actions: []parts.Button{v.print()}}
		if l.form != "" && g.begins(l.form, r.Actor) {
			v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("reserve.new." + l.form), Icon: "plus", Kind: parts.Primary, Href: base + "/" + forms[l.form].path})
		}
		if err := g.selects(r, &v, l, f); err != nil {
			return err
		}
		t := parts.Table{Caption: v.Head.Title, RowHead: true, Cards: true}
		for _, c := range l.columns {
			t.Columns = append(t.Columns, parts.Column{Text: v.T("reserve.col." + strings.TrimPrefix(c, "#")), Number: c[0] == '#'})
		}
		for _, x := range rows {
			t.Rows = append(t.Rows, x.Cells)
		}
		v.List = section{Panel: live(r.URL.RequestURI(), parts.Panel{ID: name, Title: v.Head.Title, Count: count(len(rows)), Class: "gap"}), Tables: []parts.Table{t}, Files: parts.Files(v.Path, q.Encode())}
		if len(rows) == 0 {
			v.List.Empty = &parts.Empty{Title: v.T("reserve.none." + name), Text: v.T("reserve.none." + name + ".text")}
			if v.Narrow {
				v.List.Empty = &parts.Empty{Title: v.T("reserve.none.narrow"), Text: v.T("reserve.none.narrow.text")}
			}
		}
		v.pager(q, f, len(rows), more)
		return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"reserve"}}, listPage(v))
	}
}

func (v *listView) pager(q url.Values, f reserve.Filter, n int, more bool) {
	page := f.Offset/perPage + 1
	to := func(p int) string {
		c := url.Values{}
		for k, x := range q {
			c[k] = x
		}
		c.Set("page", str(p))
		return v.Path + "?" + c.Encode()
	}
	if page > 1 {
		v.Pager.Previous = to(page - 1)
	}
	if more {
		v.Pager.Next = to(page + 1)
	}
	if v.Pager.Previous != "" || v.Pager.Next != "" {
		v.Pager.Text = v.T("reserve.page", "from", f.Offset+1, "to", f.Offset+n)
	}
}

func (g *Pages) selects(r *shell.Request, v *listView, l listing, f reserve.Filter) error {
	items, err := g.itemOptions(r, string(f.Item))
	if err != nil {
		return err
	}
	add := func(name string, os []parts.Option) {
		if len(os) > 0 {
			v.Selects = append(v.Selects, parts.Select{Field: parts.Field{Name: name, Label: v.T("reserve.col." + name)}, Blank: v.T("health.list.any"), Options: os})
		}
	}
	if v.Path != base+"/items" {
		add("item", items)
	}
	var os []parts.Option
	for _, s := range l.states {
		os = append(os, parts.Option{Value: string(s), Text: v.state(s), Chosen: s == f.State})
	}
	add("state", os)
	if len(l.states) > 0 && v.Path != base+"/items" {
		os = nil
		for _, m := range access.All() {
			os = append(os, parts.Option{Value: string(m), Text: v.name(m), Chosen: m == f.Owner})
		}
		add("owner", os)
	}
	return nil
}

// download is a whole list as a table.
func (g *Pages) download(name string) shell.Handler {
	l := lists[name]
	return func(w http.ResponseWriter, r *shell.Request) error {
		f := filterOf(r.URL.Query())
		f.Offset, f.Limit = 0, 500
		var all []line
		for {
			rows, more, err := l.rows(g, g.words(r), r, f)
			if err != nil {
				return err
			}
			all = append(all, rows...)
			if !more || len(all) > 50_000 {
				break
			}
			f.Offset += f.Limit
		}
		return g.file(w, r, "reserve-"+name, l.flat, all)
	}
}

func (g *Pages) file(w http.ResponseWriter, r *shell.Request, name string, head []string, rows []line) error {
	if !reserve.May(r.Actor, "reserve.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	flat := make([][]any, len(rows))
	for i := range rows {
		flat[i] = rows[i].Flat
	}
	return r.Sheet(w, name, head, flat)
}

func optional(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func itemRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	rows, more, err := g.desk.Items(r.Context(), r.Actor, f)
	var out []line
	for i := range rows {
		v, c := &rows[i], &rows[i].C
		out = append(out, line{[]parts.Cell{{Text: c.Name, Href: reserve.Path(v.Kind, v.ID), Note: c.Code}, {Text: c.Spec}, {Text: c.Unit, Note: c.Pack}, {Text: w.codes(c)}, {Text: w.T("reserve.cold." + c.Keeps)},
			{Body: w.tag(v.State)}}, []any{string(v.ID), c.Code, c.Name, c.Spec, c.Unit, c.Pack, c.UNSPSC, c.GMDN, c.INN, c.ATC, c.Shelf, c.Keeps, string(v.State), string(v.Owner)}})
	}
	return out, more, err
}

func (w words) codes(c *reserve.ItemContent) string {
	var out []string
	for _, x := range [][2]string{{"UNSPSC", c.UNSPSC}, {"GMDN", c.GMDN}, {"INN", c.INN}, {"ATC", c.ATC}} {
		if x[1] != "" {
			out = append(out, x[0]+" "+x[1])
		}
	}
	return dash(strings.Join(out, ", "))
}

func (w words) expiry(expires string) parts.Cell {
	c := parts.Cell{Text: w.day(expires)}
	if expires == w.now.UTC().Format(time.DateOnly) {
		return parts.Cell{Body: parts.Tag(parts.Warning, w.T("reserve.expires_today")), Note: c.Text}
	}
	switch n := reserve.Alert(expires, w.now); {
	case n == 0:
		c.Body, c.Text, c.Note = parts.Tag(parts.Emergency, w.T("reserve.expired")), "", c.Text
	case n == 30:
		c.Body, c.Text, c.Note = parts.Tag(parts.Warning, w.T("reserve.expires_in", "n", n)), "", c.Text
	case n > 0:
		c.Body, c.Text, c.Note = parts.Tag(parts.Watch, w.T("reserve.expires_in", "n", n)), "", c.Text
	}
	return c
}

func stockRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	all, err := g.desk.Batches(r.Context(), r.Actor, f.Item)
	var out []line
	for i := range all {
		b := &all[i]
		if f.Query != "" && !strings.Contains(strings.ToLower(b.Name+" "+b.Number+" "+b.Maker+" "+b.Warehouse), strings.ToLower(f.Query)) {
			continue
		}
		out = append(out, line{[]parts.Cell{{Text: b.Name, Href: reserve.Path(reserve.KindItem, b.Item)}, {Text: b.Number, Href: reserve.Path(reserve.KindLot, "") + b.Lot, Note: b.Maker}, {Text: b.Warehouse},
			{Text: w.Number(b.Qty), Note: b.Unit}, w.expiry(b.Expires), {Text: w.name(b.Holder)}, {Body: w.tag(b.State), Note: w.T("reserve.cold." + b.Keeps)}},
			[]any{string(b.Item), b.Name, b.Lot, b.Number, b.Maker, b.Warehouse, b.Qty, b.Unit, b.Expires, string(b.Holder), string(b.State), b.Keeps}})
	}
	more := len(out) > f.Offset+f.Limit
	return out[min(f.Offset, len(out)):min(f.Offset+f.Limit, len(out))], more, err
}

func pledgeRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	rows, more, err := g.desk.Pledges(r.Context(), r.Actor, f)
	var out []line
	for i := range rows {
		v, c := &rows[i], &rows[i].C
		out = append(out, line{[]parts.Cell{{Text: c.Name, Href: reserve.Path(v.Kind, v.ID), Note: c.Blackout}, {Body: w.plate(v.Owner, parts.Plain)}, {Text: w.Number(c.Qty), Note: c.Unit}, {Text: w.Number(c.Left())},
			{Text: w.T("reserve.hours", "n", c.Notice)}, {Text: w.day(c.Until)}, {Body: w.tag(v.State)}},
			[]any{string(v.ID), string(v.Owner), string(c.Item), c.Name, c.Qty, c.Drawn, c.Unit, c.Notice, c.Blackout, c.Until, string(v.State), string(v.Release)}})
	}
	return out, more, err
}

func allocationRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	rows, more, err := g.desk.Allocations(r.Context(), r.Actor, f)
	var out []line
	export := strings.Contains(r.URL.Path, ".")
	for i := range rows {
		v, c := &rows[i], &rows[i].C
		state := w.tag(v.State)
		cells := []parts.Cell{{Text: c.Title, Href: reserve.Path(v.Kind, v.ID), Note: c.Name}, {Body: w.plate(v.Owner, parts.Plain)}, {Text: w.Number(c.Input.Stock), Note: c.Unit}, {Text: w.Number(c.Result.Given)},
			{Text: w.stamp(c.Closes)}, {Body: state}}
		if c.Claimed != "" {
			cells[5].Note = w.T("reserve.outcome." + c.Claimed)
		}
		if !export {
			out = append(out, line{Cells: cells})
			continue
		}
		for _, s := range c.Result.Shares {
			out = append(out, line{Flat: []any{string(v.ID), string(v.Owner), c.Title, string(c.Item), c.Name, c.Input.Stock, c.Result.Given, s.Member, s.Asked, s.Score, s.Cap, s.Qty, c.Rule.Key, c.Rule.Version, c.RuleDigest,
				string(v.State), c.Claimed, moment(c.Decided)}})
		}
	}
	return out, more, err
}

func movementRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	rows, more, err := g.desk.Movements(r.Context(), r.Actor, f)
	var out []line
	for i := range rows {
		v, c := &rows[i], &rows[i].C
		due := parts.Cell{Text: w.stamp(v.Due)}
		if !v.Due.IsZero() && v.Due.Before(w.now) {
			due.Note = w.T("reserve.late")
		}
		cells := []parts.Cell{{Text: c.Title, Href: reserve.Path(v.Kind, v.ID), Note: c.Name}, {Body: w.plate(v.Owner, parts.Plain)}, {Body: w.plate(c.To, parts.Plain)}, {Text: w.Number(c.Sent()), Note: c.Unit},
			{Text: w.T("reserve.purpose." + c.Purpose)}, due, {Body: w.tag(v.State)}}
		if v.State == reserve.Booked && c.Short+c.Damaged > 0 {
			cells[6].Note = w.T("reserve.came", "ok", w.Number(c.Came), "short", w.Number(c.Short), "damaged", w.Number(c.Damaged))
		}
		out = append(out, line{cells, []any{string(v.ID), c.Title, string(v.Owner), string(c.To), string(c.Item), c.Name, c.Sent(), c.Unit, c.Purpose, moment(c.Went), c.Came, c.Short, c.Damaged, c.Carrier, c.Waybill,
			string(v.State), string(v.Release)}})
	}
	return out, more, err
}

func debtRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	rows, more, err := g.desk.Debts(r.Context(), r.Actor, f)
	var out []line
	for i := range rows {
		v, c := &rows[i], &rows[i].C
		due := parts.Cell{Text: w.Day(c.By)}
		if v.State == reserve.Owed {
			due.Note = w.Left(c.By, w.now)
		}
		out = append(out, line{[]parts.Cell{{Text: c.Name, Href: reserve.Path(v.Kind, v.ID)}, {Body: w.plate(v.Owner, parts.Plain)}, {Body: w.plate(c.Creditor, parts.Plain)}, {Text: w.Number(c.Qty), Note: c.Unit},
			{Text: w.Number(c.Paid)}, due, {Body: w.tag(v.State)}},
			[]any{string(v.ID), string(v.Owner), string(c.Creditor), string(c.Item), c.Name, c.Qty, c.Paid, c.Unit, c.By, string(v.State), string(c.Movement)}})
	}
	return out, more, err
}

func bookRows(g *Pages, w words, r *shell.Request, f reserve.Filter) ([]line, bool, error) {
	bf := reserve.BookFilter{Item: f.Item, Kind: r.URL.Query().Get("kind"), Limit: f.Limit, Offset: f.Offset}
	rows, err := g.desk.Book(r.Context(), r.Actor, bf)
	if err != nil {
		return nil, false, err
	}
	names, err := g.names(r)
	var out []line
	for i := range rows {
		p := &rows[i]
		at := clock.FromMicros(p.At)
		if strings.Contains(r.URL.Path, ".") {
			for _, e := range p.Entries {
				out = append(out, line{Flat: []any{p.Seq, at, p.Kind, e.Item, e.Lot, string(e.Account), e.Amount, p.Movement, p.Release, p.Reverses, p.By, p.Words, p.Digest}})
			}
			continue
		}
		out = append(out, line{Cells: []parts.Cell{{Text: w.T("reserve.posting", "seq", p.Seq), Href: base + "/postings/" + strconv.FormatInt(p.Seq, 10), Note: w.Stamp(at)}, {Text: w.T("reserve.kind." + p.Kind), Note: p.By},
			{Body: entriesCell(w, names, p.Entries)}, {Text: p.Words}}})
	}
	return out, len(rows) == bf.Limit && rows[len(rows)-1].Seq > 1, err
}

// names of the items in the book.
func (g *Pages) names(r *shell.Request) (map[string]string, error) {
	t, err := g.desk.Totals(r.Context(), r.Actor)
	out := map[string]string{}
	for _, h := range t.Items {
		out[string(h.Item)] = h.Name
	}
	return out, err
}

func signed(w words, n int64) string {
	if n > 0 {
		return "+" + w.Number(n)
	}
	return w.Number(n)
}

func named(names map[string]string, item string) string {
	if n := names[item]; n != "" {
		return n
	}
	return item
}
