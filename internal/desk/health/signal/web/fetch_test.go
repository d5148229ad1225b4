package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	signalweb "lintas/internal/desk/health/signal/web"
	"lintas/internal/fault"
)

// A feed is read from where a person says, but the node is not made to ask its
// own network, other protocols, or an endless chain of redirections.
func TestFetch(t *testing.T) {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.HandleFunc("/feed", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<?xml version="1.0"?><rss></rss>`))
	})
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<!doctype html>`)) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	allowed := signalweb.Fetcher{Plain: true, Allow: func(netip.AddrPort) bool { return true }}
	if body, err := allowed.Fetch(t.Context(), server.URL+"/feed"); err != nil || len(body) == 0 {
		t.Fatal(err)
	}
	for _, path := range []string{"/page", "/loop", "/none"} {
		if _, err := allowed.Fetch(t.Context(), server.URL+path); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", path, err)
		}
	}
	strict := signalweb.Fetcher{Plain: true}
	for _, address := range []string{server.URL + "/feed", "http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.1/", "http://[::ffff:127.0.0.1]:80/"} {
		if _, err := strict.Fetch(t.Context(), address); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s was asked: %v", address, err)
		}
	}
	for _, address := range []string{"http://example.org/feed", "file:///etc/hostname", "https://user:word@example.org/", "", "https://"} {
		if _, err := (signalweb.Fetcher{}).Fetch(t.Context(), address); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
