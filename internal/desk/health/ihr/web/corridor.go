package web

import (
	"net/http"
	"strings"

	"lintas/internal/desk/health/ihr"
	"lintas/internal/fault"
	"lintas/internal/sheet"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

const corridors = register + "/corridors"

// corridorView is the list of ways on which measures hold: from where to
// where, which measure, since when and until when.
type corridorView struct {
	words
	Head  parts.PageHead
	Path  string
	Table parts.Table
	Files []parts.Link
}

func (g *Pages) corridorList(w http.ResponseWriter, r *shell.Request) error {
	held, err := g.holding(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := corridorView{words: g.words(r), Path: r.URL.RequestURI(), Files: []parts.Link{{Text: "CSV", Href: corridors + ".csv"}, {Text: "XLSX", Href: corridors + ".xlsx"}}}
	v.Head = parts.PageHead{Title: v.T("ihr.corridors"), Lede: v.T("ihr.corridors.lede"), Crumbs: []parts.Link{{Text: v.T("ihr.measures.title"), Href: register}, {Text: v.T("ihr.corridors")}}}
	v.Table = v.corridorTable(ihr.Corridors(held))
	return r.Show(w, shell.Page{Title: v.Head.Title, Topics: []string{"ihr"}}, corridorPage(v))
}

func (w words) corridorTable(list []ihr.Corridor) parts.Table {
	t := parts.Table{Caption: w.T("ihr.corridors"), RowHead: true, Cards: true}
	for _, c := range []string{"ihr.field.from", "ihr.field.to", "ihr.col.measure", "ihr.col.by", "ihr.col.start", "ihr.col.reported", "ihr.col.expires"} {
		t.Columns = append(t.Columns, parts.Column{Text: w.T(c)})
	}
	for _, k := range list {
		x := k.Measure
		t.Rows = append(t.Rows, []parts.Cell{{Text: w.ends([]string{k.From})}, {Text: w.ends([]string{k.To})},
			{Text: x.Content.Title, Href: ihr.MeasurePath(x.ID), Note: w.T("ihr.type."+x.Content.Type) + " · " + w.T("ihr.target."+x.Content.Target)},
			{Body: parts.PlateMark(w.plate(x.Owner, parts.Plain))}, {Text: w.Day(x.Start)}, w.reportCell(x), {Text: w.day(x.Expires)}})
	}
	return t
}

func (g *Pages) corridorDownload(w http.ResponseWriter, r *shell.Request) error {
	if !ihr.Capabilities.May(r.Actor, "ihr.export") {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "export")
	}
	held, err := g.holding(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	format := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		format = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", format.MIME())
	h.Set("Content-Disposition", `attachment; filename="corridors-`+r.Now.UTC().Format("2006-01-02")+`.`+string(format)+`"`)
	out, err := sheet.Create(w, format, "corridors")
	if err != nil {
		return err
	}
	if err := out.Head("from", "to", "measure", "owner", "title", "type", "target", "start", "reported_at", "late", "expires", "marking", "exercise"); err != nil {
		return err
	}
	for _, k := range ihr.Corridors(held) {
		x := k.Measure
		if err := out.Row(k.From, k.To, string(x.ID), string(x.Owner), x.Content.Title, x.Content.Type, x.Content.Target, x.Start, x.Reported, x.Late(r.Now),
			x.Expires, string(x.Marking), x.Exercise); err != nil {
			return err
		}
	}
	return out.Close()
}
