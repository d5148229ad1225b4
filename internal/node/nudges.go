package node

import (
	"context"
	"os"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/nudge"
	"lintas/internal/place"
)

// makeNudges sets up who tells people outside the pages that something waits.
func (n *Node) makeNudges() error {
	c := nudge.Config{Member: n.Config.Member, DB: n.DB, Clock: n.wall, IDs: n.ids, Log: n.log, URL: n.publicURL(),
		Zone: place.Zone(string(n.Config.Member)), Actor: n.People.Actor, Waiting: n.waiting, Record: n.recordNudge}
	if n.Config.Zone != "" {
		zone, err := time.LoadLocation(n.Config.Zone)
		if err != nil {
			return err
		}
		c.Zone = zone
	}
	if m := n.Config.Mail; m.Host != "" {
		s := &nudge.SMTP{Host: m.Host, Port: m.Port, TLS: m.TLS, User: m.User, From: m.From}
		if m.PasswordFile != "" {
			var err error
			if s.Password, err = secretFile(n.path(m.PasswordFile)); err != nil {
				return err
			}
		}
		c.Mail = s
	}
	if p := n.Config.Push; p.Contact != "" {
		w, err := nudge.NewWebPush(n.keys().Node, p.Contact, p.Services)
		if err != nil {
			return err
		}
		c.Push = w
	}
	n.Nudges = nudge.New(c)
	return nil
}

// secretFile reads one line from a file that nobody else may read.
func secretFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return "", fault.New(fault.Forbidden, "fault.node.mail_password").With("path", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fault.Wrap(fault.NotFound, "fault.node.mail_password", err).With("path", path)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// waiting is what the duty desk would show a person, without its content.
func (n *Node) waiting(ctx context.Context, a access.Actor) ([]nudge.Waiting, error) {
	todos, err := n.allTodos(ctx, a)
	if err != nil {
		return nil, err
	}
	out := make([]nudge.Waiting, len(todos))
	for i, t := range todos {
		out[i] = nudge.Waiting{Key: t.Key + "|" + t.Href, Emergency: t.Grade == string(health.Emergency),
			Grave: t.Grade == string(health.Warning), Due: t.Due}
	}
	return out, nil
}

func (n *Node) recordNudge(ctx context.Context, tx *db.Tx, by access.Actor, action string) error {
	_, err := history.Append(ctx, tx, history.Entry{At: n.wall.Now(), Recorded: n.wall.Now(), Member: n.Config.Member, Account: by.Account,
		Actor: by.Name, Action: action, Record: history.Record{Desk: "nudge", Kind: "preference", ID: by.Account, Version: 1}})
	return err
}
