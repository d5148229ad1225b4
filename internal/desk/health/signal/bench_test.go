package signal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/workflow"
)

// benchSize is how many signals the benchmarks have: three years of a busy
// national inbox, most of it decided.
const benchSize = 100_000

// inbox fills a desk: nine of ten signals are closed, the places are those of
// one state and its neighbours.
func inbox(b *testing.B) *bench {
	t := newBench(b, openDB(b), "KH")
	r := rand.New(rand.NewPCG(7, 9))
	what := []string{"fever and rash in children", "watery diarrhoea after a wedding", "dead poultry in backyards", "ໄຂ້ຍຸງລາຍໃນບ້ານ", "ผู้ป่วยไข้เลือดออกในโรงเรียน", "sốt xuất huyết ở trường học", "pneumonia of unknown cause"}
	places := []string{"KH-12", "KH-7", "KH-1", "KH-2", "KH-3", "KH-16", "KH-23", "KH", "VN-37", "TH-27"}
	t.write(func(ctx context.Context, tx *db.Tx) error {
		for i := range benchSize {
			s := Signal{Source: Sources[r.IntN(len(Sources))], Lang: "en", Hazard: health.Hazards[r.IntN(len(health.Hazards))].Key,
				Text: fmt.Sprintf("%s, %d people near market %d, reported by clinic %d", what[r.IntN(len(what))], r.IntN(40), r.IntN(900), r.IntN(3000))}
			s.ID, s.Kind, s.Owner, s.Version = t.desk.env.IDs.New(), "signal.signal", "KH", 1
			s.Place, s.Marking, s.State = places[r.IntN(len(places))], access.TLPGreen, States[3+r.IntN(4)]
			at := start.Add(-time.Duration(r.IntN(3*365*24)) * time.Hour)
			s.Created.At, s.Changed.At = at, at
			if i%10 == 0 {
				s.State = States[r.IntN(3)]
				s.Due = start.Add(time.Duration(r.IntN(48)-24) * time.Hour)
			}
			s.FirstSeen = health.Date{On: at.Format(time.DateOnly), Precision: health.Day}
			if err := insertSignal(ctx, tx, &s); err != nil {
				return err
			}
			for _, k := range Bands(Grams(s.Text)) {
				if _, err := tx.Exec(ctx, `INSERT INTO signal_band (band, signal) VALUES (?, ?) ON CONFLICT (band, signal) DO NOTHING`, k, string(s.ID)); err != nil {
					return err
				}
			}
		}
		_, err := tx.Exec(ctx, `UPDATE signal_signal SET scouted = 1`)
		return err
	})
	return t
}

// measure runs one request again and again and reports its 50th and 99th
// percentile.
func measure(b *testing.B, name string, f func(ctx context.Context) error) {
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			began := time.Now()
			if err := f(b.Context()); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	})
}

// BenchmarkInbox asks an inbox of 100,000 signals what its page asks.
func BenchmarkInbox(b *testing.B) {
	t := inbox(b)
	list := func(a access.Actor, f Filter) func(context.Context) error {
		return func(ctx context.Context) error { _, _, err := t.desk.List(ctx, a, f); return err }
	}
	measure(b, "waiting", list(duty, Filter{Open: true}))
	measure(b, "state", list(duty, Filter{State: Received}))
	measure(b, "hazard", list(epi, Filter{State: Discarded, Hazard: "cholera"}))
	measure(b, "place", list(duty, Filter{Open: true, Place: "KH-7"}))
	measure(b, "late-unclaimed", list(duty, Filter{Open: true, Late: true, Unclaimed: true}))
	measure(b, "words", list(duty, Filter{Query: "wedding market 77"}))
	measure(b, "words-thai", list(duty, Filter{Query: "ไข้เลือดออก"}))
	measure(b, "words-absent", list(duty, Filter{Query: "zebra"}))
	measure(b, "all-deep", list(duty, Filter{After: Cursor{Rank: noDue - 1<<50, ID: "0"}}))
	measure(b, "tabs", func(ctx context.Context) error { _, err := t.desk.Tally(ctx, duty, Filter{}); return err })
	measure(b, "tabs-words", func(ctx context.Context) error {
		_, err := t.desk.Tally(ctx, duty, Filter{Query: "wedding market 77"})
		return err
	})
	measure(b, "todos", func(ctx context.Context) error { _, err := t.desk.Todos(ctx, duty); return err })
	measure(b, "waiting-count", func(ctx context.Context) error { _, err := t.desk.Waiting(ctx, epi); return err })
	some, _, err := t.desk.List(b.Context(), duty, Filter{State: workflow.State(Received), Limit: 200})
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	measure(b, "page", func(ctx context.Context) error {
		i++
		_, err := t.desk.Page(ctx, duty, some[i%len(some)].ID)
		return err
	})
	measure(b, "compare", func(ctx context.Context) error { // proposals for one signal, written
		i++
		return t.db.Write(ctx, func(tx *db.Tx) error {
			s, err := loadSignal(ctx, tx, some[i%len(some)].ID)
			if err != nil {
				return err
			}
			return t.desk.compare(ctx, tx, &s)
		})
	})
}

// BenchmarkAlike compares two texts of ordinary length.
func BenchmarkAlike(b *testing.B) {
	x, y := made("Three adults with watery diarrhoea after a wedding in Chhouk", "en", "KH-7", "cholera", "2025-03-09"), made("3 adults with watery diarrhoea after wedding", "en", "KH-7", "unknown", "2025-03-10")
	f, g := featuresOf(&x), featuresOf(&y)
	for b.Loop() {
		Alike(&f, &g)
	}
}
