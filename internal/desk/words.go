package desk

import "strings"

// Limits of a search: what is longer is cut, not refused.
const (
	MaxQuery = 200 // characters
	MaxWords = 8
)

// Words are the parts of a query, folded, that a search must find: at most
// MaxWords of them.
func Words(query string) []string {
	if r := []rune(query); len(r) > MaxQuery {
		query = string(r[:MaxQuery])
	}
	w := strings.Fields(Fold(query))
	return w[:min(len(w), MaxWords)]
}

// Holds reports whether every word of a query occurs in a text, folded alike.
func Holds(text, query string) bool {
	text = Fold(text)
	for _, w := range Words(query) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

var likeEscape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Like is the pattern with which "LIKE ? ESCAPE '!'" finds a word anywhere in
// a folded column, its own signs taken as they are.
func Like(word string) string { return "%" + likeEscape.Replace(word) + "%" }
