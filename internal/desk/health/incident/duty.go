package incident

import (
	"time"

	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Duty is one person in one function for one shift. Who handed over keeps the
// function until the next has taken it over, so that nobody thinks that somebody
// else has it.
type Duty struct {
	desk.Head
	Incident id.ID     `json:"incident"`
	Function string    `json:"function"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Holder   id.ID     `json:"holder"` // account
	Post     string    `json:"post"`   // what pages show of the holder
	Taken    time.Time `json:"taken,omitzero"`
	Handed   time.Time `json:"handed,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Brief    string    `json:"brief,omitempty"`   // of the hand-over: what was done, where things stand
	Pending  string    `json:"pending,omitempty"` // what is open, by when
	Relief   string    `json:"relief,omitempty"`  // the post that took over
	Reason   string    `json:"reason,omitempty"`

	open bool // the incident is open
}

func (r *Duty) columns() columns { return columns{Incident: r.Incident, At: r.From} }

// holds reports whether the holder has the function now.
func (r *Duty) holds() bool { return r.State == OnDuty || r.State == HandedOver }

// MaxShift is the longest that one person is on duty.
const MaxShift = 7 * 24 * time.Hour

func validateDuty(r *Duty) error {
	var c fault.Check
	trim(&r.Brief, &r.Pending, &r.Reason)
	c.That(KnownFunction(r.Function), "function", "fault.incident.function")
	c.That(r.Holder != "" && r.Post != "", "holder", "fault.incident.holder")
	c.That(!r.From.IsZero(), "from", "fault.incident.time")
	c.That(r.To.After(r.From) && r.To.Sub(r.From) <= MaxShift, "to", "fault.incident.shift")
	c.That(!long(r.Brief, MaxText), "brief", "fault.too_long", fault.Args{"max": MaxText})
	c.That(!long(r.Pending, MaxText), "pending", "fault.too_long", fault.Args{"max": MaxText})
	c.That(!long(r.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	return c.Err()
}
