package incident

import (
	"time"

	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Item is something that a function or resource still owes when it is released.
type Item struct {
	Text string `json:"text"`
	Done bool   `json:"done,omitempty"`
	To   string `json:"to,omitempty"` // who takes it on, where it is not done
}

// Checkout releases one function or resource from the incident, as in ICS-221.
type Checkout struct {
	desk.Head
	Incident  id.ID     `json:"incident"`
	Function  string    `json:"function,omitempty"` // one of the two
	Resource  string    `json:"resource,omitempty"`
	Items     []Item    `json:"items,omitempty"`
	Words     string    `json:"words,omitempty"` // where it goes, condition, remarks
	Cleared   time.Time `json:"cleared,omitzero"`
	ClearedAs string    `json:"cleared_as,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

func (r *Checkout) columns() columns {
	c := columns{Incident: r.Incident, At: r.Created.At}
	if r.Function != "" && r.State != Cancelled {
		c.Mark = "checkout|" + string(r.Incident) + "|" + r.Function
	}
	return c
}

// Left counts the items that are neither done nor taken on by somebody.
func (r *Checkout) Left() int {
	n := 0
	for _, i := range r.Items {
		if !i.Done && i.To == "" {
			n++
		}
	}
	return n
}

func validateCheckout(r *Checkout) error {
	var c fault.Check
	trim(&r.Resource, &r.Words, &r.Reason)
	c.That((r.Function == "") != (r.Resource == ""), "resource", "fault.incident.resource")
	c.That(r.Function == "" || KnownFunction(r.Function), "function", "fault.incident.function")
	c.That(!long(r.Resource, MaxLine), "resource", "fault.too_long", fault.Args{"max": MaxLine})
	c.That(!long(r.Words, MaxText), "words", "fault.too_long", fault.Args{"max": MaxText})
	c.That(!long(r.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(len(r.Items) <= MaxRows, "items", "fault.too_many", fault.Args{"max": MaxRows})
	for i := range r.Items {
		trim(&r.Items[i].Text, &r.Items[i].To)
		c.Row(r.Items[i].Text != "" && !long(r.Items[i].Text, MaxLine), i+1, "i_text", "fault.incident.row_text")
		c.Row(!long(r.Items[i].To, MaxLine), i+1, "i_to", "fault.too_long", fault.Args{"max": MaxLine})
	}
	return c.Err()
}
