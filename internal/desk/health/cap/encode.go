package cap

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode"

	"lintas/internal/fault"
)

// Encode writes the document of a valid alert, elements in the order of the
// schema.
func (a Alert) Encode() ([]byte, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	w := &writer{}
	w.b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<alert xmlns="` + Namespace + `">` + "\n")
	w.text("identifier", a.Identifier)
	w.text("sender", a.Sender)
	w.time("sent", a.Sent)
	w.text("status", string(a.Status))
	w.text("msgType", string(a.MsgType))
	w.text("source", a.Source)
	w.text("scope", string(a.Scope))
	w.text("restriction", a.Restriction)
	w.text("addresses", quoted(a.Addresses))
	texts(w, "code", a.Codes)
	w.text("note", a.Note)
	w.text("references", references(a.References))
	w.text("incidents", quoted(a.Incidents))
	for i := range a.Infos {
		w.inside("info", func() { w.info(&a.Infos[i]) })
	}
	w.b.WriteString("</alert>\n")
	if w.b.Len() > MaxDocument {
		return nil, fault.New(fault.Invalid, "fault.cap.size").With("max", MaxDocument>>10)
	}
	return w.b.Bytes(), nil
}

// writer leaves empty elements out.
type writer struct{ b bytes.Buffer }

func (w *writer) info(in *Info) {
	w.text("language", in.Language)
	texts(w, "category", in.Categories)
	w.text("event", in.Event)
	texts(w, "responseType", in.Responses)
	w.text("urgency", string(in.Urgency))
	w.text("severity", string(in.Severity))
	w.text("certainty", string(in.Certainty))
	w.text("audience", in.Audience)
	w.values("eventCode", in.EventCodes)
	w.time("effective", in.Effective)
	w.time("onset", in.Onset)
	w.time("expires", in.Expires)
	w.text("senderName", in.SenderName)
	w.text("headline", in.Headline)
	w.text("description", in.Description)
	w.text("instruction", in.Instruction)
	w.text("web", in.Web)
	w.text("contact", in.Contact)
	w.values("parameter", in.Parameters)
	for _, r := range in.Resources {
		w.inside("resource", func() { w.resource(r) })
	}
	for _, a := range in.Areas {
		w.inside("area", func() { w.area(a) })
	}
}

func (w *writer) resource(r Resource) {
	w.text("resourceDesc", r.Desc)
	w.text("mimeType", r.MIMEType)
	if r.Size > 0 {
		w.text("size", strconv.FormatInt(r.Size, 10))
	}
	w.text("uri", r.URI)
	w.text("derefUri", r.DerefURI)
	w.text("digest", r.Digest)
}

func (w *writer) area(a Area) {
	w.text("areaDesc", a.Desc)
	for _, p := range a.Polygons {
		points := make([]string, len(p))
		for i, q := range p {
			points[i] = q.String()
		}
		w.text("polygon", strings.Join(points, " "))
	}
	for _, c := range a.Circles {
		w.text("circle", c.Point.String()+" "+number(c.Radius))
	}
	w.values("geocode", a.Geocodes)
	if a.Altitude != nil {
		w.text("altitude", number(*a.Altitude))
	}
	if a.Ceiling != nil {
		w.text("ceiling", number(*a.Ceiling))
	}
}

// String is the form of the standard: latitude, comma, longitude.
func (p Point) String() string { return number(p.Lat) + "," + number(p.Lon) }

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (w *writer) inside(name string, f func()) {
	w.b.WriteString("<" + name + ">\n")
	f()
	w.b.WriteString("</" + name + ">\n")
}

func (w *writer) text(name, s string) {
	if s != "" {
		w.element(name, s)
	}
}

// element writes no references but the three that text needs.
func (w *writer) element(name, s string) {
	w.b.WriteString("<" + name + ">")
	_, _ = escaper.WriteString(&w.b, s) // a buffer does not fail
	w.b.WriteString("</" + name + ">\n")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (w *writer) time(name string, t time.Time) {
	if !t.IsZero() {
		w.element(name, FormatTime(t))
	}
}

func (w *writer) values(name string, list []Value) {
	for _, v := range list {
		w.inside(name, func() {
			w.element("valueName", v.Name)
			w.element("value", v.Value)
		})
	}
}

func texts[S ~string](w *writer, name string, list []S) {
	for _, s := range list {
		w.text(name, string(s))
	}
}

const timeFormat = "2006-01-02T15:04:05-07:00"

// FormatTime writes a time as the standard wants it: whole seconds, a numeric
// zone, and -00:00 for UTC, never Z (section 3.3.2).
func FormatTime(t time.Time) string {
	s := t.Format(timeFormat)
	if strings.HasSuffix(s, "+00:00") {
		s = strings.TrimSuffix(s, "+00:00") + "-00:00"
	}
	return s
}

func references(list []Reference) string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.Sender + "," + r.Identifier + "," + FormatTime(r.Sent)
	}
	return strings.Join(out, " ")
}

// quoted joins a list by spaces; items with spaces go in quotes.
func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		if strings.ContainsFunc(s, unicode.IsSpace) {
			s = `"` + s + `"`
		}
		out[i] = s
	}
	return strings.Join(out, " ")
}
