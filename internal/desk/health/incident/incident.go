package incident

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/locale"
)

// Limits of what a person enters, in characters or items.
const (
	MaxName   = health.MaxName
	MaxText   = 4000
	MaxLine   = 300
	MaxReason = health.MaxReason
	MaxEvents = 20
	MaxRows   = 40 // of a plan's tables
)

// Modes of an operations centre.
var Modes = []string{"watch", "alert", "response", "recovery"}

// ShiftHours are the lengths of a shift.
var ShiftHours = []int{8, 12, 24}

// Subject is an event for which the centre was activated, own or received.
type Subject struct {
	ID    id.ID         `json:"id"`
	Name  string        `json:"name"`
	Owner access.Member `json:"owner"`
}

// Incident is one activation of this node's operations centre.
type Incident struct {
	desk.Head
	Name       string    `json:"name"`
	Lang       string    `json:"lang"`
	Mode       string    `json:"mode"`
	Trigger    string    `json:"trigger"`
	Cost       string    `json:"cost,omitempty"` // code to which the response is booked
	DecidedBy  string    `json:"decided_by"`
	Since      time.Time `json:"since"`
	Level      int       `json:"level,omitempty"` // of the national activation
	Activation id.ID     `json:"activation,omitempty"`
	Events     []Subject `json:"events,omitempty"`
	Functions  []string  `json:"functions"` // that must be filled
	Hours      int       `json:"shift_hours"`
	Reason     string    `json:"reason,omitempty"` // of the last change of mode or state
	Ended      time.Time `json:"ended,omitzero"`

	left int // check-outs and duties that are not finished, for the needs
}

func (r *Incident) columns() columns {
	c := columns{Incident: r.ID, At: r.Since}
	words := []string{r.Name, r.Trigger, r.Cost, r.DecidedBy, string(r.ID)}
	for _, e := range r.Events {
		words = append(words, e.Name)
	}
	c.Needle = health.Fold(strings.Join(words, "\n"))
	if r.Activation != "" { // one press opens one incident, not two
		c.Mark = "activation|" + string(r.Activation)
	}
	return c
}

func long(s string, n int) bool { return utf8.RuneCountInString(s) > n }

func trim(ss ...*string) {
	for _, s := range ss {
		*s = strings.TrimSpace(*s)
	}
}

func language(s string) bool {
	return slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Code == s })
}

func validateIncident(r *Incident) error {
	var c fault.Check
	trim(&r.Name, &r.Trigger, &r.Cost, &r.DecidedBy, &r.Reason)
	c.That(r.Name != "", "name", "fault.incident.name")
	c.That(!long(r.Name, MaxName), "name", "fault.too_long", fault.Args{"max": MaxName})
	c.That(r.Trigger != "", "trigger", "fault.incident.trigger")
	c.That(!long(r.Trigger, MaxText), "trigger", "fault.too_long", fault.Args{"max": MaxText})
	c.That(r.DecidedBy != "", "decided_by", "fault.incident.decided_by")
	c.That(!long(r.DecidedBy, MaxName), "decided_by", "fault.too_long", fault.Args{"max": MaxName})
	c.That(!long(r.Cost, 60), "cost", "fault.too_long", fault.Args{"max": 60})
	c.That(!long(r.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(slices.Contains(Modes, r.Mode), "mode", "fault.incident.mode")
	c.That(language(r.Lang), "lang", "fault.health.lang")
	c.That(r.Marking.Valid(), "marking", "fault.health.marking")
	c.That(slices.Contains(ShiftHours, r.Hours), "hours", "fault.incident.hours")
	c.That(!r.Since.IsZero(), "since", "fault.incident.since")
	c.That(len(r.Events) <= MaxEvents, "events", "fault.too_many", fault.Args{"max": MaxEvents})
	c.That(slices.Contains(r.Functions, Manager), "functions", "fault.incident.manager_needed")
	c.That(!slices.ContainsFunc(r.Functions, func(f string) bool { return !KnownFunction(f) }), "functions", "fault.incident.function")
	return c.Err()
}

// writable refuses what somebody would add to a closed incident.
func (r *Incident) writable() error {
	if r.State == Closed {
		return fault.New(fault.Conflict, "fault.incident.closed")
	}
	return nil
}

// Has reports whether the incident is about an event.
func (r *Incident) Has(event id.ID) bool {
	return slices.ContainsFunc(r.Events, func(s Subject) bool { return s.ID == event })
}
