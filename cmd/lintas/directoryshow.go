package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange/directory"
)

func runDirectoryShow(_ context.Context, k *call) error {
	previous := k.flags.String("previous", "", "the version before: says what changed, and whose signatures count")
	if err := k.parse(1, 1); err != nil {
		return err
	}
	s, d, err := readSigned(k.flags.Arg(0))
	if err != nil {
		return err
	}
	k.say("Directory of %s, version %d, issued %s", d.Region, d.Version, d.Issued.Format(time.RFC3339))
	k.say("Fingerprint %s", s.Hash())
	k.say("%d of %d members must sign the version after it.\n", d.Need, len(d.Members))
	for _, m := range d.Members {
		k.say("%-5s %s  %s", m.Code, m.Name, m.Address)
		k.say("      hub key %s", m.Node)
		for _, key := range m.Signing {
			k.say("      signs   %s", keyLine(key))
		}
		for _, key := range m.Sealing {
			k.say("      sealed  %s", keyLine(key))
		}
	}
	by := d
	if *previous != "" {
		ps, pd, err := readSigned(*previous)
		if err != nil {
			return err
		}
		by = pd
		k.say("\nChanges since version %d:", pd.Version)
		for _, l := range changes(pd, d) {
			k.say("  %s", l)
		}
		if d.Version != pd.Version+1 || d.Previous != ps.Hash() {
			k.say("  ATTENTION: it is not made from that version. No node will follow it.")
		}
	}
	good := s.Signers(by, d.Issued)
	k.say("\nValid signatures: %d of %d needed%s", len(good), by.Need, list(good))
	if *previous == "" && d.Version > 1 {
		k.say("(counted by its own keys; give --previous to count as the nodes do)")
	}
	return nil
}

func list(ms []access.Member) string {
	if len(ms) == 0 {
		return ""
	}
	var out []string
	for _, m := range ms {
		out = append(out, string(m))
	}
	return ": " + strings.Join(out, ", ")
}

func keyLine(key directory.Key) string {
	line := key.ID + " from " + key.From.Format(time.DateTime)
	if !key.Until.IsZero() {
		line += " until " + key.Until.Format(time.DateTime)
	}
	if !key.Revoked.IsZero() {
		line += " REVOKED from " + key.Revoked.Format(time.DateTime)
	}
	return line
}

// changes says in words how one version differs from another.
func changes(old, next directory.Document) []string {
	var out []string
	for _, m := range next.Members {
		was, ok := old.Member(m.Code)
		if !ok {
			out = append(out, fmt.Sprintf("%s joins: %s", m.Code, m.Name))
			continue
		}
		out = append(out, memberChanges(was, m)...)
	}
	for _, m := range old.Members {
		if _, ok := next.Member(m.Code); !ok {
			out = append(out, fmt.Sprintf("%s leaves", m.Code))
		}
	}
	if old.Need != next.Need {
		out = append(out, fmt.Sprintf("signatures needed: %d, before %d", next.Need, old.Need))
	}
	if len(out) == 0 {
		out = append(out, "none")
	}
	return out
}

func memberChanges(was, is directory.Member) []string {
	var out []string
	say := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("%s: ", is.Code)+fmt.Sprintf(format, args...))
	}
	if was.Name != is.Name || was.LegalName != is.LegalName {
		say("is now named %s (%s)", is.Name, is.LegalName)
	}
	if was.Address != is.Address {
		say("address %s, before %s", is.Address, was.Address)
	}
	if was.Node != is.Node {
		say("another hub key %s", is.Node)
	}
	old := append(slices.Clone(was.Signing), was.Sealing...)
	for _, key := range append(slices.Clone(is.Signing), is.Sealing...) {
		i := slices.IndexFunc(old, func(o directory.Key) bool { return o.ID == key.ID })
		switch {
		case i < 0:
			say("new key %s", keyLine(key))
		case old[i] != key:
			say("key changed: %s", keyLine(key))
		}
	}
	for _, o := range old {
		if !slices.ContainsFunc(append(slices.Clone(is.Signing), is.Sealing...), func(key directory.Key) bool { return key.ID == o.ID }) {
			say("key %s is gone", o.ID)
		}
	}
	return out
}
