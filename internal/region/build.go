package region

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange/directory"
	"lintas/internal/node"
)

// Folders and files below a region's folder.
const (
	hubFolder = "hub"
	stateFile = "region.json"
	// MadeFile is written last: without it the folder is half made.
	MadeFile   = "made.json"
	quorum     = 7 // of twelve members must sign the next directory
	demoHeart  = 2 * time.Second
	demoSigned = 20 * time.Second
)

// plan is what a region fixes when it is made: who is in it and where each
// node listens.
type plan struct {
	Hub    string                   `json:"hub"`
	Web    map[access.Member]string `json:"web"`
	Front  string                   `json:"front"`
	Made   time.Time                `json:"made"`
	Member []access.Member          `json:"members"`
}

func nodeDir(dir string, m access.Member) string {
	return filepath.Join(dir, strings.ToLower(string(m)))
}

// prepare makes the region's folder, or reads the plan of one that is there.
func prepare(o *Options) (plan, error) {
	var l plan
	b, err := os.ReadFile(filepath.Join(o.Dir, MadeFile))
	if err == nil {
		return l, json.Unmarshal(b, &l)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return l, err
	}
	if err := emptied(o.Dir); err != nil {
		return l, err
	}
	l = plan{Web: map[access.Member]string{}, Made: time.Now().UTC().Truncate(time.Second), Member: o.Members}
	if err := l.addresses(o); err != nil {
		return l, err
	}
	if err := makeNodes(o.Dir, &l); err != nil {
		return l, err
	}
	out, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return l, err
	}
	return l, os.WriteFile(filepath.Join(o.Dir, MadeFile), out, 0o600)
}

func (l *plan) addresses(o *Options) (err error) {
	if l.Hub, err = o.address(0); err != nil {
		return err
	}
	if l.Front, err = o.address(1); err != nil {
		return err
	}
	for i, m := range o.Members {
		if l.Web[m], err = o.address(i + 2); err != nil {
			return err
		}
	}
	return nil
}

// emptied makes the folder; what a region left half made is taken away, and
// anything else in it is a reason to refuse.
func emptied(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	ours := map[string]bool{hubFolder: true, stateFile: true, countsFile: true}
	for _, m := range access.All() {
		ours[strings.ToLower(string(m))] = true
	}
	for _, e := range entries {
		if !ours[e.Name()] {
			return fmt.Errorf("region: %s holds %s, which is no part of a region: choose another folder", dir, e.Name())
		}
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// makeNodes does what the administrators of the members would do by hand:
// init each node, exchange the public entries, sign the first directory.
func makeNodes(dir string, l *plan) error {
	var entries []directory.Member
	for _, m := range l.Member {
		cfg := node.Config{
			Member: m, Post: post(m), Demo: true,
			Web: node.WebConfig{Listen: l.Web[m], URL: "http://" + l.Web[m]},
			Exchange: node.ExchangeConfig{Hubs: []string{"nats://" + l.Hub}, Heartbeat: node.Duration(demoHeart),
				Checkpoint: node.Duration(demoSigned)},
		}
		entry, err := node.Init(nodeDir(dir, m), cfg, l.Made)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	signed, err := directory.New("ASEAN", min(quorum, len(entries)), entries, l.Made)
	if err != nil {
		return err
	}
	for _, m := range l.Member {
		keys, err := node.ReadKeys(nodeDir(dir, m))
		if err != nil {
			return err
		}
		signed = signed.Sign(keys.Member)
	}
	raw, err := signed.Encode()
	if err != nil {
		return err
	}
	for _, m := range l.Member {
		if err := node.WriteDirectory(nodeDir(dir, m), raw); err != nil {
			return err
		}
	}
	return nil
}

// post is the line below the member's name.
func post(m access.Member) string {
	if m == access.ASEC {
		return "Regional desk, Jakarta"
	}
	return "National EOC, " + capital(m)
}

// seed makes the accounts that the demo lets in with one click.
func (r *Region) seed(ctx context.Context, n *node.Node) error {
	for _, s := range seats(n.Config.Member) {
		if _, err := n.People.SeedDemo(ctx, s.account); err != nil {
			return err
		}
	}
	return nil
}
