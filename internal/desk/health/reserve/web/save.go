package web

import (
	"context"
	"net/url"
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

// What each form begins with and does.

func itemOf(f url.Values) reserve.ItemContent {
	shelf, err := strconv.Atoi(strings.TrimSpace(f.Get("shelf")))
	if f.Get("shelf") != "" && err != nil {
		shelf = -1
	}
	return reserve.ItemContent{Code: f.Get("code"), Name: f.Get("name"), Spec: text(f.Get("spec")), Unit: f.Get("unit"), Pack: f.Get("pack"), UNSPSC: strings.TrimSpace(f.Get("unspsc")),
		GMDN: strings.TrimSpace(f.Get("gmdn")), INN: f.Get("inn"), ATC: f.Get("atc"), Shelf: shelf, Keeps: f.Get("cold")}
}

func (g *Pages) newItem(r *shell.Request, f url.Values) (string, error) {
	i, err := g.desk.DraftItem(r.Context(), r.Actor, shared(f, r), itemOf(f))
	return reserve.Path(reserve.KindItem, i.ID), err
}

func (g *Pages) beginItem(r *shell.Request, v *formView) error {
	p, err := g.desk.Item(r.Context(), r.Actor, idOf(r))
	c := &p.C
	v.Form = url.Values{"code": {c.Code}, "name": {c.Name}, "spec": {c.Spec}, "unit": {c.Unit}, "pack": {c.Pack}, "unspsc": {c.UNSPSC}, "gmdn": {c.GMDN}, "inn": {c.INN}, "atc": {c.ATC}, "cold": {c.Keeps},
		"version": {str(p.Version)}, "back": {"1"}}
	if c.Shelf > 0 {
		v.Form.Set("shelf", str(c.Shelf))
	}
	return err
}

// editItem changes a draft, or revises what is published.
func (g *Pages) editItem(r *shell.Request, f url.Values) (string, error) {
	p, err := g.desk.Item(r.Context(), r.Actor, idOf(r))
	if err != nil {
		return "", err
	}
	in := itemOf(f)
	if p.State == reserve.Draft {
		_, err = g.desk.StepItem(r.Context(), r.Actor, p.ID, version1(f), "edit", "", &in)
	} else {
		_, err = g.desk.StepItem(r.Context(), r.Actor, p.ID, version1(f), "revise", "", &in)
	}
	return reserve.Path(reserve.KindItem, p.ID), err
}

func (g *Pages) beginDeclare(r *shell.Request, v *formView) error {
	p, err := g.desk.Item(r.Context(), r.Actor, idOf(r))
	if err != nil {
		return err
	}
	v.Title = v.T("reserve.declare.title", "item", p.C.Name)
	v.Form.Set("back", "1")
	list, _, err := g.desk.Registrations(r.Context(), r.Actor, reserve.Filter{Item: p.ID, Owner: v.self})
	for i := range list {
		c := &list[i].C
		v.Form = url.Values{"status": {c.Status}, "ref": {c.Ref}, "until": {c.Until}, "words": {c.Words}, "back": {"1"}}
	}
	return err
}

func (g *Pages) declare(r *shell.Request, f url.Values) (string, error) {
	_, err := g.desk.Declare(r.Context(), r.Actor, reserve.RegistrationContent{Item: idOf(r), Status: f.Get("status"), Ref: f.Get("ref"), Until: f.Get("until"), Words: text(f.Get("words"))})
	return reserve.Path(reserve.KindItem, idOf(r)), err
}

func lotOf(f url.Values) reserve.LotInput {
	return reserve.LotInput{Item: parsed(f.Get("item")), Number: f.Get("number"), Maker: f.Get("maker"), Expires: f.Get("expires"), Holder: access.Member(f.Get("holder"))}
}

func postOf(f url.Values) reserve.PostInput {
	return reserve.PostInput{Kind: f.Get("kind"), Warehouse: strings.ToUpper(strings.TrimSpace(f.Get("warehouse"))), To: strings.ToUpper(strings.TrimSpace(f.Get("to_warehouse"))), Qty: whole(f.Get("qty")), Words: text(f.Get("words"))}
}

func (g *Pages) newLot(r *shell.Request, f url.Values) (string, error) {
	l, err := g.desk.Register(r.Context(), r.Actor, lotOf(f), postOf(f))
	return reserve.Path(reserve.KindLot, l.ID), err
}

func (g *Pages) beginPost(r *shell.Request, v *formView) error {
	p, err := g.desk.Lot(r.Context(), r.Actor, idOf(r))
	v.Extra = []section{{Panel: parts.Panel{ID: "lot", Title: v.T("reserve.lot.title")}, Defs: v.lotDefs(&p.View)}}
	v.Form.Set("kind", "consume")
	return err
}

func (g *Pages) postLot(r *shell.Request, f url.Values) (string, error) {
	in := postOf(f)
	in.Lot = idOf(r)
	_, err := g.desk.Post(r.Context(), r.Actor, in)
	return reserve.Path(reserve.KindLot, in.Lot), err
}

func (g *Pages) rotate(r *shell.Request, f url.Values) (string, error) {
	p := postOf(f)
	l, err := g.desk.Rotate(r.Context(), r.Actor, reserve.RotateInput{Lot: idOf(r), Warehouse: p.Warehouse, Qty: p.Qty, New: lotOf(f), Words: p.Words})
	return reserve.Path(reserve.KindLot, l.ID), err
}

func (g *Pages) beginCorrect(r *shell.Request, v *formView) error {
	p, err := g.desk.Lot(r.Context(), r.Actor, idOf(r))
	v.Form = url.Values{"number": {p.C.Number}, "maker": {p.C.Maker}, "expires": {p.C.Expires}, "holder": {string(p.C.Holder)}, "version": {str(p.Version)}}
	return err
}

func (g *Pages) correct(r *shell.Request, f url.Values) (string, error) {
	in := lotOf(f)
	_, err := g.desk.StepLot(r.Context(), r.Actor, idOf(r), version1(f), "correct", text(f.Get("reason")), &in)
	return reserve.Path(reserve.KindLot, idOf(r)), err
}

func pledgeOf(f url.Values) reserve.PledgeContent {
	return reserve.PledgeContent{Item: parsed(f.Get("item")), Qty: whole(f.Get("qty")), Notice: int(min(whole(f.Get("notice")), 1<<30)), Blackout: text(f.Get("blackout")), Until: f.Get("until")}
}

func (g *Pages) newPledge(r *shell.Request, f url.Values) (string, error) {
	p, err := g.desk.DraftPledge(r.Context(), r.Actor, shared(f, r), pledgeOf(f))
	return reserve.Path(reserve.KindPledge, p.ID), err
}

func (g *Pages) beginPledge(r *shell.Request, v *formView) error {
	p, err := g.desk.Pledge(r.Context(), r.Actor, idOf(r))
	v.Form = url.Values{"qty": {number(&p.C.Qty)}, "notice": {str(p.C.Notice)}, "until": {p.C.Until}, "blackout": {p.C.Blackout}, "version": {str(p.Version)}, "back": {"1"}}
	return err
}

func (g *Pages) editPledge(r *shell.Request, f url.Values) (string, error) {
	in := pledgeOf(f)
	_, err := g.desk.StepPledge(r.Context(), r.Actor, idOf(r), version1(f), "edit", "", &in)
	return reserve.Path(reserve.KindPledge, idOf(r)), err
}

func drawOf(f url.Values) reserve.DrawContent {
	return reserve.DrawContent{Title: f.Get("title"), Item: parsed(f.Get("item")), Event: parsed(f.Get("event")), Qty: whole(f.Get("qty")), NeededBy: f.Get("needed_by"), Where: f.Get("where"), Reasons: text(f.Get("reasons")),
		Need: maybe(f.Get("need")), Have: maybe(f.Get("have")), Persons: maybe(f.Get("persons")), Risk: maybe(f.Get("risk")), Capacity: maybe(f.Get("capacity")), Source: text(f.Get("source")), AsOf: f.Get("as_of")}
}

func (g *Pages) newDraw(r *shell.Request, f url.Values) (string, error) {
	d, err := g.desk.DraftDraw(r.Context(), r.Actor, shared(f, r), drawOf(f))
	return reserve.Path(reserve.KindDraw, d.ID), err
}

func (g *Pages) beginDraw(r *shell.Request, v *formView) error {
	p, err := g.desk.Draw(r.Context(), r.Actor, idOf(r))
	c := &p.C
	v.Form = url.Values{"title": {c.Title}, "event": {string(c.Event)}, "qty": {number(&c.Qty)}, "needed_by": {c.NeededBy}, "where": {c.Where}, "reasons": {c.Reasons}, "need": {number(c.Need)}, "have": {number(c.Have)},
		"persons": {number(c.Persons)}, "risk": {number(c.Risk)}, "capacity": {number(c.Capacity)}, "source": {c.Source}, "as_of": {c.AsOf}, "version": {str(p.Version)}, "back": {"1"}}
	return err
}

func (g *Pages) editDraw(r *shell.Request, f url.Values) (string, error) {
	in := drawOf(f)
	_, err := g.desk.StepDraw(r.Context(), r.Actor, idOf(r), version1(f), "edit", "", &in)
	return reserve.Path(reserve.KindDraw, idOf(r)), err
}

func allocationOf(f url.Values, r *shell.Request) reserve.AllocationInput {
	in := reserve.AllocationInput{Shared: shared(f, r), Title: f.Get("title"), Item: parsed(f.Get("item")), Rationale: text(f.Get("rationale")), Replace: int(min(whole(f.Get("replace")), 1<<30)), Adopt: f.Get("adopt"),
		Window: int(min(whole(f.Get("window")), 1<<30))}
	in.Rule, in.Version, _ = strings.Cut(f.Get("rule"), "/")
	for _, s := range f["draws"] {
		in.Draws = append(in.Draws, parsed(s))
	}
	for _, s := range f["sources"] {
		if x := strings.Split(s, "|"); len(x) == 4 {
			in.Sources = append(in.Sources, allocation.Source{Member: x[0], Pool: x[1], Pledge: x[2], Qty: whole(x[3])})
		}
	}
	return in
}

// beginAllocation fills in the draws and sources of the item; what a source
// holds, and its notice, is read again when it is saved.
func (g *Pages) beginAllocation(r *shell.Request, v *formView) error {
	if idOf(r) != "" {
		p, err := g.desk.Allocation(r.Context(), r.Actor, idOf(r))
		if err != nil {
			return err
		}
		c := &p.C
		v.Form = url.Values{"item": {string(c.Item)}, "title": {c.Title}, "rule": {c.Rule.Key + "/" + c.Rule.Version}, "rationale": {c.Rationale}, "replace": {str(c.Replace)}, "adopt": {c.Adopt}, "window": {str(c.Window)},
			"version": {str(p.Version)}, "back": {"1"}}
		for _, x := range c.Input.Claims {
			v.Form.Add("draws", x.Draw)
		}
		for _, s := range c.Sources {
			v.Form.Add("sources", sourceValue(s))
		}
		return nil
	}
	q := r.URL.Query()
	v.Form = url.Values{"rule": {"need/1"}, "replace": {"90"}, "adopt": {"consensus"}, "window": {"24"}, "marking": {string(access.TLPAmber)}, "item": {q.Get("item")}, "title": {q.Get("title")}, "draws": q["draws"]}
	if r.Method == "POST" {
		v.Form.Set("item", r.PostForm.Get("item"))
	}
	if parsed(v.Form.Get("item")) == "" {
		return g.firstItem(r, v)
	}
	list, err := g.desk.Sources(r.Context(), r.Actor, parsed(v.Form.Get("item")))
	for _, s := range list {
		v.Form.Add("sources", sourceValue(s.Source))
	}
	if err != nil || len(q["draws"]) > 0 {
		return err
	}
	open, _, err := g.desk.Draws(r.Context(), r.Actor, reserve.Filter{State: reserve.Asked, Item: parsed(v.Form.Get("item")), Limit: 100})
	if err != nil {
		return err
	}
	by, err := g.progress(r, open...)
	for i := range open {
		if by[open[i].ID].Given == 0 { // who got nothing yet is chosen already
			v.Form.Add("draws", string(open[i].ID))
		}
	}
	return err
}

// firstItem asks which item is divided before anything else.
func (g *Pages) firstItem(r *shell.Request, v *formView) error {
	list, _, err := g.desk.Draws(r.Context(), r.Actor, reserve.Filter{State: reserve.Asked, Limit: 200})
	s := section{Panel: parts.Panel{ID: "which", Title: v.T("reserve.which.title")}}
	seen := map[id.ID]bool{}
	for i := range list {
		if c := &list[i].C; !seen[c.Item] {
			seen[c.Item] = true
			s.Buttons = append(s.Buttons, parts.Button{Text: c.Name, Href: base + "/allocations/new?item=" + string(c.Item)})
		}
	}
	if len(s.Buttons) == 0 {
		s.Empty = &parts.Empty{Title: v.T("reserve.which.none"), Text: v.T("reserve.which.none.text")}
	}
	v.Extra = []section{s}
	v.Form.Set("only_extra", "1")
	return err
}

// notices puts the notice of each chosen source beside it, as it is now.
func (g *Pages) notices(ctx context.Context, a access.Actor, in *reserve.AllocationInput) error {
	list, err := g.desk.Sources(ctx, a, in.Item)
	for i := range in.Sources {
		for _, o := range list {
			if s := &in.Sources[i]; s.Member == o.Member && s.Pool == o.Pool && s.Pledge == o.Pledge {
				s.Notice = o.Notice
			}
		}
	}
	return err
}

func (g *Pages) newAllocation(r *shell.Request, f url.Values) (string, error) {
	in := allocationOf(f, r)
	if err := g.notices(r.Context(), r.Actor, &in); err != nil {
		return "", err
	}
	a, err := g.desk.DraftAllocation(r.Context(), r.Actor, in)
	return reserve.Path(reserve.KindAllocation, a.ID), err
}

func (g *Pages) editAllocation(r *shell.Request, f url.Values) (string, error) {
	in := allocationOf(f, r)
	if err := g.notices(r.Context(), r.Actor, &in); err != nil {
		return "", err
	}
	_, err := g.desk.EditAllocation(r.Context(), r.Actor, idOf(r), version1(f), in)
	return reserve.Path(reserve.KindAllocation, idOf(r)), err
}

func (g *Pages) beginVote(r *shell.Request, v *formView) error {
	p, err := g.desk.Allocation(r.Context(), r.Actor, idOf(r))
	if err == nil && !p.MayVote {
		err = fault.New(fault.Conflict, "fault.reserve.no_vote")
	}
	v.Title = v.T("reserve.vote.title", "title", p.C.Title)
	v.Form.Set("back", "1")
	return err
}

func (g *Pages) vote(r *shell.Request, f url.Values) (string, error) {
	_, err := g.desk.DraftVote(r.Context(), r.Actor, idOf(r), reserve.VoteInput{Shared: shared(url.Values{}, r), Stance: f.Get("stance"), Reasons: text(f.Get("reasons"))})
	return reserve.Path(reserve.KindAllocation, idOf(r)), err
}

// beginMovement is for a line of a division, a debt, or a gift.
func (g *Pages) beginMovement(r *shell.Request, v *formView) error {
	q := r.URL.Query()
	if r.Method == "POST" {
		q = r.PostForm
	}
	line, debt := parsed(q.Get("allocation")), parsed(q.Get("debt"))
	item, n := parsed(q.Get("item")), int64(0)
	hide := func() { v.Form.Set("no_to", "1"); v.Form.Set("no_item", "1") }
	switch {
	case line != "":
		due, err := g.desk.DueLines(r.Context(), r.Actor)
		if err != nil {
			return err
		}
		for _, l := range due {
			if l.Allocation == line && str(l.Line.N) == q.Get("line") {
				item, n = l.Item, l.Left
				v.Form = url.Values{"allocation": {string(line)}, "line": {q.Get("line")}, "title": {v.T("reserve.movement.for", "item", l.Name, "member", v.name(access.Member(l.Line.To)))}}
			}
		}
		hide()
	case debt != "":
		p, err := g.desk.Debt(r.Context(), r.Actor, debt)
		if err != nil {
			return err
		}
		item, n = p.C.Item, p.C.Left()
		v.Form = url.Values{"debt": {string(debt)}, "title": {v.T("reserve.movement.back", "item", p.C.Name, "member", v.name(p.C.Creditor))}}
		hide()
	}
	if n > 0 {
		v.Form.Set("qty", strconv.FormatInt(n, 10))
	}
	if item == "" {
		return nil
	}
	loads, short, err := g.desk.Propose(r.Context(), r.Actor, item, max(n, 0))
	s := section{Panel: parts.Panel{ID: "fefo", Title: v.T("reserve.fefo.title")}, Note: v.T("reserve.fefo.note"), Tables: []parts.Table{v.loads(loads)}}
	if short > 0 {
		s.Lines = []string{v.T("reserve.fefo.short", "n", v.Number(short))}
	}
	if len(loads) > 0 || short > 0 {
		v.Extra = []section{s}
	}
	return err
}

func (w words) loads(list []reserve.Load) parts.Table {
	t := parts.Table{Caption: w.T("reserve.fefo.title"), RowHead: true, Columns: []parts.Column{{Text: w.T("reserve.col.lot")}, {Text: w.T("reserve.col.warehouse")}, {Text: w.T("reserve.col.expires")}, {Text: w.T("reserve.col.qty"), Number: true}}}
	for _, l := range list {
		t.Rows = append(t.Rows, []parts.Cell{{Text: l.Number, Note: l.Maker}, {Text: l.Warehouse}, w.expiry(l.Expires), {Text: w.Number(l.Qty)}})
	}
	return t
}

func movementOf(f url.Values, r *shell.Request) reserve.MovementInput {
	line, err := strconv.Atoi(f.Get("line"))
	if err != nil {
		line = 0
	}
	return reserve.MovementInput{Shared: shared(f, r), Title: f.Get("title"), Allocation: parsed(f.Get("allocation")), Line: line, Debt: parsed(f.Get("debt")), To: access.Member(f.Get("to")), Item: parsed(f.Get("item")),
		Qty: whole(f.Get("qty")), Carrier: f.Get("carrier"), Waybill: f.Get("waybill"), ETA: f.Get("eta")}
}

func (g *Pages) newMovement(r *shell.Request, f url.Values) (string, error) {
	m, err := g.desk.Prepare(r.Context(), r.Actor, movementOf(f, r))
	return reserve.Path(reserve.KindMovement, m.ID), err
}

func (g *Pages) beginMovementEdit(r *shell.Request, v *formView) error {
	p, err := g.desk.Movement(r.Context(), r.Actor, idOf(r))
	v.Form = url.Values{"title": {p.C.Title}, "carrier": {p.C.Carrier}, "waybill": {p.C.Waybill}, "eta": {p.C.ETA}, "version": {str(p.Version)}, "back": {"1"}}
	return err
}

func (g *Pages) editMovement(r *shell.Request, f url.Values) (string, error) {
	_, err := g.desk.EditMovement(r.Context(), r.Actor, idOf(r), version1(f), movementOf(f, r))
	return reserve.Path(reserve.KindMovement, idOf(r)), err
}
