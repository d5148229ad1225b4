package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func (s *site) boundaries(who, state, source, file string) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, v := range map[string]string{"state": state, "source": source} {
		if err := m.WriteField(name, v); err != nil {
			s.t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("file", "provinces.geojson")
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/surveillance/boundaries", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.send(who, r)
}

func unit(code string, x, y float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":"%s"},"geometry":{"type":"Polygon","coordinates":[[[%[2]g,%[3]g],[%[4]g,%[3]g],[%[4]g,%[5]g],[%[2]g,%[5]g],[%[2]g,%[3]g]]]}}`, code, x, y, x+1, y+1)
}

// TestBoundaries: a file is refused by the name of its feature, looked at,
// used by the maps with its source and its gaps, and taken away again.
func TestBoundaries(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	s.bring(set, "weekly.csv", "word.of", "disease|dengue fever", "word.means", "dengue")
	page := set + "/diseases/dengue?in=KH"
	before, _ := s.get("duty", page).Find("#map-panel .a1 path").First().Attr("d")
	if got := s.get("duty", "/surveillance/boundaries").Find("#which tr:contains('Cambodia')").Text(); !strings.Contains(got, "Tbong") || !strings.Contains(got, "Natural Earth") {
		t.Errorf("the known gap is not shown: %s", got)
	}
	a := s.boundaries("epi", "KH", "", `{"type":"FeatureCollection","features":[`+unit("KH-17", 103, 13)+`]}`)
	if a.Status != http.StatusBadRequest || a.Find("input[name=source]").AttrOr("aria-invalid", "") != "true" {
		t.Errorf("without a source: %d", a.Status)
	}
	a = s.boundaries("epi", "KH", "Sample office", `{"type":"FeatureCollection","features":[`+unit("KH-17", 103, 13)+`,`+unit("KH-99", 104, 13)+`,`+unit("KH-7", 12, 104)+`]}`)
	if text := a.Find(".summary").Text(); a.Status != http.StatusBadRequest || !strings.Contains(text, "Feature 2 (KH-99)") || !strings.Contains(text, "Swap the two") || a.Find("input[name=source]").AttrOr("value", "") != "Sample office" {
		t.Errorf("%d %s", a.Status, text)
	}
	if a = s.boundaries("duty", "KH", "Sample office", "{}"); a.Status != http.StatusForbidden {
		t.Errorf("a duty officer uploads: %d", a.Status)
	}
	good := `{"type":"FeatureCollection","features":[` + unit("KH-17", 103, 13) + `,` + unit("KH-7", 104, 11) + `]}`
	if a = s.boundaries("epi", "KH", "Sample office", good); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	a = s.get("epi", "/surveillance/boundaries")
	if a.Find(`form[action$="/KH/use"]`).Length() != 1 || !strings.Contains(a.Find("main").Text(), "not yet in use") {
		t.Fatal("there is nothing to look at")
	}
	if now, _ := s.get("duty", page).Find("#map-panel .a1 path").First().Attr("d"); now != before {
		t.Error("it is drawn before it is used")
	}
	if a = s.post("epi", "/surveillance/boundaries/KH/use", nil); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	m := s.get("duty", page).Find("#map-panel")
	if now, _ := m.Find(".a1 path").First().Attr("d"); now == before || !strings.Contains(m.Text(), "KH: Sample office") || !strings.Contains(m.Text(), "No outline in this edition") {
		t.Errorf("the maps do not draw it: %s", m.Find(".note-s").Text())
	}
	if got := s.get("duty", "/surveillance/boundaries").Find("#which tr:contains('Cambodia')").Text(); !strings.Contains(got, "Sample office") || !strings.Contains(got, "Battambang") {
		t.Errorf("its gaps: %s", got)
	}
	if a = s.post("epi", "/surveillance/boundaries/KH/drop", nil); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if now, _ := s.get("duty", page).Find("#map-panel .a1 path").First().Attr("d"); now != before {
		t.Error("the built-in ones are not drawn again")
	}
	if a = s.post("epi", "/surveillance/boundaries/KH/drop", nil); a.Status != http.StatusNotFound {
		t.Errorf("dropped twice: %d", a.Status)
	}
}
