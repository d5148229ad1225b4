package pki_test

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lintas/internal/clock"
	"lintas/internal/exchange/pki"
	"lintas/internal/fault"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// greet makes one connection and returns what the client saw.
func greet(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		_ = c.(*tls.Conn).Handshake()
		c.Close()
	}()
	defer func() { l.Close(); <-done }()
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: 5 * time.Second}, Config: client}
	c, err := d.Dial("tcp", l.Addr().String())
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState(), nil
}

func authority(t *testing.T) (*pki.Authority, string) {
	t.Helper()
	dir := t.TempDir()
	a, err := pki.Create(dir, "region test", clock.System{})
	must(t, err)
	return a, dir
}

func TestOnlyTLS13AndOnlyThisAuthority(t *testing.T) {
	a, dir := authority(t)
	cert, key, err := a.Issue(dir, "hub", "127.0.0.1", "hub.example")
	must(t, err)
	s, err := pki.Load(cert, key)
	must(t, err)
	client, err := pki.Client(a.PEM())
	must(t, err)
	st, err := greet(t, s.Config(), client)
	if err != nil || st.Version != tls.VersionTLS13 {
		t.Fatalf("version %x, %v", st.Version, err)
	}
	old := client.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	if _, err := greet(t, s.Config(), old); err == nil {
		t.Error("TLS 1.2 was accepted")
	}
	named := client.Clone()
	named.ServerName = "hub.example"
	if _, err := greet(t, s.Config(), named); err != nil {
		t.Errorf("by name: %v", err)
	}
	named.ServerName = "other.example"
	if _, err := greet(t, s.Config(), named); err == nil {
		t.Error("a name that is not in the certificate was accepted")
	}
	b, _ := authority(t)
	stranger, err := pki.Client(b.PEM())
	must(t, err)
	if _, err := greet(t, s.Config(), stranger); err == nil {
		t.Error("a certificate of another authority was accepted")
	}
}

// A renewed pair is served without a restart; a broken one is not.
func TestRotation(t *testing.T) {
	a, dir := authority(t)
	cert, key, err := a.Issue(dir, "hub", "127.0.0.1")
	must(t, err)
	s, err := pki.Load(cert, key)
	must(t, err)
	client, err := pki.Client(a.PEM())
	must(t, err)
	seen := map[string]bool{}
	for range 2 {
		st, err := greet(t, s.Config(), client)
		must(t, err)
		seen[st.PeerCertificates[0].SerialNumber.String()] = true
		time.Sleep(10 * time.Millisecond)
		_, _, err = a.Issue(dir, "hub", "127.0.0.1")
		must(t, err)
	}
	must(t, os.WriteFile(cert, []byte("half"), 0o644))
	st, err := greet(t, s.Config(), client)
	must(t, err)
	seen[st.PeerCertificates[0].SerialNumber.String()] = true
	if len(seen) != 2 {
		t.Errorf("%d certificates were served, not 2", len(seen))
	}

	// A new authority: clients trust both for a while.
	b, dir2 := authority(t)
	cert2, key2, err := b.Issue(dir2, "hub", "127.0.0.1")
	must(t, err)
	s2, err := pki.Load(cert2, key2)
	must(t, err)
	both, err := pki.Client(a.PEM(), b.PEM())
	must(t, err)
	for _, srv := range []*pki.Server{s, s2} {
		if _, err := greet(t, srv.Config(), both); err != nil {
			t.Error(err)
		}
	}
}

func TestDueAndExpired(t *testing.T) {
	dir := t.TempDir()
	c := clock.NewManual(time.Now())
	a, err := pki.Create(dir, "region test", c)
	must(t, err)
	cert, key, err := a.Issue(dir, "hub", "127.0.0.1")
	must(t, err)
	s, err := pki.Load(cert, key)
	must(t, err)
	if s.Due(c) {
		t.Error("due on the first day")
	}
	c.Set(s.Expires().Add(-100 * 24 * time.Hour))
	if !s.Due(c) {
		t.Error("not due 100 days before the end")
	}
	client, err := pki.Client(a.PEM())
	must(t, err)
	client.Time = func() time.Time { return s.Expires().Add(time.Second) }
	if _, err := greet(t, s.Config(), client); err == nil {
		t.Error("an expired certificate was accepted")
	}
}

func TestKeyFilesAreNobodyElses(t *testing.T) {
	a, dir := authority(t)
	cert, key, err := a.Issue(dir, "hub", "127.0.0.1")
	must(t, err)
	for _, f := range []string{key, filepath.Join(dir, pki.AuthorityKeyFile)} {
		st, err := os.Stat(f)
		must(t, err)
		if st.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", f, st.Mode().Perm())
		}
	}
	must(t, os.Chmod(key, 0o644))
	var f *fault.Error
	if _, err := pki.Load(cert, key); !errors.As(err, &f) || f.Key != "fault.pki.mode" {
		t.Errorf("a key that others can read: %v", err)
	}
	must(t, os.Chmod(filepath.Join(dir, pki.AuthorityKeyFile), 0o640))
	if _, err := pki.Open(dir, clock.System{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an authority key that others can read: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	a, dir := authority(t)
	if _, err := pki.Create(dir, "again", clock.System{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("second authority in one folder: %v", err)
	}
	if _, err := pki.Open(t.TempDir(), clock.System{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no authority: %v", err)
	}
	if _, _, err := a.Issue(dir, "hub"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no host: %v", err)
	}
	if _, _, err := a.Issue(dir, "../hub", "127.0.0.1"); !fault.Is(err, fault.Invalid) {
		t.Errorf("name with a folder: %v", err)
	}
	if _, err := pki.Client(); !fault.Is(err, fault.Invalid) {
		t.Errorf("no authority for a client: %v", err)
	}
	if _, err := pki.Client([]byte("none")); !fault.Is(err, fault.Invalid) {
		t.Errorf("no PEM: %v", err)
	}
}
