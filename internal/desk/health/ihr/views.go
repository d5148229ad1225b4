package ihr

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Annex2View is what one actor may see of an assessment. First and Second are
// nil while the actor may not see them: nobody who could still become the
// second reader sees what the first one answered.
type Annex2View struct {
	ID         id.ID          `json:"id"`
	Owner      access.Member  `json:"owner"`
	Version    int            `json:"version"`
	State      workflow.State `json:"state"`
	Event      id.ID          `json:"event"`
	EventName  string         `json:"event_name"`
	EventAt    int            `json:"event_at"`
	Hazard     string         `json:"hazard"`
	Class      string         `json:"class"`
	Form       string         `json:"form"`
	Path       string         `json:"path"`
	Recorded   time.Time      `json:"recorded"`
	First      *ReadingView   `json:"first,omitempty"`
	Second     *ReadingView   `json:"second,omitempty"`
	FirstBy    string         `json:"first_by,omitempty"`
	FirstAt    time.Time      `json:"first_at,omitzero"`
	SecondBy   string         `json:"second_by,omitempty"`
	SecondAt   time.Time      `json:"second_at,omitzero"`
	Differs    []string       `json:"differs,omitempty"` // questions answered differently
	Outcome    Outcome        `json:"outcome,omitempty"`
	Follows    string         `json:"follows,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	DecidedAs  string         `json:"decided_as,omitempty"`
	DecidedAt  time.Time      `json:"decided_at,omitzero"`
	Told       time.Time      `json:"told,omitzero"`
	ToldHow    string         `json:"told_how,omitempty"`
	Supersedes id.ID          `json:"supersedes,omitempty"`
	Due        time.Time      `json:"due,omitzero"`
	Clock      string         `json:"clock,omitempty"`
	Marking    access.Marking `json:"marking"`
	Exercise   string         `json:"exercise,omitempty"`
}

// ReadingView is a reading without the accounts that made it.
type ReadingView struct {
	Replies map[string]Reply `json:"replies"`
	Result  Result           `json:"result"`
}

func viewAnnex2(a *Annex2, actor access.Actor) Annex2View {
	v := Annex2View{
		ID: a.ID, Owner: a.Owner, Version: a.Version, State: a.State, Event: a.Event, EventName: a.EventName, EventAt: a.EventAt,
		Hazard: a.Hazard, Class: a.Class, Form: a.Form, Path: a.Path, Recorded: a.Recorded, FirstBy: a.First.Post, FirstAt: a.First.At,
		SecondBy: a.Second.Post, SecondAt: a.Second.At, Outcome: a.Outcome, Follows: a.Follows, Reason: a.Reason, DecidedAs: a.DecidedAs,
		DecidedAt: a.DecidedAt, Told: a.Told, ToldHow: a.ToldHow, Supersedes: a.Supersedes, Due: a.Due, Clock: a.Clock,
		Marking: a.Marking, Exercise: a.Exercise,
	}
	open := a.State != FirstRead && a.State != SecondRead && a.State != Cancelled
	if open || actor.Account != "" && slices.Contains(a.First.Authors, actor.Account) {
		v.First = &ReadingView{Replies: maps.Clone(a.First.Replies), Result: a.First.Result}
	}
	if open || actor.Account != "" && slices.Contains(a.Second.Authors, actor.Account) {
		v.Second = &ReadingView{Replies: maps.Clone(a.Second.Replies), Result: a.Second.Result}
	}
	if form := FormOf(a.Form, "en"); open && form != nil {
		for _, q := range form.Asked(a.Path) {
			if a.Differ(q.ID) {
				v.Differs = append(v.Differs, q.ID)
			}
		}
	}
	return v
}

// DeterminationView is a determination as a page shows it.
type DeterminationView struct {
	ID              id.ID            `json:"id"`
	Owner           access.Member    `json:"owner"` // of the record, not of the decision
	Version         int              `json:"version"`
	State           workflow.State   `json:"state"`
	Kind            string           `json:"kind"`
	Event           id.ID            `json:"event,omitempty"`
	Hazard          string           `json:"hazard"`
	Title           string           `json:"title"`
	Grade           string           `json:"grade,omitempty"`
	By              string           `json:"by"`
	On              string           `json:"on"`
	Meeting         int              `json:"meeting,omitempty"`
	Recommendations []Recommendation `json:"recommendations,omitempty"`
	Ended           string           `json:"ended,omitempty"`
	Source          string           `json:"source"`
	Reason          string           `json:"reason,omitempty"`
	Post            string           `json:"post"` // that recorded it
	ClearedAs       string           `json:"cleared_as,omitempty"`
	Members         []access.Member  `json:"members,omitempty"` // who gets it
	Marking         access.Marking   `json:"marking"`
	Exercise        string           `json:"exercise,omitempty"`
}

func viewDetermination(d *Determination) DeterminationView {
	return DeterminationView{ID: d.ID, Owner: d.Owner, Version: d.Version, State: d.State, Kind: d.Kind, Event: d.Event, Hazard: d.Hazard, Title: d.Title,
		Grade: d.Grade, By: d.By, On: d.On, Meeting: d.Meeting, Recommendations: slices.Clone(d.Recommendations), Ended: d.Ended,
		Source: d.Source, Reason: d.Reason, Post: cmp.Or(d.Post, d.Created.Post), ClearedAs: d.ClearedAs,
		Members: slices.Clone(d.Members), Marking: d.Marking, Exercise: d.Exercise}
}

// determinationFor is what leaves: what was cleared, with the state and the end
// as they are.
func determinationFor(d *Determination) DeterminationView {
	v := viewDetermination(d)
	if d.Cleared != nil {
		v = *d.Cleared
		v.Version, v.State, v.Ended, v.ClearedAs = d.Version, d.State, d.Ended, d.ClearedAs
		v.Members = slices.Clone(d.SentTo)
	}
	v.Reason = ""
	return v
}

// SourceLink is the source where it is an address.
func (v *DeterminationView) SourceLink() string {
	if link(v.Source) {
		return v.Source
	}
	return ""
}

// MeasureView is what a recipient gets of a measure, and what pages show.
type MeasureView struct {
	ID        id.ID           `json:"id"`
	Owner     access.Member   `json:"owner"`
	Version   int             `json:"version"`
	State     workflow.State  `json:"state"`
	Event     id.ID           `json:"event,omitempty"`
	EventName string          `json:"event_name,omitempty"`
	Hazard    string          `json:"hazard"`
	Content   Content         `json:"content"`
	Start     time.Time       `json:"start,omitzero"`
	Review    string          `json:"review"`
	Expires   string          `json:"expires"`
	Reported  time.Time       `json:"reported,omitzero"`
	Reviewed  time.Time       `json:"reviewed,omitzero"`
	Words     string          `json:"words,omitempty"`
	Renewals  int             `json:"renewals,omitempty"`
	Ended     time.Time       `json:"ended,omitzero"`
	EndReason string          `json:"end_reason,omitempty"`
	ClearedAs string          `json:"cleared_as,omitempty"`
	Members   []access.Member `json:"members,omitempty"`
	Marking   access.Marking  `json:"marking"`
	Exercise  string          `json:"exercise,omitempty"`
}

// Holds reports whether the measure is in force at a time; one that nobody
// renewed does not hold after its last day, whatever its owner still says.
func (v *MeasureView) Holds(now time.Time) bool {
	m := Measure{Expires: v.Expires}
	return slices.Contains(held, v.State) && m.until().After(now)
}

// Late reports whether the report to WHO is or was late.
func (v *MeasureView) Late(now time.Time) bool {
	return v.State != Planned && Delay(v.Start, v.Reported, now) > ReportLimit
}

func viewMeasure(m *Measure) MeasureView {
	return MeasureView{ID: m.ID, Owner: m.Owner, Version: m.Version, State: m.State, Event: m.Event, EventName: m.EventName, Hazard: m.Hazard,
		Content: m.Content, Start: m.Start, Review: m.Review, Expires: m.Expires, Reported: m.Reported, Reviewed: m.Reviewed, Words: m.Words,
		Renewals: m.Renewals, Ended: m.Ended, EndReason: m.EndReason, ClearedAs: m.ClearedAs, Members: slices.Clone(m.Members),
		Marking: m.Marking, Exercise: m.Exercise}
}

// viewFor is what leaves: the content that the approver cleared, not what was
// written since, with the state and the dates as they are.
func viewFor(m *Measure) MeasureView {
	v := viewMeasure(m)
	if m.Cleared != nil {
		v.Content, v.Marking = *m.Cleared, m.ClearedMarking
	}
	v.Members = slices.Clone(m.SentTo)
	return v
}

// AmendmentView is a state's statement on the amendments.
type AmendmentView struct {
	ID         id.ID          `json:"id"`
	Owner      access.Member  `json:"owner"`
	Version    int            `json:"version"`
	State      workflow.State `json:"state"`
	Status     string         `json:"status"`
	On         string         `json:"on,omitempty"`
	InForce    string         `json:"in_force,omitempty"`
	Words      string         `json:"words,omitempty"`
	Source     string         `json:"source"`
	Lang       string         `json:"lang"`
	ClearedAs  string         `json:"cleared_as,omitempty"`
	Released   time.Time      `json:"released,omitzero"`
	Supersedes id.ID          `json:"supersedes,omitempty"`
	Exercise   string         `json:"exercise,omitempty"`
}

func viewAmendment(a *Amendment) AmendmentView {
	return AmendmentView{ID: a.ID, Owner: a.Owner, Version: a.Version, State: a.State, Status: a.Status, On: a.On, InForce: a.InForce,
		Words: a.Words, Source: a.Source, Lang: a.Lang, ClearedAs: a.ClearedAs, Released: a.Released, Supersedes: a.Supersedes, Exercise: a.Exercise}
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "ihr.read", By: readersOf("health.read"), Scope: "health.read"},
	{Name: "ihr.export", By: readersOf("health.read"), Scope: "health.read"},
}

func readersOf(name string) []access.Role {
	for _, c := range health.Capabilities {
		if c.Name == name {
			return c.By
		}
	}
	return nil
}

// reach is that of the desk.
func reach(a access.Actor) health.Reach {
	return health.ReachOf(a)
}

// sees is the rule for one record: the reach of the desk, as for an event.
func sees(r health.Reach, h *desk.Head, own bool) bool {
	switch {
	case r.None:
		return false
	case r.NoRed && h.Marking == access.TLPRed:
		return false
	case r.Places != nil && (!own || !slices.Contains(r.Places, h.Place)):
		return false
	}
	return true
}
