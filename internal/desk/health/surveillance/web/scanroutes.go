package web

import (
	"net/url"
	"strings"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/id"
	shell "lintas/internal/web"
	"lintas/internal/web/parts"
	"lintas/outbreak"
)

const (
	alarmsPath  = "/surveillance/alarms"
	qualityPath = alarmsPath + "/quality"
	scansPath   = "/surveillance/scans"
	methodsPath = "/surveillance/methods"
)

// scanRoutes are the pages of alarms, scans and methods.
func (g *Pages) scanRoutes(m *shell.Mux) {
	m.Page("GET "+alarmsPath, g.reader(g.alarms))
	m.Download("GET "+alarmsPath+"/table", g.reader(g.alarmTable))
	m.Page("GET "+qualityPath, g.reader(g.quality))
	m.Download("GET "+qualityPath+"/table", g.reader(g.qualityTable))
	m.Page("GET "+alarmsPath+"/{id}", g.reader(g.alarm))
	m.Page("GET "+scansPath, g.reader(g.scanList))
	m.Page("POST "+scansPath, g.importer(g.startScan))
	m.Page("GET "+scansPath+"/{id}", g.reader(g.scanPage))
	m.Page("POST "+scansPath+"/{id}/cancel", g.importer(g.cancelScan))
	m.Page("POST /surveillance/schedule", g.importer(g.setSchedule))
	m.Page("GET "+methodsPath, g.reader(g.methodList))
	m.Page("GET "+methodsPath+"/new", g.importer(g.newMethod))
	m.Page("POST "+methodsPath+"/new", g.importer(g.propose))
	m.Page("GET "+methodsPath+"/{id}", g.reader(g.method))
	m.Page("GET "+methodsPath+"/{id}/edit", g.importer(g.editMethod))
	m.Page("POST "+methodsPath+"/{id}/edit", g.importer(g.saveMethod))
	m.Page("POST "+methodsPath+"/{id}/step/{verb}", g.reader(g.stepMethod))
	g.intervalRoutes(m)
	m.Page("GET /surveillance/datasets/{id}/diseases/{disease}/years", g.reader(g.years))
	m.Download("GET /surveillance/datasets/{id}/diseases/{disease}/years/table", g.reader(g.yearsTable))
}

func alarmPath(a id.ID) string { return surveillance.AlarmPath(a) }

func scanPath(s id.ID) string { return scansPath + "/" + url.PathEscape(string(s)) }

func methodPath(m id.ID) string { return methodsPath + "/" + url.PathEscape(string(m)) }

// scanTabs lead between the pages of this group.
func (w words) scanTabs(here string) []parts.Link {
	var out []parts.Link
	for _, t := range [][2]string{{"alarms", alarmsPath}, {"scans", scansPath}, {"methods", methodsPath}, {"intervals", intervalsPath}, {"quality", qualityPath}} {
		out = append(out, parts.Link{Text: w.T("surveillance.tab." + t[0]), Href: t[1], Current: t[0] == here})
	}
	return out
}

func (w words) scanCrumbs(more ...parts.Link) []parts.Link {
	return append([]parts.Link{{Text: w.T("surveillance.title"), Href: "/surveillance"}}, more...)
}

// value is a number that may not exist.
func (w words) value(v outbreak.Value, places int) string {
	if !v.Defined() {
		return "–"
	}
	return w.Decimal(v.Or(0), places)
}

// chance is a p-value: plain down to a thousandth, then as a power of ten.
func (w words) chance(v outbreak.Value) string {
	x, ok := v.Get()
	switch {
	case !ok:
		return "–"
	case x >= 0.001:
		return w.Decimal(x, 3)
	}
	return "< " + tenth(x)
}

// tenth is the power of ten above a small number.
func tenth(x float64) string {
	e, p := 3, 0.001
	for p/10 > x && e < 16 {
		p /= 10
		e++
	}
	digits := strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
	return "10⁻" + digits.Replace(str(e))
}

func (w words) algorithm(a surveillance.Algorithm) string {
	return w.T("surveillance.algorithm." + string(a))
}

// methodName is "Farrington Flexible, built-in" or "EARS C2, version 3 for dengue".
func (w words) methodName(a surveillance.Algorithm, m surveillance.MethodRef) string {
	if m.Number == 0 {
		return w.T("surveillance.method.builtin", "algorithm", w.algorithm(a))
	}
	return w.T("surveillance.method.name", "algorithm", w.algorithm(a), "number", m.Number, "disease", w.methodDisease(m.Disease))
}

func (w words) methodDisease(disease string) string {
	if disease == "" {
		return w.T("surveillance.method.all")
	}
	return w.diseaseName(disease)
}

func (w words) why(key string) string { return w.T("surveillance.why." + key) }

// placeName is a place of the gazetteer, or of the node's own list by its code.
func (w words) placeName(code string) string {
	if n := w.name(code); n != "" {
		return n
	}
	return code
}
