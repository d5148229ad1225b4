// Package sheet reads and writes tables of rows as CSV or XLSX, row by row, so
// that a table of any length needs little memory.
package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"lintas/internal/fault"
)

// Format of a table.
type Format string

const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// MIME is the media type of the format.
func (f Format) MIME() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Limits of what is read; zero values mean the defaults below.
type Limits struct {
	Bytes   int64 // of the file, and of an XLSX file when unpacked four times as much
	Columns int
	Cell    int // bytes of one cell
}

func (l Limits) filled() Limits {
	if l.Bytes == 0 {
		l.Bytes = 100 << 20
	}
	if l.Columns == 0 {
		l.Columns = 500
	}
	if l.Cell == 0 {
		l.Cell = 64 << 10
	}
	return l
}

// Reader yields the rows of a table in their order.
type Reader struct {
	Format Format
	limits Limits
	row    int
	csv    *csv.Reader
	book   *excelize.File
	rows   *excelize.Rows
}

// zipMagic begins every XLSX file.
var zipMagic = []byte("PK\x03\x04")

// Open looks at the first bytes to tell XLSX from CSV. A CSV file may be
// separated by comma, semicolon or tab, whichever its first line has most of,
// and may begin with a byte order mark. Of an XLSX file the first sheet is
// read. Close the reader.
func Open(r io.Reader, l Limits) (*Reader, error) {
	l = l.filled()
	in := bufio.NewReaderSize(&capped{r: r, left: l.Bytes}, 64<<10)
	head, _ := in.Peek(16 << 10)
	if bytes.HasPrefix(head, zipMagic) {
		return openBook(in, l)
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
		head = head[3:]
	}
	c := csv.NewReader(in)
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = separator(head), -1, true, false
	return &Reader{Format: CSV, limits: l, csv: c}, nil
}

func openBook(in io.Reader, l Limits) (*Reader, error) {
	book, err := excelize.OpenReader(in, excelize.Options{UnzipSizeLimit: max(4*l.Bytes, 16<<20), UnzipXMLSizeLimit: 16 << 20,
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd"})
	if err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			return nil, f
		}
		return nil, fault.Wrap(fault.Invalid, "fault.sheet.xlsx", err)
	}
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return nil, errors.Join(fault.Wrap(fault.Invalid, "fault.sheet.xlsx", err), book.Close())
	}
	return &Reader{Format: XLSX, limits: l, book: book, rows: rows}, nil
}

func separator(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, c := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// Row is the number of the row that Next returned last, from 1, as a
// spreadsheet shows it.
func (r *Reader) Row() int { return r.row }

// Next returns the next row with its cells trimmed; io.EOF ends the table. An
// error of one row is a fault of kind invalid that names the row, and Next may
// go on unless it says so again for the same row.
func (r *Reader) Next() ([]string, error) {
	cells, err := r.next()
	if err != nil {
		return nil, err
	}
	if len(cells) > r.limits.Columns {
		return nil, r.bad("fault.sheet.columns", fault.Args{"max": r.limits.Columns})
	}
	for i, c := range cells {
		if len(c) > r.limits.Cell {
			return nil, r.bad("fault.sheet.cell", fault.Args{"max": r.limits.Cell})
		}
		if !utf8.ValidString(c) {
			return nil, r.bad("fault.sheet.utf8", nil)
		}
		cells[i] = strings.TrimSpace(c)
	}
	return cells, nil
}

func (r *Reader) next() ([]string, error) {
	if r.csv == nil {
		if !r.rows.Next() {
			if err := r.rows.Error(); err != nil {
				return nil, fault.Wrap(fault.Invalid, "fault.sheet.xlsx", err)
			}
			return nil, io.EOF
		}
		r.row++
		cells, err := r.rows.Columns()
		if err != nil {
			return nil, r.bad("fault.sheet.row", nil)
		}
		return cells, nil
	}
	cells, err := r.csv.Read()
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		r.row = broken.StartLine
		return nil, r.bad("fault.sheet.row", nil)
	case err != nil:
		return nil, err
	}
	r.row, _ = r.csv.FieldPos(0)
	return cells, nil
}

func (r *Reader) bad(key string, args fault.Args) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Row: r.row, Key: key, Args: args}}}
}

// Close frees what an XLSX file took.
func (r *Reader) Close() error {
	if r.book == nil {
		return nil
	}
	return errors.Join(r.rows.Close(), r.book.Close())
}

// capped refuses more than left bytes, instead of a silent end.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		var one [1]byte
		if n, err := c.r.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, fault.New(fault.Invalid, "fault.sheet.bytes")
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	return n, err
}
