package envelope

import "errors"

// Reason is why an envelope was not applied. The list is closed; each has a
// sentence under "exchange.reason." in the catalogue.
type Reason string

const (
	Malformed     Reason = "malformed"      // cannot be read
	Oversized     Reason = "oversized"      // larger than MaxFrame
	Unsigned      Reason = "unsigned"       // carries no signature
	BadSignature  Reason = "bad_signature"  // the signature does not match
	WrongAddress  Reason = "wrong_address"  // meant for another member
	UnknownSender Reason = "unknown_sender" // not in the directory
	UnknownKey    Reason = "unknown_key"    // the sender is known, the key is not
	RevokedKey    Reason = "revoked_key"    // key revoked or no longer valid when it was used
	Future        Reason = "future_version" // envelope version or schema newer than this node
	Expired       Reason = "expired"        // arrived after its expiry
	Lifted        Reason = "lifted"         // the sealed text belongs to another header
	NoKey         Reason = "no_key"         // no key for this node inside
	UnknownKind   Reason = "unknown_kind"   // no desk takes this kind of release
	Unapplied     Reason = "not_applied"    // the desk could not apply it
	Equivocation  Reason = "equivocation"   // same place in the sequence, other content
	Forked        Reason = "forked"         // does not follow what was received before
	BadContent    Reason = "bad_content"    // opened, but its content cannot be read
)

// Reasons lists them all, for the catalogue's test and the metrics.
var Reasons = []Reason{Malformed, Oversized, Unsigned, BadSignature, WrongAddress, UnknownSender, UnknownKey,
	RevokedKey, Future, Expired, Lifted, NoKey, UnknownKind, Unapplied, Equivocation, Forked, BadContent}

// Refusal is an error that says for which reason an envelope is not applied.
type Refusal struct {
	Reason Reason
	Cause  error
}

func (r *Refusal) Error() string {
	if r.Cause == nil {
		return "envelope: " + string(r.Reason)
	}
	return "envelope: " + string(r.Reason) + ": " + r.Cause.Error()
}

func (r *Refusal) Unwrap() error { return r.Cause }

// Refuse makes a Refusal.
func Refuse(r Reason, cause error) error { return &Refusal{Reason: r, Cause: cause} }

// ReasonOf is the reason inside err; anything unclassified is Unapplied.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	return Unapplied
}
