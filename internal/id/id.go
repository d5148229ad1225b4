// Package id makes identifiers: UUIDs of version 7 (RFC 9562), which sort by
// the time they were made.
package id

import (
	"crypto/rand"
	"io"
	"sync"

	"github.com/google/uuid"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

// ID is a UUID in its canonical text form, or empty for none.
type ID string

// Parse reads an identifier that came from outside.
func Parse(s string) (ID, error) {
	u, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return "", fault.Wrap(fault.Invalid, "fault.bad_id", err)
	}
	return ID(u.String()), nil
}

// Short is the last group of the identifier, for people to tell two apart.
func (i ID) Short() string {
	if len(i) < 12 {
		return string(i)
	}
	return string(i[len(i)-12:])
}

// Maker makes identifiers from a clock and a source of randomness. The zero
// Maker uses the system's.
type Maker struct {
	Clock clock.Clock
	Rand  io.Reader

	mu   sync.Mutex
	last int64
	seq  uint16
}

// New returns the next identifier; those of one Maker are strictly ascending.
func (m *Maker) New() ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var c clock.Clock = clock.System{}
	if m.Clock != nil {
		c = m.Clock
	}
	r := m.Rand
	if r == nil {
		r = rand.Reader
	}
	var u uuid.UUID
	if _, err := io.ReadFull(r, u[:]); err != nil {
		panic("id: no randomness: " + err.Error()) // the kernel's source does not fail
	}
	// A clock that stands still or goes back uses up the sequence numbers of
	// the last millisecond and then borrows from the next ones.
	if ms := c.Now().UnixMilli(); ms > m.last {
		m.last, m.seq = ms, 0
	} else if m.seq++; m.seq > 0xfff {
		m.last, m.seq = m.last+1, 0
	}
	ms := m.last
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	u[6] = 0x70 | byte(m.seq>>8)
	u[7] = byte(m.seq)
	u[8] = u[8]&0x3f | 0x80
	return ID(u.String())
}
