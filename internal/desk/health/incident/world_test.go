package incident

import (
	"context"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type world struct {
	*testing.T
	clock       *clock.Manual
	db          *db.DB
	health      *health.Desk
	desk        *Desk
	people      []Person
	activations []Activation
}

type sink struct{}

func (sink) Queue(context.Context, *db.Tx, exchange.Release) error       { return nil }
func (sink) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (sink) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

// each plays a story at Cambodia's centre, on either engine.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, clock: clock.NewManual(time.Date(2026, 11, 20, 6, 10, 0, 0, time.UTC)), db: d}
		env := &desk.Env{Member: "KH", DB: d, Clock: w.clock, Wall: w.clock, IDs: &id.Maker{Clock: w.clock}, Send: sink{}}
		w.health = health.New(env)
		for _, a := range []access.Actor{duty, second, third, approver} {
			w.people = append(w.people, Person{Account: a.Account, Post: a.Name})
		}
		w.desk = New(env, w.health, Sources{
			People:      func(context.Context) ([]Person, error) { return w.people, nil },
			Activations: func(context.Context, access.Actor) ([]Activation, error) { return w.activations, nil }})
		f(w)
	}, history.Schema, files.Schema, health.Schema, Schema)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(kind fault.Kind, err error) {
	w.Helper()
	if !fault.Is(err, kind) {
		w.Fatalf("want %s, got %v", kind, err)
	}
}

func person(name string, roles ...access.Role) access.Actor {
	a := access.Actor{Account: id.ID(name), Member: "KH", Name: "Post " + name}
	for _, r := range roles {
		a.Grants = append(a.Grants, access.Grant{Role: r})
	}
	return a
}

var (
	duty     = person("duty", access.DutyOfficer)
	second   = person("second", access.DutyOfficer)
	third    = person("third", access.Epidemiologist)
	approver = person("approver", access.Approver)
	auditor  = person("auditor", access.Auditor)
	admin    = person("admin", access.Administrator)
)

func (w *world) event(facts ...health.Fact) health.Event {
	w.Helper()
	e, err := w.health.RecordEvent(w.Context(), duty, health.EventInput{Name: "Cholera on the border (sample)", Lang: "en", Hazard: "cholera", Grade: health.Warning,
		Marking: access.TLPAmber, Places: []string{"KH-3"}}, facts)
	w.must(err)
	return e
}

func (w *world) fact(indicator, class, place string, n int64) health.Fact {
	return health.Fact{Indicator: indicator, Class: class, Place: place, Value: n, Source: "District report (sample)", AsOf: w.clock.Now()}
}

func (w *world) open(events ...id.ID) Incident {
	w.Helper()
	in, err := w.desk.Open(w.Context(), duty, Input{Name: "Cholera response (sample)", Lang: "en", Mode: "alert", Trigger: "Two provinces report cases.", DecidedBy: "Director of the centre",
		Events: events, Functions: Core, Hours: 12, Marking: access.TLPAmber})
	w.must(err)
	return in
}

func (w *world) book(iid id.ID) Book {
	w.Helper()
	b, err := w.desk.Book(w.Context(), duty, iid)
	w.must(err)
	return b
}

// on puts somebody on duty and lets them take over.
func (w *world) on(iid id.ID, a access.Actor, function string) Duty {
	w.Helper()
	now := w.clock.Now().UTC().Truncate(time.Hour)
	_, err := w.desk.Roster(w.Context(), duty, iid, Shift{now, now.Add(12 * time.Hour)}, []Post{{function, a.Account}})
	w.must(err)
	for _, x := range w.book(iid).Duties {
		if x.Holder == a.Account && x.Function == function && x.State == Planned {
			out, err := w.desk.StepDuty(w.Context(), a, x.ID, x.Version, "take", DutyInput{})
			w.must(err)
			return out
		}
	}
	w.Fatal("nobody was rostered")
	return Duty{}
}

func (w *world) todos(a access.Actor) map[string]int {
	w.Helper()
	list, err := w.desk.Todos(w.Context(), a)
	w.must(err)
	out := map[string]int{}
	for _, t := range list {
		out[t.Key]++
	}
	return out
}
