package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"lintas/internal/access"
)

const (
	exampleFile = "../../../docs/protocol/exchange-example.json"
	protocol    = "../../../docs/protocol/exchange.md"
)

// example is what the protocol's document gives to a second implementation.
type example struct {
	SignSeed []byte `json:"sign_seed"` // of KH: 32 bytes
	OpenSeed []byte `json:"open_seed"` // of TH: 32 bytes, the X-Wing seed
	Header   string `json:"header"`
	Hash     string `json:"hash"`
	Meta     string `json:"meta"`
	Body     string `json:"body"`
	Session  []byte `json:"session_key"`
	Frame    []byte `json:"frame"`
}

// LINTAS_EXAMPLE=1 writes the example anew.
func TestWriteExample(t *testing.T) {
	if os.Getenv("LINTAS_EXAMPLE") == "" {
		t.Skip("only on request")
	}
	ex := example{SignSeed: bytes.Repeat([]byte{1}, 32), OpenSeed: bytes.Repeat([]byte{2}, 32)}
	open, err := KEM().NewPrivateKey(ex.OpenSeed)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSession("KH", "TH", []hpke.PublicKey{open.PublicKey()})
	if err != nil {
		t.Fatal(err)
	}
	body, err := CanonicalJSON([]byte(`[{"release":"019c0000-0000-7000-8000-000000000001","member":"KH","stage":"acknowledged","at":"2026-03-01T08:00:00Z","role":"duty officer"}]`))
	if err != nil {
		t.Fatal(err)
	}
	k := Keys{Member: "KH", Sign: ed25519.NewKeyFromSeed(ex.SignSeed), Open: []hpke.PrivateKey{open}}
	h := Header{Channel: "TH", Class: Sequenced, Epoch: 1772352000, Seq: 1, From: access.Member("KH"), Time: 1772352000000000}
	if ex.Frame, ex.Hash, err = s.Seal(k, h, "receipts", body, true); err != nil {
		t.Fatal(err)
	}
	e, err := Parse(ex.Frame)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := e.Open(s.key)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	ex.Header, ex.Meta, ex.Body, ex.Session = string(e.header), string(meta), string(body), s.key
	raw, err := json.MarshalIndent(ex, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exampleFile, append(raw, '\n'), 0o644); err != nil { //nolint:gosec // a public document
		t.Fatal(err)
	}
}

// TestExample follows the document step by step with nothing but the standard
// library, as a second implementation would, and then with this package.
func TestExample(t *testing.T) {
	raw, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	var ex example
	if err := json.Unmarshal(raw, &ex); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(protocol)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{ex.Header, ex.Hash, ex.Meta, ex.Body} {
		if !strings.Contains(string(text), s) {
			t.Errorf("the document does not show %q", s)
		}
	}
	header, wraps, sealed, sig := exampleParts(t, ex.Frame)
	if string(header) != ex.Header {
		t.Errorf("header %s", header)
	}
	pub := ed25519.NewKeyFromSeed(ex.SignSeed).Public().(ed25519.PublicKey)
	if !ed25519.Verify(pub, []byte("lintas/exchange/envelope/v1\n"+ex.Header), sig) {
		t.Error("signature")
	}
	if sum := sha256.Sum256([]byte("lintas/exchange/envelope-hash/v1\n" + ex.Header)); hex.EncodeToString(sum[:]) != ex.Hash {
		t.Error("hash")
	}
	var h map[string]any
	if err := json.Unmarshal(header, &h); err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string][]byte{"body": sealed, "wraps": wraps} {
		if sum := sha256.Sum256(part); h[name] != hex.EncodeToString(sum[:]) {
			t.Errorf("digest of %s", name)
		}
	}
	key := exampleUnwrap(t, ex.OpenSeed, h["session"].(string), wraps)
	if !bytes.Equal(key, ex.Session) {
		t.Error("message key")
	}
	plain := exampleOpen(t, key, sealed)
	n := binary.BigEndian.Uint32(plain)
	meta, rest := plain[4:4+n], plain[4+n:]
	body, pad := rest[4:4+binary.BigEndian.Uint32(rest)], rest[4+binary.BigEndian.Uint32(rest):]
	if string(meta) != ex.Meta || string(body) != ex.Body || len(plain) != 512 || len(bytes.Trim(pad, "\x00")) != 0 {
		t.Errorf("plaintext of %d: %s %s", len(plain), meta, body)
	}
	e, err := Parse(ex.Frame)
	if err != nil {
		t.Fatal(err)
	}
	if _, got, err := e.Open(key); err != nil || string(got) != ex.Body || e.Hash() != ex.Hash {
		t.Errorf("this package reads %s: %v", got, err)
	}
}

func exampleParts(t *testing.T, frame []byte) (header, wraps, sealed, sig []byte) {
	if string(frame[:4]) != "LNT\x01" {
		t.Fatal("magic")
	}
	rest := frame[4:]
	for _, into := range []*[]byte{&header, &wraps, &sealed} {
		n := binary.BigEndian.Uint32(rest)
		*into, rest = rest[4:4+n], rest[4+n:]
	}
	if rest[0] != 64 || len(rest) != 65 {
		t.Fatal("signature's length")
	}
	return header, wraps, sealed, rest[1:]
}

func exampleUnwrap(t *testing.T, seed []byte, session string, wraps []byte) []byte {
	sk, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	kid := sha256.Sum256(sk.PublicKey().Bytes())
	if wraps[0] != 1 || !bytes.Equal(wraps[1:9], kid[:8]) || int(binary.BigEndian.Uint16(wraps[9:])) != len(wraps[11:]) {
		t.Fatal("wraps")
	}
	key, err := hpke.Open(sk, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("lintas/exchange/wrap/v1\nKH\nTH\n"+session), wraps[11:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func exampleOpen(t *testing.T, key, sealed []byte) []byte {
	k, err := hkdf.Key(sha256.New, key, sealed[:32], "lintas/exchange/body/v1\n", 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gcm.Open(nil, make([]byte, 12), sealed[32:], []byte("lintas/exchange/body/v1\nKH\nTH\n"))
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestProtocolNamesEveryReason keeps the document's list complete.
func TestProtocolNamesEveryReason(t *testing.T) {
	text, err := os.ReadFile(protocol)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Reasons {
		if !strings.Contains(string(text), "`"+string(r)+"`") {
			t.Errorf("%s is not there", r)
		}
	}
	for _, s := range []string{signSpace, hashSpace, wrapSpace, bodySpace} {
		if !strings.Contains(string(text), strings.TrimSpace(s)) {
			t.Errorf("%s is not there", s)
		}
	}
}
