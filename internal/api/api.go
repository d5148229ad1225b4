// Package api is the REST shell of a node under /api/v1: tokens, problem
// documents, paging, versions, idempotency, OpenAPI and the event stream.
// Desks add typed operations that call the same actions as their pages.
package api

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/web"
)

//go:embed schema/*.sql
var files embed.FS

// Schema is this package's part of the database.
var Schema = db.Schema{Name: "api", FS: sub(files, "schema")}

func sub(f fs.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Prefix is where the interface is.
const Prefix = "/api/v1"

const (
	bodyBytes = 1 << 20
	callTime  = 30 * time.Second
)

// Config says what the interface needs. DB, Clock, Log and Token are required.
type Config struct {
	DB *db.DB
	// Clock is the wall clock: keys and limits belong to the callers.
	Clock clock.Clock
	// Domain is the clock of the records, which an exercise may drive; nil:
	// Clock.
	Domain clock.Clock
	Log    *slog.Logger
	// Version of the program, for the document.
	Version string
	// Token says whom a bearer token stands for and names it.
	Token func(ctx context.Context, secret string) (access.Actor, id.ID, error)
	// Client is the address that a request came from; nil: the connection's.
	Client func(*http.Request) netip.Addr
	// PerSecond and Burst limit each token: 20 and 60 when zero.
	PerSecond float64
	Burst     int
	Stream    StreamConfig
}

// API is the interface. It is an http.Handler for paths under Prefix.
type API struct {
	cfg    Config
	mux    *http.ServeMux
	huma   huma.API
	limits *limits
	ops    map[string]Op // by operation id
	routes map[string]Op // by pattern
	wake   wakeup
}

// New makes an interface with the operations of the shell.
func New(cfg Config) (*API, error) {
	if cfg.DB == nil || cfg.Clock == nil || cfg.Log == nil || cfg.Token == nil {
		return nil, fmt.Errorf("api: DB, Clock, Log and Token are required")
	}
	if cfg.PerSecond == 0 {
		cfg.PerSecond, cfg.Burst = 20, 60
	}
	if cfg.Domain == nil {
		cfg.Domain = cfg.Clock
	}
	if cfg.Client == nil {
		cfg.Client = func(r *http.Request) netip.Addr { return web.ClientAddr(r, nil) }
	}
	a := &API{cfg: cfg, mux: http.NewServeMux(), limits: newLimits(cfg), ops: map[string]Op{}, routes: map[string]Op{}}
	a.wake.init()
	conf := huma.DefaultConfig("Lintas", cfg.Version)
	conf.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	conf.Info.Description = describe
	conf.OpenAPIPath, conf.DocsPath, conf.SchemasPath = "", "", ""
	conf.CreateHooks = nil // no $schema links in bodies
	conf.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	conf.Transformers = []huma.Transformer{a.fromModel}
	conf.Servers = []*huma.Server{{URL: Prefix}}
	conf.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "An API token of an account, with scopes and an expiry."}}
	conf.RejectUnknownQueryParameters = true
	a.huma = huma.NewAPI(conf, humago.NewAdapter(a.mux, Prefix))
	a.document()
	a.describeStream()
	return a, nil
}

const describe = "What people do at the pages of a node, for programs. A page and an operation are two thin handlers over one action: " +
	"the same rules hold, and the same errors come back. Errors are problem documents (RFC 9457)."

// Mount adds the interface to the shell.
func (a *API) Mount(m *web.Mux) {
	MountLater(m, a.cfg.Log, func() (*API, error) { return a, nil })
}

// MountLater adds an interface that is made when the first call comes: its
// operations and their schemas take a node more memory than all its pages,
// and most nodes are asked by people alone. Make returns the same one always.
func MountLater(m *web.Mux, log *slog.Logger, make func() (*API, error)) {
	serve := func(handler func(*API) http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a, err := make()
			if err != nil {
				log.Error("making the interface for programs", "error", err)
				internal.problem(locale.New(locale.Source, nil, ""), "", nil).write(w)
				return
			}
			handler(a).ServeHTTP(w, r)
		})
	}
	m.BareStream("GET "+Prefix+"/stream", serve((*API).StreamHandler))
	m.Bare(Prefix+"/", serve(func(a *API) http.Handler { return a }))
}

// document serves the OpenAPI document, which is for everybody: it holds no data.
func (a *API) document() {
	serve := func(kind string, make func() ([]byte, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			b, err := make()
			if err != nil {
				a.cfg.Log.Error("openapi", "error", err.Error())
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(b)
		}
	}
	a.mux.HandleFunc("GET "+Prefix+"/openapi.json", serve("application/openapi+json", func() ([]byte, error) {
		return a.huma.OpenAPI().MarshalJSON()
	}))
	a.mux.HandleFunc("GET "+Prefix+"/openapi.yaml", serve("application/openapi+yaml", func() ([]byte, error) {
		return a.huma.OpenAPI().YAML()
	}))
}

// ServeHTTP does for every request what does not depend on its operation:
// the path, the token, the limits, the repetition of an earlier answer.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	printer := locale.New(locale.Match("", r.Header.Get("Accept-Language")), nil, "")
	w.Header().Set("Content-Language", printer.Lang())
	w.Header().Add("Vary", "Authorization, Accept-Language")
	h, pattern := a.mux.Handler(r)
	switch {
	case pattern == "":
		a.unmatched(w, r, h, printer)
		return
	case strings.HasPrefix(pattern, "GET "+Prefix+"/openapi."):
		h.ServeHTTP(w, r)
		return
	}
	op := a.routes[pattern]
	within, most := callTime, int64(bodyBytes)
	if op.Takes > 0 || op.Gives {
		within, most = fileTime, max(most, op.Takes)
	}
	ctx, cancel := context.WithTimeout(r.Context(), within)
	defer cancel()
	r = r.WithContext(ctx)
	call, problem := a.identify(r, printer)
	if problem != nil {
		problem.write(w)
		return
	}
	if within > callTime { // only for who may come in
		extend(w, within)
	}
	call.ctx, call.within, call.file = ctx, within, op.Takes > 0
	r = r.WithContext(context.WithValue(ctx, callKey{}, call))
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if r.Method == http.MethodPost && r.Header.Get("Idempotency-Key") != "" {
		a.once(w, r, call)
		return
	}
	a.serve(w, r, call)
	if call.file { // a caller that is still sending would not read the answer
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, call *Call) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		w = &conditional{ResponseWriter: w, wanted: r.Header.Get("If-None-Match")}
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is thrown
				panic(p)
			}
			a.cfg.Log.Error("panic", "request", w.Header().Get("X-Request-Id"), "panic", p)
			internal.problem(call.Printer, "", nil).write(w)
		}
	}()
	a.mux.ServeHTTP(w, r)
}

// unmatched makes problems of the two answers of a mux that has no route.
func (a *API) unmatched(w http.ResponseWriter, r *http.Request, h http.Handler, p *locale.Printer) {
	probe := &discard{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		badMethod.problem(p, "", nil).write(w)
		return
	}
	notFound.problem(p, "", nil).write(w)
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }
