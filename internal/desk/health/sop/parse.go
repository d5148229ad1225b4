package sop

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/locale"
)

// reader reads a file line by line and gathers all that is wrong with it.
type reader struct {
	check fault.Check
	plan  Plan
	line  int
	seen  map[string]int // fields of the present part of the file, and their lines
	at    map[string]int // lines of steps
	lines []int          // line of each step
	ofs   [][2]int       // lines of "after" and "within" of each step
	bad   bool           // the present step could not be read: its fields are skipped
}

// Parse reads a playbook. Each fault names its line, the field and the mend.
func Parse(text string) (Plan, error) {
	r := reader{at: map[string]int{}, seen: map[string]int{}}
	switch {
	case len(text) > MaxText:
		return r.plan, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "text", Key: "fault.sop.size", Args: fault.Args{"max": MaxText >> 10}}}}
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(c rune) bool { return c != '\n' && c != '\t' && c != '\r' && c != '\ufeff' && unicode.IsControl(c) }):
		return r.plan, &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Name: "text", Key: "fault.sop.bytes"}}}
	}
	for i, line := range strings.Split(Canonical(text), "\n") {
		r.line = i + 1
		r.read(line)
	}
	r.whole()
	return r.plan, r.check.Err()
}

func (r *reader) fail(line int, field, key string, args ...fault.Args) {
	a := fault.Args{"line": line}
	for _, x := range args {
		for k, v := range x {
			a[k] = v
		}
	}
	r.check.Row(false, line, field, key, a)
}

func (r *reader) read(line string) {
	word := strings.TrimSpace(line)
	if word == "" || word[0] == '#' {
		return
	}
	key, value, _ := strings.Cut(word, " ")
	value = strings.TrimSpace(value)
	if utf8.RuneCountInString(value) > MaxLine {
		r.fail(r.line, key, "fault.sop.line", fault.Args{"max": MaxLine})
		return
	}
	switch {
	case line[0] == ' ' || line[0] == '\t':
		if len(r.plan.Steps) == 0 && !r.bad {
			r.fail(r.line, key, "fault.sop.outside")
			return
		}
		if !r.bad {
			r.field(key, value)
		}
	case key == "step":
		r.step(value)
	case len(r.plan.Steps) > 0 || r.bad:
		r.fail(r.line, key, "fault.sop.header_late", fault.Args{"word": key})
	default:
		r.header(key, value)
	}
}

// once refuses a field that stands twice or is empty.
func (r *reader) once(key, value string) bool {
	if before := r.seen[key]; before > 0 {
		r.fail(r.line, key, "fault.sop.twice", fault.Args{"word": key, "before": before})
		return false
	}
	r.seen[key] = r.line
	if value == "" {
		r.fail(r.line, key, "fault.sop.empty", fault.Args{"word": key})
		return false
	}
	return true
}

var (
	codeForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	stepForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,7}$`)
)

func (r *reader) header(key, value string) {
	p := &r.plan
	switch key {
	case "summary":
		r.words(&p.Summary, key, value)
		return
	case "trigger":
		r.trigger(value)
		return
	}
	if key == "sample" {
		if p.Sample || value != "" {
			r.fail(r.line, key, "fault.sop.alone", fault.Args{"word": key})
		}
		p.Sample = true
		return
	}
	if !slices.Contains([]string{"playbook", "title", "lang", "source", "hazard"}, key) {
		r.fail(r.line, key, "fault.sop.header", fault.Args{"word": key})
		return
	}
	if !r.once(key, value) {
		return
	}
	switch key {
	case "playbook":
		if p.Code = value; !codeForm.MatchString(value) || len(value) > MaxCode {
			r.fail(r.line, key, "fault.sop.code", fault.Args{"max": MaxCode})
		}
	case "title":
		if p.Title = value; utf8.RuneCountInString(value) > MaxTitle {
			r.fail(r.line, key, "fault.sop.line", fault.Args{"max": MaxTitle})
		}
	case "lang":
		if p.Lang = value; !slices.ContainsFunc(locale.Languages(), func(l locale.Language) bool { return l.Code == value }) {
			r.fail(r.line, key, "fault.sop.lang", fault.Args{"word": value})
		}
	case "source":
		p.Source = value
	case "hazard":
		for _, h := range strings.Fields(value) {
			if _, ok := health.HazardByKey(h); !ok || slices.Contains(p.Hazards, h) {
				r.fail(r.line, key, "fault.sop.hazard", fault.Args{"word": h})
				continue
			}
			p.Hazards = append(p.Hazards, h)
		}
	}
}

func (r *reader) words(into *string, key, value string) {
	if value == "" {
		r.fail(r.line, key, "fault.sop.empty", fault.Args{"word": key})
		return
	}
	*into = strings.TrimSpace(*into + " " + value)
	if utf8.RuneCountInString(*into) > MaxWords {
		r.fail(r.line, key, "fault.sop.line", fault.Args{"max": MaxWords})
	}
}

// trigger reads "level >= N" or "activation >= N".
func (r *reader) trigger(value string) {
	w := strings.Fields(value)
	if len(w) != 3 || w[1] != ">=" || w[0] != ByLevel && w[0] != ByActivation || len(w[2]) != 1 || w[2][0] < '1' || w[2][0] > '0'+TopLevel {
		r.fail(r.line, "trigger", "fault.sop.trigger", fault.Args{"word": value, "max": TopLevel})
		return
	}
	if slices.ContainsFunc(r.plan.Triggers, func(t Trigger) bool { return t.Kind == w[0] }) {
		r.fail(r.line, "trigger", "fault.sop.trigger_twice", fault.Args{"word": w[0]})
		return
	}
	r.plan.Triggers = append(r.plan.Triggers, Trigger{w[0], int(w[2][0] - '0')})
}

// step reads CODE TITLE.
func (r *reader) step(value string) {
	code, title, _ := strings.Cut(value, " ")
	title = strings.TrimSpace(title)
	r.seen, r.bad = map[string]int{}, true
	switch {
	case len(r.plan.Steps) == MaxSteps:
		r.fail(r.line, "step", "fault.sop.too_many", fault.Args{"max": MaxSteps})
		return
	case !stepForm.MatchString(code):
		r.fail(r.line, "step", "fault.sop.step", fault.Args{"word": code})
		return
	case r.at[code] > 0:
		r.fail(r.line, "step", "fault.sop.step_twice", fault.Args{"word": code, "before": r.at[code]})
		return
	}
	if title == "" || utf8.RuneCountInString(title) > MaxTitle {
		r.fail(r.line, "step", "fault.sop.step_title", fault.Args{"word": code, "max": MaxTitle})
	}
	r.bad = false
	r.at[code] = r.line
	r.plan.Steps = append(r.plan.Steps, Step{Code: code, Title: title})
	r.lines, r.ofs = append(r.lines, r.line), append(r.ofs, [2]int{})
}

func (r *reader) field(key, value string) {
	i := len(r.plan.Steps) - 1
	s := &r.plan.Steps[i]
	if key == "how" {
		r.words(&s.How, key, value)
		return
	}
	if key == "optional" {
		if s.Optional || value != "" {
			r.fail(r.line, key, "fault.sop.alone", fault.Args{"word": key})
		}
		s.Optional = true
		return
	}
	texts := map[string]*string{"deliverable": &s.Deliverable, "evidence": &s.Evidence, "form": &s.Form}
	into, isText := texts[key]
	if !isText && !slices.Contains([]string{"function", "role", "within", "after", "level"}, key) {
		r.fail(r.line, key, "fault.sop.field", fault.Args{"word": key})
		return
	}
	if !r.once(key, value) {
		return
	}
	switch {
	case isText:
		*into = value
	case key == "function":
		if s.Function = value; !slices.Contains(Functions, value) {
			r.fail(r.line, key, "fault.sop.function", fault.Args{"word": value, "all": strings.Join(Functions, ", ")})
		}
	case key == "role":
		if s.Role = access.Role(value); !slices.Contains(Workers, s.Role) {
			r.fail(r.line, key, "fault.sop.role", fault.Args{"word": value, "all": roles()})
		}
	case key == "level":
		n, err := strconv.Atoi(value)
		if s.Level = n; err != nil || n < 1 || n > TopLevel {
			s.Level = 0
			r.fail(r.line, key, "fault.sop.level", fault.Args{"max": TopLevel})
		}
	case key == "after":
		r.ofs[i][0] = r.line
		if s.After = strings.Fields(value); len(s.After) > MaxAfter {
			r.fail(r.line, key, "fault.sop.after_many", fault.Args{"max": MaxAfter})
			s.After = nil
		}
	default:
		r.ofs[i][1] = r.line
		r.within(s, value)
	}
}

// within reads "4h of start" or "4h of CODE".
func (r *reader) within(s *Step, value string) {
	w := strings.Fields(value)
	if len(w) != 3 || w[1] != "of" {
		r.fail(r.line, "within", "fault.sop.within", fault.Args{"word": value})
		return
	}
	took, ok := span(w[0])
	if !ok {
		r.fail(r.line, "within", "fault.sop.within", fault.Args{"word": value})
		return
	}
	s.Within = took
	if w[2] != "start" {
		s.Of = w[2]
	}
}

func roles() string {
	out := make([]string, len(Workers))
	for i, w := range Workers {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// whole checks what can only be seen at the end: what is missing, names that
// stand nowhere, circles.
func (r *reader) whole() {
	p := &r.plan
	for _, x := range []struct{ key, have string }{{"playbook", p.Code}, {"title", p.Title}, {"lang", p.Lang}, {"summary", p.Summary}} {
		if x.have == "" && r.firstOf(x.key) {
			r.fail(1, x.key, "fault.sop.missing", fault.Args{"word": x.key})
		}
	}
	if len(p.Steps) == 0 {
		r.fail(1, "step", "fault.sop.none")
	}
	whole := true
	for i := range p.Steps {
		s := &p.Steps[i]
		for _, x := range []struct{ key, have string }{{"function", s.Function}, {"role", string(s.Role)}} {
			if x.have == "" {
				r.fail(r.lines[i], x.key, "fault.sop.step_missing", fault.Args{"word": x.key, "step": s.Code})
			}
		}
		for k, a := range s.After {
			if r.at[a] == 0 || a == s.Code || slices.Contains(s.After[:k], a) {
				r.fail(r.ofs[i][0], "after", "fault.sop.after", fault.Args{"word": a, "step": s.Code})
				whole = false
			}
		}
		if s.Of != "" && (r.at[s.Of] == 0 || s.Of == s.Code) {
			r.fail(r.ofs[i][1], "within", "fault.sop.of", fault.Args{"word": s.Of, "step": s.Code})
			whole = false
		}
	}
	if c := cycle(p.Steps); whole && c != nil {
		r.fail(r.at[c[0]], "after", "fault.sop.cycle", fault.Args{"steps": strings.Join(c, " → ")})
	}
}

// firstOf reports whether nothing was said yet about a header that is wrong.
func (r *reader) firstOf(key string) bool {
	err := r.check.Err()
	f, ok := err.(*fault.Error)
	return !ok || !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Name == key })
}
