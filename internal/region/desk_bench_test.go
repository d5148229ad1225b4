package region

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/people"
	"lintas/internal/web"
)

// BenchmarkDutyDesk is the home page of a duty officer at a node with 10,000
// events, all of them open and with figures, which is the worst case, on one
// core at 50 requests a second: through the whole node, and over loopback.
func BenchmarkDutyDesk(b *testing.B) {
	l := load(b, "TH", "KH")
	ctx := b.Context()
	c := must[*cast](b)(l.cast(ctx, "TH"))
	fillDesk(b, c, full(2_000, 10_000))
	n := l.nodes["TH"]
	shell := must[*web.Server](b)(n.Web(ctx))
	defer shell.Close()
	a := must[people.Account](b)(n.People.AccountByLogin(ctx, access.Node("TH"), logins[access.DutyOfficer]))
	in := must[people.SignedIn](b)(n.People.SignInAs(ctx, people.Visit{Address: netip.MustParseAddr("127.0.0.1")}, a.ID))
	shell.Mux().Open("GET /enter", func(w http.ResponseWriter, q *web.Request) error {
		q.StartSession(w, in.Token)
		return q.Redirect(w, "/")
	})
	enter := httptest.NewRecorder()
	shell.ServeHTTP(enter, httptest.NewRequest(http.MethodGet, "/enter", nil))
	cookies := enter.Result().Cookies()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b.Run("handler", func(b *testing.B) {
		atRate(b, func() (int, error) {
			q := httptest.NewRequest(http.MethodGet, "/", nil)
			for _, k := range cookies {
				q.AddCookie(k)
			}
			w := httptest.NewRecorder()
			shell.ServeHTTP(w, q)
			return w.Code, nil
		})
	})
	b.Run("loopback", func(b *testing.B) {
		s := httptest.NewServer(shell)
		defer s.Close()
		jar := must[*cookiejar.Jar](b)(cookiejar.New(nil))
		client := &http.Client{Jar: jar}
		get := func(path string) (int, error) {
			res, err := client.Get(s.URL + path)
			if err != nil {
				return 0, err
			}
			defer res.Body.Close()
			_, err = io.Copy(io.Discard, res.Body)
			return res.StatusCode, err
		}
		must[int](b)(get("/enter"))
		atRate(b, func() (int, error) { return get("/") })
	})
}

// atRate asks 50 times a second, whether or not earlier answers have come, for
// ten seconds in each loop.
func atRate(b *testing.B, ask func() (int, error)) {
	const rate = 50
	var mu sync.Mutex
	var took []time.Duration
	for b.Loop() {
		var wg sync.WaitGroup
		tick := time.NewTicker(time.Second / rate)
		for range 10 * rate {
			<-tick.C
			wg.Go(func() {
				began := time.Now()
				code, err := ask()
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(began))
				if err != nil || code != http.StatusOK {
					b.Errorf("status %d, %v", code, err)
				}
			})
		}
		tick.Stop()
		wg.Wait()
	}
	quantiles(b, "page", took)
}

func fillDesk(b *testing.B, c *cast, count int) {
	b.Helper()
	now := time.Now()
	for i := range count {
		var facts []health.Fact
		for day := range 4 {
			facts = append(facts, health.Fact{Indicator: "cases", Class: "confirmed", Place: "TH", Value: int64(day * 3), Source: "sample",
				AsOf: now.AddDate(0, 0, day-5)})
		}
		must[health.Event](b)(c.desk.RecordEvent(b.Context(), c.duty, health.EventInput{Name: fmt.Sprint("Sample event ", i), Lang: "en",
			Summary: "A sample for a measurement.", Hazard: "cholera", Grade: health.Grades[i%len(health.Grades)], Marking: access.TLPAmber,
			Places: []string{"TH-10"}}, facts))
	}
}
