package sitrep

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db/dbtest"
)

// factsEach is how many facts the event of each state of the benchmark has.
const factsEach = 200

// BenchmarkCompose is the step with which the Secretariat makes a draft of the
// inputs of eleven states, with reading and writing them, and the page that
// shows it. The eleven reports are issued by their states' own desks.
func BenchmarkCompose(b *testing.B) {
	for _, engine := range dbtest.Engines {
		b.Run(string(engine), func(b *testing.B) {
			w := worldOf(b, dbtest.Open(b, dbtest.Options(b, engine), schemas...), access.States...)
			w.elevenInputs()
			now, asec := w.clock.Now(), w.nodes[access.ASEC]
			in := OpenInput{Title: "Cholera on the border", Lang: "en", From: "2026-11-14", Until: "2026-11-20", CutOff: now.Add(6 * time.Hour), Next: now.Add(30 * time.Hour),
				Authority: "Secretariat (sample)", Asked: access.States, Marking: access.TLPAmber}
			var composed, shown []time.Duration
			var figures int
			for b.Loop() {
				b.StopTimer()
				r, err := asec.desk.Open(b.Context(), sec, w.family.ID, in)
				w.must(err)
				b.StartTimer()
				began := time.Now()
				r, err = asec.desk.Compose(b.Context(), sec, r.ID, r.Version)
				w.must(err)
				composed = append(composed, time.Since(began))
				began = time.Now()
				p, err := asec.desk.Page(b.Context(), sec, r.ID)
				w.must(err)
				shown = append(shown, time.Since(began))
				if v := viewReport(&r); v.Count(In) != len(access.States) || len(p.View.Figures) != len(r.Figures) {
					b.Fatalf("%d of %d are in", v.Count(In), len(access.States))
				}
				figures = len(r.Figures)
				b.StopTimer()
				w.clearAway(asec, r)
				b.StartTimer()
			}
			for name, took := range map[string][]time.Duration{"compose": composed, "page": shown} {
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, name+"-p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, name+"-p99-ms")
			}
			b.ReportMetric(float64(figures), "figures")
		})
	}
}

// elevenInputs are reports of all states on their events, delivered.
func (w *world) elevenInputs() {
	w.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	now := w.clock.Now()
	for _, m := range access.States {
		facts := someFacts(rng, m, factsEach)
		for i := range facts {
			facts[i].ID, facts[i].Owner, facts[i].Place, facts[i].AsOf = "", "", string(m), now.Add(-time.Duration(rng.IntN(10*24))*time.Hour)
		}
		n := w.nodes[m]
		n.issued(n.event(facts...), "")
	}
}

// clearAway discards a composed report, so that the next is opened as the
// first was, and drops what waits to be delivered.
func (w *world) clearAway(n *node, r Report) {
	w.Helper()
	_, err := n.desk.Step(w.Context(), sec, r.ID, r.Version, "discard", "For the next measurement.")
	w.must(err)
	n.out = nil
}
