package web_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/db"
	"lintas/internal/desk/health/contact/web"
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
	web.New(s.desk, s.member).Operations(a)
	a.Mount(s.shell.Mux())
}

// Every operation answers as its document says.
func TestOperations(t *testing.T) {
	w := newWorld(t)
	kh, th := w.nodes["KH"], w.nodes["TH"]
	given(w, kh, "eoc", "1", "Post (sample)")
	form := kh.get("duty", "/health/contacts/checks").values("#call")
	form["member"] = []string{"TH"}
	call := kh.post("duty", "/health/contacts/checks", form).want(303).Location
	form["member"] = []string{"VN"}
	w.deliver()
	own := th.post("duty", "/health/contacts/checks", form).want(303).Location
	mount(t, th)
	ident := func(at string) string { return at[strings.LastIndexByte(at, '/'):] }
	const check = `{"to":["KH"],"urgent":true,"exercise":true,"minutes":60}`
	apitest.Check(t, th.shell, []apitest.Case{
		{Op: "stream", Path: "/stream", Token: "duty", Want: 200},
		{Op: "contact-directory", Path: "/contact/directory?member=KH", Token: "auditor", Want: 200},
		{Op: "contact-check-call", Path: "/contact/checks", Body: check, Token: "duty", Want: 200},
		{Op: "contact-check-call", Path: "/contact/checks", Body: check, Token: "epi", Want: 403},
		{Op: "contact-check-call", Path: "/contact/checks", Body: `{"to":[],"urgent":true,"exercise":false,"minutes":60}`, Token: "duty", Want: 400},
		{Op: "contact-check-list", Path: "/contact/checks", Token: "duty", Want: 200},
		{Op: "contact-check-get", Path: "/contact/checks" + ident(own), Token: "duty", Want: 200},
		{Op: "contact-check-get", Path: "/contact/checks/0190a000-0000-7000-8000-000000000000", Token: "duty", Want: 404},
		{Op: "contact-call-list", Path: "/contact/calls", Token: "duty", Want: 200},
		{Op: "contact-call-here", Path: "/contact/calls" + ident(call) + "/here", Body: `{"words":"Here."}`, Token: "auditor", Want: 403},
		{Op: "contact-call-here", Path: "/contact/calls" + ident(call) + "/here", Body: `{"words":"Here."}`, Token: "duty", Want: 200},
		{Op: "contact-call-here", Path: "/contact/calls" + ident(call) + "/here", Body: `{}`, Token: "duty", Want: 409},
		{Op: "contact-check-off", Path: "/contact/checks" + ident(own) + "/off", Body: `{"reason":"By mistake."}`, Token: "duty", Want: 200},
		{Op: "contact-check-list", Path: "/contact/checks?limit=1", Token: "duty", Want: 200},
		{Op: "contact-check-list", Path: "/contact/checks?cursor=x", Token: "duty", Want: 400},
		{Op: "contact-own-add", Path: "/contact/own", Body: ownBody, Token: "duty", Want: 201},
		{Op: "contact-own-add", Path: "/contact/own", Body: ownBody, Token: "epi", Want: 403},
		{Op: "contact-own-add", Path: "/contact/own", Body: strings.Replace(ownBody, "+66", "066", 1), Token: "duty", Want: 400},
		{Op: "contact-own-list", Path: "/contact/own", Token: "auditor", Want: 200},
	}, "contact-directory", "contact-check", "contact-call")
	w.deliver()
	kh.get("duty", call).want(200).has("#results .facts", "1 of 1")
	ownSteps(t, th)
}

const ownBody = `{"role":"eoc","order":1,"organisation":"Ministry (sample)","post":"Duty officer (sample)","channels":[{"kind":"phone","value":"+66 2 000 0001","night":true}],
	"from":"2020-01-01","marking":"TLP:GREEN","recipients":["KH"]}`

// ownSteps is the life of a contact by the interface.
func ownSteps(t *testing.T, s *site) {
	t.Helper()
	var made struct{ ID string }
	if err := json.Unmarshal(apitest.Do(t, s.shell, "POST", "/contact/own", "duty", ownBody).Body.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	at := "/contact/own/" + made.ID
	step := func(who, body, tag string, want int) apitest.Case {
		return apitest.Case{Op: "contact-own-step", Path: at + "/steps", Token: who, Body: body, Header: map[string]string{"If-Match": tag}, Want: want}
	}
	apitest.Check(t, s.shell, []apitest.Case{
		{Op: "contact-own-get", Path: at, Token: "auditor", Want: 200},
		{Op: "contact-own-edit", Path: at, Body: ownBody, Token: "duty", Header: map[string]string{"If-Match": `"v7"`}, Want: 412},
		{Op: "contact-own-edit", Path: at, Body: ownBody, Token: "duty", Header: map[string]string{"If-Match": `"v1"`}, Want: 200},
		step("duty", `{"verb":"submit"}`, `"v2"`, 200), step("duty", `{"verb":"clear"}`, `"v3"`, 403), step("approver", `{"verb":"clear"}`, `"v3"`, 200),
		step("duty", `{"verb":"confirm"}`, `"v4"`, 200), step("duty", `{"verb":"add"}`, `"v5"`, 400), step("duty", `{"verb":"remove","reason":"No longer."}`, `"v5"`, 200),
	}, "contact-own-get", "contact-own-edit", "contact-own-step")
}
