package incident

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Kinds of entries of the activity log.
const (
	Note     = "note"     // written by a person
	Progress = "progress" // of an objective, written by a person
	StepKind = "step"     // the incident's own steps, written by the node
)

// LateAfter is how long after the time of a happening an entry still counts as
// written at once.
const LateAfter = 15 * time.Minute

// Entry is one line of the activity log. It is never changed; a correction is
// an entry of its own that names what it corrects.
type Entry struct {
	desk.Head
	Incident  id.ID             `json:"incident"`
	At        time.Time         `json:"at"` // when it happened
	Kind      string            `json:"entry"`
	Text      string            `json:"text,omitempty"`
	Key       string            `json:"key,omitempty"` // of a step: sentence of the catalogue, with its arguments
	Args      map[string]string `json:"args,omitempty"`
	Function  string            `json:"function,omitempty"`
	Notable   bool              `json:"notable,omitempty"`
	Corrects  id.ID             `json:"corrects,omitempty"`
	Objective id.ID             `json:"objective,omitempty"`
	Status    string            `json:"status,omitempty"`
	Period    int               `json:"period,omitempty"` // in force when it was written
}

func (r *Entry) columns() columns {
	c := columns{Incident: r.Incident, At: r.At, Needle: health.Fold(r.Text)}
	if r.Corrects != "" { // an entry is corrected once; the correction may be corrected
		c.Mark = "corrects|" + string(r.Corrects)
	}
	return c
}

// Later reports whether the entry was written so long after the happening that
// a reader must know.
func (r *Entry) Later() bool { return r.Created.At.Sub(r.At) > LateAfter }

func (d *Desk) validateEntry(r *Entry) error {
	var c fault.Check
	r.Text = strings.TrimSpace(r.Text)
	c.That(r.Text != "" || r.Kind != Note && r.Key+r.Status != "", "text", "fault.incident.text")
	c.That(!long(r.Text, MaxText), "text", "fault.too_long", fault.Args{"max": MaxText})
	c.That(r.Function == "" || KnownFunction(r.Function), "function", "fault.incident.function")
	c.That(r.Objective == "" || slices.Contains(Statuses, r.Status), "status", "fault.incident.status")
	c.That(r.Status != "dropped" || r.Text != "", "text", "fault.incident.dropped")
	c.That(!r.At.IsZero() && !r.At.After(d.env.Clock.Now().Add(time.Minute)), "at", "fault.incident.future")
	return c.Err()
}

// status is how every objective stands, by the newest word that was not
// corrected.
func status(entries []Entry) map[id.ID]string {
	out := map[id.ID]string{}
	for _, e := range standing(entries) {
		if e.Objective != "" {
			out[e.Objective] = e.Status
		}
	}
	return out
}

// standing leaves out what was corrected; the order stays.
func standing(entries []Entry) []Entry {
	gone := map[id.ID]bool{}
	for _, e := range entries {
		if e.Corrects != "" {
			gone[e.Corrects] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return gone[e.ID] })
}
