package region

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

// made is what a name of the script stands for, once its step was played.
type made struct {
	Owner        access.Member `json:"owner"`
	Event        id.ID         `json:"event"`
	Notification id.ID         `json:"notification,omitempty"`
}

// cast is one member's side of a step: its desk and the people who act.
type cast struct {
	desk     *health.Desk
	member   access.Member
	duty     access.Actor
	approver access.Actor
}

// act plays one step through the same actions that the pages call. names holds
// what earlier steps made and takes what this one makes.
func act(ctx context.Context, c *cast, s *scenario.Step, names map[string]made) error {
	m := names[s.Name]
	switch s.Verb {
	case scenario.Record:
		e, err := c.desk.RecordEvent(ctx, c.duty, eventInput(s), facts(s))
		if err == nil {
			names[s.Name] = made{Owner: c.member, Event: e.ID}
		}
		return err
	case scenario.Facts:
		_, err := c.desk.AddFacts(ctx, c.duty, m.Event, 0, facts(s))
		return err
	case scenario.Move:
		verb, reason, _ := strings.Cut(s.Words, " ")
		_, err := c.desk.MoveEvent(ctx, c.duty, m.Event, 0, workflow.Verb(verb), reason)
		return err
	case scenario.Notify, scenario.Update:
		return notify(ctx, c, s, names)
	case scenario.Withdraw:
		_, err := c.desk.Withdraw(ctx, c.duty, m.Notification, 0, s.Words)
		return err
	case scenario.Remind:
		_, err := c.desk.Remind(ctx, c.duty, m.Notification, 0)
		return err
	case scenario.Answer:
		q, err := c.desk.OpenQuestion(ctx, c.duty, m.Event, m.Notification, s.From)
		if err != nil {
			return err
		}
		_, err = c.desk.Answer(ctx, c.duty, q.ID, 0, s.Words)
		return err
	}
	return answer(ctx, c, s, m)
}

// answer plays what a recipient does with a notification.
func answer(ctx context.Context, c *cast, s *scenario.Step, m made) error {
	n, err := c.desk.FindNotice(ctx, c.duty, m.Event, m.Notification)
	if err != nil {
		return err
	}
	if n, err = c.desk.OpenNotice(ctx, c.duty, n.ID); err != nil {
		return err
	}
	switch s.Verb {
	case scenario.Open:
	case scenario.Acknowledge:
		_, err = c.desk.Acknowledge(ctx, c.duty, n.ID, 0, s.Words)
	case scenario.Ask:
		_, err = c.desk.Ask(ctx, c.duty, n.ID, 0, s.Words)
	case scenario.Refuse:
		_, err = c.desk.Refuse(ctx, c.duty, n.ID, 0, s.Words)
	default:
		err = fmt.Errorf("region: line %d: %s is not an answer", s.Line, s.Verb)
	}
	return err
}

// notify composes, submits, clears by a second person and releases.
func notify(ctx context.Context, c *cast, s *scenario.Step, names map[string]made) error {
	m := names[s.Name]
	var supersedes id.ID
	if s.Verb == scenario.Update {
		supersedes = m.Notification
	}
	in := notificationInput(c.member, s)
	n, err := c.desk.Compose(ctx, c.duty, m.Event, supersedes, in)
	if err != nil {
		return err
	}
	if _, err = c.desk.Submit(ctx, c.duty, n.ID, 0); err != nil {
		return err
	}
	if _, err = c.desk.Clear(ctx, c.approver, n.ID, 0); err != nil {
		return err
	}
	if _, err = c.desk.Release(ctx, c.duty, n.ID, 0); err != nil {
		return err
	}
	names[s.As] = made{Owner: c.member, Event: m.Event, Notification: n.ID}
	return nil
}

func eventInput(s *scenario.Step) health.EventInput {
	f := s.Fields
	return health.EventInput{
		Name: f["name"], Summary: f["summary"], Lang: "en", Hazard: f["hazard"], Agent: f["agent"],
		Grade: health.Grade(or(f["grade"], "watch")), Marking: access.Marking(or(f["marking"], string(access.TLPAmber))),
		Places: strings.Fields(f["places"]), Onset: day(f["onset"]), Emergence: day(f["emergence"]),
		Detection: day(f["detection"]), Notified: day(f["notified"]),
	}
}

func notificationInput(from access.Member, s *scenario.Step) health.NotificationInput {
	f := s.Fields
	in := health.NotificationInput{
		Title: f["title"], Message: f["message"], Lang: "en", Purpose: or(f["purpose"], "early_warning"),
		Basis: or(f["basis"], "aphecs"), Marking: access.Marking(or(f["marking"], string(access.TLPAmber))), AckWithin: health.AckDefault,
	}
	if d, err := time.ParseDuration(f["within"]); err == nil {
		in.AckWithin = d
	}
	blocks := health.Blocks
	if f["blocks"] != "" {
		blocks = nil
		for _, b := range strings.Fields(f["blocks"]) {
			blocks = append(blocks, health.Block(b))
		}
	}
	to := strings.Fields(f["to"])
	for _, m := range access.All() {
		if m != from && (slices.Contains(to, "all") || slices.Contains(to, string(m))) {
			in.Recipients = append(in.Recipients, health.Recipient{Member: m, Blocks: blocks})
		}
	}
	return in
}

func facts(s *scenario.Step) []health.Fact {
	out := make([]health.Fact, len(s.Facts))
	for i, f := range s.Facts {
		out[i] = health.Fact{Indicator: f.Indicator, Class: f.Class, Place: f.Place, Value: f.Value, Source: f.Source, AsOf: f.AsOf}
	}
	return out
}

func day(s string) health.Date {
	if s == "" {
		return health.Date{}
	}
	return health.Date{On: s, Precision: health.Day}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
