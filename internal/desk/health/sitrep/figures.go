package sitrep

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Figures are what a report shows of the facts: for each indicator, class and
// place the newest total, with what is new in the period. A figure that nobody
// reported is absent; no number stands for it, least of all zero.

// Value is one number as somebody reported it.
type Value struct {
	Member     access.Member `json:"member"`
	Value      int64         `json:"value"`
	Suppressed bool          `json:"suppressed,omitempty"` // a number too small to be told; Value means nothing
	Source     string        `json:"source"`               // empty for a sum of places
	Places     int           `json:"places,omitempty"`     // how many places were summed
	AsOf       time.Time     `json:"as_of"`
	Report     id.ID         `json:"report,omitempty"`  // of a regional report: the input
	Release    id.ID         `json:"release,omitempty"` // that brought it
}

// Figure is one indicator of one class at one place. More than one value means
// that sources of the same day disagree: none is chosen.
type Figure struct {
	Indicator string  `json:"indicator"`
	Class     string  `json:"class,omitempty"`
	Place     string  `json:"place"` // ISO 3166-2, or the state's code for the whole state
	Values    []Value `json:"values"`
	New       *int64  `json:"new,omitempty"` // in the period; nil: not known
	Was       *int64  `json:"was,omitempty"` // in the last issue; nil: it had none, or several
}

// Key names a figure in a report.
func (f *Figure) Key() string {
	return "figure:" + strings.Join([]string{f.Indicator, f.Class, f.Place}, "|")
}

// Single is the value where sources do not disagree and it may be told.
func (f *Figure) Single() (Value, bool) {
	if len(f.Values) != 1 || f.Values[0].Suppressed {
		return Value{}, false
	}
	return f.Values[0], true
}

// FiguresOf are the figures of a state's facts for a period of days. Whole is
// the state's code.
func FiguresOf(facts []health.Fact, whole access.Member, from, until string) []Figure {
	type at struct{ indicator, class, place string }
	by := map[at][]health.Fact{}
	for _, f := range facts {
		if f.From != "" || f.Banded() || f.Of > 0 || day(f.AsOf) > until {
			continue
		}
		k := at{f.Indicator, f.Class, f.Place}
		by[k] = append(by[k], f)
	}
	var out []Figure
	for k, list := range by {
		out = append(out, Figure{Indicator: k.indicator, Class: k.class, Place: k.place, Values: valuesOf(list, whole), New: newOf(list, from)})
	}
	out = append(out, sums(facts, out, whole, from, until)...)
	for i := range out {
		if n, ok := periodFact(facts, &out[i], from, until); ok {
			out[i].New = &n
		}
	}
	sortFigures(out)
	return out
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// valuesOf are the values of the newest day; of one source only its newest.
func valuesOf(list []health.Fact, m access.Member) []Value {
	newest := ""
	for _, f := range list {
		newest = max(newest, day(f.AsOf))
	}
	var out []Value
	for _, f := range list {
		if day(f.AsOf) != newest {
			continue
		}
		v := Value{Member: m, Value: f.Value, Suppressed: f.Suppressed, Source: f.Source, AsOf: f.AsOf}
		i := slices.IndexFunc(out, func(x Value) bool { return x.Source == v.Source })
		switch {
		case i < 0:
			out = append(out, v)
		case !v.AsOf.Before(out[i].AsOf):
			out[i] = v
		}
	}
	return agree(out)
}

// agree drops values that say the same as another of the list.
func agree(list []Value) []Value {
	slices.SortStableFunc(list, func(a, b Value) int { return cmp.Or(b.AsOf.Compare(a.AsOf), cmp.Compare(a.Source, b.Source)) })
	var out []Value
	for _, v := range list {
		if !slices.ContainsFunc(out, func(x Value) bool { return x.Suppressed == v.Suppressed && (v.Suppressed || x.Value == v.Value) }) {
			out = append(out, v)
		}
	}
	return out
}

// newOf is the growth of a total since the newest day before the period. It
// is not known where there was no total then, or sources disagree.
func newOf(list []health.Fact, from string) *int64 {
	now := valuesOf(list, "")
	before := slices.DeleteFunc(slices.Clone(list), func(f health.Fact) bool { return day(f.AsOf) >= from })
	if len(now) != 1 || len(before) == 0 || now[0].Suppressed || day(now[0].AsOf) < from {
		return nil
	}
	was := valuesOf(before, "")
	if len(was) != 1 || was[0].Suppressed {
		return nil
	}
	n := now[0].Value - was[0].Value
	return &n
}

// periodFact is a count that was given for exactly the period.
func periodFact(facts []health.Fact, fig *Figure, from, until string) (int64, bool) {
	var found []int64
	for _, f := range facts {
		if f.Plain() && f.Indicator == fig.Indicator && f.Class == fig.Class && f.Place == fig.Place && f.From == from && f.To == until {
			found = append(found, f.Value)
		}
	}
	if len(found) != 1 {
		return 0, false
	}
	return found[0], true
}

// sums are whole-state figures where only places have them. A figure that was
// given for the whole state stands even where a place has a newer one: the sum
// of some places may be less than the whole.
func sums(facts []health.Fact, have []Figure, whole access.Member, from, until string) []Figure {
	type kind struct{ indicator, class string }
	upTo, before := map[kind][]health.Fact{}, map[kind][]health.Fact{}
	for _, f := range facts {
		if d := day(f.AsOf); d <= until {
			k := kind{f.Indicator, f.Class}
			upTo[k] = append(upTo[k], f)
			if d < from {
				before[k] = append(before[k], f)
			}
		}
	}
	var out []Figure
	for k, list := range upTo {
		if slices.ContainsFunc(have, func(f Figure) bool {
			return f.Indicator == k.indicator && f.Class == k.class && f.Place == string(whole)
		}) {
			continue
		}
		sum, ok := health.Latest(list, k.indicator, k.class)
		if !ok || sum.Places == 0 {
			continue
		}
		fig := Figure{Indicator: k.indicator, Class: k.class, Place: string(whole), Values: []Value{{Member: whole, Value: sum.Value, Places: sum.Places, AsOf: sum.AsOf}}}
		if was, ok := health.Latest(before[k], k.indicator, k.class); ok && was.Places == sum.Places {
			n := sum.Value - was.Value
			fig.New = &n
		}
		out = append(out, fig)
	}
	return out
}

func sortFigures(list []Figure) {
	rank := func(all []string, s string) int { return slices.Index(all, s) }
	slices.SortStableFunc(list, func(a, b Figure) int {
		return cmp.Or(cmp.Compare(memberRank(a.Place), memberRank(b.Place)), cmp.Compare(a.Place, b.Place),
			cmp.Compare(rank(health.Indicators, a.Indicator), rank(health.Indicators, b.Indicator)),
			cmp.Compare(rank(health.Classes, a.Class), rank(health.Classes, b.Class)))
	})
}

func memberRank(place string) int {
	state, _, _ := strings.Cut(place, "-")
	return slices.Index(access.All(), access.Member(state))
}

// against notes in figures what the last issue said.
func against(now, last []Figure) {
	was := byKey(last)
	for i := range now {
		now[i].Was = nil
		if old := was[now[i].Key()]; old != nil {
			if v, ok := old.Single(); ok {
				n := v.Value
				now[i].Was = &n
			}
		}
	}
}

func byKey(list []Figure) map[string]*Figure {
	out := make(map[string]*Figure, len(list))
	for i := range list {
		out[list[i].Key()] = &list[i]
	}
	return out
}

// changes are the keys of what differs between an issue and its correction.
func changes(now, old *Report) []string {
	var out []string
	note := func(differs bool, key string) {
		if differs && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	note(now.Title != old.Title, "title")
	note(!slices.Equal(now.Highlights, old.Highlights), "highlights")
	note(now.Nothing != old.Nothing, "nothing")
	note(now.From != old.From || now.Until != old.Until || !now.AsOf.Equal(old.AsOf), "period")
	for _, pair := range [][2]*Report{{now, old}, {old, now}} {
		for _, t := range pair[0].Texts {
			note(textOf(pair[1].Texts, t.Part, t.Lang) != t.Text, "text:"+t.Part+"|"+t.Lang)
		}
		other := byKey(pair[1].Figures)
		for i := range pair[0].Figures {
			f := &pair[0].Figures[i]
			g := other[f.Key()]
			if g == nil || !same(f.Values, g.Values) {
				note(true, f.Key())
			}
		}
	}
	for i := range now.Inputs {
		j := slices.IndexFunc(old.Inputs, func(x Input) bool { return x.Member == now.Inputs[i].Member })
		note(j < 0 || old.Inputs[j].Stands != now.Inputs[i].Stands, "input:"+string(now.Inputs[i].Member))
	}
	return out
}

func same(a, b []Value) bool {
	return slices.EqualFunc(a, b, func(x, y Value) bool {
		return x.Suppressed == y.Suppressed && (x.Suppressed || x.Value == y.Value) && x.Source == y.Source && x.AsOf.Equal(y.AsOf) && x.Member == y.Member
	})
}
