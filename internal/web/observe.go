package web

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// seen is what the log says about a request: never an address, a query or a
// person. It is kept in the context because the route is known only inside
// the mux, after the log began.
type seen struct {
	id    string
	route string
}

type seenKey struct{}

func noteRoute(r *http.Request, pattern string) {
	if v, ok := r.Context().Value(seenKey{}).(*seen); ok {
		v.route = pattern
	}
}

func requestID(r *http.Request) string {
	if v, ok := r.Context().Value(seenKey{}).(*seen); ok {
		return v.id
	}
	return ""
}

// observe numbers, times, counts and logs every request, and turns a panic
// into an answer.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &seen{id: string(s.cfg.IDs.New()), route: "none"}
		r = r.WithContext(context.WithValue(r.Context(), seenKey{}, v))
		rec := &recorder{ResponseWriter: w}
		rec.Header().Set("X-Request-Id", v.id)
		start := time.Now()
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is thrown
					panic(p)
				}
				s.cfg.Log.Error("panic", "request", v.id, "route", v.route, "panic", p, "stack", string(debug.Stack()))
				if !rec.wrote {
					http.Error(rec, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				}
			}
			s.account(r, v, rec, time.Since(start))
		}()
		next.ServeHTTP(rec, r)
	})
}

func (s *Server) account(r *http.Request, v *seen, rec *recorder, took time.Duration) {
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.request(v.route, r.Method, status, took)
	level := slog.LevelInfo
	if v.route == "GET /healthz" || v.route == "GET /readyz" || v.route == "GET /metrics" {
		level = slog.LevelDebug
	}
	s.cfg.Log.LogAttrs(r.Context(), level, "request", slog.String("request", v.id), slog.String("method", method(r.Method)),
		slog.String("route", v.route), slog.Int("status", status), slog.Int64("bytes", rec.bytes),
		slog.Float64("ms", float64(took.Microseconds())/1000))
}

// method keeps invented methods out of logs and metrics.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

func (w *recorder) WriteHeader(status int) {
	if status >= 200 && !w.wrote {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if !w.wrote {
		w.status, w.wrote = http.StatusOK, true
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach flushing and deadlines.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// started reports whether the answer has begun.
func started(w http.ResponseWriter) bool {
	for {
		switch v := w.(type) {
		case *recorder:
			return v.wrote
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return false
		}
	}
}
