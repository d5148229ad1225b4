// Package workflow is what a table of steps can say: from which state, by
// whom, with which needs, within which time, and to which state. The same row
// enables the button and enforces the rule.
package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// State of a record on one track.
type State string

// Verb is what a person does: Verify, Release, Close.
type Verb string

// Need is a condition of a step: a small pure function with a sentence for
// the user, the catalogue's "need.<Name>".
type Need[R any] struct {
	Name  string
	Check func(rec R, actor access.Actor, now time.Time) bool
}

// Within gives the deadline that a step sets on the record, and the name of
// the clock, the catalogue's "clock.<Name>". A zero time clears the deadline.
type Within[R any] struct {
	Name string
	Due  func(rec R, now time.Time) time.Time
}

// Step is one row.
type Step[R any] struct {
	From   []State
	Verb   Verb
	To     State // empty: the state stays
	By     []access.Role
	Other  bool // by the other member's message, never by a person here
	Needs  []Need[R]
	Within *Within[R]
	Tells  []string // audiences, resolved by the desk's exchange.go
}

// Table is one track of one kind of record.
type Table[R any] struct {
	Record  string // "health.event"
	Track   string // "main" unless the record has several
	Version string
	Initial State
	Final   []State
	Place   func(R) string // where the actor must hold the role; nil: anywhere in the member
	State   func(R) State
	Steps   []Step[R]

	once   sync.Once
	digest string
}

// Find returns the row for a verb from a state.
func (t *Table[R]) Find(from State, verb Verb) (*Step[R], bool) {
	for i := range t.Steps {
		if t.Steps[i].Verb == verb && slices.Contains(t.Steps[i].From, from) {
			return &t.Steps[i], true
		}
	}
	return nil, false
}

// Allowed reports whether the actor's role permits the row for this record.
func (t *Table[R]) Allowed(s *Step[R], rec R, actor access.Actor) bool {
	if s.Other || actor.System {
		return actor.System
	}
	place := ""
	if t.Place != nil {
		place = t.Place(rec)
	}
	return slices.ContainsFunc(s.By, func(r access.Role) bool { return actor.Has(r, place) })
}

// Authorise finds the row and refuses with the reason: the state has no such
// row (conflict), or the role is not there (forbidden).
func (t *Table[R]) Authorise(rec R, verb Verb, actor access.Actor) (*Step[R], error) {
	s, ok := t.Find(t.State(rec), verb)
	if !ok {
		return nil, fault.New(fault.Conflict, "fault.wrong_state").
			With("verb", string(verb)).With("state", string(t.State(rec)))
	}
	if !t.Allowed(s, rec, actor) {
		return nil, fault.New(fault.Forbidden, "fault.role").With("verb", string(verb))
	}
	return s, nil
}

// Satisfied refuses a step whose needs do not hold, one field for each need.
func Satisfied[R any](s *Step[R], rec R, actor access.Actor, now time.Time) error {
	unmet := Unmet(s, rec, actor, now)
	if len(unmet) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "fault.needs")
	for _, n := range unmet {
		e.Fields = append(e.Fields, fault.Field{Name: n, Key: "need." + n})
	}
	return e
}

// Unmet names the needs of the row that do not hold.
func Unmet[R any](s *Step[R], rec R, actor access.Actor, now time.Time) []string {
	var out []string
	for _, n := range s.Needs {
		if !n.Check(rec, actor, now) {
			out = append(out, n.Name)
		}
	}
	return out
}

// Offer is a button: a verb that the actor's role permits now, and the needs
// that keep it disabled.
type Offer struct {
	Verb  Verb
	To    State
	Unmet []string
}

// Offers lists the buttons for an actor, in the order of the table.
func (t *Table[R]) Offers(rec R, actor access.Actor, now time.Time) []Offer {
	var out []Offer
	for i := range t.Steps {
		s := &t.Steps[i]
		if slices.Contains(s.From, t.State(rec)) && t.Allowed(s, rec, actor) && !actor.System {
			out = append(out, Offer{Verb: s.Verb, To: s.To, Unmet: Unmet(s, rec, actor, now)})
		}
	}
	return out
}

// Digest identifies the procedure: two nodes with the same digest follow the
// same rows. It is made once: a table does not change after its first use.
func (t *Table[R]) Digest() string {
	t.once.Do(func() {
		sum := sha256.Sum256([]byte(t.Markdown()))
		t.digest = hex.EncodeToString(sum[:])
	})
	return t.digest
}

// Markdown writes the table for the people who approve it.
func (t *Table[R]) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s, track %s, version %s\n\nStarts in `%s`.", t.Record, t.Track, t.Version, t.Initial)
	if len(t.Final) > 0 {
		fmt.Fprintf(&b, " Ends in %s.", join(t.Final))
	}
	b.WriteString("\n\n| from | verb | to | by | needs | within | tells |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, s := range t.Steps {
		by := join(s.By)
		if s.Other {
			by = "the other member's answer"
		}
		to := "(stays)"
		if s.To != "" {
			to = "`" + string(s.To) + "`"
		}
		var needs []string
		for _, n := range s.Needs {
			needs = append(needs, n.Name)
		}
		within := ""
		if s.Within != nil {
			within = s.Within.Name
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n",
			join(s.From), s.Verb, to, by, strings.Join(needs, ", "), within, strings.Join(s.Tells, ", "))
	}
	return b.String()
}

func join[S ~string](v []S) string {
	out := make([]string, len(v))
	for i, s := range v {
		out[i] = "`" + string(s) + "`"
	}
	return strings.Join(out, ", ")
}
