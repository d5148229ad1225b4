package exchange

import (
	"context"
	"crypto/hpke"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
)

func FuzzDecodeChunk(f *testing.F) {
	head, _ := json.Marshal(chunkHead{File: File{ID: "01890a5d-ac96-774b-bcce-b302099a8057", Name: "a", Size: 3, SHA256: strings.Repeat("ab", 32)}, Chunks: 1})
	f.Add(append(append(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head...), "abc"...))
	f.Add([]byte{0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, body []byte) {
		h, data, err := decodeChunk(body)
		if err == nil && (len(data) > ChunkSize || h.Size > MaxFile || h.N >= h.Chunks) {
			t.Fatalf("%+v with %d bytes", h, len(data))
		}
	})
}

// FuzzInner applies anything that a member could sign: whatever it holds, the
// batch must end without an error and the next release must arrive.
func FuzzInner(f *testing.F) {
	f.Add("release", []byte(`{"id":"x"}`))
	f.Add("receipts", []byte(`[{"release":"x","stage":"opened","at":"2026-01-01T00:00:00Z"}]`))
	f.Add("chunk", []byte{0, 0, 0, 2, '{', '}'})
	f.Add("directory", []byte(`{"document":{},"signatures":[]}`))
	f.Add("beat", []byte(`{"have":{"all":{"epoch":1,"seq":2,"hash":""}}}`))
	f.Add("resend", []byte(`{"channel":"all","epoch":1,"from":1,"to":9}`))
	f.Add("other", []byte(`null`))
	r := newRegion(f, db.SQLite, "KH", "TH", "SG")
	th := r.nodes["TH"]
	for _, n := range r.nodes {
		n.close() // only their parts are used
	}
	d, err := db.Open(context.Background(), db.Options{Engine: db.SQLite, Path: filepath.Join(f.TempDir(), "f.db")}, "TH", []db.Schema{Schema})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { d.Close() }) //nolint:errcheck // a test's
	c := th.x.c
	c.DB = d
	x, err := New(c)
	if err != nil {
		f.Fatal(err)
	}
	x.Handle(noteKind, 1, func(context.Context, *db.Tx, Inbound) error { return nil })
	seq, prev := int64(0), ""
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		seq++
		s, err := envelope.NewSession("KH", "TH", th.sealKeys())
		if err != nil {
			t.Fatal(err)
		}
		h := envelope.Header{From: "KH", Channel: "TH", Class: envelope.Sequenced, Epoch: 1, Seq: seq, Prev: prev, Time: start.UnixMicro()}
		if kind == kindBeat || kind == kindResend {
			h.Class = envelope.Control
			seq--
			h.Seq = seq
		}
		raw, hash, err := s.Seal(r.nodes["KH"].keys, h, kind, body, true)
		if err != nil {
			t.Skip() // too large, or no JSON
		}
		if h.Class == envelope.Sequenced {
			prev = hash
		}
		items := []*item{{subject: "x.v1.KH.TH", raw: raw}}
		if _, err := x.prepare(context.Background(), items); err != nil {
			t.Fatal(err)
		}
		if n, err := x.apply(context.Background(), items); err != nil || n != 1 {
			t.Fatalf("%d applied: %v", n, err)
		}
	})
}

func (n *node) sealKeys() []hpke.PublicKey {
	return []hpke.PublicKey{n.keys.Open[0].PublicKey()}
}

// TestEveryReasonHasItsSentence: these keys are put together, so that no
// search for keys in the source finds them.
func TestEveryReasonHasItsSentence(t *testing.T) {
	for _, l := range []string{"en", "id"} {
		raw, err := os.ReadFile("../locale/catalogue/exchange." + l + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var sentences map[string]string
		if err := json.Unmarshal(raw, &sentences); err != nil {
			t.Fatal(err)
		}
		for _, r := range envelope.Reasons {
			if sentences["exchange.reason."+string(r)] == "" {
				t.Errorf("%s: no sentence for %s", l, r)
			}
		}
	}
}
