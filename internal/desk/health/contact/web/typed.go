package web

import (
	"strings"

	"lintas/internal/access"
	"lintas/internal/web/parts"
)

func joined(lines []string) string { return strings.Join(lines, " ") }

// typed is the reason in the form that was refused; the others begin empty.
func typed(v ownView, verb string) string {
	if v.Verb == verb {
		return v.Reason
	}
	return ""
}

func (w words) markings(chosen string) []parts.Option {
	var out []parts.Option
	for _, m := range access.Markings {
		out = append(out, parts.Option{Value: string(m), Text: string(m), Chosen: string(m) == chosen})
	}
	return out
}

// quietField is one of the two hours; the desk names their fault together.
func (v formView) quietField(name string) parts.Field {
	f := v.field(v.Errors, name, false)
	f.Error = v.Errors.Of("quiet")
	return f
}

// toField is the members of a check, under the name that the desk gives to
// their faults.
func (v checksView) toField() parts.Field {
	f := v.field(v.Errors, "member", true)
	f.Error = v.Errors.Of("to")
	return f
}

// sayField is the words that go with the answer.
func (v callView) sayField() parts.Field {
	return parts.Field{Name: "words", Label: v.T("contact.field.words"), Optional: true}
}
