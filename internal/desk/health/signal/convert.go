package signal

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/place"
)

// Repair is what was put right in one cell, shown to the person who imports.
// Key names a sentence "repair.<Key>".
type Repair struct {
	Column string `json:"column"`
	From   string `json:"from"`
	To     string `json:"to"`
	Key    string `json:"key"`
}

// Options of an import, beside what its columns mean.
type Options struct {
	Source     Source         `json:"source"` // where the table does not say
	SourceName string         `json:"source_name,omitempty"`
	Lang       string         `json:"lang"`
	Marking    access.Marking `json:"marking"`
	Order      DateOrder      `json:"order"`
	Region     bool           `json:"region"`  // only rows about member states
	Archive    bool           `json:"archive"` // history: kept without a clock
}

// converter turns rows of one table into signals. It remembers what names of
// places and hazards meant.
type converter struct {
	columns   []Column
	options   Options
	member    access.Member
	now       time.Time
	countries map[string]string
	places    map[string]string
	hazards   map[string]resolved
}

type resolved struct {
	key      string
	wide, ok bool
}

// record is one row on its way.
type record struct {
	*converter
	cells   []string
	row     int
	s       Signal
	repairs []Repair
	faults  []fault.Field
}

func newConverter(i *Import, member access.Member, now time.Time) *converter {
	return &converter{columns: i.Columns, options: i.Options, member: member, now: now,
		countries: map[string]string{}, places: map[string]string{}, hazards: map[string]resolved{}}
}

// convert reads one row. Faults say why it cannot become a signal; outside
// says that it is about no member state and only those were wanted.
func (c *converter) convert(row int, cells []string) (r *record, outside bool) {
	r = &record{converter: c, cells: cells, row: row}
	r.s = Signal{Source: c.options.Source, SourceName: c.options.SourceName, Lang: c.options.Lang, Row: row}
	r.s.Marking = c.options.Marking
	if !r.where() || c.options.Region && len(r.faults) == 0 && !place.Known(r.s.Place) {
		return r, true
	}
	r.origin()
	r.what()
	r.counts()
	r.dates()
	r.words()
	var k fault.Check
	check(&k, &r.s, c.now)
	if f, ok := k.Err().(*fault.Error); ok {
		for _, x := range f.Fields {
			x.Row = row
			if !slices.ContainsFunc(r.faults, func(y fault.Field) bool { return y.Name == x.Name }) {
				r.faults = append(r.faults, x)
			}
		}
	}
	return r, false
}

func (r *record) bad(column, key string, args fault.Args) {
	r.faults = append(r.faults, fault.Field{Name: column, Row: r.row, Key: key, Args: args})
}

func (r *record) mended(column, from, to, key string) {
	r.repairs = append(r.repairs, Repair{Column: column, From: from, To: to, Key: key})
}

// each gives the cells of a target that say something.
func (r *record) each(t Target, f func(column, cell string)) {
	for i, c := range r.columns {
		if c.Target == t && i < len(r.cells) && !nothing(r.cells[i]) {
			f(c.Head, r.cells[i])
		}
	}
}

// of is the first cell of a target that says something.
func (r *record) of(t Target) (column, cell string) {
	r.each(t, func(c, v string) {
		if cell == "" {
			column, cell = c, v
		}
	})
	return column, cell
}

// nothing are the ways in which tables write that there is nothing.
func nothing(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "na", "n/a", "n.a.", "null", "none", "-", "–", ".", "nil", "nan":
		return true
	}
	return false
}

// where reads state, unit and locality. It is false where the row is about no
// one state that is wanted, such as "Global".
func (r *record) where() bool {
	var country, cell, column string
	r.each(ToCountry, func(c, v string) {
		column, cell = c, v
		if country == "" {
			country = r.country(v)
		}
	})
	has := slices.ContainsFunc(r.columns, func(c Column) bool { return c.Target == ToCountry })
	if country == "" && has {
		if r.options.Region && !resemblesMember(cell) {
			return false
		}
		r.bad(column, "fault.signal.country", fault.Args{"text": cell})
	}
	if country == "" {
		country = string(r.member)
	}
	r.s.Place = country
	if r.member == access.ASEC && country == "ASEC" {
		r.s.Place = "ASEC"
	}
	var local []string
	r.each(ToPlace, func(_, v string) {
		if code := strings.ToUpper(v); !has && place.Known(code) { // a code says its state by itself
			r.s.Place, country = code, place.Member(code)
		} else if p := r.unit(v, country); p != "" {
			r.s.Place = p
		} else {
			local = append(local, v)
		}
	})
	r.each(ToLocality, func(_, v string) {
		if p := r.unit(v, country); p != "" && r.s.Place == country {
			r.s.Place = p
		}
		local = append(local, v)
	})
	r.s.Locality = r.line("locality", strings.Join(local, "; "))
	return true
}

// resemblesMember: a name that is nearly a member state's is a mistake to
// mend, not another state.
func resemblesMember(text string) bool {
	return slices.ContainsFunc(place.Search(text, "", 3), func(m place.Match) bool { return m.Level == place.State && m.Score >= 0.75 })
}

// line cuts what is too long for one line, and shows it.
func (r *record) line(column, text string) string {
	t := []rune(text)
	if len(t) <= MaxLine {
		return text
	}
	r.mended(column, strconv.Itoa(len(t)), strconv.Itoa(MaxLine), "cut")
	return string(t[:MaxLine-1]) + "…"
}

// unit is the unit of a country that a text names: by code, or by exactly its
// name. What is only similar is left to people.
func (c *converter) unit(text, country string) string {
	key := country + "\n" + text
	if p, ok := c.places[key]; ok {
		return p
	}
	out := ""
	if code := strings.ToUpper(text); place.Known(code) && strings.Contains(code, "-") && place.Member(code) == country {
		out = code
	} else if place.Known(country) && len(text) < 80 {
		if m := place.Search(text, country, 2); len(m) > 0 && m[0].Score == 1 && m[0].Level == place.Unit && (len(m) == 1 || m[1].Score < 1) {
			out = m[0].Code
		}
	}
	if len(c.places) < 50_000 {
		c.places[key] = out
	}
	return out
}

// country is the code of a state, from a code or a name; empty for neither.
func (c *converter) country(text string) string {
	if code, ok := c.countries[text]; ok {
		return code
	}
	code := ""
	if up := strings.ToUpper(text); len(up) == 2 || len(up) == 3 {
		if r, err := language.ParseRegion(up); err == nil && r.IsCountry() && len(r.String()) == 2 {
			code = r.String()
		}
	}
	if code == "" && place.Known(strings.ToUpper(text)) {
		code = place.Member(strings.ToUpper(text))
	}
	if code == "" {
		code = countryNames()[plain(text)]
	}
	if len(c.countries) < 5000 {
		c.countries[text] = code
	}
	return code
}

// countryNames are the names of states in English, those of members in their
// languages too, and some that tables use.
func countryNames() map[string]string { return countryIndex() }

func buildCountries() map[string]string {
	out := map[string]string{"vietnam": "VN", "viet nam": "VN", "laos": "LA", "lao pdr": "LA", "lao people s democratic republic": "LA", "the philippines": "PH",
		"brunei": "BN", "brunei darussalam": "BN", "burma": "MM", "myanmar": "MM", "east timor": "TL", "timor leste": "TL", "timor": "TL", "turkey": "TR",
		"usa": "US", "united states of america": "US", "russian federation": "RU", "republic of korea": "KR", "ivory coast": "CI", "cote d ivoire": "CI",
		"democratic republic of the congo": "CD", "drc": "CD", "united republic of tanzania": "TZ", "swaziland": "SZ", "cape verde": "CV",
		"hong kong": "HK", "macao": "MO", "macau": "MO", "iran": "IR", "syrian arab republic": "SY", "south korea": "KR", "north korea": "KP"}
	names := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string([]rune{a, b}))
			if err == nil && r.IsCountry() && r.String() == string([]rune{a, b}) {
				if n := plain(names.Name(r)); n != "" && out[n] == "" {
					out[n] = r.String()
				}
			}
		}
	}
	for _, s := range place.States() {
		out[plain(s.Name)] = s.Code
		for _, n := range s.Names {
			out[plain(n)] = s.Code
		}
	}
	return out
}

func (r *record) origin() {
	for t, field := range map[Target]*string{ToRef: &r.s.Ref, ToPeople: &r.s.Population, ToName: &r.s.SourceName} {
		if column, v := r.of(t); v != "" {
			*field = r.line(column, v)
		}
	}
	if _, v := r.of(ToLink); linkForm.MatchString(v) {
		r.s.Link = v
	} else if v != "" {
		r.mended("link", v, "", "link")
	}
	if _, v := r.of(ToLang); v != "" {
		if tag, err := language.Parse(v); err == nil {
			r.s.Lang = tag.String()
		} else {
			r.mended("lang", v, r.s.Lang, "lang")
		}
	}
	column, v := r.of(ToSource)
	if v == "" {
		return
	}
	code := Source(strings.ReplaceAll(plain(v), " ", "_"))
	switch {
	case slices.Contains(Sources, code):
		r.s.Source = code
	case r.s.SourceName == "":
		r.s.SourceName = r.line(column, v)
	default:
		r.mended(column, v, string(r.s.Source), "source")
	}
}

// words makes the text: the headline, then what columns of text say. A row
// without any says its hazard, place and time.
func (r *record) words() {
	var text []string
	if _, v := r.of(ToHeadline); v != "" {
		text = append(text, v)
	}
	r.each(ToText, func(_, v string) { text = append(text, v) })
	if len(text) == 0 {
		_, what := r.of(ToHazard)
		if what == "" {
			what = r.s.Agent
		}
		if what == "" {
			return // the check says that the text is missing
		}
		parts := []string{what}
		for _, t := range []Target{ToLocality, ToCountry} {
			var last string
			r.each(t, func(_, v string) {
				if len(v) > len(last) {
					last = v
				}
			})
			if last != "" {
				parts = append(parts, last)
			}
		}
		if r.s.FirstSeen.On != "" {
			parts = append(parts, r.s.FirstSeen.On[:4])
		}
		text = []string{strings.Join(parts, ", ")}
	}
	r.s.Text = strings.Join(text, "\n\n")
	if t := []rune(r.s.Text); len(t) > MaxText {
		r.s.Text = string(t[:MaxText])
		r.mended("text", strconv.Itoa(len(t)), strconv.Itoa(MaxText), "cut")
	}
}

func setDate(s *Signal, name string, d health.Date) {
	if name == "seen" {
		s.FirstSeen = d
		return
	}
	if s.Known == nil {
		s.Known = MilestoneSet{}
	}
	s.Known[name] = d
}
