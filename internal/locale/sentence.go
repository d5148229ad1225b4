package locale

import (
	"fmt"
	"regexp"
	"strings"
)

// segment is literal text, or an argument with how it is written:
// {name} by its type, {name:key} as the sentence of a key, {name:day},
// {name:time}, {name:stamp}, {name:plain} without grouping of digits.
type segment struct {
	text   string
	name   string
	format string
}

type sentence []segment

var formats = []string{"", "key", "day", "time", "stamp", "plain"}

var argument = regexp.MustCompile(`^[a-z][a-z0-9_]*(:[a-z]+)?$`)

func parseSentence(text string) (sentence, error) {
	var s sentence
	for text != "" {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			return append(s, segment{text: text}), nil
		}
		if i > 0 {
			s = append(s, segment{text: text[:i]})
		}
		j := strings.IndexByte(text[i:], '}')
		if j < 0 {
			return nil, fmt.Errorf("brace without end in %q", text)
		}
		inner := text[i+1 : i+j]
		if !argument.MatchString(inner) {
			return nil, fmt.Errorf("bad argument {%s}", inner)
		}
		name, format, _ := strings.Cut(inner, ":")
		if !knownFormat(format) {
			return nil, fmt.Errorf("unknown format in {%s}", inner)
		}
		s = append(s, segment{name: name, format: format})
		text = text[i+j+1:]
	}
	return s, nil
}

func knownFormat(f string) bool {
	for _, k := range formats {
		if f == k {
			return true
		}
	}
	return false
}

// plainText is the sentence when it has no arguments.
func (s sentence) plainText() (string, bool) {
	switch {
	case len(s) == 0:
		return "", true
	case len(s) == 1 && s[0].name == "":
		return s[0].text, true
	}
	return "", false
}
