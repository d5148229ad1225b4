package faults

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"lintas/internal/node"
)

// TestFootprint measures what an installation takes: the size of the program,
// the time from its start to its first answered request, and the resident
// memory of an idle node and of the whole demo. LINTAS names the built program.
func TestFootprint(t *testing.T) {
	bin := os.Getenv("LINTAS")
	if bin == "" {
		t.Skip("set LINTAS to the built program, such as LINTAS=$PWD/bin/lintas")
	}
	info, err := os.Stat(bin)
	must(t, err)
	t.Logf("program: %.1f MB", float64(info.Size())/1e6)
	r := newRegion(t, nil, "KH", "SG", "TH")
	listen := freeAddress(t)
	conf := filepath.Join(r.dirs["KH"], node.ConfigFile)
	text, err := os.ReadFile(conf)
	must(t, err)
	served := strings.Replace(strings.Replace(string(text), "demo = true", "demo = false", 1), `listen = ""`, `listen = "`+listen+`"`, 1)
	must(t, os.WriteFile(conf, []byte(served), 0o600))
	for i := range 3 { // the first makes the database
		began := time.Now()
		p := program(t, bin, "serve", "--dir", r.dirs["KH"])
		until(t, time.Minute, "an answer", func() bool { return answers("http://" + listen + "/") })
		t.Logf("start %d of a node to its first answer: %v", i+1, time.Since(began).Round(time.Millisecond))
		if i == 2 {
			time.Sleep(5 * time.Second)
			t.Logf("idle node: %s", resident(t, p.Process.Pid))
		}
		stop(p)
	}
	demo := filepath.Join(t.TempDir(), "region")
	p := program(t, bin, "demo", "--dir", demo, "--port", "0")
	until(t, time.Minute, "the demo is made", func() bool { _, err := os.Stat(filepath.Join(demo, "made.json")); return err == nil })
	time.Sleep(10 * time.Second)
	t.Logf("whole demo, twelve nodes and the hub: %s", resident(t, p.Process.Pid))
	began := time.Now()
	stop(p)
	t.Logf("the demo stopped in %v", time.Since(began).Round(time.Millisecond))
}

func program(t *testing.T, bin string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(context.Background(), bin, args...)
	if os.Getenv("LINTAS_TEST_LOG") != "" {
		c.Stderr = os.Stderr
	}
	must(t, c.Start())
	t.Cleanup(func() { stop(c) })
	return c
}

func stop(c *exec.Cmd) {
	if c.ProcessState == nil {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait() // how it ended is not measured
	}
}

func answers(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode < 500
}

// resident says how much memory a process takes: its own, and the pages of its
// program's file, which the system shares and takes back when it needs them.
func resident(t *testing.T, pid int) string {
	t.Helper()
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Skip("no /proc here: ", err)
	}
	defer f.Close()
	mib := map[string]float64{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		if v := strings.Fields(rest); strings.HasPrefix(name, "Rss") && len(v) > 0 {
			n, err := strconv.ParseFloat(v[0], 64)
			must(t, err)
			mib[name] = n / 1024
		}
	}
	if mib["RssAnon"] == 0 {
		t.Fatal("no RssAnon in /proc/self/status")
	}
	return fmt.Sprintf("%.1f MiB its own, %.1f MiB pages of files", mib["RssAnon"], mib["RssFile"])
}
