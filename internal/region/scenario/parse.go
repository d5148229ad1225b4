package scenario

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/fault"
)

type parser struct {
	line  int
	check fault.Check
	out   Scenario
	names map[string]Kind

	others  []*Scenario
	earlier int // steps of the scenario that this one continues
}

func (p *parser) fail(field, key string, args ...fault.Args) {
	p.check.Row(false, p.line, field, key, args...)
}

func (p *parser) read(line string) {
	switch {
	case line == "" || strings.HasPrefix(strings.TrimSpace(line), "#"):
	case line[0] == ' ' || line[0] == '\t':
		p.field(strings.TrimSpace(line))
	case line[0] >= '0' && line[0] <= '9':
		p.step(line)
	default:
		p.header(line)
	}
}

func (p *parser) header(line string) {
	key, value, _ := strings.Cut(line, " ")
	value = strings.TrimSpace(value)
	switch key {
	case "scenario":
		p.out.Title = value
	case "id":
		p.out.ID = value
	case "note":
		p.out.Note = strings.TrimSpace(p.out.Note + " " + value)
	case "shows":
		p.out.Shows = strings.TrimSpace(p.out.Shows + " " + value)
	case "continues":
		p.resume(value)
	case "starts":
		p.out.Starts = p.day(value)
	case "ends":
		p.out.Ends = p.day(value)
	case "speed":
		p.speed(value)
	case "counts":
		file, source, ok := strings.Cut(value, "|")
		p.out.Counts = Counts{File: strings.TrimSpace(file), Source: strings.TrimSpace(source)}
		if !ok || p.out.Counts.File == "" || p.out.Counts.Source == "" || strings.Contains(file, "..") || strings.HasPrefix(file, "/") {
			p.fail("counts", "fault.scenario.counts")
		}
	default:
		p.fail("header", "fault.scenario.header", fault.Args{"word": key})
	}
}

// resume takes over the steps of another scenario, with the names that they made.
func (p *parser) resume(of string) {
	i := slices.IndexFunc(p.others, func(s *Scenario) bool { return s.ID == of })
	if i < 0 || len(p.out.Steps) > 0 {
		p.fail("continues", "fault.scenario.continues", fault.Args{"word": of})
		return
	}
	s := p.others[i]
	p.out.Starts, p.out.Counts = s.Starts, s.Counts
	p.out.Steps, p.earlier = slices.Clone(s.Steps), len(s.Steps)
	maps.Copy(p.names, s.names)
}

// MaxSpeed is the fastest that a scenario may ask for, in days per second.
const MaxSpeed = 10

func (p *parser) speed(s string) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v > 0 && v <= MaxSpeed) {
		p.fail("speed", "fault.scenario.speed", fault.Args{"word": s, "max": MaxSpeed})
		return
	}
	p.out.Speed = v
}

func (p *parser) day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		p.fail("date", "fault.scenario.date", fault.Args{"word": s})
	}
	return t
}

// step reads DATE TIME MEMBER[/ROLE] VERB ARGUMENTS.
func (p *parser) step(line string) {
	w := strings.Fields(line)
	if len(w) < 4 {
		p.fail("step", "fault.scenario.step")
		return
	}
	at, err := time.Parse("2006-01-02 15:04", w[0]+" "+w[1])
	if err != nil {
		p.fail("date", "fault.scenario.date", fault.Args{"word": w[0] + " " + w[1]})
	}
	member, role, _ := strings.Cut(w[2], "/")
	s := Step{Line: p.line, At: at, Member: p.member(member), Role: access.Role(role), Verb: Verb(w[3]), Fields: map[string]string{}, Lists: map[string][]string{}}
	if role != "" && !slices.Contains(access.Roles, s.Role) {
		p.fail("role", "fault.scenario.role", fault.Args{"word": role})
	}
	if f, ok := forms[s.Verb]; ok {
		p.arguments(&s, f.args, w[4:])
	} else {
		p.fail("verb", "fault.scenario.verb", fault.Args{"word": string(s.Verb)})
	}
	if n := len(p.out.Steps); n > 0 && at.Before(p.out.Steps[n-1].At) {
		p.fail("date", "fault.scenario.order")
	}
	p.out.Steps = append(p.out.Steps, s)
}

func (p *parser) member(s string) access.Member {
	m := access.Member(s)
	if !slices.Contains(access.All(), m) {
		p.fail("member", "fault.scenario.member", fault.Args{"word": s})
	}
	return m
}

// arguments reads what follows the verb by its pattern.
func (p *parser) arguments(s *Step, pattern string, w []string) {
	for _, want := range strings.Fields(pattern) {
		if want == "words" || want == "words?" {
			if s.Words = strings.Join(w, " "); s.Words == "" && want == "words" {
				p.fail("words", "fault.scenario.words")
			}
			return
		}
		if len(w) == 0 {
			p.fail(argument(want), "fault.scenario.argument", fault.Args{"form": string(s.Verb) + " " + pattern})
			return
		}
		if !p.argument(s, want, w[0]) {
			return
		}
		w = w[1:]
	}
	if len(w) > 0 {
		p.fail("words", "fault.scenario.too_much", fault.Args{"word": w[0]})
	}
}

// argument names what is missing, for the report.
func argument(want string) string {
	if kindOf(want) != "" {
		return "name"
	}
	return strings.Trim(strings.ToLower(want), "'")
}

func (p *parser) argument(s *Step, want, word string) bool {
	switch {
	case want == "MEMBER":
		s.From = p.member(word)
	case want == "DAY":
		s.Day = p.day(word).Format(time.DateOnly)
	case strings.HasPrefix(want, "'"):
		if word != strings.Trim(want, "'") {
			p.fail(strings.Trim(want, "'"), "fault.scenario.link", fault.Args{"word": strings.Trim(want, "'"), "verb": string(s.Verb)})
			return false
		}
	case strings.Contains(want, "|"):
		if s.Choice = word; !slices.Contains(strings.Split(want, "|"), word) {
			p.fail("choice", "fault.scenario.choice", fault.Args{"word": word, "list": strings.ReplaceAll(want, "|", ", ")})
		}
	case strings.HasPrefix(want, "+"):
		if p.claim(word, kindOf(want)); s.Name == "" {
			s.Name = word
		} else {
			s.As = word
		}
	default:
		if p.known(word, kindOf(want)); s.Name == "" {
			s.Name = word
		} else {
			s.Other = word
		}
	}
	return true
}

func (p *parser) known(name string, k Kind) {
	if p.names[name] != k {
		p.fail("name", "fault.scenario.unknown", fault.Args{"word": name, "kind": string(k)})
	}
}

func (p *parser) claim(name string, k Kind) {
	if p.names[name] != "" {
		p.fail("name", "fault.scenario.twice", fault.Args{"word": name})
	}
	p.names[name] = k
}

func (p *parser) finish() {
	p.line = 1
	for _, h := range []struct {
		name string
		ok   bool
	}{
		{"scenario", p.out.Title != ""}, {"id", p.out.ID != ""}, {"starts", !p.out.Starts.IsZero()}, {"ends", p.out.Ends.After(p.out.Starts)},
	} {
		if !h.ok {
			p.fail(h.name, "fault.scenario.missing", fault.Args{"word": h.name})
		}
	}
	for i := range p.out.Steps[p.earlier:] {
		s := &p.out.Steps[p.earlier+i]
		p.line, s.In = s.Line, p.out.ID
		if s.At.Before(p.out.Starts) || s.At.After(p.out.Ends) {
			p.fail("date", "fault.scenario.outside")
		}
		for _, name := range needed(s.Verb) {
			if s.Fields[name] == "" && len(s.Lists[name]) == 0 && !(name == "fact" && len(s.Facts) > 0) {
				p.fail("field", "fault.scenario.needed", fault.Args{"word": name, "verb": string(s.Verb)})
			}
		}
	}
}
