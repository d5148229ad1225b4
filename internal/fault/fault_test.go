package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("saving: %w", Wrap(Conflict, "fault.x", io.EOF))
	if KindOf(err) != Conflict || !Is(err, Conflict) || !errors.Is(err, io.EOF) {
		t.Fatalf("%v", err)
	}
	if KindOf(io.EOF) != Internal {
		t.Fatal("what is unclassified is internal")
	}
	if Is(nil, Internal) {
		t.Fatal("no error is of no kind")
	}
}

func TestCheckCollectsEveryField(t *testing.T) {
	var c Check
	c.That(true, "a", "k")
	c.That(false, "b", "k", Args{"max": 3})
	c.Row(false, 4, "c", "k")
	var e *Error
	if !errors.As(c.Err(), &e) || e.Kind != Invalid || len(e.Fields) != 2 || e.Fields[1].Row != 4 || e.Fields[0].Args["max"] != 3 {
		t.Fatalf("%v", c.Err())
	}
	if (&Check{}).Err() != nil {
		t.Fatal("nothing failed")
	}
}

func TestWithDoesNotChangeTheOriginal(t *testing.T) {
	a := New(Invalid, "k").With("x", 1)
	b := a.With("y", 2)
	if len(a.Args) != 1 || len(b.Args) != 2 {
		t.Fatalf("%v %v", a.Args, b.Args)
	}
}
