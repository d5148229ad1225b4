package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/level"
	levelweb "lintas/internal/desk/health/level/web"
	"lintas/internal/id"
)

// rest serves the REST interface of the part at a node.
func (s *stage) rest() http.Handler {
	s.t.Helper()
	a := apitest.New(s.t, s.db, s.now, s.who, "health.read", "health.write")
	levelweb.New(s.desk, s.h).Operations(a)
	a.Mount(s.Server().Mux())
	return s.Server()
}

const proposalBody = `{"family":"FAMILY","title":"Level 2 (sample)","lang":"en","level":2,"criteria":["two_states"],"reasons":"Two states report cases.","rule":"consensus","window_hours":24,
	"review":"2026-12-01T00:00:00Z","marking":"TLP:AMBER","concerned":["KH","SG","TH"]}`

func idOf(t *testing.T, body []byte) string {
	t.Helper()
	var x struct{ ID string }
	if err := json.Unmarshal(body, &x); err != nil || x.ID == "" {
		t.Fatalf("%s %v", body, err)
	}
	return x.ID
}

// Every operation answers as its document says, through a whole decision.
func TestOperations(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	family := &level.Family{ID: ids.New(), Name: "Cholera, region (sample)", Hazard: "cholera", Marking: access.TLPAmber, Open: true, Owners: []access.Member{"KH"}}
	kh, sg := open(t, "KH", now, ids, family), open(t, "SG", now, ids, family)
	khAPI, sgAPI := kh.rest(), sg.rest()
	body := strings.Replace(proposalBody, "FAMILY", string(family.ID), 1)
	edit := strings.Replace(body, `"family":"`+string(family.ID)+`",`, "", 1)
	at := "/level/proposals/" + idOf(t, apitest.Do(t, khAPI, "POST", "/level/proposals", "duty", body).Body.Bytes())
	get := func(op, path string) apitest.Case {
		return apitest.Case{Op: "level-" + op, Path: path, Token: "auditor", Want: 200}
	}
	do := func(op, path, who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "level-" + op, Path: path, Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	step := func(who, verb, tag string, want int) apitest.Case {
		return do("proposal-step", at+"/steps", who, `{"verb":"`+verb+`"}`, tag, want)
	}
	e, err := kh.h.RecordEvent(t.Context(), kh.who("duty"), health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"KH-12"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	activation := `{"event":"` + string(e.ID) + `","level":2,"trigger":"Ten wards are full.","lang":"en","review":"2026-12-01T00:00:00Z","marking":"TLP:AMBER","to":["SG"]}`
	act := "/level/activations/" + idOf(t, apitest.Do(t, khAPI, "POST", "/level/activations", "duty", activation).Body.Bytes())
	apitest.Check(t, khAPI, []apitest.Case{
		{Op: "level-proposal-draft", Path: "/level/proposals", Token: "duty", Body: body, Want: 201}, {Op: "level-proposal-draft", Path: "/level/proposals", Token: "auditor", Body: body, Want: 403},
		{Op: "level-proposal-draft", Path: "/level/proposals", Token: "duty", Body: strings.Replace(body, `"SG"`, `"ASEC"`, 1), Want: 201}, // a body has no position: it is left out
		get("proposal-list", "/level/proposals?limit=1&state=draft"), {Op: "level-proposal-list", Path: "/level/proposals?cursor=x", Token: "duty", Want: 400}, get("proposal-get", at),
		{Op: "level-proposal-get", Path: at, Token: "admin", Want: 404}, do("proposal-edit", at, "duty", edit, `"v7"`, 412), do("proposal-edit", at, "duty", edit, `"v1"`, 200),
		step("duty", "submit", `"v2"`, 200), step("duty", "propose", `"v3"`, 403), step("approver", "propose", `"v3"`, 200), step("approver", "fly", `"v4"`, 400),
		get("proposal-outcome", at+"/outcome"), get("in-force", "/level/in-force"), get("ladder", "/level/ladder"),
		{Op: "level-activation-propose", Path: "/level/activations", Token: "duty", Body: activation, Want: 201}, get("activation-list", "/level/activations?event="+string(e.ID)), get("activation-get", act),
		do("activation-step", act+"/steps", "duty", `{"verb":"activate"}`, `"v1"`, 403), do("activation-step", act+"/steps", "approver", `{"verb":"activate","level":3}`, `"v1"`, 200),
	}, "level-proposal", "level-in", "level-ladder", "level-activation")
	for _, r := range kh.out {
		sg.give(r)
	}
	const position = `{"stance":"disagree","reasons":"The two cases are imported.","lang":"en"}`
	pos := "/level/positions/" + idOf(t, apitest.Do(t, sgAPI, "POST", at+"/positions", "duty", position).Body.Bytes())
	put := func(who, verb, tag string, want int) apitest.Case {
		return do("position-step", pos+"/steps", who, `{"verb":"`+verb+`"}`, tag, want)
	}
	apitest.Check(t, sgAPI, []apitest.Case{
		get("proposal-get", at), get("position-get", pos), do("position-edit", pos, "duty", position, `"v1"`, 200), {Op: "level-position-draft", Path: at + "/positions", Token: "duty", Body: position, Want: 409},
		put("duty", "submit", `"v2"`, 200), put("duty", "release", `"v3"`, 403), put("approver", "release", `"v3"`, 200),
		{Op: "level-position-draft", Path: at + "/positions", Token: "duty", Body: strings.Replace(position, "disagree", "abstain", 1), Want: 201},
	}, "level-position")
	decided(t, kh, khAPI, sg, at)
}

// decided is the outcome as the proposer reads it: with the dissent and its
// reasons, and the silence of the third.
func decided(t *testing.T, kh *stage, h http.Handler, sg *stage, at string) {
	t.Helper()
	kh.give(sg.out[0])
	kh.now.Advance(25 * time.Hour)
	if rec := apitest.Do(t, h, "POST", at+"/steps", "duty", `{"verb":"close"}`, "If-Match", `"v4"`); rec.Code != 200 {
		t.Fatalf("close: %d %s", rec.Code, rec.Body)
	}
	var out struct {
		Outcome string
		Needed  int
		Stands  []struct{ Member, Stance, Reasons string }
	}
	rec := apitest.Do(t, h, "GET", at+"/outcome", "duty", "")
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || out.Outcome != "not_adopted" || out.Needed != 2 || len(out.Stands) != 3 {
		t.Fatalf("%s %v", rec.Body, err)
	}
	for _, s := range out.Stands {
		if want := map[string]string{"KH": "by_proposal", "SG": "disagree", "TH": "no_answer"}[s.Member]; s.Stance != want || s.Member == "SG" && s.Reasons == "" {
			t.Errorf("%+v, want %s", s, want)
		}
	}
}
