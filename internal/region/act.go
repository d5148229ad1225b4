package region

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

// made is what a name of the script stands for, once its step was played.
type made struct {
	Owner        access.Member `json:"owner"`
	Event        id.ID         `json:"event,omitempty"`
	Notification id.ID         `json:"notification,omitempty"`
	ID           id.ID         `json:"id,omitempty"` // of a record that is neither
	// Said are the members whose answer a later step counts: it waits for them.
	Said []access.Member `json:"said,omitempty"`
}

// turn is one step that is being played. names holds what earlier steps made
// and takes what this one makes.
type turn struct {
	*cast
	s     *scenario.Step
	names map[string]made
}

// acts are what the steps do, each through the same actions that the pages
// call, as the person whose task it is.
var acts = joined(deskActs, responseActs, reserveActs, sopActs, incidentActs, reviewActs)

type doer = func(context.Context, *turn) error

func joined(parts ...map[scenario.Verb]doer) map[scenario.Verb]doer {
	out := map[scenario.Verb]doer{}
	for _, p := range parts {
		maps.Copy(out, p)
	}
	return out
}

var deskActs = map[scenario.Verb]doer{
	scenario.Record: recordEvent, scenario.Facts: addFacts, scenario.Move: moveEvent, scenario.Describe: describeEvent, scenario.Merge: mergeEvent,
	scenario.Notify: notify, scenario.Update: notify, scenario.Withdraw: withdraw, scenario.Remind: remind, scenario.Answer: answerQuestion,
	scenario.Open: answer, scenario.Acknowledge: answer, scenario.Ask: answer, scenario.Refuse: answer,

	scenario.Report: recordSignal, scenario.Claim: stepSignal, scenario.Triage: stepSignal, scenario.Begin: stepSignal,
	scenario.Monitor: stepSignal, scenario.Discard: stepSignal, scenario.Join: joinSignal, scenario.Verify: verifySignal, scenario.Link: verifySignal,

	scenario.Inquire: inquire, scenario.Reply: replyFirst, scenario.Extend: extend, scenario.Grant: grant, scenario.Respond: respond,
	scenario.Decline: decline, scenario.Close: closeRequest,

	scenario.Call: callAll, scenario.Here: here,

	scenario.Assess2: openAnnex2, scenario.Second: secondReading, scenario.Decide: decideAnnex2, scenario.Told: toldWHO,
	scenario.Determine: determine, scenario.End: endDetermination, scenario.Amendments: stateAmendments,
	scenario.Plan: planMeasure, scenario.Adopt: adoptMeasure, scenario.Tell: stepMeasure, scenario.Review: stepMeasure,
	scenario.Renew: stepMeasure, scenario.Lift: stepMeasure,

	scenario.Assess: assess, scenario.Publish: publish, scenario.Position: position,
	scenario.Group: makeFamily, scenario.Add: addToFamily, scenario.Share: shareFamily, scenario.Belongs: sayBelongs, scenario.StaysOut: sayBelongs,
	scenario.HandOver: handOver, scenario.TakeOver: takeOver, scenario.Watch: watchEvent, scenario.Timeliness: judgeTimeliness,
}

// act plays one step.
func act(ctx context.Context, c *cast, s *scenario.Step, names map[string]made) error {
	do := acts[s.Verb]
	if do == nil {
		return fmt.Errorf("region: line %d: nobody knows how to %s", s.Line, s.Verb)
	}
	return do(ctx, &turn{cast: c, s: s, names: names})
}

// by is who takes the step: the role that the script names, or the one whose
// task it is.
func (t *turn) by(ctx context.Context, role access.Role) (access.Actor, error) {
	if t.s.Role != "" {
		role = t.s.Role
	}
	return t.actor(ctx, role)
}

// of is what the step speaks of.
func (t *turn) of() made { return t.names[t.s.Name] }

// other is the second record that the step speaks of.
func (t *turn) other() made { return t.names[t.s.Other] }

// named is the record that a field names; zero where it names none.
func (t *turn) named(field string) made { return t.names[t.s.Fields[field]] }

// keep gives the name of the step to what it made.
func (t *turn) keep(event, record id.ID) {
	t.names[t.s.Name] = made{Owner: t.member, Event: event, ID: record}
}

// said notes that a member answered the record that the step speaks of.
func (t *turn) said() {
	m := t.of()
	m.Said = append(m.Said, t.member)
	t.names[t.s.Name] = m
}

// notYet is said of a step whose message is still on its way: it waits.
func notYet() error { return fault.New(fault.NotFound, "fault.not_found") }

func recordEvent(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	e, err := t.desk.RecordEvent(ctx, by, eventInput(t.s), facts(t.s))
	if err == nil {
		t.keep(e.ID, "")
	}
	return err
}

func addFacts(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.desk.AddFacts(ctx, by, t.of().Event, 0, facts(t.s))
	return err
}

func moveEvent(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	verb, reason, _ := strings.Cut(t.s.Words, " ")
	_, err = t.desk.MoveEvent(ctx, by, t.of().Event, 0, workflow.Verb(verb), reason)
	return err
}

func mergeEvent(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.desk.MergeEvent(ctx, by, t.of().Event, 0, t.other().Event, t.s.Words)
	return err
}

// describeEvent fills in the parts of the content of Article 6 that the step
// names; the others stay as they were.
func describeEvent(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	p, err := t.desk.EventPage(ctx, by, t.of().Event)
	if err != nil {
		return err
	}
	var out []health.Section
	for _, b := range health.SectionBlocks {
		text := t.s.Fields[string(b)]
		old, had := p.View.Section(b)
		switch {
		case text == "unknown":
			out = append(out, health.Section{Block: b, Complete: health.NotKnown})
		case text != "":
			v := scenario.Parts(text)
			asOf, _ := time.Parse(time.DateOnly, v[1])
			out = append(out, health.Section{Block: b, Complete: health.Completeness(v[0]), AsOf: asOf, Source: v[2], Text: v[3]})
		case had:
			out = append(out, old)
		}
	}
	_, err = t.desk.DescribeEvent(ctx, by, t.of().Event, 0, out, p.View.End)
	return err
}

func eventInput(s *scenario.Step) health.EventInput {
	return health.EventInput{
		Name: s.Fields["name"], Summary: s.Fields["summary"], Lang: "en", Hazard: s.Fields["hazard"], Agent: s.Fields["agent"],
		Grade: health.Grade(s.Field("grade", "watch")), Marking: marking(s), GLIDE: s.Fields["glide"],
		Places: s.Many("places"), Onset: date(s.Fields["onset"]), Emergence: date(s.Fields["emergence"]),
		Detection: date(s.Fields["detection"]), Notified: date(s.Fields["notified"]),
	}
}

func marking(s *scenario.Step) access.Marking {
	return access.Marking(s.Field("marking", string(access.TLPAmber)))
}

// members are those that a field names, "all" for every other one.
func (t *turn) members(field string) []access.Member {
	var out []access.Member
	to := t.s.Many(field)
	for _, m := range access.All() {
		if m != t.member && (slices.Contains(to, "all") || slices.Contains(to, string(m))) {
			out = append(out, m)
		}
	}
	return out
}

func span(s *scenario.Step, field string, otherwise time.Duration) time.Duration {
	if d, err := time.ParseDuration(s.Fields[field]); err == nil {
		return d
	}
	return otherwise
}

func facts(s *scenario.Step) []health.Fact {
	out := make([]health.Fact, len(s.Facts))
	for i, f := range s.Facts {
		out[i] = health.Fact{Indicator: f.Indicator, Class: f.Class, Place: f.Place, Value: f.Value, Source: f.Source, AsOf: f.AsOf, Note: f.Note,
			Age: f.Age, Sex: f.Sex, Group: f.Group, From: f.From, To: f.To, Granularity: f.Granularity, Method: f.Method, Of: f.Of}
	}
	return out
}

// date reads 2020-01-13, ~2020-01-13, 2020-01 and 2020.
func date(s string) health.Date {
	switch {
	case s == "":
		return health.Date{}
	case s[0] == '~':
		return health.Date{On: s[1:], Precision: health.Approximate}
	case len(s) == len("2006"):
		return health.Date{On: s + "-01-01", Precision: health.Year}
	case len(s) == len("2006-01"):
		return health.Date{On: s + "-01", Precision: health.Month}
	}
	return health.Date{On: s, Precision: health.Day}
}
