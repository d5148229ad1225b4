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
	"lintas/internal/desk/health/sitrep"
	sitrepweb "lintas/internal/desk/health/sitrep/web"
	"lintas/internal/id"
)

// rest serves the REST interface of the part at a node.
func (s *stage) rest() http.Handler {
	s.t.Helper()
	a := apitest.New(s.t, s.db, s.now, s.who, "health.read", "health.write")
	sitrepweb.New(s.desk, s.health).Operations(a)
	a.Mount(s.Server().Mux())
	return s.Server()
}

const reportBody = `{"title":"Cholera (sample)","lang":"en","from":"2026-11-16","until":"2026-11-22","as_of":"2026-11-22T06:00:00Z","authority":"Ministry (sample)","highlights":["Cases rise."],
	"texts":[{"part":"changed","lang":"en","text":"Two districts more."}],"marking":"TLP:AMBER","to":["ASEC","KH"]`

func idOf(t *testing.T, body []byte) string {
	t.Helper()
	var x struct{ ID string }
	if err := json.Unmarshal(body, &x); err != nil || x.ID == "" {
		t.Fatalf("%s %v", body, err)
	}
	return x.ID
}

// Every operation answers as its document says: a call, an input, the regional
// report that says who was silent.
func TestOperations(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	asec, th := open(t, "ASEC", now, ids), open(t, "TH", now, ids)
	family := sitrep.Family{ID: ids.New(), Owner: "ASEC", Name: "Cholera, region (sample)", Hazard: "cholera", Marking: access.TLPAmber, Open: true}
	asec.family, th.family = family, family
	asecAPI, thAPI := asec.rest(), th.rest()
	regional := `{"family":"` + string(family.ID) + `","title":"Cholera, region (sample)","lang":"en","from":"2026-11-16","until":"2026-11-22","cut_off":"2026-11-22T12:00:00Z",
		"authority":"Secretariat","asked":["TH","VN"],"marking":"TLP:AMBER"}`
	get := func(op, path string) apitest.Case {
		return apitest.Case{Op: "sitrep-" + op, Path: path, Token: "auditor", Want: 200}
	}
	do := func(op, path, who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "sitrep-" + op, Path: path, Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	rid := idOf(t, apitest.Do(t, asecAPI, "POST", "/sitrep/regional", "duty", regional).Body.Bytes())
	th.give(asec.out[0])
	event := string(th.event())
	one := reportBody + `,"event":"` + event + `","call":"` + rid + `"}`
	begun := apitest.Check(t, thAPI, []apitest.Case{{Op: "sitrep-report-draft", Path: "/sitrep/reports", Token: "auditor", Body: one, Want: 403},
		{Op: "sitrep-report-draft", Path: "/sitrep/reports", Token: "duty", Body: one, Want: 201}}, "sitrep-report-draft")
	at := "/sitrep/reports/" + idOf(t, begun[1])
	step := func(path, who, verb, tag string, want int) apitest.Case {
		return do("report-step", path+"/steps", who, `{"verb":"`+verb+`"}`, tag, want)
	}
	apitest.Check(t, thAPI, []apitest.Case{
		get("call-list", "/sitrep/calls"), get("call-get", "/sitrep/calls/"+rid), {Op: "sitrep-call-get", Path: "/sitrep/calls/" + event, Token: "duty", Want: 404},
		{Op: "sitrep-report-draft", Path: "/sitrep/reports", Token: "duty", Body: one, Want: 409},
		get("report-list", "/sitrep/reports?limit=1&scope=national"), get("report-get", at), {Op: "sitrep-report-get", Path: at, Token: "admin", Want: 404},
		do("report-edit", at, "duty", reportBody+`}`, `"v9"`, 412), do("report-edit", at, "duty", reportBody+`}`, `"v1"`, 200), step(at, "duty", "refresh", `"v2"`, 200),
		step(at, "duty", "submit", `"v3"`, 200), step(at, "duty", "clear", `"v4"`, 403), step(at, "approver", "clear", `"v4"`, 200), step(at, "duty", "issue", `"v5"`, 200), step(at, "duty", "fly", `"v6"`, 400),
		do("report-correct", at+"/corrections", "duty", `{"why":"A district was missing."}`, "", 201),
	}, "sitrep-call", "sitrep-report-list", "sitrep-report-get", "sitrep-report-edit", "sitrep-report-step", "sitrep-report-correct")
	for _, r := range th.out {
		asec.give(r)
	}
	reg := "/sitrep/reports/" + rid
	now.Advance(7 * time.Hour)
	apitest.Check(t, asecAPI, []apitest.Case{
		get("report-get", reg), get("report-inputs", reg+"/inputs"), get("collections", "/sitrep/collections"), {Op: "sitrep-report-open", Path: "/sitrep/regional", Token: "duty", Body: regional, Want: 409},
		step(reg, "duty", "compose", `"v1"`, 200), step(reg, "duty", "discard", `"v2"`, 400), do("report-step", reg+"/steps", "duty", `{"verb":"discard","reason":"Begun again."}`, `"v2"`, 200),
		{Op: "sitrep-report-open", Path: "/sitrep/regional", Token: "duty", Body: strings.Replace(regional, "11-22T12", "11-23T12", 1), Want: 201},
	}, "sitrep-report-inputs", "sitrep-report-open", "sitrep-collections")
	var list struct {
		Items []struct{ Member, Stands string }
	}
	rec := apitest.Do(t, asecAPI, "GET", reg+"/inputs", "auditor", "")
	if err := json.Unmarshal(rec.Body.Bytes(), &list); err != nil || len(list.Items) != 2 || list.Items[0].Stands != "in" || list.Items[1].Stands != "silent" {
		t.Errorf("%s %v", rec.Body, err)
	}
}
