package ihr_test

import (
	"os"
	"strings"
	"testing"

	"lintas/internal/desk/health/ihr"
	"lintas/internal/locale"
	"lintas/internal/workflow"
)

// WORKFLOW.md is what workflow.go says; LINTAS_WRITE=1 writes it.
func TestWorkflowIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The procedure of the International Health Regulations\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
	for _, table := range ihr.Manifest().Tables {
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

// Every table: all states are reached, every one that is not final is left,
// somebody may take every step, no row stands twice, and every word has a
// sentence.
func TestTables(t *testing.T) {
	check(t, "ihr.", ihr.Annex2s)
	check(t, "ihr.", ihr.Determinations)
	check(t, "ihr.", ihr.Measures)
	check(t, "ihr.", ihr.Amendments)
}

func check[R any](t *testing.T, prefix string, table *workflow.Table[R]) {
	t.Helper()
	p := locale.New("en", nil, "")
	reached, left, rows := map[workflow.State]bool{}, map[workflow.State]bool{}, map[string]bool{}
	for _, s := range table.Steps {
		if len(s.By) == 0 && !s.Other {
			t.Errorf("%s: nobody may %s", table.Record, s.Verb)
		}
		if s.To != "" {
			reached[s.To] = true
		}
		for _, f := range s.From {
			key := string(f) + " " + string(s.Verb)
			if rows[key] {
				t.Errorf("%s: %s stands twice", table.Record, key)
			}
			rows[key] = true
			left[f] = left[f] || s.To != "" && s.To != f
		}
		keys := []string{"action." + table.Record + "." + string(s.Verb)}
		if !s.Other {
			keys = append(keys, prefix+"verb."+string(s.Verb))
		}
		for _, n := range s.Needs {
			keys = append(keys, "need."+n.Name)
		}
		if s.To != "" {
			keys = append(keys, prefix+"state."+string(s.To))
		}
		if s.Within != nil && s.Within.Name != "" {
			keys = append(keys, "clock."+s.Within.Name)
		}
		for _, k := range keys {
			if !p.Has(k) && k != prefix+"verb.open" && k != prefix+"verb.plan" && k != prefix+"verb.record" && k != prefix+"verb.state" {
				t.Errorf("no sentence for %s", k)
			}
		}
	}
	final := map[workflow.State]bool{}
	for _, f := range table.Final {
		final[f] = true
		if !reached[f] {
			t.Errorf("%s: %s is never reached", table.Record, f)
		}
	}
	for s := range reached {
		if !final[s] && !left[s] {
			t.Errorf("%s: nothing leads out of %s", table.Record, s)
		}
	}
	for f := range left {
		if f != "" && !reached[f] {
			t.Errorf("%s: %s is never reached", table.Record, f)
		}
	}
}
