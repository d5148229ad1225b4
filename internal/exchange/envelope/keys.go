package envelope

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// KEM is how message keys are wrapped: X25519 and ML-KEM-768 together, so that
// a recording of today's traffic stays closed if either of them is broken.
// (HPKE, RFC 9180; the hybrid is X-Wing, draft-connolly-cfrg-xwing-kem.)
func KEM() hpke.KEM { return hpke.MLKEM768X25519() }

// KeyID names a public key: the first 16 hexadecimal digits of its SHA-256.
func KeyID(public []byte) string {
	h := sha256.Sum256(public)
	return hex.EncodeToString(h[:8])
}

// Keys are the secret keys of one member's node. Open[0] is the current
// sealing key; older ones still open what was sealed before a rotation.
type Keys struct {
	Member access.Member
	Sign   ed25519.PrivateKey
	Open   []hpke.PrivateKey
}

// NewKeys makes fresh keys for a member.
func NewKeys(m access.Member) (Keys, error) {
	_, sign, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Keys{}, fmt.Errorf("envelope: signing key: %w", err)
	}
	open, err := KEM().GenerateKey()
	if err != nil {
		return Keys{}, fmt.Errorf("envelope: sealing key: %w", err)
	}
	return Keys{Member: m, Sign: sign, Open: []hpke.PrivateKey{open}}, nil
}

// SignID is the id of the signing key.
func (k Keys) SignID() string { return KeyID(k.Sign.Public().(ed25519.PublicKey)) }

// SignPublic is the public half of the signing key.
func (k Keys) SignPublic() ed25519.PublicKey { return k.Sign.Public().(ed25519.PublicKey) }

// SealPublic is the public half of the current sealing key.
func (k Keys) SealPublic() []byte { return k.Open[0].PublicKey().Bytes() }

// Rotate returns keys with a new signing and a new sealing key; the older
// sealing keys stay, to open what is still on its way.
func (k Keys) Rotate() (Keys, error) {
	n, err := NewKeys(k.Member)
	if err != nil {
		return Keys{}, err
	}
	n.Open = append(n.Open, k.Open...)
	return n, nil
}

// keyFile is how keys are kept; the file must be readable by the node alone.
type keyFile struct {
	Member access.Member `json:"member"`
	Sign   string        `json:"sign"`
	Open   []string      `json:"open"`
}

// MarshalJSON writes the secret keys. It is for the node's key file only.
func (k Keys) MarshalJSON() ([]byte, error) {
	f := keyFile{Member: k.Member, Sign: base64.StdEncoding.EncodeToString(k.Sign.Seed())}
	for _, p := range k.Open {
		b, err := p.Bytes()
		if err != nil {
			return nil, fmt.Errorf("envelope: sealing key: %w", err)
		}
		f.Open = append(f.Open, base64.StdEncoding.EncodeToString(b))
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads a key file.
func (k *Keys) UnmarshalJSON(raw []byte) error {
	bad := func(err error) error { return fault.Wrap(fault.Invalid, "fault.exchange.bad_keys", err) }
	var f keyFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return bad(err)
	}
	seed, err := base64.StdEncoding.DecodeString(f.Sign)
	if err != nil || len(seed) != ed25519.SeedSize {
		return bad(err)
	}
	out := Keys{Member: f.Member, Sign: ed25519.NewKeyFromSeed(seed)}
	for _, s := range f.Open {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return bad(err)
		}
		p, err := KEM().NewPrivateKey(b)
		if err != nil {
			return bad(err)
		}
		out.Open = append(out.Open, p)
	}
	if len(out.Open) == 0 {
		return bad(nil)
	}
	*k = out
	return nil
}
