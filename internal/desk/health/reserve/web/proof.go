package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/reserve/ledger"
	"lintas/internal/fault"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// proofTable is one item in all books: a row for each kind of account, a
// column for each member. What is not stated is a dash, never 0.
func (w words) proofTable(p *reserve.Proof, i *reserve.ProofItem) parts.Table {
	t := parts.Table{Caption: w.T("reserve.proof.item", "item", i.Name, "unit", i.Unit), RowHead: true, Columns: []parts.Column{{Text: w.T("reserve.col.account")}}}
	for _, c := range p.Members {
		head := string(c.Member)
		if !c.Stated {
			head += " " + w.T("reserve.proof.silent")
		}
		t.Columns = append(t.Columns, parts.Column{Text: head, Number: true})
	}
	t.Columns = append(t.Columns, parts.Column{Text: w.T("reserve.col.all"), Number: true})
	for _, r := range i.Rows {
		row := []parts.Cell{{Text: w.T("reserve.account." + r.Kind)}}
		for _, n := range r.Cells {
			row = append(row, w.stated(n))
		}
		t.Rows = append(t.Rows, append(row, parts.Cell{Text: w.Number(r.Sum)}))
	}
	foot := []parts.Cell{{Text: w.T("reserve.proof.sum")}}
	var all int64
	for k, n := range i.Sums {
		if !p.Members[k].Stated {
			foot = append(foot, parts.Cell{Text: "–"})
			continue
		}
		all += n
		foot = append(foot, parts.Cell{Text: w.Number(n)})
	}
	t.Foot = append(foot, parts.Cell{Text: w.Number(all)})
	return t
}

func (w words) stated(n *int64) parts.Cell {
	if n == nil {
		return parts.Cell{Text: "–"}
	}
	return parts.Cell{Text: w.Number(*n)}
}

// pairs are the accounts of two members that mirror one another.
func (w words) pairs(list []ledger.Pair) parts.Table {
	t := parts.Table{Caption: w.T("reserve.pairs.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("reserve.pairs.one")}, {Text: w.T("reserve.pairs.have"), Number: true}, {Text: w.T("reserve.pairs.other")}, {Text: w.T("reserve.pairs.have"), Number: true},
		{Text: w.T("reserve.pairs.way")}, {Text: w.T("reserve.pairs.open"), Number: true}}}
	for i := range list {
		p := &list[i]
		row := []parts.Cell{{Text: w.name(p.A) + ": " + w.account(p.Account)}, {Text: w.Number(p.Have)}, {Text: w.T("reserve.pairs.nobody")}, {Text: "–"}, {Text: w.T("reserve.pairs.none")}, {Text: w.Number(p.Open)}}
		if p.Mirror != "" {
			row[2], row[3] = parts.Cell{Text: w.name(p.B) + ": " + w.account(p.Mirror)}, parts.Cell{Text: w.Number(p.Other)}
		}
		if !p.Both {
			row[5] = parts.Cell{Text: "–", Note: w.T("reserve.pairs.half")}
		} else if p.Open != 0 {
			row[5].Body = parts.Tag(parts.Emergency, w.T("reserve.proof.broken"))
		}
		var way []string
		for _, m := range p.OnWay {
			way = append(way, w.T("reserve.pairs.move", "title", m.Title, "n", w.Number(m.Sent), "to", w.name(m.To)))
		}
		if len(way) > 0 {
			row[4] = parts.Cell{Text: strings.Join(way, " "), Note: w.T("reserve.pairs.explains", "n", w.Number(p.Explained))}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v *pageView) proofItem(p *reserve.Proof, i *reserve.ProofItem) section {
	s := section{Panel: live("", parts.Panel{ID: "item-" + string(i.Item), Title: i.Name, More: parts.Link{Text: v.T("reserve.open"), Href: reserve.Path(reserve.KindItem, i.Item)}}), Tables: []parts.Table{v.proofTable(p, i)}}
	s.Live = base + "/proof?item=" + string(i.Item)
	mark := parts.Tag(parts.Good, v.T("reserve.proof.balanced"))
	switch {
	case !i.Balanced:
		mark = parts.Tag(parts.Emergency, v.T("reserve.proof.broken"))
	case !i.Complete:
		mark = parts.Tag(parts.Watch, v.T("reserve.proof.incomplete"))
	}
	s.Body = boxed(mark)
	if len(i.Pairs) > 0 {
		s.Tables = append(s.Tables, v.pairs(i.Pairs))
	}
	return s
}

// statements says from when what each member states is.
func (v *pageView) statements(p *reserve.Proof) section {
	t := parts.Table{Caption: v.T("reserve.statements.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("reserve.col.member")}, {Text: v.T("reserve.col.source")}, {Text: v.T("reserve.col.posting"), Number: true}, {Text: v.T("reserve.col.as_of")}}}
	for _, c := range p.Members {
		row := []parts.Cell{{Text: v.name(c.Member)}, {Text: v.T("reserve.statements.stated")}, {Text: v.Number(c.Seq)}, {Text: v.stamp(c.AsOf)}}
		switch {
		case c.Own:
			row[1].Text = v.T("reserve.statements.own")
		case !c.Stated:
			row = []parts.Cell{{Text: v.name(c.Member)}, {Text: v.T("reserve.statements.none")}, {Text: "–"}, {Text: "–"}}
		case c.Old:
			row[1].Text = v.T("reserve.statements.old")
		}
		t.Rows = append(t.Rows, row)
	}
	return section{Panel: parts.Panel{ID: "statements", Title: v.T("reserve.statements.title")}, Tables: []parts.Table{t}, Note: v.T("reserve.statements.note")}
}

func (g *Pages) proofView(r *shell.Request, a *reserve.Audit) (pageView, error) {
	v := pageView{words: g.words(r)}
	p, err := g.desk.Prove(r.Context(), r.Actor, parsed(r.URL.Query().Get("item")))
	if err != nil {
		return v, err
	}
	v.Tabs = v.tabs("proof")
	v.Head = parts.PageHead{Title: v.T("reserve.proof.title"), Lede: v.T("reserve.proof.lede"), Crumbs: v.crumbs("", v.T("reserve.proof.title")), Actions: []parts.Button{v.print(), {Text: v.T("reserve.check"), Icon: "shield-check", Kind: parts.Primary, Post: base + "/proof"}}}
	var silent []string
	for _, m := range p.Silent() {
		silent = append(silent, v.name(m))
	}
	switch {
	case !p.Balanced():
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Emergency, Title: v.T("reserve.proof.no"), Text: v.T("reserve.proof.no.text")})
	case len(p.Items) == 0:
	case len(silent) > 0:
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Watch, Title: v.T("reserve.proof.part"), Text: v.T("reserve.proof.part.text", "members", strings.Join(silent, ", "))})
	default:
		v.Notices = append(v.Notices, parts.Notice{Grade: parts.Good, Title: v.T("reserve.proof.yes"), Text: v.T("reserve.proof.yes.text")})
	}
	if a != nil {
		v.Main = append(v.Main, v.audit(a))
	}
	for i := range p.Items {
		v.Main = append(v.Main, v.proofItem(&p, &p.Items[i]))
	}
	if len(p.Items) == 0 {
		v.Main = append(v.Main, section{Panel: parts.Panel{ID: "none", Title: v.T("reserve.proof.title")}, Empty: &parts.Empty{Title: v.T("reserve.proof.none"), Text: v.T("reserve.proof.none.text")}})
	}
	v.Main = append(v.Main, v.statements(&p))
	v.Main[len(v.Main)-1].Files = parts.Files(base+"/proof", r.URL.RawQuery)
	own, err := g.ownStatement(r, &v)
	v.Main = append(v.Main, own)
	return v, err
}

// ownStatement is the standing statement of this member.
func (g *Pages) ownStatement(r *shell.Request, v *pageView) (section, error) {
	s := section{Panel: parts.Panel{ID: "own", Title: v.T("reserve.own.title")}}
	p, had, err := g.desk.OwnStatement(r.Context(), r.Actor)
	button := func(verb string, kind parts.Kind) {
		s.Buttons = append(s.Buttons, parts.Button{Text: v.T("reserve.statement." + verb), Kind: kind, Href: base + "/statement/" + verb})
	}
	may := reserve.MayClear(r.Actor)
	switch {
	case !had:
		s.Lines = []string{v.T("reserve.own.none")}
		if may {
			button("open", parts.Primary)
		}
	case p.State == reserve.Stopped:
		s.Lines = []string{v.T("reserve.own.stopped", "time", v.stamp(p.C.AsOf), "reason", p.Reason)}
		if may {
			button("reopen", parts.Primary)
		}
	default:
		s.Lines = []string{v.T("reserve.own.standing", "seq", p.C.Seq, "time", v.stamp(p.C.AsOf), "by", p.ClearedAs)}
		if may {
			button("stop", "")
		}
	}
	return s, err
}

func (g *Pages) proof(w http.ResponseWriter, r *shell.Request) error {
	v, err := g.proofView(r, nil)
	if err != nil {
		return err
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"reserve"}}, recordPage(v))
}

// check computes the whole book of this member again.
func (g *Pages) check(w http.ResponseWriter, r *shell.Request) error {
	a, err := g.desk.Check(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v, err := g.proofView(r, &a)
	if err != nil {
		return err
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"reserve"}}, recordPage(v))
}

func (v *pageView) audit(a *reserve.Audit) section {
	s := section{Panel: parts.Panel{ID: "audit", Title: v.T("reserve.audit.title")}, Defs: v.defs("postings", v.Number(a.Seq), "entries", v.Number(a.Entries), "accounts", v.Number(int64(len(a.Balances))),
		"head", dash(a.Head), "took", v.T("reserve.seconds", "n", v.Decimal(a.Took, 2)))}
	if a.Sound() {
		s.Body = boxed(parts.Tag(parts.Good, v.T("reserve.audit.sound")))
		return s
	}
	s.Body = boxed(parts.Tag(parts.Emergency, v.T("reserve.audit.broken")))
	t := parts.Table{Caption: v.T("reserve.audit.faults"), RowHead: true, Columns: []parts.Column{{Text: v.T("reserve.audit.what")}, {Text: v.T("reserve.col.posting"), Number: true}, {Text: v.T("reserve.col.account")}, {Text: v.T("reserve.audit.have"), Number: true}, {Text: v.T("reserve.audit.want"), Number: true}}}
	for _, f := range a.Faults {
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.T("reserve.audit." + f.What)}, {Text: v.Number(f.Seq)}, {Text: string(f.Key.Account)}, {Text: v.Number(f.Have)}, {Text: v.Number(f.Want)}})
	}
	s.Tables = []parts.Table{t}
	return s
}

// proofFile is the proof as a table: one row for each item, account and member.
func (g *Pages) proofFile(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.desk.Prove(r.Context(), r.Actor, parsed(r.URL.Query().Get("item")))
	if err != nil {
		return err
	}
	var rows []line
	for _, i := range p.Items {
		for _, x := range i.Rows {
			for k, n := range x.Cells {
				c := p.Members[k]
				rows = append(rows, line{Flat: []any{string(i.Item), i.Name, i.Unit, x.Kind, string(c.Member), c.Stated, optional(n), c.Seq, moment(c.AsOf), i.Balanced, i.Complete}})
			}
		}
	}
	return g.file(w, r, "reserve-proof", []string{"item", "item_name", "unit", "account", "member", "stated", "balance", "posting", "as_of", "balanced", "complete"}, rows)
}

type statementView struct {
	words
	Verb, Reason string
	Errors       parts.Errors
}

var statementVerbs = []string{"open", "stop", "reopen"}

func (g *Pages) showStatement(w http.ResponseWriter, r *shell.Request, status int, cause error) error {
	v := statementView{words: g.words(r), Verb: r.PathValue("verb"), Reason: r.PostForm.Get("reason"), Errors: parts.ErrorsOf(r.Printer, cause)}
	if !slices.Contains(statementVerbs, v.Verb) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if !reserve.MayClear(r.Actor) {
		return refusedRole(v.Verb)
	}
	return r.ShowStatus(w, status, shell.Page{Title: v.T("reserve.statement." + v.Verb)}, statementPage(v))
}

func (g *Pages) askStatement(w http.ResponseWriter, r *shell.Request) error {
	return g.showStatement(w, r, http.StatusOK, nil)
}

func (g *Pages) stepStatement(w http.ResponseWriter, r *shell.Request) error {
	verb := r.PathValue("verb")
	if !slices.Contains(statementVerbs, verb) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	_, err := g.desk.StepStatement(r.Context(), r.Actor, workflow.Verb(verb), text(r.PostForm.Get("reason")))
	if status := again(err); status != 0 {
		return g.showStatement(w, r, status, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "reserve.said.statement."+verb, nil)
	return r.Redirect(w, base+"/proof")
}

func (v *pageView) postingSection(p *ledger.Posting, names map[string]string) section {
	t := parts.Table{Caption: v.T("reserve.entries.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("reserve.col.account")}, {Text: v.T("reserve.col.item")}, {Text: v.T("reserve.col.lot")}, {Text: v.T("reserve.col.amount"), Number: true}}}
	for _, e := range p.Entries {
		lot := parts.Cell{Text: "–"}
		if e.Lot != "" {
			lot = parts.Cell{Text: id.ID(e.Lot).Short(), Href: reserve.Path(reserve.KindLot, id.ID(e.Lot))}
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.account(e.Account)}, {Text: named(names, e.Item), Href: reserve.Path(reserve.KindItem, id.ID(e.Item))}, lot, {Text: signed(v.words, e.Amount)}})
	}
	s := section{Panel: parts.Panel{ID: "entries", Title: v.T("reserve.entries.title")}, Tables: []parts.Table{t}, Note: v.T("reserve.entries.note")}
	reverses := ""
	if p.Reverses > 0 {
		reverses = v.T("reserve.posting", "seq", p.Reverses)
	}
	s.Defs = v.defs("kind", v.T("reserve.kind."+p.Kind), "at", v.Stamp(at(p)), "post", p.By, "words", p.Words, "reverses", reverses, "carrier_release", p.Release, "previous", dash(p.Prev), "digest", p.Digest)
	if p.Movement != "" {
		s.Buttons = []parts.Button{{Text: v.T("reserve.movement.open"), Href: reserve.Path(reserve.KindMovement, id.ID(p.Movement))}}
	}
	return s
}

func (g *Pages) readPosting(r *shell.Request) (ledger.Posting, pageView, error) {
	v := pageView{words: g.words(r)}
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil {
		return ledger.Posting{}, v, fault.New(fault.NotFound, "fault.not_found")
	}
	p, err := g.desk.Posting(r.Context(), r.Actor, seq)
	if err != nil {
		return p, v, err
	}
	names, err := g.names(r)
	v.Main = []section{v.postingSection(&p, names)}
	return p, v, err
}

func (g *Pages) posting(w http.ResponseWriter, r *shell.Request) error {
	p, v, err := g.readPosting(r)
	if err != nil {
		return err
	}
	title := v.T("reserve.posting", "seq", p.Seq)
	v.Tabs = v.tabs("book")
	v.Head = parts.PageHead{Title: title, Crumbs: v.crumbs("book", title), Actions: []parts.Button{v.print()}}
	if reserve.Reversible(p.Kind) && reserve.May(r.Actor, "reserve.correct") {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("reserve.reverse"), Icon: "undo-2", Href: base + "/postings/" + r.PathValue("seq") + "/reverse"})
	}
	return r.Show(w, shell.Page{Title: title}, recordPage(v))
}

type reverseView struct {
	words
	Title, Action, Cancel, Words string
	Posting                      section
	Errors                       parts.Errors
}

func (g *Pages) showReverse(w http.ResponseWriter, r *shell.Request, status int, cause error, form url.Values) error {
	p, v, err := g.readPosting(r)
	if err != nil {
		return err
	}
	path := base + "/postings/" + r.PathValue("seq")
	x := reverseView{words: v.words, Title: v.T("reserve.reverse.title", "seq", p.Seq), Action: path + "/reverse", Cancel: path, Words: form.Get("words"), Posting: v.Main[0], Errors: parts.ErrorsOf(r.Printer, cause)}
	return r.ShowStatus(w, status, shell.Page{Title: x.Title}, reversePage(x))
}

func (g *Pages) askReverse(w http.ResponseWriter, r *shell.Request) error {
	if !reserve.May(r.Actor, "reserve.correct") {
		return refusedRole("reverse")
	}
	return g.showReverse(w, r, http.StatusOK, nil, url.Values{})
}

func (g *Pages) reverse(w http.ResponseWriter, r *shell.Request) error {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	n, err := g.desk.Reverse(r.Context(), r.Actor, seq, text(r.PostForm.Get("words")))
	if status := again(err); status != 0 {
		return g.showReverse(w, r, status, err, r.PostForm)
	}
	if err != nil {
		return err
	}
	r.Say(w, "reserve.said.reverse", nil)
	return r.Redirect(w, base+"/postings/"+strconv.FormatInt(n, 10))
}
