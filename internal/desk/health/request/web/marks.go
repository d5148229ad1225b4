package web

import (
	"slices"
	"strings"

	"lintas/internal/web/parts"
)

// formID is the id of the form of a step; of a text there may be several.
func formID(a actForm) string {
	if a.Digest != "" {
		return "act-" + a.Verb + "-" + a.Digest[:8]
	}
	return "act-" + a.Verb
}

// rowName is the name of a list of rows in the form.
func rowName(s fieldset) string {
	if len(s.Rows) == 0 || len(s.Rows[0]) == 0 {
		return ""
	}
	name := s.Rows[0][0].Name
	return name[:strings.LastIndex(name, ".0.")]
}

// blank is the text of an empty first choice; a list that has its own, or a
// value that always stands, has none.
func (f field) blank(w words) string {
	if slices.ContainsFunc(f.Options, func(o parts.Option) bool { return o.Value == "" || o.Value == "0" || o.Chosen }) {
		return ""
	}
	return w.T("request.choose")
}

func stepClass(all []string, i int, now string) string {
	at := slices.Index(all, now)
	switch {
	case i < at:
		return "done"
	case i == at:
		return "now"
	}
	return ""
}

func currentStep(is bool) string {
	if is {
		return "step"
	}
	return "false"
}
