package handover

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// States of a note and of a watched event.
const (
	Draft      workflow.State = "draft"
	HandedOver workflow.State = "handed_over"
	Accepted   workflow.State = "accepted"
	Discarded  workflow.State = "discarded"

	OnList workflow.State = "on_list"
	Ended  workflow.State = "ended"
)

// AcceptTime is how long the next shift has to take over.
const AcceptTime = time.Hour

var keepers = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.SecretariatDsk}

// otherPerson: nobody takes over from himself.
var otherPerson = workflow.Need[Note]{Name: "handover.other_person", Check: func(n Note, a access.Actor, _ time.Time) bool {
	return n.Handed.Account != a.Account
}}

var returnWords = workflow.Need[Note]{Name: "handover.words", Check: func(n Note, _ access.Actor, _ time.Time) bool {
	return n.Remark != ""
}}

var (
	acceptWithin = &workflow.Within[Note]{Name: "handover.accept", Due: func(_ Note, now time.Time) time.Time { return now.Add(AcceptTime) }}
	noClock      = &workflow.Within[Note]{Name: "", Due: func(Note, time.Time) time.Time { return time.Time{} }}
)

// Notes is the table of a handover note.
var Notes = &workflow.Table[Note]{
	Record: "handover.note", Track: "main", Version: "1", Initial: Draft, Final: []workflow.State{Accepted, Discarded},
	State: func(n Note) workflow.State { return n.State },
	Steps: []workflow.Step[Note]{
		{From: []workflow.State{""}, Verb: "begin", To: Draft, By: keepers},
		{From: []workflow.State{Draft}, Verb: "edit", By: keepers},
		{From: []workflow.State{Draft}, Verb: "hand_over", To: HandedOver, By: keepers, Within: acceptWithin, Tells: []string{"the next shift"}},
		{From: []workflow.State{Draft}, Verb: "discard", To: Discarded, By: keepers},
		{From: []workflow.State{HandedOver}, Verb: "accept", To: Accepted, By: keepers, Needs: []workflow.Need[Note]{otherPerson}, Within: noClock},
		{From: []workflow.State{HandedOver}, Verb: "return", To: Draft, By: keepers, Needs: []workflow.Need[Note]{returnWords}, Within: noClock},
	},
}

// Watches is the table of an event on the watch list.
var Watches = &workflow.Table[Watch]{
	Record: "handover.watch", Track: "main", Version: "1", Initial: OnList, Final: []workflow.State{Ended},
	State: func(w Watch) workflow.State { return w.State },
	Steps: []workflow.Step[Watch]{
		{From: []workflow.State{""}, Verb: "watch", To: OnList, By: keepers},
		{From: []workflow.State{OnList}, Verb: "edit", By: keepers},
		{From: []workflow.State{OnList}, Verb: "unwatch", To: Ended, By: keepers},
	},
}
