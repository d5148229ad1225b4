package node

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/fault"
)

// Config is the node's lintas.toml. Every zero value is the safe choice.
type Config struct {
	Member access.Member `toml:"member"`
	// Post is what the masthead says below the member's name, such as
	// "National EOC, Phnom Penh".
	Post string `toml:"post"`
	// Zone is the IANA time zone shown beside UTC; the capital's when empty.
	Zone     string         `toml:"zone"`
	Web      WebConfig      `toml:"web"`
	Database DatabaseConfig `toml:"database"`
	Exchange ExchangeConfig `toml:"exchange"`
	Metrics  MetricsConfig  `toml:"metrics"`
	Mail     MailConfig     `toml:"mail,omitempty"`
	Push     PushConfig     `toml:"push,omitempty"`
	Feeds    FeedsConfig    `toml:"feeds,omitempty"`
	// Demo lets people in without a factor and marks every page. A node with
	// real data must never have it; it is refused outside loopback.
	Demo bool `toml:"demo"`
}

// WebConfig says where people and programs reach the node.
type WebConfig struct {
	Listen         string   `toml:"listen"`          // host:port; 127.0.0.1:8443 when empty
	URL            string   `toml:"url"`             // public address, for links
	Cert           string   `toml:"cert"`            // PEM; needed outside loopback
	Key            string   `toml:"key"`             //
	TrustedProxies []string `toml:"trusted_proxies"` // CIDR; whose X-Forwarded-For counts
	BehindProxy    bool     `toml:"behind_proxy"`    // a proxy on this host ends TLS
}

// DatabaseConfig chooses the engine.
type DatabaseConfig struct {
	Engine string `toml:"engine"` // sqlite (default) or postgres
	URL    string `toml:"url"`    // postgres only; holds a password, never logged
}

// ExchangeConfig says where the hub is and how to trust it.
type ExchangeConfig struct {
	Hubs      []string `toml:"hubs"`      // nats://, tls://, ws:// or wss:// addresses
	Authority string   `toml:"authority"` // PEM of the authority that signed the hub's certificate
	// Insecure permits an unencrypted connection to a hub that is not on
	// loopback; releases stay sealed, but who writes to whom can be seen.
	Insecure  bool     `toml:"insecure"`
	Heartbeat Duration `toml:"heartbeat"` // 10s when zero
	// Checkpoint is how often the history is signed and offered to the
	// others; 10m when zero.
	Checkpoint Duration `toml:"checkpoint"`
	// Keep is how long is kept of what was sent and received what no page
	// needs; 400 days (9600h) when zero.
	Keep Duration `toml:"keep"`
}

// MetricsConfig opens the Prometheus endpoint.
type MetricsConfig struct {
	// Token is the bearer token that a scraper outside loopback must show;
	// without one the endpoint answers on loopback only.
	Token string `toml:"token"`
}

// MailConfig names the mail server that takes nudges; without a host the node
// sends no mail.
type MailConfig struct {
	Host         string `toml:"host,omitempty"`
	Port         int    `toml:"port,omitempty"` // that of the kind of TLS when zero
	TLS          string `toml:"tls,omitempty"`  // starttls (default), tls, or on loopback none
	User         string `toml:"user,omitempty"`
	PasswordFile string `toml:"password_file,omitempty"` // a file that only the node's user may read
	From         string `toml:"from,omitempty"`
}

// PushConfig lets browsers be told by web push, through the services of their
// makers; off without a contact.
type PushConfig struct {
	Contact  string   `toml:"contact,omitempty"`  // mailto: address of the operator, for the push services
	Services []string `toml:"services,omitempty"` // host names; those of the common browsers when empty
}

// FeedsConfig says from where feeds of signals may be read besides the public
// internet.
type FeedsConfig struct {
	// Networks are CIDR of addresses that are not public, such as those of
	// other members' nodes on a private line.
	Networks []string `toml:"networks,omitempty"`
}

// Duration is a length of time in the form "10s", "15m".
type Duration time.Duration

// UnmarshalText reads the form of time.ParseDuration.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a length of time such as 10s or 15m", b)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes the form of time.Duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Files of a node's folder.
const (
	ConfigFile    = "lintas.toml"
	KeyFile       = "keys.json"
	DatabaseFile  = "lintas.db"
	DirectoryFile = "directory.json"
)

// ReadConfig reads and checks a node's configuration. Unknown names are
// refused: a misspelt safety setting must not pass unseen.
func ReadConfig(dir string) (Config, error) {
	var c Config
	path := filepath.Join(dir, ConfigFile)
	meta, err := toml.DecodeFile(path, &c)
	if errors.Is(err, fs.ErrNotExist) {
		return c, fault.Wrap(fault.NotFound, "fault.node.no_config", err).With("path", path)
	}
	if err != nil {
		return c, fault.Wrap(fault.Invalid, "fault.node.config", err).With("path", path).With("why", err.Error())
	}
	if u := meta.Undecoded(); len(u) > 0 {
		return c, fault.New(fault.Invalid, "fault.node.config_unknown").With("path", path).With("name", u[0].String())
	}
	return c, c.Check()
}

// WriteConfig writes a new configuration; it never overwrites one.
func WriteConfig(dir string, c Config) error {
	f, err := os.OpenFile(filepath.Join(dir, ConfigFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.Wrap(fault.Conflict, "fault.node.exists", err).With("path", dir)
	}
	if err := toml.NewEncoder(f).Encode(c); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// Check refuses what is missing or dangerous and says how to mend it.
func (c *Config) Check() error {
	var k fault.Check
	k.That(slices.Contains(access.All(), c.Member), "member", "fault.node.member", fault.Args{"member": string(c.Member)})
	k.That(c.Database.Engine == "" || c.Database.Engine == string(db.SQLite) || c.Database.Engine == string(db.Postgres), "database.engine", "fault.node.engine")
	k.That(c.Database.Engine != string(db.Postgres) || c.Database.URL != "", "database.url", "fault.node.database_url")
	local := Loopback(c.listen())
	tls := c.Web.Cert != "" && c.Web.Key != ""
	k.That(c.Web.Cert == "" == (c.Web.Key == ""), "web.cert", "fault.node.cert_pair")
	k.That(local || tls, "web.cert", "fault.node.needs_tls", fault.Args{"listen": c.listen()})
	k.That(!c.Demo || local, "demo", "fault.node.demo_outside")
	if _, err := time.LoadLocation(c.Zone); err != nil {
		k.That(false, "zone", "fault.node.zone", fault.Args{"zone": c.Zone})
	}
	k.That(c.Mail.Host == "" || strings.Contains(c.Mail.From, "@"), "mail.from", "fault.node.mail_from")
	k.That(slices.Contains([]string{"", "starttls", "tls"}, c.Mail.TLS) || c.Mail.TLS == "none" && Loopback(c.Mail.Host), "mail.tls", "fault.node.mail_tls")
	k.That(c.Push.Contact == "" || strings.HasPrefix(c.Push.Contact, "mailto:") && strings.Contains(c.Push.Contact, "@"), "push.contact", "fault.node.push_contact")
	for i, s := range c.Feeds.Networks {
		_, err := prefixes([]string{s})
		k.Row(err == nil, i+1, "feeds.networks", "fault.node.network", fault.Args{"network": s})
	}
	for i, h := range c.Exchange.Hubs {
		u, err := url.Parse(h)
		ok := err == nil && slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) && u.Host != ""
		k.Row(ok, i+1, "exchange.hubs", "fault.node.hub", fault.Args{"hub": h})
		plain := ok && (u.Scheme == "nats" || u.Scheme == "ws")
		k.Row(!plain || c.Exchange.Insecure || Loopback(u.Host), i+1, "exchange.hubs", "fault.node.hub_plain", fault.Args{"hub": h})
	}
	return k.Err()
}

func (c *Config) listen() string {
	if c.Web.Listen == "" {
		return "127.0.0.1:8443"
	}
	return c.Web.Listen
}

// Secure reports whether people reach the node by https.
func (c *Config) Secure() bool {
	return c.Web.Cert != "" || c.Web.BehindProxy || strings.HasPrefix(c.Web.URL, "https://")
}

// Loopback reports whether host:port is on this machine alone.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Shown is the configuration without its secrets, for lintas doctor.
func (c Config) Shown() Config {
	if u, err := url.Parse(c.Database.URL); c.Database.URL != "" {
		c.Database.URL = "(hidden)"
		if err == nil && u.Host != "" {
			c.Database.URL = u.Scheme + "://(hidden)@" + u.Host + u.Path
		}
	}
	if c.Metrics.Token != "" {
		c.Metrics.Token = "(hidden)"
	}
	return c
}
