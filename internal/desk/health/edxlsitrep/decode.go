package edxlsitrep

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"lintas/internal/fault"
)

type xmlPerson struct {
	Name string `xml:"personDetails>personName>nameElement"`
	At   string `xml:"timeValue"`
}

type xmlItem struct {
	Name  string `xml:"nameURI"`
	Value string `xml:"value"`
}

type xmlSitRep struct {
	XMLName    xml.Name  `xml:"urn:oasis:names:tc:emergency:EDXL:SitRep:1.0 sitRep"`
	ID         string    `xml:"messageID"`
	Prepared   xmlPerson `xml:"preparedBy"`
	Authorized xmlPerson `xml:"authorizedBy"`
	Purpose    string    `xml:"reportPurpose"`
	Number     string    `xml:"reportNumber"`
	Version    string    `xml:"reportVersion"`
	From       string    `xml:"forTimePeriod>fromDateTime"`
	To         string    `xml:"forTimePeriod>toDateTime"`
	Title      string    `xml:"reportTitle"`
	Incident   string    `xml:"incidentID"`
	Preceding  []string  `xml:"precedingMessageID"`
	Confidence string    `xml:"reportConfidence"`
	Severity   string    `xml:"severity"`
	Actions    string    `xml:"actionPlan"`
	Next       string    `xml:"nextContact"`
	Place      string    `xml:"report>observationLocation>EDXLGeoPoliticalLocation>geoCode>value"`
	Needs      string    `xml:"report>immediateNeeds"`
	Text       string    `xml:"report>observationText"`
	Extensions []struct {
		Community string    `xml:"community"`
		Items     []xmlItem `xml:"parameter"`
	} `xml:"extension"`
}

// Decode reads a message. A message of another program has no cells: what it
// does not say is absent, never zero.
func Decode(in io.Reader) (*Report, error) {
	body, err := io.ReadAll(io.LimitReader(in, MaxBytes+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.sitrep.edxl_read", err)
	}
	if len(body) > MaxBytes {
		return nil, fault.New(fault.Invalid, "fault.sitrep.edxl_large")
	}
	if err := plain(body); err != nil {
		return nil, err
	}
	var x xmlSitRep
	if err := xml.Unmarshal(body, &x); err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.sitrep.edxl_read", err)
	}
	r := &Report{ID: x.ID, Title: x.Title, Purpose: x.Purpose, Version: x.Version, Incident: x.Incident, Preceding: x.Preceding, Severity: x.Severity,
		Confidence: x.Confidence, Place: x.Place, Needs: x.Needs, Text: x.Text, Actions: x.Actions}
	var errs [7]error
	r.Number, errs[0] = strconv.Atoi(x.Number)
	r.From, errs[1] = moment(x.From)
	r.To, errs[2] = moment(x.To)
	r.PreparedBy.Name, r.ClearedBy.Name = x.Prepared.Name, x.Authorized.Name
	r.PreparedBy.At, errs[3] = moment(x.Prepared.At)
	r.ClearedBy.At, errs[4] = moment(x.Authorized.At)
	if x.Next != "" {
		r.Next, errs[5] = moment(x.Next)
	}
	for _, e := range x.Extensions {
		if e.Community != Community {
			continue
		}
		if len(r.Cells) == MaxCells {
			return nil, fault.New(fault.Invalid, "fault.sitrep.edxl_large")
		}
		cell, err := cellOf(e.Items)
		if err != nil {
			errs[6] = err
		}
		r.Cells = append(r.Cells, cell)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fault.Wrap(fault.Invalid, "fault.sitrep.edxl_read", err)
	}
	return r, r.validate()
}

// plain refuses documents with a document type, which can hide other files or
// grow without end, and elements nested deeper than any report.
func plain(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap(fault.Invalid, "fault.sitrep.edxl_read", err)
		}
		switch t.(type) {
		case xml.Directive:
			return fault.New(fault.Invalid, "fault.sitrep.edxl_read")
		case xml.StartElement:
			if depth++; depth > 32 {
				return fault.New(fault.Invalid, "fault.sitrep.edxl_large")
			}
		case xml.EndElement:
			depth--
		}
	}
}

func moment(s string) (time.Time, error) {
	t, err := time.Parse(timeForm, strings.TrimSpace(s))
	return t.UTC(), err
}

func cellOf(items []xmlItem) (Cell, error) {
	var c Cell
	var err error
	for _, i := range items {
		switch i.Name {
		case "member":
			c.Member = i.Value
		case "place":
			c.Place = i.Value
		case "indicator":
			c.Indicator = i.Value
		case "class":
			c.Class = i.Value
		case "value":
			c.Told = true
			c.Value, err = strconv.ParseInt(i.Value, 10, 64)
		case "why":
			c.Why = i.Value
		case "source":
			c.Source = i.Value
		case "release":
			c.Release = i.Value
		case "as_of":
			c.AsOf, err = moment(i.Value)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}
