package request

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/desk/health/edxl"
	"lintas/internal/fault"
	"lintas/internal/id"
)

// Lists of values in EDXL-RM messages; the values are those of limits.go.
const (
	listCategory = "urn:lintas:request:category"
	listPriority = "urn:lintas:request:priority"
	listSupport  = "urn:lintas:request:support"
	listUnit     = "urn:lintas:request:unit"
	listStage    = "urn:lintas:request:stage"
)

func urn(m access.Member, i id.ID, n int) string {
	return "urn:lintas:" + string(m) + ":" + string(i) + ":" + strconv.Itoa(n)
}

// EDXLTypes are the messages that a record can be told as, as it stands.
func (e *Entry) EDXLTypes() []edxl.Type {
	switch {
	case e.Request != nil && e.Request.Sent != nil:
		return []edxl.Type{edxl.RequestResource, edxl.RequestQuote}
	case e.Offer != nil && !e.Offer.Issued.IsZero():
		first := edxl.OfferUnsolicitedResource
		if e.Offer.Request != "" {
			first = edxl.ResponseToRequestResource
		}
		if _, taken := e.Offer.total(); taken > 0 {
			return []edxl.Type{first, edxl.RequisitionResource, edxl.CommitResource}
		}
		return []edxl.Type{first}
	case e.Deployment != nil && e.Deployment.Mission.Seq > 0:
		out := []edxl.Type{edxl.ReportResourceDeployment}
		if e.Deployment.Mission.Ask.N > 0 {
			out = append(out, edxl.RequestExtendedDuration)
		}
		if e.Deployment.Host.Extended.N > 0 {
			out = append(out, edxl.ResponseToRequestExtendedTime)
		}
		if slices.Contains(states{Demobilised, Debriefed}, e.Deployment.Mission.State) {
			out = append(out, edxl.ReleaseResource)
		}
		return out
	case e.Consignment != nil && e.Consignment.Shipment.Seq > 0:
		return []edxl.Type{edxl.ReportResourceDeployment}
	}
	return nil
}

// EDXL tells the record as a message. It carries what was released, and never
// a name of a person.
func (e *Entry) EDXL(t edxl.Type, now time.Time) (*edxl.Message, error) {
	if !slices.Contains(e.EDXLTypes(), t) {
		return nil, fault.New(fault.NotFound, "fault.web.no_page")
	}
	h := e.Head()
	m := &edxl.Message{Type: t, Sent: now, Description: e.Title(), ID: urn(e.from(), h.ID, h.Version) + ":" + string(t)}
	m.Originating = m.ID
	switch {
	case e.Request != nil:
		e.Request.edxl(m)
	case e.Offer != nil:
		e.Offer.edxl(m)
	case e.Deployment != nil:
		e.Deployment.edxl(m)
	default:
		e.Consignment.edxl(m)
	}
	return m, nil
}

func at(day string, place string, kind string) []edxl.Schedule {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil && place == "" {
		return nil
	}
	return []edxl.Schedule{{Type: kind, At: t, Location: place}}
}

func (r *Request) edxl(m *edxl.Message) {
	v := r.Sent
	m.ID = urn(v.From, v.ID, v.Seq)
	m.Originating, m.Sent = urn(v.From, v.ID, 1), v.Issued
	if v.Seq > 1 {
		m.Preceding, m.Recall = urn(v.From, v.ID, v.Seq-1), &edxl.Recall{ID: urn(v.From, v.ID, v.Seq-1), Type: "Update"}
	}
	if v.Over == Withdrawn {
		m.Recall.Type = "Cancel"
	}
	if v.EventName != "" || v.Event != "" {
		m.Incidents = []edxl.Incident{{ID: string(v.Event), Description: v.EventName}}
	}
	m.Contacts = []edxl.Contact{{Role: "Requester", Party: v.Authority, Description: v.Post}, {Role: "Approver", Party: v.Authority, Description: v.Cleared}}
	for _, l := range v.Lines {
		x := edxl.Resource{Element: strconv.Itoa(l.N), Name: l.Item, Kind: edxl.Value{List: listCategory, Value: l.Category}, Description: l.Spec, Amount: strconv.FormatInt(l.Qty, 10),
			Unit: edxl.Value{List: listUnit, Value: l.Unit}, Function: v.Context, Special: strings.Join(l.Formality, ", "), Schedule: at(l.NeededBy, l.Place, "RequestedArrival")}
		if l.Entry != "" {
			x.Schedule = append(x.Schedule, edxl.Schedule{Type: "ReportTo", Location: l.Entry})
		}
		if l.Priority != "" {
			x.Keywords = append(x.Keywords, edxl.Value{List: listPriority, Value: l.Priority})
		}
		for _, s := range l.Support {
			x.Keywords = append(x.Keywords, edxl.Value{List: listSupport, Value: s})
		}
		m.Resources = append(m.Resources, x)
	}
}

func (o *Offer) edxl(m *edxl.Message) {
	m.Sent = o.Issued
	m.Contacts = []edxl.Contact{{Role: "RespondingOrg", Party: o.Entity, Description: o.Contact}, {Role: "Approver", Party: o.Authority, Description: o.Cleared}}
	own := urn(o.From, o.ID, 1)
	switch m.Type {
	case edxl.OfferUnsolicitedResource:
		m.ID, m.Originating = own, own
	case edxl.ResponseToRequestResource:
		m.ID, m.Originating, m.Preceding = own, urn(o.To, o.Request, 1), urn(o.To, o.Request, 1)
	default: // what is taken: asked for by the requester, committed by the offering member
		m.Originating, m.Preceding, m.Sent = own, own, o.Decision.At
		m.ID = urn(o.To, o.ID, o.Decision.Seq) + ":" + string(m.Type)
	}
	for _, l := range o.Lines {
		x := edxl.Resource{Element: strconv.Itoa(l.N), Name: l.Item, Kind: edxl.Value{List: listCategory, Value: l.Category}, Description: l.Spec, Amount: strconv.FormatInt(l.Qty, 10),
			Unit: edxl.Value{List: listUnit, Value: l.Unit}, Restrictions: l.Conditions, Price: l.Cost, Transport: l.Transport, Special: l.Cold,
			Schedule: append(at(l.From, "", "BeginAvailable"), append(at(l.ETD, "", "EstimatedDeparture"), at(l.ETA, "", "EstimatedArrival")...)...)}
		taken := o.Decision.TakenOf(l.N)
		switch {
		case m.Type == edxl.ResponseToRequestResource && l.For > 0:
			x.Response = &edxl.Response{Preceding: strconv.Itoa(l.For), Type: "Accept"}
		case m.Type == edxl.CommitResource || m.Type == edxl.RequisitionResource:
			if taken.Qty == 0 {
				continue
			}
			x.Amount = strconv.FormatInt(taken.Qty, 10)
			if m.Type == edxl.CommitResource {
				x.Response = &edxl.Response{Preceding: strconv.Itoa(l.N), Type: "Accept"}
			}
		}
		m.Resources = append(m.Resources, x)
	}
}

func (d *Deployment) edxl(m *edxl.Message) {
	s := d.Mission
	m.ID = urn(d.From, d.ID, s.Seq) + ":" + strconv.Itoa(d.Host.Seq) + ":" + string(m.Type)
	m.Originating, m.Sent = urn(d.From, d.ID, 1), s.At
	m.Contacts = []edxl.Contact{{Role: "Owner", Party: string(d.From), Description: s.Leader}}
	x := edxl.Resource{Element: "1", ID: string(d.ID), Name: s.Title, Kind: edxl.Value{List: listCategory, Value: "team"}, Keywords: []edxl.Value{{List: "urn:lintas:request:team", Value: s.Team}},
		Description: s.Equipment, Status: edxl.Value{List: listStage, Value: d.Stage()}, Amount: strconv.FormatInt(s.Teams, 10), Unit: edxl.Value{List: listUnit, Value: "team"}, Transport: s.Conveyance}
	x.Schedule = append(at(s.ETD, "", "EstimatedDeparture"), at(s.ETA, s.Entry, "EstimatedArrival")...)
	x.Schedule = append(x.Schedule, at(d.Host.Arrived, "", "ActualArrival")...)
	x.Schedule = append(x.Schedule, at(d.Host.Departed, "", "ActualReturnDeparture")...)
	switch m.Type {
	case edxl.RequestExtendedDuration:
		x.Schedule = at(s.Ask.Until, "", "EstimatedReturnDeparture")
		m.Description = s.Ask.Words
	case edxl.ResponseToRequestExtendedTime:
		m.Preceding, m.Sent = urn(d.From, d.ID, 1), d.Host.At
		x.Response = &edxl.Response{Preceding: "1", Type: "Decline", Reason: d.Host.Extended.Words}
		if d.Host.Extended.Given && d.Host.Extended.Until == s.Ask.Until {
			x.Response.Type = "Accept"
		}
	case edxl.ReleaseResource:
		x.Schedule = at(s.LastDay, "", "RequestedReturnDeparture")
		m.Description = s.Reason
	}
	m.Resources = []edxl.Resource{x}
}

func (c *Consignment) edxl(m *edxl.Message) {
	s := c.Shipment
	m.ID = urn(c.From, c.ID, s.Seq) + ":" + strconv.Itoa(c.Receipt.Seq)
	m.Originating, m.Sent = urn(c.From, c.ID, 1), s.At
	m.Contacts = []edxl.Contact{{Role: "Owner", Party: string(c.From)}}
	for _, it := range s.Items {
		x := edxl.Resource{Element: strconv.Itoa(it.N), ID: it.Lot, Name: it.What, Kind: edxl.Value{List: listCategory, Value: "supplies"}, Description: it.Spec, Status: edxl.Value{List: listStage, Value: c.Stage()},
			Amount: strconv.FormatInt(it.Qty, 10), Unit: edxl.Value{List: listUnit, Value: it.Unit}, Order: s.Waybill, Transport: s.Carrier, Special: s.Cold,
			Schedule: append(at(s.ETD, "", "EstimatedDeparture"), at(s.ETA, s.Place, "EstimatedArrival")...)}
		x.Schedule = append(x.Schedule, at(c.Receipt.Day, "", "ActualArrival")...)
		if got, ok := c.Receipt.Of(it.N); ok {
			x.Available = "ok " + strconv.FormatInt(got.OK, 10) + ", short " + strconv.FormatInt(got.Short, 10) + ", damaged " + strconv.FormatInt(got.Damaged, 10)
		}
		m.Resources = append(m.Resources, x)
	}
}

// RequestOf is the draft of a request that a RequestResource message asks
// for. What the message has no place for stays empty, and a person completes
// it before clearance.
func RequestOf(m *edxl.Message) (RequestInput, error) {
	in := RequestInput{Content: Content{Title: m.Description, Lang: "en", Hours: AnswerDefault, Marking: access.TLPAmber}}
	if m.Type != edxl.RequestResource {
		return in, fault.New(fault.Invalid, "fault.request.edxl_type").With("type", string(m.Type))
	}
	for _, c := range m.Contacts {
		if in.Authority == "" || c.Role == "Requester" {
			in.Authority = c.Party
		}
	}
	if len(m.Incidents) > 0 {
		in.EventName = m.Incidents[0].Description
	}
	for i := range m.Resources {
		in.Lines = append(in.Lines, lineOf(&m.Resources[i]))
		if in.Context == "" {
			in.Context = m.Resources[i].Function
		}
	}
	if in.Title == "" && len(in.Lines) > 0 {
		in.Title = in.Lines[0].Item
	}
	return in, nil
}

func lineOf(r *edxl.Resource) Line {
	l := Line{Item: r.Name, Spec: r.Description, Unit: r.Unit.Value, Category: "technical"}
	if l.Item == "" {
		l.Item = r.Kind.Value
	}
	if r.Kind.List == listCategory && slices.Contains(Categories, r.Kind.Value) {
		l.Category = r.Kind.Value
	}
	if n, err := strconv.ParseFloat(r.Amount, 64); err == nil && n <= MaxQty {
		l.Qty = int64(n)
	}
	if l.Unit == "" {
		l.Unit = "piece"
	}
	for _, k := range r.Keywords {
		switch {
		case k.List == listPriority && slices.Contains(Priorities, k.Value):
			l.Priority = k.Value
		case k.List == listSupport && slices.Contains(Supports, k.Value):
			l.Support = append(l.Support, k.Value)
		}
	}
	for _, f := range strings.Split(r.Special, ", ") {
		if slices.Contains(Formalities, f) {
			l.Formality = append(l.Formality, f)
		}
	}
	for _, s := range r.Schedule {
		switch s.Type {
		case "RequestedArrival":
			l.Place = s.Location
			if !s.At.IsZero() {
				l.NeededBy = s.At.Format(time.DateOnly)
			}
		case "ReportTo":
			l.Entry = s.Location
		}
	}
	return l
}
