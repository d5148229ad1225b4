package node

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"lintas/internal/access"
	"lintas/internal/exchange/envelope"
	"lintas/internal/exchange/hub"
	"lintas/internal/fault"
)

// Keys are all secrets of a node, in one file that only its user may read.
type Keys struct {
	Member envelope.Keys `json:"member"` // signing and sealing keys, public halves in the directory
	Seed   string        `json:"seed"`   // nkey seed by which the hub knows the node
	Public string        `json:"public"` // public nkey, for the directory
	Node   []byte        `json:"node"`   // encrypts second factors at rest; see people.Config
}

// MakeKeys makes fresh secrets.
func MakeKeys(m access.Member) (Keys, error) {
	member, err := envelope.NewKeys(m)
	if err != nil {
		return Keys{}, err
	}
	seed, public, err := hub.NewUser()
	if err != nil {
		return Keys{}, err
	}
	node := make([]byte, 32)
	if _, err := rand.Read(node); err != nil {
		return Keys{}, err
	}
	return Keys{Member: member, Seed: seed, Public: public, Node: node}, nil
}

// WriteKeys stores the secrets. It replaces the file in one step, so that a
// crash leaves the old or the new one, and never a part.
func WriteKeys(dir string, k Keys) error {
	b, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, KeyFile), b, 0o600)
}

// ReadKeys reads the secrets and refuses a file that others may read.
func ReadKeys(dir string) (Keys, error) {
	var k Keys
	path := filepath.Join(dir, KeyFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, fault.Wrap(fault.NotFound, "fault.node.no_keys", err).With("path", path)
	}
	if err != nil {
		return k, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return k, fault.New(fault.Forbidden, "fault.node.keys_open").With("path", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(b, &k); err != nil {
		return k, fault.Wrap(fault.Invalid, "fault.node.keys", err).With("path", path)
	}
	return k, nil
}

func writeFile(path string, b []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the rename
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
