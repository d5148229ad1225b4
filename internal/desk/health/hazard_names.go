package health

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"lintas/internal/desk"
	"lintas/internal/locale"
)

// hazardNames are the names of every hazard in every language of the
// interface, folded, by the order of Hazards.
var hazardNames = sync.OnceValue(func() [][]string {
	out := make([][]string, len(Hazards))
	for _, l := range locale.Languages() {
		p := locale.New(l.Code, nil, "")
		for i, h := range Hazards {
			if name := desk.Fold(p.T("hazard." + h.Key)); !slices.Contains(out[i], name) {
				out[i] = append(out[i], name)
			}
		}
	}
	return out
})

// HazardNames are the names of a hazard in every language, for what a search
// looks through: who writes in Khmer finds what was recorded in English.
func HazardNames(key string) string {
	i := slices.IndexFunc(Hazards, func(h Hazard) bool { return h.Key == key })
	if i < 0 {
		return key
	}
	return key + "\n" + strings.Join(hazardNames()[i], "\n")
}

// HazardsNamed are the hazards that a folded word of a search names in any
// language: in Latin letters a word of the name or its first three letters or
// more, in other scripts, which set no spaces, any part of two letters.
func HazardsNamed(word string) []string {
	var out []string
	for i, names := range hazardNames() {
		if slices.ContainsFunc(names, func(n string) bool { return named(n, word) }) {
			out = append(out, Hazards[i].Key)
		}
	}
	return out
}

func named(name, word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	n := utf8.RuneCountInString(word)
	if !unicode.Is(unicode.Latin, first) {
		return n > 1 && unicode.IsLetter(first) && strings.Contains(name, word)
	}
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }) {
		if w == word || n > 2 && strings.HasPrefix(w, word) {
			return true
		}
	}
	return false
}

// Found is the condition under which a word of a search is found in a table
// with the columns needle and hazard.
func Found(word string) (string, []any) {
	cond, args := "needle LIKE ? ESCAPE '!'", []any{desk.Like(word)}
	if keys := HazardsNamed(word); len(keys) > 0 {
		cond = "(" + cond + " OR hazard IN (" + strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", ") + "))"
		args = append(args, anys(keys)...)
	}
	return cond, args
}
