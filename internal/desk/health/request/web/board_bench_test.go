package web_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk/health/request"
	"lintas/internal/id"
	"lintas/internal/web/webtest"
)

// How much the board of the benchmark has: 250 requests of 20 lines are 5,000
// open lines, each request with an offer, every second one with a team or
// goods on the way.
const (
	benchRequests = 250
	benchLines    = 20
	benchOffered  = 12 // lines of each offer
)

var benchItems = []string{"Oral rehydration salts", "Ringer's lactate", "Emergency medical team", "Rapid test, cholera", "Water purification unit", "Cold box", "Epidemiologist"}

// act is a person of the node of a site.
func (s *site) act(who string) access.Actor { return webtest.Roles(s.member, people)(who) }

// steps takes the steps of a record, each as "person verb".
func (s *site) steps(rid id.ID, in request.StepInput, list ...string) {
	s.w.Helper()
	for _, x := range list {
		who, verb, _ := strings.Cut(x, " ")
		if err := s.desk.Step(s.w.Context(), s.act(who), rid, 0, verb, in); err != nil {
			s.w.Fatalf("%s: %v", x, err)
		}
	}
}

var wayOut = []string{"duty submit", "approver clear", "duty issue"}

// busy fills the desks of both states as their people do, step by step; the
// Secretariat's holds what was released to it.
func (w *world) busy(requests int) {
	w.Helper()
	r := rand.New(rand.NewPCG(5, 10))
	kh, th := w.nodes["KH"], w.nodes["TH"]
	var asked []id.ID
	for i := range requests {
		in := request.RequestInput{To: []access.Member{"TH", "ASEC"}, Content: request.Content{Title: fmt.Sprintf("Help in district %d (sample)", i), Context: "Wards are full.",
			Authority: "Ministry of Health", Lang: "en", Hazard: "cholera", EventName: "Cholera (sample)", Hours: 24 + int64(i%72), Marking: access.TLPAmber, Valid: "2026-12-31"}}
		for range benchLines {
			in.Lines = append(in.Lines, request.Line{Category: request.Categories[r.IntN(len(request.Categories))], Item: benchItems[r.IntN(len(benchItems))], Qty: 100 + r.Int64N(900), Unit: "box",
				Priority: request.Priorities[r.IntN(len(request.Priorities))], NeededBy: fmt.Sprintf("2026-12-%02d", 1+r.IntN(28)), Entry: "PNH", Place: fmt.Sprintf("KH-%d", 1+r.IntN(24)), Support: []string{"transport"}})
		}
		rec, err := kh.desk.DraftRequest(w.Context(), kh.act("duty"), in)
		w.must(err)
		kh.steps(rec.ID, request.StepInput{}, wayOut...)
		asked = append(asked, rec.ID)
	}
	w.deliver()
	for i, rid := range asked {
		w.answered(i, rid)
	}
	if len(th.releases) != 0 {
		w.Fatal("something was not delivered")
	}
}

// answered is an offer of some of each of the first lines, of which a part is
// taken, and for every second request what follows from it.
func (w *world) answered(i int, rid id.ID) {
	w.Helper()
	kh, th := w.nodes["KH"], w.nodes["TH"]
	in := request.OfferInput{Inform: []access.Member{"ASEC"}, OfferContent: request.OfferContent{Title: "Offer (sample)", Entity: "Medical stores", Authority: "Ministry of Public Health", Lang: "en",
		Request: rid, Marking: access.TLPAmber, Valid: "2026-12-30"}}
	for n := range benchOffered {
		in.Lines = append(in.Lines, request.OfferLine{For: n + 1, Category: "supplies", Item: benchItems[n%len(benchItems)], Qty: 80, Unit: "box", Cost: "free", ETA: "2026-12-01"})
	}
	o, err := th.desk.DraftOffer(w.Context(), th.act("duty"), in)
	w.must(err)
	th.steps(o.ID, request.StepInput{}, wayOut...)
	w.deliver()
	if i%2 == 1 {
		return
	}
	kh.steps(o.ID, request.StepInput{Taken: []request.Taken{{N: 1, Qty: 40}, {N: 2, Qty: 80}}}, "approver accept_part")
	w.deliver()
	link := request.Link{Offer: o.ID, Basis: "Exchange of letters (sample)", Marking: access.TLPAmber}
	if i%4 == 0 {
		d, err := th.desk.PlanDeployment(w.Context(), th.act("duty"), request.MissionInput{Link: link, Line: 1, Mission: request.Mission{Title: "Medical team (sample)", Team: "emt_1_mobile",
			Teams: 1, People: 20, From: "2026-11-25", Until: "2026-12-15", Entry: "PNH", Place: "KH-7", ETA: "2026-11-25"}})
		w.must(err)
		th.steps(d.ID, request.StepInput{}, "duty propose")
	} else {
		c, err := th.desk.Allocate(w.Context(), th.act("duty"), request.ShipmentInput{Link: link, Shipment: request.Shipment{Title: "Salts (sample)", Carries: request.Goods, Packages: 4,
			Items: []request.Item{{For: 1, What: "Salts", Qty: 40, Unit: "box"}, {For: 2, What: "Lactate", Qty: 80, Unit: "box"}}}})
		w.must(err)
		th.steps(c.ID, request.StepInput{Packages: 4}, "duty pack")
		th.steps(c.ID, request.StepInput{Carrier: "Air cargo", Waybill: fmt.Sprint("W-", i), ETA: "2026-11-30"}, "duty ship")
	}
	w.deliver()
}

// serve answers one request for a page and returns how long it took.
func (s *site) serve(tb testing.TB, who, path string) (time.Duration, *httptest.ResponseRecorder) {
	q := httptest.NewRequest(http.MethodGet, path, nil)
	q.AddCookie(&http.Cookie{Name: "lintas-" + strings.ToLower(string(s.member)), Value: who})
	out := httptest.NewRecorder()
	began := time.Now()
	s.Server().ServeHTTP(out, q)
	took := time.Since(began)
	if out.Code != http.StatusOK {
		tb.Fatalf("%s: status %d", path, out.Code)
	}
	return took, out
}

// measure asks for a page again and again and reports its size and its 50th
// and 99th percentile; before runs in front of each, off the clock.
func (s *site) measure(b *testing.B, name, who, path string, before func()) {
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		size := 0
		for b.Loop() {
			b.StopTimer()
			if before != nil {
				before()
			}
			b.StartTimer()
			t, out := s.serve(b, who, path)
			took, size = append(took, t), out.Body.Len()
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(size)/1024, "KiB")
	})
}

// BenchmarkBoard is the board and the list with 5,000 open lines, as the state
// that asks, the one that gives, and the Secretariat have them. "changed" is
// the first look after a record changed, when nothing that is kept holds.
func BenchmarkBoard(b *testing.B) {
	for _, engine := range dbtest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			w := worldOn(b, engine)
			w.busy(benchRequests)
			for _, m := range []access.Member{"KH", "TH", "ASEC"} {
				s, who := w.nodes[m], "duty"
				if m == access.ASEC {
					who = "regional"
				}
				board, err := s.desk.Board(b.Context(), s.act(who))
				if err != nil || len(board.Lines) != benchRequests*benchLines || board.Open < len(board.Lines)*9/10 || len(board.Moves) != benchRequests/2 {
					b.Fatalf("%s: %d lines, %d open, %d on the way: %v", m, len(board.Lines), board.Open, len(board.Moves), err)
				}
				s.measure(b, string(m)+"/board", who, base+"/board", nil)
				s.measure(b, string(m)+"/changed", who, base+"/board", s.touched())
				s.measure(b, string(m)+"/board-words", who, base+"/board?q=ringer&show=open", nil)
				s.measure(b, string(m)+"/list", who, base, nil)
				s.measure(b, string(m)+"/list-words", who, base+"?q=ringer", nil)
				s.measure(b, string(m)+"/list-late", who, base+"?late=1", nil)
			}
		})
	}
}

// touched moves the time of one record, so that the board is read anew.
func (s *site) touched() func() {
	return func() {
		s.w.must(s.db.Write(s.w.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(s.w.Context(), `UPDATE request_record SET changed = changed + 1, version = version + 1 WHERE id = (SELECT MAX(id) FROM request_record)`)
			return err
		}))
	}
}
