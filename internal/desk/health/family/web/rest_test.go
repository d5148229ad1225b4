package web

import (
	"encoding/json"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/desk/health/family"
	"lintas/internal/id"
)

// Every operation of the document answers as the document says.
func TestOperations(t *testing.T) {
	s := newSite(t)
	a := apitest.New(t, s.db, s.clock, actor, "health.read", "health.write")
	New(s.desk, s.health, "TH").Operations(a)
	body := `{"name":"Border (sample)","lang":"en","hazard":"cholera","marking":"TLP:AMBER","events":["` + string(s.own) + `","` + string(s.theirs) + `"]}`
	edit := `{"name":"Border, both sides (sample)","lang":"en","hazard":"cholera","marking":"TLP:AMBER"}`
	one, other := made(t, a, body), made(t, a, body)
	theirs := (&id.Maker{Clock: s.clock}).New()
	s.give(family.KindFamily, "VN", theirs, 2, family.View{ID: theirs, Owner: "VN", Version: 2, State: family.Shared, Name: "Vietnamese family (sample)", Lang: "en",
		Hazard: "cholera", Entries: []family.Entry{{Event: s.theirs, Owner: "VN", Standing: family.Own}, {Event: s.own, Owner: "TH", Standing: family.Proposed}}})
	at, foreign := "/family/families/"+one, "/family/families/"+string(theirs)
	get := func(op, path string) apitest.Case {
		return apitest.Case{Op: "family-" + op, Path: path, Token: "auditor", Want: 200}
	}
	do := func(op, path, who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "family-" + op, Path: path, Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	event := `{"events":["` + string(s.theirs) + `"]}`
	bodies := apitest.Check(t, a, []apitest.Case{
		get("list", "/family/families?limit=1"), {Op: "family-list", Path: "/family/families?cursor=x", Token: "auditor", Want: 400}, get("get", at), get("get", foreign),
		{Op: "family-get", Path: at, Token: "admin", Want: 404}, {Op: "family-make", Path: "/family/families", Token: "duty", Body: body, Want: 201},
		{Op: "family-make", Path: "/family/families", Token: "auditor", Body: body, Want: 403}, do("edit", at, "duty", edit, `"v9"`, 412), do("edit", at, "duty", edit, `"v1"`, 200),
		do("edit", foreign, "duty", edit, `"v2"`, 403), do("drop", at+"/events/"+string(s.theirs), "duty", "", `"v2"`, 200), do("add", at+"/events", "duty", event, `"v3"`, 200),
		do("share", at+"/share", "duty", `{"to":["VN"]}`, `"v4"`, 403), do("share", at+"/share", "approver", `{"to":["TH"]}`, `"v4"`, 400),
		do("share", at+"/share", "approver", `{"to":["VN","KH"]}`, `"v4"`, 200), get("previews", at+"/previews"),
		do("split", at+"/split", "duty", `{"name":"Apart","events":["`+string(s.theirs)+`"],"reason":"Another strain."}`, `"v5"`, 201),
		do("step", at+"/steps", "approver", `{"verb":"close","reason":"Over."}`, `"v6"`, 200), do("step", at+"/steps", "approver", `{"verb":"reopen","reason":"New cases."}`, `"v7"`, 200),
		do("step", at+"/steps", "approver", `{"verb":"share"}`, `"v8"`, 400),
		do("merge", at+"/merge", "approver", `{"into":"`+other+`","reason":"The same."}`, `"v8"`, 200),
		{Op: "family-answer", Path: foreign + "/answers", Token: "duty", Body: `{"event":"` + string(s.own) + `","belongs":false}`, Want: 400},
		{Op: "family-answer", Path: foreign + "/answers", Token: "duty", Body: `{"event":"` + string(s.own) + `","belongs":true}`, Want: 200},
	}, "family-")
	var previews struct {
		Items []struct{ To []access.Member }
	}
	if err := json.Unmarshal(bodies[15], &previews); err != nil || len(previews.Items) != 2 {
		t.Errorf("who gets what: %s %v", bodies[15], err)
	}
	if !strings.Contains(string(bodies[22]), `"state":"joined"`) {
		t.Errorf("the answer: %s", bodies[22])
	}
	pages(t, a)
}

// pages reads the list one by one: nobody is skipped or comes twice.
func pages(t *testing.T, a *api.API) {
	t.Helper()
	seen, path := map[string]bool{}, "/family/families?limit=1"
	for range 20 {
		var list struct {
			Items []struct{ ID string }
			Next  string
		}
		if err := json.Unmarshal(apitest.Do(t, a, "GET", path, "auditor", "").Body.Bytes(), &list); err != nil || len(list.Items) != 1 || seen[list.Items[0].ID] {
			t.Fatalf("%+v %v", list, err)
		}
		if seen[list.Items[0].ID] = true; list.Next == "" {
			break
		}
		path = "/family/families?limit=1&cursor=" + list.Next
	}
	if len(seen) != 5 {
		t.Errorf("%d families", len(seen))
	}
}

func made(t *testing.T, a *api.API, body string) string {
	t.Helper()
	rec := apitest.Do(t, a, "POST", "/family/families", "duty", body)
	var out struct{ ID string }
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || rec.Code != 201 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return out.ID
}
