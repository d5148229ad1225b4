package review

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

// The evidence of a review is fixed before anybody judges it: which entries of
// the history there are, by the hash of each, the head of the history's tree,
// the figures of the events as they were, and the clocks. What happens later is
// shown beside it and never changes it.

// Seal is the head of locked evidence; it travels with the review.
type Seal struct {
	At      time.Time `json:"at"`
	As      string    `json:"as"` // duty post
	Epoch   int64     `json:"epoch"`
	Size    int64     `json:"size"` // of the history when it was locked
	Root    string    `json:"root"` // of its tree, in hexadecimal
	Entries int       `json:"entries"`
	Figures int       `json:"figures"`
	Digest  string    `json:"digest"` // of the whole set
}

// Item is one locked entry.
type Item struct {
	Index  int64  `json:"index"`
	Leaf   string `json:"leaf"`   // digest of the entry's canonical form
	Record id.ID  `json:"record"` // and the version that it left behind
	At     int    `json:"version"`
}

// Figures are those of one event as they were.
type Figures struct {
	Event   id.ID             `json:"event"`
	Version int               `json:"version"`
	Facts   []health.FactView `json:"facts"`
}

// Evidence is the whole locked set.
type Evidence struct {
	Epoch   int64     `json:"epoch"`
	Size    int64     `json:"size"`
	Root    string    `json:"root"`
	Items   []Item    `json:"items"`
	Figures []Figures `json:"figures,omitempty"`
	Clocks  []Clock   `json:"clocks,omitempty"`
	Moments []Moment  `json:"moments,omitempty"` // by hand, before the lock
}

func (l *Evidence) digest() (string, error) {
	b, err := json.Marshal(l)
	return history.Digest(b), err
}

// maxItems is how many entries one review can lock.
const maxItems = 5000

// entriesOf are the entries of the history about what is reviewed, in its
// period, that the actor may know of; the oldest first.
func (d *Desk) entriesOf(ctx context.Context, tx *db.Tx, actor access.Actor, r *Review) ([]history.Entry, error) {
	from, until, ok := r.span()
	if !ok {
		return nil, nil
	}
	var records []id.ID
	for _, e := range r.Events {
		records = append(records, e.ID)
	}
	if r.Family != "" {
		records = append(records, r.Family)
	}
	for _, about := range slices.Clone(records) {
		if d.from.Records == nil {
			break
		}
		more, err := d.from.Records(ctx, tx, about)
		if err != nil {
			return nil, err
		}
		records = append(records, more...)
	}
	all, err := history.Of(ctx, tx, records...)
	var out []history.Entry
	for _, e := range all {
		if e.At.Before(from) || !e.At.Before(until) || e.Exercise != r.Exercise {
			continue
		}
		known := true
		if d.from.Knows != nil {
			if known, err = d.from.Knows(ctx, tx, actor, e); err != nil {
				return nil, err
			}
		}
		if known {
			out = append(out, e)
		}
	}
	return out, err
}

// gather fixes the evidence as it is in this transaction.
func (d *Desk) gather(ctx context.Context, tx *db.Tx, actor access.Actor, r *Review, clocks []Clock) (Evidence, error) {
	var l Evidence
	es, err := d.entriesOf(ctx, tx, actor, r)
	if err != nil {
		return l, err
	}
	if len(es) > maxItems {
		return l, fault.New(fault.Invalid, "fault.review.too_much").With("max", maxItems)
	}
	h, err := history.Now(ctx, tx)
	if err != nil {
		return l, err
	}
	l = Evidence{Epoch: h.Epoch, Size: h.Size, Items: []Item{}, Clocks: clocks, Moments: r.Moments}
	if h.Size > 0 {
		root, err := history.Root(ctx, tx, h.Size)
		if err != nil {
			return l, err
		}
		l.Root = hex.EncodeToString(root[:])
	}
	for _, e := range es {
		leaf, err := e.Leaf()
		if err != nil {
			return l, err
		}
		l.Items = append(l.Items, Item{Index: e.Index, Leaf: history.Digest(leaf), Record: e.Record.ID, At: e.Record.Version})
	}
	for _, ev := range r.Events {
		v, err := d.health.EventFull(ctx, tx, actor, ev.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return l, err
		}
		l.Figures = append(l.Figures, Figures{Event: v.ID, Version: v.Version, Facts: append(slices.Clone(v.Facts), v.More...)})
	}
	return l, nil
}

func (l *Evidence) seal(at time.Time, as string) (*Seal, error) {
	digest, err := l.digest()
	n := 0
	for _, f := range l.Figures {
		n += len(f.Facts)
	}
	return &Seal{At: at, As: as, Epoch: l.Epoch, Size: l.Size, Root: l.Root, Entries: len(l.Items), Figures: n, Digest: digest}, err
}

// Proof is what a check of locked evidence found, computed anew.
type Proof struct {
	Seal      Seal
	Same      bool    // the set has the digest that was sealed
	Changed   []int64 // entries that are not what was locked
	Included  int     // entries that are proven to be in the tree of the sealed root
	Root      bool    // the tree of that size still has that root
	Continues bool    // the history of today begins with it
	Size      int64   // of the history now
	Witnesses []access.Member
	AfterLock int // entries about the same records since
}

// OK reports whether everything holds.
func (p *Proof) OK() bool {
	return p.Same && len(p.Changed) == 0 && p.Included == p.Seal.Entries && p.Root && p.Continues
}

// Check proves the locked evidence of a review of this member.
func (d *Desk) Check(ctx context.Context, actor access.Actor, rid id.ID) (Proof, error) {
	var p Proof
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := d.visible(ctx, tx, actor, rid)
		if err != nil {
			return err
		}
		if !r.Own() || r.Lock == nil {
			return fault.New(fault.Conflict, "fault.review.not_locked")
		}
		l, err := loadLock(ctx, tx, rid)
		if err != nil {
			return err
		}
		p.Seal = *r.Lock
		s, err := l.seal(r.Lock.At, r.Lock.As)
		if err != nil {
			return err
		}
		p.Same = *s == *r.Lock
		if err := p.prove(ctx, tx, &l); err != nil {
			return err
		}
		es, err := d.entriesOf(ctx, tx, actor, &r)
		for _, e := range es {
			if e.Index >= l.Size {
				p.AfterLock++
			}
		}
		return err
	})
	return p, err
}

// prove checks each entry against the tree. A history that is not there any
// more, or was rewritten, is no error: it is what the check is for.
func (p *Proof) prove(ctx context.Context, tx *db.Tx, l *Evidence) error {
	h, err := history.Now(ctx, tx)
	if err != nil {
		return err
	}
	p.Size = h.Size
	if l.Size == 0 || l.Size > h.Size {
		p.Root, p.Continues = l.Size == 0, l.Size == 0
		return nil
	}
	root, err := history.Root(ctx, tx, l.Size)
	if err != nil {
		return err
	}
	p.Root = hex.EncodeToString(root[:]) == l.Root
	point := history.Checkpoint{Epoch: l.Epoch, Size: l.Size}
	if raw, err := hex.DecodeString(l.Root); err == nil && len(raw) == len(point.Root) {
		copy(point.Root[:], raw)
	}
	for _, it := range l.Items {
		e, err := history.At(ctx, tx, it.Index)
		if fault.Is(err, fault.NotFound) {
			p.Changed = append(p.Changed, it.Index)
			continue
		}
		if err != nil {
			return err
		}
		leaf, err := e.Leaf()
		if err != nil {
			return err
		}
		if history.Digest(leaf) != it.Leaf {
			p.Changed = append(p.Changed, it.Index)
			continue
		}
		proof, err := history.InclusionProof(ctx, tx, it.Index, l.Size)
		if err == nil && history.CheckInclusion(proof, point, e) == nil {
			p.Included++
		}
	}
	now, err := history.Root(ctx, tx, h.Size)
	if err != nil {
		return err
	}
	cp, err := history.ConsistencyProof(ctx, tx, l.Size, h.Size)
	p.Continues = err == nil && history.CheckConsistency(cp, point, history.Checkpoint{Epoch: h.Epoch, Size: h.Size, Root: now}) == nil
	signed, err := history.Countersigned(ctx, tx)
	for _, m := range access.All() {
		if at, ok := signed[m]; ok && at.Size >= l.Size {
			p.Witnesses = append(p.Witnesses, m)
		}
	}
	return err
}
