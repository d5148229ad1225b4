package region

import (
	"context"
	"fmt"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/region/scenario"
)

// notify composes, submits, clears by a second person and releases.
func notify(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	m := t.of()
	var supersedes id.ID
	if t.s.Verb == scenario.Update {
		supersedes = m.Notification
	}
	n, err := t.desk.Compose(ctx, by, m.Event, supersedes, t.notification())
	if err != nil {
		return err
	}
	if _, err = t.desk.Submit(ctx, by, n.ID, 0); err != nil {
		return err
	}
	if _, err = t.desk.Clear(ctx, t.approver, n.ID, 0); err != nil {
		return err
	}
	if _, err = t.desk.Release(ctx, by, n.ID, 0); err != nil {
		return err
	}
	t.names[t.s.As] = made{Owner: t.member, Event: m.Event, Notification: n.ID}
	return nil
}

func (t *turn) notification() health.NotificationInput {
	in := health.NotificationInput{
		Title: t.s.Fields["title"], Message: t.s.Fields["message"], Lang: "en", Purpose: t.s.Field("purpose", "early_warning"),
		Basis: t.s.Field("basis", "aphecs"), Marking: marking(t.s), AckWithin: span(t.s, "within", health.AckDefault),
	}
	blocks := health.Blocks
	if named := t.s.Many("blocks"); len(named) > 0 {
		blocks = nil
		for _, b := range named {
			blocks = append(blocks, health.Block(b))
		}
	}
	for _, m := range t.members("to") {
		in.Recipients = append(in.Recipients, health.Recipient{Member: m, Blocks: blocks})
	}
	return in
}

func withdraw(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.desk.Withdraw(ctx, by, t.of().Notification, 0, t.s.Words)
	return err
}

func remind(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	_, err = t.desk.Remind(ctx, by, t.of().Notification, 0)
	return err
}

func answerQuestion(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	q, err := t.desk.OpenQuestion(ctx, by, t.of().Event, t.of().Notification, t.s.From)
	if err != nil {
		return err
	}
	_, err = t.desk.Answer(ctx, by, q.ID, 0, t.s.Words)
	return err
}

// answer plays what a recipient does with a notification.
func answer(ctx context.Context, t *turn) error {
	by, err := t.by(ctx, access.DutyOfficer)
	if err != nil {
		return err
	}
	n, err := t.desk.FindNotice(ctx, by, t.of().Event, t.of().Notification)
	if err != nil {
		return err
	}
	if n, err = t.desk.OpenNotice(ctx, by, n.ID); err != nil {
		return err
	}
	switch t.s.Verb {
	case scenario.Open:
	case scenario.Acknowledge:
		_, err = t.desk.Acknowledge(ctx, by, n.ID, 0, t.s.Words)
	case scenario.Ask:
		_, err = t.desk.Ask(ctx, by, n.ID, 0, t.s.Words)
	case scenario.Refuse:
		_, err = t.desk.Refuse(ctx, by, n.ID, 0, t.s.Words)
	default:
		err = fmt.Errorf("region: line %d: %s is not an answer", t.s.Line, t.s.Verb)
	}
	return err
}
