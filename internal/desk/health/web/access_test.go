package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

type sel = goquery.Selection

// stage is how far a member is with the newest release, at its owner.
func stage(w *world, n *testNode, m access.Member) exchange.Stage {
	w.t.Helper()
	rows, _, err := n.desk.List(context.Background(), n.actor("duty"), health.Filter{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.deliver("LA")
	p, err := n.desk.EventPage(context.Background(), n.actor("duty"), rows[0].ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range p.Notifications[0].Acks {
		if c.Member == m {
			return c.Stage
		}
	}
	return ""
}

func TestRolesSeeOnlyWhatTheyMay(t *testing.T) {
	s := play(t)
	event := "/health/events/" + string(s.event)
	note, draft := "/health/notifications/"+string(s.sent), "/health/notifications/"+string(s.draft)
	for _, c := range []struct {
		who     string
		buttons map[string]bool // on the event
	}{
		{"duty", map[string]bool{"Edit": true, "Add figures": true, "Notify other members": true, "Stand down": true}},
		{"epi", map[string]bool{"Edit": true, "Add figures": true, "Notify other members": false, "Stand down": false}},
		{"approver", map[string]bool{"Edit": false, "Notify other members": false, "Stand down": true}},
		{"auditor", map[string]bool{"Edit": false, "Add figures": false, "Notify other members": false, "Stand down": false}},
	} {
		a := s.th.get(c.who, event).want(200)
		for text, want := range c.buttons {
			if a.button(text) != want {
				t.Errorf("%s sees %q: %v, want %v", c.who, text, !want, want)
			}
		}
	}
	if s.th.get("duty", draft).button("Clear") || !s.th.get("approver", draft).button("Clear") {
		t.Error("clearing is for the approver only")
	}
	s.th.get("auditor", note).want(200)
	s.th.get("auditor", event+"/edit").want(403)
	s.th.get("epi", event+"/notify").want(403)
	s.th.post("auditor", note+"/step/withdraw", url.Values{"version": {"1"}, "reason": {"x"}}).want(403)
	// a foreign event has no buttons, and its forms are refused
	foreign := s.vn.get("duty", event).want(200)
	for _, text := range []string{"Edit", "Add figures", "Notify other members", "Stand down"} {
		if foreign.button(text) {
			t.Errorf("a foreign event offers %q", text)
		}
	}
	s.vn.get("duty", event+"/edit").want(403)
}

// TestForbiddenLooksLikeNotFound: what a person may not know of answers
// exactly as what does not exist.
func TestForbiddenLooksLikeNotFound(t *testing.T) {
	s := play(t)
	red := record(s.world, s.th, health.EventInput{Name: "Named eyes only", Lang: "en", Hazard: "unknown", Grade: health.Watch, Marking: access.TLPRed, Places: []string{"TH-10"}})
	main := func(a answer) string {
		a.Find(".note, .stamp").Remove() // the number of the request and the time
		return strings.Join(strings.Fields(a.Find("main").Text()), " ")
	}
	nowhere := string((&id.Maker{}).New())
	for _, path := range []string{"/health/events/%", "/health/events/%/edit", "/health/events/%/facts", "/health/events/%/notify", "/health/events/%/move/alert"} {
		hidden := s.th.get("epi", strings.Replace(path, "%", string(red), 1))
		absent := s.th.get("epi", strings.Replace(path, "%", nowhere, 1))
		if hidden.Status != 404 || main(hidden) != main(absent) {
			t.Errorf("%s: %d %q, absent %d %q", path, hidden.Status, main(hidden), absent.Status, main(absent))
		}
	}
	for _, path := range []string{"/", "/health/events", "/search?q=eyes", "/health/events.csv"} {
		if strings.Contains(s.th.get("epi", path).Body, "Named eyes only") {
			t.Errorf("%s tells of an event that the reader may not see", path)
		}
	}
	if !strings.Contains(s.th.get("duty", "/health/events").Body, "Named eyes only") {
		t.Error("who may see it does not")
	}
	for _, p := range s.gallery() {
		if p.path == "/" || p.form != nil {
			continue
		}
		a := p.node.get("admin", p.path)
		if strings.HasPrefix(p.path, "/?") {
			continue
		}
		if a.Status != 404 {
			t.Errorf("the administrator gets %d for %s", a.Status, p.path)
		}
	}
}

const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)> {name}`

func TestHostileTextIsEscaped(t *testing.T) {
	s := play(t)
	e := record(s.world, s.th, health.EventInput{Name: hostile, Summary: hostile, Lang: "en", Hazard: "unknown", Agent: hostile, Grade: health.Emergency,
		Marking: access.TLPAmber, Places: []string{"TH-10"}},
		health.Fact{Indicator: "cases", Place: "TH", Value: 1, Source: hostile, AsOf: s.clock.Now()})
	n := notify(s.world, s.th, e, "", hostile, hostile, []access.Member{"VN"})
	s.deliver()
	todos, err := s.vn.desk.Todos(t.Context(), s.vn.actor("duty"))
	if err != nil {
		t.Fatal(err)
	}
	var notice string
	for _, x := range todos {
		if x.Event == e {
			notice = "/health/notices/" + string(x.Record)
		}
	}
	s.vn.post("duty", notice+"/refuse", url.Values{"words": {hostile}}).want(303)
	s.deliver()
	event := "/health/events/" + string(e)
	check := func(a answer) {
		t.Helper()
		if a.Find("img, script:not([src])").Length() > 0 || strings.Contains(a.Body, "<script>alert") || strings.Contains(a.Body, "<img src=x") {
			t.Error("hostile text became markup")
		}
		if !strings.Contains(a.Find("body").Text()+a.Find("input").AttrOr("value", ""), "alert(1)") {
			t.Error("the text is not shown at all")
		}
	}
	check(s.th.get("duty", "/"))
	check(s.th.get("duty", event))
	check(s.th.get("duty", event+"/edit"))
	check(s.th.get("duty", event+"/notify"))
	check(s.th.get("duty", "/health/notifications/"+string(n.ID)))
	check(s.vn.get("duty", notice))
	check(s.vn.get("duty", event))
	check(s.vn.get("duty", "/search?q="+url.QueryEscape("<script>alert(1)")))
}
