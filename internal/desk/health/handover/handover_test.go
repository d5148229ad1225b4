package handover_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/handover"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
)

type actors struct{ out, in, epi, auditor, local access.Actor }

func people() actors {
	who := func(name string, roles ...access.Role) access.Actor {
		a := access.Actor{Account: id.ID(name), Member: "KH", Name: name}
		for _, r := range roles {
			a.Grants = append(a.Grants, access.Grant{Role: r})
		}
		return a
	}
	local := who("local", access.DutyOfficer)
	local.Grants[0].Place = "KH-12"
	return actors{who("day shift", access.DutyOfficer), who("night shift", access.DutyOfficer), who("epi", access.Epidemiologist),
		who("auditor", access.Auditor), local}
}

type world struct {
	now    *clock.Manual
	health *health.Desk
	desk   *handover.Desk
}

func open(d *db.DB) world {
	w := world{now: clock.NewManual(time.Date(2020, 1, 27, 6, 0, 0, 0, time.UTC))}
	env := &desk.Env{Member: "KH", DB: d, Clock: w.now, Wall: w.now, IDs: &id.Maker{}}
	w.health = health.New(env)
	w.desk = handover.New(env, handover.Sources{
		Todos: func(ctx context.Context, a access.Actor) ([]desk.Todo, error) {
			own, err := w.health.Todos(ctx, a)
			var out []desk.Todo
			for i := range own {
				out = append(out, own[i].Shared())
			}
			return out, err
		},
		Changes: func(ctx context.Context, a access.Actor, since, until time.Time, limit int) ([]handover.Change, int, error) {
			cs, err := w.health.ChangedBetween(ctx, a, since, until)
			var out []handover.Change
			for _, c := range cs {
				out = append(out, handover.Change{Hit: desk.Hit{Key: "hit.event", Title: c.Event.Name, At: c.At}, Action: c.Action, Steps: c.Steps})
			}
			return out, 0, err
		},
		Event: w.health.EventIn,
	})
	return w
}

func (w world) event(t *testing.T, a access.Actor, name string, m access.Marking) health.Event {
	t.Helper()
	e, err := w.health.RecordEvent(t.Context(), a, health.EventInput{Name: name, Hazard: "cholera", Grade: health.Warning, Lang: "en",
		Places: []string{"KH-12"}, Marking: m}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func sections(n handover.Note) map[handover.Section][]string {
	out := map[handover.Section][]string{}
	for _, i := range n.Items {
		out[i.Section] = append(out[i.Section], i.Title)
	}
	return out
}

func TestNoteStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, ctx := open(d), people(), t.Context()
		old := w.event(t, p.out, "Before the shift", access.TLPAmber)
		w.now.Advance(20 * time.Hour)
		n, err := w.desk.Begin(ctx, p.out)
		if err != nil || n.State != handover.Draft {
			t.Fatal(n.State, err)
		}
		fresh := w.event(t, p.out, "Of this shift", access.TLPRed)
		w.now.Advance(time.Minute)
		if again, err := w.desk.Begin(ctx, p.out); err != nil || again.ID != n.ID {
			t.Fatalf("a second draft of the same person: %v %v", again.ID, err)
		}
		if _, err := w.desk.Watch(ctx, p.out, old.ID, " ", time.Time{}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("watched without a reason: %v", err)
		}
		if _, err := w.desk.Watch(ctx, p.out, old.ID, "border market reopens on Friday", w.now.Now().AddDate(0, 0, 3)); err != nil {
			t.Fatal(err)
		}
		n, err = w.desk.HandOver(ctx, p.out, n.ID, n.Version, handover.Written{Words: "Laboratory calls at 20:00.", To: "night shift"})
		if err != nil || n.State != handover.HandedOver || n.Due.IsZero() {
			t.Fatal(n.State, err)
		}
		got := sections(n)
		if len(got[handover.Waiting]) != 2 || got[handover.Watched][0] != old.Name || len(got[handover.Changed]) != 1 || got[handover.Changed][0] != fresh.Name {
			t.Fatalf("%q", got)
		}
		refusals(t, w, p, n)
		n = takenOver(t, w, p, n)
		w.now.Advance(8 * time.Hour)
		next, err := w.desk.Begin(ctx, p.in)
		if err != nil || !next.Since.Equal(n.Until) {
			t.Fatalf("the next note begins %v, not %v: %v", next.Since, n.Until, err)
		}
	}, history.Schema, files.Schema, health.Schema, handover.Schema)
}

func refusals(t *testing.T, w world, p actors, n handover.Note) {
	t.Helper()
	ctx := t.Context()
	for _, a := range []access.Actor{p.epi, p.local} { // neither sees everything that the note may name
		if _, err := w.desk.Page(ctx, a, n.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s reads the note: %v", a.Name, err)
		}
		if _, err := w.desk.Accept(ctx, a, n.ID, n.Version, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s takes over: %v", a.Name, err)
		}
	}
	if _, err := w.desk.Page(ctx, p.auditor, n.ID); err != nil {
		t.Errorf("the auditor cannot read it: %v", err)
	}
	if _, err := w.desk.Accept(ctx, p.auditor, n.ID, n.Version, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the auditor takes over: %v", err)
	}
	if _, err := w.desk.Accept(ctx, p.out, n.ID, n.Version, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("taken over from oneself: %v", err)
	}
	if _, err := w.desk.Return(ctx, p.in, n.ID, n.Version, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("returned without words: %v", err)
	}
	if _, err := w.desk.Save(ctx, p.out, n.ID, n.Version, handover.Written{Words: "changed afterwards"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("changed after it was handed over: %v", err)
	}
	if todos, err := w.desk.Todos(ctx, p.out); err != nil || len(todos) != 0 {
		t.Errorf("it waits for who wrote it: %v %v", todos, err)
	}
}

func takenOver(t *testing.T, w world, p actors, n handover.Note) handover.Note {
	t.Helper()
	ctx := t.Context()
	if todos, err := w.desk.Todos(ctx, p.in); err != nil || len(todos) != 1 || todos[0].Late {
		t.Fatalf("%v %v", todos, err)
	}
	back, err := w.desk.Return(ctx, p.in, n.ID, n.Version, "Which laboratory?")
	if err != nil || back.State != handover.Draft || back.Items != nil {
		t.Fatal(back.State, err)
	}
	w.now.Advance(time.Minute)
	n, err = w.desk.HandOver(ctx, p.out, n.ID, back.Version, handover.Written{Words: "The national laboratory calls at 20:00."})
	if err != nil {
		t.Fatal(err)
	}
	w.now.Advance(2 * time.Hour)
	if todos, _ := w.desk.Todos(ctx, p.in); len(todos) != 1 || !todos[0].Late {
		t.Fatalf("not late after two hours: %v", todos)
	}
	if n, err = w.desk.Accept(ctx, p.in, n.ID, n.Version, "Understood."); err != nil || n.Accepted.Account != p.in.Account {
		t.Fatal(n.State, err)
	}
	return n
}

func TestWatchList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, p, ctx := open(d), people(), t.Context()
		e, red := w.event(t, p.out, "Amber", access.TLPAmber), w.event(t, p.out, "Red", access.TLPRed)
		for _, x := range []health.Event{e, red} {
			if _, err := w.desk.Watch(ctx, p.out, x.ID, "as agreed", w.now.Now().AddDate(0, 0, 2)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.desk.Watch(ctx, p.epi, red.ID, "I may not know of it", time.Time{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("watched unseen: %v", err)
		}
		if ws, err := w.desk.Watching(ctx, p.epi); err != nil || len(ws) != 1 || ws[0].Event.ID != e.ID {
			t.Errorf("the list shows what its reader may not see: %v %v", ws, err)
		}
		if again, err := w.desk.Watch(ctx, p.in, e.ID, "longer", time.Time{}); err != nil || again.Version != 2 {
			t.Errorf("changing it: %d %v", again.Version, err)
		}
		w.now.Advance(72 * time.Hour)
		if ws, _ := w.desk.Watching(ctx, p.out); len(ws) != 1 || ws[0].Event.ID != e.ID {
			t.Errorf("two days later: %v", ws)
		}
		if err := w.desk.Unwatch(ctx, p.out, red.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("ended what had ended: %v", err)
		}
		if err := w.desk.Unwatch(ctx, p.auditor, e.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the auditor: %v", err)
		}
		if err := w.desk.Unwatch(ctx, p.out, e.ID); err != nil {
			t.Fatal(err)
		}
		if ws, _ := w.desk.Watching(ctx, p.out); len(ws) != 0 {
			t.Error(ws)
		}
	}, history.Schema, files.Schema, health.Schema, handover.Schema)
}

// The calendar is read by another library than the one that wrote it.
func TestCalendar(t *testing.T) {
	at := time.Date(2020, 1, 28, 20, 0, 0, 0, time.UTC)
	text := handover.Calendar("Deadlines, KH", []handover.Deadline{{UID: "a@KH", Title: "Acknowledge: a long title, with; signs\nand lines " + strings.Repeat("ក", 60),
		URL: "https://kh.example/health/notices/a", Due: at}}, at.Add(-time.Hour))
	cal, err := ical.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil || len(cal.Children) != 1 || cal.Children[0].Name != ical.CompToDo {
		t.Fatal(cal, err)
	}
	todo := cal.Children[0]
	due, err := todo.Props.DateTime(ical.PropDue, nil)
	title, _ := todo.Props.Text(ical.PropSummary)
	if err != nil || !due.Equal(at) || !strings.HasSuffix(title, "ក") || !strings.Contains(title, "title, with; signs\nand") {
		t.Errorf("%v %q %v", due, title, err)
	}
	if len(todo.Children) != 1 || todo.Children[0].Props.Get(ical.PropTrigger).Value != "-PT30M" {
		t.Error("no alarm")
	}
	for line := range strings.Lines(text) {
		if len(strings.TrimRight(line, "\r\n")) > 75 {
			t.Errorf("a line of %d octets: RFC 5545 folds at 75", len(line))
		}
	}
}

func TestWorkflowDocumentCurrent(t *testing.T) {
	text := "# What may happen next: shift handover\n\nMade from workflow.go; `make generate` writes it.\n\n" + handover.Notes.Markdown() + "\n" + handover.Watches.Markdown()
	if os.Getenv("LINTAS_WRITE") != "" {
		if err := os.WriteFile("WORKFLOW.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile("WORKFLOW.md"); err != nil || string(b) != text {
		t.Errorf("WORKFLOW.md is not current: run make generate (%v)", err)
	}
}
