// Package place is the gazetteer: states, bodies and first-level units with
// their names, dates, points and time zones, and the outlines of the maps.
package place

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	_ "time/tzdata" // nodes run on machines without a zone database
)

// Units are dated, because borders inside states move: a unit that was split
// stays known with the year it ended, its successors name it. The outlines
// are of an older edition than the list of units; a unit without an outline
// says so (Drawn is false) and is shown as such, never as part of another.

//go:embed gazetteer/*.json
var gazetteer embed.FS

// Level of a place.
type Level int

const (
	Body  Level = -1 // a regional body: a member, but no place on a map
	State Level = 0
	Unit  Level = 1 // ISO 3166-2
	Below Level = 2 // below the units of ISO 3166-2; only a node's own list has them
)

// Point is longitude and latitude, WGS 84.
type Point struct{ Lon, Lat float64 }

// Box is west, south, east, north.
type Box [4]float64

// Place is one entry of the gazetteer.
type Place struct {
	Code        string            // ISO 3166-1 alpha-2, ISO 3166-2, or a body's
	Name        string            // in English use, units as their state writes them
	Names       map[string]string // by language
	Parent      string            // code of the state; empty for states and bodies
	Level       Level
	From        string   // year or day it began, empty: before this list
	To          string   // year or day it ended, empty: goes on
	SuccessorOf []string // units it was made from
	Region      string   // region of a Philippine province
	Merged      string   // name of the Vietnamese unit since July 2025; unverified
	At          Point    // where its label stands; of an undrawn unit, its seat
	Box         Box
	Drawn       bool     // has an outline in the boundaries
	PCode       string   // OCHA common operational dataset, where known
	Aliases     []string // other spellings in use
	Unverified  bool     // from a source that was not checked against the law that made it
}

// In is the name in a language, else the common one.
func (p Place) In(lang string) string {
	if n := p.Names[lang]; n != "" {
		return n
	}
	return p.Name
}

// Valid reports whether the unit existed in a year.
func (p Place) Valid(year int) bool {
	y := fmt.Sprintf("%04d", year)
	return (p.From == "" || p.From[:4] <= y) && (p.To == "" || y <= p.To[:4])
}

type member struct {
	Code, Name, Zone, Capital string
	Seat                      string // unit that the capital lies in
	Names                     map[string]string
	location                  *time.Location
}

type index struct {
	byCode  map[string]Place
	order   []string // states, bodies, then units by state
	members map[string]member
	search  []searchable
	later   []string // units that follow others but are not in ISO 3166-2 yet
}

var loaded = sync.OnceValue(func() *index {
	x, err := load()
	if err != nil {
		panic(err) // the files are part of the program; a test reads them all
	}
	return x
})

type unitRow struct {
	Code, Name  string
	LabelAt     [2]float64 `json:"label_at"`
	Box         Box        `json:"bbox"`
	Region      string
	Unit2025    string
	From        string   `json:"valid_from"`
	To          string   `json:"valid_to"`
	SuccessorOf []string `json:"successor_of"`
}

func load() (*index, error) {
	x := &index{byCode: map[string]Place{}, members: map[string]member{}}
	var members []member
	if err := read("members", &members); err != nil {
		return nil, err
	}
	for _, m := range members {
		loc, err := time.LoadLocation(m.Zone)
		if err != nil {
			return nil, fmt.Errorf("member %s: %w", m.Code, err)
		}
		m.location = loc
		x.members[m.Code] = m
		level := State
		if len(m.Code) != 2 {
			level = Body
		}
		x.add(Place{Code: m.Code, Name: m.Name, Names: m.Names, Level: level, Drawn: level == State})
	}
	for _, file := range []string{"adm1", "undrawn"} {
		var rows []unitRow
		if err := read(file, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			x.add(Place{Code: r.Code, Name: r.Name, Parent: Member(r.Code), Level: Unit, From: r.From, To: r.To,
				SuccessorOf: r.SuccessorOf, Region: r.Region, Merged: r.Unit2025,
				At: Point{r.LabelAt[0], r.LabelAt[1]}, Box: r.Box, Drawn: file == "adm1"})
		}
	}
	english := map[string]string{}
	if err := read("english", &english); err != nil {
		return nil, err
	}
	for code, name := range english {
		p := x.byCode[code]
		p.Names = map[string]string{"en": name}
		x.byCode[code] = p
	}
	x.end("PH-MAG", "2022")
	if err := x.more(); err != nil {
		return nil, err
	}
	x.boxes()
	for _, code := range x.order {
		x.search = append(x.search, newSearchable(x.byCode[code]))
	}
	return x, nil
}

func read(name string, into any) error {
	b, err := gazetteer.ReadFile("gazetteer/" + name + ".json")
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("gazetteer %s: %w", name, err)
	}
	return nil
}

func (x *index) add(p Place) {
	x.byCode[p.Code] = p
	x.order = append(x.order, p.Code)
}

// end closes a unit that ISO withdrew; its outline is still on the map.
func (x *index) end(code, year string) {
	p := x.byCode[code]
	p.To = year
	x.byCode[code] = p
}

// boxes gives each state the box around its units, and its capital as point.
func (x *index) boxes() {
	for code, p := range x.byCode {
		if p.Level != State {
			continue
		}
		first := true
		for _, c := range x.order {
			u := x.byCode[c]
			if u.Parent != code || !u.Drawn {
				continue
			}
			if first {
				p.Box, first = u.Box, false
			}
			p.Box = Box{min(p.Box[0], u.Box[0]), min(p.Box[1], u.Box[1]), max(p.Box[2], u.Box[2]), max(p.Box[3], u.Box[3])}
		}
		p.At = x.byCode[x.members[code].Seat].At // the middle of a state of islands is open sea
		x.byCode[code] = p
	}
}

// Lookup finds a place by its code.
func Lookup(code string) (Place, bool) {
	p, ok := loaded().byCode[code]
	return p, ok
}

// Known reports whether a code is a state or a unit of one, present or past.
func Known(code string) bool {
	p, ok := Lookup(code)
	return ok && p.Level >= State
}

// Member is the state of a code: "VN" of "VN-44" and of "VN".
func Member(code string) string {
	state, _, _ := strings.Cut(code, "-")
	return state
}

// Name is a place's or member's name in a language; an unknown code is
// returned as it is.
func Name(code, lang string) string {
	if p, ok := Lookup(code); ok {
		return p.In(lang)
	}
	return code
}

// Full is a unit's name with its state: "An Giang, Viet Nam".
func Full(code, lang string) string {
	p, ok := Lookup(code)
	if !ok || p.Parent == "" {
		return Name(code, lang)
	}
	return p.In(lang) + ", " + Name(p.Parent, lang)
}

// States are the eleven, in the fixed order of all strips.
func States() []Place { return pick(func(p Place) bool { return p.Level == State }) }

// Units are the first-level units of a state, by name; those that ended are
// left out when present is set.
func Units(state string, present bool) []Place {
	out := pick(func(p Place) bool { return p.Parent == state && (!present || p.To == "") })
	slices.SortStableFunc(out, func(a, b Place) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return out
}

func pick(want func(Place) bool) []Place {
	x := loaded()
	var out []Place
	for _, code := range x.order {
		if p := x.byCode[code]; want(p) {
			out = append(out, p)
		}
	}
	return out
}

// Zone is the time zone of a member's capital; nil for a code that is none.
func Zone(memberCode string) *time.Location { return loaded().members[memberCode].location }

// Capital is the name that stands beside the local time of a member.
func Capital(memberCode string) string { return loaded().members[memberCode].Capital }
