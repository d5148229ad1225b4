package trail

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Note is one line of progress. It stays at the owner until it was shared.
type Note struct {
	At     time.Time `json:"at"`
	As     string    `json:"as"`
	Words  string    `json:"words"`
	Shared bool      `json:"shared,omitempty"`
}

// ActionText is the content of the half of the state that was asked.
type ActionText struct {
	Proposal id.ID         `json:"proposal"`
	Proposer access.Member `json:"proposer"`
	Round    int           `json:"round"` // of the proposal that was answered
	Theme    string        `json:"theme"`
	Affected []string      `json:"affected,omitempty"`
	Terms                  // those that hold; of an open answer those that were asked for
	Counter  *Terms        `json:"counter,omitempty"`
	Post     string        `json:"post,omitempty"` // the duty post that is responsible
	Notes    []Note        `json:"notes,omitempty"`
	Evidence string        `json:"evidence,omitempty"`
	Answered time.Time     `json:"answered,omitzero"`
	Finished time.Time     `json:"finished,omitzero"`
}

// Action is the half of an action that belongs to the state that was asked: it
// alone accepts, changes and completes it.
type Action struct {
	Base
	ActionText
	FinishedBy id.ID `json:"finished_by,omitempty"` // the account; it does not leave the node

	prop  *Proposal // the other half
	fresh bool      // this step shares lines that nobody had
}

// ActionView is what of an action people and recipients see.
type ActionView struct {
	Shown
	ActionText
}

func (a *Action) validate() error {
	var c fault.Check
	a.check(&c)
	checkTerms(&c, &a.Terms)
	if a.Counter != nil {
		checkTerms(&c, a.Counter)
	}
	text(&c, &a.Evidence, "evidence", MaxText)
	text(&c, &a.Post, "post", MaxTitle)
	c.That(len(a.Proposal) == 36, "proposal", "fault.bad_id")
	c.That(slices.Contains(access.All(), a.Proposer), "proposer", "fault.trail.foreign")
	c.That(a.Theme == "" || slices.Contains(Themes, a.Theme), "theme", "fault.trail.theme")
	c.That(among(a.Affected, Groups), "affected", "fault.trail.affected")
	c.That(len(a.Notes) <= maxNotes, "words", "fault.too_many", fault.Args{"max": maxNotes})
	for i := range a.Notes {
		text(&c, &a.Notes[i].Words, "words", MaxReason)
	}
	return c.Err()
}

func (a *Action) columns() columns {
	return columns{Theme: a.Theme, Groups: a.Affected, For: a.Owner, Parent: a.Proposal, Day: endOf(a.By), Open: !slices.Contains(Actions.Final, a.State),
		Words: []string{a.Deliverable, a.Post, a.Evidence}}
}

// View of the action as it leaves the node: lines of progress that were not
// shared stay.
func (a *Action) View() ActionView {
	v := ActionView{a.view(), a.ActionText}
	v.Notes = slices.DeleteFunc(slices.Clone(a.Notes), func(n Note) bool { return !n.Shared })
	return v
}

func (v *ActionView) record() Action { return Action{Base: v.copied(), ActionText: v.ActionText} }
