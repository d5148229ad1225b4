package family

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// View is what of a family a member gets: references, and the names of the
// owner's own events. Of an event of a third member nobody but that member
// learns before it has said that the event belongs.
type View struct {
	ID         id.ID            `json:"id"`
	Owner      access.Member    `json:"owner"`
	Version    int              `json:"version"`
	State      workflow.State   `json:"state"`
	Name       string           `json:"name"`
	Text       string           `json:"text,omitempty"`
	Lang       string           `json:"lang"`
	Hazard     string           `json:"hazard"`
	Entries    []Entry          `json:"entries,omitempty"`
	Names      map[id.ID]string `json:"names,omitempty"`
	MergedInto id.ID            `json:"merged_into,omitempty"`
	Reason     string           `json:"reason,omitempty"` // of a closing or merge
	Changed    time.Time        `json:"changed"`
}

// viewFor is what one recipient gets.
func viewFor(f *Family, m access.Member) View {
	v := View{ID: f.ID, Owner: f.Owner, Version: f.Version, State: f.State, Name: f.Name, Text: f.Text, Lang: f.Lang, Hazard: f.Hazard,
		MergedInto: f.MergedInto, Changed: f.Changed.At}
	if f.State == Closed || f.State == Merged {
		v.Reason = f.Reason
	}
	for _, e := range f.Entries {
		if e.Owner != f.Owner && e.Owner != m && e.Standing != Joined {
			continue
		}
		e.From = ""
		if e.Owner != m {
			e.Words = "" // said to the owner of the family
		}
		v.Entries = append(v.Entries, e)
		if name := f.known[e.Event]; name != "" && e.Owner == f.Owner {
			if v.Names == nil {
				v.Names = map[id.ID]string{}
			}
			v.Names[e.Event] = name
		}
	}
	return v
}

// Preview is what one group of recipients gets.
type Preview struct {
	To   []access.Member
	View View
}

// previews groups the recipients that get the same, in the order of members.
func previews(f *Family) []Preview {
	var out []Preview
	for _, m := range access.All() {
		if !slices.Contains(f.To, m) {
			continue
		}
		v := viewFor(f, m)
		i := slices.IndexFunc(out, func(p Preview) bool { return slices.Equal(p.View.Entries, v.Entries) })
		if i >= 0 {
			out[i].To = append(out[i].To, m)
			continue
		}
		out = append(out, Preview{To: []access.Member{m}, View: v})
	}
	return out
}

// sees is the rule for a family, own or received: it concerns other members,
// so a reader whose grants all name places does not see it.
func sees(r health.Reach, m access.Marking) bool {
	return !r.None && r.Places == nil && !(r.NoRed && m == access.TLPRed)
}
