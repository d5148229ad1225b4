package health

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/place"
	"lintas/internal/sheet"
)

// A grid is a table of figures as it comes out of a spreadsheet. Its cells
// stay text until they are read as facts, so that what cannot be read can be
// shown and mended where it stands.

// GridColumns are the columns of a grid, in the order that a table without
// headings is taken to have. The catalogue has "grid.<column>".
var GridColumns = []string{"place", "indicator", "class", "value", "as_of", "source", "age", "sex", "group", "of", "from", "to",
	"granularity", "method", "note"}

// Grid is a table of text with its columns.
type Grid struct {
	Columns []string   // of GridColumns; empty: a column that is left out
	Rows    [][]string // as wide as Columns
	Lines   []int      // where each row stood in the file, from 1
}

// GridDefaults fill cells of columns that a table does not have, or that are
// empty in a row. Names brings what people write to the closed lists: words of
// the page's language to codes.
type GridDefaults struct {
	Owner  access.Member
	Values map[string]string // by column
	Names  map[string]string // folded word → code, of headings and lists
}

// GridFact is one row of a grid as a fact. Left says that the row holds no
// number: nobody reported, which is no fact, and never zero.
type GridFact struct {
	Row    int // of the grid, from 0
	Left   bool
	Fact   Fact
	Faults []fault.Field // Name is the column
}

// Limits of a pasted table.
const (
	MaxGridRows  = MaxFacts
	maxGridCell  = 2000
	maxGridWidth = 60
)

// ReadGrid reads a table in CSV, TSV or XLSX. Its first row may be headings,
// in the columns' own words, in a language, or as HXL tags below them.
func ReadGrid(r io.Reader, names map[string]string) (Grid, error) {
	in, err := sheet.Open(r, sheet.Limits{Bytes: 8 << 20, Columns: maxGridWidth, Cell: maxGridCell})
	if err != nil {
		return Grid{}, err
	}
	defer func() { _ = in.Close() }()
	var g Grid
	for {
		cells, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return g, err
		}
		if !slices.ContainsFunc(cells, func(c string) bool { return c != "" }) || strings.HasPrefix(cells[0], "#") {
			continue // an empty row, or a row of HXL tags
		}
		if g.Columns == nil {
			g.Columns = headings(cells, names)
			if g.Columns != nil {
				continue
			}
			g.Columns = slices.Clone(GridColumns[:min(len(cells), len(GridColumns))])
		}
		if len(g.Rows) == MaxGridRows {
			return g, fault.New(fault.Invalid, "fault.health.grid_long").With("max", MaxGridRows)
		}
		row := make([]string, len(g.Columns))
		copy(row, cells)
		g.Rows, g.Lines = append(g.Rows, row), append(g.Lines, in.Row())
	}
	if len(g.Rows) == 0 {
		return g, fault.New(fault.Invalid, "fault.health.grid_empty")
	}
	return g, nil
}

// headings are the columns of a first row of headings, nil where it is data:
// a row of headings names the number and one more column.
func headings(cells []string, names map[string]string) []string {
	out := make([]string, len(cells))
	known := 0
	for i, c := range cells {
		f := strings.ReplaceAll(strings.TrimSpace(Fold(c)), " ", "_")
		code := names["column."+Fold(c)]
		if slices.Contains(GridColumns, f) {
			code = f
		}
		if code != "" && !slices.Contains(out, code) {
			out[i] = code
			known++
		}
	}
	if known < 2 || !slices.Contains(out, "value") {
		return nil
	}
	return out
}

// TSV is the grid as text with headings, which ReadGrid reads back.
func (g *Grid) TSV() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = '\t'
	head := slices.Clone(g.Columns)
	for i, c := range head {
		if c == "" {
			head[i] = "-"
		}
	}
	_ = w.Write(head) // a builder takes everything
	_ = w.WriteAll(g.Rows)
	return b.String()
}

// Facts reads every row; faults stay with their rows.
func (g *Grid) Facts(def GridDefaults, now time.Time) []GridFact {
	out := make([]GridFact, len(g.Rows))
	for i := range g.Rows {
		out[i] = g.fact(i, def, now)
	}
	return out
}

func (g *Grid) fact(i int, def GridDefaults, now time.Time) GridFact {
	cell := func(column string) string {
		if at := slices.Index(g.Columns, column); at >= 0 && g.Rows[i][at] != "" {
			return g.Rows[i][at]
		}
		return def.Values[column]
	}
	code := func(column string) string {
		v := cell(column)
		if c, ok := def.Names[column+"."+Fold(v)]; ok {
			return c
		}
		return v
	}
	out := GridFact{Row: i, Fact: Fact{Indicator: code("indicator"), Class: code("class"), Age: ageBand(code("age")), Sex: code("sex"), Group: code("group"),
		Method: code("method"), Granularity: code("granularity"), Source: cell("source"), Note: cell("note"), From: day(cell("from")), To: day(cell("to"))}}
	var c fault.Check
	f := &out.Fact
	f.Place = placeCode(cell("place"), def.Owner)
	if f.AsOf = moment(cell("as_of")); f.AsOf.IsZero() {
		c.That(cell("as_of") == "", "as_of", "fault.health.grid_time", fault.Args{"text": cut(cell("as_of"), 40)})
	}
	value, of := cell("value"), cell("of")
	if noReport(value) {
		out.Left = true
		return out
	}
	if a, b, ok := strings.Cut(value, "/"); ok && of == "" {
		value, of = a, b
	}
	var ok bool
	if strings.HasPrefix(strings.TrimSpace(value), "<") {
		rest := strings.TrimSpace(value)[1:]
		_, ok = wholeNumber(rest)
		ok = ok || rest == ""
		f.Suppressed = ok
	} else {
		f.Value, ok = wholeNumber(value)
	}
	c.That(ok, "value", "fault.health.grid_value", fault.Args{"text": cut(value, 40)})
	if of != "" {
		f.Of, ok = wholeNumber(of)
		c.That(ok, "of", "fault.health.grid_value", fault.Args{"text": cut(of, 40)})
	}
	f.check(&c, 0, def.Owner, now)
	var bad *fault.Error
	if errors.As(c.Err(), &bad) {
		out.Faults = bad.Fields
	}
	return out
}

// ageBand reads an age band as tables write it, such as "5-14", "65+" or "<1";
// what is no band of the list stays as it is and is refused.
func ageBand(v string) string {
	s := strings.NewReplacer(" ", "", "–", "_", "—", "_", "-", "_", "to", "_", "years", "").Replace(Fold(v))
	switch s {
	case "<1", "0", "under1":
		return "under_1"
	case "65+", "≥65", ">=65", "65andover":
		return "65_plus"
	}
	if slices.Contains(Ages, s) {
		return s
	}
	return v
}

// noReport are the ways in which tables say that there is no number. None of
// them is zero.
func noReport(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "", "-", "–", "—", ".", "..", "...", "na", "n/a", "nd", "no report", "not reported", "x", "×":
		return true
	}
	return false
}

var grouped = regexp.MustCompile(`^\d{1,3}([ \x{00a0}\x{202f},.']\d{3})+$`)

// wholeNumber reads a count. Thousands may be grouped; a decimal number is
// refused rather than cut. One separator with three digits behind it groups.
func wholeNumber(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if grouped.MatchString(s) {
		s = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	}
	s = strings.TrimSuffix(s, ".0") // as spreadsheets write whole numbers
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0
}

var dayLayouts = []string{time.DateOnly, "2006-1-2", "02/01/2006", "2/1/2006", "02.01.2006", "2 Jan 2006", "02-Jan-2006", "2 January 2006"}

// day brings a date to the stored form; what cannot be read stays as it is and
// is refused. Days come before months, as in all states of the region.
func day(s string) string {
	for _, l := range dayLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return s
}

func moment(s string) time.Time {
	for _, l := range append([]string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02 15:04:05"}, dayLayouts...) {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// placeCode takes a code or a name; a name must be that of one place of the
// owner. What is not found stays and is refused.
func placeCode(s string, owner access.Member) string {
	if s == "" {
		return string(owner)
	}
	if code := strings.ToUpper(s); place.Known(code) {
		return code
	}
	state := string(owner)
	if owner == access.ASEC {
		state = ""
	}
	found := place.Search(s, state, 2)
	if len(found) > 0 && found[0].Score >= 1 && (len(found) == 1 || found[1].Score < 1) {
		return found[0].Code
	}
	return s
}
