package exchange

import (
	"context"
	"crypto/hpke"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
)

// forge seals a release as a member could with its own keys, but at any place
// and under any header.
type forgery struct {
	from    access.Member // of the header
	keys    envelope.Keys
	channel envelope.Channel
	to      access.Member
	subject string
	epoch   int64
	seq     int64
	prev    string
	release Release
	edit    func(*envelope.Header)
	mangle  func([]byte) []byte
}

func (r *region) forge(t *testing.T, f forgery) {
	t.Helper()
	v := r.nodes[f.to].dirs.Current()
	pk, ok := v.SealingKey(f.to, time.Now())
	if !ok {
		t.Fatal("no sealing key")
	}
	s, err := envelope.NewSession(f.from, f.channel, []hpke.PublicKey{pk})
	if err != nil {
		t.Fatal(err)
	}
	h := envelope.Header{From: f.from, Channel: f.channel, Class: envelope.Sequenced, Epoch: f.epoch, Seq: f.seq, Prev: f.prev,
		Release: f.release.ID, Time: clock.Micros(time.Now())}
	if f.edit != nil {
		f.edit(&h)
	}
	plain, err := envelope.Canonical(f.release)
	if err != nil {
		t.Fatal(err)
	}
	raw, _, err := s.Seal(f.keys, h, kindRelease, plain, true)
	if err != nil {
		t.Fatal(err)
	}
	if f.mangle != nil {
		raw = f.mangle(raw)
	}
	subject := f.subject
	if subject == "" {
		subject = Subject(f.from, f.channel)
	}
	r.hub.put(Message{Subject: subject, ID: "forged/" + string(f.release.ID) + fmt.Sprint(time.Now().UnixNano()), Data: raw})
}

func TestHostile(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th, sg := r.nodes["KH"], r.nodes["TH"], r.nodes["SG"]
		kh.send("1", "TH")
		th.gets("1")
		var own place
		kh.read(func(ctx context.Context, tx *db.Tx) (err error) { own, _, err = ownPlace(ctx, tx, "TH"); return err })
		stranger, err := envelope.NewKeys("XX")
		if err != nil {
			t.Fatal(err)
		}
		base := forgery{from: "KH", keys: kh.keys, channel: "TH", to: "TH", epoch: own.Epoch, seq: 900, prev: "x", release: kh.release("evil", "TH")}
		try := func(want envelope.Reason, change func(*forgery)) {
			t.Helper()
			f := base
			f.release.ID = kh.x.c.IDs.New()
			change(&f)
			r.forge(t, f)
			th.refuses(want)
		}
		try(envelope.BadSignature, func(f *forgery) { f.mangle = func(b []byte) []byte { b[len(b)-1] ^= 1; return b } })
		try(envelope.Malformed, func(f *forgery) { f.mangle = func(b []byte) []byte { return b[:len(b)/2] } })
		try(envelope.Oversized, func(f *forgery) {
			f.mangle = func(b []byte) []byte { return append(b, make([]byte, envelope.MaxFrame)...) }
		})
		try(envelope.Unsigned, func(f *forgery) { f.mangle = func(b []byte) []byte { return append(b[:len(b)-65], 0) } })
		try(envelope.Future, func(f *forgery) { f.mangle = func(b []byte) []byte { b[3] = 9; return b } })
		try(envelope.UnknownSender, func(f *forgery) { f.from, f.keys = "XX", stranger })
		try(envelope.UnknownKey, func(f *forgery) { f.keys = sg.keys }) // SG signs as KH
		try(envelope.WrongAddress, func(f *forgery) { f.channel, f.subject = "SG", "x.v1.KH.TH" })
		try(envelope.Equivocation, func(f *forgery) { f.seq = 1 })
		try(envelope.Forked, func(f *forgery) { f.seq = own.Seq + 1 })
		// SG sends KH's words as its own: same plaintext, its own header.
		try(envelope.Lifted, func(f *forgery) { f.from, f.keys, f.epoch, f.seq, f.prev = "SG", sg.keys, 1, 1, "" })
		kh.send("2", "TH") // the stream goes on
		th.gets("1", "2")
		sg.send("from SG")
		th.gets("1", "2", "from SG") // of a later epoch than its forgery
	})
}

func TestWhatCannotBeApplied(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th, sg := r.nodes["KH"], r.nodes["TH"], r.nodes["SG"]
		th.hook = func(in Inbound) error {
			switch string(in.Body) {
			case `"bad"`:
				return errors.New("does not fit")
			case `"panic"`:
				panic("a desk with a fault")
			}
			return nil
		}
		old := kh.release("old")
		old.Expires = kh.clock.Now().Add(-time.Minute)
		newer := kh.release("newer")
		newer.Schema = 2
		other := kh.release("other")
		other.Kind = "test.unheard"
		var sent []Release
		for _, x := range []Release{kh.release("a"), old, newer, kh.release("bad"), other, kh.release("panic"), kh.release("b")} {
			sent = append(sent, kh.queue(x))
		}
		th.gets("a", "b")
		sg.gets("a", "bad", "panic", "b")
		got := th.reasons()
		slices.Sort(got)
		if want := "[expired future_version not_applied not_applied unknown_kind]"; fmt.Sprint(got) != want {
			t.Errorf("refused %v, want %v", got, want)
		}
		eventually(t, "refusals reach the owner", func() bool {
			return kh.stages(sent[1])["TH"] == Refused && kh.stages(sent[3])["TH"] == Refused && kh.stages(sent[3])["SG"] == Delivered && kh.stages(sent[0])["TH"] == Delivered
		})
		// The desk is mended and the node restarted.
		th.hook = nil
		th.close()
		th.open()
		eventually(t, "applied after all", func() bool { return slices.Contains(th.texts(), "bad") && slices.Contains(th.texts(), "panic") })
		eventually(t, "delivered after all", func() bool { return kh.stages(sent[3])["TH"] == Delivered })
		s, err := th.x.Stats(context.Background())
		if err != nil || s.Refused[envelope.Expired] != 1 || s.Refused[envelope.Unapplied] != 2 {
			t.Errorf("stats %+v, %v", s, err)
		}
	})
}

func TestKeysRotateAndAreRevokedWithoutRestart(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th, sg := r.nodes["KH"], r.nodes["TH"], r.nodes["SG"]
		kh.send("before")
		th.gets("before")
		old := kh.keys
		fresh, err := old.Rotate()
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		next, err := kh.dirs.Current().Signed.Next(now.Add(time.Second),
			directory.Rotate("KH", directory.MakeKey(fresh.SignPublic(), now.Add(-time.Minute)), directory.MakeKey(fresh.SealPublic(), now.Add(-time.Minute)), now.Add(time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		publish := func(s directory.Signed) error {
			ctx := context.Background()
			return kh.db.Write(ctx, func(tx *db.Tx) error { return kh.x.PublishDirectory(ctx, tx, s) })
		}
		if err := publish(next.Sign(old)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one signature of two was enough: %v", err)
		}
		if err := publish(next.Sign(old).Sign(th.keys)); err != nil {
			t.Fatal(err)
		}
		kh.keys = fresh
		kh.x.SetKeys(fresh)
		kh.send("with the new key")
		th.gets("before", "with the new key")
		sg.send("sealed to the new key", "KH")
		kh.gets("sealed to the new key")

		next, err = kh.dirs.Current().Signed.Next(now.Add(2*time.Second), directory.Revoke("KH", old.SignID(), now.Add(-time.Second)))
		if err != nil {
			t.Fatal(err)
		}
		if err := publish(next.Sign(fresh).Sign(sg.keys)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "revoked at TH", func() bool { return th.dirs.Current().Document.Version == 3 })
		var own place
		th.read(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Row(ctx, "SELECT epoch, seq, hash FROM exchange_peer WHERE member = 'KH' AND channel = 'all'", nil, &own.Epoch, &own.Seq, &own.Hash)
			return err
		})
		f := forgery{from: "KH", keys: old, channel: envelope.All, to: "TH", epoch: own.Epoch, seq: own.Seq + 1, prev: own.Hash, release: kh.release("by a thief")}
		r.forge(t, f)
		th.refuses(envelope.RevokedKey)
		f.edit = func(h *envelope.Header) { h.Time = clock.Micros(now.Add(-time.Hour)) } // dated back
		f.release.ID = kh.x.c.IDs.New()
		r.forge(t, f)
		kh.send("after")
		th.gets("before", "with the new key", "after")
		if n := len(th.reasons()); n != 2 {
			t.Errorf("%v, want two refusals", th.reasons())
		}
	})
}

// TestEveryCrashPoint lets every write of a sender and a recipient fail
// before and after it took effect, in turn, and looks for losses and repeats.
func TestEveryCrashPoint(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		r := newRegion(t, e, "KH", "TH", "SG")
		kh, th := r.nodes["KH"], r.nodes["TH"]
		var want []string
		crashing(kh)
		crashing(th)
		ctx := context.Background()
		for i := range 40 {
			text := fmt.Sprint(i)
			want = append(want, text)
			rel := kh.release(text)
			for {
				err := kh.db.Write(ctx, func(tx *db.Tx) error { return kh.x.Queue(ctx, tx, rel) })
				if err == nil || fault.Is(err, fault.Conflict) { // it was there already
					break
				}
			}
			if i%10 == 5 {
				th.close()
				th.open()
			}
			if i%10 == 9 {
				kh.close()
				kh.open()
			}
		}
		eventually(t, "everything", func() bool { return stored(th) == len(want) })
		got := appliedTexts(th, kh.code)
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		if n := len(th.reasons()); n > 0 {
			t.Errorf("refused: %v", th.reasons())
		}
	})
}

// crashing makes a node's writes fail now and then, at every point in turn.
func crashing(n *node) {
	points := []string{"begin", "commit", "committed"}
	n.close()
	var count atomic.Int64
	n.opts.Crash = func(point string) error {
		c := count.Add(1)
		if point == points[c/7%3] && c%7 == 3 {
			return fault.Wrap(fault.Unavailable, "fault.test.crash", errors.New(point))
		}
		return nil
	}
	n.open()
}

// appliedTexts are the bodies of what a node applied of one member, in order.
func appliedTexts(n *node, from access.Member) (got []string) {
	n.read(func(ctx context.Context, tx *db.Tx) error {
		return tx.Each(ctx, "SELECT plain FROM exchange_inbox WHERE from_member = ? AND state = 'applied' ORDER BY epoch, seq", []any{string(from)}, func(scan func(...any) error) error {
			var raw []byte
			if err := scan(&raw); err != nil {
				return err
			}
			rel, err := decodeRelease(raw)
			var s string
			if err == nil {
				err = json.Unmarshal(rel.Body, &s)
			}
			got = append(got, s)
			return err
		})
	})
	return got
}

func stored(n *node) (count int) {
	n.read(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Row(ctx, "SELECT COUNT(*) FROM exchange_inbox WHERE state = 'applied'", nil, &count)
		return err
	})
	return count
}
