package history

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// KeyName is the name under which a member signs notes, in every epoch.
func KeyName(m access.Member) string { return originPrefix + string(m) }

func memberOf(name string) (access.Member, bool) {
	m, ok := strings.CutPrefix(name, originPrefix)
	return access.Member(m), ok && validMember(access.Member(m))
}

// algEd25519 is the key type of signed notes (package note).
const algEd25519 = 1

// signer signs notes with a member's Ed25519 key. note.NewSigner takes only
// an encoded private key, which we do not want to make just to parse it.
type signer struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
}

func (s *signer) Name() string                    { return s.name }
func (s *signer) KeyHash() uint32                 { return s.hash }
func (s *signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// NewSigner signs as the member. A note's text always begins with "lintas/",
// so the key may also serve where another domain separator is signed.
func NewSigner(m access.Member, key ed25519.PrivateKey) (note.Signer, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok || len(key) != ed25519.PrivateKeySize || !validMember(m) {
		return nil, fault.New(fault.Invalid, "fault.history.key")
	}
	sum := sha256.Sum256([]byte(KeyName(m) + "\n" + string([]byte{algEd25519}) + string(pub)))
	return &signer{name: KeyName(m), hash: binary.BigEndian.Uint32(sum[:]), key: key}, nil
}

// NewVerifier verifies what the member signed with the key. All verifiers
// together, of past keys too, make a note.VerifierList.
func NewVerifier(m access.Member, key ed25519.PublicKey) (note.Verifier, error) {
	if !validMember(m) || len(key) != ed25519.PublicKeySize {
		return nil, fault.New(fault.Invalid, "fault.history.key")
	}
	text, err := note.NewEd25519VerifierKey(KeyName(m), key)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.history.key", err)
	}
	v, err := note.NewVerifier(text)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.history.key", err)
	}
	return v, nil
}
