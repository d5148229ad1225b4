package main

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"lintas/internal/db"
	"lintas/internal/history"
	"lintas/internal/node"
	"lintas/internal/people"
)

// lintas runs the program as a person would and returns code and output.
func lintas(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// must wants success.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errOut := lintas(t, args...)
	if code != 0 {
		t.Fatalf("lintas %s: code %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

// refused wants a failure that says why.
func refused(t *testing.T, code int, why string, args ...string) {
	t.Helper()
	got, out, errOut := lintas(t, args...)
	if got != code || !strings.Contains(errOut+out, why) {
		t.Errorf("lintas %s: code %d, want %d and %q\n%s%s", strings.Join(args, " "), got, code, why, out, errOut)
	}
}

func TestHelpOfEveryCommand(t *testing.T) {
	for _, c := range commands() {
		code, out, _ := lintas(t, c.name, "--help")
		if code != 0 || !strings.Contains(out, "Usage: lintas "+c.name) || !strings.Contains(out, "Example:\n  lintas "+c.name) {
			t.Errorf("%s --help: code %d, no usage or example:\n%s", c.name, code, out)
		}
	}
	groups := map[string][]string{
		"hub":       {"run", "adopt", "certificate", "operator", "config", "provision"},
		"directory": {"create", "add", "remove", "need", "rotate", "revoke", "sign", "show", "adopt"},
		"account":   {"create", "list", "reset", "suspend", "reactivate"},
		"token":     {"create", "list", "revoke"},
	}
	for g, subs := range groups {
		for _, s := range subs {
			code, out, _ := lintas(t, g, s, "--help")
			if code != 0 || !strings.Contains(out, "Example:\n  lintas "+g) || !strings.Contains(out, "Usage: lintas "+g+" "+s) {
				t.Errorf("%s %s --help: code %d\n%s", g, s, code, out)
			}
		}
	}
}

func TestWrongCalls(t *testing.T) {
	refused(t, 2, "no command", "dance")
	refused(t, 2, "say what to do", "account")
	refused(t, 2, "there is no", "account", "dance")
	refused(t, 2, "--login is needed", "account", "create")
	refused(t, 2, "not defined", "serve", "--nonsense")
	refused(t, 2, "arguments", "serve", "extra")
	refused(t, 2, "--dir is needed", "init", "--member", "KH")
	refused(t, 2, "--hubs is needed", "init", "--dir", t.TempDir(), "--member", "KH")
	refused(t, 2, "either --resume or --reopen", "verify", "--resume", "--reopen")
	refused(t, 1, "lintas init", "serve", "--dir", t.TempDir())
	refused(t, 1, "lintas init --hub", "hub", "--dir", t.TempDir())
}

// machines makes two nodes that follow a directory which both signed.
func machines(t *testing.T) (kh, la, first string) {
	t.Helper()
	dir := t.TempDir()
	kh, la, first = filepath.Join(dir, "kh"), filepath.Join(dir, "la"), filepath.Join(dir, "d1.json")
	for m, d := range map[string]string{"KH": kh, "LA": la} {
		must(t, "init", "--dir", d, "--member", m, "--post", "National EOC", "--hubs", "nats://127.0.0.1:4222")
	}
	must(t, "directory", "create", "--region", "test", "--need", "2", "--out", first, filepath.Join(kh, "join.json"), filepath.Join(la, "join.json"))
	refused(t, 1, "", "directory", "adopt", "--dir", kh, first) // nobody signed it
	must(t, "directory", "sign", "--dir", kh, first)
	refused(t, 1, "", "directory", "adopt", "--dir", kh, first) // one of two
	must(t, "directory", "sign", "--dir", la, first)
	must(t, "directory", "adopt", "--dir", kh, first)
	must(t, "directory", "adopt", "--dir", la, first)
	return kh, la, first
}

func TestInitRefusesWhatIsDangerous(t *testing.T) {
	dir := t.TempDir()
	refused(t, 1, "can be reached from other machines", "init", "--dir", filepath.Join(dir, "a"), "--member", "KH", "--listen", "0.0.0.0:443", "--hubs", "nats://127.0.0.1:4222")
	refused(t, 1, "is not encrypted", "init", "--dir", filepath.Join(dir, "b"), "--member", "KH", "--hubs", "nats://hub.example:4222")
	refused(t, 1, "is no member", "init", "--dir", filepath.Join(dir, "c"), "--member", "XX", "--hubs", "nats://127.0.0.1:4222")
	refused(t, 1, "can be reached from other machines", "init", "--hub", "--dir", filepath.Join(dir, "d"), "--listen", "0.0.0.0:4222")
	refused(t, 2, "--authority is needed", "init", "--dir", filepath.Join(dir, "e"), "--member", "KH", "--hubs", "wss://hub.example")
	kh := filepath.Join(dir, "kh")
	must(t, "init", "--dir", kh, "--member", "KH", "--hubs", "nats://127.0.0.1:4222")
	before, err := os.ReadFile(filepath.Join(kh, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, 1, "exists already", "init", "--dir", kh, "--member", "KH", "--hubs", "nats://127.0.0.1:4222")
	after, err := os.ReadFile(filepath.Join(kh, "keys.json"))
	if err != nil || !bytes.Equal(before, after) {
		t.Error("init touched the keys of a node that was there")
	}
	join, err := os.ReadFile(filepath.Join(kh, "join.json"))
	if err != nil {
		t.Fatal(err)
	}
	var keys struct {
		Seed   string
		Node   string
		Member struct{ Sign string }
	}
	if err := json.Unmarshal(before, &keys); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{keys.Seed, keys.Node, keys.Member.Sign} {
		if secret == "" || bytes.Contains(join, []byte(secret)) {
			t.Error("join.json holds a secret")
		}
	}
	refused(t, 1, "no region directory", "serve", "--dir", kh)
}

func TestDirectoryPassesRound(t *testing.T) {
	kh, la, first := machines(t)
	dir := filepath.Dir(kh)
	second, third := filepath.Join(dir, "d2.json"), filepath.Join(dir, "d3.json")
	refused(t, 1, "no other name", "directory", "rotate", "--dir", kh, "--from", first, "--out", first+"/no other name")
	must(t, "directory", "rotate", "--dir", kh, "--from", first, "--out", second)
	old := signID(t, kh)
	if out := must(t, "directory", "show", "--previous", first, second); !strings.Contains(out, "KH: new key") || !strings.Contains(out, "Valid signatures: 0 of 2") {
		t.Errorf("show does not say what changed:\n%s", out)
	}
	must(t, "directory", "sign", "--dir", kh, second)
	must(t, "directory", "sign", "--dir", la, second)
	if signID(t, kh) != old {
		t.Error("the new keys were in use before the directory was adopted")
	}
	if out := must(t, "directory", "adopt", "--dir", kh, "--publish", second); !strings.Contains(out, "new keys are in use") {
		t.Errorf("adopt does not tell of the new keys:\n%s", out)
	}
	if signID(t, kh) == old {
		t.Error("the new keys are not in use after the directory was adopted")
	}
	refused(t, 1, "", "directory", "adopt", "--dir", la, third)
	must(t, "directory", "adopt", "--dir", la, first, second)
	must(t, "directory", "revoke", "--from", second, "--out", third, "--member", "KH", "--key", old)
	if out := must(t, "directory", "show", third); !strings.Contains(out, old) || !strings.Contains(out, "REVOKED") {
		t.Errorf("show does not tell of the revocation:\n%s", out)
	}
	refused(t, 1, "", "directory", "revoke", "--from", second, "--out", filepath.Join(dir, "x.json"), "--member", "KH", "--key", "0000000000000000")
	must(t, "verify", "--dir", kh, "--quiet")
	if out := must(t, "doctor", "--dir", la, "--offline"); !strings.Contains(out, "version 2") {
		t.Errorf("doctor does not show version 2:\n%s", out)
	}
}

func signID(t *testing.T, dir string) string {
	t.Helper()
	k, err := node.ReadKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k.Member.SignID()
}

func TestAccountsAndTokens(t *testing.T) {
	kh, _, _ := machines(t)
	out := must(t, "account", "create", "--dir", kh, "--login", "duty", "--post", "Duty officer", "--role", "duty_officer")
	if !strings.Contains(out, "/invitation#") {
		t.Errorf("no link:\n%s", out)
	}
	must(t, "account", "create", "--dir", kh, "--login", "admin", "--post", "Administrator", "--role", "administrator")
	refused(t, 1, "", "account", "create", "--dir", kh, "--login", "x", "--post", "X", "--role", "king")
	if out := must(t, "account", "list", "--dir", kh); !strings.Contains(out, "duty_officer") || !strings.Contains(out, "invited") {
		t.Errorf("list:\n%s", out)
	}
	again := must(t, "account", "reset", "--dir", kh, "--login", "duty")
	if oneTime(out) == oneTime(again) || oneTime(again) == "" {
		t.Error("reset gave no new link")
	}
	refused(t, 1, "account list", "account", "suspend", "--dir", kh, "--login", "nobody")
	// An account that has not been accepted is nobody: it can have no token.
	refused(t, 1, "", "token", "create", "--dir", kh, "--login", "duty", "--name", "feed", "--scope", node.Scopes()[0])

	n, err := node.Attend(t.Context(), kh, quiet())
	if err != nil {
		t.Fatal(err)
	}
	accept(t, n, again)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	out = must(t, "token", "create", "--dir", kh, "--login", "duty", "--name", "feed", "--scope", node.Scopes()[0], "--days", "30")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	secret, key := lines[len(lines)-1], strings.Fields(out)[1]
	listed := must(t, "token", "list", "--dir", kh, "--login", "duty")
	if !strings.Contains(listed, key) || strings.Contains(listed, secret) {
		t.Errorf("token list:\n%s", listed)
	}
	refused(t, 1, "", "token", "create", "--dir", kh, "--login", "duty", "--name", "feed", "--scope", "everything")
	must(t, "token", "revoke", "--dir", kh, "--id", key)
	if out := must(t, "token", "list", "--dir", kh); strings.Contains(out, key) {
		t.Errorf("the revoked token is listed:\n%s", out)
	}
	must(t, "account", "suspend", "--dir", kh, "--login", "duty")
	if out := must(t, "account", "list", "--dir", kh); !strings.Contains(out, "suspended") {
		t.Errorf("list after suspend:\n%s", out)
	}
	must(t, "account", "reactivate", "--dir", kh, "--login", "duty")
	everythingByCommandLine(t, kh)
}

func oneTime(out string) string {
	_, token, _ := strings.Cut(out, "/invitation#")
	return strings.TrimSpace(token)
}

// accept does what the person does on the page of the link.
func accept(t *testing.T, n *node.Node, out string) {
	t.Helper()
	i, err := n.People.OpenLink(t.Context(), oneTime(out))
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(i.Enrolment.Secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	v := people.Visit{Address: netip.MustParseAddr("127.0.0.1"), Agent: "test"}
	if _, _, err := n.People.AcceptLink(t.Context(), v, people.Acceptance{Token: oneTime(out), Password: "nine purple kettles sing", Code: code}); err != nil {
		t.Fatal(err)
	}
}

// everythingByCommandLine checks who the history says has acted.
func everythingByCommandLine(t *testing.T, dir string) {
	t.Helper()
	n, err := node.Attend(t.Context(), dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	var p history.Page
	if err := n.DB.Read(t.Context(), func(tx *db.Tx) error {
		p, err = history.List(t.Context(), tx, node.CommandLine("KH"), history.Filter{Actor: node.CommandLineName, Limit: 100})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range p.Entries {
		got[e.Action] = true
	}
	for _, want := range []string{people.AccountMade, people.InvitationMade, people.TokenMade, people.TokenRevoked, people.AccountSuspended, "node.directory.adopted"} {
		if !got[want] {
			t.Errorf("the history has no %s by the command line", want)
		}
	}
}

func TestBackupRestoreVerify(t *testing.T) {
	kh, _, _ := machines(t)
	dir := filepath.Dir(kh)
	to, kept, fresh := filepath.Join(dir, "backups"), filepath.Join(dir, "kept"), filepath.Join(dir, "new")
	must(t, "account", "create", "--dir", kh, "--login", "admin", "--post", "Administrator", "--role", "administrator")
	must(t, "backup", "--dir", kh, "--to", to, "--keys", kept)
	files, err := filepath.Glob(filepath.Join(to, "lintas-KH-*.backup"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	for _, f := range append(files, filepath.Join(kept, "keys.json")) {
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, st.Mode(), err)
		}
	}
	refused(t, 1, "exists already", "restore", "--from", files[0], "--keys", kept, "--dir", kh)
	refused(t, 1, "", "restore", "--from", files[0], "--keys", to, "--dir", fresh)
	must(t, "restore", "--from", files[0], "--keys", kept, "--dir", fresh)
	if out := must(t, "account", "list", "--dir", fresh); !strings.Contains(out, "admin") {
		t.Errorf("the restored node has no account:\n%s", out)
	}
	if out := must(t, "verify", "--dir", fresh); !strings.Contains(out, "No problem found") || !strings.Contains(out, "Signing is suspended") {
		t.Errorf("verify:\n%s", out)
	}
	refused(t, 1, "more than half are needed", "verify", "--dir", fresh, "--resume")
	refused(t, 1, "nothing to reopen", "verify", "--dir", fresh, "--reopen")

	n, err := node.Attend(t.Context(), kh, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE history_entry SET actor = 'somebody else' WHERE idx = 1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, 1, "PROBLEM: Entry 1 was changed", "verify", "--dir", kh, "--quiet")
}

func TestDoctorHidesSecretsAndFindsFaults(t *testing.T) {
	kh, _, _ := machines(t)
	path := filepath.Join(kh, "lintas.toml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), `token = ""`, `token = "open-sesame-1"`, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := must(t, "doctor", "--dir", kh, "--offline")
	if strings.Contains(out, "open-sesame") || !strings.Contains(out, "(hidden)") {
		t.Errorf("doctor shows a secret:\n%s", out)
	}
	if !strings.Contains(out, "LA           never heard") || !strings.Contains(out, "no migration pending") {
		t.Errorf("doctor:\n%s", out)
	}
	if err := os.Chmod(filepath.Join(kh, "keys.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused(t, 1, "chmod 600", "doctor", "--dir", kh, "--offline")
	refused(t, 1, "chmod 600", "serve", "--dir", kh)
}
