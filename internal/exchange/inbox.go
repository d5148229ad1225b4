package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
	"lintas/internal/id"
)

// inboxRow is what is kept of an envelope that took its place.
type inboxRow struct {
	kind, state               string
	supersedes, withdraws     id.ID
	supersededBy, withdrawnBy id.ID
	exercise                  string
	plain                     []byte
}

func (r *inboxRow) release(it *item) {
	r.kind, r.exercise = it.release.Kind, it.release.Exercise
	r.supersedes, r.withdraws = it.release.Supersedes, it.release.Withdraws
	if r.state == stateApplied {
		r.plain = it.body
	}
}

func (r *inboxRow) insert(ctx context.Context, tx *db.Tx, it *item, received int64) error {
	e := it.env
	_, err := tx.Exec(ctx, `INSERT INTO exchange_inbox (from_member, channel, epoch, seq, hash, release, kind, state, received,
		supersedes, withdraws, superseded_by, withdrawn_by, exercise, plain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(e.From), string(e.Channel), e.Epoch, e.Seq, e.Hash(), e.Release, r.kind, r.state, received,
		r.supersedes, r.withdraws, r.supersededBy, r.withdrawnBy, r.exercise, r.plain)
	return err
}

// prefetch asks once for the whole batch which of its releases are here
// already, and which were withdrawn or superseded before they came.
func (a *application) prefetch(ctx context.Context, tx *db.Tx, items []*item) error {
	var ids []any
	for _, it := range items {
		if it.trusted && it.err == nil && it.meta.Kind == kindRelease {
			ids = append(ids, string(it.release.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for _, size := range []int{1, 16, applyBatch} { // few different statements
		if len(ids) <= size {
			for len(ids) < size {
				ids = append(ids, ids[0])
			}
			break
		}
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ")
	err := tx.Each(ctx, "SELECT from_member, release FROM exchange_inbox WHERE state IN ('applied', 'withdrawn') AND release IN ("+marks+")", ids,
		func(scan func(...any) error) error {
			var k releaseKey
			if err := scan((*string)(&k.from), (*string)(&k.id)); err != nil {
				return err
			}
			a.known[k] = true
			return nil
		})
	if err != nil {
		return err
	}
	return tx.Each(ctx, "SELECT from_member, release, withdrawn_by, superseded_by FROM exchange_tombstone WHERE release IN ("+marks+")", ids,
		func(scan func(...any) error) error {
			var k releaseKey
			var t tombstone
			if err := scan((*string)(&k.from), (*string)(&k.id), (*string)(&t.withdrawnBy), (*string)(&t.supersededBy)); err != nil {
				return err
			}
			a.tombs[k] = t
			return nil
		})
}

// applyRelease checks a release, lets its desk apply it, and notes what it
// withdraws or supersedes.
func (a *application) applyRelease(ctx context.Context, tx *db.Tx, it *item) (string, error) {
	r, k := it.release, releaseKey{it.env.From, it.release.ID}
	if a.known[k] {
		return stateRepeated, nil
	}
	if err := a.mayApply(it); err != nil {
		return "", err
	}
	t, dead := a.tombs[k]
	dead = dead && t.withdrawnBy != ""
	if !dead {
		in := Inbound{Release: r, Received: a.x.c.Clock.Now()}
		if err := a.guard(ctx, tx, func() error { return a.x.handlers[r.Kind].h(ctx, tx, in) }); err != nil {
			return "", err
		}
	}
	for _, old := range []struct {
		of     id.ID
		column string
	}{{r.Withdraws, "withdrawn_by"}, {r.Supersedes, "superseded_by"}} {
		if old.of != "" {
			if err := a.retire(ctx, tx, r.From, old.of, old.column, r.ID); err != nil {
				return "", err
			}
		}
	}
	a.known[k] = true
	a.topics = append(a.topics, TopicInbox)
	if dead {
		return stateWithdrawn, a.dropFiles(ctx, tx, r)
	}
	return stateApplied, nil
}

func (a *application) mayApply(it *item) error {
	r := it.release
	h, known := a.x.handlers[r.Kind]
	switch {
	case it.env.Channel == envelope.All && !slices.Contains(r.To, a.x.me):
		// On "all", from before this member joined.
		return envelope.Refuse(envelope.NoKey, errors.New("not among the recipients"))
	case !slices.Contains(r.To, a.x.me):
		return envelope.Refuse(envelope.WrongAddress, fmt.Errorf("for %v", r.To))
	case !known:
		return envelope.Refuse(envelope.UnknownKind, fmt.Errorf("%q", r.Kind))
	case r.Schema > h.max:
		return envelope.Refuse(envelope.Future, fmt.Errorf("schema %d of %s, this node knows %d", r.Schema, r.Kind, h.max))
	case !r.Expires.IsZero() && a.x.c.Clock.Now().After(r.Expires):
		return envelope.Refuse(envelope.Expired, nil)
	}
	return nil
}

// retire leaves a tombstone: a withdrawn release loses its content here, a
// superseded one is marked. Only the owner's own releases are touched.
func (a *application) retire(ctx context.Context, tx *db.Tx, from access.Member, of id.ID, column string, by id.ID) error {
	set := "superseded_by = ?"
	args := []any{string(by), string(from), string(of)}
	if column == "withdrawn_by" {
		in, found, err := a.x.Received(ctx, tx, of)
		if err != nil {
			return err
		}
		if found && in.From == from {
			if err := a.dropFiles(ctx, tx, in.Release); err != nil {
				return err
			}
		}
		set = "withdrawn_by = ?, state = 'withdrawn', plain = ?"
		args = []any{string(by), []byte{}, string(from), string(of)}
	}
	n, err := tx.Exec(ctx, "UPDATE exchange_inbox SET "+set+" WHERE from_member = ? AND release = ? AND state IN ('applied', 'withdrawn')", args...)
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO exchange_tombstone (from_member, release, withdrawn_by, superseded_by) VALUES (?, ?, '', '')
		ON CONFLICT (from_member, release) DO NOTHING`, string(from), string(of))
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, "UPDATE exchange_tombstone SET "+column+" = ? WHERE from_member = ? AND release = ?", string(by), string(from), string(of)); err != nil {
		return err
	}
	k := releaseKey{from, of}
	t := a.tombs[k]
	if column == "withdrawn_by" {
		t.withdrawnBy = by
	} else {
		t.supersededBy = by
	}
	a.tombs[k] = t
	return nil
}

// finish writes what the batch changed beside the rows of the inbox.
func (a *application) finish(ctx context.Context, tx *db.Tx) error {
	for from, b := range a.beats {
		if err := a.applyBeat(ctx, tx, from, b); err != nil {
			return err
		}
	}
	for _, it := range a.resends {
		a.noteResend(it)
	}
	for k, p := range a.pos {
		if !p.dirty {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO exchange_peer (member, channel, epoch, seq, hash, at, held) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (member, channel) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, hash = excluded.hash, at = excluded.at, held = excluded.held`,
			string(k.from), string(k.ch), p.Epoch, p.Seq, p.Hash, p.at, p.held); err != nil {
			return err
		}
	}
	for to, rs := range a.refused {
		if err := a.x.queueReceipts(ctx, tx, to, rs); err != nil {
			return err
		}
	}
	for reason, n := range a.counts {
		if _, err := tx.Exec(ctx, `INSERT INTO exchange_count (reason, n) VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET n = exchange_count.n + excluded.n`,
			string(reason), n); err != nil {
			return err
		}
	}
	return nil
}

// committed tells the sender at once what is here now, asks for what is
// missing, and wakes the pages.
func (a *application) committed() {
	for m, n := range a.advanced {
		a.x.owed.add(m, n)
	}
	a.x.heard.done(a.heard, a.x.c.Wall.Now())
	a.x.asked.add(a.gaps)
	if len(a.advanced) > 0 || len(a.gaps) > 0 || len(a.resends) > 0 {
		wake(a.x.beatNow)
	}
	a.x.changed(a.topics...)
}
