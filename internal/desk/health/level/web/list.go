package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/level"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// listView is the decisions, the states' own levels and the ladder.
type listView struct {
	words
	Head        parts.PageHead
	Path        string
	Query       string
	Selects     []parts.Select
	Narrow      bool
	Total       int
	Pager       parts.Pager
	New         bool
	Table       parts.Table
	Activations parts.Table
	Ladder      parts.Table
	Rules       []parts.Definition
	Files       []parts.Link
	Source      string
}

func filterOf(q url.Values) level.Filter {
	f := level.Filter{Query: q.Get("q"), Family: id.ID(q.Get("family")), State: workflow.State(q.Get("state")), Owner: access.Member(q.Get("owner"))}
	at, rest, _ := strings.Cut(q.Get("after"), ".")
	changed, e1 := strconv.ParseInt(at, 10, 64)
	last, e2 := id.Parse(rest)
	if e1 == nil && e2 == nil {
		f.After = level.Cursor{Changed: changed, ID: last}
	}
	return f
}

// states of a proposal that the list can be narrowed to.
var states = []workflow.State{level.Draft, level.Clearance, level.Consulted, level.Decided, level.Expired, level.Withdrawn}

func (v *listView) filters(f level.Filter, families []level.Family) {
	add := func(name string, options []parts.Option) {
		v.Selects = append(v.Selects, parts.Select{Field: parts.Field{Name: name, Label: v.T("level.col." + name)}, Blank: v.T("health.list.any"), Options: options})
	}
	var os []parts.Option
	for _, s := range states {
		os = append(os, parts.Option{Value: string(s), Text: v.T("level.state." + string(s)), Chosen: s == f.State})
	}
	add("state", os)
	os = nil
	for _, x := range families {
		os = append(os, parts.Option{Value: string(x.ID), Text: x.Name, Chosen: x.ID == f.Family})
	}
	add("family", os)
	os = nil
	for _, m := range access.All() {
		os = append(os, parts.Option{Value: string(m), Text: v.name(m), Chosen: m == f.Owner})
	}
	add("owner", os)
}

// links are the downloads and the pager.
func (v *listView) links(q url.Values, shown int, next level.Cursor) {
	after := q.Get("after")
	q.Del("after")
	v.Files = []parts.Link{{Text: "CSV", Href: base + ".csv?" + q.Encode()}, {Text: "XLSX", Href: base + ".xlsx?" + q.Encode()}}
	if after != "" {
		v.Pager.Previous = base + "?" + q.Encode()
	}
	if next.ID != "" {
		q.Set("after", strconv.FormatInt(next.Changed, 10)+"."+string(next.ID))
		v.Pager.Next = base + "?" + q.Encode()
	}
	v.Pager.Text = v.T("health.list.shown", "shown", shown, "total", v.Total)
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	f := filterOf(r.URL.Query())
	rows, next, err := g.desk.List(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	total, err := g.desk.Count(r.Context(), r.Actor, f)
	if err != nil {
		return err
	}
	families, err := g.desk.Families(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	acts, err := g.desk.Activations(r.Context(), r.Actor, "")
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: f.Query, Total: total, Source: level.Current().Source, New: level.MayPropose(r.Actor)}
	v.Narrow = f.Query+string(f.Family)+string(f.State)+string(f.Owner) != ""
	v.filters(f, families)
	v.Head = parts.PageHead{Title: v.T("level.list.title"), Lede: v.T("level.list.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	if v.New {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("level.new"), Icon: "plus", Kind: parts.Primary, Href: base + "/new"})
		if g.desk.Member() != access.ASEC { // a response of its own is a state's
			v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("level.activation.new"), Icon: "siren", Href: "/health/activations/new"})
		}
	}
	v.Table = v.proposals(rows)
	v.Activations = v.activations(acts)
	v.ladder()
	v.links(r.URL.Query(), len(rows), next)
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (w words) proposals(rows []level.Row) parts.Table {
	t := parts.Table{Caption: w.T("level.list.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("level.col.proposal")}, {Text: w.T("level.col.level")},
		{Text: w.T("level.col.by")}, {Text: w.T("level.col.outcome")}, {Text: w.T("level.col.positions")}, {Text: w.T("level.col.review")}}}
	for i := range rows {
		x := &rows[i]
		v := &x.View
		row := []parts.Cell{{Text: v.Title, Href: level.Path(v.ID), Note: v.FamilyName}, {Body: tag(w, v.Level), Note: w.T("level.kind." + v.Kind())},
			{Body: parts.PlateMark(w.plate(v.Owner, parts.Plain))}, {Text: w.standing(x)}, {Text: w.spread(x.Result)}, {Text: "–"}}
		if v.Level > 0 {
			row[5] = parts.Cell{Text: w.Day(v.Review)}
			if x.Holds {
				row[5].Note = w.T("level.holds", "left", w.Left(v.Review, w.now))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// standing says how a proposal stands: before it is released by its state,
// then by its outcome.
func (w words) standing(x *level.Row) string {
	switch v := &x.View; {
	case v.Released.IsZero() || v.State == level.Withdrawn:
		return w.T("level.state." + string(v.State))
	case x.Result.Outcome == level.Adopted && v.Level > 0 && !w.now.Before(v.Review):
		return w.T("level.state.expired")
	}
	return w.T("level.outcome." + string(x.Result.Outcome))
}

// spread counts the stances; it names no winner.
func (w words) spread(r level.Result) string {
	n := map[string]int{}
	for _, s := range r.Stands {
		n[s.Stance]++
	}
	return w.T("level.spread", "agree", n[level.Agree]+n[level.Implied]+n[level.Consented], "reserve", n[level.Reserve], "disagree", n[level.Disagree],
		"abstain", n[level.Abstain], "none", n[level.NoAnswer])
}

func (w words) activations(list []level.Activated) parts.Table {
	t := parts.Table{Caption: w.T("level.activations.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("level.col.event")}, {Text: w.T("level.col.by")},
		{Text: w.T("level.col.level")}, {Text: w.T("level.col.state")}, {Text: w.T("level.col.review")}, {Text: w.T("level.col.steps")}}}
	for i := range list {
		a := &list[i]
		state := w.T("level.state." + string(a.State))
		if a.State == level.Active && !a.InForce(w.now) {
			state = w.T("level.state.expired")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: a.EventName, Href: "/health/events/" + string(a.Event), Note: a.Trigger}, {Body: parts.PlateMark(w.plate(a.Owner, parts.Plain))},
			{Body: tag(w, a.Level)}, {Text: state}, {Text: w.Day(a.Review)}, {Body: parts.Buttons(w.Printer, w.activationButtons(a))}})
	}
	return t
}

func (w words) activationButtons(a *level.Activated) []parts.Button {
	var out []parts.Button
	for _, o := range a.Offers {
		out = append(out, parts.Button{Text: w.T("level.verb." + string(o.Verb)), Small: true, Href: "/health/activations/" + string(a.ID) + "/" + string(o.Verb)})
	}
	return out
}

func (v *listView) ladder() {
	l := level.Current()
	v.Ladder = parts.Table{Caption: v.T("level.ladder.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("level.col.level")}, {Text: v.T("level.col.criteria")},
		{Text: v.T("level.col.window")}, {Text: v.T("level.col.longest")}, {Text: v.T("level.col.rhythm")}, {Text: v.T("level.col.rule")}}}
	for _, s := range l.Levels {
		var criteria, rules []string
		for _, c := range s.Criteria {
			criteria = append(criteria, v.T("level.criterion."+c))
		}
		for _, k := range s.Rules {
			rules = append(rules, v.T("level.rule."+k))
		}
		row := []parts.Cell{{Body: tag(v.words, s.Level)}, {Text: strings.Join(criteria, "; ")}, {Text: v.Duration(time.Duration(s.Window) * time.Hour)}, {Text: "–"}, {Text: "–"}, {Text: strings.Join(rules, "; ")}}
		if s.Review > 0 {
			row[3].Text = v.Duration(time.Duration(s.Review) * 24 * time.Hour)
		}
		if s.Report > 0 {
			row[4].Text = v.T("level.every", "time", v.Duration(s.Every()))
		}
		v.Ladder.Rows = append(v.Ladder.Rows, row)
	}
	for _, k := range level.Rules() {
		r, _ := level.RuleBy(k)
		v.Rules = append(v.Rules, parts.Definition{Term: v.T("level.rule." + k), Text: v.ruleText(r)})
	}
}

// ruleText says what a rule asks for.
func (w words) ruleText(r level.Rule) string {
	out := []string{w.T("level.rule.unanimous")}
	if r.Dissents > 0 {
		out[0] = w.T("level.rule.dissents", "n", r.Dissents)
	}
	if share := r.MoreThan; share[0] > 0 && share == [2]int{1, 2} {
		out = append(out, w.T("level.rule.half"))
	} else if share[0] > 0 {
		out = append(out, w.T("level.rule.share", "share", str(share[0])+"/"+str(share[1])))
	} else if r.Quorum > 1 {
		out = append(out, w.T("level.rule.quorum", "n", r.Quorum))
	}
	return strings.Join(append(out, w.T("level.silence."+r.Silence), w.T("level.rule.version", "version", r.Version, "digest", r.Digest)), " ")
}

// mostRows is where a download ends.
const mostRows = 5000

// all are the rows of every page that the filter finds.
func (g *Pages) all(r *shell.Request) ([]level.Row, error) {
	f := filterOf(r.URL.Query())
	f.Limit, f.After = 200, level.Cursor{}
	var out []level.Row
	for {
		rows, next, err := g.desk.List(r.Context(), r.Actor, f)
		out = append(out, rows...)
		if err != nil || next.ID == "" || len(out) >= mostRows {
			return out, err
		}
		f.After = next
	}
}

// download is the list of decisions as a table, one row for each state's
// position.
func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !level.Capabilities.May(r.Actor, "level.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	rows, err := g.all(r)
	if err != nil {
		return err
	}
	f := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		f = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", f.MIME())
	h.Set("Content-Disposition", `attachment; filename="levels-`+r.Now.UTC().Format(time.DateOnly)+`.`+string(f)+`"`)
	out, err := sheet.Create(w, f, "levels")
	if err == nil {
		err = out.Head("proposal", "family", "title", "proposer", "from", "level", "rule", "rule_version", "outcome", "in_force", "decided", "review", "member", "stance", "reasons", "at", "release", "exercise")
	}
	for i := range rows {
		v := &rows[i].View
		for _, s := range rows[i].Result.Stands {
			var decided, at any
			if !v.Decided.IsZero() {
				decided = v.Decided
			}
			if !s.At.IsZero() {
				at = s.At
			}
			if err == nil {
				err = out.Row(string(v.ID), v.FamilyName, v.Title, string(v.Owner), v.From, v.Level, v.Rule, v.RuleAt, string(rows[i].Result.Outcome), rows[i].Holds, decided, v.Review,
					string(s.Member), s.Stance, s.Reasons, at, string(s.Release), v.Exercise)
			}
		}
	}
	if err != nil {
		return err
	}
	return out.Close()
}
