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
	"lintas/internal/desk/health/review"
	reviewweb "lintas/internal/desk/health/review/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/trail"
	trailweb "lintas/internal/trail/web"
	"lintas/internal/web/webtest"
)

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

// stage is a node, and what it sent.
type stage struct {
	*webtest.Site
	t      *testing.T
	now    *clock.Manual
	db     *db.DB
	health *health.Desk
	trail  *trail.Desk
	desk   *review.Desk
	pages  *reviewweb.Pages
	who    func(string) access.Actor
	out    []exchange.Release
}

func (s *stage) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.out = append(s.out, r)
	return nil
}
func (s *stage) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error         { return nil }
func (s *stage) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) { return nil, nil }

func open(t *testing.T) *stage {
	now := clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	return node(t, "KH", now, &id.Maker{Clock: now})
}

func node(t *testing.T, m access.Member, now *clock.Manual, ids *id.Maker) *stage {
	s := &stage{t: t, now: now, who: webtest.Roles(m, people)}
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, trail.Schema, review.Schema, api.Schema)
	env := &desk.Env{Member: m, DB: s.db, Clock: now, Wall: now, IDs: ids, Send: s}
	s.health = health.New(env)
	s.trail = trail.New(env, trail.Door{Kind: review.KindReview, Path: review.Path})
	s.desk = review.New(env, s.health, s.trail, review.Sources{Clocks: func(_ context.Context, _ access.Actor, e id.ID) ([]review.Clock, []review.Factor, error) {
		return []review.Clock{{Event: e, Name: "Cholera, river port", Clock: "detect", Limit: 7, Outcome: "undecided", Min: 5, Max: 9, Known: true},
				{Event: e, Name: "Cholera, river port", Clock: "respond", Limit: 7, Outcome: "unknown"}},
			[]review.Factor{{Clock: "detect", Category: "D1", Text: "Samples waited for a courier."}}, nil
	}})
	s.pages = reviewweb.New(s.desk, s.health)
	desks := healthweb.New(s.health, healthweb.Deps{Member: m, Todos: s.desk.Todos, Panels: []healthweb.EventPanel{s.pages.Panel()}})
	s.Site = webtest.New(t, m, now, s.who, desks.Routes, s.pages.Routes, trailweb.New(s.trail).Routes)
	return s
}

func (s *stage) event() id.ID {
	s.t.Helper()
	e, err := s.health.RecordEvent(s.t.Context(), s.who("duty"), health.EventInput{Name: "Cholera, river port", Hazard: "cholera", Grade: health.Warning, Lang: "en", Places: []string{"KH-7"},
		Marking: access.TLPAmber}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return e.ID
}

// fill sends a form with what it holds and what is changed in it.
func (s *stage) fill(who, path, form string, more url.Values) webtest.Answer {
	s.t.Helper()
	a := s.Get(who, path).Want(200)
	a.Sound()
	f := a.Values(form)
	for k, v := range more {
		f[k] = v
	}
	action, _ := a.Find(form).Attr("action")
	return s.Post(who, action, f)
}

func (s *stage) step(who, path, verb string, more url.Values) {
	s.t.Helper()
	s.fill(who, path+"/step/"+verb, "#step", more).Want(303)
}

// The life of a review on its pages, each of them sound, and the forms keep what
// was typed.
func TestPages(t *testing.T) {
	s := open(t)
	e := string(s.event())
	s.Get("admin", "/health/reviews").Want(404)
	s.Get("duty", "/health/reviews").Want(200).Has(".empty", "No review yet")
	s.Get("duty", "/health/events/"+e).Want(200).Has("#reviews", "Plan an early action review")
	bad := s.fill("duty", "/health/reviews/new?sort=early&event="+e, "#review", url.Values{"title": {"Kept words (sample)"}, "from": {"2026-12-01"}}).Want(400)
	bad.Has(".errors, .error, [role=alert]", "first and the last day")
	if v, _ := bad.Find("[name=title]").Attr("value"); v != "Kept words (sample)" {
		t.Errorf("the form lost what was typed: %q", v)
	}
	at := s.fill("duty", "/health/reviews/new?sort=early&event="+e, "#review", nil).Want(303).Location
	s.Get("duty", at).Want(200).Has("#timeline", "Nothing is chosen")
	s.Get("duty", at+"/findings/new").Want(409)
	s.fill("duty", at+"/timeline", "#moment", url.Values{"at": {"2026-11-12T09:30"}, "words": {"Decision by telephone (sample)."}, "source": {"Log"}}).Want(303)
	s.step("duty", at, "lock", nil)
	pick, _ := s.Get("duty", at+"/timeline").Want(200).Find("[name=pick]").First().Attr("value")
	s.fill("duty", at+"/timeline", "#choose", url.Values{"pick": {pick}, "words." + pick: {"Late by three days."}}).Want(303)
	page := s.Get("duty", at).Want(200)
	page.Sound()
	page.Has("#timeline", "Late by three days.")
	page.Has("#timeline", "No entry for")
	page.Has("#clocks", "Undecided")
	s.Get("auditor", at+"/check").Want(200).Has("main", "The evidence is what was locked")
	form := s.Get("duty", at+"/findings/new?factor=0").Want(200)
	form.Sound()
	if v := form.Values("#trail"); v.Get("theme") != "D1" || v.Get("clock") != "detect" || v.Get("title") == "" {
		t.Errorf("the finding does not begin with the bottleneck: %v", v)
	}
	finding := s.fill("duty", at+"/findings/new?factor=0", "#trail", url.Values{"planned": {"A day."}, "why.0": {"No courier."}, "why.1": {"No contract."}, "cause": {"Workdays only."},
		"affected": {"women"}, "entries": {pick}}).Want(303).Location
	s.step("duty", finding, "settle", nil)
	s.Get("auditor", finding).Want(200).Has("main", "Women and girls")
	s.fill("duty", at+"/edit", "#review", url.Values{"summary": {"Samples waited (sample)."}, "women": {"4"}}).Want(303)
	s.step("duty", at, "draft", nil)
	s.step("approver", at, "validate", url.Values{"words": {"All agreed."}})
	s.step("approver", at, "clear", nil)
	s.Get("approver", at+"/step/release").Want(200).Has("form", "What they get")
	s.step("approver", at, "release", url.Values{"to": {"TH"}})
	report := s.Get("auditor", at+"/report").Want(200)
	report.Sound()
	report.Has("article", "Workdays only.")
	report.Has("article", "Women: 4")
	s.Get("auditor", at+"/report?lang=id").Want(200).Has("article", "Bukti")
	for _, path := range []string{"/health/reviews.csv", "/health/reviews.xlsx", at + "/timeline.csv", "/trail/findings.csv?group=women", "/trail/actions.xlsx"} {
		s.Get("auditor", path).Want(200)
	}
	if a := s.Get("auditor", "/trail/findings.csv?group=older"); strings.Contains(a.Body, "courier") {
		t.Error("the filter by who was affected lets others through")
	}
	s.acted(at, finding)
}

// acted is an own action from the finding to its verification, by two people.
func (s *stage) acted(at, finding string) {
	s.t.Helper()
	fid := finding[strings.LastIndexByte(finding, '/')+1:]
	action := s.fill("duty", "/trail/actions/new?finding="+fid, "#trail", url.Values{"title": {"Weekend courier (sample)"}, "deliverable": {"A contract."}, "for": {"KH"}, "by": {"2027-01-31"},
		"measure": {"Median below a day."}}).Want(303).Location
	pid := action[strings.LastIndexByte(action, '/')+1:]
	s.step("approver", "/trail/proposals/"+pid, "propose", nil)
	page := s.Get("approver", action).Want(200)
	page.Sound()
	href, ok := page.Find("#answered a[href$='/step/accept']").Attr("href")
	if !ok {
		s.t.Fatal("nobody can accept the action")
	}
	own := strings.TrimSuffix(href, "/step/accept")
	s.step("approver", own, "accept", nil)
	s.step("duty", own, "finish", url.Values{"words": {"Contract 7."}})
	s.step("approver", own, "report", nil)
	s.step("approver", "/trail/proposals/"+pid, "verify", url.Values{"words": {"Seen in the register."}})
	s.step("duty", at, "follow", nil)
	s.step("approver", at, "close", nil)
	s.Get("duty", at).Want(200).Has("#top", "Closed")
	list := s.Get("duty", "/trail/actions?due=open").Want(200)
	list.Sound()
	list.Has(".empty", "Nothing matches")
	s.Get("duty", "/trail/actions").Want(200).Has("#list", "Verified")
	s.Get("duty", "/trail/recommendations").Want(200).Has(".empty", "No recommendation yet")
}
