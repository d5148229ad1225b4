package web_test

import (
	"encoding/json"
	"testing"
	"time"

	"lintas/internal/api/apitest"
	incidentweb "lintas/internal/desk/health/incident/web"
)

func first(t *testing.T, body []byte) (rid, version string) {
	t.Helper()
	var x struct {
		Items []struct {
			ID      string
			Version json.Number
		}
	}
	if err := json.Unmarshal(body, &x); err != nil || len(x.Items) == 0 {
		t.Fatalf("%s %v", body, err)
	}
	return x.Items[0].ID, `"v` + x.Items[0].Version.String() + `"`
}

const (
	incidentBody = `{"name":"Cholera response (sample)","lang":"en","mode":"alert","trigger":"Two provinces report cases.","decided_by":"Director of the centre","marking":"TLP:AMBER"}`
	planBody     = `{"from":"2026-11-20T06:00:00Z","to":"2026-11-21T06:00:00Z","situation":"41 cases.","safety":"Boots and gloves.","objectives":[{"text":"Case fatality below 1 %","function":"operations"}],
	"assignments":[{"function":"operations","task":"Set up a treatment centre"}],"channels":[{"function":"manager","means":"Phone","number":"+855 00 000 000"}]}`
)

// Every operation answers as its document says, through the life of an incident.
func TestOperations(t *testing.T) {
	s := open(t)
	a := apitest.New(t, s.db, s.now, s.who, "health.read", "health.write")
	incidentweb.New(s.desk, s.h).Operations(a)
	a.Mount(s.Server().Mux())
	h := s.Server()
	do := func(method, path, who, body string) []byte {
		t.Helper()
		return apitest.Do(t, h, method, path, who, body).Body.Bytes()
	}
	var made struct{ ID string }
	if err := json.Unmarshal(do("POST", "/incidents", "duty", incidentBody), &made); err != nil || made.ID == "" {
		t.Fatal("nothing was opened")
	}
	at := "/incidents/" + made.ID
	c := func(op, path, who, body, tag string, want int) apitest.Case {
		x := apitest.Case{Op: "incident-" + op, Path: at + path, Token: who, Body: body, Want: want}
		if tag != "" {
			x.Header = map[string]string{"If-Match": tag}
		}
		return x
	}
	roster := `{"from":"2026-11-20T06:00:00Z","to":"2026-11-20T18:00:00Z","posts":[{"function":"manager","account":"second"}]}`
	apitest.Check(t, h, []apitest.Case{
		{Op: "incident-open", Path: "/incidents", Token: "auditor", Body: incidentBody, Want: 403}, {Op: "incident-open", Path: "/incidents", Token: "duty", Body: incidentBody, Want: 201},
		{Op: "incident-list", Path: "/incidents?limit=1&state=running", Token: "auditor", Want: 200}, {Op: "incident-list", Path: "/incidents?cursor=x", Token: "duty", Want: 400},
		c("get", "", "auditor", "", "", 200), c("get", "", "admin", "", "", 404), c("roster", "/duties", "duty", roster, "", 204), c("roster", "/duties", "auditor", roster, "", 403),
		c("plan-draft", "/plans", "duty", `{}`, "", 201), c("plan-draft", "/plans", "duty", `{}`, "", 409), c("log-write", "/log", "duty", `{"text":"Water truck arrived."}`, "", 204),
		c("log", "/log?limit=2", "auditor", "", "", 200), c("require", "/requirements", "duty", `{"text":"A health worker falls ill","tell":"manager","minutes":15}`, "", 204),
		c("checkout", "/checkouts", "duty", `{"resource":"Water truck","items":[{"text":"Empty the tank"}]}`, "", 204),
	}, "incident-list", "incident-open", "incident-get", "incident-roster", "incident-plan-draft", "incident-log")
	duty, v := first(t, do("GET", at+"/duties", "duty", ""))
	plan, _ := first(t, do("GET", at+"/plans", "duty", ""))
	req, rv := first(t, do("GET", at+"/requirements", "duty", ""))
	out, ov := first(t, do("GET", at+"/checkouts", "duty", ""))
	apitest.Check(t, h, []apitest.Case{
		c("duties", "/duties", "auditor", "", "", 200), c("duty-step", "/duties/"+duty+"/steps", "duty", `{"verb":"take"}`, v, 400), c("duty-step", "/duties/"+duty+"/steps", "second", `{"verb":"take"}`, v, 200),
		c("plans", "/plans", "auditor", "", "", 200), c("plan", "/plans/"+plan, "auditor", "", "", 200), c("plan", "/plans/"+duty, "auditor", "", "", 404),
		c("plan-edit", "/plans/"+plan, "duty", planBody, `"v1"`, 200), c("plan-edit", "/plans/"+plan, "duty", planBody, `"v1"`, 412),
		c("plan-step", "/plans/"+plan+"/steps", "duty", `{"verb":"submit"}`, `"v2"`, 200), c("plan-step", "/plans/"+plan+"/steps", "second", `{"verb":"approve"}`, `"v3"`, 200),
		c("requirements", "/requirements", "auditor", "", "", 200), c("ring", "/requirements/"+req+"/rings", "duty", `{"words":"Nurse."}`, "", 200), c("ring", "/requirements/"+duty+"/rings", "duty", `{}`, "", 404),
	}, "incident-duties", "incident-duty", "incident-plans", "incident-plan-edit", "incident-plan-step", "incident-requirements")
	ring, gv := first(t, do("GET", at+"/rings", "duty", ""))
	apitest.Check(t, h, []apitest.Case{
		c("rings", "/rings", "auditor", "", "", 200), c("acknowledge", "/rings/"+ring+"/acknowledgement", "duty", `{}`, gv, 400),
		c("acknowledge", "/rings/"+ring+"/acknowledgement", "second", `{"words":"Isolated."}`, gv, 200), c("retire", "/requirements/"+req+"/retirement", "duty", `{"reason":"Hospital closed."}`, rv, 200),
		c("checkouts", "/checkouts", "auditor", "", "", 200), c("checkout-step", "/checkouts/"+out+"/steps", "duty", `{"verb":"clear","items":[{"text":"Empty the tank"}]}`, ov, 400),
		c("checkout-step", "/checkouts/"+out+"/steps", "duty", `{"verb":"cancel","reason":"Stays here."}`, ov, 200),
		c("step", "/steps", "duty", `{"verb":"set_mode","mode":"response","reason":"A third province."}`, `"v1"`, 200), c("step", "/steps", "duty", `{"verb":"close"}`, `"v9"`, 412),
	}, "incident-rings", "incident-acknowledge", "incident-retire", "incident-checkouts", "incident-checkout-step", "incident-step")
	s.now.Advance(time.Minute)
}
