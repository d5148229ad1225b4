package health

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk/health/cap"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/place"
)

// How a release becomes an alert of the Common Alerting Protocol. The scheme
// of senders and identifiers, and the tables below, stand in
// docs/protocol/cap.md. A test compares the two.

// Alerted is what one group of recipients got, with what the release says
// beside its body. Owner and recipient make the same alert of it.
type Alerted struct {
	Notification id.ID
	Release      id.ID
	From         access.Member
	To           []access.Member // as far as the node knows them
	View         NotificationView
	Marking      access.Marking
	Purpose      string
	Basis        string
	Lang         string
	Issued       time.Time
	Due          time.Time
	Exercise     string
	Replaces     *Earlier  // the release that this one supersedes
	Withdrawn    time.Time // zero: in force
	Reason       string    // of the withdrawal
}

// Earlier names an earlier release of the same sender.
type Earlier struct {
	Release id.ID
	Issued  time.Time
}

// gravity is what the three scales of the standard say for a grade.
type gravity struct {
	Urgency   cap.Urgency
	Severity  cap.Severity
	Certainty cap.Certainty
}

// gravities: certainty is Observed instead wherever the figures that were
// sent hold a confirmed case or death.
var gravities = map[Grade]gravity{
	Emergency:   {cap.Immediate, cap.Extreme, cap.Likely},
	Warning:     {cap.Expected, cap.Severe, cap.Likely},
	Watch:       {cap.Future, cap.Moderate, cap.Possible},
	Information: {cap.UnknownUrgency, cap.Minor, cap.UnknownCertainty},
}

// capResponses is what the sender's purpose asks of a recipient.
var capResponses = map[string]cap.ResponseType{
	"early_warning": cap.Monitor, "risk_assessment": cap.Assess, "joint_response": cap.Prepare, "information": cap.None,
}

// capCategories are those of a hazard's class beside Health.
var capCategories = map[string][]cap.Category{
	"chem": {cap.CBRNE}, "radio-nuclear": {cap.CBRNE},
}

// CAPSender is how a member signs its alerts.
func CAPSender(m access.Member) string { return "urn:lintas:member:" + string(m) }

// CAP makes the alert. exercise marks the alerts of a node that is only for
// demonstration, whatever its records say.
func (a *Alerted) CAP(exercise bool) cap.Alert {
	out := cap.Alert{
		Identifier: string(a.Release), Sender: CAPSender(a.From), Sent: wholeSecond(a.Issued), Status: cap.Actual, MsgType: cap.New,
		Scope: cap.Public, Codes: []string{string(a.Marking)}, Incidents: []string{string(a.View.Event.ID)},
	}
	if a.Marking != access.TLPClear {
		out.Scope, out.Restriction = cap.Restricted, string(a.Marking)
		for _, m := range a.To {
			out.Addresses = append(out.Addresses, CAPSender(m))
		}
	}
	if exercise || a.Exercise != "" {
		out.Status, out.Note = cap.Exercise, cmp.Or(plain(a.Exercise), "demonstration")
	}
	if a.Replaces != nil {
		out.MsgType = cap.Update
		out.References = []cap.Reference{{Sender: out.Sender, Identifier: string(a.Replaces.Release), Sent: wholeSecond(a.Replaces.Issued)}}
	}
	if !a.Withdrawn.IsZero() {
		// A cancellation is a message of its own; it names what it cancels
		// and says nothing of it any more.
		out.References = []cap.Reference{out.Reference()}
		out.Identifier, out.MsgType, out.Sent = string(a.Release)+".withdrawn", cap.Cancel, wholeSecond(a.Withdrawn)
		out.Note = strings.TrimSpace(out.Note + "\n" + plain(a.Reason))
		return out
	}
	out.Infos = []cap.Info{a.info()}
	return out
}

func (a *Alerted) info() cap.Info {
	e := &a.View.Event
	g, ok := gravities[e.Grade]
	if !ok {
		g = gravity{cap.UnknownUrgency, cap.UnknownSeverity, cap.UnknownCertainty}
	}
	if confirmed(e.Facts) {
		g.Certainty = cap.Observed
	}
	p := locale.New(a.Lang, nil, "")
	in := cap.Info{
		Language: language(a.Lang), Categories: []cap.Category{cap.Health}, Event: p.T("hazard.unknown"),
		Urgency: g.Urgency, Severity: g.Severity, Certainty: g.Certainty, Effective: wholeSecond(a.Issued),
		SenderName: place.Name(string(a.From), p.Lang()), Headline: plain(a.View.Title),
		Description: plain(a.View.Message + "\n\n" + e.Summary), Areas: areas(e.Places, p.Lang()),
	}
	if h, ok := HazardByKey(e.Hazard); ok {
		in.Event = p.T("hazard." + h.Key)
		in.Categories = append(in.Categories, capCategories[h.Class]...)
	}
	if r, ok := capResponses[a.Purpose]; ok {
		in.Responses = []cap.ResponseType{r}
	}
	if from, _, ok := e.Onset.Span(); ok && e.Onset.Precision == Day {
		zone := place.Zone(string(a.From))
		if zone == nil {
			zone = time.UTC
		}
		in.Onset = time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, zone)
	}
	in.EventCodes = values([][2]string{{"lintas:hazard", e.Hazard}, {"ICD-11", e.ICD11}, {"ICD-10", e.ICD10}, {"GLIDE", e.GLIDE}})
	in.Parameters = a.parameters()
	return in
}

// parameters carry what the standard has no element for.
func (a *Alerted) parameters() []cap.Value {
	e := &a.View.Event
	var withheld []string
	for _, b := range e.Withheld {
		withheld = append(withheld, string(b))
	}
	due := ""
	if !a.Due.IsZero() {
		due = cap.FormatTime(wholeSecond(a.Due))
	}
	out := values([][2]string{
		{"lintas:notification", string(a.Notification)}, {"lintas:event", string(e.ID)},
		{"lintas:event-version", strconv.Itoa(e.Version)}, {"lintas:grade", string(e.Grade)}, {"lintas:agent", e.Agent},
		{"lintas:purpose", a.Purpose}, {"lintas:basis", a.Basis}, {"lintas:acknowledge-by", due},
		{"lintas:withheld", strings.Join(withheld, " ")},
	})
	for _, d := range []struct {
		name string
		date Date
	}{{"onset", e.Onset}, {"emergence", e.Emergence}, {"detection", e.Detection}, {"notified", e.Notified}} {
		if !d.date.IsZero() {
			out = append(out, cap.Value{Name: "lintas:date:" + d.name, Value: strings.TrimSpace(plain(d.date.On + " " + string(d.date.Precision)))})
		}
	}
	return append(out, figures(e.Facts)...)
}

// figures are the newest cumulative values, each with its as-of.
func figures(views []FactView) []cap.Value {
	facts := make([]Fact, len(views))
	for i, f := range views {
		facts[i] = Fact{Indicator: f.Indicator, Class: f.Class, Place: f.Place, From: f.From, To: f.To, Value: f.Value,
			Source: f.Source, AsOf: f.AsOf, Revision: f.Revision}
	}
	var out []cap.Value
	for _, i := range Indicators {
		for _, c := range Classes {
			if f, ok := Latest(facts, i, c); ok {
				name := strings.TrimSuffix("lintas:figure:"+i+":"+c, ":")
				out = append(out, cap.Value{Name: name, Value: strconv.FormatInt(f.Value, 10) + " " + cap.FormatTime(wholeSecond(f.AsOf))})
			}
		}
	}
	return out
}

func confirmed(facts []FactView) bool {
	return slices.ContainsFunc(facts, func(f FactView) bool {
		return f.Class == "confirmed" && (f.Indicator == "cases" || f.Indicator == "deaths") && f.Value > 0
	})
}

// areas names each place once, with its code of ISO 3166-2, or 3166-1 for a
// whole state.
func areas(codes []string, lang string) []cap.Area {
	var out []cap.Area
	for _, c := range codes {
		if !place.Known(c) {
			continue // from a newer gazetteer than this node's
		}
		name := "ISO 3166-2"
		if !strings.Contains(c, "-") {
			name = "ISO 3166-1"
		}
		out = append(out, cap.Area{Desc: plain(place.Full(c, lang)), Geocodes: []cap.Value{{Name: name, Value: c}}})
	}
	return out
}

func values(pairs [][2]string) []cap.Value {
	var out []cap.Value
	for _, p := range pairs {
		if v := plain(p[1]); v != "" {
			out = append(out, cap.Value{Name: p[0], Value: v})
		}
	}
	return out
}

func language(lang string) string {
	if langForm.MatchString(lang) {
		return lang
	}
	return "en"
}

// wholeSecond is a time as the standard has it.
func wholeSecond(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// plain keeps what XML can carry; a foreign body may hold anything.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < 0x20 && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// tombstone takes out of a withdrawn view what recipients no longer have.
func (a *Alerted) tombstone() {
	e := &a.View.Event
	a.View.Message, e.Summary, e.Agent, e.Facts = "", "", "", nil
}
