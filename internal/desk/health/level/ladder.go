package level

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// The ladder of levels and the rules of adoption are data, in files that
// people read and approve. A proposal names the rule it is decided by, with
// its version and digest; a node with another text of it cannot say what was
// decided, and says so.

//go:embed rules/*.json
var ruleFS embed.FS

// Top is the highest level.
const Top = 4

// What silence means at the end of the window.
const (
	Waits    = "waits"    // silence is no position: it counts for nothing
	Consents = "consents" // silence is consent, as the proposal said beforehand
)

// Rule is how positions become an outcome. The quorum is how many states must
// stand behind a proposal or abstain, the proposer among them: a number, or
// more than a share of the states that are concerned.
type Rule struct {
	Key      string `json:"key"`
	Version  string `json:"version"`
	Source   string `json:"source"`
	Silence  string `json:"silence"`
	Dissents int    `json:"dissents"` // how many may disagree and it is still adopted
	Quorum   int    `json:"quorum,omitempty"`
	MoreThan [2]int `json:"more_than,omitzero"` // numerator and denominator, in place of Quorum
	Digest   string `json:"-"`
}

// Needed is the quorum among so many states.
func (r Rule) Needed(states int) int {
	if r.MoreThan[1] == 0 {
		return r.Quorum
	}
	return states*r.MoreThan[0]/r.MoreThan[1] + 1
}

// Step is one level of the ladder.
type Step struct {
	Level    int      `json:"level"`
	Criteria []string `json:"criteria"`
	Window   int      `json:"window_hours"`
	Review   int      `json:"review_days"`  // the latest review date
	Report   int      `json:"report_hours"` // between two situation reports; 0: none
	Rules    []string `json:"rules"`        // that it may be decided by, the default first
}

// Ladder is the table of levels.
type Ladder struct {
	Version string `json:"version"`
	Source  string `json:"source"`
	Levels  []Step `json:"levels"`
	Digest  string `json:"-"`
}

// tables hold every version of a rule that was ever shipped, the oldest first:
// a decision keeps the rule that it was made by.
type tables struct {
	ladder Ladder
	rules  map[string][]Rule
}

var loaded = sync.OnceValue(func() tables {
	t := tables{rules: map[string][]Rule{}}
	files, err := fs.Glob(ruleFS, "rules/*.json")
	if err != nil {
		panic(err) // the pattern is fixed
	}
	for _, f := range files {
		b, err := ruleFS.ReadFile(f)
		if err != nil {
			panic(err) // embedded above
		}
		sum := sha256.Sum256(b)
		digest := hex.EncodeToString(sum[:8])
		if f == "rules/ladder.json" {
			err = json.Unmarshal(b, &t.ladder)
			t.ladder.Digest = digest
		} else {
			var r Rule
			err = json.Unmarshal(b, &r)
			r.Digest = digest
			t.rules[r.Key] = append(t.rules[r.Key], r)
		}
		if err != nil {
			panic(f + ": " + err.Error()) // a test reads every file
		}
	}
	for _, versions := range t.rules {
		slices.SortFunc(versions, func(a, b Rule) int { return number(a.Version) - number(b.Version) })
	}
	return t
})

func number(version string) int {
	n, err := strconv.Atoi(version)
	if err != nil {
		return 0
	}
	return n
}

// Current is the ladder that this program carries.
func Current() Ladder { return loaded().ladder }

// RuleBy finds a rule of adoption in its newest version.
func RuleBy(key string) (Rule, bool) {
	versions := loaded().rules[key]
	if len(versions) == 0 {
		return Rule{}, false
	}
	return versions[len(versions)-1], true
}

// RuleAt finds the text of a rule that a proposal names.
func RuleAt(key, version, digest string) (Rule, bool) {
	for _, r := range loaded().rules[key] {
		if r.Version == version && r.Digest == digest {
			return r, true
		}
	}
	return Rule{}, false
}

// Rules are the keys of all rules.
func Rules() []string { return slices.Sorted(maps.Keys(loaded().rules)) }

// At is a step of the ladder.
func (l Ladder) At(level int) (Step, bool) {
	i := slices.IndexFunc(l.Levels, func(s Step) bool { return s.Level == level })
	if i < 0 {
		return Step{}, false
	}
	return l.Levels[i], true
}

// Every is the time between two situation reports at a level.
func (s Step) Every() time.Duration { return time.Duration(s.Report) * time.Hour }

// valid refuses a rule text that decides nothing.
func (r Rule) valid() error {
	if r.Key == "" || r.Version == "" || r.Source == "" || r.Silence != Waits && r.Silence != Consents || r.Dissents < 0 || r.Needed(len(access.States)) < 1 || r.Needed(1) < 1 ||
		r.MoreThan[1] != 0 && (r.MoreThan[0] < 0 || r.MoreThan[0] >= r.MoreThan[1]) {
		return fault.New(fault.Invalid, "fault.level.rule")
	}
	return nil
}
