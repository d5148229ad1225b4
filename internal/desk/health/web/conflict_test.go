package web_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
)

// TestTwoPeopleSaveTheSameEvent: the second sees both versions and loses
// nothing that was typed, places and dates included.
func TestTwoPeopleSaveTheSameEvent(t *testing.T) {
	s := play(t)
	path := "/health/events/" + string(s.event) + "/edit"
	first, second := s.th.get("duty", path).values("#event"), s.th.get("epi", path).values("#event")
	first.Set("name", "Novel coronavirus, Thailand")
	first.Set("do", "save")
	s.th.post("duty", path, first).want(303)
	second.Set("summary", "Second summary, long in the making.")
	second["places"] = []string{"TH-11", "TH-83"}
	second.Set("do", "save")
	c := s.th.post("epi", path, second).want(409)
	c.has("tr.differs", "Novel coronavirus, Thailand")
	c.has("main", "Duty post duty")
	again := c.values("#conflict")
	if again.Get("summary") != "Second summary, long in the making." || again.Get("onset") != "2020-01-05" || again.Get("grade") != "warning" {
		t.Fatalf("typed values are lost: %v", again)
	}
	s.th.post("epi", path, again).want(303)
	e, err := s.th.desk.EventPage(t.Context(), s.th.actor("duty"), s.event)
	if err != nil {
		t.Fatal(err)
	}
	if e.View.Summary != "Second summary, long in the making." || strings.Join(e.View.Places, " ") != "TH-11 TH-83" {
		t.Errorf("saved %q at %v", e.View.Summary, e.View.Places)
	}
}

func TestTwoPeopleSaveTheSameDraft(t *testing.T) {
	s := play(t)
	d := must[health.Notification](s.world)(s.th.desk.Compose(t.Context(), s.th.actor("duty"), s.event, "", health.NotificationInput{Title: "Draft", Lang: "en",
		Purpose: "information", Basis: "ihr_6", Marking: access.TLPAmber, AckWithin: time.Hour, Recipients: []health.Recipient{{Member: "VN", Blocks: health.Blocks}}}))
	path := "/health/notifications/" + string(d.ID) + "/edit"
	first, second := s.th.get("duty", path).values("#notification"), s.th.get("ihr", path).values("#notification")
	first.Set("title", "First title")
	s.th.post("duty", path, first).want(303)
	second.Set("message", "Second message")
	second.Add("to", "SG")
	second["blocks.SG"] = []string{"summary"}
	c := s.th.post("ihr", path, second).want(409)
	c.has("tr.differs", "First title")
	s.th.post("ihr", path, c.values("#conflict")).want(303)
	p, err := s.th.desk.NotificationPage(t.Context(), s.th.actor("duty"), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Message != "Second message" || len(p.Recipients) != 2 || len(p.Recipients[1].Blocks) != 1 {
		t.Errorf("saved %q to %v", p.Message, p.Recipients)
	}
}

// TestOvertakenStepKeepsTheReason: who was faster moved the event; the reason
// that was typed stands in the form again, with the new version.
func TestOvertakenStepKeepsTheReason(t *testing.T) {
	s := play(t)
	path := "/health/events/" + string(s.event) + "/move/stand_down"
	form := s.th.get("duty", path).values("main form")
	must[health.Event](s.world)(s.th.desk.MoveEvent(t.Context(), s.th.actor("approver"), s.event, 0, "respond", ""))
	form.Set("reason", "No case for 28 days")
	a := s.th.post("duty", path, form).want(409)
	a.has("#f-reason", "No case for 28 days")
	a.has("main", "Response")
	s.th.post("duty", path, a.values("main form")).want(303)
	// a form without a version is never taken
	s.th.post("approver", "/health/events/"+string(s.event)+"/move/reopen", url.Values{"reason": {"x"}}).want(409)
}

func TestListPagesAndFilters(t *testing.T) {
	w := newWorld(t, day("2020-03-01T00:00"), "ID")
	n := w.nodes["ID"]
	grades := health.Grades
	for i := range 120 {
		w.clock.Advance(time.Minute)
		in := health.EventInput{Name: "Event " + string(rune('A'+i%26)), Lang: "id", Hazard: "dengue", Grade: grades[i%4], Marking: access.TLPGreen, Places: []string{"ID-JK"}}
		if i == 7 {
			in.Name, in.Hazard = "=HYPERLINK(1)", "cholera"
		}
		record(w, n, in)
	}
	for _, sort := range []string{"", "&sort=grade"} {
		seen, path := 0, "/health/events?q=event"+sort
		titles := map[string]bool{}
		for path != "" {
			a := n.get("duty", path).want(200)
			a.Find("table.ev .ttl a").Each(func(_ int, s *sel) { titles[s.AttrOr("href", "")] = true; seen++ })
			path = a.Find(`.pager a[rel=next]`).AttrOr("href", "")
		}
		if seen != 119 || len(titles) != 119 {
			t.Errorf("%d rows, %d events, want 119 of each", seen, len(titles))
		}
	}
	a := n.get("duty", "/health/events?hazard=cholera").want(200)
	if a.Find("table.ev tbody tr").Length() != 1 {
		t.Error("the filter by hazard is not applied")
	}
	n.get("duty", "/health/events?q=nothing+such").has(".empty", "No event matches")
	n.get("duty", "/health/events?after=x.y.z").want(200)
	rows, err := csv.NewReader(strings.NewReader(n.get("auditor", "/health/events.csv").want(200).Body)).ReadAll()
	if err != nil || len(rows) != 121 {
		t.Fatalf("%d lines, want 121: %v", len(rows), err)
	}
	for _, row := range rows {
		if strings.HasPrefix(row[2], "=") {
			t.Errorf("a spreadsheet runs %q", row[2])
		}
	}
	home := n.get("duty", "/").want(200)
	if home.Find("#open tbody tr").Length() != 40 {
		t.Error("the home page shows 40 events")
	}
	home.has("#open", "All 120 open events")
	if home.Find("#todo li").Length() != 20 || n.get("duty", "/?todo=all").Find("#todo li").Length() != 100 {
		t.Error("20 things to do at first, all on demand")
	}
}

// TestLiveParts: what changes by itself names its topic and can be picked out
// of the page again; what people type into does not.
func TestLiveParts(t *testing.T) {
	s := play(t)
	event := "/health/events/" + string(s.event)
	for path, topic := range map[string]string{"/": "live-desk", event: "live-event:" + string(s.event),
		"/health/notifications/" + string(s.sent): "live-event:" + string(s.event)} {
		a := s.th.get("duty", path).want(200)
		parts := a.Find("main [hx-get]")
		if parts.Length() == 0 {
			t.Errorf("%s has no live parts", path)
		}
		parts.Each(func(_ int, p *sel) {
			if !strings.Contains(p.AttrOr("hx-trigger", ""), topic+" from:body") || a.Find(p.AttrOr("hx-select", "")).Length() != 1 {
				t.Errorf("%s: %v", path, p.Nodes[0].Attr)
			}
		})
		if !strings.Contains(a.Find("#live").AttrOr("hx-sse:connect", ""), "topics=") {
			t.Errorf("%s has no stream", path)
		}
	}
	notice := s.vn.get("duty", "/health/notices/"+string(s.notice)).want(200)
	if notice.Find("#answer").Closest("[hx-get]").Length() > 0 {
		t.Error("a live part holds the answer form")
	}
	for _, p := range s.gallery() {
		if p.form == nil && (strings.Contains(p.name, "new") || strings.Contains(p.name, "edit") || strings.Contains(p.name, "notify") || p.name == "facts") {
			p.node.get(p.who, p.path).lacks("main form [hx-get], main [hx-get] form")
		}
	}
}
