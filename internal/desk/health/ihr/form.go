package ihr

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The form of Annex 2 is data: a text for each version and language that
// experts read, in the folder form. Every assessment keeps the version and the
// digest of its English text.

//go:embed form/*.txt
var formFS embed.FS

// CurrentForm is the version with which new assessments are made.
const CurrentForm = "annex2-2024-1"

// Answer to a question.
type Answer string

const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Answers in the order of the form.
var Answers = []Answer{Yes, No, Unknown}

// Form is one version of the decision instrument in one language.
type Form struct {
	Version, Status, Source, Digest string

	Paths     map[string][]string // path → hazards; what is in none is path C
	Threshold int                 // so many questions answered with yes make it notifiable
	Questions []Question
}

// Question of the form, with what helps to answer it.
type Question struct {
	ID       string
	Only     string // the path on which alone it is asked; empty: always
	Title    string
	Guide    []string
	Examples []Example
	Subs     []Sub
}

// Example is an answer that shows what is meant; all are made up.
type Example struct {
	Answer Answer
	Text   string
}

// Sub is a part of a question.
type Sub struct{ ID, Text string }

// PathOf is the path of a hazard: A always notifiable, B always assessed, C
// any other event.
func (f *Form) PathOf(hazard string) string {
	for _, p := range []string{"A", "B"} {
		if slices.Contains(f.Paths[p], hazard) {
			return p
		}
	}
	return "C"
}

// Asked are the questions of a path.
func (f *Form) Asked(path string) []Question {
	var out []Question
	for _, q := range f.Questions {
		if q.Only == "" || q.Only == path {
			out = append(out, q)
		}
	}
	return out
}

// Question finds one by its id.
func (f *Form) Question(qid string) (Question, bool) {
	i := slices.IndexFunc(f.Questions, func(q Question) bool { return q.ID == qid })
	if i < 0 {
		return Question{}, false
	}
	return f.Questions[i], true
}

var forms = sync.OnceValue(func() map[string]map[string]*Form {
	out := map[string]map[string]*Form{}
	files, err := formFS.ReadDir("form")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	for _, f := range files {
		text, err := formFS.ReadFile("form/" + f.Name())
		if err != nil {
			panic(err)
		}
		form, err := ParseForm(string(text))
		if err != nil {
			panic(fmt.Errorf("ihr: %s: %w", f.Name(), err)) // a test reads every file
		}
		base, lang, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".txt"), ".")
		if base != form.Version {
			panic("ihr: " + f.Name() + " holds " + form.Version)
		}
		if out[base] == nil {
			out[base] = map[string]*Form{}
		}
		out[base][lang] = form
	}
	for _, languages := range out { // what is answered is the English form, whatever the reader saw
		for _, f := range languages {
			f.Digest = languages["en"].Digest
		}
	}
	return out
})

// FormOf is a version in a language, or in English; nil where this program
// does not carry the version.
func FormOf(version, lang string) *Form {
	languages := forms()[version]
	if f := languages[lang]; f != nil {
		return f
	}
	return languages["en"]
}

// Current is the form of new assessments.
func Current() *Form { return FormOf(CurrentForm, "en") }

// ParseForm reads the text of a version.
func ParseForm(text string) (*Form, error) {
	sum := sha256.Sum256([]byte(text))
	f := &Form{Digest: hex.EncodeToString(sum[:6]), Paths: map[string][]string{}}
	section := ""
	for n, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		var err error
		if strings.HasPrefix(line, " ") {
			err = f.row(section, words)
		} else {
			section = words[0]
			if section == "path" && len(words) == 2 {
				section = "path " + words[1]
			}
			err = f.open(words)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	return f, f.check()
}

func (f *Form) open(words []string) error {
	rest := strings.Join(words[1:], " ")
	switch words[0] {
	case "version":
		f.Version = rest
	case "status":
		f.Status = rest
	case "source":
		f.Source = rest
	case "question":
		if _, twice := f.Question(rest); twice || len(words) != 2 {
			return fmt.Errorf("a question without a name of its own")
		}
		f.Questions = append(f.Questions, Question{ID: rest})
	case "path":
		if rest != "A" && rest != "B" {
			return fmt.Errorf("no path %q", rest)
		}
	case "rule":
	default:
		return fmt.Errorf("unknown section %q", words[0])
	}
	return nil
}

func (f *Form) row(section string, words []string) error {
	switch section {
	case "path A", "path B":
		p := strings.TrimPrefix(section, "path ")
		f.Paths[p] = append(f.Paths[p], words...)
		return nil
	case "rule":
		n, err := strconv.Atoi(words[len(words)-1])
		if err != nil || len(words) != 2 || words[0] != "yes" || n < 1 {
			return fmt.Errorf("want: yes and a number")
		}
		f.Threshold = n
		return nil
	case "question":
		return f.questionRow(&f.Questions[len(f.Questions)-1], words)
	}
	return fmt.Errorf("a row outside a section")
}

func (f *Form) questionRow(q *Question, words []string) error {
	rest := strings.Join(words[1:], " ")
	if rest == "" {
		return fmt.Errorf("%s says nothing", words[0])
	}
	switch words[0] {
	case "only":
		q.Only = rest
	case "title":
		q.Title = rest
	case "guide":
		q.Guide = append(q.Guide, rest)
	case "example":
		if len(words) < 3 || !slices.Contains(Answers, Answer(words[1])) {
			return fmt.Errorf("an example begins with its answer")
		}
		q.Examples = append(q.Examples, Example{Answer(words[1]), strings.Join(words[2:], " ")})
	case "sub":
		if len(words) < 3 || slices.ContainsFunc(q.Subs, func(s Sub) bool { return s.ID == words[1] }) {
			return fmt.Errorf("a part of a question needs a name of its own and a text")
		}
		q.Subs = append(q.Subs, Sub{words[1], strings.Join(words[2:], " ")})
	default:
		return fmt.Errorf("unknown row %q", words[0])
	}
	return nil
}

func (f *Form) check() error {
	if f.Version == "" || f.Source == "" || f.Threshold == 0 || len(f.Paths["A"]) == 0 {
		return fmt.Errorf("version, source, rule or path A is missing")
	}
	counted := 0
	for _, q := range f.Questions {
		if q.Title == "" || len(q.Guide) == 0 || len(q.Examples) == 0 || len(q.Subs) == 0 {
			return fmt.Errorf("question %s lacks title, guidance, examples or parts", q.ID)
		}
		if q.Only == "" {
			counted++
		}
	}
	if f.Threshold > counted {
		return fmt.Errorf("%d of %d questions can never be yes", f.Threshold, counted)
	}
	return nil
}
