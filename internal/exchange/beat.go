package exchange

import (
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/id"
)

// Heartbeats. A node tells each other member, sealed for it alone: what it has
// stored of that member's channels, which is the receipt "delivered"; and how
// far its own channels have come at the hub, so that the other sees a loss
// even when nothing follows. They have no place in a sequence, are sent after
// each batch and every Heartbeat, and the hub forgets them soon.

// beat is the content of a heartbeat. The place on the channel for the
// recipient stands in the header.
type beat struct {
	Have map[envelope.Channel]place `json:"have"`
	All  place                      `json:"all"`
	// Files is how far the sender's channels of files for the recipient have come.
	Files map[envelope.Channel]place `json:"files,omitempty"`
	At    int64                      `json:"at"` // of the sender's records
}

// Reports go out at most every reportEvery, and under a lasting load, which
// each of them adds to, at most every reportMost. After a rest the first goes
// after reportFirst: it keeps the hub and the sender from what others still
// wait for, and often says what a second one would have said.
const (
	reportFirst = 20 * time.Millisecond
	reportEvery = 50 * time.Millisecond
	reportMost  = 500 * time.Millisecond
	reportFew   = 8 // messages in one reportEvery that are no load yet
)

// owed are the members to be told at once what was stored, with how many
// messages of each.
type owed struct {
	mu sync.Mutex
	m  map[access.Member]int
}

func (o *owed) add(m access.Member, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.m == nil {
		o.m = map[access.Member]int{}
	}
	o.m[m] += n
}

// take returns who is owed a report, and for how many messages in all.
func (o *owed) take() (to []access.Member, messages int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.m {
		messages += n
	}
	to = slices.Sorted(maps.Keys(o.m))
	o.m = nil
	return to, messages
}

// beatTimes is the newest heartbeat of each member, so that an old one that
// is delivered again does not make a silent member look alive.
type beatTimes struct {
	mu sync.Mutex
	m  map[access.Member]int64
}

func (b *beatTimes) newer(m access.Member, t int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m == nil {
		b.m = map[access.Member]int64{}
	}
	if t <= b.m[m] {
		return false
	}
	b.m[m] = t
	return true
}

// noted is when a member was last written down as heard of: a report after
// each batch would else be a commit of its own.
type noted struct {
	mu sync.Mutex
	m  map[access.Member]time.Time
}

func (h *noted) due(m access.Member, now time.Time, every time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	was, known := h.m[m]
	return !known || now.Before(was) || now.Sub(was) >= every
}

func (h *noted) done(ms []access.Member, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.m == nil {
		h.m = map[access.Member]time.Time{}
	}
	for _, m := range ms {
		h.m[m] = now
	}
}

func (x *Exchange) beatLoop(ctx context.Context) error {
	// Nodes that start together do not beat together.
	tick := time.NewTimer(rand.N(x.c.Heartbeat))
	defer tick.Stop()
	x.beatAll(ctx)
	wait := reportEvery
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			x.beatAll(ctx)
			tick.Reset(x.c.Heartbeat)
		case <-x.beatNow:
			pause(ctx, reportFirst)
			to, n := x.owed.take()
			x.report(ctx, to)
			x.ask(ctx)
			pause(ctx, wait)
			if wait = min(2*wait, reportMost); n < reportFew {
				wait = reportEvery
			}
		}
	}
}

func (x *Exchange) beatAll(ctx context.Context) {
	if v, err := x.dir(); err == nil {
		x.owed.take()
		x.report(ctx, v.Others(x.me))
	}
}

// report sends a heartbeat to each of the members.
func (x *Exchange) report(ctx context.Context, to []access.Member) {
	v, err := x.dir()
	if err != nil || len(to) == 0 || !x.c.Link.Up() {
		return
	}
	have := map[access.Member]map[envelope.Channel]place{}
	at := map[envelope.Channel]place{}
	err = x.c.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.Each(ctx, "SELECT member, channel, epoch, seq, hash FROM exchange_peer WHERE epoch > 0", nil, func(scan func(...any) error) error {
			var m access.Member
			var ch envelope.Channel
			var p place
			if err := scan((*string)(&m), (*string)(&ch), &p.Epoch, &p.Seq, &p.Hash); err != nil {
				return err
			}
			if have[m] == nil {
				have[m] = map[envelope.Channel]place{}
			}
			have[m][ch] = p
			return nil
		})
		if err != nil {
			return err
		}
		upto, err := x.main.published(ctx, tx)
		if err != nil {
			return err
		}
		uptoFiles, err := x.files.published(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range append([]access.Member{access.Member(envelope.All)}, to...) {
			ch := envelope.Channel(m)
			if at[ch], err = x.reached.place(ctx, tx, ch, upto); err != nil {
				return err
			}
			if at[ch.Files()], err = x.reached.place(ctx, tx, ch.Files(), uptoFiles); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		x.c.Log.Info("exchange: no heartbeat", "err", err)
		return
	}
	for _, m := range to {
		b := beat{Have: have[m], All: at[envelope.All], At: clock.Micros(x.c.Clock.Now())}
		for _, ch := range []envelope.Channel{envelope.All.Files(), envelope.Channel(m).Files()} {
			if at[ch].Seq > 0 {
				if b.Files == nil {
					b.Files = map[envelope.Channel]place{}
				}
				b.Files[ch] = at[ch]
			}
		}
		x.sendControl(v, m, at[envelope.Channel(m)], kindBeat, b)
	}
}

// sendControl seals and publishes a message that has no place in a sequence
// and may be lost.
func (x *Exchange) sendControl(v *directory.View, to access.Member, at place, kind string, content any) {
	body, err := json.Marshal(content)
	if err != nil {
		x.c.Log.Error("exchange: control message", "err", err)
		return
	}
	ch, now := envelope.Channel(to), x.c.Wall.Now()
	s, _, err := x.control.get(ch, v.Hash, now, func() (*envelope.Session, error) { return x.newSession(v, ch, false) })
	if err != nil {
		x.c.Log.Warn("exchange: control message", "to", to, "err", err)
		return
	}
	h := envelope.Header{Channel: ch, Class: envelope.Control, Epoch: max(at.Epoch, 1), Seq: at.Seq, Prev: at.Hash, From: x.me, Time: clock.Micros(now)}
	raw, _, err := s.Seal(*x.keys.Load(), h, kind, body, true)
	if err != nil {
		x.c.Log.Error("exchange: control message", "err", err)
		return
	}
	x.c.Link.Publish(Message{Subject: Subject(x.me, ch), Data: raw, TTL: 3 * x.c.Heartbeat}, func(error) {})
}

// controlMessage sorts what has no place in a sequence.
func (a *application) controlMessage(ctx context.Context, tx *db.Tx, it *item) error {
	e := it.env
	if it.err != nil {
		return a.quarantine(ctx, tx, it)
	}
	if e.Channel == envelope.All {
		it.err = envelope.Refuse(envelope.WrongAddress, nil)
		return a.quarantine(ctx, tx, it)
	}
	switch it.meta.Kind {
	case kindBeat:
		if was := a.beats[e.From]; was == nil || was.env.Time <= e.Time {
			a.beats[e.From] = it
		}
	case kindResend:
		a.resends = append(a.resends, it)
	default:
		it.err = envelope.Refuse(envelope.UnknownKind, nil)
		return a.quarantine(ctx, tx, it)
	}
	return nil
}

// applyBeat notes what a member has and what of its own is missing here.
func (a *application) applyBeat(ctx context.Context, tx *db.Tx, from access.Member, it *item) error {
	var b beat
	if err := json.Unmarshal(it.body, &b); err != nil || len(b.Have) > 4 || len(b.Files) > 2 {
		it.err = envelope.Refuse(envelope.BadContent, err)
		return a.quarantine(ctx, tx, it)
	}
	e, now := it.env, a.x.c.Wall.Now()
	if a.x.beats.newer(from, e.Time) && a.x.heard.due(from, now, a.x.c.Heartbeat/2) {
		if _, err := tx.Exec(ctx, `INSERT INTO exchange_heard (member, heard, skew) VALUES (?, ?, ?)
			ON CONFLICT (member) DO UPDATE SET heard = excluded.heard, skew = excluded.skew`,
			string(from), clock.Micros(now), e.Time-clock.Micros(now)); err != nil {
			return err
		}
		a.topics = append(a.topics, TopicPeer)
		a.heard = append(a.heard, from)
	}
	for ch, p := range b.Have {
		if ch.Main() != envelope.All && ch.Main() != envelope.Channel(from) {
			continue
		}
		if err := a.has(ctx, tx, from, ch, p, b.At); err != nil {
			return err
		}
	}
	if err := a.claims(ctx, tx, channelKey{from, envelope.Channel(a.x.me)}, place{Epoch: e.Epoch, Seq: e.Seq}); err != nil {
		return err
	}
	for ch, p := range b.Files {
		if !a.x.mine(ch) {
			continue
		}
		if err := a.claims(ctx, tx, channelKey{from, ch.Files()}, p); err != nil {
			return err
		}
	}
	return a.claims(ctx, tx, channelKey{from, envelope.All}, b.All)
}

// claims compares what a member says to have sent with what has come.
func (a *application) claims(ctx context.Context, tx *db.Tx, k channelKey, claim place) error {
	if claim.Seq < 1 {
		return nil
	}
	p, err := a.position(ctx, tx, k)
	if err != nil || !p.place.before(claim) {
		return err
	}
	return a.missing(ctx, tx, k, p, claim)
}

// has notes what a member has stored of one of this node's channels, and
// tells the desks what was thereby delivered.
func (a *application) has(ctx context.Context, tx *db.Tx, from access.Member, ch envelope.Channel, p place, at int64) error {
	ahead, err := isAhead(ctx, tx, ch, p)
	if err != nil {
		return err
	}
	if ahead {
		a.x.suspect(evidence{channel: ch, place: p, reason: "member " + string(from) + " has what this node does not know to have sent"})
		return nil
	}
	var was place
	if _, err := tx.Row(ctx, "SELECT epoch, seq FROM exchange_have WHERE member = ? AND channel = ?", []any{string(from), string(ch)}, &was.Epoch, &was.Seq); err != nil {
		return err
	}
	if !was.before(p) {
		return nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO exchange_have (member, channel, epoch, seq, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (member, channel) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, at = excluded.at`,
		string(from), string(ch), p.Epoch, p.Seq, at); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO exchange_mark (member, channel, epoch, upto, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (member, channel, epoch, upto) DO NOTHING`, string(from), string(ch), p.Epoch, p.Seq, at); err != nil {
		return err
	}
	if ch.IsFiles() {
		a.topics = append(a.topics, TopicFile)
		return nil
	}
	a.topics = append(a.topics, TopicReceipt, TopicPeer)
	if was.Epoch != p.Epoch {
		was.Seq = 0
	}
	return a.tellDelivered(ctx, tx, from, ch, was.Seq, p, at)
}

func (a *application) tellDelivered(ctx context.Context, tx *db.Tx, from access.Member, ch envelope.Channel, after int64, p place, at int64) error {
	if len(a.x.receipts) == 0 {
		return nil
	}
	var ids []id.ID
	err := tx.Each(ctx, `SELECT e.release, o.desk FROM exchange_envelope e JOIN exchange_outbox o ON o.release = e.release
		WHERE e.channel = ? AND e.epoch = ? AND e.seq > ? AND e.seq <= ? AND e.kind = 'release' ORDER BY e.seq`,
		[]any{string(ch), p.Epoch, after, p.Seq}, func(scan func(...any) error) error {
			var i id.ID
			var desk string
			err := scan((*string)(&i), &desk)
			if a.x.receipts[desk] != nil {
				ids = append(ids, i)
			}
			return err
		})
	if err != nil {
		return err
	}
	for _, i := range ids {
		of, found, err := a.sentOnce(ctx, tx, i)
		if err != nil {
			return err
		}
		if !found || !slices.Contains(of.To, from) {
			continue
		}
		if err := a.tell(ctx, tx, of, Receipt{Release: i, Member: from, Stage: Delivered, At: clock.FromMicros(at), Role: nodeRole}); err != nil {
			return err
		}
	}
	return nil
}

// sentOnce is Sent, read once for all members that report on the release.
func (a *application) sentOnce(ctx context.Context, tx *db.Tx, release id.ID) (Release, bool, error) {
	if r, ok := a.sent[release]; ok {
		return r, true, nil
	}
	r, found, err := a.x.Sent(ctx, tx, release)
	if err == nil && found {
		a.sent[release] = r
	}
	return r, found, err
}
