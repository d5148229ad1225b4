// Package loopback finds ports of this machine for servers whose addresses
// must be known before they start: those of a demonstration and of tests.
package loopback

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
)

// Ports are taken from below the ranges from which systems take the ports of
// outgoing connections (from 32768 on Linux, from 49152 elsewhere): what is
// free there stays free until a server asks for it.
const (
	lowest  = 10_000
	highest = 30_000
	// Processes begin this far from one another, so that two of them that look
	// for ports at the same time do not find the same ones.
	apart = 61
)

var (
	mu   sync.Mutex
	next = os.Getpid() * apart
)

// listen listens on a free port of 127.0.0.1 that this process was not given
// before, as long as there are others.
func listen() (net.Listener, error) {
	mu.Lock()
	defer mu.Unlock()
	var last error
	for range highest - lowest {
		port := lowest + next%(highest-lowest)
		next++
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, fmt.Errorf("loopback: no free port between %d and %d: %w", lowest, highest, last)
}

// Address is a free address of 127.0.0.1, for a server that opens it itself.
func Address() (string, error) {
	l, err := listen()
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
