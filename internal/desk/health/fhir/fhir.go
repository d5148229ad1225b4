// Package fhir is the part of HL7 FHIR R4 (4.0.1) that a notification, its
// counts, and requests for goods and their delivery are said in.
// No resource names a patient.
package fhir

import (
	"bytes"
	"encoding/json"
	"time"
)

// MediaType of a resource in JSON.
const MediaType = "application/fhir+json"

// Bundle is a collection of resources that belong together.
type Bundle struct {
	ResourceType string     `json:"resourceType"`
	ID           string     `json:"id"`
	Meta         *Meta      `json:"meta,omitempty"`
	Identifier   Identifier `json:"identifier"`
	Type         string     `json:"type"`
	Timestamp    string     `json:"timestamp"`
	Entry        []Entry    `json:"entry"`
}

// Entry is one resource; FullURL is how the others refer to it.
type Entry struct {
	FullURL  string `json:"fullUrl"`
	Resource any    `json:"resource"`
}

// Meta says how a resource may be used: markings under Security, and a tag on
// everything that is only an exercise.
type Meta struct {
	Security []Coding `json:"security,omitempty"`
	Tag      []Coding `json:"tag,omitempty"`
}

// Coding is a code of a system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

// Concept is a thing said by codes, by words, or both.
type Concept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// Identifier is a name that others know the resource by.
type Identifier struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value"`
}

// Reference points at another resource of the bundle, or names an identifier.
type Reference struct {
	Reference  string      `json:"reference,omitempty"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

// Organization is a member.
type Organization struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Identifier   []Identifier `json:"identifier"`
	Name         string       `json:"name"`
}

// Communication is what was told to whom. Status is completed, or
// entered-in-error once it was withdrawn.
type Communication struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Meta         *Meta        `json:"meta,omitempty"`
	Language     string       `json:"language,omitempty"`
	Identifier   []Identifier `json:"identifier"`
	PartOf       []Reference  `json:"partOf,omitempty"`
	InResponseTo []Reference  `json:"inResponseTo,omitempty"`
	Status       string       `json:"status"`
	StatusReason *Concept     `json:"statusReason,omitempty"`
	Category     []Concept    `json:"category,omitempty"`
	Priority     string       `json:"priority,omitempty"`
	Topic        *Concept     `json:"topic,omitempty"`
	About        []Reference  `json:"about,omitempty"`
	Sent         string       `json:"sent"`
	Recipient    []Reference  `json:"recipient,omitempty"`
	Sender       Reference    `json:"sender"`
	ReasonCode   []Concept    `json:"reasonCode,omitempty"`
	Payload      []Payload    `json:"payload,omitempty"`
	Note         []Annotation `json:"note,omitempty"`
}

// Payload is one part of what was told.
type Payload struct {
	ContentString string `json:"contentString,omitempty"`
}

// Annotation is a remark.
type Annotation struct {
	Text string `json:"text"`
}

// MeasureReport is one indicator as counted for a period.
type MeasureReport struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Meta         *Meta        `json:"meta,omitempty"`
	Identifier   []Identifier `json:"identifier,omitempty"`
	Status       string       `json:"status"`
	Type         string       `json:"type"`
	Measure      string       `json:"measure"`
	Date         string       `json:"date"`
	Reporter     Reference    `json:"reporter"`
	Period       Period       `json:"period"`
	Group        []Group      `json:"group"`
}

// Period begins and ends with a day or a time. A cumulative count whose
// beginning is not known has no Start.
type Period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Group is one figure with what it is broken down by.
type Group struct {
	Code       *Concept     `json:"code,omitempty"`
	Population []Population `json:"population,omitempty"`
	Stratifier []Stratifier `json:"stratifier,omitempty"`
}

// Population is a count of those who are meant.
type Population struct {
	Code  *Concept `json:"code,omitempty"`
	Count int64    `json:"count"`
}

// Stratifier is one way to break a figure down, such as by place.
type Stratifier struct {
	Code    []Concept `json:"code"`
	Stratum []Stratum `json:"stratum"`
}

// Stratum is one part.
type Stratum struct {
	Value      *Concept     `json:"value,omitempty"`
	Component  []Component  `json:"component,omitempty"` // instead of Value, where several hold together
	Population []Population `json:"population,omitempty"`
}

// Component is one of several conditions of a stratum.
type Component struct {
	Code  Concept `json:"code"`
	Value Concept `json:"value"`
}

// Systems of codes.
const (
	SystemICD11    = "http://id.who.int/icd/release/11/mms"
	SystemICD10    = "http://hl7.org/fhir/sid/icd-10"
	SystemPlace    = "urn:iso:std:iso:3166:-2"
	SystemCountry  = "urn:iso:std:iso:3166"
	SystemTLP      = "https://www.first.org/tlp"
	systemTestData = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	systemMeasure  = "http://terminology.hl7.org/CodeSystem/measure-population"
)

// TestData tags what is only an exercise.
func TestData() Coding {
	return Coding{System: systemTestData, Code: "HTEST", Display: "test health data"}
}

// Kind is the code of a population: initial-population for a count of
// everybody who is meant, numerator and denominator for a share.
func Kind(code string) *Concept {
	return &Concept{Coding: []Coding{{System: systemMeasure, Code: code}}}
}

// Instant is a time as the type instant has it.
func Instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Encode writes a bundle as JSON; markup in texts stays as it is.
func (b *Bundle) Encode() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(b)
	return out.Bytes(), err
}
