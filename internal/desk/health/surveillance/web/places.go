package web

import (
	"io"
	"net/http"
	"strings"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
)

// placesView is the gazetteer: the states and the node's own list.
type placesView struct {
	words
	Head   parts.PageHead
	Query  string
	Own    []place.Place
	Total  int
	MayAdd bool
	Errors parts.Errors
}

const placesOnPage = 200

func (g *Pages) places(w http.ResponseWriter, r *shell.Request) error {
	return g.showPlaces(w, r, http.StatusOK, nil)
}

func (g *Pages) showPlaces(w http.ResponseWriter, r *shell.Request, status int, fail error) error {
	v := placesView{words: words{r.Printer}, Query: strings.TrimSpace(r.URL.Query().Get("q")), MayAdd: surveillance.MayImport(r.Actor), Errors: parts.ErrorsOf(r.Printer, fail)}
	var err error
	if v.Own, v.Total, err = g.desk.OwnPlaces(r.Context(), r.Actor, v.Query, placesOnPage); err != nil {
		return err
	}
	v.Head = parts.PageHead{Title: v.T("surveillance.places.title"), Lede: v.T("surveillance.places.lede"), Crumbs: []parts.Link{{Text: v.T("surveillance.title"), Href: "/surveillance"}},
		Actions: []parts.Button{{Text: v.T("surveillance.bound.title"), Icon: "map", Href: boundariesPath}}}
	return r.ShowStatus(w, status, shell.Page{Title: v.Head.Title}, placesPage(v))
}

func (g *Pages) uploadPlaces(w http.ResponseWriter, r *shell.Request) error {
	part, err := chosen(r)
	n := 0
	if err == nil {
		n, err = g.desk.ImportPlaces(r.Context(), r.Actor, part)
	}
	if err == nil {
		r.Say(w, "surveillance.said.places", fault.Args{"n": n})
		return r.Redirect(w, "/surveillance/places")
	}
	_, _ = io.Copy(io.Discard, r.Body) // a browser that is still sending would not read the answer
	if fault.Is(err, fault.Invalid) {
		return g.showPlaces(w, r, shell.Status(err), err)
	}
	return err
}

func (v placesView) table() parts.Table {
	t := parts.Table{Caption: v.T("surveillance.places.own"), RowHead: true, Cards: true, Columns: []parts.Column{{Text: v.T("surveillance.table.place")}, {Text: v.T("surveillance.map.code")},
		{Text: v.T("surveillance.place.from")}, {Text: v.T("surveillance.place.to")}, {Text: v.T("surveillance.place.pcode")}}}
	for _, p := range v.Own {
		t.Rows = append(t.Rows, []parts.Cell{{Text: p.In(v.Lang()), Href: placePath(p.Code), Note: v.name(p.Parent)}, {Text: p.Code}, {Text: p.From}, {Text: p.To}, {Text: p.PCode}})
	}
	return t
}
