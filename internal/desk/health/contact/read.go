package contact

import (
	"context"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows the directory.
type Filter struct {
	Member access.Member
	Role   Role
	Query  string // every word must occur
	Past   bool   // expired and withdrawn entries as well
}

// Entry is one line of the directory.
type Entry struct {
	Contact
	Stands    Standing
	Quiet     bool      // in its quiet hours now
	Withdrawn time.Time // tombstone
	Reason    string
	Received  time.Time // zero: of this member
}

// Section is what one member has given.
type Section struct {
	Member access.Member
	Rows   []Entry
	Gaps   []Role // required roles for which it has given nobody who holds today
	Drill  *Drill // its answer to the newest check of this node that asked it
}

// Drill is a member's result in one check.
type Drill struct {
	Check    id.ID
	At       time.Time
	Answered bool
	Minutes  float64
	Late     bool
	Exercise string
}

// Directory is what every member has given, in the fixed order, with its gaps
// named.
func (d *Desk) Directory(ctx context.Context, actor access.Actor, f Filter) ([]Section, error) {
	if !reads(actor) {
		return nil, desk.NotFound()
	}
	var out []Section
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		es, err := loadAll[entry](ctx, tx, `SELECT doc FROM contact_entry ORDER BY member, role, ord, id`)
		if err != nil {
			return err
		}
		es = slices.DeleteFunc(es, func(e entry) bool { return !seesMarking(actor, e.Marking) && e.Withdrawn.IsZero() })
		drills, err := d.drills(ctx, tx)
		if err != nil {
			return err
		}
		out = nil
		now := d.env.Clock.Now()
		for _, m := range access.All() {
			if f.Member == "" || f.Member == m {
				out = append(out, section(m, es, f, drills[m], now))
			}
		}
		return nil
	})
	return out, err
}

func section(m access.Member, es []entry, f Filter, drill *Drill, now time.Time) Section {
	s := Section{Member: m, Drill: drill}
	have := map[Role]bool{}
	for _, e := range es {
		if e.Member != m {
			continue
		}
		holds := e.Withdrawn.IsZero() && e.Holds(now)
		have[e.Role] = have[e.Role] || holds
		stands := e.Stands(now)
		past := !e.Withdrawn.IsZero() || stands == Expired && f.Past
		if f.Role != "" && e.Role != f.Role || !e.Withdrawn.IsZero() && !f.Past || past && !f.Past || !matches(&e.Contact, f.Query) {
			continue
		}
		s.Rows = append(s.Rows, Entry{Contact: e.Contact, Stands: stands, Quiet: e.Quietly(now, false), Withdrawn: e.Withdrawn, Reason: e.Reason, Received: e.Received})
	}
	slices.SortStableFunc(s.Rows, func(a, b Entry) int { return rank(a.Role)*100 + a.Order - rank(b.Role)*100 - b.Order })
	for _, r := range RoleList {
		if r.Required && !have[r.Role] && (m != access.ASEC || !r.States) && (f.Role == "" || f.Role == r.Role) {
			s.Gaps = append(s.Gaps, r.Role)
		}
	}
	return s
}

func rank(r Role) int { return slices.IndexFunc(RoleList, func(x RoleRow) bool { return x.Role == r }) }

func matches(k *Contact, query string) bool { return desk.Holds(needle(k), query) }

// Escalation is whom to reach at a member for a role, in the order of calling:
// those who hold today. The empty role is the watch: the EOC network, then the
// National IHR Focal Point.
func (d *Desk) Escalation(ctx context.Context, tx *db.Tx, member access.Member, role Role) ([]Contact, error) {
	roles := []Role{role}
	if role == "" {
		roles = []Role{EOC, IHRNFP}
	}
	now := d.env.Clock.Now()
	var out []Contact
	for _, r := range roles {
		es, err := loadAll[entry](ctx, tx, `SELECT doc FROM contact_entry WHERE member = ? AND role = ? AND withdrawn = 0`, string(member), string(r))
		if err != nil {
			return nil, err
		}
		var ks []Contact
		for _, e := range es {
			if e.Holds(now) {
				ks = append(ks, e.Contact)
			}
		}
		inOrder(ks)
		out = append(out, ks...)
	}
	return out, nil
}

// OwnPage is one contact of this member with what the actor may do.
type OwnPage struct {
	Own
	Stands  Standing // of what was given
	Offers  []workflow.Offer
	History []history.Entry
}

// Contact reads one contact of this member.
func (d *Desk) Contact(ctx context.Context, actor access.Actor, i id.ID) (OwnPage, error) {
	var p OwnPage
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		o, err := d.visible(ctx, tx, actor, i)
		if err != nil {
			return err
		}
		now := d.env.Clock.Now()
		p = OwnPage{Own: o, Offers: Contacts.Offers(o, actor, now)}
		if o.Given != nil {
			p.Stands = o.Given.Stands(now)
		}
		p.History, err = history.Of(ctx, tx, i)
		return err
	})
	return p, err
}

// Owned are the contacts of this member, those that are removed left out.
func (d *Desk) Owned(ctx context.Context, actor access.Actor) ([]Own, error) {
	if !reads(actor) {
		return nil, desk.NotFound()
	}
	var out []Own
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := loadAll[Own](ctx, tx, `SELECT doc FROM contact_own WHERE state <> ? ORDER BY role, id`, string(Removed))
		out = slices.DeleteFunc(all, func(o Own) bool { return !seesMarking(actor, o.Marking) })
		slices.SortStableFunc(out, func(a, b Own) int {
			return rank(a.Contact.Role)*100 + a.Contact.Order - rank(b.Contact.Role)*100 - b.Contact.Order
		})
		return err
	})
	return out, err
}

// drills is each member's result in the newest check that asked it and that
// was not called off: a running one counts once it was answered.
func (d *Desk) drills(ctx context.Context, tx *db.Tx) (map[access.Member]*Drill, error) {
	ks, err := loadAll[Check](ctx, tx, `SELECT doc FROM contact_check WHERE state <> ? ORDER BY issued DESC, id DESC LIMIT 100`, string(CalledOff))
	if err != nil {
		return nil, err
	}
	out := map[access.Member]*Drill{}
	for i := range ks {
		k := &ks[i]
		all, err := answers(ctx, tx, `WHERE check_id = ?`, string(k.ID))
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			if out[a.Member] != nil || k.State == Running && a.Answered.IsZero() {
				continue
			}
			dr := &Drill{Check: k.ID, At: k.Issued, Answered: !a.Answered.IsZero(), Exercise: k.Exercise}
			if dr.Answered {
				dr.Minutes, dr.Late = a.Minutes(k.Issued), a.Answered.After(k.By)
			}
			out[a.Member] = dr
		}
		if len(out) == len(access.All())-1 {
			break
		}
	}
	return out, nil
}
