package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"lintas/internal/fault"
	"lintas/internal/locale"
)

// kind is one row of the table of problems. A number is never used for
// anything else, even when its problem is gone.
type kind struct {
	Number int
	Status int
	Key    string // of the title
	Mean   string // for the document, which is in English
}

// The problems. New ones go to the end; docs/protocol/problems.md is made
// from this table.
var (
	malformed     = kind{1, http.StatusBadRequest, "api.problem.malformed", "The request could not be read: broken JSON, an impossible header or parameter."}
	mismatch      = kind{2, http.StatusUnprocessableEntity, "api.problem.schema", "The request can be read but does not fit the schema of the operation; `fields` says where."}
	invalid       = kind{3, http.StatusBadRequest, "api.problem.invalid", "A rule of the domain is not met; `fields` names each, with a key that does not change and a sentence for people."}
	unauthorised  = kind{4, http.StatusUnauthorized, "api.problem.token", "There is no bearer token, or it is unknown, expired or revoked."}
	forbidden     = kind{5, http.StatusForbidden, "api.problem.forbidden", "The account behind the token may not do this here."}
	scope         = kind{6, http.StatusForbidden, "api.problem.scope", "The token does not carry the scope of the operation, which its description names."}
	notFound      = kind{7, http.StatusNotFound, "api.problem.not_found", "There is no such resource, or the account may not know that there is."}
	conflict      = kind{8, http.StatusConflict, "api.problem.conflict", "The record is in another state than the request needs."}
	stale         = kind{9, http.StatusPreconditionFailed, "api.problem.stale", "The record has changed since the version in If-Match. Read it again and decide anew."}
	tooLarge      = kind{10, http.StatusRequestEntityTooLarge, "api.problem.too_large", "The body is larger than the operation takes."}
	tooMany       = kind{11, http.StatusTooManyRequests, "api.problem.too_many", "Too many requests with this token, or failed ones from this address. Wait as long as Retry-After says."}
	unavailable   = kind{12, http.StatusServiceUnavailable, "api.problem.unavailable", "Not possible at the moment and nothing was changed. Retry-After says when to try again."}
	internal      = kind{13, http.StatusInternalServerError, "api.problem.internal", "A defect of the node. `instance` is the reference number for its operator. Look before you repeat a change."}
	keyReused     = kind{14, http.StatusUnprocessableEntity, "api.problem.key_reused", "The Idempotency-Key was used for another request. Take a new key for a new request."}
	keyOpen       = kind{15, http.StatusConflict, "api.problem.key_open", "A request with this Idempotency-Key is still running, or was cut short and its outcome is not known. Look whether the change was made; to repeat it on purpose, take a new key."}
	badCursor     = kind{16, http.StatusBadRequest, "api.problem.cursor", "The cursor is not one of this list with this filter. Begin again without one."}
	badMethod     = kind{17, http.StatusMethodNotAllowed, "api.problem.method", "The resource does not have this method; Allow lists those it has."}
	badMedia      = kind{18, http.StatusUnsupportedMediaType, "api.problem.media", "The body is of a type that the operation does not read. Send application/json."}
	matchRequired = kind{19, http.StatusPreconditionRequired, "api.problem.match_required", "The operation changes a record and needs If-Match with the ETag that was read."}
	streamReset   = kind{20, http.StatusGone, "api.problem.stream_reset", "The history was reopened and the position is of its abandoned part. List the records again, then start from the present."}
	notAcceptable = kind{21, http.StatusNotAcceptable, "api.problem.accept", "The answer is not available in a type that Accept names."}
)

var kinds = []kind{malformed, mismatch, invalid, unauthorised, forbidden, scope, notFound, conflict, stale, tooLarge, tooMany,
	unavailable, internal, keyReused, keyOpen, badCursor, badMethod, badMedia, matchRequired, streamReset, notAcceptable}

func (k kind) urn() string { return fmt.Sprintf("urn:lintas:problem:%d", k.Number) }

// Document is docs/protocol/problems.md.
func Document() string {
	var b strings.Builder
	b.WriteString("# Problems of the REST interface\n\nEvery error of `/api/v1` is a problem document (RFC 9457, `application/problem+json`).\n" +
		"`type` tells problems apart; it never changes its meaning and is never used again. `title` and `detail` are sentences in the language\n" +
		"of Accept-Language and may be improved at any time. This page is made from `internal/api/problem.go`.\n\n" +
		"| type | status | meaning |\n| --- | --- | --- |\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "| `%s` | %d | %s |\n", k.urn(), k.Status, k.Mean)
	}
	return b.String()
}

// Problem is a problem document of RFC 9457.
type Problem struct {
	Type     string         `json:"type" format:"uri" example:"urn:lintas:problem:3" doc:"What happened, as a URN that never changes its meaning; docs/protocol/problems.md lists them."`
	Title    string         `json:"title" doc:"The same in a few words for people."`
	Status   int            `json:"status" minimum:"400" maximum:"599"`
	Detail   string         `json:"detail,omitempty" doc:"What happened this time and how to mend it."`
	Key      string         `json:"key,omitempty" doc:"The sentence of detail as a name that programs can rely on."`
	Instance string         `json:"instance,omitempty" format:"uri" doc:"The reference number of the request."`
	Fields   []ProblemField `json:"fields,omitempty" doc:"What is wrong with which part of the request."`

	kind  kind
	retry int // seconds, for Retry-After
	cause error
}

// ProblemField is what is wrong with one part of the request.
type ProblemField struct {
	Name   string `json:"name" doc:"The part: a field, or a path such as body.facts[0].count."`
	Row    int    `json:"row,omitempty" doc:"Counts from 1 in a table."`
	Key    string `json:"key,omitempty"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string {
	if p.cause != nil {
		return p.Title + ": " + p.cause.Error()
	}
	return p.Title
}
func (p *Problem) Unwrap() error  { return p.cause }
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are those that belong to the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set("Retry-After", fmt.Sprint(p.retry))
	}
	if p.kind.Number == unauthorised.Number {
		h.Set("WWW-Authenticate", "Bearer")
	}
	return h
}

// ContentType makes JSON a problem document.
func (*Problem) ContentType(string) string { return "application/problem+json" }

func (k kind) problem(p *locale.Printer, detail string, args map[string]any) *Problem {
	out := &Problem{Type: k.urn(), Title: p.T(k.Key), Status: k.Status, kind: k}
	if detail != "" {
		out.Key, out.Detail = detail, p.With(detail, args)
	}
	return out
}

var byFault = map[fault.Kind]kind{fault.Internal: internal, fault.Invalid: invalid, fault.NotFound: notFound,
	fault.Forbidden: forbidden, fault.Conflict: conflict, fault.Unavailable: unavailable}

// problemOf makes a problem of any error; the cause stays behind.
func (c *Call) problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if large(err) {
		return tooLarge.problem(c.Printer, "", nil)
	}
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		e = fault.Wrap(fault.Internal, "fault.internal", err)
	}
	k := byFault[e.Kind]
	if e.Key == "fault.changed_meanwhile" && c.match != "" {
		k = stale
	}
	if e.Key == cursorKey {
		k = badCursor
	}
	if e.Kind == fault.Internal {
		p := internal.problem(c.Printer, "", nil)
		p.cause = err
		return p
	}
	p := k.problem(c.Printer, e.Key, e.Args)
	p.cause = err
	if k.Number == unavailable.Number {
		p.retry = 5
	}
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, ProblemField{Name: f.Name, Row: f.Row, Key: f.Key, Detail: c.Printer.With(f.Key, f.Args)})
	}
	return p
}

// write sends a problem outside an operation.
func (p *Problem) write(w http.ResponseWriter) {
	if id := w.Header().Get("X-Request-Id"); id != "" {
		p.Instance = "urn:uuid:" + id
	}
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client left
}

var byStatus = map[int]kind{400: malformed, 404: notFound, 405: badMethod, 406: notAcceptable, 408: malformed, 413: tooLarge,
	415: badMedia, 422: mismatch, 500: internal}

// fromModel turns what the framework finds wrong with a request into one of
// our problems. It is a transformer, since the framework's constructor of
// errors is a variable of the whole process.
func (a *API) fromModel(ctx huma.Context, _ string, v any) (any, error) {
	if p, ok := v.(*Problem); ok {
		if id := requestID(ctx); id != "" {
			p.Instance = "urn:uuid:" + id
		}
		return p, nil
	}
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	k, ok := byStatus[m.Status]
	if !ok {
		k = internal
	}
	p := k.problem(callOf(ctx.Context()).Printer, "", nil)
	p.Status = m.Status
	if id := requestID(ctx); id != "" {
		p.Instance = "urn:uuid:" + id
	}
	if k.Number == internal.Number {
		return p, nil
	}
	for _, e := range m.Errors {
		if e != nil { // its value is not echoed: it may be personal
			p.Fields = append(p.Fields, ProblemField{Name: e.Location, Detail: e.Message})
		}
	}
	return p, nil
}
