package web

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/clock"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/ledger"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

func at(p *ledger.Posting) time.Time { return clock.FromMicros(p.At) }

func (g *Pages) overview(w http.ResponseWriter, r *shell.Request) error {
	v := pageView{words: g.words(r)}
	v.Tabs = v.tabs("")
	v.Head = parts.PageHead{Title: v.T("reserve.title"), Lede: v.T("reserve.lede"), Actions: []parts.Button{v.print()}}
	if reserve.MayWrite(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("reserve.new.draw"), Icon: "plus", Kind: parts.Primary, Href: base + "/draws/new"})
	}
	p, err := g.desk.Prove(r.Context(), r.Actor, "")
	if err != nil {
		return err
	}
	v.Main = append(v.Main, v.whatThereIs(&p))
	for _, f := range []func(r *shell.Request, v *pageView) (section, error){g.asking, g.deciding, g.travelling} {
		s, err := f(r, &v)
		if err != nil {
			return err
		}
		v.Main = append(v.Main, s)
	}
	for _, f := range []func(r *shell.Request, v *pageView) (section, error){g.expiring, g.owing} {
		s, err := f(r, &v)
		if err != nil {
			return err
		}
		v.Side = append(v.Side, s)
	}
	v.Side = append(v.Side, v.proven(&p))
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"reserve"}}, recordPage(v))
}

// whatThereIs is each item over all books.
func (v *pageView) whatThereIs(p *reserve.Proof) section {
	s := section{Panel: live(base, parts.Panel{ID: "stock", Title: v.T("reserve.have.title")}), Note: v.T("reserve.have.note")}
	t := parts.Table{Caption: v.T("reserve.have.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.item")}, {Text: v.T("reserve.account.stock"), Number: true}, {Text: v.T("reserve.account.pledged"), Number: true},
		{Text: v.T("reserve.account.transit"), Number: true}, {Text: v.T("reserve.account.due_to"), Number: true}, {Text: v.T("reserve.have.where")}}}
	for i := range p.Items {
		x := &p.Items[i]
		by := map[string]int64{}
		var where []templ.Component
		for _, row := range x.Rows {
			by[row.Kind] = row.Sum
			for k, n := range row.Cells {
				if row.Kind == ledger.Stock && n != nil && *n > 0 {
					where = append(where, v.plate(p.Members[k].Member, parts.Plain))
				}
			}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.Name, Href: reserve.Path(reserve.KindItem, x.Item), Note: x.Unit}, {Text: v.Number(by[ledger.Stock])}, {Text: v.Number(by[ledger.Pledged])}, {Text: v.Number(by[ledger.Transit])},
			{Text: v.Number(-by[ledger.DueTo])}, {Body: bodies(where)}})
	}
	if s.Tables = []parts.Table{t}; len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.have.none"), Text: v.T("reserve.have.none.text")}
	}
	return s
}

func (g *Pages) asking(r *shell.Request, v *pageView) (section, error) {
	s := section{Panel: live(base, parts.Panel{ID: "asking", Title: v.T("reserve.asking.title"), More: parts.Link{Text: v.T("reserve.all"), Href: base + "/draws"}})}
	rows, _, err := g.desk.Draws(r.Context(), r.Actor, reserve.Filter{State: reserve.Asked, Limit: 20})
	if err != nil {
		return s, err
	}
	by, err := g.progress(r, rows...)
	t := parts.Table{Caption: s.Title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.draw")}, {Text: v.T("reserve.col.by")}, {Text: v.T("reserve.col.asked"), Number: true}, {Text: v.T("reserve.col.needed_by")}, {Text: v.T("reserve.col.state")}}}
	for i := range rows {
		x := &rows[i]
		left := v.Left(x.Due, v.now)
		if by[x.ID].Stage == reserve.StageArrived {
			left = ""
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.C.Title, Href: reserve.Path(x.Kind, x.ID), Note: x.C.Name}, {Body: v.plate(x.Owner, parts.Plain)}, {Text: v.Number(x.C.Qty), Note: x.C.Unit}, {Text: v.day(x.C.NeededBy), Note: left}, v.stage(x, by[x.ID])})
	}
	if s.Tables = []parts.Table{t}; len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.asking.none"), Text: v.T("reserve.asking.none.text")}
	}
	return s, err
}

func (g *Pages) deciding(r *shell.Request, v *pageView) (section, error) {
	s := section{Panel: live(base, parts.Panel{ID: "deciding", Title: v.T("reserve.deciding.title"), More: parts.Link{Text: v.T("reserve.all"), Href: base + "/allocations"}})}
	rows, _, err := g.desk.Allocations(r.Context(), r.Actor, reserve.Filter{Limit: 8})
	t := parts.Table{Caption: s.Title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.allocation")}, {Text: v.T("reserve.col.by")}, {Text: v.T("reserve.col.given"), Number: true}, {Text: v.T("reserve.col.closes")}, {Text: v.T("reserve.col.state")}}}
	for i := range rows {
		x := &rows[i]
		state := parts.Cell{Body: v.tag(x.State)}
		if x.C.Claimed != "" {
			state.Note = v.T("reserve.outcome." + x.C.Claimed)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.C.Title, Href: reserve.Path(x.Kind, x.ID), Note: x.C.Name}, {Body: v.plate(x.Owner, parts.Plain)}, {Text: v.Number(x.C.Result.Given), Note: x.C.Unit}, {Text: v.stamp(x.C.Closes)}, state})
	}
	if s.Tables = []parts.Table{t}; len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.deciding.none"), Text: v.T("reserve.deciding.none.text")}
	}
	return s, err
}

func (g *Pages) travelling(r *shell.Request, v *pageView) (section, error) {
	s := section{Panel: live(base, parts.Panel{ID: "travelling", Title: v.T("reserve.travelling.title"), More: parts.Link{Text: v.T("reserve.all"), Href: base + "/movements"}})}
	rows, _, err := g.desk.Movements(r.Context(), r.Actor, reserve.Filter{State: reserve.Dispatched, Limit: 20})
	if err != nil {
		return s, err
	}
	t := parts.Table{Caption: s.Title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.movement")}, {Text: v.T("reserve.col.from")}, {Text: v.T("reserve.col.to")}, {Text: v.T("reserve.col.qty"), Number: true}, {Text: v.T("reserve.col.state")}}}
	for i := range rows {
		x := &rows[i]
		state := parts.Cell{Body: v.tag(x.State), Note: v.Left(x.Due, v.now)}
		came, _, err := g.desk.Arrivals(r.Context(), r.Actor, reserve.Filter{Parent: x.ID, Owner: x.C.To, Limit: 1})
		if err != nil {
			return s, err
		}
		for k := range came {
			if a := &came[k]; a.State != reserve.Expected {
				state = parts.Cell{Body: v.tag(a.State), Note: a.Reason}
			}
			if came[k].Own {
				state.Text, state.Href = v.T("reserve.open"), reserve.Path(reserve.KindArrival, came[k].ID)
			}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.C.Title, Href: reserve.Path(x.Kind, x.ID), Note: x.C.Name}, {Body: v.plate(x.Owner, parts.Plain)}, {Body: v.plate(x.C.To, parts.Plain)}, {Text: v.Number(x.C.Sent()), Note: x.C.Unit}, state})
	}
	if s.Tables = []parts.Table{t}; len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.travelling.none")}
	}
	return s, nil
}

func (g *Pages) expiring(r *shell.Request, v *pageView) (section, error) {
	s := section{Panel: live(base, parts.Panel{ID: "expiring", Title: v.T("reserve.expiring.title"), More: parts.Link{Text: v.T("reserve.tab.stock"), Href: base + "/stock"}}), Note: v.T("reserve.expiring.note")}
	list, err := g.desk.Batches(r.Context(), r.Actor, "")
	t := parts.Table{Caption: s.Title, RowHead: true, Columns: []parts.Column{{Text: v.T("reserve.col.lot")}, {Text: v.T("reserve.col.qty"), Number: true}, {Text: v.T("reserve.col.expires")}}}
	for i := range list {
		if b := &list[i]; reserve.Alert(b.Expires, v.now) >= 0 && len(t.Rows) < 12 {
			t.Rows = append(t.Rows, []parts.Cell{{Text: b.Number, Href: reserve.Path(reserve.KindLot, "") + b.Lot, Note: b.Name + ", " + b.Warehouse}, {Text: v.Number(b.Qty)}, v.expiry(b.Expires)})
		}
	}
	if s.Tables = []parts.Table{t}; len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.expiring.none")}
	}
	return s, err
}

func (g *Pages) owing(r *shell.Request, v *pageView) (section, error) {
	s := section{Panel: live(base, parts.Panel{ID: "owing", Title: v.T("reserve.owing.title"), More: parts.Link{Text: v.T("reserve.all"), Href: base + "/debts"}})}
	rows, _, err := g.desk.Debts(r.Context(), r.Actor, reserve.Filter{State: reserve.Owed, Limit: 12})
	t := parts.Table{Caption: s.Title, RowHead: true, Columns: []parts.Column{{Text: v.T("reserve.col.item")}, {Text: v.T("reserve.col.owed"), Number: true}, {Text: v.T("reserve.col.due")}}}
	for i := range rows {
		x := &rows[i]
		t.Rows = append(t.Rows, []parts.Cell{{Text: x.C.Name, Href: reserve.Path(x.Kind, x.ID), Note: v.T("reserve.owing.who", "debtor", v.name(x.Owner), "creditor", v.name(x.C.Creditor))}, {Text: v.Number(x.C.Left())}, {Text: v.Day(x.C.By), Note: v.Left(x.C.By, v.now)}})
	}
	if s.Tables = []parts.Table{t}; len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.owing.none")}
	}
	return s, err
}

// proven is the proof in one line.
func (v *pageView) proven(p *reserve.Proof) section {
	mark, text := parts.Tag(parts.Good, v.T("reserve.proof.balanced")), v.T("reserve.proof.yes.text")
	switch {
	case !p.Balanced():
		mark, text = parts.Tag(parts.Emergency, v.T("reserve.proof.broken")), v.T("reserve.proof.no.text")
	case len(p.Silent()) > 0:
		mark, text = parts.Tag(parts.Watch, v.T("reserve.proof.incomplete")), v.T("reserve.proof.silent.n", "n", len(p.Silent()), "of", len(p.Members))
	}
	return section{Panel: live(base, parts.Panel{ID: "proven", Title: v.T("reserve.tab.proof"), More: parts.Link{Text: v.T("reserve.open"), Href: base + "/proof"}}), Body: boxed(mark), Lines: []string{text}}
}
