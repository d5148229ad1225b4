package web_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"lintas/internal/sheet"
)

// TestXLSX: a workbook is brought in like a CSV file, dates as dates and
// numbers as numbers, and what is downloaded as a workbook can be brought in
// again.
func TestXLSX(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	var b bytes.Buffer
	w, err := sheet.Create(&b, sheet.XLSX, "counts")
	if err != nil {
		t.Fatal(err)
	}
	day := sheet.Day(time.Date(2026, 10, 18, 0, 0, 0, 0, time.UTC))
	for _, err := range []error{w.Head("Country", "Province", "Week start", "Disease", "Cases"), w.Row("KHM", "Siem Reap", day, "dengue", 41), w.Row("KHM", "Kampot", day, "dengue", 0),
		w.Row("KHM", "Kandal", day, "dengue", "many"), w.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	a := s.upload("epi", set+"/import", "counts.xlsx", b.Bytes())
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	path := strings.TrimSuffix(a.Location, "/map")
	s.post("epi", a.Location, s.get("epi", a.Location).fields("map"))
	page := s.get("epi", path)
	if got := page.Find("#problems tbody tr"); got.Length() != 1 || !strings.Contains(got.Text(), "4") || !strings.Contains(got.Text(), "many") {
		t.Fatalf("faults: %s", page.Find("main").Text())
	}
	s.post("epi", path+"/apply", page.fields("apply", "leave_bad", "1"))
	s.desk.Work(t.Context())
	rows := func(set string) string {
		return strings.Join(strings.Fields(s.get("duty", set+"/diseases/dengue?in=KH").Find("#table tr:contains('KH-17'), #table tr:contains('KH-7'), #table tr:contains('KH-8')").Text()), " ")
	}
	if got := rows(set); !strings.Contains(got, "KH-1741") || !strings.Contains(got, "KH-70") || !strings.Contains(got, "KH-8No report") {
		t.Errorf("%s", got)
	}
	book := s.get("duty", set+"/diseases/dengue/table?in=KH&format=xlsx&what=all")
	if !strings.HasPrefix(book.Body, "PK") {
		t.Fatal("no workbook")
	}
	again := s.dataset("Again", "week.sunday", "cases")
	a = s.upload("epi", again+"/import", "again.xlsx", []byte(book.Body))
	path = strings.TrimSuffix(a.Location, "/map")
	if a = s.post("epi", a.Location, s.get("epi", a.Location).fields("map", "fix.disease", "dengue")); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	s.post("epi", path+"/apply", s.get("epi", path).fields("apply"))
	s.desk.Work(t.Context())
	if rows(again) != rows(set) {
		t.Errorf("came back as %s", rows(again))
	}
}
