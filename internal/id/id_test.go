package id

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

func TestNewIsVersion7AndAscending(t *testing.T) {
	c := clock.NewManual(time.Date(2020, 1, 13, 0, 0, 0, 0, time.UTC))
	m := &Maker{Clock: c}
	last := ID("")
	for i := range 10000 { // more than one millisecond's worth of sequence numbers
		n := m.New()
		if n <= last {
			t.Fatalf("%d: %s after %s", i, n, last)
		}
		u := uuid.MustParse(string(n))
		if u.Version() != 7 || u.Variant() != uuid.RFC4122 {
			t.Fatalf("%s is version %d, variant %v", n, u.Version(), u.Variant())
		}
		last = n
	}
	u := uuid.MustParse(string((&Maker{Clock: c}).New()))
	if sec, _ := u.Time().UnixTime(); sec != c.Now().Unix() {
		t.Fatalf("the identifier says %d, the clock %d", sec, c.Now().Unix())
	}
}

func FuzzParse(f *testing.F) {
	f.Add("0197f6a0-0000-7000-8000-000000000000")
	f.Add("{0197f6a0-0000-7000-8000-000000000000}")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := Parse(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || i != "" {
				t.Fatalf("%q: %v %q", s, err, i)
			}
			return
		}
		if j, err := Parse(string(i)); err != nil || i != j {
			t.Fatalf("%q: %q is not stable", s, i)
		}
	})
}
