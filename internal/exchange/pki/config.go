package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"sync"
	"time"

	"lintas/internal/clock"
	"lintas/internal/fault"
)

// Server is a certificate that is read again when its files change, so that a
// renewal needs no restart.
type Server struct {
	certFile, keyFile string

	mu    sync.Mutex
	pair  *tls.Certificate
	stamp [2]time.Time
}

// Load reads a certificate and its key, of this authority or any other.
func Load(certFile, keyFile string) (*Server, error) {
	s := &Server{certFile: certFile, keyFile: keyFile}
	if _, err := s.current(); err != nil {
		return nil, err
	}
	return s, nil
}

// Config is for any listener: TLS 1.3 and nothing older.
func (s *Server) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS13,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.current() },
	}
}

// Expires is when the certificate ends.
func (s *Server) Expires() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pair.Leaf.NotAfter.UTC()
}

// Due reports whether the certificate should be renewed: less than a third
// of its life is left.
func (s *Server) Due(c clock.Clock) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	leaf := s.pair.Leaf
	return leaf.NotAfter.Sub(c.Now()) < leaf.NotAfter.Sub(leaf.NotBefore)/3
}

// current keeps the old pair while the new one is unreadable or half
// written: cert and key are two files, and between both writes do not match.
func (s *Server) current() (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var stamp [2]time.Time
	for i, f := range []string{s.certFile, s.keyFile} {
		if st, err := os.Stat(f); err == nil {
			stamp[i] = st.ModTime()
		}
	}
	if s.pair != nil && stamp == s.stamp {
		return s.pair, nil
	}
	pair, err := loadPair(s.certFile, s.keyFile)
	if err != nil {
		if s.pair != nil {
			return s.pair, nil
		}
		return nil, err
	}
	s.pair, s.stamp = pair, stamp
	return pair, nil
}

// Client trusts the given authorities (PEM) and no other, at TLS 1.3. While
// an authority is replaced, give both the old and the new.
func Client(authorities ...[]byte) (*tls.Config, error) {
	roots := x509.NewCertPool()
	for _, a := range authorities {
		if !roots.AppendCertsFromPEM(a) {
			return nil, fault.Wrap(fault.Invalid, "fault.pki.authority", errors.New("no certificate in the PEM text"))
		}
	}
	if len(authorities) == 0 {
		return nil, fault.Wrap(fault.Invalid, "fault.pki.authority", errors.New("no authority"))
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots}, nil
}
