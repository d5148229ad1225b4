// Package apitest checks every operation of the OpenAPI document that a node
// serves against what its handlers really answer. The validator of schemas is
// another one than the framework's own.
package apitest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/id"
)

// Case is one request to one operation.
type Case struct {
	Op     string // operation id
	Path   string // below api.Prefix, with values and query
	Body   string // JSON, or empty
	Token  string
	Header map[string]string
	Want   int // status
}

// New makes the interface for a test. who gives the actor of a token, which is
// only a name here; it gets every scope.
func New(t *testing.T, d *db.DB, now clock.Clock, who func(token string) access.Actor, scopes ...string) *api.API {
	t.Helper()
	a, err := api.New(api.Config{DB: d, Clock: now, Log: slog.New(slog.DiscardHandler), Version: "test",
		Token: func(_ context.Context, secret string) (access.Actor, id.ID, error) {
			actor := who(secret)
			actor.Scopes = scopes
			return actor, id.ID(secret), nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

type operation struct {
	Method, Path string
	OperationID  string `json:"operationId"`
	Summary      string
	Security     []map[string][]string
	Responses    map[string]struct {
		Content map[string]struct{ Schema any }
	}
}

// Check reads the document from the handler, checks that each operation says
// what it must, runs the cases in order and validates every answer. Each
// operation needs a case that succeeds; with only, each whose identifier begins
// with one of these. It returns the bodies by case.
func Check(t *testing.T, h http.Handler, cases []Case, only ...string) [][]byte {
	t.Helper()
	doc, ops := read(t, h)
	v := &validator{t: t, doc: doc}
	for _, op := range ops {
		complete(t, op)
	}
	good := map[string]bool{}
	out := make([][]byte, len(cases))
	for i, c := range cases {
		op, ok := ops[c.Op]
		if !ok {
			t.Errorf("case %d: no operation %q", i, c.Op)
			continue
		}
		status, kind, body := send(t, h, op, c)
		out[i] = body
		name := fmt.Sprintf("case %d: %s %s %s", i, c.Op, op.Method, c.Path)
		if status != c.Want {
			t.Errorf("%s: status %d, want %d: %s", name, status, c.Want, body)
		}
		v.answer(name, op, status, kind, body)
		good[c.Op] = good[c.Op] || status < 300
	}
	for id := range ops {
		asked := len(only) == 0 || slices.ContainsFunc(only, func(p string) bool { return strings.HasPrefix(id, p) })
		if asked && !good[id] {
			t.Errorf("operation %s: no case succeeds", id)
		}
	}
	return out
}

func read(t *testing.T, h http.Handler) (map[string]any, map[string]operation) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, api.Prefix+"/openapi.json", nil))
	var whole map[string]any
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage
	}
	for _, into := range []any{&whole, &doc} {
		if err := json.Unmarshal(rec.Body.Bytes(), into); err != nil {
			t.Fatalf("document: %v", err)
		}
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI version %q", doc.OpenAPI)
	}
	ops := map[string]operation{}
	for path, item := range doc.Paths {
		for method, raw := range item {
			var op operation
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
			op.Method, op.Path = strings.ToUpper(method), path
			if _, twice := ops[op.OperationID]; twice || op.OperationID == "" {
				t.Errorf("%s %s: operation id %q is empty or used twice", method, path, op.OperationID)
			}
			ops[op.OperationID] = op
		}
	}
	return whole, ops
}

// complete checks what the document must say of every operation.
func complete(t *testing.T, op operation) {
	t.Helper()
	if op.Summary == "" {
		t.Errorf("%s: no summary", op.OperationID)
	}
	if len(op.Security) != 1 || len(op.Security[0]["token"]) != 1 {
		t.Errorf("%s: wants one scope, has %v", op.OperationID, op.Security)
	}
	need := []string{"401", "403", "429", "500"}
	if strings.Contains(op.Path, "{") {
		need = append(need, "404")
	}
	for _, status := range need {
		if _, ok := op.Responses[status].Content["application/problem+json"]; !ok {
			t.Errorf("%s: does not declare the problem %s", op.OperationID, status)
		}
	}
	if !slices.ContainsFunc([]string{"200", "201", "202", "204"}, func(s string) bool { _, ok := op.Responses[s]; return ok }) {
		t.Errorf("%s: declares no success", op.OperationID)
	}
}

func send(t *testing.T, h http.Handler, op operation, c Case) (status int, kind string, body []byte) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, op.Method, srv.URL+api.Prefix+c.Path, strings.NewReader(c.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	if c.Body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.Header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	kind, _, _ = strings.Cut(res.Header.Get("Content-Type"), ";")
	if kind == "text/event-stream" { // it does not end: its opening must do
		line, err := bufio.NewReader(res.Body).ReadString('\n')
		cancel()
		if err != nil {
			t.Errorf("%s: %v", c.Op, err)
		}
		return res.StatusCode, kind, []byte(line)
	}
	body, err = io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, kind, body
}

type validator struct {
	t   *testing.T
	doc map[string]any
}

// answer checks that an answer is one of those the document declares.
func (v *validator) answer(name string, op operation, status int, kind string, body []byte) {
	v.t.Helper()
	declared, ok := op.Responses[strconv.Itoa(status)]
	if !ok {
		v.t.Errorf("%s: the document does not know status %d", name, status)
		return
	}
	if len(body) == 0 {
		if len(declared.Content) > 0 {
			v.t.Errorf("%s: empty, but a body is declared", name)
		}
		return
	}
	media, ok := declared.Content[kind]
	if !ok {
		v.t.Errorf("%s: the document does not know a body of type %s for status %d", name, kind, status)
		return
	}
	if kind == "text/event-stream" || kind == "application/octet-stream" {
		return
	}
	v.validate(name, media.Schema, body)
}

// validate uses JSON Schema 2020-12, which OpenAPI 3.1 prescribes. The schema
// is wrapped together with the components that it refers to.
func (v *validator) validate(name string, schema any, body []byte) {
	v.t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	wrapped := map[string]any{"components": v.doc["components"], "allOf": []any{schema}}
	raw, err := json.Marshal(wrapped)
	if err != nil {
		v.t.Fatal(err)
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		v.t.Fatal(err)
	}
	if err := c.AddResource("mem://document", plain); err != nil {
		v.t.Fatal(err)
	}
	s, err := c.Compile("mem://document")
	if err != nil {
		v.t.Errorf("%s: schema: %v", name, err)
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		v.t.Errorf("%s: body: %v", name, err)
		return
	}
	if err := s.Validate(value); err != nil {
		v.t.Errorf("%s: the body does not fit the document: %v\n%s", name, err, body)
	}
}

// Do makes one request, as who holds the token.
func Do(t *testing.T, h http.Handler, method, path, token, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, api.Prefix+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}
