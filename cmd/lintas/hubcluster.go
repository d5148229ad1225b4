package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lintas/internal/exchange/hub"
	"lintas/internal/exchange/pki"
)

// operatorFile holds the seed with which a cluster is provisioned.
const operatorFile = "operator.seed"

// clusterConfig describes the servers of an external cluster in hub.toml.
type clusterConfig struct {
	Name      string         `toml:"name"`
	Authority string         `toml:"authority"` // on the servers
	Servers   []serverConfig `toml:"server"`
}

type serverConfig struct {
	Name      string `toml:"name"`
	Folder    string `toml:"folder"`
	Listen    string `toml:"listen"`
	WebSocket string `toml:"websocket"`
	Route     string `toml:"route"`
	Cert      string `toml:"cert"`
	Key       string `toml:"key"`
}

// operator reads the key that provisions, or makes it.
func operator(dir string) (seed, public string, err error) {
	path := filepath.Join(dir, operatorFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if seed, public, err = hub.NewUser(); err != nil {
			return "", "", err
		}
		return seed, public, writeNew(path, []byte(seed+"\n"), 0o600)
	}
	if err != nil {
		return "", "", err
	}
	seed = strings.TrimSpace(string(b))
	public, _, err = hub.Signer(seed)
	return seed, public, err
}

func runHubOperator(_ context.Context, k *call) error {
	dir := k.hubDir()
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if _, err := readHub(*dir); err != nil {
		return err
	}
	_, public, err := operator(*dir)
	if err != nil {
		return err
	}
	k.say("%s", public)
	return nil
}

func runHubConfig(_ context.Context, k *call) error {
	dir := k.hubDir()
	out := k.flags.String("out", "", "folder for the files, one per server; default: print them")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	c, err := cluster(*dir)
	if err != nil {
		return err
	}
	for i, s := range c.Servers {
		text, err := c.ConfigText(i)
		if err != nil {
			return err
		}
		if *out == "" {
			k.say("%s", text)
			continue
		}
		if err := os.MkdirAll(*out, 0o755); err != nil {
			return err
		}
		path := filepath.Join(*out, s.Name+".conf")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
		k.say("%s", path)
	}
	return nil
}

// cluster is the cluster of hub.toml with the members of the directory.
func cluster(dir string) (hub.Cluster, error) {
	cfg, err := readHub(dir)
	if err != nil {
		return hub.Cluster{}, err
	}
	if cfg.Cluster == nil {
		return hub.Cluster{}, fmt.Errorf("%s describes no cluster; see docs/operate/install.md, An external cluster", filepath.Join(dir, hubFile))
	}
	view, err := chain(dir)
	if err != nil {
		return hub.Cluster{}, err
	}
	_, public, err := operator(dir)
	if err != nil {
		return hub.Cluster{}, err
	}
	c := hub.Cluster{Name: cfg.Cluster.Name, Members: hubMembers(view), Operator: public, Limits: cfg.limits()}
	for _, s := range cfg.Cluster.Servers {
		one := hub.Server{Name: s.Name, Folder: s.Folder, Listen: s.Listen, WebSocket: s.WebSocket, Route: s.Route}
		if s.Cert != "" {
			one.TLS = &hub.Files{Cert: s.Cert, Key: s.Key, CA: cfg.Cluster.Authority}
		}
		c.Servers = append(c.Servers, one)
	}
	return c, nil
}

func runHubProvision(ctx context.Context, k *call) error {
	dir := k.hubDir()
	hubs := k.words("hubs", "addresses of the cluster's servers")
	authority := k.flags.String("authority", "", "PEM of the servers' authority; default: authority.pem of the folder, if it is there")
	wait := k.flags.Duration("wait", time.Minute, "how long to wait for the servers to agree")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("hubs"); err != nil {
		return err
	}
	c, err := cluster(*dir)
	if err != nil {
		return err
	}
	seed, _, err := operator(*dir)
	if err != nil {
		return err
	}
	d := hub.Dial{URLs: *hubs, Seed: seed, Copies: min(len(c.Servers), 5), Limits: c.Limits}
	if d.TLS, err = authorityOf(*dir, *authority); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *wait)
	defer cancel()
	if err := hub.Provision(ctx, d, c.Members); err != nil {
		return err
	}
	k.say("The stream and the consumers of %d members are there.", len(c.Members))
	return nil
}

func authorityOf(dir, path string) (*tls.Config, error) {
	given := path != ""
	if !given {
		path = filepath.Join(dir, pki.AuthorityFile)
	}
	pem, err := readFile(path, 1<<20)
	if !given && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return pki.Client(pem)
}
