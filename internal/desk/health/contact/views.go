package contact

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// CheckView is the body of a contact.check release.
type CheckView struct {
	ID     id.ID     `json:"id"`
	Role   Role      `json:"role,omitempty"`
	Words  string    `json:"words,omitempty"`
	Urgent bool      `json:"urgent"`
	Post   string    `json:"post"`
	Issued time.Time `json:"issued"`
	By     time.Time `json:"by"`
}

// viewContact is what a recipient gets: the working copy as it was cleared,
// with the version of its record and when it was said to be right.
func viewContact(o *Own, version int, asOf time.Time) Contact {
	k := o.Contact
	k.ID, k.Member, k.Version, k.AsOf = o.ID, o.Owner, version, asOf
	return k
}

func viewCheck(c *Check) CheckView {
	return CheckView{ID: c.ID, Role: c.Role, Words: c.Words, Urgent: c.Urgent, Post: c.Post, Issued: c.Issued, By: c.By}
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{}

// reads reports whether the actor may read the directory. It has no places: a
// reader whose grants name places needs its focal points as well.
func reads(a access.Actor) bool { return a.System || health.Capabilities.May(a, "health.read") }

func seesMarking(a access.Actor, m access.Marking) bool {
	return reads(a) && !(health.ReachOf(a).NoRed && m == access.TLPRed)
}

// MayKeep reports whether the actor may add contacts of this member.
func MayKeep(a access.Actor) bool {
	row, _ := Contacts.Find("", "add")
	return a.HasAny(row.By...)
}

// MayCall reports whether the actor may call a communication check.
func MayCall(a access.Actor) bool {
	row, _ := Checks.Find("", "call")
	return a.HasAny(row.By...)
}
