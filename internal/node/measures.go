package node

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/history"
	"lintas/internal/web"
)

// measures are what the Prometheus endpoint tells of the node: depths, lags
// and errors, never contents.
func (n *Node) measures() []web.Measure {
	stats := func() exchange.Stats {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		s, err := n.Exchange.Stats(ctx)
		if err != nil {
			n.log.Error("reading the figures of the exchange", "error", err)
		}
		return s
	}
	one := func(v float64) []web.Sample { return []web.Sample{{Value: v}} }
	return []web.Measure{
		{Name: "lintas_exchange_connected", Help: "1 while the hub is connected", Read: func() []web.Sample { return one(truth(stats().Connected)) }},
		{Name: "lintas_exchange_outbox_depth", Help: "own messages that the hub does not have yet", Read: func() []web.Sample { return one(float64(stats().Waiting)) }},
		{Name: "lintas_exchange_held", Help: "messages of others that wait for earlier ones", Read: func() []web.Sample { return one(float64(stats().Held)) }},
		{Name: "lintas_exchange_undelivered", Help: "own messages that the member has not stored yet", Labels: []string{"member"}, Read: func() []web.Sample { return perMember(stats().Undelivered) }},
		{Name: "lintas_exchange_silence_seconds", Help: "seconds since the member was heard; -1 for never", Labels: []string{"member"}, Read: func() []web.Sample { return perMember(stats().Silence) }},
		{Name: "lintas_exchange_refused_total", Help: "messages refused, by reason", Labels: []string{"reason"}, Counter: true, Read: func() []web.Sample {
			var out []web.Sample
			for reason, c := range stats().Refused {
				out = append(out, web.Sample{Labels: []string{string(reason)}, Value: float64(c)})
			}
			return out
		}},
		{Name: "lintas_exchange_quarantined", Help: "messages that could not be applied and are not settled", Read: func() []web.Sample { return one(float64(stats().Quarantined)) }},
		{Name: "lintas_exchange_sent_total", Help: "messages sent", Counter: true, Read: func() []web.Sample { return one(float64(stats().Sent)) }},
		{Name: "lintas_exchange_received_total", Help: "messages applied", Counter: true, Read: func() []web.Sample { return one(float64(stats().Received)) }},
		{Name: "lintas_receipts_outstanding", Help: "recipients that have not acted on a notification in force", Read: func() []web.Sample { return one(float64(n.outstanding())) }},
		{Name: "lintas_history_entries", Help: "entries of the history", Read: func() []web.Sample { return one(float64(n.historySize())) }},
		{Name: "lintas_database_writable", Help: "0 while the disk is full", Read: func() []web.Sample { return one(truth(!n.DB.State().Full)) }},
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func perMember[V int | int64](m map[access.Member]V) []web.Sample {
	var out []web.Sample
	for k, v := range m {
		out = append(out, web.Sample{Labels: []string{string(k)}, Value: float64(v)})
	}
	return out
}

func (n *Node) outstanding() int {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	c, err := n.Health.Outstanding(ctx)
	if err != nil {
		n.log.Error("counting outstanding receipts", "error", err)
	}
	return c
}

func (n *Node) historySize() int64 {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var head history.Head
	if err := n.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		head, err = history.Now(ctx, tx)
		return err
	}); err != nil {
		n.log.Error("reading the size of the history", "error", err)
	}
	return head.Size
}
