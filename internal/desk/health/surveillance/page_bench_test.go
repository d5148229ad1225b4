package surveillance_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/surveillance"
	"lintas/internal/desk/health/surveillance/packed"
	surveillanceweb "lintas/internal/desk/health/surveillance/web"
	"lintas/internal/files"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/place"
	shell "lintas/internal/web"
	"lintas/internal/web/layout"
)

// BenchmarkPages is the time of every page of the part on a node that holds
// 2,500 places x 50 diseases x 520 weeks (65 million cells) with the default
// method, nowcast and reproduction number on the page of a disease.
//
//	LINTAS_FULL=1 go test -run '^$' -bench Pages -benchtime 1x ./internal/desk/health/surveillance
//
// Without LINTAS_FULL the node holds 250 places.
func BenchmarkPages(b *testing.B) {
	places := 250
	if os.Getenv("LINTAS_FULL") != "" {
		places = 2500
	}
	for _, e := range dbtest.Engines {
		b.Run(string(e), func(b *testing.B) {
			now := clock.NewManual(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
			base := dbtest.Open(b, dbtest.Options(b, e), history.Schema, health.Schema, files.Schema, surveillance.Schema)
			d := surveillance.New(&desk.Env{Member: "KH", DB: base, Clock: now, Wall: now, IDs: &id.Maker{Clock: now}})
			begun := time.Now()
			set, cells := fullNode(b, d, now, places)
			spent := time.Since(begun)
			server := pageServer(b, d, now)
			page := "/surveillance/datasets/" + string(set.ID) + "/diseases/dengue"
			for _, p := range [][2]string{
				{"home", "/surveillance"}, {"dataset", "/surveillance/datasets/" + string(set.ID)}, {"disease", page}, {"state", page + "?in=ID"},
				{"province", page + "?in=KH&of=KH-7"}, {"then", page + "?in=KH&then=1"}, {"place", "/surveillance/places/KH-7"},
				{"years", page + "/years?place=KH-7"}, {"compare", page + "/compare?p=KH-7&p=KH-8&p=KH-12"}, {"region", "/surveillance/region"},
			} {
				b.Run(p[0], func(b *testing.B) { benchPage(b, server, p[1]) })
			}
			b.Run("node", func(b *testing.B) {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(cells)/1e6, "Mcells")
				b.ReportMetric(spent.Seconds(), "s/filling")
				b.ReportMetric(float64(m.Sys>>20), "MiB-from-system")
				b.ReportMetric(float64(m.HeapInuse>>20), "MiB-in-use")
			})
		})
	}
}

// benchPage asks for a page 200 times for each run, and reports the median and
// the slowest of a hundred.
func benchPage(b *testing.B, server http.Handler, path string) {
	const times = 200
	var took []float64
	size := 0
	for b.Loop() {
		for range times {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.AddCookie(&http.Cookie{Name: "lintas-kh", Value: "epi"})
			w := httptest.NewRecorder()
			begun := time.Now()
			server.ServeHTTP(w, r)
			took = append(took, float64(time.Since(begun).Microseconds())/1000)
			if size = w.Body.Len(); w.Code != http.StatusOK {
				b.Fatal(path, w.Code)
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
	b.ReportMetric(float64(size)/1000, "kB")
	b.ReportMetric(0, "ns/op")
}

// fullNode stores counts of the states, of their first-level units, and of made
// up districts of them.
func fullNode(b *testing.B, d *surveillance.Desk, now clock.Clock, places int) (surveillance.Dataset, int) {
	b.Helper()
	ctx := b.Context()
	set, err := d.Describe(ctx, writer, surveillance.DatasetInput{Title: "All of it", Source: "Simulated", Measure: surveillance.Cases, Marking: access.TLPGreen,
		Calendar: surveillance.Calendar{Resolution: surveillance.Weekly, Weeks: surveillance.SundayWeeks}})
	if err != nil {
		b.Fatal(err)
	}
	var codes []string
	var units []place.Place
	for _, s := range place.States() {
		codes = append(codes, s.Code)
		for _, u := range place.Units(s.Code, false) {
			if u.ValidOn(now.Now()) {
				units = append(units, u)
			}
		}
	}
	for _, u := range units {
		codes = append(codes, u.Code)
	}
	for i := 0; len(codes) < places; i++ {
		codes = append(codes, fmt.Sprintf("%s-%04d", units[i%len(units)].Code, i))
	}
	codes = codes[:places]
	var diseases []string
	for _, h := range health.Hazards {
		diseases = append(diseases, h.Key)
	}
	diseases = slices.DeleteFunc(diseases, func(k string) bool { return k == "dengue" })
	for i := 0; len(diseases) < 49; i++ {
		diseases = append(diseases, fmt.Sprintf("disease_%02d", i))
	}
	diseases = append([]string{"dengue"}, diseases[:49]...)
	last, r, n := set.Calendar.Of(now.Now())-1, rand.New(rand.NewPCG(11, 12)), 0
	for from := 0; from < len(diseases); from += 10 {
		batch := map[surveillance.Key][]packed.Cell{}
		for _, dis := range diseases[from : from+10] {
			for _, code := range codes {
				batch[surveillance.Key{Disease: dis, Place: code, Class: surveillance.All}] = simulated(r, last-519, 520)
				n += 520
			}
		}
		if err := d.Fill(ctx, set, fmt.Sprint("import", from), now.Now().AddDate(0, 0, -7), batch); err != nil {
			b.Fatal(err)
		}
	}
	return set, n
}

func simulated(r *rand.Rand, from int32, n int) []packed.Cell {
	mean := math.Pow(10, r.Float64()*3.5-1)
	cells := make([]packed.Cell, 0, n)
	for i := range n {
		x := mean*(1+.6*math.Sin(float64(i)/8.3)) + r.NormFloat64()*math.Sqrt(mean)
		cells = append(cells, packed.Cell{Period: from + int32(i), Value: int32(max(0, x))})
	}
	return cells
}

var writer = access.Actor{Account: "epi", Member: "KH", Name: "Epidemiologist", Grants: []access.Grant{{Role: access.Epidemiologist}}}

func pageServer(b *testing.B, d *surveillance.Desk, now clock.Clock) http.Handler {
	b.Helper()
	s, err := shell.New(shell.Config{Member: "KH", Clock: now, IDs: &id.Maker{Clock: now}, Log: slog.New(slog.DiscardHandler),
		Session: func(_ context.Context, secret string) (shell.Session, error) {
			return shell.Session{ID: secret, Actor: writer}, nil
		},
		Zone: place.Zone("KH"), Place: place.Capital("KH"), Frame: func(_ *shell.Request, p *layout.Props) {
			p.Node = layout.Node{Name: "Cambodia", Agency: "EOC", Code: "KH"}
			p.Account = &layout.Account{Initials: "EP", Role: "Epidemiologist"}
		}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	surveillanceweb.New(d, surveillanceweb.Deps{Member: "KH", Layers: []surveillanceweb.Layer{surveillanceweb.ScanLayer{Desk: d}}}).Routes(s.Mux())
	return s
}
