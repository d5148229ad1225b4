package incident

import (
	"slices"
	"strconv"
	"time"

	"lintas/internal/desk"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Statuses of an objective. The newest word on it in the log is its status.
var Statuses = []string{"not_started", "on_track", "behind", "achieved", "dropped"}

// over are the statuses with which an objective is not carried on.
var over = []string{"achieved", "dropped"}

// Objective is what is to be reached. It keeps its identity from plan to plan,
// so that its history can be followed over the periods.
type Objective struct {
	ID       id.ID     `json:"id"`
	Text     string    `json:"text"`
	Measure  string    `json:"measure,omitempty"` // how it will be seen that it is reached
	Function string    `json:"function"`
	Due      time.Time `json:"due,omitzero"`
	Since    int       `json:"since"` // number of the period in which it was set
}

// Assignment is a task of a function, as in ICS-204.
type Assignment struct {
	Function  string `json:"function"`
	Task      string `json:"task"`
	Resources string `json:"resources,omitempty"`
	Place     string `json:"place,omitempty"`
	Special   string `json:"special,omitempty"`
}

// Channel is how a function is reached, as in ICS-205.
type Channel struct {
	Function string `json:"function"`
	Means    string `json:"means"`
	Number   string `json:"number"`
	Note     string `json:"note,omitempty"`
}

// Plan is one edition of the action plan of one operational period. What was
// approved is never changed: an amendment is the next edition.
type Plan struct {
	desk.Head
	Incident    id.ID        `json:"incident"`
	Number      int          `json:"number"`  // of the period
	Edition     int          `json:"edition"` // 1 is the first
	From        time.Time    `json:"from"`
	To          time.Time    `json:"to"`
	Situation   string       `json:"situation,omitempty"`
	Objectives  []Objective  `json:"objectives,omitempty"`
	Assignments []Assignment `json:"assignments,omitempty"`
	Channels    []Channel    `json:"channels,omitempty"`
	Safety      string       `json:"safety,omitempty"`
	Weather     string       `json:"weather,omitempty"`
	Other       string       `json:"other,omitempty"`
	Why         string       `json:"why,omitempty"` // of an amendment
	Amends      id.ID        `json:"amends,omitempty"`
	Authors     []id.ID      `json:"authors,omitempty"`
	WrittenAs   string       `json:"written_as,omitempty"`
	ApprovedAs  string       `json:"approved_as,omitempty"`
	Approved    time.Time    `json:"approved,omitzero"`
	Began       time.Time    `json:"began,omitzero"`
	Ended       time.Time    `json:"ended,omitzero"`
	Reason      string       `json:"reason,omitempty"`

	managers []id.ID // on duty now
	open     bool    // the incident is open
}

func (r *Plan) columns() columns {
	c := columns{Incident: r.Incident, At: r.From}
	if r.State != Discarded { // two people do not write the same edition
		c.Mark = "plan|" + string(r.Incident) + "|" + strconv.Itoa(r.Number) + "|" + strconv.Itoa(r.Edition)
	}
	return c
}

// MaxPeriod is the longest operational period.
const MaxPeriod = 31 * 24 * time.Hour

func validatePlan(r *Plan) error {
	var c fault.Check
	trim(&r.Situation, &r.Safety, &r.Weather, &r.Other, &r.Why, &r.Reason)
	for _, f := range []struct {
		name, text string
	}{{"situation", r.Situation}, {"safety", r.Safety}, {"weather", r.Weather}, {"other", r.Other}} {
		c.That(!long(f.text, MaxText), f.name, "fault.too_long", fault.Args{"max": MaxText})
	}
	c.That(!long(r.Why, MaxReason), "why", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(!long(r.Reason, MaxReason), "reason", "fault.too_long", fault.Args{"max": MaxReason})
	c.That(!r.From.IsZero(), "from", "fault.incident.time")
	c.That(r.To.After(r.From) && r.To.Sub(r.From) <= MaxPeriod, "to", "fault.incident.period")
	c.That(len(r.Objectives) <= MaxRows && len(r.Assignments) <= MaxRows && len(r.Channels) <= MaxRows, "objectives", "fault.too_many", fault.Args{"max": MaxRows})
	line := func(row int, field string, needed bool, text *string) {
		trim(text)
		c.Row(!needed || *text != "", row, field, "fault.incident.row_text")
		c.Row(!long(*text, MaxLine), row, field, "fault.too_long", fault.Args{"max": MaxLine})
	}
	for i := range r.Objectives {
		o := &r.Objectives[i]
		line(i+1, "o_text", true, &o.Text)
		line(i+1, "o_measure", false, &o.Measure)
		c.Row(KnownFunction(o.Function), i+1, "o_function", "fault.incident.function")
	}
	for i := range r.Assignments {
		a := &r.Assignments[i]
		line(i+1, "a_task", true, &a.Task)
		line(i+1, "a_resources", false, &a.Resources)
		line(i+1, "a_place", false, &a.Place)
		line(i+1, "a_special", false, &a.Special)
		c.Row(KnownFunction(a.Function), i+1, "a_function", "fault.incident.function")
	}
	for i := range r.Channels {
		x := &r.Channels[i]
		line(i+1, "c_means", true, &x.Means)
		line(i+1, "c_number", true, &x.Number)
		line(i+1, "c_note", false, &x.Note)
		c.Row(KnownFunction(x.Function), i+1, "c_function", "fault.incident.function")
	}
	return c.Err()
}

// next is the draft of the period after: what is not reached goes on, the rest
// is copied to be looked at again. status is that of each objective now.
func (r *Plan) next(status map[id.ID]string) Plan {
	n := Plan{Incident: r.Incident, Number: r.Number + 1, Edition: 1, From: r.To, To: r.To.Add(r.To.Sub(r.From)), Assignments: slices.Clone(r.Assignments),
		Channels: slices.Clone(r.Channels), Safety: r.Safety, Weather: "", Other: r.Other}
	for _, o := range r.Objectives {
		if !slices.Contains(over, status[o.ID]) {
			n.Objectives = append(n.Objectives, o)
		}
	}
	return n
}

// amended is the draft of the next edition of the same period.
func (r *Plan) amended() Plan {
	return Plan{Incident: r.Incident, Number: r.Number, Edition: r.Edition + 1, From: r.From, To: r.To, Situation: r.Situation, Objectives: slices.Clone(r.Objectives),
		Assignments: slices.Clone(r.Assignments), Channels: slices.Clone(r.Channels), Safety: r.Safety, Weather: r.Weather, Other: r.Other, Amends: r.ID}
}

// Change is one difference between two editions. Was or Now is empty where
// something was added or taken away.
type Change struct {
	Part string // "objectives", "assignments", "channels" or a field of the plan
	Row  int    // of the new edition, or of the old one for what was taken away; 0: a field
	Was  string
	Now  string
}

// Changes are what an edition does differently from the one it amends.
func Changes(was, now *Plan) []Change {
	var out []Change
	field := func(name, a, b string) {
		if a != b {
			out = append(out, Change{Part: name, Was: a, Now: b})
		}
	}
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
	field("from", stamp(was.From), stamp(now.From))
	field("to", stamp(was.To), stamp(now.To))
	field("situation", was.Situation, now.Situation)
	out = append(out, differ("objectives", objectiveLines(was), objectiveLines(now))...)
	out = append(out, differ("assignments", assignmentLines(was), assignmentLines(now))...)
	out = append(out, differ("channels", channelLines(was), channelLines(now))...)
	field("safety", was.Safety, now.Safety)
	field("weather", was.Weather, now.Weather)
	field("other", was.Other, now.Other)
	return out
}

// row is a line of a table with what it is known by.
type row struct{ key, text string }

// differ pairs the rows that have the same key, and then those that stand at the
// same place and have no pair: such a row was changed, not replaced.
func differ(part string, was, now []row) []Change {
	used := make([]bool, len(was))
	pair := make([]int, len(now))
	for i := range now {
		pair[i] = -1
		for j := range was {
			if !used[j] && was[j].key == now[i].key {
				used[j], pair[i] = true, j
				break
			}
		}
	}
	var out []Change
	for i := range now {
		j := pair[i]
		if j < 0 && i < len(was) && !used[i] {
			j, used[i] = i, true
		}
		switch {
		case j < 0:
			out = append(out, Change{Part: part, Row: i + 1, Now: now[i].text})
		case was[j].text != now[i].text:
			out = append(out, Change{Part: part, Row: i + 1, Was: was[j].text, Now: now[i].text})
		}
	}
	for j := range was {
		if !used[j] {
			out = append(out, Change{Part: part, Row: j + 1, Was: was[j].text})
		}
	}
	return out
}

func joined(ss ...string) string {
	out := ""
	for _, s := range ss {
		if s == "" {
			continue
		}
		if out != "" {
			out += " · "
		}
		out += s
	}
	return out
}

func objectiveLines(p *Plan) []row {
	var out []row
	for _, o := range p.Objectives {
		due := ""
		if !o.Due.IsZero() {
			due = o.Due.UTC().Format("2006-01-02 15:04")
		}
		out = append(out, row{string(o.ID), joined(o.Text, o.Measure, due)})
	}
	return out
}

func assignmentLines(p *Plan) []row {
	var out []row
	for _, a := range p.Assignments {
		out = append(out, row{a.Function + "|" + a.Task, joined(a.Task, a.Resources, a.Place, a.Special)})
	}
	return out
}

func channelLines(p *Plan) []row {
	var out []row
	for _, c := range p.Channels {
		out = append(out, row{c.Function + "|" + c.Means, joined(c.Means, c.Number, c.Note)})
	}
	return out
}
