package web

import (
	"net/url"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

func verbOf(s string) workflow.Verb { return workflow.Verb(s) }

func (v *recordView) add(b block) { v.Blocks = append(v.Blocks, b) }

// lines adds the rows of a group, if there are any.
func (v *recordView) lines(id string, form url.Values, g group) {
	title := v.T("request.group." + g.key)
	if t := v.table(form, g, title); t != nil {
		v.add(block{ID: id, Title: title, Count: str(len(t.Rows)), Table: t})
	}
}

func paragraphs(s string) []string {
	var out []string
	for p := range strings.SplitSeq(s, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// requestBlocks: at the requester the match stands first; at an addressee what
// is asked for.
func (g *Pages) requestBlocks(r *shell.Request, v *recordView) error {
	rq := v.P.Request
	m, err := g.desk.Matching(r.Context(), r.Actor, rq.ID)
	if err != nil {
		return err
	}
	c := *rq.Content()
	if rq.Sent != nil {
		v.add(v.match(&m))
		v.followers(&m)
	} else {
		c = rq.Draft
	}
	v.shown("content", c)
	if rq.Own() && rq.Sent != nil && rq.State != request.Issued && rq.Open() {
		v.differences("draft-changes", v.T("request.changes.draft"), request.Differences(&rq.Sent.Content, &rq.Draft))
	}
	if n := len(rq.Past); n > 0 {
		v.differences("changes", v.T("request.changes", "n", rq.Sent.Rev), request.Differences(&rq.Past[n-1].Content, &rq.Sent.Content))
	}
	if rq.Own() {
		v.addressees(rq)
	}
	if rq.Sent == nil {
		v.Blocks[0].Note = v.T("request.preview", "members", v.names(rq.To))
	}
	if !rq.Own() && rq.Open() && request.MayBegin(r.Actor, request.OwnOffer) {
		v.Links = append(v.Links, parts.Button{Text: v.T("request.offer_this"), Icon: "plus", Kind: parts.Primary, Href: base + "/new?what=offer&request=" + string(rq.ID)})
	}
	return nil
}

// shown is the content of a request as its addressees have it.
func (v *recordView) shown(id string, c request.Content) {
	form := spread(c)
	v.add(block{ID: id, Title: v.T("request.group.request"), Prose: paragraphs(c.Context), Defs: v.definitions(without(form, "context", "title"), requestGroups...)})
	v.lines("lines", form, requestGroups[1])
}

func without(f url.Values, names ...string) url.Values {
	for _, n := range names {
		f.Del(n)
	}
	return f
}

// match is how far each line is met: computed from records.
func (v *recordView) match(m *request.Match) block {
	b := block{ID: "match", Title: v.T("request.match"), Note: v.T("request.match.note")}
	t := &parts.Table{Caption: b.Title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.label("line")}, {Text: v.label("asked"), Number: true}, {Text: v.label("offered"), Number: true},
		{Text: v.T("request.axis.commit")}, {Text: v.T("request.axis.transit")}, {Text: v.T("request.axis.fulfil")}}}
	for _, l := range m.Lines {
		at, _ := m.Request.Content().Line(l.Line)
		t.Rows = append(t.Rows, []parts.Cell{{Text: str(l.Line) + ". " + at.Item, Note: at.Unit}, {Text: v.Number(l.Asked)}, {Text: v.Number(l.Offered)},
			v.axis(l.Commit, l.Committed), v.axis(l.Transit, l.Sent), v.axis(l.Fulfil, l.Came)})
	}
	b.Table = t
	return b
}

func (w words) axis(d request.Degree, n int64) parts.Cell {
	return parts.Cell{Body: axisMark(degreeGrade(d), w.T("request.degree."+string(d)), w.Number(n))}
}

// followers are the offers, arrangements, teams and goods that answer a
// request.
func (v *recordView) followers(m *request.Match) {
	var es []request.Entry
	for i := range m.Bids {
		es = append(es, request.Entry{Kind: m.Bids[i].Kind, Offer: &m.Bids[i]})
	}
	for i := range m.Arrangements {
		es = append(es, request.Entry{Kind: m.Arrangements[i].Kind, Arrangement: &m.Arrangements[i]})
	}
	for i := range m.Teams {
		es = append(es, request.Entry{Kind: m.Teams[i].Kind, Deployment: &m.Teams[i]})
	}
	for i := range m.Consignments {
		es = append(es, request.Entry{Kind: m.Consignments[i].Kind, Consignment: &m.Consignments[i]})
	}
	var rs []row
	for i := range es {
		rs = append(rs, v.row(&es[i]))
	}
	b := block{ID: "followers", Title: v.T("request.followers"), Count: str(len(rs)), Body: rows(v.words, rs)}
	if len(rs) == 0 {
		b.Body, b.Count, b.Note = nil, "", v.T("request.followers.none")
	}
	v.add(b)
}

// differences are what a version says otherwise than the one before.
func (v *recordView) differences(id, title string, ds []request.Difference) {
	if len(ds) == 0 {
		return
	}
	t := &parts.Table{Caption: title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.label("what")}, {Text: v.label("line")}, {Text: v.T("request.was")}, {Text: v.T("request.is")}}}
	for _, d := range ds {
		line := parts.Cell{}
		if d.Line > 0 {
			line.Text = str(d.Line)
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.label(d.Field)}, line, {Text: dash(v.value(d.Field, d.Was))}, {Text: dash(v.value(d.Field, d.Is))}})
	}
	v.add(block{ID: id, Title: title, Table: t})
}

// value says a value of a field of a request in words.
func (w words) value(name, v string) string {
	for _, g := range requestGroups {
		for _, s := range g.fields {
			if s.name == name {
				if s.kind == "many" {
					return w.show(s, strings.Split(v, ", "))
				}
				return w.show(s, []string{v})
			}
		}
	}
	return v
}

func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// addressees are how each stands to the request; the silent are named.
func (v *recordView) addressees(rq *request.Request) {
	t := &parts.Table{Caption: v.T("request.addressees"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.label("member")}, {Text: v.T("request.delivered")}, {Text: v.T("request.opened")}, {Text: v.T("request.answered")}}}
	for _, m := range rq.To {
		var a request.Answer
		for _, x := range rq.Answers {
			if x.Member == m {
				a = x
			}
		}
		answer := parts.Cell{Text: v.T("request.no_answer")}
		switch {
		case !a.Offered.IsZero():
			answer = parts.Cell{Text: v.T("request.has_offered", "time", v.ShortStamp(a.Offered)), Note: a.Post}
		case !a.Declined.IsZero():
			answer = parts.Cell{Text: v.T("request.has_declined", "time", v.ShortStamp(a.Declined)), Note: a.Words}
		case rq.Sent == nil, m == access.ASEC:
			answer = parts.Cell{Text: "—"}
		}
		row := []parts.Cell{{Body: parts.PlateMark(v.plate(m, parts.Plain))}, {Text: "—"}, {Text: "—"}, answer}
		if !a.Delivered.IsZero() {
			row[1] = parts.Cell{At: a.Delivered}
		}
		if !a.Opened.IsZero() {
			row[2] = parts.Cell{At: a.Opened}
		}
		t.Rows = append(t.Rows, row)
	}
	v.add(block{ID: "addressees", Title: t.Caption, Count: str(len(rq.To)), Table: t})
}

// forLine names a line of the request that an offer answers, as far as that
// request is here.
func (v *recordView) forLine(n int) string {
	for _, o := range v.forLines {
		if o.Value == str(n) {
			return o.Text
		}
	}
	return v.label("line") + " " + str(n)
}

func (g *Pages) offerBlocks(r *shell.Request, v *recordView) {
	o := v.P.Offer
	form := spread(o.OfferContent)
	v.add(block{ID: "offer", Title: v.T("request.group.offer"), Prose: paragraphs(o.OfferContent.Words), Defs: v.definitions(without(form, "words", "title"), offerGroups...)})
	v.lines("lines", form, offerGroups[1])
	if o.Request != "" {
		if p, err := g.desk.Page(r.Context(), r.Actor, o.Request); err == nil && p.Request != nil {
			v.forLines = v.lineOptions(p.Request)
		}
	}
	if d := o.Decision; d != nil {
		t := &parts.Table{Caption: v.T("request.decision"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.label("line")}, {Text: v.label("offered"), Number: true}, {Text: v.T("request.taken"), Number: true}, {Text: v.label("for")}}}
		for _, l := range o.Lines {
			x := d.TakenOf(l.N)
			row := []parts.Cell{{Text: str(l.N) + ". " + l.Item}, {Text: v.Number(l.Qty)}, {Text: v.Number(x.Qty)}, {Text: "—"}}
			if x.For > 0 {
				row[3].Text = v.forLine(x.For)
			}
			t.Rows = append(t.Rows, row)
		}
		v.add(block{ID: "decision", Title: t.Caption, Prose: paragraphs(d.Words), Table: t, Note: v.T("request.decided", "post", d.Post, "time", v.Stamp(d.At))})
	}
	if o.State == request.Accepted || o.State == request.Partly {
		for _, what := range []string{"arrangement", "consignment", "deployment"} {
			if kind := makers[what].kind; request.MayBegin(r.Actor, kind) && (o.Own() || what == "arrangement") {
				v.Links = append(v.Links, parts.Button{Text: v.T("request.begin." + what), Icon: "plus", Href: base + "/new?what=" + what + "&offer=" + string(o.ID)})
			}
		}
	}
}
