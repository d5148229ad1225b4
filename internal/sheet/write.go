package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Writer takes rows and writes them when it is closed (XLSX) or as they come
// (CSV).
type Writer struct {
	out    io.Writer
	csv    *csv.Writer
	book   *excelize.File
	stream *excelize.StreamWriter
	day    int // style of a date
	stamp  int // style of a time
	bold   int
	row    int
}

// Create begins a table; name is that of the sheet, at most 31 characters.
func Create(out io.Writer, f Format, name string) (*Writer, error) {
	if f != XLSX {
		return &Writer{out: out, csv: csv.NewWriter(out)}, nil
	}
	w := &Writer{out: out, book: excelize.NewFile()}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) {
			return ' '
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 31 {
		name = string(r[:31])
	}
	err := w.book.SetSheetName("Sheet1", name)
	if err == nil {
		w.stream, err = w.book.NewStreamWriter(name)
	}
	for format, style := range map[string]*int{"yyyy-mm-dd": &w.day, "yyyy-mm-dd hh:mm": &w.stamp} {
		if err == nil {
			*style, err = w.book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		}
	}
	if err == nil {
		w.bold, err = w.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	}
	if err != nil {
		return nil, fmt.Errorf("sheet: beginning a workbook: %w", err)
	}
	return w, nil
}

// Day is a date without a time of day.
type Day time.Time

// Head writes a row of titles.
func (w *Writer) Head(titles ...string) error {
	cells := make([]any, len(titles))
	for i, t := range titles {
		cells[i] = t
		if w.csv == nil {
			cells[i] = excelize.Cell{Value: t, StyleID: w.bold}
		}
	}
	return w.Row(cells...)
}

// Row writes cells: strings, numbers, bools, Day, time.Time (written in UTC)
// and nil for an empty one. Text that a spreadsheet would take for a formula
// is kept text.
func (w *Writer) Row(cells ...any) error {
	w.row++
	if w.csv != nil {
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = text(c)
		}
		return w.csv.Write(line)
	}
	for i, c := range cells {
		switch v := c.(type) {
		case Day:
			cells[i] = excelize.Cell{Value: time.Time(v), StyleID: w.day}
			if time.Time(v).IsZero() {
				cells[i] = nil
			}
		case time.Time:
			cells[i] = excelize.Cell{Value: v.UTC(), StyleID: w.stamp}
			if v.IsZero() {
				cells[i] = nil
			}
		}
	}
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	return w.stream.SetRow(at, cells)
}

func text(c any) string {
	switch v := c.(type) {
	case nil:
		return ""
	case string:
		return safe(v)
	case Day:
		if time.Time(v).IsZero() {
			return ""
		}
		return time.Time(v).Format(time.DateOnly)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case fmt.Stringer:
		return safe(v.String())
	}
	s := fmt.Sprint(c)
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return safe(s)
}

// safe keeps a spreadsheet from reading a text as a formula.
func safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Close writes what is left.
func (w *Writer) Close() error {
	if w.csv != nil {
		w.csv.Flush()
		return w.csv.Error()
	}
	if err := w.stream.Flush(); err != nil {
		return err
	}
	if err := w.book.Write(w.out); err != nil {
		return err
	}
	return w.book.Close()
}
