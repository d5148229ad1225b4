package web

import (
	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web/parts"
)

// field is an input of a form with its words: the label is "health.field.x",
// the hint "health.hint.x" where there is one.
func formField(p *locale.Printer, errs parts.Errors, name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: p.T("health.field." + name), Error: errs.Of(name), Required: required, Optional: !required}
	if hint := "health.hint." + name; p.Has(hint) {
		f.Hint = p.T(hint)
	}
	return f
}

func (v eventForm) field(name string, required bool) parts.Field {
	return formField(v.Printer, v.Errors, name, required)
}

func factField(p *locale.Printer, errs parts.Errors, r factRow, field string) parts.Field {
	return parts.Field{Name: r.name(field), Label: p.T("health.fact." + field), Error: errs.Of(r.name(field))}
}

func indicatorOptions(p *locale.Printer, chosen string) []parts.Option {
	var out []parts.Option
	for _, i := range health.Indicators {
		out = append(out, parts.Option{Value: i, Text: p.T("indicator." + i), Chosen: i == chosen})
	}
	return out
}

func classOptions(p *locale.Printer, chosen string) []parts.Option {
	var out []parts.Option
	for _, c := range health.Classes {
		text := p.T("class.any")
		if c != "" {
			text = p.T("class." + c)
		}
		out = append(out, parts.Option{Value: c, Text: text, Chosen: c == chosen})
	}
	return out
}

// listField is one of the rare fields of a figure, from a closed list.
func listField(p *locale.Printer, errs parts.Errors, r factRow, field, chosen string, list []string) parts.Select {
	s := parts.Select{Field: factField(p, errs, r, field), Blank: p.T("health.grid.none")}
	for _, x := range list {
		s.Options = append(s.Options, parts.Option{Value: x, Text: p.T(field + "." + x), Chosen: x == chosen})
	}
	return s
}

// placesOf are the places that a figure of the member can be for.
func placesOf(w words, owner access.Member) []parts.Option {
	if owner == access.ASEC {
		var out []parts.Option
		for _, s := range place.States() {
			out = append(out, parts.Option{Value: s.Code, Text: s.In(w.Lang())})
		}
		return out
	}
	out := []parts.Option{{Value: string(owner), Text: w.T("health.form.whole", "state", w.name(string(owner)))}}
	for _, u := range place.Units(string(owner), true) {
		out = append(out, parts.Option{Value: u.Code, Text: u.In(w.Lang())})
	}
	return out
}

func chosenPlace(in []parts.Option, chosen string) []parts.Option {
	out := make([]parts.Option, len(in))
	for i, o := range in {
		o.Chosen = o.Value == chosen
		out[i] = o
	}
	return out
}

// reasonField is the words of a step; its faults come under the name of the
// need that was not met.
func reasonField(v stepView) parts.Field {
	f := parts.Field{Name: "reason", Label: v.T("health.field.reason"), Hint: v.T("health.hint.reason"), Error: v.Errors.Of("reason"),
		Required: v.Need, Optional: !v.Need}
	if f.Error == "" {
		f.Error = v.Errors.Of("health.reason")
	}
	return f
}

// hoursField is the time for acknowledgement in hours; the desk knows it as
// a length of time and names its fault after that.
func hoursField(v noteForm) parts.Field {
	f := formField(v.Printer, v.Errors, "ack_hours", true)
	f.Error = v.Errors.Of("ack_within")
	return f
}

// wordsID is where the summary of errors leads: the form that was sent.
func wordsID(v noticeView, verb string) string {
	if v.Verb == verb {
		return parts.Field{Name: "words"}.ID()
	}
	return "words-" + verb
}
