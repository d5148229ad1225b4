package people

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"lintas/internal/fault"
)

// Params are the costs of argon2id, stored with each hash.
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// Recommended are the memory and passes of the second recommended option of
// RFC 9106, section 4, with one lane, since the cores of a node are few and
// serve everybody.
var Recommended = Params{MemoryKiB: 64 * 1024, Passes: 3, Lanes: 1}

const (
	saltSize  = 16
	hashSize  = 32
	maxQueued = 32 // more than this wait for nothing: answer that the node is busy
)

// Hasher computes password hashes, at most so many at once, since each takes
// the memory of its Params.
type Hasher struct {
	params Params
	slots  chan struct{}
	queued atomic.Int32
	runs   atomic.Int64 // for tests: every refusal costs one hash
	dummy  string       // what an unknown account is compared with
}

// NewHasher bounds the memory to concurrent times params.MemoryKiB.
func NewHasher(params Params, concurrent int) *Hasher {
	h := &Hasher{params: params, slots: make(chan struct{}, concurrent)}
	h.dummy = encodeHash(params, make([]byte, saltSize), make([]byte, hashSize))
	return h
}

// Hash makes the stored form of a password.
func (h *Hasher) Hash(ctx context.Context, password string, salt []byte) (string, error) {
	sum, err := h.run(ctx, h.params, password, salt)
	if err != nil {
		return "", err
	}
	return encodeHash(h.params, salt, sum), nil
}

// Verify compares a password with a stored form; an empty one takes as long
// and never matches. Stale reports that the costs have changed since.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (ok, stale bool, err error) {
	known := stored != ""
	if !known {
		stored = h.dummy
	}
	params, salt, want, err := decodeHash(stored)
	if err != nil {
		return false, false, fault.Wrap(fault.Internal, "fault.internal", err)
	}
	got, err := h.run(ctx, params, password, salt)
	if err != nil {
		return false, false, err
	}
	same := subtle.ConstantTimeCompare(got, want) == 1
	return same && known, params != h.params, nil
}

func (h *Hasher) run(ctx context.Context, p Params, password string, salt []byte) ([]byte, error) {
	if h.queued.Add(1) > maxQueued {
		h.queued.Add(-1)
		return nil, fault.New(fault.Unavailable, "fault.people.busy")
	}
	defer h.queued.Add(-1)
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "fault.people.busy", ctx.Err())
	}
	defer func() { <-h.slots }()
	h.runs.Add(1)
	return argon2.IDKey([]byte(password), salt, p.Passes, p.MemoryKiB, p.Lanes, hashSize), nil
}

// The stored form is the PHC string format:
// $argon2id$v=19$m=65536,t=3,p=1$salt$hash.
func encodeHash(p Params, salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.MemoryKiB, p.Passes, p.Lanes, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errHash = errors.New("people: malformed password hash")

func decodeHash(s string) (p Params, salt, sum []byte, err error) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil {
		return p, nil, nil, errHash
	}
	if part[3] != fmt.Sprintf("m=%d,t=%d,p=%d", p.MemoryKiB, p.Passes, p.Lanes) ||
		p.MemoryKiB < 8 || p.MemoryKiB > 1<<20 || p.Passes < 1 || p.Passes > 64 || p.Lanes < 1 {
		return p, nil, nil, errHash
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, err = b64.DecodeString(part[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return p, nil, nil, errHash
	}
	sum, err = b64.DecodeString(part[5])
	if err != nil || len(sum) != hashSize {
		return p, nil, nil, errHash
	}
	return p, salt, sum, nil
}
