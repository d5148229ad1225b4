// Package envelope is the form in which anything travels between nodes: a
// canonical header that is signed, keys wrapped for the recipients, and a body
// that is sealed once and padded. It knows no database and no network.
package envelope

import (
	"encoding/json"

	"github.com/gowebpki/jcs"

	"lintas/internal/fault"
)

// Canonical is the JSON text of v after RFC 8785 (JSON Canonicalization
// Scheme): sorted keys, no space, one way to write each number and string.
// Numbers are those of I-JSON (RFC 7493): whole numbers beyond 2^53 must be
// written as strings.
func Canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.exchange.not_json", err)
	}
	return CanonicalJSON(raw)
}

// CanonicalJSON brings a JSON text into its canonical form.
func CanonicalJSON(raw []byte) ([]byte, error) {
	out, err := jcs.Transform(raw)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.exchange.not_json", err)
	}
	return out, nil
}
