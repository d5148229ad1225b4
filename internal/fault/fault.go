// Package fault is the closed list of the ways a request can fail, each with
// a key for people and a cause for operators.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is one of the six kinds of failure. What is unclassified is Internal.
type Kind int

const (
	Internal Kind = iota
	Invalid
	NotFound
	Forbidden
	Conflict
	Unavailable
)

var names = [...]string{"internal", "invalid", "not_found", "forbidden", "conflict", "unavailable"}

func (k Kind) String() string { return names[k] }

// Args are the values that a sentence of the catalogue names, such as "max".
type Args map[string]any

// Field says what is wrong with one part of the input and how to mend it.
// Row counts from 1; 0 means that the input has no rows. Key names a sentence
// of the catalogue that holds both the fault and the mend.
type Field struct {
	Name string
	Row  int
	Key  string
	Args Args
}

// Error is a failure that crosses a package border. Key names a sentence for
// people; Cause is for operators and never reaches a page.
type Error struct {
	Kind   Kind
	Key    string
	Args   Args
	Fields []Field
	Cause  error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	b.WriteString(": ")
	b.WriteString(e.Key)
	for k, v := range e.Args {
		fmt.Fprintf(&b, " %s=%v", k, v)
	}
	for _, f := range e.Fields {
		b.WriteString("; ")
		b.WriteString(f.Name)
		if f.Row > 0 {
			fmt.Fprintf(&b, "[row %d]", f.Row)
		}
		b.WriteString(": ")
		b.WriteString(f.Key)
	}
	if e.Cause != nil {
		b.WriteString(": ")
		b.WriteString(e.Cause.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// New returns a fault with a key of the catalogue.
func New(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// Wrap keeps the cause for operators behind a key for people.
func Wrap(kind Kind, key string, cause error) *Error {
	return &Error{Kind: kind, Key: key, Cause: cause}
}

// With returns a copy that carries one more value for its sentence.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = Args{name: value}
	for k, v := range e.Args {
		c.Args[k] = v
	}
	return &c
}

// KindOf classifies any error; nil has no kind and must not be asked.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Check collects the faults of several fields, so that a form shows all of
// them at once.
type Check struct{ fields []Field }

// That adds a fault for the field unless ok.
func (c *Check) That(ok bool, field, key string, args ...Args) {
	c.Row(ok, 0, field, key, args...)
}

// Row is That for one row of a table; rows count from 1.
func (c *Check) Row(ok bool, row int, field, key string, args ...Args) {
	if ok {
		return
	}
	f := Field{Name: field, Row: row, Key: key}
	if len(args) > 0 {
		f.Args = args[0]
	}
	c.fields = append(c.fields, f)
}

// Err is nil when every check held, else an Invalid fault with all fields.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "fault.invalid", Fields: c.fields}
}
