package exchange

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

//go:embed schema/*.sql
var embedded embed.FS

// Schema is the package's part of the database; it stands beside
// directory.Schema.
var Schema = db.Schema{Name: "exchange", FS: sub()}

func sub() fs.FS {
	f, err := fs.Sub(embedded, "schema")
	if err != nil {
		panic(err) // the path is the one of the embed directive
	}
	return f
}

// Topics that OnChange is called with, after the commit.
const (
	TopicInbox      = "inbox"
	TopicOutbox     = "outbox"
	TopicReceipt    = "receipt"
	TopicPeer       = "peer"
	TopicQuarantine = "quarantine"
	TopicFile       = "file"
	TopicDirectory  = "directory"
	TopicEpoch      = "epoch"
)

// Config is what an Exchange needs. Clock gives the time of records, which a
// scenario may drive; Wall gives that of the world, for keys and heartbeats.
type Config struct {
	Member    access.Member
	DB        *db.DB
	Keys      envelope.Keys
	Directory *directory.Store
	Link      Link
	Clock     clock.Clock
	Wall      clock.Clock
	IDs       *id.Maker
	Log       *slog.Logger
	Heartbeat time.Duration // between heartbeats; 0 is 10 s
	// Sealed is how long sealed bytes are kept that every recipient has; 0 is
	// SealedUsual. Keep is how long everything else is; 0 is KeepUsual.
	Sealed, Keep time.Duration
	// Quiet are the desks whose releases nobody waits for, such as the
	// history's checkpoints: a member is not behind for lack of them.
	Quiet []string
	// Shared says that several processes use the database: one at a time then
	// runs the loops.
	Shared bool
	// OnChange is called after a commit that changed what a page may show. It
	// must not block.
	OnChange func(topic string)
}

// Exchange sends and receives for one node.
type Exchange struct {
	c        Config
	me       access.Member
	keys     atomic.Pointer[envelope.Keys]
	handlers map[string]kindHandler
	receipts map[string]ReceiptHandler

	main      flow // what is not a file
	files     flow
	judging   sync.Mutex    // of the outbox by what the hub has
	beatNow   chan struct{} // somebody is owed a report
	out       sessions      // message keys in use, per channel
	control   sessions
	in        keyring
	owed      owed
	asked     asked
	beats     beatTimes
	heard     noted
	checked   atomic.Bool // the hub's last messages of ours were compared
	strangers atomic.Bool // the quarantine has rows that may take their place yet
	reached   reached
	restored  chan evidence
	serve     chan resend
	retryNow  chan struct{}
}

type kindHandler struct {
	max int
	h   Handler
}

// New makes an exchange. Nothing runs before Run.
func New(c Config) (*Exchange, error) {
	if c.DB == nil || c.Directory == nil || c.Link == nil || c.IDs == nil || c.Keys.Member != c.Member {
		return nil, errors.New("exchange: database, directory, link, ids and the member's own keys are needed")
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Wall == nil {
		c.Wall = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Heartbeat <= 0 {
		c.Heartbeat = 10 * time.Second
	}
	if c.Sealed <= 0 {
		c.Sealed = SealedUsual
	}
	if c.Keep <= 0 {
		c.Keep = KeepUsual
	}
	if c.OnChange == nil {
		c.OnChange = func(string) {}
	}
	x := &Exchange{c: c, me: c.Member, handlers: map[string]kindHandler{}, receipts: map[string]ReceiptHandler{},
		main: newFlow(laneMain), files: newFlow(laneFiles), beatNow: make(chan struct{}, 1), restored: make(chan evidence, 1), serve: make(chan resend, 256),
		retryNow: make(chan struct{}, 1)}
	x.keys.Store(&c.Keys)
	return x, nil
}

// SetKeys changes the node's own keys without a restart.
func (x *Exchange) SetKeys(k envelope.Keys) {
	x.keys.Store(&k)
	x.out.drop()
	x.control.drop()
	wake(x.retryNow) // what came for the new key before it was here
}

// Handle says who applies a kind of release, and the newest schema that it
// knows. It is called before Run.
func (x *Exchange) Handle(kind string, maxSchema int, h Handler) {
	x.handlers[kind] = kindHandler{maxSchema, h}
}

// OnReceipt says who hears of the receipts of a desk's releases. It is called
// before Run.
func (x *Exchange) OnReceipt(desk string, h ReceiptHandler) { x.receipts[desk] = h }

// Subject is the hub's subject for what one member sends on a channel.
func Subject(from access.Member, to envelope.Channel) string {
	return "x.v1." + string(from) + "." + string(to)
}

func (x *Exchange) dir() (*directory.View, error) {
	v := x.c.Directory.Current()
	if v == nil {
		return nil, fault.New(fault.Unavailable, "fault.exchange.no_directory")
	}
	return v, nil
}

func (x *Exchange) changed(topics ...string) {
	slices.Sort(topics)
	for _, t := range slices.Compact(topics) {
		x.c.OnChange(t)
	}
}

// wakeOut has both flows look at what is queued.
func (x *Exchange) wakeOut() {
	wake(x.main.wake)
	wake(x.files.wake)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run sends, receives and reports until ctx ends.
func (x *Exchange) Run(ctx context.Context) error {
	x.c.Link.OnUp(func() {
		x.checked.Store(false)
		x.wakeOut()
		wake(x.beatNow)
	})
	if !x.c.Shared {
		return x.loops(ctx)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return x.leased(ctx) })
	g.Go(func() error { return x.followDirectory(ctx) })
	return g.Wait()
}

// followDirectory notices what another process on the same database accepted:
// the one that holds the lease takes new versions in for all.
func (x *Exchange) followDirectory(ctx context.Context) error {
	for pause(ctx, min(x.c.Heartbeat, leaseRenew)) {
		if err := x.c.Directory.Reload(ctx); err != nil && ctx.Err() == nil {
			x.c.Log.Warn("exchange: directory not read again", "err", err)
		}
	}
	return nil
}

func (x *Exchange) loops(ctx context.Context) error {
	x.checked.Store(false)
	x.reached.drop()
	if _, err := x.retryAll(ctx); err != nil {
		x.c.Log.Warn("exchange: quarantine not tried again", "err", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return x.publishLoop(ctx, &x.main) })
	g.Go(func() error { return x.publishLoop(ctx, &x.files) })
	g.Go(func() error { return x.consumeLoop(ctx, laneMain, x.c.Link) })
	g.Go(func() error { return x.consumeLoop(ctx, laneFiles, x.c.Link.Files()) })
	g.Go(func() error { return x.beatLoop(ctx) })
	g.Go(func() error { return x.epochLoop(ctx) })
	g.Go(func() error { return x.resendLoop(ctx) })
	g.Go(func() error { return x.pruneLoop(ctx) })
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// pause waits, and reports whether ctx still runs.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// sessions are the message keys with which this node seals, one per channel.
type sessions struct {
	mu sync.Mutex
	m  map[envelope.Channel]*outSession
}

type outSession struct {
	*envelope.Session
	dir     string
	used    int
	born    time.Time
	carried bool // an envelope with the wraps is durable
}

const (
	sessionUses = 10_000
	sessionAge  = time.Hour
)

func (s *sessions) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m = nil
}

// get returns the session for a channel and whether its key must be carried.
func (s *sessions) get(ch envelope.Channel, dir string, now time.Time, fresh func() (*envelope.Session, error)) (*outSession, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.m[ch]
	if o == nil || o.dir != dir || o.used >= sessionUses || now.Sub(o.born) > sessionAge || now.Before(o.born) {
		n, err := fresh()
		if err != nil {
			return nil, false, err
		}
		o = &outSession{Session: n, dir: dir, born: now}
		if s.m == nil {
			s.m = map[envelope.Channel]*outSession{}
		}
		s.m[ch] = o
	}
	o.used++
	return o, !o.carried, nil
}

func (s *sessions) carriedBy(o *outSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.carried = true
}
