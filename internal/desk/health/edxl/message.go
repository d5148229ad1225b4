// Package edxl reads and writes EDXL-RM 1.0, the resource messages of OASIS
// (Emergency Data Exchange Language Resource Messaging, OASIS Standard,
// 1 November 2008, with the errata of 22 December 2009). It knows no desk.
package edxl

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/fault"
)

// Namespaces of the messages and of the types that they share.
const (
	Message10 = "urn:oasis:names:tc:emergency:EDXL:RM:1.0:msg"
	Types10   = "urn:oasis:names:tc:emergency:EDXL:RM:1.0"
	PartyNS   = "urn:oasis:names:tc:ciq:xpil:3"
	NameNS    = "urn:oasis:names:tc:ciq:xnl:3"
	MediaType = "application/xml"
)

// Type names a message: the root element and its MessageContentType.
type Type string

// The sixteen messages (section 3.1 of the standard).
const (
	RequestResource               Type = "RequestResource"
	ResponseToRequestResource     Type = "ResponseToRequestResource"
	RequisitionResource           Type = "RequisitionResource"
	CommitResource                Type = "CommitResource"
	RequestInformation            Type = "RequestInformation"
	ResponseToRequestInformation  Type = "ResponseToRequestInformation"
	OfferUnsolicitedResource      Type = "OfferUnsolicitedResource"
	ReleaseResource               Type = "ReleaseResource"
	RequestReturn                 Type = "RequestReturn"
	ResponseToRequestReturn       Type = "ResponseToRequestReturn"
	RequestQuote                  Type = "RequestQuote"
	ResponseToRequestQuote        Type = "ResponseToRequestQuote"
	RequestResourceDeployment     Type = "RequestResourceDeploymentStatus"
	ReportResourceDeployment      Type = "ReportResourceDeploymentStatus"
	RequestExtendedDuration       Type = "RequestExtendedDeploymentDuration"
	ResponseToRequestExtendedTime Type = "ResponseToRequestExtendedDeploymentDuration"
)

// All are the messages in the order of the standard.
var All = []Type{RequestResource, ResponseToRequestResource, RequisitionResource, CommitResource, RequestInformation, ResponseToRequestInformation, OfferUnsolicitedResource,
	ReleaseResource, RequestReturn, ResponseToRequestReturn, RequestQuote, ResponseToRequestQuote, RequestResourceDeployment, ReportResourceDeployment, RequestExtendedDuration, ResponseToRequestExtendedTime}

// Response reports whether the message answers another: then it names the
// message before it, and each resource says Accept, Decline or Provisional.
func (t Type) Response() bool {
	return strings.HasPrefix(string(t), "ResponseTo") || t == CommitResource
}

// Values of closed lists.
var (
	Roles     = []string{"Sender", "Requester", "SubjectMatterExpert", "Approver", "RespondingOrg", "Owner"}
	Responses = []string{"Accept", "Decline", "Provisional"}
	Recalls   = []string{"Update", "Cancel"}
	Schedules = []string{"RequestedArrival", "EstimatedArrival", "ActualArrival", "RequestedDeparture", "EstimatedDeparture", "ActualDeparture", "RequestedReturnDeparture",
		"EstimatedReturnDeparture", "ActualReturnDeparture", "RequestedReturnArrival", "EstimatedReturnArrival", "ActualReturnArrival", "BeginAvailable", "EndAvailable", "Committed",
		"Current", "ReportTo", "Route"}
)

// Limits of what is taken from outside.
const (
	MaxSize      = 1 << 20
	MaxResources = 500
	MaxText      = 8000
)

// Message is one resource message.
type Message struct {
	Type        Type
	ID          string
	Sent        time.Time
	Description string
	Originating string // the message that began the sequence; of the first its own ID
	Preceding   string
	Incidents   []Incident
	Recall      *Recall
	Funding     []Funding
	Contacts    []Contact
	Resources   []Resource
}

// Incident is what the message is about.
type Incident struct{ ID, Description string }

// Recall takes an earlier message back, or replaces it.
type Recall struct{ ID, Type string }

// Funding is who pays.
type Funding struct{ Code, Info string }

// Contact is a party with its role.
type Contact struct {
	Description string
	Role        string // one of Roles
	Party       string // an organisation or duty post; never a person here
}

// Value is a value of a named list.
type Value struct{ List, Value string }

// Resource is one line of a message (element ResourceInformation).
type Resource struct {
	Element     string // ResourceInfoElementID: the line
	Response    *Response
	ID          string
	Name        string
	Kind        Value // TypeStructure
	Keywords    []Value
	Description string
	Credentials string
	Special     string // SpecialRequirements
	Status      Value  // DeploymentStatus
	Available   string // Availability

	Amount       string // a decimal number
	Unit         Value
	Quantity     string // in words, where there is no amount
	Restrictions string
	Function     string // AnticipatedFunction
	Price        string // PriceQuote, in words
	Order        string // OrderID
	Transport    string // ModeOfTransportation
	Schedule     []Schedule
}

// Response is the answer to one line of the message before.
type Response struct {
	Preceding string // the line's ResourceInfoElementID there
	Type      string // one of Responses
	Reason    string
}

// Schedule is a time or place of a resource.
type Schedule struct {
	Type     string // one of Schedules
	At       time.Time
	Location string
}

// Check says what is missing or does not fit the standard.
func (m *Message) Check() error {
	var c fault.Check
	c.That(slices.Contains(All, m.Type), "type", "fault.edxl.type")
	c.That(m.ID != "" && short(m.ID), "id", "fault.edxl.id")
	c.That(!m.Sent.IsZero(), "sent", "fault.edxl.sent")
	c.That(m.Originating != "" && short(m.Originating), "originating", "fault.edxl.originating")
	c.That(!m.Type.Response() || m.Preceding != "", "preceding", "fault.edxl.preceding")
	c.That(len(m.Contacts) > 0 && len(m.Contacts) <= MaxResources, "contact", "fault.edxl.contact")
	c.That(len(m.Resources) <= MaxResources && len(m.Incidents) <= MaxResources && len(m.Funding) <= MaxResources, "resources", "fault.too_many", fault.Args{"max": MaxResources})
	c.That(m.Recall == nil || slices.Contains(Recalls, m.Recall.Type), "recall", "fault.edxl.recall")
	for i, x := range m.Contacts {
		c.Row(x.Role == "" || slices.Contains(Roles, x.Role), i+1, "role", "fault.edxl.role")
	}
	seen := map[string]bool{}
	for i := range m.Resources {
		r := &m.Resources[i]
		c.Row(r.Element != "" && short(r.Element) && !seen[r.Element], i+1, "element", "fault.edxl.element")
		seen[r.Element] = true
		c.Row(r.Response == nil || slices.Contains(Responses, r.Response.Type) && r.Response.Preceding != "", i+1, "response", "fault.edxl.response")
		c.Row(decimal(r.Amount), i+1, "amount", "fault.edxl.amount")
		for _, s := range r.Schedule {
			c.Row(slices.Contains(Schedules, s.Type), i+1, "schedule", "fault.edxl.schedule")
		}
	}
	return c.Err()
}

func short(s string) bool { return len(s) <= 500 }

func decimal(s string) bool {
	if s == "" {
		return true
	}
	digits := strings.Replace(s, ".", "", 1)
	return len(s) <= 30 && digits != "" && strings.Trim(digits, "0123456789") == ""
}
