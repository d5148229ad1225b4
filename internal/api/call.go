package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"lintas/internal/access"
	"lintas/internal/id"
	"lintas/internal/locale"
)

// Call is one call of an operation: who makes it, when and in which language.
// Handlers get it as an argument and pass its Actor on as one. Between the
// door and the handler it lies in the context, because the framework in
// between hands on nothing else; the context that handlers get is without it.
type Call struct {
	Actor   access.Actor
	Token   id.ID
	Now     time.Time // of the domain's clock
	Printer *locale.Printer

	ctx     context.Context
	match   string // If-Match
	api     *API
	op      Op
	once    *onceKey // of an Idempotency-Key
	settled bool
	within  time.Duration // that the call may take
	file    bool          // the body is a file
}

type callKey struct{}

// callOf never returns nil: what the framework refuses before the door was
// passed still needs a language.
func callOf(ctx context.Context) *Call {
	if c, ok := ctx.Value(callKey{}).(*Call); ok {
		return c
	}
	return &Call{Printer: locale.New(locale.Source, nil, "")}
}

func requestID(ctx huma.Context) string {
	_, w := humago.Unwrap(ctx)
	return w.Header().Get("X-Request-Id")
}

// Version is the version of the record that the caller saw, from If-Match.
func (c *Call) Version() (int64, bool, error) {
	if c.match == "" {
		return 0, false, nil
	}
	v, ok := parseTag(c.match)
	if !ok {
		return 0, false, stale.problem(c.Printer, "", nil) // not one of our tags: surely not the present version
	}
	return v, true, nil
}

// tag is the ETag of a version of a record.
func tag(version int64) string { return `"v` + strconv.FormatInt(version, 10) + `"` }

func parseTag(s string) (int64, bool) {
	s, ok := strings.CutPrefix(strings.TrimSpace(s), `"v`)
	if !ok {
		return 0, false // also W/: a weak tag never matches in If-Match (RFC 9110, 13.1.1)
	}
	s, ok = strings.CutSuffix(s, `"`)
	v, err := strconv.ParseInt(s, 10, 64)
	return v, ok && err == nil && v >= 0 && strconv.FormatInt(v, 10) == s
}

// identify finds out who calls, and refuses those who call too much.
func (a *API) identify(r *http.Request, p *locale.Printer) (*Call, *Problem) {
	client := a.cfg.Client(r).String()
	if wait := a.limits.blocked(client); wait > 0 {
		return nil, a.slow(p, wait)
	}
	secret, ok := bearer(r)
	if !ok {
		return nil, unauthorised.problem(p, "api.token.missing", nil)
	}
	actor, token, err := a.cfg.Token(r.Context(), secret)
	if err != nil {
		c := &Call{Printer: p}
		if problem := c.problemOf(err); problem.Status >= http.StatusInternalServerError {
			a.cfg.Log.Error("token lookup", "error", err.Error())
			return nil, problem
		}
		if wait := a.limits.failed(client); wait > 0 {
			return nil, a.slow(p, wait)
		}
		return nil, unauthorised.problem(p, "api.token.refused", nil)
	}
	if wait := a.limits.take(string(token)); wait > 0 {
		return nil, a.slow(p, wait)
	}
	return &Call{Actor: actor, Token: token, Now: a.cfg.Domain.Now(), Printer: p,
		match: r.Header.Get("If-Match"), api: a}, nil
}

func (a *API) slow(p *locale.Printer, wait time.Duration) *Problem {
	out := tooMany.problem(p, "", nil)
	out.retry = int(wait/time.Second) + 1
	return out
}

func bearer(r *http.Request) (string, bool) {
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	return secret, ok && strings.EqualFold(scheme, "Bearer") && secret != "" && len(secret) <= 512
}

// conditional turns an answer with the tag that the caller has into 304.
type conditional struct {
	http.ResponseWriter
	wanted  string
	matched bool
}

func (w *conditional) WriteHeader(status int) {
	if status == http.StatusOK && w.wanted != "" && matches(w.wanted, w.Header().Get("ETag")) {
		w.matched, status = true, http.StatusNotModified
		w.Header().Del("Content-Type")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *conditional) Write(b []byte) (int, error) {
	if w.matched {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

func (w *conditional) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// matches is the weak comparison of RFC 9110, 13.1.2.
func matches(wanted, have string) bool {
	if have == "" {
		return false
	}
	for w := range strings.SplitSeq(wanted, ",") {
		if w = strings.TrimSpace(w); w == "*" || strings.TrimPrefix(w, "W/") == have {
			return true
		}
	}
	return false
}
