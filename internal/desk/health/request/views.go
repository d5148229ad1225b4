package request

import (
	"slices"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health"
	"lintas/internal/id"
)

// Capabilities of the part: what is not a step of a record. Names of people
// are for those who send the team.
var Capabilities = access.Capabilities{}

// manifestReaders see the people of a team at the member that sends it.
var manifestReaders = []access.Role{access.DutyOfficer, access.IHRFocalPoint, access.Approver, access.Epidemiologist}

// sees is the rule for every record of the part: it concerns another member,
// so a reader whose grants all name places does not see it, and its marking
// counts.
func sees(a access.Actor, m access.Marking) bool {
	reach := health.ReachOf(a)
	return !reach.None && reach.Places == nil && !(reach.NoRed && m == access.TLPRed)
}

// viewRequest is what every addressee of a request gets.
func viewRequest(r *Request, post string, issued time.Time) RequestView {
	v := RequestView{Content: r.Draft, ID: r.ID, Rev: 1, From: r.From, To: slices.Clone(r.To), Issued: issued, Post: post, Cleared: r.Cleared,
		AnswerBy: issued.Add(time.Duration(r.Draft.Hours) * time.Hour), Seq: r.Seq}
	v.Lines = slices.Clone(r.Draft.Lines)
	if r.Sent != nil {
		v.Rev = r.Sent.Rev + 1
	}
	return v
}

// Sending is exactly what the addressees will get of the draft.
func (r *Request) Sending(post string, now time.Time) RequestView { return viewRequest(r, post, now) }

func viewOffer(o *Offer) OfferView {
	return OfferView{OfferContent: o.OfferContent, ID: o.ID, From: o.From, To: o.To, Issued: o.Issued, Post: o.Post, Cleared: o.Cleared, Seq: o.Seq}
}

// viewMission is the sender's half without the manifest: counts only.
func viewMission(d *Deployment) MissionView {
	return MissionView{ID: d.ID, From: d.From, To: d.To, Request: d.Request, Offer: d.Offer, Line: d.Line, Event: d.Event, Arrangement: d.Arrangement,
		Basis: d.Basis, Marking: d.Marking, Mission: d.Mission}
}

func viewShipment(c *Consignment) ShipmentView {
	return ShipmentView{ID: c.ID, From: c.From, To: c.To, Request: c.Request, Offer: c.Offer, Event: c.Event, Arrangement: c.Arrangement, Basis: c.Basis,
		Marking: c.Marking, Shipment: c.Shipment}
}

// viewArrangement is what this side has made: its own texts, signatures and
// refusals. The other side's it has from there.
func viewArrangement(a *Arrangement) ArrangementView {
	v := ArrangementView{ID: a.ID}
	for _, text := range a.Texts {
		if t, err := readTerms(text); err == nil && t.By == a.Owner {
			v.Texts = append(v.Texts, text)
		}
	}
	for _, s := range a.Signatures {
		if s.Member == a.Owner {
			v.Signatures = append(v.Signatures, s)
		}
	}
	for _, r := range a.Refusals {
		if r.Member == a.Owner {
			v.Refusals = append(v.Refusals, r)
		}
	}
	for _, d := range a.Withdrawn {
		if t, _ := a.TermsOf(d); t != nil && t.By == a.Owner {
			v.Withdrawn = append(v.Withdrawn, d)
		}
	}
	return v
}

// AnswerView is the body of a request.answer release.
type AnswerView struct {
	Request id.ID         `json:"request"`
	By      access.Member `json:"by"`
	Says    string        `json:"says"` // "declined" or "reconsiders"
	Words   string        `json:"words,omitempty"`
	At      time.Time     `json:"at"`
	Post    string        `json:"post"`
	Seq     int           `json:"seq"`
}

// ProgressView is the body of a request.progress release: how far each line is
// met, for regional bodies that the request was issued to.
type ProgressView struct {
	Request id.ID     `json:"request"`
	Lines   []Reach   `json:"lines"`
	Offers  int       `json:"offers"`
	Silent  int       `json:"silent"`
	At      time.Time `json:"at"`
	Seq     int       `json:"seq"`
}

// Copy is what is known of a release that was sent for information.
type Copy struct {
	ID       id.ID
	Kind     string
	Sender   access.Member
	Receiver access.Member
	Request  id.ID
	Rev      int
	Open     bool
	Marking  access.Marking
	Issued   time.Time
}
