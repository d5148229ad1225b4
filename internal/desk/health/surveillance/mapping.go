package surveillance

import (
	"maps"
	"slices"
	"strings"

	"lintas/internal/fault"
	"lintas/internal/place"
)

// Field is what a column of a file may mean.
type Field string

// Fields of a row. Names of places go from the state down.
const (
	FieldState   Field = "state"  // code or name of the state
	FieldCode    Field = "code"   // code of the place
	FieldUnit    Field = "unit"   // name of the first-level unit
	FieldLower   Field = "lower"  // name below it
	FieldPeriod  Field = "period" // label, or first day
	FieldEnd     Field = "end"    // last day, checked
	FieldYear    Field = "year"
	FieldNumber  Field = "number" // of the week or month in the year
	FieldDate    Field = "date"   // line list: the day that a case is counted on
	FieldDisease Field = "disease"
	FieldClass   Field = "class"
	FieldSex     Field = "sex"
	FieldAge     Field = "age"
	FieldCount   Field = "count"
)

// Fields in the order of the page.
var Fields = []Field{FieldState, FieldCode, FieldUnit, FieldLower, FieldPeriod, FieldEnd, FieldYear, FieldNumber, FieldDate,
	FieldDisease, FieldClass, FieldSex, FieldAge, FieldCount}

// Only keeps the rows whose column has one of the values.
type Only struct {
	Column string   `json:"column"`
	Values []string `json:"values"`
}

// Mapping says how the rows of a file become counts. It is saved under a name
// and used again for the next file of the same source.
type Mapping struct {
	Name    string           `json:"name,omitempty"`
	Columns map[Field]string `json:"columns"`
	// Fixed holds what every row has: the disease, the class, the state.
	Fixed map[Field]string `json:"fixed,omitempty"`
	// Words say what a word of the file means: "disease|A90" is "dengue".
	Words map[string]string `json:"words,omitempty"`
	Only  []Only            `json:"only,omitempty"`
	// Line: every row is one case.
	Line bool `json:"line,omitempty"`
	// Sum: rows for the same place, period and disease are added up; otherwise
	// two that differ contradict each other.
	Sum bool `json:"sum,omitempty"`
	// Region leaves out the rows of states that are not of the region.
	Region bool `json:"region,omitempty"`
	// measure of the dataset that it is for; a population has no disease.
	Population bool `json:"population,omitempty"`
}

func (m Mapping) has(f Field) bool { return m.Columns[f] != "" || m.Fixed[f] != "" }

// Complete reports whether a count can be made of a row.
func (m Mapping) Complete() bool { return m.check() == nil }

func (m Mapping) check() error {
	var c fault.Check
	c.That(m.has(FieldState) || m.has(FieldCode) || m.has(FieldUnit), string(FieldState), "fault.surveillance.map_place")
	if m.Line {
		c.That(m.has(FieldDate), string(FieldDate), "fault.surveillance.map_date")
	} else {
		c.That(m.has(FieldPeriod) || m.has(FieldYear), string(FieldPeriod), "fault.surveillance.map_period")
		c.That(m.has(FieldCount), string(FieldCount), "fault.surveillance.map_count")
	}
	c.That(m.Population || m.has(FieldDisease), string(FieldDisease), "fault.surveillance.map_disease")
	return c.Err()
}

// validate refuses columns that the file does not have and what is too long.
func (m *Mapping) validate(head []string) error {
	var c fault.Check
	for _, f := range slices.Sorted(maps.Keys(m.Columns)) {
		col := m.Columns[f]
		if col == "" {
			delete(m.Columns, f)
			continue
		}
		c.That(slices.Contains(Fields, f), string(f), "fault.invalid")
		c.That(slices.Contains(head, col), string(f), "fault.surveillance.no_column", fault.Args{"column": clip(col)})
	}
	for f, v := range m.Fixed {
		c.That(slices.Contains(Fields, f) && len(v) <= 200, string(f), "fault.invalid")
	}
	c.That(len(m.Words) <= 2000 && len(m.Only) <= 10 && len(m.Name) <= 100, "words", "fault.surveillance.too_many")
	for _, o := range m.Only {
		c.That(slices.Contains(head, o.Column), "only", "fault.surveillance.no_column", fault.Args{"column": clip(o.Column)})
		c.That(len(o.Values) > 0 && len(o.Values) <= 200, "only", "fault.surveillance.too_many")
	}
	return c.Err()
}

// headings are how columns are called, in order of preference; compared
// without case, spaces and marks.
var headings = map[Field][]string{
	FieldState:   {"isoa0", "adm0code", "countrycode", "iso3", "iso2", "country", "adm0name", "state_code", "negara"},
	FieldCode:    {"pcode", "adm2pcode", "adm1pcode", "placecode", "iso31662", "orgunit", "subject", "locationcode", "reporter", "kodewilayah"},
	FieldUnit:    {"adm1name", "province", "provinsi", "admin1", "region", "state", "statename", "tinh", "place", "location"},
	FieldLower:   {"adm2name", "district", "regency", "kabupaten", "kabupatenkota", "admin2", "municipality", "city"},
	FieldPeriod:  {"calendarstartdate", "periodstart", "period", "epiweek", "epiweeklabel", "weekstart", "startdate", "minggu", "month"},
	FieldEnd:     {"calendarenddate", "periodend", "weekend", "enddate"},
	FieldYear:    {"epiyear", "isoyear", "tahun", "year"},
	FieldNumber:  {"week", "weeknumber", "epiweeknumber", "mingguke", "monthnumber"},
	FieldDate:    {"onset", "dateofonset", "onsetdate", "dateonset", "tanggalonset", "dateofreport", "reportdate"},
	FieldDisease: {"disease", "diagnosis", "penyakit", "dataelement", "indicator", "condition", "icd10", "measure"},
	FieldClass:   {"casedefinitionstandardised", "classification", "caseclass", "casedefinition", "status", "klasifikasi", "population"},
	FieldSex:     {"sex", "gender", "jeniskelamin"},
	FieldAge:     {"agegroup", "age", "ageband", "umur", "kelompokumur"},
	FieldCount:   {"denguetotal", "count", "cases", "value", "total", "number", "kasus", "jumlah", "newcases", "population"},
}

func plainHead(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 0x80 {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// Guess reads a mapping off the headings of a file. A person sees and corrects
// it before anything is stored.
func Guess(head []string, s Dataset) Mapping {
	m := Mapping{Columns: map[Field]string{}, Fixed: map[Field]string{}, Words: map[string]string{}, Population: s.Measure == Population}
	taken := map[string]bool{}
	for _, f := range Fields {
		for _, want := range headings[f] {
			i := slices.IndexFunc(head, func(h string) bool { return plainHead(h) == want && !taken[h] })
			if i < 0 || f == FieldClass && want == "population" && !slices.Contains(head, "measure") {
				continue
			}
			m.Columns[f], taken[head[i]] = head[i], true
			break
		}
	}
	if m.Columns[FieldPeriod] != "" { // year and number say the same again
		delete(m.Columns, FieldYear)
		delete(m.Columns, FieldNumber)
	}
	if m.Population {
		delete(m.Columns, FieldClass)
		delete(m.Columns, FieldDisease)
	}
	m.Line = m.Columns[FieldCount] == "" && m.Columns[FieldDate] != ""
	if !m.Line {
		delete(m.Columns, FieldDate)
	}
	if openDengue(head) {
		return m.openDengue(s)
	}
	if m.Columns[FieldDisease] == "" && !m.Population {
		m.Fixed[FieldDisease] = ""
	}
	return m
}

// openDengue recognises the extracts of OpenDengue (Clarke et al., Sci Data
// 11:296, 2024), which mix levels and resolutions in one file.
func openDengue(head []string) bool {
	for _, h := range []string{"ISO_A0", "S_res", "T_res", "dengue_total", "calendar_start_date"} {
		if !slices.Contains(head, h) {
			return false
		}
	}
	return true
}

func (m Mapping) openDengue(s Dataset) Mapping {
	m.Columns = map[Field]string{FieldState: "ISO_A0", FieldUnit: "adm_1_name", FieldLower: "adm_2_name", FieldPeriod: "calendar_start_date",
		FieldEnd: "calendar_end_date", FieldClass: "case_definition_standardised", FieldCount: "dengue_total"}
	m.Fixed = map[Field]string{FieldDisease: "dengue"}
	res := map[Resolution]string{Weekly: "Week", Monthly: "Month", Yearly: "Year"}[s.Resolution]
	if res != "" {
		m.Only = []Only{{Column: "T_res", Values: []string{res}}}
	}
	m.Region = true
	return m
}

// nothing are the words for an empty cell.
func nothing(s string) bool {
	switch strings.ToUpper(s) {
	case "", "NA", "N/A", "NULL", "-", "–", ".":
		return true
	}
	return false
}

// ask is how a row names its place.
func (m Mapping) ask(get func(Field) string) place.Ask {
	a := place.Ask{Code: get(FieldCode), State: get(FieldState)}
	if len(a.State) > 3 || strings.ContainsAny(a.State, " ") {
		a.Names, a.State = append(a.Names, a.State), ""
	}
	for _, f := range []Field{FieldUnit, FieldLower} {
		if n := get(f); n != "" {
			a.Names = append(a.Names, n)
		}
	}
	return a
}
