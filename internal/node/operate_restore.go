package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/pki"
	"lintas/internal/fault"
	"lintas/internal/history"
)

// keptFiles are what a node needs beside its database: configuration, keys,
// directory, and the certificates that the configuration names below the
// folder. They change rarely and are kept apart from the backups, since they
// hold the secrets. Those after the second may be missing.
func keptFiles(c Config) []string {
	out := []string{ConfigFile, KeyFile, DirectoryFile, NextKeysFile, pki.AuthorityFile, pki.AuthorityKeyFile}
	for _, f := range []string{c.Exchange.Authority, c.Web.Cert, c.Web.Key} {
		if f != "" && !filepath.IsAbs(f) && filepath.Base(f) == f && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// KeepFiles copies them from one folder to another.
func KeepFiles(from, to string) error {
	c, err := ReadConfig(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for i, f := range keptFiles(c) {
		b, err := os.ReadFile(filepath.Join(from, f))
		if i > 1 && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fault.Wrap(fault.NotFound, "fault.node.kept", err).With("path", filepath.Join(from, f))
		}
		if err := writeFile(filepath.Join(to, f), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Restore fills a new folder from a backup of the database and the kept
// files. The history signs nothing until the other members have said what
// they hold; the exchange finds out by itself, from the hub and the others,
// whether it must begin new sequences.
func Restore(ctx context.Context, backup, kept, dir string) (db.BackupInfo, error) {
	var info db.BackupInfo
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return info, fault.New(fault.Conflict, "fault.node.exists").With("path", dir)
	}
	if _, err := db.CheckBackup(backup); err != nil {
		return info, err
	}
	if _, err := ReadKeys(kept); err != nil {
		return info, fault.Wrap(fault.NotFound, "fault.node.kept", err).With("path", filepath.Join(kept, KeyFile))
	}
	cfg, err := ReadConfig(kept)
	if err != nil {
		return info, err
	}
	if err := KeepFiles(kept, dir); err != nil {
		return info, err
	}
	o := DatabaseOptions(dir, cfg)
	if info, err = db.Restore(ctx, backup, o, string(cfg.Member), Schemas()); err != nil {
		return info, err
	}
	d, err := db.Open(ctx, o, string(cfg.Member), Schemas())
	if err != nil {
		return info, err
	}
	n := &Node{Config: cfg, Dir: dir, DB: d, wall: clock.System{}}
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := history.Suspend(ctx, tx); err != nil {
			return err
		}
		return n.Note(ctx, tx, "node.restored", map[string]string{"backup": info.SHA256})
	})
	return info, errors.Join(err, d.Close())
}

// Standing is what the history of a node needs from its administrator.
type Standing struct {
	Head            history.Head
	Agreed, Against []access.Member // who answered since a restore
	Others          []access.Member
	Evidence        []history.Evidence // other members' histories that do not continue
}

// HistoryStanding reads it.
func (n *Node) HistoryStanding(ctx context.Context) (Standing, error) {
	s := Standing{Others: n.others()}
	err := n.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if s.Head, err = history.Now(ctx, tx); err != nil {
			return err
		}
		if s.Agreed, s.Against, err = history.HeardFrom(ctx, tx); err != nil {
			return err
		}
		s.Evidence, err = history.Evidences(ctx, tx)
		return err
	})
	return s, err
}

// VerifyHistory checks everything; see history.Verify.
func (n *Node) VerifyHistory(ctx context.Context, progress func(done, all int64)) (history.Report, error) {
	keys, err := n.verifiers()
	if err != nil {
		return history.Report{}, err
	}
	return history.Verify(ctx, n.DB, keys, progress)
}

// ResumeHistory lets the history be signed again after a restore that lost
// nothing: more than half of the other members must have confirmed it.
func (n *Node) ResumeHistory(ctx context.Context) error {
	s, err := n.HistoryStanding(ctx)
	if err != nil {
		return err
	}
	if !s.Head.Suspended {
		return fault.New(fault.Conflict, "fault.node.not_suspended")
	}
	if 2*len(s.Agreed) <= len(s.Others) && len(s.Others) > 0 {
		return fault.New(fault.Conflict, "fault.node.few_confirmed").With("n", len(s.Agreed)).With("all", len(s.Others))
	}
	return n.DB.Write(ctx, func(tx *db.Tx) error {
		if err := history.Resume(ctx, tx); err != nil {
			return err
		}
		return n.Note(ctx, tx, "node.history.resumed", map[string]string{})
	})
}

// ReopenHistory begins a new epoch that declares what was lost.
func (n *Node) ReopenHistory(ctx context.Context) (history.Reopening, error) {
	var r history.Reopening
	err := n.DB.Write(ctx, func(tx *db.Tx) error {
		now := n.wall.Now()
		var err error
		r, err = history.Reopen(ctx, tx, history.Entry{Member: n.Config.Member, Actor: CommandLineName, At: now, Recorded: now})
		return err
	})
	return r, err
}
