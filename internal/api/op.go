package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Op describes an operation. Summary and Description are in English, as the
// whole document is.
type Op struct {
	Method      string
	Path        string // below Prefix: "/health/events/{id}"
	ID          string // "health-event-record"; never changes
	Summary     string
	Description string
	Tag         string // the desk
	Scope       string // what the token must carry
	Status      int    // of success; 0: 200
	// MustMatch asks for If-Match, for changes of a record that has versions.
	MustMatch bool
	// Takes is the size that a file may have which is the body, in bytes; its
	// input embeds Upload.
	Takes int64
	// Gives says that the answer is a file: a Download.
	Gives bool
	// Problems are statuses beside those that every operation of its method has.
	Problems []int
}

// Add adds an operation. The handler gets the call as an argument, calls the
// desk's action with its Actor and returns an answer or a fault.
func Add[I, O any](a *API, op Op, h func(ctx context.Context, c *Call, in *I) (*O, error)) {
	if op.Scope == "" || op.ID == "" || op.Summary == "" {
		panic("api: an operation needs an id, a summary and a scope: " + op.Method + " " + op.Path) // found by the first start
	}
	if op.Status == 0 {
		op.Status = http.StatusOK
	}
	a.ops[op.ID] = op
	a.routes[op.Method+" "+Prefix+op.Path] = op
	huma.Register(a.huma, a.operation(op), func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		if err := c.admit(op); err != nil {
			return nil, err
		}
		out, err := h(c.ctx, c, in)
		if err != nil {
			p := c.problemOf(err)
			if p.Status >= http.StatusInternalServerError {
				a.cfg.Log.Error("call failed", "operation", op.ID, "token", c.Token, "error", err.Error())
			}
			return nil, p
		}
		return out, nil
	})
	a.declare(op)
}

// admit checks what holds before the handler is asked.
func (c *Call) admit(op Op) error {
	if c.Actor.Scopes == nil || !c.Actor.InScope(op.Scope) {
		return scope.problem(c.Printer, "api.scope.missing", map[string]any{"scope": op.Scope})
	}
	if op.MustMatch && c.match == "" {
		return matchRequired.problem(c.Printer, "", nil)
	}
	c.op = op
	return nil
}

func (a *API) operation(op Op) huma.Operation {
	return huma.Operation{OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary,
		Description: strings.TrimSpace(op.Description + "\n\nScope: `" + op.Scope + "`."), Tags: []string{op.Tag},
		DefaultStatus: op.Status, MaxBodyBytes: bodyBytes, BodyReadTimeout: callTime,
		Security: []map[string][]string{{"token": {op.Scope}}}, Parameters: headers(op)}
}

// headers are the parameters that the shell itself reads.
func headers(op Op) []*huma.Param {
	text := func(name, doc string, must bool) *huma.Param {
		return &huma.Param{Name: name, In: "header", Description: doc, Required: must, Schema: &huma.Schema{Type: "string"}}
	}
	var out []*huma.Param
	if op.Method == http.MethodPost {
		out = append(out, text("Idempotency-Key", "A name of this request, of 1 to 255 visible characters. A repetition within "+
			strconv.Itoa(int(keep/time.Hour))+" hours gets the first answer and does nothing.", false))
	}
	if op.Takes > 0 {
		out = append(out, text("Content-Digest", "Of the file (RFC 9530). With an Idempotency-Key it tells a repetition from another file of the same length.", false))
	}
	if op.Method == http.MethodGet && !op.Gives {
		out = append(out, text("If-None-Match", "The ETag that the caller has; 304 if it is still current.", false))
	}
	if op.MustMatch {
		out = append(out, text("If-Match", "The ETag that was read; 412 if the record has changed since.", true))
	}
	return out
}

// declare puts the problems that an operation can answer with into the
// document, in place of what the framework assumes.
func (a *API) declare(op Op) {
	doc := a.huma.OpenAPI()
	item := doc.Paths[op.Path]
	entry := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete}[op.Method]
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, status := range statuses(op) {
		entry.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
	}
	describeFile(op, entry)
	if op.Method == http.MethodGet && !op.Gives {
		entry.Responses["304"] = &huma.Response{Description: http.StatusText(http.StatusNotModified)}
	}
	delete(entry.Responses, "default")
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
}

func statuses(op Op) []int {
	out := append([]int{400, 401, 403, 422, 429, 500, 503}, op.Problems...)
	if strings.Contains(op.Path, "{") {
		out = append(out, 404)
	}
	if op.Method != http.MethodGet && op.Method != http.MethodDelete {
		out = append(out, 409, 413, 415)
	}
	if op.MustMatch {
		out = append(out, 409, 412, 428)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// One is a record with its version.
type One[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// NewOne answers with one record.
func NewOne[T any](version int64, body T) *One[T] { return &One[T]{ETag: tag(version), Body: body} }

// Made is a record that the call made.
type Made[T any] struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     T
}

// NewMade answers with a new record; path is below Prefix.
func NewMade[T any](path string, version int64, body T) *Made[T] {
	return &Made[T]{Location: Prefix + path, ETag: tag(version), Body: body}
}

// None is an answer without a body, with status 204.
type None struct{}

// Answer is what an idempotent answer is stored as.
type Answer interface {
	answer() (header map[string]string, body any)
}

func (o *One[T]) answer() (map[string]string, any) { return map[string]string{"ETag": o.ETag}, o.Body }
func (m *Made[T]) answer() (map[string]string, any) {
	return map[string]string{"ETag": m.ETag, "Location": m.Location}, m.Body
}
func (*None) answer() (map[string]string, any) { return nil, nil }
