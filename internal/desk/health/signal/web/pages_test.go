package web_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lintas/internal/sheet"
)

const oneText = "Three adults with watery diarrhoea after a wedding in Chhouk"

// record enters a signal as a person would, with the form's own defaults.
func (s *site) record(who, text string, more ...string) string {
	s.Helper()
	form := s.get(who, "/health/signals/new").want(200).values("#signal")
	form.Set("text", text)
	form.Set("do", "save")
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return s.post(who, "/health/signals/new", form).want(303).Location
}

// A whole story by the pages alone, without script.
func TestStoryOnPages(t *testing.T) {
	s := newSite(t)
	s.get("admin", "/health/signals").want(404)
	s.get("auditor", "/health/signals/new").want(403)
	a := s.get("duty", "/health/signals/new").want(200)
	if got := a.values("#signal"); got.Get("hazard") != "unknown" || got.Get("place") != "KH" || got.Get("first_seen") != "2025-03-10" || got.Get("marking") != "TLP:AMBER" {
		t.Errorf("defaults: %v", got)
	}
	bad := s.post("duty", "/health/signals/new", url.Values{"text": {""}, "source": {"hotline"}, "hazard": {"cholera"}, "place": {"KH-7"}, "cases": {"many"}, "lang": {"en"}, "marking": {"TLP:AMBER"}}).want(400)
	bad.has(".summary li:nth-child(1)", "Say in a few words")
	if bad.values("#signal").Get("cases") != "many" || bad.values("#signal").Get("place") != "KH-7" {
		t.Error("what was typed is lost")
	}
	next := s.post("duty", "/health/signals/new", func() url.Values {
		f := a.values("#signal")
		f.Set("text", oneText)
		f.Set("source", "community")
		f.Set("cases", "~3")
		f.Set("place", "KH-7")
		f.Set("do", "next")
		return f
	}()).want(303)
	if kept := s.get("duty", next.Location).want(200).values("#signal"); kept.Get("source") != "community" || kept.Get("place") != "KH-7" || kept.Get("text") != "" {
		t.Errorf("the next one begins with %v", kept)
	}
	second := s.record("duty", "3 adults with watery diarrhoea after wedding in Chhouk district", "place", "KH-7", "hazard", "cholera", "cases", ">10")
	list := s.get("duty", "/health/signals").want(200)
	list.has(".tabs [aria-current]", "Waiting 2")
	list.has("table.sig", oneText)
	list.has("table.sig .tag", "1 may be the same")
	page := s.get("duty", second).want(200)
	page.has("#twins", oneText)
	page.has("#twins .score", "Likeness")
	page.has("#text .facts", "at least 10")
	first := page.Find("#twins .lines a").First().AttrOr("href", "")
	joins(s, first, second)
	works(s, first)
}

// joins: one is joined to the other and separated again.
func joins(s *site, first, second string) {
	s.Helper()
	ask := s.get("duty", s.get("duty", second).Find(`#twins a[href*="/step/merge"]`).AttrOr("href", "")).want(200)
	ask.has("main", oneText)
	s.post("duty", second+"/step/merge", ask.values("main form")).want(303)
	s.get("duty", first).want(200).has("#joined", "3 adults")
	s.get("duty", second).want(200).has(".notice", "Joined to another signal")
	split := s.get("duty", second+"/step/split").want(200).values("main form")
	s.post("duty", second+"/step/split", split).want(400).has(".summary", "Give a reason")
	split.Set("reason", "Another wedding")
	s.post("duty", second+"/step/split", split).want(303)
	s.get("duty", first).want(200).lacks("#joined")
}

// works: claimed, triaged, verified into a new event whose page shows it.
func works(s *site, first string) {
	s.Helper()
	claim := s.get("duty", first).Find(`form[action$="/step/claim"] button`)
	s.post("duty", first+"/step/claim", url.Values{"version": {claim.AttrOr("value", "")}}).want(303)
	held := s.get("epi", first).want(200)
	held.has(".notice", "Duty post duty is working on it")
	held.has("#state .unmet", "Another post is working on this signal")
	over := s.get("epi", first+"/step/take_over").want(200).values("main form")
	over.Set("reason", "End of the shift")
	s.post("epi", first+"/step/take_over", over).want(303)
	triage := s.get("epi", first+"/step/triage").want(200).values("main form")
	if triage.Get("concern.cross_border") != "unknown" {
		s.Errorf("%v", triage)
	}
	triage.Set("concern.cross_border", "yes")
	triage.Set("concern.serious_unexpected", "yes")
	triage.Set("hazard", "cholera")
	s.post("epi", first+"/step/triage", triage).want(303)
	s.get("epi", first).want(200).has(".meta .tag.g-warning", "To verify")
	s.post("epi", first+"/step/begin", s.get("epi", first+"/step/begin").want(200).values("main form")).want(303)
	verify := s.get("epi", first+"/verify").want(200).values("#verify")
	verify.Set("reliability", "B")
	bad := s.post("epi", first+"/verify", verify).want(400)
	bad.has(".summary", "Judge how credible the information is")
	verify = bad.values("#verify")
	verify.Set("credibility", "1")
	verify.Set("confirmed_by", "Provincial laboratory")
	if verify.Get("figure.cases") != "suspected" || verify.Get("figures_as_of") == "" || !strings.HasPrefix(verify.Get("figures_source"), "Signal: ") {
		s.Errorf("the numbers of the signal are not offered: %v", verify)
	}
	verify.Set("figures_as_of", "yesterday")
	s.post("epi", first+"/verify", verify).want(400).has(".summary", "the figure holds for")
	verify.Set("figures_as_of", "2025-03-12T06:00")
	s.post("epi", first+"/verify", verify).want(400).has(".field.bad", "not in the future")
	verify.Set("figures_as_of", "2025-03-09T06:00")
	event := s.post("epi", first+"/verify", verify).want(303).Location
	made := s.get("duty", event).want(200)
	made.has("#signals", oneText)
	made.has("#facts", "Signal: ")
	s.get("duty", first).want(200).has(".notice", "Confirmed as part of an event")
	s.get("duty", "/health/signals?state=verified_event").want(200).has("table.sig", oneText)
}

// One reason for many; what the table refuses for one does not hold up others.
func TestBulk(t *testing.T) {
	s := newSite(t)
	for _, text := range []string{"Rumour one about a school", "A dead crow in a park", "Measles in a camp"} {
		s.record("duty", text)
	}
	list := s.get("duty", "/health/signals?place=KH").want(200)
	form := list.values("#bulk")
	boxes := list.Find(`#bulk input[name="id"]`)
	if boxes.Length() != 3 || form.Get("back") != "/health/signals?place=KH" {
		t.Fatalf("%d boxes, %v", boxes.Length(), form)
	}
	form.Set("verb", "discard")
	s.post("duty", "/health/signals/bulk", form).want(400).has(".notice", "Nothing was ticked")
	form["id"] = []string{boxes.Eq(0).AttrOr("value", ""), boxes.Eq(1).AttrOr("value", "")}
	s.post("duty", "/health/signals/bulk", form).want(409).has(".notice", "Give a reason")
	held := strings.SplitN(form["id"][1], ".", 2)[0]
	s.post("epi", "/health/signals/"+held+"/step/claim", url.Values{"version": {"1"}}).want(303)
	form.Set("reason", "Not a health risk")
	refused := s.post("duty", "/health/signals/bulk", form).want(409)
	refused.has(".notice", "changed") // the version that the person saw is not current
	refused.has(".notice", "Done for 1 signal")
	s.get("duty", "/health/signals?state=discarded").want(200).has(".tabs [aria-current]", "Discarded 1")
	form["id"] = []string{boxes.Eq(2).AttrOr("value", "")}
	form.Set("verb", "monitor")
	if to := s.post("duty", "/health/signals/bulk", form).want(303).Location; to != "/health/signals?place=KH" {
		t.Errorf("back to %s", to)
	}
	s.post("auditor", "/health/signals/bulk", form).want(409)
	s.get("auditor", "/health/signals").want(200).lacks("#bulk fieldset")
	form.Set("verb", "verify")
	s.post("duty", "/health/signals/bulk", form).want(400)
}

// The filters stand in the address, the pages follow one another without gap
// or repetition, and the downloads hold what the filter leaves.
func TestFiltersAndPages(t *testing.T) {
	s := newSite(t)
	for range 60 {
		s.record("duty", "A report of fever", "place", "KH-12", "hazard", "dengue", "source", "facility")
	}
	s.record("duty", "អ្នកជំងឺរាគរូសធ្ងន់ធ្ងរនៅភូមិព្រំដែន", "lang", "km")
	for query, want := range map[string]int{"": 50, "?hazard=dengue": 50, "?hazard=cholera": 0, "?place=KH-12": 50, "?place=KH": 50, "?source=facility": 50, "?source=hotline": 1,
		"?q=រាគរូស": 1, "?q=FÉVER+report": 50, "?state=discarded": 0, "?late=1": 0, "?mine=1": 0, "?unclaimed=1": 50, "?state=nonsense": 0} {
		if n := s.get("duty", "/health/signals"+query).want(200).Find("table.sig tbody tr").Length(); n != want {
			t.Errorf("%s: %d rows, want %d", query, n, want)
		}
	}
	seen := map[string]bool{}
	for path := "/health/signals?state=all"; path != ""; {
		a := s.get("duty", path).want(200)
		for _, n := range a.Find("table.sig .ttl a").EachIter() {
			if h := n.AttrOr("href", ""); seen[h] {
				t.Errorf("twice: %s", h)
			} else {
				seen[h] = true
			}
		}
		path = a.Find(".pager [rel=next]").AttrOr("href", "")
	}
	if len(seen) != 61 {
		t.Errorf("%d signals on all pages", len(seen))
	}
	file := s.get("duty", "/health/signals.csv?hazard=dengue&state=all").want(200)
	rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
	if err != nil || len(rows) != 61 || rows[1][15] != "KH-12" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	in, err := sheet.Open(strings.NewReader(s.get("duty", "/health/signals.xlsx?state=all").want(200).Body), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = in.Next(); err == nil; _, err = in.Next() {
		n++
	}
	if n != 62 || in.Close() != nil {
		t.Errorf("%d rows in the workbook", n)
	}
}

const table = "Date;Place;Disease;Cases;Description\n2025-03-01;KH-7;Cholera;40;Watery diarrhoea\n2025-03-99;KH-7;Cholera;12;Broken date\n"

// An import by its pages: guessed, checked, a row mended, stored.
func TestImportPages(t *testing.T) {
	s := newSite(t)
	work := func() {
		for busy := true; busy; {
			var err error
			if busy, err = s.desk.Work(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.get("auditor", "/health/signal-imports").want(404)
	s.get("duty", "/health/signal-imports").want(200).has("main", "Nothing was imported yet")
	s.uploadTable("duty", "no rows\n", "source", "facility", "lang", "en", "marking", "TLP:GREEN").want(400).has(".summary", "no rows below the headings")
	path := s.uploadTable("duty", table, "source", "facility", "lang", "en", "marking", "TLP:GREEN").want(303).Location
	page := s.get("duty", path).want(200)
	form := page.values("#check")
	if form.Get("column.0") != "date.seen" || form.Get("column.4") != "text" || form.Get("source") != "facility" {
		t.Fatalf("%v", form)
	}
	twice := url.Values{}
	for k, v := range form {
		twice[k] = v
	}
	twice.Set("column.0", "cases")
	s.post("duty", path+"/check", twice).want(400).has("#f-columns .err", "already has this meaning")
	s.post("duty", path+"/check", form).want(303)
	running := s.get("duty", path).want(200)
	running.has("#progress h2", "Checking the rows")
	if on := running.Find("#progress").AttrOr("hx-trigger", ""); !strings.Contains(on, "live-import:") {
		t.Errorf("progress is not live: %s", on)
	}
	work()
	page = s.get("duty", path).want(200)
	page.has("#broken", "2025-03-99")
	page.has("#preview", "Watery diarrhoea")
	row := page.Find("#broken a.mend").AttrOr("href", "")
	mend := s.get("duty", row).want(200).values("#mend")
	s.post("duty", row, mend).want(400).has(".field.bad .err", "is no date")
	mend.Set("cell.0", "2025-03-09")
	s.post("duty", row, mend).want(303)
	if file := s.get("duty", path+"/broken.csv").want(200); !strings.HasPrefix(file.Type, "text/csv") {
		t.Error(file.Type)
	}
	page = s.get("duty", path).want(200)
	store := page.Find(`form[action$="/step/store"] button`)
	if words := strings.TrimSpace(store.Text()); words != "Store 2 signals" {
		t.Errorf("%q", words)
	}
	s.post("duty", path+"/step/store", url.Values{"version": {store.AttrOr("value", "")}}).want(303)
	work()
	s.get("duty", path).want(200).has("#progress h2", "Stored")
	list := s.get("duty", s.get("duty", path).Find("#progress a.btn").AttrOr("href", "")).want(200)
	if n := list.Find("table.sig tbody tr").Length(); n != 2 {
		t.Errorf("%d signals", n)
	}
	fetched := s.post("duty", "/health/signal-imports/fetch", url.Values{"address": {"https://example.org/feed"}, "lang": {"en"}, "marking": {"TLP:CLEAR"}, "source": {"media"}}).want(303)
	s.get("duty", fetched.Location).want(200).has("#details", "ATOM")
	s.post("auditor", fetched.Location+"/step/discard", url.Values{"version": {"1"}}).want(http.StatusNotFound)
	s.post("duty", fetched.Location+"/step/discard", url.Values{"version": {"1"}}).want(303)
}
