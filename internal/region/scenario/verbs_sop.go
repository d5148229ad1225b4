package scenario

// Kinds of names of playbooks.
const (
	Playbook Kind = "playbook"
	SOPRun   Kind = "run"
)

var sopKinds = []Kind{Playbook, SOPRun}

// Verbs of playbooks.
const (
	Book      Verb = "playbook"     // takes a sample or a playbook of another member through review
	GiveBook  Verb = "give_book"    // releases it to members
	StartBook Verb = "start_book"   // by hand on an own event
	FindRun   Verb = "started_book" // that a level or an activation started by itself
	DoStep    Verb = "task"         // a step of a run, from accepted to done
	BlockStep Verb = "task_blocked"
	GoOnStep  Verb = "task_goes_on"
	NotHere   Verb = "task_not_here"
	CheckStep Verb = "task_verified"
	TellRun   Verb = "tell_run" // releases its progress
)

var sopForms = map[Verb]form{
	// change is what the member's own version says otherwise: old words | new words.
	Book:      {"+playbook", "sample from=playbook change=list note marking"},
	GiveBook:  {"playbook", "to!=members"},
	StartBook: {"playbook 'on' event 'as' +run", ""},
	FindRun:   {"playbook 'as' +run", ""},
	DoStep:    {"run words", "step! link"},
	BlockStep: {"run words", "step!"},
	GoOnStep:  {"run", "step!"},
	NotHere:   {"run words", "step!"},
	CheckStep: {"run", "step!"},
	TellRun:   {"run", "to!=members"},
}
