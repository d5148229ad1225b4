package access

import "slices"

// Marking is the Traffic Light Protocol 2.0 label of a record or release
// (FIRST, TLP 2.0, August 2022).
type Marking string

const (
	TLPClear       Marking = "TLP:CLEAR"
	TLPGreen       Marking = "TLP:GREEN"
	TLPAmber       Marking = "TLP:AMBER"
	TLPAmberStrict Marking = "TLP:AMBER+STRICT"
	TLPRed         Marking = "TLP:RED"
)

// Markings lists them from the most open to the closest.
var Markings = []Marking{TLPClear, TLPGreen, TLPAmber, TLPAmberStrict, TLPRed}

// Valid reports whether it is one of the five labels.
func (m Marking) Valid() bool { return slices.Contains(Markings, m) }

// Stricter reports whether m is closer than o.
func (m Marking) Stricter(o Marking) bool {
	return slices.Index(Markings, m) > slices.Index(Markings, o)
}
