package scripts

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/loopback"
)

// patience is for machines that do much else.
const patience = 3 * time.Minute

// shell runs the program in a folder of machines.
type shell struct {
	t   *testing.T
	dir string
}

func (s *shell) path(name string) string { return filepath.Join(s.dir, name) }

// try runs a command; words that begin with @ are paths below the folder.
func (s *shell) try(args ...string) (string, error) {
	s.t.Helper()
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, "@"); ok {
			args[i] = s.path(rest)
		}
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	return string(out), err
}

func (s *shell) run(args ...string) string {
	s.t.Helper()
	out, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("lintas %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (s *shell) says(want string, args ...string) {
	s.t.Helper()
	if out := s.run(args...); !strings.Contains(out, want) {
		s.t.Errorf("lintas %s says nothing of %q:\n%s", strings.Join(args, " "), want, out)
	}
}

// eventually repeats a command until it succeeds and says something.
func (s *shell) eventually(want string, args ...string) {
	s.t.Helper()
	var out string
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if out, err = s.try(args...); err == nil && strings.Contains(out, want) {
			return
		}
	}
	s.t.Fatalf("lintas %s does not say %q: %v\n%s", strings.Join(args, " "), want, err, out)
}

// fails repeats a command until it fails and says why.
func (s *shell) fails(want string, args ...string) {
	s.t.Helper()
	var out string
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if out, err = s.try(args...); err != nil && strings.Contains(out, want) {
			return
		}
	}
	s.t.Fatalf("lintas %s does not fail with %q: %v\n%s", strings.Join(args, " "), want, err, out)
}

// serve starts a node and returns how to stop it.
func (s *shell) serve(name string) (stop func()) {
	s.t.Helper()
	c := exec.Command(program, "serve", "--dir", s.path(name))
	var log bytes.Buffer
	c.Stdout, c.Stderr = &log, &log
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		_ = c.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		if err := c.Wait(); err != nil {
			s.t.Errorf("%s: %v\n%s", name, err, log.String())
		}
	}
	s.t.Cleanup(func() {
		stop()
		if s.t.Failed() {
			s.t.Logf("--- %s\n%s", name, log.String())
		}
	})
	return stop
}

// change edits a file of a machine.
func (s *shell) change(name string, pairs ...string) {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	text := strings.NewReplacer(pairs...).Replace(string(b))
	if text == string(b) {
		s.t.Fatalf("nothing to change in %s:\n%s", name, text)
	}
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func free(t *testing.T) string {
	t.Helper()
	a, err := loopback.Address()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// region makes three nodes for the hubs, KH on PostgreSQL where there is one,
// and a directory that two of them signed.
func (s *shell) region(hubs string) {
	s.t.Helper()
	names := []string{"KH", "LA", "VN"}
	create := []string{"directory", "create", "--region", "test", "--need", "2", "--out", "@d1.json"}
	for _, m := range names {
		dir := strings.ToLower(m)
		args := []string{"init", "--dir", "@" + dir, "--member", m, "--listen", free(s.t), "--hubs", hubs}
		if m == "KH" {
			args = append(args, "--postgres")
		}
		s.run(args...)
		s.change(dir+"/lintas.toml", `heartbeat = "0s"`, `heartbeat = "500ms"`, `checkpoint = "0s"`, `checkpoint = "1s"`)
		create = append(create, "@"+dir+"/join.json")
	}
	s.change("kh/lintas.toml", "postgres://lintas@localhost/lintas", dbtest.Options(s.t, db.Postgres).URL)
	s.run(create...)
	s.run("directory", "sign", "--dir", "@kh", "@d1.json")
	s.run("directory", "sign", "--dir", "@la", "@d1.json")
	for _, m := range names {
		s.run("directory", "adopt", "--dir", "@"+strings.ToLower(m), "@d1.json")
	}
}

// servers describes a cluster of three in hub.toml, has the program write their
// configuration, and starts them from it.
func (s *shell) servers() (hubs string) {
	s.t.Helper()
	var addresses []string
	toml := "\n[cluster]\nname = \"region\"\n"
	for i := range 3 {
		addresses = append(addresses, free(s.t))
		toml += fmt.Sprintf("[[cluster.server]]\nname = \"hub%d\"\nfolder = %q\nlisten = %q\nroute = %q\n", i+1, s.path(fmt.Sprint("disk", i+1)), addresses[i], free(s.t))
	}
	hubs = "nats://" + strings.Join(addresses, ",nats://")
	s.region(hubs)
	s.run("init", "--hub", "--dir", "@hub", "--listen", free(s.t))
	s.run("hub", "adopt", "--dir", "@hub", "@d1.json")
	f, err := os.OpenFile(s.path("hub/hub.toml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.WriteString(toml); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
	operator := strings.TrimSpace(s.run("hub", "operator", "--dir", "@hub"))
	if again := strings.TrimSpace(s.run("hub", "operator", "--dir", "@hub")); !strings.HasPrefix(operator, "U") || again != operator {
		s.t.Fatalf("the operator is %q, then %q", operator, again)
	}
	files := strings.Fields(s.run("hub", "config", "--dir", "@hub", "--out", "@conf"))
	if len(files) != 3 {
		s.t.Fatalf("%d files for three servers: %q", len(files), files)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(b, []byte(operator)) {
			s.t.Fatalf("%s does not name the operator: %v", file, err)
		}
		startServer(s.t, file)
	}
	return hubs
}

func startServer(t *testing.T, file string) {
	t.Helper()
	opts, err := server.ProcessConfigFile(file)
	if err != nil {
		t.Fatal(err)
	}
	opts.NoSigs = true
	srv, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
}

// Everything by the command: a cluster of three servers is described,
// configured and provisioned, a node serves on PostgreSQL beside two on
// SQLite, and two restores end with their histories signed again.
func TestClusterAndRestoresByCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("three servers, three nodes, two restores")
	}
	s := &shell{t: t, dir: t.TempDir()}
	hubs := s.servers()
	s.says("consumers of 3 members are there", "hub", "provision", "--dir", "@hub", "--hubs", hubs)
	s.says("consumers of 3 members are there", "hub", "provision", "--dir", "@hub", "--hubs", hubs) // may be repeated
	s.serve("kh")
	la := s.serve("la")
	s.serve("vn")
	for _, m := range []string{"kh", "la", "vn"} {
		s.eventually("in step", "doctor", "--dir", "@"+m, "--wait", "5s")
	}
	s.says("postgres", "doctor", "--dir", "@kh", "--offline")
	s.run("account", "create", "--dir", "@kh", "--login", "admin", "--post", "Administrator", "--role", "administrator")
	s.says("admin", "account", "list", "--dir", "@kh")
	s.run("account", "create", "--dir", "@la", "--login", "admin", "--post", "Administrator", "--role", "administrator")
	s.countersigned("la", 2) // by each of the others, once or more often

	s.run("backup", "--dir", "@la", "--to", "@backups", "--keys", "@keys")
	whole := newest(t, s.path("backups"))
	la()
	s.restores(whole)
}

// restores brings a node back from its newest backup, and then from one that
// is older than what the others have signed.
func (s *shell) restores(whole string) {
	s.run("restore", "--from", whole, "--keys", "@keys", "--dir", "@la2")
	la := s.serve("la2")
	s.eventually("hold what this history has not", "verify", "--dir", "@la2", "--quiet")
	s.eventually("Checkpoints are signed again.", "verify", "--dir", "@la2", "--quiet", "--resume")

	before := s.countersignatures("la2")
	s.run("account", "create", "--dir", "@la2", "--login", "duty", "--post", "Duty", "--role", "duty_officer")
	s.eventually("in step", "doctor", "--dir", "@la2", "--wait", "5s")
	s.eventually("No problem found", "verify", "--dir", "@la2", "--quiet")
	s.countersigned("la2", before+1) // what came after the restore
	la()
	s.run("restore", "--from", whole, "--keys", "@keys", "--dir", "@la3") // older than what others have signed
	la = s.serve("la3")
	s.eventually("Declare it", "verify", "--dir", "@la3", "--quiet")
	s.eventually("Epoch 2 begins", "verify", "--dir", "@la3", "--quiet", "--reopen")
	s.fails("does not continue what we hold (reopened)", "doctor", "--dir", "@kh") // for people to know
	la()
}

// countersigned waits until a history has so many countersignatures.
func (s *shell) countersigned(name string, least int) {
	s.t.Helper()
	got := 0
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if got = s.countersignatures(name); got >= least {
			return
		}
	}
	s.t.Fatalf("the history of %s has %d countersignatures, want %d", name, got, least)
}

func (s *shell) countersignatures(name string) int {
	s.t.Helper()
	out := s.run("verify", "--dir", "@"+name, "--quiet")
	var entries, checkpoints, n int
	if _, err := fmt.Sscanf(out, "%d entries, %d checkpoints, %d countersignatures", &entries, &checkpoints, &n); err != nil {
		s.t.Fatalf("verify says %q: %v", out, err)
	}
	return n
}

func newest(t *testing.T, dir string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.backup"))
	if err != nil || len(all) == 0 {
		t.Fatal("no backup", err)
	}
	return all[len(all)-1]
}
