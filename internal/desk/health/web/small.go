package web

import (
	"net/url"
	"strconv"
	"strings"

	"lintas/internal/access"
	"lintas/internal/id"
	"lintas/internal/locale"
	"lintas/internal/web/parts"
)

func str(n int) string { return strconv.Itoa(n) }

// count is the number beside a heading; nothing for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return str(n)
}

// firstEvent teaches what the empty table is for.
func (v dutyView) firstEvent() parts.Empty {
	e := parts.Empty{Title: v.T("health.open.none"), Text: v.T("health.open.none.text")}
	if v.MayAdd {
		e.Action = parts.Button{Text: v.T("health.desk.record"), Icon: "plus", Href: "/health/events/new"}
	}
	return e
}

// firstLine is the lede of a page: the first paragraph of a summary.
func firstLine(s string) string {
	if p := paragraphs(s); len(p) > 0 {
		return clip(p[0], 280)
	}
	return ""
}

// clip ends a long text at a word.
func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	cut := string(r[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// paragraphs are the parts of a text between empty lines.
func paragraphs(s string) []string {
	var out []string
	for _, p := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func ackCount(a *ackView) string {
	if a == nil {
		return ""
	}
	return a.Count
}

func notePath(nid id.ID) string { return "/health/notifications/" + url.PathEscape(string(nid)) }

// markingKey is the marking as part of a key: amber_strict.
func markingKey(m access.Marking) string {
	return strings.ToLower(strings.NewReplacer("TLP:", "", "+", "_").Replace(string(m)))
}

// languageName is a language in its own words.
func languageName(code string) string {
	for _, l := range locale.Languages() {
		if l.Code == code {
			return l.Name
		}
	}
	return code
}

// standards are a release in the forms that other systems read.
func standards(path string) []parts.Link {
	return []parts.Link{{Text: "CAP 1.2", Href: path + "/cap.xml"}, {Text: "FHIR R4", Href: path + "/fhir.json"}}
}
