package timeliness

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// States of a record.
const (
	Draft     workflow.State = "draft"
	Confirmed workflow.State = "confirmed"
	Released  workflow.State = "released"
)

var (
	writers  = []access.Role{access.DutyOfficer, access.Epidemiologist, access.SecretariatDsk}
	clearers = []access.Role{access.Approver}
)

// Needs, each with the sentence "need.<name>".
var (
	// answered: whether each of the seven applies was asked; a date may be
	// missing, and then the result says so.
	answered = workflow.Need[Record]{Name: "timeliness.answered", Check: func(r Record, _ access.Actor, _ time.Time) bool {
		for _, key := range ActionKeys {
			if !slices.ContainsFunc(r.Actions, func(a Action) bool { return a.Key == key && a.Answer != NotAnswered }) {
				return false
			}
		}
		return true
	}}
	secondPerson = workflow.Need[Record]{Name: "timeliness.second_person", Check: func(r Record, a access.Actor, _ time.Time) bool {
		return a.Account != "" && a.Account != r.EditedBy
	}}
	reason = workflow.Need[Record]{Name: "timeliness.reason", Check: func(r Record, _ access.Actor, _ time.Time) bool { return r.Reason != "" }}
	// recipients: others of the region, each once.
	recipients = workflow.Need[Record]{Name: "timeliness.recipients", Check: func(r Record, _ access.Actor, _ time.Time) bool {
		seen := map[access.Member]bool{r.Owner: true}
		for _, m := range r.To {
			if seen[m] || !slices.Contains(access.All(), m) {
				return false
			}
			seen[m] = true
		}
		return len(r.To) > 0
	}}
	// marking: never more open than the event is now.
	marking = workflow.Need[Record]{Name: "timeliness.marking", Check: func(r Record, _ access.Actor, _ time.Time) bool {
		return r.event != nil && r.Marking.Valid() && !r.event.Marking.Stricter(r.Marking)
	}}
)

// Records is the table of the timeliness of an event.
var Records = &workflow.Table[Record]{
	Record: "timeliness.record", Track: "main", Version: "1",
	Initial: Draft,
	Place:   func(r Record) string { return r.Place },
	State:   func(r Record) workflow.State { return r.State },
	Steps: []workflow.Step[Record]{
		{From: []workflow.State{""}, Verb: "begin", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "confirm", To: Confirmed, By: clearers, Needs: []workflow.Need[Record]{answered, secondPerson}},
		{From: []workflow.State{Confirmed}, Verb: "release", To: Released, By: clearers, Needs: []workflow.Need[Record]{recipients, marking}, Tells: []string{"recipients"}},
		{From: []workflow.State{Confirmed}, Verb: "reopen", To: Draft, By: writers, Needs: []workflow.Need[Record]{reason}},
		{From: []workflow.State{Released}, Verb: "withdraw", To: Draft, By: clearers, Needs: []workflow.Need[Record]{reason}, Tells: []string{"recipients"}},
	},
}
