package scenario

import (
	"maps"
	"slices"
	"strings"
)

// Verb is what a step does.
type Verb string

// Kind is what a name of the script stands for.
type Kind string

// Kinds of names.
const (
	Event         Kind = "event"
	Notification  Kind = "notification"
	Signal        Kind = "signal"
	Request       Kind = "request" // for verification by another state
	Check         Kind = "check"   // of communication
	Annex2        Kind = "annex2"
	Assessment    Kind = "assessment"
	Family        Kind = "family"
	Measure       Kind = "measure"
	Determination Kind = "determination"
	Note          Kind = "note" // of a handover
)

// Verbs of events and notifications.
const (
	Record      Verb = "record"
	Facts       Verb = "facts"
	Move        Verb = "move"
	Describe    Verb = "describe"
	Merge       Verb = "merge"
	Notify      Verb = "notify"
	Update      Verb = "update"
	Withdraw    Verb = "withdraw"
	Remind      Verb = "remind"
	Open        Verb = "open"
	Acknowledge Verb = "acknowledge"
	Ask         Verb = "ask"
	Refuse      Verb = "refuse"
	Answer      Verb = "answer"
	Cut         Verb = "cut"
	Reconnect   Verb = "reconnect"
)

// Verbs of signals and of verification between states.
const (
	Report  Verb = "signal"
	Claim   Verb = "claim"
	Triage  Verb = "triage"
	Begin   Verb = "begin"
	Monitor Verb = "monitor"
	Discard Verb = "discard"
	Verify  Verb = "verify"
	Link    Verb = "link"
	Join    Verb = "join"

	Inquire Verb = "request"
	Reply   Verb = "reply"
	Extend  Verb = "extend"
	Grant   Verb = "grant"
	Respond Verb = "respond"
	Decline Verb = "decline"
	Close   Verb = "close"
)

// Verbs of the other parts of the health desk.
const (
	Call Verb = "call"
	Here Verb = "here"

	Assess2 Verb = "annex2"
	Second  Verb = "second"
	Decide  Verb = "decide"
	Told    Verb = "told"

	Assess   Verb = "assess"
	Publish  Verb = "publish"
	Position Verb = "position"

	Group    Verb = "family"
	Add      Verb = "add"
	Share    Verb = "share"
	Belongs  Verb = "belongs"
	StaysOut Verb = "stays_out"

	Plan   Verb = "measure"
	Adopt  Verb = "adopt"
	Tell   Verb = "report"
	Review Verb = "review"
	Renew  Verb = "renew"
	Lift   Verb = "lift"

	Determine Verb = "determination"
	End       Verb = "end"

	Amendments Verb = "amendments"

	HandOver   Verb = "handover"
	TakeOver   Verb = "takeover"
	Watch      Verb = "watch"
	Timeliness Verb = "timeliness"
)

// form is how a step with a verb is written. args is its pattern: "+kind" is a
// new name, "kind" one that an earlier step made, an upper-case word a value, a
// word in quotes stands as it is, a list with bars is a choice, "words" are the
// rest of the line and must be there, "words?" may be.
type form struct {
	args   string
	fields string // names with the kinds of their values; "!" after a name: needed
}

const (
	eventFields = "name! summary hazard! agent grade marking places!=words onset=date emergence=date detection=date notified=date glide fact=fact counts "
	noteFields  = "title! message to!=members purpose basis marking within=span blocks=words"
	judgeFields = "concern=list hazard reliability credibility "
	readFields  = "definition q1 q2 q3 q4 part=list"
	actFields   = "investigation analysis laboratory case_management countermeasures communication coordination"
)

// forms are the verbs of all parts. A part adds its own here, and its kinds of
// names to kinds.
var forms = joined(deskForms, responseForms, reserveForms, sopForms, incidentForms, reviewForms)

var kinds = slices.Concat([]Kind{Event, Notification, Signal, Request, Check, Annex2, Assessment, Family, Measure, Determination, Note}, responseKinds, reserveKinds, sopKinds, incidentKinds, reviewKinds)

func joined(parts ...map[Verb]form) map[Verb]form {
	out := map[Verb]form{}
	for _, p := range parts {
		maps.Copy(out, p)
	}
	return out
}

var deskForms = map[Verb]form{
	Record:      {"+event", eventFields},
	Facts:       {"event", "fact!=fact"},
	Move:        {"event words", ""},
	Merge:       {"event 'into' event words", ""},
	Describe:    {"event", "case_definition=section laboratory=section transmission=section measures=section difficulties=section support=section"},
	Notify:      {"event 'as' +notification", noteFields},
	Update:      {"notification 'as' +notification", noteFields},
	Withdraw:    {"notification words", ""},
	Remind:      {"notification", ""},
	Open:        {"notification", ""},
	Acknowledge: {"notification words?", ""},
	Ask:         {"notification words", ""},
	Refuse:      {"notification words", ""},
	Answer:      {"notification 'from' MEMBER words", ""},
	Cut:         {"", ""},
	Reconnect:   {"", ""},

	Report:  {"+signal", "source! source_name ref link text! hazard! agent population place! locality seen=date cases=count deaths=count marking"},
	Claim:   {"signal", ""},
	Triage:  {"signal", judgeFields},
	Begin:   {"signal", judgeFields},
	Monitor: {"signal words", judgeFields},
	Discard: {"signal words", judgeFields},
	Verify:  {"signal 'as' +event", eventFields + "reliability! credibility! definition lab confirmed_by! confirmed_on=date"},
	Link:    {"signal 'to' event", "reliability! credibility! definition lab confirmed_by! confirmed_on=date"},
	Join:    {"signal 'to' signal", ""},

	Inquire: {"+request 'to' MEMBER", "title! context hazard where! question!=list marking first=span answer=span event=event signal=signal"},
	Reply:   {"request words", ""},
	Extend:  {"request 'until' DAY words", ""},
	Grant:   {"request words?", ""},
	Respond: {"request confirmed|refuted|partly|unable", "summary! reply=list evidence=evidence marking event=event"},
	Decline: {"request words", ""},
	Close:   {"request words?", ""},

	Call: {"+check", "to!=members words role within=span urgent"},
	Here: {"check words?", ""},

	Assess2: {"+annex2 'of' event", readFields},
	Second:  {"annex2", readFields},
	Decide:  {"annex2 notify|consult|no words", ""},
	Told:    {"annex2 words", ""},

	Assess: {"+assessment 'of' event", "scope! title! question!=list hazard!=part exposure!=part context!=part population!=list unknown=words confidence! " +
		"action!=list contributor=list valid!=day to=members within=span marking replaces=assessment"},
	Publish:  {"assessment", ""},
	Position: {"assessment agree|dissent", "held importation! consequence! vector! immunity! season! capacity! stated reasons"},

	Group:    {"+family", "name! text hazard! marking events!=events"},
	Add:      {"family event", ""},
	Share:    {"family", "to!=members after=events"},
	Belongs:  {"family event words?", ""},
	StaysOut: {"family event words", ""},

	Plan:   {"+measure 'of' event", "type! target! title! text from!=ends into!=ends others reason! evidence! review!=day expires!=day to!=members marking"},
	Adopt:  {"measure", ""},
	Tell:   {"measure words", ""},
	Review: {"measure words", ""},
	Renew:  {"measure 'until' DAY words", ""},
	Lift:   {"measure words", ""},

	Determine: {"+determination", "kind! title! by! on!=day source! meeting recommendation=list hazard event=event grade marking"},
	End:       {"determination DAY", ""},

	Amendments: {"", "status! on!=day in_force=day words source!"},

	HandOver:   {"+note 'to' words", "words! since=span"},
	TakeOver:   {"note words?", ""},
	Watch:      {"event words", ""},
	Timeliness: {"event", actFields + " factor=factor to=members marking"},
}

// kindOf is the kind that a word of a pattern names; empty where it is another.
func kindOf(word string) Kind {
	if k := Kind(strings.TrimSuffix(strings.TrimPrefix(word, "+"), "s")); slices.Contains(kinds, k) {
		return k
	}
	return ""
}

// fieldSpec finds a field of a verb.
func fieldSpec(v Verb, name string) (kind string, needed, ok bool) {
	for _, w := range strings.Fields(forms[v].fields) {
		left, kind, _ := strings.Cut(w, "=")
		bare := strings.TrimSuffix(left, "!")
		if bare == name {
			return kind, bare != left, true
		}
	}
	return "", false, false
}

// needed are the fields that a step must have.
func needed(v Verb) []string {
	var out []string
	for _, w := range strings.Fields(forms[v].fields) {
		left, _, _ := strings.Cut(w, "=")
		if bare := strings.TrimSuffix(left, "!"); bare != left {
			out = append(out, bare)
		}
	}
	return out
}
