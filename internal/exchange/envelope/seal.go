package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
)

const (
	wrapSpace = "lintas/exchange/wrap/v1\n"
	bodySpace = "lintas/exchange/body/v1\n"
	saltSize  = 32
	keySize   = 32
)

// Meta stands at the head of the sealed body and repeats what the header
// says, so that sealed text cannot be moved under another header.
type Meta struct {
	Channel Channel       `json:"channel"`
	Epoch   int64         `json:"epoch"`
	From    access.Member `json:"from"`
	Kind    string        `json:"kind"` // what the body is
	Release id.ID         `json:"release"`
	Seq     int64         `json:"seq"`
}

// Session is a random message key, wrapped once for every recipient of a
// channel. Several envelopes may use it one after the other, each under a key
// derived from it; only the first of them must carry the wraps.
type Session struct {
	ID    string
	key   []byte
	wraps []byte
}

// NewSession makes a message key and wraps it for each public sealing key.
func NewSession(from access.Member, ch Channel, to []hpke.PublicKey) (*Session, error) {
	if len(to) == 0 || len(to) > 255 {
		return nil, fault.New(fault.Invalid, "fault.exchange.no_recipient")
	}
	sid := make([]byte, 16)
	s := &Session{key: make([]byte, keySize)}
	rand.Read(sid)
	rand.Read(s.key)
	s.ID = hex.EncodeToString(sid)
	s.wraps = append(s.wraps, byte(len(to)))
	for _, pk := range to {
		w, err := hpke.Seal(pk, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(from, ch, s.ID), s.key)
		if err != nil {
			return nil, fmt.Errorf("envelope: wrap: %w", err)
		}
		h := sha256.Sum256(pk.Bytes())
		s.wraps = append(s.wraps, h[:8]...)
		s.wraps = binary.BigEndian.AppendUint16(s.wraps, uint16(len(w)))
		s.wraps = append(s.wraps, w...)
	}
	return s, nil
}

func wrapInfo(from access.Member, ch Channel, session string) []byte {
	return []byte(wrapSpace + string(from) + "\n" + string(ch) + "\n" + session)
}

// Seal makes the frame of h with the body under the session's key. withWraps
// carries the key along. It fills the header's digests, version and session.
func (s *Session) Seal(k Keys, h Header, kind string, body []byte, withWraps bool) (raw []byte, hash string, err error) {
	meta, err := json.Marshal(Meta{h.Channel, h.Epoch, h.From, kind, h.Release, h.Seq})
	if err != nil {
		return nil, "", fmt.Errorf("envelope: meta: %w", err)
	}
	plain := make([]byte, 0, padded(8+len(meta)+len(body)))
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(meta)))
	plain = append(plain, meta...)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(body)))
	plain = append(plain, body...)
	plain = plain[:cap(plain)]
	if len(plain) > MaxFrame {
		return nil, "", fault.New(fault.Invalid, "fault.exchange.too_large").With("max_mib", 3)
	}
	salt := make([]byte, saltSize, saltSize+len(plain)+16)
	rand.Read(salt)
	aead, err := bodyCipher(s.key, salt)
	if err != nil {
		return nil, "", err
	}
	// The key is used for this one body only, so the nonce may be constant.
	sealed := aead.Seal(salt, make([]byte, aead.NonceSize()), plain, bodyAAD(h))
	var wraps []byte
	if withWraps {
		wraps = s.wraps
		h.Wraps = digest(wraps)
	} else {
		h.Wraps = ""
	}
	h.V, h.Session, h.Body, h.Key = Version, s.ID, digest(sealed), k.SignID()
	return frame(h, wraps, sealed, k.Sign)
}

func bodyCipher(key, salt []byte) (cipher.AEAD, error) {
	k, err := hkdf.Key(sha256.New, key, salt, bodySpace, keySize)
	if err != nil {
		return nil, fmt.Errorf("envelope: derive: %w", err)
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, fmt.Errorf("envelope: cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

func bodyAAD(h Header) []byte {
	return []byte(bodySpace + string(h.From) + "\n" + string(h.Channel) + "\n" + string(h.Release))
}

// padded is the size that a plaintext of n bytes is brought to: a power of two
// from 512 bytes to 64 KiB, then whole 64 KiB, so that sizes say little.
func padded(n int) int {
	const step = 64 << 10
	if n > step {
		return (n + step - 1) / step * step
	}
	p := 512
	for p < n {
		p *= 2
	}
	return p
}

// Wraps are the wrapped copies of the message key.
func (s *Session) Wraps() []byte { return s.wraps }

// WrappedKeys are the wrapped copies of the message key that the envelope carries.
func (e *Envelope) WrappedKeys() []byte { return e.wraps }

// Unwrap finds the message key of a session that is wrapped for one of the
// keys; Refusal NoKey when none is.
func Unwrap(from access.Member, ch Channel, session string, wraps []byte, k Keys) ([]byte, error) {
	if len(wraps) == 0 {
		return nil, Refuse(NoKey, nil)
	}
	n, b := int(wraps[0]), wraps[1:]
	for range n {
		if len(b) < 10 {
			return nil, Refuse(Malformed, errors.New("wraps cut short"))
		}
		kid, size := hex.EncodeToString(b[:8]), int(binary.BigEndian.Uint16(b[8:]))
		if len(b) < 10+size {
			return nil, Refuse(Malformed, errors.New("wraps cut short"))
		}
		w := b[10 : 10+size]
		b = b[10+size:]
		for _, p := range k.Open {
			if KeyID(p.PublicKey().Bytes()) != kid {
				continue
			}
			key, err := hpke.Open(p, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(from, ch, session), w)
			if err != nil || len(key) != keySize {
				return nil, Refuse(Lifted, err)
			}
			return key, nil
		}
	}
	return nil, Refuse(NoKey, nil)
}

// WrappedFor reports whether one of the copies is for the public key of that id.
func WrappedFor(wraps []byte, key string) bool {
	if len(wraps) == 0 {
		return false
	}
	for b := wraps[1:]; len(b) >= 10; {
		size := int(binary.BigEndian.Uint16(b[8:]))
		if len(b) < 10+size {
			return false
		}
		if hex.EncodeToString(b[:8]) == key {
			return true
		}
		b = b[10+size:]
	}
	return false
}

// Open opens the body with the session's message key and compares what it
// says with the header.
func (e *Envelope) Open(key []byte) (Meta, []byte, error) {
	var m Meta
	if len(e.body) < saltSize || len(key) != keySize {
		return m, nil, Refuse(Malformed, errors.New("sealed body cut short"))
	}
	aead, err := bodyCipher(key, e.body[:saltSize])
	if err != nil {
		return m, nil, err
	}
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), e.body[saltSize:], bodyAAD(e.Header))
	if err != nil {
		return m, nil, Refuse(Lifted, err)
	}
	return e.split(plain)
}

func (e *Envelope) split(plain []byte) (Meta, []byte, error) {
	var m Meta
	meta, rest, err := take(plain, maxHeader)
	if err != nil {
		return m, nil, Refuse(BadContent, err)
	}
	body, _, err := take(rest, MaxFrame)
	if err != nil {
		return m, nil, Refuse(BadContent, err)
	}
	if !m.scan(meta) {
		m = Meta{}
		if err := json.Unmarshal(meta, &m); err != nil {
			return m, nil, Refuse(BadContent, err)
		}
	}
	if m.From != e.From || m.Channel != e.Channel || m.Epoch != e.Epoch || m.Seq != e.Seq || m.Release != e.Release {
		return m, nil, Refuse(Lifted, fmt.Errorf("sealed for %s %s/%d/%d", m.From, m.Channel, m.Epoch, m.Seq))
	}
	return m, body, nil
}
