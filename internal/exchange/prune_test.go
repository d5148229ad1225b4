package exchange

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
)

const day = 24 * time.Hour

func (r *region) later(d time.Duration) {
	for _, n := range r.nodes {
		n.clock.Advance(d)
	}
}

func (n *node) prune() Pruned {
	n.t.Helper()
	p, err := n.x.Prune(context.Background())
	if err != nil {
		n.t.Fatal(n.code, err)
	}
	return p
}

func (n *node) count(query string, args ...any) (c int) {
	n.t.Helper()
	n.read(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Row(ctx, query, args, &c)
		return err
	})
	return c
}

// sealed is how many envelopes the node could send again.
func (n *node) sealed() int {
	return n.count("SELECT COUNT(*) FROM exchange_envelope WHERE length(sealed) > 0")
}

// told waits until everybody has reported, and the node has written down how
// far the hub had come, so that pruning finds what there is to prune.
func (n *node) told() {
	n.t.Helper()
	eventually(n.t, string(n.code)+" heard from all", func() bool { return n.inStep() })
	eventually(n.t, string(n.code)+" heard from the hub", func() bool {
		return n.count("SELECT COUNT(*) FROM exchange_head h WHERE h.ord > (SELECT COALESCE(MAX(upto), 0) FROM exchange_round) AND h.ord > (SELECT upto FROM exchange_files_round WHERE id = 1)") == 0
	})
}

// history is every stage of every recipient of some releases.
func (n *node) history(releases ...Release) (out string) {
	n.t.Helper()
	n.read(func(ctx context.Context, tx *db.Tx) error {
		for _, r := range releases {
			rs, err := n.x.Receipts(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			for _, a := range rs {
				out += fmt.Sprintln(a.Member, a.Stage, a.At.Format(time.RFC3339Nano), a.Words)
			}
		}
		return nil
	})
	return out
}

// The life of what was sent: kept to be sent again, blanked once all have it
// and the hub has long dropped it, gone in the end but for what pages show.
func TestPruning(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th, sg := r.nodes["KH"], r.nodes["TH"], r.nodes["SG"]
		sg.link.cut(true)
		first := kh.send("first")
		second := kh.release("second")
		second.Supersedes = first.ID
		kh.queue(second)
		th.gets("first", "second")
		th.answer(first, Acknowledged, "seen")
		eventually(t, "the answer", func() bool { return kh.stages(first)["TH"] == Acknowledged })
		r.later(101 * day)
		if p := kh.prune(); p != (Pruned{}) {
			t.Errorf("pruned what SG does not have: %+v", p)
		}
		sg.link.cut(false)
		sg.gets("first", "second")
		kh.told()
		r.later(101 * day)
		kh.send("third") // a place in time after what is old
		th.gets("first", "second", "third")
		sg.gets("first", "second", "third")
		kh.told()
		if p := kh.prune(); p.Blanked != 2 || kh.sealed() != 1 {
			t.Errorf("%+v, %d still sealed, want 2 blanked and 1 left", p, kh.sealed())
		}
		was := kh.history(first, second)
		r.later(401 * day)
		kh.send("fourth")
		th.gets("first", "second", "third", "fourth")
		kh.told()
		p := kh.prune()
		if p.Settled == 0 || kh.count("SELECT COUNT(*) FROM exchange_envelope WHERE release = ?", string(first.ID)) != 0 {
			t.Errorf("%+v: the envelope of an old release is still there", p)
		}
		if now := kh.history(first, second); now != was {
			t.Errorf("the receipts of old releases changed:\n%s\nwere\n%s", now, was)
		}
		if p := th.prune(); p.Received == 0 || th.count("SELECT COUNT(*) FROM exchange_inbox WHERE release = ? AND length(plain) > 0", string(first.ID)) != 0 {
			t.Errorf("%+v: the content of what was superseded long ago is still there", p)
		}
		// Nothing of this disturbs what is true now.
		if again := kh.prune(); again.Blanked+again.Deleted > 0 {
			t.Errorf("pruned twice: %+v", again)
		}
		th.close()
		th.open()
		kh.close()
		kh.open()
		kh.send("fifth")
		th.gets("first", "second", "third", "fourth", "fifth")
		if n := kh.count("SELECT COUNT(*) FROM exchange_epoch"); n != 0 {
			t.Errorf("%d new epochs", n)
		}
	})
}

// A member that lost its database asks for what is blanked: the sender begins
// a new epoch, says so, and gives it the releases again, once and in order;
// the others drop what they have.
func TestAskedForWhatIsBlanked(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th, sg := r.nodes["KH"], r.nodes["TH"], r.nodes["SG"]
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprint(i))
			kh.send(want[i])
		}
		kh.send("to TH alone", "TH")
		sg.gets(want...)
		eventually(t, "TH has all", func() bool { return len(th.texts()) == 21 })
		kh.told()
		r.later(101 * day)
		kh.send("new")
		sg.gets(append(want, "new")...)
		kh.told()
		if p := kh.prune(); p.Blanked < 21 {
			t.Fatalf("%+v", p)
		}
		th.close()
		th.opts = dbtest.Options(t, e)
		th.link.floor, th.notes = r.hub.size(), nil
		r.hub.wipe()
		th.open()
		eventually(t, "TH has all again", func() bool { return len(th.texts()) == 22 })
		kh.send("after")
		sg.gets(append(want, "new", "after")...)
		eventually(t, "and what follows", func() bool { return len(th.texts()) == 23 })
		var all []string // of the channel to all
		for _, s := range th.texts() {
			if s != "to TH alone" {
				all = append(all, s)
			}
		}
		if got, want := fmt.Sprint(all), fmt.Sprint(append(want, "new", "after")); got != want {
			t.Errorf("TH has %s, want %s", got, want)
		}
		if n := kh.count("SELECT COUNT(*) FROM exchange_epoch WHERE channel = 'all'"); n != 1 {
			t.Errorf("%d new epochs on all, want one", n)
		}
		if rs := sg.reasons(); len(rs) > 0 {
			t.Errorf("SG refused %v", rs)
		}
	})
}

// The bytes of a file go with the withdrawal of its release, whatever of them
// came before and comes after.
func TestWithdrawnFilesAreDeleted(t *testing.T) {
	r := newRegion(t, db.SQLite, "KH", "TH", "SG")
	kh, th := r.nodes["KH"], r.nodes["TH"]
	data := bytes.Repeat([]byte("file"), ChunkSize/2)
	bytesOf := func(f File) int {
		return th.count("SELECT COUNT(*) FROM exchange_chunk WHERE from_member = 'KH' AND file = ?", string(f.ID))
	}
	withFile := func() (Release, File) {
		f := kh.file(data)
		rel := kh.release("with a file", "TH")
		rel.Files = []File{f}
		return kh.queue(rel), f
	}
	withdraw := func(of Release) {
		w := kh.release("", "TH")
		w.Body, w.Withdraws, w.Reason = nil, of.ID, "a mistake"
		kh.queue(w)
	}
	send := func(f File) {
		t.Helper()
		if err := kh.x.SendFile(context.Background(), f, []access.Member{"TH"}, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	arrivals := func(f File) (n int) {
		kh.read(func(ctx context.Context, tx *db.Tx) error {
			have, err := kh.x.Arrivals(ctx, tx, f.ID)
			n = have["TH"]
			return err
		})
		return n
	}
	rel, f := withFile()
	send(f)
	eventually(t, "the file is complete", func() bool { return th.fileStatus("KH", f).State == FileComplete })
	eventually(t, "KH knows that it is", func() bool { return arrivals(f) == f.chunks() })
	withdraw(rel)
	eventually(t, "the file is gone", func() bool { return th.fileStatus("KH", f).State == FileDropped && bytesOf(f) == 0 })

	rel, f = withFile()
	withdraw(rel)
	eventually(t, "it may not come", func() bool { return th.fileStatus("KH", f).State == FileDropped })
	send(f)
	eventually(t, "it was taken in its place", func() bool { return arrivals(f) == f.chunks() })
	if n := bytesOf(f); n != 0 {
		t.Errorf("%d parts of a withdrawn file", n)
	}
	if rs := th.reasons(); len(rs) > 0 {
		t.Errorf("refused %v", rs)
	}
}

func TestBehindCountsWhatPeopleWaitFor(t *testing.T) {
	r := newRegion(t, db.SQLite, "KH", "TH", "SG")
	kh, th := r.nodes["KH"], r.nodes["TH"]
	kh.x.c.Quiet = []string{"history"}
	asked := th.send("asked", "KH")
	kh.gets("asked")
	th.told()
	kh.told()
	th.link.cut(true)
	kh.send("one")
	kh.send("two", "TH")
	kh.answer(asked, Acknowledged, "")
	quiet := kh.release("a checkpoint", "TH")
	quiet.Ref.Desk = "history"
	kh.queue(quiet)
	status := func() (s PeerStatus) {
		kh.read(func(ctx context.Context, tx *db.Tx) error {
			ps, err := kh.x.Status(ctx, tx)
			for _, p := range ps {
				if p.Member == "TH" {
					s = p
				}
			}
			return err
		})
		return s
	}
	if s := status(); s.Behind != 2 || s.Pending != 4 {
		t.Errorf("behind by %d of %d, want 2 of 4", s.Behind, s.Pending)
	}
	th.link.cut(false)
	eventually(t, "in step", func() bool { s := status(); return s.Behind == 0 && s.Pending == 0 && s.State == InStep })
}
