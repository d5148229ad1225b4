package region

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// The ways by which pages and programs take a step, by its verb. A verb that
// nobody can take by hand has no way: it counts as refused.

func byMessage() error { return fault.New(fault.Forbidden, "fault.role") }

func (w *rules) tryEvent(d *health.Desk, a access.Actor, v workflow.Verb, why string) error {
	var err error
	switch v {
	case "edit":
		_, err = d.EditEvent(w.ctx, a, w.event, 0, health.EventInput{Name: why, Lang: "en", Hazard: "cholera", Grade: health.Watch, Marking: access.TLPClear, Places: []string{"KH-1"}})
	case "describe":
		_, err = d.DescribeEvent(w.ctx, a, w.event, 0, nil, health.EndRule{})
	case "add_facts":
		_, err = d.AddFacts(w.ctx, a, w.event, 0, []health.Fact{{Indicator: "cases", Class: "confirmed", Place: "KH-1", Value: 900, Source: why}})
	case "merge":
		_, err = d.MergeEvent(w.ctx, a, w.event, 0, w.event, why)
	default:
		_, err = d.MoveEvent(w.ctx, a, w.event, 0, v, why)
	}
	return err
}

func tryNotification(ctx context.Context, d *health.Desk, a access.Actor, nid id.ID, v workflow.Verb) error {
	var err error
	switch v {
	case "edit":
		_, err = d.EditNotification(ctx, a, nid, 0, health.NotificationInput{Title: "Changed"})
	case "submit":
		_, err = d.Submit(ctx, a, nid, 0)
	case "clear":
		_, err = d.Clear(ctx, a, nid, 0)
	case "release":
		_, err = d.Release(ctx, a, nid, 0)
	case "remind":
		_, err = d.Remind(ctx, a, nid, 0)
	case "withdraw":
		_, err = d.Withdraw(ctx, a, nid, 0, "Because.")
	case "discard", "return", "recall":
		_, err = d.Back(ctx, a, nid, 0, v, "Because.")
	default:
		err = byMessage()
	}
	return err
}

func (w *rules) tryOutside(d *ihr.Desk, a access.Actor, v workflow.Verb) error {
	var err error
	switch v {
	case "edit":
		_, err = d.EditDetermination(w.ctx, a, w.outside, 0, ihr.DeterminationInput{Kind: "pheic", Title: "Changed", By: "X", On: "2020-01-30", Source: "X", Marking: access.TLPClear})
	case "release":
		_, err = d.ReleaseDetermination(w.ctx, a, w.outside, 0)
	case "end":
		_, err = d.EndDetermination(w.ctx, a, w.outside, 0, "2020-02-01")
	default:
		_, err = d.Strike(w.ctx, a, w.outside, 0, "Because.")
	}
	return err
}

func (w *rules) tryStatement(d *ihr.Desk, a access.Actor, v workflow.Verb) error {
	var err error
	switch v {
	case "edit":
		_, err = d.EditAmendment(w.ctx, a, w.statement, 0, ihr.AmendmentInput{Status: "rejected", On: "2025-07-01", Source: "X", Lang: "en"})
	case "release":
		_, err = d.ReleaseAmendment(w.ctx, a, w.statement, 0)
	case "cancel":
		_, err = d.CancelAmendment(w.ctx, a, w.statement, 0)
	default:
		err = byMessage()
	}
	return err
}

func (w *rules) tryAnnex(d *ihr.Desk, a access.Actor, v workflow.Verb) error {
	var err error
	switch v {
	case "answer":
		_, err = d.Answer(w.ctx, a, w.annex, 0, nil)
	case "finish":
		_, err = d.Finish(w.ctx, a, w.annex, 0, nil)
	case "reset":
		_, err = d.Reset(w.ctx, a, w.annex, 0, "Because.")
	case "decide":
		_, err = d.Decide(w.ctx, a, w.annex, 0, ihr.NoNeed, "Because.")
	case "told":
		_, err = d.Told(w.ctx, a, w.annex, 0, time.Now(), "Because.")
	case "cancel":
		_, err = d.Cancel(w.ctx, a, w.annex, 0, "Because.")
	default:
		err = byMessage()
	}
	return err
}

func (w *rules) tryTimeliness(d *timeliness.Desk, a access.Actor, v workflow.Verb) error {
	var err error
	switch v {
	case "edit":
		_, err = d.Save(w.ctx, a, w.event, 0, timeliness.Input{})
	case "confirm":
		_, err = d.Confirm(w.ctx, a, w.event, 0)
	case "release":
		_, err = d.Release(w.ctx, a, w.event, 0, []access.Member{"MY"}, access.TLPClear)
	default:
		_, err = d.Back(w.ctx, a, w.event, 0, v, "Because.")
	}
	return err
}

func (w *rules) tryFamily(d *family.Desk, a access.Actor, v workflow.Verb) error {
	var err error
	switch v {
	case "edit":
		_, err = d.Edit(w.ctx, a, w.family, 0, family.Input{Name: "Changed", Lang: "en", Hazard: "cholera", Marking: access.TLPClear})
	case "add":
		_, err = d.Add(w.ctx, a, w.family, 0, []id.ID{w.event})
	case "drop":
		_, err = d.Drop(w.ctx, a, w.family, 0, w.event)
	case "split":
		_, err = d.Split(w.ctx, a, w.family, 0, "Apart", []id.ID{w.event}, "Because.")
	case "share":
		_, err = d.Share(w.ctx, a, w.family, 0, []access.Member{"MY"})
	case "merge":
		_, err = d.Merge(w.ctx, a, w.family, 0, w.family, "Because.")
	default:
		_, err = d.Move(w.ctx, a, w.family, 0, v, "Because.")
	}
	return err
}
