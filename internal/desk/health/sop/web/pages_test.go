package web_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/sop"
	sopweb "lintas/internal/desk/health/sop/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

var people = map[string][]access.Role{"duty": {access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint}, "second": {access.DutyOfficer}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

type stage struct {
	*webtest.Site
	t     *testing.T
	now   *clock.Manual
	db    *db.DB
	desk  *sop.Desk
	h     *health.Desk
	pages *sopweb.Pages
	who   func(string) access.Actor
	out   []exchange.Release
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
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, sop.Schema, api.Schema)
	env := &desk.Env{Member: m, DB: s.db, Clock: now, Wall: now, IDs: ids, Send: s}
	s.h = health.New(env)
	s.desk = sop.New(env, s.h, sop.Sources{People: func(context.Context) ([]sop.Person, error) {
		return []sop.Person{{Actor: s.who("duty"), Display: "The first"}, {Actor: s.who("second"), Display: "The second"}, {Actor: s.who("approver")}}, nil
	}})
	s.pages = sopweb.New(s.desk, s.h)
	desks := healthweb.New(s.h, healthweb.Deps{Member: m, Todos: s.desk.Todos, Panels: []healthweb.EventPanel{s.pages.Panel()}})
	s.Site = webtest.New(t, m, now, s.who, desks.Routes, s.pages.Routes)
	return s
}

func (s *stage) take(r exchange.Release) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), func(tx *db.Tx) error {
		return s.desk.Handlers()[r.Kind](s.t.Context(), tx, exchange.Inbound{Release: r, Received: s.now.Now()})
	}); err != nil {
		s.t.Fatal(err)
	}
}

// give brings to another what left.
func (s *stage) give(to *stage) {
	s.t.Helper()
	for _, r := range s.out {
		to.take(r)
	}
	s.out = nil
}

// step takes a step with its confirmation; more are names and values.
func (s *stage) step(who, path, verb string, more ...string) webtest.Answer {
	s.t.Helper()
	a := s.Get(who, path+"/step/"+verb).Want(200)
	a.Sound()
	form := a.Values("#step")
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return s.Post(who, path+"/step/"+verb, form)
}

// press takes a step that one press takes.
func (s *stage) press(who, path, verb string) {
	s.t.Helper()
	v, ok := s.Get(who, path).Want(200).Find(`form[action$="/step/` + verb + `"] button`).Attr("value")
	if !ok {
		s.t.Fatalf("no button to %s", verb)
	}
	s.Post(who, path+"/step/"+verb, url.Values{"version": {v}}).Want(303)
}

func (s *stage) event() id.ID {
	s.t.Helper()
	e, err := s.h.RecordEvent(s.t.Context(), s.who("duty"), health.EventInput{Name: "Traveller from a cargo ship (sample)", Lang: "en", Hazard: "unknown", Grade: health.Watch, Marking: access.TLPAmber,
		Places: []string{"KH"}}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return e.ID
}

// The whole way as people see it: a sample is taken, refused with the line of
// its fault, reviewed, started, done, and compared with the plan.
func TestPages(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))
	ids := &id.Maker{Clock: now}
	kh, th := open(t, "KH", now, ids), open(t, "TH", now, ids)
	kh.Get("admin", "/health/sops").Want(404)
	for _, p := range []string{"/health/sops", "/health/sop-runs", "/health/sop-tasks", "/health/sop-progress", "/health/sop-runs/new"} {
		kh.Get("duty", p).Want(200).Sound()
	}
	kh.Get("duty", "/health/sops").Has("#samples", "No body adopted them")
	kh.Get("auditor", "/health/sops/new").Want(403)
	f := kh.Get("duty", "/health/sops/new?sample=ill-traveller").Want(200)
	f.Sound()
	form := f.Values("#playbook")
	good := form.Get("text")
	form.Set("text", strings.Replace(good, "after P3", "after P9", 1))
	bad := kh.Post("duty", "/health/sops/new", form).Want(400)
	bad.Has("#errors", "Line")
	bad.Has("#f-text-error", "“P9”, after which P6 comes, is no other step")
	if !strings.Contains(bad.Find("#f-text").Text(), "after P9") {
		t.Error("what was typed is lost")
	}
	form.Set("text", strings.Replace(good, "within 30m", "within 45m", 1))
	book := kh.Post("duty", "/health/sops/new", form).Want(303).Location
	p := kh.Get("duty", book).Want(200)
	p.Sound()
	p.Has("#origin", "within 45m")
	p.Has("#steps", "within 45 min of the start")
	kh.step("duty", book, "submit").Want(303)
	if a := kh.Get("duty", book+"/step/publish"); a.Status != 403 {
		t.Errorf("the author is offered to publish: %d", a.Status)
	}
	kh.step("approver", book, "return").Want(400).Has("#f-reason-error", "reason")
	kh.step("approver", book, "publish").Want(303)
	if x := kh.Get("duty", book+"/playbook.txt").Want(200); !strings.Contains(x.Body, "within 45m of start") {
		t.Error("the file is not the text")
	}
	run := kh.started(book)
	kh.told(th, book, run)
	kh.rest(book, run)
}

// started: one step done and verified, one blocked, one not executable here.
func (s *stage) started(book string) string {
	event := s.event()
	s.Get("duty", "/health/events/"+string(event)).Want(200).Has("#sops", "Start a playbook")
	a := s.Get("duty", "/health/sop-runs/new?event="+string(event)).Want(200)
	form := a.Values("#start")
	s.Post("duty", "/health/sop-runs/new", form).Want(400).Has("#f-playbook-error", "Choose")
	form.Set("playbook", strings.TrimPrefix(book, "/health/sops/"))
	run := s.Post("duty", "/health/sop-runs/new", form).Want(303).Location
	s.Get("duty", "/health/events/"+string(event)).Want(200).Has("#sops", "0 of 6 answered")
	s.Get("duty", "/").Want(200).Has("#todo", "Accept the step “Take the report and call the receiving hospital”")
	task := func(code string) string {
		href := ""
		s.Get("duty", run).Want(200).Find("#steps a[href]").Each(func(_ int, l *goquery.Selection) {
			if strings.HasPrefix(l.Text(), code+" ") {
				href = l.AttrOr("href", "")
			}
		})
		return href
	}
	p1, p2, p4 := task("P1"), task("P2"), task("P4")
	s.press("duty", p1, "accept")
	s.now.Advance(time.Hour)
	s.Get("duty", p1).Want(200).Has("#top", "Late")
	s.step("duty", p1, "finish").Want(400).Has("#f-evidence-error", "evidence")
	s.step("duty", p1, "finish", "evidence", "Called at 06:40").Want(303)
	s.press("approver", p1, "verify")
	s.press("duty", p2, "accept")
	s.step("duty", p2, "block", "reason", "The ship is at anchor.").Want(303)
	s.Get("duty", p2).Want(200).Has(".notice", "The ship is at anchor.")
	s.step("duty", p4, "not_executable", "reason", "No licensed firm at this port.").Want(303)
	for _, p := range []string{run, p1, p2, p4, "/health/sop-tasks?show=all", "/health/sop-tasks"} {
		s.Get("duty", p).Want(200).Sound()
	}
	d := s.Get("duty", book+"/drift").Want(200)
	d.Sound()
	d.Has("#drift", "1 h in the middle")
	d.Has("#reasons", "No licensed firm at this port.")
	if x := s.Get("duty", book+"/drift.csv").Want(200); !strings.Contains(x.Body, "The ship is at anchor.") {
		s.t.Errorf("the table of the drift:\n%s", x.Body)
	}
	s.Get("duty", run+"/steps.xlsx").Want(200)
	return run
}

// told: the playbook and the progress go to another member; it adopts the one
// and sees the other.
func (s *stage) told(th *stage, book, run string) {
	s.Post("approver", book+"/step/release", url.Values{"version": {"3"}}).Want(400).Has("#f-to-error", "recipient")
	s.step("approver", book, "release", "to", "TH").Want(303)
	a := s.Get("approver", run+"/step/release").Want(200)
	a.Has("#step table", "No licensed firm at this port.")
	s.step("approver", run, "release", "to", "TH").Want(303)
	s.give(th)
	b := th.Get("duty", "/health/sop-progress").Want(200)
	b.Sound()
	b.Has("#board-1", "only its state is asked")
	if x := th.Get("duty", "/health/sop-progress.csv").Want(200); strings.Count(x.Body, "no report") != 0 || !strings.Contains(x.Body, "released") {
		s.t.Errorf("a playbook on one event asks nobody else:\n%s", x.Body)
	}
	p := th.Get("duty", book).Want(200)
	p.Sound()
	p.Has("#top", "Cambodia released this playbook")
	own := th.Post("duty", book+"/adopt", nil).Want(303).Location
	o := th.Get("approver", own).Want(200)
	o.Sound()
	o.Has("#origin", "word for word")
	th.step("approver", own, "publish").Want(303)
	n := th.Get("duty", "/health/sops/new?from="+strings.TrimPrefix(own, "/health/sops/")).Want(200)
	form := n.Values("#playbook")
	form.Set("text", strings.Replace(form.Get("text"), "within 45m", "within 20m", 1))
	next := th.Post("duty", "/health/sops/new", form).Want(303).Location
	x := th.Get("duty", next).Want(200)
	x.Sound()
	x.Has("#before", "within 20m")
	x.Has("#origin", "within 45m")
}

// rest is the same by the interface for programs.
func (s *stage) rest(book, run string) {
	a := apitest.New(s.t, s.db, s.now, s.who, "health.read", "health.write")
	s.pages.Operations(a)
	bid, rid := strings.TrimPrefix(book, "/health/sops/"), strings.TrimPrefix(run, "/health/sop-runs/")
	x, err := s.desk.RunPage(s.t.Context(), s.who("duty"), id.ID(rid))
	if err != nil {
		s.t.Fatal(err)
	}
	tid := string(x.Tasks[2].ID)
	text, _ := sop.SampleBy("foodborne-cross-border")
	body, _ := json.Marshal(sop.PlaybookInput{Text: text.Text, Marking: access.TLPGreen, FromSample: text.Code})
	d, err := s.desk.DraftPlaybook(s.t.Context(), s.who("duty"), sop.PlaybookInput{Text: text.Text, Marking: access.TLPGreen})
	if err != nil {
		s.t.Fatal(err)
	}
	match := func(v string) map[string]string { return map[string]string{"If-Match": v} }
	apitest.Check(s.t, a, []apitest.Case{
		{Op: "sop-playbook-list", Path: "/sop/playbooks?limit=1", Token: "duty", Want: 200},
		{Op: "sop-playbook-create", Path: "/sop/playbooks", Body: string(body), Token: "duty", Want: 200},
		{Op: "sop-playbook-create", Path: "/sop/playbooks", Body: string(body), Token: "auditor", Want: 403},
		{Op: "sop-playbook-create", Path: "/sop/playbooks", Body: `{"text":"step a","marking":"TLP:GREEN"}`, Token: "duty", Want: 400},
		{Op: "sop-playbook-get", Path: "/sop/playbooks/" + bid, Token: "auditor", Want: 200},
		{Op: "sop-playbook-edit", Path: "/sop/playbooks/" + string(d.ID), Body: string(body), Token: "duty", Header: match(`"v1"`), Want: 200},
		{Op: "sop-playbook-step", Path: "/sop/playbooks/" + string(d.ID) + "/steps", Body: `{"verb":"submit"}`, Token: "duty", Header: match(`"v2"`), Want: 200},
		{Op: "sop-playbook-drift", Path: "/sop/playbooks/" + bid + "/drift", Token: "duty", Want: 200},
		{Op: "sop-run-list", Path: "/sop/runs", Token: "duty", Want: 200},
		{Op: "sop-run-start", Path: "/sop/runs", Body: `{"playbook":"` + bid + `","event":"` + string(s.event()) + `"}`, Token: "duty", Want: 200},
		{Op: "sop-run-get", Path: "/sop/runs/" + rid, Token: "duty", Want: 200},
		{Op: "sop-run-step", Path: "/sop/runs/" + rid + "/steps", Body: `{"verb":"close"}`, Token: "duty", Header: match(`"v2"`), Want: 400},
		{Op: "sop-run-step", Path: "/sop/runs/" + rid + "/steps", Body: `{"verb":"release","to":["TH"]}`, Token: "approver", Header: match(`"v2"`), Want: 200},
		{Op: "sop-task-list", Path: "/sop/tasks?show=role", Token: "duty", Want: 200},
		{Op: "sop-task-get", Path: "/sop/tasks/" + tid, Token: "duty", Want: 200},
		{Op: "sop-task-people", Path: "/sop/tasks/" + tid + "/people", Token: "duty", Want: 200},
		{Op: "sop-task-step", Path: "/sop/tasks/" + tid + "/steps", Body: `{"verb":"accept"}`, Token: "duty", Header: match(`"v1"`), Want: 200},
		{Op: "sop-progress-list", Path: "/sop/progress", Token: "duty", Want: 200},
	}, "sop-")
}
