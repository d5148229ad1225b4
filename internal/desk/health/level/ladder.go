package level

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"sync"
	"time"

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

// Rule is how positions become an outcome.
type Rule struct {
	Key      string `json:"key"`
	Version  string `json:"version"`
	Source   string `json:"source"`
	Silence  string `json:"silence"`
	Dissents int    `json:"dissents"` // how many may disagree and it is still adopted
	Quorum   int    `json:"quorum"`   // how many states must stand behind it or abstain, the proposer among them
	Digest   string `json:"-"`
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

type tables struct {
	ladder Ladder
	rules  map[string]Rule
}

var loaded = sync.OnceValue(func() tables {
	t := tables{rules: map[string]Rule{}}
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
			t.rules[r.Key] = r
		}
		if err != nil {
			panic(f + ": " + err.Error()) // a test reads every file
		}
	}
	return t
})

// Current is the ladder that this program carries.
func Current() Ladder { return loaded().ladder }

// RuleBy finds a rule of adoption.
func RuleBy(key string) (Rule, bool) {
	r, ok := loaded().rules[key]
	return r, ok
}

// Rules are the keys of all rules.
func Rules() []string {
	var out []string
	for k := range loaded().rules {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

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
	if r.Key == "" || r.Version == "" || r.Source == "" || r.Silence != Waits && r.Silence != Consents || r.Dissents < 0 || r.Quorum < 1 {
		return fault.New(fault.Invalid, "fault.level.rule")
	}
	return nil
}
