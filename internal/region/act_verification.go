package region

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/verification"
	"lintas/internal/region/scenario"
	"lintas/internal/workflow"
)

// inquire asks another state to verify.
func inquire(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	f := t.s.Fields
	made, err := t.node.Verification.Compose(ctx, by, verification.Input{To: []access.Member{t.s.From}, Title: f["title"], Context: f["context"], Lang: "en",
		Hazard: f["hazard"], Where: f["where"], Questions: t.s.Lists["question"], Marking: marking(t.s),
		FirstWithin: span(t.s, "first", verification.FirstDefault), AnswerWithin: span(t.s, "answer", verification.AnswerDefault),
		Event: t.named("event").Event, Signal: t.named("signal").ID})
	if err != nil {
		return err
	}
	t.keep("", made[0].ID)
	_, err = t.node.Verification.Send(ctx, by, made[0].ID, 0)
	return err
}

// opened is the request at the member that answers, as read by who acts.
func (t *turn) opened(ctx context.Context, role access.Role) (access.Actor, error) {
	by, err := t.by(ctx, role)
	if err == nil {
		_, err = t.node.Verification.OpenRequest(ctx, by, t.of().ID)
	}
	return by, err
}

func replyFirst(ctx context.Context, t *turn) error {
	by, err := t.opened(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.node.Verification.FirstReply(ctx, by, t.of().ID, 0, t.s.Words)
	return err
}

func extend(ctx context.Context, t *turn) error {
	by, err := t.opened(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	until, err := time.Parse(time.DateOnly, t.s.Day)
	if err != nil {
		return err
	}
	_, err = t.node.Verification.AskExtension(ctx, by, t.of().ID, 0, until, t.s.Words)
	return err
}

func decline(ctx context.Context, t *turn) error {
	by, err := t.opened(ctx, access.IHRFocalPoint)
	if err != nil {
		return err
	}
	_, err = t.node.Verification.Refuse(ctx, by, t.of().ID, 0, t.s.Words)
	return err
}

// grant gives the time that the other side asked for, once it has.
func grant(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	p, err := t.node.Verification.Page(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	if !p.Extension.Open() {
		return notYet()
	}
	_, err = t.node.Verification.Decide(ctx, by, t.of().ID, 0, true, t.s.Words)
	return err
}

// respond writes the full answer and has it cleared by a second person.
func respond(ctx context.Context, t *turn) error {
	by, err := t.opened(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	a := verification.Answer{Outcome: verification.Outcome(t.s.Choice), Summary: t.s.Fields["summary"], Marking: marking(t.s)}
	for _, line := range t.s.Lists["reply"] {
		n, text, _ := strings.Cut(line, " ")
		r := verification.Reply{Text: strings.TrimSpace(text)}
		r.N, _ = strconv.Atoi(n)
		if r.Text == "unknown" {
			r.Text, r.Unknown = "", true
		}
		a.Replies = append(a.Replies, r)
	}
	for _, line := range t.s.Lists["evidence"] {
		v := scenario.Parts(line)
		a.Evidence = append(a.Evidence, verification.Evidence{Kind: v[0], AsOf: v[1], Source: v[2], Text: v[3]})
	}
	d, rid := t.node.Verification, t.of().ID
	if _, err := d.Prepare(ctx, by, rid, 0, verification.AnswerInput{Answer: a, Event: t.named("event").Event}); err != nil {
		return err
	}
	if _, err := d.Submit(ctx, by, rid, 0); err != nil {
		return err
	}
	_, err = d.Clear(ctx, t.approver, rid, 0)
	return err
}

// closeRequest ends the exchange at the member that asked, once it is answered.
func closeRequest(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	p, err := t.node.Verification.Page(ctx, by, t.of().ID)
	if err != nil {
		return err
	}
	if !slices.Contains([]workflow.State{verification.Answered, verification.Refused}, p.State) {
		return notYet()
	}
	_, err = t.node.Verification.Close(ctx, by, t.of().ID, 0, t.s.Words)
	return err
}
