package locale

import (
	"sync"

	"golang.org/x/text/language"
)

var matcher = sync.OnceValues(func() (language.Matcher, []string) {
	var tags []language.Tag
	var codes []string
	for _, l := range Offered() {
		tags, codes = append(tags, language.MustParse(l.Code)), append(codes, l.Code)
	}
	return language.NewMatcher(tags), codes
})

// Match chooses the language of a page: the one that the person chose
// before, if it is offered, else the best for an Accept-Language header.
func Match(chosen, accept string) string {
	m, codes := matcher()
	for _, c := range codes {
		if c == chosen {
			return c
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return Source
	}
	_, i, confidence := m.Match(wanted...)
	if confidence == language.No {
		return Source
	}
	return codes[i]
}
