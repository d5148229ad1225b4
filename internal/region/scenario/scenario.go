// Package scenario reads the text files that say what happens in an exercise:
// who records, notifies, answers or stays silent, and when. The format is
// described in docs/operate/scenarios.md.
package scenario

import (
	"embed"
	"io/fs"
	"sort"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// Scenario is one exercise.
type Scenario struct {
	ID     string
	Title  string
	Note   string
	Starts time.Time
	Ends   time.Time
	Steps  []Step
}

// Verb is what a step does.
type Verb string

const (
	Record      Verb = "record"      // record NAME
	Facts       Verb = "facts"       // facts EVENT
	Move        Verb = "move"        // move EVENT VERB [reason]
	Notify      Verb = "notify"      // notify EVENT as NAME
	Update      Verb = "update"      // update NOTIFICATION as NAME
	Withdraw    Verb = "withdraw"    // withdraw NOTIFICATION reason
	Remind      Verb = "remind"      // remind NOTIFICATION
	Open        Verb = "open"        // open NOTIFICATION
	Acknowledge Verb = "acknowledge" // acknowledge NOTIFICATION [words]
	Ask         Verb = "ask"         // ask NOTIFICATION words
	Refuse      Verb = "refuse"      // refuse NOTIFICATION words
	Answer      Verb = "answer"      // answer NOTIFICATION from MEMBER words
	Cut         Verb = "cut"         // cut: the member's node loses the network
	Reconnect   Verb = "reconnect"
)

// Step is one line of the script with its fields.
type Step struct {
	Line   int
	At     time.Time
	Member access.Member
	Verb   Verb
	Name   string // the event or notification it speaks of
	As     string // the name that the new notification gets
	From   access.Member
	Words  string // reason, answer, question; of a move: the verb first
	Fields map[string]string
	Facts  []FactLine
}

// FactLine is one "fact" field: INDICATOR CLASS VALUE PLACE DATE | source.
type FactLine struct {
	Indicator, Class, Place, Source string
	Value                           int64
	AsOf                            time.Time
}

// MaxSize is the largest scenario file, in bytes.
const MaxSize = 1 << 20

//go:embed files/*.txt
var shipped embed.FS

// Shipped are the scenarios that come with the program, by id.
func Shipped() ([]*Scenario, error) {
	names, err := fs.Glob(shipped, "files/*.txt")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var out []*Scenario
	for _, n := range names {
		b, err := shipped.ReadFile(n)
		if err != nil {
			return nil, err
		}
		s, err := Parse(string(b))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Parse reads a scenario; every fault names its line and how to mend it.
func Parse(text string) (*Scenario, error) {
	if len(text) > MaxSize {
		return nil, fault.New(fault.Invalid, "fault.scenario.size").With("max", MaxSize)
	}
	p := &parser{names: map[string]Verb{}}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		p.read(strings.TrimRight(line, " \t\r"))
	}
	p.finish()
	if err := p.check.Err(); err != nil {
		return nil, err
	}
	return &p.out, nil
}
