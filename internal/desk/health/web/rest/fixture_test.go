package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/node"
	"lintas/internal/people"
	"lintas/internal/region"
	"lintas/internal/web"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// A site is one node of a real region, behind its web shell.
type site struct {
	t      *testing.T
	shell  *web.Server
	url    string
	node   *node.Node
	tokens map[access.Role]string
}

// sites opens a region: real nodes, a hub, and a token for each role that a
// node seats.
func sites(t *testing.T, members ...access.Member) map[access.Member]*site {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, err := region.Open(ctx, region.Options{Dir: t.TempDir() + "/region", Members: members,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		stop()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	out := map[access.Member]*site{}
	for _, m := range members {
		n := r.Node(m)
		s := &site{t: t, node: n, tokens: map[access.Role]string{}}
		if s.shell, err = n.Web(ctx); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(s.shell)
		t.Cleanup(func() { s.shell.Close(); server.CloseClientConnections(); server.Close() })
		s.url = server.URL
		for role, login := range map[access.Role]string{access.DutyOfficer: "duty", access.Approver: "approver", access.Epidemiologist: "epi"} {
			s.tokens[role] = token(t, n.DB, n.People, m, login, role)
		}
		out[m] = s
	}
	return out
}

func token(t *testing.T, d *db.DB, p *people.People, m access.Member, login string, role access.Role) string {
	t.Helper()
	account, err := p.AccountByLogin(t.Context(), access.Node(m), login)
	if err != nil {
		t.Fatal(err)
	}
	var actor access.Actor
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		actor, err = p.Actor(t.Context(), tx, account.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, secret, err := p.CreateToken(t.Context(), actor, people.NewToken{Name: "test", Roles: []access.Role{role},
		Scopes: []string{"health.read", "health.write", "stream.read"}, Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// A reply is an answer of the interface.
type reply struct {
	t      *testing.T
	what   string
	Status int
	Header http.Header
	Body   []byte
}

// call makes a request below /api/v1, or to the node where the path begins
// with an exclamation mark.
func (s *site) call(role access.Role, method, path, body string, more ...string) reply {
	s.t.Helper()
	url := s.url + api.Prefix + path
	if own, ok := strings.CutPrefix(path, "!"); ok {
		url = s.url + own
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if role != "" {
		req.Header.Set("Authorization", "Bearer "+s.tokens[role])
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{t: s.t, what: method + " " + path, Status: res.StatusCode, Header: res.Header, Body: b}
}

func (r reply) want(status int) reply {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.Status, status, r.Body)
	}
	return r
}

// get is a value of the answer by its path, such as "items.0.id".
func (r reply) get(path string) any {
	r.t.Helper()
	var v any
	if err := json.Unmarshal(r.Body, &v); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.Body)
	}
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i := int(name[0] - '0')
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) text(path string) string {
	r.t.Helper()
	s, ok := r.get(path).(string)
	if !ok {
		r.t.Fatalf("%s: no text at %s: %s", r.what, path, r.Body)
	}
	return s
}

func (r reply) id() id.ID { r.t.Helper(); return id.ID(r.text("id")) }

func (r reply) tag() string { return r.Header.Get("ETag") }

// within repeats until the answer is as wanted.
func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s did not happen", what)
}

// actor is who a token stands for.
func (s *site) actor(role access.Role) access.Actor {
	s.t.Helper()
	a, _, err := s.node.People.TokenActor(s.t.Context(), s.tokens[role])
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// releaseMany releases by the desk's actions, past the rate of a token.
func (s *site) releaseMany(t *testing.T, event reply, count int) {
	t.Helper()
	d, ctx := s.node.Health, t.Context()
	writer, second := s.actor(duty), s.actor(approver)
	for range count {
		n, err := d.Compose(ctx, writer, event.id(), "", health.NotificationInput{Title: "Cholera (sample)", Lang: "en", Purpose: "information",
			Basis: "aphecs", Marking: access.TLPClear, AckWithin: health.AckDefault, Recipients: []health.Recipient{{Member: "KH"}}})
		if err == nil {
			n, err = d.Submit(ctx, writer, n.ID, n.Version)
		}
		if err == nil {
			n, err = d.Clear(ctx, second, n.ID, n.Version)
		}
		if err == nil {
			_, err = d.Release(ctx, writer, n.ID, n.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// notice waits for a delivery and returns the list of received notifications.
func (s *site) notice() reply {
	s.t.Helper()
	var out reply
	within(s.t, "delivery", func() bool {
		out = s.call(duty, "GET", "/health/notices?waiting=true", "").want(200)
		return out.get("items.0.id") != nil
	})
	return out
}
