package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"lintas/internal/api/apitest"
	"lintas/internal/id"
)

// TestImportOperations: a file is brought in by a program from the upload to
// its counts, and what others released is read.
func TestImportOperations(t *testing.T) {
	s := newSite(t)
	set := s.dataset("Dengue, weekly", "week.sunday", "cases")
	sid := set[strings.LastIndexByte(set, '/')+1:]
	s.foreign("TH", shareTH, "0190a000-0000-7000-8000-000000000001", bodyTH)
	a := apitest.New(t, s.db, s.clock, actor, "health.read", "surveillance.import")
	s.pages.Operations(a)
	a.Mount(s.shell.Mux())
	const file = "Country,Province,Period,Disease,Cases\nKHM,Siem Reap,2024-W01,dengue,10\nKHM,Kampot,2024-W01,dengue,12\nKHM,Kampot,2024-W02,spots,1\n"
	up := apitest.Case{Op: "surveillance-import-upload", Path: "/surveillance/datasets/" + sid + "/imports?name=a.csv", Body: file, Token: "epi", Want: 201, Header: map[string]string{"Content-Type": "application/octet-stream"}}
	refused := up
	refused.Token, refused.Want = "duty", 403
	bodies := apitest.Check(t, s.shell, []apitest.Case{up, refused,
		{Op: "surveillance-released-list", Path: "/surveillance/released", Token: "duty", Want: 200},
		{Op: "surveillance-released-get", Path: "/surveillance/released/" + string(shareTH), Token: "duty", Want: 200},
		{Op: "surveillance-released-get", Path: "/surveillance/released/" + string(shareVN), Token: "duty", Want: 404},
		{Op: "surveillance-release-list", Path: "/surveillance/releases", Token: "duty", Want: 200},
	}, "surveillance-released", "surveillance-release-")
	var got struct {
		ID      id.ID
		State   string
		Mapping struct{ Columns map[string]string }
	}
	if err := json.Unmarshal(bodies[0], &got); err != nil || got.State != "mapped" || got.Mapping.Columns["count"] != "Cases" {
		t.Fatalf("%v %s", err, bodies[0])
	}
	if !strings.Contains(string(bodies[3]), `"counts":[410,null,0,null,512],"withheld":[false,true,false,false,false]`) {
		t.Errorf("%s", bodies[3])
	}
	one := "/surveillance/imports/" + string(got.ID)
	mapping, err := json.Marshal(got.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	bodies = apitest.Check(t, s.shell, []apitest.Case{
		{Op: "surveillance-import-get", Path: one, Token: "epi", Want: 200},
		{Op: "surveillance-import-get", Path: one, Token: "duty", Want: 403},
		{Op: "surveillance-import-map", Path: one + "/mapping", Token: "epi", Body: string(mapping), Want: 428},
		{Op: "surveillance-import-map", Path: one + "/mapping", Token: "epi", Body: string(mapping), Want: 200, Header: map[string]string{"If-Match": `"v2"`}},
		{Op: "surveillance-import-step", Path: one + "/steps", Token: "epi", Body: `{"verb":"apply"}`, Want: 412, Header: map[string]string{"If-Match": `"v2"`}},
		{Op: "surveillance-import-step", Path: one + "/steps", Token: "epi", Body: `{"verb":"apply","leave_bad":true}`, Want: 200, Header: map[string]string{"If-Match": `"v4"`}},
	}, "surveillance-import-g", "surveillance-import-m", "surveillance-import-s")
	if !strings.Contains(string(bodies[3]), `"ready":2`) || !strings.Contains(string(bodies[3]), `"bad":1`) || !strings.Contains(string(bodies[3]), "spots") {
		t.Errorf("%s", bodies[3])
	}
	s.desk.Work(t.Context())
	if body := s.get("duty", set).Find("#diseases").Text(); !strings.Contains(body, "Dengue") {
		t.Error(body)
	}
}
