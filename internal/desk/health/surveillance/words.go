package surveillance

import (
	"slices"
	"strconv"
	"strings"

	"lintas/internal/desk/health"
	"lintas/internal/fault"
)

// PopulationKey stands in place of a disease in a dataset of population.
const PopulationKey = "population"

// diseaseOf finds a disease by its key, its codes, or its key with spaces.
func diseaseOf(s string) (string, bool) {
	f := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), " ", "_")
	for _, h := range health.Hazards {
		if f == h.Key || f != "" && (strings.EqualFold(s, h.ICD10) || strings.EqualFold(s, h.ICD11)) {
			return h.Key, true
		}
	}
	return "", false
}

var classWords = map[string]Class{"total": All, "all": All, "cases": All, "semua": All, "suspected and confirmed": SuspectedConfirmed,
	"suspected_confirmed": SuspectedConfirmed, "confirmed": ConfirmedCases, "konfirmasi": ConfirmedCases, "laboratory confirmed": ConfirmedCases,
	"probable": Probable, "suspected": Suspected, "suspect": Suspected, "suspek": Suspected, "initial-population": All}

func classOf(s string) (string, bool) {
	c, ok := classWords[strings.ToLower(strings.TrimSpace(s))]
	return string(c), ok
}

var sexWords = map[string]string{"f": "f", "female": "f", "p": "f", "perempuan": "f", "m": "m", "male": "m", "l": "m", "laki-laki": "m",
	"u": "u", "unknown": "u", "other": "u"}

// bands of age in years, for line lists.
var bands = []struct {
	below int
	name  string
}{{5, "0-4"}, {15, "5-14"}, {25, "15-24"}, {45, "25-44"}, {65, "45-64"}, {200, "65+"}}

func stratumOf(sex, age string, line bool) (string, Field, *fault.Field) {
	var out []string
	if sex != "" {
		s, ok := sexWords[strings.ToLower(sex)]
		if !ok {
			return "", FieldSex, &fault.Field{Key: "fault.surveillance.sex", Args: fault.Args{"value": clip(sex)}}
		}
		out = append(out, "sex="+s)
	}
	if age != "" {
		if n, err := strconv.Atoi(age); err == nil && line {
			i := slices.IndexFunc(bands, func(b struct {
				below int
				name  string
			}) bool {
				return n < b.below
			})
			if n < 0 || i < 0 {
				return "", FieldAge, &fault.Field{Key: "fault.surveillance.age", Args: fault.Args{"value": clip(age)}}
			}
			age = bands[i].name
		}
		if len(age) > 20 || strings.ContainsAny(age, ";=|") {
			return "", FieldAge, &fault.Field{Key: "fault.surveillance.age", Args: fault.Args{"value": clip(age)}}
		}
		out = append(out, "age="+strings.ToLower(age))
	}
	return strings.Join(out, ";"), "", nil
}
