package people

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"lintas/internal/fault"
	"lintas/internal/id"
)

// seal encrypts a secret of an account with AES-256-GCM; the account is
// authenticated with it, so that a sealed secret moved to another row does
// not open.
func (p *People) seal(account id.ID, plain []byte) ([]byte, error) {
	g, err := p.gcm()
	if err != nil {
		return nil, err
	}
	nonce := p.random(g.NonceSize())
	return g.Seal(nonce, nonce, plain, []byte(account)), nil
}

func (p *People) open(account id.ID, sealed []byte) ([]byte, error) {
	g, err := p.gcm()
	if err != nil {
		return nil, err
	}
	if len(sealed) < g.NonceSize() {
		return nil, fault.Wrap(fault.Internal, "fault.people.key", errors.New("people: sealed secret is too short"))
	}
	plain, err := g.Open(nil, sealed[:g.NonceSize()], sealed[g.NonceSize():], []byte(account))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.people.key", errors.New("people: a second factor does not open with this node key"))
	}
	return plain, nil
}

func (p *People) gcm() (cipher.AEAD, error) {
	b, err := aes.NewCipher(p.keys.seal)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

// mac authenticates parts; each is preceded by its length, so that no two
// lists of parts are the same bytes.
func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	return h.Sum(nil)
}

// digest is what the database keeps of a random bearer token: 256 random
// bits need no slow hash.
func digest(token []byte) []byte {
	sum := sha256.Sum256(token)
	return sum[:]
}
