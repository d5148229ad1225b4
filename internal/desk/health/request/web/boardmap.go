package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/desk/health/request"
	"lintas/internal/place"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

// What stands at one place of the map.
const (
	needed  = "needed"
	offered = "offered"
	way     = "way"
)

// spot is all of one kind at one place.
type spot struct {
	kind, code string
	grade      parts.Grade
	n          int
	items      []string
	href       string
}

// priorityGrade is the shape of a need: that of its most urgent line.
func priorityGrade(p string) parts.Grade {
	switch p {
	case "life_saving":
		return parts.Emergency
	case "urgent":
		return parts.Warning
	}
	return parts.Watch
}

// placeOf is where a line is needed: the place that it names, if the map knows
// it, else the state.
func placeOf(l *request.BoardLine) string {
	if place.Known(l.Line.Place) {
		return l.Line.Place
	}
	return string(l.Member)
}

// spots are what the map shows, gathered by place: what nobody fully committed
// to where it is needed, what is offered where it comes from, what is on the
// way where it goes.
func spots(lines []*request.BoardLine, moves []request.BoardMove) []*spot {
	at := map[[2]string]*spot{}
	add := func(kind, code string, g parts.Grade, item, href string) {
		k := [2]string{kind, code}
		s := at[k]
		if s == nil {
			s = &spot{kind: kind, code: code, grade: g, href: href}
			at[k] = s
		}
		if slices.Index(parts.Grades, g) < slices.Index(parts.Grades, s.grade) {
			s.grade = g
		}
		s.n++
		if len(s.items) < 3 && !slices.Contains(s.items, item) {
			s.items = append(s.items, item)
		}
	}
	for _, l := range lines {
		if l.Reach.Commit != request.Complete {
			add(needed, placeOf(l), priorityGrade(l.Line.Priority), l.Line.Item, l.Href)
		}
		for _, o := range l.Offers {
			if o.Member != access.ASEC {
				add(offered, string(o.Member), parts.Information, l.Line.Item, l.Href)
			}
		}
	}
	for _, m := range moves {
		add(way, string(m.To), parts.Information, m.What, "#moves")
	}
	out := make([]*spot, 0, len(at))
	for _, s := range at {
		out = append(out, s)
	}
	order := []string{needed, way, offered}
	slices.SortFunc(out, func(a, b *spot) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), cmp.Compare(slices.Index(parts.Grades, a.grade), slices.Index(parts.Grades, b.grade)), cmp.Compare(b.n, a.n), cmp.Compare(a.code, b.code))
	})
	return out
}

// mostSpots is how many markers the map can hold and still be read.
const mostSpots = 40

// drawMap is nil where nothing is open.
func (v *boardView) drawMap(lines []*request.BoardLine, moves []request.BoardMove) templ.Component {
	list := spots(lines, moves)
	if len(list) == 0 {
		return nil
	}
	m := mapview.Map{ID: "board-map", Title: v.T("request.board.map"), Desc: v.T("request.board.map.desc"), Head: v.T("request.board.map.head"), Note: v.T("request.board.map.note"), Wide: true,
		ShapeHead: v.T("request.board.shape"), Shapes: map[parts.Grade]string{parts.Emergency: v.T("request.board.shape.life_saving"), parts.Warning: v.T("request.board.shape.urgent"),
			parts.Watch: v.T("request.board.shape.needed"), parts.Information: v.T("request.board.shape.help")}}
	for i, s := range list[:min(len(list), mostSpots)] {
		items := strings.Join(s.items, ", ")
		if s.n > len(s.items) {
			items += " …"
		}
		m.Markers = append(m.Markers, mapview.Marker{Code: s.code, Number: i + 1, Grade: s.grade, Href: s.href, Title: v.T("request.board.map."+s.kind, "n", s.n, "items", items)})
	}
	return m.Figure(v.Printer)
}
