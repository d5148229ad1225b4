// Package faults kills, cuts off, fills up, wipes, restores and deceives whole
// nodes, and counts what their recipients then have: nothing lost, nothing
// twice, order kept. Nodes and hubs are processes of their own, made by
// running the test binary again, so that a kill is what a power cut is to a
// program. LINTAS_FULL=1 runs the documented sizes.
package faults

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"lintas/internal/exchange/hub"
	"lintas/internal/loopback"
)

// childVariable makes the test binary run as a child; it holds a role.
const childVariable = "LINTAS_FAULTS_CHILD"

// role is what a child is to do.
type role struct {
	Is      string       // "node", "hub" or "server"
	Dir     string       // of the node or the hub
	Listen  string       // of the hub
	Members []hub.Member // of the hub
	File    string       // configuration of one server of a cluster
	Tmpfs   int64        // bytes: the node's folder is moved to a disk of this size
	FSize   int64        // bytes: no file may grow beyond, until "disk free"
}

func TestMain(m *testing.M) {
	text := os.Getenv(childVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var r role
	err := json.Unmarshal([]byte(text), &r)
	if err == nil {
		switch r.Is {
		case "node":
			err = runNode(r)
		case "hub":
			err = runHub(r)
		case "server":
			err = runServer(r.File)
		default:
			err = fmt.Errorf("no such role: %q", r.Is)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, r.Is, r.Dir, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// size is a count by how the tests are run.
func size(short, usual, full int) int {
	switch {
	case os.Getenv("LINTAS_FULL") != "":
		return full
	case testing.Short():
		return short
	}
	return usual
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for something that other processes bring about.
func until(t testing.TB, limit time.Duration, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// proc is a child and what it has said so far.
type proc struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan struct{} // all that it said was read

	mu       sync.Mutex
	sent     int // notes that it confirmed in its life
	last     int // number of the newest
	got      int // notes that it took
	said     map[string]string
	answered map[string]int
}

func start(t testing.TB, r role, change ...func(*exec.Cmd)) *proc {
	t.Helper()
	p, err := tryStart(r, change...)
	must(t, err)
	t.Cleanup(p.kill)
	return p
}

func tryStart(r role, change ...func(*exec.Cmd)) (*proc, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &proc{cmd: exec.Command(self), done: make(chan struct{}), said: map[string]string{}, answered: map[string]int{}}
	p.cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	for _, f := range change {
		f(p.cmd)
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go p.listen(out) // ends with the child
	return p, nil
}

func (p *proc) listen(out io.Reader) {
	defer close(p.done)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		p.mu.Lock()
		switch word {
		case "sent":
			p.sent++
			p.last, _ = strconv.Atoi(rest)
		case "got":
			p.got++
		default:
			p.said[word] = rest
			p.answered[word]++
		}
		p.mu.Unlock()
	}
}

// kill ends the child as a power cut would.
func (p *proc) kill() { p.end(syscall.SIGKILL) }

func (p *proc) end(s syscall.Signal) {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Signal(s) // it may have ended by itself
	<-p.done
	_ = p.cmd.Wait()
}

func (p *proc) sentSoFar() int { p.mu.Lock(); defer p.mu.Unlock(); return p.sent }
func (p *proc) gotSoFar() int  { p.mu.Lock(); defer p.mu.Unlock(); return p.got }
func (p *proc) lastSent() int  { p.mu.Lock(); defer p.mu.Unlock(); return p.last }

func (p *proc) hasSaid(word string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered[word] > 0
}

// order gives the child a command.
func (p *proc) order(t testing.TB, format string, args ...any) {
	t.Helper()
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		t.Fatal(err)
	}
}

// ask gives a command and waits for the answer that begins with word.
func (p *proc) ask(t testing.TB, word, format string, args ...any) string {
	t.Helper()
	p.mu.Lock()
	was := p.answered[word]
	p.mu.Unlock()
	p.order(t, format, args...)
	var out string
	until(t, 30*time.Second, "answer to "+format, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		out = p.said[word]
		return p.answered[word] > was
	})
	return out
}

// freeAddress is a loopback port for a server that opens it later.
func freeAddress(t testing.TB) string {
	t.Helper()
	a, err := loopback.Address()
	must(t, err)
	return a
}

func listening(t testing.TB, address string) {
	t.Helper()
	until(t, 30*time.Second, "something listens on "+address, func() bool {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}
