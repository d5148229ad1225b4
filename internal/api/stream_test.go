package api_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lintas/internal/api"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/history"
	"lintas/internal/id"
)

func appendEntry(t *testing.T, w *world, action string) {
	t.Helper()
	var maker id.Maker
	err := w.db.Write(t.Context(), func(tx *db.Tx) error {
		tx.AfterCommit(w.Wake)
		_, err := history.Append(t.Context(), tx, history.Entry{At: w.clock.Now(), Recorded: w.clock.Now(), Member: "TH", Actor: "node", Action: action,
			Record: history.Record{Desk: "health", Kind: "health.event", ID: maker.New(), Version: 1}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// follow opens the stream and returns a function that reads the next event.
func follow(t *testing.T, w *world, query, last string) (next func() map[string]string) {
	t.Helper()
	srv := httptest.NewServer(w.StreamHandler())
	t.Cleanup(srv.Close)
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/api/v1/stream"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("Last-Event-ID", last)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d", res.StatusCode)
	}
	lines := bufio.NewScanner(res.Body)
	next = func() map[string]string {
		t.Helper()
		ev := map[string]string{}
		for lines.Scan() {
			if k, v, ok := strings.Cut(lines.Text(), ": "); ok {
				ev[k] = v
			} else if len(ev) > 0 {
				return ev
			}
		}
		t.Fatal("the stream ended")
		return nil
	}
	return next
}

func TestStreamResumesWithoutGapOrRepetition(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, nil)
		appendEntry(t, w, "before")
		next := follow(t, w, "", "")
		if ev := next(); ev["id"] == "" || ev["event"] != "" {
			t.Fatalf("opening %v", ev)
		}
		appendEntry(t, w, "one")
		appendEntry(t, w, "hidden")
		appendEntry(t, w, "two")
		first := next()
		if first["event"] != "record" || !strings.Contains(first["data"], `"action":"one"`) {
			t.Fatalf("first %v", first)
		}
		again := follow(t, w, "?topics=record", first["id"])
		again() // the opening
		if ev := again(); !strings.Contains(ev["data"], `"action":"two"`) {
			t.Fatalf("after the position: %v", ev)
		}
		all := follow(t, w, "?since=0-0", "")
		all()
		got := ""
		for range 3 {
			got += all()["data"]
		}
		for _, action := range []string{"before", "one", "two"} {
			if strings.Count(got, `"action":"`+action+`"`) != 1 {
				t.Errorf("%s in %s", action, got)
			}
		}
	}, api.Schema, history.Schema)
}

func TestStreamRefusals(t *testing.T) {
	w := newWorld(t, sqlite(t), nil)
	for query, want := range map[string]int{"?topics=secrets": 400, "?since=x": 400, "?since=0-5": 410} {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodGet, "/api/v1/stream"+query, nil)
		req.Header.Set("Authorization", "Bearer "+secret)
		w.StreamHandler().ServeHTTP(rec, req)
		if rec.Code != want {
			t.Errorf("%s: %d, want %d", query, rec.Code, want)
		}
	}
	w.scopes.Store(&[]string{"notes.read"})
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/api/v1/stream", nil)
	req.Header.Set("Authorization", "Bearer "+secret)
	if w.StreamHandler().ServeHTTP(rec, req); rec.Code != 403 {
		t.Errorf("without the scope: %d", rec.Code)
	}
}
