package incident

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows the list of incidents, which comes newest change first.
type Filter struct {
	Query string
	State string // "running", "closed" or empty
	Event id.ID
	Limit int   // 1 to 200; 0 is 50
	After After // where the page before ended
}

// After is a place in the list.
type After struct {
	Changed int64
	ID      id.ID
}

func (f *Filter) limit() int {
	if f.Limit < 1 || f.Limit > 200 {
		return 50
	}
	return f.Limit
}

// Row is an incident in a list.
type Row struct {
	Incident
	Vacant   int // functions that nobody holds
	Rings    int // that nobody has acknowledged
	Period   int // in force; 0: none
	PeriodTo time.Time
}

// Incidents are those that the actor may see, and where the next page begins.
func (d *Desk) Incidents(ctx context.Context, actor access.Actor, f Filter) ([]Row, After, error) {
	r := reach(actor)
	if r.None {
		return nil, After{}, nil
	}
	cond, args := []string{"kind = ?"}, []any{KindIncident}
	add := func(on bool, c string, a ...any) {
		if on {
			cond, args = append(cond, c), append(args, a...)
		}
	}
	add(r.NoRed, "marking <> ?", string(access.TLPRed))
	add(f.State == "running", "state <> ?", string(Closed))
	add(f.State == "closed", "state = ?", string(Closed))
	add(f.Event != "", "doc LIKE ?", `%"`+string(f.Event)+`"%`)
	add(f.After.ID != "", "(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	for _, w := range wordsOf(f.Query) {
		add(true, "needle LIKE ? ESCAPE '!'", w)
	}
	var out []Row
	var next After
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := docs[Incident](ctx, tx, `SELECT doc FROM incident_record WHERE `+strings.Join(cond, " AND ")+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, f.limit()+1)...)
		if err != nil {
			return err
		}
		if len(list) > f.limit() {
			list = list[:f.limit()]
			last := &list[len(list)-1]
			next = After{clock.Micros(last.Changed.At), last.ID}
		}
		for _, x := range list {
			if !sees(r, &x.Head) || f.Event != "" && !x.Has(f.Event) {
				continue
			}
			row, err := d.row(ctx, tx, x)
			if err != nil {
				return err
			}
			out = append(out, row)
		}
		return nil
	})
	return out, next, err
}

func (d *Desk) row(ctx context.Context, tx *db.Tx, x Incident) (Row, error) {
	row := Row{Incident: x}
	if x.State == Closed {
		return row, nil
	}
	on, err := onDuty(ctx, tx, x.ID)
	if err != nil {
		return row, err
	}
	for _, s := range Chart(x.Functions, on, d.env.Clock.Now()) {
		if s.Vacant() {
			row.Vacant++
		}
	}
	if _, err := tx.Row(ctx, `SELECT COUNT(*) FROM incident_record WHERE incident = ? AND kind = ? AND state IN (?, ?)`,
		[]any{string(x.ID), KindRing, string(Ringing), string(Escalated)}, &row.Rings); err != nil {
		return row, err
	}
	p, ok, err := inForce(ctx, tx, x.ID)
	if ok {
		row.Period, row.PeriodTo = p.Number, p.To
	}
	return row, err
}

// wordsOf are the patterns of a search, one for each word.
func wordsOf(query string) []string {
	words := strings.Fields(health.Fold(query))
	words = words[:min(len(words), 8)]
	for i, w := range words {
		words[i] = "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w) + "%"
	}
	return words
}

// Book is everything of one incident, with the buttons for an actor.
type Book struct {
	Incident
	Now          time.Time
	Works        bool // the actor may write here: it is not closed
	Offers       []workflow.Offer
	Seats        []Seat
	Duties       []DutyView
	Plans        []PlanView // the newest first
	Objectives   []ObjectiveView
	Entries      []EntryView // the newest first
	Requirements []Requirement
	Rings        []RingView // those that ring first, then the newest
	Checkouts    []CheckoutView
}

// DutyView is a duty with the buttons for the actor.
type DutyView struct {
	Duty
	Mine   bool
	Offers []workflow.Offer
}

// PlanView is a plan with the buttons for the actor.
type PlanView struct {
	Plan
	Offers  []workflow.Offer
	Changes []Change // of an amendment, against what it amends
}

// ObjectiveView is an objective of the newest approved plan that has it, with
// every word on it.
type ObjectiveView struct {
	Objective
	Status  string
	Last    time.Time // of the last word on it
	Period  int       // the newest that has it
	History []Entry
}

// EntryView is a line of the log with the line that corrects it.
type EntryView struct {
	Entry
	Corrected id.ID
}

// RingView is a ring with the buttons for the actor.
type RingView struct {
	Ring
	Offers []workflow.Offer
	Named  bool // the actor is one of those who must acknowledge
}

// CheckoutView is a check-out with the buttons for the actor.
type CheckoutView struct {
	Checkout
	Offers []workflow.Offer
}

// InForce is the plan by which the incident works now.
func (b *Book) InForce() *PlanView {
	i := slices.IndexFunc(b.Plans, func(p PlanView) bool { return p.State == InForce })
	if i < 0 {
		return nil
	}
	return &b.Plans[i]
}

// Last is the newest plan by which the incident worked, in force or over.
func (b *Book) Last() *PlanView {
	i := slices.IndexFunc(b.Plans, func(p PlanView) bool { return !p.Began.IsZero() })
	if i < 0 {
		return nil
	}
	return &b.Plans[i]
}

// Plan finds a plan of the incident.
func (b *Book) Plan(pid id.ID) *PlanView {
	i := slices.IndexFunc(b.Plans, func(p PlanView) bool { return p.ID == pid })
	if i < 0 {
		return nil
	}
	return &b.Plans[i]
}

// Begun is the draft that is being written, if any.
func (b *Book) Begun() *PlanView {
	i := slices.IndexFunc(b.Plans, func(p PlanView) bool { return p.State == Draft || p.State == Submitted })
	if i < 0 {
		return nil
	}
	return &b.Plans[i]
}

// Open is what rings.
func (b *Book) Open() []RingView {
	return slices.DeleteFunc(slices.Clone(b.Rings), func(r RingView) bool { return !r.Ring.Open() })
}

// Book reads an incident with everything in it.
func (d *Desk) Book(ctx context.Context, actor access.Actor, iid id.ID) (Book, error) {
	b := Book{Now: d.env.Clock.Now()}
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if b.Incident, err = d.visible(ctx, tx, actor, iid); err != nil {
			return err
		}
		b.Offers = Incidents.Offers(b.Incident, actor, b.Now)
		write, _ := Entries.Find("", "write")
		b.Works = b.State != Closed && Entries.Allowed(write, Entry{Head: b.Incident.Head}, actor)
		duties, err := d.readDuties(ctx, tx, actor, &b)
		if err != nil {
			return err
		}
		b.Seats = Chart(b.Functions, duties, b.Now)
		if err := d.readPlans(ctx, tx, actor, &b, duties); err != nil {
			return err
		}
		if err := d.readLog(ctx, tx, &b); err != nil {
			return err
		}
		return d.readRest(ctx, tx, actor, &b, duties)
	})
	return b, err
}

func (d *Desk) readDuties(ctx context.Context, tx *db.Tx, actor access.Actor, b *Book) ([]Duty, error) {
	duties, err := of[Duty](ctx, tx, KindDuty, b.ID)
	for _, x := range duties {
		x.open = b.State != Closed
		b.Duties = append(b.Duties, DutyView{x, x.Holder == actor.Account, Duties.Offers(x, actor, b.Now)})
	}
	return duties, err
}

func (d *Desk) readPlans(ctx context.Context, tx *db.Tx, actor access.Actor, b *Book, duties []Duty) error {
	plans, err := of[Plan](ctx, tx, KindPlan, b.ID)
	if err != nil {
		return err
	}
	var managers []id.ID
	for _, x := range duties {
		if x.Function == Manager && x.holds() {
			managers = append(managers, x.Holder)
		}
	}
	for i := range plans {
		p := &plans[i]
		if p.State == Discarded {
			continue
		}
		p.managers, p.open = managers, b.State != Closed
		v := PlanView{Plan: *p, Offers: Plans.Offers(*p, actor, b.Now)}
		if p.Amends != "" {
			if j := slices.IndexFunc(plans, func(x Plan) bool { return x.ID == p.Amends }); j >= 0 {
				v.Changes = Changes(&plans[j], p)
			}
		}
		b.Plans = append(b.Plans, v)
	}
	slices.SortFunc(b.Plans, func(x, y PlanView) int {
		return cmp.Or(cmp.Compare(y.Number, x.Number), cmp.Compare(y.Edition, x.Edition))
	})
	return nil
}

// mostEntries is how many lines of a log are read: the newest.
const mostEntries = 5000

func (d *Desk) readLog(ctx context.Context, tx *db.Tx, b *Book) error {
	entries, err := docs[Entry](ctx, tx, `SELECT doc FROM incident_record WHERE incident = ? AND kind = ? ORDER BY at DESC, id DESC LIMIT ?`, string(b.ID), KindEntry, mostEntries)
	if err != nil {
		return err
	}
	by := map[id.ID]id.ID{}
	for _, e := range entries {
		if e.Corrects != "" {
			by[e.Corrects] = e.ID
		}
	}
	for _, e := range entries {
		b.Entries = append(b.Entries, EntryView{e, by[e.ID]})
	}
	slices.Reverse(entries)
	valid := standing(entries)
	for _, p := range b.Plans { // the newest first: its words are those that count
		if p.Approved.IsZero() {
			continue
		}
		for _, o := range p.Objectives {
			if slices.ContainsFunc(b.Objectives, func(x ObjectiveView) bool { return x.ID == o.ID }) {
				continue
			}
			v := ObjectiveView{Objective: o, Status: Statuses[0], Period: p.Number}
			for _, e := range valid {
				if e.Objective == o.ID {
					v.Status, v.Last, v.History = e.Status, e.At, append(v.History, e)
				}
			}
			b.Objectives = append(b.Objectives, v)
		}
	}
	return nil
}

func (d *Desk) readRest(ctx context.Context, tx *db.Tx, actor access.Actor, b *Book, duties []Duty) error {
	var err error
	if b.Requirements, err = of[Requirement](ctx, tx, KindRequirement, b.ID); err != nil {
		return err
	}
	rings, err := of[Ring](ctx, tx, KindRing, b.ID)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(rings) {
		b.Rings = append(b.Rings, d.ringView(r, duties, actor, b.Now))
	}
	slices.SortStableFunc(b.Rings, func(x, y RingView) int {
		if x.Ring.Open() != y.Ring.Open() {
			if x.Ring.Open() {
				return -1
			}
			return 1
		}
		return 0
	})
	checkouts, err := of[Checkout](ctx, tx, KindCheckout, b.ID)
	for _, x := range checkouts {
		if x.State == Cancelled {
			continue
		}
		v := CheckoutView{Checkout: x}
		if b.State != Closed {
			v.Offers = Checkouts.Offers(x, actor, b.Now)
		}
		b.Checkouts = append(b.Checkouts, v)
	}
	return err
}

func (d *Desk) ringView(r Ring, duties []Duty, actor access.Actor, now time.Time) RingView {
	r.may, r.free = r.named(duties)
	v := RingView{Ring: r, Offers: Rings.Offers(r, actor, now)}
	v.Named = slices.ContainsFunc(v.Offers, func(o workflow.Offer) bool { return o.Verb == "acknowledge" && len(o.Unmet) == 0 })
	return v
}
