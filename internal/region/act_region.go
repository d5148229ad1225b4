package region

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/contact"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/handover"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
)

// callAll is a communication check.
func callAll(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	k, err := t.node.Contacts.Call(ctx, by, contact.CheckInput{To: t.members("to"), Role: contact.Role(f["role"]), Words: f["words"],
		Urgent: f["urgent"] == "yes", Within: span(t.s, "within", contact.DefaultWithin)})
	if err == nil {
		t.keep("", k.ID)
	}
	return err
}

func here(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	if _, err := t.node.Contacts.OpenCall(ctx, by, t.of().ID); err != nil {
		return err
	}
	_, err = t.node.Contacts.Here(ctx, by, t.of().ID, t.s.Words)
	return err
}

func makeFamily(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	var events []id.ID
	for _, name := range t.s.Many("events") {
		events = append(events, t.names[name].Event)
	}
	x, err := t.node.Families.Make(ctx, by, family.Input{Name: f["name"], Text: f["text"], Lang: "en", Hazard: f["hazard"], Marking: marking(t.s)}, events)
	if err == nil {
		t.keep("", x.ID)
	}
	return err
}

func addToFamily(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.node.Families.Add(ctx, by, t.of().ID, 0, []id.ID{t.other().Event})
	return err
}

// shareFamily shares a family, where the step says so only once the owners of
// events in it have answered.
func shareFamily(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Approver)
	if err != nil {
		return err
	}
	p, err := t.node.Families.Page(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	for _, name := range t.s.Many("after") {
		event := t.names[name].Event
		if slices.ContainsFunc(p.Entries, func(e family.Entry) bool { return e.Event == event && e.Standing == family.Proposed }) {
			return notYet()
		}
	}
	_, err = t.node.Families.Share(ctx, by, t.of().ID, 0, t.members("to"))
	return err
}

// sayBelongs is what the owner of an event says of it in another's family.
func sayBelongs(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.node.Families.Say(ctx, by, t.of().ID, t.other().Event, 0, t.s.Verb == scenario.Belongs, t.s.Words)
	return err
}

// handOver writes the note of the shift and offers it to the next.
func handOver(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	n, err := t.node.Handover.Begin(ctx, by)
	if err != nil {
		return err
	}
	w := handover.Written{Words: t.s.Fields["words"], To: t.s.Words}
	if d := span(t.s, "since", 0); d > 0 {
		w.Since = t.clock.Now().Add(-d)
	}
	if _, err := t.node.Handover.HandOver(ctx, by, n.ID, 0, w); err != nil {
		return err
	}
	t.keep("", n.ID)
	return nil
}

func takeOver(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.IHRFocalPoint)
	if err != nil {
		return err
	}
	_, err = t.node.Handover.Accept(ctx, by, t.of().ID, 0, t.s.Words)
	return err
}

func watchEvent(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.node.Handover.Watch(ctx, by, t.of().Event, t.s.Words, time.Time{})
	return err
}

// judgeTimeliness answers the seven early-response actions of an event, has
// the results confirmed by a second person and, where the step says to whom,
// released.
func judgeTimeliness(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.Epidemiologist)
	if err != nil {
		return err
	}
	var in timeliness.Input
	for _, key := range timeliness.ActionKeys {
		if line := t.s.Fields[string(key)]; line != "" {
			in.Actions = append(in.Actions, action(key, line))
		}
	}
	for _, line := range t.s.Lists["factor"] {
		v := scenario.Parts(line)
		w := append(strings.Fields(v[0]), "", "", "")
		in.Factors = append(in.Factors, timeliness.Factor{Enabler: w[0] == "enabler", Clock: timeliness.Clock(w[1]), Category: w[2], Text: v[1], Action: v[2], Horizon: v[3]})
	}
	d, event := t.node.Timeliness, t.of().Event
	if _, err := d.Save(ctx, by, event, 0, in); err != nil {
		return err
	}
	if _, err := d.Confirm(ctx, t.approver, event, 0); err != nil || t.s.Fields["to"] == "" {
		return err
	}
	_, err = d.Release(ctx, t.approver, event, 0, t.members("to"), marking(t.s))
	return err
}

// action reads "done 2020-01-13 evidence", "not_done evidence" and
// "not_applicable why".
func action(key timeliness.ActionKey, line string) timeliness.Action {
	answer, rest, _ := strings.Cut(line, " ")
	a := timeliness.Action{Key: key, Answer: timeliness.Answer(answer), Evidence: strings.TrimSpace(rest)}
	if day, evidence, _ := strings.Cut(a.Evidence, " "); a.Answer == timeliness.Done && scenario.DateForm(day) {
		a.On, a.Evidence = date(day), strings.TrimSpace(evidence)
	}
	return a
}
