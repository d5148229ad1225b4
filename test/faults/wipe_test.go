package faults

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/node"
)

// A node loses its database and begins again with the same keys: from the hub
// it gets all that the others ever sent it.
func TestWipedInbox(t *testing.T) { wiped(t, false) }

// The hub loses its disk too: what the senders still have comes from them.
func TestWipedInboxAndHub(t *testing.T) { wiped(t, true) }

func wiped(t *testing.T, hubToo bool) {
	n := size(200, 1000, 10_000)
	r := newRegion(t, nil, "KH", "SG", "TH")
	th := r.start("TH")
	senders := map[access.Member]*proc{"KH": r.start("KH"), "SG": r.start("SG")}
	for m, p := range senders {
		other := map[access.Member]string{"KH": "SG", "SG": "KH"}[m]
		p.order(t, "publish 0 %d 500 TH,%s", n, other)
	}
	until(t, time.Minute, "everything arrived", func() bool { return th.gotSoFar() >= 2*n })
	th.kill()
	if remove(t, r.dirs["TH"], node.DatabaseFile) == 0 {
		t.Fatal("no database to lose")
	}
	if hubToo {
		r.hub.kill()
		must(t, os.RemoveAll(filepath.Join(r.dir, "hub")))
		r.startHub(r.hubAddress())
	}
	began := time.Now()
	th = r.start("TH")
	until(t, time.Minute, "everything arrived again", func() bool { return th.gotSoFar() >= 2*n })
	took := time.Since(began)
	for m, p := range senders { // and it goes on
		p.order(t, "publish 0 %d 500 TH,%s", n+50, map[access.Member]string{"KH": "SG", "SG": "KH"}[m])
	}
	until(t, time.Minute, "what was sent after that", func() bool { return th.gotSoFar() >= 2*(n+50) })
	t.Logf("%d notes of two senders were there again %v after the start; hub wiped too: %v", 2*n, took.Round(time.Millisecond), hubToo)
	r.check("TH", "KH", numbers(1, n+50))
	r.check("TH", "SG", numbers(1, n+50))
	// It also sends, in a sequence that begins later than its lost one.
	th.order(t, "publish 1 20 500 KH,SG")
	until(t, time.Minute, "what it sends is taken", func() bool { return len(r.notes("KH", "TH")) == 20 && len(r.notes("SG", "TH")) == 20 })
}

// A node that was restored from a backup must notice that it sent more than it
// knows: it begins a new epoch and says so, its history signs nothing until
// somebody decides, and nobody sees two histories of it.
func TestRestoredFromOldBackup(t *testing.T) {
	n := size(100, 500, 5000)
	r := newRegion(t, nil, "KH", "SG", "TH")
	th, sg := r.start("TH"), r.start("SG")
	kh := r.start("KH")
	all := func(k int) func() bool {
		return func() bool { return th.gotSoFar() >= k && sg.gotSoFar() >= k }
	}
	kh.order(t, "publish 0 %d 500 TH,SG", n)
	until(t, time.Minute, "the first notes", all(n))
	backup := filepath.Join(r.dir, "kh.backup")
	r.attend("KH", func(ctx context.Context, kh *node.Node) {
		_, err := kh.DB.Backup(ctx, backup)
		must(t, err)
	})
	kh.order(t, "publish 0 %d 500 TH,SG", 2*n)
	until(t, time.Minute, "notes after the backup", all(2*n))
	until(t, time.Minute, "the others sign a later history than the backup's", func() bool { return r.countersigned("KH") >= int64(2*n) })
	kh.kill()

	restored := r.dirs["KH"] + "-restored"
	_, err := node.Restore(context.Background(), backup, r.dirs["KH"], restored)
	must(t, err)
	r.dirs["KH"] = restored
	kh = r.start("KH")
	kh.order(t, "publish %d %d 500 TH,SG", 2*n+1, 2*n+50)
	until(t, time.Minute, "notes of the restored node", all(2*n+50))
	until(t, time.Minute, "the others say what they hold", func() bool { return len(r.standing("KH").Against) == 2 })
	time.Sleep(2500 * time.Millisecond) // two more times to sign, had it wanted to
	if s := r.standing("KH"); !s.Head.Suspended || s.Head.Epoch != 1 {
		t.Errorf("the restored history: %+v", s.Head)
	}
	if own := r.epochs("KH", "KH"); len(own) == 0 {
		t.Error("no new epoch at the restored node")
	} else {
		t.Logf("KH reports epoch %d: %s", own[0].Epoch, own[0].Reason)
	}
	for _, m := range []access.Member{"TH", "SG"} {
		if seen := r.epochs(m, "KH"); len(seen) < 2 {
			t.Errorf("%s sees %d beginnings of KH, not a second one", m, len(seen))
		}
		r.check(m, "KH", numbers(1, 2*n+50))
		if e := r.standing(m).Evidence; len(e) > 0 {
			t.Errorf("%s holds evidence of a forked history: %+v", m, e)
		}
	}
	reopened(t, r)
}

// reopened lets the administrator decide, and looks for the others' agreement.
func reopened(t *testing.T, r *region) {
	t.Helper()
	var lost history.Reopening
	r.attend("KH", func(ctx context.Context, kh *node.Node) {
		var err error
		lost, err = kh.ReopenHistory(ctx)
		must(t, err)
	})
	until(t, time.Minute, "the others sign the reopened history", func() bool {
		n := 0
		for _, p := range r.countersignatures("KH") {
			if p.Epoch == lost.Epoch {
				n++
			}
		}
		return n == 2
	})
	for _, m := range r.codes {
		for _, e := range r.standing(m).Evidence { // the loss itself is reported
			if e.Outcome != history.GaveUp {
				t.Errorf("%s holds evidence after the reopening: %+v", m, e)
			}
		}
		r.attend(m, func(ctx context.Context, n *node.Node) {
			rep, err := n.VerifyHistory(ctx, nil)
			must(t, err)
			if !rep.OK() {
				t.Errorf("history of %s: %+v", m, rep.Problems)
			}
		})
	}
	t.Logf("history reopened in epoch %d, which names %d lost checkpoints; both others signed it", lost.Epoch, len(lost.Lost))
}

func (r *region) standing(m access.Member) node.Standing {
	r.t.Helper()
	var s node.Standing
	r.attend(m, func(ctx context.Context, n *node.Node) {
		var err error
		s, err = n.HistoryStanding(ctx)
		must(r.t, err)
	})
	return s
}

func (r *region) countersignatures(m access.Member) map[access.Member]history.Point {
	r.t.Helper()
	var out map[access.Member]history.Point
	r.attend(m, func(ctx context.Context, n *node.Node) {
		must(r.t, n.DB.Read(ctx, func(tx *db.Tx) error {
			var err error
			out, err = history.Countersigned(ctx, tx)
			return err
		}))
	})
	return out
}

// countersigned is the size that every other member has signed.
func (r *region) countersigned(m access.Member) int64 {
	r.t.Helper()
	all := r.countersignatures(m)
	if len(all) < len(r.codes)-1 {
		return 0
	}
	least := int64(1) << 62
	for _, p := range all {
		least = min(least, p.Size)
	}
	return least
}
