package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/desk/health"
	ihrweb "lintas/internal/desk/health/ihr/web"
	"lintas/internal/id"
)

// mount puts the operations of the site behind the shell of the interface; a
// token is the name of the role that holds it.
func mount(t *testing.T, s *site, c clock.Clock) {
	t.Helper()
	a := apitest.New(t, s.db, c, func(token string) access.Actor {
		return access.Actor{Account: id.ID(token), Member: s.member, Name: "Post " + token, Grants: []access.Grant{{Role: access.Role(token)}}}
	}, "health.read", "health.write")
	ihrweb.New(s.ihr, s.health).Operations(a)
	a.Mount(s.shell.Mux())
}

const (
	replies = `{"replies":{"q1":{"answer":"yes","reason":"Deaths."},"q2":{"answer":"no","reason":"Known."},"q3":{"answer":"yes","reason":"Border."},"q4":{"answer":"no","reason":"None."}}}`
	measure = `{"content":{"type":"testing","target":"travellers","title":"Test (sample)","from":["KH"],"to":["TH"],"reason":"Cases.","evidence":"Incubation.","lang":"en"},
		"review":"2026-02-08","expires":"2026-02-20","members":["KH"],"marking":"TLP:AMBER","hazard":"cholera"}`
	outside = `{"kind":"pheic","hazard":"cholera","title":"PHEIC (sample)","by":"WHO Director-General","on":"2026-01-20","source":"Sample","marking":"TLP:CLEAR","members":["KH"],
		"recommendations":[{"text":"Watch (sample)."}]}`
	statement = `{"status":"accepted","on":"2025-07-01","source":"Note (sample)","lang":"en"}`
)

// Every operation of the document answers as the document says.
func TestOperations(t *testing.T) {
	c := clock.NewManual(now)
	s := newSite(t, "TH", &id.Maker{Clock: c}, c)
	mount(t, s, c)
	e, err := s.health.RecordEvent(t.Context(), access.Actor{Account: "x", Grants: []access.Grant{{Role: access.DutyOfficer}}}, health.EventInput{Name: "Cholera (sample)",
		Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"TH-10"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const duty, epi, focal, authority, approver = "duty_officer", "epidemiologist", "ihr_focal_point", "ihr_authority", "approver"
	made := func(path, who, body string) string {
		t.Helper()
		return s.rest(t, "POST", path, who, body)
	}
	a := "/ihr/assessments/" + made("/ihr/assessments", epi, `{"event":"`+string(e.ID)+`"}`)
	m := "/ihr/measures/" + made("/ihr/measures", duty, measure)
	x := "/ihr/determinations/" + made("/ihr/determinations", focal, outside)
	st := "/ihr/amendments/" + made("/ihr/amendments", authority, statement)
	get := func(op, path string) apitest.Case {
		return apitest.Case{Op: "ihr-" + op, Path: path, Token: duty, Want: 200}
	}
	do := func(op, path, who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "ihr-" + op, Path: path, Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	open := apitest.Case{Op: "ihr-assessment-open", Path: "/ihr/assessments", Token: epi, Body: `{"event":"` + string(e.ID) + `"}`}
	twice := open
	open.Want, twice.Want = 201, 409
	cases := []apitest.Case{
		twice, get("form", "/ihr/form"), get("assessment-get", a), get("assessment-list", "/ihr/assessments?limit=1&event="+string(e.ID)),
		{Op: "ihr-assessment-list", Path: "/ihr/assessments?cursor=x", Token: duty, Want: 400},
		{Op: "ihr-assessment-get", Path: "/ihr/assessments/0190a000-0000-7000-8000-000000000000", Token: duty, Want: 404},
		{Op: "ihr-assessment-get", Path: a, Token: "administrator", Want: 404},
		do("assessment-answer", a+"/answers", epi, replies, `"v9"`, 412), do("assessment-answer", a+"/answers", epi, replies, `"v1"`, 200),
		do("assessment-finish", a+"/finish", epi, replies, `"v2"`, 200), do("assessment-finish", a+"/finish", epi, replies, `"v3"`, 400),
		do("assessment-finish", a+"/finish", duty, replies, `"v3"`, 200), do("assessment-step", a+"/steps", duty, `{"verb":"decide","outcome":"notify","reason":"Two."}`, `"v4"`, 403),
		do("assessment-step", a+"/steps", focal, `{"verb":"decide","outcome":"notify","reason":"Two."}`, `"v4"`, 200),
		do("assessment-step", a+"/steps", focal, `{"verb":"told","at":"2026-02-01T08:00:00Z","how":"Platform (sample)"}`, `"v5"`, 200),
		open, get("article6", "/ihr/events/"+string(e.ID)+"/article6"),
		{Op: "ihr-measure-plan", Path: "/ihr/measures", Token: duty, Body: measure, Want: 201},
		{Op: "ihr-measure-plan", Path: "/ihr/measures", Token: duty, Body: strings.Replace(measure, `["KH"],"to"`, `["FR"],"to"`, 1), Want: 400},
		get("measure-get", m), do("measure-edit", m, duty, measure, `"v1"`, 200), do("measure-step", m+"/steps", duty, `{"verb":"start","at":"2026-02-01T07:00:00Z"}`, `"v2"`, 200),
		do("measure-step", m+"/steps", duty, `{"verb":"release"}`, `"v3"`, 403), do("measure-step", m+"/steps", approver, `{"verb":"release"}`, `"v3"`, 200),
		do("measure-step", m+"/steps", duty, `{"verb":"fly"}`, `"v4"`, 422), get("measure-list", "/ihr/measures?holds=true&from=KH&limit=1"), get("corridor-list", "/ihr/corridors"),
		{Op: "ihr-determination-record", Path: "/ihr/determinations", Token: focal, Body: outside, Want: 201},
		{Op: "ihr-determination-record", Path: "/ihr/determinations", Token: epi, Body: outside, Want: 403},
		get("determination-get", x), get("determination-list", "/ihr/determinations?limit=1&hazard=cholera"), do("determination-edit", x, focal, outside, `"v1"`, 200),
		do("determination-step", x+"/steps", approver, `{"verb":"release"}`, `"v2"`, 200), do("determination-step", x+"/steps", duty, `{"verb":"end","on":"2026-01-30"}`, `"v3"`, 200),
		do("determination-step", x+"/steps", duty, `{"verb":"strike"}`, `"v4"`, 400),
		get("amendment-list", "/ihr/amendments"), do("amendment-edit", st, authority, statement, `"v1"`, 200), do("amendment-step", st+"/steps", authority, `{"verb":"release"}`, `"v2"`, 403),
		do("amendment-step", st+"/steps", approver, `{"verb":"release"}`, `"v2"`, 200), {Op: "ihr-amendment-state", Path: "/ihr/amendments", Token: authority, Body: statement, Want: 201},
	}
	bodies := apitest.Check(t, s.shell, cases, "ihr-")
	oneWay(t, cases, bodies)
	if n := len(s.releases); n < 4 {
		t.Errorf("%d releases left", n)
	}
}

// oneWay: the one measure in force is on its corridor with its last day.
func oneWay(t *testing.T, cases []apitest.Case, bodies [][]byte) {
	t.Helper()
	for i, c := range cases {
		if c.Op == "ihr-corridor-list" {
			var list struct {
				Items []struct{ From, To, Expires string }
			}
			if err := json.Unmarshal(bodies[i], &list); err != nil || len(list.Items) != 1 || list.Items[0].From != "KH" || list.Items[0].Expires != "2026-02-20" {
				t.Errorf("%s %v", bodies[i], err)
			}
		}
	}
}

// rest makes a record and returns its identifier.
func (s *site) rest(t *testing.T, method, path, who, body string) string {
	t.Helper()
	rec := apitest.Do(t, s.shell, method, path, who, body)
	var out struct{ ID string }
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || rec.Code != 201 {
		t.Fatalf("%s %s: %d %s", method, api.Prefix+path, rec.Code, rec.Body)
	}
	return out.ID
}
