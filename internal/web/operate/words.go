package operate

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lintas/internal/access"
	"lintas/internal/locale"
	"lintas/internal/place"
	"lintas/internal/web"
	"lintas/internal/web/parts"
)

// words is what every view says things with: the printer and the machine's
// time, by which nodes, keys and queues live.
type words struct {
	*locale.Printer
	now time.Time
}

func (p *Pages) words(r *web.Request) words { return words{r.Printer, p.Wall.Now()} }

func (w words) name(m access.Member) string { return place.Name(string(m), w.Lang()) }

func (w words) plate(m access.Member, s parts.PlateState) parts.Plate {
	return parts.Plate{Code: string(m), Title: w.name(m), State: s}
}

// order is the place of a member in the fixed order of all lists.
func order(m access.Member) int {
	if i := slices.Index(access.All(), m); i >= 0 {
		return i
	}
	return len(access.All())
}

// kind is what a kind of record or release is called; one without a name
// stands by its code.
func (w words) kind(kind string) string { return w.say(kind, "history.kind."+kind) }

func (w words) role(r access.Role) string { return w.T("role." + string(r)) }

// say is the first of the keys that has a sentence, else the code itself.
func (w words) say(code string, keys ...string) string {
	for _, k := range keys {
		if w.Has(k) {
			return w.T(k)
		}
	}
	return code
}

// verb and state are the words of a desk's table: by record, or by desk.
func (w words) verb(record, verb string) string {
	desk, _, _ := strings.Cut(record, ".")
	return w.say(verb, "verb."+record+"."+verb, desk+".verb."+verb, "verb."+verb)
}

func (w words) state(record, state string) string {
	desk, _, _ := strings.Cut(record, ".")
	return w.say(state, "state."+record+"."+state, desk+".state."+state, "state."+state)
}

// line is one row of a list: a mark, a title with a line below, a state, what
// there is to know, and a time. On a phone it is a card.
type line struct {
	Mark   templ.Component
	Title  string
	Href   string
	Sub    string
	Tags   []tag
	Texts  []string
	Plates []parts.Plate
	Detail string // for operators
	At     time.Time
	Ago    bool // the time is said as an age
	Act    []parts.Button
}

// tagged puts the state of a line first.
func (l *line) tagged(g parts.Grade, text string) { l.Tags = append([]tag{{g, text}}, l.Tags...) }

type tag struct {
	Grade parts.Grade
	Text  string
}

// heads are the headings of a list of lines.
type heads struct{ Caption, Title, State, Detail, At string }

// short is the beginning of an identifier or digest, enough to compare by eye.
func short(s string) string {
	if len(s) > 12 {
		return s[:12]
	}
	return s
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func number(n int64) string { return strconv.FormatInt(n, 10) }

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// with is the address of a path with what is set of the pairs.
func with(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
