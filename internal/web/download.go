package web

import (
	"net/http"
	"strings"
	"time"

	"lintas/internal/sheet"
)

// Sheet answers with a file of rows: XLSX where the address ends so, else CSV.
// Its name carries the day.
func (r *Request) Sheet(w http.ResponseWriter, name string, head []string, rows [][]any) error {
	format := sheet.CSV
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		format = sheet.XLSX
	}
	h := w.Header()
	h.Set("Content-Type", format.MIME())
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+r.Now.UTC().Format(time.DateOnly)+"."+string(format)+`"`)
	out, err := sheet.Create(w, format, name)
	if err != nil {
		return err
	}
	err = out.Head(head...)
	for _, row := range rows {
		if err == nil {
			err = out.Row(row...)
		}
	}
	if err != nil {
		return err
	}
	return out.Close()
}

// Files registers the CSV and the XLSX file of a list.
func (m *Mux) Files(list string, h Handler) {
	for _, f := range []string{".csv", ".xlsx"} {
		m.Download("GET "+list+f, h)
	}
}
