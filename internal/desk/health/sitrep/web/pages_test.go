package web_test

import (
	"context"
	"net/url"
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
	"lintas/internal/desk/health/sitrep"
	sitrepweb "lintas/internal/desk/health/sitrep/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

// stage is a node of Thailand and what it sent; give lets it receive.
type stage struct {
	*webtest.Site
	t      *testing.T
	now    *clock.Manual
	db     *db.DB
	health *health.Desk
	desk   *sitrep.Desk
	who    func(string) access.Actor
	family sitrep.Family
	out    []exchange.Release
}

func (s *stage) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.out = append(s.out, r)
	return nil
}
func (s *stage) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (s *stage) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

func open(t *testing.T, m access.Member, now *clock.Manual, ids *id.Maker) *stage {
	s := &stage{t: t, now: now, who: webtest.Roles(m, people)}
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, sitrep.Schema, api.Schema)
	env := &desk.Env{Member: m, DB: s.db, Clock: now, Wall: now, IDs: ids, Send: s}
	s.health = health.New(env)
	s.desk = sitrep.New(env, s.health, sitrep.Sources{
		Families: func(context.Context, access.Actor) ([]sitrep.Family, error) { return []sitrep.Family{s.family}, nil },
		Rhythm: func(context.Context, access.Actor, id.ID) (sitrep.Rhythm, error) {
			return sitrep.Rhythm{Level: 2, Every: 84 * time.Hour}, nil
		},
	})
	pages := sitrepweb.New(s.desk, s.health)
	desks := healthweb.New(s.health, healthweb.Deps{Member: m, Todos: s.desk.Todos, Panels: []healthweb.EventPanel{pages.Panel()}})
	s.Site = webtest.New(t, m, now, s.who, desks.Routes, pages.Routes)
	return s
}

func (s *stage) give(r exchange.Release) {
	s.t.Helper()
	err := s.db.Write(s.t.Context(), func(tx *db.Tx) error {
		return s.desk.Handlers()[r.Kind](s.t.Context(), tx, exchange.Inbound{Release: r, Received: s.now.Now()})
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) event() id.ID {
	s.t.Helper()
	at := s.now.Now()
	e, err := s.health.RecordEvent(s.t.Context(), s.who("duty"), health.EventInput{Name: "Cholera, river port", Hazard: "cholera", Grade: health.Warning, Lang: "en",
		Places: []string{"TH-23"}, Marking: access.TLPAmber}, []health.Fact{
		{Indicator: "cases", Class: "confirmed", Place: "TH-23", Value: 40, AsOf: at.AddDate(0, 0, -7), Source: "Province (sample)"},
		{Indicator: "cases", Class: "confirmed", Place: "TH-23", Value: 84, AsOf: at, Source: "Province (sample)"},
		{Indicator: "deaths", Class: "confirmed", Place: "TH-23", Value: 3, AsOf: at, Source: "Province (sample)"},
		{Indicator: "cases", Class: "confirmed", Place: "TH-23", Age: "1_4", Value: 26, AsOf: at, Source: "Province (sample)"},
		{Indicator: "tests", Place: "TH-23", Value: 20, Of: 100, AsOf: at, Source: "Laboratory (sample)"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return e.ID
}

// step presses the button of a step and fills in its reason.
func (s *stage) step(who, path, verb, reason string) string {
	s.t.Helper()
	a := s.Get(who, path+"/step/"+verb).Want(200)
	a.Sound()
	form := a.Values("#step")
	form.Set("reason", reason)
	return s.Post(who, path+"/step/"+verb, form).Want(303).Location
}

// A national report from the event's page to its correction, as people see it.
func TestNationalPages(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	s := open(t, "TH", now, &id.Maker{Clock: now})
	eid := s.event()
	s.Get("duty", "/health/events/"+string(eid)).Want(200).Has("#sitreps a.btn", "Write a situation report")
	a := s.Get("duty", "/health/sitreps/new?event="+string(eid)).Want(200)
	a.Sound()
	form := a.Values("#sitrep")
	if form.Get("title") != "Cholera, river port" || form.Get("next") != "2026-11-25T18:00" || len(form["to"]) != 11 {
		t.Fatalf("the form begins with %v", form)
	}
	form.Set("highlights", "1\n2\n3\n4\n5\n6")
	form.Set("part.changed", "Kept words.")
	bad := s.Post("duty", "/health/sitreps/new", form).Want(400)
	bad.Has(".summary", "at most 5 highlights")
	bad.Has("#f-part-changed", "Kept words.")
	form.Set("highlights", "Cases double.\nThe port stays open.")
	form.Set("summary.0", "ผู้ป่วยเพิ่มขึ้น")
	form.Set("summary.lang.0", "th")
	path := s.Post("duty", "/health/sitreps/new", form).Want(303).Location
	p := s.Get("duty", path).Want(200)
	p.Sound()
	p.Has("h1", "Cholera, river port")
	p.Has("#figures .facts", "84")
	p.Has("#figures .facts", "+44 in the period")
	p.Has("#figures .facts", "3.6%")
	p.Has("#overview tbody tr:nth-child(2)", "84")
	p.Has("#groups", "20%")
	p.Has(".langs [lang=th]", "ผู้ป่วยเพิ่มขึ้น")
	p.Has(".sitrep>footer", "Not cleared")
	s.Get("admin", path).Want(404)
	s.Get("auditor", path+"/edit").Want(403)
	s.step("duty", path, "submit", "")
	if !s.Get("approver", path).Button("Clear") || s.Get("duty", path).Button("Clear") {
		t.Error("the wrong people may clear")
	}
	s.Get("duty", path+"/edxl.xml").Want(409)
	s.step("approver", path, "clear", "")
	s.step("duty", path, "issue", "")
	if len(s.out) != 1 || len(s.out[0].To) != 11 {
		t.Fatalf("sent %d", len(s.out))
	}
	if x := s.Get("duty", path+"/edxl.xml").Want(200); !strings.Contains(x.Body, "<reportNumber>1</reportNumber>") {
		t.Error("the exchange format lacks the number")
	}
	s.Get("duty", path+"/table.csv").Want(200)
	s.Get("duty", path+"/table.xlsx").Want(200)
	correct(s, path)
}

// correct issues a correction of a report and reads both.
func correct(s *stage, path string) {
	s.Post("duty", path+"/step/correct", url.Values{"version": {"4"}}).Want(400).Has(".summary", "said why")
	fixed := s.step("duty", path, "correct", "A count was wrong.")
	e := s.Get("duty", fixed+"/edit").Want(200)
	form := e.Values("#sitrep")
	form.Set("part.changed", "Other words.")
	s.Post("duty", fixed+"/edit", form).Want(303)
	s.step("duty", fixed, "submit", "")
	s.step("approver", fixed, "clear", "")
	s.step("duty", fixed, "issue", "")
	p := s.Get("duty", fixed).Want(200)
	p.Has(".why", "A count was wrong.")
	p.Has(".words mark", "corrected")
	s.Get("duty", path).Want(200).Has(".notice", "A correction took the place")
	l := s.Get("duty", "/health/sitreps").Want(200)
	l.Sound()
	l.Has("#reports tbody", "Situation report 1, correction 1")
	s.Get("duty", "/health/sitreps.xlsx").Want(200)
}

// A regional report as the desk that composes it and a member see it.
func TestRegionalPages(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	sg, th := open(t, "SG", now, ids), open(t, "TH", now, ids)
	sg.family = sitrep.Family{ID: ids.New(), Owner: "SG", Name: "Cholera, region", Hazard: "cholera", Marking: access.TLPAmber, Open: true}
	eid := th.event()
	a := sg.Get("duty", "/health/sitreps/regional?family="+string(sg.family.ID)).Want(200)
	a.Sound()
	form := a.Values("#sitrep")
	form["asked"] = []string{"TH", "MM"}
	path := sg.Post("duty", "/health/sitreps/regional", form).Want(303).Location
	th.give(sg.out[0])
	th.Get("duty", "/").Want(200).Has("main", "Report on “Cholera, region”")
	call := "/health/sitrep-calls/" + strings.TrimPrefix(path, "/health/sitreps/")
	c := th.Get("duty", call).Want(200)
	c.Sound()
	c.Has("a.btn.primary", "Write our report")
	form = th.Get("duty", "/health/sitreps/new?call="+strings.TrimPrefix(path, "/health/sitreps/")).Want(200).Values("#sitrep")
	form.Set("event", string(eid))
	form.Set("highlights", "Cases double.")
	form.Set("part.needs", "Water tests.")
	input := th.Post("duty", "/health/sitreps/new", form).Want(303).Location
	th.step("duty", input, "submit", "")
	th.step("approver", input, "clear", "")
	th.step("duty", input, "issue", "")
	sg.give(th.out[0])
	p := sg.Get("duty", path).Want(200)
	p.Sound()
	p.Has("#inputs", "No report")
	if p.Button("Compose from the inputs") {
		t.Error("may be composed before the cut-off")
	}
	now.Advance(25 * time.Hour)
	sg.step("duty", path, "compose", "")
	p = sg.Get("duty", path).Want(200)
	p.Sound()
	p.Has("#inputs", "Water tests.")
	p.Has("#overview table.cards .sr-cell.no_report", "no report")
	p.Has("#top[hx-trigger]", "Submit for clearance")
	p.Has(`#sources a[href="/health/sitreps/`+string(th.out[0].Ref.ID)+`"]`, "Situation report 1")
	p.Has(".sitrep footer", "Not cleared")
	p.Has("#figures .facts", "MM")
	if mm := p.Find("#overview tbody tr:nth-child(1)").Text(); !strings.Contains(mm, "Myanmar") || strings.ContainsAny(mm, "0123456789") {
		t.Errorf("the silent member has a number: %s", mm)
	}
	th.Get("duty", "/health/sitreps").Want(200)
}
