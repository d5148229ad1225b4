package node

import (
	"context"
	"strings"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/history"
)

// sends are the actions of parts that send a release or take one in; answers
// those that answer one. Every other action is only about its record.
var (
	sends = []string{
		"verification.request.send", "verification.request.remind", "verification.request.grant", "verification.request.decline", "verification.request.write",
		"verification.request.ask_again", "verification.request.withdraw", "verification.request.close",
		"contact.contact.clear", "contact.contact.confirm", "contact.contact.remove", "contact.check.call", "contact.check.call_off",
		"risk.assessment.publish", "risk.assessment.withdraw", "risk.position.release", "risk.position.withdraw",
		"ihr.measure.release", "ihr.measure.withdraw", "ihr.amendment.release", "ihr.determination.release", "ihr.determination.strike",
		"family.family.share", "family.family.withdraw", "timeliness.record.release", "timeliness.record.withdraw",
		"request.request.issue", "request.request.remind", "request.request.close", "request.request.withdraw", "request.request.lapse",
		"request.offer.issue", "request.offer.withdraw", "request.offer.lapse", "request.arrangement.propose", "request.arrangement.change", "request.arrangement.take_back",
		"request.deployment.propose", "request.deployment.ask_clearance", "request.deployment.mobilise", "request.deployment.start", "request.deployment.ask_extension",
		"request.deployment.demobilise", "request.deployment.debrief", "request.deployment.cancel",
		"request.consignment.pack", "request.consignment.ship", "request.consignment.reconcile", "request.consignment.cancel",
		"level.proposal.propose", "level.proposal.close", "level.proposal.recount", "level.proposal.withdraw", "level.position.release",
		"level.activation.activate", "level.activation.renew", "level.activation.lift", "level.activation.expire",
		"sitrep.report.open", "sitrep.report.open_by_level", "sitrep.report.remind", "sitrep.report.compose", "sitrep.report.issue", "sitrep.report.withdraw",
		"review.review.invite", "review.review.release", "review.review.close", "trail.finding.release", "trail.finding.withdraw", "trail.recommendation.release",
		"trail.recommendation.withdraw", "trail.proposal.propose", "trail.proposal.revise", "trail.proposal.close",
		"sop.playbook.release", "sop.run.release",
		"reserve.item.publish", "reserve.pledge.pledge", "reserve.draw.ask", "reserve.allocation.propose", "reserve.allocation.close", "reserve.movement.dispatch",
	}
	answers = []string{"health.notice.read_withdrawal", "reserve.vote.give", "reserve.arrival.receive", "trail.action.accept", "trail.action.counter", "trail.action.decline", "trail.action.share", "trail.action.postpone", "trail.action.report", "trail.action.drop",
		"trail.proposal.verify", "trail.proposal.send_back",
		"verification.request.deliver", "verification.request.note_receipt", "verification.answer.first_reply", "verification.answer.ask_extension",
		"verification.answer.clear", "verification.answer.refuse", "verification.answer.write", "contact.call.open", "contact.call.here", "contact.check.complete", "family.answer.join", "family.answer.decline",
		"family.answer.propose", "request.request.note_receipt", "request.call.open", "request.call.decline", "request.call.reconsider",
		"request.bid.accept", "request.bid.accept_part", "request.bid.decline", "request.arrangement.sign", "request.arrangement.refuse",
		"request.hosting.accept", "request.hosting.refuse", "request.hosting.clear_entry", "request.hosting.register", "request.hosting.grant", "request.hosting.decline",
		"request.hosting.confirm_departure", "request.hosting.clear_report", "request.arrival.hold", "request.arrival.release", "request.arrival.confirm", "request.arrival.report"}
)

// topicOf is the kind of a happening for programs that follow the stream.
func topicOf(action string) string {
	for topic, list := range map[string][]string{"release": sends, "receipt": answers} {
		for _, a := range list {
			if a == action {
				return topic
			}
		}
	}
	if verb := action[strings.LastIndexByte(action, '.')+1:]; strings.HasPrefix(verb, "receive") || verb == "retract" {
		return "release" // of another member
	}
	return "record"
}

// describe tells a stream what an entry of the history is about, if the actor
// may read that record: the health desk's events by its own rule, the parts'
// records by theirs. Which record and what happened to it travels, never what
// is in it. A part without a rule is silent.
func (n *Node) describe(events func(context.Context, *db.Tx, access.Actor, history.Entry) (api.StreamEvent, bool, error)) func(context.Context, *db.Tx, access.Actor, history.Entry) (api.StreamEvent, bool, error) {
	knows := map[string]func(context.Context, *db.Tx, access.Actor, history.Entry) (bool, error){}
	for _, p := range n.parts {
		if p.knows != nil {
			knows[p.manifest.Name] = p.knows
		}
	}
	return func(ctx context.Context, tx *db.Tx, actor access.Actor, e history.Entry) (api.StreamEvent, bool, error) {
		if e.Record.Desk == health.Name {
			return events(ctx, tx, actor, e)
		}
		rule := knows[e.Record.Desk]
		if rule == nil || !health.Capabilities.May(actor, "health.read") {
			return api.StreamEvent{}, false, nil
		}
		known, err := rule(ctx, tx, actor, e)
		if err != nil || !known {
			return api.StreamEvent{}, false, err
		}
		return api.StreamEvent{Topic: topicOf(e.Action), Desk: e.Record.Desk, Kind: e.Record.Kind, ID: e.Record.ID, Version: e.Record.Version,
			Action: strings.TrimPrefix(e.Action, e.Record.Kind+"."), At: e.At, Exercise: e.Exercise}, true, nil
	}
}
