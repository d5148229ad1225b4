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
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/id"
	"lintas/internal/trail"
)

// rest serves the REST interface of the part at a node.
func (s *stage) rest() http.Handler {
	s.t.Helper()
	a := apitest.New(s.t, s.db, s.now, s.who, "health.read", "health.write")
	s.pages.Operations(a)
	a.Mount(s.Server().Mux())
	return s.Server()
}

// takes gives what another node sent to this one.
func (s *stage) takes(from *stage) {
	s.t.Helper()
	for _, r := range from.out {
		h := s.desk.Handlers()[r.Kind]
		if h == nil {
			h = s.trail.Handlers()[r.Kind]
		}
		if err := s.db.Write(s.t.Context(), func(tx *db.Tx) error {
			return h(s.t.Context(), tx, exchange.Inbound{Release: r, Received: s.now.Now()})
		}); err != nil {
			s.t.Fatal(err)
		}
	}
	from.out = nil
}

func idOf(t *testing.T, body []byte) string {
	t.Helper()
	var x struct{ ID string }
	if err := json.Unmarshal(body, &x); err != nil || x.ID == "" {
		t.Fatalf("%s %v", body, err)
	}
	return x.ID
}

func get(op, path, who string, want int) apitest.Case {
	return apitest.Case{Op: "review-" + op, Path: path, Token: who, Want: want}
}

// change is a request with a body; tag is what the caller has seen.
func change(op, path, who, body, tag string, want int) apitest.Case {
	c := apitest.Case{Op: "review-" + op, Path: path, Token: who, Body: body, Want: want}
	if tag != "" {
		c.Header = map[string]string{"If-Match": tag}
	}
	return c
}

func step(path, who, body, tag string, want int) apitest.Case {
	return change("step", path+"/steps", who, body, tag, want)
}

const (
	reviewBody  = `{"title":"Joint review (sample)","lang":"en","sort":"after","format":"debrief","from":"2026-11-01","until":"2026-11-20","summary":"Samples waited (sample).","joint":true,"members":["TH"],"marking":"TLP:AMBER","events":["EVENT"]}`
	findingBody = `{"title":"Samples waited (sample)","lang":"en","marking":"TLP:AMBER","sort":"gap","planned":"A day.","happened":"Four days.","method":"factors","factors":["logistics"],
	"cause":"The contract covers workdays only.","theme":"D1","affected":["women"],"evidence":"Laboratory register."}`
	momentBody = `{"at":"2026-11-11T08:00:00Z","words":"The laboratory was told (sample).","source":"Log of the duty officer"}`
)

// Every operation answers as its document says, through a joint review of two
// members, each with its own half.
func TestOperations(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	kh, th := node(t, "KH", now, ids), node(t, "TH", now, ids)
	khAPI, thAPI := kh.rest(), th.rest()
	body := strings.Replace(reviewBody, "EVENT", string(kh.event()), 1)
	begun := apitest.Check(t, khAPI, []apitest.Case{change("plan", "/review/reviews", "auditor", body, "", 403), change("plan", "/review/reviews", "duty", `{"title":"x"}`, "", 422),
		change("plan", "/review/reviews", "duty", strings.Replace(body, "2026-11-20", "2026-10-01", 1), "", 400), change("plan", "/review/reviews", "duty", body, "", 201)}, "review-plan")
	lead := idOf(t, begun[3])
	at := "/review/reviews/" + lead
	apitest.Check(t, khAPI, []apitest.Case{
		get("list", "/review/reviews?limit=1&sort=after", "auditor", 200), get("list", "/review/reviews?sort=never", "auditor", 422), get("get", at, "auditor", 200), get("get", at, "admin", 404),
		change("edit", at, "duty", body, "", 428), change("edit", at, "duty", body, `"v9"`, 412), change("edit", at, "auditor", body, `"v1"`, 403), change("edit", at, "duty", body, `"v1"`, 200),
		step(at, "duty", `{"verb":"invite"}`, `"v2"`, 403), step(at, "approver", `{"verb":"invite"}`, `"v2"`, 200), step(at, "duty", `{"verb":"fly"}`, `"v3"`, 400),
		change("moment", at+"/moments", "duty", `{"at":"2026-11-11T08:00:00Z","words":"x","source":""}`, `"v3"`, 400), change("moment", at+"/moments", "duty", momentBody, `"v1"`, 412),
		change("moment", at+"/moments", "duty", momentBody, `"v3"`, 200), change("find", at+"/findings", "duty", findingBody, "", 409), // the evidence is not locked
		get("check", at+"/check", "auditor", 409), step(at, "duty", `{"verb":"lock"}`, `"v4"`, 200), step(at, "duty", `{"verb":"lock"}`, `"v5"`, 409),
		get("check", at+"/check", "auditor", 200), get("timeline", at+"/timeline", "auditor", 200), get("timeline", at+"/timeline", "admin", 404),
	}, "review-list", "review-get", "review-edit", "review-moment", "review-check", "review-timeline")
	th.takes(kh)
	half := joined(t, thAPI, at)
	kh.takes(th)
	concluded(t, khAPI, at, half.finding)
}

type halfOf struct{ path, finding string }

// joined is the half of a member that was invited, up to its release.
func joined(t *testing.T, h http.Handler, lead string) halfOf {
	t.Helper()
	apitest.Check(t, h, []apitest.Case{step(lead, "duty", `{"verb":"lock"}`, `"v3"`, 403), change("join", lead+"/halves", "auditor", "", "", 403)}, "none")
	half := halfOf{path: "/review/reviews/" + idOf(t, apitest.Do(t, h, "POST", lead+"/halves", "duty", "").Body.Bytes())}
	apitest.Check(t, h, []apitest.Case{change("join", lead+"/halves", "duty", "", "", 409), change("moment", half.path+"/moments", "duty", momentBody, `"v1"`, 200), step(half.path, "duty", `{"verb":"lock"}`, `"v2"`, 200)}, "none")
	half.finding = idOf(t, apitest.Do(t, h, "POST", half.path+"/findings", "duty", findingBody).Body.Bytes())
	return half
}

// concluded takes the lead's half from its lock to its release.
func concluded(t *testing.T, h http.Handler, at, theirs string) {
	t.Helper()
	line := apitest.Do(t, h, "GET", at+"/timeline", "duty", "")
	var all struct{ Lines []struct{ Index int64 } }
	if err := json.Unmarshal(line.Body.Bytes(), &all); err != nil || len(all.Lines) < 2 {
		t.Fatalf("%s %v", line.Body, err)
	}
	found := apitest.Check(t, h, []apitest.Case{change("find", at+"/findings", "auditor", findingBody, "", 403), change("find", at+"/findings", "duty", findingBody, "", 201),
		change("choose", at+"/timeline", "duty", `{"marks":[{"index":0},{"index":0}]}`, `"v5"`, 400), change("choose", at+"/timeline", "duty", `{"marks":[{"index":0,"words":"It began here."}]}`, `"v1"`, 412),
		change("choose", at+"/timeline", "duty", `{"marks":[{"index":0,"words":"It began here."}]}`, `"v5"`, 200)}, "review-find", "review-choose")
	groups := `{"groups":[{"title":"Samples","findings":["` + idOf(t, found[1]) + `"]}],"opinions":[]}`
	differs := `{"groups":[],"opinions":[{"finding":"` + theirs + `","stance":"differ"}]}`
	apitest.Check(t, h, []apitest.Case{change("arrange", at+"/groups", "duty", differs, `"v6"`, 400), change("arrange", at+"/groups", "auditor", groups, `"v6"`, 403), change("arrange", at+"/groups", "duty", groups, `"v6"`, 200),
		step(at, "duty", `{"verb":"draft"}`, `"v7"`, 400)}, "review-arrange") // the finding is a draft
	if got := apitest.Do(t, h, "GET", at, "auditor", "").Body.String(); !strings.Contains(got, `"Samples"`) {
		t.Errorf("the group is not there: %s", got)
	}
}

// settles makes a finding final.
func (s *stage) settles(fid string) {
	s.t.Helper()
	if _, err := s.trail.StepFinding(s.t.Context(), s.who("duty"), id.ID(fid), 0, "settle", trail.StepInput{}); err != nil {
		s.t.Fatal(err)
	}
}

// A review is validated by somebody else than its author, cleared and released
// over REST, and what it found goes with it.
func TestRelease(t *testing.T) {
	s := open(t)
	h := s.rest()
	body := strings.Replace(strings.Replace(reviewBody, "EVENT", string(s.event()), 1), `"joint":true,"members":["TH"],`, "", 1)
	at := "/review/reviews/" + idOf(t, apitest.Do(t, h, "POST", "/review/reviews", "duty", body).Body.Bytes())
	apitest.Check(t, h, []apitest.Case{step(at, "duty", `{"verb":"lock"}`, `"v1"`, 200)}, "review-step")
	s.settles(idOf(t, apitest.Do(t, h, "POST", at+"/findings", "duty", findingBody).Body.Bytes()))
	apitest.Check(t, h, []apitest.Case{
		step(at, "duty", `{"verb":"draft"}`, `"v2"`, 200), step(at, "approver", `{"verb":"validate"}`, `"v3"`, 400), step(at, "duty", `{"verb":"validate","words":"Ours."}`, `"v3"`, 400),
		step(at, "approver", `{"verb":"validate","words":"In the meeting."}`, `"v2"`, 412), step(at, "approver", `{"verb":"validate","words":"In the meeting."}`, `"v3"`, 200),
		step(at, "duty", `{"verb":"clear"}`, `"v4"`, 403), step(at, "approver", `{"verb":"clear"}`, `"v4"`, 200), step(at, "approver", `{"verb":"release"}`, `"v5"`, 400),
		step(at, "approver", `{"verb":"release","to":["TH","ASEC"]}`, `"v5"`, 200), step(at, "approver", `{"verb":"close"}`, `"v6"`, 409), step(at, "duty", `{"verb":"follow"}`, `"v6"`, 400), // a gap without an action
	}, "review-step")
	kinds := map[string]int{}
	for _, r := range s.out {
		kinds[r.Kind]++
		if len(r.To) != 2 || r.From != "KH" || r.Marking != access.TLPAmber {
			t.Errorf("sent: %+v", r)
		}
	}
	if kinds["review.review"] != 1 || kinds[trail.KindFinding] != 1 {
		t.Errorf("sent: %v", kinds)
	}
}
