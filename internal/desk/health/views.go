package health

import (
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// EventView is what of an event may be seen by whom it was made for: a
// recipient of a release, or a person of this node. Pages, JSON and messages
// take views, never records.
type EventView struct {
	ID        id.ID          `json:"id"`
	Owner     access.Member  `json:"owner"`
	Version   int            `json:"version"`
	State     workflow.State `json:"state"`
	Name      string         `json:"name"`
	Lang      string         `json:"lang"`
	Hazard    string         `json:"hazard"`
	Agent     string         `json:"agent,omitempty"`
	ICD11     string         `json:"icd11,omitempty"`
	ICD10     string         `json:"icd10,omitempty"`
	Grade     Grade          `json:"grade"`
	GLIDE     string         `json:"glide,omitempty"`
	Marking   access.Marking `json:"marking"`
	Summary   string         `json:"summary,omitempty"`
	Places    []string       `json:"places"`
	Onset     Date           `json:"onset,omitzero"`
	Emergence Date           `json:"emergence,omitzero"`
	Detection Date           `json:"detection,omitzero"`
	Notified  Date           `json:"notified,omitzero"`
	// Facts are the numbers of all people that stand alone. More are those
	// that a reader must not add to them: parts of the people, shares, and
	// numbers too small to be told. They travel apart, since a program that
	// does not know of parts would take one for the whole.
	Facts []FactView `json:"facts,omitempty"`
	More  []FactView `json:"more_facts,omitempty"`
	// Sections are the structured content, each a block of its own.
	Sections   []Section  `json:"sections,omitempty"`
	End        EndRule    `json:"end,omitzero"`
	MergedInto id.ID      `json:"merged_into,omitempty"`
	Absorbed   []Absorbed `json:"absorbed,omitempty"`
	Changed    time.Time  `json:"changed"`
	Exercise   string     `json:"exercise,omitempty"`
	// Withheld names the blocks that the owner did not send, so that a gap is
	// never mistaken for "nothing there".
	Withheld []Block `json:"withheld,omitempty"`
}

// FactView is a fact without the duty post that entered it.
type FactView struct {
	ID        id.ID     `json:"id"`
	Indicator string    `json:"indicator"`
	Class     string    `json:"class,omitempty"`
	Place     string    `json:"place"`
	From      string    `json:"from,omitempty"`
	To        string    `json:"to,omitempty"`
	Value     int64     `json:"value"`
	Source    string    `json:"source"`
	AsOf      time.Time `json:"as_of"`
	Revision  int       `json:"revision"`
	Note      string    `json:"note,omitempty"`
	Of        int64     `json:"of,omitempty"`
	Age       string    `json:"age,omitempty"`
	Sex       string    `json:"sex,omitempty"`
	Group     string    `json:"group,omitempty"`
	// Granularity, Method and Recorded came later than the others: a view of
	// an older program has none.
	Granularity string    `json:"granularity,omitempty"`
	Method      string    `json:"method,omitempty"`
	Suppressed  bool      `json:"suppressed,omitempty"`
	Recorded    time.Time `json:"recorded,omitzero"`
}

// NotificationView is the body of a health.notification release: exactly what
// one group of recipients gets. The preview shows this value and the release
// carries this value; both come from viewFor.
type NotificationView struct {
	ID      id.ID     `json:"id"`
	Title   string    `json:"title"`
	Message string    `json:"message"`
	Post    string    `json:"post"` // the duty post that releases it
	Event   EventView `json:"event"`
	// Supersedes is the sender's earlier notification that this one replaces.
	Supersedes id.ID `json:"supersedes,omitempty"`
}

func viewFact(f Fact) FactView {
	return FactView{ID: f.ID, Indicator: f.Indicator, Class: f.Class, Place: f.Place, From: f.From, To: f.To,
		Value: f.Value, Source: f.Source, AsOf: f.AsOf, Revision: f.Revision, Note: f.Note, Of: f.Of, Age: f.Age, Sex: f.Sex,
		Group: f.Group, Granularity: f.Granularity, Method: f.Method, Suppressed: f.Suppressed, Recorded: f.Recorded}
}

// Fact is the fact that the view is of, as far as the view goes.
func (v *FactView) Fact() Fact {
	return Fact{ID: v.ID, Indicator: v.Indicator, Class: v.Class, Place: v.Place, From: v.From, To: v.To, Value: v.Value,
		Source: v.Source, AsOf: v.AsOf, Revision: v.Revision, Note: v.Note, Of: v.Of, Age: v.Age, Sex: v.Sex, Group: v.Group,
		Granularity: v.Granularity, Method: v.Method, Suppressed: v.Suppressed, Recorded: v.Recorded}
}

// viewFacts are the views of facts, plain ones and the others apart.
func viewFacts(facts []Fact) (plain, more []FactView) {
	for _, f := range facts {
		if v := viewFact(f); f.Plain() {
			plain = append(plain, v)
		} else {
			more = append(more, v)
		}
	}
	return plain, more
}

// AllFacts are the facts of the view, plain ones first.
func (v *EventView) AllFacts() []Fact {
	out := make([]Fact, 0, len(v.Facts)+len(v.More))
	for _, list := range [][]FactView{v.Facts, v.More} {
		for _, f := range list {
			out = append(out, f.Fact())
		}
	}
	return out
}

// Section finds a part of the structured content.
func (v *EventView) Section(b Block) (Section, bool) { return sectionOf(v.Sections, b) }

// viewEvent is the view for a person of this node who may read the event.
func viewEvent(e *Event, facts []Fact) EventView {
	v := EventView{
		ID: e.ID, Owner: e.Owner, Version: e.Version, State: e.State, Name: e.Name, Lang: e.Lang,
		Hazard: e.Hazard, Agent: e.Agent, ICD11: e.ICD11, ICD10: e.ICD10, Grade: e.Grade, GLIDE: e.GLIDE,
		Marking: e.Marking, Summary: e.Summary, Places: slices.Clone(e.Places), Onset: e.Onset,
		Emergence: e.Emergence, Detection: e.Detection, Notified: e.Notified, Changed: e.Changed.At, Exercise: e.Exercise,
		Sections: slices.Clone(e.Sections), End: e.End, MergedInto: e.MergedInto, Absorbed: e.shows, Withheld: e.Withheld,
	}
	if !e.Own() {
		v.Absorbed = e.Kept
	}
	v.Facts, v.More = viewFacts(facts)
	return v
}

// viewFor is what a recipient with these blocks gets of the event.
func viewFor(e *Event, facts []Fact, blocks []Block) EventView {
	v := viewEvent(e, newest(facts))
	v.Withheld = nil
	for _, b := range Blocks {
		// a section that was never written is no gap of the release
		if _, written := sectionOf(e.Sections, b); !slices.Contains(blocks, b) && (written || !slices.Contains(SectionBlocks, b)) {
			v.Withheld = append(v.Withheld, b)
		}
	}
	v.Sections = slices.DeleteFunc(v.Sections, func(s Section) bool { return !slices.Contains(blocks, s.Block) })
	v.Absorbed = slices.Clone(v.Absorbed)
	if !slices.Contains(blocks, BlockSummary) {
		v.Summary, v.Agent = "", ""
	}
	if !slices.Contains(blocks, BlockDates) {
		v.Onset, v.Emergence, v.Detection, v.Notified, v.End = Date{}, Date{}, Date{}, Date{}, EndRule{}
	}
	if !slices.Contains(blocks, BlockPlaces) {
		v.Places = []string{string(e.Owner)}
		v.eachFacts(func(list []FactView) []FactView {
			return slices.DeleteFunc(slices.Clone(list), func(f FactView) bool { return strings.Contains(f.Place, "-") })
		})
	}
	if !slices.Contains(blocks, BlockFacts) {
		v.eachFacts(func([]FactView) []FactView { return nil })
	}
	return v
}

// eachFacts changes every list of facts of the view.
func (v *EventView) eachFacts(f func([]FactView) []FactView) {
	v.Facts, v.More = f(v.Facts), f(v.More)
	for i := range v.Absorbed {
		v.Absorbed[i].Facts, v.Absorbed[i].More = f(v.Absorbed[i].Facts), f(v.Absorbed[i].More)
	}
}

// Preview is what one group of recipients will get.
type Preview struct {
	Members []access.Member
	View    NotificationView
}

// previews are made by the same code that makes the releases.
func previews(n *Notification, e *Event, facts []Fact, post string) []Preview {
	var out []Preview
	for _, g := range n.groups() {
		p := Preview{View: NotificationView{
			ID: n.ID, Title: n.Title, Message: n.Message, Post: post, Supersedes: n.Supersedes,
			Event: viewFor(e, facts, n.Recipients[g[0]].Blocks),
		}}
		for _, i := range g {
			p.Members = append(p.Members, n.Recipients[i].Member)
		}
		out = append(out, p)
	}
	return out
}

// Capabilities of the desk: what is not a step of a record. The auditor reads,
// the administrator does not see content by that role alone.
var Capabilities = access.Capabilities{
	{Name: "health.read", By: readers, Scope: "health.read"},
	{Name: "health.export", By: readers, Scope: "health.read"},
}

var readers = []access.Role{access.DutyOfficer, access.Epidemiologist, access.IHRFocalPoint, access.IHRAuthority, access.Approver, access.SecretariatDsk, access.Auditor}

// redReaders may see what is marked TLP:RED: those who decide on it. TLP 2.0
// restricts it to the eyes of named recipients.
var redReaders = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.Auditor, access.SecretariatDsk}

// Reach is which events an actor may see; one value serves the list, the
// page, the search, the export and the API.
type Reach struct {
	None   bool
	Places []string // only events whose first place is one of these; nil: all
	NoRed  bool
}

// ReachOf derives the reach from the actor's grants. A reader whose grants all
// name places sees the own member's events there and no other's.
func ReachOf(a access.Actor) Reach {
	if a.System {
		return Reach{}
	}
	if !Capabilities.May(a, "health.read") {
		return Reach{None: true}
	}
	r := Reach{NoRed: !a.HasAny(redReaders...)}
	for _, g := range a.Grants {
		if !slices.Contains(readers, g.Role) {
			continue
		}
		if g.Place == "" {
			r.Places = nil
			return r
		}
		r.Places = append(r.Places, g.Place)
	}
	return r
}

// Sees is the rule for one event.
func (r Reach) Sees(e *Event) bool {
	switch {
	case r.None:
		return false
	case r.NoRed && e.Marking == access.TLPRed:
		return false
	case r.Places != nil && (!e.Own() || !slices.Contains(r.Places, e.Place)):
		return false
	}
	return true
}

// SeesNotice is the rule for a received notification: it concerns another
// member's event, so a reader whose grants all name places does not see it.
func (r Reach) SeesNotice(n *Notice) bool {
	return !r.None && r.Places == nil && !(r.NoRed && n.Marking == access.TLPRed)
}

// SeesNotification is the rule for a notification of this member: its event
// must be seen, and its own marking may be closer than the event's.
func (r Reach) SeesNotification(n *Notification) bool {
	return n.event != nil && r.Sees(n.event) && !(r.NoRed && n.Marking == access.TLPRed)
}

// SeesQuestion is the rule for a question; it carries the marking of what it
// asks about.
func (r Reach) SeesQuestion(q *Question) bool {
	return !r.None && !(r.NoRed && q.Marking == access.TLPRed)
}
