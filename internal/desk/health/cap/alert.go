// Package cap writes and reads alerts of the Common Alerting Protocol,
// version 1.2 (OASIS Standard, 1 July 2010). It is pure: plain values in,
// XML out, and back.
package cap

import "time"

// Namespace is that of version 1.2.
const Namespace = "urn:oasis:names:tc:emergency:cap:1.2"

// MediaType is that of a CAP document (IANA).
const MediaType = "application/cap+xml"

// MaxDocument is the size of the largest document that is written or read.
const MaxDocument = 1 << 20

// Status says how an alert is to be handled.
type Status string

const (
	Actual   Status = "Actual"
	Exercise Status = "Exercise"
	System   Status = "System"
	Test     Status = "Test"
	Draft    Status = "Draft"
)

// MsgType is the nature of the message.
type MsgType string

const (
	New    MsgType = "Alert"
	Update MsgType = "Update"
	Cancel MsgType = "Cancel"
	Ack    MsgType = "Ack"
	Error  MsgType = "Error"
)

// Scope is the intended distribution.
type Scope string

const (
	Public     Scope = "Public"
	Restricted Scope = "Restricted" // needs Restriction
	Private    Scope = "Private"    // needs Addresses
)

// The other closed lists of the standard.
type (
	Category     string
	ResponseType string
	Urgency      string
	Severity     string
	Certainty    string
)

const (
	Geo       Category = "Geo"
	Met       Category = "Met"
	Safety    Category = "Safety"
	Security  Category = "Security"
	Rescue    Category = "Rescue"
	Fire      Category = "Fire"
	Health    Category = "Health"
	Env       Category = "Env"
	Transport Category = "Transport"
	Infra     Category = "Infra"
	CBRNE     Category = "CBRNE"
	Other     Category = "Other"

	Shelter  ResponseType = "Shelter"
	Evacuate ResponseType = "Evacuate"
	Prepare  ResponseType = "Prepare"
	Execute  ResponseType = "Execute"
	Avoid    ResponseType = "Avoid"
	Monitor  ResponseType = "Monitor"
	Assess   ResponseType = "Assess"
	AllClear ResponseType = "AllClear"
	None     ResponseType = "None"

	Immediate      Urgency = "Immediate"
	Expected       Urgency = "Expected"
	Future         Urgency = "Future"
	Past           Urgency = "Past"
	UnknownUrgency Urgency = "Unknown"

	Extreme         Severity = "Extreme"
	Severe          Severity = "Severe"
	Moderate        Severity = "Moderate"
	Minor           Severity = "Minor"
	UnknownSeverity Severity = "Unknown"

	Observed         Certainty = "Observed"
	Likely           Certainty = "Likely" // more than 50 %
	Possible         Certainty = "Possible"
	Unlikely         Certainty = "Unlikely"
	UnknownCertainty Certainty = "Unknown"
)

// Alert is one message. Empty optional fields are left out of the document.
// Times carry whole seconds and a zone.
type Alert struct {
	Identifier  string // no spaces, commas, < or &
	Sender      string // the same
	Sent        time.Time
	Status      Status
	MsgType     MsgType
	Source      string
	Scope       Scope
	Restriction string
	Addresses   []string
	Codes       []string
	Note        string
	References  []Reference
	Incidents   []string
	Infos       []Info
}

// Reference names an earlier message.
type Reference struct {
	Sender     string
	Identifier string
	Sent       time.Time
}

// Reference is how later messages name this one.
func (a Alert) Reference() Reference { return Reference{a.Sender, a.Identifier, a.Sent} }

// Info describes the event in one language, for one audience and area.
type Info struct {
	Language    string // RFC 3066; empty means en-US
	Categories  []Category
	Event       string
	Responses   []ResponseType
	Urgency     Urgency
	Severity    Severity
	Certainty   Certainty
	Audience    string
	EventCodes  []Value
	Effective   time.Time
	Onset       time.Time
	Expires     time.Time
	SenderName  string
	Headline    string
	Description string
	Instruction string
	Web         string // absolute URI
	Contact     string
	Parameters  []Value
	Resources   []Resource
	Areas       []Area
}

// Value is a system-specific name and value.
type Value struct{ Name, Value string }

// Resource is a file that goes with an info.
type Resource struct {
	Desc     string
	MIMEType string
	Size     int64 // bytes; 0 leaves it out
	URI      string
	DerefURI string // base64
	Digest   string // SHA-1 in hexadecimal, as the standard has it
}

// Area is a place: words, and shapes or codes that outline it.
type Area struct {
	Desc     string
	Polygons []Polygon
	Circles  []Circle
	Geocodes []Value
	Altitude *float64 // feet above mean sea level
	Ceiling  *float64 // only with Altitude
}

// Point is a position in WGS 84 degrees.
type Point struct{ Lat, Lon float64 }

// Polygon is at least four points, the last equal to the first.
type Polygon []Point

// Circle is a centre and a radius in kilometres.
type Circle struct {
	Point
	Radius float64
}
