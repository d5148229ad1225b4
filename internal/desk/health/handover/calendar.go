package handover

import (
	"context"
	"slices"
	"time"

	ics "github.com/arran4/golang-ical"

	"lintas/internal/access"
	"lintas/internal/desk/health"
)

// Deadline is one entry of the calendar: words that the caller has ready, in
// the language of whom it is for.
type Deadline struct {
	UID   string
	Title string
	URL   string
	Due   time.Time
}

// Calendar writes deadlines as iCalendar (RFC 5545): for each a VTODO that is
// due then, and an alarm half an hour before. now stamps them.
func Calendar(name string, deadlines []Deadline, now time.Time) string {
	cal := ics.NewCalendarFor("Lintas")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(name)
	for _, d := range deadlines {
		todo := cal.AddTodo(d.UID)
		todo.SetDtStampTime(now)
		todo.SetDueAt(d.Due)
		todo.SetSummary(d.Title)
		todo.SetURL(d.URL)
		todo.SetStatus(ics.ObjectStatusNeedsAction)
		alarm := todo.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetTrigger("-PT30M", &ics.KeyValues{Key: "RELATED", Value: []string{"END"}})
		alarm.SetDescription(d.Title)
	}
	return cal.Serialize()
}

// Deadlines are the things that wait for the actor and have a clock, the least
// time left first.
func (d *Desk) Deadlines(ctx context.Context, actor access.Actor) ([]Item, error) {
	if !health.Capabilities.May(actor, "health.read") {
		return nil, nil
	}
	todos, err := d.src.Todos(ctx, actor)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(todos, soonest)
	var out []Item
	for _, t := range todos {
		if !t.Due.IsZero() {
			out = append(out, Item{Section: Waiting, Key: t.Key, Title: t.Title, Owner: t.Owner, Grade: t.Grade, Href: t.Href, Due: t.Due})
		}
	}
	return out, nil
}
