package rest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"lintas/internal/api"
	"lintas/internal/api/apitest"
)

// Every operation of the document answers as the document says.
func TestOperations(t *testing.T) {
	s := sites(t, "TH", "KH")
	th := s["TH"]
	s["KH"].notify(strings.ReplaceAll(eventBody, "TH-10", "KH-12"), noteBody("TLP:AMBER", "TH"))
	e, n := th.notify(eventBody, noteBody("TLP:AMBER", "KH"))
	event, note := "/health/events/"+e.text("id"), "/health/notifications/"+n.text("id")
	draft := th.call(duty, "POST", event+"/notifications", noteBody("TLP:RED", "KH")).want(201)
	drafted := "/health/notifications/" + draft.text("id")
	notice := th.notice()
	received := "/health/notices/" + notice.text("items.0.id")
	asked := th.question(t, s["KH"], n)

	read, write := th.readCase, th.writeCase
	none := "/health/events/0190a000-0000-7000-8000-000000000000"
	apitest.Check(t, th.shell, append(th.moreCases(t, s["KH"], event), []apitest.Case{
		read("stream", "/stream"),
		read("health-event-list", "/health/events?limit=1&sort=grade&open=true"),
		{Op: "health-event-list", Path: "/health/events?cursor=x", Token: th.tokens[duty], Want: 400},
		{Op: "health-event-record", Path: "/health/events", Body: eventBody, Token: th.tokens[duty], Want: 201},
		{Op: "health-event-record", Path: "/health/events", Body: strings.Replace(eventBody, "cholera", "dragons", 1), Token: th.tokens[duty], Want: 400},
		read("health-event-get", event),
		{Op: "health-event-get", Path: none, Token: th.tokens[duty], Want: 404},
		{Op: "health-event-get", Path: "/health/events/x", Token: th.tokens[duty], Want: 422},
		write("health-event-edit", event, eventOnly(t), `"v1"`, 200),
		write("health-event-edit", event, eventOnly(t), `"v1"`, 412),
		write("health-event-facts", event+"/facts", `{"facts":[{"indicator":"deaths","place":"TH","value":1,"source":"EOC","as_of":"2020-01-14T00:00:00Z"}]}`, `"v2"`, 200),
		read("health-event-steps", event+"/steps"),
		write("health-event-move", event+"/steps", `{"verb":"alert"}`, `"v3"`, 200),
		write("health-event-move", event+"/steps", `{"verb":"stand_down"}`, `"v4"`, 400),
		read("health-event-timeline", event+"/timeline"),
		read("health-event-notifications", event+"/notifications"),
		read("health-event-questions", event+"/questions"),
		{Op: "health-notification-compose", Path: event + "/notifications", Body: noteBody("TLP:AMBER", "KH"), Token: th.tokens[duty], Want: 201},
		{Op: "health-notification-compose", Path: event + "/notifications", Body: noteBody("TLP:AMBER", "TH"), Token: th.tokens[duty], Want: 400},
		read("health-notification-get", note),
		write("health-notification-edit", drafted, noteBody("TLP:AMBER", "KH"), draft.tag(), 200),
		read("health-notification-previews", note+"/previews"),
		read("health-notification-steps", drafted+"/steps"),
		write("health-notification-step", drafted+"/steps", `{"verb":"discard"}`, `"v2"`, 200),
		write("health-notification-step", drafted+"/steps", `{"verb":"submit"}`, `"v3"`, 409),
		write("health-notification-step", drafted+"/steps", `{"verb":"fly"}`, `"v3"`, 400),
		read("health-notification-answers", note+"/answers"),
		read("health-notification-receipts", note+"/receipts"),
		read("health-notice-list", "/health/notices?waiting=true&from=KH"),
		read("health-notice-search", "/health/search/notices?q=cholera"),
		read("health-notice-get", received),
		read("health-notice-steps", received+"/steps"),
		{Op: "health-notice-open", Path: received + "/open", Token: th.tokens[duty], Want: 200},
		write("health-notice-ask", received+"/questions", `{"words":"Since when?"}`, `"v2"`, 201),
		write("health-notice-answer", received+"/steps", `{"verb":"acknowledge"}`, `"v3"`, 200),
		read("health-question-get", asked),
		write("health-question-answer", asked+"/answer", `{"words":"Since Monday."}`, `"v1"`, 200),
		read("health-todo-list", "/health/todos"),
		read("health-hazard-list", "/health/hazards"),
		read("health-workflow", "/health/workflow"),
	}...), "health-", "stream")
	onlyViews(t, th)
}

// moreCases are files, the sections of an event and merges.
func (th *site) moreCases(t *testing.T, kh *site, event string) []apitest.Case {
	t.Helper()
	received0, file := th.attached(t, kh, "case,day\n1,2020-01-01\n")
	spare := th.call(duty, "POST", "/health/events", eventBody).want(201)
	other := th.call(duty, "POST", "/health/events", eventBody).want(201)
	more := "/health/events/" + spare.text("id")
	letter := th.call(duty, "POST", event+"/notifications", noteBody("TLP:AMBER", "KH")).want(201)
	letters := "/health/notifications/" + letter.text("id") + "/files"
	kept := th.call(duty, "POST", letters+"?name=a.csv", "a,b\n").want(201)
	read, write := th.readCase, th.writeCase
	return []apitest.Case{
		read("health-notice-files", received0+"/files"), read("health-notice-file", file),
		{Op: "health-notice-file", Path: received0 + "/files/0190a000-0000-7000-8000-000000000000", Token: th.tokens[duty], Want: 404},
		{Op: "health-notification-attach", Path: letters + "?name=b.csv", Body: "c,d\n", Token: th.tokens[duty], Want: 201},
		{Op: "health-notification-attach", Path: letters + "?name=b.csv", Body: "c,d\n", Token: th.tokens[duty], Want: 409},
		read("health-notification-files", letters), read("health-notification-file", letters+"/"+kept.text("id")),
		{Op: "health-notification-detach", Path: letters + "/" + kept.text("id"), Token: th.tokens[duty], Want: 204},
		write("health-event-describe", more+"/sections", `{"sections":[{"block":"laboratory","text":"Culture.","source":"NIH","as_of":"2020-01-14T00:00:00Z","complete":"partial"}],"end":{"multiple":2}}`, `"v1"`, 200),
		write("health-event-describe", more+"/sections", `{"sections":[{"block":"laboratory","complete":"partial"}]}`, `"v2"`, 400),
		read("health-event-targets", more+"/merge-targets"),
		write("health-event-merge", more+"/merge", `{"into":"`+other.text("id")+`","reason":""}`, `"v2"`, 400),
		write("health-event-merge", more+"/merge", `{"into":"`+other.text("id")+`","reason":"The same."}`, `"v2"`, 200),
		write("health-event-move", more+"/steps", `{"verb":"split","reason":"Another strain."}`, `"v3"`, 200),
	}
}

func (s *site) readCase(op, path string) apitest.Case {
	return apitest.Case{Op: op, Path: path, Token: s.tokens[duty], Want: 200}
}

func (s *site) writeCase(op, path, body, tag string, want int) apitest.Case {
	return apitest.Case{Op: op, Path: path, Body: body, Token: s.tokens[duty], Header: map[string]string{"If-Match": tag}, Want: want}
}

// question has KH ask about a notification and returns where TH reads it.
func (s *site) question(t *testing.T, kh *site, n reply) string {
	t.Helper()
	notice := kh.notice()
	kh.call(duty, "POST", "/health/notices/"+notice.text("items.0.id")+"/questions", `{"words":"Which source?"}`, "If-Match", `"v1"`).want(201)
	var asked reply
	within(t, "the question", func() bool {
		asked = s.call(duty, "GET", "/health/events/"+n.text("event")+"/questions", "").want(200)
		return asked.get("items.0.id") != nil
	})
	return "/health/questions/" + asked.text("items.0.id")
}

// eventOnly is the event without its figures, which an edit does not take.
func eventOnly(t *testing.T) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(eventBody), &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "facts")
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// onlyViews checks that no record of the desk is in the document.
func onlyViews(t *testing.T, s *site) {
	t.Helper()
	var doc struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(s.call("", "GET", "/openapi.json", "").want(200).Body, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Components.Schemas) < 20 {
		t.Errorf("%d schemas", len(doc.Components.Schemas))
	}
	for _, record := range []string{"Event", "Notification", "Notice", "Question", "Fact", "Head", "Recipient", "Mark", "Row", "Sent", "Page"} {
		if _, ok := doc.Components.Schemas[record]; ok {
			t.Errorf("%s leaves %s as it is stored", api.Prefix, record)
		}
	}
}
