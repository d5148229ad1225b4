package health

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"lintas/internal/access"
	"lintas/internal/desk/health/fhir"
	"lintas/internal/locale"
	"lintas/internal/place"
)

// How a release becomes FHIR R4: the sender and the recipients are
// Organizations, what was told is a Communication, and each indicator with its
// class and day is a MeasureReport with the places as strata. docs/protocol/fhir.md
// has the table.

// fhirPriorities are the priorities of a request for a grade.
var fhirPriorities = map[Grade]string{Emergency: "stat", Warning: "asap", Watch: "urgent", Information: "routine"}

// uuidOf is the same identifier for the same thing wherever it is said.
func uuidOf(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join(parts, "|"))).String()
}

func fullURL(u string) string { return "urn:uuid:" + u }

// FHIR makes the bundle. exercise tags what comes from a node that is only for
// demonstration, whatever its records say. A release that was withdrawn keeps
// its Communication, entered in error, without content.
func (a *Alerted) FHIR(exercise bool) fhir.Bundle {
	meta := &fhir.Meta{Security: []fhir.Coding{{System: fhir.SystemTLP, Code: string(a.Marking)}}}
	if exercise || a.Exercise != "" {
		meta.Tag = []fhir.Coding{fhir.TestData()}
	}
	out := fhir.Bundle{ResourceType: "Bundle", ID: uuidOf("bundle", string(a.Release)), Meta: meta, Type: "collection",
		Identifier: fhir.Identifier{System: "urn:ietf:rfc:3986", Value: "urn:uuid:" + string(a.Release)}, Timestamp: fhir.Instant(a.Issued)}
	p := locale.New(a.Lang, nil, "")
	refs := map[access.Member]fhir.Reference{}
	for _, m := range append([]access.Member{a.From}, a.To...) {
		if _, ok := refs[m]; ok {
			continue
		}
		o := fhir.Organization{ResourceType: "Organization", ID: uuidOf(CAPSender(m)), Name: place.Name(string(m), p.Lang()),
			Identifier: []fhir.Identifier{{System: "urn:ietf:rfc:3986", Value: CAPSender(m)}}}
		refs[m] = fhir.Reference{Reference: fullURL(o.ID), Display: o.Name}
		out.Entry = append(out.Entry, fhir.Entry{FullURL: fullURL(o.ID), Resource: o})
	}
	c := a.communication(p, refs)
	c.Meta = meta
	out.Entry = append(out.Entry, fhir.Entry{FullURL: fullURL(c.ID), Resource: c})
	if !a.Withdrawn.IsZero() {
		return out
	}
	for _, m := range a.measures(p, refs[a.From]) {
		m.Meta = meta
		out.Entry = append(out.Entry, fhir.Entry{FullURL: fullURL(m.ID), Resource: m})
	}
	return out
}

func (a *Alerted) communication(p *locale.Printer, refs map[access.Member]fhir.Reference) fhir.Communication {
	e := &a.View.Event
	c := fhir.Communication{ResourceType: "Communication", ID: string(a.Release), Language: p.Lang(), Status: "completed",
		Identifier: []fhir.Identifier{{System: "urn:ietf:rfc:3986", Value: "urn:uuid:" + string(a.Release)}},
		Category:   []fhir.Concept{{Coding: []fhir.Coding{{System: "http://terminology.hl7.org/CodeSystem/communication-category", Code: "alert"}}}},
		Sent:       fhir.Instant(a.Issued), Sender: refs[a.From],
		About: []fhir.Reference{{Identifier: &fhir.Identifier{System: "urn:ietf:rfc:3986", Value: "urn:uuid:" + string(e.ID)}, Display: plain(e.Name)}}}
	for _, m := range a.To {
		c.Recipient = append(c.Recipient, refs[m])
	}
	if a.Replaces != nil {
		c.InResponseTo = []fhir.Reference{{Identifier: &fhir.Identifier{System: "urn:ietf:rfc:3986", Value: "urn:uuid:" + string(a.Replaces.Release)}}}
	}
	if !a.Withdrawn.IsZero() {
		c.Status, c.About = "entered-in-error", nil
		c.StatusReason = &fhir.Concept{Text: cmp.Or(plain(a.Reason), "withdrawn")}
		return c
	}
	c.Priority = fhirPriorities[e.Grade]
	c.Topic = &fhir.Concept{Text: plain(a.View.Title)}
	c.ReasonCode = []fhir.Concept{hazardConcept(p, e)}
	for _, s := range []string{plain(a.View.Message), plain(e.Summary)} {
		if s != "" {
			c.Payload = append(c.Payload, fhir.Payload{ContentString: s})
		}
	}
	for _, b := range e.Withheld {
		c.Note = append(c.Note, fhir.Annotation{Text: p.T("health.fhir.withheld", "block", p.T("block."+string(b)))})
	}
	return c
}

func hazardConcept(p *locale.Printer, e *EventView) fhir.Concept {
	c := fhir.Concept{Text: p.T("hazard." + e.Hazard)}
	if e.ICD11 != "" {
		c.Coding = append(c.Coding, fhir.Coding{System: fhir.SystemICD11, Code: e.ICD11})
	}
	if e.ICD10 != "" {
		c.Coding = append(c.Coding, fhir.Coding{System: fhir.SystemICD10, Code: e.ICD10})
	}
	return c
}

// measures are the figures, one report for each indicator, class, period and
// day; a figure of the whole state is the group's own count, those of places
// are its strata. What nobody reported is not there; it is never 0.
func (a *Alerted) measures(p *locale.Printer, reporter fhir.Reference) []fhir.MeasureReport {
	e := &a.View.Event
	type key struct{ indicator, class, from, to, asOf string }
	groups := map[key][]FactView{}
	for _, f := range e.Facts {
		k := key{f.Indicator, f.Class, f.From, f.To, fhir.Instant(f.AsOf)}
		groups[k] = append(groups[k], f)
	}
	order := slices.SortedFunc(maps.Keys(groups), func(x, y key) int {
		return cmp.Or(cmp.Compare(x.asOf, y.asOf), cmp.Compare(x.indicator, y.indicator), cmp.Compare(x.class, y.class), cmp.Compare(x.from, y.from))
	})
	var out []fhir.MeasureReport
	for _, k := range order {
		name := strings.Trim(k.indicator+":"+k.class, ":")
		m := fhir.MeasureReport{ResourceType: "MeasureReport", ID: uuidOf("measure", string(a.Release), name, k.from, k.to, k.asOf),
			Status: "complete", Type: "summary", Measure: "urn:lintas:measure:" + name, Date: k.asOf, Reporter: reporter,
			Period: fhir.Period{Start: k.from, End: cmp.Or(k.to, k.asOf)}}
		if m.Period.Start == "" {
			m.Period.Start = e.firstDay()
		}
		m.Group = []fhir.Group{group(p, k.indicator, k.class, groups[k])}
		out = append(out, m)
	}
	return out
}

// group is one figure: that of the whole state where one was given, and its
// parts by place, age, sex and group.
func group(p *locale.Printer, indicator, class string, facts []FactView) fhir.Group {
	g := fhir.Group{Code: &fhir.Concept{Text: strings.TrimSpace(p.T("indicator."+indicator) + " " + classWord(p, class))}}
	var strata []fhir.Stratum
	for _, f := range facts {
		parts := components(p, f)
		if len(parts) == 1 && !strings.Contains(f.Place, "-") && g.Population == nil {
			g.Population = populations(f)
			continue
		}
		s := fhir.Stratum{Population: populations(f)}
		if len(parts) == 1 {
			s.Value = &parts[0].Value
		} else {
			s.Component = parts
		}
		strata = append(strata, s)
	}
	if strata != nil {
		g.Stratifier = []fhir.Stratifier{{Code: []fhir.Concept{{Text: p.T("health.fact.place")}}, Stratum: strata}}
	}
	return g
}

// components are what a figure is of: its place first.
func components(p *locale.Printer, f FactView) []fhir.Component {
	out := []fhir.Component{{Code: fhir.Concept{Text: p.T("health.fact.place")},
		Value: fhir.Concept{Coding: []fhir.Coding{{System: fhir.SystemPlace, Code: f.Place}}, Text: place.Name(f.Place, p.Lang())}}}
	for _, c := range []struct{ name, value string }{{"age", f.Age}, {"sex", f.Sex}, {"group", f.Group}} {
		if c.value != "" {
			out = append(out, fhir.Component{Code: fhir.Concept{Text: c.name}, Value: fhir.Concept{Text: c.value}})
		}
	}
	return out
}

// populations is the count, or numerator and denominator of a share. A cell
// that was suppressed because it is small has no count.
func populations(f FactView) []fhir.Population {
	switch {
	case f.Suppressed:
		return nil
	case f.Of > 0:
		return []fhir.Population{{Code: fhir.Kind("numerator"), Count: f.Value}, {Code: fhir.Kind("denominator"), Count: f.Of}}
	}
	return []fhir.Population{{Code: fhir.Kind("initial-population"), Count: f.Value}}
}

func classWord(p *locale.Printer, class string) string {
	if class == "" {
		return ""
	}
	return "(" + p.T("class."+class) + ")"
}

// firstDay is where cumulative figures begin, as far as it is known.
func (e *EventView) firstDay() string {
	for _, d := range []Date{e.Emergence, e.Onset, e.Detection} {
		if from, _, ok := d.Span(); ok {
			return from.UTC().Format("2006-01-02")
		}
	}
	return ""
}
