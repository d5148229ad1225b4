package fhir

import "encoding/json"

// SupplyRequest is one line of goods that is asked for. What kind of goods it
// is stands in Category, and what else matters of it in Parameter.
type SupplyRequest struct {
	ResourceType       string          `json:"resourceType"`
	ID                 string          `json:"id,omitempty"`
	Meta               *Meta           `json:"meta,omitempty"`
	Language           string          `json:"language,omitempty"`
	Identifier         []Identifier    `json:"identifier,omitempty"`
	Status             string          `json:"status,omitempty"`
	Category           *Concept        `json:"category,omitempty"`
	Priority           string          `json:"priority,omitempty"`
	Item               *Concept        `json:"itemCodeableConcept,omitempty"`
	ItemReference      *Reference      `json:"itemReference,omitempty"` // instead of Item
	Quantity           Quantity        `json:"quantity"`
	Parameter          []Parameter     `json:"parameter,omitempty"`
	OccurrenceDateTime string          `json:"occurrenceDateTime,omitempty"`
	OccurrencePeriod   *Period         `json:"occurrencePeriod,omitempty"`
	OccurrenceTiming   json.RawMessage `json:"occurrenceTiming,omitempty"` // known of, so that it can be refused
	AuthoredOn         string          `json:"authoredOn,omitempty"`
	Requester          *Reference      `json:"requester,omitempty"`
	Supplier           []Reference     `json:"supplier,omitempty"`
	ReasonCode         []Concept       `json:"reasonCode,omitempty"`
	DeliverTo          *Reference      `json:"deliverTo,omitempty"`
}

// Parameter is one property of what is asked for.
type Parameter struct {
	Code          *Concept  `json:"code,omitempty"`
	ValueConcept  *Concept  `json:"valueCodeableConcept,omitempty"`
	ValueQuantity *Quantity `json:"valueQuantity,omitempty"`
	ValueRange    *Range    `json:"valueRange,omitempty"`
	ValueBoolean  *bool     `json:"valueBoolean,omitempty"`
}

// Range lies between two quantities.
type Range struct {
	Low  *Quantity `json:"low,omitempty"`
	High *Quantity `json:"high,omitempty"`
}

// Quantity is an amount in a unit; Value is a decimal number as it was
// written. With a Comparator it is not the amount itself.
type Quantity struct {
	Value      json.Number `json:"value,omitempty"`
	Comparator string      `json:"comparator,omitempty"`
	Unit       string      `json:"unit,omitempty"`
	System     string      `json:"system,omitempty"`
	Code       string      `json:"code,omitempty"`
}

// SupplyDelivery is one line of goods that is on its way or came. Of what is
// completed the quantity is what came whole.
type SupplyDelivery struct {
	ResourceType       string        `json:"resourceType"`
	ID                 string        `json:"id,omitempty"`
	Meta               *Meta         `json:"meta,omitempty"`
	Extension          []Extension   `json:"extension,omitempty"`
	Identifier         []Identifier  `json:"identifier,omitempty"`
	BasedOn            []Reference   `json:"basedOn,omitempty"`
	PartOf             []Reference   `json:"partOf,omitempty"`
	Status             string        `json:"status,omitempty"`
	SuppliedItem       *SuppliedItem `json:"suppliedItem,omitempty"`
	OccurrenceDateTime string        `json:"occurrenceDateTime,omitempty"`
	Supplier           *Reference    `json:"supplier,omitempty"`
	Destination        *Reference    `json:"destination,omitempty"`
}

// SuppliedItem is what is delivered and how much of it.
type SuppliedItem struct {
	Quantity      *Quantity  `json:"quantity,omitempty"`
	Item          *Concept   `json:"itemCodeableConcept,omitempty"`
	ItemReference *Reference `json:"itemReference,omitempty"`
}

// Extension says what the standard has no element for; URL names its meaning.
type Extension struct {
	URL          string `json:"url"`
	ValueDate    string `json:"valueDate,omitempty"`
	ValueInteger *int64 `json:"valueInteger,omitempty"`
	ValueString  string `json:"valueString,omitempty"`
}

// Codes of the standard.
var (
	supplyStates   = []string{"draft", "active", "suspended", "cancelled", "completed", "entered-in-error", "unknown"}
	deliveryStates = []string{"in-progress", "completed", "abandoned", "entered-in-error"}
	priorities     = []string{"routine", "urgent", "asap", "stat"}
)

// SystemUCUM are the units of measure that days are counted in.
const SystemUCUM = "http://unitsofmeasure.org"

// SystemURI is the system of identifiers that are URIs.
const SystemURI = "urn:ietf:rfc:3986"
