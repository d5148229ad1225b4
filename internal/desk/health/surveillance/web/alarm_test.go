package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/api/apitest"
	"lintas/internal/db"
	"lintas/internal/desk/health/surveillance"
	surveillanceweb "lintas/internal/desk/health/surveillance/web"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/sheet"
)

// inbox keeps one signal for each key, as the desk of signals does.
type inbox map[id.ID]surveillance.Fate

func (b inbox) Raise(_ context.Context, _ *db.Tx, o surveillance.Occurrence) (id.ID, error) {
	sid := id.ID(fmt.Sprintf("0190a000-0000-7000-8000-%012d", len(o.Key)*1000+len(b)))
	b[sid] = surveillance.Fate{Signal: sid, State: "received", Outcome: "open"}
	return sid, nil
}

func (b inbox) Fate(_ context.Context, _ *db.Tx, _ access.Actor, sid id.ID) (surveillance.Fate, bool, error) {
	f, ok := b[sid]
	return f, ok, nil
}

// sixYears is a bulletin of twelve provinces, one of which jumps in the newest
// week; another did not report it.
func sixYears(now time.Time) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "Country,Province,Week start,Disease,Cases")
	r := rand.New(rand.NewPCG(1, 2))
	sunday := now.AddDate(0, 0, -int(now.Weekday())-7)
	for n := 1; n <= 12; n++ {
		for back := 320; back >= 0; back-- {
			cases := 12 + r.IntN(7)
			if n == 7 && back == 0 {
				cases = 90
			}
			if n == 3 && back == 0 {
				continue
			}
			fmt.Fprintf(&b, "KH,KH-%d,%s,dengue,%d\n", n, sunday.AddDate(0, 0, -7*back).Format(time.DateOnly), cases)
		}
	}
	return b.Bytes()
}

// scanned is a site with the bulletin imported and scanned.
func scanned(t *testing.T) (s *site, set string, in inbox) {
	t.Helper()
	people["approver"] = []access.Grant{{Role: access.Approver}}
	layer := &surveillanceweb.ScanLayer{}
	s = newSite(t, layer)
	layer.Desk = s.desk
	in = inbox{}
	s.desk.Raise(in)
	set = s.dataset("Weekly bulletin", "week.sunday", "cases")
	a := s.upload("epi", set+"/import", "years.csv", sixYears(s.clock.Now()))
	path := strings.TrimSuffix(a.Location, "/map")
	s.post("epi", a.Location, s.get("epi", a.Location).fields("map"))
	if a := s.post("epi", path+"/apply", s.get("epi", path).fields("apply")); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Find(".summary").Text())
	}
	s.desk.Work(t.Context())
	s.desk.ScanWork(t.Context())
	return s, set, in
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestAlarmJourney follows an alarm from the list to its proof.
func TestAlarmJourney(t *testing.T) {
	s, set, in := scanned(t)
	if a := s.get("admin", "/surveillance/alarms"); a.Status != http.StatusNotFound {
		t.Fatalf("the administrator sees alarms: %d", a.Status)
	}
	list := s.get("duty", "/surveillance/alarms")
	row := list.Find("#alarms tbody tr").First()
	if got := flat(row.Text()); list.Status != 200 || !strings.Contains(got, "KH-7") || !strings.Contains(got, "90") || !strings.Contains(got, "Signal, not yet decided") {
		t.Fatalf("%d %s", list.Status, got)
	}
	if got := flat(list.Find("#runs").Text()); !strings.Contains(got, "11 of 12 series judged") {
		t.Fatal(got)
	}
	one := row.Find("th a, td a").First().AttrOr("href", "")
	page := s.get("duty", one)
	if got := flat(page.Find("#figures").Text()); page.Status != 200 || !strings.Contains(got, "90") || page.Find("#curve path.thr").Length() != 2 || page.Find("#curve path.exp").Length() != 2 {
		t.Fatalf("%d %s: no curve with threshold and expected counts", page.Status, got)
	}
	if page.Find(`a[href^="/health/signals/"]`).Length() != 1 {
		t.Fatal("no link to the signal")
	}
	for _, want := range []string{"Years of history", "Noufaily", "Data version", "Revision 1", "built-in"} {
		if !strings.Contains(page.Find("main").Text(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	again := s.get("duty", one+"?again=1")
	if got := flat(again.Find("#again").Text()); !strings.Contains(got, "the same to the last digit") || again.Find("#again tbody tr").Length() != 6 {
		t.Fatal(got)
	}
	if a := s.get("province", one); a.Status != http.StatusNotFound {
		t.Fatalf("a reader of another province: %d", a.Status)
	}
	s.downloads(t)
	for sid, f := range in {
		f.Outcome = "verified"
		in[sid] = f
	}
	if got := flat(s.get("duty", "/surveillance/alarms/quality").Find("#quality tbody").Text()); !strings.Contains(got, "Dengue") || !strings.Contains(got, "100%") {
		t.Fatal(got)
	}
	s.layered(t, set)
}

func (s *site) downloads(t *testing.T) {
	t.Helper()
	csv := s.get("duty", "/surveillance/alarms/table?format=csv").Body
	if !strings.Contains(csv, "fdr_adjusted_p") || !strings.Contains(csv, "dengue,KH-7,Kampot,all,2026-W46") {
		t.Fatal(csv)
	}
	for _, path := range []string{"/surveillance/alarms/table?format=xlsx", "/surveillance/alarms/quality/table?format=xlsx"} {
		a := s.get("duty", path)
		r, err := sheet.Open(strings.NewReader(a.Body), sheet.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// layered: the page of the disease has the threshold of a province that
// reports itself, and none over a sum.
func (s *site) layered(t *testing.T, set string) {
	t.Helper()
	d := s.get("duty", set+"/diseases/dengue?in=KH")
	if got := d.Find("#curve .layer").Text(); !strings.Contains(got, "No threshold is drawn over a sum") || d.Find("#curve path.thr").Length() != 0 {
		t.Fatal(flat(got))
	}
}

// TestLayer judges the figures that the page shows, by the method in force.
func TestLayer(t *testing.T) {
	s, _, _ := scanned(t)
	sets, err := s.desk.Datasets(t.Context(), actor("duty"))
	if err != nil {
		t.Fatal(err)
	}
	set := sets[0]
	marks, err := surveillanceweb.ScanLayer{Desk: s.desk}.Curve(t.Context(), actor("duty"), surveillanceweb.CurveOf{Dataset: set.Number, Rev: set.Front.Rev, Disease: "dengue", Place: "KH-7",
		From: set.Front.Last - 51, To: set.Front.Last, Calendar: set.Calendar, Printer: locale.New("en", nil, "")})
	if err != nil {
		t.Fatal(err)
	}
	last := set.Front.Last
	if len(marks.Values) != 52 || len(marks.Expected) != 52 || !marks.Alarms[last] || marks.Values[last] < 15 || marks.Values[last] > 40 || !strings.Contains(marks.Limit, "Farrington Flexible, built-in") {
		t.Fatalf("%d thresholds, %v, %s", len(marks.Values), marks.Values[last], marks.Limit)
	}
	var b bytes.Buffer
	for _, c := range []templ.Component{marks.Panel, marks.Below} {
		if err := c.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"Years of history 5", "Delays cannot be learnt yet", "Serial interval (built-in): mean 16 days", "windows of 4 weeks", "Aldstadt"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the panel lacks %q", want)
		}
	}
	if b := marks.Bands["rt"]; len(b.Points) < 20 || b.Points[len(b.Points)-1].Label != set.Label(last) || b.Points[len(b.Points)-1].Low < 1 {
		t.Errorf("R after a jump is %+v", b.Points[max(0, len(b.Points)-1):])
	}
	if len(marks.Bands) != 1 {
		t.Error("there is a nowcast without revisions to learn from")
	}
}

// TestYearsPage judges every week of a series and lets it be downloaded.
func TestYearsPage(t *testing.T) {
	s, set, _ := scanned(t)
	path := set + "/diseases/dengue/years"
	a := s.get("duty", path+"?place=KH-7")
	rows := a.Find("#years tbody tr")
	if a.Status != 200 || rows.Length() < 6 || a.Find("#years svg.years rect.above").Length() < 2 {
		t.Fatalf("%d, %d years", a.Status, rows.Length())
	}
	if got := flat(rows.First().Text()); !strings.Contains(got, "2026-W46") {
		t.Error(got)
	}
	if a := s.get("province", path+"?place=KH-7"); a.Status != http.StatusNotFound {
		t.Errorf("a reader of another province: %d", a.Status)
	}
	if csv := s.get("duty", path+"/table?place=KH-7&format=csv").Body; strings.Count(csv, "\n") != 322 || !strings.Contains(csv, "too-short") {
		t.Errorf("%d lines", strings.Count(csv, "\n"))
	}
}

// TestMethodJourney proposes, corrects and confirms a method through the pages.
func TestMethodJourney(t *testing.T) {
	s, _, _ := scanned(t)
	if a := s.get("duty", "/surveillance/methods/new"); a.Status != http.StatusForbidden {
		t.Fatalf("a duty officer may propose: %d", a.Status)
	}
	form := s.get("epi", "/surveillance/methods/new?disease=dengue&algorithm=ears_c2")
	if form.Find("input[name=baseline]").Length() != 1 || form.Find("input[name=seasons]").Length() != 0 {
		t.Fatal("the form is not of the chosen algorithm")
	}
	bad := s.post("epi", "/surveillance/methods/new", form.fields("method", "baseline", "many", "basis", ""))
	if bad.Status != http.StatusBadRequest || bad.Find(".summary li").Length() != 2 || bad.Find("#f-baseline-error").Length() != 1 {
		t.Fatalf("%d %s", bad.Status, flat(bad.Find(".summary").Text()))
	}
	a := s.post("epi", "/surveillance/methods/new", form.fields("method", "basis", "Sample: a new disease"))
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, flat(a.Find(".summary").Text()))
	}
	path := a.Location
	page := s.get("epi", path)
	if got := flat(page.Find("#method").Text()); !strings.Contains(got, "Somebody other than who proposed it") {
		t.Fatal(got)
	}
	if got := s.post("epi", path+"/step/confirm", url.Values{"version": {"1"}}); got.Status == http.StatusSeeOther {
		t.Fatal("who proposed it confirmed it")
	}
	edit := s.get("epi", path+"/edit").fields("method", "min_cases", "3")
	if a := s.post("epi", path+"/edit", edit); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, flat(a.Find(".summary").Text()))
	}
	if a := s.post("approver", path+"/step/confirm", url.Values{"version": {"2"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, flat(a.Find("main").Text()))
	}
	s.desk.ScanWork(t.Context())
	if got := flat(s.get("duty", "/surveillance/scans").Find("#scans tbody tr").First().Text()); !strings.Contains(got, "a method changed") {
		t.Fatal(got)
	}
	if got := flat(s.get("duty", "/surveillance/methods").Find("#methods tbody").Text()); !strings.Contains(got, "In force") || !strings.Contains(got, "EARS C2") {
		t.Fatal(got)
	}
}

// TestScanPages starts and stops scans, and says what was not judged.
func TestScanPages(t *testing.T) {
	s, set, _ := scanned(t)
	sid := set[strings.LastIndexByte(set, '/')+1:]
	bad := s.post("epi", "/surveillance/scans", url.Values{"set": {sid}, "period": {"1990-W01"}})
	if bad.Status != http.StatusBadRequest || bad.Find("#f-period-error").Length() != 1 || bad.Find("input[name=period]").AttrOr("value", "") != "1990-W01" {
		t.Fatalf("%d %s", bad.Status, flat(bad.Find("main").Text()))
	}
	if a := s.post("duty", "/surveillance/scans", url.Values{"set": {sid}}); a.Status != http.StatusForbidden {
		t.Fatalf("a duty officer may scan: %d", a.Status)
	}
	a := s.post("epi", "/surveillance/scans", url.Values{"set": {sid}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	waiting := s.get("epi", a.Location)
	if waiting.Find("progress").Length() != 1 {
		t.Fatal(flat(waiting.Find("main").Text()))
	}
	s.desk.ScanWork(t.Context())
	done := s.get("duty", a.Location)
	if got := flat(done.Find("#whys").Text()); !strings.Contains(got, "No report for the period") {
		t.Fatal(got)
	}
	if got := flat(done.Find("#found tbody").Text()); !strings.Contains(got, "KH-7") {
		t.Fatal(got)
	}
	a = s.post("epi", "/surveillance/scans", url.Values{"set": {sid}})
	if got := s.post("epi", a.Location+"/cancel", url.Values{"version": {"1"}}); got.Status != http.StatusSeeOther {
		t.Fatalf("%d", got.Status)
	}
	when := s.get("epi", "/surveillance/scans").fields("when", "hour", "26")
	if a := s.post("epi", "/surveillance/schedule", when); a.Status != http.StatusBadRequest || a.Find("#f-hour-error").Length() != 1 {
		t.Fatalf("%d", a.Status)
	}
	when.Set("hour", "5")
	if a := s.post("epi", "/surveillance/schedule", when); a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	if got := s.get("epi", "/surveillance/scans").Find("input[name=hour]").AttrOr("value", ""); got != "5" {
		t.Fatal(got)
	}
}

// TestScanPagesInBothLanguages finds missing sentences, labels and arguments.
func TestScanPagesInBothLanguages(t *testing.T) {
	s, set, _ := scanned(t)
	form := s.get("epi", "/surveillance/methods/new?disease=dengue&algorithm=farrington").fields("method", "basis", "Sample")
	method := s.post("epi", "/surveillance/methods/new", form).Location
	form = s.get("epi", "/surveillance/intervals/new?disease=measles").fields("interval", "source", "Sample")
	interval := s.post("epi", "/surveillance/intervals/new", form).Location
	alarm := s.get("duty", "/surveillance/alarms").Find("#alarms tbody tr a").First().AttrOr("href", "")
	scan := s.get("duty", "/surveillance/alarms").Find("#runs a").AttrOr("href", "")
	paths := []string{"/surveillance", "/surveillance/alarms", "/surveillance/alarms?held=1&past=1", "/surveillance/alarms?disease=cholera", alarm, alarm + "?again=1", "/surveillance/alarms/quality", "/surveillance/scans", scan,
		"/surveillance/methods", method, method + "/edit", "/surveillance/intervals", "/surveillance/intervals/new", interval, interval + "/edit", set + "/diseases/dengue?in=KH", set + "/diseases/dengue/years?place=KH-7"}
	for _, a := range surveillance.Algorithms {
		paths = append(paths, "/surveillance/methods/new?algorithm="+string(a))
	}
	for _, path := range paths {
		for _, lang := range []string{"en", "id"} {
			t.Run(strings.ReplaceAll(path, "/", "_")+"/"+lang, func(t *testing.T) { checkPage(t, s.get("epi", path, "Accept-Language", lang), lang) })
		}
	}
}

// TestScanOperations: every operation answers as its document says.
func TestScanOperations(t *testing.T) {
	s, set, _ := scanned(t)
	a := apitest.New(t, s.db, s.clock, actor, "health.read", "surveillance.import")
	s.pages.Operations(a)
	a.Mount(s.shell.Mux())
	sid := set[strings.LastIndexByte(set, '/')+1:]
	alarm := strings.TrimPrefix(s.get("duty", "/surveillance/alarms").Find("#alarms tbody tr a").First().AttrOr("href", ""), "/surveillance")
	scan := strings.TrimPrefix(s.get("duty", "/surveillance/alarms").Find("#runs a").AttrOr("href", ""), "/surveillance")
	form := s.get("epi", "/surveillance/methods/new?disease=dengue&algorithm=farrington").fields("method", "basis", "Sample")
	method := strings.TrimPrefix(s.post("epi", "/surveillance/methods/new", form).Location, "/surveillance")
	form = s.get("epi", "/surveillance/intervals/new?disease=measles").fields("interval", "source", "Sample")
	interval := s.post("epi", "/surveillance/intervals/new", form).Location
	settings, err := json.Marshal(surveillance.WithDefaults(surveillance.EARSC1, surveillance.Weekly))
	if err != nil {
		t.Fatal(err)
	}
	bodies := apitest.Check(t, s.shell, []apitest.Case{
		{Op: "surveillance-alarm-list", Path: "/surveillance/alarms", Token: "duty", Want: 200},
		{Op: "surveillance-alarm-get", Path: "/surveillance" + alarm, Token: "duty", Want: 200},
		{Op: "surveillance-alarm-get", Path: "/surveillance" + alarm, Token: "province", Want: 404},
		{Op: "surveillance-alarm-recompute", Path: "/surveillance" + alarm + "/again", Token: "duty", Want: 200},
		{Op: "surveillance-scan-list", Path: "/surveillance/scans", Token: "duty", Want: 200},
		{Op: "surveillance-scan-get", Path: "/surveillance" + scan, Token: "duty", Want: 200},
		{Op: "surveillance-scan-start", Path: "/surveillance/scans", Token: "epi", Body: `{"dataset":"` + sid + `"}`, Want: 201},
		{Op: "surveillance-scan-start", Path: "/surveillance/scans", Token: "duty", Body: `{"dataset":"` + sid + `"}`, Want: 403},
		{Op: "surveillance-method-list", Path: "/surveillance/methods", Token: "duty", Want: 200},
		{Op: "surveillance-method-get", Path: "/surveillance" + method, Token: "duty", Want: 200},
		{Op: "surveillance-method-propose", Path: "/surveillance/methods", Token: "epi", Body: `{"disease":"cholera","resolution":"week","basis":"Sample","settings":` + string(settings) + `}`, Want: 201},
		{Op: "surveillance-method-step", Path: "/surveillance" + method + "/confirm", Token: "approver", Body: `{}`, Header: map[string]string{"If-Match": `"v1"`}, Want: 200},
		{Op: "surveillance-interval-list", Path: "/surveillance/intervals", Token: "duty", Want: 200},
		{Op: "surveillance-interval-get", Path: interval, Token: "duty", Want: 200},
		{Op: "surveillance-interval-propose", Path: "/surveillance/intervals", Token: "epi", Body: `{"disease":"mpox","mean":9.9,"sd":3,"source":"Sample"}`, Want: 201},
		{Op: "surveillance-interval-propose", Path: "/surveillance/intervals", Token: "duty", Body: `{"disease":"mpox","mean":9.9,"sd":3,"source":"Sample"}`, Want: 403},
		{Op: "surveillance-interval-step", Path: interval + "/confirm", Token: "approver", Body: `{}`, Header: map[string]string{"If-Match": `"v1"`}, Want: 200},
	}, "surveillance-alarm", "surveillance-scan", "surveillance-method", "surveillance-interval")
	var again struct{ Same bool }
	if err := json.Unmarshal(bodies[3], &again); err != nil || !again.Same {
		t.Errorf("%v %s", err, bodies[3])
	}
}
