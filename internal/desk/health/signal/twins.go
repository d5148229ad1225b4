package signal

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Bounds of the search for near duplicates: how many signals one is compared
// with at most, and how many pairs are kept of one.
const (
	mostOfBand  = 40
	mostNear    = 80
	mostPairs   = 10
	scoutAtOnce = 100
)

// Proposal is a signal that may say the same as another.
type Proposal struct {
	Like Likeness `json:"likeness"`
	View
}

// compare keeps the near duplicates of one signal current; it runs in the
// transaction that made or changed it.
func (d *Desk) compare(ctx context.Context, tx *db.Tx, s *Signal) error {
	f := featuresOf(s)
	keys := Bands(f.Grams)
	if _, err := tx.Exec(ctx, `DELETE FROM signal_band WHERE signal = ?`, string(s.ID)); err != nil {
		return err
	}
	candidates, err := near(ctx, tx, s, keys)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, err := tx.Exec(ctx, `INSERT INTO signal_band (band, signal) VALUES (?, ?) ON CONFLICT (band, signal) DO NOTHING`, k, string(s.ID)); err != nil {
			return err
		}
	}
	pairs, err := score(ctx, tx, s.ID, &f, candidates)
	if err != nil {
		return err
	}
	touched := []id.ID{s.ID}
	for _, p := range pairs {
		if err := propose(ctx, tx, s.ID, p.id, p.Likeness, s.Changed.At); err != nil {
			return err
		}
		touched = append(touched, p.id)
	}
	if _, err := tx.Exec(ctx, `UPDATE signal_signal SET scouted = 1 WHERE id = ?`, string(s.ID)); err != nil {
		return err
	}
	if len(touched) == 1 {
		return nil
	}
	return recount(ctx, tx, touched...)
}

// near are the signals worth comparing: those that share a band of words, and
// those of the same place or state at about the same time.
func near(ctx context.Context, tx *db.Tx, s *Signal, keys []int64) ([]id.ID, error) {
	seen := map[id.ID]bool{s.ID: true}
	var out []id.ID
	collect := func(query string, args ...any) error {
		return tx.Each(ctx, query, args, func(scan func(...any) error) error {
			var x string
			if err := scan(&x); err != nil {
				return err
			}
			if !seen[id.ID(x)] {
				seen[id.ID(x)] = true
				out = append(out, id.ID(x))
			}
			return nil
		})
	}
	for _, k := range keys {
		if err := collect(`SELECT signal FROM signal_band WHERE band = ? ORDER BY signal DESC LIMIT ?`, k, mostOfBand); err != nil {
			return nil, err
		}
	}
	at := s.Seen()
	from, to := clock.Micros(at.AddDate(0, 0, -timeReach)), clock.Micros(at.AddDate(0, 0, timeReach))
	for _, side := range []struct {
		between string
		a, b    int64
	}{{"seen BETWEEN ? AND ? ORDER BY seen DESC", from, clock.Micros(at)}, {"seen BETWEEN ? AND ? ORDER BY seen", clock.Micros(at) + 1, to}} {
		if err := collect(`SELECT id FROM signal_signal WHERE place = ? AND `+side.between+` LIMIT ?`, s.Place, side.a, side.b, mostNear/2); err != nil {
			return nil, err
		}
		query, args := `SELECT id FROM signal_signal WHERE country = ? AND hazard IN (?, 'unknown') AND `, []any{Country(s.Place), s.Hazard}
		if s.Hazard == "unknown" {
			query, args = `SELECT id FROM signal_signal WHERE country = ? AND `, args[:1]
		}
		if err := collect(query+side.between+` LIMIT ?`, append(args, side.a, side.b, mostNear/2)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type scored struct {
	Likeness
	id id.ID
}

// score compares a signal with the candidates and keeps the most alike that
// reach the threshold.
func score(ctx context.Context, tx *db.Tx, self id.ID, f *Features, candidates []id.ID) ([]scored, error) {
	var out []scored
	for part := range slices.Chunk(candidates, 100) {
		found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE id IN (`+marks(len(part))+`) AND state NOT IN (?, ?)`,
			append(anys(part), string(Discarded), string(Duplicate))...)
		if err != nil {
			return nil, err
		}
		for i := range found {
			g := featuresOf(&found[i])
			if l := Alike(f, &g); l.Score >= Threshold && found[i].ID != self {
				out = append(out, scored{l, found[i].ID})
			}
		}
	}
	slices.SortFunc(out, func(a, b scored) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.id, b.id)) })
	return out[:min(len(out), mostPairs)], nil
}

func ordered(a, b id.ID) (string, string) { return string(min(a, b)), string(max(a, b)) }

// propose stores a pair; what people decided on it before stays.
func propose(ctx context.Context, tx *db.Tx, a, b id.ID, l Likeness, at time.Time) error {
	parts, err := encode(l)
	if err != nil {
		return err
	}
	one, other := ordered(a, b)
	_, err = tx.Exec(ctx, `INSERT INTO signal_pair (one, other, score, parts, decided, at) VALUES (?, ?, ?, ?, '', ?)
		ON CONFLICT (one, other) DO UPDATE SET score = excluded.score, parts = excluded.parts`, one, other, l.Score, parts, clock.Micros(at))
	return err
}

func decide(ctx context.Context, tx *db.Tx, a, b id.ID, how string, at time.Time) error {
	one, other := ordered(a, b)
	_, err := tx.Exec(ctx, `INSERT INTO signal_pair (one, other, score, parts, decided, at) VALUES (?, ?, 0, '{}', ?, ?)
		ON CONFLICT (one, other) DO UPDATE SET decided = excluded.decided, at = excluded.at`, one, other, how, clock.Micros(at))
	return err
}

// partners are the signals that a pair joins to one, and the ids of those with
// which it is undecided.
func partners(ctx context.Context, tx *db.Tx, sid id.ID) ([]id.ID, error) {
	var out []id.ID
	for _, query := range []string{`SELECT other FROM signal_pair WHERE one = ? AND decided = ''`, `SELECT one FROM signal_pair WHERE other = ? AND decided = ''`} {
		err := tx.Each(ctx, query, []any{string(sid)}, func(scan func(...any) error) error {
			var x string
			err := scan(&x)
			out = append(out, id.ID(x))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// recount keeps the number of undecided near duplicates that the inbox shows.
func recount(ctx context.Context, tx *db.Tx, ids ...id.ID) error {
	for _, sid := range ids {
		_, err := tx.Exec(ctx, `UPDATE signal_signal SET twins =
			(SELECT COUNT(*) FROM signal_pair p JOIN signal_signal o ON o.id = p.other WHERE p.one = ? AND p.decided = '' AND o.state NOT IN (?, ?)) +
			(SELECT COUNT(*) FROM signal_pair p JOIN signal_signal o ON o.id = p.one WHERE p.other = ? AND p.decided = '' AND o.state NOT IN (?, ?))
			WHERE id = ?`, string(sid), string(Discarded), string(Duplicate), string(sid), string(Discarded), string(Duplicate), string(sid))
		if err != nil {
			return err
		}
	}
	return nil
}

// closed lets the partners of a signal that left or came back count again.
func (d *Desk) closed(ctx context.Context, tx *db.Tx, s *Signal) error {
	ids, err := partners(ctx, tx, s.ID)
	if err != nil {
		return err
	}
	return recount(ctx, tx, append(ids, s.ID)...)
}

// twin refuses a signal that another cannot be joined to.
func (d *Desk) twin(ctx context.Context, tx *db.Tx, actor access.Actor, self, other id.ID) error {
	s, err := d.visible(ctx, tx, actor, other)
	if fault.Is(err, fault.NotFound) || err == nil && (self == other || s.State == Duplicate || s.State == Discarded) {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "twin", Key: "fault.signal.twin"}}}
	}
	return err
}

// joined follows a merge: the pair is decided, and the page of the signal
// that stays shows its new member.
func (d *Desk) joined(ctx context.Context, tx *db.Tx, s *Signal) error {
	if err := decide(ctx, tx, s.ID, s.DuplicateOf, "merged", s.Changed.At); err != nil {
		return err
	}
	d.env.Notify(tx, "signal:"+string(s.DuplicateOf))
	return d.closed(ctx, tx, s)
}

// parted follows a split: the two are not proposed again.
func (d *Desk) parted(ctx context.Context, tx *db.Tx, s *Signal, other id.ID) error {
	if err := decide(ctx, tx, s.ID, other, "apart", s.Changed.At); err != nil {
		return err
	}
	d.env.Notify(tx, "signal:"+string(other))
	return d.closed(ctx, tx, s)
}

// KeepApart says that two signals are not the same; the pair is not proposed
// again. seen is the version of the first.
func (d *Desk) KeepApart(ctx context.Context, actor access.Actor, sid id.ID, seen int, other id.ID) (Signal, error) {
	return d.take(ctx, actor, sid, seen, "apart", func(Signal) desk.Change[Signal] {
		return desk.Change[Signal]{Detail: map[string]any{"twin": string(other)}, Then: func(ctx context.Context, tx *db.Tx, s *Signal) error {
			if _, err := d.visible(ctx, tx, actor, other); err != nil {
				return err
			}
			if err := decide(ctx, tx, sid, other, "apart", s.Changed.At); err != nil {
				return err
			}
			d.env.Notify(tx, "signal:"+string(other))
			return recount(ctx, tx, sid, other)
		}}
	})
}

// proposals are the undecided near duplicates of a signal that the actor may
// see, the most alike first.
func (d *Desk) proposals(ctx context.Context, tx *db.Tx, actor access.Actor, s *Signal) ([]Proposal, error) {
	likeness := map[id.ID]Likeness{}
	for _, query := range []string{`SELECT other, parts FROM signal_pair WHERE one = ? AND decided = ''`, `SELECT one, parts FROM signal_pair WHERE other = ? AND decided = ''`} {
		err := tx.Each(ctx, query, []any{string(s.ID)}, func(scan func(...any) error) error {
			var x, parts string
			var l Likeness
			if err := scan(&x, &parts); err != nil {
				return err
			}
			err := decode(parts, &l)
			likeness[id.ID(x)] = l
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var ids []id.ID
	for x := range likeness {
		ids = append(ids, x)
	}
	var out []Proposal
	for part := range slices.Chunk(ids, 200) {
		found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE id IN (`+marks(len(part))+`) AND state NOT IN (?, ?)`,
			append(anys(part), string(Discarded), string(Duplicate))...)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if sees(health.ReachOf(actor), &found[i]) {
				out = append(out, Proposal{likeness[found[i].ID], view(&found[i], actor, d.env.Clock.Now())})
			}
		}
	}
	slices.SortFunc(out, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(b.Like.Score, a.Like.Score), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), 2*mostPairs)], nil
}

// Scout compares signals that came in bulk, a few in one transaction, and
// says how many it did; 0 means that there are no more.
func (d *Desk) Scout(ctx context.Context) (int, error) {
	n := 0
	err := d.env.DB.Write(ctx, func(tx *db.Tx) error {
		found, err := loadAll[Signal](ctx, tx, `SELECT doc FROM signal_signal WHERE scouted = 0 ORDER BY id LIMIT ?`, scoutAtOnce)
		if err != nil {
			return err
		}
		for i := range found {
			if err := d.compare(ctx, tx, &found[i]); err != nil {
				return err
			}
		}
		n = len(found)
		return nil
	})
	return n, err
}
