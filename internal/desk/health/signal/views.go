package signal

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Capabilities of the part: what is not a step of a record. Reading and
// exporting are those of the health desk.
var Capabilities = access.Capabilities{
	{Name: "signal.import", By: watchers, Scope: "health.write"},
}

// View is what of a signal a person of this node may see. Pages and JSON take
// views, never records.
type View struct {
	ID          id.ID             `json:"id"`
	Version     int               `json:"version"`
	State       workflow.State    `json:"state"`
	Source      Source            `json:"source"`
	SourceName  string            `json:"source_name,omitempty"`
	Ref         string            `json:"ref,omitempty"`
	Link        string            `json:"link,omitempty"`
	Title       string            `json:"title"`
	Text        string            `json:"text"`
	Lang        string            `json:"lang"`
	Hazard      string            `json:"hazard"`
	Agent       string            `json:"agent,omitempty"`
	ICD11       string            `json:"icd11,omitempty"`
	ICD10       string            `json:"icd10,omitempty"`
	Place       string            `json:"place"`
	Locality    string            `json:"locality,omitempty"`
	FirstSeen   health.Date       `json:"first_seen,omitzero"`
	Population  string            `json:"population,omitempty"`
	Cases       *Count            `json:"cases,omitempty"`
	Deaths      *Count            `json:"deaths,omitempty"`
	Known       MilestoneSet      `json:"known,omitempty"`
	Marking     access.Marking    `json:"marking"`
	Concern     map[string]Answer `json:"concern,omitempty"`
	Reliability string            `json:"reliability,omitempty"`
	Credibility string            `json:"credibility,omitempty"`
	Definition  Answer            `json:"definition,omitempty"`
	LabEvidence string            `json:"lab_evidence,omitempty"`
	ConfirmedBy string            `json:"confirmed_by,omitempty"`
	ConfirmedOn health.Date       `json:"confirmed_on,omitzero"`
	Outcome     workflow.Verb     `json:"outcome,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	Due         time.Time         `json:"due,omitzero"`
	Clock       string            `json:"clock,omitempty"`
	Late        bool              `json:"late"`
	Escalated   time.Time         `json:"escalated,omitzero"`
	ClaimedBy   string            `json:"claimed_by,omitempty"` // duty post
	ClaimEnds   time.Time         `json:"claim_ends,omitzero"`
	Mine        bool              `json:"mine"` // the caller holds the claim
	Event       id.ID             `json:"event,omitempty"`
	DuplicateOf id.ID             `json:"duplicate_of,omitempty"`
	Import      id.ID             `json:"import,omitempty"`
	Row         int               `json:"row,omitempty"`
	Alarms      []Alarm           `json:"alarms,omitempty"`
	Raised      int               `json:"raised,omitempty"`
	From        access.Member     `json:"from,omitempty"`
	Received    time.Time         `json:"received"`
	By          string            `json:"by"`
	Changed     time.Time         `json:"changed"`
	Exercise    string            `json:"exercise,omitempty"`
	Twins       int               `json:"twins,omitempty"` // undecided near duplicates
}

func view(s *Signal, actor access.Actor, now time.Time) View {
	v := View{ID: s.ID, Version: s.Version, State: s.State, Source: s.Source, SourceName: s.SourceName, Ref: s.Ref, Link: s.Link,
		Title: s.Title(), Text: s.Text, Lang: s.Lang, Hazard: s.Hazard, Agent: s.Agent, ICD11: s.ICD11, ICD10: s.ICD10, Place: s.Place,
		Locality: s.Locality, FirstSeen: s.FirstSeen, Population: s.Population, Cases: s.Cases, Deaths: s.Deaths, Known: s.Known,
		Marking: s.Marking, Concern: s.Concern, Reliability: s.Reliability, Credibility: s.Credibility, Definition: s.Definition,
		LabEvidence: s.LabEvidence, ConfirmedBy: s.ConfirmedBy, ConfirmedOn: s.ConfirmedOn, Outcome: s.Outcome, Reason: s.Reason,
		Due: s.Due, Clock: s.Clock, Late: Late(s.Due, now), Escalated: s.Escalated, Event: s.Event, DuplicateOf: s.DuplicateOf,
		Import: s.Import, Row: s.Row, Alarms: s.Alarms, Raised: s.Raised, From: s.From, Received: s.Created.At, By: s.Created.Post,
		Changed: s.Changed.At, Exercise: s.Exercise}
	if c := s.Held(now); c != nil {
		v.ClaimedBy, v.ClaimEnds, v.Mine = c.Post, c.Until, c.Account == actor.Account
	}
	return v
}

// sees is the rule for one signal; it is the reach of the health desk, by the
// place that the signal is about.
func sees(r health.Reach, s *Signal) bool {
	switch {
	case r.None:
		return false
	case r.NoRed && s.Marking == access.TLPRed:
		return false
	case r.Places != nil && !slices.Contains(r.Places, s.Place):
		return false
	}
	return true
}

// MayRecord reports whether the actor may enter signals.
func MayRecord(a access.Actor) bool {
	row, _ := Signals.Find("", "record")
	return slices.ContainsFunc(row.By, func(r access.Role) bool { return a.HasAny(r) })
}

// MayImport reports whether the actor may bring in a table or feed.
func MayImport(a access.Actor) bool { return Capabilities.May(a, "signal.import") }

// ViewOf is the view of a signal that the actor itself just made or changed.
func ViewOf(s *Signal, actor access.Actor, now time.Time) View { return view(s, actor, now) }
