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
	}
	answers = []string{"verification.request.deliver", "verification.request.note_receipt", "verification.answer.first_reply", "verification.answer.ask_extension",
		"verification.answer.clear", "verification.answer.refuse", "verification.answer.write", "contact.call.open", "contact.call.here", "contact.check.complete", "family.answer.join", "family.answer.decline",
		"family.answer.propose"}
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
