package exchange

import (
	"context"
	"fmt"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

// heldMost is how many early envelopes of one channel are kept; the sender
// has them all, and is asked for the rest.
const heldMost = 20_000

// gap is what is missing of a channel: from and to are included.
type gap struct {
	Channel envelope.Channel `json:"channel"`
	Epoch   int64            `json:"epoch"`
	From    int64            `json:"from"`
	To      int64            `json:"to"`
}

// hold keeps an envelope until those before it have come.
func (a *application) hold(ctx context.Context, tx *db.Tx, it *item, k channelKey, p *position) error {
	e := it.env
	if p.held < heldMost {
		n, err := tx.Exec(ctx, `INSERT INTO exchange_held (from_member, channel, epoch, seq, hash, received, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (from_member, channel, epoch, seq, hash) DO NOTHING`,
			string(e.From), string(e.Channel), e.Epoch, e.Seq, e.Hash(), clock.Micros(a.x.c.Wall.Now()), it.raw)
		if err != nil {
			return err
		}
		p.held, p.dirty = p.held+n, true
	}
	return a.missing(ctx, tx, k, p, place{Epoch: e.Epoch, Seq: e.Seq - 1})
}

// missing notes the gap between what is here and upto.
func (a *application) missing(ctx context.Context, tx *db.Tx, k channelKey, p *position, upto place) error {
	g := gap{Channel: k.ch, Epoch: upto.Epoch, From: 1, To: upto.Seq}
	if p.Epoch == upto.Epoch {
		g.From = p.Seq + 1
	}
	if p.held > 0 {
		var first int64
		found, err := tx.Row(ctx, "SELECT seq FROM exchange_held WHERE from_member = ? AND channel = ? AND epoch = ? AND seq >= ? ORDER BY seq LIMIT 1",
			[]any{string(k.from), string(k.ch), g.Epoch, g.From}, &first)
		if err != nil {
			return err
		}
		if found {
			g.To = min(g.To, first-1)
		}
	}
	if was, ok := a.gaps[k]; !ok || was.Epoch < g.Epoch || was.Epoch == g.Epoch && was.From <= g.From {
		a.gaps[k] = g
	}
	if g.From > g.To {
		delete(a.gaps, k)
	}
	return nil
}

// heldRow is one envelope that waits.
type heldRow struct {
	epoch, seq int64
	it         *item
}

func (a *application) heldRows(ctx context.Context, tx *db.Tx, k channelKey, where string, args ...any) ([]heldRow, error) {
	var rows []heldRow
	all := append([]any{string(k.from), string(k.ch)}, args...)
	err := tx.Each(ctx, "SELECT epoch, seq, sealed FROM exchange_held WHERE from_member = ? AND channel = ? AND "+where+" ORDER BY epoch, seq LIMIT 500", all,
		func(scan func(...any) error) error {
			h := heldRow{it: &item{subject: Subject(k.from, a.x.own(k.ch))}}
			if err := scan(&h.epoch, &h.seq, &h.it.raw); err != nil {
				return err
			}
			rows = append(rows, h)
			return nil
		})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	items := make([]*item, len(rows))
	for i, h := range rows {
		items[i] = h.it
	}
	// Verified once more: a key may have been revoked meanwhile.
	if _, err := a.x.prepare(ctx, items); err != nil {
		return nil, err
	}
	for start := 0; start < len(items); start += applyBatch {
		if err := a.prefetch(ctx, tx, items[start:min(start+applyBatch, len(items))]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (a *application) unhold(ctx context.Context, tx *db.Tx, k channelKey, p *position, h heldRow) error {
	n, err := tx.Exec(ctx, "DELETE FROM exchange_held WHERE from_member = ? AND channel = ? AND epoch = ? AND seq = ? AND hash = ?",
		string(k.from), string(k.ch), h.epoch, h.seq, h.it.env.Hash())
	p.held, p.dirty = p.held-n, true
	return err
}

// drain applies what was held, as far as it now follows.
func (a *application) drain(ctx context.Context, tx *db.Tx, k channelKey, p *position) (last bool, err error) {
	for p.held > 0 {
		rows, err := a.heldRows(ctx, tx, k, "epoch = ? AND seq <= ?", p.Epoch, p.Seq+100)
		if err != nil {
			return false, err
		}
		went := false
		for _, h := range rows {
			if h.seq > p.Seq+1 {
				break
			}
			ended, err := a.free(ctx, tx, k, p, h)
			if err != nil {
				return false, err
			}
			last, went = last || ended, true
		}
		if !went {
			break
		}
	}
	if p.held > 0 {
		return last, a.missing(ctx, tx, k, p, place{Epoch: p.Epoch, Seq: p.Seq + heldMost})
	}
	delete(a.gaps, k)
	return last, nil
}

// free takes one held envelope whose turn has come or passed.
func (a *application) free(ctx context.Context, tx *db.Tx, k channelKey, p *position, h heldRow) (last bool, err error) {
	if err := a.unhold(ctx, tx, k, p, h); err != nil {
		return false, err
	}
	switch {
	case !h.it.trusted:
		return false, a.quarantine(ctx, tx, h.it)
	case h.seq <= p.Seq:
		return a.old(ctx, tx, h.it, false)
	case h.it.env.Prev != p.Hash:
		h.it.err = envelope.Refuse(envelope.Forked, fmt.Errorf("%s/%d/%d", k.ch, h.epoch, h.seq))
		return false, a.quarantine(ctx, tx, h.it)
	}
	return a.take(ctx, tx, h.it, p)
}

// late applies what is held of an epoch that its sender has left: the gaps in
// it will not be filled any more.
func (a *application) late(ctx context.Context, tx *db.Tx, k channelKey, p *position, before int64) error {
	for p.held > 0 {
		rows, err := a.heldRows(ctx, tx, k, "epoch < ?", before)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, h := range rows {
			if err := a.unhold(ctx, tx, k, p, h); err != nil {
				return err
			}
			if !h.it.trusted {
				err = a.quarantine(ctx, tx, h.it)
			} else {
				_, err = a.old(ctx, tx, h.it, true)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
