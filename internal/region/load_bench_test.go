package region

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/link"
	"lintas/internal/id"
	"lintas/internal/node"
)

// Figures of whole nodes: twelve of them and the hub in one process, each with
// its own database on disk, fsync on. LINTAS_FULL=1 runs the sizes of
// docs/performance.md.

const loadKind = "load.note"

// loaded is a region whose nodes also take bare releases.
type loaded struct {
	*Region
	b     testing.TB
	got   map[access.Member]*atomic.Int64 // bare releases that were stored
	news  map[access.Member]*atomic.Int64 // when the inbox last had news, in ns
	heard map[access.Member]*atomic.Int64 // how often it heard of receipts
}

func load(b testing.TB, members ...access.Member) *loaded {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, err := Open(ctx, Options{Dir: b.TempDir() + "/region", Members: members, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	l := &loaded{Region: r, b: b, got: map[access.Member]*atomic.Int64{}, news: map[access.Member]*atomic.Int64{}, heard: map[access.Member]*atomic.Int64{}}
	for m, n := range r.nodes {
		got, news, heard := &atomic.Int64{}, &atomic.Int64{}, &atomic.Int64{}
		l.got[m], l.news[m], l.heard[m] = got, news, heard
		n.Exchange.Handle(loadKind, 1, func(_ context.Context, tx *db.Tx, _ exchange.Inbound) error {
			tx.AfterCommit(func() { got.Add(1) })
			return nil
		})
		n.OnChange(func(topic string) {
			switch topic {
			case exchange.TopicInbox:
				news.Store(time.Now().UnixNano())
			case exchange.TopicReceipt:
				heard.Add(1)
			}
		})
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		<-done
		if err := r.Close(); err != nil {
			b.Error(err)
		}
	})
	for _, n := range r.nodes {
		l.until(20*time.Second, "everybody is connected", n.Link.Up)
	}
	return l
}

// pollEvery is short beside what is measured, and long enough to leave the
// processor to it.
const pollEvery = time.Millisecond

func (l *loaded) until(limit time.Duration, what string, ok func() bool) {
	l.b.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(pollEvery) {
		if time.Now().After(end) {
			l.b.Fatalf("not within %s: %s", limit, what)
		}
	}
}

func must[T any](b testing.TB) func(T, error) T {
	return func(v T, err error) T {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
}

// quantiles reports p50 and p99 in milliseconds.
func quantiles(b *testing.B, name string, d []time.Duration) {
	slices.Sort(d)
	ms := func(q int) float64 { return float64(d[min(len(d)*q/100, len(d)-1)].Microseconds()) / 1000 }
	b.ReportMetric(ms(50), name+"-p50-ms")
	b.ReportMetric(ms(99), name+"-p99-ms")
}

// BenchmarkAlert is one alert at rest through the desk: from the call that
// releases it to the commit at the slowest of eleven recipients, and until the
// sender shows that all of them have it. The first one is not counted: nodes
// that have just met exchange their checkpoints, and message keys are made.
func BenchmarkAlert(b *testing.B) {
	l := load(b)
	ctx := b.Context()
	th := must[*cast](b)(l.cast(ctx, "TH"))
	var others []health.Recipient
	for _, m := range access.All() {
		if m != "TH" {
			others = append(others, health.Recipient{Member: m, Blocks: health.Blocks})
		}
	}
	e := must[health.Event](b)(th.desk.RecordEvent(ctx, th.duty, health.EventInput{Name: "Cholera (sample)", Lang: "en", Hazard: "cholera",
		Grade: health.Warning, Marking: access.TLPAmber, Places: []string{"TH-10"}}, nil))
	var every, slowest, receipts []time.Duration
	alert := func() {
		n := must[health.Notification](b)(th.desk.Compose(ctx, th.duty, e.ID, "", health.NotificationInput{Title: "Cholera (sample)",
			Message: strings.Repeat("Please acknowledge. ", 40), Lang: "en", Purpose: "early_warning", Basis: "aphecs",
			Marking: access.TLPAmber, AckWithin: 24 * time.Hour, Recipients: others}))
		must[health.Notification](b)(th.desk.Submit(ctx, th.duty, n.ID, 0))
		must[health.Notification](b)(th.desk.Clear(ctx, th.approver, n.ID, 0))
		time.Sleep(150 * time.Millisecond) // at rest
		for _, v := range l.news {
			v.Store(0)
		}
		began := time.Now()
		must[health.Notification](b)(th.desk.Release(ctx, th.duty, n.ID, 0))
		last := time.Duration(0)
		for m, v := range l.news {
			if m != "TH" {
				l.until(20*time.Second, "delivery", func() bool { return v.Load() > 0 })
				took := time.Duration(v.Load() - began.UnixNano())
				every, last = append(every, took), max(last, took)
			}
		}
		slowest = append(slowest, last)
		l.until(20*time.Second, "receipts", func() bool {
			p := must[health.NotificationPage](b)(th.desk.NotificationPage(ctx, th.duty, n.ID))
			return !slices.ContainsFunc(p.Acks, func(c health.AckCell) bool { return c.Stage != exchange.Delivered })
		})
		receipts = append(receipts, time.Since(began))
	}
	alert()
	every, slowest, receipts = nil, nil, nil
	for b.Loop() {
		alert()
	}
	quantiles(b, "each", every)
	quantiles(b, "slowest", slowest)
	quantiles(b, "receipts", receipts)
}

func (l *loaded) bare(ids *id.Maker, n *node.Node, size int, to []access.Member) exchange.Release {
	body, err := json.Marshal(strings.Repeat("x", size))
	if err != nil {
		l.b.Fatal(err)
	}
	return exchange.Release{ID: ids.New(), Kind: loadKind, Schema: 1, From: n.Config.Member, To: to, Purpose: "test", Marking: access.TLPGreen,
		Ref: exchange.Ref{Desk: "load", Kind: loadKind, ID: ids.New(), Version: 1}, Basis: "test", Lang: "en", Issued: n.Clock().Now(), Body: body}
}

func (l *loaded) queue(n *node.Node, rs ...exchange.Release) {
	ctx := context.Background()
	if err := n.DB.Write(ctx, func(tx *db.Tx) error {
		for _, r := range rs {
			if err := n.Exchange.Queue(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		l.b.Error(err)
	}
}

func full(usual, full int) int {
	if os.Getenv("LINTAS_FULL") != "" {
		return full
	}
	return usual
}

// BenchmarkSustained is how many releases a second one node brings to eleven
// others, each release a commit of its own, beside what the bare engine does
// with messages of that size in the same minute.
func BenchmarkSustained(b *testing.B) {
	for _, kib := range []int{1, 16} {
		b.Run(fmt.Sprint(kib, "KiB"), func(b *testing.B) {
			l := load(b)
			kh := l.nodes["KH"]
			others := kh.Directory.Current().Others("KH")
			count := int64(full(1000, 5000) / max(1, kib/4))
			var ids id.Maker
			var took time.Duration
			for b.Loop() {
				for _, v := range l.got {
					v.Store(0)
				}
				began := time.Now()
				var next atomic.Int64
				var wg sync.WaitGroup
				for range 4 {
					wg.Go(func() {
						for next.Add(1) <= count {
							l.queue(kh, l.bare(&ids, kh, kib<<10, others))
						}
					})
				}
				wg.Wait()
				for _, m := range others {
					l.until(5*time.Minute, "everything arrived", func() bool { return l.got[m].Load() >= count })
				}
				took += time.Since(began)
			}
			b.ReportMetric(float64(count)*float64(b.N)/took.Seconds(), "releases/s")
			b.ReportMetric(engine(b, int(count), kib<<10), "engine-messages/s")
		})
	}
}

// engine is the bare engine: one member publishes, eleven read and confirm.
func engine(b *testing.B, count, size int) float64 {
	b.Helper()
	var members []hub.Member
	links := map[access.Member]link.Config{}
	for _, m := range access.All() {
		seed, public, err := hub.NewUser()
		if err != nil {
			b.Fatal(err)
		}
		_, sign, err := hub.Signer(seed)
		if err != nil {
			b.Fatal(err)
		}
		members = append(members, hub.Member{Code: m, NKey: public})
		links[m] = link.Config{Member: m, NKey: public, Sign: sign}
	}
	h := must[*hub.Hub](b)(hub.New(hub.Config{Folder: b.TempDir(), Listen: "127.0.0.1:0", Members: members}))
	if err := h.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	var wg sync.WaitGroup
	began := time.Now()
	for m, c := range links {
		c.URLs = []string{h.URL()}
		ln := must[*link.Link](b)(link.Connect(c))
		defer ln.Close()
		if m == "KH" {
			wg.Go(func() { publishRaw(b, ln, count, size) })
			continue
		}
		wg.Go(func() {
			for got := 0; got < count; {
				batch, err := ln.Fetch(b.Context(), 1000)
				if err != nil {
					b.Error(err)
					return
				}
				got += len(batch.Messages)
				_ = batch.Ack() // a lost confirmation repeats, which only costs time
			}
		})
	}
	wg.Wait()
	return float64(count) / time.Since(began).Seconds()
}

func publishRaw(b *testing.B, ln *link.Link, count, size int) {
	data := make([]byte, size)
	slots := make(chan struct{}, 1000)
	for !ln.Up() {
		time.Sleep(time.Millisecond)
	}
	var wg sync.WaitGroup
	for i := range count {
		slots <- struct{}{}
		wg.Add(1)
		ln.Publish(exchange.Message{Subject: "x.v1.KH.all", ID: fmt.Sprint("raw", i), Data: data}, func(err error) {
			if err != nil {
				b.Error(err)
			}
			<-slots
			wg.Done()
		})
	}
	wg.Wait()
}

// BenchmarkCatchUp is a node that was cut off and comes back to what waits.
func BenchmarkCatchUp(b *testing.B) {
	l := load(b, "KH", "TH", "SG")
	kh, th := l.nodes["KH"], l.nodes["TH"]
	count := full(20_000, 100_000)
	var ids id.Maker
	var took time.Duration
	for b.Loop() {
		l.SetCut("TH", true)
		l.got["TH"].Store(0)
		for i := 0; i < count; i += 500 {
			var rs []exchange.Release
			for range 500 {
				rs = append(rs, l.bare(&ids, kh, 1<<10, []access.Member{"TH"}))
			}
			l.queue(kh, rs...)
		}
		l.until(10*time.Minute, "everything at the hub", func() bool {
			return must[exchange.Stats](b)(kh.Exchange.Stats(b.Context())).Waiting == 0
		})
		l.SetCut("TH", false)
		l.until(time.Minute, "the connection", th.Link.Up)
		began := time.Now()
		l.until(10*time.Minute, "everything", func() bool { return l.got["TH"].Load() >= int64(count) })
		took += time.Since(began)
	}
	b.ReportMetric(float64(count)*float64(b.N)/took.Seconds(), "releases/s")
}
