package parts

import (
	"strings"

	"lintas/internal/locale"
)

// AckState is how far a recipient has come. Its word is the catalogue's
// "ack.<AckState>".
type AckState string

const (
	Acted    AckState = "acted"    // acknowledged: solid
	Read     AckState = "read"     // opened by a person: ruled
	Asked    AckState = "asked"    // answered with a question: ruled, marked
	Refused  AckState = "refused"  // refused with a reason: crossed
	Waiting  AckState = "waiting"  // delivered or on the way, nobody looked: dashed
	Own      AckState = "own"      // the sender itself
	NotAsked AckState = "notasked" // not a recipient
)

// Ack is the answer of one member. Strips list the members in the fixed order
// of access.States, whatever happened.
type Ack struct {
	Code   string
	Name   string
	State  AckState
	Late   bool   // no answer and the due time is over
	Detail string // "delivered 22 Nov 10:05, not opened"
	When   string // "22 h", "acted 22 Nov 10:48"
}

func (a Ack) answered() bool { return a.State == Acted || a.State == Asked || a.State == Refused }

func (a Ack) asked() bool { return a.State != Own && a.State != NotAsked }

// Counts are how many answered of how many were asked.
func Counts(acks []Ack) (answered, asked int) {
	for _, a := range acks {
		if a.asked() {
			asked++
		}
		if a.answered() {
			answered++
		}
	}
	return answered, asked
}

// silent are those whose answer is still missing.
func silent(acks []Ack) []Ack {
	var out []Ack
	for _, a := range acks {
		if a.asked() && !a.answered() {
			out = append(out, a)
		}
	}
	return out
}

// most is how many missing members are spelled out beside a small strip.
const most = 2

func shown(acks []Ack) (first, rest []Ack) {
	s := silent(acks)
	return s[:min(most, len(s))], s[min(most, len(s)):]
}

func namesOf(acks []Ack) string {
	names := make([]string, len(acks))
	for i, a := range acks {
		names[i] = a.Name
	}
	return strings.Join(names, ", ")
}

func silentPlate(p *locale.Printer, a Ack) Plate {
	pl := Plate{Code: a.Code, Title: p.T("ack.title", "name", a.Name, "state", p.T("ack."+string(a.State)))}
	if a.State == Waiting {
		pl.State = Missing
	}
	return pl
}

// sentence says the whole strip for those who cannot see it: by state, the
// names of the members.
func sentence(p *locale.Printer, acks []Ack) string {
	var out []string
	for _, s := range []AckState{Acted, Asked, Refused, Read, Waiting} {
		var names []string
		for _, a := range acks {
			if a.State == s {
				names = append(names, a.Name)
			}
		}
		if len(names) > 0 {
			out = append(out, p.T("ack.line", "state", p.T("ack."+string(s)), "names", strings.Join(names, ", ")))
		}
	}
	return strings.Join(out, " ")
}
