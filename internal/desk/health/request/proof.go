package request

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Proof is an arrangement as a file that anybody can check: each text word for
// word, and each signature with the key that made it. To check it by other
// means: the signed bytes are Space followed by the bytes of Text; Value is an
// Ed25519 signature (RFC 8032) over them; and Public must be the member's key
// in the region directory, whose own signatures are checked apart.
type Proof struct {
	Format string      `json:"format"` // "lintas-arrangement-1"
	Space  string      `json:"space"`
	Texts  []ProofText `json:"texts"`
}

// ProofText is one text with the signatures under it.
type ProofText struct {
	Text       string      `json:"text"`
	Digest     string      `json:"digest"`
	Signatures []ProofSign `json:"signatures"`
}

// ProofSign is one signature, base64.
type ProofSign struct {
	Member access.Member `json:"member"`
	Key    string        `json:"key"`
	Public string        `json:"public"`
	At     time.Time     `json:"at"`
	Post   string        `json:"post"`
	Value  string        `json:"value"`
}

const proofFormat = "lintas-arrangement-1"

// MaxProof is the largest file that is checked.
const MaxProof = 4 << 20

// Verdict is what a check of a proof found.
type Verdict struct {
	Terms  *Terms        `json:"terms,omitempty"` // of the text that holds
	Holds  string        `json:"holds,omitempty"`
	Ended  bool          `json:"ended"`
	Checks []ProofResult `json:"checks"`
}

// ProofResult is one signature of a proof: whether it is under the text by the
// key in the file, and whether that key is the member's in the directory.
type ProofResult struct {
	Digest string        `json:"digest"`
	N      int           `json:"n"`
	Does   string        `json:"does"`
	Member access.Member `json:"member"`
	Key    string        `json:"key"`
	At     time.Time     `json:"at"`
	Post   string        `json:"post"`
	Signed bool          `json:"signed"`
	Known  bool          `json:"known"`
}

// Proof writes an arrangement that the actor may read as a file.
func (d *Desk) Proof(ctx context.Context, actor access.Actor, rid id.ID) ([]byte, error) {
	var a Arrangement
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		a, err = visible(ctx, tx, d.arrangements, actor, rid)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := Proof{Format: proofFormat, Space: SignSpace, Texts: []ProofText{}}
	for _, text := range a.Texts {
		t := ProofText{Text: text, Digest: Digest(text), Signatures: []ProofSign{}}
		for _, s := range a.Signatures {
			public, err := d.keys.Public(s.Member, s.Key, s.At)
			if s.Digest != t.Digest || err != nil {
				continue
			}
			t.Signatures = append(t.Signatures, ProofSign{Member: s.Member, Key: s.Key, Public: base64.StdEncoding.EncodeToString(public), At: s.At, Post: s.Post,
				Value: base64.StdEncoding.EncodeToString(s.Value)})
		}
		p.Texts = append(p.Texts, t)
	}
	return json.MarshalIndent(p, "", "  ")
}

// CheckProof checks a file. known gives the key of a member in the directory
// of whoever checks; nil trusts the keys of the file, which proves only that
// nothing was changed since it was signed with them.
func CheckProof(raw []byte, known func(m access.Member, key string, at time.Time) (ed25519.PublicKey, error)) (Verdict, error) {
	bad := func(err error) (Verdict, error) {
		return Verdict{}, fault.Wrap(fault.Invalid, "fault.request.proof", err)
	}
	var p Proof
	if len(raw) > MaxProof {
		return bad(nil)
	}
	if err := json.Unmarshal(raw, &p); err != nil || p.Format != proofFormat || p.Space != SignSpace || len(p.Texts) > MaxTexts {
		return bad(err)
	}
	v := Verdict{Checks: []ProofResult{}}
	var texts []string
	var sigs []Signature
	for _, t := range p.Texts {
		terms, err := readTerms(t.Text)
		if err != nil {
			return bad(err)
		}
		texts = append(texts, t.Text)
		for _, s := range t.Signatures {
			sig := Signature{Digest: Digest(t.Text), Member: s.Member, Key: s.Key, At: s.At, Post: s.Post}
			r := ProofResult{Digest: sig.Digest, N: terms.N, Does: terms.Does, Member: s.Member, Key: s.Key, At: s.At, Post: s.Post}
			public, err1 := base64.StdEncoding.DecodeString(s.Public)
			value, err2 := base64.StdEncoding.DecodeString(s.Value)
			sig.Value = value
			r.Signed = err1 == nil && err2 == nil && envelope.KeyID(public) == s.Key && sig.Verify(t.Text, public)
			if known == nil {
				r.Known = true
			} else if key, err := known(s.Member, s.Key, s.At); err == nil {
				r.Known = string(key) == string(public)
			}
			v.Checks = append(v.Checks, r)
			if r.Signed && r.Known {
				sigs = append(sigs, sig)
			}
		}
	}
	v.Holds, v.Ended = Standing(texts, sigs, func(string, *Signature) bool { return true }) // checked above
	for _, text := range texts {
		if Digest(text) == v.Holds {
			v.Terms, _ = readTerms(text)
		}
	}
	return v, nil
}

// CheckProof checks a file with this node's directory.
func (d *Desk) CheckProof(raw []byte) (Verdict, error) { return CheckProof(raw, d.keys.Public) }
