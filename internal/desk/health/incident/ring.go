package incident

import (
	"maps"
	"slices"
	"time"

	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Watched are what the node itself can see in the records of the events; empty
// is a requirement that only a person can ring.
var Watched = []string{"", "new_place", "health_worker", "death", "notification"}

// Requirement is a critical information requirement: something that must be
// told at once when it happens.
type Requirement struct {
	desk.Head
	Incident  id.ID     `json:"incident"`
	Text      string    `json:"text"`
	Threshold string    `json:"threshold,omitempty"` // in words: from when on
	Tell      string    `json:"tell"`                // function that must acknowledge
	Minutes   int       `json:"minutes"`             // within which
	Watch     string    `json:"watch,omitempty"`
	Hazard    string    `json:"hazard,omitempty"` // of watched notifications; empty: any
	Least     int       `json:"least,omitempty"`  // a watched number rings when it has grown by this
	From      time.Time `json:"from"`             // what was before does not ring
	// Highest is the highest number that was seen, by event; Places where cases
	// were seen.
	Highest map[id.ID]int64    `json:"highest,omitempty"`
	Places  map[id.ID][]string `json:"places,omitempty"`
	Reason  string             `json:"reason,omitempty"`
}

func (r *Requirement) columns() columns { return columns{Incident: r.Incident, At: r.Created.At} }

// MaxMinutes is the longest time in which a ring must be acknowledged.
const MaxMinutes = 24 * 60

func validateRequirement(r *Requirement) error {
	var c fault.Check
	trim(&r.Text, &r.Threshold, &r.Reason)
	c.That(r.Text != "", "text", "fault.incident.requirement")
	c.That(!long(r.Text, MaxLine), "text", "fault.too_long", fault.Args{"max": MaxLine})
	c.That(!long(r.Threshold, MaxLine), "threshold", "fault.too_long", fault.Args{"max": MaxLine})
	c.That(!long(r.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(KnownFunction(r.Tell), "tell", "fault.incident.function")
	c.That(r.Minutes >= 1 && r.Minutes <= MaxMinutes, "minutes", "fault.incident.minutes", fault.Args{"max": MaxMinutes})
	c.That(slices.Contains(Watched, r.Watch), "watch", "fault.incident.watch")
	c.That(r.Least >= 0 && r.Least <= 1_000_000, "least", "fault.incident.least")
	_, known := health.HazardByKey(r.Hazard)
	c.That(r.Hazard == "" || known, "hazard", "fault.health.hazard")
	return c.Err()
}

// clone is a copy whose memory can be changed.
func (r *Requirement) clone() Requirement {
	c := *r
	c.Highest, c.Places = maps.Clone(r.Highest), map[id.ID][]string{}
	for k, v := range r.Places {
		c.Places[k] = slices.Clone(v)
	}
	if c.Highest == nil {
		c.Highest = map[id.ID]int64{}
	}
	return c
}

// Ring is one time that a requirement was met. It rings until the named function
// has acknowledged it; the more time passes, the higher it goes.
type Ring struct {
	desk.Head
	Incident     id.ID             `json:"incident"`
	IncidentName string            `json:"incident_name"`
	Requirement  id.ID             `json:"requirement"`
	Text         string            `json:"text"` // of the requirement, as it was
	Tell         string            `json:"tell"`
	Minutes      int               `json:"minutes"`
	Words        string            `json:"words,omitempty"` // of who rang
	Key          string            `json:"key,omitempty"`   // what the node saw: sentence with its arguments
	Args         map[string]string `json:"args,omitempty"`
	Seen         string            `json:"seen,omitempty"` // the same thing rings once
	Href         string            `json:"href,omitempty"`
	Rung         time.Time         `json:"rung"`
	RungAs       string            `json:"rung_as"`
	Escalated    time.Time         `json:"escalated,omitzero"` // the first time
	Times        int               `json:"times,omitempty"`    // escalated
	Acked        time.Time         `json:"acked,omitzero"`
	AckedAs      string            `json:"acked_as,omitempty"`
	AckedFor     string            `json:"acked_for,omitempty"` // the function that acknowledged; empty: nobody was on duty
	Answer       string            `json:"answer,omitempty"`

	may  []id.ID // accounts that may acknowledge
	free bool    // nobody is on duty who must: anybody may
}

func (r *Ring) columns() columns {
	c := columns{Incident: r.Incident, At: r.Rung}
	if r.Seen != "" {
		c.Mark = "ring|" + string(r.Requirement) + "|" + r.Seen
	}
	return c
}

// Open reports whether nobody has acknowledged it.
func (r *Ring) Open() bool { return r.State == Ringing || r.State == Escalated }

// Waited is how long it rang, or has been ringing.
func (r *Ring) Waited(now time.Time) time.Duration {
	if !r.Acked.IsZero() {
		now = r.Acked
	}
	return now.Sub(r.Rung)
}

func validateRing(r *Ring) error {
	var c fault.Check
	trim(&r.Words, &r.Answer)
	c.That(!long(r.Words, MaxReason), "words", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(!long(r.Answer, MaxReason), "answer", "fault.too_long", fault.Args{"max": MaxReason})
	return c.Err()
}

// named are who must acknowledge: those on duty in the function; once it is
// escalated, or where the function is vacant, the incident manager too.
func (r *Ring) named(on []Duty) (may []id.ID, free bool) {
	holders := func(function string) (out []id.ID) {
		for _, d := range on {
			if d.Function == function && d.holds() {
				out = append(out, d.Holder)
			}
		}
		return out
	}
	may = holders(r.Tell)
	if r.State == Escalated || len(may) == 0 {
		may = append(may, holders(Manager)...)
	}
	return may, len(may) == 0
}
