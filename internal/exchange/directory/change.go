package directory

import (
	"crypto/ed25519"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
)

// New is the first version of a region's directory.
func New(region string, need int, members []Member, at time.Time) (Signed, error) {
	return Document{Region: region, Version: 1, Issued: clock.Cut(at), Need: need, Members: members}.unsigned()
}

func (d Document) unsigned() (Signed, error) {
	slices.SortFunc(d.Members, func(a, b Member) int { return compare(a.Code, b.Code) })
	if err := d.Check(); err != nil {
		return Signed{}, err
	}
	raw, err := envelope.Canonical(d)
	if err != nil {
		return Signed{}, err
	}
	return Signed{Document: raw}, nil
}

func compare(a, b access.Member) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// Change is one edit of a document.
type Change func(*Document) error

// Next is the version after s with the changes, not yet signed.
func (s Signed) Next(at time.Time, changes ...Change) (Signed, error) {
	raw, err := s.Encode()
	if err != nil {
		return Signed{}, err
	}
	_, d, err := Decode(raw)
	if err != nil {
		return Signed{}, err
	}
	d = d.clone()
	d.Version, d.Previous, d.Issued = d.Version+1, s.Hash(), clock.Cut(at)
	for _, c := range changes {
		if err := c(&d); err != nil {
			return Signed{}, err
		}
	}
	return d.unsigned()
}

func unknown(m access.Member) error {
	return fault.New(fault.NotFound, "fault.directory.no_member").With("member", string(m))
}

// Put adds a member, or replaces what is said of it.
func Put(m Member) Change {
	return func(d *Document) error {
		d.Members = slices.DeleteFunc(d.Members, func(o Member) bool { return o.Code == m.Code })
		d.Members = append(d.Members, m)
		return nil
	}
}

// Remove takes a member out; nothing that it signs is accepted afterwards.
func Remove(code access.Member) Change {
	return func(d *Document) error {
		n := len(d.Members)
		if d.Members = slices.DeleteFunc(d.Members, func(o Member) bool { return o.Code == code }); len(d.Members) == n {
			return unknown(code)
		}
		return nil
	}
}

// Need changes how many members must sign the version after this one.
func Need(m int) Change {
	return func(d *Document) error { d.Need = m; return nil }
}

// Rotate gives a member new keys from a time on. The older signing keys stay
// good until until, the older sealing keys are no longer sealed to.
func Rotate(code access.Member, signing, sealing Key, until time.Time) Change {
	return func(d *Document) error {
		i := slices.IndexFunc(d.Members, func(m Member) bool { return m.Code == code })
		if i < 0 {
			return unknown(code)
		}
		m := &d.Members[i]
		for j := range m.Signing {
			if k := &m.Signing[j]; k.Until.IsZero() || k.Until.After(until) {
				k.Until = clock.Cut(until)
			}
		}
		for j := range m.Sealing {
			if k := &m.Sealing[j]; k.Until.IsZero() || k.Until.After(sealing.From) {
				k.Until = clock.Cut(sealing.From)
			}
		}
		m.Signing, m.Sealing = append(m.Signing, signing), append(m.Sealing, sealing)
		return nil
	}
}

// Revoke marks a key as lost from a time on.
func Revoke(code access.Member, key string, at time.Time) Change {
	return func(d *Document) error {
		i := slices.IndexFunc(d.Members, func(m Member) bool { return m.Code == code })
		if i < 0 {
			return unknown(code)
		}
		for _, keys := range [][]Key{d.Members[i].Signing, d.Members[i].Sealing} {
			for j := range keys {
				if keys[j].ID == key {
					keys[j].Revoked = clock.Cut(at)
					return nil
				}
			}
		}
		return fault.New(fault.NotFound, "fault.directory.no_key").With("key", key)
	}
}

// Sign returns s with one member's signature added.
func (s Signed) Sign(k envelope.Keys) Signed {
	out := Signed{Document: s.Document}
	for _, o := range s.Signatures {
		if o.Member != k.Member {
			out.Signatures = append(out.Signatures, o)
		}
	}
	sig := ed25519.Sign(k.Sign, append([]byte(signSpace), s.Document...))
	out.Signatures = append(out.Signatures, Signature{Member: k.Member, Key: k.SignID(), Value: sig})
	slices.SortFunc(out.Signatures, func(a, b Signature) int { return compare(a.Member, b.Member) })
	return out
}

// Signers are the members of by whose valid signature s carries. A key counts
// when it was good at the time the version was issued.
func (s Signed) Signers(by Document, issued time.Time) []access.Member {
	var out []access.Member
	text := append([]byte(signSpace), s.Document...)
	for _, sig := range s.Signatures {
		m, ok := by.Member(sig.Member)
		if !ok || slices.Contains(out, sig.Member) {
			continue
		}
		for _, k := range m.Signing {
			if k.ID == sig.Key && k.ValidAt(issued) && ed25519.Verify(k.Bytes(), text, sig.Value) {
				out = append(out, sig.Member)
				break
			}
		}
	}
	return out
}

// Follow checks that next may replace current: the same region, the version
// after it, built on it, and signed by enough of current's members. A first
// directory (current nil) must be signed by enough of its own.
func Follow(current *View, next Signed) (*View, error) {
	raw, err := next.Encode()
	if err != nil {
		return nil, err
	}
	s, d, err := Decode(raw)
	if err != nil {
		return nil, err
	}
	by := d
	if current != nil {
		cur := current.Document
		switch {
		case d.Region != cur.Region:
			return nil, fault.New(fault.Invalid, "fault.directory.other_region")
		case d.Version < cur.Version:
			return nil, fault.New(fault.Conflict, "fault.directory.stale").With("have", cur.Version).With("got", d.Version)
		case d.Version == cur.Version && s.Hash() == current.Hash:
			return current, nil
		case d.Version == cur.Version, d.Version == cur.Version+1 && d.Previous != current.Hash:
			return nil, fault.New(fault.Conflict, "fault.directory.forked").With("version", d.Version)
		case d.Version > cur.Version+1:
			return nil, fault.New(fault.Conflict, "fault.directory.gap").With("have", cur.Version).With("got", d.Version)
		case d.Issued.Before(cur.Issued):
			return nil, fault.New(fault.Invalid, "fault.directory.issued_earlier")
		}
		by = cur
	} else if d.Version != 1 {
		return nil, fault.New(fault.Invalid, "fault.directory.not_first").With("version", d.Version)
	}
	if n := len(s.Signers(by, d.Issued)); n < by.Need {
		return nil, fault.New(fault.Forbidden, "fault.directory.too_few").With("have", n).With("need", by.Need)
	}
	return newView(s, d), nil
}
