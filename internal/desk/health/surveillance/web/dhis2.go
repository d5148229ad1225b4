package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/fault"
	"lintas/internal/files"
	shell "lintas/internal/web"
)

// Counts are fetched from a DHIS2 server with a token that the person gives
// each time: it is sent to that server only, and neither stored nor logged.

// pullTime is how long a server may take for the whole answer.
const pullTime = 25 * time.Second

// pulled is what one form asks of a server.
type pulled struct {
	base            *url.URL
	set, unit, from string
	to, token       string
}

func (g *Pages) readPull(f url.Values) (pulled, error) {
	p := pulled{set: strings.TrimSpace(f.Get("set")), unit: strings.TrimSpace(f.Get("unit")), from: f.Get("from"), to: f.Get("to"), token: strings.TrimSpace(f.Get("token"))}
	var c fault.Check
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(f.Get("url")), "/"))
	c.That(err == nil && (base.Scheme == "https" || base.Scheme == "http" && g.deps.Loopback) && base.Host != "" && base.User == nil && base.RawQuery == "", "url", "fault.surveillance.pull_url")
	c.That(p.set != "", "set", "fault.surveillance.pull_set")
	c.That(p.unit != "", "unit", "fault.surveillance.pull_unit")
	for _, x := range [][2]string{{"from", p.from}, {"to", p.to}} {
		_, err := time.Parse(time.DateOnly, x[1])
		c.That(err == nil, x[0], "fault.surveillance.date", fault.Args{"value": x[1]})
	}
	c.That(p.token != "" && !strings.ContainsAny(p.token, "\r\n"), "token", "fault.surveillance.pull_token")
	p.base = base
	return p, c.Err()
}

// address is what is asked; it holds no token.
func (p pulled) address() string {
	u := *p.base
	u.Path = strings.TrimRight(u.Path, "/") + "/api/dataValueSets.json"
	u.RawQuery = url.Values{"dataSet": {p.set}, "orgUnit": {p.unit}, "startDate": {p.from}, "endDate": {p.to}, "children": {"true"}}.Encode()
	return u.String()
}

// errForbiddenAddress: what stands at such an address is not another machine.
var errForbiddenAddress = errors.New("surveillance: the address is not one of a server")

// client reaches servers of the network of the ministry and beyond, but not
// this machine itself nor what listens on link-local addresses. Redirects are
// not followed, so that the token goes nowhere else.
func (g *Pages) client() *http.Client {
	dial := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		a := to.Addr().Unmap()
		if a.IsLoopback() && !g.deps.Loopback || a.IsUnspecified() || a.IsLinkLocalUnicast() || a.IsMulticast() {
			return errForbiddenAddress
		}
		return nil
	}}
	return &http.Client{Timeout: pullTime, Transport: &http.Transport{DialContext: dial.DialContext, TLSHandshakeTimeout: 10 * time.Second, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (g *Pages) fetch(ctx context.Context, p pulled) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.address(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "ApiToken "+p.token)
	req.Header.Set("Accept", "application/json")
	res, err := g.client().Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.surveillance.pull_reach", err)
	}
	switch {
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		err = fault.New(fault.Invalid, "fault.surveillance.pull_denied")
	case res.StatusCode != http.StatusOK:
		err = fault.New(fault.Invalid, "fault.surveillance.pull_status").With("status", res.StatusCode)
	case res.ContentLength > files.MaxSize:
		err = fault.New(fault.Invalid, "fault.surveillance.pull_large").With("max", files.MaxSize>>20)
	}
	if err != nil {
		return nil, errors.Join(err, res.Body.Close())
	}
	return res.Body, nil
}

func (g *Pages) pull(w http.ResponseWriter, r *shell.Request) error {
	i, err := g.pulled(r)
	r.PostForm.Del("token") // never shown again
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return g.showImportForm(w, r, shell.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	r.Say(w, "surveillance.said.pulled", nil)
	return r.Redirect(w, importPath(i.ID)+"/map")
}

func (g *Pages) pulled(r *shell.Request) (surveillance.Import, error) {
	var none surveillance.Import
	sid, err := r.PathID("id")
	if err != nil {
		return none, err
	}
	p, err := g.readPull(r.PostForm)
	if err != nil {
		return none, err
	}
	body, err := g.fetch(r.Context(), p)
	if err != nil {
		return none, err
	}
	defer body.Close() //nolint:errcheck // everything was read or refused
	// The store of files ends what is larger than a file may be.
	i, err := g.desk.Upload(r.Context(), r.Actor, sid, "dhis2-"+p.from+"-"+p.to+".json", p.address(), body)
	if err != nil && fault.KindOf(err) == fault.Internal {
		return i, fault.Wrap(fault.Invalid, "fault.surveillance.pull_reach", err)
	}
	return i, err
}
