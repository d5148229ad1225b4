// Package edxlsitrep writes and reads situation reports in the Emergency Data
// Exchange Language, Situation Reporting 1.0 (OASIS, Committee Specification
// 02, 6 October 2016). It is pure: plain values in, XML out, and back.
package edxlsitrep

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"time"

	"lintas/internal/fault"
)

// What is written. The head of a message follows SitRepType of the schema;
// the report is a FieldObservation, whose text and location every reader of
// the standard understands. The standard counts casualties without a class, a
// place or a source and has no word for "no report", so each number travels as
// an extension of its own, a list of names and values that readers who do not
// know the community pass over. Order and names of the head are those of a
// message that others validated against the published schema; the extensions
// follow the EDXL extension type and are not validated here, because the
// schema is not part of this program.

// Namespaces of the message.
const (
	NS    = "urn:oasis:names:tc:emergency:EDXL:SitRep:1.0"
	nsCT  = "urn:oasis:names:tc:emergency:edxl:ct:1.0"
	nsXNL = "urn:oasis:names:tc:emergency:edxl:ciq:1.0:xnl"
	nsXSI = "http://www.w3.org/2001/XMLSchema-instance"
	nsExt = "urn:oasis:names:tc:emergency:edxl:extension:1.0"
	// Community names the extension of this program.
	Community = "urn:lintas:sitrep:1"
)

// MediaType is that of a message.
const MediaType = "application/xml; charset=utf-8"

// Limits of what is read.
const (
	MaxBytes  = 8 << 20
	MaxCells  = 20000
	maxString = 20000
)

// Report is a situation report as the standard can carry it.
type Report struct {
	ID         string
	Title      string
	Purpose    string
	Number     int
	Version    string // "Initial", "Update", "Correction"
	PreparedBy Signed
	ClearedBy  Signed
	From, To   time.Time // the period, to the second
	Incident   string    // identifier of the event or family
	Preceding  []string  // messages that this one follows or corrects
	Severity   string    // of Severities
	Confidence string    // of Confidences
	Next       time.Time
	Place      string // code of the member, ISO 3166-1
	Needs      string
	Text       string
	Actions    string // the plan of action
	Cells      []Cell
}

// Signed is an authority or duty post with its time.
type Signed struct {
	Name string
	At   time.Time
}

// Cell is one number of the report, or the reason why there is none: a cell
// whose Told is false has no value, and is never read or written as zero.
type Cell struct {
	Member, Place    string
	Indicator, Class string
	Told             bool
	Value            int64
	Why              string // where not Told: "no_report", "nothing", "small"
	Source, Release  string
	AsOf             time.Time
}

// Severities and Confidences of the standard.
var (
	Severities  = []string{"Extreme", "Severe", "Moderate", "Minor", "Unknown"}
	Confidences = []string{"HighlyConfident", "SomewhatConfident", "Unsure", "NoConfidence"}
)

// timeForm is EDXLDateTimeType: no fraction, the offset always there.
const timeForm = "2006-01-02T15:04:05-07:00"

// Encode writes a message. It refuses what the standard does not know.
func Encode(r *Report) ([]byte, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	w := &writer{b: &b}
	w.open(`sitRep xmlns="` + NS + `" xmlns:ct="` + nsCT + `" xmlns:xnl="` + nsXNL + `" xmlns:ext="` + nsExt + `" xmlns:xsi="` + nsXSI + `"`)
	w.text("messageID", r.ID)
	w.person("preparedBy", r.PreparedBy)
	w.person("authorizedBy", r.ClearedBy)
	w.text("reportPurpose", r.Purpose)
	w.text("reportNumber", strconv.Itoa(r.Number))
	w.text("reportVersion", r.Version)
	w.open("forTimePeriod")
	w.text("ct:fromDateTime", stamp(r.From))
	w.text("ct:toDateTime", stamp(r.To))
	w.close("forTimePeriod")
	w.some("reportTitle", r.Title)
	w.text("incidentID", r.Incident)
	for _, p := range r.Preceding {
		w.text("precedingMessageID", p)
	}
	w.text("reportConfidence", r.Confidence)
	w.text("severity", r.Severity)
	w.some("actionPlan", r.Actions)
	if !r.Next.IsZero() {
		w.text("nextContact", stamp(r.Next))
	}
	w.report(r)
	w.extension(r.Cells)
	w.close("sitRep")
	return b.Bytes(), nil
}

func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(timeForm) }

// writer writes elements in the order of the schema.
type writer struct{ b *bytes.Buffer }

func (w *writer) open(name string)  { w.b.WriteString("<" + name + ">") }
func (w *writer) close(name string) { w.b.WriteString("</" + name + ">") }
func (w *writer) text(name, s string) {
	w.open(name)
	_ = xml.EscapeText(w.b, []byte(s)) // a buffer takes everything
	name, _, _ = strings.Cut(name, " ")
	w.close(name)
}

func (w *writer) some(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *writer) person(name string, s Signed) {
	w.open(name)
	w.open("ct:personDetails")
	w.open("xnl:personName")
	w.text("xnl:nameElement", s.Name)
	w.close("xnl:personName")
	w.close("ct:personDetails")
	w.text("ct:timeValue", stamp(s.At))
	w.close(name)
}

func (w *writer) report(r *Report) {
	w.open(`report xsi:type="FieldObservationType"`)
	w.open("observationLocation")
	w.open("ct:EDXLGeoPoliticalLocation")
	w.open("ct:geoCode")
	w.text("ct:valueListURI", "urn:iso:std:iso:3166")
	w.text("ct:value", r.Place)
	w.close("ct:geoCode")
	w.close("ct:EDXLGeoPoliticalLocation")
	w.close("observationLocation")
	w.text("immediateNeeds", r.Needs)
	w.text("observationText", r.Text)
	w.close("report")
}

func (w *writer) extension(cells []Cell) {
	for i := range cells {
		w.open("ext:extension")
		w.text("ext:community", Community)
		w.text("ext:id", Community+":cell")
		for _, p := range cells[i].pairs() {
			w.open("ext:parameter")
			w.text("ext:nameURI", p[0])
			w.text("ext:value", p[1])
			w.close("ext:parameter")
		}
		w.close("ext:extension")
	}
}

// pairs are the names and values of a cell. A cell without a number has no
// value at all.
func (c *Cell) pairs() [][2]string {
	out := [][2]string{{"member", c.Member}, {"place", c.Place}}
	add := func(name, s string) {
		if s != "" {
			out = append(out, [2]string{name, s})
		}
	}
	add("indicator", c.Indicator)
	add("class", c.Class)
	if c.Told {
		add("value", strconv.FormatInt(c.Value, 10))
	} else {
		add("why", c.Why)
	}
	add("source", c.Source)
	add("release", c.Release)
	if !c.AsOf.IsZero() {
		add("as_of", stamp(c.AsOf))
	}
	return out
}

func in(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (r *Report) validate() error {
	var c fault.Check
	c.That(r.ID != "" && r.Incident != "" && r.Place != "", "message", "fault.sitrep.edxl")
	c.That(r.Number > 0, "number", "fault.sitrep.edxl")
	c.That(r.Version != "" && r.Purpose != "", "version", "fault.sitrep.edxl")
	c.That(r.PreparedBy.Name != "" && r.ClearedBy.Name != "", "prepared_by", "fault.sitrep.edxl")
	c.That(!r.From.IsZero() && !r.To.Before(r.From), "period", "fault.sitrep.edxl")
	c.That(in(Severities, r.Severity) && in(Confidences, r.Confidence), "severity", "fault.sitrep.edxl")
	c.That(r.Needs != "" && r.Text != "", "text", "fault.sitrep.edxl")
	c.That(len(r.Cells) <= MaxCells, "cells", "fault.sitrep.edxl")
	for i := range r.Cells {
		x := &r.Cells[i]
		c.Row(x.Member != "" && x.Place != "" && (x.Told && x.Why == "" && x.Value >= 0 && x.Indicator != "" || !x.Told && x.Why != "" && x.Value == 0), i+1, "cells", "fault.sitrep.edxl")
	}
	for _, s := range append([]string{r.ID, r.Title, r.Purpose, r.Version, r.Incident, r.Place, r.Needs, r.Text, r.Actions, r.PreparedBy.Name, r.ClearedBy.Name}, r.Preceding...) {
		c.That(len(s) <= maxString*4 && valid(s), "text", "fault.sitrep.edxl")
	}
	return c.Err()
}

// valid reports whether XML can carry the text.
func valid(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == 0xFFFD || r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF
	})
}
