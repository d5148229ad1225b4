package sop

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
)

// A playbook is a text file that people can read and print. README.md has the
// format; parse.go reads it. Its version is the digest of its text.

// Limits of a file.
const (
	MaxText  = 64 << 10 // bytes
	MaxSteps = 100
	MaxLine  = 600 // characters of a value
	MaxTitle = 160
	MaxCode  = 40
	MaxWords = 4000 // characters of words that repeat over several lines
	MaxAfter = 20
	MaxClock = 366 * 24 * time.Hour
	TopLevel = 4
)

// Plan is what a file says.
type Plan struct {
	Code     string
	Title    string
	Lang     string
	Summary  string
	Source   string
	Sample   bool
	Hazards  []string
	Triggers []Trigger
	Steps    []Step
}

// Trigger starts a playbook by itself.
type Trigger struct {
	Kind string // ByLevel or ByActivation
	Min  int    // from this level up
}

func (t Trigger) String() string { return t.Kind + " >= " + strconv.Itoa(t.Min) }

// Step is one thing to do.
type Step struct {
	Code        string
	Title       string
	Function    string
	Role        access.Role
	Within      time.Duration
	Of          string // the step whose end starts the clock; empty: the start
	After       []string
	Deliverable string
	Evidence    string // what shows that it was done; empty: nothing is asked
	Form        string
	How         string
	Level       int // only from this level up
	Optional    bool
}

// For reports whether the step is for a member. The Secretariat has no duty
// officers of a state, and a state no regional desk; both have approvers.
func (s *Step) For(m access.Member) bool {
	return s.Role == access.Approver || (s.Role == access.SecretariatDsk) == (m == access.ASEC)
}

// Functions of an incident management system, in the order of the pages.
var Functions = []string{"management", "safety", "liaison", "public_information", "operations", "planning", "logistics", "finance"}

// Workers are the roles that a step may name.
var Workers = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.IHRAuthority, access.Approver, access.SecretariatDsk}

// Fits reports whether the plan is for a hazard.
func (p *Plan) Fits(hazard string) bool {
	return len(p.Hazards) == 0 || slices.Contains(p.Hazards, hazard)
}

// StartsAt is the level from which the plan starts by this kind of decision,
// if this one starts it; 0 if not.
func (p *Plan) StartsAt(kind string, level int) int {
	for _, t := range p.Triggers {
		if t.Kind == kind && level >= t.Min {
			return t.Min
		}
	}
	return 0
}

// Canonical is the text without what does not change its meaning: line ends,
// blanks at the end of lines, empty lines at the end.
func Canonical(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// Digest names a version of a playbook by its text.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(Canonical(text)))
	return hex.EncodeToString(sum[:])
}

// Short is the digest as people compare it.
func Short(digest string) string { return digest[:min(12, len(digest))] }

// span reads a time such as 30m, 4h or 2d.
func span(s string) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[s[len(s)-1]]
	n, err := strconv.Atoi(s[:len(s)-1])
	if err != nil || unit == 0 || n < 1 || s[0] == '+' || time.Duration(n) > MaxClock/unit {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// cycle finds a circle in what waits for what: the steps in it, the first one
// again at the end; nil when there is none.
func cycle(steps []Step) []string {
	next := map[string][]string{}
	for _, s := range steps {
		next[s.Code] = slices.Clone(s.After)
		if s.Of != "" {
			next[s.Code] = append(next[s.Code], s.Of)
		}
	}
	state, path := map[string]int{}, []string(nil)
	var visit func(code string) []string
	visit = func(code string) []string {
		switch state[code] {
		case 1:
			i := slices.Index(path, code)
			return append(slices.Clone(path[i:]), code)
		case 2:
			return nil
		}
		state[code], path = 1, append(path, code)
		for _, n := range next[code] {
			if c := visit(n); c != nil {
				return c
			}
		}
		state[code], path = 2, path[:len(path)-1]
		return nil
	}
	for _, s := range steps {
		if c := visit(s.Code); c != nil {
			return c
		}
	}
	return nil
}
