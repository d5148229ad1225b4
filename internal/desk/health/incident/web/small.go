package web

import (
	"lintas/internal/desk/health/incident"
	"lintas/internal/web/parts"
)

// ringClass hides the panel of rings while nothing rings; it stays on the page,
// so that a ring appears at once.
func ringClass(n int) string {
	if n == 0 {
		return "inc-quiet"
	}
	return "inc-rings gap"
}

// reopen is the way back to writing, for who may take it.
func (f *frame) reopen() []parts.Button {
	if _, ok := offered(f.B.Offers, "reopen"); !ok {
		return nil
	}
	return []parts.Button{{Text: f.T("incident.verb.incident.reopen"), Href: f.path() + "/step/reopen", Small: true}}
}

// entryLang is the language of a line: a person's words are in that of the
// incident, a step's in the reader's.
func (f *frame) entryLang(e *incident.Entry) string {
	if e.Key != "" {
		return f.Lang()
	}
	return f.B.Lang
}

func requirementText(v requirementForm) parts.Input {
	i := v.line("text", true, incident.MaxLine)
	i.Label, i.Hint = v.T("incident.field.requirement"), v.T("incident.hint.requirement")
	return i
}

func minutesField(v requirementForm) parts.Input {
	i := v.line("minutes", true, 4)
	i.InputMode, i.Width, i.Suffix = "numeric", "short", v.T("incident.minutes")
	return i
}

func leastField(v requirementForm) parts.Input {
	i := v.line("least", false, 7)
	i.InputMode, i.Width = "numeric", "short"
	return i
}

// releaseReason is asked for only where something is still owed.
func releaseReason(v checkoutForm) parts.TextArea {
	a := v.area("reason", false, 2, incident.MaxReason)
	a.Hint = v.T("incident.hint.release_reason")
	if a.Error == "" {
		a.Error = v.Errors.Of("incident.nothing_left")
	}
	return a
}
