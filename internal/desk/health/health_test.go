package health

import (
	"context"
	"testing"
	"time"

	"lintas/internal/access"
	"lintas/internal/clock"
	"lintas/internal/db"
	"lintas/internal/db/dbtest"
	"lintas/internal/desk"
	"lintas/internal/exchange"
	"lintas/internal/fault"
	"lintas/internal/history"
	"lintas/internal/id"
	"lintas/internal/workflow"
)

// sender keeps what a desk queued; the story across real nodes is in region.
type sender struct {
	releases []exchange.Release
	receipts []exchange.Receipt
}

func (s *sender) Queue(_ context.Context, _ *db.Tx, r exchange.Release) error {
	s.releases = append(s.releases, r)
	return nil
}

func (s *sender) SendReceipt(_ context.Context, _ *db.Tx, r exchange.Receipt) error {
	s.receipts = append(s.receipts, r)
	return nil
}

func (s *sender) Receipts(context.Context, *db.Tx, id.ID) ([]exchange.Receipt, error) {
	return nil, nil
}

type bench struct {
	*testing.T
	desk  *Desk
	db    *db.DB
	sent  *sender
	clock *clock.Manual
}

var (
	duty     = access.Actor{Account: "duty", Name: "Duty officer, TH", Grants: []access.Grant{{Role: access.DutyOfficer}}}
	second   = access.Actor{Account: "second", Name: "Duty officer and approver, TH", Grants: []access.Grant{{Role: access.DutyOfficer}, {Role: access.Approver}}}
	approver = access.Actor{Account: "approver", Name: "Approver, TH", Grants: []access.Grant{{Role: access.Approver}}}
	auditor  = access.Actor{Account: "auditor", Name: "Auditor, TH", Grants: []access.Grant{{Role: access.Auditor}}}
	admin    = access.Actor{Account: "admin", Name: "Administrator, TH", Grants: []access.Grant{{Role: access.Administrator}}}
)

func each(t *testing.T, member access.Member, f func(b *bench)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := &bench{T: t, db: d, sent: &sender{}, clock: clock.NewManual(time.Date(2020, 1, 13, 6, 0, 0, 0, time.UTC))}
		b.desk = New(&desk.Env{Member: member, DB: d, Clock: b.clock, Wall: b.clock, IDs: &id.Maker{}, Send: b.sent})
		f(b)
	}, history.Schema, Schema)
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) refused(kind fault.Kind, err error) {
	b.Helper()
	if !fault.Is(err, kind) {
		b.Fatalf("want %s, got %v", kind, err)
	}
}

var sampleEvent = EventInput{Name: "Novel coronavirus (sample)", Summary: "First case.", Lang: "en", Hazard: "covid_19", Grade: Warning,
	Marking: access.TLPAmber, Places: []string{"TH-11"}, Detection: Date{"2020-01-08", Day}}

func sampleFact(n int64, on int) Fact {
	return Fact{Indicator: "cases", Class: "confirmed", Place: "TH", Value: n, Source: "sample", AsOf: time.Date(2020, 1, on, 0, 0, 0, 0, time.UTC)}
}

func sampleNotification(to ...access.Member) NotificationInput {
	in := NotificationInput{Title: "Sample", Message: "Please acknowledge.", Lang: "en", Purpose: "early_warning", Basis: "aphecs",
		Marking: access.TLPAmber, AckWithin: 24 * time.Hour}
	for _, m := range to {
		in.Recipients = append(in.Recipients, Recipient{Member: m, Blocks: Blocks})
	}
	return in
}

// The life of a notification at its owner, refusals included.
func TestNotificationStory(t *testing.T) {
	each(t, "TH", func(b *bench) {
		ctx := b.Context()
		_, err := b.desk.RecordEvent(ctx, auditor, sampleEvent, nil)
		b.refused(fault.Forbidden, err)
		e, err := b.desk.RecordEvent(ctx, duty, sampleEvent, []Fact{sampleFact(1, 13)})
		b.must(err)
		n, err := b.desk.Compose(ctx, duty, e.ID, "", sampleNotification())
		b.must(err)
		_, err = b.desk.Submit(ctx, duty, n.ID, 0)
		b.refused(fault.Invalid, err) // nobody to send it to
		in := sampleNotification("KH", "SG", "ASEC")
		in.Recipients[2].Blocks = []Block{BlockSummary}
		n, err = b.desk.EditNotification(ctx, duty, n.ID, n.Version, in)
		b.must(err)
		_, err = b.desk.EditNotification(ctx, duty, n.ID, n.Version-1, in)
		b.refused(fault.Conflict, err) // somebody was faster
		n, err = b.desk.Submit(ctx, second, n.ID, n.Version)
		b.must(err)
		_, err = b.desk.Release(ctx, duty, n.ID, 0)
		b.refused(fault.Conflict, err) // not cleared yet
		_, err = b.desk.Clear(ctx, second, n.ID, 0)
		b.refused(fault.Invalid, err) // the person who submitted it
		_, err = b.desk.Clear(ctx, duty, n.ID, 0)
		b.refused(fault.Forbidden, err)
		_, err = b.desk.Clear(ctx, approver, n.ID, 0)
		b.must(err)
		_, err = b.desk.AddFacts(ctx, duty, e.ID, 0, []Fact{sampleFact(2, 13)})
		b.must(err)
		_, err = b.desk.Release(ctx, duty, n.ID, 0)
		b.refused(fault.Invalid, err) // what was cleared is not what would leave
		_, err = b.desk.Back(ctx, duty, n.ID, 0, "recall", "")
		b.must(err)
		_, err = b.desk.Submit(ctx, duty, n.ID, 0)
		b.must(err)
		_, err = b.desk.Clear(ctx, approver, n.ID, 0)
		b.must(err)
		if len(b.sent.releases) != 0 {
			b.Fatal("something left before the release")
		}
		before, err := b.desk.NotificationPage(ctx, duty, n.ID)
		b.must(err)
		n, err = b.desk.Release(ctx, duty, n.ID, 0)
		b.must(err)
		checkReleases(b, before.Previews)
		checkReplay(b, n)
	})
}

// checkReleases compares what left with what the screen had shown.
func checkReleases(b *bench, shown []Preview) {
	b.Helper()
	if len(b.sent.releases) != 2 || len(shown) != 2 {
		b.Fatalf("%d releases, %d previews; the Secretariat gets less than the states", len(b.sent.releases), len(shown))
	}
	for i, r := range b.sent.releases {
		body, err := encode(shown[i].View)
		b.must(err)
		if string(r.Body) != body || !equal(r.To, shown[i].Members) {
			b.Errorf("the release to %v is not what its preview showed:\n%s\n%s", r.To, r.Body, body)
		}
	}
	asec := shown[1].View.Event
	if len(asec.Facts) != 0 || len(asec.Withheld) != 3 || asec.Summary == "" || !asec.Detection.IsZero() || asec.Places[0] != "TH" {
		b.Errorf("the Secretariat was to get the summary alone: %+v", asec)
	}
}

// checkReplay folds the history to the state: it is never computed from it,
// but must agree.
func checkReplay(b *bench, n Notification) {
	b.Helper()
	b.must(b.db.Read(b.Context(), func(tx *db.Tx) error {
		entries, err := history.Of(b.Context(), tx, n.ID)
		if err != nil {
			return err
		}
		state, err := history.Replay(entries, n.ID, "")
		if state != n.State {
			b.Errorf("the history says %s, the record %s", state, n.State)
		}
		return err
	}))
}

// A receipt that arrives late never takes back what a later one said.
func TestReceiptsOutOfOrder(t *testing.T) {
	each(t, "TH", func(b *bench) {
		ctx := b.Context()
		n := released(b, "KH", "SG")
		rid := n.Recipients[0].Release
		receive := func(m access.Member, s exchange.Stage) {
			b.Helper()
			b.must(b.db.Write(ctx, func(tx *db.Tx) error {
				return b.desk.ReceiveReceipt(ctx, tx, b.sent.releases[0], exchange.Receipt{Release: rid, Member: m, Stage: s, At: b.clock.Now()})
			}))
		}
		receive("KH", exchange.Acknowledged)
		receive("KH", exchange.Delivered)
		p, err := b.desk.NotificationPage(ctx, duty, n.ID)
		b.must(err)
		if p.Acks[0].Stage != exchange.Acknowledged || p.Acks[1].State != AckSilent || p.Sent.Notification.Due.IsZero() {
			b.Fatalf("%+v", p.Acks)
		}
		b.clock.Advance(25 * time.Hour)
		p, err = b.desk.NotificationPage(ctx, duty, n.ID)
		b.must(err)
		if late := p.Late(); len(late) != 1 || late[0] != "SG" {
			b.Fatalf("late: %v", late)
		}
		receive("SG", exchange.Question)
		p, err = b.desk.NotificationPage(ctx, duty, n.ID)
		b.must(err)
		if len(p.Late()) != 0 || !p.Sent.Notification.Due.IsZero() {
			b.Fatal("everybody has acted: the clock stops")
		}
	})
}

func released(b *bench, to ...access.Member) Notification {
	b.Helper()
	ctx := b.Context()
	e, err := b.desk.RecordEvent(ctx, duty, sampleEvent, nil)
	b.must(err)
	n, err := b.desk.Compose(ctx, duty, e.ID, "", sampleNotification(to...))
	b.must(err)
	_, err = b.desk.Submit(ctx, duty, n.ID, 0)
	b.must(err)
	_, err = b.desk.Clear(ctx, approver, n.ID, 0)
	b.must(err)
	n, err = b.desk.Release(ctx, duty, n.ID, 0)
	b.must(err)
	return n
}

// The same rule for the page, the list and the search, for every kind of actor.
func TestReach(t *testing.T) {
	each(t, "TH", func(b *bench) {
		ctx := b.Context()
		red, other := sampleEvent, sampleEvent
		red.Marking, red.Name = access.TLPRed, "Red"
		other.Places, other.Name = []string{"TH-10"}, "Elsewhere"
		for _, in := range []EventInput{sampleEvent, red, other} {
			_, err := b.desk.RecordEvent(ctx, duty, in, nil)
			b.must(err)
		}
		all, _, err := b.desk.List(ctx, duty, Filter{})
		b.must(err)
		epi := access.Actor{Account: "epi", Grants: []access.Grant{{Role: access.Epidemiologist}}}
		local := access.Actor{Account: "local", Grants: []access.Grant{{Role: access.DutyOfficer, Place: "TH-10"}}}
		token := access.Actor{Account: "t", Grants: duty.Grants, Scopes: []string{"other"}}
		for _, a := range []access.Actor{duty, approver, auditor, admin, epi, local, token, {}} {
			seen := map[id.ID]bool{}
			rows, _, err := b.desk.List(ctx, a, Filter{})
			b.must(err)
			for _, r := range rows {
				seen[r.ID] = true
			}
			for _, r := range all {
				want := ReachOf(a).Sees(&r.Event)
				_, err := b.desk.EventPage(ctx, a, r.ID)
				if (err == nil) != want || seen[r.ID] != want {
					b.Errorf("%s, %s: rule %v, page %v, list %v", a.Account, r.Name, want, err, seen[r.ID])
				}
				if err != nil {
					b.refused(fault.NotFound, err)
				}
			}
		}
		if n, err := b.desk.Count(ctx, local, Filter{}); err != nil || n != 1 {
			b.Errorf("an officer of one place sees %d, %v", n, err)
		}
	})
}

func TestSearchFoldsAccentsAndFindsPartsOfWords(t *testing.T) {
	each(t, "VN", func(b *bench) {
		ctx := b.Context()
		in := sampleEvent
		in.Places, in.Name, in.Summary = []string{"VN-SG"}, "Sốt xuất huyết, Hà Nội 100%", "โรคไข้เลือดออก ระบาด"
		_, err := b.desk.RecordEvent(ctx, duty, in, nil)
		b.must(err)
		for q, want := range map[string]int{"ha noi": 1, "HÀ NỘI": 1, "ไข้เลือด": 1, "xuat huyet": 1, "100%": 1, "1_0": 0, "%": 1, "tokyo": 0, "ha tokyo": 0, "VN-SG": 1} {
			if n, err := b.desk.Count(ctx, duty, Filter{Query: q}); err != nil || n != want {
				b.Errorf("%q finds %d, want %d (%v)", q, n, want, err)
			}
		}
	})
}

func TestEveryTableReachesItsStates(t *testing.T) {
	check(t, Events)
	check(t, Notifications)
	check(t, Notices)
	check(t, Questions)
	check(t, Answers)
}

// check wants every state that a row starts from to be reached by another row,
// and final states to be left by nobody but the node.
func check[R any](t *testing.T, tab *workflow.Table[R]) {
	t.Helper()
	reached := map[workflow.State]bool{"": true, tab.Initial: true}
	for _, s := range tab.Steps {
		reached[s.To] = true
	}
	for _, s := range tab.Steps {
		for _, f := range s.From {
			if !reached[f] {
				t.Errorf("%s: %s starts from %s, which no row reaches", tab.Record, s.Verb, f)
			}
		}
	}
}

// An update and a withdrawal may overtake what they speak of, when a sender
// uses two channels; and the sender of a release alone may take it back.
func TestReceivedInAnyOrder(t *testing.T) {
	each(t, "KH", func(b *bench) {
		ctx := b.Context()
		maker := &id.Maker{}
		event := maker.New()
		inbound := func(from access.Member, version int, supersedes id.ID) exchange.Inbound {
			v := NotificationView{ID: maker.New(), Title: "Sample", Event: EventView{ID: event, Owner: from, Version: version,
				State: Alert, Name: "Sample", Lang: "en", Hazard: "cholera", Grade: Watch, Places: []string{"TH-10"}}}
			body, err := encode(v)
			b.must(err)
			return exchange.Inbound{Release: exchange.Release{ID: maker.New(), Kind: KindNotification, From: from, To: []access.Member{"KH"},
				Ref: exchange.Ref{Desk: Name, Kind: "health.event", ID: event, Version: version}, Marking: access.TLPAmber,
				Issued: b.clock.Now(), Due: b.clock.Now().Add(time.Hour), Supersedes: supersedes, Body: []byte(body)}, Received: b.clock.Now()}
		}
		apply := func(in exchange.Inbound) error {
			return b.db.Write(ctx, func(tx *db.Tx) error { return b.desk.Handlers()[in.Kind](ctx, tx, in) })
		}
		old := inbound("TH", 1, "")
		b.must(apply(inbound("TH", 2, old.ID)))
		b.must(apply(old))
		todos, err := b.desk.Todos(ctx, duty)
		b.must(err)
		if len(todos) != 1 {
			b.Fatalf("the superseded notification needs no action: %+v", todos)
		}
		p, err := b.desk.EventPage(ctx, duty, event)
		b.must(err)
		if p.View.Version != 2 || len(p.Notices) != 2 {
			b.Fatalf("version %d, %d notices; the older view came last", p.View.Version, len(p.Notices))
		}
		b.refused(fault.Forbidden, apply(inbound("SG", 3, ""))) // not SG's event
		steal := old
		steal.ID, steal.From, steal.Withdraws, steal.Reason = maker.New(), "SG", old.ID, "Sample"
		b.refused(fault.Forbidden, apply(steal))
		back := old
		back.ID, back.Withdraws, back.Reason, back.Body = maker.New(), old.ID, "Sample", []byte("null")
		b.must(apply(back))
		p, err = b.desk.EventPage(ctx, duty, event)
		b.must(err)
		for _, n := range p.Notices {
			if (n.Release == old.ID) != (n.State == Withdrawn) {
				b.Errorf("notice of %s is %s", n.Release, n.State)
			}
		}
	})
}
