package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/signal"
	signalweb "lintas/internal/desk/health/signal/web"
	"lintas/internal/history"
	"lintas/internal/id"
)

const restBody = `{"source":"facility","text":"Watery diarrhoea after a wedding in Chhouk","lang":"en","hazard":"cholera","place":"KH-7","cases":{"n":3},"marking":"TLP:AMBER","first_seen":{"on":"2025-03-09","precision":"day"}}`

// Every operation of the document answers as the document says.
func TestOperations(t *testing.T) {
	s := newSite(t)
	a, err := api.New(api.Config{DB: s.db, Clock: s.clock, Domain: s.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Token: func(_ context.Context, secret string) (access.Actor, id.ID, error) {
			who := actor(secret)
			who.Scopes = []string{"health.read", "health.write", "stream.read"}
			return who, id.ID(secret), nil
		},
		Stream: api.StreamConfig{Describe: func(context.Context, *db.Tx, access.Actor, history.Entry) (api.StreamEvent, bool, error) {
			return api.StreamEvent{}, false, nil
		}},
		Client: func(*http.Request) netip.Addr { return netip.MustParseAddr("127.0.0.1") }})
	if err != nil {
		t.Fatal(err)
	}
	signalweb.New(s.desk, s.health, signalweb.Deps{Member: "KH"}).Operations(a)
	a.Mount(s.shell.Mux())
	record := func(text string) string {
		x, err := s.desk.Record(t.Context(), actor("duty"), signal.Input{Source: signal.Hotline, Text: text, Lang: "en", Hazard: "cholera", Place: "KH-7", Marking: access.TLPGreen,
			FirstSeen: health.Date{On: "2025-03-09", Precision: health.Day}})
		if err != nil {
			t.Fatal(err)
		}
		return "/signal/signals/" + string(x.ID)
	}
	one := record("Watery diarrhoea after a wedding in Chhouk district")
	match := func(v string) map[string]string { return map[string]string{"If-Match": `"` + v + `"`} }
	bodies := apitest.Check(t, s.shell, []apitest.Case{
		{Op: "signal-record", Path: "/signal/signals", Body: restBody, Token: "duty", Want: 201},
		{Op: "signal-record", Path: "/signal/signals", Body: strings.Replace(restBody, "cholera", "dragons", 1), Token: "duty", Want: 400},
		{Op: "signal-list", Path: "/signal/signals?open=true&limit=1&hazard=cholera", Token: "duty", Want: 200},
		{Op: "signal-list", Path: "/signal/signals?cursor=x", Token: "duty", Want: 400},
		{Op: "signal-get", Path: one, Token: "duty", Want: 200},
		{Op: "signal-get", Path: "/signal/signals/0190a000-0000-7000-8000-000000000000", Token: "duty", Want: 404},
		{Op: "signal-duplicates", Path: one + "/duplicates", Token: "duty", Want: 200},
		{Op: "signal-edit", Path: one, Body: restBody, Token: "duty", Header: match("v1"), Want: 200},
		{Op: "signal-edit", Path: one, Body: restBody, Token: "duty", Header: match("v1"), Want: 412},
		{Op: "signal-steps", Path: one + "/steps", Token: "duty", Want: 200},
		{Op: "signal-step", Path: one + "/steps", Body: `{"verb":"triage","concern":{"cross_border":"yes"},"reliability":"B"}`, Token: "duty", Header: match("v2"), Want: 200},
		{Op: "signal-step", Path: one + "/steps", Body: `{"verb":"discard"}`, Token: "duty", Header: match("v3"), Want: 400},
		{Op: "signal-step", Path: one + "/steps", Body: `{"verb":"begin"}`, Token: "duty", Header: match("v3"), Want: 200},
		{Op: "signal-verify", Path: one + "/verify", Body: `{"confirmed_by":"Provincial laboratory","credibility":"1"}`, Token: "duty", Header: match("v4"), Want: 400},
		{Op: "stream", Path: "/stream", Token: "duty", Want: 200},
		{Op: "signal-verify", Path: one + "/verify", Body: `{"confirmed_by":"Provincial laboratory","credibility":"1","new":{"grade":"watch"}}`, Token: "duty", Header: match("v4"), Want: 200},
	})
	if !strings.Contains(string(bodies[6]), `"likeness"`) || !strings.Contains(string(bodies[15]), `"verified_event"`) {
		t.Errorf("%s\n%s", bodies[6], bodies[15])
	}
}
