package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	"lintas/internal/web/webtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

// node is one member with its REST interface and what it sent.
type node struct {
	t    *testing.T
	now  *clock.Manual
	db   *db.DB
	desk *trail.Desk
	who  func(string) access.Actor
	rest http.Handler
	out  []exchange.Release
}

func (n *node) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	n.out = append(n.out, r)
	return nil
}
func (n *node) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error         { return nil }
func (n *node) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) { return nil, nil }

func open(t *testing.T, m access.Member, now *clock.Manual, ids *id.Maker) *node {
	n := &node{t: t, now: now, who: webtest.Roles(m, people)}
	n.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, trail.Schema, api.Schema)
	n.desk = trail.New(&desk.Env{Member: m, DB: n.db, Clock: now, Wall: now, IDs: ids, Send: n}, trail.Door{Kind: "review.review", Path: func(i id.ID) string { return "/health/reviews/" + string(i) }})
	pages := trailweb.New(n.desk)
	site := webtest.New(t, m, now, n.who, pages.Routes)
	a := apitest.New(t, n.db, now, n.who, "trail.read", "trail.write")
	pages.Operations(a)
	a.Mount(site.Server().Mux())
	n.rest = site.Server()
	return n
}

// deliver gives what the others sent to this node, if it is addressed to it.
func (n *node) deliver(from ...*node) {
	n.t.Helper()
	for _, x := range from {
		for _, r := range x.out {
			err := n.db.Write(n.t.Context(), func(tx *db.Tx) error {
				return n.desk.Handlers()[r.Kind](n.t.Context(), tx, exchange.Inbound{Release: r, Received: n.now.Now()})
			})
			if err != nil {
				n.t.Fatal(err)
			}
		}
		x.out = nil
	}
}

// found is a draft of a finding, as a desk begins it.
func (n *node) found(ids *id.Maker) string {
	n.t.Helper()
	f, err := n.desk.DraftFinding(n.t.Context(), n.who("duty"), trail.Source{Desk: "review", Kind: "review.review", ID: ids.New(), Owner: "KH", Title: "Review (sample)", Marking: access.TLPAmber}, "",
		trail.FindingInput{Input: trail.Input{Title: "Samples waited (sample)", Lang: "en", Marking: access.TLPAmber}, FindingText: trail.FindingText{Sort: trail.Gap, Theme: "D1"}})
	if err != nil {
		n.t.Fatal(err)
	}
	return string(f.ID)
}

func get(op, path, who string, want int) apitest.Case {
	return apitest.Case{Op: "trail-" + op, Path: path, Token: who, Want: want}
}

// change is a request with a body; tag is what the caller has seen.
func change(op, path, who, body, tag string, want int) apitest.Case {
	c := apitest.Case{Op: "trail-" + op, Path: path, Token: who, Body: body, Want: want}
	if tag != "" {
		c.Header = map[string]string{"If-Match": tag}
	}
	return c
}

func idOf(t *testing.T, body []byte) string {
	t.Helper()
	var x struct {
		ID               string
		Proposal, Action struct{ ID string }
	}
	if err := json.Unmarshal(body, &x); err != nil {
		t.Fatalf("%s %v", body, err)
	}
	switch {
	case x.Action.ID != "":
		return x.Action.ID
	case x.Proposal.ID != "":
		return x.Proposal.ID
	}
	return x.ID
}

const (
	findingBody = `{"title":"Samples waited (sample)","lang":"en","marking":"TLP:AMBER","sort":"gap","planned":"A day.","happened":"Four days.","method":"whys","whys":["No courier.","No contract for weekends."],
	"cause":"The contract covers workdays only.","theme":"D1","affected":["women"],"evidence":"Laboratory register."}`
	settle = `{"verb":"settle"}`
)

// Every operation on papers answers as its document says: a finding and what is
// recommended on it, from the draft to members that come later.
func TestPapers(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	kh, th, asec := open(t, "KH", now, ids), open(t, "TH", now, ids), open(t, access.ASEC, now, ids)
	fid := kh.found(ids)
	other := kh.found(ids)
	at := "/trail/findings/" + fid
	step := func(path, who, body, tag string, want int) apitest.Case {
		return change("finding-step", path+"/steps", who, body, tag, want)
	}
	bodies := apitest.Check(t, kh.rest, []apitest.Case{
		get("finding-list", "/trail/findings?limit=1", "auditor", 200), get("finding-list", "/trail/findings?limit=9999", "auditor", 422),
		get("finding-get", at, "auditor", 200), get("finding-get", at, "admin", 404), get("finding-get", "/trail/findings/x", "auditor", 422), get("finding-get", "/trail/findings/"+string(ids.New()), "auditor", 404),
		step(at, "duty", settle, `"v1"`, 400), // it says too little
		change("finding-edit", at, "duty", findingBody, "", 428), change("finding-edit", at, "duty", findingBody, `"v9"`, 412), change("finding-edit", at, "auditor", findingBody, `"v1"`, 403),
		change("finding-edit", at, "duty", `{"title":"x"}`, `"v1"`, 422), change("finding-edit", at, "duty", findingBody, `"v1"`, 200),
		step(at, "duty", settle, `"v1"`, 412), step(at, "duty", `{"verb":"fly"}`, `"v2"`, 400), step(at, "duty", settle, `"v2"`, 200),
		step(at, "duty", `{"verb":"release","to":["TH"]}`, `"v3"`, 403), step(at, "approver", `{"verb":"release"}`, `"v3"`, 400), step(at, "approver", `{"verb":"release","to":["TH"]}`, `"v3"`, 200),
		step(at, "approver", `{"verb":"send_on","to":["TH"]}`, `"v4"`, 400), step(at, "duty", `{"verb":"send_on","to":["ASEC"]}`, `"v4"`, 403), step(at, "approver", `{"verb":"send_on","to":["ASEC"]}`, `"v4"`, 200),
		change("finding-edit", at, "duty", findingBody, `"v5"`, 409), step("/trail/findings/"+other, "duty", `{"verb":"discard"}`, `"v1"`, 200),
	}, "trail-finding")
	var list struct {
		Next  string
		Items []struct{ ID string }
	}
	if err := json.Unmarshal(bodies[0], &list); err != nil || len(list.Items) != 1 || list.Next == "" {
		t.Errorf("the first page: %s %v", bodies[0], err)
	}
	if len(kh.out) != 2 || len(kh.out[0].To) != 1 || len(kh.out[1].To) != 2 {
		t.Fatalf("sent: %+v", kh.out)
	}
	sent := kh.out
	kh.out = sent[:1]
	th.deliver(kh)
	kh.out = sent[1:]
	asec.deliver(kh)
	kh.out = sent[1:]
	th.deliver(kh)
	for _, n := range []*node{th, asec} {
		apitest.Check(t, n.rest, []apitest.Case{get("finding-get", at, "auditor", 200), change("finding-edit", at, "duty", findingBody, `"v5"`, 403), step(at, "approver", `{"verb":"withdraw","reason":"Not ours."}`, `"v5"`, 403)}, "trail-finding-get")
	}
	th.recommends(fid)
}

// recommends is what a member recommends on the finding of another.
func (n *node) recommends(fid string) {
	n.t.Helper()
	body := `{"title":"Couriers (sample)","lang":"en","marking":"TLP:AMBER","text":"Contracts for weekends.","findings":["` + fid + `"],"for":["TH","KH"],"way":"supplies","priority":"high"}`
	none := `{"title":"Couriers (sample)","lang":"en","marking":"TLP:AMBER","text":"x","findings":[],"for":["TH"],"way":"supplies","priority":"high"}`
	begun := apitest.Check(n.t, n.rest, []apitest.Case{change("recommendation-draft", "/trail/recommendations", "auditor", body, "", 403), change("recommendation-draft", "/trail/recommendations", "duty", none, "", 400),
		change("recommendation-draft", "/trail/recommendations", "duty", body, "", 201)}, "trail-recommendation-draft")
	at := "/trail/recommendations/" + idOf(n.t, begun[2])
	step := func(who, body, tag string, want int) apitest.Case {
		return change("recommendation-step", at+"/steps", who, body, tag, want)
	}
	apitest.Check(n.t, n.rest, []apitest.Case{
		get("recommendation-list", "/trail/recommendations?q=couriers", "auditor", 200), get("recommendation-get", at, "auditor", 200), get("recommendation-get", at, "admin", 404),
		change("recommendation-edit", at, "duty", body, `"v9"`, 412), change("recommendation-edit", at, "auditor", body, `"v1"`, 403), change("recommendation-edit", at, "duty", body, `"v1"`, 200),
		step("duty", settle, `"v2"`, 200), step("approver", `{"verb":"release","to":["KH"]}`, `"v2"`, 412), step("approver", `{"verb":"release","to":["KH"]}`, `"v3"`, 200),
		step("duty", `{"verb":"mend"}`, `"v4"`, 400), step("approver", `{"verb":"withdraw","reason":"Overtaken."}`, `"v4"`, 200),
	}, "trail-recommendation-list", "trail-recommendation-get", "trail-recommendation-edit", "trail-recommendation-step")
}

// Every operation on an action, each half only at its own member.
func TestPairs(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	kh, th := open(t, "KH", now, ids), open(t, "TH", now, ids)
	fid := kh.found(ids)
	body := `{"title":"Weekend courier (sample)","lang":"en","marking":"TLP:AMBER","for":"TH","findings":["` + fid + `"],"deliverable":"A contract.","by_day":"2026-12-31","measure":"Median below a day."}`
	begun := apitest.Check(t, kh.rest, []apitest.Case{change("proposal-draft", "/trail/proposals", "auditor", body, "", 403), change("proposal-draft", "/trail/proposals", "duty", `{"title":"x"}`, "", 422),
		change("proposal-draft", "/trail/proposals", "duty", body, "", 201)}, "trail-proposal-draft")
	pid := idOf(t, begun[2])
	asked, shown := "/trail/proposals/"+pid, "/trail/actions/"+pid
	put := func(who, body, tag string, want int) apitest.Case {
		return change("proposal-step", asked+"/steps", who, body, tag, want)
	}
	apitest.Check(t, kh.rest, []apitest.Case{
		get("action-list", "/trail/actions?open=true&limit=1", "auditor", 200), get("action-get", shown, "auditor", 200), get("action-get", shown, "admin", 404),
		change("proposal-edit", asked, "duty", body, `"v9"`, 412), change("proposal-edit", asked, "auditor", body, `"v1"`, 403), change("proposal-edit", asked, "duty", body, `"v1"`, 200),
		put("approver", `{"verb":"propose"}`, "", 428), put("duty", `{"verb":"propose"}`, `"v2"`, 403), put("approver", `{"verb":"propose"}`, `"v1"`, 412), put("approver", `{"verb":"propose"}`, `"v2"`, 200),
		put("approver", `{"verb":"verify","words":"Too early."}`, `"v3"`, 400), change("proposal-edit", asked, "duty", body, `"v3"`, 409),
	}, "trail-proposal-edit", "trail-proposal-step")
	th.deliver(kh)
	mine := "/trail/actions/" + idOf(t, apitest.Do(t, th.rest, "GET", shown, "auditor", "").Body.Bytes())
	act := func(who, body, tag string, want int) apitest.Case {
		return change("action-step", mine+"/steps", who, body, tag, want)
	}
	apitest.Check(t, th.rest, []apitest.Case{
		put("approver", `{"verb":"close","reason":"Not theirs."}`, `"v3"`, 403), act("duty", `{"verb":"accept"}`, `"v1"`, 403), act("approver", `{"verb":"accept"}`, `"v7"`, 412),
		act("approver", `{"verb":"decline"}`, `"v1"`, 400), act("approver", `{"verb":"accept","post":"Logistics desk"}`, `"v1"`, 200), act("duty", `{"verb":"note"}`, `"v2"`, 400),
		act("duty", `{"verb":"start"}`, `"v2"`, 200), act("duty", `{"verb":"note","words":"The tender is out."}`, `"v3"`, 200), act("approver", `{"verb":"share"}`, `"v4"`, 200),
		act("duty", `{"verb":"finish","words":"Contract 7."}`, `"v5"`, 200), act("duty", `{"verb":"report"}`, `"v6"`, 403), act("approver", `{"verb":"report"}`, `"v6"`, 200),
		get("action-list", "/trail/actions?late=true", "auditor", 200), get("action-get", mine, "auditor", 200),
	}, "trail-action")
	kh.deliver(th)
	done := apitest.Check(t, kh.rest, []apitest.Case{change("action-step", mine+"/steps", "approver", `{"verb":"drop","reason":"Not ours."}`, `"v7"`, 403),
		put("approver", `{"verb":"verify"}`, `"v3"`, 400), put("approver", `{"verb":"verify","words":"Two weekends in the register."}`, `"v3"`, 200)}, "trail-proposal-step")
	var x struct{ Stage string }
	if err := json.Unmarshal(done[2], &x); err != nil || x.Stage != "verified" {
		t.Errorf("at the end: %s", done[2])
	}
}
