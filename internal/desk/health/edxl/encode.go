package edxl

import (
	"bytes"
	"encoding/xml"
	"time"
)

// writer writes elements in the order of the schema; empty ones are left out.
type writer struct {
	bytes.Buffer
	err error
}

func (w *writer) open(name string)  { w.WriteString("<" + name + ">") }
func (w *writer) close(name string) { w.WriteString("</" + name + ">") }

func (w *writer) text(name, s string) {
	if s == "" {
		return
	}
	w.open(name)
	if err := xml.EscapeText(&w.Buffer, []byte(s)); err != nil && w.err == nil {
		w.err = err
	}
	w.close(name)
}

// in writes an element around what f writes, unless that is nothing.
func (w *writer) in(name string, f func()) {
	at := w.Len()
	w.open(name)
	inner := w.Len()
	if f(); w.Len() == inner {
		w.Truncate(at)
		return
	}
	w.close(name)
}

func (w *writer) value(name string, v Value) {
	if v.Value != "" {
		w.in(name, func() { w.text("rm:ValueListURN", v.List); w.text("rm:Value", v.Value) })
	}
}

func (w *writer) time(name string, t time.Time) {
	if !t.IsZero() {
		w.text(name, t.UTC().Format(time.RFC3339))
	}
}

// Encode writes the message as XML.
func (m *Message) Encode() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	w := &writer{}
	w.WriteString(xml.Header)
	w.WriteString("<" + string(m.Type) + ` xmlns="` + Message10 + `" xmlns:rm="` + Types10 + `" xmlns:xpil="` + PartyNS + `" xmlns:xnl="` + NameNS + `">`)
	w.text("MessageID", m.ID)
	w.time("SentDateTime", m.Sent)
	w.text("MessageContentType", string(m.Type))
	w.text("MessageDescription", m.Description)
	w.text("OriginatingMessageID", m.Originating)
	w.text("PrecedingMessageID", m.Preceding)
	for _, i := range m.Incidents {
		w.in("IncidentInformation", func() { w.text("rm:IncidentID", i.ID); w.text("rm:IncidentDescription", i.Description) })
	}
	if m.Recall != nil {
		w.in("MessageRecall", func() { w.text("rm:RecalledMessageID", m.Recall.ID); w.text("rm:RecallType", m.Recall.Type) })
	}
	for _, f := range m.Funding {
		w.in("Funding", func() { w.text("rm:FundCode", f.Code); w.text("rm:FundingInfo", f.Info) })
	}
	for _, c := range m.Contacts {
		w.contact(c)
	}
	for i := range m.Resources {
		w.resource(&m.Resources[i])
	}
	w.close(string(m.Type))
	w.WriteByte('\n')
	return w.Bytes(), w.err
}

func (w *writer) contact(c Contact) {
	w.in("ContactInformation", func() {
		w.text("rm:ContactDescription", c.Description)
		w.text("rm:ContactRole", c.Role)
		w.in("rm:AdditionalContactInformation", func() {
			w.in("xpil:PartyName", func() { w.in("xnl:OrganisationName", func() { w.text("xnl:NameElement", c.Party) }) })
		})
	})
}

func (w *writer) resource(r *Resource) {
	w.in("ResourceInformation", func() {
		w.text("ResourceInfoElementID", r.Element)
		if r.Response != nil {
			w.in("ResponseInformation", func() {
				w.text("rm:PrecedingResourceInfoElementID", r.Response.Preceding)
				w.text("rm:ResponseType", r.Response.Type)
				w.text("rm:ResponseReason", r.Response.Reason)
			})
		}
		w.in("Resource", func() {
			w.text("ResourceID", r.ID)
			w.text("Name", r.Name)
			w.value("TypeStructure", r.Kind)
			for _, k := range r.Keywords {
				w.value("Keyword", k)
			}
			w.text("Description", r.Description)
			w.text("Credentials", r.Credentials)
			w.text("SpecialRequirements", r.Special)
			w.in("ResourceStatus", func() { w.value("DeploymentStatus", r.Status); w.text("Availability", r.Available) })
		})
		w.in("AssignmentInformation", func() {
			w.in("Quantity", func() {
				if r.Amount != "" {
					w.in("rm:MeasuredQuantity", func() { w.text("rm:Amount", r.Amount); w.value("rm:UnitOfMeasure", r.Unit) })
				} else {
					w.text("rm:QuantityText", r.Quantity)
				}
			})
			w.text("Restrictions", r.Restrictions)
			w.text("AnticipatedFunction", r.Function)
			w.in("PriceQuote", func() { w.text("rm:QuantityText", r.Price) })
			w.text("OrderID", r.Order)
			w.in("AssignmentInstructions", func() { w.text("rm:ModeOfTransportation", r.Transport) })
		})
		for _, s := range r.Schedule {
			w.in("ScheduleInformation", func() {
				w.text("ScheduleType", s.Type)
				w.time("DateTime", s.At)
				w.in("Location", func() { w.text("rm:LocationDescription", s.Location) })
			})
		}
	})
}
