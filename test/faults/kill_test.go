package faults

import (
	"math/rand/v2"
	"testing"
	"time"

	"lintas/internal/access"
)

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
	r.tranches(n, 1, nil)
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

// tranches lets KH publish n notes in equal parts and calls disturb while each
// but the last is on its way.
func (r *region) tranches(n, parts int, disturb func(part int)) {
	r.t.Helper()
	kh := r.start("KH")
	for k := range parts {
		upto := (k + 1) * n / parts
		kh.order(r.t, "publish 0 %d 900 TH,SG", upto)
		if k < parts-1 {
			disturb(k)
		}
		until(r.t, time.Minute, "a part is published", func() bool { return kh.lastSent() == upto })
	}
}

// A recipient is killed -9 while it applies what comes.
func TestRecipientKilled(t *testing.T) {
	n, kills := size(200, 2000, 10_000), size(3, 10, 10)
	r := newRegion(t, nil, "KH", "TH", "SG")
	sg, th := r.start("SG"), r.start("TH")
	got := 0
	r.tranches(n, kills+1, func(int) {
		some := th.gotSoFar() + 1 + rand.IntN(n/(kills+1)/2)
		until(t, time.Minute, "some of a part", func() bool { return th.gotSoFar() >= some })
		time.Sleep(time.Duration(rand.IntN(int(3 * time.Millisecond)))) // anywhere in a transaction
		th.kill()
		got += th.gotSoFar()
		th = r.start("TH")
	})
	until(t, time.Minute, "everything arrived", func() bool {
		return sg.gotSoFar() >= n && len(r.notes("TH", "KH")) >= n
	})
	time.Sleep(200 * time.Millisecond) // for a repeat to show
	t.Logf("%d notes, %d kills of TH, %d seen by it before the last start", n, kills, got)
	r.check("TH", "KH", numbers(1, n))
	r.check("SG", "KH", numbers(1, n))
}

// The hub is killed -9 while nodes publish through it.
func TestHubKilled(t *testing.T) {
	n, kills := size(200, 2000, 10_000), size(2, 5, 5)
	r := newRegion(t, nil, "KH", "TH", "SG")
	recipients := map[access.Member]*proc{"TH": r.start("TH"), "SG": r.start("SG")}
	r.tranches(n, kills+1, func(int) {
		some := recipients["TH"].gotSoFar() + 1 + rand.IntN(n/(kills+1)/2)
		until(t, time.Minute, "some of a part", func() bool { return recipients["TH"].gotSoFar() >= some })
		time.Sleep(time.Duration(rand.IntN(int(3 * time.Millisecond))))
		r.hub.kill()
		r.startHub(r.hubAddress())
	})
	for m, p := range recipients {
		until(t, time.Minute, "everything arrived", func() bool { return p.gotSoFar() >= n })
		r.check(m, "KH", numbers(1, n))
	}
	t.Logf("%d notes, %d kills of the hub", n, kills)
}
