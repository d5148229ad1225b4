package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// foreign puts a release of another member into the node, as it would come.
func (s *site) foreign(from access.Member, share, release id.ID, body string) {
	s.t.Helper()
	r := exchange.Release{ID: release, Kind: surveillance.KindCounts, From: from, Marking: access.TLPGreen, Ref: exchange.Ref{ID: share, Version: 1}, Body: []byte(body)}
	if body == "" {
		r.Body, r.Withdraws, r.Reason = []byte("null"), release, "Sample reason."
		r.ID = release + "x"
	}
	err := s.db.Write(s.t.Context(), func(tx *db.Tx) error {
		return s.desk.Handlers()[surveillance.KindCounts](s.t.Context(), tx, exchange.Inbound{Release: r, Received: s.clock.Now()})
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

const (
	shareTH = id.ID("0190a000-0000-7000-8000-0000000000aa")
	shareVN = id.ID("0190a000-0000-7000-8000-0000000000bb")
	// Weeks that begin on Monday; the node's own begin on Sunday.
	bodyTH = `{"title":"Dengue","source":"Sample bureau TH","measure":"cases","calendar":{"resolution":"week","weeks":"iso"},"disease":"dengue","level":0,"floor":5,"rev":3,"known_at":"2026-11-20T00:00:00Z",
		"first":2962,"start":"2026-10-05","late":1,"rows":[{"place":"TH","classes":["all"],"values":[410,-2,0,-1,512]}]}`
	bodyVN = `{"title":"Dengue","source":"Sample bureau VN","measure":"cases","calendar":{"resolution":"week","weeks":"sunday"},"disease":"dengue","level":1,"floor":5,"rev":1,"known_at":"2026-11-20T00:00:00Z",
		"first":2962,"start":"2026-10-04","rows":[{"place":"VN-44","classes":["all"],"values":[30,-2]},{"place":"VN-HN","classes":["all"],"values":[7,-2]}]}`
)

// TestReleaseJourney: composed with a fault named, cleared by a second person,
// what leaves shown before it does, withdrawn with a reason.
func TestReleaseJourney(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	s.bring(set, "weekly.csv", "word.of", "disease|dengue fever", "word.means", "dengue")
	sid := set[strings.LastIndexByte(set, '/')+1:]
	if a := s.get("duty", "/surveillance/releases/new"); a.Status != http.StatusForbidden {
		t.Fatalf("a duty officer may compose: %d", a.Status)
	}
	form := s.get("epi", "/surveillance/releases/new?of="+url.QueryEscape(sid+"|dengue")).fields("share", "floor", "many", "level", "1")
	a := s.post("epi", "/surveillance/releases/new", form)
	if a.Status != http.StatusBadRequest || a.Find("input[name=floor]").AttrOr("aria-invalid", "") != "true" || a.Find("input[name=floor]").AttrOr("value", "") != "many" {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	form.Set("floor", "8")
	form["to"] = []string{"TH", "VN"}
	if a = s.post("epi", "/surveillance/releases/new", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	page := a.Location
	preview := s.get("epi", page)
	if text := preview.Find("#leaves").Text(); !strings.Contains(text, "Withheld by its owner") || !strings.Contains(text, "No report") || !strings.Contains(text, "counts from 1 to 7 withheld") {
		t.Fatalf("%s", text)
	}
	if got := s.get("epi", page+"/edit").Find("input[name=to][checked]").Length(); got != 2 {
		t.Fatalf("%d recipients in the form", got)
	}
	s.post("epi", page+"/submit", preview.fields("act-submit"))
	if a := s.post("epi", page+"/clear", url.Values{"version": {"2"}}); a.Status != http.StatusForbidden {
		t.Fatalf("cleared by who composed: %d", a.Status)
	}
	s.desk.Work(t.Context())
	if len(s.out) != 0 {
		t.Fatal("it left before it was cleared")
	}
	if a := s.post("approver", page+"/clear", s.get("approver", page).fields("act-clear")); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	s.desk.Work(t.Context())
	if len(s.out) != 1 || len(s.out[0].To) != 2 {
		t.Fatalf("%d releases left", len(s.out))
	}
	if got := s.get("duty", "/surveillance/releases").Find("#own tbody tr").Text(); !strings.Contains(got, "Thailand, Viet Nam") || !strings.Contains(got, "withheld") {
		t.Error(got)
	}
	if a := s.post("approver", page+"/withdraw", s.get("approver", page).fields("act-withdraw")); a.Status != http.StatusBadRequest || a.Find("details[open] .err").Length() != 1 {
		t.Errorf("withdrawn without a reason: %d", a.Status)
	}
	s.post("approver", page+"/withdraw", s.get("approver", page).fields("act-withdraw", "reason", "Sample."))
	if len(s.out) != 2 || s.out[1].Withdraws != s.out[0].ID {
		t.Fatal("no withdrawal left")
	}
}

// TestRegion: own counts and those of others side by side, each in its own
// calendar; what is not released is hatched and no zero.
func TestRegion(t *testing.T) {
	s := newSite(t)
	if a := s.get("duty", "/surveillance/region"); a.Status != http.StatusOK || a.Find(".multis").Length() != 0 {
		t.Fatalf("an empty region: %d", a.Status)
	}
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	s.bring(set, "weekly.csv", "word.of", "disease|dengue fever", "word.means", "dengue")
	s.foreign("TH", shareTH, "0190a000-0000-7000-8000-000000000001", bodyTH)
	s.foreign("VN", shareVN, "0190a000-0000-7000-8000-000000000002", bodyVN)
	a := s.get("duty", "/surveillance/region?on=2026-10-07")
	if got := a.Find(".multis > li").Length(); got != 12 {
		t.Fatalf("%d cells", got)
	}
	cell := func(a answer, code string) string {
		return strings.Join(strings.Fields(a.Find(".multis li:has(.pl:contains("+code+"))").Text()), " ")
	}
	if got := cell(a, "TH"); !strings.Contains(got, "410") || !strings.Contains(got, "scale to") {
		t.Errorf("TH: %q", got)
	}
	if got := cell(a, "VN"); !strings.Contains(got, "By province only") {
		t.Errorf("VN: %q", got)
	}
	if got := cell(a, "MY"); !strings.Contains(got, "Not released") || strings.Contains(got, " 0") {
		t.Errorf("MY: %q", got)
	}
	if a.Find(`#map-panel path[fill="url(#region-map-hatch)"]`).Length() < 8 {
		t.Error("what is not released is not hatched")
	}
	if got := a.Find("#table tr:contains('Thailand')").Text(); !strings.Contains(got, "Sample bureau TH") || !strings.Contains(got, "begin on Monday") || !strings.Contains(got, "1 to 4 withheld") {
		t.Errorf("TH: %s", got)
	}
	kept := s.get("duty", "/surveillance/region?on=2026-10-14")
	if got := cell(kept, "TH"); !strings.Contains(got, "Withheld by its owner") || kept.Find(`#map-panel path[fill="url(#region-map-hatch-kept)"]`).Length() != 1 {
		t.Errorf("TH: %q", got)
	}
	if got := cell(s.get("duty", "/surveillance/region?on=2026-10-21"), "TH"); !strings.Contains(got, "Thailand0") {
		t.Errorf("a zero is told: %q", got)
	}
	// As it was known at the end of that week nothing had come.
	if got := cell(s.get("duty", "/surveillance/region?on=2026-10-07&then=1"), "TH"); !strings.Contains(got, "Not released") {
		t.Errorf("TH then: %q", got)
	}
	if got := cell(s.get("province", "/surveillance/region?on=2026-10-07"), "TH"); !strings.Contains(got, "Not released") && s.get("province", "/surveillance/region").Find(".multis").Length() != 0 {
		t.Errorf("a reader of one province sees TH: %q", got)
	}
	if got := s.get("duty", "/surveillance/released/"+string(shareVN)); got.Status != http.StatusOK || !strings.Contains(got.Find("#counts").Text(), "Withheld by its owner") {
		t.Errorf("what VN released: %d", got.Status)
	}
	if got := s.get("province", "/surveillance/released/"+string(shareVN)).Status; got != http.StatusNotFound {
		t.Errorf("a reader of one province opens it: %d", got)
	}
	s.clock.Advance(time.Hour)
	s.foreign("TH", shareTH, "0190a000-0000-7000-8000-000000000001", "")
	if got := cell(s.get("duty", "/surveillance/region?on=2026-10-07"), "TH"); !strings.Contains(got, "Taken back") {
		t.Errorf("TH withdrew: %q", got)
	}
	if a := s.get("duty", "/surveillance/released/"+string(shareTH)); a.Status != http.StatusNotFound {
		t.Errorf("what TH took back: %d", a.Status)
	}
}

// TestCompare: places of this node and of others on one scale, withheld and
// missing told apart.
func TestCompare(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	s.bring(set, "weekly.csv", "word.of", "disease|dengue fever", "word.means", "dengue")
	people := s.dataset("Census", "year", "population")
	s.bring(people, "population.csv")
	s.foreign("VN", shareVN, "0190a000-0000-7000-8000-000000000002", bodyVN)
	a := s.get("duty", set+"/diseases/dengue/compare?p=KH-7&p=VN-44&p=XX")
	if a.Status != http.StatusOK || a.Find("#lines svg.wide path.ln").Length() != 2 {
		t.Fatalf("%d, %d lines", a.Status, a.Find("#lines svg.wide path.ln").Length())
	}
	if got := a.Find("#lines .astable tbody").Text(); !strings.Contains(got, "Withheld by its owner") || !strings.Contains(got, "No report") || !strings.Contains(got, "30") {
		t.Error(got)
	}
	if got := a.Find("#table tr:contains('VN-44')").Text(); !strings.Contains(got, "Sample bureau VN") {
		t.Error(got)
	}
	if got := s.get("duty", set+"/diseases/dengue/compare?p=KH-7&rate=1").Find("#table tr:contains('KH-7')").Text(); !strings.Contains(got, "592,845") {
		t.Error(got)
	}
	if got := s.get("duty", set+"/diseases/dengue/compare").Find("#lines svg.wide path.ln").Length(); got < 1 {
		t.Error("nothing to begin with")
	}
	if got := s.get("duty", set+"/diseases/cholera/compare").Status; got != http.StatusNotFound {
		t.Errorf("a disease that is not there: %d", got)
	}
	if s.get("duty", set+"/diseases/dengue").Find(`.head a[href*="/compare"]`).Length() != 1 {
		t.Error("no way from the disease to the comparison")
	}
}

// TestFigures: each chart and map can be saved, with source and date in the
// file; what is not there is not found.
func TestFigures(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	s.bring(set, "weekly.csv", "word.of", "disease|dengue fever", "word.means", "dengue")
	s.foreign("TH", shareTH, "0190a000-0000-7000-8000-000000000001", bodyTH)
	dis := set + "/diseases/dengue"
	for path, want := range map[string]string{
		dis + "/figure/map.svg?in=KH": "Sample ministry", dis + "/figure/curve.svg?in=KH": "Sample ministry", dis + "/figure/grid.svg": "own scale",
		"/surveillance/region/figure/map.svg": "TH: Sample bureau TH", "/surveillance/region/figure/grid.svg": "Not released",
		dis + "/compare/figure/lines.svg?p=KH-7": "KH-7: Sample ministry", "/surveillance/released/" + string(shareTH) + "/figure/curve.svg": "counts from 1 to 4 withheld",
		"/surveillance/places/KH-7/figure/line-0.svg": "Sample ministry",
	} {
		a := s.get("duty", path, "Accept-Language", "id")
		if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(a.Header.Get("Content-Disposition"), ".svg") {
			t.Errorf("%s: %d %s", path, a.Status, a.Header)
		}
		said := strings.Join(s.get("duty", path).Find("text").Map(func(_ int, e *goquery.Selection) string { return e.Text() }), " ")
		if !strings.Contains(said, want) {
			t.Errorf("%s does not say %q: %s", path, want, said)
		}
	}
	for _, path := range []string{dis + "/figure/map.png?in=KH", "/surveillance/region/figure/grid.png"} {
		a := s.get("duty", path, "Accept-Language", "km")
		if a.Status != http.StatusOK || !strings.HasPrefix(a.Body, "\x89PNG") {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, path := range []string{dis + "/figure/map.pdf", dis + "/figure/none.svg", dis + "/figure/map", "/surveillance/region/figure/curve.png", "/surveillance/places/KH-7/figure/line-9.svg", dis + "/compare/figure/map.svg"} {
		if a := s.get("duty", path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := s.get("admin", "/surveillance/region/figure/map.svg"); a.Status != http.StatusNotFound {
		t.Errorf("the administrator saves a figure: %d", a.Status)
	}
}
