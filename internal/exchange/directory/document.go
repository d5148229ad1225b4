// Package directory is the region directory: who the members are, with which
// keys they sign and to which keys one seals. Every version names the hash of
// the one before and is signed by m of the n members of the one before, so no
// single party can change it and nobody can bring back an old one.
package directory

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
)

const (
	signSpace = "lintas/directory/v1\n"
	// MaxSize is the largest signed directory that is read.
	MaxSize = 2 << 20
)

// Kind tells a state from a regional body.
type Kind string

const (
	State Kind = "state"
	Body  Kind = "body"
)

// Key is a public key with the time in which it may be used. Revoked is the
// moment from which nothing that it signed is accepted; zero means never.
type Key struct {
	ID      string    `json:"id"`
	Public  string    `json:"public"` // base64
	From    time.Time `json:"from"`
	Until   time.Time `json:"until,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`
}

// ValidAt reports whether the key may be used at t.
func (k Key) ValidAt(t time.Time) bool {
	return !t.Before(k.From) && (k.Until.IsZero() || t.Before(k.Until)) && (k.Revoked.IsZero() || t.Before(k.Revoked))
}

// Bytes is the raw public key; Document.Check has made sure that it is one.
func (k Key) Bytes() []byte {
	b, err := base64.StdEncoding.DecodeString(k.Public)
	if err != nil {
		return nil
	}
	return b
}

// MakeKey describes a raw public key.
func MakeKey(public []byte, from time.Time) Key {
	return Key{ID: envelope.KeyID(public), Public: base64.StdEncoding.EncodeToString(public), From: from.UTC()}
}

// Member is one state or body with its keys and where it is reached.
type Member struct {
	Code      access.Member `json:"code"`
	Name      string        `json:"name"`
	LegalName string        `json:"legal_name"`
	Kind      Kind          `json:"kind"`
	Address   string        `json:"address"` // web address of the node, for people
	Node      string        `json:"node"`    // public nkey by which the hub knows the node
	Languages []string      `json:"languages"`
	Signing   []Key         `json:"signing"`
	Sealing   []Key         `json:"sealing"`
}

// Document is one version of the directory. Need is m: how many members must
// sign the next version.
type Document struct {
	Region   string    `json:"region"`
	Version  int       `json:"version"`
	Previous string    `json:"previous"` // Hash of the version before; empty in the first
	Issued   time.Time `json:"issued"`
	Need     int       `json:"need"`
	Members  []Member  `json:"members"`
}

// Signature is one member's consent to a version.
type Signature struct {
	Member access.Member `json:"member"`
	Key    string        `json:"key"`
	Value  []byte        `json:"value"`
}

// Signed is a directory as it is stored and sent: the canonical document and
// the signatures over it.
type Signed struct {
	Document   json.RawMessage `json:"document"`
	Signatures []Signature     `json:"signatures"`
}

// Hash identifies a version.
func (s Signed) Hash() string {
	h := sha256.Sum256(append([]byte(signSpace), s.Document...))
	return hex.EncodeToString(h[:])
}

// Encode is the text of a signed directory, for a file or a message.
func (s Signed) Encode() ([]byte, error) { return envelope.Canonical(s) }

// Decode reads a signed directory and checks its form.
func Decode(raw []byte) (Signed, Document, error) {
	bad := func(err error) (Signed, Document, error) {
		return Signed{}, Document{}, fault.Wrap(fault.Invalid, "fault.directory.malformed", err)
	}
	if len(raw) > MaxSize {
		return bad(errors.New("too large"))
	}
	var s Signed
	if err := strict(raw, &s); err != nil {
		return bad(err)
	}
	canonical, err := envelope.CanonicalJSON(s.Document)
	if err != nil {
		return bad(err)
	}
	s.Document = canonical
	var d Document
	if err := strict(s.Document, &d); err != nil {
		return bad(err)
	}
	if again, err := envelope.Canonical(d); err != nil || !bytes.Equal(again, s.Document) {
		return bad(errors.New("document is not canonical"))
	}
	return s, d, d.Check()
}

func strict(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("trailing text")
	}
	return nil
}

// Check says what is wrong with a document.
func (d Document) Check() error {
	var c fault.Check
	c.That(d.Region != "", "region", "fault.directory.region")
	c.That(d.Version >= 1, "version", "fault.directory.version")
	c.That((d.Version == 1) == (d.Previous == ""), "previous", "fault.directory.previous")
	c.That(!d.Issued.IsZero(), "issued", "fault.directory.issued")
	c.That(len(d.Members) > 0 && len(d.Members) <= 200, "members", "fault.directory.members")
	c.That(d.Need >= 1 && d.Need <= len(d.Members), "need", "fault.directory.need")
	seen := map[string]bool{}
	for i, m := range d.Members {
		ok := envelope.ValidCode(string(m.Code)) && !seen[string(m.Code)] && m.Name != "" && (m.Kind == State || m.Kind == Body)
		c.Row(ok, i+1, "code", "fault.directory.code")
		seen[string(m.Code)] = true
		c.Row(checkKeys(m.Signing, seen, isSigning) && checkKeys(m.Sealing, seen, isSealing), i+1, "keys", "fault.directory.keys")
	}
	return c.Err()
}

func isSigning(b []byte) bool { return len(b) == ed25519.PublicKeySize }

func isSealing(b []byte) bool {
	_, err := envelope.KEM().NewPublicKey(b)
	return err == nil
}

func checkKeys(keys []Key, seen map[string]bool, good func([]byte) bool) bool {
	for _, k := range keys {
		b := k.Bytes()
		if !good(b) || envelope.KeyID(b) != k.ID || seen[k.ID] || k.From.IsZero() {
			return false
		}
		seen[k.ID] = true
	}
	return len(keys) > 0
}

// Member finds a member by its code.
func (d Document) Member(code access.Member) (Member, bool) {
	i := slices.IndexFunc(d.Members, func(m Member) bool { return m.Code == code })
	if i < 0 {
		return Member{}, false
	}
	return d.Members[i], true
}

func (d Document) clone() Document {
	d.Members = slices.Clone(d.Members)
	for i, m := range d.Members {
		m.Languages, m.Signing, m.Sealing = slices.Clone(m.Languages), slices.Clone(m.Signing), slices.Clone(m.Sealing)
		d.Members[i] = m
	}
	return d
}
