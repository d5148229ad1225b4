// Package outbreakcase reads a case (an algorithm, its settings and its input
// as JSON), runs it with package outbreak, and compares the answer with what an
// independent implementation found.
package outbreakcase

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxCase bounds the size of one case file.
const maxCase = 64 << 20

// Case is one file: what to run and, where known, what to find.
type Case struct {
	ID        string                     `json:"id"`
	Algorithm string                     `json:"algorithm"`
	Notes     string                     `json:"notes,omitempty"`
	Tolerance string                     `json:"tolerance,omitempty"`
	Params    map[string]json.RawMessage `json:"params"`
	Input     map[string]json.RawMessage `json:"input"`
	Expected  map[string]any             `json:"expected,omitempty"`
}

// Answer holds the columns of a result by name, in the form of the cases'
// `expected`.
type Answer map[string]any

// Error is a case that cannot be read or run, with a sentence for people.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

func fail(format string, args ...any) error { return &Error{Text: fmt.Sprintf(format, args...)} }

// Read decodes one case.
func Read(r io.Reader) (Case, error) {
	var c Case
	b, err := io.ReadAll(io.LimitReader(r, maxCase+1))
	if err != nil {
		return c, err
	}
	if len(b) > maxCase {
		return c, fail("the case is larger than %d MB", maxCase>>20)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fail("the case is not readable JSON: %v", err)
	}
	if c.Algorithm == "" {
		return c, fail("the case names no algorithm; known are %s", strings.Join(Names(), ", "))
	}
	return c, nil
}

// Names lists the algorithms, sorted.
func Names() []string { return slices.Sorted(maps.Keys(algorithms)) }

// Known tells whether there is an algorithm of that name.
func Known(algorithm string) bool {
	_, ok := algorithms[algorithm]
	return ok
}

// Run computes the answer of a case.
func Run(c Case) (Answer, error) {
	a, ok := algorithms[c.Algorithm]
	if !ok {
		return nil, fail("there is no algorithm %q; known are %s", c.Algorithm, strings.Join(Names(), ", "))
	}
	return a.run(c)
}

// param reads a setting; absent or null leaves dst as it is. A list of one
// stands for its element.
func (c Case) param(name string, dst any) error { return decode("params."+name, c.Params[name], dst) }

// input reads a column of the input; absent or null leaves dst as it is.
func (c Case) input(name string, dst any) error { return decode("input."+name, c.Input[name], dst) }

// has tells whether a setting is given and not null.
func (c Case) has(name string) bool {
	raw, ok := c.Params[name]
	return ok && string(raw) != "null"
}

func decode(name string, raw json.RawMessage, dst any) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	err := json.Unmarshal(raw, dst)
	if err == nil {
		return nil
	}
	if raw[0] == '[' {
		var one []json.RawMessage
		if json.Unmarshal(raw, &one) == nil && len(one) == 1 {
			return decode(name, one[0], dst)
		}
	} else if json.Unmarshal([]byte("["+string(raw)+"]"), dst) == nil {
		return nil
	}
	return fail("%s has the wrong form: %v", name, err)
}

// all returns the first error.
func all(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
