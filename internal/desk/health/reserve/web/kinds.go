package web

import (
	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// The page of each kind of record.

func (w words) defs(pairs ...string) []parts.Definition {
	var out []parts.Definition
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, parts.Definition{Term: w.T("reserve.field." + pairs[i]), Text: pairs[i+1]})
		}
	}
	return out
}

func (g *Pages) readItem(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Item(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	c := &p.C
	shelf := ""
	if c.Shelf > 0 {
		shelf = v.T("reserve.months", "n", c.Shelf)
	}
	v.Main = append(v.Main, section{Panel: parts.Panel{ID: "what", Title: v.T("reserve.what.title")}, Note: v.T("reserve.unit.note"),
		Defs: v.defs("name", c.Name, "code", c.Code, "spec", c.Spec, "unit", c.Unit, "pack", c.Pack, "cold", v.T("reserve.cold."+c.Keeps), "shelf", shelf, "inn", c.INN, "atc", c.ATC, "unspsc", c.UNSPSC, "gmdn", c.GMDN)})
	list, _, err := g.desk.Registrations(r.Context(), r.Actor, reserve.Filter{Item: rid, Limit: 100})
	if err != nil {
		return shown{}, err
	}
	t := parts.Table{Caption: v.T("reserve.registrations.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.member")}, {Text: v.T("reserve.field.status")}, {Text: v.T("reserve.field.ref")}, {Text: v.T("reserve.field.until")}, {Text: v.T("reserve.field.words")}}}
	for _, m := range access.States {
		row := []parts.Cell{{Text: v.name(m)}, {Text: v.T("reserve.status.none")}, {Text: "–"}, {Text: "–"}, {}}
		for i := range list {
			if x := &list[i]; x.Owner == m {
				row = []parts.Cell{{Text: v.name(m)}, {Text: v.T("reserve.status." + x.C.Status), Note: v.stamp(x.Changed)}, {Text: dash(x.C.Ref)}, {Text: v.day(x.C.Until)}, {Text: x.C.Words}}
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if p.State != reserve.Draft {
		proof, err := g.desk.Prove(r.Context(), r.Actor, rid)
		if err != nil {
			return shown{}, err
		}
		for _, i := range proof.Items {
			v.Main = append(v.Main, section{Panel: parts.Panel{ID: "where", Title: v.T("reserve.where.title"), More: parts.Link{Text: v.T("reserve.tab.proof"), Href: base + "/proof?item=" + string(rid)}}, Tables: []parts.Table{v.proofTable(&proof, &i)}})
		}
		v.Main = append(v.Main, section{Panel: parts.Panel{ID: "registrations", Title: v.T("reserve.registrations.title")}, Tables: []parts.Table{t}, Note: v.T("reserve.registrations.note")})
	}
	x := shown{Envelope: p.Envelope, Title: c.Name, Offers: p.Offers}
	if p.State == reserve.Published && reserve.MayClear(r.Actor) && v.self != access.ASEC {
		x.More = append(x.More, parts.Button{Text: v.T("reserve.declare"), Href: base + "/items/" + string(rid) + "/declare"})
	}
	return x, nil
}

func (w words) lotDefs(p *reserve.LotView) []parts.Definition {
	c := &p.C
	return w.defs("item", c.Name, "unit", c.Unit, "number", c.Number, "maker", c.Maker, "expires", w.day(c.Expires), "holder", w.name(c.Holder), "cold", w.T("reserve.cold."+c.Keeps), "condition", w.state(p.State))
}

func (g *Pages) readLot(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Lot(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	all, err := g.desk.Batches(r.Context(), r.Actor, p.C.Item)
	if err != nil {
		return shown{}, err
	}
	t := parts.Table{Caption: v.T("reserve.lot.where"), RowHead: true, Columns: []parts.Column{{Text: v.T("reserve.col.warehouse")}, {Text: v.T("reserve.col.qty"), Number: true}}}
	for i := range all {
		if b := &all[i]; b.Lot == string(rid) {
			t.Rows = append(t.Rows, []parts.Cell{{Text: b.Warehouse}, {Text: v.Number(b.Qty), Note: b.Unit}})
		}
	}
	s := section{Panel: parts.Panel{ID: "where", Title: v.T("reserve.lot.where")}, Tables: []parts.Table{t}}
	if len(t.Rows) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.lot.gone")}
	}
	v.Main = append(v.Main, section{Panel: parts.Panel{ID: "lot", Title: v.T("reserve.lot.title")}, Defs: v.lotDefs(&p.View)}, s)
	if n := reserve.Alert(p.C.Expires, v.now); n >= 0 && len(t.Rows) > 0 {
		g := parts.Watch
		if n <= 30 {
			g = parts.Warning
		}
		v.Notices = append(v.Notices, parts.Notice{Grade: g, Title: v.T("reserve.expiry.title", "day", v.day(p.C.Expires)), Text: v.T("reserve.expiry.text")})
	}
	x := shown{Envelope: p.Envelope, Title: p.C.Number + ", " + p.C.Name, Offers: p.Offers}
	if keeper(r.Actor) {
		x.More = []parts.Button{{Text: v.T("reserve.post"), Kind: parts.Primary, Href: base + "/lots/" + string(rid) + "/post"}}
		if len(t.Rows) > 0 && p.C.Expires != "" {
			x.More = append(x.More, parts.Button{Text: v.T("reserve.rotate"), Href: base + "/lots/" + string(rid) + "/rotate"})
		}
	}
	return x, nil
}

func (g *Pages) readPledge(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Pledge(r.Context(), r.Actor, rid)
	c := &p.C
	v.Main = append(v.Main, section{Panel: parts.Panel{ID: "pledge", Title: v.T("reserve.pledge.title")}, Note: v.T("reserve.pledge.note"), Defs: v.defs("item", c.Name, "qty", v.qty(c.Qty, c.Unit), "drawn", v.qty(c.Drawn, c.Unit),
		"left", v.qty(c.Left(), c.Unit), "notice", v.T("reserve.hours", "n", c.Notice), "until", v.day(c.Until), "blackout", dash(c.Blackout))})
	return shown{Envelope: p.Envelope, Title: v.T("reserve.pledge.of", "item", c.Name, "member", v.name(p.Owner)), Offers: p.Offers}, err
}

func (v *pageView) known(n *int64) string {
	if n == nil {
		return v.T("reserve.unknown")
	}
	return v.Number(*n)
}

func (g *Pages) readDraw(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Draw(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	c := &p.C
	v.Main = append(v.Main, section{Panel: parts.Panel{ID: "asked", Title: v.T("reserve.asked.title")}, Defs: v.defs("item", c.Name, "qty", v.qty(c.Qty, c.Unit), "needed_by", v.day(c.NeededBy), "where", c.Where, "event", c.EventName, "reasons", c.Reasons)},
		section{Panel: parts.Panel{ID: "formula", Title: v.T("reserve.inputs.title")}, Note: v.T("reserve.inputs.note"), Defs: v.defs("need", v.known(c.Need), "have", v.known(c.Have), "persons", v.known(c.Persons), "risk", v.known(c.Risk),
			"capacity", v.known(c.Capacity), "source", dash(c.Source), "as_of", v.day(c.AsOf))})
	all, _, err := g.desk.Allocations(r.Context(), r.Actor, reserve.Filter{Item: c.Item, Limit: 100})
	if err != nil {
		return shown{}, err
	}
	var mark templ.Component
	if p.State != reserve.Draft && p.State != reserve.Discarded {
		by, err := g.progress(r, p.View)
		if err != nil {
			return shown{}, err
		}
		v.Main = append([]section{v.came(r.URL.RequestURI(), &p.View, by[rid])}, v.Main...)
		mark = v.stage(&p.View, by[rid]).Body
	}
	s := section{Panel: live(r.URL.RequestURI(), parts.Panel{ID: "answers", Title: v.T("reserve.answers.title")}), Empty: &parts.Empty{Title: v.T("reserve.answers.none"), Text: v.T("reserve.answers.none.text")}}
	t := parts.Table{Caption: v.T("reserve.answers.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("reserve.col.allocation")}, {Text: v.T("reserve.col.share"), Number: true}, {Text: v.T("reserve.col.state")}}}
	for i := range all {
		for _, x := range all[i].C.Result.Shares {
			if a := &all[i]; x.Draw == string(rid) {
				state := parts.Cell{Body: v.tag(a.State)}
				if a.C.Claimed != "" {
					state.Note = v.T("reserve.outcome." + a.C.Claimed)
				}
				t.Rows = append(t.Rows, []parts.Cell{{Text: a.C.Title, Href: reserve.Path(a.Kind, a.ID)}, {Text: v.Number(x.Qty), Note: c.Unit}, state})
			}
		}
	}
	if s.Tables = []parts.Table{t}; len(t.Rows) > 0 {
		s.Empty = nil
	}
	v.Main = append(v.Main, s)
	x := shown{Envelope: p.Envelope, Title: c.Title, Mark: mark, Offers: p.Offers}
	if p.State == reserve.Asked {
		x.More = append(x.More, parts.Button{Text: v.T("reserve.simulate"), Icon: "gauge", Href: base + "/simulate?item=" + string(c.Item)})
		if reserve.MayWrite(r.Actor) {
			x.More = append(x.More, parts.Button{Text: v.T("reserve.new.allocation"), Href: base + "/allocations/new?item=" + string(c.Item)})
		}
	}
	return x, err
}

func (v *pageView) movementDefs(p *reserve.MovementView) []parts.Definition {
	c := &p.C
	out := v.defs("from", v.name(p.Owner), "to", v.name(c.To), "item", c.Name, "qty", v.qty(c.Sent(), c.Unit), "purpose", v.T("reserve.purpose."+c.Purpose), "carrier", dash(c.Carrier), "waybill", dash(c.Waybill), "eta", v.day(c.ETA),
		"cold", v.T("reserve.cold."+c.Keeps), "went", v.stamp(c.Went))
	if c.Replace > 0 {
		out = append(out, v.defs("replace", v.T("reserve.days", "n", c.Replace))...)
	}
	return out
}

func (g *Pages) readMovement(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Movement(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	v.Main = append(v.Main, section{Panel: parts.Panel{ID: "movement", Title: v.T("reserve.movement.title")}, Defs: v.movementDefs(&p.View), Tables: []parts.Table{v.loads(p.C.Loads)}})
	list, _, err := g.desk.Arrivals(r.Context(), r.Actor, reserve.Filter{Parent: rid, Limit: 10})
	said := section{Panel: parts.Panel{ID: "arrival", Title: v.T("reserve.arrival.title", "member", v.name(p.C.To))}, Lines: []string{v.T("reserve.arrival.waits")}}
	for i := range list {
		if a := &list[i]; a.Owner == p.C.To {
			said = v.arrivalSection(a)
		}
	}
	if p.State == reserve.Dispatched || p.State == reserve.Booked { // before, nobody else knows of it
		said.Panel = live(r.URL.RequestURI(), said.Panel)
		v.Main = append(v.Main, said)
	}
	booked := v.bookedIn(&p.C)
	booked.Panel = live(r.URL.RequestURI(), booked.Panel)
	v.Side = append(v.Side, booked)
	return shown{Envelope: p.Envelope, Title: p.C.Title, Offers: p.Offers}, err
}

// bookedIn says which postings of the two books the movement made.
func (v *pageView) bookedIn(c *reserve.MovementContent) section {
	seq := func(n int64) string {
		if n == 0 {
			return v.T("reserve.not_booked")
		}
		return v.T("reserve.posting", "seq", n)
	}
	return section{Panel: parts.Panel{ID: "postings", Title: v.T("reserve.postings.title")}, Defs: v.defs("posted_out", seq(c.Out), "posted_in", seq(c.In), "posted_closed", seq(c.Closed))}
}

func (v *pageView) arrivalSection(a *reserve.ArrivalView) section {
	s := section{Panel: parts.Panel{ID: "arrival", Title: v.T("reserve.arrival.title", "member", v.name(a.Owner)), Aside: v.state(a.State)}, Defs: v.defs("warehouse", a.C.Warehouse, "hold_ref", a.C.HoldRef)}
	if !a.C.Held.IsZero() {
		s.Defs = append(s.Defs, v.defs("held", v.stamp(a.C.Held), "freed", v.stamp(a.C.Freed))...)
	}
	if a.C.Received.IsZero() {
		s.Lines = []string{v.T("reserve.arrival.waits")}
		return s
	}
	s.Defs = append(s.Defs, v.defs("received", v.stamp(a.C.Received))...)
	t := parts.Table{Caption: v.T("reserve.arrival.lines"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("reserve.col.lot")}, {Text: v.T("reserve.field.sent"), Number: true}, {Text: v.T("reserve.field.ok"), Number: true},
		{Text: v.T("reserve.field.short"), Number: true}, {Text: v.T("reserve.field.damaged"), Number: true}, {Text: v.T("reserve.field.words")}}}
	for _, l := range a.C.Landed {
		t.Rows = append(t.Rows, []parts.Cell{{Text: l.Number, Note: l.Maker}, {Text: v.Number(l.Qty)}, {Text: v.Number(l.OK)}, {Text: v.Number(l.Short)}, {Text: v.Number(l.Damaged)}, {Text: l.Words}})
	}
	s.Tables = []parts.Table{t}
	return s
}

func (g *Pages) readArrival(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Arrival(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	c := &p.C
	v.Main = append(v.Main, v.arrivalSection(&p.View))
	m, err := g.desk.Movement(r.Context(), r.Actor, c.Movement)
	if err == nil {
		v.Main = append(v.Main, section{Panel: parts.Panel{ID: "movement", Title: v.T("reserve.movement.title"), More: parts.Link{Text: v.T("reserve.open"), Href: reserve.Path(m.Kind, m.ID)}}, Defs: v.movementDefs(&m.View), Tables: []parts.Table{v.loads(m.C.Loads)}})
		v.Side = append(v.Side, v.bookedIn(&m.C))
	}
	x := shown{Envelope: p.Envelope, Title: v.T("reserve.arrival.of", "title", c.Title), Of: c.Title, Offers: p.Offers}
	if c.Debt != "" {
		x.More = append(x.More, parts.Button{Text: v.T("reserve.debt.open"), Href: reserve.Path(reserve.KindDebt, c.Debt)})
	}
	return x, nil
}

func (g *Pages) readDebt(r *shell.Request, rid id.ID, v *pageView) (shown, error) {
	p, err := g.desk.Debt(r.Context(), r.Actor, rid)
	if err != nil {
		return shown{}, err
	}
	c := &p.C
	v.Main = append(v.Main, section{Panel: live(r.URL.RequestURI(), parts.Panel{ID: "debt", Title: v.T("reserve.debt.title")}), Note: v.T("reserve.debt.note"), Defs: v.defs("debtor", v.name(p.Owner), "creditor", v.name(c.Creditor), "item", c.Name, "qty", v.qty(c.Qty, c.Unit), "paid", v.qty(c.Paid, c.Unit),
		"left", v.qty(c.Left(), c.Unit), "by", v.stamp(c.By))})
	x := shown{Envelope: p.Envelope, Title: v.T("reserve.debt.of", "item", c.Name, "member", v.name(c.Creditor)), Offers: p.Offers}
	if p.Own && p.State == reserve.Owed && keeper(r.Actor) {
		x.More = append(x.More, parts.Button{Text: v.T("reserve.replace"), Kind: parts.Primary, Icon: "truck", Href: base + "/movements/new?debt=" + string(rid)})
	}
	x.More = append(x.More, parts.Button{Text: v.T("reserve.movement.open"), Href: reserve.Path(reserve.KindMovement, c.Movement)})
	return x, nil
}
