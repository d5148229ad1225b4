// Package gallery renders the parts and whole compositions from made-up
// samples, to look at them and to test them. Nothing in it is real.
package gallery

import (
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web/chart"
	"lintas/internal/web/layout"
	"lintas/internal/web/mapview"
	"lintas/internal/web/parts"
)

// Now is the time of all samples.
var Now = time.Date(2026, 11, 23, 8, 18, 0, 0, time.UTC)

// Page is one composition.
type Page struct {
	Name string
	Body templ.Component
}

// Pages are the compositions in a language and theme.
func Pages(lang, theme string) []Page {
	p := locale.New(lang, place.Zone("VN"), place.Capital("VN"))
	v := frame(p, theme)
	signIn := v
	signIn.Account, signIn.Nav, signIn.Search, signIn.Sync = nil, nil, false, nil
	return []Page{
		{"desk", desk(v)},
		{"event", event(v)},
		{"form", form(v)},
		{"parts", pieces(v)},
		{"signin", signin(signIn)},
		{"error", layout.ErrorPage(signIn, layout.Fault{Status: 404, Title: "Sample: not found", Text: "Sample text of an error page.", Request: "0193-sample",
			Actions: []parts.Button{{Text: "Duty desk", Href: "/", Kind: parts.Primary}}})},
	}
}

func frame(p *locale.Printer, theme string) layout.Props {
	return layout.Props{
		P: p, Title: "Sample", Now: Now, Theme: theme, Path: "/", Search: true, Map: false, Marking: "TLP:GREEN",
		Node:     layout.Node{Name: place.Name("VN", p.Lang()), Agency: "National EOC, Hà Nội", Code: "VN", Digest: "7f3a c1d9"},
		Exercise: &layout.Exercise{Name: "Gallery of samples", LogHref: "/exercise"},
		Account: &layout.Account{Initials: "DO", Role: "Duty officer", Detail: "National EOC, until 17:00", Href: "/account", SignOut: "/sign-out",
			Roles: []parts.Link{{Text: "Epidemiologist", Href: "/role"}}},
		Languages: locale.Offered(),
		Nav: []layout.NavGroup{
			{Items: []layout.NavItem{{Text: "Duty desk", Href: "/", Icon: "layout-dashboard", Count: 4, Hot: true, Current: true, Bar: true}}},
			{Title: "Health", Items: []layout.NavItem{
				{Text: "Events", Href: "/health/events", Icon: "siren", Count: 9, Bar: true},
				{Text: "Received", Href: "/health/received", Icon: "inbox", Count: 17, Bar: true},
				{Text: "Sent", Href: "/health/sent", Icon: "send"},
				{Text: "Situation reports", Href: "/health/reports", Icon: "file-text"}}},
			{Title: "Region", Items: []layout.NavItem{
				{Text: "Nodes", Href: "/nodes", Icon: "network", Bar: true},
				{Text: "Focal points", Href: "/people", Icon: "book-user"},
				{Text: "History", Href: "/history", Icon: "scroll-text"}}},
		},
		Sync: &layout.Sync{Text: "10 of 11 nodes in step", Detail: "Timor-Leste last heard 14 min ago", Href: "/nodes", Plates: plates(p, "TL")},
	}
}

func plates(p *locale.Printer, missing string) []parts.Plate {
	var out []parts.Plate
	for _, m := range access.States {
		pl := parts.Plate{Code: string(m), Title: place.Name(string(m), p.Lang())}
		if string(m) == missing {
			pl.State = parts.Missing
		}
		out = append(out, pl)
	}
	return out
}

// acks reads a pattern of one letter per state: a acted, r read, q asked,
// x refused, w waiting, L waiting and late, o own, - not asked.
func acks(p *locale.Printer, pattern string) []parts.Ack {
	states := map[byte]parts.AckState{'a': parts.Acted, 'r': parts.Read, 'q': parts.Asked, 'x': parts.Refused, 'w': parts.Waiting, 'L': parts.Waiting, 'o': parts.Own, '-': parts.NotAsked}
	var out []parts.Ack
	for i, m := range access.States {
		a := parts.Ack{Code: string(m), Name: place.Name(string(m), p.Lang()), State: states[pattern[i]], Late: pattern[i] == 'L'}
		switch a.State {
		case parts.Acted:
			a.When = "22 Nov 10:48"
		case parts.Waiting:
			a.Detail, a.When = "Delivered 22 Nov 10:05, not opened", "22 h"
		}
		out = append(out, a)
	}
	return out
}

type sample struct {
	grade         parts.Grade
	title, sub    string
	states, acks  string
	at            string
	ago           time.Duration
	peak, partial int
}

var samples = []sample{
	{parts.Emergency, "Typhoon T2621, northern Luzon", "Tropical cyclone · landfall 23 Nov 05:10 UTC", "PH VN", "raaraaoaaLL", "PH-CAG", 8 * time.Minute, 0, 0},
	{parts.Warning, "Cholera, Takéo–An Giang border", "Disease · laboratory confirmed", "VN KH", "Laarararawo", "VN-44", 26 * time.Minute, 6, 3},
	{parts.Warning, "Transboundary haze, Riau and Jambi", "Environment · hotspots 214, PSI 168 Singapore", "ID MY SG", "aaoaawaraaa", "ID-RI", 51 * time.Minute, 7, 2},
	{parts.Warning, "Mekong flood, Savannakhet–Mukdahan", "Flood · stage 13.1 m, alarm 12.5 m", "LA TH KH", "aaaoaaaaaaa", "LA-SV", 72 * time.Minute, 5, 2},
	{parts.Watch, "Influenza A(H5N1), one human case, Prey Veng", "Disease · contact follow-up day 9 of 14", "KH", "aoraawaaaqa", "KH-14", 3 * time.Hour, 99, 0},
	{parts.Watch, "Earthquake M5.9, Sagaing", "Seismic · damage assessment under way", "MM", "aaawaoaaaLa", "MM-01", 4 * time.Hour, 99, 0},
	{parts.Watch, "Measles, Sabah and Tawi-Tawi", "Disease · 37 cases, 2 states", "MY PH", "aaaaoaaaaxr", "MY-12", 6 * time.Hour, 12, 2},
	{parts.Information, "Dengue above threshold, Selangor", "Disease · week 46, third week in a row", "MY", "araaoaaaaaa", "MY-10", 9 * time.Hour, 12, 2},
	{parts.Information, "Ammonia release, Map Ta Phut", "Chemical · contained, monitoring ends 24 Nov", "TH", "aaaaaaaaowa", "TH-21", 14 * time.Hour, 99, 0},
}

func (s sample) spark(i int) templ.Component {
	v := make([]float64, 14)
	for j := range v {
		v[j] = float64((j*j*3+i*17+j*i*5)%23+2) * (1 + float64(j)/float64(6+s.peak%7))
	}
	limit := 0.0
	if s.peak > 0 && s.peak < 20 {
		limit = v[7]
	}
	return chart.Spark(v, limit, s.partial)
}

func rows(p *locale.Printer) []parts.EventRow {
	var out []parts.EventRow
	for i, s := range samples {
		row := parts.EventRow{Number: i + 1, Href: "/health/events/sample", Grade: s.grade, Title: s.title, Sub: s.sub, Spark: s.spark(i),
			Acks: acks(p, s.acks), Updated: Now.Add(-s.ago)}
		for j, code := range split(s.states) {
			pl := parts.Plate{Code: code, Title: place.Name(code, p.Lang())}
			if j == 0 {
				pl.State = parts.Lead
			}
			row.States = append(row.States, pl)
		}
		out = append(out, row)
	}
	return out
}

func regional() mapview.Map {
	m := mapview.Map{ID: "region", Title: "Where it is happening", Desc: "Sample map of nine open events.", Note: "Shaded: provinces named in an open event."}
	for i, s := range samples {
		m.Markers = append(m.Markers, mapview.Marker{Code: s.at, Number: i + 1, Grade: s.grade, Href: "/health/events/sample", Title: s.title})
		m.Areas = append(m.Areas, mapview.Area{Code: s.at, Class: mapview.OfGrade(s.grade)})
	}
	m.Areas = append(m.Areas, mapview.Area{Code: "TL-DI", Class: mapview.NoReport})
	return m
}
