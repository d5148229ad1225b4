package signal

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"lintas/internal/desk/health"
)

// Codes as spreadsheets leave them. ICD-11 stem codes look like numbers with
// an exponent (1E50), and tables glue the chapter before them (25RA01) or drop
// the dot behind the fourth sign.

var (
	stem11     = regexp.MustCompile(`^[1-9A-Z][A-HJ-NP-Z][0-9][0-9A-HJ-NP-Z]$`)
	long11     = regexp.MustCompile(`^([1-9A-Z][A-HJ-NP-Z][0-9][0-9A-HJ-NP-Z])\.?([0-9A-Z]{1,2})$`)
	chaptered  = regexp.MustCompile(`^(?:1[0-9]|2[0-6])([A-Z][A-HJ-NP-Z][0-9][0-9A-HJ-NP-Z](?:\.?[0-9A-Z]{1,2})?)$`)
	exponent   = regexp.MustCompile(`^([0-9])(?:\.0+)?E\+?([0-9]{1,2})$`)
	extension  = regexp.MustCompile(`^X[A-Z][0-9A-Z]{2,6}$`)
	undotted10 = regexp.MustCompile(`^([A-Z][0-9]{2})\.?([0-9A-Z]{1,2})?$`)
)

// ICD11 brings a code to the form of ICD-11 MMS. ok is false where it cannot
// be read as one; a code that was already right comes back unchanged.
func ICD11(s string) (code string, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if m := exponent.FindStringSubmatch(s); m != nil { // 1E+50 was 1E50
		n, _ := strconv.Atoi(m[2])
		s = m[1] + "E" + two(n)
	}
	if m := chaptered.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if stem11.MatchString(s) {
		return s, true
	}
	if m := long11.FindStringSubmatch(s); m != nil {
		return m[1] + "." + m[2], true
	}
	return power11(s)
}

// power11 is a code that a spreadsheet computed: 8E02 became 800. A digit and
// zeros can only have been that digit, E, and the number of the zeros.
func power11(s string) (string, bool) {
	if len(s) < 3 || s[0] < '1' || s[0] > '9' || strings.Trim(s[1:], "0") != "" {
		return "", false
	}
	return s[:1] + "E" + two(len(s)-1), true
}

// Extension reports an ICD-11 extension code, which names an agent and stands
// for no disease by itself.
func Extension(s string) bool {
	return extension.MatchString(strings.ToUpper(strings.TrimSpace(s)))
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// ICD10 brings a code to the form with a dot.
func ICD10(s string) (code string, ok bool) {
	m := undotted10.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(s)))
	switch {
	case m == nil:
		return "", false
	case m[2] == "":
		return m[1], true
	}
	return m[1] + "." + m[2], true
}

//go:embed hazards.txt
var hazardNames string

type alias struct {
	key  string
	wide bool // the name says less than the hazard
}

var aliases = sync.OnceValue(func() map[string]alias {
	out := map[string]alias{}
	for line := range strings.Lines(hazardNames) {
		name, key, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		key, wide := strings.CutPrefix(strings.TrimSpace(key), "!")
		out[plain(name)] = alias{key, wide}
	}
	for _, h := range health.Hazards {
		out[plain(h.Key)] = alias{key: h.Key}
	}
	return out
})

// plain folds a name: no case, no marks on Latin letters, one space between
// words.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(health.Fold(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}

// HazardOf finds the hazard that a name means, the longest alias that begins
// it; wide says that the name leaves open what the hazard claims.
func HazardOf(name string) (key string, wide, ok bool) {
	p := plain(name)
	if p == "" {
		return "", false, false
	}
	if a, ok := aliases()[p]; ok {
		return a.key, a.wide, true
	}
	best := ""
	var found alias
	for n, a := range aliases() {
		if len(n) > len(best) && strings.HasPrefix(p, n) && len(n) >= 4 {
			best, found = n, a
		}
	}
	return found.key, found.wide, best != ""
}

// HazardOfCodes finds the hazard by an exact code, or by the category of an
// ICD-10 code where the hazard is the category or its unspecified form.
func HazardOfCodes(icd11, icd10 string) (string, bool) {
	for _, h := range health.Hazards {
		if icd11 != "" && h.ICD11 == icd11 && icd11 != "1D60" || icd10 != "" && h.ICD10 == icd10 {
			return h.Key, true // 1D60 is both Ebola and Marburg disease
		}
	}
	for _, h := range health.Hazards {
		if len(icd10) >= 3 && h.ICD10 != "" && strings.HasPrefix(h.ICD10, icd10[:3]) && (len(h.ICD10) == 3 || strings.HasSuffix(h.ICD10, ".9")) {
			return h.Key, true
		}
	}
	return "", false
}
