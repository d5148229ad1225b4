package request

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Person is one member of a team. The manifest stays in the node of the
// sending member: the other side sees counts and clearances only.
type Person struct {
	Name        string `json:"name"`
	Nationality string `json:"nationality,omitempty"`
	Passport    string `json:"passport,omitempty"`
	Profession  string `json:"profession"`
	Licence     string `json:"licence,omitempty"`
	Vaccines    string `json:"vaccines,omitempty"`
	Leader      bool   `json:"leader,omitempty"`
}

// Count is how many of a team have a profession, and how many of them a
// licence for it.
type Count struct {
	Profession string `json:"profession"`
	N          int    `json:"n"`
	Licensed   int    `json:"licensed"`
}

// Reference is a mission's terms of reference (JMOIR: joint multi-sectoral
// outbreak investigation and response).
type Reference struct {
	Objectives string   `json:"objectives,omitempty"`
	Places     string   `json:"places,omitempty"`
	Sectors    []string `json:"sectors,omitempty"`
	Outputs    string   `json:"outputs,omitempty"`
	Data       string   `json:"data,omitempty"` // terms for data and specimens
}

// Extension is a longer stay, asked for by the sender and decided by the host.
type Extension struct {
	Until string `json:"until,omitempty"`
	Words string `json:"words,omitempty"`
	N     int    `json:"n,omitempty"` // which request it is, or which it decides
	Given bool   `json:"given,omitempty"`
}

// Mission is the sender's half of a deployment: what leaves its node.
type Mission struct {
	Title       string         `json:"title"`
	Team        string         `json:"team"` // one of Teams
	Teams       int64          `json:"teams"`
	People      int            `json:"people"` // from the manifest once there is one
	Counts      []Count        `json:"counts,omitempty"`
	Leader      string         `json:"leader,omitempty"` // duty post
	Equipment   string         `json:"equipment,omitempty"`
	Kilograms   int64          `json:"kilograms,omitempty"`
	SelfDays    int64          `json:"self_days,omitempty"`
	Entry       string         `json:"entry,omitempty"`
	Place       string         `json:"place,omitempty"`
	From        string         `json:"from,omitempty"`
	Until       string         `json:"until,omitempty"`
	Conveyance  string         `json:"conveyance,omitempty"` // flight or vessel
	ETD         string         `json:"etd,omitempty"`
	ETA         string         `json:"eta,omitempty"`
	Radio       string         `json:"radio,omitempty"`
	Status      string         `json:"status,omitempty"` // EMT classification
	ToR         Reference      `json:"tor,omitzero"`
	Ask         Extension      `json:"ask,omitzero"`
	LastDay     string         `json:"last_day,omitempty"`
	Handover    string         `json:"handover,omitempty"` // patients, stock, donations
	Needs       string         `json:"needs,omitempty"`    // residual
	Consumption string         `json:"consumption,omitempty"`
	Report      string         `json:"report,omitempty"` // outputs, against the plan, costs, lessons
	Reason      string         `json:"reason,omitempty"`
	State       workflow.State `json:"state"`
	Seq         int            `json:"seq"`
	At          time.Time      `json:"at"`
	Post        string         `json:"post,omitempty"`
}

// Host is the host's half of a deployment.
type Host struct {
	Consent    string         `json:"consent,omitempty"` // to a mission, in words
	Visa       string         `json:"visa,omitempty"`    // references of the entry clearance
	Licence    string         `json:"licence,omitempty"`
	Customs    string         `json:"customs,omitempty"`
	Drugs      string         `json:"drugs,omitempty"`
	Cleared    int64          `json:"cleared,omitempty"` // people
	ValidTo    string         `json:"valid_to,omitempty"`
	Arrived    string         `json:"arrived,omitempty"` // a day
	Registered string         `json:"registered,omitempty"`
	Extended   Extension      `json:"extended,omitzero"`
	Departed   string         `json:"departed,omitempty"`
	ReportOK   bool           `json:"report_ok,omitempty"` // the host cleared the joint report
	Words      string         `json:"words,omitempty"`
	State      workflow.State `json:"state"`
	Seq        int            `json:"seq"`
	At         time.Time      `json:"at"`
	Post       string         `json:"post,omitempty"`
}

// Deployment is a team on its way, at the member that sends it or at its host.
// Each side writes its own half alone; the other half is what the other side
// released last.
type Deployment struct {
	desk.Head
	From        access.Member   `json:"from"`
	To          access.Member   `json:"to"`
	Request     id.ID           `json:"request,omitempty"`
	Offer       id.ID           `json:"offer,omitempty"`
	Line        int             `json:"line,omitempty"` // of the request
	Event       id.ID           `json:"event,omitempty"`
	Arrangement id.ID           `json:"arrangement,omitempty"`
	Basis       string          `json:"basis,omitempty"` // where there is no arrangement
	Inform      []access.Member `json:"inform,omitempty"`
	Mission     Mission         `json:"mission"`
	Host        Host            `json:"host"`
	Manifest    []Person        `json:"manifest,omitempty"` // never leaves the node
	Told        bool            `json:"told,omitempty"`     // something of it was released

	force bool // the arrangement is in force today
	words string
}

// MissionView is the body of a request.deployment release; it has no place for
// a name.
type MissionView struct {
	ID          id.ID          `json:"id"`
	From        access.Member  `json:"from"`
	To          access.Member  `json:"to"`
	Request     id.ID          `json:"request,omitempty"`
	Offer       id.ID          `json:"offer,omitempty"`
	Line        int            `json:"line,omitempty"`
	Event       id.ID          `json:"event,omitempty"`
	Arrangement id.ID          `json:"arrangement,omitempty"`
	Basis       string         `json:"basis,omitempty"`
	Marking     access.Marking `json:"marking"`
	Mission     Mission        `json:"mission"`
}

// HostView is the body of a request.hosting release.
type HostView struct {
	ID   id.ID         `json:"id"`
	From access.Member `json:"from"` // the host
	Host Host          `json:"host"`
}

func (d *Deployment) head() *desk.Head { return &d.Head }

// Own reports whether this member sends the team.
func (d *Deployment) Own() bool { return d.From == d.Owner }

// Peer is the other side.
func (d *Deployment) Peer() access.Member {
	if d.Own() {
		return d.To
	}
	return d.From
}

func (d *Deployment) columns() columns {
	return columns{Peer: d.Peer(), Request: d.Request, Offer: d.Offer, Event: d.Event, Open: d.Open(),
		Words: []string{d.Mission.Title, d.Mission.Team, d.Mission.Place, d.Mission.Equipment}}
}

// count brings the counts of the sender's half in line with its manifest.
func (d *Deployment) count() {
	if len(d.Manifest) == 0 {
		return
	}
	m := &d.Mission
	m.People, m.Counts = len(d.Manifest), nil
	for _, prof := range Professions {
		c := Count{Profession: prof}
		for _, p := range d.Manifest {
			if p.Profession == prof {
				c.N++
				if p.Licence != "" {
					c.Licensed++
				}
			}
		}
		if c.N > 0 {
			m.Counts = append(m.Counts, c)
		}
	}
}

// Stages of a deployment in their order, as both halves together say.
var Stages = []string{"planned", "accepted", "clearance_asked", "cleared", "mobilised", "arrived", "on_task", "extended", "demobilised", "debriefed"}

// Stage is how far the deployment has come; "refused" and "cancelled" end it.
func (d *Deployment) Stage() string {
	m, h := d.Mission.State, d.Host.State
	switch {
	case m == Cancelled:
		return "cancelled"
	case h == Refused:
		return "refused"
	case m == Debriefed, m == Demobilised:
		return string(m)
	case m == OnTask && d.Host.Extended.Given:
		return "extended"
	case m == OnTask:
		return "on_task"
	case m == Mobilised && h == Arrived:
		return "arrived"
	case m == Mobilised:
		return "mobilised"
	case m == ClearanceAsked && h == EntryCleared:
		return "cleared"
	case m == ClearanceAsked:
		return "clearance_asked"
	case h == Accepted || h == EntryCleared:
		return "accepted"
	}
	return "planned"
}

// Ends is the last day of the deployment as it stands: the host may have
// granted a later one.
func (d *Deployment) Ends() string {
	if e := d.Host.Extended; e.Given && e.Until > d.Mission.Until {
		return e.Until
	}
	return d.Mission.Until
}

func validateDeployment(d *Deployment) error {
	var f form
	f.member(d.From, "from")
	f.member(d.To, "to")
	f.That(d.From != d.To, "to", "fault.request.member")
	f.ref(d.Arrangement, "arrangement")
	f.text(&d.Basis, MaxShort, "basis", 0)
	f.text(&d.words, MaxReason, "words", 0)
	f.marking(d.Marking)
	d.Mission.check(&f)
	d.Host.check(&f)
	f.That(len(d.Manifest) <= MaxPeople, "manifest", "fault.too_many", map[string]any{"max": MaxPeople})
	for i := range d.Manifest {
		p := &d.Manifest[i]
		for _, s := range []*string{&p.Name, &p.Nationality, &p.Passport, &p.Licence, &p.Vaccines} {
			f.text(s, MaxShort, "manifest", i+1)
		}
		f.Row(p.Name != "", i+1, "name", "fault.request.person")
		f.Row(slices.Contains(Professions, p.Profession), i+1, "profession", "fault.request.choice")
	}
	return f.Err()
}

func (m *Mission) check(f *form) {
	f.text(&m.Title, MaxTitle, "title", 0)
	f.one(m.Team, Teams, "team", 0)
	f.number(m.Teams, 1000, "teams", 0)
	f.number(int64(m.People), MaxPeople*10, "people", 0)
	f.number(m.Kilograms, MaxQty, "kilograms", 0)
	f.number(m.SelfDays, MaxDays, "self_days", 0)
	for _, s := range []struct {
		s     *string
		most  int
		field string
	}{{&m.Leader, MaxShort, "leader"}, {&m.Equipment, MaxWords, "equipment"}, {&m.Entry, MaxShort, "entry"}, {&m.Place, MaxShort, "place"},
		{&m.Conveyance, MaxShort, "conveyance"}, {&m.Radio, MaxShort, "radio"}, {&m.Status, MaxShort, "status"}, {&m.ToR.Objectives, MaxWords, "objectives"},
		{&m.ToR.Places, MaxShort, "tor_places"}, {&m.ToR.Outputs, MaxWords, "outputs"}, {&m.ToR.Data, MaxWords, "data"}, {&m.Ask.Words, MaxReason, "words"},
		{&m.Handover, MaxWords, "handover"}, {&m.Needs, MaxWords, "needs"}, {&m.Consumption, MaxWords, "consumption"}, {&m.Report, MaxWords, "report"},
		{&m.Reason, MaxReason, "reason"}} {
		f.text(s.s, s.most, s.field, 0)
	}
	f.days(m.From, m.Until, "until", 0)
	f.days(m.ETD, m.ETA, "eta", 0)
	f.day(m.Ask.Until, "until", 0)
	f.day(m.LastDay, "last_day", 0)
	f.some(m.ToR.Sectors, Sectors, "sectors", 0)
	f.That(len(m.Counts) <= len(Professions), "counts", "fault.request.choice")
	for i, c := range m.Counts {
		f.one(c.Profession, Professions, "counts", i+1)
		f.Row(c.N >= 0 && c.Licensed >= 0 && c.Licensed <= c.N && c.N <= MaxPeople, i+1, "counts", "fault.request.number", map[string]any{"max": MaxPeople})
	}
}

func (h *Host) check(f *form) {
	for _, s := range []struct {
		s     *string
		most  int
		field string
	}{{&h.Consent, MaxReason, "consent"}, {&h.Visa, MaxShort, "visa"}, {&h.Licence, MaxShort, "licence"}, {&h.Customs, MaxShort, "customs"},
		{&h.Drugs, MaxShort, "drugs"}, {&h.Registered, MaxShort, "registered"}, {&h.Words, MaxReason, "words"}, {&h.Extended.Words, MaxReason, "words"}} {
		f.text(s.s, s.most, s.field, 0)
	}
	f.number(h.Cleared, MaxPeople*10, "cleared", 0)
	for field, day := range map[string]string{"valid_to": h.ValidTo, "arrived": h.Arrived, "departed": h.Departed, "until": h.Extended.Until} {
		f.day(day, field, 0)
	}
}
