package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/level"
	levelweb "lintas/internal/desk/health/level/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

type stage struct {
	*webtest.Site
	t    *testing.T
	now  *clock.Manual
	db   *db.DB
	desk *level.Desk
	h    *health.Desk
	who  func(string) access.Actor
	out  []exchange.Release
}

func (s *stage) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.out = append(s.out, r)
	return nil
}
func (s *stage) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (s *stage) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

func open(t *testing.T, m access.Member, now *clock.Manual, ids *id.Maker, family *level.Family) *stage {
	s := &stage{t: t, now: now, who: webtest.Roles(m, people)}
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, level.Schema, api.Schema)
	env := &desk.Env{Member: m, DB: s.db, Clock: now, Wall: now, IDs: ids, Send: s}
	s.h = health.New(env)
	s.desk = level.New(env, s.h, level.Sources{
		Families: func(context.Context, access.Actor) ([]level.Family, error) { return []level.Family{*family}, nil },
		Outside: func(context.Context, access.Actor, level.Family) ([]level.Outside, error) {
			return []level.Outside{{Kind: "pheic", Title: "Cholera (sample)", By: "WHO Director-General", On: "2026-11-01", Href: "/health/determinations/x"}}, nil
		}})
	pages := levelweb.New(s.desk, s.h)
	desks := healthweb.New(s.h, healthweb.Deps{Member: m, Todos: s.desk.Todos, Panels: []healthweb.EventPanel{pages.Panel()}})
	s.Site = webtest.New(t, m, now, s.who, desks.Routes, pages.Routes)
	return s
}

func (s *stage) give(r exchange.Release) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), func(tx *db.Tx) error {
		return s.desk.Handlers()[r.Kind](s.t.Context(), tx, exchange.Inbound{Release: r, Received: s.now.Now()})
	}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) step(who, path, verb string) {
	s.t.Helper()
	a := s.Get(who, path+"/step/"+verb).Want(200)
	a.Sound()
	s.Post(who, path+"/step/"+verb, a.Values("#step")).Want(303)
}

// A decision from two nodes, as people see it: proposed, a dissent, closed.
func TestLevelPages(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	family := &level.Family{ID: ids.New(), Name: "Cholera, region (sample)", Hazard: "cholera", Marking: access.TLPAmber, Open: true}
	kh, sg := open(t, "KH", now, ids, family), open(t, "SG", now, ids, family)
	kh.Get("admin", "/health/levels").Want(404)
	l := kh.Get("duty", "/health/levels").Want(200)
	l.Sound()
	l.Has("#ladder", "Silence at the end of the window is consent.")
	a := kh.Get("duty", "/health/levels/new").Want(200)
	a.Sound()
	form := a.Values("#level")
	form.Set("family", string(family.ID))
	form.Set("title", "Level 2 (sample)")
	form.Set("level", "9")
	form.Set("reasons", "Kept words.")
	kh.Post("duty", "/health/levels/new", form).Want(400).Has("#f-reasons", "Kept words.")
	form.Set("level", "2")
	form.Set("criteria", "two_states")
	form.Set("rule", "silence")
	path := kh.Post("duty", "/health/levels/new", form).Want(303).Location
	kh.step("duty", path, "submit")
	kh.step("approver", path, "propose")
	sg.give(kh.out[0])
	p := sg.Get("duty", path).Want(200)
	p.Sound()
	p.Has("#positions", "No answer yet")
	p.Has("#outside", "WHO Director-General")
	pf := sg.Get("duty", path+"/position").Want(200)
	pf.Sound()
	form = pf.Values("#level")
	form.Set("stance", "disagree")
	form.Set("reasons", "Two cases are imported (sample).")
	sg.Post("duty", path+"/position", form).Want(303)
	for _, x := range []struct{ who, verb string }{{"duty", "submit"}, {"approver", "release"}} {
		pg := sg.Get(x.who, path).Want(200)
		act, ok := pg.Find(`#steps form[action$="/` + x.verb + `"]`).Attr("action")
		if !ok {
			t.Fatalf("no button to %s", x.verb)
		}
		v, _ := pg.Find(`#steps form[action="` + act + `"] [name=version]`).Attr("value")
		sg.Post(x.who, act, map[string][]string{"version": {v}}).Want(303)
	}
	kh.give(sg.out[0])
	now.Advance(25 * time.Hour)
	kh.step("duty", path, "close")
	p = kh.Get("duty", path).Want(200)
	p.Has(".notice", "Not adopted")
	p.Has("#positions", "Two cases are imported (sample).")
	if x := kh.Get("duty", "/health/levels.csv").Want(200); strings.Count(x.Body, "\n") != 12 {
		t.Errorf("the table has not a row for each state:\n%s", x.Body)
	}
	af := kh.Get("duty", "/health/activations/new").Want(200)
	af.Sound()
}
