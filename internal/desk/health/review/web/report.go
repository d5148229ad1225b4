package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/review"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// reportView is the report of a review as it is printed: composed from the
// records, its headings in the language that was asked for, the words of each
// record in their own.
type reportView struct {
	words
	P        *review.Page
	Back     parts.Link
	Langs    []parts.Link
	Status   string // of what is not released
	Facts    []parts.Definition
	Line     *line
	Clocks   []clockPart
	Times    parts.Table
	Findings []reportFinding
	Sides    []side
	Halves   parts.Table
	Actions  parts.Table
	Recs     []trail.RecommendationView
	Figures  []parts.Figure
	Seal     []parts.Definition
}

// reportFinding is one finding with all that it says.
type reportFinding struct {
	F     trail.FindingView
	Plate parts.Plate
	Rows  []parts.Definition
}

func (g *Pages) report(w http.ResponseWriter, r *shell.Request) error {
	p, err := g.find(r)
	if err != nil {
		return err
	}
	lang := r.URL.Query().Get("lang")
	v := reportView{words: g.words(r), P: &p}
	if slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Code == lang }) {
		v.words = words{trailweb.Words{Printer: locale.New(lang, place.Zone(string(g.desk.Member())), place.Capital(string(g.desk.Member()))), Now: r.Now, Self: g.desk.Member()}}
	}
	path := review.Path(p.ID)
	v.Back = parts.Link{Text: p.Title, Href: path}
	for _, l := range locale.Languages() {
		v.Langs = append(v.Langs, parts.Link{Text: l.Name, Href: path + "/report?lang=" + l.Code, Current: l.Code == v.Lang()})
	}
	if !slices.Contains([]string{string(review.Released), string(review.Following), string(review.Closed)}, string(p.State)) {
		v.Status = v.T("review.report.draft", "state", v.T("review.state."+string(p.State)))
	}
	v.compose()
	return r.Show(w, shell.Page{Title: v.T("review.report.title", "title", p.Title), Marking: string(p.Marking), Topics: []string{"review:" + string(p.ID), "trail:" + string(p.Source())}}, reportPage(v))
}

func (v *reportView) compose() {
	p := v.P
	v.Facts = v.facts(&p.View)
	v.Seal = v.seal(p.Lock)
	if len(p.Timeline) > 0 {
		v.Line = &line{words: v.words, ID: "line", Moments: p.Timeline, Silences: review.Silences(p.Timeline, review.Quiet)}
	}
	v.Clocks, v.Times = v.clockParts(p.Clocks), v.clockTable(p.Clocks)
	gaps, practices := 0, 0
	for i := range p.Chain.Findings {
		f := &p.Chain.Findings[i]
		if f.State == trail.Withdrawn {
			continue
		}
		if f.Sort == trail.Practice {
			practices++
		} else {
			gaps++
		}
		v.Findings = append(v.Findings, reportFinding{F: *f, Plate: v.Plate(f.Owner), Rows: v.says(f)})
	}
	v.Recs = slices.DeleteFunc(slices.Clone(p.Chain.Recommendations), func(x trail.RecommendationView) bool { return x.State == trail.Withdrawn })
	v.Sides, v.Halves = v.sides(p), v.halves(p)
	acts := slices.DeleteFunc(slices.Clone(p.Chain.Actions), func(x trail.Pair) bool { return x.Stage == trail.Draft })
	v.Actions = v.ActionTable(acts, v.T("trail.actions.title"))
	verified, late := 0, 0
	for i := range acts {
		if acts[i].Stage == trail.Verified {
			verified++
		}
		if acts[i].Late {
			late++
		}
	}
	v.Figures = []parts.Figure{{Label: v.T("review.figure.gaps"), Value: str(gaps)}, {Label: v.T("review.figure.practices"), Value: str(practices)},
		{Label: v.T("trail.actions.title"), Value: str(len(acts))}, {Label: v.T("trail.state.verified"), Value: str(verified)}, {Label: v.T("trail.late"), Value: str(late)}}
}

// says is what a finding says, row by row.
func (w words) says(f *trail.FindingView) []parts.Definition {
	var out []parts.Definition
	add := func(key, text string) {
		if text != "" {
			out = append(out, parts.Definition{Term: w.T(key), Text: text})
		}
	}
	add("trail.field.planned", f.Planned)
	add("trail.field.happened", f.Happened)
	add("trail.field.well", f.Well)
	add("trail.field.badly", f.Badly)
	for i, y := range f.Whys {
		out = append(out, parts.Definition{Term: w.T("trail.field.why", "n", i+1), Text: y})
	}
	if len(f.Factors) > 0 {
		add("trail.field.factors", w.Many("trail.factor.", f.Factors))
	}
	add("trail.field.cause", f.Cause)
	add("trail.col.theme", w.Theme(f.FindingText.Theme))
	if f.Clock != "" {
		add("trail.field.clock", w.T("timeliness.clock."+f.Clock))
	}
	add("trail.col.affected", w.Affected(f.Affected))
	add("trail.field.affected_how", f.AffectedHow)
	add("trail.field.evidence", f.Evidence)
	if len(f.Entries) > 0 {
		add("trail.field.entries", w.T("trail.entries", "n", len(f.Entries)))
	}
	add("trail.field.no_action", f.NoAction)
	return out
}

// clears says who let the report go.
func (v reportView) clears() string {
	if v.P.ClearedAs == "" {
		return v.T("review.report.uncleared")
	}
	return v.T("review.report.cleared", "post", v.P.ClearedAs)
}

// marks are the plates of the members whose review it is.
func (v reportView) marks() templ.Component {
	list := append([]access.Member{v.P.Owner}, v.P.Members...)
	return parts.Plates(v.Plates(list))
}
