package reserve

import (
	"os"
	"strings"
	"testing"

	"lintas/internal/locale"
	"lintas/internal/workflow"
)

// WORKFLOW.md is what workflow.go says; LINTAS_WRITE=1 writes it.
func TestWorkflowIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The procedure of the regional reserve\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
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
		t.Error("WORKFLOW.md is not what workflow.go says; run make generate and have the change approved")
	}
}

// soundTable checks that every word of a table has a sentence in both languages
// that its author writes, that somebody takes every step, and that every state
// is reached, and left unless it is an end.
func soundTable[R any](t *testing.T, table *workflow.Table[R], ends ...workflow.State) {
	t.Helper()
	reached, left := map[workflow.State]bool{}, map[workflow.State]bool{"": true}
	for _, s := range table.Steps {
		if len(s.By) == 0 && !s.Other {
			t.Errorf("%s: nobody may %s", table.Record, s.Verb)
		}
		if s.To != "" {
			reached[s.To] = true
		}
		for _, f := range s.From {
			left[f] = left[f] || s.To != "" && s.To != f
		}
	}
	for _, f := range append(ends, table.Final...) {
		left[f] = true
	}
	for s := range left {
		if s != "" && !reached[s] {
			t.Errorf("%s: nothing leads to %s", table.Record, s)
		}
	}
	for s := range reached {
		if !left[s] {
			t.Errorf("%s: nothing leads out of %s", table.Record, s)
		}
	}
	for _, lang := range []string{"en", "id"} {
		p := locale.New(lang, nil, "")
		for _, s := range table.Steps {
			keys := []string{"action." + table.Record + "." + string(s.Verb)}
			for _, n := range s.Needs {
				keys = append(keys, "need."+n.Name)
			}
			if s.To != "" {
				keys = append(keys, "reserve.state."+string(s.To))
			}
			if s.Within != nil && s.Within.Name != "" {
				keys = append(keys, "clock."+s.Within.Name)
			}
			for _, k := range keys {
				if !p.Has(k) {
					t.Errorf("%s: no sentence for %s", lang, k)
				}
			}
		}
	}
}

func TestTables(t *testing.T) {
	soundTable(t, Items)
	soundTable(t, Registrations, Stated)
	soundTable(t, Lots)
	soundTable(t, Pledges)
	soundTable(t, Draws)
	soundTable(t, Allocations)
	soundTable(t, Votes)
	soundTable(t, Movements)
	soundTable(t, Arrivals)
	soundTable(t, Debts)
	soundTable(t, Statements)
	if n := len(Manifest().Tables); n != 11 {
		t.Errorf("%d tables, of which 11 are checked here", n)
	}
}
