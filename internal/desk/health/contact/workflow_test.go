package contact

import (
	"os"
	"strings"
	"testing"
)

func TestWorkflowIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The procedure of the part contact\n\nGenerated from `workflow.go`; a test keeps it current (`make generate` writes it).\n")
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
