package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	riskweb "lintas/internal/desk/health/risk/web"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

// mount puts the operations of the site behind the shell of the interface; a
// token is the name of the role that holds it.
func mount(t *testing.T, s *site, c clock.Clock) {
	t.Helper()
	a := apitest.New(t, s.db, c, func(token string) access.Actor {
		return access.Actor{Account: id.ID(token), Member: s.member, Name: "Post " + token, Grants: []access.Grant{{Role: access.Role(token)}}}
	}, "health.read", "health.write")
	riskweb.New(s.risk, s.health).Operations(a)
	a.Mount(s.shell.Mux())
}

const assessment = `{"event":"EVENT","scope":"regional","title":"Spread (sample)","lang":"en","questions":["How likely is spread?"],
	"hazard_part":{"text":"O1.","as_of":"2026-01-31","source":"EOC (sample)"},"exposure_part":{"text":"A canal.","as_of":"2026-01-31","source":"EOC (sample)"},
	"context_part":{"text":"Few beds.","as_of":"2026-01-31","source":"EOC (sample)"},"populations":[{"group":"general","likelihood":"likely","consequence":"moderate"}],
	"confidence":"moderate","actions":["Screen."],"valid_until":"2026-02-08T00:00:00Z","marking":"TLP:AMBER","to":["TH"],"answer_hours":48}`

const position = `{"stance":"dissent","held":"moderate","importation":"unknown","consequence":"minor","receptivity":{"vector":"not_applicable","immunity":"unknown","season":"favours"},
	"capacity":"sufficient","reasons":"Two crossings only.","lang":"en"}`

// Every operation of the document answers as the document says; what a state
// holds is read where every state stands, and nowhere averaged.
func TestOperations(t *testing.T) {
	c := clock.NewManual(now)
	ids := &id.Maker{Clock: c}
	kh, th := newSite(t, "KH", ids, c), newSite(t, "TH", ids, c)
	mount(t, kh, c)
	mount(t, th, c)
	e, err := kh.health.RecordEvent(t.Context(), access.Actor{Account: "x", Grants: []access.Grant{{Role: access.DutyOfficer}}}, health.EventInput{Name: "Cholera (sample)",
		Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"KH-12"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Replace(assessment, "EVENT", string(e.ID), 1)
	edit := strings.Replace(body, `"event":"`+string(e.ID)+`",`, "", 1)
	const duty, epi, approver = "duty_officer", "epidemiologist", "approver"
	at := "/risk/assessments/" + idOf(t, kh, "/risk/assessments", epi, body)
	get := func(op, path string) apitest.Case {
		return apitest.Case{Op: "risk-" + op, Path: path, Token: duty, Want: 200}
	}
	do := func(op, path, who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "risk-" + op, Path: path, Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	step := func(who, verb, tag string, want int) apitest.Case {
		return do("assessment-step", at+"/steps", who, `{"verb":"`+verb+`"}`, tag, want)
	}
	apitest.Check(t, kh.shell, []apitest.Case{
		{Op: "risk-assessment-draft", Path: "/risk/assessments", Token: epi, Body: body, Want: 201},
		{Op: "risk-assessment-draft", Path: "/risk/assessments", Token: approver, Body: body, Want: 403},
		{Op: "risk-assessment-draft", Path: "/risk/assessments", Token: epi, Body: strings.Replace(body, `"group":"general"`, `"group":"martians"`, 1), Want: 400},
		get("assessment-list", "/risk/assessments?limit=1&scope=regional"), {Op: "risk-assessment-list", Path: "/risk/assessments?cursor=x", Token: duty, Want: 400},
		get("assessment-get", at), get("matrix", "/risk/matrix"), get("assessment-positions", at+"/positions"),
		{Op: "risk-assessment-get", Path: at, Token: "administrator", Want: 404},
		do("assessment-edit", at, epi, edit, `"v7"`, 412), do("assessment-edit", at, epi, edit, `"v1"`, 200),
		step(epi, "ask_review", `"v2"`, 200), step(epi, "review", `"v3"`, 400), step(duty, "review", `"v3"`, 200), step(duty, "approve", `"v4"`, 403),
		step(approver, "approve", `"v4"`, 200), step(duty, "publish", `"v5"`, 200), step(duty, "fly", `"v6"`, 400),
	}, "risk-assessment", "risk-matrix")
	hand(t, kh, th)
	pos := "/risk/positions/" + idOf(t, th, at+"/positions", epi, position)
	put := func(who, verb, tag string, want int) apitest.Case {
		return do("position-step", pos+"/steps", who, `{"verb":"`+verb+`"}`, tag, want)
	}
	bodies := apitest.Check(t, th.shell, []apitest.Case{
		get("assessment-get", at), step(approver, "withdraw", `"v6"`, 403), get("position-get", pos), do("position-edit", pos, epi, position, `"v1"`, 200),
		{Op: "risk-position-draft", Path: at + "/positions", Token: epi, Body: position, Want: 409},
		put(epi, "submit", `"v2"`, 200), put(epi, "release", `"v3"`, 403), put(approver, "discard", `"v3"`, 403), put(epi, "discard", `"v3"`, 200),
		{Op: "risk-position-draft", Path: at + "/positions", Token: epi, Body: position, Want: 201},
	}, "risk-position")
	var made struct{ ID string }
	if err := json.Unmarshal(bodies[len(bodies)-1], &made); err != nil {
		t.Fatal(err)
	}
	pos = "/risk/positions/" + made.ID
	for _, s := range [][2]string{{epi, "submit"}, {approver, "release"}} {
		tag := apitest.Do(t, th.shell, "GET", pos, duty, "").Header().Get("ETag")
		if rec := apitest.Do(t, th.shell, "POST", pos+"/steps", s[0], `{"verb":"`+s[1]+`"}`, "If-Match", tag); rec.Code != 200 {
			t.Fatalf("%s: %d %s", s[1], rec.Code, rec.Body)
		}
	}
	hand(t, th, kh)
	dissent(t, kh, at)
}

// dissent is read at the assessor as the state put it.
func dissent(t *testing.T, s *site, at string) {
	t.Helper()
	var spread struct {
		Items []struct {
			Member, Kind, Region, Reasons string
		}
	}
	rec := apitest.Do(t, s.shell, "GET", at+"/positions", "duty_officer", "")
	if err := json.Unmarshal(rec.Body.Bytes(), &spread); err != nil || len(spread.Items) != len(access.States) {
		t.Fatalf("%s %v", rec.Body, err)
	}
	for _, x := range spread.Items {
		switch {
		case x.Member == "TH" && (x.Kind != "dissent" || x.Region != "moderate" || x.Reasons != "Two crossings only."):
			t.Errorf("the dissent is read as %+v", x)
		case x.Member == "SG" && x.Kind != "not_asked", x.Member == "KH" && x.Kind != "assessor":
			t.Errorf("%+v", x)
		}
	}
}

func idOf(t *testing.T, s *site, path, who, body string) string {
	t.Helper()
	rec := apitest.Do(t, s.shell, "POST", path, who, body)
	var out struct{ ID string }
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || rec.Code != 201 || rec.Header().Get("Location") == "" {
		t.Fatalf("%s%s: %d %s", api.Prefix, path, rec.Code, rec.Body)
	}
	return out.ID
}

// hand gives what one site queued to the other.
func hand(t *testing.T, from, to *site) {
	t.Helper()
	for _, r := range from.releases {
		if err := to.db.Write(t.Context(), func(tx *db.Tx) error {
			return to.risk.Handlers()[r.Kind](t.Context(), tx, exchange.Inbound{Release: r, Received: now})
		}); err != nil {
			t.Fatal(err)
		}
	}
	from.releases = nil
}
