package node

import (
	"slices"
	"testing"

	"lintas/internal/desk/health/web/rest"
)

// What a token may carry is offered once each, whoever else declares it.
func TestScopesOnce(t *testing.T) {
	all := Scopes()
	for _, want := range []string{rest.Write, streamScope} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not offered", want)
		}
	}
	for i, s := range all {
		if s == "" || slices.Contains(all[:i], s) {
			t.Errorf("%q twice or empty: %q", s, all)
		}
	}
}
