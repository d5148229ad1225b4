package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/link"
	"lintas/internal/exchange/pki"
	"lintas/internal/node"
)

const reachWithin = 8 * time.Second

// certificates says when those of the folder end.
func (d *doctor) certificates(c node.Config) {
	for what, path := range map[string]string{"web.cert": c.Web.Cert, "authority": c.Exchange.Authority} {
		if path == "" {
			continue
		}
		b, err := os.ReadFile(inFolder(d.dir, path))
		if err != nil {
			d.fail(what, "%v", err)
			continue
		}
		block, _ := pem.Decode(b)
		if block == nil {
			d.fail(what, "%s holds no PEM", path)
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			d.fail(what, "%s: %v", path, err)
			continue
		}
		d.expiry(what, cert)
	}
}

func (d *doctor) expiry(what string, cert *x509.Certificate) {
	left := time.Until(cert.NotAfter)
	days := int(left.Hours() / 24)
	switch {
	case left <= 0:
		d.fail(what, "%s expired on %s: issue a new one", cert.Subject.CommonName, cert.NotAfter.Format(time.DateOnly))
	case days < 30:
		d.warn(what, "%s expires in %d days, on %s: issue a new one", cert.Subject.CommonName, days, cert.NotAfter.Format(time.DateOnly))
	default:
		d.ok(what, "%s holds until %s", cert.Subject.CommonName, cert.NotAfter.Format(time.DateOnly))
	}
}

// roots are those of the machine with the authorities of the folder.
func (d *doctor) roots(c node.Config) *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, f := range []string{inFolder(d.dir, c.Exchange.Authority), filepath.Join(d.dir, pki.AuthorityFile)} {
		if b, err := os.ReadFile(f); err == nil {
			pool.AppendCertsFromPEM(b)
		}
	}
	return pool
}

// hub dials each address alone, so that one that works hides no other.
func (d *doctor) hub(ctx context.Context, n *node.Node, keys node.Keys) {
	_, sign, err := hub.Signer(keys.Seed)
	if err != nil {
		d.fail("hub", "%s", sentence(err))
		return
	}
	var conf *tls.Config
	if a := n.Config.Exchange.Authority; a != "" {
		b, err := os.ReadFile(inFolder(d.dir, a))
		if err == nil {
			conf, err = pki.Client(b)
		}
		if err != nil {
			d.fail("hub", "the authority %s: %s", a, sentence(err))
			return
		}
	}
	for _, u := range n.Config.Exchange.Hubs {
		if why := d.dial(ctx, u, conf); why != nil {
			d.fail("hub", "%s cannot be reached: %v", u, why)
			continue
		}
		l, err := link.Connect(link.Config{URLs: []string{u}, Member: n.Config.Member, NKey: keys.Public, Sign: sign, TLS: conf, Name: "lintas doctor"})
		if err != nil {
			d.fail("hub", "%s: %s", u, sentence(err))
			continue
		}
		if waitUp(ctx, l) {
			d.ok("hub", "%s lets this node in", u)
		} else {
			d.fail("hub", "%s answers but does not let this node in: has the hub adopted the directory with this node's key?", u)
		}
		l.Close()
	}
}

func waitUp(ctx context.Context, l *link.Link) bool {
	end := time.Now().Add(reachWithin)
	for time.Now().Before(end) && ctx.Err() == nil {
		if l.Up() {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// dial says why an address cannot be reached, or how its certificate stands.
func (d *doctor) dial(ctx context.Context, address string, conf *tls.Config) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), map[string]string{"nats": "4222", "tls": "4222", "ws": "80", "wss": "443"}[u.Scheme])
	}
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	if u.Scheme == "nats" || u.Scheme == "ws" {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
		if err != nil {
			return err
		}
		return c.Close()
	}
	if conf == nil {
		return errors.New("exchange.authority is not set; give the PEM of the authority that signed the hub's certificate")
	}
	c, err := (&tls.Dialer{Config: conf}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer c.Close()
	if t, ok := c.(*tls.Conn); ok {
		d.expiry("hub", t.ConnectionState().PeerCertificates[0])
	}
	return nil
}

// web asks the node's own public address, which also tells whether the proxy
// and the name work, and compares clocks.
func (d *doctor) web(ctx context.Context, n *node.Node) {
	address := strings.TrimSuffix(n.Config.Web.URL, "/")
	if address == "" {
		d.warn("web", "web.url is not set: links in messages and invitations will point to %s", n.Listen())
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		d.fail("web", "%v", err)
		return
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: d.roots(n.Config)}}}
	defer client.CloseIdleConnections()
	r, err := client.Do(q)
	if err != nil {
		d.fail("web", "%s does not answer: %v", address, err)
		return
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK {
		d.fail("web", "%s answers %s", address, r.Status)
		return
	}
	d.ok("web", "%s answers", address)
	if t := r.TLS; t != nil {
		d.expiry("web", t.PeerCertificates[0])
	}
	if at, err := http.ParseTime(r.Header.Get("Date")); err == nil {
		if skew := time.Since(at).Abs(); skew > skewWarn {
			d.warn("clock", "%s", fmt.Sprintf("the clock behind %s and ours differ by %s", address, skew.Round(time.Second)))
		}
	}
}
