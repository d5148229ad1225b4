package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lintas/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func (s *site) dataset(title, calendar, measure string) string {
	s.t.Helper()
	form := s.get("epi", "/surveillance/datasets/new").fields("dataset", "title", title, "source", "Sample ministry", "calendar", calendar, "measure", measure, "late", "2", "marking", "TLP:GREEN")
	a := s.post("epi", "/surveillance/datasets/new", form)
	if a.Status != http.StatusSeeOther {
		s.t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	return a.Location
}

// bring uploads a sample, confirms its mapping as guessed but for change, and
// stores it.
func (s *site) bring(set, name string, change ...string) string {
	s.t.Helper()
	a := s.upload("epi", set+"/import", name, readSample(s.t, name))
	if a.Status != http.StatusSeeOther {
		s.t.Fatalf("upload: %d %s", a.Status, a.Find(".summary").Text())
	}
	path := strings.TrimSuffix(a.Location, "/map")
	if a = s.post("epi", a.Location, s.get("epi", a.Location).fields("map", change...)); a.Status != http.StatusSeeOther {
		s.t.Fatalf("mapping: %d %s", a.Status, a.Find(".summary").Text())
	}
	form := s.get("epi", path).fields("apply", "leave_bad", "1")
	if a = s.post("epi", path+"/apply", form); a.Status != http.StatusSeeOther {
		s.t.Fatalf("apply: %d %s", a.Status, a.Find(".summary").Text())
	}
	s.desk.Work(s.t.Context())
	return path
}

// TestImportJourney goes through the pages as a person does: upload, mapping,
// preview with faults, a word and a name said, applied, the disease page.
func TestImportJourney(t *testing.T) {
	s := newSite(t)
	if a := s.get("admin", "/surveillance"); a.Status != http.StatusNotFound {
		t.Fatalf("the administrator sees the desk: %d", a.Status)
	}
	if a := s.get("duty", "/surveillance/datasets/new"); a.Status != http.StatusForbidden {
		t.Fatalf("a duty officer may describe: %d", a.Status)
	}
	bad := s.post("epi", "/surveillance/datasets/new", url.Values{"title": {"x"}, "late": {"many"}})
	if bad.Status != http.StatusBadRequest || bad.Find(".summary li").Length() < 4 || bad.Find(`input[name=title]`).AttrOr("value", "") != "x" {
		t.Fatalf("%d %s", bad.Status, bad.Find(".summary").Text())
	}
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	a := s.upload("epi", set+"/import", "weekly.csv", readSample(t, "weekly.csv"))
	path := strings.TrimSuffix(a.Location, "/map")
	form := s.get("epi", a.Location)
	if got := form.Find(`select[name="col.period"] option[selected]`).Text(); got != "Week start" {
		t.Fatalf("the period was guessed to be %q", got)
	}
	s.post("epi", a.Location, form.fields("map", "name", "weekly provinces"))
	preview := s.get("epi", path)
	if got := preview.Find("#problems tbody tr").Length(); got != 2 {
		t.Fatalf("%d faults: %s", got, preview.Find("#problems").Text())
	}
	if !strings.Contains(preview.Find("#problems").Text(), "dengue fever") || !strings.Contains(preview.Find("#terms").Text(), "Siem Reap Town") {
		t.Fatal(preview.Find("main").Text())
	}
	if a := s.post("epi", path+"/apply", preview.fields("apply")); a.Status != http.StatusBadRequest {
		t.Fatalf("applied with faults that nobody settled: %d", a.Status)
	}
	// the word that was not known is asked for, and then known
	form = s.get("epi", path+"/map")
	if of := form.Find(`input[name="word.of"]`).AttrOr("value", ""); of != "disease|dengue fever" {
		t.Fatalf("asked for %q", of)
	}
	s.post("epi", path+"/map", form.fields("map", "word.means", "dengue"))
	s.confirmNames(path)
	s.applied(path, set)
}

func (s *site) confirmNames(path string) {
	t := s.t
	t.Helper()
	names := s.get("epi", path+"/names?suggest=1")
	if got := names.Find(`select[name="means.0"] option[selected]`).AttrOr("value", ""); got != "" {
		t.Logf("suggested %s", got)
	}
	if a := s.post("epi", path+"/names", names.fields("names", "other.0", "KH-99")); a.Status != http.StatusBadRequest || a.Find("fieldset.bad").Length() != 1 {
		t.Fatalf("a place that is not there: %d", a.Status)
	}
	if a := s.post("epi", path+"/names", names.fields("names", "means.0", "KH-17")); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	if got := s.get("epi", "/surveillance/names").Find("#decisions li").Text(); !strings.Contains(got, "KH-17") || !strings.Contains(got, "Duty post epi") {
		t.Fatal(got)
	}
}

func (s *site) applied(path, set string) {
	t := s.t
	t.Helper()
	page := s.get("epi", path)
	if page.Find("#terms").Length() != 0 || page.Find("#problems tbody tr").Length() != 2 {
		// "many" is no number; two names now give one place two counts of a week
		t.Fatal(page.Find("main").Text())
	}
	if !strings.Contains(page.Find("#problems").Text(), "row 4") {
		t.Fatal(page.Find("#problems").Text())
	}
	if a := s.post("epi", path+"/apply", page.fields("apply", "leave_bad", "1")); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	s.desk.Work(t.Context())
	if got := s.get("epi", path); !strings.Contains(got.Find("#state").Text(), "Revision 1") {
		t.Fatal(got.Find("main").Text())
	}
	d := s.get("duty", set+"/diseases/dengue?in=KH")
	rows := d.Find("#table tbody tr")
	if d.Status != http.StatusOK || rows.Length() < 25 {
		t.Fatalf("%d, %d rows", d.Status, rows.Length())
	}
	if got := rows.First().Text(); !strings.Contains(got, "No report") {
		t.Errorf("a place without counts: %s", got)
	}
	if d.Find(`#map-panel path[fill="url(#map-hatch)"]`).Length() < 20 || d.Find("#map-panel path.q5").Length() != 1 {
		t.Error("the map does not hatch what nobody reported")
	}
	if got := s.get("province", set+"/diseases/dengue?in=KH").Find("#table"); strings.Contains(got.Text(), "KH-7") && strings.Contains(got.Find("tr:contains('KH-7')").Text(), "9") {
		t.Error("a reader of one province sees another's counts")
	}
	csv := s.get("duty", set+"/diseases/dengue/table?in=KH&format=hxl&what=all").Body
	if !strings.Contains(csv, "#adm1+code") || !strings.Contains(csv, "KH,KH-7,Kampot,2026-W42,2026-10-18,2026-10-24,7") {
		t.Error(csv)
	}
	if p := s.get("duty", "/surveillance/places/KH-7"); p.Status != http.StatusOK || p.Find("svg.chart").Length() == 0 {
		t.Errorf("the page of the place: %d", p.Status)
	}
	if p := s.get("province", "/surveillance/places/KH-7"); p.Status != http.StatusNotFound {
		t.Errorf("a reader of one province opens another: %d", p.Status)
	}
}

// TestFormats: a line list is counted and not kept, FHIR and DHIS2 become the
// same kind of counts, a population gives rates.
func TestFormats(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	s.bring(set, "linelist.csv", "fix.state", "KH")
	s.bring(set, "fhir.json", "col.disease", "group", "col.sex", "stratum", "col.age", "", "only.0.column", "stratifier", "only.0.values", "sex")
	people := s.dataset("Census", "year", "population")
	s.bring(people, "population.csv")
	d := s.get("duty", set+"/diseases/dengue?in=KH&rate=1&span=4")
	kampot := strings.Join(strings.Fields(d.Find("#table tr:contains('KH-7')").Text()), " ")
	// Three cases of the list, of which the FHIR report replaces the first week.
	if !strings.Contains(kampot, "22") || !strings.Contains(kampot, "592,845") || !strings.Contains(kampot, "2019") || !strings.Contains(kampot, "3.7") {
		t.Error(kampot)
	}
	if note := d.Find("#map-panel .note-s").Text(); !strings.Contains(note, "Per 100,000") || !strings.Contains(note, "2019") {
		t.Error(note)
	}
}

// TestPull fetches counts from a DHIS2 server with a token that is not kept.
func TestPull(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "ApiToken d2pat_secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		asked = r.URL.String()
		_, _ = w.Write(readSample(t, "dhis2.json"))
	}))
	defer server.Close()
	form := url.Values{"url": {server.URL + "/dhis"}, "set": {"V1sample"}, "unit": {"ImspTQPwCqd"}, "from": {"2026-10-01"}, "to": {"2026-11-01"}, "token": {"wrong"}}
	a := s.post("epi", set+"/pull", form)
	if a.Status != http.StatusBadRequest || strings.Contains(a.Body, "wrong") || a.Find("input[name=set]").AttrOr("value", "") != "V1sample" {
		t.Fatalf("%d, or the token is on the page", a.Status)
	}
	form.Set("token", "d2pat_secret")
	if a = s.post("epi", set+"/pull", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	if want := "/dhis/api/dataValueSets.json?children=true&dataSet=V1sample&endDate=2026-11-01&orgUnit=ImspTQPwCqd&startDate=2026-10-01"; asked != want {
		t.Errorf("asked %s", asked)
	}
	path := strings.TrimSuffix(a.Location, "/map")
	s.post("epi", a.Location, s.get("epi", a.Location).fields("map", "fix.disease", "dengue", "col.disease", ""))
	page := s.get("epi", path)
	if got := page.Find("#terms").Text(); !strings.Contains(got, "Rp268JB6Ne4") || strings.Contains(page.Body, "d2pat_secret") {
		t.Fatal(page.Find("main").Text())
	}
	s.post("epi", path+"/names", s.get("epi", path+"/names").fields("names", "other.0", "KH-17"))
	page = s.get("epi", path)
	if got := page.Find("#state").Text(); !strings.Contains(got, "2 counts in 1 series") {
		t.Fatal(got)
	}
	for _, bad := range []string{"ftp://x.org", "https://u:p@x.org", "https://x.org/?a=b", "nonsense"} {
		form.Set("url", bad)
		if a := s.post("epi", set+"/pull", form); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, a.Status)
		}
	}
	form.Set("url", "http://169.254.169.254")
	if a := s.post("epi", set+"/pull", form); a.Status != http.StatusBadRequest {
		t.Errorf("a link-local address: %d", a.Status)
	}
}
