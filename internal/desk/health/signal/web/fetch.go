package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"lintas/internal/desk/health/signal/feed"
	"lintas/internal/fault"
)

// Fetcher reads a feed from an address that a person typed. It reaches public
// servers only, so that nobody can make the node ask its own network: names
// are resolved first, and the address that is dialled is checked.
type Fetcher struct {
	// Allow adds addresses that are not public; tests use it.
	Allow func(netip.AddrPort) bool
	// Plain permits http as well as https.
	Plain bool
}

const (
	fetchTime     = 20 * time.Second
	mostRedirects = 3
)

var errPrivate = errors.New("web: not an address of the public internet")

// Fetch reads the document, at most feed.MaxDocument bytes of it.
func (f Fetcher) Fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(f.Plain && u.Scheme == "http") {
		return nil, addressFault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	dialer := &net.Dialer{Timeout: 8 * time.Second, Control: f.control}
	transport := &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 8 * time.Second, ResponseHeaderTimeout: 10 * time.Second,
		DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > mostRedirects || r.URL.Scheme != "https" && !f.Plain {
			return errPrivate
		}
		return nil
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, addressFault(err)
	}
	request.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/cap+xml, text/xml, application/xml;q=0.9")
	request.Header.Set("User-Agent", "lintas")
	answer, err := client.Do(request)
	if errors.Is(err, errPrivate) {
		return nil, addressFault(err)
	}
	if err != nil {
		return nil, fetchFault(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fetchFault(errors.New("web: " + answer.Status))
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, feed.MaxDocument+1))
	if err != nil || !feed.Looks(body[:min(len(body), 512)]) {
		return nil, fetchFault(err)
	}
	return body, nil
}

// control sees the address after it was resolved.
func (f Fetcher) control(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	if f.Allow != nil && f.Allow(a) || public(a.Addr().Unmap()) {
		return nil
	}
	return errPrivate
}

var shared = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598, behind a provider's translation

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !shared.Contains(a)
}

func addressFault(cause error) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Cause: cause, Fields: []fault.Field{{Name: "address", Key: "fault.signal.fetch_address"}}}
}

func fetchFault(cause error) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Cause: cause, Fields: []fault.Field{{Name: "address", Key: "fault.signal.fetch"}}}
}
