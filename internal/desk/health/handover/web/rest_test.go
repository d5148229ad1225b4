package web_test

import (
	"encoding/json"
	"testing"

	"lintas/internal/api/apitest"
	"lintas/internal/web/webtest"
)

// Every operation of the document answers as the document says.
func TestOperations(t *testing.T) {
	s := open(t)
	a := apitest.New(t, s.db, s.now, webtest.Roles("KH", roles), "health.read", "health.write")
	s.pages.Operations(a)
	rec := apitest.Do(t, a, "POST", "/handover/notes", "day", "")
	var made struct{ ID string }
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || rec.Code != 201 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	at, event := "/handover/notes/"+made.ID, "/handover/watch/"+string(s.event.ID)
	do := func(op, path, who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "handover-" + op, Path: path, Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	step := func(who, body, tag string, want int) apitest.Case {
		return do("note-step", at+"/steps", who, body, tag, want)
	}
	bodies := apitest.Check(t, a, []apitest.Case{
		{Op: "handover-note-begin", Path: "/handover/notes", Token: "epi", Want: 404}, {Op: "handover-note-begin", Path: "/handover/notes", Token: "day", Want: 201},
		{Op: "handover-watch-put", Path: event, Token: "day", Body: `{"reason":"Border market."}`, Want: 200}, {Op: "handover-watch-put", Path: event, Token: "day", Body: `{"reason":""}`, Want: 400},
		{Op: "handover-watch-list", Path: "/handover/watch", Token: "epi", Want: 200}, {Op: "handover-note-get", Path: at, Token: "night", Want: 200},
		do("note-save", at, "day", `{"words":"Quiet."}`, `"v9"`, 412), do("note-save", at, "day", `{"words":"Quiet.","to":"Night duty"}`, `"v1"`, 200),
		step("day", `{"verb":"hand_over"}`, `"v2"`, 200), step("day", `{"verb":"accept"}`, `"v3"`, 400), step("night", `{"verb":"return","remark":"Which market?"}`, `"v3"`, 200),
		step("day", `{"verb":"hand_over","note":{"words":"The one in Poipet."}}`, `"v4"`, 200), step("night", `{"verb":"accept"}`, `"v5"`, 200),
		{Op: "handover-note-list", Path: "/handover/notes?limit=1", Token: "day", Want: 200}, {Op: "handover-note-list", Path: "/handover/notes?cursor=x", Token: "day", Want: 400},
		{Op: "handover-watch-end", Path: event, Token: "day", Want: 204}, {Op: "handover-watch-end", Path: event, Token: "day", Want: 409},
	}, "handover-")
	var note struct {
		Words string
		Items []struct{ Section, Title string }
	}
	if err := json.Unmarshal(bodies[8], &note); err != nil || note.Words != "Quiet." || len(note.Items) == 0 {
		t.Errorf("handed over: %s %v", bodies[8], err)
	}
}
