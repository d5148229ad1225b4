package web_test

import (
	"encoding/csv"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/sheet"
)

// pasted has one row for each thing that can happen to it.
const pasted = "Place\tNumber\tSex\tAs of\tSource\nTH-10\t1,204\tfemale\t2020-02-03\tProvince\nTH-11\t\t\t2020-02-03\tProvince\n" +
	"TH-12\t<5\t\t2020-02-03\tProvince\nAtlantis\t3,5\t\t2020-02-03\tProvince\n"

// further records a second event of Thailand with all that an event can hold,
// and a third one that is merged into it.
func (s *scene) further() {
	ctx, n := s.t.Context(), s.th
	in := health.EventInput{Name: "Cholera, border district (sample)", Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: access.TLPAmber,
		Places: []string{"TH-10", "TH-12"}, GLIDE: "EP-2020-000012-THA"}
	at := day("2020-02-03T06:00")
	fact := func(value int64, age, sex string) health.Fact {
		return health.Fact{Indicator: "cases", Class: "confirmed", Place: "TH", Value: value, Age: age, Sex: sex, AsOf: at, Source: "Province (sample)"}
	}
	small, share := fact(0, "65_plus", "female"), fact(3, "", "")
	small.Suppressed = true
	share.Indicator, share.Class, share.Of = "tests", "", 12
	s.second = record(s.world, n, in, fact(9, "", ""), fact(5, "25_49", "female"), fact(2, "25_49", "male"), small, share)
	_, err := n.desk.DescribeEvent(ctx, n.actor("epi"), s.second, 0, []health.Section{
		{Block: health.BlockDefinition, Text: "Acute watery diarrhoea with a positive culture.", AsOf: at, Source: "Ministry (sample)", Complete: health.Complete},
		{Block: health.BlockSupport, Complete: health.NotKnown}}, health.EndRule{})
	if err != nil {
		s.t.Fatal(err)
	}
	in.Name = "Diarrhoea, border district (sample)"
	s.merged = record(s.world, n, in, fact(4, "", ""))
	if _, err := n.desk.MergeEvent(ctx, n.actor("duty"), s.merged, 0, s.second, "The same cluster, reported twice."); err != nil {
		s.t.Fatal(err)
	}
}

// A table is pasted, mended in place, and stored whole; without a number there
// is no figure.
func TestGridStory(t *testing.T) {
	s := play(t)
	e := "/health/events/" + string(s.second)
	s.th.get("auditor", e+"/grid").want(403)
	s.vn.get("duty", e+"/grid").want(404)
	first := s.th.get("epi", e+"/grid").want(200)
	form := first.values("#grid")
	form.Set("table", "")
	s.th.post("epi", e+"/grid", form).want(400).has("#errors", "No rows of figures")
	form.Set("table", pasted)
	form.Set("do", "save") // with a fault nothing is stored, whatever was pressed
	before := figures(t, s.th, e)
	a := s.th.post("epi", e+"/grid", form).want(400)
	a.has(".notice", "1 row cannot be stored")
	a.has("#grid .hint", "Understood: 2. To mend: 1. Left out, no report: 1.")
	if n := a.Find("#grid tr.bad input").Length(); n != 5 {
		t.Errorf("%d inputs to mend, want those of one row", n)
	}
	a.has("#f-cell-3-place-error", "Atlantis")
	a.has("#f-cell-3-value-error", "3,5")
	a.lacks(`button[value="save"]`)
	if n := len(figures(t, s.th, e)); n != len(before) {
		t.Fatalf("%d figures were stored of a table with a fault", n-len(before))
	}
	form = a.values("#grid")
	form.Set("cell.3.place", "TH-13")
	form.Set("cell.3.value", "3")
	form.Set("do", "preview")
	a = s.th.post("epi", e+"/grid", form).want(200)
	a.has(`button[value="save"]`, "Store all 3 figures")
	form = a.values("#grid")
	form.Set("do", "save")
	if got := s.th.post("epi", e+"/grid", form).want(303); got.Location != e+"#facts" {
		t.Errorf("goes on to %s", got.Location)
	}
	if after := figures(t, s.th, e); len(after) != len(before)+3 {
		t.Errorf("%d figures, were %d", len(after), len(before))
	}
	s.th.get("epi", e).want(200).has("#facts", "too small to be told")
	// the same again corrects; the page shows the old value struck
	form.Set("table", "place\tvalue\tas_of\tsource\nTH-13\t8\t2020-02-03\tProvince\n")
	form.Set("do", "preview")
	s.th.post("epi", e+"/grid", form).want(200).has("#grid td small", "replaces 3")
	form.Set("do", "save")
	s.th.post("epi", e+"/grid", form).want(303)
	s.th.get("epi", e).want(200).has("#facts del", "3")
}

func figures(t *testing.T, n *testNode, e string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(n.get("auditor", e+"/figures.csv").want(200).Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestGridFile(t *testing.T) {
	s := play(t)
	e := "/health/events/" + string(s.second)
	send := func(name, content string) answer {
		t.Helper()
		var b strings.Builder
		m := multipart.NewWriter(&b)
		_ = m.WriteField("def.source", "File (sample)")
		f, err := m.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write([]byte(content))
		_ = m.Close()
		r := httptest.NewRequest(http.MethodPost, e+"/grid/file", strings.NewReader(b.String()))
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.AddCookie(&http.Cookie{Name: "lintas-th", Value: "epi"})
		rec := httptest.NewRecorder()
		s.th.shell.ServeHTTP(rec, r)
		return read(t, rec)
	}
	send("", "").want(400).has("#errors", "Choose a file")
	send("a.xlsx", "PK\x03\x04 broken").want(400)
	var book strings.Builder
	w, err := sheet.Create(&book, sheet.XLSX, "x")
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Head("place", "indicator", "value", "as_of")
	_ = w.Row("TH-10", "deaths", 2, day("2020-02-03T00:00"))
	_ = w.Close()
	a := send("a.xlsx", book.String()).want(200)
	a.has(".notice", "1 figure was understood")
	form := a.values("#grid")
	form.Set("do", "save")
	s.th.post("epi", e+"/grid", form).want(303)
	s.th.get("epi", e).want(200).has("#facts", "File (sample)")
}

// What an event holds besides figures, on its page, on the preview and at the
// recipient, with gaps named.
func TestStructuredContent(t *testing.T) {
	s := play(t)
	e := "/health/events/" + string(s.second)
	a := s.th.get("epi", e).want(200)
	a.has("#sections .s-case_definition", "complete")
	a.has("#sections .s-support", "not known yet")
	a.has("#sections .s-laboratory", "not written yet")
	a.has("#end", "2 × 5 days")
	a.has("#end", "Closing stays a step that people take.")
	a.has("#facts table", "no report") // a band of which nobody reported
	a.has("#merged", "Diarrhoea, border district")
	a.has("#merged", "not added up")
	s.th.get("duty", "/health/events/"+string(s.merged)).want(200).has(".notice", "merged into another")
	a.has("button[data-print]", "Print")

	ctx, n := t.Context(), s.th
	in := health.NotificationInput{Title: "Cholera (sample)", Message: "x", Lang: "en", Purpose: "early_warning", Basis: "ihr_6", Marking: access.TLPAmber, AckWithin: 24 * time.Hour,
		Recipients: []health.Recipient{{Member: "VN", Blocks: []health.Block{health.BlockSummary, health.BlockFacts, health.BlockSupport}}}}
	ok := must[health.Notification](s.world)
	x := ok(n.desk.Compose(ctx, n.actor("duty"), s.second, "", in))
	preview := n.get("duty", "/health/notifications/"+string(x.ID)).want(200)
	preview.has(".s-case_definition", "not sent by the owner")
	x = ok(n.desk.Submit(ctx, n.actor("duty"), x.ID, 0))
	x = ok(n.desk.Clear(ctx, n.actor("approver"), x.ID, 0))
	x = ok(n.desk.Release(ctx, n.actor("duty"), x.ID, 0))
	s.deliver()
	got, err := s.vn.desk.FindNotice(ctx, s.vn.actor("duty"), s.second, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	notice := s.vn.get("duty", "/health/notices/"+string(got.ID)).want(200)
	notice.has(".s-case_definition", "not sent by the owner")
	notice.has(".s-laboratory", "not written yet")
	notice.has(".s-support", "not known yet")
	var words [2]string
	for i, p := range []answer{preview, notice} {
		words[i] = strings.Join(strings.Fields(p.Find("dl.sections").First().Text()), " ")
	}
	if words[0] != words[1] || words[0] == "" {
		t.Errorf("the preview says %q, the notice %q", words[0], words[1])
	}
	foreign := s.vn.get("duty", e).want(200)
	foreign.has("#sections .s-case_definition", "not sent by the owner")
	foreign.has("#merged", "Diarrhoea")
}

// Merging and splitting as people click it.
func TestMergePages(t *testing.T) {
	s := play(t)
	e := "/health/events/" + string(s.merged)
	s.th.get("duty", e+"/merge").want(409)
	a := s.th.get("duty", e+"/move/split").want(200)
	form := a.values("main form")
	s.th.post("duty", e+"/move/split", form).want(400).has("#errors", "reason")
	form.Set("reason", "Two clusters after all.")
	s.th.post("duty", e+"/move/split", form).want(303)
	a = s.th.get("duty", e+"/merge").want(200)
	form = a.values("#merge")
	form.Set("reason", "One cluster.")
	s.th.post("duty", e+"/merge", form).want(400).has("#errors", "Choose another open event")
	form.Set("into", string(s.second))
	s.th.post("epi", e+"/merge", form).want(403)
	s.th.post("duty", e+"/merge", form).want(303)
	s.th.get("duty", e).want(200).has(".notice a", "Cholera, border district")
	s.th.get("duty", "/health/events/"+string(s.second)).want(200).has("#timeline", "merged into this one")
}

func TestDownloads(t *testing.T) {
	s := play(t)
	figures := "/health/events/" + string(s.second) + "/figures"
	for path, want := range map[string]string{"/health/events.xlsx": sheet.XLSX.MIME(), figures + ".xlsx": sheet.XLSX.MIME(), figures + "-hxl.csv": sheet.CSV.MIME()} {
		s.th.get("admin", path).want(404)
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: "lintas-th", Value: "auditor"})
		rec := httptest.NewRecorder()
		s.th.shell.ServeHTTP(rec, r)
		if rec.Code != 200 || rec.Header().Get("Content-Type") != want {
			t.Fatalf("%s: %d %s", path, rec.Code, rec.Header().Get("Content-Type"))
		}
		in, err := sheet.Open(rec.Body, sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for ; err == nil; rows++ {
			_, err = in.Next()
		}
		_ = in.Close()
		if rows < 4 {
			t.Errorf("%s has %d rows", path, rows-1)
		}
	}
	if n := s.th.get("duty", "/health/events").want(200).Find(`.downloads a[href^="/health/events."]`).Length(); n != 2 {
		t.Errorf("%d downloads of the list", n)
	}
}
