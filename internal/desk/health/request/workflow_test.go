package request

import (
	"os"
	"slices"
	"strings"
	"testing"

	"lintas/internal/workflow"
)

func TestWorkflowIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The procedure of the part request\n\nGenerated from `workflow.go` and `workflow_pairs.go`; a test keeps it current (`make generate` writes it).\n")
	for _, table := range Manifest().Tables {
		b.WriteString("\n" + strings.TrimRight(table.Markdown, "\n") + "\n\nDigest `" + table.Digest + "`\n")
	}
	const path = "WORKFLOW.md"
	if os.Getenv("LINTAS_WRITE") == "1" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("WORKFLOW.md is not what the tables say; run make generate and have the change approved")
	}
}

func TestTablesAreSound(t *testing.T) {
	sound(t, Requests)
	sound(t, Calls)
	sound(t, Offers)
	sound(t, Bids)
	sound(t, Arrangements)
	sound(t, Deployments)
	sound(t, Hostings)
	sound(t, Consignments)
	sound(t, Arrivals)
}

func sound[R any](t *testing.T, tab *workflow.Table[R]) {
	reached, left := map[workflow.State]bool{"": true, tab.Initial: true}, map[workflow.State]bool{}
	seen := map[string]bool{}
	for _, s := range tab.Steps {
		reached[s.To] = true
		if !s.Other && len(s.By) == 0 {
			t.Errorf("%s: nobody may %s", tab.Record, s.Verb)
		}
		for _, f := range s.From {
			if key := string(f) + " " + string(s.Verb); seen[key] {
				t.Errorf("%s: two rows for %s from %s", tab.Record, s.Verb, f)
			} else {
				seen[key] = true
			}
			left[f] = left[f] || s.To != "" && s.To != f
		}
	}
	for _, s := range tab.Steps {
		for _, f := range s.From {
			if !reached[f] {
				t.Errorf("%s: %s starts from %s, which no row reaches", tab.Record, s.Verb, f)
			}
		}
	}
	for s := range reached {
		if s != "" && !left[s] && !slices.Contains(tab.Final, s) {
			t.Errorf("%s: %s has no way out and is not final", tab.Record, s)
		}
		if left[s] && slices.Contains(tab.Final, s) {
			t.Errorf("%s: final state %s is left", tab.Record, s)
		}
	}
}
