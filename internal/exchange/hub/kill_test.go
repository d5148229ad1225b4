package hub_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/link"
)

// sendAll publishes n messages from KH to ID as a node's outbox does: what
// was not confirmed is sent again, with the same id.
func sendAll(t testing.TB, l *link.Link, n int, confirmed func(total int)) (again int) {
	t.Helper()
	slots := make(chan struct{}, 500)
	var mu sync.Mutex
	var wg sync.WaitGroup
	total := 0
	var send func(i int)
	send = func(i int) {
		l.Publish(exchange.Message{Subject: "x.v1.KH.ID", ID: fmt.Sprint("m", i), Data: fmt.Append(nil, i)}, func(err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				again++
				time.AfterFunc(200*time.Millisecond, func() { send(i) }) // let the servers elect
				return
			}
			total++
			confirmed(total)
			<-slots
			wg.Done()
		})
	}
	for i := range n {
		slots <- struct{}{}
		wg.Add(1)
		send(i)
	}
	wg.Wait()
	return again
}

// sendOne publishes message i until the hub has it.
func sendOne(l *link.Link, subject string, i int) {
	l.Publish(exchange.Message{Subject: subject, ID: fmt.Sprint(subject, i), Data: fmt.Append(nil, i)}, func(err error) {
		if err != nil {
			time.AfterFunc(200*time.Millisecond, func() { sendOne(l, subject, i) })
		}
	})
}

// collect counts how often each of n numbers arrives.
func collect(t testing.TB, l *link.Link, n int) (distinct, repeats int) {
	t.Helper()
	seen := make([]int, n)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for distinct < n {
		b, err := l.Fetch(ctx, 500)
		if err != nil {
			t.Errorf("after %d of %d: %v", distinct, n, err)
			return
		}
		for _, m := range b.Messages {
			var i int
			_, err := fmt.Sscan(string(m.Data), &i)
			must(t, err)
			if seen[i]++; seen[i] == 1 {
				distinct++
			} else {
				repeats++
			}
		}
		_ = b.Ack()
	}
	return distinct, repeats
}

func member(t testing.TB, code access.Member) (hub.Member, link.Config) {
	t.Helper()
	seed, _, err := hub.NewUser()
	must(t, err)
	public, sign, err := hub.Signer(seed)
	must(t, err)
	return hub.Member{Code: code, NKey: public},
		link.Config{Member: code, NKey: public, Sign: sign, RetryWait: 20 * time.Millisecond}
}

func connect(t testing.TB, cfg link.Config, urls ...string) *link.Link {
	t.Helper()
	cfg.URLs = urls
	l, err := link.Connect(cfg)
	must(t, err)
	t.Cleanup(l.Close)
	return l
}

// The hub is killed -9 five times at random points of 10,000 messages. All
// that it had confirmed must be there afterwards, and nothing twice.
func TestKilledHubLosesNothing(t *testing.T) {
	const n, kills = 10_000, 5
	mKH, cKH := member(t, "KH")
	mID, cID := member(t, "ID")
	text := childHubConfig(t, []hub.Member{mKH, mID})
	url := "nats://" + address(t, text)
	at := make(chan int, n)
	killed := make(chan int)
	go func() {
		done := 0
		cmd := child(t, childHub, text)
		next := 200 + rand.IntN(n/kills-400)
		for total := range at {
			if total >= next && done < kills {
				kill(cmd)
				done++
				next = done*n/kills + 200 + rand.IntN(n/kills-400)
				cmd = child(t, childHub, text)
			}
		}
		killed <- done
	}()
	again := sendAll(t, connect(t, cKH, url), n, func(total int) { at <- total })
	close(at)
	if k := <-killed; k != kills {
		t.Errorf("killed %d times, not %d", k, kills)
	}
	distinct, repeats := collect(t, connect(t, cID, url), n)
	t.Logf("%d confirmed, %d kills, %d sent again, %d of %d there, %d twice", n, kills, again, distinct, n, repeats)
	if distinct != n || repeats != 0 {
		t.Errorf("%d of %d, %d twice", distinct, n, repeats)
	}
}
