package sitrep

import (
	"cmp"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/desk/health/edxlsitrep"
	"lintas/internal/id"
)

// severities say the grade of an event in the words of the standard.
var severities = map[health.Grade]string{health.Emergency: "Extreme", health.Warning: "Severe", health.Watch: "Moderate", health.Information: "Minor"}

// EDXL is the report as the exchange format carries it.
func EDXL(v *ReportView) edxlsitrep.Report {
	from, _ := time.Parse(time.DateOnly, v.From)
	until, _ := time.Parse(time.DateOnly, v.Until)
	out := edxlsitrep.Report{ID: string(v.ID), Title: v.Title, Purpose: v.Scope + " situation report", Number: v.Number, Version: "Initial",
		PreparedBy: edxlsitrep.Signed{Name: v.Authority, At: v.AsOf.UTC().Truncate(time.Second)}, ClearedBy: edxlsitrep.Signed{Name: cmp.Or(v.ClearedAs, v.Authority),
			At: v.Cleared.UTC().Truncate(time.Second)}, From: from, To: until.Add(24*time.Hour - time.Second), Incident: string(cmp.Or(v.Event, v.Family, v.Call, v.ID)),
		Severity: cmp.Or(severities[v.Grade], "Unknown"), Confidence: "SomewhatConfident", Next: v.Next.UTC().Truncate(time.Second), Place: string(v.Owner),
		Needs: cmp.Or(xmlText(v.Text("needs")), "–"), Actions: xmlText(cmp.Or(v.Text("next"), v.Text("done")))}
	switch {
	case v.Corrections > 0:
		out.Version, out.Preceding = "Correction", []string{string(v.Corrects)}
	case v.Last != nil:
		out.Version, out.Preceding = "Update", []string{string(v.Last.ID)}
	}
	var text []string
	for _, h := range v.Highlights {
		text = append(text, "• "+h)
	}
	for _, p := range Parts {
		if t := v.Text(p); t != "" && p != "needs" {
			text = append(text, t)
		}
	}
	for _, t := range v.Texts {
		if t.Part == Summary {
			text = append(text, "["+t.Lang+"] "+t.Text)
		}
	}
	out.Text = cmp.Or(xmlText(strings.Join(text, "\n\n")), "–")
	out.Cells = cellsOf(v)
	return out
}

// xmlText is text without characters that XML cannot carry.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xFFFD || r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}

// cellsOf are the numbers of a report, and a cell without a number for each
// member that is not in.
func cellsOf(v *ReportView) []edxlsitrep.Cell {
	var out []edxlsitrep.Cell
	for _, in := range v.Inputs {
		switch in.Stands {
		case Silent, Late:
			out = append(out, edxlsitrep.Cell{Member: string(in.Member), Place: string(in.Member), Why: string(NoReport)})
		case Nothing:
			out = append(out, edxlsitrep.Cell{Member: string(in.Member), Place: string(in.Member), Why: string(NoneHere)})
		}
	}
	if v.Scope == National && v.Nothing {
		out = append(out, edxlsitrep.Cell{Member: string(v.Owner), Place: string(v.Owner), Why: string(NoneHere)})
	}
	for i := range v.Figures {
		f := &v.Figures[i]
		for _, x := range f.Values {
			c := edxlsitrep.Cell{Member: string(x.Member), Place: f.Place, Indicator: f.Indicator, Class: f.Class, Source: xmlText(x.Source), AsOf: x.AsOf.UTC().Truncate(time.Second),
				Release: string(cmp.Or(x.Release, v.Release))}
			if x.Suppressed {
				c.Why = string(Small)
			} else {
				c.Told, c.Value = true, x.Value
			}
			out = append(out, c)
		}
	}
	return out
}

// FromEDXL are the figures and the members without a number that a message
// carries: what it does not say is absent.
func FromEDXL(r *edxlsitrep.Report) (figures []Figure, missing map[access.Member]Why) {
	missing = map[access.Member]Why{}
	at := map[string]int{}
	for _, c := range r.Cells {
		if !c.Told && c.Why != string(Small) {
			missing[access.Member(c.Member)] = Why(c.Why)
			continue
		}
		f := Figure{Indicator: c.Indicator, Class: c.Class, Place: c.Place}
		i, ok := at[f.Key()]
		if !ok {
			i = len(figures)
			at[f.Key()] = i
			figures = append(figures, f)
		}
		figures[i].Values = append(figures[i].Values, Value{Member: access.Member(c.Member), Value: c.Value, Suppressed: !c.Told, Source: c.Source, AsOf: c.AsOf, Release: id.ID(c.Release)})
	}
	return figures, missing
}
