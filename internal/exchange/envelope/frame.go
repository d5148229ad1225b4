package envelope

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// The frame of version 1:
//
//	"LNT" 0x01 | u32 n | header (n bytes, canonical JSON)
//	           | u32 n | wraps  (n bytes, may be 0)
//	           | u32 n | sealed body (n bytes)
//	           | u8  n | signature (64 bytes of Ed25519, or 0: unsigned)
//
// The signature covers the header under a domain separator; the header holds
// the SHA-256 of the wraps and of the sealed body.
const (
	// Version is the newest envelope version that this package reads.
	Version = 1
	// MaxFrame is the largest envelope: the hub's limit of 4 MiB less room for
	// the hub's own headers.
	MaxFrame = 4<<20 - 4<<10

	magic     = "LNT"
	signSpace = "lintas/exchange/envelope/v1\n"
	hashSpace = "lintas/exchange/envelope-hash/v1\n"
	maxHeader = 2048
	maxWraps  = 1 << 18
)

// Channel is one ordered sequence of one sender: the code of the member it is
// for, or All; or the channel of files beside one of these.
type Channel string

// All is the channel for what goes to every other member.
const All Channel = "all"

const filesPrefix = "files-" // no code begins with a small letter

// Files is the channel for the files that go to the same members, so that
// nothing else waits for them.
func (c Channel) Files() Channel { return filesPrefix + c.Main() }

// Main is the channel for what is not a file and goes to the same members.
func (c Channel) Main() Channel { return Channel(strings.TrimPrefix(string(c), filesPrefix)) }

// IsFiles reports whether it is a channel of files.
func (c Channel) IsFiles() bool { return strings.HasPrefix(string(c), filesPrefix) }

func (c Channel) valid() bool { return c.Main() == All || ValidCode(string(c.Main())) }

// Class tells what has a place in its channel's sequence from what has none.
type Class string

const (
	Sequenced Class = "seq" // one more in the sequence
	Control   Class = "ctl" // repeats the sender's present place in the sequence
)

// Header is signed and travels in the clear: it shows from, to, time and
// size, and nothing of the content. The fields are in canonical order.
type Header struct {
	Body    string        `json:"body"`    // SHA-256 of the sealed body
	Channel Channel       `json:"channel"` //
	Class   Class         `json:"class"`   //
	Epoch   int64         `json:"epoch"`   //
	From    access.Member `json:"from"`    //
	Key     string        `json:"key"`     // id of the signing key
	Prev    string        `json:"prev"`    // Hash of the one before in this epoch, or empty
	Release id.ID         `json:"release"` // or empty
	Seq     int64         `json:"seq"`     // counts from 1 in each epoch
	Session string        `json:"session"` // which message key
	Time    int64         `json:"time"`    // microseconds; information, and for the validity of keys
	V       int           `json:"v"`       //
	Wraps   string        `json:"wraps"`   // SHA-256 of the wraps, or empty
}

// At is the header's time.
func (h Header) At() time.Time { return clock.FromMicros(h.Time) }

// Envelope is a parsed frame.
type Envelope struct {
	Header
	header []byte
	wraps  []byte
	body   []byte
	sig    []byte
	hash   string
}

// Hash identifies the envelope; the next one of its channel repeats it.
func (e *Envelope) Hash() string { return e.hash }

// HasWraps reports whether the envelope carries its message key.
func (e *Envelope) HasWraps() bool { return len(e.wraps) > 0 }

func hashHeader(header []byte) string {
	h := sha256.New()
	h.Write([]byte(hashSpace))
	h.Write(header)
	return hex.EncodeToString(h.Sum(nil))
}

func digest(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// frame signs the header and puts the parts together.
func frame(h Header, wraps, body []byte, key ed25519.PrivateKey) (out []byte, hash string, err error) {
	header, err := json.Marshal(h) // canonical: see TestHeaderIsCanonical
	if err != nil {
		return nil, "", fmt.Errorf("envelope: header: %w", err)
	}
	sig := ed25519.Sign(key, append([]byte(signSpace), header...))
	out = make([]byte, 0, 4+12+1+len(header)+len(wraps)+len(body)+len(sig))
	out = append(append(out, magic...), Version)
	for _, part := range [][]byte{header, wraps, body} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	out = append(append(out, byte(len(sig))), sig...)
	if len(out) > MaxFrame {
		return nil, "", fault.New(fault.Invalid, "fault.exchange.too_large").With("max_mib", 3)
	}
	return out, hashHeader(header), nil
}

// Parse takes a frame apart and checks its form, sizes and digests, not yet
// its signature. The result keeps parts of raw.
func Parse(raw []byte) (*Envelope, error) {
	if len(raw) > MaxFrame {
		return nil, Refuse(Oversized, fmt.Errorf("%d bytes", len(raw)))
	}
	if len(raw) < 4 || string(raw[:3]) != magic {
		return nil, Refuse(Malformed, errors.New("not an envelope"))
	}
	if raw[3] == 0 {
		return nil, Refuse(Malformed, errors.New("version 0"))
	}
	if raw[3] > Version {
		return nil, Refuse(Future, fmt.Errorf("version %d", raw[3]))
	}
	e := &Envelope{}
	rest := raw[4:]
	var err error
	for _, part := range []struct {
		into *[]byte
		max  int
	}{{&e.header, maxHeader}, {&e.wraps, maxWraps}, {&e.body, MaxFrame}} {
		if *part.into, rest, err = take(rest, part.max); err != nil {
			return nil, err
		}
	}
	if len(rest) == 0 || len(rest)-1 != int(rest[0]) {
		return nil, Refuse(Malformed, errors.New("trailing bytes"))
	}
	e.hash = hashHeader(e.header)
	if e.sig = rest[1:]; len(e.sig) == 0 {
		return nil, Refuse(Unsigned, nil)
	}
	return e, e.check()
}

func take(b []byte, limit int) (part, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, Refuse(Malformed, errors.New("cut short"))
	}
	n := int64(binary.BigEndian.Uint32(b))
	if n > int64(limit) || n > int64(len(b)-4) {
		return nil, nil, Refuse(Malformed, errors.New("part too long"))
	}
	return b[4 : 4+n : 4+n], b[4+n:], nil
}

func (e *Envelope) check() error {
	if !e.scan(e.header) {
		if err := e.checkHeader(); err != nil {
			return err
		}
	}
	if e.V > Version {
		return Refuse(Future, fmt.Errorf("version %d", e.V))
	}
	switch {
	case e.V != Version, !ValidCode(string(e.From)), !e.Channel.valid(),
		e.Class != Sequenced && e.Class != Control, e.Epoch < 1, e.Seq < 0, e.Class == Sequenced && e.Seq < 1,
		e.Time <= 0, len(e.Key) != 16, len(e.Session) != 32, len(e.sig) != ed25519.SignatureSize:
		return Refuse(Malformed, errors.New("header field out of range"))
	}
	if e.Release != "" {
		if _, err := id.Parse(string(e.Release)); err != nil {
			return Refuse(Malformed, err)
		}
	}
	if digest(e.body) != e.Body || (len(e.wraps) == 0) != (e.Header.Wraps == "") || len(e.wraps) > 0 && digest(e.wraps) != e.Header.Wraps {
		return Refuse(Malformed, errors.New("digest does not match"))
	}
	return nil
}

// checkHeader reads a header the long way.
func (e *Envelope) checkHeader() error {
	e.Header = Header{}
	if err := json.Unmarshal(e.header, &e.Header); err != nil {
		return Refuse(Malformed, err)
	}
	if e.V > Version {
		return Refuse(Future, fmt.Errorf("version %d", e.V)) // its form is another one
	}
	if again, err := json.Marshal(e.Header); err != nil || !bytes.Equal(again, e.header) {
		return Refuse(Malformed, errors.New("header is not canonical"))
	}
	return nil
}

// ValidCode reports whether s may be the code of a member: it becomes part of
// a subject of the hub, so it holds capital letters, digits and hyphens only.
func ValidCode(s string) bool {
	if len(s) < 2 || len(s) > 16 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Verify checks the signature against the sender's key, which lookup finds:
// it returns a Refusal when the sender or the key is not to be trusted for
// the time that the header states.
func (e *Envelope) Verify(lookup func(from access.Member, key string, at time.Time) (ed25519.PublicKey, error)) error {
	pub, err := lookup(e.From, e.Key, e.At())
	if err != nil {
		return err
	}
	if !ed25519.Verify(pub, append([]byte(signSpace), e.header...), e.sig) {
		return Refuse(BadSignature, nil)
	}
	return nil
}
