package sop

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Asked is a person whom another asked to do a step. Nothing changes hands by
// asking: who has the step keeps it until the person asked accepts.
type Asked struct {
	Account id.ID     `json:"account"`
	Post    string    `json:"post"`
	By      id.ID     `json:"by"`
	ByPost  string    `json:"by_post"`
	At      time.Time `json:"at"`
	Words   string    `json:"words,omitempty"`
}

// Declined is what somebody answered who was asked and cannot.
type Declined struct {
	Asked
	Answered time.Time `json:"answered"`
	Reason   string    `json:"reason"`
}

// mostDeclined is how many refusals of one step are kept.
const mostDeclined = 20

// ask notes who is asked now.
func (t *Task) ask(who Person, by access.Actor, words string, now time.Time) {
	t.Asked = &Asked{Account: who.Account, Post: who.Name, By: by.Account, ByPost: by.Name, At: now, Words: strings.TrimSpace(words)}
}

// decline keeps the answer of who was asked; the step stays with whom it was.
func (t *Task) decline(reason string, now time.Time) {
	if t.Asked == nil {
		return
	}
	t.Declined = append(slices.Clone(t.Declined), Declined{Asked: *t.Asked, Answered: now, Reason: strings.TrimSpace(reason)})
	t.Declined = t.Declined[max(0, len(t.Declined)-mostDeclined):]
	t.Asked = nil
}

// fits reports whether a person can be asked to do the step: the role at its
// place, and sight of the run. Who has it already is not asked again.
func (t *Task) fits(p *Person) bool {
	return p.Account != t.Doer && p.Has(t.Role, t.Place) && seesRun(reach(p.Actor), &t.Head)
}

// seenTask reads a task that the actor may know of.
func (d *Desk) seenTask(ctx context.Context, actor access.Actor, tid id.ID) (Task, error) {
	var t Task
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		t, err = seenTaskIn(ctx, tx, actor, tid)
		return err
	})
	return t, err
}

func seenTaskIn(ctx context.Context, tx *db.Tx, actor access.Actor, tid id.ID) (Task, error) {
	t, err := loadTask(ctx, tx, tid)
	if err == nil && !seesRun(reach(actor), &t.Head) {
		err = desk.NotFound()
	}
	return t, err
}

// Candidates are those who can be asked to do a step, by their posts. Who asks
// is not among them: that person accepts, or takes it over.
func (d *Desk) Candidates(ctx context.Context, actor access.Actor, tid id.ID) ([]Person, error) {
	t, err := d.seenTask(ctx, actor, tid)
	if err != nil || d.from.People == nil {
		return nil, err
	}
	all, err := d.from.People(ctx)
	out := slices.DeleteFunc(slices.Clone(all), func(p Person) bool { return p.Account == actor.Account || !t.fits(&p) })
	slices.SortFunc(out, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Display, b.Display), cmp.Compare(a.Account, b.Account))
	})
	return out, err
}

// Readers are those who can publish a playbook that waits: they have the role
// and did not write it.
func (d *Desk) Readers(ctx context.Context, actor access.Actor, pid id.ID) ([]Person, error) {
	var p Playbook
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		p, err = loadPlaybook(ctx, tx, pid)
		if err == nil && (!p.Own() || !seesPlaybook(reach(actor), p.Marking)) {
			err = desk.NotFound()
		}
		return err
	})
	if err != nil || d.from.People == nil {
		return nil, err
	}
	all, err := d.from.People(ctx)
	out := slices.DeleteFunc(slices.Clone(all), func(x Person) bool { return !x.HasAny(publishers...) || slices.Contains(p.Authors, x.Account) })
	slices.SortFunc(out, func(a, b Person) int { return cmp.Compare(a.Name, b.Name) })
	return out, err
}

// candidate is the one of them that was chosen.
func (d *Desk) candidate(ctx context.Context, actor access.Actor, tid, who id.ID) (Person, error) {
	list, err := d.Candidates(ctx, actor, tid)
	if err != nil {
		return Person{}, err
	}
	i := slices.IndexFunc(list, func(p Person) bool { return p.Account == who })
	if i < 0 {
		return Person{}, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "who", Key: "fault.sop.who"}}}
	}
	return list[i], nil
}
