package edxl

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSchema has xmllint, another program, read all sixteen messages, and what
// is spoilt, with the structure of the standard.
func TestSchema(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("LINTAS_REQUIRE_TOOLS") == "1" {
			t.Fatal("xmllint is not installed (Debian package libxml2-utils)")
		}
		t.Skip("xmllint is not installed (Debian package libxml2-utils)")
	}
	check := func(doc string) (bool, string) {
		path := filepath.Join(t.TempDir(), "message.xml")
		if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), lint, "--noout", "--nonet", "--schema", "testdata/messages.xsd", path).CombinedOutput()
		return err == nil, string(out)
	}
	for _, kind := range All {
		m := sample(kind)
		m.Recall = &Recall{"urn:lintas:KH:0", "Update"}
		raw, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if ok, out := check(string(raw)); !ok {
			t.Errorf("%s: %s\n%s", kind, out, raw)
		}
	}
	raw, err := sample(CommitResource).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"no time":                {"SentDateTime>", "SentDate>"},
		"content of another":     {"<MessageContentType>CommitResource", "<MessageContentType>Commit"},
		"an answer in no list":   {">Accept<", ">Yes<"},
		"a role in no list":      {">Requester<", ">Chief<"},
		"an amount in words":     {"<rm:Amount>1000", "<rm:Amount>many"},
		"types of the message":   {"<rm:ResponseType>Accept</rm:ResponseType>", "<ResponseType>Accept</ResponseType>"},
		"name after description": {"<Name>Salts</Name>", "<Description>x</Description><Name>Salts</Name>"},
	} {
		bad := strings.Replace(string(raw), change[0], change[1], 1)
		if bad == string(raw) {
			t.Fatalf("%s: nothing was spoilt", name)
		}
		if ok, _ := check(bad); ok {
			t.Errorf("%s was accepted", name)
		}
	}
}
