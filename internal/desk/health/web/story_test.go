package web_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"lintas/internal/exchange"
)

// story is one notification on its way through two nodes.
type story struct {
	w                   *world
	kh, th              *testNode
	event, note, notice string // addresses
}

// step goes through the page that asks, as a person does.
func (x *story) step(who, verb string, more ...string) answer {
	x.w.t.Helper()
	form := x.kh.get(who, x.note+"/step/"+verb).want(200).values("main form")
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return x.kh.post(who, x.note+"/step/"+verb, form)
}

// TestStory is the life of a notification as people do it in the browser.
func TestStory(t *testing.T) {
	w := newWorld(t, day("2020-01-27T09:00"), "KH", "TH")
	x := &story{w: w, kh: w.nodes["KH"], th: w.nodes["TH"]}
	x.record()
	x.compose()
	x.clear()
	x.answer()
	x.remind()
	x.updateAndWithdraw()
}

func (x *story) record() {
	x.w.t.Helper()
	// An empty desk teaches what it is for.
	home := x.kh.get("duty", "/").want(200)
	home.has("#todo .empty", "Nothing waits")
	home.has("#open .empty", "No event is open")
	if !home.button("Record an event") {
		x.w.t.Error("no button to record")
	}

	// Record, as the form is, with one more row and the filter in between.
	form := x.kh.get("duty", "/health/events/new").want(200).values("#event")
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
	found := x.kh.post("duty", "/health/events/new", form).want(200)
	found.has("#places", "Sihanouk")
	if n := found.Find("#places input[name=places]").Length(); n == 0 || n > 5 {
		x.w.t.Errorf("the filter leaves %d places", n)
	}
	form = found.values("#event")
	form.Set("do", "row")
	form.Add("places", "KH-18")
	more := x.kh.post("duty", "/health/events/new", form).want(200)
	if n := more.Find(".factrow").Length(); n != 3 {
		x.w.t.Errorf("%d rows, want 3", n)
	}
	form = more.values("#event")
	if form.Get("fact.0.source") != "Institut Pasteur du Cambodge" || form.Get("places") != "KH-18" {
		x.w.t.Fatal("what was typed is lost")
	}
	form.Set("do", "save")
	saved := x.kh.post("duty", "/health/events/new", form).want(303)
	x.event = saved.Location

	page := x.kh.get("duty", x.event).want(200)
	page.has("#figures", "Cases, confirmed")
	page.has("#facts", "Institut Pasteur du Cambodge")
	page.has("#timeline", "Event recorded")
	page.has("#details", "RA01")
	page.has("#acks .empty", "Not yet notified")
}

func (x *story) compose() {
	x.w.t.Helper()
	form := x.kh.get("duty", x.event+"/notify").want(200).values("#notification")
	if len(form["to"]) != 11 {
		x.w.t.Errorf("%d recipients are chosen at first, want 11", len(form["to"]))
	}
	form.Set("message", "First case in Cambodia.")
	form["to"] = []string{"TH", "VN", "LA"}
	form["blocks.LA"] = []string{"summary"}
	form.Set("do", "save")
	x.note = x.kh.post("duty", x.event+"/notify", form).want(303).Location
	preview := x.kh.get("duty", x.note).want(200)
	if n := preview.Find(".preview").Length(); n != 2 {
		x.w.t.Errorf("%d groups, want 2: with everything and with the summary only", n)
	}
	laos := preview.Find(".preview").FilterFunction(func(_ int, s *sel) bool { return strings.Contains(s.Find(".to").Text(), "Lao") })
	if text := laos.Text(); strings.Contains(text, "Institut Pasteur") || !strings.Contains(text, "Not sent by the owner") {
		x.w.t.Error("the preview for Laos shows what Laos does not get, or hides that something is withheld")
	}
	if !preview.button("Submit for clearance") || preview.button("Clear") || preview.button("Release") {
		x.w.t.Error("wrong buttons on a draft")
	}
	x.step("both", "submit").want(303)
}

// clear is the rule of two people, and that a clearance holds for one version.
func (x *story) clear() {
	x.w.t.Helper()
	// Two people: who submitted sees the button disabled with the reason, and
	// pressing it anyway is refused.
	mine := x.kh.get("both", x.note).want(200)
	if mine.button("Clear") {
		x.w.t.Error("the person who submitted can clear")
	}
	mine.has(".unmet", "A second person must clear it")
	x.step("both", "clear").want(400).has("#errors", "second person")
	x.kh.get("duty2", x.note+"/step/clear").want(403)
	x.kh.get("approver", "/").has("#todo", "Clear or return")
	x.step("approver", "clear").want(303)

	// The event changes: the clearance no longer holds.
	facts := x.kh.get("epi", x.event+"/facts").want(200).values("#addfacts")
	facts.Set("fact.0.value", "2")
	facts.Set("fact.0.source", "Ministry of Health")
	x.kh.post("epi", x.event+"/facts", facts).want(303)
	x.kh.get("duty", x.note).has(".unmet", "The event changed after the clearance")
	x.step("duty", "release").want(400)
	x.step("duty", "recall", "reason", "new figures").want(303)
	x.step("duty", "submit").want(303)
	x.step("approver", "return").want(400).has("#f-reason-error, .err", "A reason must be given")
	x.step("approver", "return", "reason", "name the airport").want(303)
	x.kh.get("duty", x.note).has(".notice", "name the airport")
	x.step("duty", "submit").want(303)
	x.step("approver", "clear").want(303)
	x.step("duty", "release").want(303)
	x.w.deliver("LA")
}

func (x *story) answer() {
	x.w.t.Helper()
	// The recipient: needs action, opening it, acknowledging.
	desk := x.th.get("duty", "/").want(200)
	desk.has("#todo", "Acknowledge: Novel coronavirus, Sihanoukville")
	path, _ := desk.Find("#todo form").Attr("action")
	if !strings.HasSuffix(path, "/acknowledge?back=desk") {
		x.w.t.Fatalf("the button of the desk posts to %q", path)
	}
	x.notice = strings.TrimSuffix(path, "/acknowledge?back=desk")
	if x.th.do("duty", "HEAD", x.notice, nil).want(200); stage(x.w, x.kh, "TH") != exchange.Delivered {
		x.w.t.Error("a HEAD request opened the notice")
	}
	if x.th.get("auditor", x.notice).want(200); stage(x.w, x.kh, "TH") != exchange.Delivered {
		x.w.t.Error("the auditor opened the notice for the member")
	}
	x.th.get("auditor", x.notice).lacks("#answer")
	x.th.get("duty", x.notice).want(200).has("#content", "First case in Cambodia.")
	x.w.deliver("LA")
	if s := stage(x.w, x.kh, "TH"); s != exchange.Opened {
		x.w.t.Errorf("the sender sees %s, want opened", s)
	}
	x.th.post("duty", x.notice+"/ask", url.Values{"words": {"  "}}).want(400).has("#answer .err", "")
	x.th.post("duty", x.notice+"/ask", url.Values{"words": {"Which flight?"}}).want(303)
	x.w.deliver("LA")
	q, _ := x.kh.get("ihr", "/").want(200).Find(`#todo a[href^="/health/questions/"]`).Attr("href")
	// The page of the event leads with what waits about it, for whom it waits.
	x.kh.get("ihr", x.event).want(200).has("#waits #todo", "Which flight?")
	x.kh.get("auditor", x.event).want(200).lacks("#waits #todo")
	x.kh.post("ihr", q, url.Values{"words": {"Wuhan to Sihanoukville, 23 January"}}).want(303)
	if s := x.kh.get("ihr", x.event).want(200).Find("#waits").Text(); strings.Contains(s, "Which flight?") {
		x.w.t.Errorf("answered, and still waiting: %s", s)
	}
	x.w.deliver("LA")
	x.th.get("duty", x.notice).has("#questions", "Wuhan to Sihanoukville")
	x.th.post("duty", path, url.Values{}).want(303)
	x.w.deliver("LA")
	x.kh.get("duty", x.event).want(200).has("#acks", "acknowledged 27 Jan 09:00 by Duty post duty")
}

func (x *story) remind() {
	x.w.t.Helper()
	// Silence is named, and the silent are reminded.
	x.w.clock.Advance(26 * time.Hour)
	late := x.kh.get("duty", x.event).want(200)
	late.has("#acks .late", "Lao PDR")
	remind := late.Find("#acks form")
	x.kh.post("duty", remind.AttrOr("action", ""), url.Values{"version": {remind.Find("button").AttrOr("value", "")}}).want(303)
}

func (x *story) updateAndWithdraw() {
	x.w.t.Helper()
	// An update replaces, a withdrawal leaves a tombstone.
	form := x.kh.get("duty", x.event+"/notify?supersedes="+x.note[strings.LastIndex(x.note, "/")+1:]).want(200).values("#notification")
	form.Set("title", "Update 1")
	form.Set("do", "save")
	first := x.note
	x.note = x.kh.post("duty", x.event+"/notify", form).want(303).Location
	x.step("duty", "submit").want(303)
	x.step("approver", "clear").want(303)
	x.step("duty", "release").want(303)
	x.w.deliver("LA")
	x.kh.get("duty", first).has(".notice", "Replaced by a newer notification")
	old := x.th.get("duty", x.notice).want(200)
	old.has("#top .notice", "out of date")
	newer, _ := old.Find("#top .notice a").Attr("href")
	x.th.get("duty", newer).want(200)
	x.step("duty", "withdraw", "reason", "It was another disease.").want(303)
	x.w.deliver("LA")
	gone := x.th.get("duty", newer).want(200)
	gone.has("#top .notice", "It was another disease.")
	gone.lacks("#answer")
	if strings.Contains(gone.Find("#content").Text(), "First case in Cambodia.") {
		x.w.t.Error("a withdrawn notice still shows its message")
	}
	x.th.get("duty", x.event).want(200).has("#top .notice", "withdrew")
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
	// the JSON under it is the body that travelled
	for _, p := range s.th.get("duty", path).Find(".preview").EachIter() {
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(p.Find("pre.raw").Text())); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, r := range s.th.sent {
			found = found || string(r.Body) == compact.String()
		}
		if !found {
			t.Errorf("no release carried %s", compact.String())
		}
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
