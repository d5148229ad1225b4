package scripts

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"lintas/internal/loopback"

	"github.com/rogpeppe/go-internal/testscript"
)

// step is one block of commands of the guide and the machine it is run on.
type step struct {
	name, machine string
	lines         []string
}

var (
	stepMark = regexp.MustCompile(`^<!-- step: (\S+) on (\S+) -->$`)
	execMark = regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/lintas (.*)$`)
)

// readGuide finds the marked blocks and the service of each unit.
func readGuide(path string) ([]step, map[string][]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	var steps []step
	lines := strings.Split(string(b), "\n")
	for i, l := range lines {
		m := stepMark.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		if lines[i+1] != "```sh" {
			return nil, nil, fmt.Errorf("step %s has no block of commands", m[1])
		}
		s := step{name: m[1], machine: m[2]}
		for _, c := range lines[i+2:] {
			if c == "```" {
				break
			}
			s.lines = append(s.lines, c)
		}
		steps = append(steps, s)
	}
	units := map[string][]string{}
	for _, block := range strings.Split(string(b), "/etc/systemd/system/")[1:] {
		name, _, _ := strings.Cut(block, ".service")
		if m := execMark.FindStringSubmatch(block); m != nil && units[name] == nil {
			units[name] = strings.Fields(m[1])
		}
	}
	return steps, units, nil
}

type guideKey struct{}

// guide is one run of the story: its folders, ports and services.
type guide struct {
	work     string
	steps    []step
	units    map[string][]string
	next     int
	ports    map[string]string // machine and port of the guide → address on loopback
	services map[string]*exec.Cmd
	logs     map[string]*os.File
}

// machines of the guide by their names in the DNS.
var machines = map[string]string{"hub.region.example": "hub", "lintas.kh.example": "kh", "lintas.la.example": "la"}

func newGuide(e *testscript.Env, steps []step, units map[string][]string) (*guide, error) {
	g := &guide{work: e.WorkDir, steps: steps, units: units, ports: map[string]string{}, services: map[string]*exec.Cmd{}, logs: map[string]*os.File{}}
	for _, p := range []string{"hub:4222", "hub:443", "kh:443", "la:443", "la:8443"} {
		a, err := loopback.Address()
		if err != nil {
			return nil, err
		}
		g.ports[p] = a
	}
	for _, m := range machines {
		for _, d := range []string{"tmp", "var/lib", "var/backups", "media/offline"} {
			if err := os.MkdirAll(filepath.Join(g.work, m, d), 0o700); err != nil {
				return nil, err
			}
		}
	}
	e.Defer(g.stopAll)
	return g, nil
}

// here translates a word of the guide: paths are below the machine's folder,
// and addresses are on loopback.
func (g *guide) here(machine, w string) string {
	for name, m := range machines {
		w = strings.ReplaceAll(w, name+":4222", g.ports[m+":4222"])
		w = strings.ReplaceAll(w, "https://"+name, "https://"+g.ports[m+":443"])
		w = strings.ReplaceAll(w, "wss://"+name, "wss://"+g.ports[m+":443"])
		if w == name {
			w = "127.0.0.1"
		}
	}
	for _, p := range []string{"4222", "443"} {
		if w == "0.0.0.0:"+p {
			w = g.ports[machine+":"+p]
		}
	}
	for _, root := range []string{"/var/", "/tmp/", "/media/"} {
		if strings.HasPrefix(w, root) {
			return filepath.Join(g.work, machine, w)
		}
	}
	return w
}

// split cuts a command into words; only double quotes are used in the guide.
func split(line string) []string {
	var out []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// cmdGuide runs the next step, which must have the given name.
func cmdGuide(ts *testscript.TestScript, neg bool, args []string) {
	g := ts.Value(guideKey{}).(*guide)
	if len(args) != 1 || g.next >= len(g.steps) || g.steps[g.next].name != args[0] {
		want := "none"
		if g.next < len(g.steps) {
			want = g.steps[g.next].name
		}
		ts.Fatalf("the next step of the guide is %s", want)
	}
	s := g.steps[g.next]
	g.next++
	var all bytes.Buffer
	for _, line := range s.lines {
		ts.Logf("%s$ %s", s.machine, line)
		if err := g.command(s.machine, split(line), &all); err != nil {
			ts.Fatalf("%v\n%s", err, all.String())
		}
	}
	ts.Logf("%s", all.String())
	ts.Check(os.WriteFile(ts.MkAbs("output"), all.Bytes(), 0o600))
}

// cmdAllSteps makes sure that no step of the guide was left out.
func cmdAllSteps(ts *testscript.TestScript, _ bool, _ []string) {
	g := ts.Value(guideKey{}).(*guide)
	if g.next != len(g.steps) {
		ts.Fatalf("step %s of the guide was not run", g.steps[g.next].name)
	}
}

func (g *guide) command(machine string, w []string, out io.Writer) error {
	if w[0] == "sudo" {
		w = w[1:]
	}
	switch w[0] {
	case "scp":
		host, path, _ := strings.Cut(w[2], ":")
		return copyFile(g.here(machine, w[1]), g.here(machines[host], path))
	case "mv":
		return os.Rename(g.here(machine, w[1]), g.here(machine, w[2]))
	case "systemctl":
		return g.systemctl(machine, w[1], w[len(w)-1])
	}
	for i := range w {
		w[i] = g.here(machine, w[i])
	}
	if w[0] == "lintas" {
		w[0] = program
		if err := g.backupName(w); err != nil {
			return err
		}
	}
	c := exec.Command(w[0], w[1:]...)
	c.Dir, c.Stdout, c.Stderr = filepath.Join(g.work, machine), out, out
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(w, " "), err, g.tails())
	}
	return nil
}

// backupName puts the name that the backup really got for that of the guide.
func (g *guide) backupName(w []string) error {
	for i, s := range w {
		if !strings.HasSuffix(s, ".backup") {
			continue
		}
		all, err := filepath.Glob(filepath.Join(filepath.Dir(s), "*.backup"))
		if err != nil || len(all) == 0 {
			return fmt.Errorf("no backup beside %s: %w", s, err)
		}
		w[i] = all[len(all)-1]
	}
	return nil
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// systemctl starts the command of a unit of the guide, or stops it.
func (g *guide) systemctl(machine, verb, unit string) error {
	key := machine + "/" + unit
	switch verb {
	case "enable", "start":
		args := append([]string(nil), g.units[unit]...)
		if len(args) == 0 {
			return fmt.Errorf("the guide has no unit %s", unit)
		}
		for i := range args {
			args[i] = g.here(machine, args[i])
		}
		log, err := os.Create(filepath.Join(g.work, machine, unit+".log"))
		if err != nil {
			return err
		}
		c := exec.Command(program, args...)
		c.Stdout, c.Stderr = log, log
		if err := c.Start(); err != nil {
			return err
		}
		g.services[key], g.logs[key] = c, log
		return g.serving(log.Name())
	case "stop":
		return g.stop(key)
	}
	return fmt.Errorf("systemctl %s is not known here", verb)
}

// serving waits until the service has said that it serves.
func (g *guide) serving(log string) error {
	for range 200 {
		b, err := os.ReadFile(log)
		if err != nil || bytes.Contains(b, []byte(" serves ")) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("the service did not start:\n%s", g.tails())
}

func (g *guide) stop(key string) error {
	c := g.services[key]
	if c == nil {
		return fmt.Errorf("%s does not run", key)
	}
	delete(g.services, key)
	defer g.logs[key].Close()
	began := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := c.Wait(); err != nil {
		return fmt.Errorf("%s: %w\n%s", key, err, g.tails())
	}
	if took := time.Since(began); took > 5*time.Second {
		return fmt.Errorf("%s took %s to stop", key, took)
	}
	return nil
}

func (g *guide) stopAll() {
	for key := range g.services {
		if err := g.stop(key); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

// tails is the end of each log, for a failure's report.
func (g *guide) tails() string {
	var out strings.Builder
	logs, err := filepath.Glob(filepath.Join(g.work, "*", "*.log"))
	if err != nil {
		return err.Error()
	}
	for _, l := range logs {
		b, err := os.ReadFile(l)
		if err != nil {
			continue
		}
		fmt.Fprintf(&out, "--- %s\n%s\n", l, b[max(0, len(b)-3000):])
	}
	return out.String()
}

// cmdQuicken sets short intervals, so that the story takes seconds: quicken MACHINE.
func cmdQuicken(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(filepath.Join(args[0], "var/lib/lintas/lintas.toml"))
	b, err := os.ReadFile(path)
	ts.Check(err)
	s := strings.NewReplacer(`heartbeat = "0s"`, `heartbeat = "1s"`, `checkpoint = "0s"`, `checkpoint = "1s"`).Replace(string(b))
	g := ts.Value(guideKey{}).(*guide)
	if args[0] == "la" {
		s = strings.Replace(s, `listen = ""`, `listen = "`+g.ports["la:8443"]+`"`, 1)
	}
	ts.Check(os.WriteFile(path, []byte(s), 0o600))
}

// cmdProxy is the web server in front of la: proxy CERT KEY.
func cmdProxy(ts *testscript.TestScript, _ bool, args []string) {
	g := ts.Value(guideKey{}).(*guide)
	to := &url.URL{Scheme: "http", Host: g.ports["la:8443"]}
	pair, err := tls.LoadX509KeyPair(ts.MkAbs(args[0]), ts.MkAbs(args[1]))
	ts.Check(err)
	s := &http.Server{Addr: g.ports["la:443"], TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}, Handler: &httputil.ReverseProxy{FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host; r.SetXForwarded() }}}
	l, err := net.Listen("tcp", s.Addr)
	ts.Check(err)
	done := make(chan struct{})
	go func() { // ends with Close below
		defer close(done)
		_ = s.ServeTLS(l, "", "") // always an error once it is closed
	}()
	ts.Defer(func() { s.Close(); <-done })
}

// cmdOn runs lintas on a machine, outside the guide: on MACHINE ARGS. Its
// output is in the file output; "!" wants a failure.
func cmdOn(ts *testscript.TestScript, neg bool, args []string) {
	g := ts.Value(guideKey{}).(*guide)
	out, err := g.on(ts, args)
	ts.Logf("%s", out)
	if (err != nil) != neg {
		ts.Fatalf("lintas %s: %v\n%s", strings.Join(args[1:], " "), err, g.tails())
	}
}

// cmdUntil repeats a command until it succeeds and its output has a text:
// until TEXT MACHINE ARGS. It is for what reaches another machine in its time.
func cmdUntil(ts *testscript.TestScript, _ bool, args []string) {
	g := ts.Value(guideKey{}).(*guide)
	var out []byte
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if out, err = g.on(ts, args[1:]); err == nil && bytes.Contains(out, []byte(args[0])) {
			return
		}
	}
	ts.Fatalf("lintas %s does not say %q: %v\n%s\n%s", strings.Join(args[2:], " "), args[0], err, out, g.tails())
}

func (g *guide) on(ts *testscript.TestScript, args []string) ([]byte, error) {
	words := make([]string, len(args)-1)
	for i, w := range args[1:] {
		words[i] = g.here(args[0], w)
	}
	c := exec.Command(program, words...)
	c.Dir = filepath.Join(g.work, args[0])
	out, err := c.CombinedOutput()
	ts.Check(os.WriteFile(ts.MkAbs("output"), out, 0o600))
	return out, err
}
