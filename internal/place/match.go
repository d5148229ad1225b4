package place

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// How a name of a file was taken for a place.
type How string

const (
	ByCode    How = "code"    // ISO 3166, P-code, or a code of the node's own list
	ByWord    How = "word"    // a person said so
	ByName    How = "name"    // the same name, whatever case and marks
	Similar   How = "similar" // perhaps; a person must say
	Unknown   How = "unknown" // nothing like it
	Outside   How = "outside" // a state that is not one of the region
	NoPlace   How = "none"    // a person said that it is no place of the list
	Ambiguous How = "ambiguous"
)

// Settled reports whether the match can be used without asking a person.
func (h How) Settled() bool { return h == ByCode || h == ByWord || h == ByName }

// Ask is how a file names a place.
type Ask struct {
	Code  string   // ISO 3166-1 alpha-2 or alpha-3, ISO 3166-2, P-code, or the source's own
	State string   // alpha-2 or alpha-3, where the file has it apart
	Names []string // from the state down; an empty one is left out
	On    time.Time
}

// Term is what a person's decision is remembered under: the same words of
// another file, whatever case and marks, mean the same place.
func (a Ask) Term() string {
	var parts []string
	if s := stateCode(a.State); s != "" {
		parts = append(parts, strings.ToLower(s))
	}
	if a.Code != "" {
		parts = append(parts, "#"+strings.ToLower(strings.TrimSpace(a.Code)))
	}
	for _, n := range a.Names {
		if f := fold(n); f != "" {
			parts = append(parts, f)
		}
	}
	return strings.Join(parts, " / ")
}

// Found is what a Matcher makes of an Ask.
type Found struct {
	How        How
	Place      Place   // when How is settled
	Candidates []Match // when a person must say, the most likely first
}

// Word is a person's decision; an empty Code says that the term is no place
// of the list.
type Word struct{ Term, Code string }

// Matcher finds places by what files call them. It never guesses: what is not
// the same code or the same name is for a person to confirm.
type Matcher struct {
	byCode map[string]Place
	byName map[string][]string // folded name → codes
	words  map[string]string
	all    []searchable
	own    []Place
}

// NewMatcher knows the gazetteer, a node's own places and the decisions.
func NewMatcher(own []Place, words []Word) *Matcher {
	m := &Matcher{byCode: map[string]Place{}, byName: map[string][]string{}, words: map[string]string{}, own: own}
	for _, p := range loaded().byCode {
		if p.Level >= State {
			m.add(p)
		}
	}
	for _, p := range own {
		m.add(p)
	}
	slices.SortFunc(m.all, func(a, b searchable) int { return strings.Compare(a.code, b.code) })
	for _, w := range words {
		m.words[w.Term] = w.Code
	}
	return m
}

func (m *Matcher) add(p Place) {
	s := newSearchable(p)
	for _, a := range append([]string{p.Merged}, p.Aliases...) {
		if f := fold(a); f != "" && a != p.Merged {
			s.names = append(s.names, folded{f, grams(f)})
		}
	}
	m.byCode[strings.ToLower(p.Code)] = p
	for _, c := range []string{p.PCode, alpha3[p.Code]} {
		if c != "" {
			m.byCode[strings.ToLower(c)] = p
		}
	}
	for _, n := range s.names {
		for _, key := range []string{n.text, squash(n.text)} {
			if !slices.Contains(m.byName[key], p.Code) {
				m.byName[key] = append(m.byName[key], p.Code)
			}
		}
	}
	m.all = append(m.all, s)
}

var alpha3 = map[string]string{"BN": "BRN", "KH": "KHM", "ID": "IDN", "LA": "LAO", "MY": "MYS", "MM": "MMR", "PH": "PHL", "SG": "SGP",
	"TH": "THA", "TL": "TLS", "VN": "VNM"}

// stateCode is the alpha-2 code of an alpha-2 or alpha-3 code of the region.
func stateCode(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	for two, three := range alpha3 {
		if s == two || s == three {
			return two
		}
	}
	return ""
}

// general are words for the kind of a first-level unit, which some lists write
// and others do not. Words that tell two places apart (city, regency) stay.
var general = []string{"province of", "province", "provinsi", "propinsi", "changwat", "negeri", "tinh", "thanh pho", "จังหวัด", "ខេត្ត", "ແຂວງ"}

// core is a folded name without the word for its kind. Only what a file says is
// cut, never the gazetteer's names: "Vientiane" is not yet "Vientiane
// Province", because the capital has the same name.
func core(f string) string {
	for _, g := range general {
		for _, cut := range []string{strings.TrimPrefix(f, g+" "), strings.TrimSuffix(f, " "+g)} {
			if cut != f && cut != "" {
				return cut
			}
		}
		if cut := strings.TrimPrefix(f, g); cut != f && cut != "" && g[0] >= 0x80 {
			return strings.TrimSpace(cut) // scripts without spaces
		}
	}
	return f
}

// squash is a folded name without spaces: Lop Buri is also written Lopburi.
func squash(f string) string { return strings.ReplaceAll(f, " ", "") }

// Lookup finds a place of the gazetteer or of the node's own list.
func (m *Matcher) Lookup(code string) (Place, bool) {
	p, ok := m.byCode[strings.ToLower(code)]
	return p, ok
}

// Find says which place is meant.
func (m *Matcher) Find(a Ask) Found {
	said, ok := m.words[a.Term()]
	if ok && said == "" {
		return Found{How: NoPlace}
	}
	p, known := m.Lookup(said)
	if known && p.ValidOn(a.On) {
		return Found{How: ByWord, Place: p}
	}
	f := m.find(a)
	if known && !f.How.Settled() { // a place of other dates is meant only where none of the day has the name
		return Found{How: ByWord, Place: p}
	}
	return f
}

func (m *Matcher) find(a Ask) Found {
	if a.Code != "" {
		if p, ok := m.Lookup(strings.TrimSpace(a.Code)); ok && (a.State == "" || stateCode(a.State) == Member(p.Code)) {
			return Found{How: ByCode, Place: p}
		}
	}
	names := slices.DeleteFunc(slices.Clone(a.Names), func(n string) bool { return fold(n) == "" })
	state := stateCode(a.State)
	if state == "" && a.State != "" {
		return Found{How: Outside}
	}
	if len(names) > 0 {
		// The first name may be the state's; it is not asked for again.
		if p, ok := m.state(names[0]); ok && (state == "" || state == p.Code) {
			if len(names) == 1 && (a.Code == "" || stateCode(a.Code) == p.Code) {
				return Found{How: ByName, Place: p}
			}
			state, names = p.Code, names[1:]
		}
	}
	if len(names) == 0 {
		if state != "" && a.Code == "" {
			p, _ := m.Lookup(state)
			return Found{How: ByCode, Place: p}
		}
		return Found{How: Unknown}
	}
	return m.named(state, names, a)
}

func (m *Matcher) state(name string) (Place, bool) {
	for _, c := range m.byName[fold(name)] {
		if p, _ := m.Lookup(c); p.Level == State {
			return p, true
		}
	}
	return Place{}, false
}

// named finds the lowest of the names inside the state, and inside the names
// above it where those are places of the list.
func (m *Matcher) named(state string, names []string, a Ask) Found {
	f := fold(names[len(names)-1])
	level := Level(len(names))
	var same []Match
	for _, key := range []string{f, core(f), squash(f)} {
		for _, c := range m.byName[key] {
			p, _ := m.Lookup(c)
			if p.Level > State && (state == "" || Member(p.Code) == state) && !slices.ContainsFunc(same, func(o Match) bool { return o.Code == p.Code }) {
				same = append(same, Match{p, 1})
			}
		}
		if len(same) > 0 {
			break
		}
	}
	slices.SortFunc(same, func(a, b Match) int {
		if a.Unverified != b.Unverified {
			return cmp.Compare(len(a.From), len(b.From)) // those of ISO 3166-2 first
		}
		return strings.Compare(a.Code, b.Code)
	})
	valid := slices.DeleteFunc(slices.Clone(same), func(x Match) bool { return !x.ValidOn(a.On) })
	fits := slices.DeleteFunc(slices.Clone(valid), func(x Match) bool { return x.Level != level || !m.inside(x.Place, names) })
	if len(fits) == 1 && len(valid) == 1 && state != "" {
		return Found{How: ByName, Place: fits[0].Place}
	}
	if len(fits) == 1 && state != "" && fits[0].Level == Unit && !slices.ContainsFunc(valid, func(x Match) bool { return x.Level == Unit && x.Code != fits[0].Code }) {
		return Found{How: ByName, Place: fits[0].Place} // the others are lower places of the same name
	}
	if len(same) > 0 {
		how := Similar
		if len(same) > 1 {
			how = Ambiguous
		}
		return Found{How: how, Candidates: same[:min(len(same), most)]}
	}
	near := m.near(f, state, a.On)
	if len(near) == 0 {
		return Found{How: Unknown}
	}
	return Found{How: Similar, Candidates: near}
}

// inside reports whether the name above a lower place is that of its parent.
func (m *Matcher) inside(p Place, names []string) bool {
	if p.Level != Below {
		return true
	}
	parent, ok := m.Lookup(p.Parent)
	if !ok {
		return false
	}
	above := fold(names[len(names)-2])
	return slices.Contains(m.byName[above], parent.Code) || slices.Contains(m.byName[core(above)], parent.Code)
}

const most = 6

// near are the places whose names are like it, the most similar first.
func (m *Matcher) near(f, state string, on time.Time) []Match {
	wants := []folded{{f, grams(f)}}
	for _, other := range []string{core(f), squash(f)} {
		if other != f {
			wants = append(wants, folded{other, grams(other)})
		}
	}
	var out []Match
	for _, s := range m.all {
		p, _ := m.Lookup(s.code)
		if p.Level <= State || state != "" && Member(p.Code) != state {
			continue
		}
		best := 0.0
		for _, n := range s.names {
			for _, w := range wants {
				best = max(best, similar(w, n))
			}
		}
		if !p.ValidOn(on) {
			best *= .9
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

// OutsideRegion reports whether an Ask names a state by a code that is none of
// the region's.
func OutsideRegion(a Ask) bool {
	s := strings.TrimSpace(a.State)
	return (len(s) == 2 || len(s) == 3) && stateCode(s) == ""
}

// StateOf is the alpha-2 code of the state that an Ask names by code.
func StateOf(a Ask) string { return stateCode(a.State) }

// Own are the places that the node added, by code.
func (m *Matcher) Own() []Place { return m.own }
