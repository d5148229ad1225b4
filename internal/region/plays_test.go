package region

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/people"
	"lintas/internal/web"
)

// played plays a scenario to its end on the eleven states and the Secretariat
// and wants every step of it done.
func played(t *testing.T, id string, o Options) *Region {
	t.Helper()
	if testing.Short() {
		t.Skip("plays a whole scenario on twelve nodes")
	}
	r := openWith(t, o)
	if err := r.Play(id, MaxRate); err != nil {
		t.Fatal(err)
	}
	within(t, 3*time.Minute, "the end of the scenario", func() bool {
		p, _ := r.Playing()
		return p.Done
	})
	p, _ := r.Playing()
	for _, e := range p.Errors {
		t.Errorf("line %d: %s", e.Line, e.Text)
	}
	settled(t, r)
	return r
}

// settled waits until what the last steps sent has arrived.
func settled(t *testing.T, r *Region) {
	t.Helper()
	within(t, time.Minute, "the arrival of everything that was sent", func() bool {
		stats, err := r.hub.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range stats.Members {
			if m.Waiting > 0 || m.Unacked > 0 {
				return false
			}
		}
		return true
	})
}

func castOf(t *testing.T, r *Region, m access.Member) *cast {
	t.Helper()
	c, err := r.cast(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eventsAt are the events that the duty officer of a node sees.
func eventsAt(t *testing.T, r *Region, m access.Member) []health.Row {
	t.Helper()
	c := castOf(t, r, m)
	rows, _, err := c.desk.List(t.Context(), c.duty, health.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// everything skips what takes long unless everything is asked for.
func everything(t *testing.T) {
	t.Helper()
	if os.Getenv("LINTAS_FULL") == "" {
		t.Skip("LINTAS_FULL=1 plays every scenario; the cholera cluster is always played")
	}
}

// visitor reads the pages of a node as one of its people.
func visitor(t *testing.T, r *Region, m access.Member, role access.Role) func(path string) string {
	t.Helper()
	n := r.nodes[m]
	shell, err := n.Web(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shell.Close)
	a, err := n.People.AccountByLogin(t.Context(), access.Node(m), logins[role])
	if err != nil {
		t.Fatal(err)
	}
	in, err := n.People.SignInAs(t.Context(), people.Visit{Address: netip.MustParseAddr("127.0.0.1")}, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	shell.Mux().Open("GET /enter", func(w http.ResponseWriter, q *web.Request) error {
		q.StartSession(w, in.Token)
		return q.Redirect(w, "/")
	})
	enter := httptest.NewRecorder()
	shell.ServeHTTP(enter, httptest.NewRequest(http.MethodGet, "/enter", nil))
	cookies := enter.Result().Cookies()
	return func(path string) string {
		t.Helper()
		q := httptest.NewRequest(http.MethodGet, path, nil)
		for _, k := range cookies {
			q.AddCookie(k)
		}
		w := httptest.NewRecorder()
		shell.ServeHTTP(w, q)
		if w.Code != http.StatusOK {
			t.Errorf("%s %s of %s answers %d", role, path, m, w.Code)
		}
		return w.Body.String()
	}
}

// shows wants each text on the page, in order.
func shows(t *testing.T, page string, texts ...string) {
	t.Helper()
	rest := html.UnescapeString(page)
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			t.Errorf("the page does not show %q", text)
			return
		}
		rest = after
	}
}

// marked wants every event of every node to carry the exercise's mark.
func marked(t *testing.T, r *Region, id string, events map[access.Member]int) {
	t.Helper()
	for m, n := range events {
		rows := eventsAt(t, r, m)
		if len(rows) != n {
			t.Errorf("%s knows %d events, want %d", m, len(rows), n)
		}
		for _, e := range rows {
			if e.Exercise != id {
				t.Errorf("%s: event of %s carries the exercise mark %q", m, e.Owner, e.Exercise)
			}
		}
	}
}

// answersTo is how the members have answered a notification, by their state.
func answersTo(t *testing.T, r *Region, m access.Member, name string) map[access.Member]health.AckState {
	t.Helper()
	c := castOf(t, r, m)
	p, err := c.desk.NotificationPage(t.Context(), c.duty, r.player.names[name].Notification)
	if err != nil {
		t.Fatal(err)
	}
	out := map[access.Member]health.AckState{}
	for _, a := range p.Acks {
		out[a.Member] = a.State
	}
	return out
}
