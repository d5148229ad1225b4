package web

import (
	"net/url"
	"slices"
	"strings"

	"lintas/internal/desk/health/surveillance"
	"lintas/internal/web/parts"
)

func escape(s string) string { return url.QueryEscape(s) }

func joined(values []string) string { return strings.Join(values, "; ") }

func (v importForm) pullField(name string, required bool) parts.Field {
	f := parts.Field{Name: name, Label: v.T("surveillance.pull." + name), Error: v.Pull.Of(name), Required: required}
	if v.Has("surveillance.pull." + name + ".hint") {
		f.Hint = v.T("surveillance.pull." + name + ".hint")
	}
	return f
}

// plainVerbs are the steps that are one button.
func (v importView) plainVerbs() []string {
	var out []string
	for _, verb := range []string{"preview", "resume", "set_aside", "cancel"} {
		for _, o := range v.Offers {
			if string(o.Verb) == verb && (verb != "preview" || v.State == surveillance.Previewed) {
				out = append(out, verb)
			}
		}
	}
	return out
}

func (v importView) problemsNote() string {
	if n := len(v.Result.Problems); n < v.Result.Bad {
		return v.T("surveillance.problems.first", "n", n)
	}
	return ""
}

// mapped is the mapping as a list.
func (v importView) mapped() []parts.Definition {
	var out []parts.Definition
	for _, f := range surveillance.Fields {
		text := v.Mapping.Columns[f]
		if text == "" && v.Mapping.Fixed[f] != "" {
			text = v.T("surveillance.map.always", "value", v.Mapping.Fixed[f])
		}
		if text != "" {
			out = append(out, parts.Definition{Term: v.T("surveillance.map." + string(f)), Text: text})
		}
	}
	for _, o := range v.Mapping.Only {
		out = append(out, parts.Definition{Term: v.T("surveillance.map.only"), Text: o.Column + ": " + joined(o.Values)})
	}
	for _, x := range []struct {
		on  bool
		key string
	}{{v.Mapping.Line, "line"}, {v.Mapping.Sum, "sum"}, {v.Mapping.Region, "region"}} {
		if x.on {
			out = append(out, parts.Definition{Term: v.T("surveillance.map.also"), Text: v.T("surveillance.map." + x.key)})
		}
	}
	words := make([]string, 0, len(v.Mapping.Words))
	for of, means := range v.Mapping.Words {
		_, word, _ := strings.Cut(of, "|")
		words = append(words, word+" → "+means)
	}
	slices.Sort(words)
	if len(words) > 0 {
		out = append(out, parts.Definition{Term: v.T("surveillance.map.words"), Text: strings.Join(words, "; ")})
	}
	return out
}

// onlyError is shown at the first condition.
func (v mapForm) onlyError(i int) string {
	if i > 0 {
		return ""
	}
	return v.Errors.Of("only")
}
