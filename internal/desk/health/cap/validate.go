package cap

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lintas/internal/fault"
)

// The closed lists, in the order of the standard.
var (
	statuses    = []Status{Actual, Exercise, System, Test, Draft}
	msgTypes    = []MsgType{New, Update, Cancel, Ack, Error}
	scopes      = []Scope{Public, Restricted, Private}
	categories  = []Category{Geo, Met, Safety, Security, Rescue, Fire, Health, Env, Transport, Infra, CBRNE, Other}
	responses   = []ResponseType{Shelter, Evacuate, Prepare, Execute, Avoid, Monitor, Assess, AllClear, None}
	urgencies   = []Urgency{Immediate, Expected, Future, Past, UnknownUrgency}
	severities  = []Severity{Extreme, Severe, Moderate, Minor, UnknownSeverity}
	certainties = []Certainty{Observed, Likely, Possible, Unlikely, UnknownCertainty}
)

var (
	langTag = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)
	sha1Hex = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)
)

// Validate checks what the standard requires, always and on condition. The
// rows of its fields count the infos.
func (a Alert) Validate() error {
	v := &validation{}
	v.token("identifier", a.Identifier)
	v.token("sender", a.Sender)
	v.time("sent", a.Sent, true)
	listed(v, "status", a.Status, statuses)
	listed(v, "msgType", a.MsgType, msgTypes)
	listed(v, "scope", a.Scope, scopes)
	v.text("source", a.Source)
	v.text("restriction", a.Restriction)
	v.text("note", a.Note)
	for _, c := range a.Codes {
		v.needed("code", c)
	}
	v.that(a.Scope != Restricted || a.Restriction != "", "restriction", "fault.cap.restriction")
	v.that(a.Scope != Private || len(a.Addresses) > 0, "addresses", "fault.cap.addresses")
	v.words("addresses", a.Addresses)
	v.words("incidents", a.Incidents)
	v.that(a.MsgType == New || len(a.References) > 0, "references", "fault.cap.references")
	for _, r := range a.References {
		v.token("references", r.Sender)
		v.token("references", r.Identifier)
		v.time("references", r.Sent, true)
	}
	for i := range a.Infos {
		v.row = i + 1
		v.info(&a.Infos[i])
	}
	return v.Err()
}

type validation struct {
	fault.Check
	row int
}

func (v *validation) that(ok bool, field, key string, args ...fault.Args) {
	v.Row(ok, v.row, field, key, args...)
}

func (v *validation) info(in *Info) {
	v.that(in.Language == "" || langTag.MatchString(in.Language), "language", "fault.cap.language")
	v.that(len(in.Categories) > 0, "category", "fault.cap.needed")
	for _, c := range in.Categories {
		listed(v, "category", c, categories)
	}
	v.needed("event", in.Event)
	for _, r := range in.Responses {
		listed(v, "responseType", r, responses)
	}
	listed(v, "urgency", in.Urgency, urgencies)
	listed(v, "severity", in.Severity, severities)
	listed(v, "certainty", in.Certainty, certainties)
	v.time("effective", in.Effective, false)
	v.time("onset", in.Onset, false)
	v.time("expires", in.Expires, false)
	for name, s := range map[string]string{"audience": in.Audience, "senderName": in.SenderName, "headline": in.Headline,
		"description": in.Description, "instruction": in.Instruction, "contact": in.Contact} {
		v.text(name, s)
	}
	v.uri("web", in.Web, true)
	v.values("eventCode", in.EventCodes)
	v.values("parameter", in.Parameters)
	for _, r := range in.Resources {
		v.resource(r)
	}
	for _, a := range in.Areas {
		v.area(a)
	}
}

func (v *validation) resource(r Resource) {
	v.needed("resourceDesc", r.Desc)
	v.needed("mimeType", r.MIMEType)
	v.that(r.Size >= 0, "size", "fault.cap.number")
	v.uri("uri", r.URI, r.DerefURI == "") // beside derefUri it may be relative
	v.text("derefUri", r.DerefURI)
	v.that(r.Digest == "" || sha1Hex.MatchString(r.Digest), "digest", "fault.cap.digest")
}

func (v *validation) area(a Area) {
	v.needed("areaDesc", a.Desc)
	for _, p := range a.Polygons {
		ok := len(p) >= 4 && p[0] == p[len(p)-1] && !slices.ContainsFunc(p, func(q Point) bool { return !q.valid() })
		v.that(ok, "polygon", "fault.cap.polygon")
	}
	for _, c := range a.Circles {
		v.that(c.valid() && c.Radius >= 0 && c.Radius < 25000, "circle", "fault.cap.circle")
	}
	v.values("geocode", a.Geocodes)
	for name, f := range map[string]*float64{"altitude": a.Altitude, "ceiling": a.Ceiling} {
		v.that(f == nil || *f > -1e6 && *f < 1e7, name, "fault.cap.number")
	}
	v.that(a.Ceiling == nil || a.Altitude != nil, "ceiling", "fault.cap.ceiling")
}

// valid is false for NaN too.
func (p Point) valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180
}

func (v *validation) values(field string, list []Value) {
	for _, nv := range list {
		v.needed(field, nv.Name)
		v.text(field, nv.Value)
	}
}

// words are the items of a list that is separated by spaces; those with
// spaces are quoted, so they cannot hold a quote.
func (v *validation) words(field string, list []string) {
	for _, w := range list {
		v.needed(field, w)
		v.that(!strings.ContainsRune(w, '"'), field, "fault.cap.quote")
	}
}

func (v *validation) needed(field, s string) {
	v.that(s != "", field, "fault.cap.needed")
	v.text(field, s)
}

// text refuses what XML cannot carry.
func (v *validation) text(field, s string) {
	ok := utf8.ValidString(s) && s == strings.TrimSpace(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF
	})
	v.that(ok, field, "fault.cap.text")
}

// token is an identifier or a sender.
func (v *validation) token(field, s string) {
	v.needed(field, s)
	v.that(!strings.ContainsAny(s, ",<&") && !strings.ContainsFunc(s, unicode.IsSpace), field, "fault.cap.token")
}

func (v *validation) time(field string, t time.Time, needed bool) {
	if t.IsZero() {
		v.that(!needed, field, "fault.cap.needed")
		return
	}
	_, offset := t.Zone()
	v.that(t.Nanosecond() == 0 && offset%60 == 0 && max(offset, -offset) <= 14*3600 && t.Year() >= 1000 && t.Year() <= 9999, field, "fault.cap.time")
}

func (v *validation) uri(field, s string, absolute bool) {
	v.text(field, s)
	u, err := url.Parse(s)
	v.that(s == "" || err == nil && (u.IsAbs() || !absolute) && !strings.ContainsAny(s, " \t\n"), field, "fault.cap.uri")
}

func listed[S ~string](v *validation, field string, s S, list []S) {
	v.that(slices.Contains(list, s), field, "fault.cap.listed", fault.Args{"list": strings.Trim(fmt.Sprint(list), "[]")})
}
