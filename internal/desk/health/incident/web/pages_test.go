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
	"lintas/internal/desk/health/incident"
	incidentweb "lintas/internal/desk/health/incident/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var people = map[string][]access.Role{"duty": {access.DutyOfficer}, "second": {access.Epidemiologist}, "approver": {access.Approver}, "auditor": {access.Auditor}, "admin": {access.Administrator}}

type stage struct {
	*webtest.Site
	t    *testing.T
	now  *clock.Manual
	db   *db.DB
	desk *incident.Desk
	h    *health.Desk
	who  func(string) access.Actor
	at   string // the incident's page
}

type sink struct{}

func (sink) Queue(context.Context, *db.Tx, exchange.Release) error       { return nil }
func (sink) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (sink) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

func open(t *testing.T) *stage {
	s := &stage{t: t, now: clock.NewManual(time.Date(2026, 11, 20, 6, 10, 0, 0, time.UTC)), who: webtest.Roles("KH", people)}
	s.db = dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, incident.Schema, api.Schema)
	env := &desk.Env{Member: "KH", DB: s.db, Clock: s.now, Wall: s.now, IDs: &id.Maker{Clock: s.now}, Send: sink{}}
	s.h = health.New(env)
	var staff []incident.Person
	for _, n := range []string{"duty", "second", "approver"} {
		staff = append(staff, incident.Person{Account: id.ID(n), Post: "Duty post " + n})
	}
	s.desk = incident.New(env, s.h, incident.Sources{People: func(context.Context) ([]incident.Person, error) { return staff, nil },
		Resources: func(context.Context, access.Actor, id.ID) ([]incident.Resource, error) {
			return []incident.Resource{{Kind: "team", Title: "Water team (sample)", From: "TH", Place: "Koh Kong", Since: "2026-11-19", Href: "/health/requests/x"}}, nil
		}})
	pages := incidentweb.New(s.desk, s.h)
	pages.Review = func(e id.ID) string { return "/health/reviews/new?events=" + string(e) }
	desks := healthweb.New(s.h, healthweb.Deps{Member: "KH", Todos: s.desk.Todos, Panels: []healthweb.EventPanel{pages.Panel()}, Home: []healthweb.HomePanel{pages.HomePanel()}})
	s.Site = webtest.New(t, "KH", s.now, s.who, desks.Routes, pages.Routes)
	return s
}

func (s *stage) sound(who, path string) webtest.Answer {
	s.t.Helper()
	a := s.Get(who, path).Want(200)
	a.Sound()
	return a
}

// press submits the form on a page whose action ends so.
func (s *stage) press(who, page, end string, more url.Values) webtest.Answer {
	s.t.Helper()
	a := s.sound(who, page)
	sel := `main form[action$="` + end + `"]`
	if a.Find(sel).Length() == 0 {
		s.t.Fatalf("%s has no form for %s as %s", page, end, who)
	}
	form := a.Values(sel)
	if b := a.Find(sel + " button[name=version]"); b.Length() > 0 { // a button that carries the version
		form.Set(b.First().AttrOr("name", ""), b.First().AttrOr("value", ""))
	}
	for k, v := range more {
		form[k] = v
	}
	return s.Post(who, a.Find(sel).AttrOr("action", ""), form)
}

func (s *stage) event() health.Event {
	e, err := s.h.RecordEvent(s.t.Context(), s.who("duty"), health.EventInput{Name: "Cholera on the border (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"KH-3"}},
		[]health.Fact{{Indicator: "cases", Class: "confirmed", Place: "KH-3", Value: 41, Source: "District report (sample)", AsOf: s.now.Now()}})
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// The life of an incident as people see it, each page on the way.
func TestPages(t *testing.T) {
	s := open(t)
	e := s.event()
	s.Get("admin", "/health/incidents").Want(404)
	s.sound("duty", "/health/incidents").Has("main", "No incident")
	if s.Get("auditor", "/health/incidents").Button("Open an incident") {
		t.Error("who does not work in the centre may open one")
	}
	s.Get("auditor", "/health/incidents/new").Want(403)
	a := s.sound("duty", "/health/incidents/new?event="+string(e.ID))
	form := a.Values("#incident")
	form.Set("name", "Cholera response (sample)")
	form.Set("trigger", "Two provinces report cases.")
	form.Set("functions", "logistics")
	form.Set("decided_by", "Director of the centre")
	a = s.Post("duty", "/health/incidents/new", form).Want(400)
	a.Sound()
	a.Has("#f-trigger", "Two provinces report cases.")
	form["functions"] = incident.Core
	s.at = strings.TrimSuffix(s.Post("duty", "/health/incidents/new", form).Want(303).Location, "/organisation")
	s.sound("duty", "/").Has("#incidents", "Vacant: Incident manager")
	s.sound("duty", "/health/events/"+string(e.ID)).Has("#incidents", "Cholera response (sample)")
	s.roster()
	s.planned()
	s.logged()
	s.rung()
	s.closed()
}

// roster: vacant functions are shown, planned is not taken over.
func (s *stage) roster() {
	a := s.sound("duty", s.at+"/organisation")
	a.Has("#chart svg .ov", "VACANT")
	s.press("duty", s.at+"/organisation", "/organisation", url.Values{"from": {"2026-11-20T18:00"}, "to": {"2026-11-20T06:00"}, "holder.manager": {"second"}}).Want(400).Has(`[name="holder.manager"] option[selected]`, "Duty post second")
	s.press("duty", s.at+"/organisation", "/organisation", url.Values{"holder.manager": {"second"}, "holder.planning": {"duty"}, "holder.operations": {"approver"}}).Want(303)
	s.press("second", s.at+"/organisation", "/take", nil).Want(303)
	s.press("duty", s.at+"/organisation", "/take", nil).Want(303)
	a = s.sound("approver", s.at+"/organisation")
	a.Has("#mine", "Operations")
	a.Has("#chart svg", "Duty post second")
	a.Has("#chart svg .od", "VACANT") // rostered, not there yet
	s.press("approver", s.at+"/organisation", "/take", nil).Want(303)
}

// planned: a plan of two people, its amendment with the changes marked.
func (s *stage) planned() {
	draft := s.press("duty", s.at+"/plans", "/plans", nil).Want(303).Location
	edit := url.Values{"situation": {"41 cases in one province."}, "safety": {"Boots and gloves; heat."}, "o_text.1": {"Case fatality below 1 % by Friday"}, "o_function.1": {"operations"},
		"a_task.1": {"Set up a treatment centre"}, "a_function.1": {"operations"}, "c_means.1": {"Phone"}, "c_number.1": {"+855 00 000 000"}, "c_function.1": {"manager"}}
	wrong := url.Values{"from": {"2026-11-21T06:00"}, "to": {"2026-11-20T06:00"}}
	for k, v := range edit {
		wrong[k] = v
	}
	s.press("duty", draft, "/edit", wrong).Want(400).Has("#f-situation", "41 cases")
	at := s.press("duty", draft, "/edit", edit).Want(303).Location
	s.press("duty", at+"/step/submit", "/step/submit", nil).Want(303)
	a := s.sound("duty", at)
	if a.Button("Approve") {
		s.t.Error("the author may approve")
	}
	a.Has("#steps", "Nobody approves what he or she wrote.")
	s.press("second", at+"/step/approve", "/step/approve", nil).Want(303)
	s.sound("second", at).Has("#steps", "In force")
	again := s.press("duty", at, "/amend", nil).Want(303).Location
	at = s.press("duty", again, "/edit", url.Values{"why": {"A second ward."}, "weather": {"Heavy rain from noon."}}).Want(303).Location
	a = s.sound("second", at)
	a.Has("#changes", "Heavy rain from noon.")
	a.Has("#changes", "Added")
	s.press("duty", at+"/step/submit", "/step/submit", nil).Want(303)
	s.press("second", at+"/step/approve", "/step/approve", nil).Want(303)
	s.sound("auditor", s.at+"/plans").Has("#plans", "Replaced")
}

// logged: one field is enough; what was written stays.
func (s *stage) logged() {
	s.press("second", s.at, "/log", url.Values{"text": {"Water truck arrved."}, "at": {"2026-11-20T04:00"}, "notable": {"yes"}}).Want(303)
	a := s.sound("second", s.at+"/log?kind=people")
	a.Has("#entries", "Water truck arrved.")
	a.Has("#entries", "written")
	link, ok := a.Find(`#entries a[href*="corrects="]`).Attr("href")
	if !ok {
		s.t.Fatal("no way to correct a line")
	}
	page := strings.TrimSuffix(link, "#quick")
	s.press("second", page, "/log", url.Values{"text": {"Water truck arrived."}}).Want(303)
	a = s.sound("second", s.at+"/log")
	a.Has("#entries .gone", "Water truck arrved.")
	a.Has("#entries", "Water truck arrived.")
	s.press("second", s.at, "/log", url.Values{"text": {"From tomorrow."}, "at": {"2026-11-21T04:00"}}).Want(400).Has("#f-text", "From tomorrow.")
	o := a.Find("#f-objective option").Eq(1).AttrOr("value", "")
	s.press("duty", s.at, "/log", url.Values{"objective": {o}, "status": {"behind"}, "text": {"No beds since noon."}}).Want(303)
	s.sound("duty", s.at).Has("#objectives", "No beds since noon.")
	for _, f := range []string{"/log.csv", "/log.xlsx", "/roster.csv", "/plans.xlsx", "/objectives.csv", "/requirements.csv", "/rings.xlsx", "/demobilisation.csv"} {
		s.Get("auditor", s.at+f).Want(200)
	}
	if b := s.Get("auditor", s.at+"/log.csv").Body; !strings.Contains(b, "Water truck arrived.") {
		s.t.Errorf("the file lacks a line:\n%s", b)
	}
	if b := s.Get("auditor", s.at+"/roster.csv").Body; !strings.Contains(b, "Duty post second") {
		s.t.Errorf("the roster lacks a post:\n%s", b)
	}
}

// rung: it stands on every page of the incident and on the duty desk; only the
// named function has the button.
func (s *stage) rung() {
	at := s.at + "/requirements"
	s.press("duty", at, "/requirements", url.Values{"text": {""}, "threshold": {"Any nurse or doctor"}, "minutes": {"15"}}).Want(400).Has("#f-threshold", "")
	s.press("duty", at, "/requirements", url.Values{"text": {"A health worker falls ill"}, "tell": {"operations"}, "minutes": {"15"}, "watch": {""}}).Want(303)
	s.press("duty", s.at, "/ring", nil).Want(303)
	s.now.Advance(16 * time.Minute)
	if err := s.desk.Lapse(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	for _, p := range []string{"", "/organisation", "/plans", "/log", "/requirements", "/demobilisation"} {
		s.sound("duty", s.at+p).Has("#ringing", "A health worker falls ill")
	}
	a := s.sound("duty", s.at)
	a.Lacks("#ringing form")
	a.Has("#ringing", "1 min")
	s.sound("approver", "/").Has("#incidents", "A health worker falls ill")
	s.press("approver", at, "/rings/"+strings.TrimPrefix(s.sound("approver", at).Find("#ringing li").AttrOr("id", ""), "ring-"), url.Values{"words": {"Isolated; contacts are traced."}}).Want(303)
	a = s.sound("duty", at)
	a.Lacks("#ringing li")
	a.Has("#past", "Isolated; contacts are traced.")
}

// closed: the booklet has every sheet, and closing says what is left.
func (s *stage) closed() {
	b := s.sound("auditor", s.at+"/booklet")
	for _, form := range []string{"201", "202", "203", "204", "205", "214", "221"} {
		if b.Find("#s"+form).Length() != 1 {
			s.t.Errorf("no sheet %s", form)
		}
	}
	b.Has("#s201", "District report (sample)")
	b.Has("#s201", "Water team (sample)")
	b.Has("#s203", "Duty post second")
	b.Has("#s214", "Water truck arrived.")
	s.press("second", s.at+"/step/stand_down", "/step/stand_down", url.Values{"reason": {"No case for ten days."}}).Want(303)
	a := s.sound("second", s.at+"/demobilisation")
	a.Has("#checkouts", "Operations")
	sheet := a.Find(`#checkouts a[href$="/edit"]`).First().AttrOr("href", "")
	s.press("second", sheet, "/edit", url.Values{"i_text.1": {"Two radios"}, "then": {"clear"}}).Want(400).Has(`[name="i_text.1"]`, "")
	s.press("second", sheet, "/edit", url.Values{"i_text.1": {"Two radios"}, "i_to.1": {"Logistics store"}, "then": {"clear"}}).Want(303)
	s.press("second", s.at+"/demobilisation", "/demobilisation", url.Values{"resource": {"Water team (sample)"}}).Want(303)
	a = s.sound("second", s.at+"/step/close")
	a.Has(".points", "Water team (sample)")
	s.press("second", s.at+"/step/close", "/step/close", nil).Want(400)
	s.press("second", s.at+"/step/close", "/step/close", url.Values{"reason": {"The rest is released by the province."}}).Want(303)
	a = s.sound("second", s.at)
	a.Has("main", "Closed")
	a.Has(".notice", "Nothing more is written here")
	a.Lacks("form#log")
	s.sound("second", s.at+"/log").Lacks("form#log")
	s.Post("second", s.at+"/log", url.Values{"text": {"One more."}}).Want(409)
	s.sound("second", s.at+"/organisation").Has("#held", "Duty post second")
	for _, tab := range []string{"/plans", "/requirements", "/demobilisation"} {
		s.sound("second", s.at+tab).Lacks("main form[method=post]")
	}
	b = s.sound("auditor", s.at+"/booklet")
	b.Has("#s201", "was closed at")
	b.Has("#s202", "Case fatality")
	b.Has("#s203", "Duty post second")
	b.Has("#s214", "Water truck arrived.")
	b.Lacks("#s203 svg")
	a.Has(`#facts a[href*="/health/reviews/"]`, "review")
	s.sound("duty", "/health/incidents?state=closed").Has("#incidents", "Cholera response (sample)")
	s.Get("duty", "/health/incidents.xlsx").Want(200)
}
