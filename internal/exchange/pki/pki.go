// Package pki is the small certificate authority that `lintas init` makes for
// a hub and its servers: an ECDSA P-256 root, server certificates for given
// names and addresses, and TLS 1.3 configurations that trust nothing else.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	serverLife    = 398 * 24 * time.Hour // what browsers accept at most
	// early lets a certificate work on machines whose clocks are behind.
	early = time.Hour

	// Names of the files that Create and Issue write.
	AuthorityFile    = "authority.pem"
	AuthorityKeyFile = "authority-key.pem"
)

// Authority signs server certificates. Its key stays on the machine that
// made it.
type Authority struct {
	cert  *x509.Certificate
	pem   []byte
	key   *ecdsa.PrivateKey
	clock clock.Clock
}

// Create makes a new authority in the folder; it refuses to replace one.
func Create(folder, name string, c clock.Clock) (*Authority, error) {
	if _, err := os.Stat(filepath.Join(folder, AuthorityFile)); err == nil {
		return nil, fault.Wrap(fault.Conflict, "fault.pki.exists", fmt.Errorf("%s has an authority", folder)).
			With("folder", folder)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, internal(err)
	}
	now := c.Now()
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-early), NotAfter: now.Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, internal(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, internal(err)
	}
	if err := writeKey(filepath.Join(folder, AuthorityKeyFile), key); err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(folder, AuthorityFile), certPEM(der), 0o644); err != nil {
		return nil, err
	}
	return Open(folder, c)
}

// Open reads an authority that Create made.
func Open(folder string, c clock.Clock) (*Authority, error) {
	text, err := os.ReadFile(filepath.Join(folder, AuthorityFile))
	if err != nil {
		return nil, missing(err)
	}
	pair, err := loadPair(filepath.Join(folder, AuthorityFile), filepath.Join(folder, AuthorityKeyFile))
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil, fault.Wrap(fault.Invalid, "fault.pki.authority", errors.New("not an authority of this kind"))
	}
	return &Authority{cert: pair.Leaf, pem: text, key: key, clock: c}, nil
}

// PEM is the authority's certificate, which every client needs.
func (a *Authority) PEM() []byte { return append([]byte(nil), a.pem...) }

// Issue makes a server certificate for names and addresses and writes
// <name>.pem and <name>-key.pem into the folder. Issuing again replaces both;
// a server that uses Reloading takes the new pair without a restart.
func (a *Authority) Issue(folder, name string, hosts ...string) (certFile, keyFile string, err error) {
	if len(hosts) == 0 || filepath.Base(name) != name {
		return "", "", fault.Wrap(fault.Invalid, "fault.pki.hosts", errors.New("a plain name and at least one host are needed"))
	}
	now := a.clock.Now()
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-early), NotAfter: now.Add(serverLife),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		// Client too: the servers of a cluster dial one another.
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if t.NotAfter.After(a.cert.NotAfter) {
		t.NotAfter = a.cert.NotAfter
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", internal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return "", "", internal(err)
	}
	certFile, keyFile = filepath.Join(folder, name+".pem"), filepath.Join(folder, name+"-key.pem")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", "", internal(err)
	}
	if err := writeKey(keyFile, key); err != nil {
		return "", "", err
	}
	return certFile, keyFile, writeFile(certFile, certPEM(der), 0o644)
}

func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}

func certPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return internal(err)
	}
	return writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// writeFile replaces a file as a whole, never with looser rights than asked.
func writeFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return internal(err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return internal(err)
	}
	return nil
}

func internal(err error) error { return fault.Wrap(fault.Internal, "fault.internal", err) }

func missing(err error) error { return fault.Wrap(fault.NotFound, "fault.pki.missing", err) }

// loadPair refuses a key that others on the machine can read.
func loadPair(certFile, keyFile string) (*tls.Certificate, error) {
	st, err := os.Stat(keyFile)
	if err != nil {
		return nil, missing(err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fault.Wrap(fault.Invalid, "fault.pki.mode", fmt.Errorf("%s has mode %o", keyFile, st.Mode().Perm())).
			With("file", keyFile)
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.pki.pair", err).With("file", certFile)
	}
	return &pair, nil
}
