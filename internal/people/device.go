package people

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"lintas/internal/id"
)

// A device cookie is the time it was issued, a nonce and a MAC over both, the
// account and the epoch of its factors. A challenge is what a right password
// earns: the account, its expiry and a MAC over both and the epoch. Neither is
// stored; both die when a factor changes.

const (
	deviceLife    = 180 * 24 * time.Hour
	deviceNonce   = 16
	challengeLife = 5 * time.Minute
	macSize       = 32
	uuidSize      = 36
)

var tokenText = base64.RawURLEncoding.Strict()

func seconds(t time.Time) []byte { return binary.BigEndian.AppendUint64(nil, uint64(t.Unix())) }

func epochBytes(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func (p *People) newDevice(account id.ID, epoch int64, now time.Time) string {
	issued, nonce := seconds(now), p.random(deviceNonce)
	m := mac(p.keys.device, []byte(account), epochBytes(epoch), issued, nonce)
	return tokenText.EncodeToString(append(append(issued, nonce...), m...))
}

// device returns the nonce of a cookie that is good for the account, or empty.
func (p *People) device(cookie string, account id.ID, epoch int64, now time.Time) string {
	b, err := tokenText.DecodeString(cookie)
	if err != nil || len(b) != 8+deviceNonce+macSize {
		return ""
	}
	issued, nonce, sum := b[:8], b[8:8+deviceNonce], b[8+deviceNonce:]
	if !hmac.Equal(sum, mac(p.keys.device, []byte(account), epochBytes(epoch), issued, nonce)) {
		return ""
	}
	if now.Sub(time.Unix(int64(binary.BigEndian.Uint64(issued)), 0)) > deviceLife {
		return ""
	}
	return tokenText.EncodeToString(nonce)
}

func (p *People) newChallenge(account id.ID, epoch int64, expires time.Time) string {
	at := seconds(expires)
	m := mac(p.keys.challenge, []byte(account), epochBytes(epoch), at)
	return string(account) + "." + tokenText.EncodeToString(append(at, m...))
}

// parseChallenge splits a challenge; it is trusted only after checkChallenge
// with the account's epoch.
func parseChallenge(s string) (account id.ID, at, sum []byte, ok bool) {
	name, rest, found := strings.Cut(s, ".")
	b, err := tokenText.DecodeString(rest)
	if !found || err != nil || len(b) != 8+macSize || len(name) != uuidSize {
		return "", nil, nil, false
	}
	return id.ID(name), b[:8], b[8:], true
}

func (p *People) checkChallenge(account id.ID, epoch int64, at, sum []byte, now time.Time) bool {
	return hmac.Equal(sum, mac(p.keys.challenge, []byte(account), epochBytes(epoch), at)) &&
		now.Unix() < int64(binary.BigEndian.Uint64(at))
}
