// Package web is the pages of the levels: the list with the ladder, a decision
// with every position, the forms, and the panel on the page of an event.
package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/level"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
	"lintas/internal/workflow"
)

// Pages are the handlers of the part.
type Pages struct {
	desk   *level.Desk
	health *health.Desk
}

// New makes the pages of the part.
func New(d *level.Desk, h *health.Desk) *Pages { return &Pages{desk: d, health: h} }

const base = "/health/levels"

// Routes adds the pages to the shell.
func (g *Pages) Routes(m *shell.Mux) {
	m.Page("GET "+base, g.reader(g.list))
	m.Download("GET "+base+".csv", g.reader(g.download))
	m.Download("GET "+base+".xlsx", g.reader(g.download))
	m.Page("GET "+base+"/new", g.reader(g.newProposal))
	m.Page("POST "+base+"/new", g.reader(g.draft))
	m.Page("GET "+base+"/{id}", g.reader(g.page))
	m.Page("GET "+base+"/{id}/edit", g.reader(g.edit))
	m.Page("POST "+base+"/{id}/edit", g.reader(g.save))
	m.Page("GET "+base+"/{id}/step/{verb}", g.reader(g.askStep))
	m.Page("POST "+base+"/{id}/step/{verb}", g.reader(g.step))
	m.Page("GET "+base+"/{id}/position", g.reader(g.newPosition))
	m.Page("POST "+base+"/{id}/position", g.reader(g.answer))
	m.Page("POST /health/level-positions/{id}/{verb}", g.reader(g.stepPosition))
	m.Page("GET /health/activations/new", g.reader(g.newActivation))
	m.Page("POST /health/activations/new", g.reader(g.propose))
	m.Page("GET /health/activations/{id}/{verb}", g.reader(g.askActivation))
	m.Page("POST /health/activations/{id}/{verb}", g.reader(g.stepActivation))
}

// Nav is the part's place in the navigation.
func (g *Pages) Nav(r *shell.Request) []layout.NavItem {
	if !level.Capabilities.May(r.Actor, "level.read") {
		return nil
	}
	return []layout.NavItem{{Text: r.Printer.T("nav.level"), Href: base, Icon: "gauge"}}
}

// reader lets only those in who may read the desk at all.
func (g *Pages) reader(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *shell.Request) error {
		if !level.Capabilities.May(r.Actor, "level.read") {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return h(w, r)
	}
}

// words is who says things on one page.
type words struct {
	*locale.Printer
	now  time.Time
	self access.Member
}

func (g *Pages) words(r *shell.Request) words { return words{r.Printer, r.Now, g.desk.Member()} }

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) level(n int) string { return w.T("level.name." + strconv.Itoa(n)) }

func (w words) plate(m access.Member, s parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(m), State: s}
}

func tag(w words, n int) templ.Component { return parts.Tag(parts.Grade(level.GradeOf(n)), w.level(n)) }

func str(n int) string { return strconv.Itoa(n) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

func text(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

func paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(text(s), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// again is the status of a form that is shown once more, or 0.
func again(err error) int {
	switch {
	case fault.Is(err, fault.Invalid):
		return http.StatusBadRequest
	case fault.Is(err, fault.Conflict):
		return http.StatusConflict
	}
	return 0
}

const stampForm = "2006-01-02T15:04"

func moment(s string) time.Time {
	t, err := time.Parse(stampForm, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// listView is the decisions, the states' own levels and the ladder.
type listView struct {
	words
	Head        parts.PageHead
	Path        string
	Query       string
	Table       parts.Table
	Activations parts.Table
	Ladder      parts.Table
	Rules       []parts.Definition
	Files       []parts.Link
	Source      string
}

func filterOf(q url.Values) level.Filter {
	return level.Filter{Query: q.Get("q"), Family: id.ID(q.Get("family")), State: workflow.State(q.Get("state")), Owner: access.Member(q.Get("owner"))}
}

func (g *Pages) list(w http.ResponseWriter, r *shell.Request) error {
	rows, err := g.desk.List(r.Context(), r.Actor, filterOf(r.URL.Query()))
	if err != nil {
		return err
	}
	acts, err := g.desk.Activations(r.Context(), r.Actor, "")
	if err != nil {
		return err
	}
	v := listView{words: g.words(r), Path: r.URL.RequestURI(), Query: r.URL.Query().Get("q"), Source: level.Current().Source}
	v.Head = parts.PageHead{Title: v.T("level.list.title"), Lede: v.T("level.list.lede"), Actions: []parts.Button{{Text: v.T("parts.print"), Icon: "printer", Print: true}}}
	if level.MayPropose(r.Actor) {
		v.Head.Actions = append(v.Head.Actions, parts.Button{Text: v.T("level.new"), Icon: "plus", Kind: parts.Primary, Href: base + "/new"},
			parts.Button{Text: v.T("level.activation.new"), Icon: "siren", Href: "/health/activations/new"})
	}
	v.Table = v.proposals(rows)
	v.Activations = v.activations(acts)
	v.ladder()
	q := r.URL.Query().Encode()
	v.Files = []parts.Link{{Text: "CSV", Href: base + ".csv?" + q}, {Text: "XLSX", Href: base + ".xlsx?" + q}}
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"desk"}}, listPage(v))
}

func (w words) proposals(rows []level.Row) parts.Table {
	t := parts.Table{Caption: w.T("level.list.title"), RowHead: true, Columns: []parts.Column{{Text: w.T("level.col.proposal")}, {Text: w.T("level.col.level")},
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
	t := parts.Table{Caption: w.T("level.activations.title"), RowHead: true, Columns: []parts.Column{{Text: w.T("level.col.event")}, {Text: w.T("level.col.by")},
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
	v.Ladder = parts.Table{Caption: v.T("level.ladder.title"), RowHead: true, Columns: []parts.Column{{Text: v.T("level.col.level")}, {Text: v.T("level.col.criteria")},
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

func (w words) ruleText(r level.Rule) string {
	return w.T("level.rule.text", "dissents", r.Dissents, "quorum", r.Quorum) + " " + w.T("level.silence."+r.Silence) + " " + w.T("level.rule.version", "version", r.Version, "digest", r.Digest)
}

// download is the list of decisions as a table, one row for each state's
// position.
func (g *Pages) download(w http.ResponseWriter, r *shell.Request) error {
	if !level.Capabilities.May(r.Actor, "level.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	rows, err := g.desk.List(r.Context(), r.Actor, filterOf(r.URL.Query()))
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

// Panel stands on the page of an event: the state's own level, and that of the
// families in which the event stands.
func (g *Pages) Panel() healthweb.EventPanel {
	return healthweb.EventPanel{ID: "levels", Title: "level.panel.title", Side: true, Body: g.panel}
}

type panelView struct {
	words
	Lines []panelLine
	New   string
}

type panelLine struct {
	Level      int
	Text, Href string
	Note       string
}

func (g *Pages) panel(r *shell.Request, e health.EventView) (templ.Component, error) {
	v := panelView{words: g.words(r)}
	acts, err := g.desk.Activations(r.Context(), r.Actor, e.ID)
	if err != nil {
		return nil, err
	}
	for i := range acts {
		if a := &acts[i]; a.InForce(r.Now) {
			v.Lines = append(v.Lines, panelLine{Level: a.Level, Text: v.T("level.panel.national", "owner", v.name(a.Owner)), Note: v.T("level.until", "time", v.Stamp(a.Review)), Href: base})
		}
	}
	fs, err := g.desk.Families(r.Context(), r.Actor)
	if err != nil {
		return nil, err
	}
	for _, f := range fs {
		if !slices.Contains(f.Events, e.ID) {
			continue
		}
		s, err := g.desk.Current(r.Context(), r.Actor, f.ID)
		if err != nil {
			return nil, err
		}
		l := panelLine{Level: s.Level, Text: f.Name, Href: base + "?family=" + string(f.ID), Note: v.T("level.panel.none")}
		if s.Level > 0 {
			l.Href, l.Note = level.Path(s.Proposal), v.T("level.until", "time", v.Stamp(s.Review))
		}
		v.Lines = append(v.Lines, l)
	}
	if level.MayPropose(r.Actor) && e.Owner == g.desk.Member() {
		v.New = "/health/activations/new?event=" + string(e.ID)
	}
	if len(v.Lines) == 0 && v.New == "" {
		return nil, nil
	}
	return panelBody(v), nil
}
