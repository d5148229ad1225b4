package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

func TestOrderAndReceipts(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th, sg := r.nodes["KH"], r.nodes["TH"], r.nodes["SG"]
		a := kh.send("one")
		kh.send("two", "TH")
		kh.send("three")
		th.gets("one", "two", "three")
		sg.gets("one", "three")
		eventually(t, "delivered", func() bool { s := kh.stages(a); return s["TH"] == Delivered && s["SG"] == Delivered })

		th.answer(a, Opened, "")
		th.answer(a, Question, "which district?")
		th.answer(a, Acknowledged, "")
		th.answer(a, Opened, "") // says nothing new
		sg.answer(a, Refused, "not ours")
		eventually(t, "answers", func() bool { s := kh.stages(a); return s["TH"] == Acknowledged && s["SG"] == Refused })
		kh.read(func(ctx context.Context, tx *db.Tx) error {
			rs, err := kh.x.Receipts(ctx, tx, a.ID)
			var got []Stage
			for _, r := range rs {
				if r.Member == "TH" {
					got = append(got, r.Stage)
				}
			}
			if want := "[queued sent delivered opened question acknowledged]"; fmt.Sprint(got) != want {
				t.Errorf("TH: %v, want %s", got, want)
			}
			return err
		})
		eventually(t, "the desk hears of each receipt once", func() bool {
			kh.mu.Lock()
			defer kh.mu.Unlock()
			n := map[string]int{}
			for _, r := range kh.receipts {
				if r.Release == a.ID {
					n[string(r.Member)+string(r.Stage)]++
				}
			}
			return len(n) == 6 && n["THdelivered"] == 1 && n["THquestion"] == 1 && n["SGrefused"] == 1 && n["SGdelivered"] == 1
		})
		eventually(t, "in step", kh.inStep)
	})
}

func (n *node) answer(to Release, s Stage, words string) {
	n.t.Helper()
	ctx := context.Background()
	if err := n.db.Write(ctx, func(tx *db.Tx) error {
		return n.x.SendReceipt(ctx, tx, Receipt{Release: to.ID, Stage: s, Role: "duty officer", Words: words})
	}); err != nil {
		n.t.Fatal(err)
	}
	n.clock.Advance(time.Minute)
}

func (n *node) inStep() bool {
	ok := true
	n.read(func(ctx context.Context, tx *db.Tx) error {
		ps, err := n.x.Status(ctx, tx)
		for _, p := range ps {
			ok = ok && p.State == InStep
		}
		return err
	})
	return ok
}

func TestCutOffUpdateAndWithdrawal(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th, sg := r.nodes["KH"], r.nodes["TH"], r.nodes["SG"]
		first := kh.send("first")
		th.gets("first")
		th.link.cut(true)
		second := kh.send("second")
		update := kh.release("second, corrected")
		update.Supersedes = second.ID
		kh.queue(update)
		gone := kh.release("")
		gone.Withdraws, gone.Reason, gone.Body = first.ID, "error", nil
		kh.queue(gone)
		sg.gets("first", "second", "second, corrected", "")
		eventually(t, "TH is seen as unreachable", func() bool {
			var s PeerState
			kh.read(func(ctx context.Context, tx *db.Tx) error {
				ps, err := kh.x.Status(ctx, tx)
				for _, p := range ps {
					if p.Member == "TH" {
						s = p.State
					}
				}
				return err
			})
			return s == Unreachable
		})
		th.link.cut(false)
		th.gets("first", "second", "second, corrected", "")
		th.read(func(ctx context.Context, tx *db.Tx) error {
			in, ok, err := th.x.Received(ctx, tx, first.ID)
			if !ok || len(in.Body) != 0 {
				t.Errorf("a withdrawn release still has its body: %q", in.Body)
			}
			rows, err2 := th.x.Inbox(ctx, tx, Filter{})
			for _, row := range rows {
				if row.Release == second.ID && row.SupersededBy != update.ID || row.Release == first.ID && (row.State != "withdrawn" || row.WithdrawnBy != gone.ID) {
					t.Errorf("row %+v", row)
				}
			}
			if err == nil {
				err = err2
			}
			return err
		})
	})
}

func TestGapReplayAndLostHub(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th := r.nodes["KH"], r.nodes["TH"]
		kh.send("0")
		th.gets("0")
		r.hub.mu.Lock()
		lost := 0
		r.hub.drop = func(m Message) bool {
			if m.TTL == 0 && m.Subject == "x.v1.KH.all" && lost < 5 {
				lost++
				return lost > 1 // the first goes through, the next four are lost
			}
			return false
		}
		r.hub.mu.Unlock()
		want := []string{"0"}
		for i := 1; i <= 9; i++ {
			kh.send(fmt.Sprint(i))
			want = append(want, fmt.Sprint(i))
		}
		th.gets(want...)
		// Everything once more.
		r.hub.mu.Lock()
		again := append([]Message(nil), r.hub.log...)
		r.hub.mu.Unlock()
		for _, m := range again {
			m.ID = ""
			r.hub.put(m)
		}
		// The hub loses its disk with releases that nobody has fetched.
		th.link.cut(true)
		kh.send("10")
		kh.send("11")
		eventually(t, "published", func() bool {
			n := -1
			kh.read(func(ctx context.Context, tx *db.Tx) error {
				s, err := kh.x.Self(ctx, tx)
				n = s.Waiting
				return err
			})
			return n == 0
		})
		r.hub.wipe()
		th.link.cut(false)
		th.gets(append(want, "10", "11")...)
	})
}

func TestRestoredNodeBeginsNewEpoch(t *testing.T) {
	for _, hubKnows := range []bool{true, false} {
		t.Run(fmt.Sprintf("hub knows %v", hubKnows), func(t *testing.T) {
			r := newRegion(t, db.SQLite, "KH", "TH", "SG")
			kh, th := r.nodes["KH"], r.nodes["TH"]
			kh.send("1")
			th.gets("1")
			kh.close()
			backup := copyOf(t, kh.opts.Path)
			kh.open()
			kh.send("2")
			kh.send("3", "TH")
			th.gets("1", "2", "3")
			eventually(t, "told", func() bool { return len(kh.texts()) == 0 })
			kh.close()
			restore(t, backup, kh.opts.Path)
			if !hubKnows {
				r.hub.wipe()
			}
			kh.link.cut(true)
			kh.open()
			kh.send("4")
			kh.send("5", "TH")
			kh.link.cut(false)
			if hubKnows {
				th.gets("1", "2", "3", "4", "5")
			} else {
				// "4" goes to all and "5" to TH alone. Order holds within a channel, and here both
				// are first published where others were before: which is sealed anew first is open.
				eventually(t, "TH has both", func() bool {
					return slices.Equal(slices.Sorted(slices.Values(th.texts())), []string{"1", "2", "3", "4", "5"})
				})
			}
			for _, n := range []*node{th, r.nodes["SG"]} {
				for _, reason := range n.reasons() {
					if reason == envelope.Equivocation && hubKnows {
						t.Errorf("%s saw a forked sequence", n.code)
					}
				}
			}
			kh.read(func(ctx context.Context, tx *db.Tx) error {
				es, err := kh.x.Epochs(ctx, tx)
				if len(es) == 0 || es[0].Reason == "" {
					t.Errorf("the new epoch is not shown: %+v", es)
				}
				return err
			})
		})
	}
}

func TestLostDatabaseIsFilledAgain(t *testing.T) {
	r := newRegion(t, db.SQLite, "KH", "TH", "SG")
	kh, th := r.nodes["KH"], r.nodes["TH"]
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprint(i))
		kh.send(want[i])
	}
	th.send("from TH")
	th.gets(want...)
	kh.gets("from TH")
	for _, keepHub := range []bool{true, false} {
		th.close()
		th.opts.Path = t.TempDir() + "/new.db"
		th.link.floor = r.hub.size()
		th.notes = nil
		if !keepHub {
			r.hub.wipe()
		}
		th.open()
		th.gets(want...)
	}
	th.send("again from TH")
	kh.gets("from TH", "again from TH")
}

func TestFile(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th := r.nodes["KH"], r.nodes["TH"]
		data := make([]byte, 3*ChunkSize+777)
		rand.Read(data)
		sum := sha256.Sum256(data)
		f := File{ID: kh.x.c.IDs.New(), Name: "map.png", Type: "image/png", Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
		ctx := context.Background()
		// Broken off in the second chunk, then resumed.
		if err := kh.x.SendFile(ctx, f, []access.Member{"TH"}, bytes.NewReader(data[:ChunkSize+5])); err == nil {
			t.Fatal("a file that is cut short was sent")
		}
		if err := kh.x.SendFile(ctx, f, []access.Member{"TH"}, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the file is complete", func() bool {
			var s FileStatus
			th.read(func(ctx context.Context, tx *db.Tx) (err error) {
				s, _, err = th.x.FileStatus(ctx, tx, "KH", f.ID)
				return err
			})
			return s.State == FileComplete && s.File == f
		})
		var got bytes.Buffer
		th.read(func(ctx context.Context, tx *db.Tx) error { return th.x.ReadFile(ctx, tx, "KH", f.ID, &got) })
		if !bytes.Equal(got.Bytes(), data) {
			t.Error("the file changed on its way")
		}
	})
}
