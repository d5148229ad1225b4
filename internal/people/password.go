package people

import (
	"strings"
	"unicode"
	"unicode/utf8"

	zxcvbn "github.com/nbutton23/zxcvbn-go"
	"golang.org/x/text/unicode/norm"

	"lintas/internal/fault"
)

const (
	minPassword = 12
	maxPassword = 128
	// needScore is zxcvbn's "safely unguessable": an offline search of a slow
	// hash is out of reach (Wheeler, USENIX Security 2016).
	needScore = 3
	// judged is how much of a password is looked at: the search for
	// substituted letters takes seconds on a hostile 128 characters, and what
	// follows a strong beginning cannot weaken it.
	judged = 40
)

// normal is the form that is hashed, so that the same password typed on
// another keyboard is the same (NIST SP 800-63B, 5.1.1.2).
func normal(password string) string { return norm.NFKC.String(password) }

// CheckPassword says what is wrong with a password and how to mend it; about
// holds words a guesser would try first: the login, the post, the agency.
func CheckPassword(password string, about []string) error {
	var c fault.Check
	n := utf8.RuneCountInString(password)
	c.That(utf8.ValidString(password) && !strings.ContainsFunc(password, unicode.IsControl), "password", "fault.people.password_characters")
	c.That(n >= minPassword, "password", "fault.people.password_short", fault.Args{"min": minPassword})
	c.That(n <= maxPassword, "password", "fault.people.password_long", fault.Args{"max": maxPassword})
	if err := c.Err(); err != nil {
		return err
	}
	head := []rune(normal(password))
	if len(head) > judged {
		head = head[:judged]
	}
	r := zxcvbn.PasswordStrength(string(head), words(about))
	if r.Score >= needScore {
		return nil
	}
	key := "fault.people.password_weak"
	for _, m := range r.MatchSequence {
		switch {
		case m.DictionaryName == "user_inputs":
			key = "fault.people.password_own_words"
		case key != "fault.people.password_weak":
		case m.Pattern == "repeat" || m.Pattern == "sequence" || m.Pattern == "spatial" || strings.HasPrefix(m.Pattern, "date"):
			key = "fault.people.password_pattern"
		}
	}
	c.That(false, "password", key)
	return c.Err()
}

// words splits what is known about a person into what a guesser would try.
func words(about []string) []string {
	out := []string{"lintas"}
	for _, a := range about {
		a = strings.ToLower(a)
		for _, w := range append(strings.FieldsFunc(a, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), a) {
			if len(w) >= 3 {
				out = append(out, w)
			}
		}
	}
	return out
}
