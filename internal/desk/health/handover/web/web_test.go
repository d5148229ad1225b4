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
	"lintas/internal/desk/health/handover"
	"lintas/internal/desk/health/handover/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

var roles = map[string][]access.Role{"day": {access.DutyOfficer}, "night": {access.DutyOfficer}, "epi": {access.Epidemiologist}, "admin": {access.Administrator}}

type stage struct {
	*webtest.Site
	now    *clock.Manual
	health *health.Desk
	event  health.Event
	db     *db.DB
	pages  *web.Pages
}

func open(t *testing.T) stage {
	s := stage{now: clock.NewManual(time.Date(2020, 1, 27, 6, 0, 0, 0, time.UTC))}
	d := dbtest.Open(t, dbtest.Options(t, db.SQLite), history.Schema, files.Schema, health.Schema, handover.Schema, api.Schema)
	env := &desk.Env{Member: "KH", DB: d, Clock: s.now, Wall: s.now, IDs: &id.Maker{Clock: s.now}}
	s.health = health.New(env)
	part := handover.New(env, handover.Sources{Event: s.health.EventIn,
		Todos: func(ctx context.Context, a access.Actor) ([]desk.Todo, error) {
			own, err := s.health.Todos(ctx, a)
			var out []desk.Todo
			for i := range own {
				out = append(out, own[i].Shared())
			}
			return out, err
		},
		Changes: func(ctx context.Context, a access.Actor, since, until time.Time, _ int) ([]handover.Change, int, error) {
			cs, err := s.health.ChangedBetween(ctx, a, since, until)
			var out []handover.Change
			for _, c := range cs {
				out = append(out, handover.Change{Hit: desk.Hit{Key: "hit.event", Title: c.Event.Name, Owner: c.Event.Owner,
					Href: "/health/events/" + string(c.Event.ID), At: c.At}, Grade: string(c.Event.Grade), Action: c.Action, Steps: c.Steps})
			}
			return out, 0, err
		}})
	who := webtest.Roles("KH", roles)
	pages := web.New(part, web.Deps{Member: "KH", URL: "https://kh.example"})
	s.db, s.pages = d, pages
	desks := healthweb.New(s.health, healthweb.Deps{Member: "KH", Todos: part.Todos,
		Panels: []healthweb.EventPanel{pages.EventPanel()}, Home: []healthweb.HomePanel{pages.HomePanel()}})
	s.Site = webtest.New(t, "KH", s.now, who, desks.Routes, pages.Routes)
	var err error
	s.event, err = s.health.RecordEvent(t.Context(), who("day"), health.EventInput{Name: "Cholera, border market", Hazard: "cholera",
		Grade: health.Warning, Lang: "en", Places: []string{"KH-12"}, Marking: access.TLPAmber}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.now.Advance(time.Hour)
	return s
}

func TestFromShiftToShift(t *testing.T) {
	s := open(t)
	event := "/health/events/" + string(s.event.ID)
	form := s.Get("day", event)
	form.Has("#watch", "Not on the watch list.")
	put := "/health/handover/watch/" + string(s.event.ID)
	bad := s.Post("day", put, url.Values{"reason": {""}, "until": {"tomorrow"}})
	bad.Want(400).Has(".notice, #errors", "year-month-day")
	s.Post("day", put, url.Values{"reason": {"The market reopens."}, "until": {"2020-01-30"}}).Want(303)
	s.Get("night", event).Has("#watch", "The market reopens.")
	s.Get("night", "/").Has("#watchlist", "Until 30 Jan 2020")

	at := s.Post("day", "/health/handover/new", url.Values{}).Want(303).Location
	page := s.Get("day", at)
	page.Want(200).Sound()
	page.Has("#waiting", "Cholera, border market")
	page.Has("#changed", "Event recorded, 1 h ago")
	form1 := page.Values("form#note")
	form1.Set("words", "The laboratory calls at 20:00.\n\nAsk for the second sample.")
	form1.Set("since", "2020-02-01T00:00")
	form1.Set("do", "hand_over")
	again := s.Post("day", at, form1)
	again.Want(400).Has("form#note", "must begin before now")
	if got := again.Find("textarea[name=words]").Text(); !strings.Contains(got, "second sample") {
		t.Errorf("what was typed is lost: %q", got)
	}
	form1.Set("since", "2020-01-26T18:00")
	s.Post("day", at, form1).Want(303)

	s.Get("night", "/").Has("#todo", "Take over the watch from Duty post day")
	page = s.Get("night", at)
	page.Want(200).Sound()
	page.Has("#words", "Ask for the second sample.")
	if mine := s.Get("day", at); mine.Button("Take over the watch") {
		t.Error("who handed over may take over")
	}
	take := page.Values("form#take")
	take.Set("do", "return")
	s.Post("night", at, take).Want(400).Has("#errors", "Say what is missing.")
	take.Set("do", "accept")
	s.Post("night", at, take).Want(303)
	s.Post("night", at, take).Want(409)
	s.Get("day", "/health/handover").Has("#notes", "taken over")
}

func TestWhoSeesWhat(t *testing.T) {
	s := open(t)
	at := s.Post("day", "/health/handover/new", url.Values{}).Want(303).Location
	s.Get("epi", at).Want(404)
	s.Post("epi", "/health/handover/new", url.Values{}).Want(404)
	for _, path := range []string{at, "/health/handover", "/health/deadlines.ics", "/health/handover/watch/" + string(s.event.ID)} {
		s.Get("admin", path).Want(404)
	}
	s.Get("epi", "/health/handover/watch/"+string(s.event.ID)).Want(403)
}

func TestEveryPageIsSoundInBothLanguages(t *testing.T) {
	s := open(t)
	at := s.Post("day", "/health/handover/new", url.Values{}).Want(303).Location
	for _, path := range []string{at, "/health/handover", "/health/handover/watch/" + string(s.event.ID), "/", "/health/events/" + string(s.event.ID)} {
		for _, lang := range []string{"en", "id"} {
			s.Get("day", path, "Accept-Language", lang).Want(200).Sound()
		}
	}
	cal := s.Get("day", "/health/deadlines.ics").Want(200)
	if !strings.Contains(cal.Body, "URL:https://kh.example/health/events/") || !strings.HasPrefix(cal.Header.Get("Content-Type"), "text/calendar") {
		t.Error(cal.Body)
	}
}
