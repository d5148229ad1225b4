package people

import (
	"crypto/subtle"
	"encoding/base32"
	"image/color"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"lintas/internal/fault"
	"lintas/internal/id"
)

// The second factor is TOTP (RFC 6238) with the parameters that every
// authenticator app takes: SHA-1, six digits, 30 seconds. A code of the step
// before or after is taken too, for clocks that differ. A step that was used,
// or an earlier one, is never taken again.
const (
	period     = 30
	secretSize = 20
)

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// Enrolment is what a page shows for a new second factor: the secret to type,
// the address that apps read, and the same as a QR symbol.
type Enrolment struct {
	Secret string
	URI    string
	QR     [][]bool // rows of dark modules; leave four light modules around
}

func (p *People) enrolment(secret []byte, login string) (Enrolment, error) {
	issuer := "Lintas " + string(p.cfg.Member)
	text := secretText.EncodeToString(secret)
	v := url.Values{}
	v.Set("secret", text)
	v.Set("issuer", issuer)
	// Apps read %20, not all of them read + (key URI format).
	uri := "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(login) + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")
	m, err := matrix(uri)
	return Enrolment{Secret: text, URI: uri, QR: m}, err
}

func matrix(content string) ([][]bool, error) {
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	b := code.Bounds()
	rows := make([][]bool, b.Dy())
	for y := range rows {
		rows[y] = make([]bool, b.Dx())
		for x := range rows[y] {
			rows[y][x] = code.At(b.Min.X+x, b.Min.Y+y) == color.Black
		}
	}
	return rows, nil
}

// step finds the time step of a code, or reports that it has none after last.
func step(secret []byte, code string, last int64, now time.Time) (int64, bool) {
	text := secretText.EncodeToString(secret)
	at := now.Unix() / period
	found := int64(0)
	for s := at - 1; s <= at+1; s++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && s > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = s
		}
	}
	return found, found != 0
}

// plainCode drops the spaces and dashes that people type.
func plainCode(code string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, code))
}

func isTOTP(plain string) bool {
	return len(plain) == 6 && strings.Trim(plain, "0123456789") == ""
}

// Recovery codes: ten of 80 random bits, each used once; the database keeps
// only their MAC under a key that it does not hold.
const (
	recoveryCodes = 10
	recoverySize  = 10
)

var recoveryText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func (p *People) newRecovery(account id.ID) (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		c := recoveryText.EncodeToString(p.random(recoverySize))
		hashes = append(hashes, p.recoveryHash(account, c))
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
	}
	return codes, hashes
}

func (p *People) recoveryHash(account id.ID, plain string) []byte {
	return mac(p.keys.recovery, []byte(account), []byte(plain))
}
