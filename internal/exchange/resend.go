package exchange

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

// A recipient that sees a gap asks the sender for it; the sender sends those
// envelopes again from its outbox, to that recipient alone. Nothing is made
// anew: they are the same bytes, on the recipient's own subject.

const (
	askAgain    = 2 * time.Second // for the same gap
	resendMost  = 1000            // envelopes per request
	resendBytes = 16 << 20
)

// asked are the gaps to ask for, and those that were asked for lately.
type asked struct {
	mu   sync.Mutex
	want map[channelKey]gap
	last map[channelKey]askedGap
}

type askedGap struct {
	gap
	at time.Time
}

func (q *asked) add(gaps map[channelKey]gap) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.want == nil {
		q.want, q.last = map[channelKey]gap{}, map[channelKey]askedGap{}
	}
	for k, g := range gaps {
		q.want[k] = g
	}
}

// take returns the gaps that are worth a request now: new ones, those that
// have shrunk since, and those that were not answered.
func (q *asked) take(now time.Time) map[channelKey]gap {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := map[channelKey]gap{}
	if q.want == nil {
		return out
	}
	for k, g := range q.want {
		was, ok := q.last[k]
		answered := g.Epoch != was.Epoch || g.From > was.From+resendMost/2 || g.From > was.To
		if ok && !answered && now.Sub(was.at) < askAgain && !now.Before(was.at) {
			continue
		}
		out[k], q.last[k] = g, askedGap{g, now}
	}
	q.want = map[channelKey]gap{}
	return out
}

// ask sends the requests for what is missing.
func (x *Exchange) ask(ctx context.Context) {
	v, err := x.dir()
	if err != nil || !x.c.Link.Up() {
		return
	}
	for k, g := range x.asked.take(x.c.Wall.Now()) {
		if _, known := v.Member(k.from); !known {
			continue
		}
		var at place
		err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
			upto, err := x.main.published(ctx, tx)
			if err == nil {
				at, err = x.reached.place(ctx, tx, envelope.Channel(k.from), upto)
			}
			return err
		})
		if err != nil {
			x.c.Log.Info("exchange: cannot ask for a gap", "err", err)
			return
		}
		x.c.Log.Info("exchange: asking again", "member", k.from, "channel", g.Channel, "epoch", g.Epoch, "from", g.From, "to", g.To)
		x.sendControl(v, k.from, at, kindResend, g)
	}
}

type resend struct {
	to access.Member
	gap
}

// theirs reports whether the channel is one that the asking member reads.
func (r *resend) theirs() bool {
	return r.Channel.Main() == envelope.All || access.Member(r.Channel.Main()) == r.to
}

// alone is the channel of the same flow for the asking member alone.
func (r *resend) alone() envelope.Channel {
	if r.Channel.IsFiles() {
		return envelope.Channel(r.to).Files()
	}
	return envelope.Channel(r.to)
}

// noteResend queues a member's request to be served.
func (a *application) noteResend(it *item) {
	r := resend{to: it.env.From}
	if err := json.Unmarshal(it.body, &r.gap); err != nil || !r.theirs() {
		return // a member asks for what is not its own; it is signed and will not be served
	}
	select {
	case a.x.serve <- r:
	default: // busy; it will ask again
	}
}

// retries is how often the quarantine is tried again after a change of keys: a
// message that was being judged by the old keys, or a row that another
// transaction held, is settled a moment later.
const retries = 6

func (x *Exchange) resendLoop(ctx context.Context) error {
	again := time.NewTimer(0)
	<-again.C
	defer again.Stop()
	tries := 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-x.retryNow:
			tries = retries
			again.Reset(0)
		case <-again.C:
			left, err := x.retryAll(ctx)
			if err != nil {
				x.c.Log.Warn("exchange: quarantine not tried again", "err", err)
			}
			if tries--; tries > 0 && (err != nil || left > 0 || tries >= retries-2) {
				again.Reset(time.Duration(retries-tries) * 300 * time.Millisecond)
			}
		case r := <-x.serve:
			if err := x.resend(ctx, r); err != nil {
				x.c.Log.Info("exchange: not sent again", "to", r.to, "err", err)
			}
		}
	}
}

func (x *Exchange) resend(ctx context.Context, r resend) error {
	var out []*outgoing
	blank := false
	err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
		size, next := 0, r.From
		rows, err := tx.Query(ctx, "SELECT ord, channel, epoch, seq, hash, sealed FROM exchange_envelope WHERE channel = ? AND epoch = ? AND seq >= ? AND seq <= ? ORDER BY seq LIMIT 1000",
			string(r.Channel), r.Epoch, r.From, r.To)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() && size < resendBytes {
			o, err := x.scanOutgoing(rows.Scan)
			if err != nil {
				return err
			}
			if len(o.message.Data) == 0 || o.place.Seq != next {
				blank = true
				return nil
			}
			next++
			size += len(o.message.Data)
			o.message.Subject = Subject(x.me, r.alone())
			o.message.ID = "" // the hub would drop the first one
			out = append(out, o)
		}
		if err := rows.Err(); err != nil || len(out) > 0 {
			return err
		}
		rows.Close()
		own, found, err := ownPlace(ctx, tx, r.Channel)
		blank = found && own.Epoch == r.Epoch && own.Seq >= r.From
		return err
	})
	if err == nil && blank {
		return x.askedForBlank(ctx, r)
	}
	if err != nil || len(out) == 0 {
		return err
	}
	x.c.Log.Info("exchange: sending again", "to", r.to, "channel", r.Channel, "epoch", r.Epoch, "from", r.From, "count", len(out))
	return x.publishAll(ctx, out)
}
