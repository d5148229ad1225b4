package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"lintas/internal/fault"
)

// startLimit is how long a start may take: a large stream is checked first.
const startLimit = 2 * time.Minute

// Hub is an embedded server. Start it with Run, or with Start and Close.
type Hub struct {
	cfg      Config
	operator nkeys.KeyPair // of this run only; never leaves the process
	ready    chan struct{}

	mu      sync.Mutex // guards what follows, and lets one change in at a time
	srv     *server.Server
	op      *Operator
	members []Member
	tcp     string // the address that was taken, kept over a restart
	ws      string
}

// New checks a configuration; nothing listens yet.
func New(cfg Config) (*Hub, error) {
	if cfg.Name == "" {
		cfg.Name = "hub"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.Limits = cfg.Limits.filled()
	fill(&cfg.Limits.Sync, SyncUsual)
	kp, err := nkeys.CreatePairWithRand(nkeys.PrefixByteUser, rand.Reader)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return &Hub{cfg: cfg, operator: kp, ready: make(chan struct{}),
		members: cfg.Members, tcp: cfg.Listen, ws: cfg.WebSocket}, nil
}

// Run serves until ctx ends, and restarts the engine if a full disk made it
// give up its stream and there is room again.
func (h *Hub) Run(ctx context.Context) error {
	if err := h.Start(ctx); err != nil {
		return err
	}
	defer h.Close()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			h.mend(ctx)
		}
	}
}

// Start listens, and creates the stream and the consumers.
func (h *Hub) Start(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.srv != nil {
		return nil
	}
	if err := h.start(ctx); err != nil {
		h.stop()
		return err
	}
	select {
	case <-h.ready:
	default:
		close(h.ready)
	}
	return nil
}

func (h *Hub) start(ctx context.Context) error {
	opts, err := h.options()
	if err != nil {
		return err
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return badConfig("%v", err)
	}
	l := &engineLog{log: h.cfg.Log}
	srv.SetLoggerV2(l, false, false, false)
	h.srv = srv
	srv.Start()
	if !srv.ReadyForConnections(startLimit) {
		return unavailable(fmt.Errorf("listening on %s: %s", h.tcp, l.last()))
	}
	h.tcp = srv.Addr().String()
	if h.ws != "" {
		if h.ws, err = socketAddress(srv); err != nil {
			return unavailable(err)
		}
	}
	public, _ := h.operator.PublicKey()
	nc, err := nats.Connect("", nats.InProcessServer(srv), nats.Nkey(public, h.operator.Sign),
		nats.Name("operator"), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		return unavailable(err)
	}
	if h.op, err = newOperator(nc, 1, h.cfg.Limits); err != nil {
		return err
	}
	return h.op.Provision(ctx, h.members)
}

// options are made from the same text as the configuration of a cluster, so
// that both cannot come to differ.
func (h *Hub) options() (*server.Options, error) {
	public, err := h.operator.PublicKey()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	folder, err := filepath.Abs(h.cfg.Folder)
	if err != nil {
		return nil, badConfig("folder: %v", err)
	}
	opts := &server.Options{NoSigs: true}
	text := commonText(h.cfg.Name, folder, h.cfg.Limits) + accountsText(h.members, public, h.cfg.Limits)
	if err := opts.ProcessConfigString(text); err != nil {
		return nil, badConfig("%v", err)
	}
	if opts.Host, opts.Port, err = hostPort(h.tcp); err != nil {
		return nil, err
	}
	if h.cfg.TLS != nil {
		opts.TLS, opts.TLSConfig, opts.TLSTimeout = true, h.cfg.TLS, 5
		opts.TLSHandshakeFirst = true
	}
	if h.ws != "" {
		w := &opts.Websocket
		if w.Host, w.Port, err = hostPort(h.ws); err != nil {
			return nil, err
		}
		w.TLSConfig, w.NoTLS, w.HandshakeTimeout = h.cfg.TLS, h.cfg.TLS == nil, 5*time.Second
	}
	return opts, nil
}

func hostPort(address string) (string, int, error) {
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, badConfig("address %q: %v", address, err)
	}
	port, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return "", 0, badConfig("port %q: %v", p, err)
	}
	if port == 0 {
		return host, server.RANDOM_PORT, nil
	}
	return host, int(port), nil
}

// SetMembers lets new members in and shuts revoked ones out, while the
// connections of all others stay.
func (h *Hub) SetMembers(ctx context.Context, members []Member) error {
	if err := checkMembers(members); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.members
	h.members = append([]Member(nil), members...)
	if h.srv == nil {
		return nil
	}
	// Twice: the engine starts the imports of an account only at the reload
	// after the one that made it (TestLiveMembers fails with one).
	for range 2 {
		opts, err := h.options()
		if err == nil {
			err = h.srv.ReloadOptions(opts)
		}
		if err != nil {
			h.members = before
			return unavailable(err)
		}
	}
	return h.op.Provision(ctx, h.members)
}

// mend restarts an engine that has switched its stream off, which it does
// when a write fails, as on a full disk. What was confirmed is on the disk.
func (h *Hub) mend(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.srv == nil || h.srv.JetStreamEnabled() {
		return
	}
	h.cfg.Log.Error("hub: the stream is off; restarting the engine")
	h.stop()
	if err := h.start(ctx); err != nil {
		h.cfg.Log.Error("hub: restart failed", "error", err)
	}
}

// Ready is closed when the hub listens and the stream is there.
func (h *Hub) Ready() <-chan struct{} { return h.ready }

// Addr is where the hub listens.
func (h *Hub) Addr() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tcp
}

// URL is what a node dials.
func (h *Hub) URL() string { return h.scheme("nats://", "tls://") + h.Addr() }

// WebSocketURL is what a node dials whose network passes only web traffic;
// "" where there is none.
func (h *Hub) WebSocketURL() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ws == "" {
		return ""
	}
	return h.scheme("ws://", "wss://") + h.ws
}

func (h *Hub) scheme(plain, sealed string) string {
	if h.cfg.TLS != nil {
		return sealed
	}
	return plain
}

// Stats are the hub's figures, with the connections of each member.
func (h *Hub) Stats(ctx context.Context) (Stats, error) {
	h.mu.Lock()
	srv, op := h.srv, h.op
	h.mu.Unlock()
	if op == nil {
		return Stats{}, unavailable(errors.New("not started"))
	}
	st, err := op.Stats(ctx)
	if err != nil {
		return Stats{}, err
	}
	for i := range st.Members {
		if a, err := srv.LookupAccount(string(st.Members[i].Code)); err == nil {
			st.Members[i].Connections = a.NumConnections()
		}
	}
	return st, nil
}

// Close stops listening and waits until all is written.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stop()
}

func (h *Hub) stop() {
	if h.op != nil {
		h.op.Close()
		h.op = nil
	}
	if h.srv != nil {
		h.srv.Shutdown()
		h.srv.WaitForShutdown()
		h.srv = nil
	}
}
