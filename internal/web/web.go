// Package web is the shell of a node's pages: routes, sessions, languages,
// errors, limits, live updates, health and metrics. Desks add their pages
// through Mux; what a request may do is its Actor, passed on as an argument.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/id"
	"lintas/internal/web/assets"
	"lintas/internal/web/layout"
	"lintas/internal/web/live"
)

// Session is what a cookie stands for. The zero Session is nobody's.
type Session struct {
	ID    string // names the session in the live hub; not the cookie's secret
	Actor access.Actor
}

// Config says what a shell serves. Session, Clock, IDs and Log are required.
type Config struct {
	Member access.Member
	// Clock is the time of the domain, which an exercise may drive.
	Clock clock.Clock
	IDs   *id.Maker
	Log   *slog.Logger
	// TLS says that browsers reach the node over https, here or at the
	// reverse proxy: cookies are then Secure and HSTS is sent.
	TLS bool
	// Proxies are the addresses whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Origins are other https origins that may post here, usually none.
	Origins []string
	// Session looks a cookie's secret up. Any error means signed out, except
	// a fault of kind Unavailable or Internal, which is shown as such.
	Session func(ctx context.Context, secret string) (Session, error)
	// Peek is Session without counting as activity, for streams and for parts
	// of a page that fetch themselves: an open page must not keep a session
	// alive that nobody sits at. Nil: Session.
	Peek func(ctx context.Context, secret string) (Session, error)
	Hub  *live.Hub
	// Zone and Place are the local time that stands beside UTC.
	Zone  *time.Location
	Place string
	// Frame fills what every page shows around its content: the node, the
	// navigation, the exercise. It gets the shell's part filled in.
	Frame func(r *Request, p *layout.Props)
	// Health and Metrics are for operators; see their types.
	Health  Health
	Metrics Metrics
}

// Server is the shell. It is an http.Handler.
type Server struct {
	cfg     Config
	mux     *http.ServeMux
	routes  []Route
	origin  *http.CrossOriginProtection
	handler http.Handler
	shrink  func(http.Handler) http.HandlerFunc
	metrics *meters
}

// New makes the shell with its own routes. Each desk is then given Mux.
func New(cfg Config) (*Server, error) {
	if cfg.Session == nil || cfg.Clock == nil || cfg.IDs == nil || cfg.Log == nil {
		return nil, fmt.Errorf("web: Session, Clock, IDs and Log are required")
	}
	if cfg.Peek == nil {
		cfg.Peek = cfg.Session
	}
	if cfg.Hub == nil {
		cfg.Hub = live.New(live.Options{})
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection()}
	for _, o := range cfg.Origins {
		if err := s.origin.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("web: trusted origin %q: %w", o, err)
		}
	}
	var err error
	if s.shrink, err = compressor(); err != nil {
		return nil, err
	}
	s.metrics = newMeters(cfg.Metrics, cfg.Hub)
	s.own(s.Mux())
	s.handler = s.observe(s.guard(s.mux))
	return s, nil
}

// own are the shell's routes; those of signing in are in web/account, those
// of a desk in its web folder.
func (s *Server) own(m *Mux) {
	m.Stream("GET /live", s.live)
	m.Open("POST /preferences", s.preferences)
	m.Bare("GET "+assets.Prefix, assets.Handler())
	m.Bare("GET /healthz", http.HandlerFunc(s.alive))
	m.Bare("GET /readyz", http.HandlerFunc(s.ready))
	m.Bare("GET /metrics", s.metrics.handler(s.cfg.Metrics))
	m.Open("/", s.nowhere)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Hub is where desks publish topics after a commit.
func (s *Server) Hub() *live.Hub { return s.cfg.Hub }

// Close ends the live streams, so that the HTTP server can shut down.
func (s *Server) Close() { s.cfg.Hub.Close() }
