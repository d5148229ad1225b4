package incident

import (
	"cmp"
	"slices"
	"time"
)

// Manager is the function that answers for the whole response.
const Manager = "manager"

// Planning writes the action plan.
const Planning = "planning"

// Function is a place in the organisation, after the incident management system
// of public health operations centres (WHO, Framework for a Public Health
// Emergency Operations Centre, 2015) and the Incident Command System. Above is
// the function that it reports to; the catalogue has "incident.function.<key>".
type Function struct {
	Key   string
	Above string
	Staff bool // beside the manager, not a section
}

// Functions in the order of charts and tables: who is above comes first.
var Functions = []Function{
	{Key: Manager},
	{Key: "safety", Above: Manager, Staff: true},
	{Key: "liaison", Above: Manager, Staff: true},
	{Key: "public_information", Above: Manager, Staff: true},
	{Key: "operations", Above: Manager},
	{Key: Planning, Above: Manager},
	{Key: "logistics", Above: Manager},
	{Key: "finance", Above: Manager},
	{Key: "situation", Above: Planning},
	{Key: "resources", Above: Planning},
	{Key: "documentation", Above: Planning},
	{Key: "demobilisation", Above: Planning},
}

// Core are the functions that a new incident fills unless it says otherwise.
var Core = []string{Manager, "liaison", "public_information", "operations", Planning, "situation", "logistics", "finance"}

// KnownFunction reports whether there is such a function.
func KnownFunction(key string) bool {
	return slices.ContainsFunc(Functions, func(f Function) bool { return f.Key == key })
}

// Seat is a function of an incident with who sits there.
type Seat struct {
	Function
	On   []Duty // took over and was not relieved yet
	Due  []Duty // their shift runs, and they have not taken over
	Next []Duty // of the shift that comes
}

// Vacant reports that nobody holds the function now.
func (s *Seat) Vacant() bool { return len(s.On) == 0 }

// Chart is who holds each function of the incident at a time. A function that
// nobody holds stands in it like the others.
func Chart(functions []string, duties []Duty, now time.Time) []Seat {
	var out []Seat
	for _, f := range Functions {
		if !slices.Contains(functions, f.Key) && !slices.ContainsFunc(duties, func(d Duty) bool { return d.Function == f.Key && d.holds() }) {
			continue
		}
		s := Seat{Function: f}
		for _, d := range duties {
			switch {
			case d.Function != f.Key:
			case d.holds():
				s.On = append(s.On, d)
			case d.State != Planned || !d.To.After(now):
			case !d.From.After(now):
				s.Due = append(s.Due, d)
			case len(s.Next) == 0 || d.From.Equal(s.Next[0].From):
				s.Next = append(s.Next, d)
			case d.From.Before(s.Next[0].From):
				s.Next = []Duty{d}
			}
		}
		out = append(out, s)
	}
	return out
}

// Shift is a span in which the roster names people.
type Shift struct{ From, To time.Time }

// Shifts are the spans of a roster, the earliest first.
func Shifts(duties []Duty) []Shift {
	var out []Shift
	for _, d := range duties {
		if s := (Shift{d.From, d.To}); d.State != Cancelled && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Shift) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	return out
}

// NextShift is the span that the roster lacks: it begins where the last one
// ends, or at the whole hour now.
func NextShift(duties []Duty, hours int, now time.Time) Shift {
	from := now.UTC().Truncate(time.Hour)
	if all := Shifts(duties); len(all) > 0 && all[len(all)-1].To.After(from) {
		from = all[len(all)-1].To
	}
	return Shift{from, from.Add(time.Duration(hours) * time.Hour)}
}
