package place

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// more reads what stands beside the list of units: other spellings, P-codes,
// and the units that ISO 3166-2 does not list yet. Those keep codes of this
// list ("VN-2025-an-giang"), are found by Lookup and by a Matcher, and are not
// among Units.
func (x *index) more() error {
	var merged []unitRow
	if err := read("merged", &merged); err != nil {
		return err
	}
	for _, r := range merged {
		x.byCode[r.Code] = Place{Code: r.Code, Name: r.Name, Parent: Member(r.Code), Level: Unit, From: r.From, SuccessorOf: r.SuccessorOf,
			At: Point{r.LabelAt[0], r.LabelAt[1]}, Box: r.Box, Unverified: true}
		x.later = append(x.later, r.Code)
	}
	aliases, pcodes := map[string][]string{}, map[string]string{}
	if err := read("aliases", &aliases); err != nil {
		return err
	}
	if err := read("pcodes", &pcodes); err != nil {
		return err
	}
	if err := x.languages(); err != nil {
		return err
	}
	for code, names := range aliases {
		p, ok := x.byCode[code]
		if !ok {
			return fmt.Errorf("gazetteer aliases: no place %s", code)
		}
		p.Aliases = names
		x.byCode[code] = p
	}
	for code, p := range x.byCode {
		p.PCode = pcodes[code]
		// The P-codes of Cambodia and Thailand are the numbers of ISO 3166-2.
		if state, n, ok := strings.Cut(code, "-"); ok && (state == "KH" || state == "TH") {
			p.PCode = fmt.Sprintf("%s%02s", state, n)
		}
		x.byCode[code] = p
	}
	return nil
}

// languages adds the names of the states in more languages (Unicode CLDR 32,
// without what stands there in brackets). A name that the list of members has
// goes before it.
func (x *index) languages() error {
	names := map[string]map[string]string{}
	if err := read("names", &names); err != nil {
		return err
	}
	for code, by := range names {
		p, ok := x.byCode[code]
		if !ok {
			return fmt.Errorf("gazetteer names: no place %s", code)
		}
		all := maps.Clone(by)
		maps.Copy(all, p.Names)
		p.Names = all
		x.byCode[code] = p
	}
	return nil
}

// Later are the units that follow others but are not in ISO 3166-2 yet.
func Later(state string) []Place {
	var out []Place
	for _, code := range loaded().later {
		if p := loaded().byCode[code]; state == "" || p.Parent == state {
			out = append(out, p)
		}
	}
	return out
}

// Successors are the units that were made from one, whole or in part, by code.
func Successors(code string) []Place {
	var out []Place
	for _, p := range loaded().byCode {
		if slices.Contains(p.SuccessorOf, code) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Place) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// ValidOn reports whether the place existed on a day, as far as its dates say:
// a date that is only a year counts for the whole of it.
func (p Place) ValidOn(t time.Time) bool {
	if t.IsZero() {
		return true
	}
	day := t.UTC().Format(time.DateOnly)
	return (p.From == "" || p.From <= day[:len(p.From)]) && (p.To == "" || day[:len(p.To)] <= p.To)
}

// Gaps are the present units of a state that have no outline of their own, in
// this edition of the boundaries. Pages show them; they are never drawn as
// part of another.
func Gaps(state string) []Place {
	return pick(func(p Place) bool { return p.Parent == state && !p.Drawn && p.To == "" })
}
