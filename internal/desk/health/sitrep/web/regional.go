package web

import (
	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/id"
	"lintas/internal/web/chart"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

func standsGrade(s sitrep.Stands) parts.Grade {
	switch s {
	case sitrep.In, sitrep.Nothing:
		return parts.Good
	case sitrep.Late:
		return parts.Watch
	}
	return parts.Warning
}

// regional draws what only the region has: the inputs, where each number comes
// from, the states side by side.
func (v *reportView) regional() {
	r := v.R
	v.Inputs = parts.Table{Caption: v.T("sitrep.inputs.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("sitrep.col.member")}, {Text: v.T("sitrep.col.input")},
		{Text: v.T("sitrep.col.report")}, {Text: v.T("sitrep.col.asof")}, {Text: v.T("sitrep.col.received")}, {Text: v.T("sitrep.col.words")}}}
	for _, in := range r.Inputs {
		row := []parts.Cell{{Text: v.name(string(in.Member))}, {Body: parts.Tag(standsGrade(in.Stands), v.T("sitrep.stands."+string(in.Stands)))}, {}, {}, {}, {}}
		if !in.Reminded.IsZero() {
			row[1].Note = v.T("sitrep.reminded", "time", v.ShortStamp(in.Reminded))
		}
		for i, x := range in.Reports {
			if i > 0 {
				row = []parts.Cell{{Text: v.name(string(in.Member))}, {}, {}, {}, {}, {}}
			}
			row[2] = parts.Cell{Text: v.T("sitrep.issue", "n", x.Number), Note: x.Authority}
			if v.P.Own {
				row[2].Href = sitrep.Path(x.Report)
			}
			row[3], row[4] = parts.Cell{Text: v.ShortStamp(x.AsOf)}, parts.Cell{Text: v.ShortStamp(x.Received)}
			if x.Changed+x.Needs != "" {
				row[5] = parts.Cell{Body: inputWords(v.words, x)}
			}
			v.Inputs.Rows = append(v.Inputs.Rows, row)
		}
		if len(in.Reports) == 0 {
			v.Inputs.Rows = append(v.Inputs.Rows, row)
		}
	}
	v.Sources = v.provenance()
	v.draw()
}

// provenance is where each number comes from.
func (v *reportView) provenance() parts.Table {
	t := parts.Table{Caption: v.T("sitrep.sources.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("sitrep.col.member")}, {Text: v.T("sitrep.col.figure")},
		{Text: v.T("sitrep.col.place")}, {Text: v.T("sitrep.col.value"), Number: true}, {Text: v.T("sitrep.col.source")}, {Text: v.T("sitrep.col.asof")}, {Text: v.T("sitrep.col.report")}}}
	for i := range v.R.Figures {
		f := &v.R.Figures[i]
		for _, x := range f.Values {
			value := v.T("sitrep.cell.small")
			if !x.Suppressed {
				value = v.Number(x.Value)
			}
			t.Rows = append(t.Rows, []parts.Cell{{Text: string(x.Member)}, {Text: v.what(f.Indicator, f.Class)}, {Text: v.name(f.Place)}, {Text: value}, {Text: v.source(x)},
				{Text: v.ShortStamp(x.AsOf)}, v.input(x.Report)})
		}
	}
	return t
}

// input is the national report of a number; who composed from it has it here.
func (v *reportView) input(rid id.ID) parts.Cell {
	for _, in := range v.R.Inputs {
		for _, x := range in.Reports {
			if x.Report != rid {
				continue
			}
			c := parts.Cell{Text: v.T("sitrep.issue", "n", x.Number)}
			if v.P.Own {
				c.Href = sitrep.Path(rid)
			}
			return c
		}
	}
	return parts.Cell{Text: "–"}
}

// draw sets the states side by side by the first class of cases that anybody
// told; who is silent is hatched and has no bar.
func (v *reportView) draw() {
	cols, all := sitrep.Overview(v.R)
	at := -1
	for i, c := range cols {
		if c.Indicator == "cases" && at < 0 {
			at = i
		}
	}
	if at < 0 {
		return
	}
	what := v.what(cols[at].Indicator, cols[at].Class)
	b := chart.Bars{ID: "bars", Title: what, Desc: v.T("sitrep.bars.desc", "what", what), Name: v.T("sitrep.col.member"), Value: what}
	m := mapview.Map{ID: "sitrep-map", Title: what, Desc: v.T("sitrep.map.desc", "what", what), Value: what, Note: v.T("sitrep.map.note")}
	var most int64
	for _, l := range all {
		if x, ok := l.Cells[at].Figure.Single(); ok {
			most = max(most, x.Value)
		}
	}
	for _, l := range all {
		c := l.Cells[at]
		x, ok := c.Figure.Single()
		row := chart.BarRow{Label: v.name(l.Place), Value: float64(x.Value)}
		area := mapview.Area{Code: l.Place, Class: mapview.NoReport}
		switch {
		case ok:
			f := float64(most)
			area.Class, area.Value = mapview.Ramp(float64(x.Value), [4]float64{f * .2, f * .4, f * .6, f * .8}), v.Number(x.Value)
		case c.Why == sitrep.Differ:
			row.Missing = v.T("sitrep.cell.differ", "values", v.several(&c.Figure))
			area.Value = row.Missing
		default:
			row.Missing = v.T("sitrep.cell." + string(c.Why))
			area.Value = row.Missing
		}
		b.Rows = append(b.Rows, row)
		if l.Place != string(access.ASEC) {
			m.Areas = append(m.Areas, area)
		}
	}
	v.Bars, v.Map = b.Figure(v.Printer), m.Figure(v.Printer)
}

func (v *reportView) grade() (parts.Grade, bool) {
	for _, g := range health.Grades {
		if g == v.R.Grade {
			return parts.Grade(g), true
		}
	}
	return "", false
}
