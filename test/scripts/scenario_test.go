package scripts

import (
	"os"
	"strings"
	"testing"

	"lintas/internal/region/scenario"
)

// The example of the format's description must be one that the program reads.
func TestScenarioExample(t *testing.T) {
	b, err := os.ReadFile("../../docs/operate/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "```\n")
	text, _, closed := strings.Cut(rest, "```\n")
	if !ok || !closed {
		t.Fatal("docs/operate/scenarios.md has no example")
	}
	s, err := scenario.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != "example-1" || len(s.Steps) != 8 {
		t.Errorf("read %s with %d steps", s.ID, len(s.Steps))
	}
}
