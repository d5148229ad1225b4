package review

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
	b.WriteString("# The procedure of a review\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
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

// Every word of the table has a sentence in both languages that its author
// writes, and something leads out of every state.
func TestTable(t *testing.T) {
	reached, left := map[workflow.State]bool{}, map[workflow.State]bool{}
	for _, lang := range []string{"en", "id"} {
		p := locale.New(lang, nil, "")
		for _, s := range Reviews.Steps {
			keys := []string{"action." + Reviews.Record + "." + string(s.Verb)}
			for _, n := range s.Needs {
				keys = append(keys, "need."+n.Name)
			}
			if s.To != "" {
				reached[s.To] = true
				keys = append(keys, "review.state."+string(s.To), "review.next."+string(s.To))
			}
			if s.To != "" && s.From[0] != "" {
				keys = append(keys, "review.verb."+string(s.Verb), "review.step."+string(s.Verb), "review.said."+string(s.Verb))
			}
			for _, f := range s.From {
				left[f] = left[f] || s.To != ""
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
	for _, f := range Reviews.Final {
		left[f] = true
	}
	for s := range reached {
		if !left[s] {
			t.Errorf("nothing leads out of %s", s)
		}
	}
}
