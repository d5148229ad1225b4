package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/pki"
	"lintas/internal/node"
)

var initCommand = command{
	name:    "init",
	summary: "Makes the folder of a new node, or with --hub of a new hub",
	usage:   "--dir FOLDER --member CODE --url ADDRESS --hubs ADDRESS [options]\n       lintas init --hub --dir FOLDER [options]",
	example: `  lintas init --dir /var/lib/lintas --member KH --post "National EOC, Phnom Penh" \
    --url https://lintas.moh.example --proxy --hubs wss://hub.region.example --authority authority.pem
  lintas init --hub --dir /var/lib/lintas-hub --listen 0.0.0.0:4222 --websocket 0.0.0.0:443 --ca --host hub.region.example`,
	run: runInit,
}

// initOptions are those of both kinds of folder.
type initOptions struct {
	dir, member, post, zone, listen, url, cert, key, authority, websocket, name string
	hub, ca, proxy, postgres, insecure                                          bool
	hubs, hosts                                                                 *words
}

func runInit(_ context.Context, k *call) error {
	o := &initOptions{}
	f := k.flags
	f.StringVar(&o.dir, "dir", "", "folder to make")
	f.BoolVar(&o.hub, "hub", false, "make a hub, not a node")
	f.StringVar(&o.member, "member", "", "code of the member, such as KH or ASEC")
	f.StringVar(&o.post, "post", "", "line below the member's name on every page")
	f.StringVar(&o.zone, "zone", "", "time zone beside UTC, such as Asia/Jakarta; default: the capital's")
	f.StringVar(&o.listen, "listen", "", "host:port; default 127.0.0.1:8443 of a node, 127.0.0.1:4222 of a hub")
	f.StringVar(&o.url, "url", "", "address that people open")
	f.BoolVar(&o.proxy, "proxy", false, "a web server on this machine ends TLS (see docs/operate/install.md)")
	f.StringVar(&o.cert, "cert", "", "certificate, PEM; with --key")
	f.StringVar(&o.key, "key", "", "its key, PEM, mode 0600")
	o.hubs = k.words("hubs", "addresses of the hub: tls://host:port or wss://host; may be repeated")
	f.StringVar(&o.authority, "authority", "", "PEM file of the authority that signed the hub's certificate; it is copied")
	f.BoolVar(&o.insecure, "insecure", false, "permit a hub without TLS that is not on this machine; see docs/operate/install.md first")
	f.BoolVar(&o.postgres, "postgres", false, "use PostgreSQL; write its address into lintas.toml afterwards")
	f.BoolVar(&o.ca, "ca", false, "make a small authority and a certificate for --host")
	o.hosts = k.words("host", "names and addresses for the certificate; may be repeated")
	f.StringVar(&o.websocket, "websocket", "", "hub: host:port for nodes whose network passes only 443")
	f.StringVar(&o.name, "name", "hub", "hub: name of the server")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	if err := k.needed("dir"); err != nil {
		return err
	}
	if o.ca && len(*o.hosts) == 0 {
		fmt.Fprintln(k.errOut, "lintas init: --ca needs at least one --host; see --help")
		return errUsage
	}
	if o.hub {
		return initHub(k, o)
	}
	if err := k.needed("member"); err != nil {
		return err
	}
	return initNode(k, o)
}

func (o *initOptions) config() node.Config {
	c := node.Config{Member: access.Member(strings.ToUpper(o.member)), Post: o.post, Zone: o.zone,
		Web:      node.WebConfig{Listen: o.listen, URL: strings.TrimSuffix(o.url, "/"), Cert: o.cert, Key: o.key, BehindProxy: o.proxy},
		Exchange: node.ExchangeConfig{Hubs: *o.hubs, Insecure: o.insecure}}
	if o.proxy {
		c.Web.TrustedProxies = []string{"127.0.0.1/32", "::1/128"}
	}
	if o.ca {
		c.Web.Cert, c.Web.Key = "web.pem", "web-key.pem"
	}
	if o.authority != "" {
		c.Exchange.Authority = pki.AuthorityFile
		if o.ca {
			c.Exchange.Authority = hubAuthority
		}
	}
	if o.postgres {
		c.Database.Engine, c.Database.URL = "postgres", "postgres://lintas@localhost/lintas"
	}
	return c
}

// hubAuthority is the hub's authority where the folder has one of its own.
const hubAuthority = "hub-authority.pem"

func initNode(k *call, o *initOptions) error {
	if len(*o.hubs) == 0 {
		fmt.Fprintln(k.errOut, "lintas init: --hubs is needed: the node must know where its hub is; see --help")
		return errUsage
	}
	if (o.cert == "") != (o.key == "") {
		fmt.Fprintln(k.errOut, "lintas init: give both --cert and --key")
		return errUsage
	}
	if o.authority == "" && slices.ContainsFunc(*o.hubs, func(h string) bool { return strings.HasPrefix(h, "tls:") || strings.HasPrefix(h, "wss:") }) {
		fmt.Fprintln(k.errOut, "lintas init: --authority is needed: the PEM of the authority that signed the hub's certificate, from who runs the hub")
		return errUsage
	}
	var authority []byte
	if o.authority != "" {
		var err error
		if authority, err = readFile(o.authority, 1<<20); err != nil {
			return err
		}
		if _, err := pki.Client(authority); err != nil {
			return err
		}
	}
	cfg := o.config()
	entry, err := node.Init(o.dir, cfg, time.Now())
	if err != nil {
		return err
	}
	if authority != nil {
		if err := writeNew(filepath.Join(o.dir, cfg.Exchange.Authority), authority, 0o644); err != nil {
			return err
		}
	}
	if o.ca {
		if err := makeAuthority(o.dir, "Lintas "+string(cfg.Member), "web", *o.hosts); err != nil {
			return err
		}
	}
	if err := writeEntry(o.dir, entry); err != nil {
		return err
	}
	k.say("The node %s is made in %s. Nobody but this user can read its keys.\n", cfg.Member, o.dir)
	k.say("1. Send %s to who keeps the region directory: it holds public keys only.", filepath.Join(o.dir, node.JoinFile))
	k.say("2. When the signed directory comes back: lintas directory adopt --dir %s FILE", o.dir)
	k.say("3. Make the first administrator:         lintas account create --dir %s --login admin --post \"Administrator\" --role administrator", o.dir)
	k.say("4. Look whether all is well:             lintas doctor --dir %s", o.dir)
	k.say("5. Run the node:                         lintas serve --dir %s", o.dir)
	k.say("6. Keep a copy of the keys offline:      lintas backup --dir %s --to FOLDER --keys FOLDER", o.dir)
	return nil
}

// writeEntry writes what the region directory is to say of the node.
func writeEntry(dir string, m directory.Member) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeNew(filepath.Join(dir, node.JoinFile), append(b, '\n'), 0o644)
}

func makeAuthority(dir, name, cert string, hosts []string) error {
	a, err := pki.Create(dir, name, clock.System{})
	if err != nil {
		return err
	}
	_, _, err = a.Issue(dir, cert, hosts...)
	return err
}

func initHub(k *call, o *initOptions) error {
	cfg := hubConfig{Name: o.name, Listen: o.listen, WebSocket: o.websocket, Cert: o.cert, Key: o.key, BehindProxy: o.proxy}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:4222"
	}
	if o.ca {
		cfg.Cert, cfg.Key = o.name+".pem", o.name+"-key.pem"
	}
	if err := cfg.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(o.dir, hubDirectory), 0o700); err != nil {
		return err
	}
	if err := cfg.write(o.dir); err != nil {
		return err
	}
	if o.ca {
		if err := makeAuthority(o.dir, "Lintas "+o.name, o.name, *o.hosts); err != nil {
			return err
		}
	}
	k.say("The hub is made in %s.\n", o.dir)
	if o.ca {
		k.say("1. Give %s to every member: it is public. Keep %s on this machine.", filepath.Join(o.dir, pki.AuthorityFile), pki.AuthorityKeyFile)
	}
	k.say("2. Let the members in:  lintas hub adopt --dir %s DIRECTORY-FILE", o.dir)
	k.say("3. Run the hub:         lintas hub --dir %s", o.dir)
	return nil
}
