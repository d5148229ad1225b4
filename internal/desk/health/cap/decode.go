package cap

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/fault"
)

// Decode reads a document that came from outside and validates it. What the
// schema does not know, or knows in another order, is refused; elements of
// other namespaces at the end of the alert, such as a signature, are passed
// over and not verified.
func Decode(data []byte) (Alert, error) {
	root, err := parse(data)
	if err != nil {
		return Alert{}, err
	}
	r := &reader{}
	a := r.alert(root)
	if r.err != nil {
		return Alert{}, r.err
	}
	if err := a.Validate(); err != nil {
		return Alert{}, err
	}
	return a, nil
}

// reader takes an element's children in the order of the schema and keeps the
// first fault.
type reader struct{ err error }

func (r *reader) fail(key, name string) {
	if r.err == nil {
		r.err = fault.New(fault.Invalid, key).With("name", name)
	}
}

func (r *reader) alert(e *element) Alert {
	a := Alert{
		Identifier: r.one(e, "identifier"), Sender: r.one(e, "sender"), Sent: r.time(e, "sent"),
		Status: Status(r.one(e, "status")), MsgType: MsgType(r.one(e, "msgType")), Source: r.one(e, "source"),
		Scope: Scope(r.one(e, "scope")), Restriction: r.one(e, "restriction"), Addresses: r.unquoted(e, "addresses"),
		Codes: many[string](r, e, "code"), Note: r.one(e, "note"), References: r.references(e), Incidents: r.unquoted(e, "incidents"),
	}
	for _, in := range r.nested(e, "info") {
		a.Infos = append(a.Infos, r.info(in))
	}
	r.rest(e)
	return a
}

func (r *reader) info(e *element) Info {
	in := Info{
		Language: r.one(e, "language"), Categories: many[Category](r, e, "category"), Event: r.one(e, "event"),
		Responses: many[ResponseType](r, e, "responseType"), Urgency: Urgency(r.one(e, "urgency")),
		Severity: Severity(r.one(e, "severity")), Certainty: Certainty(r.one(e, "certainty")), Audience: r.one(e, "audience"),
		EventCodes: r.values(e, "eventCode"), Effective: r.time(e, "effective"), Onset: r.time(e, "onset"), Expires: r.time(e, "expires"),
		SenderName: r.one(e, "senderName"), Headline: r.one(e, "headline"), Description: r.one(e, "description"),
		Instruction: r.one(e, "instruction"), Web: r.one(e, "web"), Contact: r.one(e, "contact"), Parameters: r.values(e, "parameter"),
	}
	for _, c := range r.nested(e, "resource") {
		in.Resources = append(in.Resources, r.resource(c))
	}
	for _, c := range r.nested(e, "area") {
		in.Areas = append(in.Areas, r.area(c))
	}
	r.rest(e)
	return in
}

func (r *reader) resource(e *element) Resource {
	out := Resource{Desc: r.one(e, "resourceDesc"), MIMEType: r.one(e, "mimeType")}
	if s := r.one(e, "size"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			r.fail("fault.cap.value", "size")
		}
		out.Size = n
	}
	out.URI, out.DerefURI, out.Digest = r.one(e, "uri"), r.one(e, "derefUri"), r.one(e, "digest")
	r.rest(e)
	return out
}

func (r *reader) area(e *element) Area {
	a := Area{Desc: r.one(e, "areaDesc")}
	for _, s := range many[string](r, e, "polygon") {
		var p Polygon
		for _, pair := range strings.Fields(s) {
			p = append(p, r.point("polygon", pair))
		}
		a.Polygons = append(a.Polygons, p)
	}
	for _, s := range many[string](r, e, "circle") {
		parts := strings.Fields(s)
		if len(parts) != 2 {
			r.fail("fault.cap.value", "circle")
			continue
		}
		a.Circles = append(a.Circles, Circle{r.point("circle", parts[0]), r.number("circle", parts[1])})
	}
	a.Geocodes = r.values(e, "geocode")
	a.Altitude, a.Ceiling = r.optional(e, "altitude"), r.optional(e, "ceiling")
	r.rest(e)
	return a
}

func (r *reader) optional(e *element, name string) *float64 {
	s := r.one(e, name)
	if s == "" {
		return nil
	}
	f := r.number(name, s)
	return &f
}

func (r *reader) point(name, s string) Point {
	lat, lon, _ := strings.Cut(s, ",")
	return Point{r.number(name, lat), r.number(name, lon)}
}

// number is a decimal of XML Schema: no exponent, no names of numbers.
func (r *reader) number(name, s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.Trim(s, "+-.0123456789") != "" {
		r.fail("fault.cap.value", name)
	}
	return f
}

// one takes the next child if it has the name; "" when it is not there.
func (r *reader) one(e *element, name string) string {
	if len(e.children) == 0 || e.children[0].name != name {
		return ""
	}
	c := e.children[0]
	e.children = e.children[1:]
	if len(c.children) > 0 {
		r.fail("fault.cap.element", c.children[0].name)
	}
	return strings.TrimSpace(c.text)
}

func many[S ~string](r *reader, e *element, name string) []S {
	var out []S
	for len(e.children) > 0 && e.children[0].name == name {
		out = append(out, S(r.one(e, name)))
	}
	return out
}

// nested takes the next children of the name that have children themselves.
func (r *reader) nested(e *element, name string) []*element {
	n := 0
	for n < len(e.children) && e.children[n].name == name {
		n++
	}
	out := e.children[:n]
	e.children = e.children[n:]
	return slices.Clone(out)
}

func (r *reader) values(e *element, name string) []Value {
	var out []Value
	for _, c := range r.nested(e, name) {
		out = append(out, Value{r.one(c, "valueName"), r.one(c, "value")})
		r.rest(c)
	}
	return out
}

// rest refuses what the schema does not have at this place.
func (r *reader) rest(e *element) {
	if len(e.children) > 0 {
		r.fail("fault.cap.element", e.children[0].name)
	}
	if strings.TrimSpace(e.text) != "" {
		r.fail("fault.cap.element", e.name)
	}
}

func (r *reader) time(e *element, name string) time.Time {
	s := r.one(e, name)
	if s == "" {
		return time.Time{}
	}
	t, err := ParseTime(s)
	if err != nil {
		r.fail("fault.cap.value", name)
	}
	return t
}

// ParseTime reads the one form of the standard. Zero offset, of either sign,
// is UTC.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(timeFormat, s)
	if err != nil || len(s) != len(timeFormat) {
		return time.Time{}, fault.Wrap(fault.Invalid, "fault.cap.time", err)
	}
	_, offset := t.Zone()
	if offset == 0 {
		return t.UTC(), nil
	}
	// The machine's own zone must not leak into the value.
	return t.In(time.FixedZone("", offset)), nil
}

func (r *reader) references(e *element) []Reference {
	var out []Reference
	for _, s := range strings.Fields(r.one(e, "references")) {
		parts := strings.Split(s, ",")
		if len(parts) != 3 {
			r.fail("fault.cap.value", "references")
			return nil
		}
		t, err := ParseTime(parts[2])
		if err != nil {
			r.fail("fault.cap.value", "references")
		}
		out = append(out, Reference{parts[0], parts[1], t})
	}
	return out
}

// unquoted splits a list by spaces, outside of quotes.
func (r *reader) unquoted(e *element, name string) []string {
	s := r.one(e, name)
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] != '"' {
			word := strings.Fields(s)[0]
			out, s = append(out, word), s[len(word):]
			continue
		}
		word, after, ok := strings.Cut(s[1:], `"`)
		if !ok {
			r.fail("fault.cap.value", name)
			return nil
		}
		out, s = append(out, strings.TrimSpace(word)), after
	}
	return out
}
