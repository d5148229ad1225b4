package request

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/exchange/envelope"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// SignSpace is what stands before the text when it is signed, so that a
// signature under an arrangement can never be taken for one under anything
// else. The signature is Ed25519 (RFC 8032) over SignSpace and the bytes of
// the text.
const SignSpace = "lintas/arrangement/v1\n"

// What a text does.
const (
	Agree  = "agreement"
	Change = "amendment"
	End    = "end"
)

// Clauses in the order of the text; the catalogue has "request.clause.<key>".
var Clauses = []string{"control", "privileges", "customs_tax", "liability", "insurance", "cost_sharing", "data_specimens", "identity", "extension_end"}

// Clause is one clause in the parties' own words.
type Clause struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// ScopeLine is one thing that the arrangement is about.
type ScopeLine struct {
	What string `json:"what"`
	Qty  int64  `json:"qty"`
	Unit string `json:"unit"`
	Cost string `json:"cost"`
}

// Terms are a text as data. Its canonical JSON (RFC 8785) is the text that
// both sides sign: the same bytes at both nodes and for everybody else.
type Terms struct {
	Arrangement id.ID         `json:"arrangement"`
	N           int           `json:"n"`                  // 1, and one more for each change
	Previous    string        `json:"previous,omitempty"` // digest of the text that this one changes
	Does        string        `json:"does"`
	Sending     access.Member `json:"sending"`
	Receiving   access.Member `json:"receiving"`
	Title       string        `json:"title"`
	Event       id.ID         `json:"event,omitempty"`
	EventName   string        `json:"event_name,omitempty"`
	Request     id.ID         `json:"request,omitempty"`
	Offer       id.ID         `json:"offer,omitempty"`
	Scope       []ScopeLine   `json:"scope,omitempty"`
	From        string        `json:"from"`
	Until       string        `json:"until"`
	Clauses     []Clause      `json:"clauses,omitempty"`
	Words       string        `json:"words,omitempty"` // why it is changed or ended
	Lang        string        `json:"lang"`
	By          access.Member `json:"by"` // who proposes the text
	Made        time.Time     `json:"made"`
}

// Text is the canonical JSON of the terms.
func (t *Terms) Text() (string, error) {
	b, err := envelope.Canonical(t)
	return string(b), err
}

// Digest names a text: SHA-256 over SignSpace and the text.
func Digest(text string) string {
	h := sha256.Sum256([]byte(SignSpace + text))
	return hex.EncodeToString(h[:])
}

// Signature is one party's consent to a text. At and Post say when and from
// which duty post; they are vouched for by the release that brought them.
type Signature struct {
	Digest string        `json:"digest"`
	Member access.Member `json:"member"`
	Key    string        `json:"key"`
	At     time.Time     `json:"at"`
	Post   string        `json:"post"`
	Value  []byte        `json:"value"`
}

// Verify reports whether the signature is under the text by the key.
func (s *Signature) Verify(text string, public ed25519.PublicKey) bool {
	return s.Digest == Digest(text) && len(public) == ed25519.PublicKeySize && ed25519.Verify(public, []byte(SignSpace+text), s.Value)
}

// Refusal is a party's no to a text.
type Refusal struct {
	Digest string        `json:"digest"`
	Member access.Member `json:"member"`
	Words  string        `json:"words"`
	At     time.Time     `json:"at"`
	Post   string        `json:"post"`
}

// ArrangementView is the body of a request.arrangement release: all texts that
// the sender has made, and its own signatures and refusals. A receiver adds
// what it does not have, so that order, loss and repetition do not matter.
type ArrangementView struct {
	ID         id.ID       `json:"id"`
	Texts      []string    `json:"texts"`
	Signatures []Signature `json:"signatures,omitempty"`
	Refusals   []Refusal   `json:"refusals,omitempty"`
	Withdrawn  []string    `json:"withdrawn,omitempty"` // digests of own texts that were taken back unsigned
}

// Arrangement is an arrangement at one of its two sides.
type Arrangement struct {
	desk.Head
	Sending    access.Member   `json:"sending"`
	Receiving  access.Member   `json:"receiving"`
	Inform     []access.Member `json:"inform,omitempty"`
	Draft      *Terms          `json:"draft,omitempty"` // of this side; not proposed yet
	Texts      []string        `json:"texts,omitempty"`
	Signatures []Signature     `json:"signatures,omitempty"`
	Refusals   []Refusal       `json:"refusals,omitempty"`
	Withdrawn  []string        `json:"withdrawn,omitempty"`
	Holds      string          `json:"holds,omitempty"` // digest of the text that is in force; derived
	Seq        int             `json:"seq"`

	words  string
	isOpen bool // the text shown waits for this side's signature
}

func (a *Arrangement) head() *desk.Head { return &a.Head }

// Peer is the other side.
func (a *Arrangement) Peer() access.Member {
	if a.Sending == a.Owner {
		return a.Receiving
	}
	return a.Sending
}

func (a *Arrangement) columns() columns {
	c := columns{Peer: a.Peer(), Open: a.Open()}
	if t := a.Newest(); t != nil {
		c.Request, c.Offer, c.Event = t.Request, t.Offer, t.Event
		c.Words = []string{t.Title, t.EventName}
		for _, s := range t.Scope {
			c.Words = append(c.Words, s.What)
		}
	}
	return c
}

// Newest are the terms that were made last, or the draft before there are any.
func (a *Arrangement) Newest() *Terms {
	if a.Draft != nil && len(a.Texts) == 0 {
		return a.Draft
	}
	var best *Terms
	for _, text := range a.Texts {
		if t, err := readTerms(text); err == nil && (best == nil || t.N >= best.N) {
			best = t
		}
	}
	return best
}

// TermsOf are the terms of the text with the digest.
func (a *Arrangement) TermsOf(digest string) (*Terms, string) {
	for _, text := range a.Texts {
		if Digest(text) == digest {
			if t, err := readTerms(text); err == nil {
				return t, text
			}
		}
	}
	return nil, ""
}

// InForce are the terms that hold, or nil.
func (a *Arrangement) InForce() *Terms {
	if a.State != InForce {
		return nil
	}
	t, _ := a.TermsOf(a.Holds)
	return t
}

// HoldsOn reports whether the arrangement is in force on the day of t.
func (a *Arrangement) HoldsOn(t time.Time) bool {
	terms := a.InForce()
	day := t.UTC().Format(time.DateOnly)
	return terms != nil && terms.From <= day && day <= terms.Until
}

// SignedBy reports whether a member's signature under the text is here.
func (a *Arrangement) SignedBy(m access.Member, digest string) *Signature {
	i := slices.IndexFunc(a.Signatures, func(s Signature) bool { return s.Member == m && s.Digest == digest })
	if i < 0 {
		return nil
	}
	return &a.Signatures[i]
}

// refused is the refusal of a text, if there is one.
func (a *Arrangement) refused(digest string) *Refusal {
	i := slices.IndexFunc(a.Refusals, func(r Refusal) bool { return r.Digest == digest })
	if i < 0 {
		return nil
	}
	return &a.Refusals[i]
}

// Waiting are the digests of texts that may still come into force: they follow
// the one that holds, and nobody refused them or took them back.
func (a *Arrangement) Waiting() []string {
	var out []string
	if a.State == Ended {
		return nil
	}
	for _, text := range a.Texts {
		d := Digest(text)
		t, err := readTerms(text)
		if err == nil && t.Previous == a.Holds && a.refused(d) == nil && !slices.Contains(a.Withdrawn, d) {
			out = append(out, d)
		}
	}
	return out
}

// Standing is which text holds, found from texts and signatures alone: begin
// with the text that changes none, and go on to the text that changes the one
// found, as long as both sides' signatures under it are valid. No state, order
// of arrival or clock of this node enters into it. ended says that the last
// text ends the arrangement.
func Standing(texts []string, sigs []Signature, valid func(text string, s *Signature) bool) (holds string, ended bool) {
	next := map[string][]string{}
	byDigest := map[string]*Terms{}
	for _, text := range texts {
		t, err := readTerms(text)
		if err != nil {
			continue
		}
		d := Digest(text)
		signed := map[access.Member]bool{}
		for i := range sigs {
			if s := &sigs[i]; s.Digest == d && valid(text, s) {
				signed[s.Member] = true
			}
		}
		if signed[t.Sending] && signed[t.Receiving] {
			next[t.Previous], byDigest[d] = append(next[t.Previous], d), t
		}
	}
	for n := 1; ; n++ {
		follow := slices.DeleteFunc(slices.Clone(next[holds]), func(d string) bool { return byDigest[d].N != n })
		if len(follow) == 0 || ended {
			return holds, ended
		}
		// A node signs one text of each number; two could stand here only if
		// both sides broke that rule, and then all nodes choose alike.
		holds = slices.Min(follow)
		ended = byDigest[holds].Does == End
	}
}

// readTerms reads a text and refuses one that is not canonical, so that the
// same terms never have two texts.
func readTerms(text string) (*Terms, error) {
	var t Terms
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.request.text", err)
	}
	again, err := t.Text()
	if err != nil || again != text {
		return nil, fault.Wrap(fault.Invalid, "fault.request.text", errors.New("not canonical"))
	}
	return &t, nil
}

func validateArrangement(a *Arrangement) error {
	var f form
	f.member(a.Sending, "sending")
	f.member(a.Receiving, "receiving")
	f.That(a.Sending != a.Receiving && (a.Sending == a.Owner || a.Receiving == a.Owner), "receiving", "fault.request.member")
	f.text(&a.words, MaxReason, "words", 0)
	f.That(len(a.Texts) <= MaxTexts, "texts", "fault.too_many", fault.Args{"max": MaxTexts})
	f.marking(a.Marking)
	if a.Draft != nil {
		a.Draft.check(&f)
	}
	return f.Err()
}

func (t *Terms) check(f *form) {
	f.text(&t.Title, MaxTitle, "title", 0)
	f.text(&t.EventName, MaxShort, "event", 0)
	f.text(&t.Words, MaxReason, "words", 0)
	f.text(&t.Lang, 20, "lang", 0)
	f.ref(t.Arrangement, "arrangement")
	f.ref(t.Event, "event")
	f.ref(t.Request, "request")
	f.ref(t.Offer, "offer")
	f.member(t.Sending, "sending")
	f.member(t.Receiving, "receiving")
	f.That(t.By == t.Sending || t.By == t.Receiving, "by", "fault.request.not_side")
	f.That(t.N >= 1 && t.N <= MaxTexts, "n", "fault.request.line_number")
	f.That(slices.Contains([]string{Agree, Change, End}, t.Does) && (t.Does == Agree) == (t.N == 1) && (t.N == 1) == (t.Previous == ""), "does", "fault.request.choice")
	f.That(len(t.Previous) == 0 || len(t.Previous) == 64, "previous", "fault.request.text")
	f.days(t.From, t.Until, "until", 0)
	f.That(len(t.Scope) <= MaxLines, "scope", "fault.too_many", fault.Args{"max": MaxLines})
	for i := range t.Scope {
		s := &t.Scope[i]
		f.text(&s.What, MaxShort, "what", i+1)
		f.Row(s.What != "", i+1, "what", "fault.request.item")
		f.Row(s.Qty >= 1 && s.Qty <= MaxQty, i+1, "qty", "fault.request.qty")
		f.text(&s.Unit, 40, "unit", i+1)
		f.one(s.Cost, Costs, "cost", i+1)
	}
	f.That(len(t.Clauses) <= len(Clauses), "clauses", "fault.request.choice")
	for i := range t.Clauses {
		f.one(t.Clauses[i].Key, Clauses, "clauses", i+1)
		f.text(&t.Clauses[i].Text, MaxClause, "clauses", i+1)
	}
}
