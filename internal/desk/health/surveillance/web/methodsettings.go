package web

import (
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/web/parts"
)

// setting is one field of the settings: its name, how it is written, and which
// algorithms read it.
type setting struct {
	name  string
	whole func(*surveillance.Settings) *int
	real  func(*surveillance.Settings) *float64
	tick  func(*surveillance.Settings) *bool
	of    []surveillance.Algorithm // nil: all
}

var (
	farringtonOnly = []surveillance.Algorithm{surveillance.Farrington}
	earsOnly       = []surveillance.Algorithm{surveillance.EARSC1, surveillance.EARSC2, surveillance.EARSC3}
	charts         = []surveillance.Algorithm{surveillance.CUSUM, surveillance.GLR}
	learning       = append(slices.Clone(farringtonOnly), charts...)
)

// settingFields in the order of the form.
var settingFields = []setting{
	{name: "years", whole: func(s *surveillance.Settings) *int { return &s.Years }, of: learning},
	{name: "least_years", whole: func(s *surveillance.Settings) *int { return &s.LeastYears }, of: farringtonOnly},
	{name: "half_window", whole: func(s *surveillance.Settings) *int { return &s.HalfWindow }, of: farringtonOnly},
	{name: "seasons", whole: func(s *surveillance.Settings) *int { return &s.Seasons }, of: farringtonOnly},
	{name: "omit", whole: func(s *surveillance.Settings) *int { return &s.Omit }, of: farringtonOnly},
	{name: "alpha", real: func(s *surveillance.Settings) *float64 { return &s.Alpha }, of: append(slices.Clone(farringtonOnly), earsOnly...)},
	{name: "trend", tick: func(s *surveillance.Settings) *bool { return &s.Trend }, of: farringtonOnly},
	{name: "trend_p", real: func(s *surveillance.Settings) *float64 { return &s.TrendP }, of: farringtonOnly},
	{name: "reweight", tick: func(s *surveillance.Settings) *bool { return &s.Reweight }, of: farringtonOnly},
	{name: "residual_limit", real: func(s *surveillance.Settings) *float64 { return &s.ResidualLimit }, of: farringtonOnly},
	{name: "baseline", whole: func(s *surveillance.Settings) *int { return &s.Baseline }, of: earsOnly},
	{name: "min_sigma", real: func(s *surveillance.Settings) *float64 { return &s.MinSigma }, of: earsOnly},
	{name: "k", real: func(s *surveillance.Settings) *float64 { return &s.K }, of: []surveillance.Algorithm{surveillance.CUSUM}},
	{name: "limit", real: func(s *surveillance.Settings) *float64 { return &s.Limit }, of: charts},
	{name: "span", whole: func(s *surveillance.Settings) *int { return &s.Span }, of: charts},
	{name: "min_cases", whole: func(s *surveillance.Settings) *int { return &s.MinCases }},
	{name: "min_steps", whole: func(s *surveillance.Settings) *int { return &s.MinSteps }},
	{name: "filled", real: func(s *surveillance.Settings) *float64 { return &s.Filled }, of: learning},
	{name: "persist", whole: func(s *surveillance.Settings) *int { return &s.Persist }},
	{name: "fdr", real: func(s *surveillance.Settings) *float64 { return &s.FDR }, of: []surveillance.Algorithm{surveillance.Farrington, surveillance.EARSC1, surveillance.EARSC2}},
}

func (f setting) reads(a surveillance.Algorithm) bool { return f.of == nil || slices.Contains(f.of, a) }

// plain writes a number as a form takes it back.
func plain(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// settings are what a method does, in words.
func (w words) settings(s surveillance.Settings) []parts.Definition {
	out := []parts.Definition{{Term: w.T("surveillance.alarm.method"), Text: w.algorithm(s.Algorithm)}}
	for _, f := range settingFields {
		if !f.reads(s.Algorithm) {
			continue
		}
		d := parts.Definition{Term: w.T("surveillance.set." + f.name)}
		switch {
		case f.whole != nil:
			d.Text = str(*f.whole(&s))
		case f.real != nil:
			d.Text = plain(*f.real(&s))
		case *f.tick(&s):
			d.Text = w.T("surveillance.yes")
		default:
			d.Text = w.T("surveillance.no")
		}
		out = append(out, d)
	}
	if s.Algorithm == surveillance.Farrington {
		out = append(out, parts.Definition{Term: w.T("surveillance.set.threshold"), Text: w.T("surveillance.threshold." + s.Threshold)})
	}
	var levels []string
	for _, l := range s.Levels {
		levels = append(levels, w.T("surveillance.level."+str(l)))
	}
	return append(out, parts.Definition{Term: w.T("surveillance.set.levels"), Text: strings.Join(levels, ", ")})
}
