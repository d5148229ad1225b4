package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	surveillanceweb "lintas/internal/desk/health/surveillance/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
)

// sink keeps what the desk sends.
type sink struct{ out *[]exchange.Release }

func (s sink) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	*s.out = append(*s.out, r)
	return nil
}
func (sink) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (sink) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

var people = map[string][]access.Grant{
	"epi": {{Role: access.Epidemiologist}}, "duty": {{Role: access.DutyOfficer}}, "admin": {{Role: access.Administrator}},
	"province": {{Role: access.DutyOfficer, Place: "KH-17"}}, "approver": {{Role: access.Approver}},
}

// site is one node's pages.
type site struct {
	t     testing.TB
	desk  *surveillance.Desk
	shell *shell.Server
	clock *clock.Manual
	db    *db.DB
	pages *surveillanceweb.Pages
	out   []exchange.Release // what left
}

func newSite(t testing.TB, layers ...surveillanceweb.Layer) *site {
	now := clock.NewManual(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	s := &site{t: t, clock: now}
	d := dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, health.Schema, files.Schema, surveillance.Schema)
	s.desk = surveillance.New(&desk.Env{Member: "KH", DB: d, Clock: now, Wall: now, IDs: &id.Maker{Clock: now}, Send: sink{&s.out},
		Changed: func(topic string) { s.shell.Hub().Publish(topic) }})
	var err error
	s.shell, err = shell.New(shell.Config{Member: "KH", Clock: now, IDs: &id.Maker{Clock: now}, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: actor(secret)}, nil
		},
		Zone: place.Zone("KH"), Place: place.Capital("KH"), Frame: func(r *shell.Request, p *layout.Props) {
			p.Node = layout.Node{Name: place.Name("KH", r.Printer.Lang()), Agency: "EOC", Code: "KH"}
			p.Account = &layout.Account{Initials: "EP", Role: r.Actor.Name}
			p.Nav = []layout.NavGroup{{Items: []layout.NavItem{{Text: "Surveillance", Href: "/surveillance", Icon: "activity", Bar: true, Current: true}}}}
		}})
	if err != nil {
		t.Fatal(err)
	}
	s.db, s.pages = d, surveillanceweb.New(s.desk, surveillanceweb.Deps{Member: "KH", Layers: layers, Loopback: true})
	s.pages.Routes(s.shell.Mux())
	return s
}

func actor(who string) access.Actor {
	return access.Actor{Account: id.ID(who), Member: "KH", Name: "Duty post " + who, Grants: people[who]}
}

type answer struct {
	*goquery.Document
	Status   int
	Location string
	Body     string
	Header   http.Header
}

func (s *site) send(who string, r *http.Request) answer {
	s.t.Helper()
	r.AddCookie(&http.Cookie{Name: "lintas-kh", Value: who})
	w := httptest.NewRecorder()
	s.shell.ServeHTTP(w, r)
	a := answer{Status: w.Code, Location: w.Header().Get("Location"), Body: w.Body.String(), Header: w.Header()}
	var err error
	if a.Document, err = goquery.NewDocumentFromReader(strings.NewReader(a.Body)); err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s *site) get(who, path string, head ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return s.send(who, r)
}

func (s *site) post(who, path string, form url.Values) answer {
	s.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.send(who, r)
}

func (s *site) upload(who, path, name string, content []byte) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.send(who, r)
}

// fields are what a form would send as it stands, with some values changed.
func (a answer) fields(form string, change ...string) url.Values {
	out := url.Values{}
	a.Find("form#" + form).Find("input, select, textarea").Each(func(_ int, e *goquery.Selection) {
		name := e.AttrOr("name", "")
		if name == "" {
			return
		}
		switch {
		case goquery.NodeName(e) == "select":
			out.Add(name, e.Find("option[selected]").AttrOr("value", ""))
		case e.AttrOr("type", "") == "checkbox" || e.AttrOr("type", "") == "radio":
			if _, on := e.Attr("checked"); on {
				out.Add(name, e.AttrOr("value", ""))
			}
		case goquery.NodeName(e) == "textarea":
			out.Add(name, e.Text())
		default:
			out.Add(name, e.AttrOr("value", ""))
		}
	})
	for i := 0; i+1 < len(change); i += 2 {
		out.Set(change[i], change[i+1])
	}
	return out
}

func readSample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
