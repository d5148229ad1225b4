package outbreak

import (
	"fmt"
	"math"
	"strconv"
)

// Kind sorts errors by what the caller can do about them.
type Kind uint8

const (
	BadSeries    Kind = iota + 1 // the input cannot be read as a series
	BadOption                    // an option is outside its range
	ShortSeries                  // the history does not reach as far back as the options ask
	NotComputed                  // the method has no answer for this input
	NotSupported                 // the combination of options has no meaning
)

// Error is an input or an option that was refused. Its text is a sentence
// without a final stop.
type Error struct {
	Kind  Kind
	Field string // the input or option that it is about
	Text  string
}

// Error is the sentence.
func (e *Error) Error() string { return e.Text }

// Is makes errors.Is(err, &Error{Kind: k}) match any error of the kind.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && (t.Field == "" || t.Field == e.Field)
}

// refuse makes an Error.
func refuse(kind Kind, field, format string, args ...any) error {
	return &Error{Kind: kind, Field: field, Text: fmt.Sprintf(format, args...)}
}

func formatNumber(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func (v *Value) read(s string) error {
	if s == "null" {
		*v = Value{}
		return nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return refuse(BadOption, "Value", "%s is not a finite number", s)
	}
	*v = Known(x)
	return nil
}
