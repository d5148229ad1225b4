package request

import (
	"context"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/workflow"
)

// most is how many records the list of things to do reads.
const most = 400

// Path is where the pages show a record.
func (e *Entry) Path() string { return "/health/requests/" + string(e.Head().ID) }

// Todos lists what the actor can and should do now. It asks the same tables
// that enable the buttons.
func (d *Desk) Todos(ctx context.Context, actor access.Actor) ([]desk.Todo, error) {
	var out []desk.Todo
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		es, err := entries(ctx, tx, `open = 1 ORDER BY due = 0, due, id LIMIT ?`, most)
		if err != nil {
			return err
		}
		out = nil
		now := d.env.Clock.Now()
		for i := range es {
			e := &es[i]
			h := e.Head()
			what, verb := e.waitsFor(Late(h.Due, now))
			if what == "" || !sees(actor, h.Marking) || !e.offersStep(verb, actor, now) {
				continue
			}
			t := desk.Todo{Key: "todo.request." + what, Title: e.Title(), Owner: e.Peer(), Record: h.ID, Href: e.Path(), Event: e.event(), Due: h.Due, Late: Late(h.Due, now)}
			if t.Owner == "" {
				t.Owner = h.Owner
			}
			if what == "silent" {
				t.Members = e.Request.Silent()
			}
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

// offersStep reports whether the actor's role permits the step now; of a
// clearance, whether the actor is a second person.
func (e *Entry) offersStep(verb workflow.Verb, actor access.Actor, now time.Time) bool {
	for _, o := range e.offers(actor, now) {
		if o.Verb == verb {
			return verb != "clear" || len(o.Unmet) == 0
		}
	}
	return false
}

// waitsFor is what the record waits for at this node, and the step that does
// it.
func (e *Entry) waitsFor(late bool) (string, workflow.Verb) {
	switch {
	case e.Request != nil:
		return e.Request.waitsFor(late)
	case e.Offer != nil:
		return e.Offer.waitsFor()
	case e.Arrangement != nil:
		return e.Arrangement.waitsFor()
	case e.Deployment != nil && e.Deployment.Own():
		return e.Deployment.sender()
	case e.Deployment != nil:
		return e.Deployment.host()
	}
	return e.Consignment.waitsFor(late)
}

// Next is the step that the record waits for at this node with the roles that
// may take it, or the members that it waits for.
func (e *Entry) Next(now time.Time) (verb workflow.Verb, by []access.Role, others []access.Member) {
	if !e.Open() {
		return "", nil, nil
	}
	_, verb = e.waitsFor(Late(e.Head().Due, now))
	if r := e.Request; r != nil && !r.Own() && verb == "decline" {
		return "", nil, nil // to offer is a record of its own, and its button says so
	}
	if verb != "" {
		return verb, e.rolesOf(verb), nil
	}
	switch {
	case e.Request != nil && e.Request.Own() && e.Request.State == Issued:
		return "", nil, e.Request.Silent()
	case e.Request != nil, e.Offer != nil && (e.Offer.State == Accepted || e.Offer.State == Partly || e.Offer.State == Declined):
		return "", nil, nil
	case e.Arrangement != nil && len(e.Arrangement.Waiting()) == 0:
		return "", nil, nil
	case e.Deployment != nil && e.Deployment.State == Planned, e.Consignment != nil && e.Consignment.State == Allocated:
		return "", nil, nil
	}
	return "", nil, []access.Member{e.Peer()}
}

// rolesOf are those that may take a step of the record from its state.
func (e *Entry) rolesOf(verb workflow.Verb) []access.Role {
	state := e.Head().State
	switch {
	case e.Request != nil:
		return rolesIn(e.Request.TableOf(), state, verb)
	case e.Offer != nil:
		return rolesIn(e.Offer.TableOf(), state, verb)
	case e.Arrangement != nil:
		return rolesIn(Arrangements, state, verb)
	case e.Deployment != nil:
		return rolesIn(e.Deployment.TableOf(), state, verb)
	}
	return rolesIn(e.Consignment.TableOf(), state, verb)
}

func rolesIn[R any](t *workflow.Table[R], from workflow.State, verb workflow.Verb) []access.Role {
	if s, ok := t.Find(from, verb); ok {
		return s.By
	}
	return nil
}

func (r *Request) waitsFor(late bool) (string, workflow.Verb) {
	switch {
	case r.State == Clearance:
		return "clear", "clear"
	case r.State == Cleared:
		return "issue", "issue"
	case r.Own() && r.State == Draft:
		return "draft", "submit"
	case r.Own() && r.State == Issued && late && len(r.Silent()) > 0:
		return "silent", "remind"
	case !r.Own() && (r.State == Received || r.State == Opened):
		return "answer", "decline" // offering is a record of its own; who may decline may begin one
	}
	return "", ""
}

func (o *Offer) waitsFor() (string, workflow.Verb) {
	switch o.State {
	case Clearance:
		return "offer_clear", "clear"
	case Cleared:
		return "offer_issue", "issue"
	case Draft:
		return "offer_draft", "submit"
	case Received, Opened:
		return "decide", "accept"
	}
	return "", ""
}

func (a *Arrangement) waitsFor() (string, workflow.Verb) {
	switch {
	case a.State == Draft:
		return "propose", "propose"
	case a.waitsHere():
		return "sign", "sign"
	}
	return "", ""
}

// sender is what waits at the member that sends a team.
func (d *Deployment) sender() (string, workflow.Verb) {
	switch {
	case d.Host.State == Refused:
		return "team_refused", "cancel"
	case d.State == Proposed && d.Host.State == Accepted:
		return "ask_clearance", "ask_clearance"
	case d.State == ClearanceAsked && d.Host.State == EntryCleared:
		return "mobilise", "mobilise"
	case d.State == Mobilised && d.Host.State == Arrived:
		return "start", "start"
	case d.State == Demobilised:
		return "debrief", "debrief"
	}
	return "", ""
}

// host is what waits at the host of a team.
func (d *Deployment) host() (string, workflow.Verb) {
	switch {
	case d.State == Proposed:
		return "host", "accept"
	case d.State == Accepted && d.Mission.State == ClearanceAsked:
		return "entry", "clear_entry"
	case d.State == EntryCleared && d.Mission.State == Mobilised:
		return "register", "register"
	case d.State == Arrived && d.Mission.Ask.N > d.Host.Extended.N:
		return "extension", "grant"
	case d.State == Arrived && d.Mission.State == Demobilised:
		return "departure", "confirm_departure"
	}
	return "", ""
}

func (c *Consignment) waitsFor(late bool) (string, workflow.Verb) {
	switch {
	case c.Own() && c.State == Allocated:
		return "pack", "pack"
	case c.Own() && c.State == Packed:
		return "ship", "ship"
	case c.Own() && c.State == Shipped && c.Receipt.State == GoodsReceived:
		return "reconcile", "reconcile"
	case c.State == CustomsHold:
		return "customs", "release"
	case !c.Own() && c.Shipment.State == Shipped && (c.State == Released || c.State == Expected && late):
		return "confirm", "confirm"
	case !c.Own() && c.State == Expected && c.Shipment.State == Shipped:
		return "expected", "confirm"
	}
	return "", ""
}

// Search finds records in which every word occurs.
func (d *Desk) Search(ctx context.Context, actor access.Actor, query string, limit int) ([]desk.Hit, error) {
	if len(desk.Words(query)) == 0 {
		return nil, nil
	}
	es, _, err := d.List(ctx, actor, Filter{Query: query, Limit: limit})
	out := make([]desk.Hit, len(es))
	for i := range es {
		e := &es[i]
		out[i] = desk.Hit{Key: "hit." + e.Kind, Title: e.Title(), Text: e.line(), Owner: e.from(), Href: e.Path(), At: e.Head().Changed.At}
	}
	return out, err
}

// from is whose record it is, as people say it.
func (e *Entry) from() access.Member {
	switch e.Kind {
	case Call, Bid, HostedTeam, AwaitedGood:
		return e.Peer()
	}
	return e.Head().Owner
}

// line is what the record is about in one line.
func (e *Entry) line() string {
	switch {
	case e.Request != nil && len(e.Request.Content().Lines) > 0:
		return e.Request.Content().Lines[0].Words()
	case e.Offer != nil && len(e.Offer.Lines) > 0:
		l := e.Offer.Lines[0]
		return Line{Item: l.Item, Qty: l.Qty, Unit: l.Unit}.Words()
	case e.Deployment != nil:
		return e.Deployment.Mission.Place
	case e.Consignment != nil && len(e.Consignment.Shipment.Items) > 0:
		l := e.Consignment.Shipment.Items[0]
		return Line{Item: l.What, Qty: l.Qty, Unit: l.Unit}.Words()
	}
	return ""
}
