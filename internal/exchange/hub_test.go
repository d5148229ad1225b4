package exchange_test

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/exchange"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/exchange/hubtest"
	"lintas/internal/exchange/link"
	"lintas/internal/id"
)

// These run twelve nodes against a real hub on loopback, each with a database
// on disk. LINTAS_MEASURE=1 runs them at the sizes of the documented figures,
// LINTAS_MEASURE=10 at a tenth of them.

type realNode struct {
	code access.Member
	db   *db.DB
	x    *exchange.Exchange
	dirs *directory.Store
	link *link.Link
	got  atomic.Int64
	last atomic.Int64

	mu    sync.Mutex
	order []string
	seen  chan string
}

func realRegion(t testing.TB, codes []access.Member) map[access.Member]*realNode {
	t.Helper()
	hub := hubtest.Start(t, codes...)
	now := time.Now()
	keys := map[access.Member]envelope.Keys{}
	var members []directory.Member
	for _, c := range codes {
		k, err := envelope.NewKeys(c)
		if err != nil {
			t.Fatal(err)
		}
		keys[c] = k
		members = append(members, directory.Member{Code: c, Name: string(c), LegalName: string(c), Kind: directory.State, Languages: []string{"en"},
			Signing: []directory.Key{directory.MakeKey(k.SignPublic(), now.Add(-time.Hour))}, Sealing: []directory.Key{directory.MakeKey(k.SealPublic(), now.Add(-time.Hour))}})
	}
	s, err := directory.New("test", 1, members, now)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.Sign(keys[codes[0]]).Encode()
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[access.Member]*realNode{}
	for _, c := range codes {
		nodes[c] = startReal(t, hub, c, keys[c], raw)
	}
	return nodes
}

func startReal(t testing.TB, hub *hubtest.Hub, c access.Member, keys envelope.Keys, dir []byte) *realNode {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	n := &realNode{code: c, seen: make(chan string, 100_000), link: hub.Link(t, c)}
	var err error
	if n.db, err = db.Open(ctx, dbtest.Options(t, db.SQLite), string(c), []db.Schema{directory.Schema, exchange.Schema}); err != nil {
		t.Fatal(err)
	}
	if n.dirs, err = directory.Open(ctx, n.db, clockNow{}); err != nil {
		t.Fatal(err)
	}
	if err := n.dirs.Load(ctx, dir); err != nil {
		t.Fatal(err)
	}
	n.x, err = exchange.New(exchange.Config{Member: c, DB: n.db, Keys: keys, Directory: n.dirs, Link: n.link, IDs: &id.Maker{}, Clock: clockNow{}})
	if err != nil {
		t.Fatal(err)
	}
	n.x.Handle("test.note", 1, func(_ context.Context, tx *db.Tx, in exchange.Inbound) error {
		tx.AfterCommit(func() {
			n.last.Store(time.Now().UnixNano())
			n.mu.Lock()
			n.order = append(n.order, in.Reason)
			n.mu.Unlock()
			n.got.Add(1)
			n.seen <- in.Reason
		})
		return nil
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := n.x.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-done
		n.link.Close()
		if err := n.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

type clockNow struct{}

func (clockNow) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

var ids id.Maker

func (n *realNode) release(size, i int, to []access.Member) exchange.Release {
	body, _ := json.Marshal(strings.Repeat("x", size))
	return exchange.Release{ID: ids.New(), Kind: "test.note", Schema: 1, From: n.code, To: to, Ref: exchange.Ref{Desk: "test", ID: ids.New(), Version: 1},
		Purpose: "test", Marking: access.TLPGreen, Issued: clockNow{}.Now(), Reason: strconv.Itoa(i), Body: body}
}

func (n *realNode) queue(t testing.TB, rs ...exchange.Release) {
	t.Helper()
	ctx := context.Background()
	if err := n.db.Write(ctx, func(tx *db.Tx) error {
		for _, r := range rs {
			if err := n.x.Queue(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func until(t testing.TB, limit time.Duration, what string, f func() bool) {
	t.Helper()
	end := time.Now().Add(limit)
	for !f() {
		if time.Now().After(end) {
			t.Fatal("too late: " + what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func size(small, full int) int {
	if part, err := strconv.Atoi(os.Getenv("LINTAS_MEASURE")); err == nil && part > 0 {
		return max(small, full/part)
	}
	return small
}

// cpu is what this process has used of all cores: the figure to compare on a
// machine that others use as well.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestAlertOverRealHub(t *testing.T) {
	nodes := realRegion(t, access.All())
	kh := nodes["KH"]
	others := kh.dirs.Current().Others("KH")
	var slowest, every []time.Duration
	for i := range size(20, 300) {
		begin := time.Now()
		kh.queue(t, kh.release(1024, i, others))
		for _, m := range others {
			if got := <-nodes[m].seen; got != strconv.Itoa(i) {
				t.Fatalf("%s got %s, want %d", m, got, i)
			}
			every = append(every, time.Duration(nodes[m].last.Load()-begin.UnixNano()))
		}
		slowest = append(slowest, slices.Max(every[len(every)-len(others):]))
		time.Sleep(30 * time.Millisecond)
	}
	slices.Sort(slowest)
	slices.Sort(every)
	t.Logf("per delivery p50 %v p99 %v; slowest of eleven p50 %v p99 %v", every[len(every)/2], every[len(every)*99/100], slowest[len(slowest)/2], slowest[len(slowest)*99/100])
}

func TestSustainedOverRealHub(t *testing.T) {
	for _, kib := range []int{1, 16} {
		t.Run(fmt.Sprint(kib, "KiB"), func(t *testing.T) {
			nodes := realRegion(t, access.All())
			kh := nodes["KH"]
			others := kh.dirs.Current().Others("KH")
			n := size(300, 5000/kib)
			begin, spent := time.Now(), cpu(t)
			var wg sync.WaitGroup
			var next atomic.Int64
			for range 4 { // four duty officers, each release its own commit
				wg.Go(func() {
					for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
						kh.queue(t, kh.release(kib<<10, i, others))
					}
				})
			}
			wg.Wait()
			queued := time.Since(begin)
			for _, m := range others {
				until(t, 2*time.Minute, string(m)+" has all", func() bool { return nodes[m].got.Load() >= int64(n) })
			}
			took := time.Since(begin)
			for _, m := range others {
				if got := nodes[m].got.Load(); got != int64(n) {
					t.Errorf("%s got %d of %d", m, got, n)
				}
			}
			t.Logf("%d releases of %d KiB to eleven in %v: %.0f/s (queued in %v), %v of CPU each", n, kib, took.Round(time.Millisecond),
				float64(n)/took.Seconds(), queued.Round(time.Millisecond), (cpu(t)-spent)/time.Duration(n))
		})
	}
}

func TestCatchUpOverRealHub(t *testing.T) {
	nodes := realRegion(t, []access.Member{"KH", "TH"})
	kh, th := nodes["KH"], nodes["TH"]
	th.link.Cut()
	n := size(1000, 100_000)
	for i := 0; i < n; i += 500 {
		var rs []exchange.Release
		for j := i; j < min(i+500, n); j++ {
			rs = append(rs, kh.release(1024, j, []access.Member{"TH"}))
		}
		kh.queue(t, rs...)
	}
	until(t, 5*time.Minute, "published", func() bool {
		s, err := kh.x.Stats(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return s.Waiting == 0
	})
	th.link.Mend()
	begin := time.Now()
	until(t, time.Minute, "the first", func() bool { return th.got.Load() > 0 })
	first, spent := time.Now(), cpu(t)
	until(t, 5*time.Minute, "caught up", func() bool { return th.got.Load() >= int64(n) })
	took := time.Since(first)
	th.mu.Lock()
	defer th.mu.Unlock()
	for i, s := range th.order {
		if s != strconv.Itoa(i) {
			t.Fatalf("at %d came %s", i, s)
		}
	}
	t.Logf("%d in %v after %v: %.0f/s, %v of CPU each", n, took.Round(time.Millisecond), first.Sub(begin).Round(time.Millisecond), float64(n)/took.Seconds(),
		(cpu(t)-spent)/time.Duration(n))
}

// TestAlertBesideFileOverRealHub sends alerts while a large file goes to
// the same eleven members, and logs how long they take.
func TestAlertBesideFileOverRealHub(t *testing.T) {
	nodes := realRegion(t, access.All())
	kh := nodes["KH"]
	others := kh.dirs.Current().Others("KH")
	data := make([]byte, size(6<<20, exchange.MaxFile))
	crand.Read(data)
	sum := sha256.Sum256(data)
	f := exchange.File{ID: ids.New(), Name: "map.png", Type: "image/png", Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	complete := func(m access.Member) (have int, done bool) {
		n := nodes[m]
		if err := n.db.Read(t.Context(), func(tx *db.Tx) error {
			s, _, err := n.x.FileStatus(t.Context(), tx, "KH", f.ID)
			have, done = s.Have, s.State == exchange.FileComplete
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return have, done
	}
	queued := make(chan error, 1)
	began := time.Now()
	go func() { queued <- kh.x.SendFile(t.Context(), f, others, bytes.NewReader(data)) }()
	until(t, time.Minute, "the file is on its way", func() bool { have, _ := complete(others[0]); return have > 0 })
	var slowest []time.Duration
	for i := range 5 {
		begin := time.Now()
		kh.queue(t, kh.release(1024, i, others))
		for _, m := range others {
			<-nodes[m].seen
		}
		slowest = append(slowest, time.Since(begin))
	}
	_, done := complete(others[len(others)-1])
	if done {
		t.Log("the file was there before the alerts: nothing was measured")
	}
	until(t, 2*time.Minute, "everybody has the file", func() bool {
		return !slices.ContainsFunc(others, func(m access.Member) bool { _, done := complete(m); return !done })
	})
	if err := <-queued; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MiB to eleven took %v; alerts beside it took, to the slowest of eleven, %v", len(data)>>20, time.Since(began).Round(time.Millisecond), slowest)
	if worst := slices.Max(slowest); !done && worst > time.Since(began)/2 {
		t.Errorf("an alert took %v", worst)
	}
}
