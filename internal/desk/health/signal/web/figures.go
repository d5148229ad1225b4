package web

import (
	"net/url"
	"strings"
	"time"

	"lintas/internal/desk/health/signal"
	"lintas/internal/fault"
)

// momentForm is what a field for a day and an hour sends.
const momentForm = "2006-01-02T15:04"

type figure struct {
	name  string
	count *signal.Count
}

// figuresOf are the numbers that a signal reported.
func figuresOf(s *signal.View) []figure {
	var out []figure
	for _, f := range []figure{{"cases", s.Cases}, {"deaths", s.Deaths}} {
		if f.count != nil {
			out = append(out, f)
		}
	}
	return out
}

// figureSource is what stands as the source of figures that a signal brought.
func (w words) figureSource(s *signal.View) string {
	text := w.source(s.Source)
	for _, x := range []string{s.SourceName, s.Ref} {
		if x != "" {
			text += ", " + x
		}
	}
	return w.T("signal.verify.figure.source", "source", text)
}

// figures reads which numbers of the signal become the event's.
func (w words) figures(in *signal.Confirmation, s *signal.View, form url.Values) error {
	for _, f := range figuresOf(s) {
		class := form.Get("figure." + f.name)
		if class == "" {
			continue
		}
		note := ""
		if f.count.About != "" {
			note = w.T("signal.verify.figure.note", "count", w.count(f.count))
		}
		in.Figures = append(in.Figures, signal.Figure{Indicator: f.name, Class: class, Note: note})
	}
	if len(in.Figures) == 0 {
		return nil
	}
	t, err := time.Parse(momentForm, strings.TrimSpace(form.Get("figures_as_of")))
	var c fault.Check
	c.That(err == nil, "figures_as_of", "fault.health.as_of")
	in.AsOf, in.Source = t, text(form.Get("figures_source"))
	c.That(in.Source != "", "figures_source", "fault.health.source_missing")
	return c.Err()
}
