package rest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The commands of docs/protocol/api.md work as they stand there.
func TestGuide(t *testing.T) {
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("LINTAS_REQUIRE_TOOLS") == "1" {
				t.Fatal(tool + " is not installed")
			}
			t.Skip(tool + " is not installed")
		}
	}
	page, err := os.ReadFile("../../../../../docs/protocol/api.md")
	if err != nil {
		t.Fatal(err)
	}
	script := "set -eu\n"
	for i, part := range strings.Split(string(page), "```") {
		if commands, ok := strings.CutPrefix(part, "sh\n"); ok && i%2 == 1 {
			script += commands
		}
	}
	th := sites(t, "TH", "KH")["TH"]
	c := exec.CommandContext(t.Context(), "sh", "-c", script)
	c.Env = append(os.Environ(), "NODE="+th.url, "TOKEN="+th.tokens[duty], "APPROVER="+th.tokens[approver], "NO_PROXY=*")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"state":"released"`, `"value":3`, `"member":"KH"`, "urn:oasis:names:tc:emergency:cap:1.2",
		"http://www.w3.org/2005/Atom", "event: release", `"action":"record"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not in the output:\n%s", want, out)
		}
	}
}
