package parts

import (
	"time"

	"github.com/a-h/templ"

	"lintas/internal/locale"
)

// Column is the heading of a table.
type Column struct {
	Text   string
	Number bool
	Sort   string // address that sorts by it; empty: not sortable
	Order  string // "ascending" or "descending" when sorted by it
}

// Cell is one cell; Body goes before Text.
type Cell struct {
	Text string
	Href string
	Note string
	Body templ.Component
	At   time.Time // shown as a stamp when set
}

// Table is rows of data. Caption names it for screen readers, and is shown
// when ShowCaption is set.
type Table struct {
	Caption     string
	ShowCaption bool
	Columns     []Column
	Rows        [][]Cell
	Foot        []Cell
	RowHead     bool // the first cell of a row is its heading
	Cards       bool // on a phone each row is a card that names its columns
	Tiles       bool // on a phone the short cells of a row stand side by side below its heading, each with the name of its column
}

// Files are the CSV and the XLSX file of a list; query keeps its filter.
func Files(list, query string) []Link {
	if query != "" {
		query = "?" + query
	}
	return []Link{{Text: "CSV", Href: list + ".csv" + query}, {Text: "XLSX", Href: list + ".xlsx" + query}}
}

func sortOrder(c Column) templ.Attributes {
	if c.Order == "" {
		return nil
	}
	return templ.Attributes{"aria-sort": c.Order}
}

func columnClass(t Table, i int) string {
	if i < len(t.Columns) && t.Columns[i].Number {
		return "num"
	}
	return ""
}

// tableClass is the class of the whole table.
func tableClass(t Table) string {
	switch {
	case t.Cards:
		return "data cards"
	case t.Tiles:
		return "data tiles"
	}
	return "data"
}

// cardLabel names the column of a cell where the table is one of cards.
func cardLabel(t Table, i int) templ.Attributes {
	if !t.Cards && !t.Tiles || i >= len(t.Columns) || t.RowHead && i == 0 || t.Columns[i].Text == "" {
		return nil
	}
	return templ.Attributes{"data-th": t.Columns[i].Text}
}

func cellClass(t Table, i int, c Cell) string {
	class := columnClass(t, i)
	if (t.Cards || t.Tiles) && c == (Cell{}) {
		class += " none"
	}
	return class
}

func listPlate(a Ack) Plate {
	if a.State == Waiting {
		return Plate{Code: a.Code, State: Missing}
	}
	return Plate{Code: a.Code}
}

// dueAt is the second line of the time cell: the hour today, else the day.
func dueAt(p *locale.Printer, at, now time.Time) string {
	if at.UTC().YearDay() == now.UTC().YearDay() && at.UTC().Year() == now.UTC().Year() {
		return p.T("parts.due.at", "time", p.Time(at))
	}
	return p.T("parts.due.at", "time", p.ShortStamp(at)+" UTC")
}

func momentAt(p *locale.Printer, m Moment) string {
	if m.Precision == "" || m.Precision == "minute" {
		return p.ShortStamp(m.At)
	}
	return p.Dated(m.At, m.Precision)
}
