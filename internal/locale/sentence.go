package locale

import (
	"fmt"
	"slices"
	"strings"
)

// sentence is literal text with arguments: {name} is written by its type,
// {name:key} as the sentence of a key, {name:day}, {name:time}, {name:stamp},
// {name:plain} without grouping of digits.
type sentence string

var formats = []string{"", "key", "day", "time", "stamp", "plain"}

// next cuts off the text before the first argument, and the argument; found
// is false when there is none.
func (s sentence) next() (text, argument string, rest sentence, found bool) {
	i := strings.IndexByte(string(s), '{')
	if i < 0 {
		return string(s), "", "", false
	}
	j := strings.IndexByte(string(s[i:]), '}')
	if j < 0 {
		return string(s), "", "", false
	}
	return string(s[:i]), string(s[i+1 : i+j]), s[i+j+1:], true
}

// check says what is wrong with the arguments of a sentence.
func (s sentence) check() error {
	for {
		text, argument, rest, found := s.next()
		if strings.IndexByte(text, '{') >= 0 {
			return fmt.Errorf("brace without end in %q", s)
		}
		if !found {
			return nil
		}
		name, format, formatted := strings.Cut(argument, ":")
		if !isName(name) || formatted && format == "" {
			return fmt.Errorf("bad argument {%s}", argument)
		}
		if !slices.Contains(formats, format) {
			return fmt.Errorf("unknown format in {%s}", argument)
		}
		s = rest
	}
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// plain reports whether a sentence has no arguments.
func (s sentence) plain() bool { return strings.IndexByte(string(s), '{') < 0 }
