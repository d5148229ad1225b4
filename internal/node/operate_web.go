package node

import (
	"context"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/people"
	"lintas/internal/web"
	"lintas/internal/web/operate"
)

// operatePages adds the pages of those who run and check the node. What they
// start ends with ctx.
func (n *Node) operatePages(ctx context.Context, m *web.Mux) {
	x := n.Exchange
	pages := operate.New(ctx, operate.Deps{
		Member: n.Config.Member, DB: n.DB, Wall: n.wall, Log: n.log, Directory: n.Directory.Current, Verify: n.VerifyHistory, Changed: n.Changed,
		Exchange: operate.Exchange{Self: x.Self, Status: x.Status, Inbox: x.Inbox, Outbox: x.Outbox, Quarantine: x.Quarantine, Received: x.Received,
			Sent: x.Sent, Latest: x.Latest, Epochs: x.Epochs, FileStatus: x.FileStatus, Stats: x.Stats, Retry: x.Retry},
		Rules: n.rules(),
	})
	pages.Routes(m)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closers = append(n.closers, pages.Close)
}

// rules are the tables of all parts of the node, for the page that shows them.
func (n *Node) rules() operate.Rules {
	r := operate.Rules{Capabilities: Capabilities(), Outgoing: n.outgoing()}
	for _, d := range Desks() {
		for _, t := range d.Tables {
			r.Tables = append(r.Tables, operate.Table{Desk: d.Name, Text: t.Markdown})
		}
		for _, k := range d.Messages {
			r.Kinds, r.Followed = append(r.Kinds, k.Kind), append(r.Followed, k.Kind)
		}
	}
	r.Kinds = append(r.Kinds, history.KindCheckpoint, history.KindCountersign, history.KindAsk, history.KindHeld)
	accounts, grants, _ := strings.Cut(people.Procedure(), "\n\n## ")
	for _, text := range []string{accounts + "\n", "## " + grants} {
		r.Tables = append(r.Tables, operate.Table{Desk: "people", Text: text})
	}
	return r
}

// outgoing is everything that may leave: the cover of every release and the
// body of each kind.
func (n *Node) outgoing() []operate.Outgoing {
	out := []operate.Outgoing{
		operate.OutgoingOf("release", 1, exchange.Release{}),
		operate.OutgoingOf("receipt", 1, exchange.Receipt{}),
		operate.OutgoingOf(health.KindNotification, schemaOf(health.KindNotification), health.NotificationView{}),
		operate.OutgoingOf(health.KindReminder, schemaOf(health.KindReminder), health.ReminderBody{}),
		operate.OutgoingOf(health.KindQuestion, schemaOf(health.KindQuestion), health.QuestionBody{}),
		operate.OutgoingOf(health.KindAnswer, schemaOf(health.KindAnswer), health.AnswerBody{}),
		operate.OutgoingOf(history.KindCheckpoint, 1, history.CheckpointBody{}),
		operate.OutgoingOf(history.KindCountersign, 1, history.CountersignBody{}),
		operate.OutgoingOf(history.KindAsk, 1, history.AskBody{}),
		operate.OutgoingOf(history.KindHeld, 1, history.HeldBody{}),
	}
	for _, p := range n.parts {
		out = append(out, p.outgoing...)
	}
	return out
}
