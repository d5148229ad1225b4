package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/hubtest"
	"lintas/internal/exchange/link"
)

// The bare engine, as a baseline for what the exchange does on top of it:
//
//	go test -run '^$' -bench . -benchtime 100000x ./internal/exchange/hub
//
// All in one process. With sync=always each message is forced to the disk
// before it is confirmed, one by one; with sync=usual, at intervals.
func BenchmarkOneToEleven(b *testing.B) {
	for _, size := range []int{1 << 10, 16 << 10} {
		for name, every := range map[string]time.Duration{"always": hub.SyncEach, "usual": hub.SyncUsual} {
			b.Run(fmt.Sprintf("%dKiB/sync=%s", size>>10, name), func(b *testing.B) { oneToEleven(b, size, every) })
		}
	}
}

func oneToEleven(b *testing.B, size int, every time.Duration) {
	h := hubtest.StartWith(b, hub.Config{Folder: b.TempDir(), Listen: "127.0.0.1:0",
		Limits: hub.Limits{Sync: every}}, nil, access.All()...)
	from, to := nodes(b, h)
	body := make([]byte, size)
	b.ResetTimer()
	var all sync.WaitGroup
	for _, l := range to {
		all.Add(1)
		go func() {
			defer all.Done()
			if got := drain(b, l, b.N); got != b.N {
				b.Errorf("%d of %d", got, b.N)
			}
		}()
	}
	slots := make(chan struct{}, 2000)
	for i := range b.N {
		slots <- struct{}{}
		from.Publish(exchange.Message{Subject: "x.v1.ASEC.all", ID: fmt.Sprint(i), Data: body}, func(err error) {
			if err != nil {
				b.Error(err)
			}
			<-slots
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(b.N*len(to))/b.Elapsed().Seconds(), "deliveries/s")
}

func nodes(b *testing.B, h *hubtest.Hub) (from *link.Link, to []*link.Link) {
	for _, m := range access.States {
		to = append(to, h.Link(b, m))
	}
	return h.Link(b, access.ASEC), to
}

func drain(b *testing.B, l *link.Link, n int) int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	got := 0
	for got < n {
		batch, err := l.Fetch(ctx, 500)
		if err != nil {
			b.Error(err)
			return got
		}
		got += len(batch.Messages)
		if err := batch.Ack(); err != nil {
			b.Error(err)
		}
	}
	return got
}

// BenchmarkAlert is one message at a time, until the slowest of eleven has it.
func BenchmarkAlert(b *testing.B) {
	h := hubtest.Start(b, access.All()...)
	from, to := nodes(b, h)
	arrived := make(chan struct{}, len(to))
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, l := range to {
		all.Add(1)
		go func() {
			defer all.Done()
			_ = l.Consume(ctx, 100, func(context.Context, []exchange.Delivery) error {
				arrived <- struct{}{}
				return nil
			})
		}()
	}
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		start := time.Now()
		from.Publish(exchange.Message{Subject: "x.v1.ASEC.all", ID: fmt.Sprint(i), Data: make([]byte, 1<<10)}, func(error) {})
		for range to {
			<-arrived
		}
		took = append(took, time.Since(start))
	}
	b.StopTimer()
	cancel()
	all.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
