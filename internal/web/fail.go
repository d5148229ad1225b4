package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"lintas/internal/fault"
	"lintas/internal/web/layout"
	"lintas/internal/web/parts"
)

// errSignedOut asks for signing in first.
var errSignedOut = &signedOut{}

type signedOut struct{}

func (*signedOut) Error() string { return "nobody is signed in" }

var statuses = map[fault.Kind]int{
	fault.Internal: http.StatusInternalServerError, fault.Invalid: http.StatusBadRequest,
	fault.NotFound: http.StatusNotFound, fault.Forbidden: http.StatusForbidden,
	fault.Conflict: http.StatusConflict, fault.Unavailable: http.StatusServiceUnavailable,
}

// Status is the HTTP status of an error.
func Status(err error) int {
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok && e != nil {
		return http.StatusRequestEntityTooLarge
	}
	return statuses[fault.KindOf(err)]
}

// badForm classifies what reading a form can fail with.
func badForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &fault.Error{Kind: fault.Invalid, Key: "fault.web.too_large", Cause: err}
	}
	return fault.Wrap(fault.Invalid, "fault.web.form", err)
}

// fail renders every error of every page: a page of its own, or a fragment
// where script asked for one. The cause goes to the log under the reference
// number and nowhere else.
func (s *Server) fail(w http.ResponseWriter, r *Request, err error) {
	if errors.Is(err, errSignedOut) {
		s.askToSignIn(w, r)
		return
	}
	e := s.classify(r, err)
	status := Status(e)
	if status >= http.StatusInternalServerError || errors.Is(err, context.Canceled) {
		s.logFailure(r, status, err)
	}
	if started(w) {
		return // nothing can be taken back
	}
	if quietRefresh(r) {
		w.Header().Set("HX-Reswap", "none")
	}
	if e.Kind == fault.Unavailable {
		w.Header().Set("Retry-After", "5")
	}
	if r.Fragment() {
		s.render(w, r, status, parts.NoticeMark(r.Printer, r.faultNotice(e)))
		return
	}
	s.render(w, r, status, r.errorPage(status, e))
}

// classify makes a fault of anything; what is not one is internal.
func (s *Server) classify(r *Request, err error) *fault.Error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		if e.Kind == fault.Internal {
			return &fault.Error{Kind: fault.Internal, Key: "fault.internal", Cause: err}
		}
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) && r.Context().Err() != nil {
		return fault.Wrap(fault.Unavailable, "fault.web.timeout", err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return badForm(err).(*fault.Error)
	}
	return fault.Wrap(fault.Internal, "fault.internal", err)
}

func (s *Server) logFailure(r *Request, status int, err error) {
	level := slog.LevelError
	if errors.Is(err, context.Canceled) {
		level = slog.LevelDebug // the browser left
	}
	s.cfg.Log.Log(r.Context(), level, "request failed", "request", r.ID, "status", status, "error", err.Error())
}

// quietRefresh reports whether a part of an open page fetches itself again. A
// failure then leaves what is shown, and nobody is sent away from a half
// filled form.
func quietRefresh(r *Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("HX-Request") == "true" &&
		r.Header.Get("HX-Request-Type") == "full" && r.Header.Get("HX-Boosted") == ""
}

// askToSignIn sends a reader of pages to the sign-in page and back later. Who
// posted something is told instead, so that what was typed is not lost: the
// form is one step back in the browser.
func (s *Server) askToSignIn(w http.ResponseWriter, r *Request) {
	if quietRefresh(r) || strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		w.Header().Set("HX-Reswap", "none")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		_ = r.Redirect(w, "/sign-in?next="+escape(r.URL.RequestURI())) // returns no error
		return
	}
	e := fault.New(fault.Forbidden, "fault.web.signed_out")
	if r.Fragment() {
		s.render(w, r, http.StatusUnauthorized, parts.NoticeMark(r.Printer, r.faultNotice(e)))
		return
	}
	s.render(w, r, http.StatusUnauthorized, r.errorPage(http.StatusUnauthorized, e))
}

func (r *Request) faultNotice(e *fault.Error) parts.Notice {
	grade := parts.Warning
	if e.Kind == fault.Internal || e.Kind == fault.Unavailable {
		grade = parts.Emergency
	}
	text := ""
	for _, item := range parts.ErrorsOf(r.Printer, e).Items {
		text += item.Text + " "
	}
	if e.Kind == fault.Internal {
		text = r.Printer.T("layout.fault.request", "id", r.ID)
	}
	return parts.Notice{Grade: grade, Title: r.Printer.With(e.Key, e.Args), Text: text}
}

func (r *Request) errorPage(status int, e *fault.Error) page {
	kind := e.Kind.String()
	f := layout.Fault{Status: status, Title: r.Printer.T("web.error." + kind),
		Text: r.Printer.With(e.Key, e.Args), Request: r.ID,
		Actions: []parts.Button{{Text: r.Printer.T("web.error.home"), Href: "/"}}}
	return errorFrame(r.frame(Page{Title: f.Title}), f, parts.ErrorsOf(r.Printer, e).Items)
}
