package nudge

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Device is a browser that takes web push (RFC 8030, RFC 8291).
type Device struct {
	ID       id.ID
	Account  id.ID
	Endpoint string
	Key      string // p256dh
	Auth     string
	Made     time.Time
}

// maxDevices is how many browsers one person may have.
const maxDevices = 10

const columns = `account, mail, flash, daily, quiet_from, quiet_to, lang`

func scanPreference(scan func(...any) error) (Preference, error) {
	var p Preference
	err := scan((*string)(&p.Account), &p.Mail, (*string)(&p.Flash), &p.Daily, &p.QuietFrom, &p.QuietTo, &p.Lang)
	return p, err
}

// Preference is what the actor chose.
func (n *Nudges) Preference(ctx context.Context, a access.Actor) (Preference, error) {
	out := Standard(a.Account)
	err := n.c.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT `+columns+` FROM nudge_preference WHERE account = ?`, []any{string(a.Account)}, func(scan func(...any) error) error {
			var err error
			out, err = scanPreference(scan)
			return err
		})
	})
	return out, err
}

// Prefer keeps what the actor chooses for itself.
func (n *Nudges) Prefer(ctx context.Context, a access.Actor, p Preference) error {
	if a.Account == "" || a.Scopes != nil {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "prefer")
	}
	p.Account = a.Account
	if err := p.check(); err != nil {
		return err
	}
	return n.c.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO nudge_preference (account, mail, flash, daily, quiet_from, quiet_to, lang, changed)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account) DO UPDATE SET mail = excluded.mail, flash = excluded.flash, daily = excluded.daily,
			quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, lang = excluded.lang, changed = excluded.changed`,
			string(p.Account), p.Mail, string(p.Flash), p.Daily, p.QuietFrom, p.QuietTo, p.Lang, clock.Micros(n.c.Clock.Now())); err != nil {
			return err
		}
		return n.c.Record(ctx, tx, a, "nudge.prefer")
	})
}

// Devices are the actor's browsers.
func (n *Nudges) Devices(ctx context.Context, a access.Actor) ([]Device, error) {
	var out []Device
	err := n.c.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = devicesOf(ctx, tx, a.Account)
		return err
	})
	return out, err
}

func devicesOf(ctx context.Context, tx *db.Tx, account id.ID) ([]Device, error) {
	var out []Device
	err := tx.Each(ctx, `SELECT id, account, endpoint, key, auth, made FROM nudge_device WHERE account = ? ORDER BY made, id`, []any{string(account)},
		func(scan func(...any) error) error {
			var d Device
			var made int64
			err := scan((*string)(&d.ID), (*string)(&d.Account), &d.Endpoint, &d.Key, &d.Auth, &made)
			d.Made = clock.FromMicros(made)
			out = append(out, d)
			return err
		})
	return out, err
}

// Subscribe adds a browser of the actor. The same browser again replaces its
// earlier entry, whoever was signed in then.
func (n *Nudges) Subscribe(ctx context.Context, a access.Actor, d Device) error {
	if a.Account == "" || a.Scopes != nil {
		return fault.New(fault.Forbidden, "fault.role").With("verb", "subscribe")
	}
	if n.c.Push == nil {
		return fault.New(fault.Unavailable, "fault.nudge.no_push")
	}
	if !n.c.Push.Serves(d.Endpoint) || len(d.Endpoint) > 1000 || !validKeys(d) {
		return fault.New(fault.Invalid, "fault.nudge.device")
	}
	return n.c.DB.Write(ctx, func(tx *db.Tx) error {
		ds, err := devicesOf(ctx, tx, a.Account)
		if err != nil {
			return err
		}
		if len(ds) >= maxDevices {
			return fault.New(fault.Invalid, "fault.too_many").With("max", maxDevices)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO nudge_device (id, account, endpoint, key, auth, made) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (endpoint) DO UPDATE SET account = excluded.account, key = excluded.key, auth = excluded.auth, made = excluded.made`,
			string(n.c.IDs.New()), string(a.Account), d.Endpoint, d.Key, d.Auth, clock.Micros(n.c.Clock.Now())); err != nil {
			return err
		}
		return n.c.Record(ctx, tx, a, "nudge.subscribe")
	})
}

// Unsubscribe removes a browser of the actor.
func (n *Nudges) Unsubscribe(ctx context.Context, a access.Actor, device id.ID) error {
	return n.c.DB.Write(ctx, func(tx *db.Tx) error {
		rows, err := tx.Exec(ctx, `DELETE FROM nudge_device WHERE id = ? AND account = ?`, string(device), string(a.Account))
		if err != nil {
			return err
		}
		if rows == 0 {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return n.c.Record(ctx, tx, a, "nudge.unsubscribe")
	})
}

// claim marks keys as told; it returns those that nobody had marked before, so
// that several processes on one database tell a person once.
func claim(ctx context.Context, tx *db.Tx, account id.ID, keys []string, now time.Time) ([]string, error) {
	var out []string
	for _, k := range keys {
		rows, err := tx.Exec(ctx, `INSERT INTO nudge_sent (account, key, at) VALUES (?, ?, ?) ON CONFLICT (account, key) DO NOTHING`,
			string(account), k, clock.Micros(now))
		if err != nil {
			return nil, err
		}
		if rows > 0 {
			out = append(out, k)
		}
	}
	return out, nil
}

// unclaim takes marks back after nothing could be sent.
func unclaim(ctx context.Context, tx *db.Tx, account id.ID, keys []string) error {
	for _, k := range keys {
		if _, err := tx.Exec(ctx, `DELETE FROM nudge_sent WHERE account = ? AND key = ?`, string(account), k); err != nil {
			return err
		}
	}
	return nil
}

// keep is how long it is remembered what a person was told.
const keep = 60 * 24 * time.Hour

// Sweep forgets old marks.
func (n *Nudges) Sweep(ctx context.Context) error {
	return n.c.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM nudge_sent WHERE at < ?`, clock.Micros(n.c.Clock.Now().Add(-keep)))
		return err
	})
}
