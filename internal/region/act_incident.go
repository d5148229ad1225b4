package region

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/incident"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

var incidentActs = map[scenario.Verb]func(context.Context, *turn) error{
	scenario.Activate: activateCentre, scenario.Staff: staffCentre, scenario.PlanNext: planNext, scenario.LogLine: logLine,
	scenario.Critically: requireTold, scenario.Ring: ringCritical, scenario.AckRing: ackRing,
	scenario.Mode: stepCentre, scenario.StandDown: stepCentre, scenario.CloseDown: stepCentre,
}

func activateCentre(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	in, err := t.node.Incidents.Open(ctx, by, incident.Input{Name: f["name"], Lang: "en", Mode: t.s.Field("mode", "alert"), Trigger: f["trigger"], DecidedBy: f["decided"],
		Events: []id.ID{t.other().Event}, Functions: incident.Core, Hours: 12, Marking: marking(t.s)})
	if err == nil {
		t.keep(t.other().Event, in.ID)
	}
	return err
}

// staffCentre puts posts on the roster and lets each take over what it was named
// for, as the person who holds the role.
func staffCentre(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	who := map[string]access.Actor{}
	var posts []incident.Post
	for _, line := range t.s.Lists["post"] {
		w := strings.Fields(line)
		if len(w) != 2 {
			return invalid("post", "fault.incident.function", line)
		}
		a, err := t.actor(ctx, access.Role(w[1]))
		if err != nil {
			return err
		}
		who[w[0]] = a
		posts = append(posts, incident.Post{Function: w[0], Holder: a.Account})
	}
	from := t.clock.Now().UTC().Truncate(time.Hour)
	d := t.node.Incidents
	if _, err := d.Roster(ctx, by, t.of().ID, incident.Shift{From: from, To: from.Add(span(t.s, "hours", 12*time.Hour))}, posts); err != nil {
		return err
	}
	b, err := d.Book(ctx, by, t.of().ID)
	for _, x := range b.Duties {
		a, named := who[x.Function]
		if err != nil || !named || x.Holder != a.Account || x.State != incident.Planned || !x.From.Equal(from) {
			continue
		}
		if err = handOn(ctx, t, &b, x.Function); err == nil {
			_, err = d.StepDuty(ctx, a, x.ID, 0, "take", incident.DutyInput{})
		}
	}
	return err
}

// handOn has whoever holds a function hand it over first.
func handOn(ctx context.Context, t *turn, b *incident.Book, function string) error {
	for _, x := range b.Duties {
		if x.Function != function || x.State != incident.OnDuty {
			continue
		}
		for _, role := range access.Roles {
			a, err := t.actor(ctx, role)
			if err != nil || a.Account != x.Holder {
				continue // the member has no such seat, or another has the duty
			}
			if _, err := t.node.Incidents.StepDuty(ctx, a, x.ID, 0, "hand_over", incident.DutyInput{Brief: "The log has it."}); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// planNext writes the plan of the next period and has it approved by another.
func planNext(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	d := t.node.Incidents
	p, err := d.Draft(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	f := t.s.Fields
	from := t.clock.Now().UTC().Truncate(time.Hour)
	in := incident.PlanInput{From: from, To: from.Add(span(t.s, "lasts", 24*time.Hour)), Situation: f["situation"], Safety: t.s.Field("safety", p.Safety),
		Objectives: p.Objectives, Assignments: p.Assignments, Channels: p.Channels}
	lines := func(field string, add func(v []string)) {
		for _, line := range t.s.Lists[field] {
			add(append(scenario.Parts(line), "", "", ""))
		}
	}
	lines("objective", func(v []string) {
		in.Objectives = append(in.Objectives, incident.Objective{Function: v[0], Text: v[1], Measure: v[2]})
	})
	lines("assignment", func(v []string) {
		in.Assignments = append(in.Assignments, incident.Assignment{Function: v[0], Task: v[1], Place: v[2]})
	})
	lines("channel", func(v []string) {
		in.Channels = append(in.Channels, incident.Channel{Function: v[0], Means: v[1], Number: v[2]})
	})
	if _, err := d.EditPlan(ctx, by, p.ID, 0, in); err != nil {
		return err
	}
	if _, err := d.StepPlan(ctx, by, p.ID, 0, "submit", ""); err != nil {
		return err
	}
	_, err = d.StepPlan(ctx, t.approver, p.ID, 0, "approve", "")
	return err
}

func logLine(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	return t.node.Incidents.Write(ctx, by, t.of().ID, incident.EntryInput{Text: t.s.Words, Notable: t.s.Fields["notable"] != ""})
}

func requireTold(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	r, err := t.node.Incidents.Require(ctx, by, t.other().ID, incident.RequirementInput{Text: t.s.Words, Tell: f["tell"], Watch: f["watch"],
		Minutes: int(span(t.s, "within", 30*time.Minute) / time.Minute)})
	if err == nil {
		t.keep(t.other().Event, r.ID)
	}
	return err
}

func ringCritical(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err == nil {
		_, err = t.node.Incidents.Ring(ctx, by, t.of().ID, t.s.Words)
	}
	return err
}

// ackRing answers what rings for a requirement; what has not rung yet is waited
// for.
func ackRing(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	list, err := t.node.Incidents.Ringing(ctx, by)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(r incident.RingView) bool { return r.Requirement == t.of().ID })
	if i < 0 {
		return notYet()
	}
	_, err = t.node.Incidents.Answer(ctx, by, list[i].ID, 0, t.s.Words)
	return err
}

func stepCentre(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	verb := map[scenario.Verb]workflow.Verb{scenario.Mode: "set_mode", scenario.StandDown: "stand_down", scenario.CloseDown: "close"}[t.s.Verb]
	_, err = t.node.Incidents.Step(ctx, by, t.of().ID, 0, verb, t.s.Choice, t.s.Words)
	return err
}
