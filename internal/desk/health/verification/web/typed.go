package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/desk/health/verification"
	"lintas/internal/web/live"
	"lintas/internal/web/parts"
)

// reload lets an element fetch itself again when a topic has news.
func reload(path, id, topic string) templ.Attributes {
	return templ.Attributes{"hx-get": path, "hx-select": "#" + id, "hx-target": "this", "hx-swap": "outerMorph", "hx-trigger": live.Trigger(topic)}
}

// wordsError is what is wrong with an input of the form that was refused.
func (v exchangeView) wordsError(a act, names ...string) string {
	if v.Verb != a.Verb {
		return ""
	}
	var out []string
	for _, n := range names {
		if e := v.Errors.Of(n); e != "" {
			out = append(out, e)
		}
	}
	return strings.Join(out, " ")
}

// wordsID is where the summary of errors leads in the form that was refused.
func (v exchangeView) wordsID(a act, name string) string {
	if v.Verb == a.Verb {
		return parts.Field{Name: "verification." + name}.ID()
	}
	return name + "-" + a.Verb
}

// typed is what was entered in the form that was refused; the others begin
// empty.
func (v exchangeView) typed(verb, name string, i int) string {
	if v.Verb != verb {
		return ""
	}
	return at(v.Form, name, i)
}

func (v exchangeView) until(a act) string {
	if v.Verb == a.Verb {
		return v.Form.Get("until")
	}
	return v.P.AnswerBy.Add(48 * time.Hour).UTC().Format("2006-01-02T15:04")
}

func (v exchangeView) most(name string) string {
	if name == "reason" {
		return str(verification.MaxReason)
	}
	return str(verification.MaxWords)
}
