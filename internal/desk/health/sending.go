package health

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Files leave after the release that names them, in transactions of their
// own. What is still to be sent stands in a table that the release writes.

// sendAgain is how long the sending rests after a failure.
const sendAgain = 30 * time.Second

// sending is one file that is not yet with the exchange.
type sending struct {
	file, notification id.ID
	members            []access.Member
}

// queueFiles notes the files of a release, in its transaction.
func (d *Desk) queueFiles(ctx context.Context, tx *db.Tx, n *Notification) error {
	if len(n.Files) == 0 {
		return nil
	}
	members, err := encode(n.To())
	if err != nil {
		return err
	}
	for _, f := range n.Files {
		if _, err := tx.Exec(ctx, `INSERT INTO health_sending (file, notification, members, at) VALUES (?, ?, ?, ?)`,
			f.ID, n.ID, members, clock.Micros(d.env.Wall.Now())); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() {
		select {
		case d.waiting <- struct{}{}:
		default: // it is awake already
		}
	})
	return nil
}

// stopFiles forgets what is still to be sent of a withdrawn notification.
func stopFiles(ctx context.Context, tx *db.Tx, nid id.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM health_sending WHERE notification = ?`, nid)
	return err
}

// SendFiles gives the files of releases to the exchange until ctx ends: those
// that an earlier run of the program left first, then those of each release.
// failed hears why a file has to wait.
func (d *Desk) SendFiles(ctx context.Context, failed func(error)) {
	again := time.NewTicker(sendAgain)
	defer again.Stop()
	for ctx.Err() == nil {
		if err := d.sendFiles(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
		case <-d.waiting:
		case <-again.C:
		}
	}
}

// SweepFiles throws away uploads that broke off, and writes the search words
// of notices that an older program received.
func (d *Desk) SweepFiles(ctx context.Context) error {
	return errors.Join(d.files.Sweep(ctx), d.noteWords(ctx))
}

// sendFiles sends what waits; one file that cannot be sent does not hold up
// the others.
func (d *Desk) sendFiles(ctx context.Context) error {
	if d.env.Carry == nil {
		return nil
	}
	var list []sending
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Each(ctx, `SELECT file, notification, members FROM health_sending ORDER BY at, file`, nil, func(scan func(...any) error) error {
			var s sending
			var members string
			if err := scan((*string)(&s.file), (*string)(&s.notification), &members); err != nil {
				return err
			}
			list = append(list, s)
			return json.Unmarshal([]byte(members), &list[len(list)-1].members)
		})
	})
	for _, s := range list {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = errors.Join(err, d.sendFile(ctx, s))
	}
	return err
}

func (d *Desk) sendFile(ctx context.Context, s sending) error {
	var n Notification
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		n, err = loadNotification(ctx, tx, s.notification)
		return err
	})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(n.Files, func(f exchange.File) bool { return f.ID == s.file })
	if i < 0 || n.State == Withdrawn {
		return d.sentFile(ctx, s, &n)
	}
	for len(s.members) > 0 {
		_, r, err := d.files.Open(ctx, s.file)
		if err != nil {
			return err
		}
		err = d.env.Carry.SendFile(ctx, n.Files[i], s.members, r)
		if gone := left(err); gone != "" && slices.Contains(s.members, gone) {
			s.members = slices.DeleteFunc(s.members, func(m access.Member) bool { return m == gone })
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	return d.sentFile(ctx, s, &n)
}

// left is the recipient that is no longer in the directory, if that is why a
// file was refused: the others get it all the same.
func left(err error) access.Member {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.Invalid {
		return ""
	}
	m, _ := e.Args["member"].(string)
	return access.Member(m)
}

func (d *Desk) sentFile(ctx context.Context, s sending, n *Notification) error {
	return d.env.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM health_sending WHERE file = ?`, s.file); err != nil {
			return err
		}
		d.env.Notify(tx, "event:"+string(n.Event))
		return nil
	})
}
