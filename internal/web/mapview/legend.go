package mapview

import (
	"slices"
	"strconv"

	"lintas/internal/locale"
	"lintas/internal/web/parts"
)

// key is one shade of the map with what it means.
type key struct {
	Class Class
	Text  string
}

// keys are the shades that the map uses beside its ramp: the grades of places
// that events name, none at all where the ramp begins higher, and what a lone
// shade stands for where there is no ramp.
func (m Map) keys(p *locale.Printer) []key {
	var out []key
	for _, g := range parts.Grades {
		if m.has(OfGrade(g)) {
			out = append(out, key{OfGrade(g), p.T("map.named", "grade", g.Word(p))})
		}
	}
	if m.Low != "" {
		if m.has(Ramp0) && m.Low != "0" {
			out = append(out, key{Ramp0, "0"})
		}
		return out
	}
	for _, a := range m.Areas {
		ramp := slices.Contains([]Class{Ramp0, Ramp1, Ramp2, Ramp3, Ramp4, Ramp5}, a.Class)
		if ramp && a.Value != "" && m.Value != "" && !slices.ContainsFunc(out, func(k key) bool { return k.Class == a.Class }) {
			out = append(out, key{a.Class, p.T("map.stands", "what", m.Value, "value", a.Value)})
		}
	}
	return out
}

// ramp are the shades from the lowest to the highest; that of zero is among
// them only where it is used.
func (m Map) ramp() []Class {
	out := []Class{Ramp1, Ramp2, Ramp3, Ramp4, Ramp5}
	if m.Low == "0" && m.has(Ramp0) {
		out = slices.Insert(out, 0, Ramp0)
	}
	return out
}

func (m Map) rampBox() string { return "0 0 " + strconv.Itoa(22*len(m.ramp())) + " 11" }
