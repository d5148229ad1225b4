package signal

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/id"
	"lintas/internal/place"
	"lintas/internal/workflow"
)

// Source is where a signal came from: a closed list in the terms of
// event-based and indicator-based surveillance (WHO, Early detection,
// assessment and response to acute public health events, 2014).
type Source string

const (
	Hotline      Source = "hotline"        // event-based: calls of the public
	Community    Source = "community"      // event-based: community health workers, volunteers
	Facility     Source = "facility"       // event-based: health facilities, clinicians
	Laboratory   Source = "laboratory"     // an unusual or notifiable result
	Media        Source = "media"          // event-based: press, social media
	EIOS         Source = "eios"           // event-based: Epidemic Intelligence from Open Sources
	WHO          Source = "who"            // Disease Outbreak News, Event Information Site
	Partner      Source = "partner"        // another state
	PointOfEntry Source = "point_of_entry" // airport, port, ground crossing
	Veterinary   Source = "veterinary"     // animal health, wildlife, WOAH
	Sentinel     Source = "sentinel"       // indicator-based: sentinel sites
	Indicator    Source = "indicator"      // indicator-based: an alarm over weekly counts
	Imported     Source = "import"         // a table or feed that does not say
)

// Sources in the order of the form.
var Sources = []Source{Hotline, Community, Facility, Laboratory, Media, EIOS, WHO, Partner, PointOfEntry, Veterinary, Sentinel, Indicator, Imported}

// Recordable are the sources that a person may enter; the others are set by
// what made the signal.
var Recordable = Sources[:11]

// Answer to a question that may stay open.
type Answer string

const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Answers in the order of the form.
var Answers = []Answer{Yes, No, Unknown}

// Concerns are WHO's six marks that a signal may be of international concern.
var Concerns = []string{"unknown_disease", "cross_border", "serious_unexpected", "travel_trade", "capacity", "deliberate"}

// Reliabilities of a source and Credibilities of an information: the
// admiralty scale (NATO AJP-2.1). F and 6 say that it cannot be judged.
var (
	Reliabilities = []string{"A", "B", "C", "D", "E", "F"}
	Credibilities = []string{"1", "2", "3", "4", "5", "6"}
)

// Limits of a signal's fields, in characters.
const (
	MaxText   = 8000
	MaxLine   = 300
	MaxReason = 1000
	MaxAlarms = 60 // kept of an alarm that persists; the oldest go first
)

// Count is a number as it was reported. A missing count is nil, never 0.
type Count struct {
	N     int64  `json:"n"`
	About string `json:"about,omitempty"` // "at_least", "at_most", "about"; empty: exactly
}

// Claim says which duty post works on the signal and until when.
type Claim struct {
	Account id.ID     `json:"account"`
	Post    string    `json:"post"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`
}

// Alarm is one occurrence of what a surveillance method raised. Ref points
// into the surveillance part: series, method, parameters, data version.
type Alarm struct {
	At   time.Time       `json:"at"`
	Text string          `json:"text,omitempty"`
	Ref  json.RawMessage `json:"ref,omitempty"`
}

// Milestones of an outbreak that a source may know, in the order of 7-1-7.
var Milestones = []string{"start", "detection", "verification", "laboratory", "notified_local", "notified_who", "communication", "intervention", "end"}

// Signal is unverified information on a possible acute risk.
type Signal struct {
	desk.Head
	Source     Source       `json:"source"`
	SourceName string       `json:"source_name,omitempty"` // clinic, newspaper, station; never a person
	Ref        string       `json:"ref,omitempty"`         // the source's own reference
	Link       string       `json:"link,omitempty"`
	Text       string       `json:"text"`
	Lang       string       `json:"lang"`
	Hazard     string       `json:"hazard"` // key of health.Hazards; "unknown" is a hazard
	Agent      string       `json:"agent,omitempty"`
	ICD11      string       `json:"icd11,omitempty"`
	ICD10      string       `json:"icd10,omitempty"`
	Locality   string       `json:"locality,omitempty"` // below the unit, in the source's words
	FirstSeen  health.Date  `json:"first_seen,omitzero"`
	Population string       `json:"population,omitempty"` // who is affected
	Cases      *Count       `json:"cases,omitempty"`
	Deaths     *Count       `json:"deaths,omitempty"`
	Known      MilestoneSet `json:"known,omitempty"`

	Concern     map[string]Answer `json:"concern,omitempty"`
	Reliability string            `json:"reliability,omitempty"`
	Credibility string            `json:"credibility,omitempty"`
	Definition  Answer            `json:"definition,omitempty"` // case definition met?
	LabEvidence string            `json:"lab_evidence,omitempty"`
	ConfirmedBy string            `json:"confirmed_by,omitempty"` // authority or post
	ConfirmedOn health.Date       `json:"confirmed_on,omitzero"`

	Outcome     workflow.Verb `json:"outcome,omitempty"` // what the triage decided
	Triaged     desk.Mark     `json:"triaged,omitzero"`
	Reason      string        `json:"reason,omitempty"` // of the last step that asks for one
	Claim       *Claim        `json:"claim,omitempty"`
	Escalated   time.Time     `json:"escalated,omitzero"`
	Event       id.ID         `json:"event,omitempty"`
	DuplicateOf id.ID         `json:"duplicate_of,omitempty"`

	Import  id.ID         `json:"import,omitempty"`
	Row     int           `json:"row,omitempty"` // of the imported table
	Alarm   string        `json:"alarm,omitempty"`
	Alarms  []Alarm       `json:"alarms,omitempty"`
	Raised  int           `json:"raised,omitempty"` // how often the alarm came, also those not kept
	From    access.Member `json:"from,omitempty"`   // of a partner state
	Release id.ID         `json:"release,omitempty"`

	// before is the claim as it was loaded: a step that sets or ends a claim
	// is judged by the one that it found.
	before *Claim
}

// MilestoneSet is what a source says of the outbreak's dates.
type MilestoneSet map[string]health.Date

var (
	icd11Form = regexp.MustCompile(`^[A-Z0-9]{4}(\.[A-Z0-9]{1,2})?$`)
	icd10Form = regexp.MustCompile(`^[A-Z][0-9]{2}(\.[0-9A-Z]{1,2})?$`)
	langForm  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	linkForm  = regexp.MustCompile(`^https?://[^\s<>"]{3,500}$`)
)

// validate checks what was entered. now is the desk's time.
func validate(s *Signal, now time.Time) error {
	var c fault.Check
	check(&c, s, now)
	return c.Err()
}

func check(c *fault.Check, s *Signal, now time.Time) {
	for _, line := range []*string{&s.Text, &s.SourceName, &s.Ref, &s.Link, &s.Agent, &s.Locality, &s.Population, &s.ConfirmedBy, &s.Reason} {
		*line = strings.TrimSpace(*line)
	}
	c.That(slices.Contains(Sources, s.Source), "source", "fault.signal.source")
	c.That(s.Text != "", "text", "fault.signal.text_missing")
	c.That(utf8.RuneCountInString(s.Text) <= MaxText, "text", "fault.too_long", fault.Args{"max": MaxText})
	for name, line := range map[string]string{"source_name": s.SourceName, "ref": s.Ref, "agent": s.Agent, "locality": s.Locality, "population": s.Population, "confirmed_by": s.ConfirmedBy} {
		c.That(utf8.RuneCountInString(line) <= MaxLine, name, "fault.too_long", fault.Args{"max": MaxLine})
	}
	c.That(utf8.RuneCountInString(s.LabEvidence) <= MaxReason, "lab_evidence", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(utf8.RuneCountInString(s.Reason) <= MaxReason, "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(s.Link == "" || linkForm.MatchString(s.Link), "link", "fault.signal.link")
	c.That(langForm.MatchString(s.Lang) && len(s.Lang) <= 20, "lang", "fault.signal.lang")
	_, known := health.HazardByKey(s.Hazard)
	c.That(known, "hazard", "fault.signal.hazard")
	c.That(s.ICD11 == "" || icd11Form.MatchString(s.ICD11), "icd11", "fault.signal.icd11", fault.Args{"code": s.ICD11})
	c.That(s.ICD10 == "" || icd10Form.MatchString(s.ICD10), "icd10", "fault.signal.icd10", fault.Args{"code": s.ICD10})
	c.That(KnownPlace(s.Place), "place", "fault.signal.place", fault.Args{"place": s.Place})
	c.That(s.Marking.Valid(), "marking", "fault.signal.marking")
	checkDate(c, "first_seen", s.FirstSeen, now)
	checkDate(c, "confirmed_on", s.ConfirmedOn, now)
	for name, d := range s.Known {
		c.That(slices.Contains(Milestones, name), "known", "fault.signal.milestone")
		checkDate(c, "known."+name, d, now)
	}
	checkCount(c, "cases", s.Cases)
	checkCount(c, "deaths", s.Deaths)
	checkJudgement(c, s)
}

func checkJudgement(c *fault.Check, s *Signal) {
	c.That(s.Reliability == "" || slices.Contains(Reliabilities, s.Reliability), "reliability", "fault.signal.reliability")
	c.That(s.Credibility == "" || slices.Contains(Credibilities, s.Credibility), "credibility", "fault.signal.credibility")
	c.That(s.Definition == "" || slices.Contains(Answers, s.Definition), "definition", "fault.signal.answer")
	for k, a := range s.Concern {
		c.That(slices.Contains(Concerns, k) && slices.Contains(Answers, a), "concern", "fault.signal.answer")
	}
}

// mostCount is more people than any place has.
const mostCount = 100_000_000

func checkCount(c *fault.Check, field string, n *Count) {
	if n != nil {
		c.That(n.N >= 0 && n.N <= mostCount, field, "fault.signal.count")
		c.That(slices.Contains([]string{"", "at_least", "at_most", "about"}, n.About), field, "fault.signal.count")
	}
}

// checkDate refuses dates that cannot be, and dates after today with a day of
// slack for the time zones of the region.
func checkDate(c *fault.Check, field string, d health.Date, now time.Time) {
	if d.IsZero() || d.Precision == health.Unknown && d.On == "" {
		return
	}
	from, _, ok := d.Span()
	c.That(ok && from.Year() >= 1900, field, "fault.signal.date")
	c.That(!ok || !from.After(now.AddDate(0, 0, 1)), field, "fault.signal.date_future")
}

// KnownPlace: a signal may be about any state of the world, and about the
// units of those that the gazetteer knows.
func KnownPlace(code string) bool {
	if place.Known(code) {
		return true
	}
	if len(code) != 2 || code != strings.ToUpper(code) {
		return false
	}
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry() && r.String() == code
}

// Country is the state that a place lies in.
func Country(code string) string {
	if m := place.Member(code); m != "" {
		return m
	}
	return code
}

// Title is the beginning of the text, for lists.
func (s *Signal) Title() string { return firstLine(s.Text, 140) }

func firstLine(text string, most int) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	r := []rune(strings.TrimSpace(line))
	if len(r) <= most {
		return string(r)
	}
	cut := string(r[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// Seen is when the risk was first seen, as well as that is known: the middle
// of the interval, or the day the signal came.
func (s *Signal) Seen() time.Time {
	from, to, ok := s.FirstSeen.Span()
	if !ok {
		return s.Created.At.UTC().Truncate(24 * time.Hour)
	}
	return from.Add(to.Sub(from) / 2).Truncate(24 * time.Hour)
}
