package node

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/people"
)

// CommandLineName is how the history names who acts at the node's machine.
const CommandLineName = "command line"

// CommandLine is the actor of an administrator at the node's own machine: who
// can run the program there holds the database and the keys anyway.
func CommandLine(m access.Member) access.Actor {
	return access.Actor{Member: m, Name: CommandLineName, System: true}
}

// Attend opens a node for an administrative act: no connection to the hub,
// no loops, and beside a serving process if there is one. What it queues, the
// serving process sends.
func Attend(ctx context.Context, dir string, log *slog.Logger) (*Node, error) {
	cfg, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	keys, err := ReadKeys(dir)
	if err != nil {
		return nil, err
	}
	if keys.Member.Member != cfg.Member {
		return nil, fault.New(fault.Invalid, "fault.node.keys_other").With("member", string(keys.Member.Member))
	}
	n := &Node{Config: cfg, Dir: dir, log: log, clock: clock.System{}, wall: clock.System{}}
	n.ids = &id.Maker{Clock: n.wall}
	n.secret.Store(&keys)
	if n.DB, err = attendDatabase(ctx, dir, cfg); err != nil {
		return nil, err
	}
	if err := n.attend(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// attendDatabase makes the database of a node that has never run; one that is
// there is opened as it is and never migrated: that is the serving process's.
func attendDatabase(ctx context.Context, dir string, cfg Config) (*db.DB, error) {
	o := DatabaseOptions(dir, cfg)
	fresh := false
	if o.Engine == db.SQLite {
		_, err := os.Stat(o.Path)
		fresh = errors.Is(err, fs.ErrNotExist)
	} else {
		pending, err := db.Pending(ctx, o, string(cfg.Member), Schemas())
		if err != nil {
			return nil, err
		}
		fresh = len(pending) == Steps()
	}
	o.Beside = !fresh
	return db.Open(ctx, o, string(cfg.Member), Schemas())
}

// Steps is how many migrations a new database gets.
func Steps() int {
	n := 0
	for _, s := range Schemas() {
		names, err := fs.Glob(s.FS, "*.sql")
		if err != nil {
			return -1
		}
		n += len(names)
	}
	return n
}

func (n *Node) attend(ctx context.Context) error {
	var err error
	if n.Directory, err = directory.Open(ctx, n.DB, n.wall); err != nil {
		return err
	}
	keys := n.keys()
	if n.Exchange, err = exchange.New(exchange.Config{Member: n.Config.Member, DB: n.DB, Keys: keys.Member, Directory: n.Directory,
		Link: away{}, Clock: n.clock, Wall: n.wall, IDs: n.ids, Log: n.log, Heartbeat: time.Duration(n.Config.Exchange.Heartbeat), Quiet: quiet}); err != nil {
		return err
	}
	n.People, err = people.New(people.Config{Member: n.Config.Member, DB: n.DB, Clock: n.wall, IDs: n.ids, Key: keys.Node,
		Log: n.logPeople, Scopes: Scopes()})
	return err
}

// Note writes an act of the command line into the history. It is the last
// thing that a transaction does.
func (n *Node) Note(ctx context.Context, tx *db.Tx, action string, detail map[string]string) error {
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	now := n.wall.Now()
	_, err = history.Append(ctx, tx, history.Entry{At: now, Recorded: now, Member: n.Config.Member, Actor: CommandLineName,
		Action: action, Detail: b})
	return err
}

// away is the link of a process that only queues.
type away struct{}

var errAway = fault.New(fault.Unavailable, "fault.node.no_hub")

func (away) Publish(_ exchange.Message, done func(error)) { go done(errAway) }

func (away) Fetch(ctx context.Context, _ int) (exchange.Batch, error) {
	<-ctx.Done()
	return exchange.Batch{}, ctx.Err()
}

func (away) Reset(context.Context, bool) error { return errAway }

func (away) Files() exchange.Source { return away{} }

func (away) Last(context.Context, string) ([]byte, bool, error) { return nil, false, errAway }

func (away) Up() bool { return false }

func (away) OnUp(func()) {}
