package loopback_test

import (
	"net"
	"testing"

	"lintas/internal/loopback"
)

func TestAddressesAreFreeAndGivenOnce(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		a, err := loopback.Address()
		if err != nil {
			t.Fatal(err)
		}
		if seen[a] {
			t.Fatalf("%s was given twice", a)
		}
		seen[a] = true
		l, err := net.Listen("tcp", a)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if port := l.Addr().(*net.TCPAddr).Port; port < 10_000 || port >= 30_000 {
			t.Errorf("port %d may be taken by an outgoing connection", port)
		}
	}
}
