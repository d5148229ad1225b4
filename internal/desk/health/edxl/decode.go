package edxl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"time"

	"lintas/internal/fault"
)

// What follows is the form of the XML. Elements are known by their local
// names, since messages in use put the shared ones into either namespace; the
// root must be of the messages' namespace.

type xmlValue struct {
	List  string   `xml:"ValueListURN"`
	Value []string `xml:"Value"`
}

func (v xmlValue) value() Value {
	if len(v.Value) == 0 {
		return Value{}
	}
	return Value{List: trim(v.List), Value: trim(v.Value[0])}
}

type xmlQuantity struct {
	Amount string   `xml:"MeasuredQuantity>Amount"`
	Unit   xmlValue `xml:"MeasuredQuantity>UnitOfMeasure"`
	Text   string   `xml:"QuantityText"`
}

type xmlResource struct {
	Element  string `xml:"ResourceInfoElementID"`
	Response *struct {
		Preceding string `xml:"PrecedingResourceInfoElementID"`
		Type      string `xml:"ResponseType"`
		Reason    string `xml:"ResponseReason"`
	} `xml:"ResponseInformation"`
	Resource struct {
		ID          string     `xml:"ResourceID"`
		Name        string     `xml:"Name"`
		Kind        xmlValue   `xml:"TypeStructure"`
		Keywords    []xmlValue `xml:"Keyword"`
		Description string     `xml:"Description"`
		Credentials string     `xml:"Credentials"`
		Special     string     `xml:"SpecialRequirements"`
		Status      xmlValue   `xml:"ResourceStatus>DeploymentStatus"`
		Available   string     `xml:"ResourceStatus>Availability"`
	} `xml:"Resource"`
	Assignment struct {
		Quantity     xmlQuantity `xml:"Quantity"`
		Restrictions string      `xml:"Restrictions"`
		Function     string      `xml:"AnticipatedFunction"`
		Price        xmlQuantity `xml:"PriceQuote"`
		Order        string      `xml:"OrderID"`
		Transport    string      `xml:"AssignmentInstructions>ModeOfTransportation"`
	} `xml:"AssignmentInformation"`
	Schedule []struct {
		Type     string `xml:"ScheduleType"`
		At       string `xml:"DateTime"`
		Location string `xml:"Location>LocationDescription"`
	} `xml:"ScheduleInformation"`
}

type xmlMessage struct {
	XMLName     xml.Name
	ID          string `xml:"MessageID"`
	Sent        string `xml:"SentDateTime"`
	Type        string `xml:"MessageContentType"`
	Description string `xml:"MessageDescription"`
	Originating string `xml:"OriginatingMessageID"`
	Preceding   string `xml:"PrecedingMessageID"`
	Incidents   []struct {
		ID          string `xml:"IncidentID"`
		Description string `xml:"IncidentDescription"`
	} `xml:"IncidentInformation"`
	Recall *struct {
		ID   string `xml:"RecalledMessageID"`
		Type string `xml:"RecallType"`
	} `xml:"MessageRecall"`
	Funding []struct {
		Code string `xml:"FundCode"`
		Info string `xml:"FundingInfo"`
	} `xml:"Funding"`
	Contacts []struct {
		Description string   `xml:"ContactDescription"`
		Role        string   `xml:"ContactRole"`
		Party       []string `xml:"AdditionalContactInformation>PartyName>OrganisationName>NameElement"`
	} `xml:"ContactInformation"`
	Resources []xmlResource `xml:"ResourceInformation"`
}

func trim(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > MaxText {
		s = strings.ToValidUTF8(s[:MaxText], "")
	}
	return s
}

func bad(err error) (*Message, error) {
	return nil, fault.Wrap(fault.Invalid, "fault.edxl.xml", err)
}

// Decode reads a message. Entities of a document type are not resolved, and
// names of people are not read.
func Decode(raw []byte) (*Message, error) {
	if len(raw) > MaxSize {
		return bad(errors.New("too large"))
	}
	dec := xml.NewDecoder(bytes.NewReader(raw))
	dec.Strict = true
	var x xmlMessage
	if err := dec.Decode(&x); err != nil {
		return bad(err)
	}
	if x.XMLName.Space != Message10 || !slices.Contains(All, Type(x.XMLName.Local)) || trim(x.Type) != x.XMLName.Local {
		return bad(errors.New("no EDXL-RM 1.0 message: " + x.XMLName.Local))
	}
	sent, err := time.Parse(time.RFC3339, trim(x.Sent))
	if err != nil {
		return bad(err)
	}
	m := &Message{Type: Type(x.XMLName.Local), ID: trim(x.ID), Sent: sent.UTC(), Description: trim(x.Description), Originating: trim(x.Originating), Preceding: trim(x.Preceding)}
	for _, i := range x.Incidents {
		m.Incidents = append(m.Incidents, Incident{trim(i.ID), trim(i.Description)})
	}
	if x.Recall != nil {
		m.Recall = &Recall{trim(x.Recall.ID), trim(x.Recall.Type)}
	}
	for _, f := range x.Funding {
		m.Funding = append(m.Funding, Funding{trim(f.Code), trim(f.Info)})
	}
	for _, c := range x.Contacts {
		m.Contacts = append(m.Contacts, Contact{trim(c.Description), trim(c.Role), trim(strings.Join(c.Party, " "))})
	}
	for i := range x.Resources {
		r, err := x.Resources[i].resource()
		if err != nil {
			return bad(err)
		}
		m.Resources = append(m.Resources, r)
	}
	return m, m.Check()
}

func (x *xmlResource) resource() (Resource, error) {
	res, a := &x.Resource, &x.Assignment
	r := Resource{Element: trim(x.Element), ID: trim(res.ID), Name: trim(res.Name), Kind: res.Kind.value(), Description: trim(res.Description), Credentials: trim(res.Credentials), Special: trim(res.Special),
		Status: res.Status.value(), Available: trim(res.Available), Amount: trim(a.Quantity.Amount), Unit: a.Quantity.Unit.value(), Quantity: trim(a.Quantity.Text), Restrictions: trim(a.Restrictions),
		Function: trim(a.Function), Price: trim(a.Price.Text), Order: trim(a.Order), Transport: trim(a.Transport)}
	if r.Price == "" {
		r.Price = strings.TrimSpace(trim(a.Price.Amount) + " " + a.Price.Unit.value().Value)
	}
	if x.Response != nil {
		r.Response = &Response{trim(x.Response.Preceding), trim(x.Response.Type), trim(x.Response.Reason)}
	}
	for _, k := range res.Keywords {
		r.Keywords = append(r.Keywords, k.value())
	}
	for _, s := range x.Schedule {
		out := Schedule{Type: trim(s.Type), Location: trim(s.Location)}
		if t := trim(s.At); t != "" {
			at, err := time.Parse(time.RFC3339, t)
			if err != nil {
				return r, err
			}
			out.At = at.UTC()
		}
		r.Schedule = append(r.Schedule, out)
	}
	return r, nil
}
