package sitrep

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
)

// Stands is how a member's input stands.
type Stands string

// What may be said of an input. Only the first two bring figures.
const (
	In      Stands = "in"      // received by the cut-off
	Nothing Stands = "nothing" // received by the cut-off: nothing to report
	Late    Stands = "late"    // received after the cut-off; not in this issue
	Silent  Stands = "silent"  // nothing received: no report
)

// Input is what one member that was asked gave by the cut-off.
type Input struct {
	Member   access.Member `json:"member"`
	Stands   Stands        `json:"stands"`
	Reports  []Given       `json:"reports,omitempty"` // those that were counted, or came late
	Reminded time.Time     `json:"reminded,omitzero"`
}

// Given is one national report as an input.
type Given struct {
	Report    id.ID     `json:"report"`
	Release   id.ID     `json:"release"`
	Event     id.ID     `json:"event,omitempty"`
	Number    int       `json:"number"`
	Authority string    `json:"authority"`
	AsOf      time.Time `json:"as_of"`
	Received  time.Time `json:"received"`
	Nothing   bool      `json:"nothing,omitempty"`
	Lang      string    `json:"lang,omitempty"`
	Changed   string    `json:"changed,omitempty"` // the member's own words on what changed
	Needs     string    `json:"needs,omitempty"`
}

// Compose puts a regional report together from the national reports that this
// node holds: the inputs of the members that were asked, in their fixed order,
// and the figures of those that were in by the cut-off, each with its member,
// source, as-of and release. It is pure, and the order of given does not
// matter.
func Compose(asked []access.Member, given []Report, cutOff time.Time) ([]Input, []Figure) {
	var inputs []Input
	all := gathered{at: map[string]int{}}
	for _, m := range access.All() {
		if !slices.Contains(asked, m) {
			continue
		}
		in := Input{Member: m, Stands: Silent}
		for _, r := range newestOf(given, m, cutOff) {
			late := arrived(r).After(cutOff)
			in.Reports = append(in.Reports, Given{Report: r.ID, Release: r.Release, Event: r.Event, Number: r.Number, Authority: r.Authority,
				AsOf: r.AsOf, Received: arrived(r), Nothing: r.Nothing, Lang: r.Lang, Changed: r.Text("changed"), Needs: r.Text("needs")})
			switch {
			case late && in.Stands == Silent:
				in.Stands = Late
			case late:
			case !r.Nothing:
				in.Stands = In
				all.add(r)
			case in.Stands != In:
				in.Stands = Nothing
			}
		}
		inputs = append(inputs, in)
	}
	sortFigures(all.figures)
	return inputs, all.figures
}

func arrived(r *Report) time.Time {
	if r.Own() {
		return r.Issued
	}
	return r.Received
}

// newestOf are the newest reports of a member, one for each event; what came
// by the cut-off goes before what came later.
func newestOf(given []Report, m access.Member, cutOff time.Time) []*Report {
	better := func(a, b *Report) bool {
		al, bl := arrived(a).After(cutOff), arrived(b).After(cutOff)
		switch {
		case al != bl:
			return bl
		case a.Number != b.Number:
			return a.Number > b.Number
		case a.Corrected != b.Corrected:
			return a.Corrected > b.Corrected
		}
		return a.ID > b.ID
	}
	best := map[id.ID]*Report{}
	for i := range given {
		r := &given[i]
		if r.Owner != m || r.Scope != National {
			continue
		}
		if old := best[r.Event]; old == nil || better(r, old) {
			best[r.Event] = r
		}
	}
	var out []*Report
	for _, r := range best {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *Report) int {
		if better(a, b) {
			return -1
		}
		return 1
	})
	return out
}

// gathered are figures of several reports, by their keys.
type gathered struct {
	figures []Figure
	at      map[string]int
}

// add brings the figures of an input. Reports of one state on two events that
// say different things of one place stay side by side; they are not added up.
func (g *gathered) add(r *Report) {
	for _, f := range r.Figures {
		values := slices.Clone(f.Values)
		for i := range values {
			values[i].Member, values[i].Report, values[i].Release = r.Owner, r.ID, r.Release
		}
		key := f.Key()
		i, ok := g.at[key]
		if !ok {
			f.Values, f.Was = values, nil
			g.at[key] = len(g.figures)
			g.figures = append(g.figures, f)
			continue
		}
		have := &g.figures[i]
		have.New, have.Values = nil, agree(append(have.Values, values...))
	}
}
