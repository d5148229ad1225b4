package surveillance

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"lintas/internal/fault"
	"lintas/internal/sheet"
)

// Format of a file that is brought in.
type Format string

const (
	FormatTable Format = "table" // CSV or XLSX
	FormatZip   Format = "zip"   // one CSV in a ZIP archive, as OpenDengue is published
	FormatDHIS2 Format = "dhis2" // dataValueSets
	FormatFHIR  Format = "fhir"  // MeasureReport, or a Bundle of them
)

// table is any of them, row by row under headings.
type table interface {
	Head() []string
	Next() ([]string, error) // io.EOF at the end; a fault with a row may be gone on from
	Row() int
	Close() error
}

// mostUnpacked is how large the file in an archive may be.
const mostUnpacked = 256 << 20

// openTable looks at the first bytes to see what a file is. size is that of
// the whole file, at most files.MaxSize.
func openTable(r io.Reader) (table, Format, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", fault.Wrap(fault.Invalid, "fault.surveillance.empty", err)
	}
	head = head[:n]
	all := io.MultiReader(bytes.NewReader(head), r)
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return openArchive(all)
	case len(text) > 0 && (text[0] == '{' || text[0] == '['):
		return openJSON(all)
	}
	t, err := openSheet(all, sheet.Limits{})
	return t, FormatTable, err
}

// openArchive tells a workbook, which is an archive too, from one with a CSV.
func openArchive(r io.Reader) (table, Format, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, "", err
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, "fault.surveillance.zip", err)
	}
	var found *zip.File
	for _, f := range z.File {
		if f.Name == "[Content_Types].xml" {
			t, err := openSheet(bytes.NewReader(b), sheet.Limits{})
			return t, FormatTable, err
		}
		if ext := strings.ToLower(path.Ext(f.Name)); ext == ".csv" && !strings.HasPrefix(f.Name, "__MACOSX/") {
			if found != nil {
				return nil, "", fault.New(fault.Invalid, "fault.surveillance.zip_many")
			}
			found = f
		}
	}
	if found == nil {
		return nil, "", fault.New(fault.Invalid, "fault.surveillance.zip")
	}
	in, err := found.Open()
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, "fault.surveillance.zip", err)
	}
	t, err := openSheet(in, sheet.Limits{Bytes: mostUnpacked}) // refuses what unpacks to more
	return t, FormatZip, err
}

// sheetTable is a CSV or XLSX file under its first row.
type sheetTable struct {
	*sheet.Reader
	head []string
}

func openSheet(r io.Reader, l sheet.Limits) (table, error) {
	s, err := sheet.Open(r, l)
	if err != nil {
		return nil, err
	}
	head, err := s.Next()
	if errors.Is(err, io.EOF) {
		err = fault.New(fault.Invalid, "fault.surveillance.empty")
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	seen := map[string]bool{}
	for _, h := range head {
		if h != "" && seen[h] {
			return nil, errors.Join(fault.New(fault.Invalid, "fault.surveillance.column_twice").With("column", clip(h)), s.Close())
		}
		seen[h] = true
	}
	return &sheetTable{s, head}, nil
}

// Head is the first row.
func (t *sheetTable) Head() []string { return t.head }

// listTable is rows that were read at once.
type listTable struct {
	head []string
	rows [][]string
	at   int
}

func (t *listTable) Head() []string { return t.head }
func (t *listTable) Row() int       { return t.at }
func (t *listTable) Close() error   { return nil }

func (t *listTable) Next() ([]string, error) {
	if t.at >= len(t.rows) {
		return nil, io.EOF
	}
	t.at++
	return t.rows[t.at-1], nil
}
