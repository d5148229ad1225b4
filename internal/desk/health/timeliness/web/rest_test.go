package web

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/desk/health/timeliness"
)

const done = `{"actions":[{"key":"investigation","answer":"done","on":{"on":"2020-01-11","precision":"day"}},{"key":"analysis","answer":"done","on":{"on":"2020-01-11","precision":"day"}},
	{"key":"laboratory","answer":"done","on":{"on":"2020-01-12","precision":"day"}},{"key":"case_management","answer":"done","on":{"on":"2020-01-11","precision":"day"}},
	{"key":"countermeasures","answer":"not_applicable","evidence":"Hospital cluster."},{"key":"communication","answer":"done","on":{"on":"2020-01-13","precision":"day"}},
	{"key":"coordination","answer":"done","on":{"on":"2020-01-15","precision":"day"}}],"factors":[{"clock":"notify","category":"D2","text":"A signature."}]}`

// Every operation of the document answers as the document says; an imprecise
// date is an interval there too, and no pass.
func TestOperations(t *testing.T) {
	s := newSite(t)
	a := apitest.New(t, s.db, clock.NewManual(time.Date(2020, 1, 20, 6, 0, 0, 0, time.UTC)), actor, "health.read", "health.write")
	s.pages.desk.Connect(timeliness.Sources{Inputs: func(context.Context, access.Actor) ([]timeliness.Contribution, error) {
		return []timeliness.Contribution{{Report: "0190a000-0000-7000-8000-000000000001", Title: "Report 1", Member: "TH", Due: time.Date(2020, 1, 19, 6, 0, 0, 0, time.UTC)}}, nil
	}})
	s.pages.Operations(a)
	a.Mount(s.shell.Mux())
	at := "/timeliness/events/" + string(s.event)
	get := func(op, path string) apitest.Case {
		return apitest.Case{Op: "timeliness-" + op, Path: path, Token: "auditor", Want: 200}
	}
	step := func(who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "timeliness-step", Path: at + "/steps", Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	save := func(who, body, tag string, want int) apitest.Case {
		c := apitest.Case{Op: "timeliness-save", Path: at, Token: who, Body: body, Want: want}
		if tag != "" {
			c.Header = map[string]string{"If-Match": tag}
		}
		return c
	}
	bodies := apitest.Check(t, s.shell, []apitest.Case{
		get("get", at), get("list", "/timeliness/events?limit=1&outcome=undecided"), {Op: "timeliness-list", Path: "/timeliness/events?cursor=x", Token: "auditor", Want: 400},
		{Op: "timeliness-get", Path: at, Token: "admin", Want: 404}, save("auditor", done, "", 403), save("epi", done, "", 200), save("epi", done, "", 409),
		save("epi", strings.Replace(done, `"on":"2020-01-15"`, `"on":"2021-01-15"`, 1), `"v1"`, 400), save("epi", done, `"v9"`, 412), save("epi", done, `"v1"`, 200),
		step("epi", `{"verb":"confirm"}`, `"v2"`, 403), step("approver", `{"verb":"confirm"}`, `"v2"`, 200), step("approver", `{"verb":"release","to":["TH"],"marking":"TLP:AMBER"}`, `"v3"`, 400),
		step("approver", `{"verb":"release","to":["KH"],"marking":"TLP:AMBER"}`, `"v3"`, 200), step("approver", `{"verb":"withdraw","reason":"Wrong date."}`, `"v4"`, 200),
		get("clocks", "/timeliness/clocks?state=TH"), get("regional", "/timeliness/regional"), get("get", at),
	}, "timeliness-")
	var doc struct {
		Results []struct {
			Clock, Outcome string
			Lag            struct{ Min, Max int }
		}
	}
	if err := json.Unmarshal(bodies[0], &doc); err != nil || len(doc.Results) != 3 || doc.Results[0].Outcome != "undecided" || doc.Results[0].Lag.Min == doc.Results[0].Lag.Max {
		t.Errorf("%s %v", bodies[0], err)
	}
	if regional := string(bodies[16]); strings.Contains(regional, `"r2"`) || !strings.Contains(regional, `"silent":["TH"]`) {
		t.Errorf("%s", regional)
	}
	page := s.get("auditor", "/health/timeliness", 200)
	page.has("#r3 tbody", "Report 1")
	if page.Find("#r2").Length() != 0 {
		t.Error("R2 of requests that this node does not keep")
	}
}
