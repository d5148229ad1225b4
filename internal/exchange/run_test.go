package exchange

import (
	"context"
	"crypto/hpke"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

// chain makes n envelopes of KH for TH that follow one another, and the items
// in which they would arrive.
func (r *region) chain(t testing.TB, n int, edit func(i int, h *envelope.Header)) []*item {
	t.Helper()
	th := r.nodes["TH"]
	pk, _ := th.dirs.Current().SealingKey("TH", time.Now())
	s, err := envelope.NewSession("KH", "TH", []hpke.PublicKey{pk})
	if err != nil {
		t.Fatal(err)
	}
	var items []*item
	prev := ""
	for i := range n {
		rel := r.nodes["KH"].release("text", "TH")
		plain, err := envelope.Canonical(rel)
		if err != nil {
			t.Fatal(err)
		}
		h := envelope.Header{From: "KH", Channel: "TH", Class: envelope.Sequenced, Epoch: 7, Seq: int64(i + 1), Prev: prev,
			Release: rel.ID, Time: clock.Micros(time.Now())}
		if edit != nil {
			edit(i, &h)
		}
		raw, hash, err := s.Seal(r.nodes["KH"].keys, h, kindRelease, plain, i == 0)
		if err != nil {
			t.Fatal(err)
		}
		prev = hash
		items = append(items, &item{subject: "x.v1.KH.TH", raw: raw})
	}
	return items
}

// rewrite changes the header of a frame and leaves everything else, its
// signature included, as it is.
func rewrite(t testing.TB, raw []byte, edit func(*envelope.Header)) (out []byte, hash string) {
	t.Helper()
	e, err := envelope.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	h := e.Header
	edit(&h)
	header, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	n := binary.BigEndian.Uint32(raw[4:])
	out = binary.BigEndian.AppendUint32(slices.Clone(raw[:4]), uint32(len(header)))
	out = append(append(out, header...), raw[8+n:]...)
	again, err := envelope.Parse(out)
	if err != nil {
		t.Fatal(err)
	}
	return out, again.Hash()
}

// inRun is something false among nine envelopes: made so by the sender, or
// spoiled on the way.
type inRun struct {
	edit    func(i int, h *envelope.Header)
	spoil   func(items []*item)
	refused map[int]envelope.Reason
}

func (r *region) forgeries(t *testing.T, old int64) map[string]inRun {
	return map[string]inRun{
		"nothing": {},
		"a header changed": {spoil: func(items []*item) {
			items[4].raw, _ = rewrite(t, items[4].raw, func(h *envelope.Header) { h.Time++ })
		}, refused: map[int]envelope.Reason{4: envelope.BadSignature}},
		"a header changed, and the next made to follow it": {spoil: func(items []*item) {
			var hash string
			items[4].raw, hash = rewrite(t, items[4].raw, func(h *envelope.Header) { h.Time++ })
			items[5].raw, _ = rewrite(t, items[5].raw, func(h *envelope.Header) { h.Prev = hash })
		}, refused: map[int]envelope.Reason{4: envelope.BadSignature, 5: envelope.BadSignature}},
		"all made to follow a changed one": {spoil: func(items []*item) {
			hash := ""
			for i := 4; i < len(items); i++ {
				items[i].raw, hash = rewrite(t, items[i].raw, func(h *envelope.Header) {
					if h.Time++; hash != "" {
						h.Prev = hash
					}
				})
			}
		}, refused: map[int]envelope.Reason{4: envelope.BadSignature, 5: envelope.BadSignature, 6: envelope.BadSignature, 7: envelope.BadSignature, 8: envelope.BadSignature}},
		"a body changed": {spoil: func(items []*item) {
			items[4].raw = slices.Clone(items[4].raw)
			items[4].raw[len(items[4].raw)-80] ^= 1
		}, refused: map[int]envelope.Reason{4: envelope.Malformed}},
		"the last with a false signature": {spoil: func(items []*item) {
			items[8].raw = slices.Clone(items[8].raw)
			items[8].raw[len(items[8].raw)-1] ^= 1
		}, refused: map[int]envelope.Reason{8: envelope.BadSignature}},
		"one of another member in its place": {spoil: func(items []*item) {
			items[4].raw, _ = rewrite(t, items[4].raw, func(h *envelope.Header) { h.Key = r.nodes["SG"].keys.SignID() })
		}, refused: map[int]envelope.Reason{4: envelope.UnknownKey}},
		"one under another subject": {spoil: func(items []*item) { items[4].subject = "x.v1.SG.TH" },
			refused: map[int]envelope.Reason{4: envelope.WrongAddress}},
		"one signed when the key was not valid": {edit: func(i int, h *envelope.Header) {
			if i == 4 {
				h.Time = old
			}
		}, refused: map[int]envelope.Reason{4: envelope.RevokedKey}},
		"the last signed when the key was not valid": {edit: func(i int, h *envelope.Header) {
			if i == 8 {
				h.Time = old
			}
		}, refused: map[int]envelope.Reason{8: envelope.RevokedKey}},
	}
}

// TestForgeryInARun hides something false among envelopes of which only the
// last is verified by its own signature: each forgery is refused for its own
// reason, and what is true beside it is taken.
func TestForgeryInARun(t *testing.T) {
	r := newRegion(t, db.SQLite, "KH", "TH", "SG")
	th := r.nodes["TH"]
	old := clock.Micros(start.AddDate(-2, 0, 0)) // before KH had its key
	for name, c := range r.forgeries(t, old) {
		t.Run(name, func(t *testing.T) {
			items := r.chain(t, 9, c.edit)
			if c.spoil != nil {
				c.spoil(items)
			}
			if _, err := th.x.prepare(context.Background(), items); err != nil {
				t.Fatal(err)
			}
			for i, it := range items {
				want, bad := c.refused[i]
				switch {
				case bad && (it.err == nil || it.trusted || it.reason() != want):
					t.Errorf("message %d: trusted %v, %v, want %s", i, it.trusted, it.err, want)
				case !bad && (it.err != nil || !it.trusted || it.release.ID == ""):
					t.Errorf("message %d: trusted %v, %v, want it opened", i, it.trusted, it.err)
				}
			}
		})
	}
}

// TestOneSignatureForARun counts: repeats, gaps, other channels and other
// senders each begin a run of their own.
func TestOneSignatureForARun(t *testing.T) {
	r := newRegion(t, db.SQLite, "KH", "TH", "SG")
	th := r.nodes["TH"]
	count := func(items []*item) int {
		for _, it := range items {
			th.x.parse(it)
		}
		return len(th.x.runs(items))
	}
	a, b := r.chain(t, 9, nil), r.chain(t, 9, func(_ int, h *envelope.Header) { h.Epoch = 8 })
	for _, c := range []struct {
		what  string
		want  int
		items []*item
	}{
		{"all in order", 1, a},
		{"one missing", 2, slices.Concat(a[:3], a[4:])},
		{"two repeated", 2, slices.Concat(a[:5], a[3:5], a[5:])},
		{"two epochs mixed", 4, slices.Concat(a[:3], b[:2], a[3:], b[2:])},
	} {
		if got := count(c.items); got != c.want {
			t.Errorf("%s: %d runs, want %d", c.what, got, c.want)
		}
	}
}

func BenchmarkPrepare(b *testing.B) {
	r := newRegion(b, db.SQLite, "KH", "TH")
	th := r.nodes["TH"]
	items := r.chain(b, 256, nil)
	for b.Loop() {
		if _, err := th.x.prepare(context.Background(), items); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(256*b.N)/b.Elapsed().Seconds(), "messages/s")
}
