package rest_test

import (
	"fmt"
	"strings"
	"testing"

	"lintas/internal/access"
)

const (
	duty     = access.DutyOfficer
	approver = access.Approver
	epi      = access.Epidemiologist
)

const eventBody = `{"name":"Cholera (sample)","summary":"Three cases after a wedding.","lang":"en","hazard":"cholera","grade":"warning",
	"marking":"TLP:AMBER","places":["TH-10"],"onset":{"on":"2020-01-10","precision":"day"},
	"facts":[{"indicator":"cases","class":"confirmed","place":"TH-10","value":3,"source":"National laboratory","as_of":"2020-01-13T00:00:00Z"}]}`

func noteBody(marking, to string) string {
	return fmt.Sprintf(`{"title":"Cholera (sample)","message":"Please acknowledge.","lang":"en","purpose":"early_warning","basis":"aphecs",
	"marking":%q,"recipients":[{"member":%q,"blocks":["summary","dates","places","facts"]}]}`, marking, to)
}

// notify records and releases through the interface and returns event and
// notification.
func (s *site) notify(event, note string) (reply, reply) {
	s.t.Helper()
	e := s.call(duty, "POST", "/health/events", event).want(201)
	n := s.call(duty, "POST", "/health/events/"+e.text("id")+"/notifications", note).want(201)
	return e, s.release(n)
}

func (s *site) release(n reply) reply {
	s.t.Helper()
	path := "/health/notifications/" + n.text("id")
	n = s.call(duty, "POST", path+"/steps", `{"verb":"submit"}`, "If-Match", n.tag()).want(200)
	n = s.call(approver, "POST", path+"/steps", `{"verb":"clear"}`, "If-Match", n.tag()).want(200)
	return s.call(duty, "POST", path+"/steps", `{"verb":"release"}`, "If-Match", n.tag()).want(200)
}

// The life of an alert through the interfaces of two nodes, refusals included.
func TestStory(t *testing.T) {
	s := sites(t, "TH", "KH")
	th, kh := s["TH"], s["KH"]

	th.call("", "GET", "/health/events", "").want(401)
	e := th.call(duty, "POST", "/health/events", eventBody, "Idempotency-Key", "first").want(201)
	again := th.call(duty, "POST", "/health/events", eventBody, "Idempotency-Key", "first").want(201)
	if e.id() != again.id() || e.Header.Get("Location") != "/api/v1/health/events/"+e.text("id") {
		t.Errorf("%s, then %s at %s", e.id(), again.id(), e.Header.Get("Location"))
	}
	if got := th.call(duty, "GET", "/health/events?q=cholera", ""); len(got.get("items").([]any)) != 1 {
		t.Errorf("one event was recorded: %s", got.Body)
	}
	path := "/health/events/" + e.text("id")
	th.moved(t, path, e)
	kh.call(duty, "GET", path, "").want(404) // nothing left TH yet
	n := th.call(duty, "POST", path+"/notifications", noteBody("TLP:AMBER", "KH")).want(201)
	note := "/health/notifications/" + n.text("id")
	if p := th.call(duty, "GET", note+"/previews", "").want(200); p.text("items.0.view.event.summary") != "Three cases after a wedding." {
		t.Errorf("%s", p.Body)
	}
	n = th.call(duty, "POST", note+"/steps", `{"verb":"submit"}`, "If-Match", n.tag()).want(200)
	th.call(duty, "POST", note+"/steps", `{"verb":"clear"}`, "If-Match", n.tag()).want(403)
	th.call(duty, "GET", "!"+note+"/cap.xml", "").want(409) // nothing is an alert before its release
	n = th.call(approver, "POST", note+"/steps", `{"verb":"clear"}`, "If-Match", n.tag()).want(200)
	th.call(duty, "POST", note+"/steps", `{"verb":"release"}`, "If-Match", n.tag()).want(200)

	notice := kh.notice()
	if todo := kh.call(duty, "GET", "/health/todos", "").want(200); todo.text("items.0.kind") != "acknowledge" || todo.get("items.0.record") != notice.get("items.0.id") {
		t.Errorf("%s", todo.Body)
	}
	at := "/health/notices/" + notice.text("items.0.id")
	got := kh.call(duty, "GET", at, "").want(200)
	if got.text("notification.event.facts.0.source") != "National laboratory" || got.text("state") != "delivered" {
		t.Errorf("%s", got.Body)
	}
	kh.call(epi, "POST", at+"/steps", `{"verb":"acknowledge"}`, "If-Match", got.tag()).want(403)
	got = kh.call(duty, "POST", at+"/open", "").want(200)
	kh.call(duty, "POST", at+"/questions", `{"words":" "}`, "If-Match", got.tag()).want(400)
	q := kh.call(duty, "POST", at+"/questions", `{"words":"Which serotype?"}`, "If-Match", got.tag()).want(201)
	kh.answered(t, th, path, q)

	got = kh.call(duty, "GET", at, "").want(200)
	kh.call(duty, "POST", at+"/steps", `{"verb":"acknowledge","words":"Seen."}`, "If-Match", got.tag()).want(200)
	within(t, "the acknowledgement", func() bool {
		return th.call(duty, "GET", note+"/answers", "").want(200).get("items.0.stage") == "acknowledged"
	})
	if rs := string(th.call(duty, "GET", note+"/receipts", "").want(200).Body); !strings.Contains(rs, `"opened"`) || !strings.Contains(rs, `"question"`) {
		t.Errorf("receipts %s", rs)
	}
	th.withdrawn(t, kh, note, at)
}

// moved takes a step with the event that was just recorded, by its version.
func (s *site) moved(t *testing.T, path string, e reply) {
	t.Helper()
	s.call(duty, "GET", path, "", "If-None-Match", e.tag()).want(304)
	s.call(duty, "POST", path+"/steps", `{"verb":"alert"}`).want(428)
	s.call(duty, "POST", path+"/steps", `{"verb":"alert"}`, "If-Match", `"v7"`).want(412)
	s.call(duty, "POST", path+"/steps", `{"verb":"edit"}`, "If-Match", e.tag()).want(400)
	s.call(duty, "POST", path+"/steps", `{"verb":"alert"}`, "If-Match", `"v0"`).want(412) // there is no version that means any
	moved := s.call(duty, "POST", path+"/steps", `{"verb":"alert"}`, "If-Match", e.tag()).want(200)
	if moved.text("state") != "alert" || moved.tag() != `"v2"` {
		t.Errorf("%s %s", moved.tag(), moved.Body)
	}
}

// answered carries the answer to a question back to who asked it.
func (s *site) answered(t *testing.T, th *site, event string, q reply) {
	t.Helper()
	var asked reply
	within(t, "the question", func() bool {
		asked = th.call(duty, "GET", event+"/questions", "").want(200)
		return asked.get("items.0.id") != nil
	})
	at := "/health/questions/" + q.text("id")
	asked = th.call(duty, "GET", at, "").want(200)
	th.call(duty, "POST", at+"/answer", `{"words":"O1 Ogawa."}`, "If-Match", asked.tag()).want(200)
	within(t, "the answer", func() bool {
		return s.call(duty, "GET", at, "").want(200).get("answer") == "O1 Ogawa."
	})
}

// withdrawn takes the notification back; the recipient keeps a tombstone, and
// a cached copy does not outlive it.
func (s *site) withdrawn(t *testing.T, kh *site, note, at string) {
	t.Helper()
	before := kh.call(duty, "GET", at, "").want(200)
	n := s.call(duty, "GET", note, "").want(200)
	s.call(duty, "POST", note+"/steps", `{"verb":"withdraw"}`, "If-Match", n.tag()).want(400) // why?
	s.call(duty, "POST", note+"/steps", `{"verb":"withdraw","reason":"Wrong state."}`, "If-Match", n.tag()).want(200)
	within(t, "the withdrawal", func() bool {
		return kh.call(duty, "GET", at, "", "If-None-Match", before.tag()).Status == 200
	})
	if b := string(kh.call(duty, "GET", at, "").want(200).Body); strings.Contains(b, "wedding") || !strings.Contains(b, "Wrong state.") {
		t.Errorf("tombstone %s", b)
	}
}
