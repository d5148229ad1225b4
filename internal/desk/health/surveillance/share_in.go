package surveillance

import (
	"context"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health/surveillance/packed"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
)

// Counts of other members are stored apart from the node's own: as they came,
// with owner, release and the time as of which they were known. Nothing adds
// them to a dataset, exports them in one or releases them again.

// keepReleases is how many releases of one standing release are kept, so that
// what was known can be shown again.
const keepReleases = 120

// Handlers are the part's receivers by kind of message.
func (d *Desk) Handlers() map[string]exchange.Handler {
	return map[string]exchange.Handler{KindCounts: d.env.Receives(Name, KindCounts, d.receiveCounts)}
}

func (d *Desk) receiveCounts(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	owner, gone, err := receivedOwner(ctx, tx, in.Ref.ID)
	if err != nil {
		return err
	}
	if owner != "" && owner != in.From {
		return fault.New(fault.Forbidden, "fault.surveillance.share_owner")
	}
	d.env.Notify(tx, "desk", "released")
	if in.Withdraws != "" {
		return withdrawReceived(ctx, tx, in)
	}
	if gone {
		return nil // the withdrawal was faster
	}
	b, err := readCounts(in)
	if err != nil {
		return err
	}
	doc, err := encode(&b)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO surveillance_released (release, share, owner, disease, level, known_at, rev, received, marking, exercise, reason, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?) ON CONFLICT (release) DO NOTHING`,
		string(in.ID), string(in.Ref.ID), string(in.From), b.Disease, int64(b.Level), clock.Micros(b.KnownAt), b.Rev, clock.Micros(in.Received), string(in.Marking), in.Exercise, doc); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM surveillance_released WHERE share = ? AND release NOT IN
		(SELECT release FROM surveillance_released WHERE share = ? ORDER BY known_at DESC, rev DESC LIMIT ?)`, string(in.Ref.ID), string(in.Ref.ID), keepReleases)
	return err
}

// receivedOwner says who gave a standing release, and whether it was taken
// back.
func receivedOwner(ctx context.Context, tx *db.Tx, share id.ID) (owner access.Member, gone bool, err error) {
	var reason string
	_, err = tx.Row(ctx, `SELECT owner, reason FROM surveillance_released WHERE share = ? ORDER BY received DESC LIMIT 1`, []any{string(share)}, (*string)(&owner), &reason)
	return owner, reason != "", err
}

// withdrawReceived deletes every count of a standing release and leaves who
// took it back, when and why.
func withdrawReceived(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
	if _, err := id.Parse(string(in.Ref.ID)); err != nil {
		return fault.New(fault.Invalid, "fault.bad_id")
	}
	var disease string
	var level int64
	if _, err := tx.Row(ctx, `SELECT disease, level FROM surveillance_released WHERE share = ? ORDER BY received DESC LIMIT 1`, []any{string(in.Ref.ID)}, &disease, &level); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM surveillance_released WHERE share = ?`, string(in.Ref.ID)); err != nil {
		return err
	}
	reason := cut(in.Reason, MaxReason)
	if reason == "" {
		reason = "–"
	}
	_, err := tx.Exec(ctx, `INSERT INTO surveillance_released (release, share, owner, disease, level, known_at, rev, received, marking, exercise, reason, doc)
		VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, '{}') ON CONFLICT (release) DO NOTHING`,
		string(in.ID), string(in.Ref.ID), string(in.From), disease, level, clock.Micros(in.Received), string(in.Marking), in.Exercise, reason)
	return err
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// readCounts refuses a body that breaks the limits every member keeps, or that
// tells of places which are not the sender's.
func readCounts(in exchange.Inbound) (CountsBody, error) {
	var b CountsBody
	if err := json.Unmarshal(in.Body, &b); err != nil {
		return b, fault.Wrap(fault.Invalid, "fault.exchange.body", err)
	}
	var c fault.Check
	_, err := id.Parse(string(in.Ref.ID))
	c.That(err == nil, "share", "fault.bad_id")
	c.That(b.Title != "" && utf8.RuneCountInString(b.Title) <= MaxTitle, "title", "fault.too_long", fault.Args{"max": MaxTitle})
	c.That(b.Source != "" && utf8.RuneCountInString(b.Source) <= MaxWords, "source", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(utf8.RuneCountInString(b.Terms) <= MaxWords, "terms", "fault.too_long", fault.Args{"max": MaxWords})
	c.That(slices.Contains(Measures, b.Measure), "measure", "fault.surveillance.measure")
	c.That(b.Calendar.Valid(), "calendar", "fault.surveillance.calendar")
	c.That(b.Disease != "" && len(b.Disease) <= 60, "disease", "fault.surveillance.share_disease")
	c.That(slices.Contains(ShareLevels, b.Level), "level", "fault.surveillance.share_level")
	c.That(b.Floor >= 1 && b.Floor <= MaxFloor, "floor", "fault.surveillance.share_floor", fault.Args{"max": MaxFloor})
	c.That(b.Rev > 0 && !b.KnownAt.IsZero() && b.Late >= 0 && b.Late <= MaxLate, "rev", "fault.invalid")
	c.That(len(b.Rows) > 0 && len(b.Rows) <= maxRows, "rows", "fault.surveillance.share_rows", fault.Args{"max": maxRows})
	if err := c.Err(); err != nil {
		return b, err
	}
	c.That(b.First > -1_000_000 && b.First < 1_000_000 && b.Start == b.Calendar.Start(b.First).Format(time.DateOnly), "start", "fault.invalid")
	for i := range b.Rows {
		checkRow(&c, &b, i, in.From)
	}
	return b, c.Err()
}

func checkRow(c *fault.Check, b *CountsBody, i int, from access.Member) {
	r := &b.Rows[i]
	pl, ok := place.Lookup(r.Place)
	c.Row(ok && place.Member(r.Place) == string(from) && pl.Level == b.Level, i+1, "place", "fault.surveillance.share_place")
	c.Row(!slices.ContainsFunc(b.Rows[:i], func(o CountsRow) bool { return o.Place == r.Place }), i+1, "place", "fault.surveillance.share_place")
	c.Row(len(r.Values) >= 1 && len(r.Values) <= MaxBack && len(r.Values) == len(b.Rows[0].Values), i+1, "values", "fault.invalid")
	c.Row(len(r.Classes) <= len(Classes) && (len(r.Reported) == 0 || len(r.Reported) == len(r.Values)) && r.SumOf >= 0 && r.SumOf <= maxRows, i+1, "values", "fault.invalid")
	for _, v := range r.Values {
		if v < Withheld || v > packed.MaxCount {
			c.Row(false, i+1, "values", "fault.invalid")
			return
		}
	}
	for _, k := range r.Classes {
		c.Row(slices.Contains(Classes, k), i+1, "classes", "fault.invalid")
	}
}

// Released is one release of counts as it came.
type Released struct {
	Share    id.ID          `json:"share"`
	Release  id.ID          `json:"release"`
	Owner    access.Member  `json:"owner"`
	Received time.Time      `json:"received"`
	Marking  access.Marking `json:"marking"`
	Exercise string         `json:"exercise,omitempty"`
	// Reason is why its owner took it back; the counts are then gone.
	Reason string `json:"reason,omitempty"`
	CountsBody
}

// ReleasedFilter chooses among what was received.
type ReleasedFilter struct {
	Disease string    // empty: all
	Share   id.ID     // empty: all
	Known   time.Time // what this node had received by then; zero: all
}

// Released are the newest releases of every standing release that was
// received, by owner in the order of the members.
func (d *Desk) Released(ctx context.Context, actor access.Actor, f ReleasedFilter) ([]Released, error) {
	reach, err := reads(actor)
	if err != nil || reach.Places != nil {
		return nil, err // a reader of places of this node has no others
	}
	query, args := `SELECT share, release, owner, disease, level, received, marking, exercise, reason, doc FROM surveillance_released WHERE 1 = 1`, []any(nil)
	if f.Disease != "" {
		query, args = query+` AND disease = ?`, append(args, f.Disease)
	}
	if f.Share != "" {
		query, args = query+` AND share = ?`, append(args, string(f.Share))
	}
	if !f.Known.IsZero() {
		query, args = query+` AND received <= ?`, append(args, clock.Micros(f.Known))
	}
	var out []Released
	err = d.env.DB.Read(ctx, func(tx *db.Tx) error {
		seen := map[string]bool{}
		return tx.Each(ctx, query+` ORDER BY share, known_at DESC, rev DESC`, args, func(scan func(...any) error) error {
			var x Released
			var level, received int64
			var doc string
			if err := scan((*string)(&x.Share), (*string)(&x.Release), (*string)(&x.Owner), &x.Disease, &level, &received, (*string)(&x.Marking), &x.Exercise, &x.Reason, &doc); err != nil {
				return err
			}
			if seen[string(x.Share)] || reach.NoRed && x.Marking == access.TLPRed {
				return nil
			}
			seen[string(x.Share)] = true
			x.Level, x.Received = place.Level(level), clock.FromMicros(received)
			if x.Reason == "" {
				if err := decodeDoc(doc, &x.CountsBody); err != nil {
					return err
				}
			}
			out = append(out, x)
			return nil
		})
	})
	slices.SortStableFunc(out, func(a, b Released) int {
		return slices.Index(access.All(), a.Owner) - slices.Index(access.All(), b.Owner)
	})
	return out, err
}

// ReleasedOne is what was received under one standing release.
func (d *Desk) ReleasedOne(ctx context.Context, actor access.Actor, share id.ID) (Released, error) {
	list, err := d.Released(ctx, actor, ReleasedFilter{Share: share})
	if err == nil && len(list) == 0 {
		err = desk.NotFound()
	}
	if err != nil {
		return Released{}, err
	}
	return list[0], nil
}
