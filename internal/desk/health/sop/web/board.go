package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health"
	"lintas/internal/desk/health/sop"
	healthweb "lintas/internal/desk/health/web"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// boardsView is how far the members are, playbook by playbook.
type boardsView struct {
	words
	Head   parts.PageHead
	Tabs   []parts.Tab
	Path   string
	Boards []boardView
	Empty  parts.Empty
	Files  []parts.Link
}

type boardView struct {
	ID, Title, Aside string
	Silent           []parts.Plate
	Back             []string // who took back what it had told, when and why
	Table            parts.Table
	Not              parts.Table
	Note             string
}

func (g *Pages) board(w http.ResponseWriter, r *shell.Request) error {
	list, err := g.desk.Boards(r.Context(), r.Actor, r.URL.Query().Get("code"))
	if err != nil {
		return err
	}
	v := boardsView{words: g.words(r), Path: r.URL.RequestURI(), Files: files(progress, r.URL.Query())}
	v.Tabs = v.tabs(progress)
	v.Head = parts.PageHead{Title: v.T("sop.board.title"), Lede: v.T("sop.board.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	v.Empty = parts.Empty{Title: v.T("sop.board.none"), Text: v.T("sop.board.none.text")}
	for i := range list {
		v.Boards = append(v.Boards, v.one(i, &list[i]))
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"progress", "desk"}}, boardPage(v))
}

func (v *boardsView) one(i int, b *sop.Board) boardView {
	out := boardView{ID: "board-" + str(i+1), Title: b.Title + ": " + b.Subject, Aside: v.reports(b)}
	out.Table = parts.Table{Caption: out.Title, RowHead: true, Cards: true, Columns: v.cols("step")}
	out.Not = parts.Table{Caption: v.T("sop.board.not"), RowHead: true, Cards: true, Columns: v.cols("step", "owner", "because")}
	asof := []parts.Cell{{Text: v.T("sop.col.as_of")}}
	for j := range b.Members {
		m := &b.Members[j]
		out.Table.Columns = append(out.Table.Columns, parts.Column{Text: string(m.Member)})
		switch {
		case !m.Back.IsZero():
			out.Back = append(out.Back, v.T("sop.board.back", "member", v.name(m.Member), "time", v.Stamp(m.Back), "reason", m.BackWhy))
			asof = append(asof, parts.Cell{Body: silent(v.T("sop.board.taken_back"))})
		case !m.Reported:
			out.Silent = append(out.Silent, v.plate(m.Member, parts.Missing))
			asof = append(asof, parts.Cell{Body: silent(v.T("sop.no_report"))})
		default:
			c := parts.Cell{Text: v.ShortStamp(m.Progress.AsOf)}
			if m.Here {
				c.Note = v.T("sop.board.here")
			}
			asof = append(asof, c)
		}
	}
	out.Table.Rows = append(out.Table.Rows, asof)
	for _, s := range b.Steps {
		row := []parts.Cell{{Text: s.Code + " " + s.Title}}
		for j := range b.Members {
			row = append(row, v.cell(&b.Members[j], s.Code))
			if p, ok := b.Members[j].Cell(s.Code); ok && p.Because != "" {
				out.Not.Rows = append(out.Not.Rows, []parts.Cell{{Text: s.Code + " " + s.Title}, {Text: v.name(b.Members[j].Member)}, {Text: p.Because}})
			}
		}
		out.Table.Rows = append(out.Table.Rows, row)
	}
	if b.Digests > 1 {
		out.Note = v.T("sop.board.digests", "n", b.Digests)
	}
	return out
}

// reports says how many states report of those that are asked, and names the
// Secretariat apart: it is no state.
func (v *boardsView) reports(b *sop.Board) string {
	if !b.Family {
		return v.T("sop.board.single")
	}
	n, of := b.Reports()
	out := v.T("sop.board.reports", "n", n, "all", of)
	if of == 0 {
		out = ""
	}
	if s := b.Secretariat(); s != nil {
		key := "sop.board.desk.no_report"
		if s.Reported {
			key = "sop.board.desk.reports"
		}
		out = strings.TrimSpace(out + ". " + v.T(key))
	}
	return strings.TrimPrefix(out, ". ")
}

// cell is the state of a step at a member; who reported nothing says so in
// every line, so that nobody takes an empty cell for "nothing to do".
func (v *boardsView) cell(m *sop.BoardMember, code string) parts.Cell {
	if !m.Back.IsZero() {
		return parts.Cell{Body: silent(v.T("sop.board.taken_back"))}
	}
	if !m.Reported {
		return parts.Cell{Body: silent(v.T("sop.no_report"))}
	}
	s, ok := m.Cell(code)
	if !ok {
		return parts.Cell{Text: v.T("sop.not_in_version")}
	}
	state := v.state(sop.KindTask, s.State)
	if s.State == sop.Not { // not here, but there
		state = parts.Tag(stateGrade(s.State), v.T("sop.col.not"))
	}
	c := parts.Cell{Body: boardCell(state, v.fileLinks(m, s.Files))}
	if !settledState(s.State) && !s.Due.IsZero() && s.Due.Before(v.now) {
		c.Note = v.T("sop.late")
	}
	return c
}

func (g *Pages) boardFile(w http.ResponseWriter, r *shell.Request) error {
	list, err := g.desk.Boards(r.Context(), r.Actor, r.URL.Query().Get("code"))
	if err != nil {
		return err
	}
	return table(w, r, "progress", []string{"playbook", "subject", "member", "report", "version", "digest", "level", "as_of", "step", "title", "state", "due", "done", "because", "release"}, func(row func(...any) error) error {
		for i := range list {
			for j := range list[i].Members {
				m := &list[i].Members[j]
				if !m.Reported {
					report := "no report"
					if !m.Back.IsZero() {
						report = "taken back"
					}
					if err := row(list[i].Code, list[i].Subject, string(m.Member), report, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil); err != nil {
						return err
					}
					continue
				}
				p := &m.Progress
				report := "released"
				if m.Here {
					report = "own"
				}
				for _, s := range p.Steps {
					if err := row(p.Code, p.Subject, string(m.Member), report, p.Number, p.Digest, p.Level, p.AsOf, s.Code, s.Title, string(s.State), when(s.Due), when(s.Done), s.Because, string(m.Release)); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// driftView is how a version of a playbook went.
type driftView struct {
	words
	D        *sop.DriftPage
	Head     parts.PageHead
	Path     string
	Versions []parts.Link
	Table    parts.Table
	Said     []saidView
	Files    []parts.Link
	Edit     *parts.Button
}

// saidView is why a step did not go as planned, in the words of those who
// could not do it.
type saidView struct {
	Step  string
	Lines []string
}

func (g *Pages) findDrift(r *shell.Request) (sop.DriftPage, error) {
	pid, err := r.PathID("id")
	if err != nil {
		return sop.DriftPage{}, err
	}
	return g.desk.Drift(r.Context(), r.Actor, pid)
}

func (g *Pages) drift(w http.ResponseWriter, r *shell.Request) error {
	d, err := g.findDrift(r)
	if err != nil {
		return err
	}
	v := driftView{words: g.words(r), D: &d, Path: r.URL.RequestURI(), Files: files(sop.PlaybookPath(d.ID)+"/drift", nil)}
	v.Head = parts.PageHead{Title: v.T("sop.drift.title", "title", d.Title), Lede: v.T("sop.drift.lede", "n", d.Runs), Crumbs: []parts.Link{{Text: d.Title, Href: sop.PlaybookPath(d.ID)}, {Text: v.T("sop.drift")}},
		Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	if d.State == sop.Published && d.Next == "" && sop.MayWrite(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("sop.next"), Icon: "pencil", Kind: parts.Primary, Href: books + "/new?from=" + string(d.ID)})
	} else if d.Next != "" {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("sop.next.open"), Icon: "pencil", Href: sop.PlaybookPath(d.Next)})
	}
	all, err := g.desk.Versions(r.Context(), r.Actor, d.Code)
	if err != nil {
		return err
	}
	for _, x := range all {
		v.Versions = append(v.Versions, parts.Link{Text: v.version(x.Number), Href: sop.PlaybookPath(x.ID) + "/drift", Current: x.ID == d.ID})
	}
	v.rows()
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}, Marking: string(d.Marking)}, driftPage(v))
}

func (v *driftView) rows() {
	v.Table = parts.Table{Caption: v.Head.Title, RowHead: true, Cards: true, Columns: v.cols("step", "planned", "actual", "asked", "finished", "late", "blocked", "not", "skipped", "bare")}
	for i := range v.D.Steps {
		d := &v.D.Steps[i]
		actual := parts.Cell{Text: "–"}
		if d.Done > 0 {
			actual = parts.Cell{Text: v.T("sop.drift.median", "time", v.Duration(d.Median)), Note: v.T("sop.drift.range", "least", v.Duration(d.Least), "most", v.Duration(d.Most), "n", d.Done)}
		}
		bare := parts.Cell{Text: number(d.Bare)}
		if d.Never() {
			bare.Note = v.T("sop.drift.never")
		}
		blocked := parts.Cell{Text: number(d.Blocked)}
		if d.Waited > 0 {
			blocked.Note = v.Duration(d.Waited)
		}
		v.Table.Rows = append(v.Table.Rows, []parts.Cell{{Text: d.Code + " " + d.Title}, {Text: v.clock(d.Within, d.Of)}, actual, {Text: str(d.Runs)}, {Text: number(d.Finished)}, {Text: number(d.Late)},
			blocked, {Text: number(len(d.Not))}, {Text: number(len(d.Skips))}, bare})
		v.reasons(d)
	}
}

func (v *driftView) reasons(d *sop.Drift) {
	s := saidView{Step: d.Code + " " + d.Title}
	for _, x := range d.Blocks {
		time := v.T("sop.drift.lasts")
		if !x.Lasts {
			time = took(v.Printer, x.For)
		}
		s.Lines = append(s.Lines, v.T("sop.drift.blocked", "reason", x.Reason, "subject", x.Subject, "time", time))
	}
	for _, x := range d.Not {
		s.Lines = append(s.Lines, v.T("sop.drift.not", "reason", x.Reason, "subject", x.Subject))
	}
	for _, x := range d.Skips {
		s.Lines = append(s.Lines, v.T("sop.drift.skipped", "reason", x.Reason, "subject", x.Subject))
	}
	if s.Lines != nil {
		v.Said = append(v.Said, s)
	}
}

func (g *Pages) driftFile(w http.ResponseWriter, r *shell.Request) error {
	d, err := g.findDrift(r)
	if err != nil {
		return err
	}
	said := func(all []sop.Said) string {
		var out []string
		for _, s := range all {
			out = append(out, s.Subject+": "+s.Reason)
		}
		return strings.Join(out, "; ")
	}
	hours := func(n int, t time.Duration) any {
		if n == 0 {
			return nil
		}
		return t.Hours()
	}
	head := []string{"playbook", "number", "digest", "step", "title", "planned_hours", "counted_from", "asked", "finished", "verified", "timed", "median_hours", "least_hours", "most_hours", "late", "open", "blocked", "blocked_hours",
		"blocked_because", "not_executable", "not_executable_because", "skipped", "skipped_because", "evidence_given", "evidence_missing"}
	return table(w, r, "drift", head, func(row func(...any) error) error {
		for i := range d.Steps {
			s := &d.Steps[i]
			of := s.Of
			if of == "" {
				of = "start"
			}
			if err := row(d.Code, d.Number, d.Digest, s.Code, s.Title, hours(int(s.Within), s.Within), of, s.Runs, s.Finished, s.Verified, s.Done, hours(s.Done, s.Median), hours(s.Done, s.Least), hours(s.Done, s.Most),
				s.Late, s.Open, s.Blocked, s.Waited.Hours(), said(s.Blocks), len(s.Not), said(s.Not), len(s.Skips), said(s.Skips), s.Shown, s.Bare); err != nil {
				return err
			}
		}
		return nil
	})
}

// Panel stands on the page of an event: the playbooks in use for it.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "sops", Title: "sop.panel.title", Side: true, Body: g.panel}
}

type panelView struct {
	words
	Lines []panelLine
	New   string
}

type panelLine struct {
	Text, Href, Note string
	Late             int
}

func (g *Pages) panel(r *shell.Request, e health.EventView) (templ.Component, error) {
	if !sop.Capabilities.May(r.Actor, "sop.read") {
		return nil, nil
	}
	list, err := g.desk.OnEvent(r.Context(), r.Actor, e.ID)
	if err != nil {
		return nil, err
	}
	v := panelView{words: g.words(r)}
	for i := range list {
		x := &list[i]
		note := v.T("sop.of", "n", x.Counts.Settled(), "all", x.Counts.All())
		if x.State != sop.Open {
			note = v.T("sop.run.state." + string(x.State))
		} else if x.Over {
			note += ". " + v.T("sop.over")
		}
		v.Lines = append(v.Lines, panelLine{Text: x.Title, Href: sop.RunPath(x.ID), Note: note, Late: x.Counts.Late})
	}
	if sop.MayStart(r.Actor) && e.Owner == g.desk.Member() {
		v.New = runs + "/new?event=" + string(e.ID)
	}
	if len(v.Lines) == 0 && v.New == "" {
		return nil, nil
	}
	return panelBody(v), nil
}
