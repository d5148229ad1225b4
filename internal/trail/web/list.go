package web

import (
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
	"lintas/internal/sheet"
	"lintas/internal/trail"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// listView is one of the three lists of the trail.
type listView struct {
	Words
	Head    parts.PageHead
	Tabs    []parts.Tab
	Base    string
	Path    string
	Query   string
	Selects []parts.Select
	Any     bool // something is filtered
	Table   parts.Table
	None    parts.Empty
	Pager   parts.Pager
	Files   []parts.Link
	Note    string
}

const perPage = 50

func filterOf(q url.Values) trail.Filter {
	page, _ := strconv.Atoi(q.Get("page"))
	return trail.Filter{Query: q.Get("q"), Owner: access.Member(q.Get("owner")), Proposer: access.Member(q.Get("proposer")), State: workflow.State(q.Get("state")),
		Theme: q.Get("theme"), Group: q.Get("group"), Source: id.ID(q.Get("source")), About: id.ID(q.Get("about")), Late: q.Get("due") == "late", Open: q.Get("due") == "open",
		Limit: perPage, Offset: max(page-1, 0) * perPage}
}

// choice is a select of the filter; its first option filters nothing.
func (w Words) choice(q url.Values, name string, values []string, say func(string) string) parts.Select {
	s := parts.Select{Field: parts.Field{Name: name, Label: w.T("trail.filter." + name)}, Blank: w.T("trail.filter.all")}
	for _, v := range values {
		s.Options = append(s.Options, parts.Option{Value: v, Text: say(v), Chosen: q.Get(name) == v})
	}
	return s
}

func (g *Pages) listOf(r *shell.Request, kind, base string, states []workflow.State) listView {
	q := r.URL.Query()
	v := listView{Words: g.words(r), Base: base, Path: r.URL.RequestURI(), Query: q.Get("q")}
	v.Head = parts.PageHead{Title: v.T("trail." + kind + ".title"), Lede: v.T("trail." + kind + ".lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	for _, t := range []struct{ kind, href string }{{"actions", actionsPath}, {"findings", findingsPath}, {"recommendations", recommendationsPath}} {
		v.Tabs = append(v.Tabs, parts.Tab{Text: v.T("trail." + t.kind + ".tab"), Href: t.href, Count: -1, Current: t.href == base})
	}
	say := func(begin string) func(string) string { return func(s string) string { return v.T(begin + s) } }
	v.Selects = []parts.Select{v.choice(q, "owner", strs(access.All()), func(s string) string { return v.Name(access.Member(s)) }), v.choice(q, "state", strs(states), say("trail.state.")),
		v.choice(q, "theme", trail.Themes, v.Theme), v.choice(q, "group", trail.Groups, say("trail.group."))}
	if kind == "actions" {
		v.Selects = append(v.Selects, v.choice(q, "due", []string{"open", "late"}, say("trail.filter.due.")))
	}
	for k, s := range q {
		v.Any = v.Any || k != "page" && len(s) > 0 && s[0] != ""
	}
	v.None = parts.Empty{Title: v.T("trail." + kind + ".none"), Text: v.T("trail." + kind + ".none.text")}
	if v.Any {
		v.None = parts.Empty{Title: v.T("trail.none.filtered"), Text: v.T("trail.none.filtered.text"), Action: parts.Button{Text: v.T("health.list.reset"), Href: base}}
	}
	v.Files = []parts.Link{{Text: "CSV", Href: base + ".csv" + with(q, "page", "")}, {Text: "XLSX", Href: base + ".xlsx" + with(q, "page", "")}}
	return v
}

func (v *listView) pages(q url.Values, n int, more bool) {
	page, _ := strconv.Atoi(q.Get("page"))
	page = max(page, 1)
	if page > 1 {
		v.Pager.Previous = v.Base + with(q, "page", str(page-1))
	}
	if more {
		v.Pager.Next = v.Base + with(q, "page", str(page+1))
	}
	if page > 1 || more {
		v.Pager.Text = v.T("trail.pager", "from", (page-1)*perPage+1, "to", (page-1)*perPage+n)
	}
}

func (g *Pages) show(w http.ResponseWriter, r *shell.Request, v listView) error {
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

// asFile reports the format of a download.
func asFile(r *shell.Request) (sheet.Format, bool) {
	switch path.Ext(r.URL.Path) {
	case ".csv":
		return sheet.CSV, true
	case ".xlsx":
		return sheet.XLSX, true
	}
	return "", false
}

// download writes rows as a table; the filter holds, pages do not.
func download(w http.ResponseWriter, r *shell.Request, f sheet.Format, name string, head []string, rows [][]any) error {
	h := w.Header()
	h.Set("Content-Type", f.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+r.Now.UTC().Format(time.DateOnly)+`.`+string(f)+`"`)
	out, err := sheet.Create(w, f, name)
	if err == nil {
		err = out.Head(head...)
	}
	for _, row := range rows {
		if err == nil {
			err = out.Row(row...)
		}
	}
	if err != nil {
		return err
	}
	return out.Close()
}

// every reads all pages of a list for a download.
func every[T any](f trail.Filter, read func(f trail.Filter) ([]T, bool, error)) ([]T, error) {
	f.Limit, f.Offset = 500, 0
	var out []T
	for {
		list, more, err := read(f)
		out = append(out, list...)
		if err != nil || !more || len(out) >= 20000 {
			return out, err
		}
		f.Offset += f.Limit
	}
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func (g *Pages) actions(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	if format, ok := asFile(r); ok {
		list, err := every(f, func(f trail.Filter) ([]trail.Pair, bool, error) { return g.desk.Actions(r.Context(), r.Actor, f) })
		var rows [][]any
		for i := range list {
			p := &list[i]
			t, reason, progress := p.Terms(), p.Proposal.Reason, ""
			if p.Action != nil {
				if p.Action.Reason != "" {
					reason = p.Action.Reason
				}
				if n := len(p.Action.Notes); n > 0 {
					progress = p.Action.Notes[n-1].Words
				}
			}
			rows = append(rows, []any{string(p.Proposal.ID), p.Proposal.Title, t.Deliverable, string(p.Proposal.For), string(p.Proposal.Owner), string(p.Stage), t.By, p.Late, p.Proposal.Theme,
				strings.Join(p.Proposal.Affected, " "), p.Proposal.Measure, progress, reason, string(p.Proposal.Source.ID), p.Proposal.Source.Title, string(p.Proposal.Marking), p.Proposal.Exercise})
		}
		if err != nil {
			return err
		}
		return download(w, r, format, "actions", []string{"action", "title", "deliverable", "owner", "proposer", "state", "due", "overdue", "theme", "affected", "measure", "progress", "reason", "source", "source_title",
			"marking", "exercise"}, rows)
	}
	list, more, err := g.desk.Actions(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	v := g.listOf(r, "actions", actionsPath, trail.Stages)
	v.Table = v.ActionTable(list, v.Head.Title)
	v.Note = v.T("trail.actions.note")
	v.pages(q, len(list), more)
	return g.show(w, r, v)
}

func (g *Pages) findings(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	if format, ok := asFile(r); ok {
		list, err := every(f, func(f trail.Filter) ([]trail.FindingRow, bool, error) {
			return g.desk.Findings(r.Context(), r.Actor, f)
		})
		if err != nil {
			return err
		}
		var rows [][]any
		for i := range list {
			x := &list[i]
			rows = append(rows, []any{string(x.ID), string(x.Owner), string(x.State), x.Sort, x.Title, x.Planned, x.Happened, x.Well, x.Badly, x.Method, strings.Join(x.Whys, " > "),
				strings.Join(x.Factors, " "), x.Cause, x.Clock, x.Theme, strings.Join(x.Affected, " "), x.AffectedHow, x.Evidence, x.NoAction, x.Follows, string(x.Source.ID), x.Source.Title,
				stamp(x.Released), string(x.Marking), x.Exercise})
		}
		return download(w, r, format, "findings", []string{"finding", "owner", "state", "kind", "title", "planned", "happened", "went_well", "went_badly", "method", "whys", "factors", "root_cause", "clock",
			"theme", "affected", "affected_how", "evidence", "no_action_because", "followed_by", "source", "source_title", "released", "marking", "exercise"}, rows)
	}
	list, more, err := g.desk.Findings(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	v := g.listOf(r, "findings", findingsPath, []workflow.State{trail.Draft, trail.Final, trail.Released, trail.Withdrawn})
	v.Table = v.FindingTable(list, v.Head.Title)
	v.pages(q, len(list), more)
	return g.show(w, r, v)
}

// FindingTable are findings with their theme, who was affected, and how many
// records follow.
func (w Words) FindingTable(list []trail.FindingRow, caption string) parts.Table {
	t := parts.Table{Caption: caption, RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("trail.col.finding")}, {Text: w.T("trail.col.sort")}, {Text: w.T("trail.col.by")},
		{Text: w.T("trail.col.theme")}, {Text: w.T("trail.col.affected")}, {Text: w.T("trail.col.state")}, {Text: w.T("trail.col.follows"), Number: true}}}
	for i := range list {
		x := &list[i]
		title := x.Title
		if x.State == trail.Withdrawn {
			title = w.T("trail.withdrawn")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: title, Href: trail.Path(trail.KindFinding, x.ID), Note: x.Source.Title}, {Text: w.sort(x.Sort)}, {Body: parts.PlateMark(w.Plate(x.Owner))},
			{Text: w.Theme(x.FindingText.Theme)}, {Text: w.Affected(x.FindingText.Affected)}, {Body: w.state(x.State)}, {Text: str(x.Follows)}})
	}
	return t
}

func (w Words) sort(s string) string {
	if s == "" {
		return "–"
	}
	return w.T("trail.sort." + s)
}

func (g *Pages) recommendations(w http.ResponseWriter, r *shell.Request) error {
	q := r.URL.Query()
	f := filterOf(q)
	if format, ok := asFile(r); ok {
		list, err := every(f, func(f trail.Filter) ([]trail.RecommendationRow, bool, error) {
			return g.desk.Recommendations(r.Context(), r.Actor, f)
		})
		if err != nil {
			return err
		}
		var rows [][]any
		for i := range list {
			x := &list[i]
			rows = append(rows, []any{string(x.ID), string(x.Owner), string(x.State), x.Title, x.Text, x.Way, x.Priority, x.Theme, strings.Join(strs(x.For), " "), strings.Join(strs(x.Awaited), " "),
				strings.Join(x.Affected, " "), strings.Join(strs(x.Findings), " "), string(x.Source.ID), x.Source.Title, stamp(x.Released), string(x.Marking), x.Exercise})
		}
		return download(w, r, format, "recommendations", []string{"recommendation", "owner", "state", "title", "text", "kind", "priority", "theme", "for", "awaited", "affected", "findings", "source", "source_title",
			"released", "marking", "exercise"}, rows)
	}
	list, more, err := g.desk.Recommendations(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	v := g.listOf(r, "recommendations", recommendationsPath, []workflow.State{trail.Draft, trail.Final, trail.Released, trail.Withdrawn})
	v.Table = parts.Table{Caption: v.Head.Title, RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("trail.col.recommendation")}, {Text: v.T("trail.col.by")}, {Text: v.T("trail.col.for")},
		{Text: v.T("trail.col.awaited")}, {Text: v.T("trail.col.priority")}, {Text: v.T("trail.col.theme")}, {Text: v.T("trail.col.state")}}}
	for i := range list {
		x := &list[i]
		row := []parts.Cell{{Text: x.Title, Href: trail.Path(trail.KindRecommendation, x.ID), Note: x.Source.Title}, {Body: parts.PlateMark(v.Plate(x.Owner))}, {Body: parts.Plates(v.Plates(x.For))},
			{Text: "–"}, {Text: "–"}, {Text: v.Theme(x.RecommendationText.Theme)}, {Body: v.state(x.State)}}
		if x.State == trail.Withdrawn {
			row[0].Text = v.T("trail.withdrawn")
		} else {
			row[4].Text = v.T("trail.priority." + x.Priority)
		}
		if len(x.Awaited) > 0 {
			row[3] = parts.Cell{Body: parts.Plates(missing(v.Plates(x.Awaited)))}
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	v.pages(q, len(list), more)
	return g.show(w, r, v)
}

// missing draws the plates of those that have not answered.
func missing(list []parts.Plate) []parts.Plate {
	for i := range list {
		list[i].State = parts.Missing
	}
	return list
}
