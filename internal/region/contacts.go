package region

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lintas/internal/access"
	"lintas/internal/desk/health/contact"
	"lintas/internal/place"
)

// post24 is a focal point that every member of a demonstration has: a post,
// never a person. Numbers begin with +999 and addresses end with .example:
// both are set aside, so that nobody is ever called by mistake.
type post24 struct {
	role  contact.Role
	order int
	post  string
	unit  string
	line  string // last digits of the number
}

// posts24 cover the roles that a directory must have, an alternate for the
// watch, and those whom a joint investigation and the laboratories call.
var posts24 = []post24{
	{contact.IHRNFP, 1, "National IHR Focal Point, 24/7 desk (demo)", "National IHR Focal Point", "001"},
	{contact.IHRNFP, 2, "National IHR Focal Point, alternate (demo)", "National IHR Focal Point", "002"},
	{contact.IHRAuthority, 1, "National IHR Authority, duty line (demo)", "National IHR Authority", "003"},
	{contact.EOC, 1, "Operations centre, watch officer (demo)", "Public health emergency operations centre", "004"},
	{contact.EOC, 2, "Operations centre, on-call deputy (demo)", "Public health emergency operations centre", "005"},
	{contact.JMOIR, 1, "Joint investigation desk, animal and human health (demo)", "One Health unit", "006"},
	{contact.RPHL, 1, "National reference laboratory, duty bench (demo)", "National reference laboratory", "007"},
}

// heldSince is before the first day of any scenario.
const heldSince = "1990-01-01"

// seedContacts gives a member its focal points by the steps that its people
// would take; a member that has any keeps what it has.
func (r *Region) seedContacts(ctx context.Context, m access.Member) error {
	c, err := r.cast(ctx, m)
	if err != nil {
		return err
	}
	own, err := c.node.Contacts.Owned(ctx, c.duty)
	if err != nil || len(own) > 0 {
		return err
	}
	to := slices.DeleteFunc(slices.Clone(r.plan.Member), func(x access.Member) bool { return x == m })
	for i, p := range posts24 {
		if m == access.ASEC && p.role != contact.EOC {
			continue
		}
		o, err := c.node.Contacts.Add(ctx, c.duty, contact.Input{To: to, Marking: access.TLPGreen, Contact: focalPoint(m, p, i)})
		if err != nil {
			return err
		}
		if _, err := c.node.Contacts.Submit(ctx, c.duty, o.ID, 0); err != nil {
			return err
		}
		if _, err := c.node.Contacts.Clear(ctx, c.approver, o.ID, 0); err != nil {
			return err
		}
	}
	return nil
}

func focalPoint(m access.Member, p post24, i int) contact.Contact {
	organisation := "Ministry of Health, " + place.Name(string(m), "en") + " (demo)"
	if m == access.ASEC {
		organisation = "ASEAN Secretariat, Health Division (demo)"
	}
	box := strings.ReplaceAll(string(p.role), "_", "-")
	if p.order > 1 {
		box += fmt.Sprint("-", p.order)
	}
	return contact.Contact{Role: p.role, Order: p.order, Organisation: organisation, Unit: p.unit, Post: p.post, From: heldSince, Languages: []string{"en"},
		Channels: []contact.Channel{
			{Kind: "phone", Value: fmt.Sprintf("+999%02d%s", 10+slices.Index(access.All(), m), p.line), Night: true},
			{Kind: "email", Value: box + "@" + strings.ToLower(string(m)) + ".lintas.example", Night: i < 5},
		},
		Note: "Made up for the demonstration: the number and the address lead nowhere."}
}
