package envelope

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"encoding/json"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
)

func keysOf(t testing.TB, m access.Member) Keys {
	t.Helper()
	k, err := NewKeys(m)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func lookup(ks ...Keys) func(access.Member, string, time.Time) (ed25519.PublicKey, error) {
	return func(from access.Member, key string, _ time.Time) (ed25519.PublicKey, error) {
		for _, k := range ks {
			if k.Member == from && k.SignID() == key {
				return k.SignPublic(), nil
			}
		}
		return nil, Refuse(UnknownSender, nil)
	}
}

var header = Header{From: "KH", Channel: "TH", Class: Sequenced, Epoch: 7, Seq: 3, Prev: "ab", Release: "01890a5d-ac96-774b-bcce-b302099a8057", Time: 1_700_000_000_000_000}

func sealed(t testing.TB, from Keys, to Keys, h Header, body []byte, withWraps bool) ([]byte, *Session) {
	t.Helper()
	s, err := NewSession(h.From, h.Channel, []hpke.PublicKey{to.Open[0].PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	raw, _, err := s.Seal(from, h, "release", body, withWraps)
	if err != nil {
		t.Fatal(err)
	}
	return raw, s
}

func TestSealAndOpen(t *testing.T) {
	kh, th, sg := keysOf(t, "KH"), keysOf(t, "TH"), keysOf(t, "SG")
	body := []byte(`{"a":1}`)
	raw, s := sealed(t, kh, th, header, body, true)
	if bytes.Contains(raw, body) {
		t.Error("the body is readable")
	}
	e, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Verify(lookup(kh)); err != nil {
		t.Error(err)
	}
	if _, err := Unwrap(e.From, e.Channel, e.Session, e.WrappedKeys(), sg); ReasonOf(err) != NoKey {
		t.Errorf("SG: %v", err)
	}
	key, err := Unwrap(e.From, e.Channel, e.Session, e.WrappedKeys(), th)
	if err != nil {
		t.Fatal(err)
	}
	m, got, err := e.Open(key)
	if err != nil || !bytes.Equal(got, body) || m.Kind != "release" || m.Release != header.Release {
		t.Errorf("%+v %q %v", m, got, err)
	}
	// The wraps of one channel do not open under another.
	if _, err := Unwrap("SG", e.Channel, e.Session, e.WrappedKeys(), th); ReasonOf(err) != Lifted {
		t.Errorf("other sender: %v", err)
	}
	// A later message of the session needs no wraps.
	h := header
	h.Seq++
	raw2, _, err := s.Seal(kh, h, "release", body, false)
	if err != nil || len(raw2) >= len(raw) {
		t.Errorf("%d bytes after %d: %v", len(raw2), len(raw), err)
	}
	e2, err := Parse(raw2)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e2.Open(key); err != nil {
		t.Error(err)
	}
	// The sealed body of one under the header of the other.
	swapped, _, err := frame(Header{Body: e.Body, Channel: h.Channel, Class: h.Class, Epoch: h.Epoch, From: h.From, Key: kh.SignID(), Prev: h.Prev,
		Release: h.Release, Seq: h.Seq, Session: s.ID, Time: h.Time, V: 1}, nil, e.body, kh.Sign)
	if err != nil {
		t.Fatal(err)
	}
	e3, err := Parse(swapped)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e3.Open(key); ReasonOf(err) != Lifted {
		t.Errorf("lifted: %v", err)
	}
}

// TestEveryByteCounts changes each byte of a frame in turn: none may go
// unnoticed.
func TestEveryByteCounts(t *testing.T) {
	kh, th := keysOf(t, "KH"), keysOf(t, "TH")
	raw, _ := sealed(t, kh, th, header, []byte("x"), true)
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		e, err := Parse(bad)
		if err == nil {
			err = e.Verify(lookup(kh))
		}
		if err == nil {
			t.Fatalf("byte %d of %d may be changed", i, len(raw))
		}
	}
	for i := range raw {
		if _, err := Parse(raw[:i]); err == nil {
			t.Fatalf("%d of %d bytes are taken for a whole", i, len(raw))
		}
	}
}

func TestHeaderIsCanonical(t *testing.T) {
	h := header
	h.V, h.Wraps, h.Body, h.Key, h.Session = 1, "w", "b", "k", "s"
	plain, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := Canonical(h)
	if err != nil || !bytes.Equal(plain, canonical) {
		t.Errorf("%s\n%s %v", plain, canonical, err)
	}
}

// The example of RFC 8785, section 3.2.2 and 3.2.3.
func TestCanonicalExampleOfRFC8785(t *testing.T) {
	in := `{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
	"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`
	want := `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
	got, err := CanonicalJSON([]byte(in))
	if err != nil || string(got) != want {
		t.Errorf("%s\n%s %v", got, want, err)
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int]int{0: 512, 512: 512, 513: 1024, 1500: 2048, 65536: 65536, 65537: 131072} {
		if got := padded(n); got != want {
			t.Errorf("padded(%d) = %d, want %d", n, got, want)
		}
	}
	kh, th := keysOf(t, "KH"), keysOf(t, "TH")
	a, _ := sealed(t, kh, th, header, make([]byte, 100), true)
	b, _ := sealed(t, kh, th, header, make([]byte, 250), true)
	if len(a) != len(b) {
		t.Errorf("sizes %d and %d show the length of the content", len(a), len(b))
	}
	s, err := NewSession("KH", "TH", []hpke.PublicKey{th.Open[0].PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Seal(kh, header, "release", make([]byte, MaxFrame), true); !fault.Is(err, fault.Invalid) {
		t.Errorf("too large: %v", err)
	}
	if _, _, err := s.Seal(kh, header, "release", make([]byte, 3<<20), true); err != nil {
		t.Errorf("3 MiB: %v", err)
	}
}

func TestKeysAreKeptAndRotated(t *testing.T) {
	k := keysOf(t, "KH")
	n, err := k.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	var back Keys
	if err := json.Unmarshal(raw, &back); err != nil || back.SignID() != n.SignID() || len(back.Open) != 2 || KeyID(back.Open[1].PublicKey().Bytes()) != KeyID(k.SealPublic()) {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{`{}`, `{"member":"KH","sign":"AAAA","open":[]}`, `[]`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	kh, th := keysOf(f, "KH"), keysOf(f, "TH")
	raw, _ := sealed(f, kh, th, header, []byte("{}"), true)
	f.Add(raw)
	f.Add(raw[:40])
	f.Add([]byte("LNT\x01\x00\x00\x00\x02{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Parse(b)
		if err != nil {
			return
		}
		if e.Verify(lookup(kh)) == nil && e.Hash() != mustParse(raw).Hash() {
			t.Fatal("a forged frame was verified")
		}
	})
}

func mustParse(raw []byte) *Envelope {
	e, err := Parse(raw)
	if err != nil {
		panic(err)
	}
	return e
}

func FuzzUnwrap(f *testing.F) {
	kh, th := keysOf(f, "KH"), keysOf(f, "TH")
	raw, s := sealed(f, kh, th, header, []byte("{}"), true)
	f.Add(mustParse(raw).WrappedKeys())
	f.Add([]byte{3, 1, 2})
	f.Fuzz(func(t *testing.T, w []byte) {
		if key, err := Unwrap("KH", "TH", s.ID, w, th); err == nil && !bytes.Equal(key, s.key) {
			t.Fatal("another key came out")
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02{}\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		e := &Envelope{Header: header}
		if m, _, err := e.split(plain); err == nil && m.Release != id.ID(header.Release) {
			t.Fatal("the content names another release")
		}
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`{"b":[1,2.50],"a":"\u00e9"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		once, err := CanonicalJSON(raw)
		if err != nil {
			return
		}
		if twice, err := CanonicalJSON(once); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q became %q: %v", once, twice, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	kh, th := keysOf(b, "KH"), keysOf(b, "TH")
	_, s := sealed(b, kh, th, header, nil, true)
	body := make([]byte, 1024)
	for b.Loop() {
		if _, _, err := s.Seal(kh, header, "release", body, false); err != nil {
			b.Fatal(err)
		}
	}
}
