package directory

import (
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"time"

	"lintas/internal/access"
	"lintas/internal/exchange/envelope"
)

// View is an accepted version, indexed for use; it never changes.
type View struct {
	Signed   Signed
	Document Document
	Hash     string

	signing map[access.Member]map[string]Key
	sealing map[string]hpke.PublicKey
	members map[access.Member]Member
}

func newView(s Signed, d Document) *View {
	v := &View{Signed: s, Document: d, Hash: s.Hash(), signing: map[access.Member]map[string]Key{},
		sealing: map[string]hpke.PublicKey{}, members: map[access.Member]Member{}}
	for _, m := range d.Members {
		v.members[m.Code] = m
		v.signing[m.Code] = map[string]Key{}
		for _, k := range m.Signing {
			v.signing[m.Code][k.ID] = k
		}
		for _, k := range m.Sealing {
			if pk, err := envelope.KEM().NewPublicKey(k.Bytes()); err == nil {
				v.sealing[k.ID] = pk
			}
		}
	}
	return v
}

// Members are all members in the order of the directory.
func (v *View) Members() []Member { return v.Document.Members }

// Others are the codes of all members but one.
func (v *View) Others(me access.Member) []access.Member {
	var out []access.Member
	for _, m := range v.Document.Members {
		if m.Code != me {
			out = append(out, m.Code)
		}
	}
	return out
}

// Member finds a member.
func (v *View) Member(code access.Member) (Member, bool) {
	m, ok := v.members[code]
	return m, ok
}

// SigningKey is the key of a member by which it may have signed at a time;
// a *envelope.Refusal says why there is none.
func (v *View) SigningKey(from access.Member, key string, at time.Time) (ed25519.PublicKey, error) {
	keys, ok := v.signing[from]
	if !ok {
		return nil, envelope.Refuse(envelope.UnknownSender, fmt.Errorf("%s", from))
	}
	k, ok := keys[key]
	if !ok {
		return nil, envelope.Refuse(envelope.UnknownKey, fmt.Errorf("%s of %s", key, from))
	}
	if !k.ValidAt(at) {
		return nil, envelope.Refuse(envelope.RevokedKey, fmt.Errorf("%s of %s at %s", key, from, at.Format(time.RFC3339)))
	}
	return k.Bytes(), nil
}

// Revoked reports whether the member's key was revoked at some time.
func (v *View) Revoked(from access.Member, key string) bool {
	return !v.signing[from][key].Revoked.IsZero()
}

// SealingKey is the newest key of a member to which one may seal at a time.
func (v *View) SealingKey(to access.Member, at time.Time) (hpke.PublicKey, bool) {
	var best Key
	for _, k := range v.members[to].Sealing {
		if k.ValidAt(at) && (best.ID == "" || k.From.After(best.From)) {
			best = k
		}
	}
	pk, ok := v.sealing[best.ID]
	return pk, ok
}
