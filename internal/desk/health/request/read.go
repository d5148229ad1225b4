package request

import (
	"context"
	"slices"
	"strings"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// Filter narrows a list of records. The zero Filter is all of them.
type Filter struct {
	Kinds   []string // of Kinds; nil: all
	Query   string   // every word must occur
	Peer    access.Member
	Open    bool
	Late    bool
	Event   id.ID
	Request id.ID
	Limit   int // 1 to 200; 0 is 50
	After   Cursor
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Changed int64
	ID      id.ID
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

func (f *Filter) where(a access.Actor, now time.Time) (string, []any) {
	reach := health.ReachOf(a)
	cond, args := []string{"1 = 1"}, []any{}
	add := func(on bool, c string, v ...any) {
		if on {
			cond, args = append(cond, c), append(args, v...)
		}
	}
	add(reach.None || reach.Places != nil, "1 = 0")
	add(reach.NoRed, "marking <> ?", string(access.TLPRed))
	if f.Kinds != nil {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(f.Kinds)), ", ")
		vals := make([]any, len(f.Kinds))
		for i, k := range f.Kinds {
			vals[i] = k
		}
		add(true, "kind IN ("+marks+")", vals...)
	}
	add(f.Peer != "", "peer = ?", string(f.Peer))
	add(f.Open || f.Late, "open = 1")
	add(f.Late, "due > 0 AND due < ?", clock.Micros(now))
	add(f.Event != "", "event = ?", string(f.Event))
	add(f.Request != "", "request = ?", string(f.Request))
	for _, w := range desk.Words(f.Query) {
		add(true, "needle LIKE ? ESCAPE '!'", desk.Like(w))
	}
	add(f.After.ID != "", "(changed < ? OR changed = ? AND id < ?)", f.After.Changed, f.After.Changed, string(f.After.ID))
	return strings.Join(cond, " AND "), args
}

// Entry is a record of any kind: exactly one of the pointers is set.
type Entry struct {
	Kind        string
	Request     *Request
	Offer       *Offer
	Arrangement *Arrangement
	Deployment  *Deployment
	Consignment *Consignment
}

// Head of the record.
func (e *Entry) Head() *desk.Head {
	switch {
	case e.Request != nil:
		return &e.Request.Head
	case e.Offer != nil:
		return &e.Offer.Head
	case e.Arrangement != nil:
		return &e.Arrangement.Head
	case e.Deployment != nil:
		return &e.Deployment.Head
	}
	return &e.Consignment.Head
}

// event that the record is about, or none.
func (e *Entry) event() id.ID {
	switch {
	case e.Request != nil:
		return e.Request.columns().Event
	case e.Offer != nil:
		return e.Offer.Event
	case e.Arrangement != nil:
		return e.Arrangement.columns().Event
	case e.Deployment != nil:
		return e.Deployment.Event
	}
	return e.Consignment.Event
}

// Title names the record.
func (e *Entry) Title() string {
	switch {
	case e.Request != nil:
		return e.Request.Content().Title
	case e.Offer != nil:
		return e.Offer.Title
	case e.Arrangement != nil:
		if t := e.Arrangement.Newest(); t != nil {
			return t.Title
		}
		return ""
	case e.Deployment != nil:
		return e.Deployment.Mission.Title
	}
	return e.Consignment.Shipment.Title
}

// Peer is the other side; of an own request there is none.
func (e *Entry) Peer() access.Member {
	switch {
	case e.Request != nil:
		return e.Request.columns().Peer
	case e.Offer != nil:
		return e.Offer.Peer()
	case e.Arrangement != nil:
		return e.Arrangement.Peer()
	case e.Deployment != nil:
		return e.Deployment.Peer()
	}
	return e.Consignment.Peer()
}

// Open reports whether something is still to come.
func (e *Entry) Open() bool {
	switch {
	case e.Request != nil:
		return e.Request.Open()
	case e.Offer != nil:
		return e.Offer.Open()
	case e.Arrangement != nil:
		return e.Arrangement.Open()
	case e.Deployment != nil:
		return e.Deployment.Open()
	}
	return e.Consignment.Open()
}

// Stage is what a list shows of how far the record has come; the catalogue has
// "request.stage.<kind>.<stage>" for the kind without its prefix.
func (e *Entry) Stage() string {
	switch {
	case e.Deployment != nil:
		return e.Deployment.Stage()
	case e.Consignment != nil:
		return e.Consignment.Stage()
	}
	return string(e.Head().State)
}

func entryOf(kind, doc string) (Entry, error) {
	e := Entry{Kind: kind}
	var err error
	switch kind {
	case OwnRequest, Call:
		err = point(doc, &e.Request)
	case OwnOffer, Bid:
		err = point(doc, &e.Offer)
	case Agreement:
		err = point(doc, &e.Arrangement)
	case OwnTeam, HostedTeam:
		err = point(doc, &e.Deployment)
	case OwnGoods, AwaitedGood:
		err = point(doc, &e.Consignment)
	default:
		err = fault.New(fault.Internal, "fault.internal")
	}
	return e, err
}

func point[R any](doc string, to **R) error {
	r, err := decodeDoc[R](doc)
	*to = &r
	return err
}

func entries(ctx context.Context, tx *db.Tx, tail string, args ...any) ([]Entry, error) {
	var out []Entry
	err := tx.Each(ctx, `SELECT kind, doc FROM request_record WHERE `+tail, args, func(scan func(...any) error) error {
		var kind, doc string
		if err := scan(&kind, &doc); err != nil {
			return err
		}
		e, err := entryOf(kind, doc)
		out = append(out, e)
		return err
	})
	return out, err
}

// List returns the records that the actor may see, newest change first, and
// the cursor of the next page.
func (d *Desk) List(ctx context.Context, actor access.Actor, f Filter) ([]Entry, Cursor, error) {
	var out []Entry
	var next Cursor
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		cond, args := f.where(actor, d.env.Clock.Now())
		es, err := entries(ctx, tx, cond+` ORDER BY changed DESC, id DESC LIMIT ?`, append(args, f.limit()+1)...)
		if err != nil {
			return err
		}
		if len(es) > f.limit() {
			es = es[:f.limit()]
			last := es[len(es)-1].Head()
			next = Cursor{Changed: clock.Micros(last.Changed.At), ID: last.ID}
		}
		out = slices.DeleteFunc(es, func(e Entry) bool { return !sees(actor, e.Head().Marking) }) // the rule itself has the last word
		for i := range out {
			out[i].redact(actor)
		}
		return nil
	})
	return out, next, err
}

// Count is how many records the filter finds.
func (d *Desk) Count(ctx context.Context, actor access.Actor, f Filter) (int, error) {
	var n int
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		cond, args := f.where(actor, d.env.Clock.Now())
		_, err := tx.Row(ctx, `SELECT COUNT(*) FROM request_record WHERE `+cond, args, &n)
		return err
	})
	return n, err
}

// redact takes the people of a team out for those who have no business with
// them.
func (e *Entry) redact(actor access.Actor) {
	if e.Deployment != nil && !actor.System && !actor.HasAny(manifestReaders...) {
		e.Deployment.Manifest = nil
	}
}

// Page is one record with what the actor may do next.
type Page struct {
	Entry
	Offers  []workflow.Offer
	Late    bool
	History []history.Entry
	Sealed  history.Signed
	Force   bool // of a deployment or consignment: its arrangement is in force today
}

// Offered returns the button of a step.
func (p *Page) Offered(verb workflow.Verb) (workflow.Offer, bool) {
	i := slices.IndexFunc(p.Offers, func(o workflow.Offer) bool { return o.Verb == verb })
	if i < 0 {
		return workflow.Offer{}, false
	}
	return p.Offers[i], true
}

// Page reads one record.
func (d *Desk) Page(ctx context.Context, actor access.Actor, rid id.ID) (Page, error) {
	var p Page
	err := d.env.DB.Read(ctx, func(tx *db.Tx) error {
		es, err := entries(ctx, tx, `id = ?`, string(rid))
		if err != nil {
			return err
		}
		if len(es) == 0 || !sees(actor, es[0].Head().Marking) {
			return desk.NotFound()
		}
		now := d.env.Clock.Now()
		p = Page{Entry: es[0], Late: Late(es[0].Head().Due, now)}
		if p.Force, err = d.forceOf(ctx, tx, &p.Entry); err != nil {
			return err
		}
		p.Offers = p.offers(actor, now)
		p.redact(actor)
		if p.History, err = history.Of(ctx, tx, rid); err != nil {
			return err
		}
		p.Sealed, err = history.Last(ctx, tx)
		return err
	})
	return p, err
}

// forceOf finds out what a need on the arrangement needs.
func (d *Desk) forceOf(ctx context.Context, tx *db.Tx, e *Entry) (bool, error) {
	var err error
	switch {
	case e.Deployment != nil:
		e.Deployment.force, err = d.holdsToday(ctx, tx, e.Deployment.Arrangement, e.Peer())
		return e.Deployment.force, err
	case e.Consignment != nil:
		e.Consignment.force, err = d.holdsToday(ctx, tx, e.Consignment.Arrangement, e.Peer())
		return e.Consignment.force, err
	}
	return false, nil
}

func (e *Entry) offers(actor access.Actor, now time.Time) []workflow.Offer {
	switch {
	case e.Request != nil:
		return e.Request.TableOf().Offers(*e.Request, actor, now)
	case e.Offer != nil:
		return e.Offer.TableOf().Offers(*e.Offer, actor, now)
	case e.Arrangement != nil:
		return Arrangements.Offers(*e.Arrangement, actor, now)
	case e.Deployment != nil:
		return e.Deployment.TableOf().Offers(*e.Deployment, actor, now)
	}
	return e.Consignment.TableOf().Offers(*e.Consignment, actor, now)
}

// Of are the records about an event of this node, newest first.
func (d *Desk) Of(ctx context.Context, actor access.Actor, event id.ID) ([]Entry, error) {
	out, _, err := d.List(ctx, actor, Filter{Event: event, Limit: 200})
	return out, err
}

// MayBegin reports whether the actor may begin a record of a kind at all.
func MayBegin(a access.Actor, kind string) bool {
	by := map[string][]access.Role{}
	if row, ok := Requests.Find("", "draft"); ok {
		by[OwnRequest] = row.By
	}
	if row, ok := Offers.Find("", "draft"); ok {
		by[OwnOffer] = row.By
	}
	if row, ok := Arrangements.Find("", "draft"); ok {
		by[Agreement] = row.By
	}
	if row, ok := Deployments.Find("", "plan"); ok {
		by[OwnTeam] = row.By
	}
	if row, ok := Consignments.Find("", "allocate"); ok {
		by[OwnGoods] = row.By
	}
	return a.HasAny(by[kind]...)
}

// SignatureCheck is a signature and whether this node finds it valid.
type SignatureCheck struct {
	Signature
	Valid bool
}

// Signatures checks every signature under a text of an arrangement now.
func (d *Desk) Signatures(a *Arrangement, digest string) []SignatureCheck {
	_, text := a.TermsOf(digest)
	var out []SignatureCheck
	for _, s := range a.Signatures {
		if s.Digest == digest {
			out = append(out, SignatureCheck{s, d.valid(text, &s)})
		}
	}
	return out
}
