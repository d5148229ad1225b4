// Package locale says things to people in their language: sentences from
// catalogues of keys, plurals, numbers, dates, times and lengths of time.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// A catalogue file is catalogue/<area>.<lang>.json, a flat object from key to
// sentence. A language other than English holds what has been translated; the
// rest is said in English, key by key. A key with the plural suffixes .one,
// .other and so on is asked for without its suffix and chosen by the argument
// "n" after the plural rules of the language.

// Source is the language that every key must have.
const Source = "en"

//go:embed catalogue/*.json
var files embed.FS

// Language is one that pages can be read in.
type Language struct {
	Code  string // BCP 47
	Name  string // in the language itself
	Share float64
}

// names are in the order of the language switch.
var names = []Language{
	{Code: "en", Name: "English"},
	{Code: "id", Name: "Bahasa Indonesia"},
	{Code: "ms", Name: "Bahasa Melayu"},
	{Code: "km", Name: "ភាសាខ្មែរ"},
	{Code: "lo", Name: "ພາສາລາວ"},
	{Code: "my", Name: "မြန်မာဘာသာ"},
	{Code: "fil", Name: "Filipino"},
	{Code: "th", Name: "ภาษาไทย"},
	{Code: "pt", Name: "Português"},
	{Code: "tet", Name: "Tetun"},
	{Code: "vi", Name: "Tiếng Việt"},
}

// offeredShare is how much of the source must be translated before a language
// stands in the switch: a page that says it is Thai and reads as English
// misleads screen readers.
const offeredShare = 0.9

type catalogue struct {
	code     string
	tag      language.Tag
	single   map[string]sentence
	plural   map[string]map[string]sentence // key → CLDR category → sentence
	calendar calendar
	numbers  *message.Printer
	share    float64
}

var loaded = sync.OnceValue(func() map[string]*catalogue {
	all, err := load(files)
	if err != nil {
		panic(err) // the files are part of the program; a test reads them all
	}
	return all
})

func load(fsys fs.FS) (map[string]*catalogue, error) {
	all := map[string]*catalogue{}
	for _, l := range names {
		tag, err := language.Parse(l.Code + "-u-nu-latn")
		if err != nil {
			return nil, fmt.Errorf("language %s: %w", l.Code, err)
		}
		all[l.Code] = &catalogue{code: l.Code, tag: tag, single: map[string]sentence{},
			plural: map[string]map[string]sentence{}, numbers: message.NewPrinter(tag)}
	}
	paths, err := fs.Glob(fsys, "catalogue/*.json")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		area, lang, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(path, "catalogue/"), ".json"), ".")
		c := all[lang]
		if !ok || area == "" || c == nil {
			return nil, fmt.Errorf("%s: want <area>.<language>.json of a known language", path)
		}
		if err := c.read(fsys, path); err != nil {
			return nil, err
		}
	}
	src := all[Source]
	for _, c := range all {
		c.calendar = newCalendar(c, src)
		c.share = c.covers(src)
	}
	return all, nil
}

func (c *catalogue) read(fsys fs.FS, path string) error {
	b, err := fs.ReadFile(fsys, path)
	if err != nil {
		return err
	}
	var flat map[string]string
	if err := json.Unmarshal(b, &flat); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for key, text := range flat {
		s, err := parseSentence(text)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", path, key, err)
		}
		if base, form, ok := pluralKey(key); ok {
			if c.plural[base] == nil {
				c.plural[base] = map[string]sentence{}
			}
			c.plural[base][form] = s
			continue
		}
		if _, twice := c.single[key]; twice {
			return fmt.Errorf("%s: %s stands in another area already", path, key)
		}
		c.single[key] = s
	}
	return nil
}

var pluralForms = []string{"zero", "one", "two", "few", "many", "other"}

func pluralKey(key string) (base, form string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 || !slices.Contains(pluralForms, key[i+1:]) {
		return "", "", false
	}
	return key[:i], key[i+1:], true
}

func (c *catalogue) covers(src *catalogue) float64 {
	have, want := 0, len(src.single)+len(src.plural)
	for k := range src.single {
		if _, ok := c.single[k]; ok {
			have++
		}
	}
	for k := range src.plural {
		if _, ok := c.plural[k]; ok {
			have++
		}
	}
	if want == 0 {
		return 0
	}
	return float64(have) / float64(want)
}

// Languages lists every known language with the share that is translated.
func Languages() []Language {
	out := slices.Clone(names)
	for i := range out {
		out[i].Share = loaded()[out[i].Code].share
	}
	return out
}

// Offered lists the languages of the switch: those that are translated nearly
// or wholly.
func Offered() []Language {
	return slices.DeleteFunc(Languages(), func(l Language) bool { return l.Share < offeredShare })
}
