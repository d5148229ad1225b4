package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/nats-io/nats-server/v2/server"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/exchange/hub"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/node"
)

// What the nodes of these tests send one another: numbered notes. The sender
// and each recipient write a note into their history in the transaction that
// sends or takes it, as a desk would.
const (
	noteKind = "faults.note"
	taken    = "faults.taken"
	sentBy   = "faults.sent"
)

type note struct {
	From access.Member `json:"from"`
	N    int           `json:"n"`
	Pad  string        `json:"pad,omitempty"`
}

func runHub(r role) error {
	h, err := hub.New(hub.Config{Folder: r.Dir, Listen: r.Listen, Members: r.Members})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return h.Run(ctx)
}

// runServer is one server of an external cluster, as `nats-server -c file`.
func runServer(file string) error {
	opts, err := server.ProcessConfigFile(file)
	if err != nil {
		return err
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	s.Start()
	s.WaitForShutdown()
	return nil
}

// child is a running node that takes commands.
type child struct {
	role role
	node *node.Node
	ids  id.Maker
	out  sync.Mutex
}

func (c *child) say(format string, args ...any) {
	c.out.Lock()
	defer c.out.Unlock()
	fmt.Fprintf(os.Stdout, format+"\n", args...)
}

func runNode(r role) error {
	if err := limitDisk(&r); err != nil {
		return err
	}
	out := io.Writer(io.Discard)
	if os.Getenv("LINTAS_TEST_LOG") != "" {
		out = os.Stderr
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	n, err := node.Open(ctx, r.Dir, node.Options{Log: slog.New(slog.NewTextHandler(out, nil))})
	if err != nil {
		return err
	}
	c := &child{role: r, node: n}
	n.Exchange.Handle(noteKind, 1, func(ctx context.Context, tx *db.Tx, in exchange.Inbound) error {
		return takeNote(ctx, tx, n, in, func(v note) { c.say("got %d", v.N) })
	})
	ran := make(chan error, 1)
	go func() { ran <- n.Run(ctx) }()
	c.say("ready")
	go c.commands(ctx) // ends with the process
	err = <-ran
	if cerr := n.Close(); err == nil {
		err = cerr
	}
	return err
}

// takeNote is the desk of these tests: it writes down what came.
func takeNote(ctx context.Context, tx *db.Tx, n *node.Node, in exchange.Inbound, done func(note)) error {
	var v note
	if err := json.Unmarshal(in.Body, &v); err != nil {
		return err
	}
	tx.AfterCommit(func() { done(v) })
	v.Pad = ""
	return writeDown(ctx, tx, n, taken, in.ID, v)
}

func writeDown(ctx context.Context, tx *db.Tx, n *node.Node, action string, rid id.ID, v note) error {
	detail, err := json.Marshal(v)
	if err != nil {
		return err
	}
	now := n.Wall().Now()
	_, err = history.Append(ctx, tx, history.Entry{At: now, Recorded: now, Member: n.Config.Member, Actor: "faults", Action: action,
		Record: history.Record{Desk: "faults", Kind: noteKind, ID: rid, Version: 1}, Detail: detail})
	return err
}

// send queues note i in a transaction of its own.
func send(ctx context.Context, n *node.Node, ids *id.Maker, i, pad int, to []access.Member) error {
	v := note{From: n.Config.Member, N: i, Pad: strings.Repeat("x", pad)}
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	r := exchange.Release{ID: ids.New(), Kind: noteKind, Schema: 1, From: n.Config.Member, To: to, Purpose: "test", Marking: access.TLPGreen,
		Ref: exchange.Ref{Desk: "faults", Kind: noteKind, ID: ids.New(), Version: 1}, Basis: "test", Lang: "en", Issued: n.Clock().Now(), Body: body}
	v.Pad = ""
	return n.DB.Write(ctx, func(tx *db.Tx) error {
		if err := writeDown(ctx, tx, n, sentBy, r.ID, v); err != nil {
			return err
		}
		return n.Exchange.Queue(ctx, tx, r)
	})
}

// commands does what the test orders, one line at a time:
//
//	publish FROM TO PAD MEMBER,MEMBER   FROM 0 goes on after the newest
//	state                               answers with the state of disk and exchange
//	disk fill | disk free
func (c *child) commands(ctx context.Context) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		var err error
		switch word {
		case "publish":
			err = c.publish(ctx, rest)
		case "state":
			err = c.state(ctx)
		case "disk":
			err = c.disk(rest)
		default:
			err = fmt.Errorf("no command %q", word)
		}
		if err != nil {
			c.say("error %s", strings.ReplaceAll(err.Error(), "\n", " "))
		}
	}
}

func (c *child) publish(ctx context.Context, args string) error {
	var from, to, pad int
	var names string
	if _, err := fmt.Sscan(args, &from, &to, &pad, &names); err != nil {
		return err
	}
	var members []access.Member
	for m := range strings.SplitSeq(names, ",") {
		members = append(members, access.Member(m))
	}
	if from == 0 {
		err := c.node.DB.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.Row(ctx, "SELECT COUNT(*) FROM exchange_outbox WHERE kind = ?", []any{noteKind}, &from)
			return err
		})
		if err != nil {
			return err
		}
		from++
	}
	for i := from; i <= to; i++ {
		if err := send(ctx, c.node, &c.ids, i, pad, members); err != nil {
			return fmt.Errorf("note %d: %w", i, err)
		}
		c.say("sent %d", i)
	}
	c.say("published %d", to)
	return nil
}

// report is the answer to "state".
type report struct {
	Full      bool
	Refused   int64
	Connected bool
	Received  int64
	Waiting   int
}

func (c *child) state(ctx context.Context) error {
	s, err := c.node.Exchange.Stats(ctx)
	if err != nil {
		return err
	}
	d := c.node.DB.State()
	b, err := json.Marshal(report{Full: d.Full, Refused: d.Refused, Connected: s.Connected, Received: s.Received, Waiting: s.Waiting})
	c.say("state %s", b)
	return err
}

// limitDisk puts the node on a small disk of its own, or forbids its files to
// grow beyond a size, which the database sees as a disk that is full.
func limitDisk(r *role) error {
	if r.FSize > 0 {
		signal.Ignore(syscall.SIGXFSZ) // the write fails instead
		return setFSize(uint64(r.FSize))
	}
	if r.Tmpfs == 0 {
		return nil
	}
	small := r.Dir + ".disk"
	if err := os.MkdirAll(small, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("none", small, "tmpfs", 0, fmt.Sprintf("size=%d", r.Tmpfs)); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	if err := node.KeepFiles(r.Dir, small); err != nil {
		return err
	}
	r.Dir = small
	return nil
}

func setFSize(n uint64) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
		return err
	}
	l.Cur = min(n, l.Max)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l)
}

// disk fills the small disk up, or gives the room back.
func (c *child) disk(what string) error {
	ballast := filepath.Join(c.role.Dir, "ballast")
	var err error
	switch {
	case c.role.FSize > 0 && what == "free":
		err = setFSize(1 << 62)
	case c.role.FSize > 0:
		err = setFSize(uint64(c.role.FSize))
	case what == "free":
		err = os.Remove(ballast)
	default:
		err = fillDisk(ballast)
	}
	if err == nil {
		c.say("disk %s", what)
	}
	return err
}

func fillDisk(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 4096)
	for {
		if _, err := f.Write(block); err != nil {
			return nil // full is what it was to become
		}
	}
}
