package parts

import (
	"strings"

	"github.com/a-h/templ"
)

// gradeTextY sinks the number in a triangle, whose middle is low.
func gradeTextY(g Grade) string {
	if g == Warning {
		return "5"
	}
	return "3.7"
}

func label(b Button) templ.Attributes {
	if b.Label == "" {
		return nil
	}
	return templ.Attributes{"aria-label": b.Label}
}

func nameValue(b Button) templ.Attributes {
	if b.Name == "" {
		return nil
	}
	return templ.Attributes{"name": b.Name, "value": b.Value}
}

func current(is bool, value string) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"aria-current": value}
}

// live lets a panel reload itself when the stream tells one of its events.
// The answer is the same page; the panel is picked out of it by its id. The
// element must stay the same one: news that come while it fetches wait on it.
func live(v Panel) templ.Attributes {
	if v.Live == "" || v.On == "" {
		return nil
	}
	return Live(v.Live, v.ID, v.On)
}

// Live lets an element that is no panel reload itself in the same way.
func Live(path, elementID, on string) templ.Attributes {
	return templ.Attributes{"hx-get": path, "hx-select": "#" + elementID, "hx-target": "this",
		"hx-swap": "outerMorph", "hx-trigger": liveTrigger(on)}
}

// noticeRole: what is wrong is told at once, what went well politely.
func noticeRole(v Notice) string {
	if v.Grade == Emergency || v.Grade == Warning {
		return "alert"
	}
	return "status"
}

// liveTrigger names the DOM events that the stream's messages become; a short
// delay turns a burst of them into one request.
func liveTrigger(on string) string {
	names := strings.Split(on, ",")
	for i, n := range names {
		names[i] = "live-" + strings.TrimSpace(n) + " from:body delay:200ms"
	}
	return strings.Join(names, ", ")
}

func maxLength(n int) templ.Attributes {
	if n <= 0 {
		return nil
	}
	return templ.Attributes{"maxlength": str(n)}
}

type optionGroup struct {
	name    string
	options []Option
}

// groups keeps the order; options of one group must stand together.
func groups(options []Option) []optionGroup {
	var out []optionGroup
	for _, o := range options {
		if n := len(out); n == 0 || out[n-1].name != o.Group {
			out = append(out, optionGroup{name: o.Group})
		}
		last := &out[len(out)-1]
		last.options = append(last.options, o)
	}
	return out
}

func choiceType(v Choices) string {
	if v.Many {
		return "checkbox"
	}
	return "radio"
}

func choiceID(v Choices, i int) string {
	if i == 0 {
		return v.ID()
	}
	return v.ID() + "-" + str(i)
}
