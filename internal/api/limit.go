package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"lintas/internal/clock"
)

// limits holds a bucket per token, and one per address for tokens that were
// refused, so that guessing is slow and costs the database little.
type limits struct {
	clock clock.Clock
	calls bucketSet
	fails bucketSet
}

type bucketSet struct {
	per   rate.Limit
	burst int
	mu    sync.Mutex
	all   map[string]*bucket
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

const (
	bucketsKept = 10000
	bucketIdle  = 10 * time.Minute
)

func newLimits(cfg Config) *limits {
	return &limits{clock: cfg.Clock,
		calls: bucketSet{per: rate.Limit(cfg.PerSecond), burst: max(cfg.Burst, 1), all: map[string]*bucket{}},
		fails: bucketSet{per: rate.Every(6 * time.Second), burst: 10, all: map[string]*bucket{}}}
}

// take counts a call and says how long to wait if it is one too many.
func (l *limits) take(token string) time.Duration { return l.calls.take(token, l.clock.Now()) }

// failed counts a refused token.
func (l *limits) failed(client string) time.Duration { return l.fails.take(client, l.clock.Now()) }

// blocked says how long an address still has to wait after its failures.
func (l *limits) blocked(client string) time.Duration {
	now := l.clock.Now()
	s := &l.fails
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.all[client]
	if b == nil || b.TokensAt(now) >= 1 {
		return 0
	}
	return time.Duration((1 - b.TokensAt(now)) / float64(s.per) * float64(time.Second))
}

func (s *bucketSet) take(key string, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.all[key]
	if b == nil {
		s.sweep(now)
		b = &bucket{Limiter: rate.NewLimiter(s.per, s.burst)}
		s.all[key] = b
	}
	b.used = now
	if b.AllowN(now, 1) {
		return 0
	}
	return time.Duration((1 - b.TokensAt(now)) / float64(s.per) * float64(time.Second))
}

// sweep drops buckets that have filled up again.
func (s *bucketSet) sweep(now time.Time) {
	if len(s.all) < bucketsKept {
		return
	}
	for k, b := range s.all {
		if now.Sub(b.used) > bucketIdle || b.TokensAt(now) >= float64(s.burst) {
			delete(s.all, k)
		}
	}
}
