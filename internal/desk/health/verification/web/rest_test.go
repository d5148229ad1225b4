package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/db"
	"lintas/internal/desk/health/verification/web"
	"lintas/internal/history"
	"lintas/internal/id"
)

// mount puts the operations of a site behind its shell; a token is the name of
// who holds it.
func mount(t *testing.T, s *site) {
	t.Helper()
	a, err := api.New(api.Config{DB: s.db, Clock: s.w.clock, Domain: s.w.clock, Log: slog.New(slog.DiscardHandler), Version: "test",
		Token: func(_ context.Context, secret string) (access.Actor, id.ID, error) {
			actor := s.actor(secret)
			actor.Scopes = []string{"health.read", "health.write", "stream.read"}
			return actor, id.ID(secret), nil
		},
		Client: func(*http.Request) netip.Addr { return netip.MustParseAddr("127.0.0.1") },
		Stream: api.StreamConfig{Describe: func(context.Context, *db.Tx, access.Actor, history.Entry) (api.StreamEvent, bool, error) {
			return api.StreamEvent{}, false, nil
		}}})
	if err != nil {
		t.Fatal(err)
	}
	web.New(s.desk, s.health, s.member).Operations(a)
	a.Mount(s.shell.Mux())
}

// Every operation answers as its document says.
func TestOperations(t *testing.T) {
	w := newWorld(t)
	kh, th, at := w.nodes["KH"], w.nodes["TH"], drafted(w)
	kh.post("duty", at+"/send", kh.get("duty", at).values("#act-send")).want(303)
	w.deliver()
	mount(t, th)
	const body = `{"to":["KH"],"title":"Cluster (sample)","lang":"en","hazard":"cholera","where":"KH-1","questions":["Is there a cluster?"],"marking":"TLP:AMBER","first_hours":24,"answer_hours":72}`
	const answer = `{"outcome":"confirmed","summary":"Yes.","replies":[{"n":1,"text":"Yes."}],"evidence":[{"kind":"laboratory","text":"Culture","source":"Laboratory","as_of":"2026-11-22"}],"marking":"TLP:AMBER"}`
	const list = "/verification/exchanges"
	one := list + at[strings.LastIndexByte(at, '/'):]
	step := func(who, verb, tag string, want int) apitest.Case {
		return apitest.Case{Op: "verification-exchange-step", Path: one + "/steps", Body: `{"verb":"` + verb + `","words":"Words."}`, Token: who,
			Header: map[string]string{"If-Match": tag}, Want: want}
	}
	apitest.Check(t, th.shell, []apitest.Case{
		{Op: "stream", Path: "/stream", Token: "duty", Want: 200},
		{Op: "verification-exchange-compose", Path: list, Body: body, Token: "duty", Want: 200},
		{Op: "verification-exchange-compose", Path: list, Body: body, Token: "auditor", Want: 403},
		{Op: "verification-exchange-compose", Path: list, Body: strings.Replace(body, `["KH"]`, `["TH"]`, 1), Token: "duty", Want: 400},
		{Op: "verification-exchange-list", Path: list + "?side=asked&limit=1", Token: "duty", Want: 200},
		{Op: "verification-exchange-list", Path: list + "?cursor=x", Token: "duty", Want: 400},
		{Op: "verification-exchange-get", Path: one, Token: "duty", Want: 200},
		{Op: "verification-exchange-get", Path: list + "/0190a000-0000-7000-8000-000000000000", Token: "duty", Want: 404},
		{Op: "verification-answer-prepare", Path: one + "/answer", Body: answer, Token: "epi", Header: map[string]string{"If-Match": `"v9"`}, Want: 412},
		{Op: "verification-answer-prepare", Path: one + "/answer", Body: answer, Token: "epi", Header: map[string]string{"If-Match": `"v1"`}, Want: 200},
		step("epi", "submit", `"v2"`, 200), step("duty", "clear", `"v3"`, 403), step("approver", "clear", `"v3"`, 200), step("duty", "fly", `"v4"`, 404),
	})
	w.deliver()
	kh.get("duty", at).want(200).has("#answer", "Confirmed")
}
