package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// note is a record of a toy desk: text with a version.
type note struct {
	ID      string `json:"id"`
	Text    string `json:"text" maxLength:"20"`
	Version int64  `json:"version"`
}

type noteIn struct {
	Text string `json:"text" minLength:"1" maxLength:"20"`
}

// world is a node's interface with the toy desk behind it.
type world struct {
	*api.API
	db     *db.DB
	clock  *clock.Manual
	scopes atomic.Pointer[[]string]
	log    *bytes.Buffer
	made   atomic.Int32

	mu    sync.Mutex
	notes []note
	hook  func(ctx context.Context, c *api.Call, out *api.Made[note]) error
}

const secret = "token-secret"

func newWorld(t *testing.T, d *db.DB, change func(*api.Config)) *world {
	t.Helper()
	w := &world{db: d, clock: clock.NewManual(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)), log: &bytes.Buffer{}}
	w.scopes.Store(&[]string{"notes.read", "notes.write", "stream.read"})
	cfg := api.Config{DB: d, Clock: w.clock, Log: slog.New(slog.NewJSONHandler(w.log, nil)), Version: "1", PerSecond: 1000, Burst: 1000,
		Token: func(_ context.Context, s string) (access.Actor, id.ID, error) {
			if s == "broken" {
				return access.Actor{}, "", errors.New("disk of srv-7")
			}
			if !strings.HasPrefix(s, secret) {
				return access.Actor{}, "", fault.New(fault.Forbidden, "fault.people.token")
			}
			return access.Actor{Account: "a1", Member: "TH", Scopes: *w.scopes.Load()}, id.ID(s), nil
		},
		Stream: api.StreamConfig{Describe: func(_ context.Context, _ *db.Tx, _ access.Actor, e history.Entry) (api.StreamEvent, bool, error) {
			return api.StreamEvent{Topic: "record", Desk: e.Record.Desk, Kind: e.Record.Kind, ID: e.Record.ID, Version: e.Record.Version,
				Action: e.Action, At: e.At}, e.Action != "hidden", nil
		}}}
	if change != nil {
		change(&cfg)
	}
	a, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.API = a
	w.routes()
	return w
}

func (w *world) routes() {
	api.Add(w.API, api.Op{Method: "GET", Path: "/notes", ID: "note-list", Summary: "List notes", Tag: "notes", Scope: "notes.read"},
		func(_ context.Context, _ *api.Call, in *struct{ api.Paging }) (*api.List[note], error) {
			keys, err := in.Keys("note-list", 1)
			if err != nil {
				return nil, err
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			var out []note
			for _, n := range w.notes {
				if keys == nil || n.ID > keys[0] {
					out = append(out, n)
				}
			}
			if len(out) > in.Limit {
				return api.NewList(out[:in.Limit], api.Cursor("note-list", out[in.Limit-1].ID)), nil
			}
			return api.NewList(out, ""), nil
		})
	api.Add(w.API, api.Op{Method: "POST", Path: "/notes", ID: "note-make", Summary: "Make a note", Tag: "notes", Scope: "notes.write", Status: 201},
		func(ctx context.Context, c *api.Call, in *struct{ Body noteIn }) (*api.Made[note], error) {
			n := note{ID: fmt.Sprintf("n%04d", w.made.Add(1)), Text: in.Body.Text, Version: 1}
			out := api.NewMade("/notes/"+n.ID, 1, n)
			if w.hook != nil {
				if err := w.hook(ctx, c, out); err != nil {
					return nil, err
				}
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.notes = append(w.notes, n)
			return out, nil
		})
	w.routesOfOne()
}

func (w *world) routesOfOne() {
	type one struct {
		ID string `path:"id"`
	}
	api.Add(w.API, api.Op{Method: "GET", Path: "/notes/{id}", ID: "note-read", Summary: "Read a note", Tag: "notes", Scope: "notes.read"},
		func(_ context.Context, _ *api.Call, in *one) (*api.One[note], error) {
			n, err := w.find(in.ID)
			if err != nil {
				return nil, err
			}
			return api.NewOne(n.Version, *n), nil
		})
	type edit struct {
		ID   string `path:"id"`
		Body noteIn
	}
	api.Add(w.API, api.Op{Method: "PUT", Path: "/notes/{id}", ID: "note-edit", Summary: "Change a note", Tag: "notes", Scope: "notes.write", MustMatch: true},
		func(_ context.Context, c *api.Call, in *edit) (*api.One[note], error) {
			want, _, err := c.Version()
			if err != nil {
				return nil, err
			}
			n, err := w.find(in.ID)
			if err != nil {
				return nil, err
			}
			if err := db.Conflict(map[bool]int64{true: 1}[n.Version == want]); err != nil {
				return nil, err
			}
			n.Text, n.Version = in.Body.Text, n.Version+1
			return api.NewOne(n.Version, *n), nil
		})
}

func (w *world) find(id string) (*note, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.notes {
		if w.notes[i].ID == id {
			return &w.notes[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "fault.web.no_page")
}

type reply struct {
	*httptest.ResponseRecorder
	problem api.Problem
}

func (w *world) call(t *testing.T, method, path, body string, header ...string) reply {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+secret)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, req)
	out := reply{ResponseRecorder: rec}
	if rec.Code >= 400 {
		if ct := rec.Header().Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("%s %s: %d as %q: %s", method, path, rec.Code, ct, rec.Body)
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &out.problem); err != nil {
			t.Errorf("%s %s: %v", method, path, err)
		}
		if out.problem.Status != rec.Code {
			t.Errorf("%s %s: problem says %d, status is %d", method, path, out.problem.Status, rec.Code)
		}
	}
	return out
}

func (r reply) want(t *testing.T, status, problem int) reply {
	t.Helper()
	urn := ""
	if problem > 0 {
		urn = fmt.Sprintf("urn:lintas:problem:%d", problem)
	}
	if r.Code != status || r.problem.Type != urn {
		t.Errorf("%d %q, want %d %q: %s", r.Code, r.problem.Type, status, urn, r.Body)
	}
	return r
}

func sqlite(t *testing.T) *db.DB {
	t.Helper()
	return dbtest.Open(t, dbtest.Options(t, db.SQLite), api.Schema, history.Schema)
}

func TestDocumentAgreesWithHandlers(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", w)
	mux.Handle("GET /api/v1/stream", w.StreamHandler())
	bodies := apitest.Check(t, mux, []apitest.Case{
		{Op: "note-make", Path: "/notes", Body: `{"text":"one"}`, Token: secret, Want: 201},
		{Op: "note-make", Path: "/notes", Body: `{"text":""}`, Token: secret, Want: 422},
		{Op: "note-make", Path: "/notes", Body: `{`, Token: secret, Want: 400},
		{Op: "note-make", Path: "/notes", Body: `{"text":"` + strings.Repeat("x", 1<<20) + `"}`, Token: secret, Want: 413},
		{Op: "note-list", Path: "/notes?limit=1", Token: secret, Want: 200},
		{Op: "note-list", Path: "/notes?limit=201", Token: secret, Want: 422},
		{Op: "note-list", Path: "/notes?unknown=1", Token: secret, Want: 422},
		{Op: "note-list", Path: "/notes", Token: "wrong", Want: 401},
		{Op: "note-read", Path: "/notes/n0001", Token: secret, Want: 200},
		{Op: "note-read", Path: "/notes/n9999", Token: secret, Want: 404},
		{Op: "note-edit", Path: "/notes/n0001", Body: `{"text":"two"}`, Token: secret, Header: map[string]string{"If-Match": `"v1"`}, Want: 200},
		{Op: "note-edit", Path: "/notes/n0001", Body: `{"text":"two"}`, Token: secret, Header: map[string]string{"If-Match": `"v1"`}, Want: 412},
		{Op: "note-edit", Path: "/notes/n0001", Body: `{"text":"two"}`, Token: secret, Want: 428},
		{Op: "stream", Path: "/stream", Token: secret, Want: 200},
		{Op: "stream", Path: "/stream?since=7-7", Token: secret, Want: 410},
	})
	if !bytes.Contains(bodies[4], []byte(`"items":[{"id":"n0001"`)) {
		t.Errorf("list: %s", bodies[4])
	}
}

func TestDocumentHasNoForeignParts(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	for _, path := range []string{"/openapi.json", "/openapi.yaml"} {
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, httptest.NewRequest("GET", "/api/v1"+path, nil))
		if rec.Code != 200 || bytes.Contains(rec.Body.Bytes(), []byte("ErrorModel")) || !bytes.Contains(rec.Body.Bytes(), []byte("note-make")) {
			t.Errorf("%s: %d\n%s", path, rec.Code, rec.Body)
		}
	}
	for _, path := range []string{"/docs", "/schemas/Note.json", "/"} {
		w.call(t, "GET", path, "").want(t, 404, 7)
	}
	if got := w.call(t, "DELETE", "/notes", "").want(t, 405, 17).Header().Get("Allow"); !strings.Contains(got, "POST") {
		t.Errorf("Allow %q", got)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	if got := w.call(t, "GET", "/notes", "", "Authorization", "").want(t, 401, 4).Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate %q", got)
	}
	w.call(t, "GET", "/notes", "", "Authorization", "Basic "+secret).want(t, 401, 4)
	w.call(t, "GET", "/notes", "", "Authorization", "bearer "+secret).want(t, 200, 0)
	r := w.call(t, "GET", "/notes", "", "Authorization", "Bearer broken").want(t, 500, 13)
	if strings.Contains(r.Body.String(), "srv-7") || !strings.Contains(w.log.String(), "srv-7") {
		t.Error("the cause belongs into the log and nowhere else")
	}
	w.scopes.Store(&[]string{"notes.read"})
	w.call(t, "POST", "/notes", `{"text":"x"}`).want(t, 403, 6)
	w.scopes.Store(&[]string{})
	w.call(t, "GET", "/notes", "").want(t, 403, 6)
}

func TestLimits(t *testing.T) {
	w := newWorld(t, sqlite(t), func(c *api.Config) { c.PerSecond, c.Burst = 1, 3 })
	for range 3 {
		w.call(t, "GET", "/notes", "").want(t, 200, 0)
	}
	if got := w.call(t, "GET", "/notes", "").want(t, 429, 11).Header().Get("Retry-After"); got == "" || got == "0" {
		t.Errorf("Retry-After %q", got)
	}
	w.call(t, "GET", "/notes", "", "Authorization", "Bearer "+secret+"2").want(t, 200, 0)
	w.clock.Advance(time.Second)
	w.call(t, "GET", "/notes", "").want(t, 200, 0)
	for range 10 {
		w.call(t, "GET", "/notes", "", "Authorization", "Bearer guess").want(t, 401, 4)
	}
	w.call(t, "GET", "/notes", "", "Authorization", "Bearer guess").want(t, 429, 11)
	w.clock.Advance(time.Minute)
	w.call(t, "GET", "/notes", "", "Authorization", "Bearer guess").want(t, 401, 4)
}

func TestPagesCoverTheListOnce(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	for i := range 7 {
		w.notes = append(w.notes, note{ID: fmt.Sprintf("n%04d", i)})
	}
	seen, path := "", "/notes?limit=3"
	for range 5 {
		var page api.ListBody[note]
		if err := json.Unmarshal(w.call(t, "GET", path, "").want(t, 200, 0).Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, n := range page.Items {
			seen += n.ID[4:]
		}
		if page.Next == "" {
			break
		}
		path = "/notes?limit=3&cursor=" + page.Next
	}
	if seen != "0123456" {
		t.Errorf("seen %q", seen)
	}
	w.call(t, "GET", "/notes?cursor="+api.Cursor("other-list", "n0001"), "").want(t, 400, 16)
	w.call(t, "GET", "/notes?cursor=%20", "").want(t, 400, 16)
}

func TestVersions(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	w.notes = []note{{ID: "n0001", Text: "a", Version: 3}}
	r := w.call(t, "GET", "/notes/n0001", "").want(t, 200, 0)
	if got := r.Header().Get("ETag"); got != `"v3"` {
		t.Fatalf("ETag %s", got)
	}
	for _, tag := range []string{`"v3"`, `W/"v3"`, `"x", "v3"`, "*"} {
		if r := w.call(t, "GET", "/notes/n0001", "", "If-None-Match", tag).want(t, 304, 0); r.Body.Len() != 0 {
			t.Errorf("%s: a body of %d bytes", tag, r.Body.Len())
		}
	}
	w.call(t, "GET", "/notes/n0001", "", "If-None-Match", `"v2"`).want(t, 200, 0)
	for tag, problem := range map[string]int{`"v2"`: 9, `W/"v3"`: 9, "*": 9, "v3": 9} {
		w.call(t, "PUT", "/notes/n0001", `{"text":"b"}`, "If-Match", tag).want(t, 412, problem)
	}
	w.call(t, "PUT", "/notes/n0001", `{"text":"b"}`, "If-Match", `"v3"`).want(t, 200, 0)
}

func TestProblemsOfTheDomain(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	var c fault.Check
	c.Row(false, 2, "count", "fault.web.theme")
	for _, x := range []struct {
		err             error
		status, problem int
	}{
		{c.Err(), 400, 3}, {fault.New(fault.Forbidden, "fault.role"), 403, 5}, {fault.New(fault.Conflict, "fault.wrong_state"), 409, 8},
		{fault.New(fault.Unavailable, "fault.web.timeout"), 503, 12}, {fault.Wrap(fault.Internal, "x", errors.New("cause")), 500, 13},
		{errors.New("cause"), 500, 13},
	} {
		w.hook = func(context.Context, *api.Call, *api.Made[note]) error { return x.err }
		r := w.call(t, "POST", "/notes", `{"text":"x"}`, "Accept-Language", "id").want(t, x.status, x.problem)
		if strings.Contains(r.Body.String(), "cause") {
			t.Errorf("the cause is in %s", r.Body)
		}
		if x.problem == 3 && (len(r.problem.Fields) != 1 || r.problem.Fields[0].Row != 2 || !strings.Contains(r.problem.Fields[0].Detail, "warna")) {
			t.Errorf("fields %+v", r.problem.Fields)
		}
	}
}

func TestNumbersOfProblemsAreDocumented(t *testing.T) {
	const path = "../../docs/protocol/problems.md"
	if os.Getenv("LINTAS_WRITE") == "1" {
		if err := os.WriteFile(path, []byte(api.Document()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != api.Document() {
		t.Errorf("%s is not current; run the test with LINTAS_WRITE=1 (%v)", path, err)
	}
}
