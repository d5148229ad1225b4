package web_test

import (
	"flag"
	"net/url"
	"strings"
	"testing"
	"time"

	"lintas/internal/exchange"
)

var update = flag.Bool("update-generated", false, "write WORKFLOW.md")

// TestStory is the life of a notification as people do it in the browser.
func TestStory(t *testing.T) {
	w := newWorld(t, day("2020-01-27T09:00"), "KH", "TH")
	kh, th := w.nodes["KH"], w.nodes["TH"]

	// An empty desk teaches what it is for.
	home := kh.get("duty", "/").want(200)
	home.has("#todo .empty", "Nothing waits")
	home.has("#open .empty", "No event is open")
	if !home.button("Record an event") {
		t.Error("no button to record")
	}

	// Record, as the form is, with one more row and the filter in between.
	form := kh.get("duty", "/health/events/new").want(200).values("#event")
	form.Set("name", "Novel coronavirus, Sihanoukville")
	form.Set("summary", "A traveller from Wuhan.")
	form.Set("hazard", "covid_19")
	form.Set("grade", "warning")
	form.Set("onset", "2020-01-25")
	form.Set("fact.0.value", "1")
	form.Set("fact.0.source", "Institut Pasteur du Cambodge")
	form.Set("fact.0.as_of", "2020-01-27T08:00")
	form.Set("fact.0.place", "KH")
	form.Set("find", "sihanouk")
	form.Set("do", "find")
	found := kh.post("duty", "/health/events/new", form).want(200)
	found.has("#places", "Sihanouk")
	if n := found.Find("#places input[name=places]").Length(); n == 0 || n > 5 {
		t.Errorf("the filter leaves %d places", n)
	}
	form = found.values("#event")
	form.Set("do", "row")
	form.Add("places", "KH-18")
	more := kh.post("duty", "/health/events/new", form).want(200)
	if n := more.Find(".factrow").Length(); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	form = more.values("#event")
	if form.Get("fact.0.source") != "Institut Pasteur du Cambodge" || form.Get("places") != "KH-18" {
		t.Fatal("what was typed is lost")
	}
	form.Set("do", "save")
	saved := kh.post("duty", "/health/events/new", form).want(303)
	event := saved.Location

	page := kh.get("duty", event).want(200)
	page.has("#figures", "Cases, confirmed")
	page.has("#facts", "Institut Pasteur du Cambodge")
	page.has("#timeline", "Event recorded")
	page.has("#details", "RA01")
	page.has("#acks .empty", "Not yet notified")

	// Compose, submit.
	form = kh.get("duty", event+"/notify").want(200).values("#notification")
	if len(form["to"]) != 11 {
		t.Errorf("%d recipients are chosen at first, want 11", len(form["to"]))
	}
	form.Set("message", "First case in Cambodia.")
	form["to"] = []string{"TH", "VN", "LA"}
	form["blocks.LA"] = []string{"summary"}
	form.Set("do", "save")
	note := kh.post("duty", event+"/notify", form).want(303).Location
	preview := kh.get("duty", note).want(200)
	if n := preview.Find(".preview").Length(); n != 2 {
		t.Errorf("%d groups, want 2: with everything and with the summary only", n)
	}
	laos := preview.Find(".preview").FilterFunction(func(_ int, s *sel) bool { return strings.Contains(s.Find(".to").Text(), "Lao") })
	if text := laos.Text(); strings.Contains(text, "Institut Pasteur") || !strings.Contains(text, "Not sent by the owner") {
		t.Error("the preview for Laos shows what Laos does not get, or hides that something is withheld")
	}
	if !preview.button("Submit for clearance") || preview.button("Clear") || preview.button("Release") {
		t.Error("wrong buttons on a draft")
	}
	step := func(who, verb string, more ...string) answer {
		t.Helper()
		form := kh.get(who, note+"/step/"+verb).want(200).values("main form")
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return kh.post(who, note+"/step/"+verb, form)
	}
	step("both", "submit").want(303)

	// Two people: who submitted sees the button disabled with the reason, and
	// pressing it anyway is refused.
	mine := kh.get("both", note).want(200)
	if mine.button("Clear") {
		t.Error("the person who submitted can clear")
	}
	mine.has(".unmet", "A second person must clear it")
	step("both", "clear").want(400).has("#errors", "second person")
	kh.get("duty2", note+"/step/clear").want(403)
	kh.get("approver", "/").has("#todo", "Clear or return")
	step("approver", "clear").want(303)

	// The event changes: the clearance no longer holds.
	facts := kh.get("epi", event+"/facts").want(200).values("#addfacts")
	facts.Set("fact.0.value", "2")
	facts.Set("fact.0.source", "Ministry of Health")
	kh.post("epi", event+"/facts", facts).want(303)
	kh.get("duty", note).has(".unmet", "The event changed after the clearance")
	step("duty", "release").want(400)
	step("duty", "recall", "reason", "new figures").want(303)
	step("duty", "submit").want(303)
	step("approver", "return").want(400).has("#f-reason-error, .err", "A reason must be given")
	step("approver", "return", "reason", "name the airport").want(303)
	kh.get("duty", note).has(".notice", "name the airport")
	step("duty", "submit").want(303)
	step("approver", "clear").want(303)
	step("duty", "release").want(303)
	w.deliver("LA")

	// The recipient: needs action, opening it, acknowledging.
	desk := th.get("duty", "/").want(200)
	desk.has("#todo", "Acknowledge: Novel coronavirus, Sihanoukville")
	path, _ := desk.Find("#todo form").Attr("action")
	if !strings.HasSuffix(path, "/acknowledge?back=desk") {
		t.Fatalf("the button of the desk posts to %q", path)
	}
	notice := strings.TrimSuffix(path, "/acknowledge?back=desk")
	if th.do("duty", "HEAD", notice, nil).want(200); stage(w, kh, "TH") != exchange.Delivered {
		t.Error("a HEAD request opened the notice")
	}
	if th.get("auditor", notice).want(200); stage(w, kh, "TH") != exchange.Delivered {
		t.Error("the auditor opened the notice for the member")
	}
	th.get("auditor", notice).lacks("#answer")
	th.get("duty", notice).want(200).has("#content", "First case in Cambodia.")
	w.deliver("LA")
	if s := stage(w, kh, "TH"); s != exchange.Opened {
		t.Errorf("the sender sees %s, want opened", s)
	}
	th.post("duty", notice+"/ask", url.Values{"words": {"  "}}).want(400).has("#answer .err", "")
	th.post("duty", notice+"/ask", url.Values{"words": {"Which flight?"}}).want(303)
	w.deliver("LA")
	q, _ := kh.get("ihr", "/").want(200).Find(`#todo a[href^="/health/questions/"]`).Attr("href")
	kh.post("ihr", q, url.Values{"words": {"Wuhan to Sihanoukville, 23 January"}}).want(303)
	w.deliver("LA")
	th.get("duty", notice).has("#questions", "Wuhan to Sihanoukville")
	th.post("duty", path, url.Values{}).want(303)
	w.deliver("LA")
	kh.get("duty", event).want(200).has("#acks", "acknowledged 27 Jan 09:00 by Duty post duty")

	// Silence is named, and the silent are reminded.
	w.clock.Advance(26 * time.Hour)
	late := kh.get("duty", event).want(200)
	late.has("#acks .late", "Lao PDR")
	remind := late.Find("#acks form")
	kh.post("duty", remind.AttrOr("action", ""), url.Values{"version": {remind.Find("button").AttrOr("value", "")}}).want(303)

	// An update replaces, a withdrawal leaves a tombstone.
	form = kh.get("duty", event+"/notify?supersedes="+note[strings.LastIndex(note, "/")+1:]).want(200).values("#notification")
	form.Set("title", "Update 1")
	form.Set("do", "save")
	first := note
	note = kh.post("duty", event+"/notify", form).want(303).Location
	step("duty", "submit").want(303)
	step("approver", "clear").want(303)
	step("duty", "release").want(303)
	w.deliver("LA")
	kh.get("duty", first).has(".notice", "Replaced by a newer notification")
	old := th.get("duty", notice).want(200)
	old.has("#top .notice", "out of date")
	newer, _ := old.Find("#top .notice a").Attr("href")
	th.get("duty", newer).want(200)
	step("duty", "withdraw", "reason", "It was another disease.").want(303)
	w.deliver("LA")
	gone := th.get("duty", newer).want(200)
	gone.has("#top .notice", "It was another disease.")
	gone.lacks("#answer")
	if strings.Contains(gone.Find("#content").Text(), "First case in Cambodia.") {
		t.Error("a withdrawn notice still shows its message")
	}
	th.get("duty", event).want(200).has("#top .notice", "withdrew")
}

// TestReleasedPreviewIsWhatWasSent: the page of a released notification shows
// what left, however the event went on.
func TestReleasedPreviewIsWhatWasSent(t *testing.T) {
	s := play(t)
	path := "/health/notifications/" + string(s.sent)
	before := s.th.get("duty", path).want(200).Find("#previews").Text()
	form := s.th.get("duty", "/health/events/"+string(s.event)+"/edit").values("#event")
	form.Set("summary", "Quite another summary.")
	s.th.post("duty", "/health/events/"+string(s.event)+"/edit", form).want(303)
	after := s.th.get("auditor", path).want(200).Find("#previews").Text()
	if before != after || strings.Contains(after, "Quite another") {
		t.Error("the page shows what was never sent")
	}
	// and it is, to the byte, what the recipient's page shows
	theirs := s.vn.get("duty", "/health/notices/"+string(s.notice)).want(200)
	ours := s.th.get("duty", path).Find(".preview").FilterFunction(func(_ int, p *sel) bool { return strings.Contains(p.Find(".to").Text(), "Viet Nam") })
	html := func(q *sel) string {
		q.Find("header, .to").Remove()
		q.Find("pre.raw").Closest("details").Remove()
		h, err := q.Html()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(h), " ")
	}
	if a, b := html(ours), html(theirs.Find("#content")); a != b {
		t.Errorf("sender's preview:\n%s\nrecipient's page:\n%s", a, b)
	}
}
