package mapview

import (
	"cmp"
	"slices"
	"strconv"

	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web/parts"
)

// grades are those of the markers, the gravest first.
func (m Map) grades() []parts.Grade {
	var out []parts.Grade
	for _, g := range parts.Grades {
		if slices.ContainsFunc(m.Markers, func(k Marker) bool { return k.Grade == g }) {
			out = append(out, g)
		}
	}
	return out
}

// shape is what the shape of a marker means.
func (m Map) shape(p *locale.Printer, g parts.Grade) string {
	if m.Shapes != nil {
		return m.Shapes[g]
	}
	return g.Word(p)
}

// has reports whether an area is of a class.
func (m Map) has(c Class) bool {
	return slices.ContainsFunc(m.Areas, func(a Area) bool { return a.Class == c })
}

// table says what the map shows: its events if it has markers, else the value
// of every area.
func (m Map) table(p *locale.Printer) parts.Table {
	t := parts.Table{Caption: m.Title, RowHead: true}
	if len(m.Markers) > 0 {
		head := m.Head
		if head == "" {
			head = p.T("parts.event.event")
		}
		t.Columns = []parts.Column{{Text: head}, {Text: cmp.Or(m.ShapeHead, p.T("map.grade"))}, {Text: p.T("map.place")}}
		for _, k := range m.Markers {
			title := k.Title
			if k.Number > 0 {
				title = strconv.Itoa(k.Number) + ". " + title
			}
			t.Rows = append(t.Rows, []parts.Cell{{Text: title, Href: k.Href}, {Text: m.shape(p, k.Grade)}, {Text: place.Full(k.Code, p.Lang())}})
		}
		return t
	}
	value := m.Value
	if value == "" {
		value = p.T("map.value")
	}
	t.Columns = []parts.Column{{Text: p.T("map.place")}, {Text: value, Number: true}}
	for _, a := range m.Areas {
		cell := parts.Cell{Text: a.Value}
		switch {
		case a.Class == NoReport && a.Value == "":
			cell.Text = p.T("map.noreport")
		case a.Class == Withheld:
			cell.Text = p.T("map.withheld")
		}
		t.Rows = append(t.Rows, []parts.Cell{{Text: place.Full(a.Code, p.Lang())}, cell})
	}
	return t
}
