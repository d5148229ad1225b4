package health

import (
	"context"
	"encoding/json"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// SentAlert is what a recipient got of a released notification of this node.
// Without a recipient it is what the group with the fewest blocks got, so that
// a document that is passed on holds no more than everybody has.
func (d *Desk) SentAlert(ctx context.Context, actor access.Actor, nid id.ID, to access.Member) (Alerted, error) {
	var out Alerted
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := loadNotification(ctx, tx, nid)
		if err != nil {
			return err
		}
		if !ReachOf(actor).SeesNotification(&n) {
			return desk.NotFound()
		}
		if n.Released.IsZero() {
			return fault.New(fault.Conflict, "fault.rest.not_released")
		}
		out, err = sentAlert(ctx, tx, &n, to)
		return err
	})
	return out, err
}

func sentAlert(ctx context.Context, tx *db.Tx, n *Notification, to access.Member) (Alerted, error) {
	r, ok := n.narrowest(to)
	if !ok {
		return Alerted{}, desk.NotFound()
	}
	out := Alerted{Notification: n.ID, Release: r.Release, From: n.Owner, Marking: n.Marking, Purpose: n.Purpose, Basis: n.Basis,
		Lang: n.Lang, Issued: n.Released, Due: n.Released.Add(n.AckWithin), Exercise: n.Exercise}
	for _, o := range n.Recipients {
		if o.Release == r.Release {
			out.To = append(out.To, o.Member)
		}
	}
	var body string
	found, err := tx.Row(ctx, `SELECT body FROM health_release WHERE id = ?`, []any{string(r.Release)}, &body)
	if err != nil {
		return out, err
	}
	if !found || body == "" { // released before bodies were kept
		return out, desk.NotFound()
	}
	if err := json.Unmarshal([]byte(body), &out.View); err != nil {
		return out, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	if r.Replaces != "" && n.old != nil {
		out.Replaces = &Earlier{Release: r.Replaces, Issued: n.old.Released}
	}
	if n.State == Withdrawn {
		out.Withdrawn, out.Reason = n.Changed.At, n.Reason
		out.tombstone()
	}
	return out, nil
}

// narrowest is the recipient asked for, or the first with the fewest blocks.
func (n *Notification) narrowest(to access.Member) (Recipient, bool) {
	var out Recipient
	found := false
	for _, r := range n.Recipients {
		switch {
		case r.Release == "", to != "" && r.Member != to:
			continue
		case !found || len(r.Blocks) < len(out.Blocks):
			out, found = r, true
		}
	}
	return out, found
}

// ReceivedAlert is a received notification as its release said it.
func (d *Desk) ReceivedAlert(ctx context.Context, actor access.Actor, nid id.ID) (Alerted, error) {
	var out Alerted
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := d.visibleNotice(ctx, tx, actor, nid)
		if err != nil {
			return err
		}
		out = Alerted{Notification: n.Body.ID, Release: n.Release, From: n.From, To: []access.Member{d.env.Member}, View: n.Body,
			Marking: n.Marking, Purpose: n.Purpose, Basis: n.Basis, Lang: n.Lang, Issued: n.Issued, Due: n.AckBy, Exercise: n.Exercise}
		if n.State == Withdrawn {
			out.Withdrawn, out.Reason = n.Changed.At, n.Words
			out.tombstone()
		}
		return d.replaced(ctx, tx, &n, &out)
	})
	return out, err
}

// replaced names the superseded release, if it arrived here.
func (d *Desk) replaced(ctx context.Context, tx *db.Tx, n *Notice, out *Alerted) error {
	if n.Supersedes == "" {
		return nil
	}
	oid, ok, err := noticeByRelease(ctx, tx, n.Supersedes)
	if err != nil || !ok {
		return err
	}
	old, err := loadNotice(ctx, tx, oid)
	if err == nil && old.From == n.From {
		out.Replaces = &Earlier{Release: old.Release, Issued: old.Issued}
	}
	return err
}

// Public is one entry of the public feed: a release of this node that was
// marked clear, or its withdrawal.
type Public struct {
	Alerted
	Updated time.Time // of the release or of its withdrawal
}

// FeedCursor is the place in the feed after which the next page begins.
type FeedCursor struct {
	Updated int64
	ID      id.ID
}

// isPublic is the rule of the feed, which needs no actor: released by this
// node under TLP:CLEAR, which TLP 2.0 lets everybody have.
func isPublic(n *Notification) bool {
	return n.Marking == access.TLPClear && !n.Released.IsZero() && (n.State == Released || n.State == Updated || n.State == Withdrawn)
}

// feedTime orders the feed: a withdrawal comes to the top, an acknowledgement
// or a reminder moves nothing.
const feedTime = `CASE WHEN state = 'withdrawn' THEN changed ELSE released END`

// Feed is one page of what this node made public, the newest first; an empty
// cursor is the end.
func (d *Desk) Feed(ctx context.Context, after FeedCursor, limit int) ([]Public, FeedCursor, error) {
	var out []Public
	var next FeedCursor
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		query := `SELECT doc FROM health_notification WHERE marking = ? AND released > 0 AND state IN (?, ?, ?)`
		args := []any{string(access.TLPClear), string(Released), string(Updated), string(Withdrawn)}
		if after.ID != "" {
			query += ` AND (` + feedTime + ` < ? OR ` + feedTime + ` = ? AND id < ?)`
			args = append(args, after.Updated, after.Updated, string(after.ID))
		}
		ns, err := loadAll[Notification](ctx, tx, query+` ORDER BY `+feedTime+` DESC, id DESC LIMIT ?`, append(args, limit+1)...)
		if err != nil {
			return err
		}
		for i := range ns {
			if i == limit {
				last := &ns[i-1]
				next = FeedCursor{Updated: clock.Micros(publicTime(last)), ID: last.ID}
				break
			}
			p, err := d.public(ctx, tx, ns[i].ID)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	return out, next, err
}

// PublicAlert is one entry of the feed. What is not public is not found.
func (d *Desk) PublicAlert(ctx context.Context, nid id.ID) (Public, error) {
	var out Public
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = d.public(ctx, tx, nid)
		return err
	})
	return out, err
}

func (d *Desk) public(ctx context.Context, tx *db.Tx, nid id.ID) (Public, error) {
	n, err := loadNotification(ctx, tx, nid)
	if err != nil {
		return Public{}, err
	}
	if !isPublic(&n) || n.Owner != d.env.Member {
		return Public{}, desk.NotFound()
	}
	a, err := sentAlert(ctx, tx, &n, "")
	return Public{Alerted: a, Updated: publicTime(&n)}, err
}

func publicTime(n *Notification) time.Time {
	if n.State == Withdrawn {
		return n.Changed.At
	}
	return n.Released
}
