package sitrep

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// ReportView is what of a report may be seen by whom it was made for: a person
// of this node, or a recipient of a release. Both get the same fields, so that
// the page of a cleared report is the preview of what its recipients get.
type ReportView struct {
	ID          id.ID             `json:"id"`
	Owner       access.Member     `json:"owner"`
	Version     int               `json:"version"`
	State       workflow.State    `json:"state"`
	Scope       string            `json:"scope"`
	Event       id.ID             `json:"event,omitempty"`
	Family      id.ID             `json:"family,omitempty"`
	Subject     string            `json:"subject"`
	Hazard      string            `json:"hazard,omitempty"`
	GLIDE       string            `json:"glide,omitempty"`
	Grade       health.Grade      `json:"grade,omitempty"`
	Number      int               `json:"number"`
	Corrections int               `json:"corrections,omitempty"`
	Title       string            `json:"title"`
	Lang        string            `json:"lang"`
	From        string            `json:"from"`
	Until       string            `json:"until"`
	AsOf        time.Time         `json:"as_of"`
	Next        time.Time         `json:"next,omitzero"`
	Authority   string            `json:"authority"`
	Nothing     bool              `json:"nothing,omitempty"`
	Highlights  []string          `json:"highlights,omitempty"`
	Texts       []Text            `json:"texts,omitempty"`
	Facts       []health.FactView `json:"facts,omitempty"`
	Figures     []Figure          `json:"figures,omitempty"`
	Last        *Issue            `json:"last,omitempty"`
	Call        id.ID             `json:"call,omitempty"`
	CallOwner   access.Member     `json:"call_owner,omitempty"`
	Asked       []access.Member   `json:"asked,omitempty"`
	Level       int               `json:"level,omitempty"`
	Flash       bool              `json:"flash,omitempty"`
	CutOff      time.Time         `json:"cut_off,omitzero"`
	Inputs      []Input           `json:"inputs,omitempty"`
	To          []access.Member   `json:"to,omitempty"`
	Cleared     time.Time         `json:"cleared,omitzero"`
	ClearedAs   string            `json:"cleared_as,omitempty"`
	Issued      time.Time         `json:"issued,omitzero"`
	Release     id.ID             `json:"release,omitempty"`
	Corrects    id.ID             `json:"corrects,omitempty"`
	Changes     []string          `json:"changes,omitempty"`
	Why         string            `json:"why,omitempty"`
	Marking     access.Marking    `json:"marking"`
	Exercise    string            `json:"exercise,omitempty"`
	Reason      string            `json:"reason,omitempty"` // of a withdrawal or return; empty in a release
	Changed     time.Time         `json:"changed"`
}

// Text is a part in the report's own language.
func (v *ReportView) Text(part string) string { return textOf(v.Texts, part, v.Lang) }

// Marks reports whether a correction changed what the key names.
func (v *ReportView) Marks(key string) bool { return slices.Contains(v.Changes, key) }

// Count is how many of the members that were asked stand so.
func (v *ReportView) Count(s ...Stands) int {
	n := 0
	for _, in := range v.Inputs {
		if slices.Contains(s, in.Stands) {
			n++
		}
	}
	return n
}

func viewReport(r *Report) ReportView {
	return ReportView{
		ID: r.ID, Owner: r.Owner, Version: r.Version, State: r.State, Scope: r.Scope, Event: r.Event, Family: r.Family, Subject: r.Subject,
		Hazard: r.Hazard, GLIDE: r.GLIDE, Grade: r.Grade, Number: r.Number, Corrections: r.Corrected, Title: r.Title, Lang: r.Lang,
		From: r.From, Until: r.Until, AsOf: r.AsOf, Next: r.Next, Authority: r.Authority, Nothing: r.Nothing,
		Highlights: slices.Clone(r.Highlights), Texts: slices.Clone(r.Texts), Facts: r.Facts, Figures: r.Figures, Last: r.Last,
		Call: r.Call, CallOwner: r.CallOwner, Asked: slices.Clone(r.Asked), Level: r.Level, Flash: r.Flash, CutOff: r.CutOff, Inputs: r.Inputs, To: slices.Clone(r.To),
		Cleared: r.Cleared.At, ClearedAs: r.Cleared.Post, Issued: r.Issued, Release: r.Release, Corrects: r.Corrects, Changes: r.Changes,
		Why: r.Why, Marking: r.Marking, Exercise: r.Exercise, Reason: r.Reason, Changed: r.Changed.At,
	}
}

// CallView is the body of a request for an input.
type CallView struct {
	ID       id.ID          `json:"id"` // the regional report
	Owner    access.Member  `json:"owner"`
	Family   id.ID          `json:"family"`
	Name     string         `json:"name"`
	Hazard   string         `json:"hazard,omitempty"`
	Number   int            `json:"number"`
	From     string         `json:"from"`
	Until    string         `json:"until"`
	CutOff   time.Time      `json:"cut_off"`
	Lang     string         `json:"lang"`
	Words    string         `json:"words,omitempty"`
	Level    int            `json:"level,omitempty"` // in force, whose rhythm asks
	Flash    bool           `json:"flash,omitempty"`
	Reminded time.Time      `json:"reminded,omitzero"`
	Ended    bool           `json:"ended,omitempty"` // no more inputs are awaited
	Version  int            `json:"version"`
	Marking  access.Marking `json:"marking"`
}

// Capabilities of the part: what is not a step of a record.
var Capabilities = access.Capabilities{
	{Name: "sitrep.read", By: readers, Scope: "health.read"},
	{Name: "sitrep.export", By: readers, Scope: "health.read"},
}

// readers are those of the desk.
var readers = readersOf("health.read")

func readersOf(name string) []access.Role {
	for _, c := range health.Capabilities {
		if c.Name == name {
			return c.By
		}
	}
	return nil
}

// sees is the rule for one report: the reach of the desk, as for an event. A
// regional report concerns other members.
func sees(r health.Reach, h *desk.Head, own, regional bool) bool {
	switch {
	case r.None:
		return false
	case r.NoRed && h.Marking == access.TLPRed:
		return false
	case r.Places != nil && (!own || regional || !slices.Contains(r.Places, h.Place)):
		return false
	}
	return true
}

func reach(a access.Actor) health.Reach {
	r := health.ReachOf(a)
	if a.Scopes != nil && !a.InScope("health.read") {
		r.None = true
	}
	return r
}
