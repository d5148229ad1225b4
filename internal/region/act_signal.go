package region

import (
	"context"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/signal"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

func recordSignal(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	s, err := t.node.Signals.Record(ctx, by, signal.Input{Source: signal.Source(f["source"]), SourceName: f["source_name"], Ref: f["ref"], Link: f["link"],
		Text: f["text"], Lang: "en", Hazard: f["hazard"], Agent: f["agent"], Population: f["population"], Place: f["place"], Locality: f["locality"],
		FirstSeen: date(f["seen"]), Cases: count(f["cases"]), Deaths: count(f["deaths"]), Marking: marking(t.s)})
	if err == nil {
		t.keep("", s.ID)
	}
	return err
}

// count reads 11, >=11, <=11 and ~11; none is no report.
func count(s string) *signal.Count {
	if s == "" {
		return nil
	}
	digits := strings.TrimLeft(s, "<>=~")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil
	}
	return &signal.Count{N: n, About: map[string]string{">=": "at_least", "<=": "at_most", "~": "about"}[strings.TrimSuffix(s, digits)]}
}

// judged is what a person says of a signal at a step.
func judged(s *scenario.Step) signal.StepInput {
	in := signal.StepInput{Reason: s.Words, Hazard: s.Fields["hazard"], Reliability: s.Fields["reliability"], Credibility: s.Fields["credibility"],
		Definition: signal.Answer(s.Fields["definition"]), LabEvidence: s.Fields["lab"], ConfirmedBy: s.Fields["confirmed_by"], ConfirmedOn: date(s.Fields["confirmed_on"])}
	for _, line := range s.Lists["concern"] {
		if in.Concern == nil {
			in.Concern = map[string]signal.Answer{}
		}
		mark, answer, _ := strings.Cut(line, " ")
		in.Concern[mark] = signal.Answer(strings.TrimSpace(answer))
	}
	return in
}

func stepSignal(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.node.Signals.Step(ctx, by, t.of().ID, 0, workflow.Verb(t.s.Verb), judged(t.s))
	return err
}

func joinSignal(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.node.Signals.Step(ctx, by, t.of().ID, 0, "merge", signal.StepInput{Twin: t.other().ID})
	return err
}

// verifySignal confirms a signal as a new event, or as part of one.
func verifySignal(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	in := signal.Confirmation{StepInput: judged(t.s)}
	in.Hazard = "" // of the event, not a correction of the signal
	if t.s.Verb == scenario.Link {
		in.Event = t.other().Event
	} else {
		e := eventInput(t.s)
		in.New = &e
	}
	s, err := t.node.Signals.Verify(ctx, by, t.of().ID, 0, in)
	if err != nil || t.s.Verb == scenario.Link {
		return err
	}
	t.names[t.s.As] = made{Owner: t.member, Event: s.Event}
	if len(t.s.Facts) == 0 {
		return nil
	}
	_, err = t.desk.AddFacts(ctx, by, s.Event, 0, facts(t.s))
	return err
}
