package exchange

import (
	"context"
	"slices"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/id"
)

// Pruning. Sealed bytes are kept to be sent again; once every recipient has
// reported to have them, and the hub has long dropped them too, they are
// blanked: their place and hash stay. A recipient that lost its database and
// asks for them begins with a new epoch, in which the releases that the outbox
// still has are sealed anew.
//
// What is older than Keep goes, but for what a page still has to show: of a
// release its row in the outbox or the inbox stays, with who had it when; its
// receipts are written down before the marks that they were read from are
// deleted. Nothing goes that some recipient has not reported.

const (
	// SealedUsual is longer than the hub keeps anything.
	SealedUsual = 100 * 24 * time.Hour
	KeepUsual   = 400 * 24 * time.Hour

	pruneEvery = time.Hour
	pruneMost  = 500 // rows in one transaction
)

func (x *Exchange) pruneLoop(ctx context.Context) error {
	for pause(ctx, pruneEvery) {
		if _, err := x.Prune(ctx); err != nil && ctx.Err() == nil {
			x.c.Log.Warn("exchange: not pruned", "err", err)
		}
	}
	return ctx.Err()
}

// Pruned counts what a round of pruning took away.
type Pruned struct {
	Blanked  int64 // sealed envelopes
	Deleted  int64 // envelopes that held no release
	Settled  int64 // releases whose receipts were written down
	Files    int64 // received
	Received int64 // rows of the inbox that held no release, and superseded contents
	Refused  int64 // rows of the quarantine
}

// Prune takes away what is old, in small transactions.
func (x *Exchange) Prune(ctx context.Context) (Pruned, error) {
	var p Pruned
	v, err := x.dir()
	if err != nil {
		return p, err
	}
	now := x.c.Clock.Now()
	steps := []struct {
		count *int64
		do    func(context.Context, *db.Tx) (int64, error)
	}{
		{&p.Blanked, func(ctx context.Context, tx *db.Tx) (int64, error) { return x.blank(ctx, tx, v, now.Add(-x.c.Sealed)) }},
		{&p.Settled, func(ctx context.Context, tx *db.Tx) (int64, error) { return x.settleOld(ctx, tx, now.Add(-x.c.Keep)) }},
		{&p.Deleted, func(ctx context.Context, tx *db.Tx) (int64, error) { return x.dropOld(ctx, tx, now.Add(-x.c.Keep)) }},
		{&p.Files, func(ctx context.Context, tx *db.Tx) (int64, error) {
			return x.dropOldFiles(ctx, tx, now.Add(-x.c.Keep))
		}},
		{&p.Received, func(ctx context.Context, tx *db.Tx) (int64, error) {
			return x.dropReceived(ctx, tx, now.Add(-x.c.Keep))
		}},
		{&p.Refused, func(ctx context.Context, tx *db.Tx) (int64, error) {
			return tx.Exec(ctx, "DELETE FROM exchange_quarantine WHERE received < ?", clock.Micros(x.c.Wall.Now().Add(-x.c.Keep)))
		}},
	}
	for _, s := range steps {
		for n := int64(pruneMost); n >= pruneMost; {
			if err := x.c.DB.Write(ctx, func(tx *db.Tx) (err error) { n, err = s.do(ctx, tx); return err }); err != nil {
				return p, err
			}
			*s.count += n
		}
	}
	if p != (Pruned{}) {
		x.c.Log.Info("exchange: pruned", "blanked", p.Blanked, "deleted", p.Deleted, "settled", p.Settled, "files", p.Files, "received", p.Received, "refused", p.Refused)
	}
	return p, nil
}

// before is the last place in the order that the hub had before a time.
func before(ctx context.Context, tx *db.Tx, at time.Time) (int64, error) {
	var ord int64
	_, err := tx.Row(ctx, "SELECT upto FROM exchange_round WHERE at < ? ORDER BY upto DESC LIMIT 1", []any{clock.Micros(at)}, &ord)
	return ord, err
}

// blank takes the sealed bytes of what every recipient has.
func (x *Exchange) blank(ctx context.Context, tx *db.Tx, v *directory.View, than time.Time) (int64, error) {
	upto, err := before(ctx, tx, than)
	if err != nil {
		return 0, err
	}
	own, err := places(ctx, tx, "SELECT channel, '', epoch, seq FROM exchange_channel")
	if err != nil {
		return 0, err
	}
	have, err := places(ctx, tx, "SELECT channel, member, epoch, seq FROM exchange_have")
	if err != nil {
		return 0, err
	}
	var total int64
	for k := range own {
		all := allHave(v, x, k.ch, have)
		var ords []any
		if err := tx.Each(ctx, `SELECT ord FROM exchange_envelope WHERE channel = ? AND ord <= ? AND (epoch < ? OR epoch = ? AND seq <= ?) AND length(sealed) > 0
			ORDER BY ord LIMIT 500`, []any{string(k.ch), upto, all.Epoch, all.Epoch, all.Seq}, func(scan func(...any) error) error {
			var ord int64
			err := scan(&ord)
			ords = append(ords, ord)
			return err
		}); err != nil {
			return 0, err
		}
		for _, ord := range ords {
			if _, err := tx.Exec(ctx, "UPDATE exchange_envelope SET sealed = ? WHERE ord = ?", []byte{}, ord); err != nil {
				return 0, err
			}
		}
		total += int64(len(ords)) // a full round is followed by another
		if total >= pruneMost {
			break
		}
	}
	return total, nil
}

// allHave is the place up to which every present recipient of a channel has it.
func allHave(v *directory.View, x *Exchange, ch envelope.Channel, have map[channelKey]place) place {
	var least place
	first := true
	for _, m := range v.Others(x.me) {
		if ch.Main() != envelope.All && ch.Main() != envelope.Channel(m) {
			continue
		}
		if p := have[channelKey{m, ch}]; first || p.before(least) {
			least, first = p, false
		}
	}
	return least
}

// settleOld writes down when each recipient of old releases had them.
func (x *Exchange) settleOld(ctx context.Context, tx *db.Tx, than time.Time) (int64, error) {
	var ids []id.ID
	if err := tx.Each(ctx, `SELECT release FROM exchange_outbox WHERE queued < ? AND EXISTS
		(SELECT 1 FROM exchange_envelope e WHERE e.release = exchange_outbox.release AND e.kind = 'release')
		AND NOT EXISTS (SELECT 1 FROM exchange_envelope e WHERE e.release = exchange_outbox.release AND e.kind = 'release' AND length(e.sealed) > 0)
		ORDER BY release LIMIT 500`, []any{clock.Micros(than)}, func(scan func(...any) error) error {
		var i id.ID
		err := scan((*string)(&i))
		ids = append(ids, i)
		return err
	}); err != nil {
		return 0, err
	}
	for _, i := range ids {
		rs, err := x.Receipts(ctx, tx, i)
		if err != nil {
			return 0, err
		}
		for _, r := range rs {
			if r.Stage != Sent && (r.Stage != Delivered || r.Role == nodeRole) {
				continue
			}
			if r.Stage == Delivered {
				r.Role = nodeRole
			}
			if _, err := storeReceipt(ctx, tx, r); err != nil {
				return 0, err
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM exchange_envelope WHERE release = ? AND kind = 'release' AND NOT EXISTS
			(SELECT 1 FROM exchange_channel c WHERE c.channel = exchange_envelope.channel AND c.epoch = exchange_envelope.epoch AND c.seq = exchange_envelope.seq)`, i); err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), nil
}

// dropOld deletes what held no release and is blanked, but for the newest of
// each channel, and the rounds, marks and sessions that only it needed.
func (x *Exchange) dropOld(ctx context.Context, tx *db.Tx, than time.Time) (int64, error) {
	upto, err := before(ctx, tx, than)
	if err != nil || upto == 0 {
		return 0, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM exchange_envelope WHERE ord IN (SELECT e.ord FROM exchange_envelope e
		JOIN exchange_channel c ON c.channel = e.channel
		WHERE e.ord <= ? AND e.kind <> 'release' AND length(e.sealed) = 0 AND (e.epoch < c.epoch OR e.seq < c.seq) ORDER BY e.ord LIMIT 500)`, upto)
	if err != nil || n >= pruneMost {
		return n, err
	}
	var first int64 // what still needs rounds, marks and sessions
	if _, err := tx.Row(ctx, "SELECT COALESCE(MIN(ord), 0) FROM exchange_envelope WHERE ord <= ? AND (kind = 'release' OR length(sealed) > 0)", []any{upto}, &first); err != nil || first > 0 {
		return n, err
	}
	at := clock.Micros(than)
	for _, q := range []string{
		"DELETE FROM exchange_round WHERE at < ? AND upto < (SELECT MAX(upto) FROM exchange_round)",
		"DELETE FROM exchange_mark WHERE at < ?",
		"DELETE FROM exchange_session WHERE received < ?",
	} {
		if _, err := tx.Exec(ctx, q, at); err != nil {
			return n, err
		}
	}
	return n, nil
}

// dropOldFiles deletes the bytes of files that came long ago.
func (x *Exchange) dropOldFiles(ctx context.Context, tx *db.Tx, than time.Time) (int64, error) {
	type key struct{ from, file string }
	var ks []key
	if err := tx.Each(ctx, "SELECT from_member, id FROM exchange_file WHERE at < ? AND from_member <> ? AND state <> 'dropped' LIMIT 500", []any{clock.Micros(than), string(x.me)},
		func(scan func(...any) error) error {
			var k key
			err := scan(&k.from, &k.file)
			ks = append(ks, k)
			return err
		}); err != nil {
		return 0, err
	}
	for _, k := range ks {
		if err := dropFile(ctx, tx, k.from, k.file); err != nil {
			return 0, err
		}
	}
	return int64(len(ks)), nil
}

// dropReceived takes the content of what was superseded long ago, and the
// rows of what held no release, but for the newest of each channel.
func (x *Exchange) dropReceived(ctx context.Context, tx *db.Tx, than time.Time) (int64, error) {
	at := clock.Micros(than)
	var n int64
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{"UPDATE exchange_inbox SET plain = ?, state = 'withdrawn' WHERE received < ? AND superseded_by <> '' AND length(plain) > 0", []any{[]byte{}, at}},
		{`DELETE FROM exchange_inbox WHERE received < ? AND state IN ('control', 'skipped', 'repeated') AND EXISTS (SELECT 1 FROM exchange_peer p
			WHERE p.member = exchange_inbox.from_member AND p.channel = exchange_inbox.channel AND (exchange_inbox.epoch < p.epoch OR exchange_inbox.seq < p.seq))`, []any{at}},
	} {
		m, err := tx.Exec(ctx, q.sql, q.args...)
		if err != nil {
			return n, err
		}
		n += m
	}
	return min(n, pruneMost-1), nil
}

// dropFile deletes the bytes of a file and remembers that it is to have none.
func dropFile(ctx context.Context, tx *db.Tx, from, file string) error {
	if _, err := tx.Exec(ctx, "DELETE FROM exchange_chunk WHERE from_member = ? AND file = ?", from, file); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE exchange_file SET state = ?, have = 0 WHERE from_member = ? AND id = ?", string(FileDropped), from, file)
	return err
}

// dropFiles deletes what came of the files of a withdrawn release, and lets
// nothing more of them in.
func (a *application) dropFiles(ctx context.Context, tx *db.Tx, r Release) error {
	for _, f := range r.Files {
		if f.check() != nil {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO exchange_file (from_member, id, name, type, size, sha256, chunks, have, state, at) VALUES (?, ?, '', '', ?, ?, ?, 0, ?, ?)
			ON CONFLICT (from_member, id) DO NOTHING`, string(r.From), f.ID, f.Size, f.SHA256, f.chunks(), string(FileDropped), clock.Micros(a.x.c.Clock.Now())); err != nil {
			return err
		}
		if err := dropFile(ctx, tx, string(r.From), string(f.ID)); err != nil {
			return err
		}
		a.topics = append(a.topics, TopicFile)
	}
	return nil
}

// askedForBlank begins a new epoch for a member that asks for what is here no
// more: it lost its database, or joined later.
func (x *Exchange) askedForBlank(ctx context.Context, r resend) error {
	var ords []int64
	err := x.c.DB.Read(ctx, func(tx *db.Tx) error {
		own, found, err := ownPlace(ctx, tx, r.Channel)
		if err != nil || !found || own.Epoch != r.Epoch {
			return err // the channel has gone on already
		}
		// What it lacks on its other channel it cannot ask for any more, as the
		// epochs of all end together; what it has it drops.
		return tx.Each(ctx, `SELECT e.ord FROM exchange_envelope e JOIN exchange_channel c ON c.channel = e.channel AND c.epoch = e.epoch
			WHERE e.channel IN ('all', ?) AND e.kind = 'release' AND (e.channel <> ? OR e.seq >= ?) ORDER BY e.ord`, []any{string(r.to), string(r.Channel), r.From},
			func(scan func(...any) error) error {
				var ord int64
				err := scan(&ord)
				ords = append(ords, ord)
				return err
			})
	})
	if err != nil {
		return err
	}
	// Once: the next request for this epoch finds that the channel has gone on.
	return x.beginEpoch(ctx, evidence{channel: r.Channel, place: place{Epoch: r.Epoch}, reason: "member " + string(r.to) + " asks for what was pruned", again: ords, asked: true}, false)
}

func merge(a, b []int64) []int64 {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}
