package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/number"
)

// Printer says things in one language, with times in UTC and in the zone of
// one member. It is cheap to make and safe for use by many goroutines.
type Printer struct {
	own, src *catalogue
	zone     *time.Location
	place    string
}

// New returns a printer for a language code; an unknown one reads English.
// Zone and place are the local time that stands beside UTC, such as
// Asia/Jakarta and "Jakarta"; a nil zone leaves it out.
func New(lang string, zone *time.Location, place string) *Printer {
	all := loaded()
	own := all[lang]
	if own == nil {
		own = all[Source]
	}
	return &Printer{own: own, src: all[Source], zone: zone, place: place}
}

// Lang is the BCP 47 code for the lang attribute.
func (p *Printer) Lang() string { return p.own.code }

// T is the sentence of a key; args are pairs of name and value. A key that no
// catalogue has is returned as it is, so that a gap is seen and not hidden.
func (p *Printer) T(key string, args ...any) string {
	return p.say(key, func(name string) (any, bool) {
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == name {
				return args[i+1], true
			}
		}
		return nil, false
	})
}

// With is T with the arguments of a map, such as those of a fault.
func (p *Printer) With(key string, args map[string]any) string {
	return p.say(key, func(name string) (any, bool) {
		v, ok := args[name]
		return v, ok
	})
}

// Has reports whether a key has a sentence.
func (p *Printer) Has(key string) bool {
	w := p.src.words()
	_, one := w.single[key]
	_, many := w.plural[key]
	_, form := w.named(key)
	return one || many || form
}

func (p *Printer) say(key string, arg func(string) (any, bool)) string {
	for _, c := range [...]*catalogue{p.own, p.src} {
		w := c.words()
		s, ok := w.single[key]
		if forms, plural := w.plural[key]; !ok && plural {
			n, _ := arg("n")
			s, ok = c.form(forms, n)
		}
		if !ok {
			s, ok = w.named(key)
		}
		if !ok {
			continue
		}
		return p.fill(s, arg)
	}
	return key
}

func (p *Printer) fill(s sentence, arg func(string) (any, bool)) string {
	if s.plain() {
		return string(s)
	}
	var b strings.Builder
	for {
		text, argument, rest, found := s.next()
		b.WriteString(text)
		if !found {
			return b.String()
		}
		name, format, _ := strings.Cut(argument, ":")
		if v, ok := arg(name); ok {
			b.WriteString(p.write(v, format))
		} else {
			b.WriteString("{" + name + "}")
		}
		s = rest
	}
}

// named finds a key that only looks like a plural form, such as
// "hazard.other".
func (w *words) named(key string) (sentence, bool) {
	base, form, ok := pluralKey(key)
	if !ok {
		return "", false
	}
	s, ok := w.plural[base][form]
	return s, ok
}

func (c *catalogue) form(forms map[string]sentence, n any) (sentence, bool) {
	if i, ok := whole(n); ok {
		if s, ok := forms[category(plural.Cardinal.MatchPlural(c.tag, int(max(i, -i)), 0, 0, 0, 0))]; ok {
			return s, true
		}
	}
	s, ok := forms["other"]
	return s, ok
}

func category(f plural.Form) string {
	switch f {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case uint64:
		return int64(n), true
	}
	return 0, false
}

func (p *Printer) write(v any, format string) string {
	if t, ok := v.(time.Time); ok {
		switch format {
		case "day":
			return p.Day(t)
		case "time":
			return p.Time(t)
		}
		return p.Stamp(t)
	}
	if i, ok := whole(v); ok {
		if format == "plain" {
			return strconv.FormatInt(i, 10)
		}
		return p.Number(i)
	}
	switch x := v.(type) {
	case string:
		if format == "key" {
			return p.T(x)
		}
		return x
	case float64:
		return p.Decimal(x, 2)
	case time.Duration:
		return p.Duration(x)
	}
	return fmt.Sprint(v)
}

// Number writes a whole number with the grouping of the language.
func (p *Printer) Number(n int64) string {
	if n > -1000 && n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return p.own.numbers.Sprint(number.Decimal(n))
}

// Decimal writes a number with at most so many places after the point.
func (p *Printer) Decimal(f float64, places int) string {
	return p.own.numbers.Sprint(number.Decimal(f, number.MaxFractionDigits(places)))
}

// Percent writes a share of one as a percentage.
func (p *Printer) Percent(share float64, places int) string {
	return p.own.numbers.Sprint(number.Percent(share, number.MaxFractionDigits(places)))
}

// Size writes a number of bytes.
func (p *Printer) Size(bytes int64) string {
	switch {
	case bytes < 1000:
		return p.T("unit.byte", "n", bytes)
	case bytes < 1000*1000:
		return p.T("unit.kilobyte", "size", p.Decimal(float64(bytes)/1e3, 0))
	}
	return p.T("unit.megabyte", "size", p.Decimal(float64(bytes)/1e6, 1))
}
