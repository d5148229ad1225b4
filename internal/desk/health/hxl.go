package health

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"lintas/internal/id"
	"lintas/internal/place"
)

// The figures of an event for others to compute with: one row for each day,
// place, part of the people and source, with the Humanitarian Exchange Language
// tags (HXL 1.1, hxlstandard.org) in the second row. An empty cell means "no
// report"; nothing is ever filled with zero.

// HXLTable is a table with titles, tags and rows. Nil cells are empty.
type HXLTable struct {
	Titles, Tags []string
	Rows         [][]any
}

// measure is a column of numbers.
type measure struct {
	indicator, class, title, tag string
}

var measures = []measure{
	{"cases", "suspected", "Cases, suspected", "#affected+infected+suspected"},
	{"cases", "probable", "Cases, probable", "#affected+infected+probable"},
	{"cases", "confirmed", "Cases, confirmed", "#affected+infected+confirmed"},
	{"cases", "", "Cases, not classified", "#affected+infected+unclassified"},
	{"deaths", "suspected", "Deaths, suspected", "#affected+killed+suspected"},
	{"deaths", "probable", "Deaths, probable", "#affected+killed+probable"},
	{"deaths", "confirmed", "Deaths, confirmed", "#affected+killed+confirmed"},
	{"deaths", "", "Deaths", "#affected+killed"},
	{"hospitalised", "", "In hospital", "#affected+hospitalised"},
	{"health_workers", "", "Health workers infected", "#affected+infected+health_workers"},
	{"contacts", "", "Contacts followed", "#affected+contacts"},
	{"tests", "", "Tests", "#indicator+num+tests"},
	{"beds", "", "Beds", "#capacity+num+beds"},
	{"vaccinated", "", "Vaccinated", "#reached+num+vaccinated"},
}

// hxlKey is what one row is about.
type hxlKey struct {
	asOf                                     time.Time
	from, to, place, age, sex, group, source string
	event                                    id.ID
}

// HXL lays out the newest figures of an event, those of merged events in rows
// of their own. Shares are left out, since a column has one unit.
func HXL(e EventView) HXLTable {
	var used []measure
	rows := map[hxlKey]map[measure]Fact{}
	note := func(event id.ID, facts []Fact) {
		for _, f := range newest(facts) {
			m := measureOf(f)
			if f.Of > 0 {
				continue
			}
			if !slices.Contains(used, m) {
				used = append(used, m)
			}
			k := hxlKey{asOf: f.AsOf, from: f.From, to: f.To, place: f.Place, age: f.Age, sex: f.Sex, group: f.Group, source: f.Source, event: event}
			if rows[k] == nil {
				rows[k] = map[measure]Fact{}
			}
			rows[k][m] = f
		}
	}
	note(e.ID, e.AllFacts())
	for _, a := range e.Absorbed {
		part := EventView{Facts: a.Facts, More: a.More}
		note(a.ID, part.AllFacts())
	}
	t := HXLTable{
		Titles: []string{"As of", "Period from", "Period to", "Country", "Province", "Province code", "Age", "Sex", "Group"},
		Tags:   []string{"#date+asof", "#date+start", "#date+end", "#country+code+v_iso3", "#adm1+name", "#adm1+code+v_iso3166_2", "#meta+age", "#meta+sex", "#meta+group"},
	}
	slices.SortFunc(used, func(a, b measure) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.class, b.class)) })
	for _, m := range used {
		t.Titles, t.Tags = append(t.Titles, m.title), append(t.Tags, m.tag)
	}
	t.Titles = append(t.Titles, "Too small to be told", "Source", "Event", "GLIDE", "Hazard")
	t.Tags = append(t.Tags, "#meta+suppressed", "#meta+source", "#event+id", "#event+id+v_glide", "#event+type")
	for _, k := range sortedKeys(rows) {
		t.Rows = append(t.Rows, hxlRow(e, k, rows[k], used))
	}
	return t
}

// measureOf is the column of a fact; a class without a column of its own gets
// one from that of the indicator.
func measureOf(f Fact) measure {
	find := func(class string) int {
		return slices.IndexFunc(measures, func(m measure) bool { return m.indicator == f.Indicator && m.class == class })
	}
	if i := find(f.Class); i >= 0 {
		return measures[i]
	}
	m := measure{indicator: f.Indicator, title: f.Indicator, tag: "#indicator+num+" + f.Indicator}
	if i := find(""); i >= 0 {
		m = measures[i]
	}
	if m.class = f.Class; f.Class != "" {
		m.title, m.tag = m.title+", "+f.Class, m.tag+"+"+f.Class
	}
	return m
}

// rank is where the columns of an indicator stand.
func (m measure) rank() int {
	if i := slices.Index(measures, m); i >= 0 {
		return i
	}
	i := slices.IndexFunc(measures, func(x measure) bool { return x.indicator == m.indicator })
	if i < 0 {
		return len(measures)
	}
	return i
}

func hxlRow(e EventView, k hxlKey, cells map[measure]Fact, used []measure) []any {
	name, code := "", ""
	if strings.Contains(k.place, "-") {
		name, code = place.Name(k.place, "en"), k.place
	}
	row := []any{k.asOf.UTC().Format(time.RFC3339), text(k.from), text(k.to), ISO3(place.Member(k.place)), text(name), text(code), text(k.age), text(k.sex), text(k.group)}
	var hidden []string
	for _, m := range used {
		f, ok := cells[m]
		switch {
		case !ok:
			row = append(row, nil)
		case f.Suppressed:
			row, hidden = append(row, nil), append(hidden, m.tag)
		default:
			row = append(row, f.Value)
		}
	}
	return append(row, text(strings.Join(hidden, " ")), k.source, string(k.event), text(e.GLIDE), e.Hazard)
}

// text is a cell of words; none is an empty cell.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func sortedKeys(rows map[hxlKey]map[measure]Fact) []hxlKey {
	var keys []hxlKey
	for k := range rows {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b hxlKey) int {
		return cmp.Or(a.asOf.Compare(b.asOf), cmp.Compare(a.event, b.event), cmp.Compare(a.place, b.place), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.age, b.age),
			cmp.Compare(a.sex, b.sex), cmp.Compare(a.group, b.group), cmp.Compare(a.source, b.source))
	})
	return keys
}

// iso3 are the three letters of ISO 3166-1 for the members.
var iso3 = map[string]string{"BN": "BRN", "KH": "KHM", "ID": "IDN", "LA": "LAO", "MY": "MYS", "MM": "MMR", "PH": "PHL", "SG": "SGP",
	"TH": "THA", "TL": "TLS", "VN": "VNM"}

// ISO3 is the three-letter code of a state, empty for a regional body.
func ISO3(member string) string { return iso3[member] }

// FactTable are all figures of an event, one row for each revision, with the
// columns of a grid, so that the table can be pasted back.
func FactTable(e EventView) ([]string, [][]any) {
	head := append(slices.Clone(GridColumns), "suppressed", "revision", "newest", "recorded", "event", "id")
	var rows [][]any
	add := func(event id.ID, facts []Fact) {
		last := map[string]int{}
		for _, f := range facts {
			last[f.Key()] = max(last[f.Key()], f.Revision)
		}
		for _, f := range facts {
			var value, of any = f.Value, nil
			if f.Of > 0 {
				of = f.Of
			}
			if f.Suppressed {
				value = "<" // a number that is there and too small to be told
			}
			rows = append(rows, []any{f.Place, f.Indicator, text(f.Class), value, f.AsOf, f.Source, text(f.Age), text(f.Sex), text(f.Group), of, text(f.From), text(f.To),
				text(f.Granularity), text(f.Method), text(f.Note), f.Suppressed, f.Revision, f.Revision == last[f.Key()], f.Recorded, string(event), string(f.ID)})
		}
	}
	add(e.ID, e.AllFacts())
	for _, a := range e.Absorbed {
		part := EventView{Facts: a.Facts, More: a.More}
		add(a.ID, part.AllFacts())
	}
	return head, rows
}
