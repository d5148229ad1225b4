package nudges_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/id"
	"lintas/internal/nudge"
	"lintas/internal/web/nudges"
	"lintas/internal/web/webtest"
)

type mailer struct{}

func (mailer) Mail(context.Context, string, string, string) error { return nil }

func site(t *testing.T, mail nudge.Mailer, push nudge.Pusher) *webtest.Site {
	now := clock.NewManual(time.Date(2020, 1, 27, 5, 0, 0, 0, time.UTC))
	n := nudge.New(nudge.Config{Member: "KH", DB: dbtest.Open(t, dbtest.Options(t, db.SQLite), nudge.Schema), Clock: now, IDs: &id.Maker{Clock: now},
		Mail: mail, Push: push, Record: func(context.Context, *db.Tx, access.Actor, string) error { return nil }})
	return webtest.New(t, "KH", now, webtest.Roles("KH", map[string][]access.Role{"duty": {access.DutyOfficer}, "other": {access.DutyOfficer}}), nudges.New(n).Routes)
}

func TestChoosing(t *testing.T) {
	s := site(t, mailer{}, nil)
	for _, lang := range []string{"en", "id"} {
		s.Get("duty", "/account/nudges", "Accept-Language", lang).Want(200).Sound()
	}
	form := s.Get("duty", "/account/nudges").Values("form#nudges")
	form.Set("flash", "at_once")
	form.Set("mail", "not an address")
	form.Set("daily", "25:00")
	bad := s.Post("duty", "/account/nudges", form)
	bad.Want(400).Has("#errors", "time of day")
	form.Set("daily", "06:30")
	bad = s.Post("duty", "/account/nudges", form)
	bad.Want(400).Has("#errors", "one e-mail address")
	if v := bad.Find("[name=mail]").AttrOr("value", ""); v != "not an address" {
		t.Errorf("what was typed is lost: %q", v)
	}
	form.Set("mail", "duty@kh.example")
	form.Set("quiet_from", "22:00")
	form.Set("quiet_to", "06:00")
	s.Post("duty", "/account/nudges", form).Want(303)
	got := s.Get("duty", "/account/nudges").Values("form#nudges")
	for name, want := range map[string]string{"mail": "duty@kh.example", "flash": "at_once", "daily": "06:30", "quiet_from": "22:00", "quiet_to": "06:00"} {
		if got.Get(name) != want {
			t.Errorf("%s: %q", name, got.Get(name))
		}
	}
	if other := s.Get("other", "/account/nudges"); strings.Contains(other.Body, "duty@kh.example") {
		t.Error("one person sees another's address")
	}
}

func TestBrowsers(t *testing.T) {
	push, err := nudge.NewWebPush([]byte("a secret of a node, 32 bytes long"), "mailto:operator@kh.example", []string{"push.example"})
	if err != nil {
		t.Fatal(err)
	}
	s := site(t, nil, push)
	page := s.Get("duty", "/account/nudges").Want(200)
	if key := page.Find("form[data-push]").AttrOr("data-push", ""); key != push.PublicKey() {
		t.Errorf("the browser gets the key %q", key)
	}
	page.Lacks("form#nudges input[type=email]")
	d := url.Values{"endpoint": {"https://push.example/secret-part"}, "key": {push.PublicKey()}, "auth": {"AAAAAAAAAAAAAAAAAAAAAA"}}
	s.Post("duty", "/account/nudges/devices", url.Values{"endpoint": {"https://intranet.example/"}, "key": d["key"], "auth": d["auth"]}).Want(400)
	s.Post("duty", "/account/nudges/devices", d).Want(303)
	page = s.Get("duty", "/account/nudges")
	page.Has("#devices", "27 Jan 2020")
	if strings.Contains(page.Body, "secret-part") {
		t.Error("the address of a browser is shown")
	}
	remove := page.Find("#devices form[action$=remove]").AttrOr("action", "")
	s.Post("other", remove, url.Values{}).Want(404)
	s.Post("duty", remove, url.Values{}).Want(303)
	s.Get("duty", "/account/nudges").Lacks("#devices form[action$=remove]")
	w := s.Get("", "/nudge-worker.js").Want(200)
	if !strings.HasPrefix(w.Header.Get("Content-Type"), "text/javascript") || !strings.Contains(w.Body, "showNotification") {
		t.Error(w.Header, w.Body)
	}
}

func TestWithoutAnyWay(t *testing.T) {
	site(t, nil, nil).Get("duty", "/account/nudges").Want(200).Has(".notice", "sends nothing yet")
}
