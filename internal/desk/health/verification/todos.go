package verification

import (
	"context"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/workflow"
)

// most is how many exchanges the list of things to do reads.
const most = 200

// Path is where the pages show an exchange.
func Path(r *Request) string { return "/health/verification/" + string(r.ID) }

// Todos lists what the actor can and should do now. It asks the same tables
// that enable the buttons.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	var out []desk.Todo
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		rs, err := loadAll(ctx, tx, `SELECT doc FROM verification_request WHERE open = 1 ORDER BY due, id LIMIT ?`, most)
		if err != nil {
			return err
		}
		out = nil
		now := d.env.Clock.Now()
		for _, r := range rs {
			what, verb := r.waitsFor(Late(r.Due, now))
			if what == "" || !Sees(actor, &r) {
				continue
			}
			row, ok := r.TableOf().Find(r.State, verb)
			if !ok || !r.TableOf().Allowed(row, r, actor) {
				continue
			}
			if verb == "clear" && len(workflow.Unmet(row, r, actor, now)) > 0 {
				continue // somebody else must
			}
			t := desk.Todo{Key: "todo.verification." + what, Title: r.Title, Owner: r.Peer(), Record: r.ID, Event: r.Event, Href: Path(&r), Due: r.Due, Late: Late(r.Due, now)}
			if what == "overdue" {
				t.Members = []access.Member{r.To}
			}
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

// waitsFor is what the exchange waits for on this side, and the step that
// does it.
func (r *Request) waitsFor(late bool) (string, workflow.Verb) {
	if !r.Asking() {
		switch {
		case r.State == Clearance:
			return "clear", "clear"
		case r.First.IsZero() && (r.State == Received || r.State == Opened || r.State == InProgress):
			return "reply", "first_reply"
		case r.State == InProgress:
			return "answer", "submit"
		}
		return "", ""
	}
	switch {
	case r.State == Answered:
		return "answered", "close"
	case r.State == Refused:
		return "refused", "close"
	case r.State == Draft:
		return "draft", "send"
	case r.Extension.Open() && r.State != Withdrawn && r.State != Closed:
		return "extension", "grant"
	case late:
		return "overdue", "remind"
	}
	return "", ""
}

// Search finds exchanges in which every word occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if len(desk.Words(query)) == 0 {
		return nil, nil
	}
	rs, _, err := d.List(ctx, actor, Filter{Query: query, Limit: limit})
	out := make([]desk.Hit, len(rs))
	for i := range rs {
		r := &rs[i]
		out[i] = desk.Hit{Key: "hit.verification", Title: r.Title, Text: cut(r.Context, 160), Owner: r.From, Href: Path(r), At: r.Changed.At}
	}
	return out, err
}
