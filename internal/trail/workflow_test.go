package trail

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
	b.WriteString("# The procedure of the trail\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
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

// said checks that every word of a table has a sentence in both languages that
// its author writes, and that every state is reached and left.
func said[R any](t *testing.T, table *workflow.Table[R]) {
	t.Helper()
	reached, left := map[workflow.State]bool{}, map[workflow.State]bool{}
	for _, lang := range []string{"en", "id"} {
		p := locale.New(lang, nil, "")
		for _, s := range table.Steps {
			keys := []string{"action." + table.Record + "." + string(s.Verb), "trail.verb." + string(s.Verb)}
			for _, n := range s.Needs {
				keys = append(keys, "need."+n.Name)
			}
			if s.To != "" {
				reached[s.To] = true
				keys = append(keys, "trail.state."+string(s.To))
			}
			for _, f := range s.From {
				left[f] = left[f] || s.To != ""
			}
			if s.Within != nil && s.Within.Name != "" {
				keys = append(keys, "clock."+s.Within.Name)
			}
			if len(s.By) == 0 && !s.Other {
				t.Errorf("%s: nobody may %s", table.Record, s.Verb)
			}
			for _, k := range keys {
				if !p.Has(k) && !(s.Other && strings.HasPrefix(k, "trail.verb.")) {
					t.Errorf("%s: no sentence for %s", lang, k)
				}
			}
		}
	}
	for _, f := range table.Final {
		left[f] = true
	}
	for s := range reached {
		if !left[s] {
			t.Errorf("%s: nothing leads out of %s", table.Record, s)
		}
	}
}

func TestTables(t *testing.T) {
	said(t, Findings)
	said(t, Recommendations)
	said(t, Proposals)
	said(t, Actions)
}
