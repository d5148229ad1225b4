package web

import (
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/sop"
	"lintas/internal/web/parts"
)

// headWords and stepWords are the words of the file in the order of the help.
var (
	headWords = []string{"playbook", "title", "lang", "summary", "source", "sample", "hazard", "trigger"}
	stepWords = []string{"step", "function", "role", "within", "after", "deliverable", "evidence", "form", "how", "level", "optional"}
)

// format explains the words of the file beside the form.
func (w words) format() []parts.Definition {
	var out []parts.Definition
	for _, k := range append(append([]string(nil), headWords...), stepWords...) {
		d := parts.Definition{Term: k, Text: w.T("sop.format." + k)}
		switch k {
		case "function":
			d.Text += " " + strings.Join(sop.Functions, ", ")
		case "role":
			d.Text += " " + joined(sop.Workers)
		}
		out = append(out, d)
	}
	return out
}

func joined(all []access.Role) string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = string(r)
	}
	return strings.Join(out, ", ")
}

// clockOf says within which time a task should be done.
func (w words) clockOf(x *sop.TaskPage) string {
	return w.clock(time.Duration(x.Minutes)*time.Minute, x.Of)
}
