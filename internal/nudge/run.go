package nudge

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
)

const (
	every   = time.Minute
	oneSend = 30 * time.Second
	pause   = 5 * time.Minute // after a way failed
)

// ErrGone is a Pusher's answer for a device that unsubscribed.
var ErrGone = errors.New("the device is gone")

// Run looks once a minute until ctx ends.
func (n *Nudges) Run(ctx context.Context) {
	if n.c.Mail == nil && n.c.Push == nil {
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := n.Look(ctx); err != nil && ctx.Err() == nil {
				n.c.Log.Error("looking for whom to nudge", "error", err)
			}
		}
	}
}

// Look tells everybody what they are to be told now.
func (n *Nudges) Look(ctx context.Context) error {
	var prefs []Preference
	err := n.c.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT `+columns+` FROM nudge_preference WHERE flash <> ? OR daily >= 0 ORDER BY account`, []any{string(Never)},
			func(scan func(...any) error) error {
				p, err := scanPreference(scan)
				prefs = append(prefs, p)
				return err
			})
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range prefs {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, n.person(ctx, p))
	}
	return errors.Join(errs...)
}

func (n *Nudges) person(ctx context.Context, p Preference) error {
	now := n.c.Clock.Now()
	if now.Before(n.holds[p.Account]) {
		return nil
	}
	waiting, sent, devices, err := n.state(ctx, p)
	if err != nil || len(waiting) == 0 {
		return err
	}
	for _, nudge := range Plan(p, waiting, func(k string) bool { return sent[k] }, now.In(n.c.Zone)) {
		if err := n.tell(ctx, p, devices, nudge, now); err != nil {
			n.holds[p.Account] = now.Add(pause)
			return err
		}
	}
	return nil
}

// state is what waits for a person and what it was told.
func (n *Nudges) state(ctx context.Context, p Preference) (waiting []Waiting, sent map[string]bool, devices []Device, err error) {
	sent = map[string]bool{}
	var actor access.Actor
	ok := false
	err = n.c.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		actor, err = n.c.Actor(ctx, tx, p.Account)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
			return nil // suspended or closed
		}
		if err != nil {
			return err
		}
		ok = true
		if devices, err = devicesOf(ctx, tx, p.Account); err != nil {
			return err
		}
		return tx.Each(ctx, `SELECT key FROM nudge_sent WHERE account = ?`, []any{string(p.Account)}, func(scan func(...any) error) error {
			var k string
			err := scan(&k)
			sent[k] = true
			return err
		})
	})
	if err != nil || !ok {
		return nil, nil, nil, err
	}
	waiting, err = n.c.Waiting(ctx, actor)
	return waiting, sent, devices, err
}

// tell claims the keys first: better told once too few than twice at night.
// When no way worked, the claim is taken back and tried again later.
func (n *Nudges) tell(ctx context.Context, p Preference, devices []Device, nudge Nudge, now time.Time) error {
	var keys []string
	err := n.c.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		keys, err = claim(ctx, tx, p.Account, nudge.Keys, now)
		return err
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	reached, err := n.send(ctx, p, devices, nudge)
	if reached {
		if err != nil {
			n.c.Log.Warn("one way of a nudge failed", "error", err)
		}
		return nil
	}
	undo := n.c.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return unclaim(ctx, tx, p.Account, keys) })
	return errors.Join(err, undo)
}

// payload is what a push message carries: words for the notice, and where it
// leads.
type payload struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	URL   string `json:"url"`
}

func (n *Nudges) send(ctx context.Context, p Preference, devices []Device, nudge Nudge) (reached bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, oneSend)
	defer cancel()
	w := locale.New(p.Lang, n.c.Zone, "")
	member := place.Name(string(n.c.Member), w.Lang())
	key := "nudge.flash"
	if nudge.Daily {
		key = "nudge.daily"
	}
	subject := w.T(key, "n", nudge.Count, "member", member)
	var errs []error
	if n.c.Mail != nil && p.Mail != "" {
		err := n.c.Mail.Mail(ctx, p.Mail, subject, w.T("nudge.mail", "subject", subject, "all", nudge.All, "url", n.c.URL+"/"))
		reached, errs = reached || err == nil, append(errs, err)
	}
	if n.c.Push == nil {
		return reached, errors.Join(errs...)
	}
	body, err := json.Marshal(payload{Title: subject, Body: w.T("nudge.open"), URL: "/"})
	if err != nil {
		return reached, err
	}
	for _, d := range devices {
		err := n.c.Push.Push(ctx, d, body)
		if errors.Is(err, ErrGone) {
			err = n.forget(ctx, d.ID)
		} else if err == nil {
			reached = true
		}
		errs = append(errs, err)
	}
	return reached, errors.Join(errs...)
}

func (n *Nudges) forget(ctx context.Context, device id.ID) error {
	return n.c.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM nudge_device WHERE id = ?`, string(device))
		return err
	})
}
