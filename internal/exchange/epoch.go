package exchange

import (
	"context"
	"fmt"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/id"
)

// Epochs. A node whose database is older than what it once sent (restored
// from a backup, or lost) must not give the same place in a sequence twice.
// It notices by what the hub last had of it, before it publishes anything,
// and by what its peers report to have. It then begins a new epoch on every
// channel and seals anew, under it, what is not known to have arrived; what
// had arrived after all is dropped there by the id of the release. A new
// epoch is logged, shown and never silent.

// evidence says that more was sent on a channel than the outbox knows.
type evidence struct {
	channel envelope.Channel
	place   place
	reason  string
	asked   bool    // a member asks for what is blanked
	again   []int64 // and that is to be sealed anew for it
}

// isAhead reports whether a place in one of this node's own channels is one
// that its outbox does not know.
func isAhead(ctx context.Context, tx *db.Tx, ch envelope.Channel, p place) (bool, error) {
	if p.Seq < 1 {
		return false, nil
	}
	own, found, err := ownPlace(ctx, tx, ch)
	if err != nil {
		return false, err
	}
	switch {
	case !found, p.Epoch > own.Epoch, p.Epoch == own.Epoch && p.Seq > own.Seq:
		return true, nil
	case p.Epoch < own.Epoch:
		return false, nil
	}
	var hash string
	known, err := tx.Row(ctx, "SELECT hash FROM exchange_envelope WHERE channel = ? AND epoch = ? AND seq = ?", []any{string(ch), p.Epoch, p.Seq}, &hash)
	if !known { // pruned, unless it is the newest, which stays
		return p.Seq == own.Seq, err
	}
	return hash != p.Hash, err
}

// holds reports whether a new epoch is still needed.
func (ev *evidence) holds(ctx context.Context, tx *db.Tx) (bool, error) {
	if !ev.asked {
		return isAhead(ctx, tx, ev.channel, ev.place)
	}
	own, found, err := ownPlace(ctx, tx, ev.channel)
	return found && own.Epoch == ev.place.Epoch, err
}

// suspect passes evidence on; one at a time is enough.
func (x *Exchange) suspect(e evidence) {
	x.checked.Store(false) // publish nothing more until it is looked into
	select {
	case x.restored <- e:
	default:
	}
}

func (x *Exchange) epochLoop(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-x.restored:
			if err := x.beginEpoch(ctx, e, false); err != nil {
				x.c.Log.Error("exchange: no new epoch yet", "err", err)
				if !pause(ctx, retryMin) {
					return ctx.Err()
				}
				x.suspect(e)
				continue
			}
			x.wakeOut()
		}
	}
}

// checkHub compares the outbox with the newest messages that the hub has of
// this node and reports whether it may publish.
func (x *Exchange) checkHub(ctx context.Context) (bool, error) {
	v, err := x.dir()
	if err != nil {
		return false, err
	}
	for _, ch := range x.allChannels(v) {
		raw, found, err := x.c.Link.Last(ctx, Subject(x.me, ch))
		if err != nil {
			return false, err
		}
		if !found {
			continue
		}
		e, err := envelope.Parse(raw)
		if err != nil || e.From != x.me || e.Verify(v.SigningKey) != nil {
			continue // not a word of ours
		}
		p := place{Epoch: e.Epoch, Seq: e.Seq, Hash: e.Hash()}
		if e.Class == envelope.Control {
			p.Hash = e.Prev
		}
		var ahead bool
		err = x.c.DB.Read(ctx, func(tx *db.Tx) error {
			ahead, err = isAhead(ctx, tx, e.Channel, p)
			return err
		})
		if err != nil {
			return false, err
		}
		if ahead {
			return true, x.beginEpoch(ctx, evidence{channel: e.Channel, place: p, reason: "the hub has what this node does not know to have sent"}, false)
		}
	}
	return true, nil
}

// allChannels are those on which this node may have sent anything.
func (x *Exchange) allChannels(v *directory.View) []envelope.Channel {
	var out []envelope.Channel
	for _, m := range append([]access.Member{access.Member(envelope.All)}, v.Others(x.me)...) {
		out = append(out, envelope.Channel(m), envelope.Channel(m).Files())
	}
	return out
}

// NewEpoch begins a new epoch on every channel, such as after a restore.
func (x *Exchange) NewEpoch(ctx context.Context, reason string) error {
	return x.beginEpoch(ctx, evidence{reason: reason}, true)
}

func (x *Exchange) beginEpoch(ctx context.Context, ev evidence, force bool) error {
	v, err := x.dir()
	if err != nil {
		return err
	}
	again, began := 0, false
	err = x.c.DB.Write(ctx, func(tx *db.Tx) error {
		again, began = 0, false
		if _, err := tx.Exec(ctx, "UPDATE exchange_head SET ord = ord WHERE id = 1"); err != nil { // takes no place, only the lock
			return err
		}
		if !force {
			// Nothing to do when a new epoch was begun meanwhile.
			if holds, err := ev.holds(ctx, tx); err != nil || !holds {
				return err
			}
		}
		began = true
		n, err := x.renew(ctx, tx, v, ev)
		again = n
		return err
	})
	if err != nil || !began {
		return err
	}
	x.out.drop()
	x.reached.drop()
	x.c.Log.Warn("exchange: new epoch", "reason", ev.reason, "channel", string(ev.channel), "sealed_anew", again)
	x.changed(TopicEpoch)
	x.wakeOut()
	return nil
}

// renew moves every channel to its next epoch and seals anew what is not
// known to have arrived.
func (x *Exchange) renew(ctx context.Context, tx *db.Tx, v *directory.View, ev evidence) (int, error) {
	places := map[envelope.Channel]place{}
	if ev.channel != "" {
		places[ev.channel] = place{}
	}
	err := tx.Each(ctx, "SELECT channel, epoch, seq, hash FROM exchange_channel", nil, func(scan func(...any) error) error {
		var ch envelope.Channel
		var p place
		err := scan((*string)(&ch), &p.Epoch, &p.Seq, &p.Hash)
		places[ch] = p
		return err
	})
	if err != nil {
		return 0, err
	}
	open, err := x.openEnds(ctx, tx, places)
	if err != nil {
		return 0, err
	}
	open = merge(open, ev.again)
	now := x.c.Wall.Now()
	for ch, p := range places {
		next := max(p.Epoch+1, ev.place.Epoch+1, now.Unix())
		if _, err := tx.Exec(ctx, `INSERT INTO exchange_channel (channel, epoch, seq, hash) VALUES (?, ?, 0, '')
			ON CONFLICT (channel) DO UPDATE SET epoch = excluded.epoch, seq = 0, hash = ''`, string(ch), next); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO exchange_epoch (channel, epoch, at, reason) VALUES (?, ?, ?, ?) ON CONFLICT (channel, epoch) DO NOTHING",
			string(ch), next, clock.Micros(now), ev.reason); err != nil {
			return 0, err
		}
	}
	// The old epoch is closed: nothing of it is published any more.
	if _, err := tx.Exec(ctx, "INSERT INTO exchange_round (upto, at) SELECT ord, ? FROM exchange_head WHERE id = 1 ON CONFLICT (upto) DO NOTHING", clock.Micros(x.c.Clock.Now())); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, "UPDATE exchange_files_round SET upto = (SELECT ord FROM exchange_head WHERE id = 1) WHERE id = 1"); err != nil {
		return 0, err
	}
	x.out.drop()
	for _, ord := range open {
		if err := x.sealAnew(ctx, tx, v, ord); err != nil {
			return 0, err
		}
	}
	return len(open), nil
}

// openEnds lists, in order, the envelopes of the present epochs that some
// recipient is not known to have.
func (x *Exchange) openEnds(ctx context.Context, tx *db.Tx, places map[envelope.Channel]place) ([]int64, error) {
	var ords []int64
	err := tx.Each(ctx, `SELECT e.ord, e.channel, e.epoch, e.seq FROM exchange_envelope e
		JOIN exchange_channel c ON c.channel = e.channel AND c.epoch = e.epoch
		WHERE e.seq > (SELECT COALESCE(MIN(CASE WHEN h.epoch = e.epoch THEN h.seq ELSE 0 END), 0) FROM exchange_have h WHERE h.channel = e.channel)
		ORDER BY e.ord`, nil, func(scan func(...any) error) error {
		var ord, epoch, seq int64
		var ch envelope.Channel
		if err := scan(&ord, (*string)(&ch), &epoch, &seq); err != nil {
			return err
		}
		ords = append(ords, ord)
		return nil
	})
	return ords, err
}

// sealAnew opens an envelope of this node's own and gives its content the
// next place in the new epoch.
func (x *Exchange) sealAnew(ctx context.Context, tx *db.Tx, v *directory.View, ord int64) error {
	var raw []byte
	var file id.ID
	if _, err := tx.Row(ctx, "SELECT sealed, CASE WHEN lane = 1 THEN release ELSE '' END FROM exchange_envelope WHERE ord = ?", []any{ord}, &raw, (*string)(&file)); err != nil {
		return err
	}
	if len(raw) == 0 {
		return x.queueAnew(ctx, tx, v, ord)
	}
	e, err := envelope.Parse(raw)
	if err != nil {
		return fmt.Errorf("exchange: own envelope %d: %w", ord, err)
	}
	var wraps []byte
	if _, err := tx.Row(ctx, "SELECT wraps FROM exchange_session WHERE from_member = ? AND channel = ? AND session = ?",
		[]any{string(x.me), string(e.Channel), e.Session}, &wraps); err != nil {
		return err
	}
	key, err := envelope.Unwrap(x.me, e.Channel, e.Session, wraps, *x.keys.Load())
	if err != nil {
		return fmt.Errorf("exchange: own envelope %d: %w", ord, err)
	}
	meta, body, err := e.Open(key)
	if err != nil {
		return fmt.Errorf("exchange: own envelope %d: %w", ord, err)
	}
	return x.appendOf(ctx, tx, v, e.Channel, meta.Kind, meta.Release, file, body)
}

// queueAnew gives a release whose sealed bytes are gone its next place, from
// the outbox. What else was blanked every recipient had once: it does not come
// again.
func (x *Exchange) queueAnew(ctx context.Context, tx *db.Tx, v *directory.View, ord int64) error {
	var ch envelope.Channel
	var release id.ID
	var plain []byte
	found, err := tx.Row(ctx, `SELECT e.channel, e.release, o.plain FROM exchange_envelope e JOIN exchange_outbox o ON o.release = e.release
		WHERE e.ord = ? AND e.kind = 'release'`, []any{ord}, (*string)(&ch), (*string)(&release), &plain)
	if err != nil || !found {
		return err
	}
	return x.append(ctx, tx, v, ch, kindRelease, release, plain)
}

// Epoch is one beginning of this node's own sequences, or of a member's.
type Epoch struct {
	Member  access.Member
	Channel envelope.Channel
	Epoch   int64
	At      time.Time
	Reason  string
}

// PublishDirectory accepts a new version of the directory here and sends it
// to every member.
func (x *Exchange) PublishDirectory(ctx context.Context, tx *db.Tx, s directory.Signed) error {
	if err := x.c.Directory.Accept(ctx, tx, s); err != nil {
		return err
	}
	raw, err := s.Encode()
	if err != nil {
		return err
	}
	v, err := x.dir()
	if err != nil {
		return err
	}
	// To those of the version in force: they can read it, and who is new gets
	// it by hand, with the hub's address.
	for _, ch := range x.channels(v.Others(x.me), v) {
		if err := x.append(ctx, tx, v, ch, kindDirectory, "", raw); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { x.changed(TopicDirectory) })
	return nil
}

// applyDirectory accepts a version that another member sent.
func (a *application) applyDirectory(ctx context.Context, tx *db.Tx, it *item) error {
	s, d, err := directory.Decode(it.body)
	if err != nil {
		return envelope.Refuse(envelope.BadContent, err)
	}
	if d.Version < a.v.Document.Version {
		return nil // known and gone by; nothing is rolled back
	}
	err = a.x.c.Directory.Accept(ctx, tx, s)
	if err == nil {
		a.topics = append(a.topics, TopicDirectory)
		return nil
	}
	if transient(ctx, err) {
		return err
	}
	return envelope.Refuse(envelope.Unapplied, err)
}
