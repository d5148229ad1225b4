// Package node wires one member's node: configuration, keys, database, people,
// exchange, history and the desks, behind one web address.
package node

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/contact"
	"lintas/internal/desk/health/family"
	"lintas/internal/desk/health/handover"
	"lintas/internal/desk/health/ihr"
	"lintas/internal/desk/health/incident"
	"lintas/internal/desk/health/level"
	"lintas/internal/desk/health/request"
	"lintas/internal/desk/health/reserve"
	"lintas/internal/desk/health/review"
	"lintas/internal/desk/health/risk"
	"lintas/internal/desk/health/signal"
	"lintas/internal/desk/health/sitrep"
	"lintas/internal/desk/health/sop"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/desk/health/timeliness"
	"lintas/internal/desk/health/verification"
	verificationweb "lintas/internal/desk/health/verification/web"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/link"
	"lintas/internal/exchange/pki"
	"lintas/internal/fault"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/nudge"
	"lintas/internal/people"
	"lintas/internal/trail"
	"lintas/internal/web"
)

// Options are what a region or a test changes; the zero Options are a real
// node.
type Options struct {
	Clock    clock.Clock   // time of the records; nil: the machine's
	Wall     clock.Clock   // nil: the machine's
	Exercise func() string // the exercise being played
	Log      *slog.Logger
	Hasher   *people.Hasher           // shared by the nodes of one process
	Crash    func(point string) error // see db.Options
}

// Node is one member's node.
type Node struct {
	Config    Config
	Dir       string
	DB        *db.DB
	Directory *directory.Store
	Exchange  *exchange.Exchange
	People    *people.People
	Health    *health.Desk
	Signals   *signal.Desk // for parts that raise or send signals
	askAbout  func(*web.Request, verificationweb.AboutSignal) (templ.Component, error)
	Link      *link.Link
	Nudges    *nudge.Nudges

	// The other parts of the health desk, for who plays a scenario on the node.
	Verification *verification.Desk
	Contacts     *contact.Desk
	Handover     *handover.Desk
	Risk         *risk.Desk
	IHR          *ihr.Desk
	Families     *family.Desk
	Timeliness   *timeliness.Desk
	Requests     *request.Desk
	Reserve      *reserve.Desk
	Levels       *level.Desk
	Incidents    *incident.Desk
	Reports      *sitrep.Desk
	Playbooks    *sop.Desk
	Reviews      *review.Desk
	Trail        *trail.Desk
	Surveillance *surveillance.Desk

	parts   []part
	log     *slog.Logger
	clock   clock.Clock
	wall    clock.Clock
	ids     *id.Maker
	secret  atomic.Pointer[Keys]
	witness *witness
	todos   todoCounts
	api     atomic.Pointer[api.API] // once a program has asked

	mu      sync.Mutex
	changed []func(topic string)
	closers []func() // of what pages started, before the database closes
}

// Schemas are the parts of the database in the order of their migrations.
func Schemas() []db.Schema {
	out := []db.Schema{history.Schema, directory.Schema, exchange.Schema, people.Schema, files.Schema, nudge.Schema}
	for _, d := range Desks() {
		out = append(out, d.Schema)
	}
	return append(out, shellSchemas()...)
}

// Open opens the node in a folder that lintas init made.
func Open(ctx context.Context, dir string, o Options) (*Node, error) {
	cfg, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	keys, err := ReadKeys(dir)
	if err != nil {
		return nil, err
	}
	if keys.Member.Member != cfg.Member {
		return nil, fault.New(fault.Conflict, "fault.node.keys_other").With("member", string(keys.Member.Member))
	}
	n := &Node{Config: cfg, Dir: dir, log: o.Log, clock: o.Clock, wall: o.Wall}
	if n.log == nil {
		n.log = slog.Default()
	}
	n.log = n.log.With(slog.String("node", string(cfg.Member)))
	if n.wall == nil {
		n.wall = clock.System{}
	}
	if n.clock == nil {
		n.clock = n.wall
	}
	n.ids = &id.Maker{Clock: n.wall}
	n.secret.Store(&keys)
	dbo := DatabaseOptions(dir, cfg)
	dbo.Crash = o.Crash
	if n.DB, err = db.Open(ctx, dbo, string(cfg.Member), Schemas()); err != nil {
		return nil, err
	}
	if err := n.wire(ctx, o); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// DatabaseOptions says where a node's database is.
func DatabaseOptions(dir string, cfg Config) db.Options {
	if cfg.Database.Engine == string(db.Postgres) {
		return db.Options{Engine: db.Postgres, URL: cfg.Database.URL}
	}
	return db.Options{Engine: db.SQLite, Path: filepath.Join(dir, DatabaseFile)}
}

// quiet are the desks whose releases nobody waits for.
var quiet = []string{"history"}

func (n *Node) wire(ctx context.Context, o Options) error {
	var err error
	if n.Directory, err = directory.Open(ctx, n.DB, n.wall); err != nil {
		return err
	}
	if err := n.loadDirectory(ctx); err != nil {
		return err
	}
	if n.Link, err = n.connect(); err != nil {
		return err
	}
	keys := n.keys()
	if n.Exchange, err = exchange.New(exchange.Config{
		Member: n.Config.Member, DB: n.DB, Keys: keys.Member, Directory: n.Directory, Link: n.Link, Clock: n.clock,
		Wall: n.wall, IDs: n.ids, Log: n.log, Heartbeat: time.Duration(n.Config.Exchange.Heartbeat),
		Shared: n.DB.Engine() == db.Postgres, OnChange: n.Changed, Keep: time.Duration(n.Config.Exchange.Keep), Quiet: quiet,
	}); err != nil {
		return err
	}
	if n.People, err = people.New(people.Config{
		Member: n.Config.Member, DB: n.DB, Clock: n.wall, IDs: n.ids, Key: keys.Node, Hasher: o.Hasher,
		Log: n.logPeople, Scopes: Scopes(), Demo: n.Config.Demo,
	}); err != nil {
		return err
	}
	env := &desk.Env{Member: n.Config.Member, DB: n.DB, Clock: n.clock, Wall: n.wall, IDs: n.ids,
		Send: n.Exchange, Carry: n.Exchange, Members: n.others, Changed: n.Changed, Exercise: o.Exercise}
	n.Health = health.New(env)
	for kind, h := range n.Health.Handlers() {
		n.Exchange.Handle(kind, schemaOf(kind), h)
	}
	n.Exchange.OnReceipt(health.Name, n.Health.ReceiveReceipt)
	n.parts = n.makeParts(env)
	n.register()
	if err := n.makeNudges(); err != nil {
		return err
	}
	every := time.Duration(n.Config.Exchange.Checkpoint)
	if every == 0 {
		every = 10 * time.Minute
	}
	n.witness = &witness{n: n, every: every}
	n.witness.register(n.Exchange)
	return nil
}

// loadDirectory takes the directory file of the folder if the store is empty
// or the file is newer; a file that is older than the store is left alone.
func (n *Node) loadDirectory(ctx context.Context) error {
	raw, err := os.ReadFile(filepath.Join(n.Dir, DirectoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, doc, err := directory.Decode(raw)
	if err != nil {
		return err
	}
	if v := n.Directory.Current(); v != nil && v.Document.Version >= doc.Version {
		return nil
	}
	return n.Directory.Load(ctx, raw)
}

func (n *Node) connect() (*link.Link, error) {
	keys, ex := n.keys(), n.Config.Exchange
	_, sign, err := hub.Signer(keys.Seed)
	if err != nil {
		return nil, err
	}
	c := link.Config{URLs: ex.Hubs, Member: n.Config.Member, NKey: keys.Public, Sign: sign, Log: n.log,
		Name: "lintas " + string(n.Config.Member), OnState: func(bool) { n.Changed("peer") }}
	if ex.Authority != "" {
		pem, err := os.ReadFile(n.path(ex.Authority))
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "fault.node.authority", err)
		}
		if c.TLS, err = pki.Client(pem); err != nil {
			return nil, err
		}
	}
	return link.Connect(c)
}

// path is a file named in the configuration: relative ones are in the folder.
func (n *Node) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(n.Dir, p)
}

func (n *Node) keys() *Keys { return n.secret.Load() }

func (n *Node) others() []access.Member {
	if v := n.Directory.Current(); v != nil {
		return v.Others(n.Config.Member)
	}
	return nil
}

// Run carries releases and signs the history until ctx ends.
func (n *Node) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { n.witness.run(ctx) })
	wg.Go(func() { n.sweep(ctx) })
	wg.Go(func() { n.Nudges.Run(ctx) })
	wg.Go(func() {
		n.Health.SendFiles(ctx, func(err error) { n.log.Error("sending attached files", "error", err) })
	})
	for _, p := range n.parts {
		if p.run != nil {
			wg.Go(func() { p.run(ctx) })
		}
	}
	err := n.Exchange.Run(ctx)
	stop()
	wg.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Close ends what Open began. It is safe after a failed Open.
func (n *Node) Close() error {
	n.mu.Lock()
	closers := n.closers
	n.closers = nil
	n.mu.Unlock()
	for _, end := range closers {
		end()
	}
	if n.Link != nil {
		n.Link.Close()
	}
	if n.DB != nil {
		return n.DB.Close()
	}
	return nil
}

// OnChange registers a function that hears of every topic with news.
func (n *Node) OnChange(f func(topic string)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.changed = append(n.changed, f)
}

// Changed tells everybody who listens that a topic has news.
func (n *Node) Changed(topic string) {
	n.mu.Lock()
	fs := n.changed
	n.mu.Unlock()
	for _, f := range fs {
		f(topic)
	}
}

// logPeople writes what was done to accounts into the history.
func (n *Node) logPeople(ctx context.Context, tx *db.Tx, e people.Event) error {
	var detail json.RawMessage
	if len(e.Data) > 0 {
		b, err := json.Marshal(e.Data)
		if err != nil {
			return err
		}
		detail = b
	}
	_, err := history.Append(ctx, tx, history.Entry{
		At: e.At, Recorded: n.wall.Now(), Member: n.Config.Member, Account: e.By.Account, Actor: e.By.Name, Action: e.Name,
		Record: history.Record{Desk: "people", Kind: "account", ID: e.Account, Version: 1}, Detail: detail,
	})
	return err
}

// Clock is the time of the records; Wall is the machine's.
func (n *Node) Clock() clock.Clock { return n.clock }

// Wall is the machine's time.
func (n *Node) Wall() clock.Clock { return n.wall }
