package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/desk/health"
	"lintas/internal/locale"
	"lintas/internal/web/parts"
)

// text brings what a browser posts to the line ends that are stored.
func text(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// list reads codes that come one by one or in one line with commas.
func list(values []string) []string {
	var out []string
	for _, v := range values {
		for _, c := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// version is the version of the record that the person saw; a form without
// one is refused later, since no record has this version.
func version(f url.Values) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// mostFactRows is how many rows one form may have.
const mostFactRows = 40

// factRow is one row of figures as it was typed.
type factRow struct {
	N                                            int
	Indicator, Class, Place, Value, Source, AsOf string
	// what few figures need
	Of, Age, Sex, Group, From, To, Granularity, Method, Note string
}

// extra reports whether one of the rare fields is filled in.
func (r factRow) extra() bool {
	return r.Of+r.Age+r.Sex+r.Group+r.From+r.To+r.Granularity+r.Method+r.Note != ""
}

// name is that of an input of the row.
func (r factRow) name(field string) string { return "fact." + str(r.N) + "." + field }

func (r factRow) empty() bool {
	return strings.TrimSpace(r.Value) == "" && strings.TrimSpace(r.Source) == ""
}

// moreRows adds a row when that button was pressed.
func moreRows(f url.Values) bool {
	if f.Get("do") != "row" {
		return false
	}
	f.Set("rows", str(min(rowCount(f)+1, mostFactRows)))
	return true
}

func rowCount(f url.Values) int {
	n, err := strconv.Atoi(f.Get("rows"))
	if err != nil {
		return 1
	}
	return min(max(n, 1), mostFactRows)
}

// factRows are the rows of the form. A new row begins with what rows above it
// have in common: place, source and time.
func factRows(f url.Values) []factRow {
	out := make([]factRow, rowCount(f))
	for i := range out {
		r := factRow{N: i}
		get := func(field, fallback string) string {
			if v, ok := f[r.name(field)]; ok && len(v) > 0 {
				return v[0]
			}
			return fallback
		}
		above := factRow{Indicator: "cases", Class: "confirmed"}
		if i > 0 {
			above = out[i-1]
		}
		out[i] = factRow{N: i, Indicator: get("indicator", above.Indicator), Class: get("class", above.Class), Place: get("place", above.Place),
			Value: get("value", ""), Source: get("source", ""), AsOf: get("as_of", above.AsOf), Of: get("of", ""), Age: get("age", ""),
			Sex: get("sex", ""), Group: get("group", ""), From: get("from", ""), To: get("to", ""), Granularity: get("granularity", ""),
			Method: get("method", ""), Note: get("note", "")}
	}
	return out
}

// readFacts are the rows that hold something. What cannot be read becomes a
// value that the desk refuses, with its own words.
func readFacts(f url.Values) []health.Fact {
	var out []health.Fact
	for _, r := range factRows(f) {
		if r.empty() {
			continue
		}
		f := health.Fact{Indicator: r.Indicator, Class: r.Class, Place: r.Place, Source: r.Source, AsOf: moment(r.AsOf), Age: r.Age, Sex: r.Sex,
			Group: r.Group, From: strings.TrimSpace(r.From), To: strings.TrimSpace(r.To), Granularity: r.Granularity, Method: r.Method, Note: text(r.Note)}
		value := strings.TrimSpace(r.Value)
		if f.Suppressed = strings.HasPrefix(value, "<"); !f.Suppressed {
			f.Value = number(value)
		}
		if strings.TrimSpace(r.Of) != "" {
			f.Of = number(r.Of)
		}
		out = append(out, f)
	}
	return out
}

// number is -1, which no fact may be, where nothing can be read.
func number(s string) int64 {
	n, err := strconv.ParseInt(digits(s), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// digits drops what people group thousands with.
func digits(s string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", "", ".", "", "'", "").Replace(strings.TrimSpace(s))
}

func moment(s string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

var factFields = []string{"indicator", "class", "place", "value", "source", "as_of", "note", "from", "to", "of", "age", "sex", "group", "granularity", "method"}

// factErrors names the inputs that the faults of rows belong to; rows that
// were left empty do not count for the desk.
func factErrors(p *locale.Printer, f url.Values, err error) parts.Errors {
	e := parts.ErrorsOf(p, err)
	var filled []int
	for _, r := range factRows(f) {
		if !r.empty() {
			filled = append(filled, r.N)
		}
	}
	for i, item := range e.Items {
		if item.Row >= 1 && item.Row <= len(filled) && slices.Contains(factFields, item.Name) {
			e.Items[i].Name = factRow{N: filled[item.Row-1]}.name(item.Name)
		}
	}
	return e
}
