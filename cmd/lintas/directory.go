package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange/directory"
	"lintas/internal/node"
)

var directoryCommand = group("directory", "Makes, changes, signs and adopts the region directory, as files",
	"  lintas directory show directory-1.json", nil, []command{
		{name: "create", summary: "The first version, from the members' join.json", usage: "--region NAME --need M --out FILE JOIN-FILE...",
			example: "  lintas directory create --region ASEAN --need 2 --out directory-1.json kh/join.json la/join.json", run: runDirectoryCreate},
		{name: "add", summary: "Adds members, or replaces what is said of them", usage: "--from FILE --out FILE JOIN-FILE...",
			example: "  lintas directory add --from directory-1.json --out directory-2.json th/join.json", run: runDirectoryAdd},
		{name: "remove", summary: "Takes a member out", usage: "--from FILE --out FILE --member CODE",
			example: "  lintas directory remove --from directory-2.json --out directory-3.json --member TH", run: runDirectoryRemove},
		{name: "need", summary: "Changes how many members must sign the next version", usage: "--from FILE --out FILE --need M",
			example: "  lintas directory need --from directory-1.json --out directory-2.json --need 3", run: runDirectoryNeed},
		{name: "rotate", summary: "Gives this node new keys", usage: "--dir FOLDER --from FILE --out FILE",
			example: "  lintas directory rotate --dir /var/lib/lintas --from directory-2.json --out directory-3.json", run: runDirectoryRotate},
		{name: "revoke", summary: "Marks a key as lost or stolen", usage: "--from FILE --out FILE --member CODE --key ID [--at TIME]",
			example: "  lintas directory revoke --from directory-2.json --out directory-3.json --member KH --key 3f2a91c04be7d815 --at 2026-03-01T08:00:00Z", run: runDirectoryRevoke},
		{name: "sign", summary: "Adds this member's signature to a version", usage: "--dir FOLDER FILE",
			example: "  lintas directory sign --dir /var/lib/lintas directory-2.json", run: runDirectorySign},
		{name: "show", summary: "Says what a version holds and who signed it", usage: "[--previous FILE] FILE",
			example: "  lintas directory show --previous directory-1.json directory-2.json", run: runDirectoryShow},
		{name: "adopt", summary: "Makes the node follow signed versions, and can send them to all", usage: "--dir FOLDER [--publish] FILE...",
			example: "  lintas directory adopt --dir /var/lib/lintas --publish directory-2.json", run: runDirectoryAdopt},
	})

func readSigned(path string) (directory.Signed, directory.Document, error) {
	raw, err := readFile(path, directory.MaxSize)
	if err != nil {
		return directory.Signed{}, directory.Document{}, err
	}
	s, d, err := directory.Decode(raw)
	if err != nil {
		return s, d, fmt.Errorf("%s: %s", path, sentence(err))
	}
	return s, d, nil
}

// readJoin reads a member's own words about itself.
func readJoin(path string) (directory.Member, error) {
	var m directory.Member
	raw, err := readFile(path, 1<<20)
	if err != nil {
		return m, err
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, fmt.Errorf("%s is no join.json of a node: %w", path, err)
	}
	return m, nil
}

func (k *call) wrote(path string, s directory.Signed) error {
	raw, err := s.Encode()
	if err != nil {
		return err
	}
	if err := writeNew(path, raw, 0o644); err != nil {
		return err
	}
	_, d, err := directory.Decode(raw)
	if err != nil {
		return err
	}
	k.say("%s is version %d, not yet signed. Members look at it (lintas directory show) and sign it in turn (lintas directory sign).", path, d.Version)
	return nil
}

func runDirectoryCreate(_ context.Context, k *call) error {
	region := k.flags.String("region", "", "name of the region; it never changes")
	need := k.flags.Int("need", 0, "how many members must sign each later version")
	out := k.flags.String("out", "", "file to write")
	if err := k.parse(1, 200); err != nil {
		return err
	}
	if err := k.needed("region", "out"); err != nil {
		return err
	}
	members, err := joins(k.flags.Args())
	if err != nil {
		return err
	}
	if *need == 0 {
		*need = len(members)/2 + 1
	}
	s, err := directory.New(*region, *need, members, time.Now())
	if err != nil {
		return err
	}
	return k.wrote(*out, s)
}

func joins(paths []string) ([]directory.Member, error) {
	var out []directory.Member
	for _, p := range paths {
		m, err := readJoin(p)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// edit is the common part of every change: --from, --out.
func (k *call) edit(least, most int, names []string, change func() ([]directory.Change, error)) error {
	from := k.flags.String("from", "", "the version in force")
	out := k.flags.String("out", "", "file to write")
	if err := k.parse(least, most); err != nil {
		return err
	}
	if err := k.needed(append([]string{"from", "out"}, names...)...); err != nil {
		return err
	}
	s, _, err := readSigned(*from)
	if err != nil {
		return err
	}
	changes, err := change()
	if err != nil {
		return err
	}
	next, err := s.Next(time.Now(), changes...)
	if err != nil {
		return err
	}
	return k.wrote(*out, next)
}

func runDirectoryAdd(_ context.Context, k *call) error {
	return k.edit(1, 200, nil, func() ([]directory.Change, error) {
		members, err := joins(k.flags.Args())
		var out []directory.Change
		for _, m := range members {
			out = append(out, directory.Put(m))
		}
		return out, err
	})
}

func (k *call) member() *string { return k.flags.String("member", "", "code of the member") }

func code(s string) access.Member { return access.Member(strings.ToUpper(s)) }

func runDirectoryRemove(_ context.Context, k *call) error {
	m := k.member()
	return k.edit(0, 0, []string{"member"}, func() ([]directory.Change, error) {
		return []directory.Change{directory.Remove(code(*m))}, nil
	})
}

func runDirectoryNeed(_ context.Context, k *call) error {
	n := k.flags.String("need", "", "how many members must sign the version after the next")
	return k.edit(0, 0, []string{"need"}, func() ([]directory.Change, error) {
		var m int
		if _, err := fmt.Sscan(*n, &m); err != nil {
			return nil, fmt.Errorf("--need %q is not a number", *n)
		}
		return []directory.Change{directory.Need(m)}, nil
	})
}

func runDirectoryRotate(_ context.Context, k *call) error {
	dir := k.dir()
	keep := k.flags.Duration("keep", 7*24*time.Hour, "how long the old signing key stays good, so that what is on its way arrives")
	err := k.edit(0, 0, nil, func() ([]directory.Change, error) {
		keys, err := node.NextKeys(*dir)
		if err != nil {
			return nil, err
		}
		now := time.Now()
		return []directory.Change{directory.Rotate(keys.Member.Member, directory.MakeKey(keys.Member.SignPublic(), now),
			directory.MakeKey(keys.Member.SealPublic(), now), now.Add(*keep))}, nil
	})
	if err == nil {
		k.say("The new keys wait in %s and are used once the node adopts the signed version.", node.NextKeysFile)
	}
	return err
}

func runDirectoryRevoke(_ context.Context, k *call) error {
	m := k.member()
	key := k.flags.String("key", "", "id of the key, see lintas directory show")
	at := k.flags.String("at", "", "from when on nothing signed with it is accepted (RFC 3339); default: now")
	return k.edit(0, 0, []string{"member", "key"}, func() ([]directory.Change, error) {
		when := time.Now()
		if *at != "" {
			var err error
			if when, err = time.Parse(time.RFC3339, *at); err != nil {
				return nil, fmt.Errorf("--at %q is not a time such as 2026-03-01T08:00:00Z", *at)
			}
		}
		return []directory.Change{directory.Revoke(code(*m), *key, when)}, nil
	})
}

func runDirectorySign(_ context.Context, k *call) error {
	dir := k.dir()
	if err := k.parse(1, 1); err != nil {
		return err
	}
	path := k.flags.Arg(0)
	s, d, err := readSigned(path)
	if err != nil {
		return err
	}
	keys, err := node.ReadKeys(*dir)
	if err != nil {
		return err
	}
	signed := s.Sign(keys.Member)
	raw, err := signed.Encode()
	if err != nil {
		return err
	}
	if err := replaceFile(path, raw); err != nil {
		return err
	}
	k.say("%s signed version %d of the directory of %s. It carries the signatures of %s.",
		keys.Member.Member, d.Version, d.Region, signers(signed))
	return nil
}

func signers(s directory.Signed) string {
	var out []string
	for _, sig := range s.Signatures {
		out = append(out, string(sig.Member))
	}
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, ", ")
}

func replaceFile(path string, b []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, b, 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}

func runDirectoryAdopt(ctx context.Context, k *call) error {
	dir := k.dir()
	publish := k.flags.Bool("publish", false, "send them to all members too")
	if err := k.parse(1, 1000); err != nil {
		return err
	}
	var raws [][]byte
	for _, p := range k.flags.Args() {
		raw, err := readFile(p, directory.MaxSize)
		if err != nil {
			return err
		}
		raws = append(raws, raw)
	}
	n, err := node.Attend(ctx, *dir, quiet())
	if err != nil {
		return err
	}
	defer n.Close()
	a, err := n.AdoptVersions(ctx, raws, *publish)
	if err != nil {
		return err
	}
	k.say("The node follows version %d of the region directory.", a.Version)
	if *publish {
		k.say("It goes to all other members as soon as the node is connected.")
	}
	if a.Rotated {
		k.say("The node's own new keys are in use; make a new copy of them: lintas backup --keys.")
	}
	return nil
}
