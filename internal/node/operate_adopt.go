package node

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"lintas/internal/db"
	"lintas/internal/exchange/directory"
	"lintas/internal/fault"
)

// NextKeysFile holds keys that were made for a rotation. They replace those
// of KeyFile when a directory is adopted that names them: used earlier, the
// other members would refuse what they sign.
const NextKeysFile = "keys-next.json"

// NextKeys makes the keys of a rotation, or returns those that were made for
// one that is not finished.
func NextKeys(dir string) (Keys, error) {
	path := filepath.Join(dir, NextKeysFile)
	k, err := ReadKeys(dir)
	if err != nil {
		return k, err
	}
	b, err := os.ReadFile(path)
	if err == nil {
		var next Keys
		if err := json.Unmarshal(b, &next); err != nil {
			return k, fault.Wrap(fault.Invalid, "fault.node.keys", err).With("path", path)
		}
		return next, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	next := k
	if next.Member, err = k.Member.Rotate(); err != nil {
		return k, err
	}
	if b, err = json.MarshalIndent(next, "", "  "); err != nil {
		return k, err
	}
	if err := writeFile(path, b, 0o600); err != nil {
		return k, err
	}
	// Others seal to the new key as soon as they have the directory, perhaps
	// before this node's serving process took over: it must open that already.
	k.Member.Open = append(slices.Clone(k.Member.Open), next.Member.Open[0])
	return next, WriteKeys(dir, k)
}

// promote puts the keys of a rotation into use if the directory names them.
func promote(dir string, d directory.Document) (bool, error) {
	if _, err := os.Stat(filepath.Join(dir, NextKeysFile)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	next, err := NextKeys(dir)
	if err != nil {
		return false, err
	}
	m, ok := d.Member(next.Member.Member)
	if !ok || len(m.Signing) == 0 || m.Signing[len(m.Signing)-1].ID != next.Member.SignID() {
		return false, nil
	}
	return true, os.Rename(filepath.Join(dir, NextKeysFile), filepath.Join(dir, KeyFile))
}

// Adopted says what AdoptVersions did.
type Adopted struct {
	Version int  // now in force
	Taken   int  // versions that were new here
	Rotated bool // this node's own new keys are in use
}

// AdoptVersions follows signed directories, oldest first, in one transaction
// with the history. With publish they go to all members too.
func (n *Node) AdoptVersions(ctx context.Context, raws [][]byte, publish bool) (Adopted, error) {
	var out Adopted
	if publish && n.Directory.Current() == nil {
		return out, fault.New(fault.Invalid, "fault.node.publish_first")
	}
	err := n.DB.Write(ctx, func(tx *db.Tx) error {
		out = Adopted{}
		if v := n.Directory.Current(); v != nil {
			out.Version = v.Document.Version
		}
		for _, raw := range raws {
			if err := n.adopt(ctx, tx, raw, publish, &out); err != nil {
				return err
			}
		}
		return n.Note(ctx, tx, "node.directory.adopted", map[string]string{"version": strconv.Itoa(out.Version), "published": strconv.FormatBool(publish)})
	})
	if err != nil {
		return out, err
	}
	last := raws[len(raws)-1]
	_, doc, err := directory.Decode(last)
	if err != nil || doc.Version != out.Version {
		return out, err
	}
	if out.Rotated, err = promote(n.Dir, doc); err != nil {
		return out, err
	}
	return out, WriteDirectory(n.Dir, last)
}

func (n *Node) adopt(ctx context.Context, tx *db.Tx, raw []byte, publish bool, out *Adopted) error {
	s, doc, err := directory.Decode(raw)
	if err != nil {
		return err
	}
	if doc.Version < out.Version {
		return nil // followed long ago
	}
	if publish {
		err = n.Exchange.PublishDirectory(ctx, tx, s)
	} else {
		err = n.Directory.Accept(ctx, tx, s)
	}
	if err == nil && doc.Version > out.Version {
		out.Version, out.Taken = doc.Version, out.Taken+1
	}
	return err
}

// followEvery is well below the time that a directory takes to go out and be
// answered, so that this process has the new keys when others seal to them.
const followEvery = 200 * time.Millisecond

// Follow takes over what the command line changed beside this process: a new
// directory and new keys. It looks at intervals and on each signal of
// again, until ctx ends.
func (n *Node) Follow(ctx context.Context, again <-chan os.Signal) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	was := n.stamps()
	for {
		forced := false
		select {
		case <-ctx.Done():
			return
		case <-again:
			forced = true
		case <-tick.C:
		}
		if now := n.stamps(); forced || now != was {
			if err := n.reload(ctx); err != nil {
				n.log.Error("reading the directory and the keys again", slog.Any("error", err))
				continue
			}
			was = now
		}
	}
}

func (n *Node) stamps() [2]time.Time {
	var out [2]time.Time
	for i, f := range []string{DirectoryFile, KeyFile} {
		if st, err := os.Stat(filepath.Join(n.Dir, f)); err == nil {
			out[i] = st.ModTime()
		}
	}
	return out
}

func (n *Node) reload(ctx context.Context) error {
	if err := n.Directory.Reload(ctx); err != nil {
		return err
	}
	keys, err := ReadKeys(n.Dir)
	if err != nil {
		return err
	}
	n.secret.Store(&keys)
	n.Exchange.SetKeys(keys.Member)
	version := 0
	if v := n.Directory.Current(); v != nil {
		version = v.Document.Version
	}
	n.log.Info("directory and keys read again", slog.Int("directory", version), slog.String("key", keys.Member.SignID()))
	n.Changed("directory")
	return nil
}
