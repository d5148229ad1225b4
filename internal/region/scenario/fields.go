package scenario

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// lists are the kinds of fields of which each line is one item; any other
// field that stands twice goes on in its second line.
var lists = []string{"list", "evidence", "factor", "source", "load", "got"}

func (p *parser) field(line string) {
	if len(p.out.Steps) == 0 {
		p.fail("field", "fault.scenario.field_first")
		return
	}
	s := &p.out.Steps[len(p.out.Steps)-1]
	key, value, _ := strings.Cut(line, " ")
	value = strings.TrimSpace(value)
	kind, _, ok := fieldSpec(s.Verb, key)
	if !ok {
		p.fail("field", "fault.scenario.field", fault.Args{"word": key})
		return
	}
	if value == "" {
		p.fail(key, "fault.scenario.empty", fault.Args{"word": key})
		return
	}
	switch {
	case kind == "fact":
		p.fact(s, value)
	case slices.Contains(lists, kind):
		p.value(kind, key, value)
		s.Lists[key] = append(s.Lists[key], value)
	case s.Fields[key] != "" && (kind == "" || kind == "words" || kind == "part" || kind == "section"):
		s.Fields[key] += " " + value
	case s.Fields[key] != "":
		p.fail(key, "fault.scenario.once", fault.Args{"word": key})
	default:
		p.value(kind, key, value)
		s.Fields[key] = value
	}
}

// bars is into how many parts with bars between them a value of a kind falls.
var bars = map[string]int{"part": 3, "section": 4, "evidence": 4, "factor": 4}

// value checks a field's value as far as it can be judged without the desks.
func (p *parser) value(kind, key, value string) {
	ok := true
	switch kind {
	case "date":
		ok = DateForm(value)
	case "day":
		_, err := time.Parse(time.DateOnly, value)
		ok = err == nil
	case "span":
		d, err := time.ParseDuration(value)
		ok = err == nil && d > 0
	case "members", "ends":
		for _, w := range strings.Fields(value) {
			if !(kind == "members" && w == "all" || kind == "ends" && w == "*" || slices.Contains(access.All(), access.Member(w))) {
				p.fail("member", "fault.scenario.member", fault.Args{"word": w})
			}
		}
	case "count":
		ok = CountForm(value)
	case "number":
		ok = NumberForm(value)
	case "source", "load", "got":
		ok = p.lined(kind, value)
	case "section":
		ok = value == "unknown" || p.parted(kind, value)
	case "part", "evidence", "factor":
		ok = p.parted(kind, value)
	default:
		if k := kindOf(kind); k != "" {
			for _, w := range strings.Fields(value) {
				p.known(w, k)
			}
		}
	}
	if !ok {
		p.fail(key, "fault.scenario.value."+kind, fault.Args{"word": value})
	}
}

// parted wants every part filled in; the part that is a day stands where the
// kind has it.
func (p *parser) parted(kind, value string) bool {
	parts := Parts(value)
	day := map[string]int{"part": 0, "section": 1, "evidence": 1}
	i, dated := day[kind]
	if len(parts) != bars[kind] || kind != "factor" && slices.Contains(parts, "") {
		return false
	}
	if !dated {
		return true
	}
	_, err := time.Parse(time.DateOnly, parts[i])
	return err == nil
}

// Parts of a value with bars between them.
func Parts(value string) []string {
	out := strings.Split(value, "|")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// DateForm reports whether a date is written 2020-01-13, ~2020-01-13 for one
// that is not exact, 2020-01 or 2020.
func DateForm(s string) bool {
	for _, layout := range []string{time.DateOnly, "~2006-01-02", "2006-01", "2006"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// CountForm reports whether a count is written 11, >=11, <=11 or ~11.
func CountForm(s string) bool {
	n, err := strconv.ParseInt(strings.TrimLeft(s, "<>=~"), 10, 64)
	return err == nil && n >= 0 && slices.Contains([]string{"", ">=", "<=", "~"}, s[:len(s)-len(strings.TrimLeft(s, "<>=~"))])
}

func (p *parser) fact(s *Step, value string) {
	parts := Parts(value)
	w := strings.Fields(parts[0])
	if len(parts) < 2 || len(parts) > 3 || len(w) < 5 || parts[1] == "" {
		p.fail("fact", "fault.scenario.fact")
		return
	}
	f := FactLine{Indicator: w[0], Class: w[1], Place: w[3], AsOf: p.day(w[4]), Source: parts[1]}
	if f.Class == "-" {
		f.Class = ""
	}
	if len(parts) == 3 {
		f.Note = parts[2]
	}
	var err error
	if f.Value, err = strconv.ParseInt(w[2], 10, 64); err != nil || f.Value < 0 {
		p.fail("fact", "fault.scenario.fact")
	}
	for _, x := range w[5:] {
		p.factPart(&f, x)
	}
	s.Facts = append(s.Facts, f)
}

// factPart reads KEY=VALUE.
func (p *parser) factPart(f *FactLine, word string) {
	key, value, ok := strings.Cut(word, "=")
	ok = ok && value != ""
	switch key {
	case "age":
		f.Age = value
	case "sex":
		f.Sex = value
	case "group":
		f.Group = value
	case "from":
		f.From = p.day(value).Format(time.DateOnly)
	case "to":
		f.To = p.day(value).Format(time.DateOnly)
	case "by":
		f.Granularity = value
	case "method":
		f.Method = value
	case "of":
		var err error
		f.Of, err = strconv.ParseInt(value, 10, 64)
		ok = ok && err == nil && f.Of > 0
	default:
		ok = false
	}
	if !ok {
		p.fail("fact", "fault.scenario.fact_part", fault.Args{"word": word})
	}
}
