package scenario

import (
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
	names map[string]Verb // what a name stands for: Record or Notify
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
	case "starts":
		p.out.Starts = p.day(value)
	case "ends":
		p.out.Ends = p.day(value)
	default:
		p.fail("header", "fault.scenario.header", fault.Args{"word": key})
	}
}

func (p *parser) day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		p.fail("date", "fault.scenario.date", fault.Args{"word": s})
	}
	return t
}

// step reads DATE TIME MEMBER VERB ARGUMENTS.
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
	s := Step{Line: p.line, At: at, Member: p.member(w[2]), Verb: Verb(w[3]), Fields: map[string]string{}}
	p.arguments(&s, w[4:])
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

func (p *parser) arguments(s *Step, w []string) {
	switch s.Verb {
	case Cut, Reconnect:
		return
	case Record, Facts, Move, Notify, Update, Withdraw, Remind, Open, Acknowledge, Ask, Refuse, Answer:
	default:
		p.fail("verb", "fault.scenario.verb", fault.Args{"word": string(s.Verb)})
		return
	}
	if len(w) == 0 {
		p.fail("name", "fault.scenario.name")
		return
	}
	s.Name, w = w[0], w[1:]
	w = p.named(s, w)
	s.Words = strings.Join(w, " ")
	switch s.Verb {
	case Move, Withdraw, Ask, Refuse, Answer:
		if s.Words == "" {
			p.fail("words", "fault.scenario.words")
		}
	}
}

// named checks that a name is known, or is new where the step makes one, and
// takes "as NAME" and "from MEMBER" off the words.
func (p *parser) named(s *Step, w []string) []string {
	want := Notify
	if s.Verb == Facts || s.Verb == Move || s.Verb == Notify {
		want = Record
	}
	if s.Verb == Record {
		p.claim(s.Name, Record)
	} else if p.names[s.Name] != want {
		p.fail("name", "fault.scenario.unknown", fault.Args{"word": s.Name})
	}
	if s.Verb == Notify || s.Verb == Update {
		if len(w) != 2 || w[0] != "as" {
			p.fail("as", "fault.scenario.as")
			return nil
		}
		s.As = w[1]
		p.claim(s.As, Notify)
		return nil
	}
	if s.Verb == Answer {
		if len(w) < 2 || w[0] != "from" {
			p.fail("from", "fault.scenario.from")
			return nil
		}
		s.From = p.member(w[1])
		return w[2:]
	}
	return w
}

func (p *parser) claim(name string, v Verb) {
	if p.names[name] != "" {
		p.fail("name", "fault.scenario.twice", fault.Args{"word": name})
	}
	p.names[name] = v
}

// fields that a step may have, by verb.
var allowed = map[Verb][]string{
	Record: {"name", "summary", "hazard", "agent", "grade", "marking", "places", "onset", "emergence", "detection", "notified", "fact"},
	Facts:  {"fact"},
	Notify: {"title", "message", "to", "purpose", "basis", "marking", "within", "blocks"},
	Update: {"title", "message", "to", "purpose", "basis", "marking", "within", "blocks"},
}

func (p *parser) field(line string) {
	if len(p.out.Steps) == 0 {
		p.fail("field", "fault.scenario.field_first")
		return
	}
	s := &p.out.Steps[len(p.out.Steps)-1]
	key, value, _ := strings.Cut(line, " ")
	value = strings.TrimSpace(value)
	if !slices.Contains(allowed[s.Verb], key) {
		p.fail("field", "fault.scenario.field", fault.Args{"word": key})
		return
	}
	if key == "fact" {
		p.fact(s, value)
		return
	}
	if old := s.Fields[key]; old != "" { // a long text goes on in a second line of the same field
		value = old + " " + value
	}
	s.Fields[key] = value
}

func (p *parser) fact(s *Step, value string) {
	left, source, ok := strings.Cut(value, "|")
	w := strings.Fields(left)
	if !ok || len(w) != 5 {
		p.fail("fact", "fault.scenario.fact")
		return
	}
	n, err := strconv.ParseInt(w[2], 10, 64)
	if err != nil || n < 0 {
		p.fail("fact", "fault.scenario.fact")
	}
	s.Facts = append(s.Facts, FactLine{Indicator: w[0], Class: w[1], Value: n, Place: w[3], AsOf: p.day(w[4]), Source: strings.TrimSpace(source)})
}

func (p *parser) finish() {
	p.line = 1
	for field, ok := range map[string]bool{
		"scenario": p.out.Title != "", "id": p.out.ID != "", "starts": !p.out.Starts.IsZero(), "ends": p.out.Ends.After(p.out.Starts),
	} {
		if !ok {
			p.fail(field, "fault.scenario.missing", fault.Args{"word": field})
		}
	}
	for _, s := range p.out.Steps {
		p.line = s.Line
		if s.At.Before(p.out.Starts) || s.At.After(p.out.Ends) {
			p.fail("date", "fault.scenario.outside")
		}
		if s.Verb == Record && (s.Fields["name"] == "" || s.Fields["hazard"] == "" || s.Fields["places"] == "") {
			p.fail("field", "fault.scenario.record")
		}
		if (s.Verb == Notify || s.Verb == Update) && (s.Fields["title"] == "" || s.Fields["to"] == "") {
			p.fail("field", "fault.scenario.notify")
		}
	}
}
