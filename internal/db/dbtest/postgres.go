package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// One server per test process, started by the first test that needs it. Its
// parent is a shell that watches a pipe from this process: when the pipe
// closes, however this process ended, it stops the server and removes the
// folder. LINTAS_TEST_POSTGRES names a running server to use instead.

var errAbsent = errors.New("no PostgreSQL found: install it (initdb and postgres in PATH or /usr/lib/postgresql/*/bin), or set LINTAS_TEST_POSTGRES to the URL of a running server")

type server struct {
	url  *url.URL
	pipe io.Closer // closing it stops the server
	done chan struct{}
}

var running struct {
	once sync.Once
	s    *server
	err  error
}

var databases atomic.Int64

func theServer() (*server, error) {
	running.once.Do(func() {
		if given := os.Getenv("LINTAS_TEST_POSTGRES"); given != "" {
			u, err := url.Parse(given)
			if err != nil {
				running.err = errors.New("LINTAS_TEST_POSTGRES is no URL") // it may hold a password
				return
			}
			running.s = &server{url: u}
			return
		}
		running.s, running.err = start()
	})
	return running.s, running.err
}

func stop() {
	if s := running.s; s != nil && s.pipe != nil {
		_ = s.pipe.Close() // the watcher sees the end either way
		select {
		case <-s.done:
		case <-time.After(10 * time.Second):
		}
	}
}

// binaries finds the folder of the newest PostgreSQL.
func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(p), "postgres")); err == nil {
				return filepath.Dir(p), nil
			}
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errAbsent
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p)))) // 0 sorts first
		return n
	}
	sort.Slice(found, func(i, j int) bool { return version(found[i]) < version(found[j]) })
	return filepath.Dir(found[len(found)-1]), nil
}

// watch starts the server and, when its input ends, stops it and cleans up.
const watch = `
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=on -c full_page_writes=off \
  -c max_connections=200 -c shared_buffers=32MB -c autovacuum=off -c max_wal_size=256MB -c log_min_messages=fatal >"$2/log" 2>&1 </dev/null &
cat >/dev/null
kill -QUIT $!
wait $!
rm -rf "$2"`

func start() (*server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lintas-pg-")
	if err != nil {
		return nil, err
	}
	s, err := startIn(bin, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

func startIn(bin, dir string) (*server, error) {
	attr, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "lintas", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.SysProcAttr, initdb.Dir, initdb.Env = attr, dir, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	w := exec.Command("/bin/sh", "-c", watch, "watch", bin, dir)
	w.SysProcAttr, w.Dir, w.Env = attr, dir, initdb.Env
	pipe, err := w.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := w.Start(); err != nil {
		return nil, err
	}
	s := &server{pipe: pipe, done: make(chan struct{}), url: &url.URL{
		Scheme: "postgres", User: url.User("lintas"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}}.Encode(),
	}}
	go func() {
		_ = w.Wait() // its status is that of rm
		close(s.done)
	}()
	if err := s.await(filepath.Join(dir, "log")); err != nil {
		return nil, errors.Join(err, pipe.Close())
	}
	return s, nil
}

// unprivileged makes the folder fit for the server, which refuses to run as
// root, and a process group of its own, so that an interrupt at the keyboard
// leaves the watcher alive to clean up.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, nil
}

func (s *server) await(log string) error {
	deadline := time.Now().Add(60 * time.Second)
	for {
		err := s.exec(`SELECT 1`)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log) // what there is
			return fmt.Errorf("PostgreSQL did not start: %w: %s", err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *server) exec(query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, query)
	return errors.Join(err, c.Close(ctx))
}

// freshDatabase makes an empty database and returns its URL.
func freshDatabase(tb testing.TB) string {
	tb.Helper()
	s, err := theServer()
	if errors.Is(err, errAbsent) && os.Getenv("LINTAS_REQUIRE_POSTGRES") != "1" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	name := fmt.Sprintf("lintas_test_%d_%x_%d", os.Getpid(), time.Now().UnixNano()&0xffffffff, databases.Add(1))
	if err := s.exec(`CREATE DATABASE ` + name + ` TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			tb.Error(err)
		}
	})
	u := *s.url
	u.Path = "/" + name
	return u.String()
}
