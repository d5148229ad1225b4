package signal

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Target is what a column of a table means; empty: it is passed over.
type Target string

// Plain targets. Dates have one target for a whole date and four for its
// parts: "date.seen", "year.seen", "month.seen", "day.seen", "known.start".
const (
	ToNothing   Target = ""
	ToDropped   Target = "dropped" // must not be kept: text under another licence
	ToHeadline  Target = "headline"
	ToText      Target = "text"
	ToRef       Target = "ref"
	ToLink      Target = "link"
	ToSource    Target = "source"
	ToName      Target = "source_name"
	ToLang      Target = "lang"
	ToHazard    Target = "hazard"
	ToAgent     Target = "agent"
	ToICD11     Target = "icd11"
	ToICD10     Target = "icd10"
	ToCountry   Target = "country"
	ToPlace     Target = "place"
	ToLocality  Target = "locality"
	ToPeople    Target = "population"
	ToCases     Target = "cases"
	ToSuspected Target = "cases_suspected"
	ToProbable  Target = "cases_probable"
	ToConfirmed Target = "cases_confirmed"
	ToDeaths    Target = "deaths"
)

// Dates that a table can give: when it was first seen, and the milestones.
var Dates = append([]string{"seen"}, Milestones...)

// Targets are all, in the order of the form.
var Targets = func() []Target {
	out := []Target{ToHeadline, ToText, ToRef, ToLink, ToSource, ToName, ToLang, ToHazard, ToAgent, ToICD11, ToICD10, ToCountry, ToPlace, ToLocality,
		ToPeople, ToCases, ToSuspected, ToProbable, ToConfirmed, ToDeaths}
	for _, d := range Dates {
		out = append(out, Target("date."+d), Target("year."+d), Target("month."+d), Target("day."+d))
		if d != "seen" {
			out = append(out, Target("known."+d))
		}
	}
	return append(out, ToDropped)
}()

// many are targets that several columns may have; their texts are joined, or
// the first that says something counts.
var many = []Target{ToNothing, ToDropped, ToText, ToCountry, ToAgent, ToPlace, ToHazard}

// Column is one column of a table with what it was taken to mean.
type Column struct {
	Head    string   `json:"head"`
	Samples []string `json:"samples,omitempty"`
	Target  Target   `json:"target,omitempty"`
}

// headings are what columns are called, folded, by target; the first that
// fits wins.
var headings = map[Target][]string{
	ToHeadline:  {"headline", "title", "subject", "judul", "headlines", "event name"},
	ToText:      {"text", "description", "summary", "notes", "note", "details", "content", "uraian", "keterangan", "comment", "instruction"},
	ToRef:       {"donid", "dons", "id", "ref", "reference", "source id", "identifier", "guid", "nomor", "no"},
	ToLink:      {"link", "url", "web", "source url"},
	ToSource:    {"source type", "source", "channel", "sumber"},
	ToName:      {"source name", "author", "reporter organisation", "facility", "publisher", "sender"},
	ToLang:      {"lang", "language", "bahasa"},
	ToHazard:    {"disease", "diseaselevel1", "hazard", "syndrome", "penyakit", "event", "suspected hazard", "category"},
	ToAgent:     {"diseaselevel2", "agent", "pathogen", "subtype", "serotype"},
	ToICD11:     {"icd11", "icd 11", "icd11c3"},
	ToICD10:     {"icd10", "icd 10", "icd104c"},
	ToCountry:   {"iso", "iso3", "iso2", "country", "country code", "negara", "adm0"},
	ToPlace:     {"place", "admin1", "adm1", "province", "provinsi", "state", "region", "place code", "iso 3166 2"},
	ToLocality:  {"outbreakepicenter", "locality", "location", "village", "district", "area", "lokasi", "town"},
	ToPeople:    {"population", "affected", "who"},
	ToCases:     {"cases", "casestotal", "total cases", "kasus", "number of cases", "count"},
	ToSuspected: {"casessuspected", "suspected", "suspected cases"},
	ToProbable:  {"casesprobable", "probable"},
	ToConfirmed: {"casesconfirmed", "confirmed", "confirmed cases"},
	ToDeaths:    {"deaths", "died", "kematian", "meninggal"},
	"date.seen": {"reportdate", "report date", "date", "first seen", "published", "updated", "tanggal", "sent", "effective", "pubdate"},
	"year.seen": {"year", "tahun"}, "month.seen": {"month", "bulan"}, "day.seen": {"day", "hari"},
	ToDropped: {"definition"},
}

// stages are the beginnings of the columns of dates in three parts.
var stages = map[string]string{"outbreakstart": "start", "outbreakdetection": "detection", "outbreakverification": "verification",
	"labconfirmation": "laboratory", "notificationlocal": "notified_local", "notificationwho": "notified_who",
	"phcommunication": "communication", "phintervention": "intervention", "outbreakend": "end", "onset": "start", "start": "start",
	"detection": "detection", "verification": "verification", "end": "end"}

// guess says what a heading most likely means.
func guess(head string) Target {
	h := plain(head)
	for _, t := range Targets {
		if slices.Contains(headings[t], h) {
			return t
		}
	}
	h = strings.ReplaceAll(h, " ", "")
	for part, to := range map[string]string{"year": "year.", "month": "month.", "day": "day.", "date": "date.", "": "known."} {
		if rest, ok := strings.CutSuffix(h, part); ok && stages[rest] != "" {
			if part == "" && stages[rest] == rest || rest == "onset" {
				to = "date." // "onset" by itself is the day, not whether there was one
			}
			return Target(to + stages[rest])
		}
	}
	return ToNothing
}

// Guess names the columns of a table by their headings. Of two columns that
// mean the same the first keeps it, where only one can.
func Guess(heads []string, samples [][]string) []Column {
	out := make([]Column, len(heads))
	taken := map[Target]bool{}
	for i, h := range heads {
		out[i] = Column{Head: h}
		for _, row := range samples {
			if i < len(row) && row[i] != "" && len(out[i].Samples) < 3 && !slices.Contains(out[i].Samples, short(row[i])) {
				out[i].Samples = append(out[i].Samples, short(row[i]))
			}
		}
		t := guess(h)
		if taken[t] && !slices.Contains(many, t) {
			t = ToNothing
		}
		taken[t] = true
		out[i].Target = t
		if t == ToDropped {
			out[i].Samples = nil
		}
	}
	return out
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// DateOrder is how a table writes days with slashes.
type DateOrder string

const (
	DayFirst   DateOrder = "dmy"
	MonthFirst DateOrder = "mdy"
)

// GuessOrder looks for a day above 12 to tell 1/22/1996 from 22/1/1996.
func GuessOrder(columns []Column, samples [][]string) DateOrder {
	for i, c := range columns {
		if !strings.HasPrefix(string(c.Target), "date.") {
			continue
		}
		for _, row := range samples {
			if i >= len(row) {
				continue
			}
			p := strings.FieldsFunc(row[i], func(r rune) bool { return r == '/' || r == '.' || r == '-' })
			if len(p) < 3 || len(p[0]) > 2 {
				continue
			}
			if n, err := strconv.Atoi(p[1]); err == nil && n > 12 {
				return MonthFirst
			}
		}
	}
	return DayFirst
}

// serialDay is the day that a spreadsheet counts from, with the day that it
// wrongly holds for 29 February 1900.
var serialDay = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
