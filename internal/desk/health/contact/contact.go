package contact

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Role is what a focal point is for.
type Role string

// Roles of the domain; the catalogue has "contact.role.<role>".
const (
	IHRNFP       Role = "ihr_nfp"       // National IHR Focal Point, IHR (2005) Article 4
	IHRAuthority Role = "ihr_authority" // National IHR Authority, amendments of 2024
	EOC          Role = "eoc"           // ASEAN EOC Network
	SOMHD        Role = "somhd"         // Senior Officials Meeting on Health Development
	JMOIR        Role = "jmoir"         // joint multi-sectoral outbreak investigation and response
	RPHL         Role = "rphl"          // regional public health laboratory network
	RRMS         Role = "rrms"          // regional reserve of medical supplies
	AHANFP       Role = "aha_nfp"       // national focal point of the AHA Centre
	RCCE         Role = "rcce"          // risk communication and community engagement
	EMT          Role = "emt"           // emergency medical teams
)

// RoleRow says what is expected of a role.
type RoleRow struct {
	Role     Role
	Required bool // a member without one has a gap that is named
	States   bool // only states have it
}

// RoleList is the closed list, in the order of pages. Required are those by
// which an alert, an IHR matter and an emergency reach a member at any hour.
var RoleList = []RoleRow{
	{IHRNFP, true, true}, {IHRAuthority, true, true}, {EOC, true, false}, {SOMHD, false, true}, {JMOIR, false, true},
	{RPHL, false, true}, {RRMS, false, true}, {AHANFP, false, true}, {RCCE, false, false}, {EMT, false, true},
}

// Known reports whether the role is one of the list.
func (r Role) Known() bool {
	return slices.ContainsFunc(RoleList, func(x RoleRow) bool { return x.Role == r })
}

// ChannelKinds are the ways to reach a post; the catalogue has
// "contact.channel.<kind>".
var ChannelKinds = []string{"phone", "mobile", "email", "secure"}

// Channel is one way to reach a post. A phone number is kept in the form of
// ITU-T E.164: a plus and at most 15 digits.
type Channel struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Night bool   `json:"night"` // answered at any hour
}

// Quiet are the hours in which a post wishes no call that is not urgent, in
// the local time of its member: from and to as 22:00. Empty: none.
type Quiet struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Limits of a contact.
const (
	MaxText      = 160
	MaxNote      = 1000
	MaxChannels  = 8
	MaxLanguages = 8
	MaxOrder     = 9
)

// Contact is one focal point as its member gives it to the others.
type Contact struct {
	ID           id.ID         `json:"id"`
	Member       access.Member `json:"member"`
	Role         Role          `json:"role"`
	Order        int           `json:"order"` // 1 is called first, then the alternates
	Organisation string        `json:"organisation"`
	Unit         string        `json:"unit,omitempty"`
	Post         string        `json:"post"`             // duty post
	Person       string        `json:"person,omitempty"` // where a member wishes to name one
	Channels     []Channel     `json:"channels"`
	Languages    []string      `json:"languages"`
	From         string        `json:"from"`         // first day that it holds
	To           string        `json:"to,omitempty"` // last day; empty: until further notice
	Quiet        Quiet         `json:"quiet,omitzero"`
	Note         string        `json:"note,omitempty"`
	Version      int           `json:"version"`
	AsOf         time.Time     `json:"as_of"` // when its member last said that it is right
}

// Own is a contact at the member that owns it: what is being changed, and what
// was released last under the standing release.
type Own struct {
	desk.Head
	Contact   Contact   `json:"contact"`
	To        standing  `json:"to"` // who gets every cleared version
	Given     *Contact  `json:"given,omitempty"`
	Held      []Held    `json:"held,omitempty"` // who holds which release
	Confirmed time.Time `json:"confirmed,omitzero"`
	EditBy    id.ID     `json:"edit_by,omitempty"`
	SubmitBy  id.ID     `json:"submit_by,omitempty"`
	ClearedAs string    `json:"cleared_as,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

type standing = []access.Member

// Held is the release by which one member holds the contact.
type Held struct {
	Member  access.Member `json:"member"`
	Release id.ID         `json:"release"`
}

var (
	phoneForm = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	langForm  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	hourForm  = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
)

// phone drops what people write between the digits of a number.
func phone(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "", "\u00a0", "").Replace(strings.TrimSpace(s))
}

func fits(s string, most int) bool {
	return utf8.RuneCountInString(s) <= most && !strings.ContainsAny(s, "\r\x00")
}

// check refuses a contact that breaks the limits every member keeps; the same
// rule serves what is entered here and what comes from others.
func (k *Contact) check(c *fault.Check) {
	for _, s := range []*string{&k.Organisation, &k.Unit, &k.Post, &k.Person, &k.Note} {
		*s = strings.TrimSpace(*s)
	}
	c.That(k.Role.Known(), "role", "fault.contact.role")
	c.That(k.Member != access.ASEC || !stateOnly(k.Role), "role", "fault.contact.role_state")
	c.That(k.Order >= 1 && k.Order <= MaxOrder, "order", "fault.contact.order", fault.Args{"max": MaxOrder})
	c.That(k.Post != "", "post", "fault.contact.post")
	c.That(k.Organisation != "", "organisation", "fault.contact.organisation")
	for _, f := range []struct{ name, value string }{{"organisation", k.Organisation}, {"unit", k.Unit}, {"post", k.Post}, {"person", k.Person}} {
		c.That(fits(f.value, MaxText) && !strings.Contains(f.value, "\n"), f.name, "fault.too_long", fault.Args{"max": MaxText})
	}
	c.That(fits(k.Note, MaxNote), "note", "fault.too_long", fault.Args{"max": MaxNote})
	k.checkChannels(c)
	c.That(len(k.Languages) <= MaxLanguages, "languages", "fault.too_many", fault.Args{"max": MaxLanguages})
	for i, l := range k.Languages {
		c.Row(langForm.MatchString(l) && len(l) <= 20, i+1, "languages", "fault.contact.language")
	}
	from, e1 := time.Parse(time.DateOnly, k.From)
	c.That(e1 == nil, "from", "fault.contact.day")
	if k.To != "" {
		to, err := time.Parse(time.DateOnly, k.To)
		c.That(err == nil, "to", "fault.contact.day")
		c.That(err != nil || e1 != nil || !to.Before(from), "to", "fault.contact.day_order")
	}
	q := k.Quiet
	c.That(q == Quiet{} || hourForm.MatchString(q.From) && hourForm.MatchString(q.To) && q.From != q.To, "quiet", "fault.contact.quiet")
}

func stateOnly(r Role) bool {
	i := slices.IndexFunc(RoleList, func(x RoleRow) bool { return x.Role == r })
	return i >= 0 && RoleList[i].States
}

func (k *Contact) checkChannels(c *fault.Check) {
	c.That(len(k.Channels) <= MaxChannels, "channels", "fault.too_many", fault.Args{"max": MaxChannels})
	for i := range k.Channels {
		ch := &k.Channels[i]
		ch.Value = strings.TrimSpace(ch.Value)
		switch ch.Kind {
		case "phone", "mobile":
			ch.Value = phone(ch.Value)
			c.Row(phoneForm.MatchString(ch.Value), i+1, "channels", "fault.contact.phone")
		case "email":
			a, err := mail.ParseAddress(ch.Value)
			c.Row(err == nil && a.Address == ch.Value && len(ch.Value) <= 254, i+1, "channels", "fault.contact.email")
		case "secure":
			c.Row(ch.Value != "" && fits(ch.Value, MaxText) && !strings.Contains(ch.Value, "\n"), i+1, "channels", "fault.contact.secure")
		default:
			c.Row(false, i+1, "channels", "fault.contact.channel")
		}
	}
}

func validateOwn(o *Own) error {
	var c fault.Check
	o.Reason = strings.TrimSpace(o.Reason)
	o.Contact.check(&c)
	c.That(o.Marking.Valid(), "marking", "fault.health.marking")
	c.That(fits(o.Reason, MaxNote), "reason", "fault.too_long", fault.Args{"max": MaxNote})
	for i, m := range o.To {
		c.Row(slices.Contains(access.All(), m) && m != o.Owner && !slices.Contains(o.To[:i], m), i+1, "to", "fault.contact.recipient")
	}
	return c.Err()
}
