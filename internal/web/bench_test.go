package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"lintas/internal/clock"
	"lintas/internal/id"
	"lintas/internal/web"
)

// BenchmarkPage is what the shell itself costs: session, language, frame,
// headers, log and compression around a page of one line.
func BenchmarkPage(b *testing.B) {
	s := &shell{sessions: map[string]web.Session{secret: {ID: "s1"}}}
	srv, err := web.New(web.Config{Member: "TH", Clock: clock.System{}, IDs: &id.Maker{}, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Session: s.session})
	if err != nil {
		b.Fatal(err)
	}
	srv.Mux().Page("GET /hello", hello)
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "/hello", nil)
		r.AddCookie(&http.Cookie{Name: "lintas-th", Value: secret})
		r.Header.Set("Accept-Encoding", "zstd")
		w := httptest.NewRecorder()
		if srv.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
