// Package link is a node's connection to the hub: a plain NATS client that
// only dials out, by TCP or WebSocket, reconnects for ever, and never lets a
// message that was lost on the way be confirmed by a later one.
package link

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/fault"
)

const (
	stream = "EX"
	api    = "EX.API."
)

// Config is what a node needs to reach its hub.
type Config struct {
	// URLs of the hub's servers: nats and tls, or ws and wss; not both kinds.
	// One is taken at random, and another after a failure.
	URLs   []string
	Member access.Member
	NKey   string                             // public half of the node's nkey
	Sign   func(nonce []byte) ([]byte, error) // with its seed
	TLS    *tls.Config                        // for tls and wss
	Name   string                             // shown to the hub's operator; "" is the member's code

	MaxPending     int           // messages on their way to the hub; 0 is 4000
	MaxPull        int           // messages that the hub hands over in advance; 0 is 1000
	MaxPullBytes   int           // and their size; 0 is 16 MiB
	PublishTimeout time.Duration // until an unanswered message counts as lost; 0 is 10 s
	RetryWait      time.Duration // between dials, with as much jitter; 0 is 500 ms
	Log            *slog.Logger
	OnState        func(up bool) // must not block
}

// Link is a connection to the hub, up or not.
type Link struct {
	cfg    Config
	nc     *nats.Conn
	js     jetstream.JetStream
	dial   *dialer
	out    *outgoing
	answer string // prefix of the subjects on which the hub confirms

	main, files *queue

	mu      sync.Mutex
	ups     []func()
	changed chan struct{} // closed and replaced when the connection comes or goes
	closed  bool
}

var _ exchange.Link = (*Link)(nil)

// Connect returns at once, also while the hub is away; it fails only on a
// configuration that can never work.
func Connect(cfg Config) (*Link, error) {
	cfg.fill()
	urls, d, err := cfg.addresses()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.link.config", err)
	}
	l := &Link{cfg: cfg, dial: d, changed: make(chan struct{})}
	l.main = l.newQueue(string(cfg.Member), cfg.MaxPullBytes)
	l.files = l.newQueue(string(cfg.Member)+"-files", cfg.MaxPullBytes/4)
	l.out = newOutgoing(cfg.MaxPending, cfg.PublishTimeout)
	l.nc, err = nats.Connect(strings.Join(urls, ","), l.options()...)
	if err != nil {
		l.out.close()
		return nil, fault.Wrap(fault.Invalid, "fault.link.config", err)
	}
	l.answer = "_INBOX." + string(cfg.Member) + ".pub." + nuid.Next() + "."
	if _, err = l.nc.Subscribe(l.answer+"*", l.confirmed); err == nil {
		l.js, err = jetstream.NewWithAPIPrefix(l.nc, strings.TrimSuffix(api, "."))
	}
	if err != nil {
		l.Close()
		return nil, fault.Wrap(fault.Invalid, "fault.link.config", err)
	}
	return l, nil
}

func (c *Config) fill() {
	if c.MaxPending <= 0 {
		c.MaxPending = 4000
	}
	if c.MaxPull <= 0 {
		c.MaxPull = 1000
	}
	if c.MaxPullBytes <= 0 {
		c.MaxPullBytes = 16 << 20
	}
	if c.PublishTimeout <= 0 {
		c.PublishTimeout = 10 * time.Second
	}
	if c.RetryWait <= 0 {
		c.RetryWait = 500 * time.Millisecond
	}
	if c.Name == "" {
		c.Name = string(c.Member)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// addresses are the URLs as the client library gets them. The dialer does the
// TLS of both kinds of listener itself: nothing is said before the hub has
// proved who it is.
func (c Config) addresses() ([]string, *dialer, error) {
	if c.Member == "" || c.NKey == "" || c.Sign == nil || len(c.URLs) == 0 {
		return nil, nil, errors.New("URLs, member, nkey and signer are needed")
	}
	d := newDialer(c.TLS)
	var urls []string
	kinds := map[string]bool{}
	for _, raw := range c.URLs {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, nil, err
		}
		plain := map[string]string{"nats": "nats", "tls": "nats", "ws": "ws", "wss": "ws"}[u.Scheme]
		if plain == "" || u.Hostname() == "" {
			return nil, nil, fmt.Errorf("%q is not a nats, tls, ws or wss address", raw)
		}
		sealed := plain != u.Scheme
		if sealed && c.TLS == nil {
			return nil, nil, fmt.Errorf("%q needs a TLS configuration", raw)
		}
		if u.Port() == "" {
			u.Host += map[string]string{"nats": ":4222", "tls": ":4222", "ws": ":80", "wss": ":443"}[u.Scheme]
		}
		u.Scheme = plain
		if kinds[plain] = true; len(kinds) > 1 {
			return nil, nil, errors.New("TCP and WebSocket addresses cannot be mixed")
		}
		d.sealed[u.Host] = sealed
		urls = append(urls, u.String())
	}
	return urls, d, nil
}

func (l *Link) options() []nats.Option {
	return []nats.Option{
		nats.Name(l.cfg.Name),
		nats.Nkey(l.cfg.NKey, l.cfg.Sign),
		nats.CustomInboxPrefix("_INBOX." + string(l.cfg.Member)),
		nats.SetCustomDialer(l.dial),
		nats.SkipHostLookup(),
		nats.IgnoreDiscoveredServers(),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(l.cfg.RetryWait),
		nats.ReconnectJitter(l.cfg.RetryWait, l.cfg.RetryWait),
		// A message is either handed to the hub or refused here: what waits in
		// memory for a reconnection would be neither.
		nats.ReconnectBufSize(-1),
		// The library gives up after two refusals; a node that the hub does
		// not know yet will be let in when the directory has reached it.
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2),
		nats.Timeout(5 * time.Second),
		nats.ConnectHandler(func(*nats.Conn) { l.came() }),
		nats.ReconnectHandler(func(*nats.Conn) { l.came() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { l.went(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			l.cfg.Log.Warn("link: " + err.Error())
		}),
	}
}

func (l *Link) came() {
	l.mu.Lock()
	l.signal()
	ups := l.ups
	l.mu.Unlock()
	if l.cfg.OnState != nil {
		l.cfg.OnState(true)
	}
	for _, f := range ups {
		f()
	}
}

func (l *Link) went(err error) {
	l.mu.Lock()
	open := l.takeReaders()
	l.signal()
	l.mu.Unlock()
	for _, r := range open {
		r.stop(errGone)
	}
	l.out.failAll(unavailable(errGone))
	l.cfg.Log.Info("link: down", "cause", err)
	if l.cfg.OnState != nil {
		l.cfg.OnState(false)
	}
}

// signal wakes who waits for a change of the connection; the lock is held.
func (l *Link) signal() {
	close(l.changed)
	l.changed = make(chan struct{})
}

var (
	errGone   = errors.New("not connected")
	errClosed = errors.New("the link is closed")
)

func unavailable(err error) error {
	return fault.Wrap(fault.Unavailable, "fault.link.unavailable", err)
}

// Up reports whether the hub is connected.
func (l *Link) Up() bool { return l.nc.IsConnected() }

// OnUp registers f, which is called after each connection and at once if
// there is one; it must not block.
func (l *Link) OnUp(f func()) {
	l.mu.Lock()
	l.ups = append(l.ups, f)
	l.mu.Unlock()
	if l.Up() {
		f()
	}
}

// waitUp returns when the hub is connected.
func (l *Link) waitUp(ctx context.Context) error {
	for {
		l.mu.Lock()
		changed, closed := l.changed, l.closed
		l.mu.Unlock()
		if closed {
			return unavailable(errClosed)
		}
		if l.Up() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// Cut takes the node off the network, as a pulled cable would, until Mend.
func (l *Link) Cut() { l.dial.cut() }

// Mend lets the node dial again.
func (l *Link) Mend() { l.dial.mend() }

// IsCut reports whether the node was cut off.
func (l *Link) IsCut() bool { return l.dial.isCut() }

// Close leaves the hub; what was not confirmed is reported as such.
func (l *Link) Close() {
	l.mu.Lock()
	open := l.takeReaders()
	l.closed = true
	l.signal()
	l.mu.Unlock()
	for _, r := range open {
		r.stop(errClosed)
	}
	l.nc.Close()
	l.dial.cut()
	l.out.close()
}

// Last is the newest message that the hub has on one of the node's own
// subjects.
func (l *Link) Last(ctx context.Context, subject string) ([]byte, bool, error) {
	m, err := l.request(ctx, api+"DIRECT.GET."+stream+"."+subject, nil)
	if err != nil {
		return nil, false, err
	}
	switch status := m.Header.Get("Status"); status {
	case "":
		return m.Data, true, nil
	case "404":
		return nil, false, nil
	default:
		return nil, false, unavailable(fmt.Errorf("last message on %s: %s %s", subject, status, m.Header.Get("Description")))
	}
}

// request asks the hub once and leaves an ended context recognisable.
func (l *Link) request(ctx context.Context, subject string, body []byte) (*nats.Msg, error) {
	ask, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	m, err := l.nc.RequestWithContext(ask, subject, body)
	switch {
	case err == nil:
		return m, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return nil, unavailable(fmt.Errorf("%s: %w", subject, err))
	}
}

// apiError is how the stream's interface reports a failure.
type apiError struct {
	Error *struct {
		Code        int    `json:"code"`
		Description string `json:"description"`
	} `json:"error"`
}

func (l *queue) toFloor(ctx context.Context, all bool) error {
	var body []byte
	if all {
		body = []byte(`{"seq":1}`)
	}
	m, err := l.request(ctx, api+"CONSUMER.RESET."+stream+"."+l.consumer, body)
	if err != nil {
		return err
	}
	var a apiError
	if err := json.Unmarshal(m.Data, &a); err != nil {
		return unavailable(err)
	}
	if a.Error != nil {
		return unavailable(fmt.Errorf("reset: %d %s", a.Error.Code, a.Error.Description))
	}
	return nil
}
