package trail

import (
	"slices"

	"lintas/internal/fault"
)

// FindingText is the content of a finding: what was planned and what happened,
// why, and who was affected.
type FindingText struct {
	Sort        string   `json:"sort"`
	Planned     string   `json:"planned,omitempty"`
	Happened    string   `json:"happened,omitempty"`
	Well        string   `json:"well,omitempty"`
	Badly       string   `json:"badly,omitempty"`
	Method      string   `json:"method,omitempty"`
	Whys        []string `json:"whys,omitempty"` // each answers why the one before was so
	Factors     []string `json:"factors,omitempty"`
	Cause       string   `json:"cause,omitempty"`
	Clock       string   `json:"clock,omitempty"` // of 7-1-7
	Theme       string   `json:"theme"`
	Affected    []string `json:"affected,omitempty"`
	AffectedHow string   `json:"affected_how,omitempty"`
	Entries     []int64  `json:"entries,omitempty"` // of the owner's history
	Evidence    string   `json:"evidence,omitempty"`
	NoAction    string   `json:"no_action,omitempty"` // why nothing follows from it
}

// Finding is one thing that was found. Its member owns it; who found otherwise
// writes another.
type Finding struct {
	Base
	FindingText
}

// FindingView is what of a finding people and recipients see.
type FindingView struct {
	Shown
	FindingText
}

func (f *Finding) validate() error {
	var c fault.Check
	f.check(&c)
	for _, t := range []struct {
		s    *string
		name string
	}{{&f.Planned, "planned"}, {&f.Happened, "happened"}, {&f.Well, "well"}, {&f.Badly, "badly"}, {&f.Cause, "cause"}, {&f.AffectedHow, "affected_how"},
		{&f.Evidence, "evidence"}, {&f.NoAction, "no_action"}} {
		text(&c, t.s, t.name, MaxText)
	}
	for i := range f.Whys {
		text(&c, &f.Whys[i], "whys", MaxReason)
	}
	f.Whys = slices.DeleteFunc(f.Whys, func(s string) bool { return s == "" })
	c.That(slices.Contains(Sorts, f.Sort) || f.State == Withdrawn, "sort", "fault.trail.sort")
	c.That(f.Method == "" || slices.Contains(Methods, f.Method), "method", "fault.trail.method")
	c.That(len(f.Whys) <= MaxWhys, "whys", "fault.too_many", fault.Args{"max": MaxWhys})
	c.That(among(f.Factors, Contributing), "factors", "fault.trail.factors")
	c.That(f.Clock == "" || slices.Contains(Clocks, f.Clock), "clock", "fault.trail.clock")
	c.That(f.Theme == "" || slices.Contains(Themes, f.Theme), "theme", "fault.trail.theme")
	c.That(among(f.Affected, Groups), "affected", "fault.trail.affected")
	c.That(!slices.Contains(f.Affected, NotExamined) || len(f.Affected) == 1, "affected", "fault.trail.affected_alone")
	c.That(len(f.Entries) <= 200, "entries", "fault.too_many", fault.Args{"max": 200})
	return c.Err()
}

func (f *Finding) columns() columns {
	return columns{Theme: f.Theme, Groups: f.Affected, Open: f.State == Draft || f.State == Final,
		Words: []string{f.Planned, f.Happened, f.Well, f.Badly, f.Cause, f.Evidence}}
}

// View of the finding; of a withdrawn one only that it was there.
func (f *Finding) View() FindingView {
	v := FindingView{f.view(), f.FindingText}
	if f.State == Withdrawn {
		v.Title, v.FindingText = "", FindingText{}
	}
	return v
}

func (v *FindingView) record() Finding { return Finding{v.copied(), v.FindingText} }
