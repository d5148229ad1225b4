package skeleton

import (
	"time"

	"lintas/internal/access"
	"lintas/internal/workflow"
)

// States of a memo.
const (
	Draft    workflow.State = "draft"
	Released workflow.State = "released"
	Closed   workflow.State = "closed"
)

var writers = []access.Role{access.DutyOfficer}

// complete is a need: a small pure function with a sentence for the user.
var complete = workflow.Need[Memo]{Name: "skeleton.complete", Check: func(m Memo, _ access.Actor, _ time.Time) bool {
	return m.Text != "" && len(m.To) > 0
}}

// Memos is the table of a memo.
var Memos = &workflow.Table[Memo]{
	Record: "skeleton.memo", Track: "main", Version: "1", Initial: Draft, Final: []workflow.State{Closed},
	State: func(m Memo) workflow.State { return m.State },
	Steps: []workflow.Step[Memo]{
		{From: []workflow.State{""}, Verb: "write", To: Draft, By: writers},
		{From: []workflow.State{Draft}, Verb: "edit", By: writers},
		{From: []workflow.State{Draft}, Verb: "release", To: Released, By: writers, Needs: []workflow.Need[Memo]{complete}, Tells: []string{"recipients"}},
		{From: []workflow.State{Released}, Verb: "close", To: Closed, By: writers},
	},
}
