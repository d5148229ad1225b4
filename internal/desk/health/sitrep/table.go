package sitrep

import (
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health"
)

// The tables of a report: pure, so that page, print, XLSX and the exchange
// format say the same. A cell that has no number says why; it is never zero.

// Why says what stands in a cell.
type Why string

// What a cell can be. Only Told and Differ have numbers.
const (
	Told     Why = "told"
	Differ   Why = "differ"    // sources disagree
	Small    Why = "small"     // a number too small to be told
	NotGiven Why = "not_given" // the report is there, this figure is not in it
	NoReport Why = "no_report" // nothing came by the cut-off
	NoneHere Why = "nothing"   // the state says that it has nothing to report
)

// Cell is one cell of a table.
type Cell struct {
	Why    Why
	Figure Figure
}

// Column is one indicator of one class.
type Column struct{ Indicator, Class string }

// Line is one place or member with a cell for each column.
type Line struct {
	Place  string // ISO 3166-2, or a member's code
	Stands Stands // of a member in a regional report
	Cells  []Cell
	CFR    *Share
}

// Share is a part of a whole.
type Share struct {
	Part, Whole int64
	Class       string
}

// Of is the share as a fraction of one.
func (s Share) Of() float64 { return float64(s.Part) / float64(s.Whole) }

// Overview sets places of a state, or members of the region, against the
// figures. A regional table has a line for every member that was asked.
func Overview(v *ReportView) ([]Column, []Line) {
	cols, byPlace := columnsOf(v), map[string]map[Column]Figure{}
	for _, f := range v.Figures {
		if byPlace[f.Place] == nil {
			byPlace[f.Place] = map[Column]Figure{}
		}
		byPlace[f.Place][Column{f.Indicator, f.Class}] = f
	}
	var lines []Line
	for _, l := range linesOf(v) {
		for _, c := range cols {
			f, ok := byPlace[l.Place][c]
			l.Cells = append(l.Cells, cellOf(v, l.Stands, f, ok))
		}
		l.CFR = fatality(byPlace[l.Place])
		lines = append(lines, l)
	}
	return cols, lines
}

func cellOf(v *ReportView, s Stands, f Figure, ok bool) Cell {
	switch {
	case v.Scope == Regional && (s == Silent || s == Late):
		return Cell{Why: NoReport}
	case v.Scope == Regional && s == Nothing, v.Scope == National && v.Nothing:
		return Cell{Why: NoneHere}
	case !ok || len(f.Values) == 0:
		return Cell{Why: NotGiven}
	case len(f.Values) > 1:
		return Cell{Why: Differ, Figure: f}
	case f.Values[0].Suppressed:
		return Cell{Why: Small, Figure: f}
	}
	return Cell{Why: Told, Figure: f}
}

// columnsOf are the indicators that somebody reported, in their fixed order.
func columnsOf(v *ReportView) []Column {
	have := map[Column]bool{}
	for _, f := range v.Figures {
		if v.Scope == National || !strings.Contains(f.Place, "-") {
			have[Column{f.Indicator, f.Class}] = true
		}
	}
	var out []Column
	for _, i := range health.Indicators {
		for _, c := range health.Classes {
			if have[Column{i, c}] {
				out = append(out, Column{i, c})
			}
		}
	}
	return out
}

func linesOf(v *ReportView) []Line {
	var out []Line
	if v.Scope == Regional {
		for _, in := range v.Inputs {
			out = append(out, Line{Place: string(in.Member), Stands: in.Stands})
		}
		return out
	}
	for _, f := range v.Figures { // sorted: the whole state first
		if !slices.ContainsFunc(out, func(l Line) bool { return l.Place == f.Place }) {
			out = append(out, Line{Place: f.Place})
		}
	}
	return out
}

// fatality is deaths of cases of the same class, where both are told.
func fatality(figs map[Column]Figure) *Share {
	for _, class := range health.Classes {
		cases, deaths := figs[Column{"cases", class}], figs[Column{"deaths", class}]
		c, ok1 := cases.Single()
		d, ok2 := deaths.Single()
		if ok1 && ok2 && c.Value > 0 && d.Value <= c.Value {
			return &Share{d.Value, c.Value, class}
		}
	}
	return nil
}

// Figure finds a figure of the report.
func (v *ReportView) Figure(indicator, class, place string) (Figure, bool) {
	i := slices.IndexFunc(v.Figures, func(f Figure) bool { return f.Indicator == indicator && f.Class == class && f.Place == place })
	if i < 0 {
		return Figure{}, false
	}
	return v.Figures[i], true
}

// Totals are the figures of the whole state of a national report.
func (v *ReportView) Totals() []Figure {
	var out []Figure
	for _, f := range v.Figures {
		if f.Place == string(v.Owner) {
			out = append(out, f)
		}
	}
	return out
}

// Groups are the newest figures of parts of the people, and shares: by age,
// sex and group, and those with a whole, such as positive tests.
func (v *ReportView) Groups() []health.FactView {
	type at struct{ indicator, class, place, age, sex, group string }
	newest := map[at]health.FactView{}
	var order []at
	for _, f := range v.Facts {
		if f.Age == "" && f.Sex == "" && f.Group == "" && f.Of == 0 || day(f.AsOf) > v.Until {
			continue
		}
		k := at{f.Indicator, f.Class, f.Place, f.Age, f.Sex, f.Group}
		old, ok := newest[k]
		if !ok {
			order = append(order, k)
		}
		if !ok || f.AsOf.After(old.AsOf) {
			newest[k] = f
		}
	}
	out := make([]health.FactView, len(order))
	for i, k := range order {
		out[i] = newest[k]
	}
	return out
}

// Missing are the members whose input is not in a regional report.
func (v *ReportView) Missing() []access.Member {
	var out []access.Member
	for _, in := range v.Inputs {
		if in.Stands == Silent || in.Stands == Late {
			out = append(out, in.Member)
		}
	}
	return out
}

// TableHead are the columns of the table that a report is exported as.
var TableHead = []string{"report", "scope", "number", "correction", "member", "input", "place", "indicator", "class", "value", "suppressed", "disputed",
	"new_in_period", "last_issue", "source", "as_of", "release", "changed"}

// Table is the report as rows: one for each value, and one for each member
// whose input is not there. A cell without a number is empty.
func Table(v *ReportView) [][]any {
	var out [][]any
	row := func(m access.Member, s Stands, cells ...any) {
		out = append(out, append([]any{string(v.ID), v.Scope, v.Number, v.Corrections, string(m), string(s)}, cells...))
	}
	stands := map[access.Member]Stands{}
	for _, in := range v.Inputs {
		stands[in.Member] = in.Stands
		if in.Stands != In {
			row(in.Member, in.Stands, string(in.Member), nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, v.Marks("input:"+string(in.Member)))
		}
	}
	for i := range v.Figures {
		f := &v.Figures[i]
		for _, x := range f.Values {
			var value, fresh, was any
			if !x.Suppressed {
				value = x.Value
			}
			if f.New != nil {
				fresh = *f.New
			}
			if f.Was != nil {
				was = *f.Was
			}
			release := x.Release
			if v.Scope == National {
				release = v.Release
			}
			row(x.Member, stands[x.Member], f.Place, f.Indicator, f.Class, value, x.Suppressed, len(f.Values) > 1, fresh, was, x.Source, x.AsOf,
				string(release), v.Marks(f.Key()))
		}
	}
	if v.Scope == National && v.Nothing {
		row(v.Owner, Nothing, string(v.Owner), nil, nil, nil, nil, nil, nil, nil, nil, nil, string(v.Release), false)
	}
	return out
}
