package people

// How guessing is slowed without locking anybody out.
//
// Every attempt at a password or a code is counted before it is judged, so
// that many at the same moment do not slip through, and the count is taken
// back when the person got in. What is counted depends on whether the browser
// carries a device cookie of the account: a MAC that the node gave when the
// account last signed in there (OWASP, "Slow Down Online Guessing Attacks with
// Device Cookies").
//
// Without a valid cookie, three counters all have room or the attempt waits:
//   address   100 failures in 15 minutes from one IPv4 address or IPv6 /64
//   account    50 failures in an hour at one account, from wherever
//   pair        5 failures of one account from one network (IPv4 /24,
//              IPv6 /56), then 30 s, 1 min, 2 min … up to 1 h
// With a valid cookie only one counter is asked:
//   device      5 failures of this cookie, then the same delays
//
// So whoever attacks a named person from the whole world gets 50 guesses an
// hour in all, and that person still gets in at once where they got in
// before. On a new device they wait until the hour ends or ask an
// administrator for a link (IssueLink), which is not throttled: it carries 256
// random bits, and accepting it gives a device cookie. A stolen cookie is
// delayed by itself; changing a factor ends all cookies.
//
// An unknown account has the same counters as a known one, so the answer
// tells nothing. What is typed again inside a session (an old password, a code
// for a step-up) is counted per session. Keys are MACs of what they count: the
// table holds no address and no login.

import (
	"context"
	"encoding/hex"
	"math"
	"net/netip"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
)

const forget = 24 * time.Hour // delays start anew after a day without a failure

// limit is the rule of one kind of counter.
type limit struct {
	kind   string
	free   int64         // failures before anything waits
	window time.Duration // budget per window; 0: growing delays
}

var (
	byAddress = limit{kind: "address", free: 100, window: 15 * time.Minute}
	byAccount = limit{kind: "account", free: 50, window: time.Hour}
	byPair    = limit{kind: "pair", free: 5}
	byDevice  = limit{kind: "device", free: 5}
	bySession = limit{kind: "session", free: 5}
)

const (
	firstDelay = 30 * time.Second
	mostDelay  = time.Hour
)

// count is what is stored of a counter.
type count struct {
	failures int64
	since    time.Time // start of the window
	last     time.Time
}

// wait is how long an attempt at now must wait, and the counter as it stands.
func (l limit) wait(c count, now time.Time) (time.Duration, count) {
	if l.window > 0 {
		if end := c.since.Add(l.window); !now.Before(end) {
			return 0, count{since: now}
		} else if c.failures >= l.free {
			return end.Sub(now), c
		}
		return 0, c
	}
	if now.Sub(c.last) >= forget {
		return 0, count{since: now}
	}
	return max(0, c.last.Add(l.delay(c.failures)).Sub(now)), c
}

func (l limit) delay(failures int64) time.Duration {
	over := failures - l.free
	switch {
	case over < 0:
		return 0
	case over >= 7: // 30 s << 7 is more than an hour
		return mostDelay
	}
	return min(mostDelay, firstDelay<<over)
}

// slows reports whether the next attempt has to wait after this failure.
func (l limit) slows(failures int64) bool { return failures >= l.free }

// counter is one counter of one attempt.
type counter struct {
	limit
	key string
}

func (p *People) counter(l limit, parts ...string) counter {
	b := [][]byte{[]byte(l.kind)}
	for _, part := range parts {
		b = append(b, []byte(part))
	}
	return counter{l, l.kind + ":" + hex.EncodeToString(mac(p.keys.throttle, b...)[:16])}
}

// counters are those of an attempt at a login; device is the nonce of a valid
// cookie, or empty. Their order is fixed, so that attempts never wait for each
// other in a circle.
func (p *People) counters(v Visit, login, device string) []counter {
	if device != "" {
		return []counter{p.counter(byDevice, login, device)}
	}
	return []counter{
		p.counter(byAddress, network(v.Address, 32, 64)),
		p.counter(byAccount, login),
		p.counter(byPair, login, network(v.Address, 24, 56)),
	}
}

// network is the part of an address that one party holds.
func network(a netip.Addr, v4, v6 int) string {
	a = a.Unmap().WithZone("")
	bits := v6
	if a.Is4() {
		bits = v4
	}
	pre, err := a.Prefix(bits)
	if err != nil || !pre.IsValid() {
		return "none" // a request without an address, such as over a socket of the machine
	}
	return pre.String()
}

// reserve counts one failure in each counter, or refuses with the time to
// wait and counts nothing. Slowed tells that the next attempt must wait.
func (p *People) reserve(ctx context.Context, cs []counter) (slowed bool, err error) {
	err = p.keep(ctx, func(tx *db.Tx, now time.Time) error {
		slowed = false
		us := clock.Micros(now)
		var wait time.Duration
		for _, c := range cs {
			var old count
			var since, last int64
			// The upsert holds the row until the commit, with either engine.
			if _, err := tx.Row(ctx, `INSERT INTO people_throttle (k, failures, since, last) VALUES (?, 0, ?, ?)
				ON CONFLICT (k) DO UPDATE SET failures = people_throttle.failures RETURNING failures, since, last`,
				[]any{c.key, us, us}, &old.failures, &since, &last); err != nil {
				return err
			}
			old.since, old.last = clock.FromMicros(since), clock.FromMicros(last)
			w, cur := c.wait(old, now)
			wait = max(wait, w)
			slowed = slowed || c.slows(cur.failures+1)
			if _, err := tx.Exec(ctx, `UPDATE people_throttle SET failures = ?, since = ?, last = ? WHERE k = ?`,
				cur.failures+1, clock.Micros(cur.since), us, c.key); err != nil {
				return err
			}
		}
		if wait > 0 { // rolls the counting back
			return fault.New(fault.Unavailable, "fault.people.wait").With("seconds", int(math.Ceil(wait.Seconds())))
		}
		return nil
	})
	return slowed, err
}

// release takes the reservations of somebody who got in back: the shared
// counters lose what this person added, their own start anew.
func release(ctx context.Context, tx *db.Tx, cs []counter, added int64) error {
	for _, c := range cs {
		var err error
		if c.window > 0 {
			_, err = tx.Exec(ctx, `UPDATE people_throttle SET failures = failures - ? WHERE k = ? AND failures >= ?`, added, c.key, added)
		} else {
			_, err = tx.Exec(ctx, `DELETE FROM people_throttle WHERE k = ?`, c.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
