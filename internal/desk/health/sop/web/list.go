package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/sop"
	"lintas/internal/id"
	"lintas/internal/locale"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// listView is one of the lists of the part.
type listView struct {
	words
	Head    parts.PageHead
	Tabs    []parts.Tab
	Base    string
	Path    string
	Query   url.Values
	Selects []parts.Select
	Search  bool
	ID      string
	Table   parts.Table
	Empty   parts.Empty
	Pager   parts.Pager
	Files   []parts.Link
	Note    string
	Samples parts.Table
}

func (g *Pages) listView(r *shell.Request, base string) listView {
	w := g.words(r)
	return listView{words: w, Tabs: w.tabs(base), Base: base, Path: r.URL.RequestURI(), Query: r.URL.Query(), Files: files(base, r.URL.Query()), Search: true,
		Head: parts.PageHead{Actions: []parts.Button{{Text: w.T("parts.print"), Icon: "printer", Print: true}}}}
}

// states is a filter by state.
func (v *listView) states(record string, all ...workflow.State) parts.Select {
	s := parts.Select{Field: parts.Field{Name: "state", Label: v.T("sop.col.state")}, Blank: v.T("health.list.any")}
	for _, x := range all {
		s.Options = append(s.Options, parts.Option{Value: string(x), Text: v.T(record + ".state." + string(x)), Chosen: v.Query.Get("state") == string(x)})
	}
	return s
}

func filterOf(q url.Values) sop.Filter {
	return sop.Filter{Query: q.Get("q"), State: workflow.State(q.Get("state")), Owner: access.Member(q.Get("owner")), Code: q.Get("code"), Event: id.ID(q.Get("event")), After: keyOf(q)}
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	rows, next, err := g.desk.ListPlaybooks(r.Context(), r.Actor, filterOf(r.URL.Query()))
	if err != nil {
		return err
	}
	v := g.listView(r, books)
	v.ID, v.Head.Title, v.Head.Lede = "playbooks", v.T("sop.list.title"), v.T("sop.list.lede")
	v.Empty = parts.Empty{Title: v.T("sop.list.none"), Text: v.T("sop.list.none.text")}
	if sop.MayWrite(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("sop.new"), Icon: "file-plus-2", Kind: parts.Primary, Href: books + "/new"})
	}
	if sop.MayStart(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("sop.start"), Icon: "play", Href: runs + "/new"})
	}
	v.Selects = []parts.Select{v.states(sop.KindPlaybook, sop.Draft, sop.Review, sop.Published, sop.Retired)}
	owner := parts.Select{Field: parts.Field{Name: "owner", Label: v.T("sop.col.owner")}, Blank: v.T("health.list.any")}
	for _, m := range access.All() {
		owner.Options = append(owner.Options, parts.Option{Value: string(m), Text: v.name(m), Chosen: v.Query.Get("owner") == string(m)})
	}
	v.Selects = append(v.Selects, owner)
	v.Table = parts.Table{Caption: v.Head.Title, RowHead: true, Cards: true, Columns: v.cols("playbook", "owner", "state", "version", "starts", "steps", "changed")}
	for i := range rows {
		v.Table.Rows = append(v.Table.Rows, v.bookRow(&rows[i]))
	}
	v.Pager = v.pager(books, v.Query, next)
	if len(v.Query) == 0 {
		v.samples(sop.MayWrite(r.Actor))
	}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (v *listView) bookRow(x *sop.PlaybookPage) []parts.Cell {
	plan, _ := sop.Parse(x.Text)
	note := x.Code
	if x.Sample {
		note += ", " + v.T("sop.sample")
	}
	return []parts.Cell{{Text: x.Title, Href: sop.PlaybookPath(x.ID), Note: note}, {Body: parts.PlateMark(v.plate(x.Owner, plateState(x.Own)))},
		{Body: v.state(sop.KindPlaybook, x.State)}, {Text: v.version(x.Number), Note: sop.Short(x.Digest)}, {Text: strings.Join(v.starts(&plan), "; ")}, {Text: str(len(plan.Steps))}, {Text: v.Stamp(x.Changed)}}
}

func plateState(own bool) parts.PlateState {
	if own {
		return parts.Lead
	}
	return parts.Plain
}

func (w words) version(n int) string {
	if n == 0 {
		return w.T("sop.version.none")
	}
	return w.T("sop.version", "n", n)
}

// starts says when a plan starts, by itself and by hand.
func (w words) starts(p *sop.Plan) []string {
	var out []string
	for _, t := range p.Triggers {
		out = append(out, w.T("sop.starts."+t.Kind, "level", w.T("level.name."+str(t.Min))))
	}
	return append(out, w.T("sop.starts.hand"))
}

func (v *listView) samples(may bool) {
	v.Samples = parts.Table{Caption: v.T("sop.samples.title"), RowHead: true, Cards: true, Columns: v.cols("playbook", "starts", "steps", "take")}
	for _, s := range sop.Samples() {
		row := []parts.Cell{{Text: s.Title, Note: s.Summary}, {Text: strings.Join(v.starts(&s.Plan), "; ")}, {Text: str(len(s.Steps))}, {Text: "–"}}
		if may {
			row[3] = parts.Cell{Body: parts.ButtonMark(v.Printer, parts.Button{Text: v.T("sop.take"), Small: true, Href: books + "/new?sample=" + s.Code, Label: v.T("sop.take.of", "title", s.Title)})}
		}
		v.Samples.Rows = append(v.Samples.Rows, row)
	}
}

func (g *Pages) listFile(w http.ResponseWriter, r *shell.Request) error {
	f := filterOf(r.URL.Query())
	f.After, f.Limit = sop.Key{}, 5000
	rows, _, err := g.desk.ListPlaybooks(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	return table(w, r, "playbooks", []string{"id", "owner", "code", "title", "state", "number", "digest", "sample", "steps", "published", "taken_from", "taken_from_digest", "marking", "changed"}, func(row func(...any) error) error {
		for i := range rows {
			x := &rows[i]
			plan, _ := sop.Parse(x.Text)
			from, digest := "", ""
			if x.From != nil {
				from, digest = string(x.From.Member)+":"+x.From.Code, x.From.Digest
			}
			if err := row(string(x.ID), string(x.Owner), x.Code, x.Title, string(x.State), x.Number, x.Digest, x.Sample, len(plan.Steps), when(x.Published), from, digest, string(x.Marking), x.Changed); err != nil {
				return err
			}
		}
		return nil
	})
}

func (g *Pages) listRuns(w http.ResponseWriter, r *shell.Request) error {
	rows, next, err := g.desk.ListRuns(r.Context(), r.Actor, filterOf(r.URL.Query()))
	if err != nil {
		return err
	}
	v := g.listView(r, runs)
	v.ID, v.Head.Title, v.Head.Lede = "runs", v.T("sop.runs.title"), v.T("sop.runs.lede")
	v.Empty = parts.Empty{Title: v.T("sop.runs.none"), Text: v.T("sop.runs.none.text")}
	if sop.MayStart(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("sop.start"), Icon: "play", Kind: parts.Primary, Href: runs + "/new"})
	}
	v.Selects = []parts.Select{v.states(sop.KindRun, sop.Open, sop.Closed, sop.Abandoned)}
	v.Table = parts.Table{Caption: v.Head.Title, RowHead: true, Cards: true, Columns: v.cols("run", "why", "state", "settled", "late", "blocked", "not", "started")}
	for i := range rows {
		x := &rows[i]
		v.Table.Rows = append(v.Table.Rows, []parts.Cell{{Text: x.Title, Href: sop.RunPath(x.ID), Note: x.Subject}, {Text: v.why(x)}, {Body: v.state(sop.KindRun, x.State), Note: v.over(x)},
			{Text: v.T("sop.of", "n", x.Counts.Settled(), "all", x.Counts.All())}, {Text: number(x.Counts.Late)}, {Text: number(x.Counts.Blocked)}, {Text: number(x.Counts.Not)}, {Text: v.Stamp(x.Started)}})
	}
	v.Pager = v.pager(runs, v.Query, next)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

// why says what started a run.
func (w words) why(x *sop.RunView) string {
	if x.Why == sop.ByHand {
		return w.T("sop.why.hand")
	}
	return w.T("sop.why."+x.Why, "level", w.T("level.name."+str(x.Level)))
}

// over says that the level of an open run holds no longer.
func (w words) over(x *sop.RunView) string {
	if x.Over && x.State == sop.Open {
		return w.T("sop.over")
	}
	return ""
}

func (g *Pages) runsFile(w http.ResponseWriter, r *shell.Request) error {
	f := filterOf(r.URL.Query())
	f.After, f.Limit = sop.Key{}, 5000
	rows, _, err := g.desk.ListRuns(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	head := []string{"id", "playbook", "number", "digest", "title", "subject", "event", "family", "why", "level", "level_over", "state", "started", "ended", "late"}
	for _, s := range sop.TaskStates {
		head = append(head, string(s))
	}
	return table(w, r, "runs", append(head, "marking", "exercise"), func(row func(...any) error) error {
		for i := range rows {
			x := &rows[i]
			cells := []any{string(x.ID), x.Code, x.Number, x.Digest, x.Title, x.Subject, string(x.Event), string(x.Family), x.Why, x.Level, x.Over, string(x.State), x.Started, when(x.Ended), x.Counts.Late}
			for _, s := range sop.TaskStates {
				cells = append(cells, *x.Counts.Of(s))
			}
			if err := row(append(cells, string(x.Marking), x.Exercise)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// took is a length of time in words.
func took(p *locale.Printer, d time.Duration) string {
	if d <= 0 {
		return "–"
	}
	return p.Duration(d)
}
