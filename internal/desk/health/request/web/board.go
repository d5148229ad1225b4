package web

import (
	"net/http"
	"strings"

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
	Lines   parts.Table
	Moves   parts.Table
	Empty   bool
}

func (g *Pages) board(w http.ResponseWriter, r *shell.Request) error {
	b, err := g.desk.Board(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := boardView{words: g.words(r), Path: r.URL.RequestURI(), Empty: len(b.Lines) == 0 && len(b.Moves) == 0}
	v.Head = parts.PageHead{Title: v.T("request.board"), Lede: v.T("request.board.lede"), Crumbs: []parts.Link{{Text: v.T("request.title"), Href: base}, {Text: v.T("request.board")}},
		Actions: []parts.Button{{Text: v.T("request.print"), Icon: "printer", Print: true}, {Text: v.T("request.xlsx"), Icon: "download", Href: base + "/board.xlsx"}}}
	v.Figures = []parts.Figure{{Label: v.T("request.board.requests"), Value: str(b.Requests)}, {Label: v.T("request.board.open"), Value: str(b.Open)},
		{Label: v.T("request.board.moves"), Value: str(len(b.Moves))}, {Label: v.T("request.board.overdue"), Value: str(b.Overdue)}}
	v.Lines = parts.Table{Caption: v.T("request.board.lines"), RowHead: true, Columns: []parts.Column{{Text: v.T("request.board.who")}, {Text: v.label("asked"), Number: true}, {Text: v.label("priority")},
		{Text: v.T("request.board.offers")}, {Text: v.T("request.axis.commit")}, {Text: v.T("request.axis.transit")}, {Text: v.T("request.axis.fulfil")}, {Text: v.T("request.board.answers")}}}
	for i := range b.Lines {
		v.Lines.Rows = append(v.Lines.Rows, v.boardRow(&b.Lines[i]))
	}
	v.Moves = parts.Table{Caption: v.T("request.board.way"), RowHead: true, Columns: []parts.Column{{Text: v.label("what")}, {Text: v.T("request.board.from_to")}, {Text: v.label("state")}, {Text: v.label("eta")}}}
	for _, m := range b.Moves {
		cell := parts.Cell{Text: m.What}
		if m.From == g.self || m.To == g.self {
			cell.Href = base + "/" + string(m.ID)
		}
		v.Moves.Rows = append(v.Moves.Rows, []parts.Cell{cell, {Body: wayMark(v.plate(m.From, parts.Plain), v.plate(m.To, parts.Plain))}, {Text: v.stage(m.Stage)}, {Text: dash(v.show(date("eta"), []string{m.ETA}))}})
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk", "board"}}, boardPage(v))
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
	out, err := sheetOf(w, r, "board", "xlsx")
	if err != nil {
		return err
	}
	if err := out.Head("request", "member", "title", "line", "category", "item", "asked", "unit", "priority", "needed_by", "offered", "committed", "sent", "received", "commit", "transit", "fulfil",
		"offers", "answer_by", "silent", "late", "told", "as_of"); err != nil {
		return err
	}
	for _, l := range b.Lines {
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
