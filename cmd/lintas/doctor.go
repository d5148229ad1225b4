package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"lintas/internal/db"
	"lintas/internal/exchange"
	"lintas/internal/locale"
	"lintas/internal/node"
)

var doctorCommand = command{
	name:    "doctor",
	summary: "Examines a node: configuration, keys, clocks, connections, disk",
	usage:   "--dir FOLDER [--offline] [--wait DURATION]",
	example: "  lintas doctor --dir /var/lib/lintas",
	run:     runDoctor,
}

// doctor collects what it finds; a failure decides the exit code.
type doctor struct {
	k       *call
	dir     string
	offline bool
	failed  int
	warned  int
}

func (d *doctor) ok(what, format string, args ...any) { d.line("ok", what, format, args...) }

func (d *doctor) warn(what, format string, args ...any) {
	d.warned++
	d.line("warning", what, format, args...)
}

func (d *doctor) fail(what, format string, args ...any) {
	d.failed++
	d.line("FAILED", what, format, args...)
}

func (d *doctor) line(level, what, format string, args ...any) {
	d.k.say("%-8s %-12s %s", level, what, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n                      "))
}

func runDoctor(ctx context.Context, k *call) error {
	dir := k.dir()
	offline := k.flags.Bool("offline", false, "do not try the hub and the web address")
	wait := k.flags.Duration("wait", 0, "wait so long for all members to be in step")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	d := &doctor{k: k, dir: *dir, offline: *offline}
	d.examine(ctx, *wait)
	if d.failed > 0 {
		return fmt.Errorf("%d of the checks failed, %d warnings", d.failed, d.warned)
	}
	k.say("\nNo check failed, %d warnings.", d.warned)
	return nil
}

func (d *doctor) examine(ctx context.Context, wait time.Duration) {
	cfg, err := node.ReadConfig(d.dir)
	if err != nil {
		d.fail("config", "%s", sentence(err))
		return
	}
	d.config(cfg)
	d.ok("program", "%s, %s, %s/%s", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	d.modes()
	keys, err := node.ReadKeys(d.dir)
	if err != nil {
		d.fail("keys", "%s", sentence(err))
		return
	}
	d.certificates(cfg)
	d.disk()
	if !d.database(ctx, cfg) {
		return
	}
	n, err := node.Attend(ctx, d.dir, quiet())
	if err != nil {
		d.fail("database", "%s", sentence(err))
		return
	}
	defer n.Close()
	d.directory(n, keys)
	if !d.offline {
		d.hub(ctx, n, keys)
		d.web(ctx, n)
	}
	d.peers(ctx, n, wait)
	d.queues(ctx, n)
}

// config prints the configuration without its secrets.
func (d *doctor) config(c node.Config) {
	var b strings.Builder
	if err := toml.NewEncoder(&b).Encode(c.Shown()); err != nil {
		d.fail("config", "%v", err)
		return
	}
	d.ok("config", "%s", strings.TrimSpace(b.String()))
	if c.Exchange.Insecure {
		d.warn("config", "exchange.insecure is set: who writes to whom can be seen on the way to the hub")
	}
	if c.Demo {
		d.fail("config", "demo is set: anybody may sign in. Remove it.")
	}
	if c.Web.BehindProxy && len(c.Web.TrustedProxies) == 0 {
		d.warn("config", "web.behind_proxy without web.trusted_proxies: everybody seems to come from the proxy, and is slowed down together")
	}
}

func (d *doctor) modes() {
	bad := 0
	for name, most := range map[string]os.FileMode{"": 0o700, node.KeyFile: 0o600, node.ConfigFile: 0o600, node.NextKeysFile: 0o600, node.DatabaseFile: 0o600} {
		path := filepath.Join(d.dir, name)
		st, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			d.fail("files", "%v", err)
			bad++
			continue
		}
		if st.Mode().Perm()&^most != 0 {
			bad++
			d.fail("files", "others may use %s: run chmod %o %s", path, most, path)
		}
	}
	if bad == 0 {
		d.ok("files", "only this user may read %s", d.dir)
	}
}

func (d *doctor) database(ctx context.Context, c node.Config) bool {
	o := node.DatabaseOptions(d.dir, c)
	pending, err := db.Pending(ctx, o, string(c.Member), node.Schemas())
	switch {
	case err != nil:
		d.fail("database", "%s", sentence(err))
	case len(pending) > 0 && len(pending) == node.Steps():
		d.warn("database", "%s, new: the first command that writes makes it", o.Engine)
		return true
	case len(pending) > 0:
		d.warn("database", "%d migrations are pending (%s …): make a backup with the old program, then start the node once", len(pending), pending[0])
	default:
		d.ok("database", "%s, no migration pending", o.Engine)
		return true
	}
	return false
}

func (d *doctor) directory(n *node.Node, keys node.Keys) {
	v := n.Directory.Current()
	if v == nil {
		d.fail("directory", "none. Adopt the signed one: lintas directory adopt --dir %s FILE", d.dir)
		return
	}
	doc := v.Document
	me, ok := v.Member(n.Config.Member)
	if !ok {
		d.fail("directory", "version %d does not name %s: nothing that this node signs is accepted", doc.Version, n.Config.Member)
		return
	}
	key, err := v.SigningKey(n.Config.Member, keys.Member.SignID(), time.Now())
	if err != nil || !key.Equal(keys.Member.SignPublic()) {
		d.fail("keys", "version %d of the directory does not hold this node's signing key %s. Were the keys restored from an old copy?", doc.Version, keys.Member.SignID())
	} else {
		d.ok("keys", "%s signs, and is in the directory", keys.Member.SignID())
	}
	if me.Node != keys.Public {
		d.fail("keys", "the directory has another hub key for %s than keys.json: the hub will refuse this node", n.Config.Member)
	}
	if _, err := os.Stat(filepath.Join(d.dir, node.NextKeysFile)); err == nil {
		d.warn("keys", "a rotation is not finished: adopt the directory that names the new keys, or remove %s", node.NextKeysFile)
	}
	d.ok("directory", "%s, version %d of %s, %d members, %d must sign the next", doc.Region, doc.Version, doc.Issued.Format(time.DateOnly), len(doc.Members), doc.Need)
}

func (d *doctor) peers(ctx context.Context, n *node.Node, wait time.Duration) {
	if n.Directory.Current() == nil {
		return
	}
	end := time.Now().Add(wait)
	for {
		var all []exchange.PeerStatus
		err := n.DB.Read(ctx, func(tx *db.Tx) error {
			var err error
			all, err = n.Exchange.Status(ctx, tx)
			return err
		})
		if err != nil {
			d.fail("members", "%s", sentence(err))
			return
		}
		if inStep(all) || time.Now().After(end) || ctx.Err() != nil {
			d.members(all)
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func inStep(all []exchange.PeerStatus) bool {
	for _, s := range all {
		if s.State != exchange.InStep {
			return false
		}
	}
	return true
}

// Clocks that differ by more than this make times in the history misleading,
// or make keys seem not yet valid.
const (
	skewWarn = 5 * time.Second
	skewFail = time.Minute
)

func (d *doctor) members(all []exchange.PeerStatus) {
	for _, s := range all {
		who := string(s.Member)
		switch s.State {
		case exchange.InStep:
			d.ok(who, "in step, heard %s ago", time.Since(s.LastHeard).Round(time.Second))
		case exchange.Behind:
			d.warn(who, "behind by %d, heard %s ago", s.Behind, time.Since(s.LastHeard).Round(time.Second))
		case exchange.Never:
			d.warn(who, "never heard: its node or its connection to the hub does not run yet, or this one's does not")
		default:
			d.warn(who, "unreachable, last heard %s ago; %d wait for it", time.Since(s.LastHeard).Round(time.Second), s.Behind)
		}
		if skew := s.Skew.Abs(); skew > skewFail {
			d.fail("clock", "%s's clock and ours differ by %s: check the time service on both", who, s.Skew.Round(time.Second))
		} else if skew > skewWarn {
			d.warn("clock", "%s's clock and ours differ by %s", who, s.Skew.Round(time.Second))
		}
	}
}

func (d *doctor) queues(ctx context.Context, n *node.Node) {
	st, err := n.Exchange.Stats(ctx)
	if err == nil && st.Waiting > 0 {
		d.warn("outbox", "%d messages are not at the hub yet", st.Waiting)
	} else if err == nil {
		d.ok("outbox", "everything is at the hub")
	}
	if st.Quarantined > 0 {
		d.warn("quarantine", "%d messages could not be applied: see the page Exchange of the node%s", st.Quarantined, reasons(st))
	}
	s, err := n.HistoryStanding(ctx)
	switch {
	case err != nil:
		d.fail("history", "%s", sentence(err))
	case s.Head.Suspended:
		d.warn("history", "signing is suspended since a restore: lintas verify --dir %s says what to do", d.dir)
	default:
		d.ok("history", "%d entries, epoch %d", s.Head.Size, s.Head.Epoch)
	}
	for _, e := range s.Evidence {
		d.fail("history", "%s signed a history that does not continue what we hold (%s): ask its administrator", e.Member, e.Outcome)
	}
}

// reasons counts what was refused so far, by reason.
func reasons(st exchange.Stats) string {
	out := ""
	for _, r := range slices.Sorted(maps.Keys(st.Refused)) {
		out += fmt.Sprintf("\n%d: %s", st.Refused[r], locale.New("en", nil, "").T("exchange.reason."+string(r)))
	}
	return out
}
