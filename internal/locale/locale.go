// Package locale says things to people in their language: sentences from
// catalogues of keys, plurals, numbers, dates, times and lengths of time.
package locale

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// catalogue is one language. Its words are read at their first use: most
// nodes speak two or three languages of the eleven.
type catalogue struct {
	code    string
	tag     language.Tag
	numbers *message.Printer
	share   float64
	words   func() *words
}

type words struct {
	single   map[string]sentence
	plural   map[string]map[string]sentence // key → CLDR category → sentence
	calendar calendar
}

var loaded = sync.OnceValue(func() map[string]*catalogue {
	all, err := load(files)
	if err != nil {
		panic(err) // the files are part of the program; a test reads them all
	}
	return all
})

func load(fsys fs.FS) (map[string]*catalogue, error) {
	paths, err := fs.Glob(fsys, "catalogue/*.json")
	if err != nil {
		return nil, err
	}
	of := map[string][]string{}
	for _, path := range paths {
		area, lang, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(path, "catalogue/"), ".json"), ".")
		if !ok || area == "" || !slices.ContainsFunc(names, func(l Language) bool { return l.Code == lang }) {
			return nil, fmt.Errorf("%s: want <area>.<language>.json of a known language", path)
		}
		of[lang] = append(of[lang], path)
	}
	all := map[string]*catalogue{}
	for _, l := range names {
		tag, err := language.Parse(l.Code + "-u-nu-latn")
		if err != nil {
			return nil, fmt.Errorf("language %s: %w", l.Code, err)
		}
		c := &catalogue{code: l.Code, tag: tag, numbers: message.NewPrinter(tag)}
		c.words = sync.OnceValue(func() *words {
			w, err := readWords(fsys, of[l.Code])
			if err != nil {
				panic(err)
			}
			src := w
			if l.Code != Source {
				src = all[Source].words()
			}
			w.calendar = newCalendar(w, src)
			return w
		})
		all[l.Code] = c
	}
	want, err := countKeys(fsys, of[Source])
	if err != nil || want == 0 {
		return all, err
	}
	for _, c := range all {
		have, err := countKeys(fsys, of[c.code])
		if err != nil {
			return nil, err
		}
		c.share = float64(have) / float64(want)
	}
	return all, nil
}

func readWords(fsys fs.FS, paths []string) (*words, error) {
	w := &words{single: map[string]sentence{}, plural: map[string]map[string]sentence{}}
	for _, path := range paths {
		if err := w.read(fsys, path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return w, nil
}

func (w *words) read(fsys fs.FS, path string) error {
	b, err := fs.ReadFile(fsys, path)
	if err != nil {
		return err
	}
	var flat map[string]string
	if err := json.Unmarshal(b, &flat); err != nil {
		return err
	}
	for key, text := range flat {
		s := sentence(text)
		if err := s.check(); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if base, form, ok := pluralKey(key); ok {
			if w.plural[base] == nil {
				w.plural[base] = map[string]sentence{}
			}
			w.plural[base][form] = s
			continue
		}
		if _, twice := w.single[key]; twice {
			return fmt.Errorf("%s stands in another area already", key)
		}
		w.single[key] = s
	}
	return nil
}

// countKeys counts the keys of a language without reading its sentences: each
// stands on a line of its own, and the forms of a plural count once.
func countKeys(fsys fs.FS, paths []string) (int, error) {
	n, plurals, in := 0, map[string]bool{}, bufio.NewReaderSize(nil, 1<<16)
	for _, path := range paths {
		f, err := fsys.Open(path)
		if err != nil {
			return 0, err
		}
		in.Reset(f)
		for err == nil {
			var line []byte
			line, err = in.ReadSlice('\n')
			rest, ok := bytes.CutPrefix(line, []byte(`  "`))
			end := bytes.IndexByte(rest, '"')
			if !ok || end < 0 {
				continue
			}
			if base, _, plural := pluralKey(string(rest[:end])); plural {
				plurals[base] = true
			} else {
				n++
			}
		}
		if cerr := f.Close(); !errors.Is(err, io.EOF) || cerr != nil {
			return 0, errors.Join(fmt.Errorf("%s: %w", path, err), cerr)
		}
	}
	return n + len(plurals), nil
}

var pluralForms = []string{"zero", "one", "two", "few", "many", "other"}

func pluralKey(key string) (base, form string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 || !slices.Contains(pluralForms, key[i+1:]) {
		return "", "", false
	}
	return key[:i], key[i+1:], true
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
