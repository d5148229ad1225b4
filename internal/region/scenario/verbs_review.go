package scenario

// Kinds of names of a review.
const (
	Debrief Kind = "debrief"
	Finding Kind = "finding"
	Action  Kind = "action" // proposed to a member, who alone accepts it
)

var reviewKinds = []Kind{Debrief, Finding, Action}

// Verbs of a review, and of the trail that follows it.
const (
	LookBack Verb = "debrief" // plans a review and locks its evidence
	FindOut  Verb = "finding"
	Conclude Verb = "conclude" // validated, cleared and released
	Propose  Verb = "propose"
	TakeOn   Verb = "take_on"
	TurnAway Verb = "turn_away"
	Carried  Verb = "carried_out"
	Verified Verb = "checked"
	Drop     Verb = "drop"
	Follow   Verb = "follow"
	Wind     Verb = "close_review"
)

var reviewForms = map[Verb]form{
	LookBack: {"+debrief 'of' event", "title! sort from!=day until!=day moment=list marking"},
	FindOut:  {"+finding 'in' debrief", "title! sort planned! happened! cause! factor!=list theme! affected=words affected_how evidence! marking"},
	Conclude: {"debrief", "summary! words! to!=members"},
	Propose:  {"+action 'from' finding", "title! for! inform=members deliverable! by!=day measure! marking"},
	TakeOn:   {"action", ""},
	TurnAway: {"action words", ""},
	Carried:  {"action words", ""},
	Verified: {"action words", ""},
	Drop:     {"action words", ""},
	Follow:   {"debrief", ""},
	Wind:     {"debrief", ""},
}
