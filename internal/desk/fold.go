package desk

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

var folder = cases.Fold()

// Fold brings text to a form in which a search finds it: compatibility
// decomposition, case folding, and without accents on Latin letters, so that
// "ha noi" finds "Hà Nội". Marks of other scripts carry meaning and stay.
func Fold(s string) string {
	var b strings.Builder
	latin := false
	for _, r := range norm.NFKD.String(folder.String(s)) {
		switch {
		case unicode.Is(unicode.Mn, r) && latin:
			continue
		case r == 'đ':
			r = 'd'
		}
		latin = unicode.Is(unicode.Latin, r)
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}
