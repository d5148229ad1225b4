package web

import (
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/web/parts"
)

func (v homeView) setTable() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.datasets.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.title")},
		{Text: v.T("surveillance.field.measure")}, {Text: v.T("surveillance.field.resolution")}, {Text: v.T("surveillance.field.reach")},
		{Text: v.T("surveillance.field.series"), Number: true}, {Text: v.T("surveillance.field.known")}}}
	for _, s := range v.Sets {
		known := "–"
		if !s.Front.Empty() {
			known = v.Stamp(s.Front.KnownAt)
		}
		title := parts.Cell{Text: s.Title, Href: datasetPath(s.ID), Note: s.Source}
		if s.State == surveillance.Closed {
			title.Note = v.T("surveillance.state.closed")
		}
		t.Rows = append(t.Rows, []parts.Cell{title, {Text: v.T("surveillance.measure." + string(s.Measure))}, {Text: v.calendar(s.Calendar)},
			{Text: v.span(s)}, {Text: v.Number(s.Front.Series)}, {Text: known}})
	}
	return t
}

func (w words) importRows(list []surveillance.ImportView, of bool) [][]parts.Cell {
	var out [][]parts.Cell
	for _, i := range list {
		row := []parts.Cell{{Text: i.Name, Href: importPath(i.ID), Note: i.From}}
		if of {
			row = append(row, parts.Cell{Text: i.Dataset.Title, Href: datasetPath(i.Dataset.ID)})
		}
		out = append(out, append(row, parts.Cell{Text: w.T("surveillance.state." + string(i.State))}, parts.Cell{Text: w.Number(int64(i.Result.Ready))},
			parts.Cell{Text: w.Number(int64(i.Result.Waiting))}, parts.Cell{Text: w.Stamp(i.Changed), Note: i.By}))
	}
	return out
}

func (w words) importColumns(of bool) []parts.Column {
	out := []parts.Column{{Text: w.T("surveillance.import.file")}}
	if of {
		out = append(out, parts.Column{Text: w.T("surveillance.field.title")})
	}
	return append(out, parts.Column{Text: w.T("surveillance.import.state")}, parts.Column{Text: w.T("surveillance.result.ready"), Number: true},
		parts.Column{Text: w.T("surveillance.result.waiting"), Number: true}, parts.Column{Text: w.T("surveillance.import.changed")})
}

func (v homeView) waitingTable() parts.Table {
	return parts.Table{Caption: v.T("surveillance.waiting.title"), RowHead: true, Cards: true, Columns: v.importColumns(true), Rows: v.importRows(v.Waiting, true)}
}

func (v datasetView) importTable() parts.Table {
	return parts.Table{Caption: v.T("surveillance.imports.title"), RowHead: true, Cards: true, Columns: v.importColumns(false), Rows: v.importRows(v.Imports, false)}
}

func (v datasetView) diseaseTable() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.diseases.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.disease")}, {Text: v.T("surveillance.field.series"), Number: true}}}
	for _, d := range v.Diseases {
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.diseaseName(d.Disease), Href: diseasePath(v.ID, d.Disease)}, {Text: v.Number(int64(d.Series))}})
	}
	return t
}

func (v datasetView) revisionTable() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.revisions.title"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.field.revision")},
		{Text: v.T("surveillance.field.known")}, {Text: v.T("surveillance.field.stored")}, {Text: v.T("surveillance.field.upto")}, {Text: v.T("surveillance.field.cells"), Number: true}}}
	for i, r := range v.Revisions {
		if i == 40 {
			break
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: v.Number(r.Rev)}, {Text: v.Stamp(r.KnownAt)}, {Text: v.Stamp(r.At)}, {Text: v.Label(r.Last)}, {Text: v.Number(r.Cells)}})
	}
	return t
}

func (v datasetView) closing() string {
	if v.State == surveillance.Closed {
		return "reopen"
	}
	return "close"
}

// calendarField names its fault after what the desk calls it.
func (v datasetForm) calendarField() parts.Field {
	f := v.field("calendar", true)
	f.Error = v.Errors.Of("resolution")
	return f
}
