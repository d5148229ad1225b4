package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health/risk"
	"lintas/internal/exchange"
	"lintas/internal/history"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// pageView is the page of one assessment.
type pageView struct {
	words
	A        risk.AssessmentView
	P        risk.Page
	Path     string
	Topic    string
	Head     parts.PageHead
	Notices  []parts.Notice
	Moves    []parts.Button
	Matrix   templ.Component
	Table    parts.Table // of the matrix: every group with its level
	Parts    []partView
	Spread   parts.Table
	Ladder   templ.Component
	Counts   string
	Asked    []parts.Plate // who is silent
	Mine     *parts.Button
	Details  []parts.Definition
	Timeline []parts.Moment
}

type partView struct{ Title, Text, Note string }

func (g *Pages) assessment(w http.ResponseWriter, r *shell.Request) error {
	aid, err := r.PathID("id")
	if err != nil {
		return err
	}
	p, err := g.desk.AssessmentPage(r.Context(), r.Actor, aid)
	if err != nil {
		return err
	}
	v := g.words(r).page(p)
	v.Path = r.URL.RequestURI()
	return r.Show(w, shell.Page{Title: v.A.Title, Topics: []string{v.Topic}, Marking: string(v.A.Marking)}, assessmentPage(v))
}

func (w words) page(p risk.Page) pageView {
	v := pageView{words: w, A: p.View, P: p, Topic: "assessment:" + string(p.View.ID)}
	v.Head = parts.PageHead{Meta: assessmentMeta(v), Title: p.View.Title, Lede: w.headline(p.View), Actions: w.buttons(p),
		Crumbs: []parts.Link{{Text: w.T("risk.list.title"), Href: base}}}
	if w.shows(p.View.Event) {
		v.Head.Crumbs = append(v.Head.Crumbs, parts.Link{Text: p.View.EventName, Href: eventPath(p.View.Event)})
	}
	v.Head.Crumbs = append(v.Head.Crumbs, parts.Link{Text: p.View.Title})
	v.Notices = w.notices(p)
	v.Moves = w.moves(p)
	if len(p.View.Populations) > 0 {
		m := p.Matrix
		if m == nil {
			m = risk.Current()
		}
		v.Matrix = w.matrixDrawing("mx", w.T("risk.matrix.title"), w.headline(p.View), m, marksOf(p.View), false)
		v.Table = w.groupTable(p.View)
	}
	v.Parts = w.parts(p.View)
	if len(p.Spread) > 0 {
		v.Spread, v.Ladder = w.spreadTable(p), w.ladder(p.Spread)
		agree, dissent, silent := risk.Counts(p.Spread)
		v.Counts = w.T("risk.spread.counts", "agree", agree, "dissent", dissent, "silent", silent)
		v.Asked = platesOf(w, p.Spread, parts.Missing, risk.CellSilent, risk.CellWithdrawn)
	}
	v.Mine = w.mine(p)
	v.Details = w.details(p)
	v.Timeline = w.moments(p.Timeline)
	return v
}

// headline says the level in a sentence: "High: likely, with moderate
// consequences."
func (w words) headline(a risk.AssessmentView) string {
	if len(a.Populations) == 0 {
		return ""
	}
	p := a.Populations[0]
	out := w.T("risk.headline", "level", w.level(p.Result.Level), "likelihood", w.likelihood(p.Likelihood), "consequence", w.consequence(p.Consequence))
	if p.Result.Raised() {
		out += " " + w.T("risk.raised", "base", w.level(p.Result.Base))
	}
	return out
}

func (w words) notices(p risk.Page) []parts.Notice {
	a := p.View
	var out []parts.Notice
	add := func(g parts.Grade, key, text string, more ...parts.Button) {
		out = append(out, parts.Notice{Grade: g, Title: w.T(key), Text: text, Actions: more})
	}
	switch {
	case a.State == risk.Withdrawn:
		add(parts.Warning, "risk.notice.withdrawn", a.Reason)
	case a.State == risk.Superseded:
		var more []parts.Button
		if p.Next != "" {
			more = []parts.Button{{Text: w.T("risk.notice.next"), Small: true, Href: path(p.Next)}}
		}
		add(parts.Information, "risk.notice.superseded", "", more...)
	case a.State == risk.Published && a.Expired(w.now):
		add(parts.Warning, "risk.notice.expired", w.T("risk.notice.expired.text", "time", a.ValidUntil))
	case a.State == risk.Draft && a.Reason != "":
		add(parts.Information, "risk.notice.returned", a.Reason)
	}
	if !p.Own {
		add(parts.Information, "risk.notice.foreign", w.T("risk.notice.foreign.text", "owner", w.name(a.Owner)))
	} else if (a.State == risk.PeerReviewed || a.State == risk.Approved) && len(a.To) > 0 {
		add(parts.Information, "risk.notice.preview", w.T("risk.notice.preview.text", "members", w.names(a.To)))
	}
	if p.Matrix == nil && len(a.Populations) > 0 {
		add(parts.Warning, "risk.notice.matrix", w.T("risk.notice.matrix.text", "version", a.Populations[0].Result.Matrix))
	}
	return out
}

// buttons are what leads to a form; the other steps stand beside the state.
func (w words) buttons(p risk.Page) []parts.Button {
	var out []parts.Button
	if o, ok := offered(p.Offers, "edit"); ok {
		out = append(out, parts.Button{Text: w.T("risk.verb.edit"), Icon: "pencil", Href: path(p.View.ID) + "/edit", Unmet: w.unmet(o)})
	}
	if p.MayRedo {
		out = append(out, parts.Button{Text: w.T("risk.verb.redo"), Icon: "rotate-ccw", Href: base + "/new?event=" + string(p.View.Event) + "&supersedes=" + string(p.View.ID)})
	}
	if p.MayTake {
		out = append(out, parts.Button{Text: w.T("risk.verb.position"), Icon: "message-circle-question", Kind: parts.Primary, Href: path(p.View.ID) + "/position"})
	}
	return out
}

func (w words) moves(p risk.Page) []parts.Button {
	var out []parts.Button
	for _, o := range p.Offers {
		if o.Verb == "edit" {
			continue
		}
		b := parts.Button{Text: w.T("risk.verb." + string(o.Verb)), Small: true, Unmet: w.unmet(o), Href: path(p.View.ID) + "/step/" + string(o.Verb)}
		if o.Verb == "withdraw" || o.Verb == "discard" {
			b.Kind = parts.Danger
		} else if len(out) == 0 && len(b.Unmet) == 0 {
			b.Kind = parts.Primary
		}
		out = append(out, b)
	}
	return out
}

func (w words) groupTable(a risk.AssessmentView) parts.Table {
	t := parts.Table{Caption: w.T("risk.matrix.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: w.T("risk.col.mark")}, {Text: w.T("risk.col.group")},
		{Text: w.T("risk.col.likelihood")}, {Text: w.T("risk.col.consequence")}, {Text: w.T("risk.col.level")}}}
	for i, p := range a.Populations {
		mark := "●"
		if i > 0 {
			mark = str(i + 1)
		}
		level := parts.Cell{Body: parts.Tag(grade(p.Result.Level), w.level(p.Result.Level))}
		if p.Result.Raised() {
			level.Note = w.T("risk.raised", "base", w.level(p.Result.Base))
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: mark}, {Text: w.group(p), Note: p.Note}, {Text: w.likelihood(p.Likelihood), Note: w.counted(string(p.Likelihood), string(p.Result.Likelihood), "risk.likelihood.")},
			{Text: w.consequence(p.Consequence), Note: w.counted(string(p.Consequence), string(p.Result.Consequence), "risk.consequence.")}, level})
	}
	if b := a.Previous; b != nil {
		t.Rows = append(t.Rows, []parts.Cell{{Text: "○"}, {Text: w.T("risk.previous"), Note: w.Day(b.At)}, {Text: w.likelihood(b.Likelihood)},
			{Text: w.consequence(b.Consequence)}, {Body: parts.Tag(grade(b.Level), w.level(b.Level))}})
	}
	return t
}

// counted says as what an answer was counted, where that differs.
func (w words) counted(answer, as, prefix string) string {
	if answer == as {
		return ""
	}
	return w.T("risk.counted", "as", w.T(prefix+as))
}

func (w words) parts(a risk.AssessmentView) []partView {
	var out []partView
	for _, p := range []struct {
		key string
		risk.Part
	}{{"hazard_part", a.HazardPart}, {"exposure_part", a.ExposurePart}, {"context_part", a.ContextPart}} {
		v := partView{Title: w.T("risk.field." + p.key), Text: p.Text, Note: w.T("risk.part.gap")}
		if p.Source != "" || p.AsOf != "" {
			v.Note = w.T("risk.part.line", "source", p.Source, "as_of", w.day(p.AsOf))
		}
		if v.Text == "" {
			v.Text = w.T("risk.part.missing")
		}
		out = append(out, v)
	}
	return out
}

// spreadTable has a line for every state, whatever it did.
func (w words) spreadTable(p risk.Page) parts.Table {
	t := parts.Table{Caption: w.T("risk.spread.title"), RowHead: true, Cards: true}
	for _, c := range []string{"state", "stance", "region", "own", "importation", "receptivity", "capacity"} {
		t.Columns = append(t.Columns, parts.Column{Text: w.T("risk.col." + c)})
	}
	for _, c := range p.Spread {
		row := []parts.Cell{{Body: parts.PlateMark(w.plate(c.Member, plateState(c.Kind))), Text: w.name(c.Member)}, w.stanceCell(c), {}, {}, {}, {}, {}}
		if c.Region != "" {
			row[2] = parts.Cell{Body: parts.Tag(grade(c.Region), w.level(c.Region))}
		}
		if v := c.Position; v != nil && c.Kind != risk.CellWithdrawn {
			row[3] = parts.Cell{Body: parts.Tag(grade(v.Level()), w.level(v.Level())), Note: w.ownNote(v)}
			row[4] = parts.Cell{Text: w.likelihood(v.Importation)}
			row[5] = parts.Cell{Text: w.receptivity(v)}
			row[6] = parts.Cell{Text: w.T("risk.capacity." + v.Capacity)}
			row[1].Note = strings.Join(filled(v.Reasons, row[1].Note, w.T("risk.cleared", "post", v.ClearedAs, "time", v.Released)), " · ")
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// filled are the words that are not empty.
func filled(words ...string) []string {
	return slices.DeleteFunc(words, func(s string) bool { return s == "" })
}

func plateState(k risk.CellKind) parts.PlateState {
	switch k {
	case risk.CellAssessor:
		return parts.Lead
	case risk.CellSilent, risk.CellWithdrawn:
		return parts.Missing
	}
	return parts.Plain
}

func (w words) stanceCell(c risk.Cell) parts.Cell {
	out := parts.Cell{Text: w.T("risk.kind." + string(c.Kind))}
	if c.Position != nil {
		out.Href = positionPath(c.Position.ID)
	}
	switch {
	case c.Before != nil && c.Position != nil:
		out.Note = w.before(c.Before)
	case c.Kind == risk.CellSilent && c.Late:
		out.Note = w.T("risk.spread.late")
	case c.Kind == risk.CellSilent && c.Reached.Stage == exchange.Delivered:
		out.Note = w.T("risk.spread.delivered", "time", c.Reached.At)
	}
	return out
}

// before says what a state held before.
func (w words) before(v *risk.PositionView) string {
	stance := w.T("risk.kind." + v.Stance)
	if v.Stance == risk.Dissent {
		stance += " (" + w.level(v.Held) + ")"
	}
	return w.T("risk.spread.before", "stance", stance, "own", w.level(v.Level()), "time", v.Released)
}

func (w words) ownNote(v *risk.PositionView) string {
	switch {
	case v.Stated != "" && v.Stated != v.Result.Level:
		return w.T("risk.stated", "level", w.level(v.Result.Level))
	case v.Result.Raised():
		return w.T("risk.raised", "base", w.level(v.Result.Base))
	}
	return ""
}

func (w words) receptivity(v *risk.PositionView) string {
	out := ""
	for _, p := range risk.ReceptivityParts {
		if v.Receptivity[p] == "not_applicable" {
			continue
		}
		if out != "" {
			out += "; "
		}
		out += w.T("risk.receptive."+p) + ": " + w.T("risk.receptivity."+v.Receptivity[p])
	}
	return out
}

// mine leads to this state's own position.
func (w words) mine(p risk.Page) *parts.Button {
	if p.Mine == nil {
		return nil
	}
	return &parts.Button{Text: w.T("risk.mine", "state", w.state(p.Mine.State)), Small: true, Href: positionPath(p.Mine.ID)}
}

func (w words) details(p risk.Page) []parts.Definition {
	a := p.View
	var out []parts.Definition
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T(key), Text: text})
		}
	}
	out = append(out, parts.Definition{Term: w.T("risk.field.state"), Text: w.state(a.State)})
	if p.Clock != "" && !p.Due.IsZero() {
		add("clock."+p.Clock, w.T("health.due.line", "left", w.Left(p.Due, w.now), "due", p.Due))
	} else if !p.Due.IsZero() {
		add("clock.risk_positions", w.T("health.due.line", "left", w.Left(p.Due, w.now), "due", p.Due))
	}
	event := parts.Definition{Term: w.T("risk.field.event"), Text: a.EventName}
	if w.shows(a.Event) {
		event = parts.Definition{Term: event.Term, Body: link(eventPath(a.Event), a.EventName)}
	}
	out = append(out, event)
	add("risk.field.hazard", w.T("hazard."+a.Hazard))
	add("risk.field.scope", w.T("risk.scope."+a.Scope))
	if a.Confidence != "" {
		add("risk.field.confidence", w.T("risk.confidence."+string(a.Confidence)))
	}
	if !a.ValidUntil.IsZero() {
		add("risk.field.valid_until", w.T("health.due.line", "left", w.Left(a.ValidUntil, w.now), "due", a.ValidUntil))
	}
	add("risk.field.reviewed", a.ReviewedAs)
	add("risk.field.approved", a.ApprovedAs)
	if !a.Published.IsZero() {
		add("risk.field.published", w.Stamp(a.Published))
	}
	if len(a.To) > 0 {
		add("risk.field.to", w.names(a.To))
	}
	add("risk.field.marking", string(a.Marking))
	if len(a.Populations) > 0 {
		add("risk.field.matrix", w.T("risk.matrix.version", "version", a.Populations[0].Result.Matrix, "digest", a.Populations[0].Result.Digest))
	}
	if a.Exercise != "" {
		add("health.field.exercise", a.Exercise)
	}
	return out
}

func (w words) moments(entries []history.Entry) []parts.Moment {
	out := make([]parts.Moment, 0, len(entries))
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		out = append(out, parts.Moment{At: e.At, Kind: parts.Decision, Title: w.T("action." + e.Action), Text: e.Actor})
	}
	return out
}

type panelView struct {
	words
	Event    string
	First    *risk.Row
	A        risk.AssessmentView
	Matrix   templ.Component
	Rows     []risk.Row
	MayDraft bool
}

// day says a day of a form; one that cannot be read stays as it is.
func (w words) day(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return w.Day(t)
}
