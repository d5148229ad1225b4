package envelope

import (
	"strconv"

	"lintas/internal/access"
	"lintas/internal/id"
)

// scan reads a header that is written as frame writes it, several times as
// fast as encoding/json. What it takes is canonical by its making: every field
// once and in order, strings of plain characters, numbers without zeros before
// them. Anything else it leaves to the long way, which says what is wrong.
func (h *Header) scan(b []byte) bool {
	s := scanner{rest: b, ok: true}
	h.Body = s.text(`{"body":"`)
	h.Channel = Channel(s.text(`,"channel":"`))
	h.Class = Class(s.text(`,"class":"`))
	h.Epoch = s.number(`,"epoch":`)
	h.From = access.Member(s.text(`,"from":"`))
	h.Key = s.text(`,"key":"`)
	h.Prev = s.text(`,"prev":"`)
	h.Release = id.ID(s.text(`,"release":"`))
	h.Seq = s.number(`,"seq":`)
	h.Session = s.text(`,"session":"`)
	h.Time = s.number(`,"time":`)
	h.V = int(s.number(`,"v":`))
	h.Wraps = s.text(`,"wraps":"`)
	s.literal("}")
	return s.ok && len(s.rest) == 0
}

// scan reads a Meta that is written as Seal writes it, and leaves anything else
// to the long way.
func (m *Meta) scan(b []byte) bool {
	s := scanner{rest: b, ok: true}
	m.Channel = Channel(s.text(`{"channel":"`))
	m.Epoch = s.number(`,"epoch":`)
	m.From = access.Member(s.text(`,"from":"`))
	m.Kind = s.text(`,"kind":"`)
	m.Release = id.ID(s.text(`,"release":"`))
	m.Seq = s.number(`,"seq":`)
	s.literal("}")
	return s.ok && len(s.rest) == 0
}

type scanner struct {
	rest []byte
	ok   bool
}

func (s *scanner) literal(l string) {
	if s.ok = s.ok && len(s.rest) >= len(l) && string(s.rest[:len(l)]) == l; s.ok {
		s.rest = s.rest[len(l):]
	}
}

// text reads a string whose opening quote ends the literal before it.
func (s *scanner) text(before string) string {
	s.literal(before)
	for i := 0; s.ok && i < len(s.rest); i++ {
		c := s.rest[i]
		if c == '"' {
			t := string(s.rest[:i])
			s.rest = s.rest[i+1:]
			return t
		}
		// None of these needs an escape in any writer of JSON.
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			break
		}
	}
	s.ok = false
	return ""
}

func (s *scanner) number(before string) int64 {
	s.literal(before)
	i := 0
	for i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9' {
		i++
	}
	if !s.ok || i == 0 || i > 18 || i > 1 && s.rest[0] == '0' {
		s.ok = false
		return 0
	}
	n, err := strconv.ParseInt(string(s.rest[:i]), 10, 64)
	s.ok = err == nil
	s.rest = s.rest[i:]
	return n
}
