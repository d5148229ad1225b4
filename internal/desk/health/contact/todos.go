package contact

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Addresses of the pages.
const (
	DirectoryPath = "/health/contacts"
	ChecksPath    = "/health/contacts/checks"
)

// OwnPath, CheckPath and CallPath are where the pages show a record.
func OwnPath(i id.ID) string   { return DirectoryPath + "/own/" + string(i) }
func CheckPath(i id.ID) string { return ChecksPath + "/" + string(i) }
func CallPath(i id.ID) string  { return DirectoryPath + "/calls/" + string(i) }

// renewBefore is how long before it ends a contact is to be renewed.
const renewBefore = 14 * 24 * time.Hour

// Todos lists what waits for the actor: checks to answer first of all, silent
// members to call, contacts to clear and to renew.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	var out []desk.Todo
	if !reads(actor) {
		return nil, nil
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		for _, part := range []func(context.Context, *db.Tx, access.Actor) ([]desk.Todo, error){d.todoCalls, d.todoChecks, d.todoContacts} {
			t, err := part(ctx, tx, actor)
			if err != nil {
				return err
			}
			out = append(out, t...)
		}
		return nil
	})
	return out, err
}

// todoCalls are the checks that ring here. One that is not urgent waits until
// the quiet hours of those whom it asks for are over.
func (d *Desk) todoCalls(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	ks, err := loadAll[Call](ctx, tx, `SELECT doc FROM contact_call WHERE state = ? ORDER BY due LIMIT 100`, string(Ringing))
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	var out []desk.Todo
	for _, k := range ks {
		row, ok := Calls.Find(k.State, "here")
		if !ok || !Calls.Allowed(row, k, actor) || !seesMarking(actor, k.Marking) {
			continue
		}
		order, err := d.Escalation(ctx, tx, d.env.Member, k.Body.Role)
		if err != nil {
			return nil, err
		}
		if len(order) > 0 && Next(order, 0, now, k.Body.Urgent) == nil {
			continue
		}
		grade := health.Warning
		if k.Body.Urgent {
			grade = health.Emergency
		}
		out = append(out, desk.Todo{Key: "todo.contact.call", Grade: string(grade), Title: string(k.From), Owner: k.From, Record: k.ID, Href: CallPath(k.ID),
			Post: CallPath(k.ID) + "/here?back=desk", Due: k.Body.By, Late: Late(k.Body.By, now)})
	}
	return out, nil
}

// todoChecks are own checks of which half the time is over and somebody is
// silent.
func (d *Desk) todoChecks(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	if !MayCall(actor) {
		return nil, nil
	}
	ks, err := loadAll[Check](ctx, tx, `SELECT doc FROM contact_check WHERE state = ? ORDER BY due LIMIT 20`, string(Running))
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	var out []desk.Todo
	for _, k := range ks {
		if Rung(k.Issued, k.By, now) < 1 {
			continue
		}
		all, err := answers(ctx, tx, `WHERE check_id = ?`, string(k.ID))
		if err != nil {
			return nil, err
		}
		t := desk.Todo{Key: "todo.contact.silent", Record: k.ID, Href: CheckPath(k.ID), Due: k.By, Late: Late(k.By, now)}
		for _, m := range access.All() {
			if slices.ContainsFunc(all, func(a Answer) bool { return a.Member == m && a.Answered.IsZero() }) {
				t.Members = append(t.Members, m)
			}
		}
		if len(t.Members) > 0 {
			out = append(out, t)
		}
	}
	return out, nil
}

func (d *Desk) todoContacts(ctx context.Context, tx *db.Tx, actor access.Actor) ([]desk.Todo, error) {
	os, err := loadAll[Own](ctx, tx, `SELECT doc FROM contact_own WHERE state IN (?, ?) ORDER BY id`, string(Clearance), string(Current))
	if err != nil {
		return nil, err
	}
	now := d.env.Clock.Now()
	var out []desk.Todo
	for _, o := range os {
		t := desk.Todo{Title: o.Contact.Post, Record: o.ID, Href: OwnPath(o.ID)}
		verb := workflow.Verb("clear")
		if o.State == Current {
			verb = "confirm"
			t.Key, t.Due = o.renew(now)
			t.Late = Late(t.Due, now)
		} else {
			t.Key = "todo.contact.clear"
		}
		row, ok := Contacts.Find(o.State, verb)
		if t.Key == "" || !ok || !Contacts.Allowed(row, o, actor) || !seesMarking(actor, o.Marking) {
			continue
		}
		if verb == "clear" && len(workflow.Unmet(row, o, actor, now)) > 0 {
			continue // somebody else must
		}
		out = append(out, t)
	}
	return out, nil
}

// renew says whether a contact must be renewed or confirmed, and by when.
func (o *Own) renew(now time.Time) (string, time.Time) {
	if o.Given.To != "" {
		if last, err := time.ParseInLocation(time.DateOnly, o.Given.To, zone(o.Owner)); err == nil && now.Add(renewBefore).After(last) {
			return "todo.contact.renew", last.AddDate(0, 0, 1).UTC()
		}
	}
	if due := o.Confirmed.Add(StaleAfter); now.Add(renewBefore).After(due) {
		return "todo.contact.confirm", due
	}
	return "", time.Time{}
}

// Search finds entries of the directory in which every word occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if len(desk.Words(query)) == 0 || !reads(actor) {
		return nil, nil
	}
	sections, err := d.Directory(ctx, actor, Filter{Query: query})
	var out []desk.Hit
	for _, s := range sections {
		for _, e := range s.Rows {
			if len(out) < limit {
				out = append(out, desk.Hit{Key: "hit.contact", Title: e.Post, Text: e.Organisation, Owner: e.Member,
					Href: DirectoryPath + "?member=" + string(e.Member) + "#m-" + string(e.Member), At: e.AsOf})
			}
		}
	}
	return out, err
}

// Ringing are the checks that the actor can answer now, the most pressing
// first.
func (d *Desk) Ringing(ctx context.Context, actor access.Actor) ([]Call, error) {
	var out []Call
	if !reads(actor) {
		return nil, nil
	}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		todos, err := d.todoCalls(ctx, tx, actor)
		out = nil
		for _, t := range todos {
			k, err := loadCall(ctx, tx, t.Record)
			if err != nil {
				return err
			}
			out = append(out, k)
		}
		return err
	})
	return out, err
}
