package scenario

// Kinds of names of an operations centre.
const (
	Incident Kind = "incident"
	Critical Kind = "critical" // information requirement
)

var incidentKinds = []Kind{Incident, Critical}

// Verbs of an operations centre.
const (
	Activate   Verb = "activate"     // opens an incident
	Staff      Verb = "staff"        // names posts for a shift, who take over
	PlanNext   Verb = "action_plan"  // of the next period, approved by a second person
	LogLine    Verb = "log"          // writes into the activity log
	Critically Verb = "critical"     // asks for critical information
	Ring       Verb = "ring"         // it has happened
	AckRing    Verb = "ack_ring"     // the named function answers
	Mode       Verb = "mode"         // of the centre
	StandDown  Verb = "stand_down"   // lists what is to be released
	CloseDown  Verb = "close_centre" // with a reason where not all is released
)

var incidentForms = map[Verb]form{
	Activate: {"+incident 'on' event", "name! trigger! decided! mode marking"},
	// a post is FUNCTION ROLE
	Staff: {"incident", "post!=list hours=span"},
	// an objective is FUNCTION | text | measure, an assignment FUNCTION | task |
	// place, a channel FUNCTION | means | number
	PlanNext:   {"incident", "objective=list assignment=list channel=list situation safety lasts=span"},
	LogLine:    {"incident words", "notable"},
	Critically: {"+critical 'for' incident words", "tell! within!=span watch"},
	Ring:       {"critical words?", ""},
	AckRing:    {"critical words", ""},
	Mode:       {"incident watch|alert|response|recovery words", ""},
	StandDown:  {"incident words", ""},
	CloseDown:  {"incident words", ""},
}
