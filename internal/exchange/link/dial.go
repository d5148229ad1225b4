package link

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

var errCut = errors.New("cut off the network")

// dialer opens the connections, with TLS where the address asks for it, and
// can be cut: then it closes what is open and opens nothing.
type dialer struct {
	tls    *tls.Config
	sealed map[string]bool // by host:port; what is not named is sealed if it can be

	mu    sync.Mutex
	off   bool
	conns map[*conn]bool
}

func newDialer(t *tls.Config) *dialer {
	return &dialer{tls: t, sealed: map[string]bool{}, conns: map[*conn]bool{}}
}

// SkipTLSHandshake tells the library that Dial has done it.
func (d *dialer) SkipTLSHandshake() bool { return true }

func (d *dialer) Dial(network, address string) (net.Conn, error) {
	if d.isCut() {
		return nil, errCut
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	sealed, known := d.sealed[address]
	if sealed || !known && d.tls != nil {
		if raw, err = handshake(ctx, raw, d.tls, address); err != nil {
			return nil, err
		}
	}
	c := &conn{Conn: raw, d: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		raw.Close()
		return nil, errCut
	}
	d.conns[c] = true
	return c, nil
}

func handshake(ctx context.Context, raw net.Conn, cfg *tls.Config, address string) (net.Conn, error) {
	cfg = cfg.Clone()
	cfg.MinVersion = tls.VersionTLS13
	if cfg.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		cfg.ServerName = host
	}
	t := tls.Client(raw, cfg)
	if err := t.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	return t, nil
}

func (d *dialer) cut() {
	d.mu.Lock()
	d.off = true
	open := d.conns
	d.conns = map[*conn]bool{}
	d.mu.Unlock()
	for c := range open {
		c.Conn.Close()
	}
}

func (d *dialer) mend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = false
}

func (d *dialer) isCut() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.off
}

// conn forgets itself when it is closed.
type conn struct {
	net.Conn
	d *dialer
}

func (c *conn) Close() error {
	c.d.mu.Lock()
	delete(c.d.conns, c)
	c.d.mu.Unlock()
	return c.Conn.Close()
}
