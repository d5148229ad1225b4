package timeliness

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
)

// Limits of what a person enters.
const (
	MaxText    = 1000
	MaxFactors = 40
	MaxPauses  = 20
)

// Categories of bottlenecks and enablers: the technical areas of the Joint
// External Evaluation tool, third edition (WHO 2022).
var Categories = []string{"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "D1", "D2", "D3", "R1", "R2", "R3", "R4", "R5", "PoE", "CE", "RE"}

// Horizons of what is to be done about a bottleneck.
var Horizons = []string{"immediate", "longer"}

// Factor is a bottleneck, or an enabler.
type Factor struct {
	Enabler  bool   `json:"enabler,omitempty"`
	Clock    Clock  `json:"clock"`
	Category string `json:"category"`
	Text     string `json:"text"`
	Action   string `json:"action,omitempty"` // of a bottleneck
	Horizon  string `json:"horizon,omitempty"`
}

// Record is the timeliness of one event of this member. While it is a draft
// the dates are those of the event; a confirmation keeps them.
type Record struct {
	desk.Head
	Event    id.ID           `json:"event"`
	Actions  []Action        `json:"actions,omitempty"`
	Pauses   []Pause         `json:"pauses,omitempty"`
	Factors  []Factor        `json:"factors,omitempty"`
	Dates    Dates           `json:"dates,omitzero"`
	EventAt  int             `json:"event_at,omitempty"` // version of the event that was confirmed
	Judged   time.Time       `json:"judged,omitzero"`    // as of when the results were confirmed
	EditedBy id.ID           `json:"edited_by,omitempty"`
	To       []access.Member `json:"to,omitempty"` // of the last release
	Release  id.ID           `json:"release,omitempty"`
	Reason   string          `json:"reason,omitempty"`

	event *health.EventView // loaded with it
}

// Fixed reports whether the dates were confirmed.
func (r *Record) Fixed() bool { return r.State != "" && r.State != Draft }

// DatesNow are the dates that count: the confirmed ones, or those of the event.
func (r *Record) DatesNow() Dates {
	if r.Fixed() || r.event == nil {
		return r.Dates
	}
	return datesOf(r.event)
}

func datesOf(e *health.EventView) Dates {
	return Dates{Emergence: e.Emergence, Detection: e.Detection, Notification: e.Notified}
}

// validate checks what was entered. now is the desk's time.
func validate(r *Record, now time.Time) error {
	var c fault.Check
	checkContent(&c, r.Actions, r.Pauses, r.Factors, now)
	c.That(utf8.RuneCountInString(r.Reason) <= MaxText, "reason", "fault.too_long", fault.Args{"max": MaxText})
	return c.Err()
}

// checkContent is the same for what a person enters and what another member
// releases.
func checkContent(c *fault.Check, actions []Action, pauses []Pause, factors []Factor, now time.Time) {
	seen := map[ActionKey]bool{}
	for i := range actions {
		a := &actions[i]
		a.Evidence = strings.TrimSpace(a.Evidence)
		name := "action." + string(a.Key)
		c.That(slices.Contains(ActionKeys, a.Key) && !seen[a.Key], "actions", "fault.timeliness.action")
		seen[a.Key] = true
		c.That(a.Answer == NotAnswered || slices.Contains(Answers, a.Answer), name+".answer", "fault.timeliness.answer")
		c.That(a.Answer == Done || a.On.IsZero(), name+".on", "fault.timeliness.not_done")
		c.That(a.Answer != NotApplicable || a.Evidence != "", name+".evidence", "fault.timeliness.why_not")
		c.That(utf8.RuneCountInString(a.Evidence) <= MaxText, name+".evidence", "fault.too_long", fault.Args{"max": MaxText})
		if !a.On.IsZero() {
			from, _, ok := a.On.Span()
			c.That(ok || a.On.Precision == health.Unknown, name+".on", "fault.health.date")
			c.That(!ok || !from.After(now.AddDate(0, 0, 1)), name+".on", "fault.health.date_future")
		}
	}
	c.That(len(pauses) <= MaxPauses, "pauses", "fault.too_many", fault.Args{"max": MaxPauses})
	for i := range pauses {
		p := &pauses[i]
		p.Reason = strings.TrimSpace(p.Reason)
		from, e1 := time.Parse(time.DateOnly, p.From)
		to, e2 := time.Parse(time.DateOnly, p.To)
		c.Row(slices.Contains(Clocks, p.Clock), i+1, "pause.clock", "fault.timeliness.clock")
		c.Row(e1 == nil && e2 == nil && !to.Before(from) && days(from, to) < 366, i+1, "pause.from", "fault.timeliness.pause")
		c.Row(p.Reason != "", i+1, "pause.reason", "fault.timeliness.pause_reason")
		c.Row(utf8.RuneCountInString(p.Reason) <= MaxText, i+1, "pause.reason", "fault.too_long", fault.Args{"max": MaxText})
	}
	c.That(len(factors) <= MaxFactors, "factors", "fault.too_many", fault.Args{"max": MaxFactors})
	for i := range factors {
		f := &factors[i]
		f.Text, f.Action = strings.TrimSpace(f.Text), strings.TrimSpace(f.Action)
		c.Row(slices.Contains(Clocks, f.Clock), i+1, "factor.clock", "fault.timeliness.clock")
		c.Row(slices.Contains(Categories, f.Category), i+1, "factor.category", "fault.timeliness.category")
		c.Row(f.Text != "", i+1, "factor.text", "fault.timeliness.factor_text")
		c.Row(f.Horizon == "" || slices.Contains(Horizons, f.Horizon), i+1, "factor.horizon", "fault.timeliness.horizon")
		c.Row(utf8.RuneCountInString(f.Text) <= MaxText && utf8.RuneCountInString(f.Action) <= MaxText, i+1, "factor.text", "fault.too_long", fault.Args{"max": MaxText})
	}
}
