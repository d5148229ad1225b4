package faults

import (
	"math/rand/v2"
	"testing"
	"time"

	"lintas/internal/access"
)

// publishing lets KH publish n notes for TH and SG. at is called again and
// again meanwhile with how many notes KH has confirmed.
func (r *region) publishing(n int, limit time.Duration, at func(confirmed int)) {
	r.t.Helper()
	kh := r.start("KH")
	kh.order(r.t, "publish 0 %d 900 TH,SG", n)
	until(r.t, limit, "everything published", func() bool {
		at(kh.lastSent())
		return kh.hasSaid("published")
	})
}

// A node is killed -9 at random points of publishing. What it had confirmed,
// its recipients have; what it did not confirm before a kill it finds in its
// outbox or not at all, and goes on after it.
func TestSenderKilled(t *testing.T) {
	n, kills := size(200, 2000, 10_000), size(4, 20, 20)
	r := newRegion(t, nil, "KH", "TH", "SG")
	th, sg := r.start("TH"), r.start("SG")
	confirmed := 0
	for k := range kills {
		p := r.start("KH")
		p.order(t, "publish 0 %d 900 TH,SG", n)
		next := (k+1)*n/(kills+1) - rand.IntN(n/(kills+1)/2)
		until(t, time.Minute, "the next kill", func() bool { return p.lastSent() >= next })
		time.Sleep(time.Duration(rand.IntN(int(3 * time.Millisecond)))) // anywhere in a transaction
		p.kill()
		confirmed += p.sentSoFar()
	}
	r.publishing(n, 2*time.Minute, func(int) {})
	want := numbers(1, n)
	for _, p := range []*proc{th, sg} {
		until(t, time.Minute, "everything arrived", func() bool { return p.gotSoFar() >= n })
	}
	t.Logf("%d notes, %d kills of the sender, %d confirmed before the last start", n, kills, confirmed)
	r.check("TH", "KH", want)
	r.check("SG", "KH", want)
	for _, e := range r.epochs("KH", "KH") {
		t.Errorf("a killed node began a new epoch: %+v", e)
	}
}

// A recipient is killed -9 while it applies what comes.
func TestRecipientKilled(t *testing.T) {
	n, kills := size(200, 2000, 10_000), size(3, 10, 10)
	r := newRegion(t, nil, "KH", "TH", "SG")
	sg := r.start("SG")
	th := r.start("TH")
	killed, got := 0, 0
	r.publishing(n, 2*time.Minute, func(confirmed int) {
		if killed < kills && confirmed >= (killed+1)*n/(kills+2) {
			time.Sleep(time.Duration(rand.IntN(int(5 * time.Millisecond))))
			th.kill()
			killed++
			got += th.gotSoFar()
			th = r.start("TH")
		}
	})
	until(t, time.Minute, "everything arrived", func() bool {
		return sg.gotSoFar() >= n && len(r.notes("TH", "KH")) >= n
	})
	time.Sleep(200 * time.Millisecond) // for a repeat to show
	t.Logf("%d notes, %d kills of TH, %d seen by it before the last start", n, killed, got)
	if killed != kills {
		t.Errorf("killed %d times, not %d", killed, kills)
	}
	r.check("TH", "KH", numbers(1, n))
	r.check("SG", "KH", numbers(1, n))
}

// The hub is killed -9 while nodes publish through it.
func TestHubKilled(t *testing.T) {
	n, kills := size(200, 2000, 10_000), size(2, 5, 5)
	r := newRegion(t, nil, "KH", "TH", "SG")
	recipients := map[access.Member]*proc{"TH": r.start("TH"), "SG": r.start("SG")}
	killed := 0
	r.publishing(n, 2*time.Minute, func(confirmed int) {
		if killed < kills && confirmed >= (killed+1)*n/(kills+2) {
			time.Sleep(time.Duration(rand.IntN(int(5 * time.Millisecond))))
			r.hub.kill()
			killed++
			r.startHub(r.hubAddress())
		}
	})
	for m, p := range recipients {
		until(t, time.Minute, "everything arrived", func() bool { return p.gotSoFar() >= n })
		r.check(m, "KH", numbers(1, n))
	}
	t.Logf("%d notes, %d kills of the hub", n, killed)
	if killed != kills {
		t.Errorf("killed %d times, not %d", killed, kills)
	}
}
