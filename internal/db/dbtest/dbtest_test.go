package dbtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lintas/internal/db"
)

func TestMain(m *testing.M) { Main(m) }

// However a test process ends, its server and folder are soon gone.
func TestNothingLeftBehind(t *testing.T) {
	if end := os.Getenv("LINTAS_DBTEST_END"); end != "" { // the process that ends
		o := Options(t, db.Postgres)
		fmt.Println("\nserver " + running.s.url.Query().Get("host"))
		switch end {
		case "panic":
			panic("stop")
		case "hang":
			time.Sleep(time.Minute)
		}
		Open(t, o)
		return
	}
	for _, end := range []string{"well", "panic", "hang"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestNothingLeftBehind$", "-test.v")
		cmd.Env = append(os.Environ(), "LINTAS_DBTEST_END="+end, "LINTAS_TEST_POSTGRES=")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		dir := ""
		for s := bufio.NewScanner(out); s.Scan(); {
			if strings.Contains(s.Text(), "no PostgreSQL found") {
				t.Skip(errAbsent)
			}
			if d, ok := strings.CutPrefix(s.Text(), "server "); ok {
				dir = d
				if end == "hang" {
					_ = cmd.Process.Kill()
				}
			}
		}
		_ = cmd.Wait() // two of them fail
		if dir == "" {
			t.Fatal("no server was started")
		}
		gone := func() bool { _, err := os.Stat(dir); return os.IsNotExist(err) }
		for deadline := time.Now().Add(20 * time.Second); !gone(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %s is still there", end, dir)
			}
		}
	}
}

// A server given by its address is used, with a database of our own.
func TestGivenServer(t *testing.T) {
	if os.Getenv("LINTAS_DBTEST_GIVEN") != "" {
		d := Open(t, Options(t, db.Postgres))
		if running.s.pipe != nil || d.Engine() != db.Postgres {
			t.Error("another server was started")
		}
		return
	}
	Options(t, db.Postgres) // skips where there is none
	cmd := exec.Command(os.Args[0], "-test.run=^TestGivenServer$", "-test.v")
	cmd.Env = append(os.Environ(), "LINTAS_DBTEST_GIVEN=1", "LINTAS_TEST_POSTGRES="+running.s.url.String())
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS: TestGivenServer") {
		t.Fatalf("%v: %s", err, out)
	}
}
