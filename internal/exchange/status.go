package exchange

import (
	"context"
	"errors"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

// PeerState says how a member stands to this node.
type PeerState string

const (
	InStep      PeerState = "in_step"     // has everything that was sent to it
	Behind      PeerState = "behind"      // alive, but something is still to arrive
	Unreachable PeerState = "unreachable" // not heard of for three heartbeats
	Never       PeerState = "never"       // not heard of since this node began
)

// PeerStatus is one member as this node sees it.
type PeerStatus struct {
	Member    access.Member
	LastHeard time.Time     // by this node's clock
	Behind    int           // releases sent to it that it has not stored; what is Quiet does not count
	Pending   int           // messages of all kinds, files apart
	Missing   int           // messages of it that are held here, waiting for others
	State     PeerState     //
	Skew      time.Duration // its clock less this node's, with the way of the message
}

// Status lists all other members of the directory.
func (x *Exchange) Status(ctx context.Context, tx *db.Tx) ([]PeerStatus, error) {
	v, err := x.dir()
	if err != nil {
		return nil, err
	}
	own, err := places(ctx, tx, "SELECT channel, '', epoch, seq FROM exchange_channel")
	if err != nil {
		return nil, err
	}
	have, err := places(ctx, tx, "SELECT channel, member, epoch, seq FROM exchange_have")
	if err != nil {
		return nil, err
	}
	held, err := places(ctx, tx, "SELECT 'held', member, 0, SUM(held) FROM exchange_peer GROUP BY member")
	if err != nil {
		return nil, err
	}
	heard, err := places(ctx, tx, "SELECT 'heard', member, skew, heard FROM exchange_heard")
	if err != nil {
		return nil, err
	}
	now := x.c.Wall.Now()
	var out []PeerStatus
	for _, m := range v.Others(x.me) {
		s := PeerStatus{Member: m, Missing: int(held[channelKey{m, "held"}].Seq)}
		for _, ch := range []envelope.Channel{envelope.All, envelope.Channel(m)} {
			o, h := own[channelKey{"", ch}], have[channelKey{m, ch}]
			if h.Epoch != o.Epoch {
				h.Seq = 0
			}
			n := int(max(o.Seq-h.Seq, 0))
			if s.Pending += n; n > 0 {
				releases, err := x.behind(ctx, tx, ch, o.Epoch, h.Seq)
				if err != nil {
					return nil, err
				}
				s.Behind += releases
			}
		}
		at, known := heard[channelKey{m, "heard"}]
		s.LastHeard, s.Skew = clock.FromMicros(at.Seq), time.Duration(at.Epoch)*time.Microsecond
		switch {
		case !known:
			s.State = Never
		case now.Sub(s.LastHeard) > 3*x.c.Heartbeat:
			s.State = Unreachable
		case s.Behind > 0:
			s.State = Behind
		default:
			s.State = InStep
		}
		out = append(out, s)
	}
	return out, nil
}

// behindMost bounds what is counted.
const behindMost = 10_000

// behind counts the releases after a place of a channel that people wait for.
func (x *Exchange) behind(ctx context.Context, tx *db.Tx, ch envelope.Channel, epoch, after int64) (int, error) {
	quiet, args := "", []any{string(ch), epoch, after}
	for _, d := range x.c.Quiet {
		quiet += " AND o.desk <> ?"
		args = append(args, d)
	}
	var n int
	_, err := tx.Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM exchange_envelope e JOIN exchange_outbox o ON o.release = e.release
		WHERE e.channel = ? AND e.epoch = ? AND e.seq > ? AND e.kind = 'release'`+quiet+` LIMIT ?) AS counted`, append(args, behindMost), &n)
	return n, err
}

func places(ctx context.Context, tx *db.Tx, query string) (map[channelKey]place, error) {
	out := map[channelKey]place{}
	err := tx.Each(ctx, query, nil, func(scan func(...any) error) error {
		var k channelKey
		var p place
		if err := scan((*string)(&k.ch), (*string)(&k.from), &p.Epoch, &p.Seq); err != nil {
			return err
		}
		out[k] = p
		return nil
	})
	return out, err
}

// SelfStatus is this node's own connection.
type SelfStatus struct {
	Connected bool
	Waiting   int // messages that the hub does not have yet
	Directory int // version in force
}

// Self says how this node itself stands.
func (x *Exchange) Self(ctx context.Context, tx *db.Tx) (SelfStatus, error) {
	s := SelfStatus{Connected: x.c.Link.Up()}
	if v := x.c.Directory.Current(); v != nil {
		s.Directory = v.Document.Version
	}
	n, err := x.waiting(ctx, tx)
	s.Waiting = int(n)
	return s, err
}

// Stats are the figures for the metrics page.
type Stats struct {
	Connected   bool
	Waiting     int                     // own messages that the hub does not have
	Held        int                     // messages of others that wait for earlier ones
	Undelivered map[access.Member]int   // own messages that the member has not stored
	Silence     map[access.Member]int64 // seconds since the member was heard; -1 for never
	Refused     map[envelope.Reason]int64
	Quarantined int // not settled
	Sent        int64
	Received    int64
}

// Stats reads the figures. They come from small tables; only the number of
// messages received is counted.
func (x *Exchange) Stats(ctx context.Context) (Stats, error) {
	s := Stats{Undelivered: map[access.Member]int{}, Silence: map[access.Member]int64{}, Refused: map[envelope.Reason]int64{}}
	now := x.c.Wall.Now()
	err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
		self, err := x.Self(ctx, tx)
		if err != nil {
			return err
		}
		s.Connected, s.Waiting = self.Connected, self.Waiting
		peers, err := x.Status(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range peers {
			s.Undelivered[p.Member], s.Silence[p.Member] = p.Pending, -1
			s.Held += p.Missing
			if p.State != Never {
				s.Silence[p.Member] = int64(now.Sub(p.LastHeard).Seconds())
			}
		}
		for _, q := range []struct {
			sql  string
			into any
		}{
			{"SELECT COUNT(*) FROM exchange_quarantine WHERE settled = 0", &s.Quarantined},
			{"SELECT COALESCE(SUM(seq), 0) FROM exchange_channel", &s.Sent},
			{"SELECT COALESCE(SUM(seq), 0) FROM exchange_peer", &s.Received},
		} {
			if _, err := tx.Row(ctx, q.sql, nil, q.into); err != nil {
				return err
			}
		}
		return tx.Each(ctx, "SELECT reason, n FROM exchange_count", nil, func(scan func(...any) error) error {
			var r envelope.Reason
			var n int64
			err := scan((*string)(&r), &n)
			s.Refused[r] = n
			return err
		})
	})
	return s, err
}

// leased runs the loops in whichever of several processes holds the lease.
func (x *Exchange) leased(ctx context.Context) error {
	me := string(x.c.IDs.New())
	for ctx.Err() == nil {
		mine, err := x.lease(ctx, me)
		if err != nil || !mine {
			pause(ctx, leaseRenew)
			continue
		}
		if err := x.whileHolding(ctx, me); err != nil {
			return err
		}
	}
	return nil
}

const (
	leaseTime  = 15 * time.Second
	leaseRenew = 3 * time.Second
)

func (x *Exchange) lease(ctx context.Context, me string) (bool, error) {
	now := x.c.Wall.Now()
	var n int64
	err := x.c.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		n, err = tx.Exec(ctx, "UPDATE exchange_head SET holder = ?, until = ? WHERE id = 1 AND (holder = ? OR until < ?)",
			me, clock.Micros(now.Add(leaseTime)), me, clock.Micros(now))
		return err
	})
	return n == 1, err
}

// whileHolding runs the loops and renews the lease; it stops them in time
// when the lease cannot be renewed.
func (x *Exchange) whileHolding(ctx context.Context, me string) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- x.loops(inner) }()
	renewed := x.c.Wall.Now()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			err := <-done
			return errors.Join(err, x.c.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
				_, err := tx.Exec(context.WithoutCancel(ctx), "UPDATE exchange_head SET until = 0 WHERE id = 1 AND holder = ?", me)
				return err
			}))
		case <-time.After(leaseRenew):
		}
		mine, err := x.lease(ctx, me)
		if err == nil && mine {
			renewed = x.c.Wall.Now()
		} else if err == nil || x.c.Wall.Now().Sub(renewed) > leaseTime-leaseRenew {
			stop()
			return <-done
		}
	}
}
