package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"lintas/internal/fault"
)

// Handler answers a request or returns why it cannot; one function of the
// shell renders every error.
type Handler func(w http.ResponseWriter, r *Request) error

// Limits of a request. A page answers within pageTime or not at all.
const (
	FormBytes = 1 << 20
	FileBytes = 26 << 20 // 25 MiB and its envelope
	pageTime  = 30 * time.Second
	fileTime  = 10 * time.Minute
)

// Route is one line of the list of routes.
type Route struct {
	Pattern string // "GET /events/{id}"
	Kind    string // page, open, upload, download, stream or bare
}

// Mux takes routes. Patterns are those of net/http with a method.
type Mux struct{ s *Server }

// Mux is where desks register their pages.
func (s *Server) Mux() *Mux { return &Mux{s} }

// Routes lists every route, sorted.
func (s *Server) Routes() []Route {
	out := slices.Clone(s.routes)
	slices.SortFunc(out, func(a, b Route) int { return strings.Compare(a.Pattern, b.Pattern) })
	return out
}

type route struct {
	Route
	bytes  int64
	within time.Duration
	open   bool // also for who is not signed in
	serve  Handler
}

// Page adds a page or an action for people who are signed in.
func (m *Mux) Page(pattern string, h Handler) {
	m.add(&route{Route: Route{pattern, "page"}, bytes: FormBytes, within: pageTime, serve: h})
}

// Open adds a page for anybody.
func (m *Mux) Open(pattern string, h Handler) {
	m.add(&route{Route: Route{pattern, "open"}, bytes: FormBytes, within: pageTime, serve: h, open: true})
}

// Upload adds an action that takes files: the handler reads the body itself.
func (m *Mux) Upload(pattern string, h Handler) {
	m.add(&route{Route: Route{pattern, "upload"}, bytes: FileBytes, within: fileTime, serve: h})
}

// Download adds an answer that may be as large as a file.
func (m *Mux) Download(pattern string, h Handler) {
	m.add(&route{Route: Route{pattern, "download"}, bytes: FormBytes, within: fileTime, serve: h})
}

// Stream adds an answer without an end; it is neither timed nor compressed.
func (m *Mux) Stream(pattern string, h Handler) {
	m.add(&route{Route: Route{pattern, "stream"}, bytes: FormBytes, serve: h})
}

// Bare adds a handler that has its own ways with people and errors, such as
// the REST interface or style sheets. The shell's headers and log apply.
func (m *Mux) Bare(pattern string, h http.Handler) {
	timed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		deadlines(w, pageTime)
		h.ServeHTTP(w, r)
	})
	m.handle(Route{pattern, "bare"}, m.s.shrink(timed))
}

// BareStream is Bare for an answer without an end.
func (m *Mux) BareStream(pattern string, h http.Handler) {
	m.handle(Route{pattern, "bare stream"}, h)
}

func (m *Mux) add(rt *route) {
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.s.run(rt, w, r) })
	if rt.Kind != "stream" {
		h = m.s.shrink(h)
	}
	m.handle(rt.Route, h)
}

func (m *Mux) handle(rt Route, h http.Handler) {
	m.s.routes = append(m.s.routes, rt)
	m.s.mux.HandleFunc(rt.Pattern, func(w http.ResponseWriter, r *http.Request) {
		noteRoute(r, rt.Pattern)
		h.ServeHTTP(w, r)
	})
}

// run is what happens to every request of a page.
func (s *Server) run(rt *route, w http.ResponseWriter, hr *http.Request) {
	if rt.within > 0 {
		ctx, cancel := context.WithTimeout(hr.Context(), rt.within)
		defer cancel()
		hr = hr.WithContext(ctx)
		deadlines(w, rt.within)
	}
	hr.Body = http.MaxBytesReader(w, hr.Body, rt.bytes)
	r, err := s.request(w, hr)
	if err == nil {
		err = s.admit(rt, r)
	}
	if err == nil {
		err = rt.serve(w, r)
	}
	if err != nil {
		s.fail(w, r, err)
	}
}

// deadlines end a request whose client sends or takes its bytes too slowly.
func deadlines(w http.ResponseWriter, within time.Duration) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(within)) // a recorder in a test has no deadlines
	_ = c.SetWriteDeadline(time.Now().Add(within + 5*time.Second))
}

// admit checks what holds for every route before its handler is asked.
func (s *Server) admit(rt *route, r *Request) error {
	if err := s.origin.Check(r.Request); err != nil {
		return fault.Wrap(fault.Forbidden, "fault.web.origin", err)
	}
	if !rt.open && !r.SignedIn() {
		return errSignedOut
	}
	if rt.Kind == "upload" || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	return nil
}

func (s *Server) nowhere(_ http.ResponseWriter, _ *Request) error {
	return fault.New(fault.NotFound, "fault.web.no_page")
}
