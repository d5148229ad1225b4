package web_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"lintas/internal/web"
)

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := newShell(t, func(c *web.Config) { c.TLS = true }, pages)
	for _, path := range []string{"/fail/internal", "/nowhere", "/healthz", "/fail/invalid"} {
		a := get(t, browser(t), s.url+path)
		csp := a.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy lacks %s", path, want)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Cache-Control": "no-store"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	if s := newShell(t, nil, nil); get(t, browser(t), s.url+"/healthz").Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without TLS")
	}
}

// A page must work under its own policy: nothing inline.
func TestPagesHaveNothingInline(t *testing.T) {
	s := newShell(t, nil, pages)
	for _, a := range []answer{get(t, s.signedIn(t), s.url+"/hello"), get(t, browser(t), s.url+"/fail/fields")} {
		if n := a.doc.Find("style, [style], script:not([src])").Length(); n != 0 {
			t.Errorf("%d inline styles or scripts", n)
		}
		for _, attr := range a.doc.Find("*").Nodes {
			for _, x := range attr.Attr {
				if strings.HasPrefix(x.Key, "on") {
					t.Errorf("handler %s in the page", x.Key)
				}
			}
		}
	}
}

func TestPostFromAnotherSiteIsRefused(t *testing.T) {
	s := newShell(t, nil, pages)
	c := s.signedIn(t)
	for name, header := range map[string][]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"},
		"origin": {"Origin", "https://evil.example"},
	} {
		if a := post(t, c, s.url+"/save", "next=/hello", header...); a.StatusCode != 403 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	if a := post(t, c, s.url+"/save", "next=/hello", "Sec-Fetch-Site", "same-origin"); a.StatusCode != 303 {
		t.Errorf("own page: %d", a.StatusCode)
	}
}

func TestFormTooLargeIs413(t *testing.T) {
	s := newShell(t, nil, pages)
	a := post(t, s.signedIn(t), s.url+"/save", "words="+strings.Repeat("x", web.FormBytes))
	if a.StatusCode != http.StatusRequestEntityTooLarge || a.doc.Find("main h1").Length() != 1 {
		t.Errorf("status %d", a.StatusCode)
	}
}

func TestCookies(t *testing.T) {
	for name, tls := range map[string]bool{"__Host-lintas": true, "lintas-th": false} {
		s := newShell(t, func(c *web.Config) { c.TLS = tls }, func(m *web.Mux) {
			m.Open("POST /in", func(w http.ResponseWriter, r *web.Request) error {
				r.StartSession(w, secret)
				return r.Redirect(w, "/hello")
			})
		})
		c := post(t, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
			s.url+"/in", "").Cookies()[0]
		if c.Name != name || !c.HttpOnly || c.Secure != tls || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %s", c)
		}
	}
}

func TestLanguage(t *testing.T) {
	s := newShell(t, nil, pages)
	lang := func(a answer) string { v, _ := a.doc.Find("html").Attr("lang"); return v }
	c := browser(t)
	if got := lang(get(t, c, s.url+"/nowhere", "Accept-Language", "id-ID,en;q=0.5")); got != "id" {
		t.Errorf("by the browser's wish: %q", got)
	}
	if got := lang(get(t, c, s.url+"/nowhere?lang=en", "Accept-Language", "id")); got != "en" {
		t.Errorf("by the address: %q", got)
	}
	if got := lang(get(t, c, s.url+"/nowhere", "Accept-Language", "id")); got != "en" {
		t.Errorf("by the cookie: %q", got)
	}
	if got := lang(get(t, c, s.url+"/nowhere?lang=xx", "Accept-Language", "id")); got != "en" {
		t.Errorf("unknown language: %q", got)
	}
	a := post(t, c, s.url+"/preferences", "lang=id&back=/nowhere?a=1%26lang=en")
	if a.StatusCode != 303 || a.Header.Get("Location") != "/nowhere?a=1" {
		t.Errorf("%d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if got := lang(get(t, c, s.url+"/nowhere")); got != "id" {
		t.Errorf("by the switch: %q", got)
	}
	if a := post(t, c, s.url+"/preferences", "lang=xx"); a.StatusCode != 400 {
		t.Errorf("unknown language posted: %d", a.StatusCode)
	}
}

func TestTheme(t *testing.T) {
	s := newShell(t, nil, pages)
	c := browser(t)
	theme := func() string { v, _ := get(t, c, s.url+"/nowhere").doc.Find("html").Attr("data-theme"); return v }
	if got := theme(); got != "" {
		t.Errorf("at first %q", got)
	}
	post(t, c, s.url+"/preferences", "theme=night&back=/")
	if got := theme(); got != "night" {
		t.Errorf("after the choice %q", got)
	}
	post(t, c, s.url+"/preferences", "theme=auto&back=/")
	if got := theme(); got != "" {
		t.Errorf("after auto %q", got)
	}
}

func TestClientAddressBelievesOnlyListedProxies(t *testing.T) {
	var got netip.Addr
	routes := func(m *web.Mux) {
		m.Open("GET /me", func(w http.ResponseWriter, r *web.Request) error { got = r.Client; return nil })
	}
	loop := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		proxies   []netip.Prefix
		forwarded string
		want      string
	}{
		{nil, "203.0.113.7", "127.0.0.1"},
		{loop, "203.0.113.7", "203.0.113.7"},
		{loop, "198.51.100.1, 203.0.113.7, 10.0.0.4", "203.0.113.7"}, // the first was invented by the client
		{loop, "nonsense, 10.0.0.4", "10.0.0.4"},
		{loop, "", "127.0.0.1"},
	} {
		s := newShell(t, func(cfg *web.Config) { cfg.Proxies = c.proxies }, routes)
		get(t, browser(t), s.url+"/me", "X-Forwarded-For", c.forwarded)
		if got.String() != c.want {
			t.Errorf("%q through %v: %s, want %s", c.forwarded, c.proxies, got, c.want)
		}
	}
}

func TestLogNamesTheRouteAndNobody(t *testing.T) {
	s := newShell(t, nil, pages)
	get(t, s.signedIn(t), s.url+"/hello?name=Somebody")
	log := s.log.String()
	if !strings.Contains(log, `"route":"GET /hello"`) || !strings.Contains(log, `"status":200`) {
		t.Errorf("log: %s", log)
	}
	for _, leak := range []string{"Somebody", "Duty officer", "127.0.0.1", secret} {
		if strings.Contains(log, leak) {
			t.Errorf("the log says %q", leak)
		}
	}
}

func TestPagesAreCompressedAndStreamsAreNot(t *testing.T) {
	s := newShell(t, nil, func(m *web.Mux) {
		pages(m)
		m.Open("GET /long", func(w http.ResponseWriter, r *web.Request) error {
			return r.Show(w, web.Page{Title: "Long"}, templ.Raw(strings.Repeat("<p>again</p>", 500)))
		})
	})
	for _, enc := range []string{"gzip", "zstd"} {
		if got := get(t, browser(t), s.url+"/long", "Accept-Encoding", enc).Header.Get("Content-Encoding"); got != enc {
			t.Errorf("wish %s, got %q", enc, got)
		}
	}
	c := s.signedIn(t)
	href, ok := get(t, c, s.url+"/hello").doc.Find("#live").Attr("hx-sse:connect")
	if !ok {
		t.Fatal("the page has no stream")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	req := request(t, http.MethodGet, s.url+href, "", "Accept-Encoding", "zstd, gzip", "Accept", "text/event-stream")
	res, err := c.Do(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Encoding") != "" {
		t.Fatalf("status %d, encoding %q", res.StatusCode, res.Header.Get("Content-Encoding"))
	}
	s.Hub().Publish("desk")
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if lines.Text() == "event: live-desk" {
			return
		}
	}
	t.Fatal("the event did not arrive")
}

func TestReadiness(t *testing.T) {
	broken := false
	s := newShell(t, func(c *web.Config) {
		c.Health = web.Health{Checks: []web.Check{
			{Name: "database", Needs: true, Probe: func(context.Context) error {
				if broken {
					return errors.New("disk of srv-7 is full")
				}
				return nil
			}},
			{Name: "exchange", Probe: func(context.Context) error { return errors.New("cut off") }},
		}}
	}, nil)
	a := get(t, browser(t), s.url+"/readyz")
	if a.StatusCode != 200 || !strings.Contains(a.body, `"exchange":"failed"`) {
		t.Errorf("offline is normal, yet %d %s", a.StatusCode, a.body)
	}
	broken = true
	if a = get(t, browser(t), s.url+"/readyz"); a.StatusCode != 503 || strings.Contains(a.body, "srv-7") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestMetrics(t *testing.T) {
	measure := web.Measure{Name: "lintas_exchange_outbox_depth", Help: "h", Labels: []string{"member"},
		Read: func() []web.Sample { return []web.Sample{{Labels: []string{"VN"}, Value: 3}} }}
	s := newShell(t, func(c *web.Config) { c.Metrics.Measures = []web.Measure{measure} }, pages)
	get(t, browser(t), s.url+"/fail/invalid")
	a := get(t, browser(t), s.url+"/metrics")
	for _, want := range []string{`lintas_exchange_outbox_depth{member="VN"} 3`,
		`lintas_http_request_seconds_count{method="GET",route="GET /fail/{kind}",status="400"} 1`, "lintas_live_streams 0"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if a := get(t, browser(t), s.url+"/metrics", "X-Forwarded-For", "203.0.113.7"); a.StatusCode != 404 {
		t.Errorf("through a proxy without a token: %d", a.StatusCode)
	}
	s = newShell(t, func(c *web.Config) { c.Metrics.Token = "t0ken" }, nil)
	if a := get(t, browser(t), s.url+"/metrics"); a.StatusCode != 404 {
		t.Errorf("without the token: %d", a.StatusCode)
	}
	if a := get(t, browser(t), s.url+"/metrics", "Authorization", "Bearer t0ken"); a.StatusCode != 200 {
		t.Errorf("with the token: %d", a.StatusCode)
	}
}
