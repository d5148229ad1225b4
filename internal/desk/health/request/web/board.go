package web

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/request"
	"lintas/internal/fault"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

type boardView struct {
	words
	Head    parts.PageHead
	Path    string
	Figures []parts.Figure
	Query   string
	Selects []parts.Select
	Narrow  bool
	Map     templ.Component
	Lines   parts.Table
	Found   int
	Pager   parts.Pager
	Moves   parts.Table
	Way     int
	Levels  parts.Table
	Reports parts.Table
	Empty   bool
}

// Rows of the board on one page: a person reads no more at once, and a page of
// thousands would be slow everywhere.
const (
	linesOnPage = 50
	movesOnPage = 30
)

func (g *Pages) board(w http.ResponseWriter, r *shell.Request) error {
	b, err := g.desk.Board(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := boardView{words: g.words(r), Path: r.URL.RequestURI(), Query: q.Get("q"), Empty: len(b.Lines) == 0 && len(b.Moves) == 0}
	v.Head = parts.PageHead{Title: v.T("request.board"), Lede: v.T("request.board.lede"), Crumbs: []parts.Link{{Text: v.T("request.title"), Href: base}, {Text: v.T("request.board")}},
		Actions: []parts.Button{{Text: v.T("request.print"), Icon: "printer", Print: true}, {Text: v.T("request.csv"), Icon: "download", Href: base + "/board.csv?" + q.Encode()},
			{Text: v.T("request.xlsx"), Icon: "download", Href: base + "/board.xlsx?" + q.Encode()}}}
	v.figures(&b)
	v.filters(q)
	found := narrow(b.Lines, q)
	v.Found, v.Way = len(found), len(b.Moves)
	v.page(found, q)
	v.moves(b.Moves)
	v.levels(b.Levels)
	v.reports(b.Reports)
	v.Map = v.drawMap(found, b.Moves)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk", "board"}, Map: v.Map != nil}, boardPage(v))
}

func (v *boardView) figures(b *request.Board) {
	v.Figures = []parts.Figure{{Label: v.T("request.board.requests"), Value: str(b.Requests)}, {Label: v.T("request.board.open"), Value: str(b.Open)},
		{Label: v.T("request.board.moves"), Value: str(len(b.Moves))}, {Label: v.T("request.board.overdue"), Value: str(b.Overdue)}}
	for _, l := range b.Levels {
		v.Figures = append(v.Figures, parts.Figure{Label: v.T("request.board.level"), Value: v.T("level.name." + str(l.Level)), Note: l.Name + " · " + v.Left(l.Until, v.now)})
	}
}

// filters of the lines, all in the address.
func (v *boardView) filters(q url.Values) {
	add := func(name, label string, values []string, say func(string) string) {
		s := parts.Select{Field: parts.Field{Name: name, Label: label}, Blank: v.T("request.board.any")}
		for _, x := range values {
			s.Options = append(s.Options, parts.Option{Value: x, Text: say(x), Chosen: q.Get(name) == x})
		}
		v.Selects = append(v.Selects, s)
		v.Narrow = v.Narrow || q.Get(name) != ""
	}
	v.Narrow = v.Query != ""
	var members []string
	for _, m := range access.All() {
		members = append(members, string(m))
	}
	add("member", v.T("request.board.who"), members, v.name)
	add("category", v.label("category"), request.Categories, func(s string) string { return v.T("request.category." + s) })
	add("priority", v.label("priority"), request.Priorities, func(s string) string { return v.T("request.priority." + s) })
	add("show", v.T("request.board.show"), []string{"open", "late"}, func(s string) string { return v.T("request.board.show." + s) })
}

// narrow are the lines that the filters of the address leave.
func narrow(lines []request.BoardLine, q url.Values) []*request.BoardLine {
	words := desk.Words(q.Get("q"))
	folded := map[string]string{} // lines share their titles and most of their items
	fold := func(s string) string {
		f, ok := folded[s]
		if !ok {
			f = health.Fold(s)
			folded[s] = f
		}
		return f
	}
	var out []*request.BoardLine
	for i := range lines {
		l := &lines[i]
		switch {
		case q.Get("member") != "" && q.Get("member") != string(l.Member), q.Get("category") != "" && q.Get("category") != l.Line.Category,
			q.Get("priority") != "" && q.Get("priority") != l.Line.Priority, q.Get("show") == "open" && l.Reach.Commit == request.Complete, q.Get("show") == "late" && !l.Late:
			continue
		}
		if len(words) > 0 {
			text := fold(l.Line.Item) + " " + fold(l.Title) + " " + fold(l.EventName) + " " + fold(l.Line.Spec)
			if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
				continue
			}
		}
		out = append(out, l)
	}
	return out
}

// page is the part of the lines that the address asks for.
func (v *boardView) page(found []*request.BoardLine, q url.Values) {
	from, err := strconv.Atoi(q.Get("from"))
	if err != nil || from < 0 || from >= len(found) {
		from = 0
	}
	to := min(from+linesOnPage, len(found))
	v.Lines = parts.Table{Caption: v.T("request.board.lines"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("request.board.who")}, {Text: v.label("asked"), Number: true}, {Text: v.label("priority")},
		{Text: v.T("request.board.offers")}, {Text: v.T("request.axis.commit")}, {Text: v.T("request.axis.transit")}, {Text: v.T("request.axis.fulfil")}, {Text: v.T("request.board.answers")}}}
	for _, l := range found[from:to] {
		v.Lines.Rows = append(v.Lines.Rows, v.boardRow(l))
	}
	v.Pager.Text = v.T("request.board.shown", "from", min(from+1, to), "to", to, "of", len(found))
	at := func(n int) string {
		q.Set("from", str(n))
		return base + "/board?" + q.Encode()
	}
	if from > 0 {
		v.Pager.Previous = at(max(0, from-linesOnPage))
	}
	if to < len(found) {
		v.Pager.Next = at(to)
	}
}

func (v *boardView) moves(moves []request.BoardMove) {
	v.Moves = parts.Table{Caption: v.T("request.board.way"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.label("what")}, {Text: v.T("request.board.from_to")}, {Text: v.label("state")}, {Text: v.label("eta")}}}
	for _, m := range moves[:min(len(moves), movesOnPage)] {
		cell := parts.Cell{Text: m.What}
		if m.From == v.self || m.To == v.self {
			cell.Href = base + "/" + string(m.ID)
		}
		v.Moves.Rows = append(v.Moves.Rows, []parts.Cell{cell, {Body: wayMark(v.plate(m.From, parts.Plain), v.plate(m.To, parts.Plain))}, {Text: v.stage(m.Stage)}, {Text: dash(v.show(date("eta"), []string{m.ETA}))}})
	}
}

// levels in force, each with the time until it ends.
func (v *boardView) levels(list []request.BoardLevel) {
	v.Levels = parts.Table{Caption: v.T("request.board.levels"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("request.board.family")}, {Text: v.T("request.board.level")}, {Text: v.T("request.board.ends")}}}
	for _, l := range list {
		v.Levels.Rows = append(v.Levels.Rows, []parts.Cell{{Text: l.Name, Href: l.Href}, {Text: v.T("level.name." + str(l.Level))}, {Text: v.Left(l.Until, v.now), Note: v.Stamp(l.Until)}})
	}
}

// reports are the regional situation reports with their inputs in n of those
// that were asked; who is missing is named.
func (v *boardView) reports(list []request.BoardReport) {
	v.Reports = parts.Table{Caption: v.T("request.board.reports"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("request.board.report")}, {Text: v.T("request.board.inputs")}, {Text: v.T("request.board.missing")}, {Text: v.T("request.board.cutoff")}}}
	for _, x := range list {
		missing := parts.Cell{Text: "–"}
		if len(x.Missing) > 0 {
			missing = parts.Cell{Body: missingMark(v.words, x)}
		}
		cut := parts.Cell{Text: v.Left(x.CutOff, v.now), Note: v.Stamp(x.CutOff)}
		if x.Done {
			cut = parts.Cell{Text: v.T("request.board.composed"), Note: v.Stamp(x.CutOff)}
		}
		v.Reports.Rows = append(v.Reports.Rows, []parts.Cell{{Text: x.Title, Href: x.Href, Note: "№ " + str(x.Number)}, {Text: v.T("request.board.in", "n", x.In, "of", x.Of)}, missing, cut})
	}
}

func (w words) boardRow(l *request.BoardLine) []parts.Cell {
	var offers []string
	for _, o := range l.Offers {
		text := w.name(string(o.Member)) + " " + w.Number(o.Qty)
		if o.Taken > 0 {
			text += " (" + w.T("request.board.taken", "qty", o.Taken) + ")"
		}
		offers = append(offers, text)
	}
	answers := parts.Cell{Text: w.T("request.board.answered")}
	switch {
	case l.Unclear:
		answers.Text = w.T("request.board.unclear")
	case l.SilentN > 0:
		answers = parts.Cell{Body: silentMark(w, l)}
	}
	urgency := parts.Cell{Text: dash(w.choice(pick("priority", "priority", request.Priorities), l.Line.Priority)), Note: w.show(date("needed_by"), []string{l.Line.NeededBy})}
	row := []parts.Cell{{Body: needMark(w, l)}, {Text: w.Number(l.Line.Qty), Note: l.Line.Unit}, urgency, {Text: dash(strings.Join(offers, "; "))}}
	if l.Unclear {
		return append(row, parts.Cell{Text: "?"}, parts.Cell{Text: "?"}, parts.Cell{Text: "?"}, answers)
	}
	return append(row, w.axis(l.Reach.Commit, l.Reach.Committed), w.axis(l.Reach.Transit, l.Reach.Sent), w.axis(l.Reach.Fulfil, l.Reach.Came), answers)
}

func (g *Pages) boardSheet(w http.ResponseWriter, r *shell.Request) error {
	if !health.Capabilities.May(r.Actor, "health.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	b, err := g.desk.Board(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	out, err := sheetOf(w, r, "board", strings.TrimPrefix(path.Ext(r.URL.Path), "."))
	if err != nil {
		return err
	}
	if err := out.Head("request", "member", "title", "line", "category", "item", "asked", "unit", "priority", "needed_by", "offered", "committed", "sent", "received", "commit", "transit", "fulfil",
		"offers", "answer_by", "silent", "late", "told", "as_of"); err != nil {
		return err
	}
	for _, l := range narrow(b.Lines, r.URL.Query()) {
		var offers []string
		for _, o := range l.Offers {
			offers = append(offers, string(o.Member)+" "+str(int(o.Qty)))
		}
		known := func(n int64) any {
			if l.Unclear {
				return nil // not told is not zero
			}
			return n
		}
		if err := out.Row(string(l.Request), string(l.Member), l.Title, l.Line.N, l.Line.Category, l.Line.Item, l.Line.Qty, l.Line.Unit, l.Line.Priority, l.Line.NeededBy, known(l.Reach.Offered),
			known(l.Reach.Committed), known(l.Reach.Sent), known(l.Reach.Came), string(l.Reach.Commit), string(l.Reach.Transit), string(l.Reach.Fulfil), strings.Join(offers, "; "), l.AnswerBy, l.SilentN,
			l.Late, !l.Unclear, l.AsOf); err != nil {
			return err
		}
	}
	return out.Close()
}
