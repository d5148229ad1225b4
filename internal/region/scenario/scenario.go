// Package scenario reads the text files that say what happens in an exercise:
// who records, notifies, verifies, answers or stays silent, and when. The
// format is described in docs/operate/scenarios.md.
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
	Note   string // what is real and what is invented
	Shows  string // what a person sees who plays it
	Speed  float64
	Starts time.Time
	Ends   time.Time
	Counts Counts
	Steps  []Step

	names map[string]Kind // that its steps made
}

// Days is how long it lasts by its own clock.
func (s *Scenario) Days() float64 { return s.Ends.Sub(s.Starts).Hours() / 24 }

// Counts names a table of daily totals that is used where it is present.
type Counts struct{ File, Source string }

// Step is one line of the script with its fields.
type Step struct {
	In     string // id of the scenario whose file holds the line
	Line   int
	At     time.Time
	Member access.Member
	Role   access.Role // who takes it; empty: whose task it is
	Verb   Verb
	Name   string // the record it speaks of, or the one that it makes
	Other  string // a second record that it speaks of
	As     string // the name that the new record gets, where Name is another
	From   access.Member
	Choice string
	Day    string
	Words  string // reason, answer, question; of a move: the verb first
	Fields map[string]string
	Lists  map[string][]string // fields of which each line is one item
	Facts  []FactLine
}

// Field is the text of a field, or what is said where it is absent.
func (s *Step) Field(name, otherwise string) string {
	if v := s.Fields[name]; v != "" {
		return v
	}
	return otherwise
}

// Many are the words of a field that holds several with spaces between.
func (s *Step) Many(name string) []string { return strings.Fields(s.Fields[name]) }

// FactLine is one "fact" field: INDICATOR CLASS VALUE PLACE DATE KEY=VALUE … |
// source | note.
type FactLine struct {
	Indicator, Class, Place, Source, Note string
	Value                                 int64
	AsOf                                  time.Time
	// The parts of it that a KEY=VALUE may name.
	Age, Sex, Group, From, To, Granularity, Method string
	Of                                             int64
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
		s, err := Parse(string(b), out...)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Parse reads a scenario; every fault names its line and how to mend it. It may
// continue one of the known ones.
func Parse(text string, known ...*Scenario) (*Scenario, error) {
	if len(text) > MaxSize {
		return nil, fault.New(fault.Invalid, "fault.scenario.size").With("max", MaxSize)
	}
	p := &parser{names: map[string]Kind{}, others: known}
	p.out.Speed = 1
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		p.read(strings.TrimRight(line, " \t\r"))
	}
	p.finish()
	if err := p.check.Err(); err != nil {
		return nil, err
	}
	p.out.names = p.names
	return &p.out, nil
}
