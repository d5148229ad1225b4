package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/pki"
	"lintas/internal/node"
)

// Files of a hub's folder.
const (
	hubFile      = "hub.toml"
	hubDirectory = "directory" // every version of the region directory
	hubStream    = "stream"
)

// hubConfig is hub.toml. Every zero value is the safe choice.
type hubConfig struct {
	Name        string         `toml:"name"`
	Listen      string         `toml:"listen"`
	WebSocket   string         `toml:"websocket"`
	Cert        string         `toml:"cert"`
	Key         string         `toml:"key"`
	BehindProxy bool           `toml:"behind_proxy"`         // a proxy on this machine ends TLS
	Keep        node.Duration  `toml:"keep"`                 // how long a message stays; 2160h when zero
	MaxBytes    int64          `toml:"max_bytes"`            // of the stream; what the disk has when zero
	Cluster     *clusterConfig `toml:"cluster,omitempty"`    // for hub config and hub provision
	Sync        node.Duration  `toml:"sync_interval"`        // zero: 250ms, or "1ns", before each confirmation, in a cluster
	ReloadEvery node.Duration  `toml:"directory_look_every"` // 2s when zero
}

func (c hubConfig) check() error {
	if (c.Cert == "") != (c.Key == "") {
		return errors.New("give both cert and key, or neither")
	}
	if c.Cert != "" || c.BehindProxy {
		return nil
	}
	for _, a := range []string{c.Listen, c.WebSocket} {
		if a != "" && !node.Loopback(a) {
			return fmt.Errorf("%s can be reached from other machines: give the hub a certificate (init --ca --host NAME, or cert and key), or let a proxy on this machine end TLS (--proxy)", a)
		}
	}
	return nil
}

func (c hubConfig) limits() hub.Limits {
	return hub.Limits{Age: time.Duration(c.Keep), Bytes: c.MaxBytes, Sync: time.Duration(c.Sync)}
}

func (c hubConfig) write(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, hubFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("%w; choose an empty folder, nothing was changed", err)
	}
	return errors.Join(toml.NewEncoder(f).Encode(c), f.Close())
}

func readHub(dir string) (hubConfig, error) {
	var c hubConfig
	path := filepath.Join(dir, hubFile)
	meta, err := toml.DecodeFile(path, &c)
	if errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("%s is not there; make the hub first: lintas init --hub --dir %s", path, dir)
	}
	if err != nil {
		return c, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if u := meta.Undecoded(); len(u) > 0 {
		return c, fmt.Errorf("%s has the unknown name %q; remove it or mend the spelling", path, u[0])
	}
	return c, c.check()
}

func inFolder(dir, p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(dir, p)
}

// server makes the hub, with the members of the directory in force.
func (c hubConfig) server(dir string) (hub.Config, error) {
	out := hub.Config{Name: c.Name, Folder: filepath.Join(dir, hubStream), Listen: c.Listen, WebSocket: c.WebSocket,
		PlainOutsideLoopback: c.BehindProxy, Limits: c.limits()}
	if c.Cert != "" {
		s, err := pki.Load(inFolder(dir, c.Cert), inFolder(dir, c.Key))
		if err != nil {
			return out, err
		}
		out.TLS = s.Config()
	}
	return out, nil
}

// chain follows all directory files of a hub from the first version on, as a
// node would, so that a hub cannot be talked into other members either.
func chain(dir string) (*directory.View, error) {
	files, err := filepath.Glob(filepath.Join(dir, hubDirectory, "*.json"))
	if err != nil {
		return nil, err
	}
	type version struct {
		signed directory.Signed
		number int
		file   string
	}
	var all []version
	for _, f := range files {
		raw, err := readFile(f, directory.MaxSize)
		if err != nil {
			return nil, err
		}
		s, d, err := directory.Decode(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %s", f, sentence(err))
		}
		all = append(all, version{s, d.Version, f})
	}
	slices.SortFunc(all, func(a, b version) int { return a.number - b.number })
	var view *directory.View
	for _, v := range all {
		next, err := directory.Follow(view, v.signed)
		if err != nil {
			return view, fmt.Errorf("%s: %s", v.file, sentence(err))
		}
		view = next
	}
	return view, nil
}

func hubMembers(v *directory.View) []hub.Member {
	var out []hub.Member
	if v == nil {
		return nil
	}
	for _, m := range v.Members() {
		out = append(out, hub.Member{Code: m.Code, NKey: m.Node})
	}
	return out
}

func versionFile(dir string, version int) string {
	return filepath.Join(dir, hubDirectory, fmt.Sprintf("%06d.json", version))
}
