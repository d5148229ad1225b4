package place

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Match is a place that a search found; Score is 1 for the same name.
type Match struct {
	Place
	Score float64
}

type searchable struct {
	code  string
	names []folded
}

type folded struct {
	text  string
	grams []string
}

// fold brings a name to what people type: no marks, no case, no punctuation.
// Scripts without marks that can be dropped stay as they are.
func fold(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r == 'đ':
			r = 'd'
		case unicode.Is(unicode.Mn, r) && r < 0x0600:
			continue // a mark on a Latin letter; in other scripts marks carry vowels
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

func grams(s string) []string {
	r := []rune(" " + s + " ")
	out := make([]string, 0, len(r))
	for i := 0; i+1 < len(r); i++ {
		out = append(out, string(r[i:i+2]))
	}
	slices.Sort(out)
	return out
}

func newSearchable(p Place) searchable {
	s := searchable{code: p.Code}
	seen := map[string]bool{}
	all := []string{p.Name, p.Code}
	for _, n := range p.Names {
		all = append(all, n)
	}
	for _, n := range all {
		if f := fold(n); f != "" && !seen[f] {
			seen[f] = true
			s.names = append(s.names, folded{f, grams(f)})
		}
	}
	return s
}

// similar is the Dice coefficient over pairs of letters (Dice 1945), raised
// where one name begins with the other.
func similar(a, b folded) float64 {
	if a.text == b.text {
		return 1
	}
	same := 0
	for i, j := 0, 0; i < len(a.grams) && j < len(b.grams); {
		switch strings.Compare(a.grams[i], b.grams[j]) {
		case 0:
			same, i, j = same+1, i+1, j+1
		case -1:
			i++
		default:
			j++
		}
	}
	score := 2 * float64(same) / float64(len(a.grams)+len(b.grams))
	if strings.HasPrefix(b.text, a.text) {
		score = max(score, 0.8)
	}
	return min(score, 0.99)
}

const enough = 0.45

// Search finds places by name or code, whatever marks and case are typed and
// with small mistakes; the most similar first. A state limits it to its units.
func Search(text, state string, most int) []Match {
	f := fold(text)
	if f == "" {
		return nil
	}
	want := folded{f, grams(f)}
	x := loaded()
	var out []Match
	for _, s := range x.search {
		p := x.byCode[s.code]
		if p.Level == Body || state != "" && Member(p.Code) != state {
			continue
		}
		best := 0.0
		for _, n := range s.names {
			best = max(best, similar(want, n))
		}
		if best >= enough {
			out = append(out, Match{p, best})
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Level, b.Level), strings.Compare(a.Code, b.Code))
	})
	return out[:min(len(out), most)]
}
