package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"lintas/internal/exchange/hub"
	"lintas/internal/loopback"
)

// The test binary runs itself as a hub, or as one server of a cluster, so
// that a test can kill it as a power cut would.
const (
	childHub    = "LINTAS_TEST_HUB"
	childServer = "LINTAS_TEST_SERVER"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(childHub); text != "" {
		runHub(text)
		return
	}
	if file := os.Getenv(childServer); file != "" {
		runServer(file)
		return
	}
	os.Exit(m.Run())
}

type childConfig struct {
	Folder, Listen string
	Members        []hub.Member
}

func runHub(text string) {
	var c childConfig
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	h, err := hub.New(hub.Config{Folder: c.Folder, Listen: c.Listen, Members: c.Members})
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := h.Run(ctx); err != nil {
		panic(err)
	}
}

// runServer is `nats-server -c file`.
func runServer(file string) {
	opts, err := server.ProcessConfigFile(file)
	if err != nil {
		panic(err)
	}
	s, err := server.NewServer(opts)
	if err != nil {
		panic(err)
	}
	s.Start()
	s.WaitForShutdown()
}

// child starts this binary with one variable set; it ends with the test.
func child(t testing.TB, variable, value string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), variable+"="+value)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	t.Cleanup(func() { kill(cmd) })
	return cmd
}

func kill(cmd *exec.Cmd) {
	if cmd.ProcessState == nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// freeAddress is a loopback port for a server that opens it later: those of a
// cluster must know one another's before they start.
func freeAddress(t testing.TB) string {
	t.Helper()
	a, err := loopback.Address()
	must(t, err)
	return a
}

func childHubConfig(t testing.TB, members []hub.Member) string {
	t.Helper()
	b, err := json.Marshal(childConfig{t.TempDir(), freeAddress(t), members})
	must(t, err)
	return string(b)
}

func address(t testing.TB, text string) string {
	t.Helper()
	var c childConfig
	must(t, json.Unmarshal([]byte(text), &c))
	return c.Listen
}

func listening(t testing.TB, address string, limit time.Duration) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
	}
	t.Fatal(fmt.Sprint("nothing listens on ", address, " after ", limit))
}
