package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange/directory"
	"lintas/internal/fault"
	"lintas/internal/place"
)

// JoinFile holds what a member sends to the others to be listed in the region
// directory: public keys and addresses, nothing secret.
const JoinFile = "join.json"

// Init makes the folder of a new node: configuration and keys. It refuses a
// folder that has either. The returned entry is for the region directory.
func Init(dir string, c Config, now time.Time) (directory.Member, error) {
	if err := c.Check(); err != nil {
		return directory.Member{}, err
	}
	for _, f := range []string{ConfigFile, KeyFile} {
		if _, err := os.Stat(filepath.Join(dir, f)); !errors.Is(err, fs.ErrNotExist) {
			return directory.Member{}, fault.Wrap(fault.Conflict, "fault.node.exists", err).With("path", filepath.Join(dir, f))
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return directory.Member{}, err
	}
	keys, err := MakeKeys(c.Member)
	if err != nil {
		return directory.Member{}, err
	}
	if err := WriteKeys(dir, keys); err != nil {
		return directory.Member{}, err
	}
	return Entry(c, keys, now), WriteConfig(dir, c)
}

// Entry is what the directory says of a node.
func Entry(c Config, k Keys, now time.Time) directory.Member {
	m := directory.Member{
		Code: c.Member, Name: place.Name(string(c.Member), "en"), Kind: directory.State, Address: c.Web.URL,
		Node: k.Public, Languages: []string{"en"},
		Signing: []directory.Key{directory.MakeKey(k.Member.SignPublic(), now)},
		Sealing: []directory.Key{directory.MakeKey(k.Member.SealPublic(), now)},
	}
	m.LegalName = m.Name
	if c.Member == access.ASEC {
		m.Kind = directory.Body
	}
	return m
}

// AdoptDirectory checks a signed directory against the one that the node
// follows, stores it, and keeps the file for the next start.
func (n *Node) AdoptDirectory(ctx context.Context, raw []byte) error {
	if err := n.Directory.Load(ctx, raw); err != nil {
		return err
	}
	return WriteDirectory(n.Dir, raw)
}

// WriteDirectory puts a signed directory into a node's folder.
func WriteDirectory(dir string, raw []byte) error {
	if _, _, err := directory.Decode(raw); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, DirectoryFile), raw, 0o644)
}
