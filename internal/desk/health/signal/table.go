package signal

import (
	"bytes"
	"errors"
	"io"

	"lintas/internal/desk/health/signal/feed"
	"lintas/internal/fault"
	"lintas/internal/sheet"
)

// A source of rows: a table, or a feed as one. Row numbers are those that a
// spreadsheet shows; of a feed the first item is row 2, below the headings.
type rows interface {
	Next() ([]string, error)
	Row() int
	Close() error
}

// counted counts the bytes that were read of a file.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// openRows tells a feed from a table by its first bytes. read says how many
// bytes were taken from r so far.
func openRows(r io.Reader) (rows, Format, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", err
	}
	head = head[:n]
	r = io.MultiReader(bytes.NewReader(head), r)
	if feed.Looks(head) {
		return openFeed(r)
	}
	in, err := sheet.Open(r, sheet.Limits{Bytes: 64 << 20, Columns: 200, Cell: 32 << 10})
	if err != nil {
		return nil, "", err
	}
	return in, Format(in.Format), nil
}

type feedRows struct {
	items []feed.Item
	next  int
}

func openFeed(r io.Reader) (rows, Format, error) {
	body, err := io.ReadAll(io.LimitReader(r, feed.MaxDocument+1))
	if err != nil {
		return nil, "", err
	}
	items, format, err := feed.Decode(body)
	if err != nil {
		return nil, "", err
	}
	return &feedRows{items: items}, Format(format), nil
}

// feedHeads are the headings of a feed as a table; Guess knows them.
var feedHeads = []string{"Identifier", "Headline", "Description", "Link", "Date", "Language", "Author", "Category", "Place code", "Location", "Instruction"}

func (f *feedRows) Next() ([]string, error) {
	f.next++
	switch {
	case f.next == 1:
		return feedHeads, nil
	case f.next > len(f.items)+1:
		return nil, io.EOF
	}
	i := f.items[f.next-2]
	date := ""
	if !i.At.IsZero() {
		date = i.At.Format("2006-01-02T15:04:05Z07:00")
	}
	return []string{i.ID, i.Title, i.Text, i.Link, date, i.Lang, i.Author, i.Category, i.Place, i.Area, i.Instruction}, nil
}

func (f *feedRows) Row() int     { return f.next }
func (f *feedRows) Close() error { return nil }

// inspected is what the beginning of a file says about it.
type inspected struct {
	format  Format
	columns []Column
	order   DateOrder
}

// sampleRows is how many rows the guess of the columns looks at.
const sampleRows = 200

// inspect reads headings and the first rows.
func inspect(r io.Reader) (inspected, error) {
	var out inspected
	in, format, err := openRows(r)
	if err != nil {
		return out, err
	}
	defer in.Close()
	heads, err := in.Next()
	if errors.Is(err, io.EOF) {
		return out, fault.New(fault.Invalid, "fault.signal.no_rows")
	}
	if err != nil {
		return out, err
	}
	heads = append([]string(nil), heads...)
	var samples [][]string
	for len(samples) < sampleRows {
		cells, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if fault.Is(err, fault.Invalid) {
			break // the check reports the row
		}
		if err != nil {
			return out, err
		}
		samples = append(samples, append([]string(nil), cells...))
	}
	if len(samples) == 0 {
		return out, fault.New(fault.Invalid, "fault.signal.no_rows")
	}
	out.format, out.columns = format, Guess(heads, samples)
	out.order = GuessOrder(out.columns, samples)
	return out, nil
}
