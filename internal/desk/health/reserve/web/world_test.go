package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/api/apitest"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/reserve"
	reserveweb "lintas/internal/desk/health/reserve/web"
	healthweb "lintas/internal/desk/health/web"
	"lintas/internal/exchange"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

// region is a few nodes with their pages and their REST interface; what one
// releases is carried to the others by deliver.
type region struct {
	t     *testing.T
	now   *clock.Manual
	nodes map[access.Member]*stage
	out   []exchange.Release
}

type stage struct {
	*webtest.Site
	r      *region
	db     *db.DB
	health *health.Desk
	desk   *reserve.Desk
	who    func(string) access.Actor
	api    http.Handler
}

func (r *region) Queue(_ context.Context, tx *db.Tx, x exchange.Release) error {
	tx.AfterCommit(func() { r.out = append(r.out, x) })
	return nil
}
func (*region) SendReceipt(context.Context, *db.Tx, exchange.Receipt) error { return nil }
func (*region) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

// unanimous adopts what every state that is asked agrees to.
var unanimous = reserve.Sources{
	Rules: func() []reserve.Adoption {
		return []reserve.Adoption{{Key: "consensus", Version: "1", Digest: "0", Silence: "waits"}}
	},
	Decide: func(b reserve.Ballot, _ time.Time) reserve.Verdict {
		v := reserve.Verdict{Outcome: reserve.Voting}
		yes := true
		for _, m := range b.Voters {
			s := reserve.Voice{Member: m, Stance: reserve.NoAnswer}
			for _, g := range b.Given {
				if g.Member == m {
					s = g
				}
			}
			if m == b.Proposer {
				s.Stance = "by_proposal"
			}
			yes = yes && (s.Stance == reserve.Agree || m == b.Proposer)
			v.Stands = append(v.Stands, s)
		}
		if b.Closed {
			v.Outcome = map[bool]string{true: reserve.Adopted, false: reserve.NotAdopted}[yes]
		}
		return v
	},
	Count: func(given []reserve.Voice, _ time.Time, _ []access.Member) []id.ID {
		var out []id.ID
		for _, g := range given {
			out = append(out, g.Release)
		}
		return out
	},
}

func newRegion(t *testing.T, members ...access.Member) *region {
	t.Helper()
	r := &region{t: t, now: clock.NewManual(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)), nodes: map[access.Member]*stage{}}
	ids := &id.Maker{Clock: r.now}
	for _, m := range members {
		store := dbtest.Open(t, dbtest.Options(t, db.SQLite), api.Schema, history.Schema, files.Schema, health.Schema, reserve.Schema)
		env := &desk.Env{Member: m, DB: store, Clock: r.now, Wall: r.now, IDs: ids, Send: r,
			Members: func() []access.Member {
				return slices.DeleteFunc(slices.Clone(members), func(x access.Member) bool { return x == m })
			}}
		h := health.New(env)
		d := reserve.New(env, h, unanimous)
		pages := reserveweb.New(d, h)
		s := &stage{r: r, db: store, health: h, desk: d, who: webtest.Roles(m, people)}
		desks := healthweb.New(h, healthweb.Deps{Member: m, Todos: d.Todos, Panels: []healthweb.EventPanel{pages.Panel()}})
		s.Site = webtest.New(t, m, r.now, s.who, desks.Routes, pages.Routes)
		a := apitest.New(t, store, r.now, s.who, "health.read", "health.write")
		pages.Operations(a)
		a.Mount(s.Server().Mux())
		s.api = s.Server()
		r.nodes[m] = s
	}
	return r
}

func (s *stage) receive(x exchange.Release) error {
	return s.db.Write(s.r.t.Context(), func(tx *db.Tx) error {
		return s.desk.Handlers()[x.Kind](s.r.t.Context(), tx, exchange.Inbound{Release: x, Received: s.r.now.Now()})
	})
}

// deliver carries all that waits, and what follows from it.
func (r *region) deliver() {
	r.t.Helper()
	for len(r.out) > 0 {
		list := r.out
		r.out = nil
		for _, x := range list {
			for _, to := range x.To {
				if s := r.nodes[to]; s != nil && s.desk.Handlers()[x.Kind] != nil {
					if err := s.receive(x); err != nil {
						r.t.Fatalf("%s at %s: %v", x.Kind, to, err)
					}
				}
			}
		}
	}
}

// call asks an operation and gives its answer.
func (s *stage) call(who, method, path, body, tag string) map[string]any {
	s.r.t.Helper()
	rec := apitest.Do(s.r.t, s.api, method, "/reserve"+path, who, body, "If-Match", tag)
	var out map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || rec.Code >= 300 {
		s.r.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return out
}

// makes begins a record and gives its path.
func (s *stage) makes(who, path, body string) string {
	s.r.t.Helper()
	return path + "/" + s.call(who, "POST", path, body, "")["id"].(string)
}

func (s *stage) steps(who, path, body, tag string) map[string]any {
	s.r.t.Helper()
	return s.call(who, "POST", path+"/steps", body, tag)
}
